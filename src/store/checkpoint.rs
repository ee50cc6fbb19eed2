//! Copies the WAL back into the database in PASSIVE steps, on a thread and connection of its own, while the writer goes on. The
//! WAL is begun anew by the writer's next transaction, if all of it was copied by then and no reader needs it.
//!
//! While people write all the time that moment never comes by itself: what was committed during a step is left. So when the rest
//! is small the writer waits, between two transactions, until that is copied and synced too. Otherwise the WAL would grow for as
//! long as the load lasts, and each commit would sync the file's new length with its frames. SQLite itself syncs the database
//! only when nothing is left; so that the writer does not wait for all that was copied before, each pass is synced here.
//!
//! A sync that fails ends the process: the system may have dropped what it could not write, and the next sync would succeed. The
//! WAL still has all of it, and the next start copies it from the beginning.
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
//! A reader that stays (a snapshot that is sent) only keeps the WAL longer. When it has become large, readers are waited for
//! a moment, so that those who overlap each other do not keep it for ever; those who come meanwhile need only the file. And
//! should all of this fail, recovery counts: it never takes a WAL for whole that is not.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{SyncSender, sync_channel};
use std::time::Duration;

use rusqlite::ffi;

use crate::error::{Error, Result};
use crate::essential::Joined;
use crate::store::checksum::{self, Checksums, Copied, Mode, Schema};
use crate::store::wal::{self, Captured};
use crate::store::{Conn, connection, position};

/// Pages in the WAL that are not copied yet, from which they are. To copy after every commit would sync three files for each.
const FROM_PAGES: u32 = 2000;
/// Passes in a row: each leaves what was committed meanwhile.
const PASSES: usize = 4;
/// Pages that are copied while the writer waits: what a few commits of many changes leave.
const REST: u32 = 600;
/// Frames from which on readers are waited for too.
const LARGE: u32 = 8000;
/// How long they are: longer than most pages take, shorter than anybody notices.
const PATIENCE: Duration = Duration::from_millis(20);
/// How long they are at the end, when nobody else waits.
const LONG: Duration = Duration::from_secs(5);

enum Wake {
    /// Something was committed.
    Committed,
    /// The same, and nothing is until this was answered: copy the rest.
    Rest(SyncSender<()>),
    /// The site ends: copy everything, then answer.
    Finish(SyncSender<()>),
}

/// The thread. Dropping it waits for its end, so that nothing touches the database file afterwards.
pub struct Checkpointer {
    wake: SyncSender<Wake>,
    /// The rest is small: the writer is to wait for it.
    is_near: Arc<AtomicBool>,
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
        conn.busy_timeout(PATIENCE)?;
        let is_near = Arc::new(AtomicBool::new(false));
        let mut work = Work {
            conn,
            reader,
            captured,
            checksums,
            is_near: Arc::clone(&is_near),
            large: LARGE,
        };
        let (wake, woken) = sync_channel(1);
        let thread = Joined::spawn("checkpoint", move || {
            while let Ok(wake) = woken.recv() {
                let done = match &wake {
                    Wake::Committed => work.step(),
                    Wake::Rest(_) => work.rest(),
                    Wake::Finish(_) => work.finish(),
                };
                if let Err(error) = done {
                    die_of_a_sync(&error);
                    tracing::warn!(
                        detail = error.detail(),
                        "checkpoint failed; it is tried again after the next write"
                    );
                }
                if let Wake::Rest(answer) | Wake::Finish(answer) = wake {
                    // Whoever asked may have gone.
                    let _ = answer.send(());
                }
            }
        })?;
        Ok(Self {
            wake,
            is_near,
            _thread: thread,
        })
    }

    /// What the writer calls after each commit; now and then it waits there. It has to be dropped before the checkpointer.
    pub fn waker(&self) -> impl Fn() + Send + 'static {
        let (wake, is_near) = (self.wake.clone(), Arc::clone(&self.is_near));
        move || {
            if !is_near.swap(false, Ordering::Relaxed) {
                // Full means that it is awake already.
                let _ = wake.try_send(Wake::Committed);
                return;
            }
            let (answer, done) = sync_channel(1);
            if wake.try_send(Wake::Rest(answer)).is_ok() {
                let _ = done.recv();
            } else {
                // It has something else to do first: the next commit asks again.
                is_near.store(true, Ordering::Relaxed);
            }
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
    is_near: Arc<AtomicBool>,
    /// As [`LARGE`]; more while readers stay all the same.
    large: u32,
}

impl Work {
    fn step(&mut self) -> Result<()> {
        let mut left = self.look()?.left();
        if left < FROM_PAGES {
            return Ok(());
        }
        self.is_near.store(false, Ordering::Relaxed);
        for _ in 0..PASSES {
            self.pass()?;
            wal::sync_file(&self.conn)?;
            let now = self.look()?;
            let before = std::mem::replace(&mut left, now.left());
            if left <= REST || now.frames >= self.large {
                self.is_near.store(left > 0, Ordering::Relaxed);
                break;
            }
            if left >= before {
                // A reader needs the rest, or more comes than is copied.
                break;
            }
        }
        Ok(())
    }

    /// How much there is, and how much of it is copied.
    fn look(&mut self) -> Result<Copied> {
        let now = checksum::look(&self.conn, Schema::Main)?;
        if now.frames < LARGE {
            // It has begun anew.
            self.large = LARGE;
        }
        Ok(now)
    }

    /// Copies what is visible now; whether it might.
    fn pass(&self) -> Result<bool> {
        let bound = connection::Snapshot::begin(&self.reader)?;
        let is_recorded = self.is_recorded(&bound)?;
        if is_recorded {
            self.copy(Mode::Passive)?;
        }
        Ok(is_recorded)
    }

    /// Copies what is left. Nothing is written meanwhile.
    fn rest(&mut self) -> Result<()> {
        let now = self.look()?;
        let is_large = now.frames >= self.large;
        if now.left() > 2 * REST && !is_large {
            // The commit after which this is asked was a large one: without the writer then, as usual.
            return Ok(());
        }
        if self.pass()? && is_large {
            // There is nothing left to copy: it only waits for readers. Who stays for minutes is not to hold up the writer each time.
            self.copy(Mode::Restart)?;
            self.large = now.frames.saturating_mul(2);
        }
        Ok(())
    }

    /// Whether all that is visible is in the journal, which is on disk then.
    fn is_recorded(&self, reader: &Conn) -> Result<bool> {
        // The first look of a transaction is what begins its snapshot.
        let visible = position::read(reader)?.position;
        let Some(captured) = &self.captured else {
            return Ok(true);
        };
        if visible > captured.point().position {
            return Ok(false);
        }
        captured.sync()?;
        Ok(true)
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
        self.conn.busy_timeout(LONG)?;
        let done = self.copy(Mode::Truncate);
        self.conn.busy_timeout(PATIENCE)?;
        done
    }
}

/// Ends the process when it was a sync that failed.
pub(super) fn die_of_a_sync(error: &Error) {
    let Error::Store(source) = error else {
        return;
    };
    let code = source.sqlite_error().map(|found| found.extended_code);
    if code == Some(ffi::SQLITE_IOERR_FSYNC) {
        tracing::error!(%source, "the database file could not be brought to disk; ending, so that the WAL is copied anew");
        eprintln!(
            "site: the database file could not be brought to disk ({source}); ending, so that its WAL is copied anew"
        );
        std::process::exit(1);
    }
}
