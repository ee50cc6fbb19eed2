//! What other nodes ask of this one over a connection: to hand over, to tell a third node whose the epoch is, or a visitor's request.

use std::sync::Arc;

use tokio::sync::{mpsc, oneshot};

use super::{Command, PROMOTE, RIVAL};
use crate::error::{Error, Result};
use crate::replica::ship::Acks;
use crate::replica::wire::call::{Answer, Handler, Parts};

/// Calls of other nodes: some are for the node itself.
pub(super) struct Calls {
    pub(super) commands: mpsc::UnboundedSender<Command>,
    pub(super) acks: Arc<Acks>,
    pub(super) inside: Arc<dyn Handler>,
}

impl Handler for Calls {
    fn call(&self, head: Vec<u8>, body: Vec<u8>) -> Answer {
        match &*head {
            PROMOTE => {
                let taken = self.promote(&body);
                Box::pin(async move { answer(taken) })
            }
            RIVAL => {
                let taken = self.rival(body);
                Box::pin(async move { answer(taken.await.is_ok()) })
            }
            _ => self.inside.call(head, body),
        }
    }
}

fn answer(is_taken: bool) -> Result<Parts> {
    if is_taken {
        Ok((Vec::new(), Vec::new()))
    } else {
        Err(Error::Unavailable)
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

    /// Hears when the primary has taken it on itself; never, when it is none.
    fn rival(&self, address: Vec<u8>) -> oneshot::Receiver<()> {
        let (taken, hears) = oneshot::channel();
        if let Ok(address) = String::from_utf8(address) {
            // Otherwise the site ends.
            let _ = self.commands.send(Command::Rival { address, taken });
        }
        hears
    }
}
