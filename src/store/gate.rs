//! Holds the answers to those who wrote until another node has their commit too, where that is asked for.
//!
//! It never blocks the writer, has no clock and no thread: whoever ships commits says what was acknowledged and what time
//! it is. Answers are given outside of its lock, by whoever opened it.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use crate::error::Error;
use crate::metric::Histogram;
use crate::store::commit::Position;

/// Sends one answer; `Some` overrides it with what befell its commit.
pub type Answer = Box<dyn FnOnce(Option<Error>) + Send>;

/// Commits that may be held before new changes are refused: more would only wait.
const MOST: usize = 4096;

/// What an answer waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Mode {
    /// This node's disk.
    #[default]
    Off,
    /// A standby's disk too, as long as there is one that keeps up.
    Wait {
        /// How long one may be silent before this node goes on alone.
        give_up: Duration,
    },
    /// A standby's disk too, however long that takes.
    Require,
}

impl Mode {
    /// [`Mode::Wait`] with the usual patience.
    #[must_use]
    pub const fn wait() -> Self {
        Self::Wait {
            give_up: Duration::from_secs(2),
        }
    }
}

/// The gate.
pub struct Gate {
    mode: Mode,
    asleep: AtomicBool,
    state: Mutex<State>,
    /// Time that commits were held, in microseconds.
    pub waits: Histogram,
}

#[derive(Default)]
struct State {
    held: VecDeque<Held>,
    acked: u64,
    in_sync: bool,
    longest: Duration,
}

struct Held {
    txid: u64,
    since: Instant,
    answers: Vec<Answer>,
}

/// What a gate counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Count {
    /// Commits that are held now.
    pub held: usize,
    /// The longest that one was held so far.
    pub longest: Duration,
    /// Whether a standby keeps up.
    pub in_sync: bool,
    /// The last transaction that a standby has.
    pub acked: u64,
}

impl Gate {
    /// A gate; no standby is in sync yet.
    #[must_use]
    pub fn new(mode: Mode) -> Self {
        Self {
            mode,
            asleep: AtomicBool::new(false),
            state: Mutex::default(),
            waits: Histogram::default(),
        }
    }

    /// A gate that holds nothing before [`Gate::watch`]: what a node does to itself while it starts waits for nobody, since
    /// nobody can follow it yet.
    #[must_use]
    pub fn asleep(mode: Mode) -> Self {
        let gate = Self::new(mode);
        gate.asleep.store(true, Ordering::Relaxed);
        gate
    }

    /// From now on it holds what it should.
    pub fn watch(&self) {
        self.asleep.store(false, Ordering::Relaxed);
    }

    /// What its answers wait for.
    #[must_use]
    pub fn mode(&self) -> Mode {
        self.mode
    }

    /// Holds the answers of a commit, or gives them at once when there is nothing to wait for.
    pub fn hold(&self, position: Position, answers: Vec<Answer>) {
        self.hold_at(position, answers, Instant::now());
    }

    /// As [`Gate::hold`], at a given instant.
    pub fn hold_at(&self, position: Position, answers: Vec<Answer>, since: Instant) {
        let answers = {
            let mut state = self.lock();
            if self.is_open(&state) || state.acked >= position.txid {
                answers
            } else {
                state.held.push_back(Held {
                    txid: position.txid,
                    since,
                    answers,
                });
                Vec::new()
            }
        };
        give(answers, || None);
    }

    /// A standby has every commit up to this one on its disk.
    pub fn acked(&self, txid: u64) {
        self.acked_at(txid, Instant::now());
    }

    /// As [`Gate::acked`], at a given instant.
    pub fn acked_at(&self, txid: u64, now: Instant) {
        let held = {
            let mut state = self.lock();
            state.acked = state.acked.max(txid);
            let count = state.held.partition_point(|held| held.txid <= txid);
            self.take(&mut state, count, now)
        };
        give(held, || None);
    }

    /// Whether a standby keeps up, so that there is somebody to wait for. When none does any more, what is held is answered,
    /// unless a standby is required.
    pub fn in_sync(&self, in_sync: bool) {
        let held = {
            let mut state = self.lock();
            state.in_sync = in_sync;
            if !in_sync {
                // What a standby had may be of a history that it has to give up.
                state.acked = 0;
            }
            let count = if self.is_open(&state) {
                state.held.len()
            } else {
                0
            };
            self.take(&mut state, count, Instant::now())
        };
        give(held, || None);
    }

    /// This node goes on alone.
    pub fn degrade(&self) {
        self.in_sync(false);
    }

    /// Whether something has been held for longer than the gate's patience. It stays held: for those who have to make a
    /// note elsewhere before they [`degrade`](Gate::degrade).
    #[must_use]
    pub fn is_overdue(&self, now: Instant) -> bool {
        let Mode::Wait { give_up } = self.mode else {
            return false;
        };
        let state = self.lock();
        let first = state.held.front();
        first.is_some_and(|held| now.saturating_duration_since(held.since) >= give_up)
    }

    /// Goes on alone when something is overdue; whether that was so.
    pub fn tick(&self, now: Instant) -> bool {
        let is_overdue = self.is_overdue(now);
        if is_overdue {
            self.degrade();
        }
        is_overdue
    }

    /// Answers all that is held with "not known to be saved": this node may not write any more.
    pub fn abandon(&self) {
        let held = {
            let mut state = self.lock();
            let count = state.held.len();
            self.take(&mut state, count, Instant::now())
        };
        give(held, || Some(Error::Unavailable));
    }

    /// Whether so much is held that new changes are refused.
    #[must_use]
    pub fn is_full(&self) -> bool {
        self.mode != Mode::Off && self.lock().held.len() >= MOST
    }

