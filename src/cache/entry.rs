//! One kept thing: what it holds, what it rests on, and whether it is still right.
//!
//! **Right** means: every stamp that it rests on was last changed by a transaction that its snapshot saw, and its time has
//! not run out, judged against the head when the request arrived. An entry remembers the newest head at which it was found
//! right, so that a hit with no write since is one comparison. It never judges by age. Numbers of transactions are compared
//! only within one generation: after a jump to another history they mean something else.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::{Duration, Instant};

use crate::cache::{Stamp, Stamps, footprint};
use crate::time::Timestamp;

/// Rebuilds within a second beyond which a page is in a storm of writes.
const STORM: usize = 10;
/// How old a page in a storm may be when visitors get it all the same.
const STORM_AGE: Duration = Duration::from_millis(250);
/// For how long visitors get a page that went stale while making it anew fails.
const ERROR_AGE: Duration = Duration::from_mins(1);

/// What was made, from which snapshot, and what it rests on.
#[derive(Debug)]
pub struct Made<P> {
    /// The thing itself.
    pub page: P,
    /// The transaction of the snapshot that it was read from.
    pub snapshot: u64,
    /// Everything that it shows.
    pub stamps: Vec<Stamp>,
    /// When it changes by the clock alone; `None`: never.
    pub until: Option<Timestamp>,
    /// Whether it may be kept.
    pub keep: bool,
}

/// A kept thing.
#[derive(Debug)]
pub struct Entry<P> {
    /// The thing itself.
    pub page: P,
    /// Whether it is kept, or only handed to those who wait for it.
    pub kept: bool,
    /// Different for every entry that was ever made.
    pub version: u64,
    snapshot: u64,
    /// That of the stamps before it was begun.
    generation: u64,
    stamps: Box<[Stamp]>,
    until: Option<Timestamp>,
    right_at: AtomicU64,
    made: Instant,
    stale_since: OnceLock<Instant>,
    pace: Arc<Pace>,
}

impl<P> Entry<P> {
    pub(super) fn new(made: Made<P>, generation: u64, at: Instant, pace: Arc<Pace>) -> Self {
        let mut stamps = made.stamps;
        // In order, so that repetitions fall out.
        stamps.sort_unstable();
        stamps.dedup();
        Self {
            page: made.page,
            kept: made.keep,
            version: next_version(),
            snapshot: made.snapshot,
            generation,
            stamps: stamps.into_boxed_slice(),
            until: made.until,
            right_at: AtomicU64::new(made.snapshot),
            made: at,
            stale_since: OnceLock::new(),
            pace,
        }
    }

    /// The same thing in another form, resting on the same.
    pub(super) fn with(&self, page: P) -> Self {
        Self {
            page,
            kept: self.kept,
            version: self.version,
            snapshot: self.snapshot,
            generation: self.generation,
            stamps: self.stamps.clone(),
            until: self.until,
            right_at: AtomicU64::new(self.right_at.load(Ordering::Relaxed)),
            made: self.made,
            stale_since: self.stale_since.clone(),
            pace: Arc::clone(&self.pace),
        }
    }

    /// Whether a request that arrived at `head` may be answered with it.
    pub fn is_right(&self, stamps: &Stamps, head: u64, now: impl FnOnce() -> Timestamp) -> bool {
        if self.until.is_some_and(|until| now() >= until) {
            return self.seen_stale();
        }
        if self.generation != stamps.generation() {
            return self.seen_stale();
        }
        if self.right_at.load(Ordering::Relaxed) >= head {
            return true;
        }
        // A request may have arrived before a jump to a lower head, which says nothing of the transactions up to its own.
        let known = head.min(stamps.head());
        // The stamps of every transaction up to `head` were set before it was published.
        let unchanged = || {
            self.stamps
                .iter()
                .all(|stamp| stamps.changed(*stamp) <= self.snapshot)
        };
        let right = self.snapshot >= head || unchanged();
        if !right {
            return self.seen_stale();
        }
        self.right_at.fetch_max(known, Ordering::Relaxed);
        true
    }

    /// Notes since when it has been seen to be stale; never right.
    fn seen_stale(&self) -> bool {
        self.stale_since.get_or_init(Instant::now);
        false
    }

    /// Whether a visitor may get it although it is stale, since it is made anew many times a second.
    pub(super) fn is_in_storm(&self, now: Instant) -> bool {
        now.duration_since(self.made) <= STORM_AGE && self.pace.is_storm(now)
    }

    /// Whether a visitor may get it although it is stale, since making it anew failed. Counts from when it was first seen
    /// to be stale.
    pub(super) fn outlasts_error(&self, now: Instant) -> bool {
        let since = self.stale_since.get();
        since.is_none_or(|since| now.duration_since(*since) <= ERROR_AGE)
    }

    pub(super) fn pace(&self) -> &Arc<Pace> {
        &self.pace
    }

    /// Bytes that it takes beside its page.
    pub(super) fn overhead(&self) -> usize {
        size_of::<Self>() + footprint(size_of_val(&*self.stamps))
    }
}

