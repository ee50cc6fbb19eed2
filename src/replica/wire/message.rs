//! What nodes say to each other, and how it is written. Pure; hostile bytes give an error, never a panic or much memory.
//!
//! A byte says which message it is, its fields follow. The first message of each side (`Hello`; `Welcome` or `Refused`)
//! may grow at its end: what an older program does not know there it leaves unread. All others are exact.

mod code;

use crate::replica::wire::pack::Packed;
use crate::store::commit::Point;

/// The protocol that this program speaks, oldest and newest.
///
/// 2: commits are the records of the primary's log, pages of snapshots are compressed. 3: of most pages of a commit, only what changed.
pub const PROTOCOL: (u32, u32) = (3, 4);

/// From this one on a standby heeds [`Reason::HandedOver`] as the answer to its greeting.
pub const INHERITS: u32 = 4;

/// The kind of [`Message::Commit`], whose record follows right behind.
pub const COMMIT: u8 = 4;

/// Who a node is, as it tells the other.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Node {
    /// The data directory's own number.
    pub id: [u8; 16],
    /// A number of this process, so that its next connection may take the place of a dead one.
    pub instance: u64,
    /// The history that it holds; `None` when it holds none yet.
    pub cluster: Option<String>,
    /// The version number of its SQLite.
    pub sqlite: u32,
    /// The version of its schema.
    pub schema: u32,
    /// Bytes of a page.
    pub page_size: u32,
    /// The program's version, for people.
    pub version: String,
    /// Where others reach it, for people and for redirects.
    pub address: String,
}

/// What a standby asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wants {
    /// What follows on its last commit.
    Rest,
    /// Everything: what it holds cannot be gone on with.
    Snapshot,
}

/// The first words of a standby.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hello {
    /// Oldest and newest protocol that it speaks.
    pub protocol: (u32, u32),
    /// Who it is.
    pub node: Node,
    /// The highest epoch that it has heard of.
    pub epoch: u64,
    /// The last commit in its log.
    pub point: Point,
    /// What it asks for.
    pub wants: Wants,
}

/// What a standby gets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum What {
    /// All commits after this one, which is the standby's own.
    Resume {
        /// It.
        from: Point,
    },
    /// The whole database.
    Snapshot {
        /// For the log.
        why: Why,
    },
}

/// Why a standby gets everything.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Why {
    /// It holds nothing yet.
    Fresh,
    /// It asked for that.
    Asked,
    /// What it needs is not in the log any more.
    Gone,
    /// Its history is another one.
    Diverged,
    /// It has commits that this primary lacks, which has lost them.
    Ahead,
}

/// The answer of a primary that takes a standby.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Welcome {
    /// The protocol that is spoken from here.
    pub protocol: u32,
    /// Who it is.
    pub node: Node,
    /// Its epoch.
    pub epoch: u64,
    /// Its last commit.
    pub head: Point,
    /// What comes.
    pub what: What,
}

/// Why a primary does not take a standby.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refusal {
    /// It belongs to another site.
    Cluster,
    /// It is this node.
    Itself,
    /// Another process with the same node's number is connected: a data directory was copied.
    SameNode,
    /// The node that answers was a primary until this epoch.
    Fenced {
        /// The higher epoch that exists.
        epoch: u64,
    },
    /// No protocol is spoken by both.
    Version {
        /// What is spoken here.
        protocol: (u32, u32),
    },
    /// Its pages have another size.
    PageSize {
        /// The size here.
        page_size: u32,
    },
    /// The node that answers is no primary.
    NotPrimary {
        /// Where one is.
        primary: Option<String>,
    },
    /// Something that this program does not know.
    Unknown(u8),
}

/// Why a channel is ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reason {
    /// The program stops.
    Stopping,
    /// Something went wrong, as a person should read it.
    Failed(String),
    /// The other node is of an epoch that is over.
    Fenced {
        /// The higher epoch.
        epoch: u64,
    },
    /// The standby that said it is ready is the primary of this epoch from now on.
    HandedOver {
        /// It.
        epoch: u64,
    },
}

/// A sign of life.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Heartbeat {
    /// The highest epoch that the sender has heard of.
    pub epoch: u64,
    /// Its last commit: written (primary), or in its log (standby).
    pub head: Point,
    /// The last transaction that the standby has in its log (primary), or has applied (standby).
    pub acked: u64,
    /// Its wall clock, for people.
    pub wall_ms: i64,
    /// Whether the primary counts on the standby.
    pub in_sync: bool,
}

/// What a snapshot is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Begin {
    /// The commit after which it was read.
    pub point: Point,
    /// Pages of the database.
    pub size: u32,
    /// Bytes of a page.
    pub page_size: u32,
    /// Bytes of all pages that come.
    pub bytes: u64,
}

/// One message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Message {
    /// From a standby, first.
    Hello(Hello),
    /// To a standby, first.
    Welcome(Welcome),
    /// To a standby, first and last.
    Refused {
        /// For the program.
        refusal: Refusal,
        /// For people.
        text: String,
    },
    /// The record of a commit.
    Commit(Vec<u8>),
    /// From a standby; each is about all before it too.
    Ack {
        /// The last commit in its log on its disk.
        received: Point,
        /// The last transaction in its database.
        applied: u64,
    },
    /// Some times a second, from both.
    Heartbeat(Heartbeat),
    /// A snapshot begins.
    SnapshotBegin(Begin),
    /// The next pages of it, ascending.
    SnapshotPages(Packed),
    /// All pages have come.
    SnapshotEnd {
        /// The [`Sum`](super::Sum) of them.
        hash: [u8; 32],
    },
    /// From a standby: as many bytes of the snapshot are written.
    SnapshotAck {
        /// Since its beginning.
        bytes: u64,
    },
    /// A call of the other node. Ids are the caller's own.
    Request {
        /// Which call.
        id: u64,
        /// Not looked at here.
        head: Vec<u8>,
        /// Not looked at here.
        body: Vec<u8>,
    },
    /// The answer to a call.
    Response {
        /// The caller's id.
        id: u64,
        /// Not looked at here.
        head: Vec<u8>,
        /// Not looked at here.
        body: Vec<u8>,
    },
    /// From the caller: the answer is not needed any more.
    Cancel {
        /// Its own id.
        id: u64,
    },
    /// To the caller: there will be no answer, nothing was done as far as is known here.
    Declined {
        /// The caller's id.
        id: u64,
    },
    /// From a primary that writes nothing more: say when you have it all.
    Handoff {
        /// The epoch that the standby is to begin.
        epoch: u64,
    },
    /// From a standby that has applied all before the [`Message::Handoff`].
    HandoffReady {
        /// Where it stands.
        point: Point,
    },
    /// The channel ends.
    Bye(Reason),
}

#[cfg(test)]
mod tests;