    /// What it counts.
    #[must_use]
    pub fn count(&self) -> Count {
        let state = self.lock();
        Count {
            held: state.held.len(),
            longest: state.longest,
            in_sync: state.in_sync,
            acked: state.acked,
        }
    }

    /// Whether nothing is waited for.
    fn is_open(&self, state: &State) -> bool {
        match self.mode {
            _ if self.asleep.load(Ordering::Relaxed) => true,
            Mode::Off => true,
            Mode::Wait { .. } => !state.in_sync,
            Mode::Require => false,
        }
    }

    /// Takes the oldest so many out.
    fn take(&self, state: &mut State, count: usize, now: Instant) -> Vec<Answer> {
        let mut answers = Vec::new();
        for held in state.held.drain(..count) {
            let waited = now.saturating_duration_since(held.since);
            state.longest = state.longest.max(waited);
            self.waits.record(waited);
            answers.extend(held.answers);
        }
        answers
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // Nothing can panic half-way through a change of it.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn give(answers: Vec<Answer>, fate: impl Fn() -> Option<Error>) {
    for answer in answers {
        answer(fate());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::mpsc::{Receiver, channel};

    const SECOND: Duration = Duration::from_secs(1);

    /// Holds one answer for each of these transactions; what is received is its txid, negative when it failed.
    fn hold(gate: &Gate, txids: impl IntoIterator<Item = u64>, at: Instant) -> Receiver<i64> {
        let (send, given) = channel();
        for txid in txids {
            let send = send.clone();
            let number = i64::try_from(txid).unwrap();
            let answer: Answer = Box::new(move |fate| {
                send.send(if fate.is_some() { -number } else { number })
                    .unwrap();
            });
            gate.hold_at(Position { epoch: 1, txid }, vec![answer], at);
        }
        given
    }

    fn all(given: &Receiver<i64>) -> Vec<i64> {
        given.try_iter().collect()
    }

    #[test]
    fn answers_are_given_in_order_once_a_standby_has_their_commit() {
        let (gate, now) = (Gate::new(Mode::wait()), Instant::now());
        gate.in_sync(true);
        let given = hold(&gate, 5..9, now);
        assert_eq!(all(&given), [0; 0]);
        gate.acked_at(6, now + SECOND);
        assert_eq!(all(&given), [5, 6]);
        // An acknowledgement can overtake the writer.
        gate.acked_at(9, now + SECOND / 2);
        assert_eq!(all(&given), [7, 8]);
        assert_eq!(all(&hold(&gate, [9], now)), [9]);
        let count = gate.count();
        assert_eq!((count.held, count.longest, count.acked), (0, SECOND, 9));
    }

    #[test]
    fn without_a_standby_only_a_gate_that_requires_one_holds() {
        let now = Instant::now();
        for (mode, expected) in [(Mode::Off, 1), (Mode::wait(), 1), (Mode::Require, 0)] {
            let gate = Gate::new(mode);
            assert_eq!(all(&hold(&gate, [1], now)).len(), expected, "{mode:?}");
            assert!(!gate.tick(now + 1000 * SECOND), "{mode:?}");
            gate.degrade();
            assert_eq!(gate.count().held, 1 - expected, "{mode:?}");
        }
    }

    #[test]
    fn a_node_that_starts_waits_for_nobody() {
        let (gate, now) = (Gate::asleep(Mode::Require), Instant::now());
        assert_eq!(all(&hold(&gate, [1], now)), [1]);
        gate.watch();
        assert_eq!(all(&hold(&gate, [2], now)), [0; 0]);
    }

    #[test]
    fn a_silent_standby_is_given_up_after_its_time_and_waited_for_again_when_it_is_back() {
        let (gate, now) = (Gate::new(Mode::wait()), Instant::now());
        gate.in_sync(true);
        let given = hold(&gate, [1, 2], now);
        assert!(!gate.tick(now + SECOND) && all(&given).is_empty());
        assert!(gate.is_overdue(now + 2 * SECOND) && all(&given).is_empty());
        assert!(gate.tick(now + 2 * SECOND));
        assert_eq!(all(&given), [1, 2]);
        assert!(!gate.count().in_sync);
        assert_eq!(all(&hold(&gate, [3], now)), [3]);
        gate.in_sync(true);
        let given = hold(&gate, [4], now);
        assert_eq!(all(&given), [0; 0]);
        gate.acked_at(4, now);
        assert_eq!(all(&given), [4]);
    }

    #[test]
    fn what_a_lost_standby_had_does_not_count_for_the_next_one() {
        let gate = Gate::new(Mode::Require);
        gate.in_sync(true);
        gate.acked(100);
        gate.degrade();
        let given = hold(&gate, [50], Instant::now());
        assert_eq!(all(&given), [0; 0]);
        gate.in_sync(true);
        gate.acked(50);
        assert_eq!(all(&given), [50]);
    }

    #[test]
    fn a_node_that_may_not_write_any_more_answers_that_nothing_is_certain() {
        let gate = Gate::new(Mode::Require);
        let given = hold(&gate, [1, 2], Instant::now());
        gate.abandon();
        assert_eq!(all(&given), [-1, -2]);
    }

    #[test]
    fn a_gate_that_nobody_opens_says_when_it_is_full() {
        let gate = Gate::new(Mode::Require);
        let given = hold(&gate, 1..MOST as u64, Instant::now());
        assert!(!gate.is_full());
        let _last = hold(&gate, [MOST as u64], Instant::now());
        assert!(gate.is_full() && all(&given).is_empty());
    }
}
