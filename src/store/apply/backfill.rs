//! Copies the copy's WAL back into it on a thread of its own: to do that between two transactions would let readers wait for
//! what the primary shows already.
//!
//! The thread never waits for readers and never lets the WAL begin anew: SQLite does that with the next transaction after all
//! was copied, and whoever applies sees to it that there is such a moment. So that little is left for it then, passes follow each
//! other until that is so, and each is synced here: SQLite itself syncs the file only when nothing is left. The thread must have
//! ended before this node writes by itself, since then a journal has to be synced first.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};

use crate::error::Result;
use crate::essential::Joined;
use crate::store::checkpoint::{PASSES, REST, die_of_a_sync};
use crate::store::checksum::{self, Checksums, Mode, Schema};
use crate::store::{Conn, connection, position, wal};

/// The thread. Dropping it waits for its end.
pub(super) struct Backfill {
    wake: SyncSender<()>,
    done: Arc<AtomicBool>,
    _thread: Joined,
}

impl Backfill {
    pub(super) fn start(file: &Path, checksums: Arc<Checksums>) -> Result<Self> {
        let work = Work {
            conn: super::attached(file)?,
            reader: connection::open_reader(file)?,
            checksums,
        };
        let done = Arc::new(AtomicBool::new(false));
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

    /// Whether it has done what it was asked for; true once.
    pub(super) fn is_done(&self) -> bool {
        self.done.swap(false, Ordering::Relaxed)
    }
}

struct Work {
    conn: Conn,
    reader: Conn,
    checksums: Arc<Checksums>,
}

impl Work {
    fn run(&self, woken: &Receiver<()>, done: &AtomicBool) {
        while woken.recv().is_ok() {
            match self.passes() {
                Ok(()) => done.store(true, Ordering::Relaxed),
                Err(error) => {
                    die_of_a_sync(&error);
                    tracing::warn!(%error, "checkpoint of the copy failed; it is tried again later");
                }
            }
        }
    }

    /// Copies and syncs until little is left, or what is left does not become less.
    fn passes(&self) -> Result<()> {
        let mut left = u32::MAX;
        for _ in 0..PASSES {
            self.pass()?;
            wal::sync_file(&self.reader)?;
            let now = checksum::look(&self.conn, Schema::Replica)?;
            let before = std::mem::replace(&mut left, now.left());
            if left <= REST || left >= before {
                break;
            }
        }
        Ok(())
    }

    /// Copies what can be copied without waiting for anybody. As in `checkpoint`, a snapshot keeps the WAL from beginning anew.
    fn pass(&self) -> Result<()> {
        let bound = self.reader.unchecked_transaction()?;
        position::read(&bound)?;
        let to = (&self.conn, Schema::Replica);
        let done = self.checksums.checkpoint(&bound, to, Mode::Passive);
        bound.finish()?;
        done.map(drop)
    }
}
