//! What a closure that writes is handed: the transaction of its batch, and where it leaves what is done with it later.

use std::cell::RefCell;

use rusqlite::Connection;

use crate::cache::Stamp;
use crate::store::raise::Raises;
use crate::time::Timestamp;

/// What a closure asks of the database.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Anything.
    Change,
    /// Nothing about points, ranks and karma but through [`raise`](crate::store::raise): those of a batch are written once.
    Vote,
}

/// A write transaction: a connection to change, the time, the stamps that the change names, and points that votes give.
pub struct Tx<'a> {
    conn: &'a Connection,
    now: Timestamp,
    kind: Kind,
    stamps: RefCell<Vec<Stamp>>,
    pub(in crate::store) raises: RefCell<Raises>,
}

impl<'a> Tx<'a> {
    /// For a closure of this kind, after the votes of its batch that wait.
    pub(super) fn new(conn: &'a Connection, now: Timestamp, kind: Kind, raises: Raises) -> Self {
        Self {
            conn,
            now,
            kind,
            stamps: RefCell::default(),
            raises: RefCell::new(raises),
        }
    }

    /// What it leaves. What a closure that is no vote has given is written already, and what it only looked at it may have
    /// changed since.
    pub(super) fn left(self) -> (Vec<Stamp>, Raises) {
        let raises = match self.kind {
            Kind::Vote => self.raises.into_inner(),
            Kind::Change => Raises::default(),
        };
        (self.stamps.into_inner(), raises)
    }
}

impl Tx<'_> {
    /// The time of this write.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.now
    }

    /// Whether points that are given may be written later.
    pub(in crate::store) fn is_vote(&self) -> bool {
        self.kind == Kind::Vote
    }

    /// Names something that this write changes, so that pages that show it are made anew.
    pub fn stamp(&self, stamp: Stamp) {
        self.stamps.borrow_mut().push(stamp);
    }

    /// As [`Tx::stamp`], for several.
    pub fn stamp_all(&self, stamps: impl IntoIterator<Item = Stamp>) {
        self.stamps.borrow_mut().extend(stamps);
    }
}

impl std::ops::Deref for Tx<'_> {
    type Target = Connection;

    fn deref(&self) -> &Connection {
        self.conn
    }
}
