//! What the CDN was told.

use crate::cdn::Counts;
use crate::metric::{Kind, Page};

pub(super) fn write(page: &mut Page, counts: &Counts) {
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
