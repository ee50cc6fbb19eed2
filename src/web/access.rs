//! The access log: one line a request, when the operator asks for it. Health checks are left out.

use std::net::IpAddr;
use std::time::Instant;

use actix_http::Request;
use actix_web::http::header::HeaderMap;
use actix_web::http::{Method, StatusCode};

use crate::config::AccessLog;
use crate::web::client::Client;
use crate::web::reply::CACHE_STATUS;
use crate::web::request::logged;

/// What is known of a request when it comes.
pub struct Line {
    method: Method,
    path: String,
    address: IpAddr,
    began: Instant,
}

impl Line {
    /// The line of this request, which came just now.
    #[must_use]
    pub fn of(request: &Request, client: Client) -> Self {
        Self {
            method: request.method().clone(),
            path: logged(request.path()).to_owned(),
            address: client.address,
            began: Instant::now(),
        }
    }

    /// Writes it, if that is wanted.
    pub fn write(&self, which: AccessLog, status: StatusCode, headers: &HeaderMap) {
        let is_health = matches!(self.path.as_str(), "/up" | "/livez" | "/readyz");
        let wanted = match which {
            AccessLog::Off => false,
            AccessLog::Errors => status.is_server_error(),
            AccessLog::All => !is_health || status.is_server_error(),
        };
        if wanted {
            let cache = headers
                .get(CACHE_STATUS)
                .and_then(|status| status.to_str().ok());
            tracing::info!(
                target: "access",
                method = %self.method,
                path = self.path,
                status = status.as_u16(),
                ms = u64::try_from(self.began.elapsed().as_millis()).unwrap_or(u64::MAX),
                cache,
                address = %self.address,
            );
        }
    }
}
