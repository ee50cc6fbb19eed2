//! Numbers about the running process.
//!
//! Counting costs one relaxed addition; names and labels are put together only when somebody asks.

pub mod histogram;

pub mod page;

pub mod process;

pub mod trouble;

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, PoisonError, RwLock};

pub use histogram::{Counts, Histogram};
pub use page::{Kind, Page};

/// How the response cache took part in an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// From memory.
    Hit,
    /// Made once for several who asked at the same time; for those who waited.
    Joined,
    /// Made anew.
    Miss,
    /// From memory although stale: in a storm of writes, or since making it anew failed.
    Stale,
    /// Made for one person alone.
    Bypass,
}

impl Outcome {
    /// All of them.
    pub const EACH: [Self; 5] = [
        Self::Hit,
        Self::Joined,
        Self::Miss,
        Self::Stale,
        Self::Bypass,
    ];

    /// Its word in labels.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Hit => "hit",
            Self::Joined => "joined",
            Self::Miss => "miss",
            Self::Stale => "stale",
            Self::Bypass => "bypass",
        }
    }
}

/// Statuses that are counted each for itself; others count by their first digit.
const STATUSES: [u16; 18] = [
    200, 301, 303, 304, 400, 401, 403, 404, 405, 410, 413, 415, 422, 429, 431, 500, 501, 503,
];

/// How answers fared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Fared {
    /// All.
    pub answers: u64,
    /// Those that were not given, for want of room: 503.
    pub refused: u64,
    /// Those that failed otherwise: the rest of 5xx.
    pub failed: u64,
}

/// Counts of one route's answers.
#[derive(Debug, Default)]
pub struct Route {
    /// Its pattern, such as `/s/{id}/{slug}`.
    pub pattern: String,
    /// Time that answers took which were not at hand, in microseconds.
    pub times: Histogram,
    outcomes: [AtomicU64; Outcome::EACH.len()],
    statuses: [AtomicU64; STATUSES.len()],
    /// By first digit: 1xx to 5xx.
    other: [AtomicU64; 5],
    evicted: AtomicU64,
}

impl Route {
    /// Counts an answer's status.
    pub fn answer(&self, status: u16) {
        let counter = match STATUSES.iter().position(|known| *known == status) {
            Some(at) => &self.statuses[at],
            None => &self.other[usize::from(status / 100).clamp(1, 5) - 1],
        };
        counter.fetch_add(1, Ordering::Relaxed);
    }

    /// How often each status was answered, but for those that never were: `200`, `5xx`.
    #[must_use]
    pub fn answers(&self) -> Vec<(String, u64)> {
        let known = STATUSES.iter().map(u16::to_string).zip(&self.statuses);
        let other = (1..=5).map(|digit| format!("{digit}xx")).zip(&self.other);
        known
            .chain(other)
            .map(|(status, counter)| (status, counter.load(Ordering::Relaxed)))
            .filter(|(_, count)| *count > 0)
            .collect()
    }

    /// How many answers there were, and how many of them failed on our side.
    #[must_use]
    pub fn fared(&self) -> Fared {
        let get = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        let mut fared = Fared::default();
        for (status, counter) in STATUSES.iter().zip(&self.statuses) {
            let count = get(counter);
            fared.answers += count;
            match status {
                503 => fared.refused += count,
                500..=599 => fared.failed += count,
                _ => {}
            }
        }
        fared.answers += self.other.iter().map(get).sum::<u64>();
        fared.failed += get(&self.other[4]);
        fared
    }

    /// Counts an answer.
    pub fn count(&self, outcome: Outcome) {
        self.outcomes[outcome as usize].fetch_add(1, Ordering::Relaxed);
    }

    /// How often this came out.
    #[must_use]
    pub fn get(&self, outcome: Outcome) -> u64 {
        self.outcomes[outcome as usize].load(Ordering::Relaxed)
    }

    /// Counts an answer that was dropped for want of room.
    pub fn evict(&self) {
        self.evicted.fetch_add(1, Ordering::Relaxed);
    }

    /// Answers dropped for want of room.
    #[must_use]
    pub fn evicted(&self) -> u64 {
        self.evicted.load(Ordering::Relaxed)
    }
}

/// The counts of all routes, by pattern (`/s/{id}/{slug}`).
#[derive(Debug, Default)]
pub struct Routes(RwLock<BTreeMap<String, Arc<Route>>>);

impl Routes {
    /// The counts of a route; made when it is asked for the first time. Patterns come from the route table only, so they
    /// are few.
    pub fn of(&self, pattern: &str) -> Arc<Route> {
        let known = self.0.read().unwrap_or_else(PoisonError::into_inner);
        if let Some(route) = known.get(pattern) {
            return Arc::clone(route);
        }
        drop(known);
        let mut routes = self.0.write().unwrap_or_else(PoisonError::into_inner);
        let new = || {
            Arc::new(Route {
                pattern: pattern.to_owned(),
                ..Route::default()
            })
        };
        Arc::clone(routes.entry(pattern.to_owned()).or_insert_with(new))
    }

    /// Each route with its counts.
    #[must_use]
    pub fn each(&self) -> Vec<Arc<Route>> {
        let routes = self.0.read().unwrap_or_else(PoisonError::into_inner);
        routes.values().map(Arc::clone).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_route_counts_what_came_out() {
        let routes = Routes::default();
        routes.of("/").count(Outcome::Hit);
        routes.of("/").count(Outcome::Hit);
        let each = routes.each();
        assert_eq!(each.len(), 1);
        assert_eq!(
            (each[0].get(Outcome::Hit), each[0].get(Outcome::Miss)),
            (2, 0)
        );
    }

    #[test]
    fn refusals_are_told_apart_from_failures() {
        let route = Route::default();
        for status in [200, 404, 503, 503, 500, 502] {
            route.answer(status);
        }
        let fared = Fared {
            answers: 6,
            refused: 2,
            failed: 2,
        };
        assert_eq!(route.fared(), fared);
    }

    #[test]
    fn statuses_are_counted_each_or_by_their_first_digit() {
        let route = Route::default();
        for status in [200, 200, 304, 418, 507, 999] {
            route.answer(status);
        }
        let told = [("200", 2), ("304", 1), ("4xx", 1), ("5xx", 2)];
        assert_eq!(
            route.answers(),
            told.map(|(word, count)| (word.to_owned(), count))
        );
    }
}
