//! `/metrics` for Prometheus, a file a subject. Who may not read it is told that nothing is here. The README lists every name.
//!
//! They are gathered and written in the pool, never on an event loop: all kept pages are walked for it.

mod access;

mod cache;

mod cdn;

mod door;

mod http;

mod node;

mod pool;

mod process;

mod store;

use std::sync::Arc;
use std::time::Duration;

use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse, web};

use crate::errand::Errand;
use crate::error::{Error, Result};
use crate::metric::{Kind, Page};
use crate::web::request::{Req, Shared};

/// How long the pool is waited for. Far more than a busy one takes, far less than Prometheus waits (10 s).
const PATIENCE: Duration = Duration::from_secs(1);

/// `GET /metrics`
pub async fn show(request: HttpRequest, req: Req, shared: web::Data<Shared>) -> HttpResponse {
    if !access::may_read(&request, &shared.app.config) {
        return req.fail(Error::NotFound).await;
    }
    let text = match text(shared.into_inner()).await {
        Ok(text) => text,
        Err(error) => return req.fail(error).await,
    };
    HttpResponse::Ok()
        .insert_header((
            header::CONTENT_TYPE,
            "text/plain; version=0.0.4; charset=utf-8",
        ))
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .body(text)
}

/// Written by a worker, for the operator: overload does not refuse what shows it. When all workers are held up, that too has to
/// be seen: then by a thread beside them.
async fn text(shared: Arc<Shared>) -> Result<String> {
    let drawn = Arc::clone(&shared);
    let job = shared.app.compute(move || Ok(write(&drawn)));
    match tokio::time::timeout(PATIENCE, Errand::urgent(job)).await {
        Ok(Err(Error::Busy)) | Err(_) => web::block(move || write(&shared))
            .await
            .map_err(|error| Error::Internal(error.to_string())),
        Ok(done) => done,
    }
}

fn write(shared: &Shared) -> String {
    let mut page = Page::default();
    page.family("site_info", Kind::Gauge, "Version of the running program.");
    page.sample("site_info", &[("version", env!("CARGO_PKG_VERSION"))], 1);
    http::write(&mut page, shared);
    door::write(&mut page, &shared.door.counts());
    cache::write(&mut page, shared);
    if let Some(report) = shared.app.pool.report() {
        pool::write(&mut page, &report);
    }
    store::write(&mut page, &shared.app.store);
    if let Some(peer) = shared.app.peer() {
        node::write(&mut page, &peer.report(), shared.app.store.gate());
    }
    if let Some(cdn) = &shared.app.cdn {
        cdn::write(&mut page, &cdn.counts());
    }
    process::write(&mut page);
    page.into_text()
}

/// A sample, unless nothing was counted.
fn count(page: &mut Page, name: &str, labels: &[(&str, &str)], value: u64) {
    if value > 0 {
        page.sample(name, labels, value);
    }
}
