//! Admission to the writer's queue, and what is counted of the writer.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use crate::errand::codel::{Ahead, CoDel};
use crate::errand::{Errand, Rank};
use crate::error::{Error, Result};
use crate::metric::Histogram;

/// Standing wait that is accepted: who has written something would rather wait than write it again.
const TARGET: Duration = Duration::from_millis(250);

/// How much waits, and what is counted.
pub struct Gauge {
    admission: Mutex<Admission>,
    /// Time that changes waited, in microseconds.
    pub waits: Histogram,
    /// Changes of one commit.
    pub batches: Histogram,
    /// Time of a commit with its fsync, in microseconds.
    pub commits: Histogram,
}

struct Admission {
    codel: CoDel,
    /// When those that wait came.
    queued: VecDeque<Instant>,
    refused: u64,
}

impl Gauge {
    pub(in crate::store) fn new() -> Self {
        Self {
            admission: Mutex::new(Admission {
                codel: CoDel::new(TARGET),
                queued: VecDeque::new(),
                refused: 0,
            }),
            waits: Histogram::default(),
            batches: Histogram::default(),
            commits: Histogram::default(),
        }
    }

    fn lock(&self) -> MutexGuard<'_, Admission> {
        // Only counts are changed under the lock.
        self.admission
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    /// Changes that wait.
    #[must_use]
    pub fn queued(&self) -> usize {
        self.lock().queued.len()
    }

    /// Changes that were refused.
    #[must_use]
    pub fn refused(&self) -> u64 {
        self.lock().refused
    }

    /// Takes a place in the queue, unless too much waits.
    pub(super) fn enter(&self, rank: Rank, at: Instant) -> Result<()> {
        let mut admission = self.lock();
        let first = admission.queued.front();
        let ahead = Ahead {
            queued: admission.queued.len(),
            servers: 1,
            oldest: first.map_or(Duration::ZERO, |first| at.saturating_duration_since(*first)),
        };
        if !admission.codel.admits(rank, &ahead, at) {
            admission.refused += 1;
            return Err(Error::Busy);
        }
        admission.queued.push_back(at);
        Ok(())
    }

    /// One has left the queue to be run.
    pub(super) fn begin(&self, at: Instant, errand: Option<&Errand>) {
        let now = Instant::now();
        let waited = now.saturating_duration_since(at);
        self.waits.record(waited);
        if let Some(errand) = errand {
            errand.note(waited, Duration::ZERO);
        }
        let mut admission = self.lock();
        admission.queued.pop_front();
        let left = admission.queued.len();
        admission.codel.begins(waited, left, now);
    }

    /// So many were done in this time.
    pub(super) fn took(&self, count: usize, time: Duration) {
        let count = u32::try_from(count.max(1)).unwrap_or(u32::MAX);
        self.lock().codel.took(time / count);
    }

    /// So many were committed at once, with an fsync that took so long.
    pub(super) fn committed(&self, changes: usize, time: Duration) {
        self.batches.count(changes as u64);
        self.commits.record(time);
    }

    /// The one that came last was not taken after all.
    pub(super) fn leave(&self) {
        self.lock().queued.pop_back();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_would_wait_too_long_is_refused_when_it_comes() {
        let gauge = Gauge::new();
        // Each change takes 50 ms.
        for _ in 0..200 {
            gauge.took(1, Duration::from_millis(50));
        }
        let now = Instant::now();
        let taken = (0..100)
            .filter(|_| gauge.enter(Rank::Visitor, now).is_ok())
            .count();
        assert!((5..20).contains(&taken), "{taken}");
        assert_eq!(
            (gauge.queued(), gauge.refused()),
            (taken, 100 - taken as u64)
        );
        gauge.begin(now, None);
        assert!(gauge.enter(Rank::Visitor, now).is_ok());
        gauge.leave();
        assert_eq!(gauge.queued(), taken - 1);
    }
}
