//! What other nodes ask of this one over a connection: to hand over, or a visitor's request.

use std::sync::Arc;

use tokio::sync::mpsc;

use super::{Command, PROMOTE, RIVAL};
use crate::error::Error;
use crate::replica::ship::Acks;
use crate::replica::wire::call::{Answer, Handler};

/// Calls of other nodes: some are for the node itself.
pub(super) struct Calls {
    pub(super) commands: mpsc::UnboundedSender<Command>,
    pub(super) acks: Arc<Acks>,
    pub(super) inside: Arc<dyn Handler>,
}

impl Handler for Calls {
    fn call(&self, head: Vec<u8>, body: Vec<u8>) -> Answer {
        let taken = match &*head {
            PROMOTE => self.promote(&body),
            RIVAL => self.rival(body),
            _ => return self.inside.call(head, body),
        };
        Box::pin(async move {
            if taken {
                Ok((Vec::new(), Vec::new()))
            } else {
                Err(Error::Unavailable)
            }
        })
    }
}

impl Calls {
    fn promote(&self, id: &[u8]) -> bool {
        let heir = self.acks.followers().into_iter().find(|one| {
            // Only one that is in sync can take over without a loss.
            one.node.id == *id && one.progress.in_sync
        });
        heir.is_some_and(|heir| {
            let to = heir.node.id;
            self.commands.send(Command::HandOver { to }).is_ok()
        })
    }

    fn rival(&self, address: Vec<u8>) -> bool {
        let address = String::from_utf8(address);
        address.is_ok_and(|address| self.commands.send(Command::Rival { address }).is_ok())
    }
}
