//! Random numbers, what happens when, and connections that delay, stall, break and go dead.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

/// Microseconds since the run began.
pub(super) type Time = u64;

pub(super) const MS: Time = 1000;

/// `SplitMix64`.
pub(super) struct Random(pub(super) u64);

impl Random {
    pub(super) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ z >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ z >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ z >> 31
    }

    /// Less than `end`.
    pub(super) fn below(&mut self, end: u64) -> u64 {
        self.next() % end.max(1)
    }

    /// True once in `count` times.
    pub(super) fn one_in(&mut self, count: u64) -> bool {
        self.below(count) == 0
    }
}

/// What happens, in the order of time, then of their making.
pub(super) struct Agenda<T> {
    queue: BinaryHeap<Reverse<(Time, u64, Entry<T>)>>,
    made: u64,
}

/// Not compared: the number before it is unique.
struct Entry<T>(T);

impl<T> PartialEq for Entry<T> {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl<T> Eq for Entry<T> {}

impl<T> PartialOrd for Entry<T> {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl<T> Ord for Entry<T> {
    fn cmp(&self, _: &Self) -> std::cmp::Ordering {
        std::cmp::Ordering::Equal
    }
}

impl<T> Agenda<T> {
    pub(super) fn new() -> Self {
        Self {
            queue: BinaryHeap::new(),
            made: 0,
        }
    }

    pub(super) fn add(&mut self, at: Time, what: T) {
        self.made += 1;
        self.queue.push(Reverse((at, self.made, Entry(what))));
    }

    pub(super) fn next_before(&mut self, end: Time) -> Option<(Time, T)> {
        let Reverse((at, _, _)) = self.queue.peek()?;
        if *at >= end {
            return None;
        }
        let Reverse((at, _, Entry(what))) = self.queue.pop()?;
        Some((at, what))
    }
}

/// A connection. Each direction keeps its order, as a stream does.
pub(super) struct Connection {
    /// Who connected, and the life in which it did.
    pub(super) standby: (usize, u64),
    /// Who took it.
    pub(super) primary: (usize, u64),
    /// Nothing arrives any more.
    pub(super) dead: bool,
    /// When the last message of each direction arrives: to the primary, to the standby.
    pub(super) last: [Time; 2],
}

/// How far the network is off.
pub(super) struct Weather {
    pub(super) is_bad: bool,
}

impl Weather {
    /// How long a message takes.
    pub(super) fn delay(&self, random: &mut Random) -> Time {
        if self.is_bad && random.one_in(50) {
            random.below(400 * MS)
        } else {
            50 + random.below(2 * MS)
        }
    }
}
