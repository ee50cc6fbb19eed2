//! One connection as all threads see it: a word of state, what it took, and how to wake whoever serves it.

use std::net::IpAddr;
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::task::Waker;

use super::Reason;
use super::word::{Phase, Word};

/// A connection's state.
#[derive(Debug)]
pub(super) struct Connection {
    pub(super) id: u64,
    /// What it counts for; `None` for a trusted proxy.
    pub(super) network: Option<IpAddr>,
    word: AtomicU64,
    /// Bytes that were written in all.
    taken: AtomicU64,
    /// Bytes that came since the last answer; stays once it is past [`Connection::MUCH`].
    came: AtomicU32,
    /// It sent something that has no turn before the answers that it is owed are gone.
    is_ahead: AtomicBool,
    /// It is sent a large answer.
    holds: AtomicBool,
    /// Of the answer that it is sent there are pieces that were not handed out yet.
    has_more: AtomicBool,
    waker: Mutex<Option<Waker>>,
}

impl Connection {
    /// So many bytes of a request are worth a closer look.
    const MUCH: u32 = 16 * 1024;

    pub(super) fn new(id: u64, network: Option<IpAddr>, now: u64) -> Self {
        Self {
            id,
            network,
            word: AtomicU64::new(Word::new(now).0),
            taken: AtomicU64::new(0),
            came: AtomicU32::new(0),
            is_ahead: AtomicBool::new(false),
            holds: AtomicBool::new(false),
            has_more: AtomicBool::new(false),
            waker: Mutex::new(None),
        }
    }

    pub(super) fn word(&self) -> Word {
        Word(self.word.load(Ordering::Acquire))
    }

    pub(super) fn taken(&self) -> u64 {
        self.taken.load(Ordering::Relaxed)
    }

    /// More came for one request than most are long.
    pub(super) fn sent_much(&self) -> bool {
        self.came.load(Ordering::Relaxed) > Self::MUCH
    }

    /// Something of a request came.
    pub(super) fn sent_something(&self) -> bool {
        self.came.load(Ordering::Relaxed) > 0
    }

    /// Whether it is sent a large answer.
    pub(super) fn holds(&self) -> bool {
        self.holds.load(Ordering::Relaxed)
    }

    pub(super) fn hold(&self, holds: bool) {
        self.holds.store(holds, Ordering::Relaxed);
    }

    /// An answer in pieces is not over with one of its writes. Only the connection's own event loop says so and sees it.
    pub(super) fn send_more(&self, has_more: bool) {
        self.has_more.store(has_more, Ordering::Relaxed);
    }

    /// Moves the word on, where `next` has something to say; false when the connection was told to end.
    fn turn(&self, next: impl Fn(Word) -> Option<Word>) -> bool {
        let mut word = self.word();
        loop {
            if word.ending().is_some() {
                return false;
            }
            let Some(after) = next(word).filter(|after| *after != word) else {
                return true;
            };
            let swapped = self.word.compare_exchange_weak(
                word.0,
                after.0,
                Ordering::AcqRel,
                Ordering::Acquire,
            );
            match swapped {
                Ok(_) => {
                    if !after.owes() && self.is_ahead.load(Ordering::Relaxed) {
                        self.give_turn();
                    }
                    return true;
                }
                Err(other) => word = Word(other),
            }
        }
    }

    /// It sent something that has no turn yet; who [watches](Self::watch) is woken when it has. Only its own event loop
    /// says so and sees it, so plain stores will do.
    pub(super) fn ran_ahead(&self) {
        self.is_ahead.store(true, Ordering::Relaxed);
    }

    /// All that it had sent ahead was taken apart.
    pub(super) fn caught_up(&self) {
        self.is_ahead.store(false, Ordering::Relaxed);
    }

    /// It is still ahead: some answers may have to be written before there is room for more requests.
    fn give_turn(&self) {
        // It stays: the one who watches does not come again with the same.
        if let Some(waker) = &*self.waker.lock().unwrap_or_else(PoisonError::into_inner) {
            waker.wake_by_ref();
        }
    }

    /// Bytes came. Only the connection's own event loop counts, so plain stores will do.
    pub(super) fn received(&self, bytes: usize, now: u64) -> bool {
        let bytes = u32::try_from(bytes).unwrap_or(u32::MAX);
        let came = self.came.load(Ordering::Relaxed).saturating_add(bytes);
        self.came.store(came, Ordering::Relaxed);
        self.turn(|word| (word.phase() == Phase::Idle).then(|| word.enter(Phase::Head, now)))
    }

    /// The peer took bytes.
    pub(super) fn wrote(&self, bytes: usize, now: u64) -> bool {
        let taken = self.taken.load(Ordering::Relaxed) + bytes as u64;
        self.taken.store(taken, Ordering::Relaxed);
        if !self.sent_much() {
            self.came.store(0, Ordering::Relaxed);
        }
        let has_more = self.has_more.load(Ordering::Relaxed);
        self.turn(|word| match word.phase() {
            Phase::Answering if has_more => Some(word.unblock().enter(Phase::Answering, now)),
            // What was told last is not followed by another request.
            Phase::Answering if word.is_last() => Some(word.unblock()),
            Phase::Answering | Phase::Idle => Some(word.unblock().enter(Phase::Idle, now)),
            phase if word.is_blocked() => Some(word.unblock().enter(phase, now)),
            _ => None,
        })
    }

    /// The peer takes nothing for now.
    pub(super) fn blocked(&self, now: u64) -> bool {
        self.turn(|word| (!word.is_blocked()).then(|| word.block(now)))
    }

    pub(super) fn enter(&self, phase: Phase, now: u64) -> bool {
        self.turn(|word| Some(word.enter(phase, now)))
    }

    /// No other request is taken after this one.
    pub(super) fn leave(&self) -> bool {
        self.turn(|word| Some(word.last()))
    }

    /// Ends it, when it has not moved since it was `seen`.
    pub(super) fn end(&self, seen: Word, reason: Reason) -> bool {
        let after = seen.end(reason).0;
        (self.word)
            .compare_exchange(seen.0, after, Ordering::AcqRel, Ordering::Acquire)
            .is_ok()
    }

    /// Whom to wake when it is ended.
    pub(super) fn watch(&self, waker: Waker) {
        *self.waker.lock().unwrap_or_else(PoisonError::into_inner) = Some(waker);
    }

    /// Has its event loop look at it.
    pub(super) fn wake(&self) {
        let waker = self
            .waker
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
        if let Some(waker) = waker {
            waker.wake();
        }
    }
}
