//! Copies the copy's WAL back into it on a thread of its own: to do that between two transactions would let readers wait for
//! what the primary shows already.
//!
//! The thread never waits for readers and never lets the WAL begin anew: SQLite does that with the next transaction after all
//! was copied, and whoever applies sees to it that there is such a moment. It must have ended before this node writes by
//! itself, since then a journal has to be synced first.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};

use crate::error::Result;
use crate::essential::Joined;
use crate::priority::Priority;
use crate::store::checkpoint::die_of_a_sync;
use crate::store::checksum::{self, Checksums, Mode, Schema};
use crate::store::{Conn, connection, position, wal};

/// Passes in a row: each leaves what was applied meanwhile.
const PASSES: usize = 4;

/// The thread. Dropping it waits for its end.
pub(super) struct Backfill {
    wake: SyncSender<()>,
    /// It has something to do: nobody else is to copy or to wait for readers meanwhile, of whom it is one.
    is_asked: bool,
    has_come: Arc<AtomicBool>,
    _thread: Joined,
}

impl Backfill {
    pub(super) fn start(file: &Path, checksums: Arc<Checksums>) -> Result<Self> {
        let work = Work {
            conn: super::attached(file)?,
            reader: connection::open_reader(file)?,
            checksums,
        };
        let has_come = Arc::new(AtomicBool::new(false));
        let told = Arc::clone(&has_come);
        let (wake, woken) = sync_channel(1);
        let run = move || work.run(&woken, &told);
        Ok(Self {
            wake,
            is_asked: false,
            has_come,
            _thread: Joined::spawn("copy checkpoint", run)?,
        })
    }

    /// Asks it to copy, unless it is at it.
    pub(super) fn wake(&mut self) {
        if !std::mem::replace(&mut self.is_asked, true) && self.wake.send(()).is_err() {
            tracing::warn!("nobody copies the WAL back");
        }
    }

    /// Whether it has done what it was asked for, since this was asked last.
    pub(super) fn has_come(&mut self) -> bool {
        let has_come = self.has_come.swap(false, Ordering::Relaxed);
        self.is_asked &= !has_come;
        has_come
    }
}

struct Work {
    conn: Conn,
    reader: Conn,
    checksums: Arc<Checksums>,
}

impl Work {
    fn run(&self, woken: &Receiver<()>, has_come: &AtomicBool) {
        Priority::Copies.take();
        while woken.recv().is_ok() {
            if let Err(error) = self.step() {
                die_of_a_sync(&error);
                tracing::warn!(%error, "checkpoint of the copy failed; it is tried again later");
            }
            has_come.store(true, Ordering::Relaxed);
        }
    }

    /// Copies until little is left, or no less than before. What was copied is synced here, so that whoever applies syncs little;
    /// where nothing is left SQLite has done so.
    fn step(&self) -> Result<()> {
        let mut before = u32::MAX;
        for _ in 0..PASSES {
            self.pass()?;
            let left = checksum::look(&self.conn, Schema::Replica)?.left();
            if left > 0 {
                wal::sync_file(&self.reader)?;
            }
            if left < super::FEW / 2 || left >= before {
                break;
            }
            before = left;
        }
        Ok(())
    }

    /// Copies what can be copied without waiting for anybody. As in `checkpoint`, a snapshot keeps the WAL from beginning anew.
    fn pass(&self) -> Result<()> {
        let bound = connection::Snapshot::begin(&self.reader)?;
        position::read(&bound)?;
        let to = (&self.conn, Schema::Replica);
        self.checksums
            .checkpoint(&bound, to, Mode::Passive)
            .map(drop)
    }
}
