//! The node as the web sees it.

use std::sync::Arc;
use std::time::Duration;

use crate::peer::{Carrier, Carrying, Peer, Report};
use crate::replica::node::Node;
use crate::replica::wire::call::Remote;

/// The node, held by what outlives a borrow.
pub struct Link(pub Arc<Node>);

impl Peer for Link {
    fn is_following(&self) -> bool {
        self.0.is_following()
    }

    fn is_connected(&self) -> bool {
        self.0.is_connected()
    }

    fn has_copy(&self) -> bool {
        self.0.has_copy()
    }

    fn primary(&self) -> Arc<dyn Carrier> {
        Arc::new(Way(Arc::clone(&self.0)))
    }

    fn overflow(&self) -> Option<Arc<dyn Carrier>> {
        let helper = self.0.helper()?;
        Some(Arc::new(Helper(helper)))
    }

    fn report(&self) -> Report {
        self.0.report()
    }
}

/// To the primary, whichever that is when it is called.
struct Way(Arc<Node>);

impl Carrier for Way {
    fn carry(&self, head: Vec<u8>, body: Vec<u8>, deadline: Duration) -> Carrying {
        let node = Arc::clone(&self.0);
        Box::pin(async move { node.call(head, body, deadline).await })
    }
}

/// To a standby.
struct Helper(Remote);

impl Carrier for Helper {
    fn carry(&self, head: Vec<u8>, body: Vec<u8>, deadline: Duration) -> Carrying {
        let remote = self.0.clone();
        Box::pin(async move { remote.call(head, body, deadline).await })
    }
}
