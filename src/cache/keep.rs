//! The cache itself: entries by key within a budget of bytes, flights for what is missing.
//!
//! It knows nothing of pages or SQL: what it keeps only has to tell its weight. Nothing here is ever served stale but by the
//! two rules of [`Ask::stale`]: a storm of writes, and an error while making anew.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use quick_cache::sync::Cache as Map;
use quick_cache::{DefaultHashBuilder, OptionsBuilder, Weighter};

use crate::cache::entry::{Entry, Made};
use crate::cache::flight::{Flights, Landed, Seat};
use crate::cache::{Stamps, footprint};
use crate::error::{Error, Result};
use crate::time::Timestamp;

/// What tells its size.
pub trait Weigh {
    /// Bytes that it takes.
    fn weight(&self) -> usize;

    /// Called when it goes for want of room.
    fn evicted(&self) {}
}

/// Bytes of a typical entry: decides how many slots are made ready.
const TYPICAL: u64 = 8 * 1024;
/// Parts of the map, each with a lock and its part of the budget; the largest entry is as large as one part.
const SHARDS: usize = 16;
/// Flights that may fail before one who waits is told that the site is busy.
const MOST_FAILURES: usize = 2;

/// What a request asks of the cache.
#[derive(Debug, Clone, Copy)]
pub struct Ask {
    /// The newest transaction when it arrived.
    pub head: u64,
    /// Whether it may be answered with what is stale in a storm or when making anew fails: visitors who changed nothing.
    pub stale: bool,
}

/// How an answer came about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum How {
    /// From memory.
    Hit,
    /// Made by another request that was under way.
    Joined,
    /// Made anew, there was nothing.
    Missing,
    /// Made anew, what there was had gone stale.
    Outdated,
    /// From memory, stale: a storm of writes.
    Storm,
    /// From memory, stale: making it anew failed.
    Failing,
}

/// An answer.
#[derive(Debug)]
pub struct Served<P> {
    /// What.
    pub entry: Arc<Entry<P>>,
    /// How it came about.
    pub how: How,
}

/// How full a cache is.
#[derive(Debug, Clone, Copy, Default)]
pub struct Size {
    /// Things kept.
    pub entries: u64,
    /// Bytes that they take, with their keys and tables.
    pub bytes: u64,
    /// Most bytes.
    pub budget: u64,
    /// Things that went for want of room since the start.
    pub evicted: u64,
}

type Kept<P> = Map<Box<str>, Arc<Entry<P>>, Weights, DefaultHashBuilder, Dropped>;

/// A cache of one kind of things.
pub struct Cache<P> {
    map: Option<Kept<P>>,
    flights: Flights<P>,
    stamps: Arc<Stamps>,
    generation: AtomicU64,
    /// Held while what is kept under a key changes, so that a look and the change that rests on it are one.
    changing: Mutex<()>,
    most: usize,
    evicted: AtomicU64,
}

/// How often everything was forgotten: by this cache, and by all that share its stamps.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Generations {
    own: u64,
    stamps: u64,
}

#[derive(Clone)]
struct Weights;

impl<P: Weigh> Weighter<Box<str>, Arc<Entry<P>>> for Weights {
    fn weight(&self, key: &Box<str>, entry: &Arc<Entry<P>>) -> u64 {
        weight(key, entry) as u64
    }
}

/// Bytes of an entry with its key and its share of the tables.
fn weight<P: Weigh>(key: &str, entry: &Entry<P>) -> usize {
    footprint(key.len()) + entry.page.weight() + entry.overhead() + 96
}

/// Collects what a change drops: what went for want of room, and what was replaced. Freed after the locks.
#[derive(Clone)]
struct Dropped;

type Gone<P> = Vec<(Box<str>, Arc<Entry<P>>)>;

impl<P> quick_cache::Lifecycle<Box<str>, Arc<Entry<P>>> for Dropped {
    type RequestState = Gone<P>;

    fn on_evict(&self, gone: &mut Gone<P>, key: Box<str>, entry: Arc<Entry<P>>) {
        gone.push((key, entry));
    }
}

impl<P: Weigh> Cache<P> {
    /// A cache of at most `budget` bytes; 0: nothing is kept, flights are still shared.
    #[must_use]
    pub fn new(budget: u64, stamps: Arc<Stamps>) -> Self {
        let map = (budget > 0).then(|| {
            let options = OptionsBuilder::new()
                .estimated_items_capacity(usize::try_from(budget / TYPICAL).unwrap_or(64).max(64))
                .weight_capacity(budget)
                .shards(SHARDS)
                .build()
                .expect("both capacities are set");
            Map::with_options(options, Weights, DefaultHashBuilder::default(), Dropped)
        });
        Self {
            map,
            flights: Flights::new(),
            stamps,
            generation: AtomicU64::new(0),
            changing: Mutex::new(()),
            most: usize::try_from(budget / SHARDS as u64).unwrap_or(usize::MAX),
            evicted: AtomicU64::new(0),
        }
    }

