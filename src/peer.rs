//! What this node has to do with the others of its site, as far as requests are concerned: the seam between the web, which
//! knows pages, and replication, which knows nodes. Neither knows the other. A site alone has no [`Peer`] at all.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

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

    /// Grows whenever the epoch has changed or the copy was replaced: what was read from the database once has to be read anew.
    fn generation(&self) -> u64;

    /// The node that this one follows.
    fn primary(&self) -> Arc<dyn Carrier>;

    /// A standby that can take reads for which there is no room here.
    fn overflow(&self) -> Option<Arc<dyn Carrier>>;
}
