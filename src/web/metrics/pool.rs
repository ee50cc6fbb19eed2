//! The worker pool: its lanes and its threads.

use crate::metric::{Kind, Page};
use crate::pool::{LaneReport, Report};

pub(super) fn write(page: &mut Page, report: &Report) {
    now(page, &report.lanes);
    times(page, &report.lanes);
    ends(page, &report.lanes);
    threads(page, report);
}

fn now(page: &mut Page, lanes: &[LaneReport]) {
    let mut each = |name, help, of: fn(&LaneReport) -> usize| {
        page.family(name, Kind::Gauge, help);
        for lane in lanes {
            page.sample(name, &[("lane", lane.lane.word())], of(lane));
        }
    };
    each("site_lane_queued", "Jobs that wait.", |lane| lane.queued);
    each("site_lane_running", "Jobs that run.", |lane| lane.running);
}

fn times(page: &mut Page, lanes: &[LaneReport]) {
    let mut each = |name, help, of: fn(&LaneReport) -> &crate::metric::Counts| {
        page.family(name, Kind::Histogram, help);
        for lane in lanes {
            page.seconds(name, &[("lane", lane.lane.word())], of(lane));
        }
    };
    each(
        "site_lane_wait_seconds",
        "Time that jobs waited before they began.",
        |lane| &lane.waits,
    );
    each(
        "site_lane_service_seconds",
        "Time that jobs took themselves.",
        |lane| &lane.services,
    );
}

fn ends(page: &mut Page, lanes: &[LaneReport]) {
    let mut each = |name, help, of: fn(&LaneReport) -> u64| {
        page.family(name, Kind::Counter, help);
        for lane in lanes {
            page.sample(name, &[("lane", lane.lane.word())], of(lane));
        }
    };
    each(
        "site_lane_refused_total",
        "Jobs refused, since they would have waited too long.",
        |lane| lane.refused,
    );
    each(
        "site_lane_panics_total",
        "Jobs that ended in a panic.",
        |lane| lane.panicked,
    );
    each(
        "site_lane_late_total",
        "Jobs whose deadline passed before they began.",
        |lane| lane.late,
    );
    each(
        "site_lane_unwanted_total",
        "Jobs skipped, since whoever asked had gone.",
        |lane| lane.unwanted,
    );
}

fn threads(page: &mut Page, report: &Report) {
    let mut each = |name, help, value: usize| page.single(name, Kind::Gauge, help, value);
    each(
        "site_pool_threads",
        "Threads that take jobs.",
        report.threads,
    );
    each(
        "site_pool_threads_min",
        "Least threads that there may be.",
        report.least,
    );
    each(
        "site_pool_threads_max",
        "Most threads that there may be.",
        report.most,
    );
    each(
        "site_pool_stuck",
        "Threads that are stuck past their deadline, replaced by others.",
        report.stuck,
    );
    page.single(
        "site_pool_stuck_total",
        Kind::Counter,
        "Threads ever found stuck.",
        report.stuck_total,
    );
}
