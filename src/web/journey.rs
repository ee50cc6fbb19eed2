//! A request on its way through the routes: its number, who asks, when it came, and its route once that is known.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use crate::errand::{Errand, Rank};
use crate::metric::Route;

/// The route of what another node is asked to answer, in labels.
pub const RELAYED: &str = "relayed";

/// A request on its way.
pub struct Journey {
    /// For whom its work is done.
    pub errand: Arc<Errand>,
    began: Instant,
    route: OnceLock<Arc<Route>>,
    passed_on: AtomicBool,
    refused: AtomicBool,
    in_use: AtomicBool,
}

impl Journey {
    /// It begins now.
    #[must_use]
    pub fn begin(id: u64, rank: Rank) -> Self {
        Self {
            errand: Arc::new(Errand::new(id, rank)),
            began: Instant::now(),
            route: OnceLock::new(),
            passed_on: AtomicBool::new(false),
            refused: AtomicBool::new(false),
            in_use: AtomicBool::new(false),
        }
    }

    /// Its number as people read it: in the log, on pages of errors.
    #[must_use]
    pub fn id(&self) -> String {
        self.errand.written()
    }

    /// Its route is this one.
    pub fn leads(&self, route: &Arc<Route>) {
        // The first route is the one that the table says.
        let _ = self.route.set(Arc::clone(route));
    }

    /// Its route.
    #[must_use]
    pub fn route(&self) -> Option<&Arc<Route>> {
        self.route.get()
    }

    /// It is another node's to answer; `relayed` is where that is counted.
    pub fn pass_on(&self, relayed: &Arc<Route>) {
        self.passed_on.store(true, Ordering::Relaxed);
        self.leads(relayed);
    }

    /// Whether it is another node's to answer.
    #[must_use]
    pub fn is_passed_on(&self) -> bool {
        self.passed_on.load(Ordering::Relaxed)
    }

    /// There is no room for it here.
    pub fn refuse(&self) {
        self.refused.store(true, Ordering::Relaxed);
    }

    /// Whether there was no room for it here.
    #[must_use]
    pub fn is_refused(&self) -> bool {
        self.refused.load(Ordering::Relaxed)
    }

    /// The node that writes should hear that its session is in use.
    pub fn note_use(&self) {
        self.in_use.store(true, Ordering::Relaxed);
    }

    /// Whether the node that writes should hear that its session is in use.
    #[must_use]
    pub fn is_use_to_be_noted(&self) -> bool {
        self.in_use.load(Ordering::Relaxed)
    }

    /// How long it has taken.
    #[must_use]
    pub fn time(&self) -> Duration {
        self.began.elapsed()
    }
}
