//! A second of the site in numbers: the difference between two looks at its counters.
//!
//! Looking takes some thousand relaxed loads, two file sizes and one line of `/proc`; it changes nothing.

use std::time::{Duration, Instant};

use crate::metric::process;
use crate::metric::{Counts, Fared, Outcome};
use crate::pool::Report;
use crate::web::request::Shared;

/// What all counters stood at.
pub(super) struct Reading {
    at: Instant,
    fared: Fared,
    outcomes: [u64; Outcome::EACH.len()],
    times: Counts,
    pool: Option<Report>,
    batches: Counts,
    commits: Counts,
    writes_refused: u64,
    sizes: (u64, u64),
    resident: u64,
    cpu: Duration,
}

/// What came in a second. What there was none of is not a number.
#[derive(Debug, Clone, Copy)]
pub(super) struct Sample {
    /// Answers a second: from memory, made anew, all others that were given.
    pub(super) kept: f32,
    pub(super) made: f32,
    pub(super) others: f32,
    /// Answers a second that were 503, or failed otherwise.
    pub(super) refused: f32,
    pub(super) failed: f32,
    /// Milliseconds of answers not at hand.
    pub(super) p50: f32,
    pub(super) p99: f32,
    /// Share of kept ones among kept and made.
    pub(super) hits: f32,
    pub(super) lanes: [Lane; 3],
    pub(super) threads: f32,
    pub(super) stuck: f32,
    pub(super) connections: f32,
    /// Of these, those that keep an answer waiting.
    pub(super) unread: f32,
    pub(super) commits: f32,
    pub(super) batch: f32,
    pub(super) commit_p99: f32,
    pub(super) writes_queued: f32,
    pub(super) writes_refused: f32,
    pub(super) database: f32,
    pub(super) wal: f32,
    pub(super) resident: f32,
    /// Cores that were used.
    pub(super) cpu: f32,
}

/// A lane in that second.
#[derive(Debug, Clone, Copy)]
pub(super) struct Lane {
    pub(super) queued: f32,
    pub(super) running: f32,
    /// Milliseconds that jobs waited.
    pub(super) wait_p99: f32,
    pub(super) refused: f32,
}

#[cfg(test)]
impl Sample {
    /// A second in which nothing came.
    pub(super) const NOTHING: Self = Self {
        kept: 0.0,
        made: 0.0,
        others: 0.0,
        refused: 0.0,
        failed: 0.0,
        p50: f32::NAN,
        p99: f32::NAN,
        hits: f32::NAN,
        lanes: [Lane {
            queued: 0.0,
            running: 0.0,
            wait_p99: f32::NAN,
            refused: 0.0,
        }; 3],
        threads: 3.0,
        stuck: 0.0,
        connections: 0.0,
        unread: 0.0,
        commits: 0.0,
        batch: f32::NAN,
        commit_p99: f32::NAN,
        writes_queued: 0.0,
        writes_refused: 0.0,
        database: 0.0,
        wal: 0.0,
        resident: 0.0,
        cpu: 0.0,
    };
}

impl Reading {
    /// Looks at all counters.
    pub(super) fn of(shared: &Shared) -> Self {
        let mut reading = Self {
            at: Instant::now(),
            fared: Fared::default(),
            outcomes: [0; Outcome::EACH.len()],
            times: Counts::default(),
            pool: shared.app.pool.report(),
            batches: shared.app.store.writer().batches.counts(),
            commits: shared.app.store.writer().commits.counts(),
            writes_refused: shared.app.store.writer().refused(),
            sizes: shared.app.store.bytes(),
            resident: process::resident(),
            cpu: process::cpu(),
        };
        for route in shared.routes.each() {
            let fared = route.fared();
            reading.fared.answers += fared.answers;
            // What says that the site is not ready was answered, not refused.
            if !matches!(route.pattern.as_str(), "/livez" | "/readyz") {
                reading.fared.refused += fared.refused;
            }
            reading.fared.failed += fared.failed;
            for (sum, outcome) in reading.outcomes.iter_mut().zip(Outcome::EACH) {
                *sum += route.get(outcome);
            }
            reading.times = reading.times.and(&route.times.counts());
        }
        reading
    }

    /// What came since `before`.
    pub(super) fn since(&self, before: &Self, shared: &Shared) -> Sample {
        let seconds = self.at.duration_since(before.at).as_secs_f64().max(0.001);
        let rate = |now: u64, before: u64| float(now.saturating_sub(before)) / narrow(seconds);
        let outcome = |outcome: Outcome| {
            rate(
                self.outcomes[outcome as usize],
                before.outcomes[outcome as usize],
            )
        };
        let kept = outcome(Outcome::Hit) + outcome(Outcome::Stale) + outcome(Outcome::Joined);
        let made = outcome(Outcome::Miss);
        let refused = rate(self.fared.refused, before.fared.refused);
        let failed = rate(self.fared.failed, before.fared.failed);
        let all = rate(self.fared.answers, before.fared.answers);
        let times = self.times.since(&before.times);
        let commits = self.commits.since(&before.commits);
        let batches = self.batches.since(&before.batches);
        let door = shared.door.counts();
        let (threads, stuck) = (self.pool.as_ref()).map_or((f32::NAN, 0.0), |pool| {
            (size(pool.threads), size(pool.stuck))
        });
        Sample {
            kept,
            made,
            others: (all - kept - made - refused - failed).max(0.0),
            refused,
            failed,
            p50: milliseconds(&times, 0.5),
            p99: milliseconds(&times, 0.99),
            hits: kept / (kept + made),
            lanes: [0, 1, 2].map(|lane| self.lane(before, lane, seconds)),
            threads,
            stuck,
            connections: float(door.open),
            unread: float(door.readers),
            commits: float(commits.total()) / narrow(seconds),
            batch: float(batches.sum()) / float(batches.total()),
            commit_p99: milliseconds(&commits, 0.99),
            writes_queued: size(shared.app.store.writer().queued()),
            writes_refused: rate(self.writes_refused, before.writes_refused),
            database: float(self.sizes.0),
            wal: float(self.sizes.1),
            resident: float(self.resident),
            cpu: narrow(self.cpu.saturating_sub(before.cpu).as_secs_f64() / seconds),
        }
    }

    fn lane(&self, before: &Self, lane: usize, seconds: f64) -> Lane {
        let (now, was) = match (&self.pool, &before.pool) {
            (Some(now), Some(was)) => (&now.lanes[lane], &was.lanes[lane]),
            _ => {
                return Lane {
                    queued: f32::NAN,
                    running: f32::NAN,
                    wait_p99: f32::NAN,
                    refused: 0.0,
                };
            }
        };
        Lane {
            queued: size(now.queued),
            running: size(now.running),
            wait_p99: milliseconds(&now.waits.since(&was.waits), 0.99),
            refused: float(now.refused.saturating_sub(was.refused)) / narrow(seconds),
        }
    }
}

/// A quantile of times in microseconds.
fn milliseconds(times: &Counts, q: f64) -> f32 {
    times
        .quantile(q)
        .map_or(f32::NAN, |micros| float(micros) / 1000.0)
}

#[expect(clippy::cast_precision_loss, reason = "drawn, not counted with")]
const fn float(number: u64) -> f32 {
    number as f32
}

#[expect(clippy::cast_precision_loss, reason = "drawn, not counted with")]
const fn size(number: usize) -> f32 {
    number as f32
}

#[expect(clippy::cast_possible_truncation, reason = "drawn, not counted with")]
const fn narrow(number: f64) -> f32 {
    number as f32
}
