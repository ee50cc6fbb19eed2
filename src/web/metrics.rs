//! `/metrics` for Prometheus, a file a subject. Who may not read it is told that nothing is here. The README lists every name.

mod access;

mod cache;

mod cdn;

mod door;

mod http;

mod pool;

mod process;

mod store;

use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse, web};

use crate::error::Error;
use crate::metric::{Kind, Page};
use crate::web::request::{Req, Shared};

/// `GET /metrics`
pub async fn show(request: HttpRequest, req: Req, shared: web::Data<Shared>) -> HttpResponse {
    if !access::may_read(&request, &shared.app.config) {
        return req.fail(Error::NotFound).await;
    }
    HttpResponse::Ok()
        .insert_header((
            header::CONTENT_TYPE,
            "text/plain; version=0.0.4; charset=utf-8",
        ))
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .body(write(&shared))
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
