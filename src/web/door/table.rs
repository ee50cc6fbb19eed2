//! All connections that are open: who is late, and who goes first when there is no room.
//!
//! Finding those who have waited longest means looking at all, so it is done for many newcomers at once: a connection that
//! has not moved since is still among those who have waited longest, and one that has moved is passed over.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use super::Reason;
use super::connection::Connection;
use super::word::{Phase, Word};
use crate::config::Patience;

/// One look at all connections finds victims for one in so many of them.
const BATCH: usize = 32;
/// When nobody could be ended, nobody is looked for in so many milliseconds.
const REST_MS: u64 = 100;

/// The open connections.
#[derive(Debug, Default)]
pub(super) struct Table {
    open: HashMap<u64, Entry>,
    networks: HashMap<IpAddr, Network>,
    queue: Queue,
}

#[derive(Debug)]
struct Entry {
    connection: Arc<Connection>,
    /// While it keeps an answer waiting: since when it is measured, and what it had taken then.
    reading: Option<(u64, u64)>,
}

#[derive(Debug, Default)]
struct Network {
    open: usize,
    queue: Queue,
}

/// Those to be ended next, the one that has waited longest at the end.
#[derive(Debug, Default)]
struct Queue {
    next: Vec<(Word, Arc<Connection>)>,
    rest_until: u64,
}

/// How many there may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Bounds {
    /// Connections in all.
    pub(super) most: usize,
    /// Connections of one network.
    pub(super) share: usize,
}

impl Table {
    pub(super) fn len(&self) -> usize {
        self.open.len()
    }

    pub(super) fn words(&self) -> impl Iterator<Item = Word> {
        self.open.values().map(|entry| entry.connection.word())
    }

    /// Takes a connection in. Where there is no room, the one that has waited longest for its peer is ended and returned.
    ///
    /// # Errors
    /// The bound that was reached, when nobody waits.
    pub(super) fn admit(
        &mut self,
        connection: &Arc<Connection>,
        bounds: Bounds,
        now: u64,
    ) -> Result<Option<(Arc<Connection>, Reason)>, Reason> {
        let network = connection.network;
        let taken = network.and_then(|network| Some(self.networks.get(&network)?.open));
        let victim = if taken.is_some_and(|taken| taken >= bounds.share) {
            Some((self.victim(network, Reason::Address, now)?, Reason::Address))
        } else if self.open.len() >= bounds.most {
            Some((self.victim(None, Reason::Full, now)?, Reason::Full))
        } else {
            None
        };
        if let Some(network) = network {
            self.networks.entry(network).or_default().open += 1;
        }
        let entry = Entry {
            connection: Arc::clone(connection),
            reading: None,
        };
        self.open.insert(connection.id, entry);
        Ok(victim)
    }

    /// Forgets a connection that is closed.
    pub(super) fn remove(&mut self, connection: &Connection) {
        if self.open.remove(&connection.id).is_none() {
            return;
        }
        let Some(network) = connection.network else {
            return;
        };
        if let Some(counted) = self.networks.get_mut(&network) {
            counted.open -= 1;
            if counted.open == 0 {
                self.networks.remove(&network);
            }
        }
    }

    /// Ends the one that has waited longest, of a network or of all.
    fn victim(
        &mut self,
        network: Option<IpAddr>,
        reason: Reason,
        now: u64,
    ) -> Result<Arc<Connection>, Reason> {
        let queue = match network {
            Some(network) => &mut self.networks.entry(network).or_default().queue,
            None => &mut self.queue,
        };
        if let Some(found) = queue.pop(reason) {
            return Ok(found);
        }
        if now < queue.rest_until {
            return Err(reason);
        }
        queue.next = longest_waiting(&self.open, network);
        queue.pop(reason).ok_or_else(|| {
            queue.rest_until = now + REST_MS;
            reason
        })
    }

    /// Ends all that are late, and returns them.
    pub(super) fn late(
        &mut self,
        patience: &Patience,
        is_draining: bool,
        now: u64,
    ) -> Vec<(Arc<Connection>, Reason)> {
        let mut ended = Vec::new();
        for entry in self.open.values_mut() {
            let word = entry.connection.word();
            if word.ending().is_some() {
                continue;
            }
            let reason = entry.reader_is_late(word, patience, now).or_else(|| {
                if is_draining && may_go(word, &entry.connection) {
                    return Some(Reason::Drain);
                }
                overdue(word, patience, now)
            });
            if let Some(reason) = reason
                && entry.connection.end(word, reason)
            {
                ended.push((Arc::clone(&entry.connection), reason));
            }
        }
        ended
    }
}

impl Queue {
    fn pop(&mut self, reason: Reason) -> Option<Arc<Connection>> {
        while let Some((seen, connection)) = self.next.pop() {
            if connection.end(seen, reason) {
                return Some(connection);
            }
        }
        None
    }
}

impl Entry {
    /// Measures one who keeps an answer waiting, from one span to the next; a running request is never cut for it.
    fn reader_is_late(&mut self, word: Word, patience: &Patience, now: u64) -> Option<Reason> {
        if !word.is_blocked() {
            self.reading = None;
            return None;
        }
        let taken = self.connection.taken();
        let (since, had) = *self.reading.get_or_insert((word.since(), taken));
        if now.saturating_sub(since) < ms(patience.reader) {
            return None;
        }
        if taken - had >= patience.reader_bytes {
            self.reading = Some((now, taken));
            return None;
        }
        let is_running = matches!(word.phase(), Phase::Serving | Phase::Body);
        (!is_running).then_some(Reason::Reader)
    }
}

/// Whether a connection outstayed what its phase allows. Bodies are timed where they are read, so that their senders are told.
fn overdue(word: Word, patience: &Patience, now: u64) -> Option<Reason> {
    if word.is_blocked() {
        return None;
    }
    let (limit, reason) = match word.phase() {
        Phase::Head => (patience.head, Reason::Head),
        Phase::Answering if word.is_last() => (patience.leave, Reason::Idle),
        Phase::Idle | Phase::Answering => (patience.idle, Reason::Idle),
        Phase::Serving | Phase::Body => return None,
    };
    (now.saturating_sub(word.since()) >= ms(limit)).then_some(reason)
}

/// Nothing is lost when it is closed now.
fn may_go(word: Word, connection: &Connection) -> bool {
    let is_silent = word.phase() == Phase::Head && !connection.sent_something();
    !word.is_blocked() && (is_silent || word.phase() == Phase::Idle)
}

fn ms(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}

/// Some of those who wait for their peer, the one that has waited longest at the end.
fn longest_waiting(
    open: &HashMap<u64, Entry>,
    network: Option<IpAddr>,
) -> Vec<(Word, Arc<Connection>)> {
    let entries = open.values().map(|entry| &entry.connection);
    let mut waiting: Vec<(Word, &Arc<Connection>)> = entries
        .filter(|connection| network.is_none() || connection.network == network)
        .map(|connection| (connection.word(), connection))
        .filter(|(word, _)| word.waits())
        .collect();
    let batch = (waiting.len() / BATCH).max(1);
    if batch < waiting.len() {
        waiting.select_nth_unstable_by_key(batch, |(word, _)| word.since());
        waiting.truncate(batch);
    }
    waiting.sort_unstable_by_key(|(word, _)| std::cmp::Reverse(word.since()));
    let own = |(word, connection): (Word, &Arc<Connection>)| (word, Arc::clone(connection));
    waiting.into_iter().map(own).collect()
}
