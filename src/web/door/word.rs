//! What a connection is doing, since when, and whether it was told to end: all in one word, so that it changes as a whole.
//!
//! The connection's event loop moves it on; any thread may add an ending. Since both compare before they swap, a connection
//! is never ended for what it did a moment before.

use super::Reason;

/// What a connection is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Phase {
    /// It waits for a request's head, or for the rest of it.
    Head,
    /// It was answered, and nothing came since.
    Idle,
    /// A request was answered, and the answer has still to be written.
    Answering,
    /// A request is being served.
    Serving,
    /// A request is being served that waits for its body.
    Body,
    /// It has become another protocol's, which looks after it.
    Apart,
}

/// The word: bits 0 to 2 the phase, 3 whether a write waits for the peer, 4 whether this is the connection's last request,
/// 8 to 15 the reason of its end, the rest the time since when it is so, in milliseconds of the door's clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Word(pub(super) u64);

const BLOCKED: u64 = 1 << 3;
const LAST: u64 = 1 << 4;
const ENDING: u32 = 8;
const SINCE: u32 = 16;

impl Word {
    /// Of a connection that has just come.
    pub(super) const fn new(now: u64) -> Self {
        Self(now << SINCE)
    }

    pub(super) const fn phase(self) -> Phase {
        match self.0 & 7 {
            0 => Phase::Head,
            1 => Phase::Idle,
            2 => Phase::Answering,
            3 => Phase::Serving,
            4 => Phase::Body,
            _ => Phase::Apart,
        }
    }

    /// Since when, in milliseconds of the door's clock.
    pub(super) const fn since(self) -> u64 {
        self.0 >> SINCE
    }

    /// A write waits for the peer.
    pub(super) const fn is_blocked(self) -> bool {
        self.0 & BLOCKED != 0
    }

    /// No other request is taken on this connection.
    pub(super) const fn is_last(self) -> bool {
        self.0 & LAST != 0
    }

    /// Why it ends, when it does.
    pub(super) fn ending(self) -> Option<Reason> {
        let number = (self.0 >> ENDING) & 0xff;
        let index = usize::try_from(number).ok()?.checked_sub(1)?;
        Reason::EACH.get(index).copied()
    }

    /// The peer is to move: it may be ended in favour of others. A request that is being served is not, even behind an
    /// answer that the peer does not take.
    pub(super) fn waits(self) -> bool {
        let peer_is_to_move = match self.phase() {
            Phase::Head | Phase::Idle | Phase::Body => true,
            Phase::Answering => self.is_blocked(),
            Phase::Serving | Phase::Apart => false,
        };
        self.ending().is_none() && peer_is_to_move
    }

    /// The peer is owed an answer: what else it sends has no turn yet. A body has, since the answer waits for it.
    pub(super) fn owes(self) -> bool {
        match self.phase() {
            Phase::Serving => true,
            Phase::Body | Phase::Apart => false,
            Phase::Head | Phase::Idle | Phase::Answering => self.is_blocked(),
        }
    }

    /// In this phase from now on.
    pub(super) const fn enter(self, phase: Phase, now: u64) -> Self {
        Self((self.0 & (BLOCKED | LAST)) | phase as u64 | (now << SINCE))
    }

    /// With a write that waits for the peer from now on.
    pub(super) const fn block(self, now: u64) -> Self {
        let kept = self.0 & ((1 << SINCE) - 1);
        Self(kept | BLOCKED | (now << SINCE))
    }

    /// With no write that waits.
    pub(super) const fn unblock(self) -> Self {
        Self(self.0 & !BLOCKED)
    }

    /// With no other request after this one.
    pub(super) const fn last(self) -> Self {
        Self(self.0 | LAST)
    }

    /// Told to end.
    pub(super) const fn end(self, reason: Reason) -> Self {
        Self(self.0 | ((reason as u64 + 1) << ENDING))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_keeps_its_parts_apart() {
        let word = Word::new(7).enter(Phase::Body, 1 << 40).block(1 << 41);
        assert_eq!((word.phase(), word.since()), (Phase::Body, 1 << 41));
        assert!(word.is_blocked() && !word.is_last() && word.ending().is_none());
        let word = word.last().unblock().enter(Phase::Answering, 9);
        assert_eq!((word.phase(), word.since()), (Phase::Answering, 9));
        assert!(word.is_last() && !word.is_blocked());
        for reason in Reason::EACH {
            assert_eq!(word.end(reason).ending(), Some(reason));
        }
    }

    #[test]
    fn only_a_connection_whose_peer_is_to_move_waits() {
        let in_phase = |phase| Word::new(0).enter(phase, 1);
        for (phase, waits, waits_blocked) in [
            (Phase::Head, true, true),
            (Phase::Idle, true, true),
            (Phase::Answering, false, true),
            (Phase::Serving, false, false),
            (Phase::Body, true, true),
        ] {
            let blocked = in_phase(phase).block(2);
            assert_eq!(in_phase(phase).waits(), waits, "{phase:?}");
            assert_eq!(blocked.waits(), waits_blocked, "{phase:?}");
            assert!(!blocked.end(Reason::Full).waits());
        }
    }
}
