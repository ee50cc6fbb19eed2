//! Connections: those that are open, and those that the site ended.

use crate::metric::{Kind, Page};
use crate::web::door::{Counts, Reason};

pub(super) fn write(page: &mut Page, counts: &Counts) {
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
    page.single(
        "site_connections_large_bytes",
        Kind::Gauge,
        "Bytes of large answers that are being sent, each counted once.",
        counts.held,
    );
    page.single(
        "site_connections_large_limit_bytes",
        Kind::Gauge,
        "Most bytes of these.",
        counts.most_held,
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
