//! What this folder needs from a log: the commits that follow on a point, in order.

use std::sync::Arc;

use crate::error::Result;
use crate::store::commit::{Commit, Point};

/// A log that is read.
pub trait Source: Send + Sync {
    /// Looks for what follows on `point`. May block on a disk.
    ///
    /// # Errors
    /// When the disk refuses: that says nothing about the point.
    fn after(&self, point: Point) -> Result<Found>;
}

/// What a log has after a point.
pub enum Found {
    /// The point is in its history; these come after it.
    Follows(Box<dyn Next>),
    /// It has no record of the point any more, or not yet.
    Gone,
    /// It has other commits at that place.
    Diverged,
}

/// A place in a log.
pub trait Next: Send {
    /// The next commit; `None` when there is none yet, and then it may be asked again. May block on a disk.
    ///
    /// # Errors
    /// When the disk refuses, or the place has been cleaned up meanwhile.
    fn next(&mut self) -> Result<Option<Arc<Commit>>>;
}

/// How commits are written as bytes; the log's own way, so that nothing is written twice.
#[derive(Clone, Copy)]
pub struct Records {
    /// Writes one.
    pub encode: fn(&Commit) -> Vec<u8>,
    /// Reads one, which may have any bytes.
    pub decode: fn(&[u8]) -> Result<Commit>,
}

/// About how many bytes a commit needs in memory.
#[must_use]
pub fn weight(commit: &Commit) -> usize {
    // What a commit has besides pages is a small part of one.
    commit
        .pages
        .len()
        .saturating_mul(commit.page_size as usize)
        .saturating_add(256)
}
