//! `/metrics` for Prometheus. Who may not read it is told that nothing is here.

use std::collections::HashMap;
use std::sync::Arc;

use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse, web};

use crate::cdn::Counts;
use crate::config::Config;
use crate::error::Error;
use crate::metric::{Kind, Outcome, Page, Route};
use crate::web::client::{Client, is_loopback};
use crate::web::door::{self, Reason};
use crate::web::request::{Req, Shared};

/// `GET /metrics`
pub async fn show(request: HttpRequest, req: Req, shared: web::Data<Shared>) -> HttpResponse {
    if !may_read(&request, &shared.app.config) {
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

/// The client is this machine and speaks for nobody else, or is in a network that the operator named. A proxy that does not
/// say whom it speaks for cannot be told from its machine, which the README says.
fn may_read(request: &HttpRequest, config: &Config) -> bool {
    let Some(peer) = request.peer_addr().map(|peer| peer.ip().to_canonical()) else {
        return false;
    };
    let client = Client::of(request.head(), config);
    let mut names = request.headers().keys();
    let forwards = names.any(|name| {
        let name = name.as_str();
        name.starts_with("x-forwarded-") || FORWARDING.contains(&name)
    });
    let itself = peer.is_loopback() && !forwards && is_loopback(request.head());
    // A proxy that is not trusted to name its clients is not one of them.
    let known = !forwards || client.address != peer;
    itself
        || (known
            && config
                .metrics_allow
                .iter()
                .any(|net| net.contains(client.address)))
}

/// What proxies add beside `X-Forwarded-…`.
const FORWARDING: [&str; 4] = ["forwarded", "x-real-ip", "via", "cf-connecting-ip"];

fn write(shared: &Shared) -> String {
    let mut page = Page::default();
    page.family("site_info", Kind::Gauge, "Version of the running program.");
    page.sample("site_info", &[("version", env!("CARGO_PKG_VERSION"))], 1);
    page.single(
        "site_transactions_total",
        Kind::Counter,
        "Write transactions since the database was made.",
        shared.app.store.stamps().head(),
    );
    requests(&mut page, shared);
    sizes(&mut page, shared);
    connections(&mut page, &shared.door.counts());
    if let Some(cdn) = &shared.app.cdn {
        purges(&mut page, &cdn.counts());
    }
    page.into_text()
}

fn purges(page: &mut Page, counts: &Counts) {
    let mut each = |name, kind, help, value: u64| page.single(name, kind, help, value);
    each(
        "site_cdn_calls_total",
        Kind::Counter,
        "Purge calls to the CDN, answered or not.",
        counts.calls,
    );
    each(
        "site_cdn_failures_total",
        Kind::Counter,
        "Purge calls that failed.",
        counts.failures,
    );
    each(
        "site_cdn_tags_total",
        Kind::Counter,
        "Cache tags purged at the CDN.",
        counts.tags,
    );
    each(
        "site_cdn_everything_total",
        Kind::Counter,
        "Times that everything was purged at the CDN.",
        counts.everything,
    );
    each(
        "site_cdn_waiting",
        Kind::Gauge,
        "Cache tags that wait to be purged.",
        counts.waiting,
    );
}

fn requests(page: &mut Page, shared: &Shared) {
    const NAME: &str = "site_cache_requests_total";
    let routes = shared.routes.each();
    page.family(
        NAME,
        Kind::Counter,
        "Pages answered, by route and by how the response cache took part.",
    );
    for route in &routes {
        for outcome in Outcome::EACH {
            let labels = [
                ("route", route.pattern.as_str()),
                ("result", outcome.word()),
            ];
            count(page, NAME, &labels, route.get(outcome));
        }
    }
    by_route(page, shared, &routes);
}

/// What pages take and lose, by route.
fn by_route(page: &mut Page, shared: &Shared, routes: &[Arc<Route>]) {
    const BYTES: &str = "site_cache_route_bytes";
    const EVICTIONS: &str = "site_cache_route_evictions_total";
    let mut bytes: HashMap<*const Route, usize> = HashMap::new();
    shared.pages.each(|reply, weight| {
        *bytes.entry(Arc::as_ptr(&reply.route)).or_default() += weight;
    });
    page.family(BYTES, Kind::Gauge, "Bytes that kept pages take, by route.");
    for route in routes {
        let taken = bytes.get(&Arc::as_ptr(route)).copied().unwrap_or_default();
        count(page, BYTES, &[("route", &route.pattern)], taken as u64);
    }
    page.family(
        EVICTIONS,
        Kind::Counter,
        "Pages dropped for want of room, by route.",
    );
    for route in routes {
        let labels = [("route", route.pattern.as_str())];
        count(page, EVICTIONS, &labels, route.evicted());
    }
}

/// A sample, unless nothing was counted.
fn count(page: &mut Page, name: &str, labels: &[(&str, &str)], value: u64) {
    if value > 0 {
        page.sample(name, labels, value);
    }
}

fn sizes(page: &mut Page, shared: &Shared) {
    let sizes = shared.sizes();
    let mut each = |name, kind, help, of: fn(&crate::cache::Size) -> u64| {
        page.family(name, kind, help);
        for (cache, size) in &sizes {
            page.sample(name, &[("cache", cache)], of(size));
        }
    };
    each("site_cache_entries", Kind::Gauge, "Answers kept.", |size| {
        size.entries
    });
    each(
        "site_cache_bytes",
        Kind::Gauge,
        "Bytes that kept answers take.",
        |size| size.bytes,
    );
    each(
        "site_cache_limit_bytes",
        Kind::Gauge,
        "Most bytes that kept answers may take.",
        |size| size.budget,
    );
    each(
        "site_cache_evictions_total",
        Kind::Counter,
        "Answers dropped for want of room.",
        |size| size.evicted,
    );
}

fn connections(page: &mut Page, counts: &door::Counts) {
    const OPEN: &str = "site_connections";
    const CLOSED: &str = "site_connections_closed_total";
    page.single(
        "site_connections_accepted_total",
        Kind::Counter,
        "Connections that came.",
        counts.accepted,
    );
    page.single(
        "site_connections_limit",
        Kind::Gauge,
        "Most connections at a time.",
        counts.most,
    );
    page.family(
        OPEN,
        Kind::Gauge,
        "Open connections, by what they wait for.",
    );
    for (phase, value) in [
        ("head", counts.heads),
        ("idle", counts.idle),
        ("serving", counts.serving),
        ("body", counts.bodies),
    ] {
        page.sample(OPEN, &[("phase", phase)], value);
    }
    page.single(
        "site_connections_unread",
        Kind::Gauge,
        "Open connections whose peer does not take its answer right now.",
        counts.readers,
    );
    page.family(
        CLOSED,
        Kind::Counter,
        "Connections closed by the site, by reason.",
    );
    for reason in Reason::EACH {
        let labels = [("reason", reason.word())];
        page.sample(CLOSED, &labels, counts.closed(reason));
    }
}
