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
    /// Those that are sent large answers.
    holders: Queue,
    /// The one of these that was ended last.
    leaving: Option<u64>,
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
        let has_share = bounds.share < bounds.most;
        let victim = if has_share && taken.is_some_and(|taken| taken >= bounds.share) {
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
        let is_meant = |connection: &Connection, _| match network {
            Some(_) => connection.network == network,
            None => true,
        };
        let found = queue.end_next(&self.open, reason, is_meant, now);
        found.ok_or(reason)
    }

    /// Ends the one that has kept a large answer waiting longest; `None` while the one that was ended before has not gone.
    pub(super) fn longest_holding(&mut self, now: u64) -> Option<Arc<Connection>> {
        if self.leaving.is_some_and(|id| self.open.contains_key(&id)) {
            return None;
        }
        let is_meant =
            |connection: &Connection, word: Word| word.is_blocked() && connection.holds();
        let queue = &mut self.holders;
        let found = queue.end_next(&self.open, Reason::Memory, is_meant, now)?;
        self.leaving = Some(found.id);
        Some(found)
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
    /// Ends the next one; when there is none, they are looked for among those that are meant.
    fn end_next(
        &mut self,
        open: &HashMap<u64, Entry>,
        reason: Reason,
        is_meant: impl Fn(&Connection, Word) -> bool,
        now: u64,
    ) -> Option<Arc<Connection>> {
        if let Some(found) = self.pop(open, reason, &is_meant) {
            return Some(found);
        }
        if now < self.rest_until {
            return None;
        }
        self.next = longest_waiting(open, &is_meant);
        let found = self.pop(open, reason, &is_meant);
        if found.is_none() {
            self.rest_until = now + REST_MS;
        }
        found
    }

    fn pop(
        &mut self,
        open: &HashMap<u64, Entry>,
        reason: Reason,
        is_meant: impl Fn(&Connection, Word) -> bool,
    ) -> Option<Arc<Connection>> {
        while let Some((seen, connection)) = self.next.pop() {
            let is_victim = open.contains_key(&connection.id) && is_meant(&connection, seen);
            if is_victim && connection.end(seen, reason) {
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
        let is_running = matches!(word.phase(), Phase::Serving | Phase::Body | Phase::Apart);
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
        Phase::Serving | Phase::Body | Phase::Apart => return None,
    };
    (now.saturating_sub(word.since()) >= ms(limit)).then_some(reason)
}

/// Nothing is lost when it is closed now.
fn may_go(word: Word, connection: &Connection) -> bool {
    let is_silent = word.phase() == Phase::Head && !connection.sent_something();
    // Another protocol is told by the end of its connection, and begins anew elsewhere.
    let is_apart = word.phase() == Phase::Apart;
    is_apart || !word.is_blocked() && (is_silent || word.phase() == Phase::Idle)
}

fn ms(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}

/// Some of those who wait for their peer, the one that has waited longest at the end.
fn longest_waiting(
    open: &HashMap<u64, Entry>,
    is_meant: impl Fn(&Connection, Word) -> bool,
) -> Vec<(Word, Arc<Connection>)> {
    let entries = open.values().map(|entry| &entry.connection);
    let mut waiting: Vec<(Word, &Arc<Connection>)> = entries
        .map(|connection| (connection.word(), connection))
        .filter(|(word, connection)| word.waits() && is_meant(connection, *word))
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

#[cfg(test)]
mod tests {
    use super::*;

    const BOUNDS: Bounds = Bounds {
        most: 64,
        share: 64,
    };

    /// A full table; the connection with the lower number has waited longer.
    fn full() -> (Table, Vec<Arc<Connection>>) {
        let mut table = Table::default();
        let crowd: Vec<_> = (0..64)
            .map(|id| Arc::new(Connection::new(id, None, id)))
            .collect();
        for connection in &crowd {
            assert!(table.admit(connection, BOUNDS, 64).unwrap().is_none());
        }
        (table, crowd)
    }

    fn newcomer(table: &mut Table, id: u64) -> Result<u64, Reason> {
        let newcomer = Arc::new(Connection::new(id, None, id));
        newcomer.enter(Phase::Serving, id);
        let admitted = table.admit(&newcomer, BOUNDS, id)?;
        Ok(admitted.map(|(victim, _)| victim.id).unwrap())
    }

    #[test]
    fn victims_are_found_for_several_newcomers_and_those_that_moved_are_passed_over() {
        let (mut table, crowd) = full();
        assert_eq!(newcomer(&mut table, 100), Ok(0));
        // It was among those found.
        crowd[1].received(1, 70);
        crowd[1].enter(Phase::Serving, 70);
        assert_eq!(newcomer(&mut table, 101), Ok(2));
        crowd[1].enter(Phase::Answering, 71);
        crowd[1].wrote(1, 71);
        assert_eq!(newcomer(&mut table, 102), Ok(3));
    }

    #[test]
    fn nobody_is_looked_for_again_and_again_where_nobody_waits() {
        let (mut table, crowd) = full();
        for connection in &crowd {
            connection.enter(Phase::Serving, 64);
        }
        assert_eq!(newcomer(&mut table, 100), Err(Reason::Full));
        crowd[5].enter(Phase::Idle, 100);
        assert_eq!(newcomer(&mut table, 101), Err(Reason::Full));
        assert_eq!(newcomer(&mut table, 100 + REST_MS), Ok(5));
        assert_eq!(table.len(), 65);
        table.remove(&crowd[5]);
        table.remove(&crowd[5]);
        assert_eq!(table.len(), 64);
    }

    #[test]
    fn those_who_keep_large_answers_waiting_are_ended_one_at_a_time_the_longest_first() {
        let (mut table, crowd) = full();
        for (connection, since) in crowd.iter().zip([0, 30, 20, 10, 40]) {
            connection.enter(Phase::Answering, since);
            connection.blocked(since);
        }
        // The first is not sent a large answer, and the last takes its own.
        for connection in &crowd[1..6] {
            connection.hold(true);
        }
        let next = |table: &mut Table| table.longest_holding(100).map(|ended| ended.id);
        assert_eq!(next(&mut table), Some(3));
        assert_eq!(next(&mut table), None);
        for (gone, then) in [(3, Some(2)), (2, Some(1)), (1, Some(4)), (4, None)] {
            table.remove(&crowd[gone]);
            assert_eq!(next(&mut table), then);
        }
        assert_eq!(crowd[3].word().ending(), Some(Reason::Memory));
        assert_eq!(crowd[5].word().ending(), None);
    }

    #[test]
    fn between_the_pieces_of_an_answer_nobody_is_sent_away_for_a_stop() {
        let (mut table, crowd) = full();
        let patience = Patience::default();
        let mut leave = |now| {
            let late = table.late(&patience, true, now);
            late.iter().any(|(gone, _)| gone.id == crowd[7].id)
        };
        crowd[7].enter(Phase::Answering, 10);
        crowd[7].send_more(true);
        crowd[7].wrote(1000, 20);
        assert!(!leave(20));
        crowd[7].send_more(false);
        crowd[7].wrote(1000, 30);
        assert!(leave(30));
    }

    #[test]
    fn one_who_has_gone_is_no_victim() {
        let (mut table, crowd) = full();
        assert_eq!(newcomer(&mut table, 100), Ok(0));
        table.remove(&crowd[0]);
        table.remove(&crowd[1]);
        table.open.insert(
            900,
            Entry {
                connection: Arc::new(Connection::new(900, None, 99)),
                reading: None,
            },
        );
        assert_eq!(newcomer(&mut table, 101), Ok(2));
    }

    #[test]
    fn each_phase_has_its_own_limit() {
        let patience = Patience::default();
        let ms = |time: Duration| u64::try_from(time.as_millis()).unwrap();
        let word = |phase| Word::new(0).enter(phase, 1000);
        for (word, limit, reason) in [
            (word(Phase::Head), patience.head, Reason::Head),
            (word(Phase::Idle), patience.idle, Reason::Idle),
            (word(Phase::Answering), patience.idle, Reason::Idle),
            (word(Phase::Answering).last(), patience.leave, Reason::Idle),
        ] {
            assert_eq!(overdue(word, &patience, 999 + ms(limit)), None);
            assert_eq!(overdue(word, &patience, 1000 + ms(limit)), Some(reason));
            assert_eq!(overdue(word.block(1000), &patience, u64::MAX), None);
        }
        for phase in [Phase::Serving, Phase::Body] {
            assert_eq!(overdue(word(phase), &patience, u64::MAX), None);
        }
    }

    #[test]
    fn a_reader_is_measured_from_span_to_span_and_not_while_a_request_runs() {
        let patience = Patience::default();
        let (span, least) = (
            ms(patience.reader),
            usize::try_from(patience.reader_bytes).unwrap(),
        );
        let mut table = Table::default();
        let reader = Arc::new(Connection::new(0, None, 0));
        table.admit(&reader, BOUNDS, 0).unwrap();
        let take = |bytes, now| {
            reader.wrote(bytes, now);
            reader.blocked(now);
        };
        reader.enter(Phase::Answering, 0);
        take(1, 0);
        assert!(table.late(&patience, false, 1).is_empty());
        take(least, span / 2);
        assert!(table.late(&patience, false, span).is_empty());
        take(least - 1, span + span / 2);
        assert!(table.late(&patience, false, 2 * span - 1).is_empty());
        reader.enter(Phase::Serving, 2 * span - 1);
        assert!(table.late(&patience, false, 2 * span).is_empty());
        reader.enter(Phase::Answering, 2 * span);
        let late = table.late(&patience, false, 2 * span);
        assert!(matches!(late[..], [(_, Reason::Reader)]), "{late:?}");
    }
}
