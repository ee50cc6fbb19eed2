//! The access log: one line a request, when the operator asks for it. Health checks are left out, and addresses if so said.

use std::net::IpAddr;
use std::time::{Duration, Instant};

use actix_http::{HttpMessage, Request};
use actix_web::http::header::HeaderMap;
use actix_web::http::{Method, StatusCode};

use crate::config::{AccessLog, Config};
use crate::errand::written;
use crate::metric::Route;
use crate::web::client::{Carried, Client};
use crate::web::journey::Journey;
use crate::web::reply::CACHE_STATUS;
use crate::web::request::logged;

/// What is known of a request when it comes.
pub struct Line {
    method: Method,
    path: String,
    address: Option<IpAddr>,
    began: Instant,
    /// `in`: another node passed it on to this one; `on`: this one did to another.
    passed: Option<&'static str>,
}

/// What is known when it is answered.
pub struct Told<'a> {
    /// The answer's status.
    pub status: StatusCode,
    /// The answer's headers.
    pub headers: &'a HeaderMap,
    /// The request's number.
    pub id: u64,
    /// Its route.
    pub route: Option<&'a Route>,
    /// Time that its work waited in queues, and took itself.
    pub work: (Duration, Duration),
}

impl<'a> Told<'a> {
    /// What a journey came to.
    #[must_use]
    pub fn of(journey: &'a Journey, status: StatusCode, headers: &'a HeaderMap) -> Self {
        Self {
            status,
            headers,
            id: journey.errand.id,
            route: journey.route().map(|route| &**route),
            work: (journey.errand.waited(), journey.errand.served()),
        }
    }
}

impl Line {
    /// The line of this request, which came just now.
    #[must_use]
    pub fn of(request: &Request, client: Client, config: &Config) -> Self {
        Self {
            method: request.method().clone(),
            path: logged(request.path()).to_owned(),
            address: config.log_addresses.then_some(client.address),
            began: Instant::now(),
            passed: request.extensions().contains::<Carried>().then_some("in"),
        }
    }

    /// It was passed on to another node.
    pub fn pass_on(&mut self) {
        self.passed = Some("on");
    }

    /// Writes it, if that is wanted.
    pub fn write(&self, which: AccessLog, told: &Told) {
        let is_health = matches!(self.path.as_str(), "/up" | "/livez" | "/readyz");
        let is_failure = told.status.is_server_error();
        let wanted = match which {
            AccessLog::Off => false,
            AccessLog::Errors => is_failure,
            AccessLog::All => !is_health || is_failure,
        };
        if !wanted {
            return;
        }
        let cache = told.headers.get(CACHE_STATUS);
        let cache = cache.and_then(|status| status.to_str().ok());
        let (queued, served) = told.work;
        tracing::info!(
            target: "access",
            request = written(told.id),
            method = %self.method,
            path = self.path,
            route = told.route.map(|route| route.pattern.as_str()),
            status = told.status.as_u16(),
            cache,
            ms = milliseconds(self.began.elapsed()),
            queue_ms = milliseconds(queued),
            service_ms = milliseconds(served),
            address = self.address.map(tracing::field::display),
            passed = self.passed,
        );
    }
}

/// To a thousandth.
fn milliseconds(time: Duration) -> f64 {
    (time.as_secs_f64() * 1e6).round() / 1e3
}
