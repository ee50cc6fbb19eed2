//! Nodes that were the primary before, or take themselves for it: a primary tells each node that it knows whose the epoch is, until
//! it has heard it. Two primaries of one epoch (a person made one of them the primary by force) are told of each other by a
//! standby that has followed both, or has given the epoch to one of them.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use tokio::task::JoinSet;
use url::Url;

use super::opening::{self, Told};
use super::{Command, Node, RIVAL};
use crate::error::{Error, Result};
use crate::replica::node::state::plain;
use crate::replica::ship::Notice;
use crate::replica::wire::message::{Hello, Node as Name, PROTOCOL, Wants};

/// Time between two looks whether there is a node to be told of.
const INTRODUCE: Duration = Duration::from_secs(5);
/// How long a primary has to remember whom it is to tell.
const ASK: Duration = Duration::from_secs(5);
/// Time between two attempts to tell a node, and how long one may take.
const TELL: Duration = Duration::from_secs(3);
/// The same for one that has not been there for long.
const SELDOM: Duration = Duration::from_secs(10);
/// What a node is called whose number is not known, with its address.
const AT: &str = "at ";

pub(super) fn at(address: &str) -> String {
    format!("{AT}{address}")
}

impl Node {
    /// As a standby: tells the primary of nodes that may take themselves for one, so that it sees to them.
    pub(super) async fn introduce(self: Arc<Self>) {
        let mut tick = tokio::time::interval(INTRODUCE);
        loop {
            tick.tick().await;
            for rival in self.rivals() {
                let asked = self.call(RIVAL.to_vec(), rival.clone().into_bytes(), ASK);
                // An older program does not know the word.
                if asked.await.is_ok() {
                    self.forget(&rival);
                }
            }
        }
    }

    /// While the primary is there: who is to be told of.
    fn rivals(&self) -> Vec<String> {
        let state = self.state();
        if self.status.borrow().primary.is_none() {
            return Vec::new();
        }
        let former = state.peers.iter().filter(|(node, _)| node.starts_with(AT));
        let former = former.map(|(_, address)| address);
        former.chain(&state.rivals).cloned().collect()
    }

    /// A node that is at this address has heard, or is left to the primary.
    fn forget(&self, address: &str) {
        let address = plain(address);
        self.try_to_remember(|state| {
            state.rivals.remove(&address);
            state.peers.remove(&at(&address));
        });
    }

    /// All others that this node knows, each once; a standby's primary first.
    pub(super) fn known(&self) -> Vec<Url> {
        let state = self.state();
        let mut seen = HashSet::from([self.address()]);
        let mut known: Vec<_> = state.primary.iter().chain(state.peers.values()).collect();
        known.retain(|address| seen.insert((*address).clone()));
        let known = known.into_iter().map(|address| address.parse().ok());
        known.flatten().collect()
    }

    /// Tells one more; false when it cannot be remembered that it has to be told.
    pub(super) fn tell_rival(self: &Arc<Self>, address: &str, telling: &mut JoinSet<()>) -> bool {
        let address = plain(address);
        let is_told = self.state().peers.contains_key(&at(&address));
        let is_new = address != self.address() && !is_told;
        let Some(url) = address.parse().ok().filter(|_| is_new) else {
            return true;
        };
        tracing::warn!(
            rival = address,
            "a node there may take itself for the primary: it is told whose the epoch is"
        );
        let is_remembered = self.try_to_remember(|state| {
            state.peers.insert(at(&address), address);
        });
        if is_remembered {
            telling.spawn(Arc::clone(self).tell_until_heard(url));
        }
        is_remembered
    }

    pub(super) async fn tell_until_heard(self: Arc<Self>, known: Url) {
        let mut url = known.clone();
        let mut pause = self.pause();
        loop {
            let own = self.office.borrow().epoch;
            match self.tell(&url).await {
                // It may follow a third node, which has to hear too.
                Ok(Told::Standby(Some(other))) if self.is_elsewhere(&other, &url) => {
                    match other.parse() {
                        Ok(other) => url = other,
                        Err(_) => break,
                    }
                }
                Ok(Told::Fenced | Told::Standby(_) | Told::Itself) => break,
                Ok(Told::Primary(epoch)) if epoch > own => {
                    // This ends with the duty.
                    self.note(Notice::Fenced(epoch, Name::default()));
                }
                // Two that were made primaries without knowing of each other: the one that finds out goes one further.
                Ok(Told::Primary(_)) => self.order(Command::Outbid),
                Err(error) => {
                    tracing::debug!(%url, %error, "a node was not told yet");
                    // It may be gone for good.
                    pause = (pause * 5 / 4).min(SELDOM);
                }
            }
            tokio::time::sleep(pause).await;
        }
        self.forget(known.as_str());
    }

    /// Time between two attempts: not the same for two nodes, so that of two that outbid each other at the same moment one is
    /// first the next time.
    fn pause(&self) -> Duration {
        let [first, ..] = self.state().id().unwrap_or_default();
        TELL + TELL * u32::from(first) / 512
    }

    /// Whether the primary that a standby names is neither this node nor the one that was just asked.
    fn is_elsewhere(&self, named: &str, asked: &Url) -> bool {
        let named = plain(named);
        named != self.address() && named != plain(asked.as_str())
    }

    fn note(&self, notice: Notice) {
        // At the end of the process nobody listens.
        let _ = self
            .shipping
            .get()
            .map(|shipping| shipping.notices.send(notice));
    }

    fn order(&self, command: Command) {
        // As above.
        let _ = self.commands.send(command);
    }

    async fn tell(&self, url: &Url) -> Result<Told> {
        let hello = Hello {
            protocol: PROTOCOL,
            node: self.name()?,
            epoch: self.office.borrow().epoch,
            point: self.log.last().unwrap_or_default(),
            wants: Wants::Rest,
        };
        match tokio::time::timeout(TELL, opening::ask(url, &hello, &self.secret)).await {
            Ok(told) => told,
            Err(_) => Err(Error::Deadline),
        }
    }
}
