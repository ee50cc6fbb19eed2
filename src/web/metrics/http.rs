//! Answers by route and status, and what those took that were not at hand.

use crate::metric::{Counts, Kind, Page};
use crate::web::metrics::count;
use crate::web::request::Shared;

pub(super) fn write(page: &mut Page, shared: &Shared) {
    const REQUESTS: &str = "site_http_requests_total";
    const ALL: &str = "site_http_request_seconds";
    const EACH: &str = "site_http_route_seconds";
    let routes = shared.routes.each();
    page.family(REQUESTS, Kind::Counter, "Answers, by route and status.");
    for route in &routes {
        for (status, answers) in route.answers() {
            let labels = [("route", route.pattern.as_str()), ("status", &status)];
            count(page, REQUESTS, &labels, answers);
        }
    }
    let times: Vec<Counts> = routes.iter().map(|route| route.times.counts()).collect();
    let all = times
        .iter()
        .fold(Counts::default(), |all, one| all.and(one));
    page.family(
        ALL,
        Kind::Histogram,
        "Time from a request's head to its answer's, where that was not at hand.",
    );
    page.seconds(ALL, &[], &all);
    page.family(EACH, Kind::Summary, "The same, summed by route.");
    for (route, times) in routes.iter().zip(&times) {
        if times.total() > 0 {
            page.seconds_summed(EACH, &[("route", &route.pattern)], times);
        }
    }
}
