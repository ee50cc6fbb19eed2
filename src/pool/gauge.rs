//! What is counted of the pool, and what is told of it.

use std::sync::atomic::{AtomicU64, Ordering};

use crate::metric::{Counts, Histogram};
use crate::pool::Lane;
use crate::pool::job::Ended;

/// Counters of one lane.
#[derive(Debug, Default)]
pub(super) struct Gauge {
    waits: Histogram,
    services: Histogram,
    refused: AtomicU64,
    panicked: AtomicU64,
    late: AtomicU64,
    unwanted: AtomicU64,
}

impl Gauge {
    pub(super) fn waited(&self, time: std::time::Duration) {
        self.waits.record(time);
    }

    pub(super) fn served(&self, time: std::time::Duration) {
        self.services.record(time);
    }

    pub(super) fn refuse(&self) {
        self.refused.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn refused(&self) -> u64 {
        self.refused.load(Ordering::Relaxed)
    }

    pub(super) fn ended(&self, how: Ended) {
        let counter = match how {
            Ended::Done => return,
            Ended::Panicked => &self.panicked,
            Ended::Late => &self.late,
            Ended::Unwanted => &self.unwanted,
        };
        counter.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn report(&self, lane: Lane, queued: usize, running: usize) -> LaneReport {
        let get = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        LaneReport {
            lane,
            queued,
            running,
            waits: self.waits.counts(),
            services: self.services.counts(),
            refused: get(&self.refused),
            panicked: get(&self.panicked),
            late: get(&self.late),
            unwanted: get(&self.unwanted),
        }
    }
}

/// How a lane is.
#[derive(Debug, Clone)]
pub struct LaneReport {
    /// Which.
    pub lane: Lane,
    /// Jobs that wait.
    pub queued: usize,
    /// Jobs that run.
    pub running: usize,
    /// Time that jobs waited before they began, in microseconds.
    pub waits: Counts,
    /// Time that jobs took themselves, in microseconds.
    pub services: Counts,
    /// Jobs that were refused.
    pub refused: u64,
    /// Jobs that panicked.
    pub panicked: u64,
    /// Jobs whose deadline passed before they began.
    pub late: u64,
    /// Jobs that were skipped, since whoever asked had gone.
    pub unwanted: u64,
}

/// How the pool is.
#[derive(Debug, Clone)]
pub struct Report {
    /// Each lane.
    pub lanes: [LaneReport; 3],
    /// Threads that take jobs.
    pub threads: usize,
    /// Least threads.
    pub least: usize,
    /// Most threads.
    pub most: usize,
    /// Threads that are stuck now, replaced by others.
    pub stuck: usize,
    /// Threads that were ever found stuck.
    pub stuck_total: u64,
}
