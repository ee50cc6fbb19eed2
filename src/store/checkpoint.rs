//! Copies the WAL back into the database in PASSIVE steps, on a thread and connection of its own, so that the writer never
//! waits for it. The WAL is restarted by the writer's next transaction once all of it was copied and no reader needs it.
//!
//! While there is something to copy, a reading transaction begins on a connection of its own. It stands at some commit n, and,
//! since not all was copied, it reads from the WAL: SQLite copies nothing beyond n, and the WAL does not begin anew, while it
//! lives. So whoever looks which pages are copied (`checksum`) finds them all.
//!
//! # With a journal
//! The WAL is the journal's safety net: what the journal has not synced yet can be read from it after a crash. So no frame may
//! be copied back (and then overwritten) before the journal is synced up to it:
//! 1. n may be visible already and not captured yet. Then this step is left out; the writer wakes us again after it.
//! 2. Otherwise all up to n is in the journal, and is synced. Only then frames are copied: at most those up to n.
//! 3. The transaction ends. The WAL begins anew only when all its frames were copied, so all of them were synced.
//!
//! A reader that stays (a snapshot that is sent) only keeps the WAL longer. And should all of this fail, recovery counts:
//! it never takes a WAL for whole that is not.

use std::sync::mpsc::{SyncSender, sync_channel};

use std::sync::Arc;

use crate::error::Result;
use crate::essential::Joined;
use crate::store::checksum::{self, Checksums, Mode, Schema};
use crate::store::wal::Captured;
use crate::store::{Conn, position};

/// Pages in the WAL that are not copied yet, from which they are. To copy after every commit would sync three files for each.
const FROM_PAGES: u32 = 2000;
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
    wake: SyncSender<Wake>,
    _thread: Joined,
}

impl Checkpointer {
    /// Starts the thread; `reader` is a reading connection of its own. With a journal this is what it has `captured`.
    ///
    /// # Errors
    /// When the system refuses a thread.
    pub(super) fn start(
        (conn, reader): (Conn, Conn),
        captured: Option<Arc<Captured>>,
        checksums: Arc<Checksums>,
    ) -> Result<Self> {
        let work = Work {
            conn,
            reader,
            captured,
            checksums,
        };
        let (wake, woken) = sync_channel(1);
        let thread = Joined::spawn("checkpoint", move || {
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
            wake,
            _thread: thread,
        })
    }

    /// What to call after each commit. It has to be dropped before the checkpointer.
    pub fn waker(&self) -> impl Fn() + Send + 'static {
        let wake = self.wake.clone();
        move || {
            // Full means that it is awake already.
            let _ = wake.try_send(Wake::Committed);
        }
    }

    /// Copies the whole WAL back and empties it. Blocks; call it when nothing is written any more: to a journal a write after
    /// this looks like one after somebody else's.
    pub fn finish(&self) {
        let (answer, done) = sync_channel(1);
        if self.wake.send(Wake::Finish(answer)).is_ok() {
            // An error means that the thread is gone, and the WAL stays: it is read at the next start.
            let _ = done.recv();
        }
    }
}

struct Work {
    conn: Conn,
    reader: Conn,
    captured: Option<Arc<Captured>>,
    checksums: Arc<Checksums>,
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
    fn left(&self) -> Result<u32> {
        Ok(checksum::look(&self.conn, Schema::Main)?.left())
    }

    fn pass(&self) -> Result<()> {
        let bound = self.reader.unchecked_transaction()?;
        // The first look is what begins the snapshot.
        let visible = position::read(&bound)?.position;
        match &self.captured {
            Some(captured) if visible > captured.point().position => {}
            Some(captured) => {
                captured.sync()?;
                self.copy(Mode::Passive)?;
            }
            None => self.copy(Mode::Passive)?,
        }
        Ok(bound.finish()?)
    }

    fn copy(&self, mode: Mode) -> Result<()> {
        let to = (&self.conn, Schema::Main);
        self.checksums.checkpoint(&self.reader, to, mode).map(drop)
    }

    /// Nothing is written any more, so that what is synced now is all.
    fn finish(&self) -> Result<()> {
        if let Some(captured) = &self.captured {
            captured.sync()?;
        }
        // It has to have read, so that it has the WAL open.
        position::read(&self.reader)?;
        self.copy(Mode::Truncate)
    }
}
