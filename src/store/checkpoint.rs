//! Copies the WAL back into the database in PASSIVE steps, on a thread and connection of its own, so that the writer never
//! waits for it. The WAL is restarted by the writer's next transaction once all of it was copied and no reader needs it.

use std::sync::mpsc::{SyncSender, sync_channel};
use std::thread::JoinHandle;

use crate::error::Result;
use crate::essential;
use crate::store::Conn;

/// WAL size, in pages, from which pages are copied back.
const FROM_PAGES: i64 = 1000;

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
        let (wake, woken) = sync_channel(1);
        let thread = essential::spawn("checkpoint", move || {
            while let Ok(wake) = woken.recv() {
                let done = match &wake {
                    Wake::Committed => step(&conn),
                    Wake::Finish(_) => finish(&conn),
                };
                if let Err(error) = done {
                    tracing::warn!(%error, "checkpoint failed; it is tried again after the next write");
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

    /// Copies the whole WAL back and empties it. Blocks; call it when nothing is written any more.
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

fn step(conn: &Conn) -> rusqlite::Result<()> {
    // NOOP tells the size without doing anything (SQLite 3.51).
    let pages: i64 = conn.query_row("pragma wal_checkpoint(noop)", [], |row| row.get(1))?;
    if pages >= FROM_PAGES {
        conn.query_row("pragma wal_checkpoint(passive)", [], |_| Ok(()))?;
    }
    Ok(())
}

fn finish(conn: &Conn) -> rusqlite::Result<()> {
    conn.query_row("pragma wal_checkpoint(truncate)", [], |_| Ok(()))
}
