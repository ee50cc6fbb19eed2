//! How the response cache took part in answers, and how full it is.

use std::collections::HashMap;
use std::sync::Arc;

use crate::metric::{Kind, Outcome, Page, Route};
use crate::web::metrics::count;
use crate::web::request::Shared;

pub(super) fn write(page: &mut Page, shared: &Shared) {
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
    sizes(page, shared);
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
