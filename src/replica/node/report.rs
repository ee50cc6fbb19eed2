//! How a node is, from what it has at hand: nothing is read from the database for it, and nobody is asked.

use std::time::{Duration, Instant};

use super::Node;
use super::shown::missing;
use crate::hex;
use crate::peer::{Primary, Report, Standby};
use crate::replica::follow::Status;
use crate::replica::node::state::State;
use crate::replica::ship::Follower;
use crate::replica::wire::call::Remote;
use crate::store::gate::Mode;

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
            lag_ms: millis(self.shown.lag(status, Instant::now())),
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
