//! What this node has to do with the others of its site, as far as requests are concerned: the seam between the web, which
//! knows pages, and replication, which knows nodes. Neither knows the other. A site alone has no [`Peer`] at all.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::error::Result;

/// A request or an answer on its way between two nodes: what is said about it, and its body.
pub type Parcel = (Vec<u8>, Vec<u8>);

/// An answer that is on its way.
pub type Carrying = Pin<Box<dyn Future<Output = Result<Parcel>> + Send>>;

/// A way to another node, which answers requests there.
pub trait Carrier: Send + Sync {
    /// Has a request answered there. An error says that no answer came; the request may have been carried out all the same.
    fn carry(&self, head: Vec<u8>, body: Vec<u8>, deadline: Duration) -> Carrying;
}

/// What the web has to know of the other nodes.
pub trait Peer: Send + Sync {
    /// Whether this node follows another and writes nothing itself.
    fn is_following(&self) -> bool;

    /// Whether the node that this one follows can be reached now.
    fn is_connected(&self) -> bool;

    /// Whether there is a copy of the site here; a new standby has none at first.
    fn has_copy(&self) -> bool;

    /// The node that this one follows.
    fn primary(&self) -> Arc<dyn Carrier>;

    /// A standby that can take reads for which there is no room here.
    fn overflow(&self) -> Option<Arc<dyn Carrier>>;

    /// How this node and those that it knows are. At hand: nothing is read or waited for.
    fn report(&self) -> Report;
}

/// How a node is, for people and machines that look after it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Report {
    /// Its number, in hexadecimal digits.
    pub node: String,
    /// `primary` or `standby`.
    pub role: String,
    /// The epoch of its history.
    pub epoch: u64,
    /// The last transaction in its database.
    pub txid: u64,
    /// What answers wait for: `async`, `wait`, `require`.
    pub mode: String,
    /// Whether another node has everything that was answered, as far as is known here.
    pub in_sync: bool,
    /// Bytes of its log.
    pub log_bytes: u64,
    /// Those who follow it.
    pub standbys: Vec<Standby>,
    /// Whom it follows.
    pub primary: Option<Primary>,
}

/// A standby as its primary sees it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Standby {
    /// Its number.
    pub node: String,
    /// Where it is reached.
    pub address: String,
    /// Its program.
    pub version: String,
    /// The last transaction in its log, on its disk.
    pub received: u64,
    /// The last transaction in its database.
    pub applied: u64,
    /// Transactions that it does not show yet.
    pub behind: u64,
    /// Whether it is counted on.
    pub in_sync: bool,
}

/// The primary as a standby sees it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Primary {
    /// Where it is reached.
    pub address: String,
    /// Whether there is a connection that it took.
    pub connected: bool,
    /// Milliseconds since its last sign of life; `None` when there was none.
    pub silent_ms: Option<u64>,
    /// Transactions that are not shown here yet.
    pub behind: u64,
    /// Milliseconds since all that is shown there was shown here too, as far as is known: 0 while it is, and at most this while
    /// nothing is heard of the primary.
    pub lag_ms: u64,
    /// Why there is no connection.
    pub trouble: Option<String>,
}
