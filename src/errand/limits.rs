//! Until when work is wanted, told to the thread that does it, so that it can ask while it works.

use std::cell::RefCell;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

thread_local! {
    static CURRENT: RefCell<Option<Limits>> = const { RefCell::new(None) };
}

/// Until when a piece of work is wanted.
#[derive(Debug, Clone)]
pub struct Limits {
    /// Whoever asked has gone.
    pub gone: Arc<AtomicBool>,
    /// Its deadline.
    pub end: Instant,
}

impl Limits {
    /// Whether whoever asked has gone.
    #[must_use]
    pub fn is_unwanted(&self) -> bool {
        self.gone.load(Ordering::Relaxed)
    }

    /// Whether the deadline has passed.
    #[must_use]
    pub fn is_late(&self) -> bool {
        Instant::now() >= self.end
    }

    /// Does `work` under these limits; also after a panic none hold any more.
    pub fn hold<T>(&self, work: impl FnOnce() -> T) -> T {
        let _after = After;
        CURRENT.set(Some(self.clone()));
        work()
    }
}

/// Whether whoever asked for what this thread does has gone; false where no limits hold.
#[must_use]
pub fn is_unwanted() -> bool {
    CURRENT.with_borrow(|limits| limits.as_ref().is_some_and(Limits::is_unwanted))
}

/// Whether nobody wants any more what this thread does; false where no limits hold.
#[must_use]
pub fn is_over() -> bool {
    CURRENT.with_borrow(|limits| {
        limits
            .as_ref()
            .is_some_and(|limits| limits.is_unwanted() || limits.is_late())
    })
}

struct After;

impl Drop for After {
    fn drop(&mut self) {
        CURRENT.set(None);
    }
}
