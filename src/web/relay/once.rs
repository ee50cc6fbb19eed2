//! What was carried out already, so that the same request, sent once more after its answer was lost, changes nothing twice.
//!
//! The oldest goes first, by age, number and bytes; what is still under way never does.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::sync::watch;

use crate::peer::Parcel;
use crate::web::relay::carried::Key;

/// How long an answer is kept; nobody sends the same again after that.
const KEEP: Duration = Duration::from_mins(10);
/// Most executions that are remembered.
const MOST: usize = 8192;
/// Most bytes of their answers.
const MOST_BYTES: usize = 16 << 20;

/// What becomes of an execution.
pub(super) type Outcome = watch::Receiver<Option<Arc<Parcel>>>;

/// The executions of the last minutes.
#[derive(Default)]
pub(super) struct Once {
    known: HashMap<Key, Outcome>,
    order: VecDeque<(Instant, Key)>,
    bytes: usize,
}

/// What is to be done about a request.
pub(super) enum Turn {
    /// It is the first of its kind: whoever carries it out tells here.
    First(watch::Sender<Option<Arc<Parcel>>>, Outcome),
    /// It was carried out, or is being.
    Again(Outcome),
}

impl Once {
    /// A request with this key has come.
    pub(super) fn turn(&mut self, key: Key, now: Instant) -> Turn {
        if let Some(outcome) = self.known.get(&key) {
            return Turn::Again(outcome.clone());
        }
        self.forget(now);
        let (sender, outcome) = watch::channel(None);
        self.known.insert(key, outcome.clone());
        self.order.push_back((now, key));
        Turn::First(sender, outcome)
    }

    /// An answer of so many bytes is kept from now on.
    pub(super) fn keeps(&mut self, bytes: usize) {
        self.bytes += bytes;
    }

    fn forget(&mut self, now: Instant) {
        while let Some((begun, key)) = self.order.front() {
            let is_old = now.duration_since(*begun) > KEEP;
            let are_many = self.known.len() >= MOST || self.bytes > MOST_BYTES;
            if !is_old && !are_many {
                return;
            }
            let Some(outcome) = self.known.get(key) else {
                self.order.pop_front();
                continue;
            };
            let bytes = outcome.borrow().as_ref().map(|answer| size(answer));
            // Nobody tells any more what came of it: it died on the way.
            let is_dead = outcome.has_changed().is_err();
            match bytes {
                None if !is_dead => return,
                bytes => self.bytes -= bytes.unwrap_or(0),
            }
            self.known.remove(key);
            self.order.pop_front();
        }
    }
}

/// Bytes of an answer.
pub(super) fn size(answer: &Parcel) -> usize {
    answer.0.len() + answer.1.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(number: u64) -> Key {
        u128::from(number).to_be_bytes()
    }

    fn is_first(once: &mut Once, number: u64, now: Instant) -> bool {
        matches!(once.turn(key(number), now), Turn::First(..))
    }

    fn answer(once: &mut Once, number: u64, bytes: usize, now: Instant) {
        let Turn::First(sender, _) = once.turn(key(number), now) else {
            return;
        };
        once.keeps(bytes);
        sender.send_replace(Some(Arc::new((vec![0; bytes], Vec::new()))));
    }

    #[test]
    fn an_answer_is_kept_for_a_while_and_no_longer() {
        let (mut once, now) = (Once::default(), Instant::now());
        answer(&mut once, 1, 10, now);
        assert!(!is_first(&mut once, 1, now + KEEP));
        assert!(is_first(&mut once, 2, now + KEEP * 2));
        assert!(is_first(&mut once, 1, now + KEEP * 2));
    }

    #[test]
    fn what_is_kept_is_bounded_and_the_oldest_goes() {
        let (mut once, now) = (Once::default(), Instant::now());
        for number in 0..3 * MOST as u64 {
            answer(&mut once, number, 1, now);
        }
        assert_eq!(
            (once.known.len(), once.order.len(), once.bytes),
            (MOST, MOST, MOST)
        );
        for number in 0..100 {
            answer(&mut once, (1 << 32) + number, 1 << 20, now);
        }
        assert!(once.bytes <= MOST_BYTES + (2 << 20), "{}", once.bytes);
        assert!(!is_first(&mut once, (1 << 32) + 99, now));
    }

    #[test]
    fn what_is_under_way_stays_and_what_died_is_not_carried_out_again_for_a_while() {
        let (mut once, now) = (Once::default(), Instant::now());
        let Turn::First(running, _) = once.turn(key(1), now) else {
            return assert!(once.known.is_empty());
        };
        assert!(is_first(&mut once, 2, now + KEEP * 2));
        assert!(!is_first(&mut once, 1, now + KEEP * 2));
        drop(running);
        assert!(!is_first(&mut once, 1, now + KEEP * 2));
        assert!(is_first(&mut once, 3, now + KEEP * 2));
        assert!(is_first(&mut once, 1, now + KEEP * 2));
    }
}