    /// What is kept under `key`, right or not.
    #[must_use]
    pub fn peek(&self, key: &str) -> Option<Arc<Entry<P>>> {
        self.map.as_ref()?.get(key)
    }

    /// What is kept under `key`, if a request that arrived at `head` may have it.
    pub fn right(
        &self,
        key: &str,
        head: u64,
        now: impl FnOnce() -> Timestamp,
    ) -> Option<Arc<Entry<P>>> {
        let entry = self.peek(key)?;
        entry.is_right(&self.stamps, head, now).then_some(entry)
    }

    /// What is kept under `key`, or else what `make` makes; `fits` says whether an entry is one that the request can use.
    ///
    /// # Errors
    /// What `make` answers, unless something stale may be served instead; [`Error::Busy`] when others failed to make it.
    pub async fn get<F, Fut>(
        &self,
        key: &str,
        ask: Ask,
        now: impl Fn() -> Timestamp,
        fits: impl Fn(&P) -> bool,
        make: F,
    ) -> Result<Served<P>>
    where
        F: FnOnce() -> Fut,
        Fut: Future<Output = Result<Made<P>>>,
    {
        let mut make = Some(make);
        let mut joined = false;
        let mut failures = 0;
        loop {
            if let Some(entry) = self.usable(key, ask, &now, &fits) {
                return Ok(served(&entry, if joined { How::Joined } else { How::Hit }));
            }
            let found = self.peek(key);
            if let Some(entry) = found
                .as_ref()
                .filter(|entry| ask.stale && fits(&entry.page))
                && entry.is_in_storm(Instant::now())
            {
                return Ok(served(entry, How::Storm));
            }
            match self.flights.board(key) {
                Seat::Passenger(passenger) => match passenger.land().await {
                    Landed::Here(entry)
                        if fits(&entry.page) && entry.is_right(&self.stamps, ask.head, &now) =>
                    {
                        return Ok(served(&entry, How::Joined));
                    }
                    // It began before this request and saw less: once more.
                    Landed::Here(_) => joined = true,
                    Landed::Failed => failures += 1,
                    // Its client hung up, which must not cost those who wait their page.
                    Landed::Left => {}
                },
                Seat::Pilot(pilot) => {
                    // Landed between the look above and this seat.
                    if let Some(entry) = self.usable(key, ask, &now, &fits) {
                        pilot.land(Arc::clone(&entry));
                        return Ok(served(&entry, How::Joined));
                    }
                    let Some(make) = make.take() else {
                        return Err(Error::Busy);
                    };
                    let begun = Instant::now();
                    let generation = self.generations();
                    return match make().await {
                        Ok(new) => {
                            let how = if found.is_some() {
                                How::Outdated
                            } else {
                                How::Missing
                            };
                            let entry = self.keep(key, new, found.as_deref(), begun, generation);
                            pilot.land(Arc::clone(&entry));
                            Ok(served(&entry, how))
                        }
                        Err(error) => {
                            // A refusal is one's own: who comes later may wait longer, and asks for themselves.
                            if !matches!(error, Error::Busy) {
                                pilot.fail();
                            }
                            or_stale(found, ask, &fits, error)
                        }
                    };
                }
            }
            if failures >= MOST_FAILURES {
                return or_stale(self.peek(key), ask, &fits, Error::Busy);
            }
        }
    }

    fn usable(
        &self,
        key: &str,
        ask: Ask,
        now: &impl Fn() -> Timestamp,
        fits: &impl Fn(&P) -> bool,
    ) -> Option<Arc<Entry<P>>> {
        self.right(key, ask.head, now)
            .filter(|entry| fits(&entry.page))
    }

    /// Keeps what was made without a flight: what only one asks for.
    pub fn put(&self, key: &str, made: Made<P>) -> Arc<Entry<P>> {
        let generation = self.generations();
        self.keep(key, made, None, Instant::now(), generation)
    }

