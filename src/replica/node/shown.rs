//! How old what a standby shows is, by the primary's signs of life. They stand in line behind the commits, so that one which
//! is late says that some are on their way.

use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use crate::replica::follow::Status;
use crate::replica::wire::pulse::BEAT;

/// The longest between two signs of life while nothing is in their way: the primary looks at its clock every 100 ms, and may be
/// busy. Something that has just been committed may be unknown here for as long.
const USUAL: Duration = BEAT.saturating_add(Duration::from_millis(350));

/// One clock may gain on the other one part of so many: as much as it does while it is being set right.
const SLIP: u32 = 2000;

/// How old what a standby shows is.
#[derive(Debug, Default)]
pub(super) struct Shown {
    /// The primary's time of the last commit that was applied.
    wall_ms: AtomicI64,
    pace: Mutex<Pace>,
}

/// How the primary's time goes here. Clocks are not compared: a sign of life that came faster than any other tells when it was
/// here what it was there, and how much longer another one took.
#[derive(Debug, Default)]
struct Pace {
    /// The last sign of life: when it came, and what time it was there when it was sent.
    last: Option<(Instant, i64)>,
    /// What the primary's time, in milliseconds, was here at the earliest.
    earliest: Option<(Instant, i64)>,
    /// The time here when the primary had what is shown here, and no more; `None` before that was so.
    level: Option<Instant>,
}

impl Pace {
    /// When it was here what it was there at this time.
    fn here(&self, wall_ms: i64) -> Option<Instant> {
        let (at, then) = self.earliest?;
        let apart = Duration::from_millis(then.abs_diff(wall_ms));
        if wall_ms < then {
            at.checked_sub(apart)
        } else {
            at.checked_add(apart)
        }
    }

    fn beat(&mut self, at: Instant, wall_ms: i64) {
        if self.last == Some((at, wall_ms)) {
            return;
        }
        // A clock that was put back says nothing of how long anything takes.
        let is_back = self.last.is_some_and(|(_, last)| wall_ms < last);
        if is_back || self.here(wall_ms).is_none_or(|here| at < here) {
            self.earliest = Some((at, wall_ms));
        } else if let (Some((earliest, _)), Some((last, _))) = (&mut self.earliest, self.last) {
            // No two clocks go at the same pace.
            *earliest += at.saturating_duration_since(last) / SLIP;
        }
        self.last = Some((at, wall_ms));
    }
}

impl Shown {
    /// Begins anew, at a commit of this time.
    pub(super) fn begin(&self, wall_ms: i64) {
        self.is_of(wall_ms);
        *self.pace() = Pace::default();
    }

    /// The last commit that is shown was made at this time.
    pub(super) fn is_of(&self, wall_ms: i64) {
        self.wall_ms.store(wall_ms, Ordering::Relaxed);
    }

    /// Notes whether all is shown that the primary has said there is.
    pub(super) fn note(&self, status: &Status) {
        let Some((beat, at)) = &status.beat else {
            return;
        };
        let mut pace = self.pace();
        pace.beat(*at, beat.wall_ms);
        if missing(status) == Some(0) {
            pace.level = pace.here(beat.wall_ms);
        }
    }

    /// For how long something has been missing by now: since nothing was, or by the age of what is shown. Commits that are still
    /// on their way hold up the signs of life behind them: one that is late, or does not come, says that there are some.
    pub(super) fn lag(&self, status: &Status, now: Instant) -> Duration {
        let Some((beat, at)) = status.beat.as_ref() else {
            return Duration::ZERO;
        };
        let pace = self.pace();
        let wall_ms = self.wall_ms.load(Ordering::Relaxed);
        let since = |then: Instant| now.saturating_duration_since(then);
        let sent = pace.here(beat.wall_ms).unwrap_or(*at);
        let is_late = since(sent) > USUAL;
        if missing(status) == Some(0) && !is_late {
            return Duration::ZERO;
        }
        let shown = pace.here(wall_ms).map(since);
        let level = pace.level.map(since);
        let known = [shown, level].into_iter().flatten().min();
        known.unwrap_or_else(|| {
            let older = beat.wall_ms - wall_ms;
            Duration::from_millis(u64::try_from(older).unwrap_or_default())
        })
    }

    fn pace(&self) -> MutexGuard<'_, Pace> {
        // Nothing panics while it is held.
        self.pace.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Transactions that the primary has said there are, and that are not shown here; `None` when it has not said so yet.
pub(super) fn missing(status: &Status) -> Option<u64> {
    let (beat, _) = status.beat.as_ref()?;
    Some(beat.head.position.txid.saturating_sub(status.applied))
}

#[cfg(test)]
mod tests;
