//! This node among the others, and the answers that wait for them. A site alone has none of it.

use crate::metric::{Kind, Page};
use crate::peer::{Primary, Report, Standby};
use crate::store::gate::Gate;

pub(super) fn write(page: &mut Page, report: &Report, gate: &Gate) {
    itself(page, report);
    if let Some(primary) = &report.primary {
        followed(page, primary);
    } else {
        standbys(page, &report.standbys);
    }
    answers(page, gate);
}

fn itself(page: &mut Page, report: &Report) {
    const ROLE: &str = "site_node_role";
    page.family(
        ROLE,
        Kind::Gauge,
        "1; the label is what the node does: primary, standby.",
    );
    page.sample(ROLE, &[("role", &report.role)], 1);
    let mut each = |name, help, value: u64| page.single(name, Kind::Gauge, help, value);
    each("site_epoch", "Epoch of the node's history.", report.epoch);
    each(
        "site_replica_in_sync",
        "Whether a standby has everything that was answered.",
        report.in_sync.into(),
    );
    each(
        "site_replica_log_bytes",
        "Size of the log that standbys are sent.",
        report.log_bytes,
    );
}

fn standbys(page: &mut Page, standbys: &[Standby]) {
    let mut each = |name, help, of: fn(&Standby) -> u64| {
        page.family(name, Kind::Gauge, help);
        for standby in standbys {
            page.sample(name, &[("node", &standby.node)], of(standby));
        }
    };
    each(
        "site_standby_behind_transactions",
        "Transactions that a connected standby does not show yet.",
        |standby| standby.behind,
    );
    each(
        "site_standby_received_txid",
        "Last transaction on a connected standby's disk.",
        |standby| standby.received,
    );
}

fn followed(page: &mut Page, primary: &Primary) {
    page.single(
        "site_primary_connected",
        Kind::Gauge,
        "Whether the primary can be reached.",
        u64::from(primary.connected),
    );
    page.single(
        "site_primary_lag_seconds",
        Kind::Gauge,
        "Time since all that the primary shows was shown here too.",
        seconds(primary.lag_ms),
    );
    // Who was never heard has not been silent for any time.
    if let Some(silent_ms) = primary.silent_ms {
        page.single(
            "site_primary_silent_seconds",
            Kind::Gauge,
            "Time since the primary was heard.",
            seconds(silent_ms),
        );
    }
}

fn answers(page: &mut Page, gate: &Gate) {
    const WAIT: &str = "site_gate_wait_seconds";
    let count = gate.count();
    page.single(
        "site_gate_held",
        Kind::Gauge,
        "Commits whose answers wait for a standby.",
        count.held,
    );
    page.family(
        WAIT,
        Kind::Histogram,
        "Time that commits waited for a standby.",
    );
    page.seconds(WAIT, &[], &gate.waits.counts());
    page.single(
        "site_gate_longest_wait_seconds",
        Kind::Gauge,
        "Longest time that a commit waited for a standby, since the start.",
        count.longest.as_secs_f64(),
    );
}

/// Milliseconds in seconds, in full.
fn seconds(millis: u64) -> String {
    format!("{}.{:03}", millis / 1000, millis % 1000)
}
