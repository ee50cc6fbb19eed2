//! Copies the WAL back into the database in PASSIVE steps, on a thread and connection of its own, so that the writer never
//! waits for it. The WAL is restarted by the writer's next transaction once all of it was copied and no reader needs it.
//!
//! # With a journal
//! The WAL is the journal's safety net: what the journal has not synced yet can be read from it after a crash. So no frame may
//! be copied back (and then overwritten) before the journal is synced up to it:
//! 1. While there is something to copy, a reading transaction begins on a connection of its own. It stands at some commit n,
//!    and, since not all was copied, it reads from the WAL: SQLite copies nothing beyond n while it lives.
//! 2. n may be visible already and not captured yet. Then this step is left out; the writer wakes us again after it.
//! 3. Otherwise all up to n is in the journal, and is synced. Only then frames are copied: at most those up to n.
//! 4. The transaction ends. The WAL begins anew only when all its frames were copied, so all of them were synced.
//!
//! A reader that stays (a snapshot that is sent) only keeps the WAL longer. And should all of this fail, recovery counts:
//! it never takes a WAL for whole that is not.

use std::sync::mpsc::{SyncSender, sync_channel};
use std::thread::JoinHandle;

use std::sync::Arc;

use crate::error::Result;
use crate::essential;
use crate::store::wal::Captured;
use crate::store::{Conn, position};

/// Pages in the WAL that are not copied yet, from which they are. To copy after every commit would sync three files for each.
const FROM_PAGES: i64 = 2000;
/// Passes in a row: the last ones have little left to copy, so that one of them ends between two commits with nothing left,
/// and the WAL begins anew.
const PASSES: usize = 4;

enum Wake {
    /// Something was committed.
    Committed,
    /// The site ends: copy everything, then answer.
    Finish(SyncSender<()>),
}

/// The thread. Dropping it waits for its end, so that nothing touches the database file afterwards.
pub struct Checkpointer {
    wake: Option<SyncSender<Wake>>,
    thread: Option<JoinHandle<()>>,
}

impl Checkpointer {
    /// Starts the thread.
    ///
    /// # Errors
    /// When the system refuses a thread.
    pub fn start(conn: Conn) -> Result<Self> {
        Self::start_with(Work { conn, safety: None })
    }

    /// Starts the thread for a database with a journal; `reader` is a reading connection of its own.
    ///
    /// # Errors
    /// When the system refuses a thread.
    pub fn start_safely(conn: Conn, reader: Conn, captured: Arc<Captured>) -> Result<Self> {
        Self::start_with(Work {
            conn,
            safety: Some((reader, captured)),
        })
    }

    fn start_with(work: Work) -> Result<Self> {
        let (wake, woken) = sync_channel(1);
        let thread = essential::spawn("checkpoint", move || {
            while let Ok(wake) = woken.recv() {
                let done = match &wake {
                    Wake::Committed => work.step(),
                    Wake::Finish(_) => work.finish(),
                };
                if let Err(error) = done {
                    tracing::warn!(
                        detail = error.detail(),
                        "checkpoint failed; it is tried again after the next write"
                    );
                }
                if let Wake::Finish(answer) = wake {
                    // Whoever asked may have gone.
                    let _ = answer.send(());
                }
            }
        })?;
        Ok(Self {
            wake: Some(wake),
            thread: Some(thread),
        })
    }

    /// What to call after each commit. It has to be dropped before the checkpointer.
    pub fn waker(&self) -> impl Fn() + Send + 'static {
        let wake = self.wake.clone();
        move || {
            // Full means that it is awake already.
            let _ = wake.as_ref().map(|wake| wake.try_send(Wake::Committed));
        }
    }

    /// Copies the whole WAL back and empties it. Blocks; call it when nothing is written any more: to a journal a write after
    /// this looks like one after somebody else's.
    pub fn finish(&self) {
        let (answer, done) = sync_channel(1);
        let sent = self
            .wake
            .as_ref()
            .is_some_and(|wake| wake.send(Wake::Finish(answer)).is_ok());
        if sent {
            // An error means that the thread is gone, and the WAL stays: it is read at the next start.
            let _ = done.recv();
        }
    }
}

impl Drop for Checkpointer {
    fn drop(&mut self) {
        self.wake.take();
        if let Some(thread) = self.thread.take() {
            // A panic of the thread has ended the process already.
            let _ = thread.join();
        }
    }
}

struct Work {
    conn: Conn,
    safety: Option<(Conn, Arc<Captured>)>,
}

impl Work {
    fn step(&self) -> Result<()> {
        if self.left()? < FROM_PAGES {
            return Ok(());
        }
        for _ in 0..PASSES {
            let before = self.left()?;
            if before == 0 {
                break;
            }
            self.pass()?;
            if self.left()? >= before {
                // A reader needs the rest, or more comes than is copied.
                break;
            }
        }
        Ok(())
    }

    /// Pages that are not copied yet.
    fn left(&self) -> Result<i64> {
        // NOOP tells the sizes without doing anything (SQLite 3.51).
        let sql = "pragma wal_checkpoint(noop)";
        let left = |row: &rusqlite::Row| Ok(row.get::<_, i64>(1)? - row.get::<_, i64>(2)?);
        Ok(self.conn.query_row(sql, [], left)?)
    }

    fn pass(&self) -> Result<()> {
        let Some((reader, captured)) = &self.safety else {
            return self.copy();
        };
        let bound = reader.unchecked_transaction()?;
        // The first look is what begins the snapshot.
        let visible = position::read(&bound)?.position;
        if visible <= captured.point().position {
            captured.sync()?;
            self.copy()?;
        }
        Ok(bound.finish()?)
    }

    fn copy(&self) -> Result<()> {
        Ok(self
            .conn
            .query_row("pragma wal_checkpoint(passive)", [], |_| Ok(()))?)
    }

    /// Nothing is written any more, so that what is synced now is all.
    fn finish(&self) -> Result<()> {
        if let Some((_, captured)) = &self.safety {
            captured.sync()?;
        }
        Ok(self
            .conn
            .query_row("pragma wal_checkpoint(truncate)", [], |_| Ok(()))?)
    }
}
