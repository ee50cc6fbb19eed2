//! The access log: one line a request, when the operator asks for it. Health checks are left out, and addresses if so said.

use std::net::IpAddr;
use std::time::{Duration, Instant};

use actix_http::{HttpMessage, Request};
use actix_web::http::header::HeaderMap;
use actix_web::http::{Method, StatusCode};

use crate::config::{AccessLog, Config};
use crate::errand::written;
use crate::html::path;
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
        // Of what is counted nothing is kept by which it could be known whose it was.
        let is_tally = request.path() == path::LEARN_TALLY;
        Self {
            method: request.method().clone(),
            path: logged(request.path()).to_owned(),
            address: (config.log_addresses && !is_tally).then_some(client.address),
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

#[cfg(test)]
mod tests {
    use std::io::Write;
    use std::sync::{Arc, Mutex};

    use actix_web::test::TestRequest;

    use super::*;

    /// What a subscriber writes.
    #[derive(Clone, Default)]
    struct Written(Arc<Mutex<Vec<u8>>>);

    impl Write for Written {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0.lock().unwrap().write(bytes)
        }

        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }

    /// What a line says of its request's way, which another node passed on (or not), and this one then did (or not).
    fn passed(carried: bool, on: bool) -> Option<String> {
        let written = Written::default();
        let lines = written.clone();
        let subscriber = tracing_subscriber::fmt()
            .json()
            .with_writer(move || lines.clone())
            .finish();
        let client = Client {
            address: "192.0.2.7".parse().unwrap(),
            secure: false,
        };
        let request = TestRequest::post().uri("/login").to_request();
        if carried {
            let cross_site = false;
            request
                .extensions_mut()
                .insert(Carried { client, cross_site });
        }
        let mut line = Line::of(&request, client, &Config::new("x".into()));
        if on {
            line.pass_on();
        }
        let told = Told {
            status: StatusCode::OK,
            headers: &HeaderMap::new(),
            id: 7,
            route: None,
            work: Default::default(),
        };
        tracing::subscriber::with_default(subscriber, || line.write(AccessLog::All, &told));
        let text = written.0.lock().unwrap().clone();
        let line: serde_json::Value = serde_json::from_slice(&text).unwrap();
        assert_eq!(line["fields"]["address"], "192.0.2.7");
        line["fields"]["passed"].as_str().map(str::to_owned)
    }

    #[test]
    fn a_line_tells_when_two_nodes_took_part() {
        assert_eq!(passed(false, false), None);
        assert_eq!(passed(true, false).as_deref(), Some("in"));
        assert_eq!(passed(false, true).as_deref(), Some("on"));
    }
}
