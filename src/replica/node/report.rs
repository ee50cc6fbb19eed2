//! How a node is, from what it has at hand: nothing is read from the database for it, and nobody is asked.

use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::Node;
use crate::hex;
use crate::peer::{Primary, Report, Standby};
use crate::replica::follow::Status;
use crate::replica::node::state::State;
use crate::replica::ship::Follower;
use crate::replica::wire::call::Remote;
use crate::store::gate::Mode;

/// The longest between two signs of life while nothing is in their way.
const USUAL: Duration = Duration::from_millis(1250);

/// How much one clock may gain on the other from one sign of life to the next.
const SLIP: Duration = Duration::from_millis(1);

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
        } else if let Some((earliest, _)) = &mut self.earliest {
            // No two clocks go at the same pace.
            *earliest += SLIP;
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

    /// For how long something was missing: since nothing was, or by the age of what is shown. Commits that are still on their
    /// way hold up the signs of life behind them: one that is late, or does not come, says that there are some.
    fn lag(&self, status: &Status) -> Duration {
        let Some((beat, at)) = status.beat.as_ref() else {
            return Duration::ZERO;
        };
        let pace = self.pace();
        let wall_ms = self.wall_ms.load(Ordering::Relaxed);
        let sent = pace.here(beat.wall_ms).unwrap_or(*at);
        let is_late = sent.elapsed() > USUAL;
        if missing(status) == Some(0) && !is_late {
            return Duration::ZERO;
        }
        let shown = pace.here(wall_ms).map(|shown| shown.elapsed());
        let level = pace.level.map(|level| level.elapsed());
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
fn missing(status: &Status) -> Option<u64> {
    let (beat, _) = status.beat.as_ref()?;
    Some(beat.head.position.txid.saturating_sub(status.applied))
}

impl Node {
    /// How it is.
    #[must_use]
    pub fn report(&self) -> Report {
        let state = self.state().clone();
        let head = self.app.store.stamps().head();
        let follows = self.is_following();
        let gate = self.app.store.gate();
        let status = self.status.borrow().clone();
        Report {
            node: state.node.clone(),
            role: if follows { "standby" } else { "primary" }.into(),
            epoch: state.epoch,
            txid: head,
            mode: mode(gate.mode()).into(),
            in_sync: if follows {
                // What it said before it was lost counts no more.
                is_connected(&status) && status.beat.is_some_and(|(beat, _)| beat.in_sync)
            } else {
                gate.count().in_sync
            },
            log_bytes: self.log.size(),
            standbys: if follows {
                Vec::new()
            } else {
                self.standbys(head)
            },
            primary: follows.then(|| self.followed(&state, &status)),
        }
    }

    fn standbys(&self, head: u64) -> Vec<Standby> {
        let standby = |follower: Follower| Standby {
            node: hex::of(&follower.node.id),
            address: follower.node.address,
            version: follower.node.version,
            received: follower
                .progress
                .received
                .map_or(0, |point| point.position.txid),
            applied: follower.progress.applied,
            behind: head.saturating_sub(follower.progress.applied),
            in_sync: follower.progress.in_sync,
        };
        self.acks.followers().into_iter().map(standby).collect()
    }

    fn followed(&self, state: &State, status: &Status) -> Primary {
        let silent = status.beat.as_ref().map(|(_, at)| at.elapsed());
        let refusal = status.refusal.as_ref().map(|(_, text)| text.clone());
        Primary {
            address: state.primary.clone().unwrap_or_default(),
            connected: is_connected(status),
            silent_ms: silent.map(millis),
            behind: missing(status).unwrap_or_default(),
            lag_ms: millis(self.shown.lag(status)),
            trouble: refusal.or_else(|| status.trouble.clone()),
        }
    }
}

fn is_connected(status: &Status) -> bool {
    status.primary.as_ref().is_some_and(Remote::is_open)
}

fn millis(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}

const fn mode(mode: Mode) -> &'static str {
    match mode {
        Mode::Off => "async",
        Mode::Wait { .. } => "wait",
        Mode::Require => "require",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::replica::wire::message::Heartbeat;
    use crate::store::commit::{Point, Position};

    const HOUR_MS: i64 = 3_600_000;

    fn status(head: u64, applied: u64) -> Status {
        let position = Position {
            epoch: 1,
            txid: head,
        };
        let head = Point {
            position,
            ..Point::default()
        };
        let beat = Heartbeat {
            epoch: 1,
            head,
            acked: head.position.txid,
            wall_ms: 2 * HOUR_MS,
            in_sync: true,
        };
        Status {
            beat: Some((beat, Instant::now())),
            applied,
            ..Status::default()
        }
    }

    fn is_about(lag: Duration, expected: Duration) -> bool {
        // Clocks are given some milliseconds.
        lag + Duration::from_secs(1) > expected && lag < expected + Duration::from_secs(30)
    }

    #[test]
    fn what_is_missing_at_first_is_as_old_as_what_is_shown() {
        let shown = Shown::default();
        shown.is_of(HOUR_MS);
        assert_eq!(shown.lag(&Status::default()), Duration::ZERO);
        assert_eq!(shown.lag(&status(9, 8)), Duration::from_hours(1));
        assert_eq!(shown.lag(&status(9, 9)), Duration::ZERO);
    }

    #[test]
    fn a_change_after_a_quiet_hour_is_no_lag_of_an_hour() {
        let shown = Shown::default();
        shown.is_of(HOUR_MS);
        shown.note(&status(9, 8));
        assert!(is_about(shown.lag(&status(9, 8)), Duration::from_hours(1)));
        shown.note(&status(9, 9));
        assert!(shown.lag(&status(10, 9)) < Duration::from_mins(1));
    }

    #[test]
    fn a_sign_of_life_that_is_late_tells_how_old_what_is_shown_is() {
        // It was sent a minute after the first, and came an hour after it, behind what stood before it in the line.
        let mut late = status(10, 10);
        if let Some((beat, _)) = &mut late.beat {
            beat.wall_ms += 60_000;
        }
        let mut first = status(9, 9);
        if let Some((_, at)) = &mut first.beat {
            *at = at.checked_sub(Duration::from_hours(1)).unwrap();
        }
        let shown = Shown::default();
        shown.is_of(2 * HOUR_MS);
        shown.note(&first);
        shown.is_of(2 * HOUR_MS + 60_000);
        shown.note(&late);
        assert!(is_about(shown.lag(&late), Duration::from_mins(59)));
    }

    #[test]
    fn a_primarys_clock_that_is_put_back_is_no_lag() {
        let shown = Shown::default();
        shown.is_of(2 * HOUR_MS);
        shown.note(&status(9, 9));
        let mut back = status(9, 9);
        if let Some((beat, _)) = &mut back.beat {
            beat.wall_ms -= HOUR_MS;
        }
        shown.note(&back);
        assert_eq!(shown.lag(&back), Duration::ZERO);
    }
}
