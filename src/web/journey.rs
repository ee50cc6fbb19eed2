//! A request on its way through the routes: its number, who asks, when it came, and its route once that is known.

use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use crate::errand::{Errand, Rank};
use crate::metric::Route;

/// A request on its way.
pub struct Journey {
    /// For whom its work is done.
    pub errand: Arc<Errand>,
    began: Instant,
    route: OnceLock<Arc<Route>>,
}

impl Journey {
    /// It begins now.
    #[must_use]
    pub fn begin(id: u64, rank: Rank) -> Self {
        Self {
            errand: Arc::new(Errand::new(id, rank)),
            began: Instant::now(),
            route: OnceLock::new(),
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

    /// How long it has taken.
    #[must_use]
    pub fn time(&self) -> Duration {
        self.began.elapsed()
    }
}
