//! Deadlines for reading: what takes longer, or nobody wants any more, is broken off by SQLite itself.
//!
//! Every reading connection asks [`passed`] now and then while it works; a deadline holds for the thread that set it, and
//! the pool's for the job that runs on it.

use std::cell::Cell;
use std::time::{Duration, Instant};

use crate::errand::limits;

/// Steps of SQLite's machine between two looks at the clock.
pub(super) const STEPS: i32 = 200;

thread_local! {
    static UNTIL: Cell<Option<Instant>> = const { Cell::new(None) };
}

/// Runs `read`, whose queries fail with [`Error::Deadline`](crate::error::Error::Deadline) once `limit` has passed, or
/// the earlier deadline of what runs around it.
pub fn within<T>(limit: Duration, read: impl FnOnce() -> T) -> T {
    let own = Instant::now() + limit;
    let outer = UNTIL.get();
    let _before = Before(outer);
    UNTIL.set(Some(outer.map_or(own, |outer| outer.min(own))));
    read()
}

/// Whether the deadline of this thread has passed, or the job on it is for nobody any more.
pub(super) fn passed() -> bool {
    UNTIL.get().is_some_and(|until| Instant::now() >= until) || limits::is_over()
}

/// Puts the deadline from before back, also after a panic.
struct Before(Option<Instant>);

impl Drop for Before {
    fn drop(&mut self) {
        UNTIL.set(self.0);
    }
}
