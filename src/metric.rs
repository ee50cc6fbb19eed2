//! Numbers about the running process.
//!
//! Counting costs one relaxed addition; names and labels are put together only when somebody asks.

pub mod histogram;

pub mod page;

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

/// Counts of one route's answers.
#[derive(Debug, Default)]
pub struct Route {
    outcomes: [AtomicU64; Outcome::EACH.len()],
    evicted: AtomicU64,
}

impl Route {
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
        Arc::clone(routes.entry(pattern.to_owned()).or_default())
    }

    /// Each route with its counts.
    #[must_use]
    pub fn each(&self) -> Vec<(String, Arc<Route>)> {
        let routes = self.0.read().unwrap_or_else(PoisonError::into_inner);
        routes
            .iter()
            .map(|(pattern, route)| (pattern.clone(), Arc::clone(route)))
            .collect()
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
            (each[0].1.get(Outcome::Hit), each[0].1.get(Outcome::Miss)),
            (2, 0)
        );
    }
}