    fn keep(
        &self,
        key: &str,
        made: Made<P>,
        before: Option<&Entry<P>>,
        begun: Instant,
        generation: Generations,
    ) -> Arc<Entry<P>> {
        let pace = before.map(|entry| Arc::clone(entry.pace()));
        // The first time is no rebuild.
        if let Some(pace) = &pace {
            pace.note(begun);
        }
        let pace = pace.unwrap_or_default();
        let mut entry = Entry::new(made, generation.stamps, begun, pace);
        entry.kept &= self.map.is_some() && weight(key, &entry) <= self.most;
        let entry = Arc::new(entry);
        if entry.kept {
            self.insert(key, &entry, generation);
        } else if let Some(map) = &self.map {
            // What was there is wrong by now.
            let _changing = self.change();
            map.remove(key);
        }
        entry
    }

    fn generations(&self) -> Generations {
        Generations {
            own: self.generation.load(Ordering::Acquire),
            stamps: self.stamps.generation(),
        }
    }

    fn change(&self) -> MutexGuard<'_, ()> {
        // It guards no data.
        self.changing.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn insert(&self, key: &str, entry: &Arc<Entry<P>>, generation: Generations) {
        let Some(map) = &self.map else { return };
        let mut gone = Gone::new();
        let changing = self.change();
        // Cleared meanwhile: what was read before that must not be kept.
        if self.generations() == generation {
            map.insert_with_lifecycle(key.into(), Arc::clone(entry), &mut gone);
        }
        drop(changing);
        self.count(key, &gone);
    }

    /// Counts what had to go for what is now under `key`; what it replaced did not.
    fn count(&self, key: &str, gone: &Gone<P>) {
        for (_, entry) in gone.iter().filter(|(other, _)| **other != *key) {
            self.evicted.fetch_add(1, Ordering::Relaxed);
            entry.page.evicted();
        }
    }

    /// Puts `page` in the place of what `entry` holds (the same thing with one form more), unless that has gone meanwhile.
    pub fn enrich(&self, key: &str, entry: &Arc<Entry<P>>, page: P) -> Arc<Entry<P>> {
        let richer = Arc::new(entry.with(page));
        let Some(map) = &self.map else { return richer };
        if !richer.kept || weight(key, &richer) > self.most {
            return richer;
        }
        let mut gone = Gone::new();
        let changing = self.change();
        let is_there = |now: Arc<Entry<P>>| now.version == entry.version;
        if map.peek(key).is_some_and(is_there) {
            // Evicted since that look, which nothing prevents, it is not put back.
            let _ = map.replace_with_lifecycle(key.into(), Arc::clone(&richer), true, &mut gone);
        }
        drop(changing);
        self.count(key, &gone);
        richer
    }

    /// Forgets everything, also what is being made at this moment.
    pub fn clear(&self) {
        let _changing = self.change();
        self.generation.fetch_add(1, Ordering::AcqRel);
        if let Some(map) = &self.map {
            map.clear();
        }
    }

    /// Shows each thing that is kept, with the bytes that it takes. Walks through all of them: for metrics.
    pub fn each(&self, mut show: impl FnMut(&P, usize)) {
        for (key, entry) in self.map.iter().flat_map(Map::iter) {
            show(&entry.page, weight(&key, &entry));
        }
    }

    /// Its size as of now.
    #[must_use]
    pub fn size(&self) -> Size {
        let map = self.map.as_ref();
        Size {
            entries: map.map_or(0, |map| map.len() as u64),
            bytes: map.map_or(0, Map::weight),
            budget: map.map_or(0, Map::capacity),
            evicted: self.evicted.load(Ordering::Relaxed),
        }
    }
}

fn served<P>(entry: &Arc<Entry<P>>, how: How) -> Served<P> {
    Served {
        entry: Arc::clone(entry),
        how,
    }
}

/// What is stale instead of an error, where that is allowed. Only what may pass: a busy or broken site, not a wrong address.
fn or_stale<P>(
    found: Option<Arc<Entry<P>>>,
    ask: Ask,
    fits: &impl Fn(&P) -> bool,
    error: Error,
) -> Result<Served<P>> {
    let passes = matches!(
        error,
        Error::Busy | Error::Unavailable | Error::Deadline | Error::Internal(_) | Error::Store(_)
    );
    match found {
        Some(entry)
            if passes && ask.stale && fits(&entry.page) && entry.outlasts_error(Instant::now()) =>
        {
            tell_of_stale(&error);
            Ok(served(&entry, How::Failing))
        }
        _ => Err(error),
    }
}

/// Tells that something stale was served. Under overload that is what is meant to happen, at every request, and metrics
/// count it.
fn tell_of_stale(error: &Error) {
    let detail = error.detail();
    let told = "a stale page was served instead of an error";
    if matches!(error, Error::Busy) {
        tracing::debug!(detail, "{told}");
    } else {
        tracing::warn!(detail, "{told}");
    }
}

#[cfg(test)]
mod tests;
