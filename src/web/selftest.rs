//! The page that runs lessons in a browser and tells what came of it: for `site learn check`, never part of a site.
//!
//! It is served under the same policies as the pages and the frame that learners get, so that what passes here works there.

use std::net::SocketAddr;
use std::sync::Arc;

use actix_web::dev::ServerHandle;
use actix_web::http::header::CONTENT_SECURITY_POLICY;
use actix_web::web::{Bytes, Data, PayloadConfig, get, post};
use actix_web::{App, HttpRequest, HttpResponse, HttpServer};
use tokio::sync::mpsc;

use crate::error::{Error, Result};
use crate::html::{path, selftest as markup};
use crate::web::LEARN_POLICY;
use crate::web::asset::learn_text;
use crate::web::asset::shelf::runner_file;

/// Largest report that is taken, in bytes.
const MOST_REPORT: usize = 16 << 20;

/// Where the page is.
pub const PAGE: &str = "/learn/_selftest";

/// A running self-test.
pub struct Selftest {
    /// Where it listens: loopback, a port of its own.
    pub address: SocketAddr,
    /// What the page reports, as JSON.
    pub reports: mpsc::UnboundedReceiver<Bytes>,
    /// Ends it.
    pub handle: ServerHandle,
}

/// What its answers are made of.
struct Parts {
    /// The lessons, as JSON.
    lessons: Bytes,
    report: mpsc::UnboundedSender<Bytes>,
}

/// Serves these lessons (JSON as `selftest.js` reads it), the frame and the page, within the running system.
///
/// # Errors
/// When nothing can be bound on loopback.
pub fn start(lessons: String) -> Result<Selftest> {
    let (report, reports) = mpsc::unbounded_channel();
    let parts = Data::from(Arc::new(Parts {
        lessons: lessons.into(),
        report,
    }));
    let server = HttpServer::new(move || {
        App::new()
            .app_data(parts.clone())
            .app_data(PayloadConfig::new(MOST_REPORT))
            .route(PAGE, get().to(page))
            .route("/learn/_selftest.js", get().to(script))
            .route("/learn/_selftest.json", get().to(lessons_of))
            .route(PAGE, post().to(take))
            .route("/learn/runner-{hash}.html", get().to(runner))
    });
    let failed =
        |error: std::io::Error| Error::Io(format!("the self-test cannot be served: {error}"));
    let server = server
        .workers(1)
        .disable_signals()
        .bind("127.0.0.1:0")
        .map_err(failed)?;
    let address = server.addrs()[0];
    let running = server.run();
    let handle = running.handle();
    actix_web::rt::spawn(running);
    Ok(Selftest {
        address,
        reports,
        handle,
    })
}

async fn page() -> HttpResponse {
    let runner = path::runner(&runner_file().hashed);
    HttpResponse::Ok()
        .content_type("text/html; charset=utf-8")
        .insert_header((CONTENT_SECURITY_POLICY, LEARN_POLICY))
        .body(markup::page(&runner, PAGE).into_string())
}

async fn script() -> HttpResponse {
    let head = learn_text("page/00-learn.js");
    let script = [
        head,
        learn_text("page/runner.js"),
        learn_text("selftest.js"),
    ]
    .join("\n");
    HttpResponse::Ok()
        .content_type("text/javascript; charset=utf-8")
        .body(script)
}

async fn lessons_of(parts: Data<Parts>) -> HttpResponse {
    HttpResponse::Ok()
        .content_type("application/json")
        .body(parts.lessons.clone())
}

async fn runner(request: HttpRequest) -> HttpResponse {
    runner_file().answer(&request, "no-store")
}

async fn take(parts: Data<Parts>, report: Bytes) -> HttpResponse {
    // Nobody may be waiting any more.
    let _ = parts.report.send(report);
    HttpResponse::NoContent().finish()
}
