//! How a node is, from what it has at hand: nothing is read from the database for it, and nobody is asked.

use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use super::Node;
use crate::hex;
use crate::peer::{Primary, Report, Standby};
use crate::replica::follow::Status;
use crate::replica::node::state::State;
use crate::replica::ship::Follower;
use crate::replica::wire::call::Remote;
use crate::store::gate::Mode;

/// How old what a standby shows is.
#[derive(Debug, Default)]
pub(super) struct Shown {
    /// The primary's time of the last commit that was applied.
    wall_ms: AtomicI64,
    /// When all that was heard of was shown last; `None` before that was so.
    level: Mutex<Option<Instant>>,
}

impl Shown {
    /// Begins anew, at a commit of this time.
    pub(super) fn begin(&self, wall_ms: i64) {
        self.is_of(wall_ms);
        *self.level.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }

    /// The last commit that is shown was made at this time.
    pub(super) fn is_of(&self, wall_ms: i64) {
        self.wall_ms.store(wall_ms, Ordering::Relaxed);
    }

    /// Notes whether all is shown that the primary has said there is.
    pub(super) fn note(&self, status: &Status) {
        if missing(status) == Some(0) {
            *self.level.lock().unwrap_or_else(PoisonError::into_inner) = Some(Instant::now());
        }
    }

    /// For how long something was missing: since nothing was, or by the age of what is shown where there was no such time.
    fn lag(&self, status: &Status) -> Duration {
        let Some((beat, _)) = status.beat.as_ref().filter(|_| missing(status) > Some(0)) else {
            return Duration::ZERO;
        };
        let level = *self.level.lock().unwrap_or_else(PoisonError::into_inner);
        level.map_or_else(
            || {
                let older = beat.wall_ms - self.wall_ms.load(Ordering::Relaxed);
                Duration::from_millis(u64::try_from(older).unwrap_or_default())
            },
            |level| level.elapsed(),
        )
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
        assert_eq!(shown.lag(&status(9, 8)), Duration::from_hours(1));
        shown.note(&status(9, 9));
        assert!(shown.lag(&status(10, 9)) < Duration::from_mins(1));
    }
}
