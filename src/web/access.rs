//! The access log: one line a request, when the operator asks for it. Health checks are left out.

use std::time::Instant;

use actix_web::Error;
use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::middleware::Next;
use actix_web::web::Data;

use crate::config::AccessLog;
use crate::web::client::Client;
use crate::web::request::{Shared, logged};

/// Passes a request on and logs how it went.
///
/// # Errors
/// What the service answers.
pub async fn log<B: MessageBody + 'static>(
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<B>, Error> {
    let started = Instant::now();
    let response = next.call(request).await?;
    let asked = response.request();
    let Some(shared) = asked.app_data::<Data<Shared>>() else {
        return Ok(response);
    };
    let config = &shared.app.config;
    let status = response.status();
    let is_health = matches!(asked.path(), "/up" | "/livez" | "/readyz");
    if (config.access_log == AccessLog::All && !is_health) || status.is_server_error() {
        tracing::info!(
            target: "access",
            method = %asked.method(),
            path = logged(asked.path()),
            status = status.as_u16(),
            ms = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX),
            address = %Client::of(asked, config).address,
        );
    }
    Ok(response)
}
