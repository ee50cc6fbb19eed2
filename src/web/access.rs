//! The access log: one line a request, when the operator asks for it. Health checks are left out.

use std::time::Instant;

use actix_web::Error;
use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::middleware::Next;
use actix_web::web::Data;

use crate::config::AccessLog;
use crate::web::client::Client;
use crate::web::request::Shared;

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
            path = shown(asked.path()),
            status = status.as_u16(),
            ms = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX),
            address = %Client::of(asked, config).address,
        );
    }
    Ok(response)
}

/// The path without the secrets that some hold.
fn shown(path: &str) -> &str {
    for folder in ["/setup/", "/reset/", "/invite/", "/signup/"] {
        if path.starts_with(folder) {
            return folder;
        }
    }
    path
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_time_links_do_not_reach_the_log() {
        assert_eq!(shown("/setup/abcdef"), "/setup/");
        assert_eq!(shown("/s/7/a-story"), "/s/7/a-story");
    }
}
