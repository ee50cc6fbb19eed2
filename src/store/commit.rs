//! One commit as other nodes need it: the pages that it left behind, what it is called, and what it changed for readers.
//!
//! The words that capture (primary), log, wire and apply (standby) share. No I/O, no SQL.

use std::fmt;

use crate::cache::Stamp;

/// Where a history stands: the epoch of who may write, and the number of the last transaction. Ordered by both.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct Position {
    /// Grows with each promotion.
    pub epoch: u64,
    /// Grows with each commit, never begins anew.
    pub txid: u64,
}

impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.epoch, self.txid)
    }
}

/// What tells one history from another that has the same numbers: a hash over all commits up to one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Chain(pub [u8; 16]);

/// The state of a history after a commit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Point {
    /// Its numbers.
    pub position: Position,
    /// Its hash.
    pub chain: Chain,
}

/// One page of the database.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    /// From 1.
    pub number: u32,
    /// As many bytes as a page has.
    pub data: Box<[u8]>,
}

/// How a page differs from what it was before a commit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delta {
    /// The page's number.
    pub number: u32,
    /// See [`delta`](crate::store::delta).
    pub bytes: Box<[u8]>,
}

/// What a commit changed for readers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Changed {
    /// These.
    Named(Vec<Stamp>),
    /// Not known (the process died between the commit and its record): whatever is kept has to go.
    Everything,
}

/// A place in a WAL file: after which frame of which generation, and the running checksum there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Cursor {
    /// The generation's number in the WAL header.
    pub sequence: u32,
    /// Its salts.
    pub salts: [u32; 2],
    /// Frames before it.
    pub frame: u32,
    /// The checksum of the last of them.
    pub sum: [u32; 2],
}

/// One commit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Commit {
    /// The state after it.
    pub point: Point,
    /// The hash before it.
    pub before: Chain,
    /// When it was made, by the primary's clock, in UTC milliseconds.
    pub wall_ms: i64,
    /// Bytes of a page.
    pub page_size: u32,
    /// Pages of the database after it.
    pub size: u32,
    /// The pages that it wrote, by number, each once, none beyond `size`.
    pub pages: Vec<Page>,
    /// How some of them differ from what they were, by number: those can travel so. None where nobody compared.
    pub deltas: Vec<Delta>,
    /// What it changed for readers.
    pub changed: Changed,
    /// Where its frames end in the WAL of the node that made it; of no meaning elsewhere.
    pub cursor: Cursor,
}

/// Where commits are recorded, in order, so that other nodes can have them.
pub trait Journal: Send + Sync {
    /// The last commit in it, and where that ended in the WAL; `None` when it has none.
    fn end(&self) -> Option<(Point, Cursor)>;

    /// The state after the last commit in it, or that with which it begins when it has none yet.
    fn last(&self) -> Option<Point> {
        self.end().map(|(point, _)| point)
    }

    /// Appends the next commit. It need not be on disk afterwards.
    ///
    /// # Errors
    /// When it cannot be kept.
    fn append(&self, commit: std::sync::Arc<Commit>) -> crate::error::Result<()>;

    /// Brings all that was appended to disk. The WAL may be restarted only after that.
    ///
    /// # Errors
    /// When the disk refuses.
    fn sync(&self) -> crate::error::Result<()>;

    /// Forgets everything: the next commit follows on `point`, which no record leads to.
    ///
    /// # Errors
    /// When the disk refuses.
    fn restart(&self, point: Point) -> crate::error::Result<()>;
}
