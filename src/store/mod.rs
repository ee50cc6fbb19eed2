//! The only SQL. One writer, many readers, one database file in one data directory.
//!
//! Reads take `&Conn`, writes take `&Tx`: the type says who may change something. Counters and ranks are recomputed in
//! SQL inside the writing transaction. Functions here answer with values of `domain`; nothing above sees a row.

pub mod account;
pub mod approval;
pub mod ban;
pub mod checkpoint;
pub mod comment;
pub mod commit;
pub mod connection;
pub mod datadir;
pub mod deadline;
pub mod demo;
pub mod domain_ban;
pub mod find;
pub mod flag;
pub mod import;
pub mod inbox;
pub mod inspect;
pub mod invite;
pub mod kept;
pub mod list;
pub mod mark;
pub mod migrate;
pub mod moderation;
pub mod modlog;
pub mod profile;
pub mod rank;
pub mod role;
pub mod scan;
pub mod search;
pub mod secret;
pub mod sequence;
pub mod session;
pub mod setting;
pub mod setup;
pub mod sitemap;
pub mod stamp;
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
use std::sync::mpsc::sync_channel;
use std::time::Duration;

use tokio::sync::oneshot;

use crate::cache::Stamps;
use crate::errand::{Errand, Rank};
use crate::error::{Error, Result};
use crate::time::Clock;

pub use checkpoint::Checkpointer;
pub use datadir::DataDir;
pub use writer::{Tx, Writer};

/// A connection to read from; inside [`Store::read`] it is one snapshot.
pub type Conn = rusqlite::Connection;

/// The open database.
pub struct Store {
    // Before the checkpointer, which waits for its end.
    writer: Writer,
    checkpointer: Checkpointer,
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
        // Before the first writing handle, whose mere closing could change a newer program's file.
        if let Some(found) = inspect::Inspect::open(dir.path())? {
            found.check_schema()?;
        }
        let conn = connection::open_writer(&dir.database())?;
        connection::check_library(&conn)?;
        migrate::run(&conn)?;
        let txid: i64 = conn.query_row("select txid from position", [], |row| row.get(0))?;
        let stamps = Arc::new(Stamps::new(txid.cast_unsigned()));
        let checkpointer = Checkpointer::start(connection::open_writer(&dir.database())?)?;
        let writer = Writer::start(
            conn,
            Arc::clone(&stamps),
            clock.clone(),
            checkpointer.waker(),
        )?;
        let readers = r2d2::Pool::builder()
            .max_size(readers)
            .min_idle(Some(1))
            .test_on_check_out(false)
            .connection_timeout(Duration::from_secs(5))
            .build(connection::ReaderManager::new(dir.database()))
            .map_err(|error| Error::Internal(error.to_string()))?;
        Ok(Self {
            writer,
            checkpointer,
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
        let rank = Errand::current_rank();
        self.writer
            .send(rank, change, |result| drop(send.send(result)))?;
        result.await.unwrap_or(Err(Error::Unavailable))
    }

    /// [`Store::write`] for callers on a thread of their own (commands, tests), which are never refused for being many.
    ///
    /// # Errors
    /// As [`Store::write`].
    pub fn write_blocking<T, F>(&self, change: F) -> Result<T>
    where
        T: Send + 'static,
        F: FnOnce(&Tx) -> Result<T> + Send + 'static,
    {
        let (send, result) = sync_channel(1);
        self.writer.send(Rank::Operator, change, move |result| {
            drop(send.send(result));
        })?;
        result.recv().unwrap_or(Err(Error::Unavailable))
    }

    /// Passes an empty write through the writer: it begins and ends a transaction, and commits and syncs nothing.
    ///
    /// # Errors
    /// [`Error::Busy`] at once when too many wait, [`Error::Unavailable`] when no transaction could be begun.
    pub async fn probe(&self) -> Result<()> {
        // What fails is not kept, so that nothing is left to commit; any other error is a real one.
        match self.write(|_| Err::<(), _>(Error::NotFound)).await {
            Err(Error::NotFound) => Ok(()),
            other => other,
        }
    }

    /// Copies the whole WAL back, so that the database file alone is complete. The last thing that a site does; blocks.
    pub fn finish(&self) {
        self.checkpointer.finish();
    }

    /// What waits for the writer, and what it has done.
    #[must_use]
    pub fn writer(&self) -> &writer::Gauge {
        self.writer.gauge()
    }

    /// Reading connections: all, and those that nobody uses.
    #[must_use]
    pub fn readers(&self) -> (u32, u32) {
        let state = self.readers.state();
        (state.connections, state.idle_connections)
    }

    /// Bytes of the database file and of its WAL.
    #[must_use]
    pub fn bytes(&self) -> (u64, u64) {
        let length = |path: &Path| std::fs::metadata(path).map_or(0, |file| file.len());
        (length(&self.dir.database()), length(&self.dir.wal()))
    }

    /// The stamps of this database's writes.
    #[must_use]
    pub fn stamps(&self) -> &Stamps {
        &self.stamps
    }

    /// The same, to be held by what outlives a borrow.
    #[must_use]
    pub fn stamps_shared(&self) -> Arc<Stamps> {
        Arc::clone(&self.stamps)
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
