//! The thread that calls: collects, keeps to the rate, tries again.

use std::sync::atomic::Ordering::Relaxed;
use std::sync::{Arc, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use crate::cdn::bucket::Bucket;
use crate::cdn::call::{Api, Outcome};
use crate::cdn::waiting::Batch;
use crate::cdn::{Life, Shared, State, TAGS_PER_CALL, Timing};
use crate::config::CdnConfig;

/// Wait after a 429 that says no time.
const TOO_MANY: Duration = Duration::from_secs(10);

/// Waits that the API may ask for.
const SHORTEST: Duration = Duration::from_secs(1);
const LONGEST: Duration = Duration::from_mins(10);

/// What the thread owns.
pub(super) struct Worker {
    shared: Arc<Shared>,
    api: Api,
    bucket: Bucket,
    timing: Timing,
    /// No call before this, after one that delivered nothing.
    not_before: Instant,
    /// Calls without an answer, or with 5xx, since the last good one.
    in_a_row: u32,
}

impl Worker {
    pub(super) fn new(shared: Arc<Shared>, config: &CdnConfig, timing: Timing) -> Self {
        let now = Instant::now();
        Self {
            shared,
            api: Api::new(config, timing.call),
            bucket: Bucket::new(config.plan, now),
            timing,
            not_before: now,
            in_a_row: 0,
        }
    }

    /// Calls until it is stopped.
    pub(super) fn run(mut self) {
        let shared = Arc::clone(&self.shared);
        let mut state = shared.lock();
        while state.life == Life::Runs {
            let Some(since) = state.since else {
                state = wait(&shared, state, None);
                continue;
            };
            let now = Instant::now();
            let ready = self.ready(&state, since, now);
            if ready > now {
                state = wait(&shared, state, Some(ready - now));
                continue;
            }
            let batch = state.waiting.take(TAGS_PER_CALL);
            state.is_calling = true;
            // What comes during the call is collected anew; what did not fit into it goes right after it.
            if state.waiting.is_empty() {
                state.since = None;
            }
            drop(state);
            self.bucket.take();
            let outcome = self.api.purge(&batch);
            state = shared.lock();
            self.settle(&mut state, batch, outcome);
            shared.done.notify_all();
        }
        state.life = Life::Over;
        shared.done.notify_all();
    }

    /// When the next call may be made.
    fn ready(&mut self, state: &State, since: Instant, now: Instant) -> Instant {
        let collected = if state.hurried > 0 {
            now
        } else {
            since + self.timing.collect
        };
        collected.max(self.not_before).max(self.bucket.next(now))
    }

    /// Counts, and decides what becomes of the batch and of the next call.
    fn settle(&mut self, state: &mut State, batch: Batch, outcome: Outcome) {
        state.is_calling = false;
        self.shared.calls.fetch_add(1, Relaxed);
        let now = Instant::now();
        let (wait, told) = match outcome {
            Outcome::Done => return self.done(state, &batch),
            Outcome::TooMany(asked) => {
                let wait = asked.unwrap_or(TOO_MANY).clamp(SHORTEST, LONGEST);
                self.bucket.hold(now, wait);
                let told =
                    "429 Too Many Requests: the account calls more often than its plan allows";
                (wait, told.to_owned())
            }
            Outcome::Failed(told) => (self.back_off(), told),
            Outcome::Refused(told) => (self.timing.refused, told),
        };
        self.shared.failures.fetch_add(1, Relaxed);
        self.not_before = now + wait;
        state.waiting.put_back(batch);
        state.since.get_or_insert(now);
        // The same again is no news.
        if state.trouble.as_ref() != Some(&told) {
            let again_s = wait.as_secs_f32();
            tracing::error!(error = %told, again_s, "the CDN could not be told what has changed");
            state.trouble = Some(told);
        }
    }

    /// The next wait after a failure, twice the last one.
    fn back_off(&mut self) -> Duration {
        let times = 2_u32.saturating_pow(self.in_a_row);
        self.in_a_row += 1;
        self.timing
            .retry
            .saturating_mul(times)
            .min(self.timing.retry_most)
    }

    fn done(&mut self, state: &mut State, batch: &Batch) {
        match batch {
            Batch::Everything => self.shared.everything.fetch_add(1, Relaxed),
            Batch::Groups(groups) => self.shared.tags.fetch_add(groups.len() as u64, Relaxed),
        };
        self.in_a_row = 0;
        if state.trouble.take().is_some() {
            tracing::info!("the CDN is told again what has changed");
        }
    }
}

/// Waits until there is something to do, or this time is over.
fn wait<'a>(
    shared: &'a Shared,
    state: MutexGuard<'a, State>,
    within: Option<Duration>,
) -> MutexGuard<'a, State> {
    match within {
        None => shared
            .work
            .wait(state)
            .unwrap_or_else(PoisonError::into_inner),
        Some(within) => {
            let waited = shared.work.wait_timeout(state, within);
            waited.unwrap_or_else(PoisonError::into_inner).0
        }
    }
}
