//! Copies the copy's WAL back into it on a thread of its own: to do that between two transactions would let readers wait for
//! what the primary shows already.
//!
//! The thread never waits for readers and never lets the WAL begin anew: SQLite does that with the next transaction after all
//! was copied, and whoever applies sees to it that there is such a moment. It must have ended before this node writes by
//! itself, since then a journal has to be synced first.

use std::path::Path;
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;

use rusqlite::Connection;

use crate::error::Result;
use crate::essential;

/// How much of the WAL there is, and how much of it was copied, in frames.
#[derive(Debug, Clone, Copy)]
pub(super) struct Copied {
    pub(super) frames: i64,
    pub(super) copied: i64,
}

/// Copies what can be copied without waiting for anybody.
pub(super) fn pass(conn: &Connection) -> rusqlite::Result<Copied> {
    conn.query_row("pragma replica.wal_checkpoint(passive)", [], |row| {
        Ok(Copied {
            frames: row.get(1)?,
            copied: row.get(2)?,
        })
    })
}

/// The thread. Dropping it waits for its end.
pub(super) struct Backfill {
    wake: Option<SyncSender<()>>,
    done: Arc<Mutex<Option<Copied>>>,
    thread: Option<JoinHandle<()>>,
}

impl Backfill {
    pub(super) fn start(file: &Path) -> Result<Self> {
        let conn = super::attached(file)?;
        let done = Arc::new(Mutex::new(None));
        let told = Arc::clone(&done);
        let (wake, woken) = sync_channel(1);
        let run = move || run(&conn, &woken, &told);
        Ok(Self {
            wake: Some(wake),
            done,
            thread: Some(essential::spawn("copy checkpoint", run)?),
        })
    }

    /// Asks for a pass.
    pub(super) fn wake(&self) {
        if let Some(Err(TrySendError::Disconnected(()))) =
            self.wake.as_ref().map(|wake| wake.try_send(()))
        {
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

impl Drop for Backfill {
    fn drop(&mut self) {
        self.wake.take();
        if let Some(thread) = self.thread.take() {
            // A panic of it has ended the process.
            let _ = thread.join();
        }
    }
}

fn run(conn: &Connection, woken: &Receiver<()>, done: &Mutex<Option<Copied>>) {
    while woken.recv().is_ok() {
        match pass(conn) {
            Ok(copied) => {
                *done.lock().unwrap_or_else(PoisonError::into_inner) = Some(copied);
            }
            Err(error) => {
                tracing::warn!(%error, "checkpoint of the copy failed; it is tried again later");
            }
        }
    }
}
