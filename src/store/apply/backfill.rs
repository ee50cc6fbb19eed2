//! Copies the copy's WAL back into it on a thread of its own: to do that between two transactions would let readers wait for
//! what the primary shows already.
//!
//! The thread never waits for readers and never lets the WAL begin anew: SQLite does that with the next transaction after all
//! was copied, and whoever applies sees to it that there is such a moment. It must have ended before this node writes by
//! itself, since then a journal has to be synced first.

use std::path::Path;
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};

use crate::error::Result;
use crate::essential::Joined;
use crate::store::checkpoint::die_of_a_sync;
use crate::store::checksum::{Checksums, Copied, Mode, Schema};
use crate::store::{Conn, connection, position};

/// The thread. Dropping it waits for its end.
pub(super) struct Backfill {
    wake: SyncSender<()>,
    done: Arc<Mutex<Option<Copied>>>,
    _thread: Joined,
}

impl Backfill {
    pub(super) fn start(file: &Path, checksums: Arc<Checksums>) -> Result<Self> {
        let work = Work {
            conn: super::attached(file)?,
            reader: connection::open_reader(file)?,
            checksums,
        };
        let done = Arc::new(Mutex::new(None));
        let told = Arc::clone(&done);
        let (wake, woken) = sync_channel(1);
        let run = move || work.run(&woken, &told);
        Ok(Self {
            wake,
            done,
            _thread: Joined::spawn("copy checkpoint", run)?,
        })
    }

    /// Asks for a pass.
    pub(super) fn wake(&self) {
        if let Err(TrySendError::Disconnected(())) = self.wake.try_send(()) {
            tracing::warn!("nobody copies the WAL back");
        }
    }

    /// What the last pass came to, once.
    pub(super) fn done(&self) -> Option<Copied> {
        self.done
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take()
    }
}

struct Work {
    conn: Conn,
    reader: Conn,
    checksums: Arc<Checksums>,
}

impl Work {
    fn run(&self, woken: &Receiver<()>, done: &Mutex<Option<Copied>>) {
        while woken.recv().is_ok() {
            match self.pass() {
                Ok(copied) => {
                    *done.lock().unwrap_or_else(PoisonError::into_inner) = Some(copied);
                }
                Err(error) => {
                    die_of_a_sync(&error);
                    tracing::warn!(%error, "checkpoint of the copy failed; it is tried again later");
                }
            }
        }
    }

    /// Copies what can be copied without waiting for anybody. As in `checkpoint`, a snapshot keeps the WAL from beginning anew.
    fn pass(&self) -> Result<Copied> {
        let bound = connection::Snapshot::begin(&self.reader)?;
        position::read(&bound)?;
        let to = (&self.conn, Schema::Replica);
        self.checksums.checkpoint(&bound, to, Mode::Passive)
    }
}