fn next_version() -> u64 {
    static NEXT: AtomicU64 = AtomicU64::new(1);
    NEXT.fetch_add(1, Ordering::Relaxed)
}

/// When an address was made anew lately; handed from each entry to the next.
#[derive(Debug, Default)]
pub(super) struct Pace(Mutex<VecDeque<Instant>>);

impl Pace {
    pub(super) fn note(&self, at: Instant) {
        let mut last = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        last.push_back(at);
        if last.len() > STORM + 1 {
            last.pop_front();
        }
    }

    fn is_storm(&self, now: Instant) -> bool {
        let last = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let first = last.front().filter(|_| last.len() > STORM);
        first.is_some_and(|first| now.duration_since(*first) <= Duration::from_secs(1))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(snapshot: u64, stamps: &[Stamp], until: Option<Timestamp>) -> Entry<()> {
        let made = Made {
            page: (),
            snapshot,
            stamps: stamps.to_vec(),
            until,
            keep: true,
        };
        Entry::new(made, 0, Instant::now(), Arc::default())
    }

    #[test]
    fn an_entry_is_right_until_something_that_it_rests_on_changes() {
        let stamps = Stamps::new(5);
        let (mine, other) = (Stamp::new("story", 7), Stamp::new("story", 8));
        let entry = entry(5, &[mine], None);
        let never = || unreachable!("it does not change by the clock");
        stamps.set(other, 6);
        stamps.publish(6);
        assert!(entry.is_right(&stamps, 6, never));
        stamps.set(mine, 7);
        // Not published yet: who arrived before may still have it.
        assert!(entry.is_right(&stamps, 6, never));
        stamps.publish(7);
        assert!(!entry.is_right(&stamps, 7, never));
        assert!(
            entry.is_right(&stamps, 6, never),
            "for one who came earlier"
        );
    }

    #[test]
    fn a_snapshot_newer_than_the_arrival_is_right_whatever_came_after() {
        let stamps = Stamps::new(9);
        let mine = Stamp::new("story", 7);
        let entry = entry(8, &[mine], None);
        stamps.set(mine, 9);
        assert!(entry.is_right(&stamps, 8, || unreachable!()));
        assert!(!entry.is_right(&stamps, 9, || unreachable!()));
    }

    #[test]
    fn after_a_jump_nothing_of_before_is_right_and_numbers_begin_anew() {
        let stamps = Stamps::new(9);
        let mine = Stamp::new("story", 7);
        let old = entry(9, &[mine], None);
        assert!(old.is_right(&stamps, 9, || unreachable!()));
        stamps.reset(5);
        assert!(!old.is_right(&stamps, 5, || unreachable!()));
        let mut new = entry(5, &[mine], None);
        new.generation = stamps.generation();
        // For one who arrived before the jump; that says nothing of transactions 6 to 9 of this history.
        assert!(new.is_right(&stamps, 9, || unreachable!()));
        stamps.commit(&[mine], 6);
        assert!(!new.is_right(&stamps, 6, || unreachable!()));
    }

    #[test]
    fn the_clock_ends_what_it_was_told_to_end() {
        let stamps = Stamps::new(1);
        let entry = entry(1, &[], Some(Timestamp::from_ms(100)));
        assert!(entry.is_right(&stamps, 1, || Timestamp::from_ms(99)));
        assert!(!entry.is_right(&stamps, 1, || Timestamp::from_ms(100)));
    }

    #[test]
    fn a_page_in_a_storm_is_at_most_a_quarter_of_a_second_old() {
        let entry = entry(1, &[], None);
        let at = |ms| entry.made + Duration::from_millis(ms);
        assert!(!entry.is_in_storm(at(1)), "no storm");
        for _ in 0..11 {
            entry.pace.note(entry.made);
        }
        assert!(entry.is_in_storm(at(250)));
        assert!(!entry.is_in_storm(at(251)));
    }

    #[test]
    fn a_stale_page_outlasts_errors_for_a_minute() {
        let stamps = Stamps::new(1);
        stamps.publish(2);
        let mine = Stamp::new("story", 7);
        stamps.set(mine, 2);
        let entry = self::entry(1, &[mine], None);
        assert!(!entry.is_right(&stamps, 2, || unreachable!()));
        let seen = *entry.stale_since.get().unwrap();
        let at = |s| seen + Duration::from_secs(s);
        let richer = entry.with(());
        for entry in [entry, richer] {
            assert!(entry.outlasts_error(at(60)));
            assert!(!entry.outlasts_error(at(61)));
        }
    }

    #[test]
    fn only_more_than_ten_rebuilds_in_a_second_are_a_storm() {
        let begin = Instant::now();
        let at = |ms| begin + Duration::from_millis(ms);
        let pace = Pace::default();
        for n in 0..10 {
            pace.note(at(n * 10));
        }
        assert!(!pace.is_storm(at(100)));
        pace.note(at(100));
        assert!(pace.is_storm(at(100)));
        assert!(pace.is_storm(at(1000)));
        assert!(!pace.is_storm(at(1001)));
    }
}
