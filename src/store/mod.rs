//! The only SQL. One writer, many readers, one database file in one data directory.
//!
//! Reads take `&Conn`, writes take `&Tx`: the type says who may change something. Counters and ranks are recomputed in
//! SQL inside the writing transaction. Functions here answer with values of `domain`; nothing above sees a row.

pub mod account;
pub mod comment;
pub mod connection;
pub mod datadir;
pub mod deadline;
pub mod demo;
pub mod domain_ban;
pub mod find;
pub mod import;
pub mod inbox;
pub mod invite;
pub mod kept;
pub mod list;
pub mod migrate;
pub mod modlog;
pub mod profile;
pub mod rank;
pub mod scan;
pub mod search;
pub mod secret;
pub mod sequence;
pub mod session;
pub mod setting;
pub mod sitemap;
pub mod story;
pub mod submission;
pub mod tag;
pub mod talk;
pub mod token;
pub mod user;
pub mod vote;
pub mod writer;

use std::path::Path;
use std::sync::Arc;
use std::sync::mpsc::{SyncSender, sync_channel};
use std::time::Duration;

use tokio::sync::oneshot;

use crate::cache::Stamps;
use crate::error::{Error, Result};
use crate::time::Clock;

pub use datadir::DataDir;
pub use writer::{Tx, Writer};

/// A connection to read from; inside [`Store::read`] it is one snapshot.
pub type Conn = rusqlite::Connection;

/// WAL size, in pages, from which the checkpointer copies pages back.
const CHECKPOINT_PAGES: i64 = 1000;

/// The open database.
pub struct Store {
    writer: Writer,
    readers: r2d2::Pool<connection::ReaderManager>,
    stamps: Arc<Stamps>,
    clock: Clock,
    // Last, so that the lock is given back only after everything else has closed.
    dir: DataDir,
}

impl Store {
    /// Opens (or makes) the database of `dir`, migrates it, and starts its writer.
    ///
    /// # Errors
    /// As [`DataDir::open`] and [`migrate::run`]; [`Error::Store`] when SQLite fails.
    pub fn open(dir: &Path, clock: Clock, readers: u32) -> Result<Self> {
        let dir = DataDir::open(dir)?;
        let conn = connection::open_writer(&dir.database())?;
        connection::check_library(&conn)?;
        migrate::run(&conn)?;
        let txid: i64 = conn.query_row("select txid from position", [], |row| row.get(0))?;
        let stamps = Arc::new(Stamps::new(txid.cast_unsigned()));
        let wake = start_checkpointer(connection::open_writer(&dir.database())?)?;
        let writer = Writer::start(conn, Arc::clone(&stamps), clock.clone(), move || {
            // Full means that it is awake already.
            let _ = wake.try_send(());
        })?;
        let readers = r2d2::Pool::builder()
            .max_size(readers)
            .min_idle(Some(1))
            .test_on_check_out(false)
            .connection_timeout(Duration::from_secs(5))
            .build(connection::ReaderManager::new(dir.database()))
            .map_err(|error| Error::Internal(error.to_string()))?;
        Ok(Self {
            writer,
            readers,
            stamps,
            clock,
            dir,
        })
    }

    /// Runs `read` on one snapshot of the database. Blocks: call it on a worker thread.
    ///
    /// # Errors
    /// What `read` answers, or [`Error::Busy`] when no connection came free.
    pub fn read<T>(&self, read: impl FnOnce(&Conn) -> Result<T>) -> Result<T> {
        let conn = self.readers.get().map_err(|error| {
            tracing::warn!(%error, "no reading connection came free");
            Error::Busy
        })?;
        // The transaction is read-only; dropping it (also by a panic) ends the snapshot.
        let snapshot = conn.unchecked_transaction()?;
        let result = read(&snapshot);
        snapshot.finish()?;
        result
    }

    /// Queues `change` for the writer; see [`Writer::send`].
    ///
    /// # Errors
    /// What `change` answers, [`Error::Busy`] at once when too many wait, [`Error::Unavailable`] when nothing was saved.
    pub async fn write<T, F>(&self, change: F) -> Result<T>
    where
        T: Send + 'static,
        F: FnOnce(&Tx) -> Result<T> + Send + 'static,
    {
        let (send, result) = oneshot::channel();
        // The person may have gone meanwhile; the write stands all the same.
        self.writer.send(change, |result| drop(send.send(result)))?;
        result.await.unwrap_or(Err(Error::Unavailable))
    }

    /// [`Store::write`] for callers on a thread of their own (commands, tests).
    ///
    /// # Errors
    /// As [`Store::write`].
    pub fn write_blocking<T, F>(&self, change: F) -> Result<T>
    where
        T: Send + 'static,
        F: FnOnce(&Tx) -> Result<T> + Send + 'static,
    {
        let (send, result) = sync_channel(1);
        self.writer
            .send(change, move |result| drop(send.send(result)))?;
        result.recv().unwrap_or(Err(Error::Unavailable))
    }

    /// The stamps of this database's writes.
    #[must_use]
    pub fn stamps(&self) -> &Stamps {
        &self.stamps
    }

    /// The clock that writes use.
    #[must_use]
    pub fn clock(&self) -> &Clock {
        &self.clock
    }

    /// The data directory.
    #[must_use]
    pub fn dir(&self) -> &Path {
        self.dir.path()
    }
}

/// Copies the WAL back into the database in PASSIVE steps on a thread of its own, so that the writer never waits for it.
/// The WAL is restarted by the writer's next transaction once all of it was copied and no reader needs it.
fn start_checkpointer(conn: Conn) -> Result<SyncSender<()>> {
    let (wake, woken) = sync_channel::<()>(1);
    std::thread::Builder::new()
        .name("checkpoint".into())
        .spawn(move || {
            while woken.recv().is_ok() {
                if let Err(error) = checkpoint(&conn) {
                    tracing::warn!(%error, "checkpoint failed; it is tried again after the next write");
                }
            }
        })?;
    Ok(wake)
}

fn checkpoint(conn: &Conn) -> rusqlite::Result<()> {
    // NOOP tells the size without doing anything (SQLite 3.51).
    let pages: i64 = conn.query_row("pragma wal_checkpoint(noop)", [], |row| row.get(1))?;
    if pages >= CHECKPOINT_PAGES {
        conn.query_row("pragma wal_checkpoint(passive)", [], |_| Ok(()))?;
    }
    Ok(())
}
