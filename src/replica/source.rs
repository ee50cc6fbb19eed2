//! What this folder needs from a log: the records that follow on a point, in order, and a place for those that come.
//!
//! A record is one commit as bytes, made once, by the log of the node that wrote it: the same bytes go over the wire and
//! into the logs of others.

use crate::error::Result;
use crate::store::commit::{Journal, Point};

pub use crate::replica::log::Record;

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
    /// The next record; `None` when there is none yet, and then it may be asked again. May block on a disk.
    ///
    /// # Errors
    /// When the disk refuses, or the place has been cleaned up meanwhile.
    fn next(&mut self) -> Result<Option<Record>>;

    /// The next records, up to about so many bytes, none when there are none yet; `None` when it would have to wait.
    ///
    /// # Errors
    /// As [`Next::next`].
    fn kept(&mut self, bytes: usize) -> Result<Option<Vec<Record>>>;
}

/// A log that takes what another node has written.
pub trait Ledger: Journal {
    /// Appends records, which follow on each other and on its end. They need not be on disk afterwards.
    ///
    /// # Errors
    /// When they cannot be kept.
    fn append_records(&self, records: Vec<Record>) -> Result<()>;
}
