//! The only SQL. One writer, many readers, one database file in one data directory.
//!
//! Reads take `&Conn`, writes take `&Tx`: the type says who may change something. Counters and ranks are recomputed in
//! SQL inside the writing transaction. Functions here answer with values of `domain`; nothing above sees a row.

pub mod account;
pub mod apply;
pub mod approval;
pub mod ban;
pub mod chain;
pub mod checkpoint;
pub mod checksum;
pub mod comment;
pub mod commit;
pub mod connection;
pub mod datadir;
pub mod deadline;
pub mod delta;
pub mod demo;
pub mod domain_ban;
pub mod find;
pub mod flag;
pub mod gate;
pub mod hand;
pub mod import;
pub mod inbox;
pub mod inspect;
pub mod invite;
pub mod kept;
pub mod lesson_report;
pub mod lesson_talk;
pub mod list;
pub mod mark;
pub mod migrate;
pub mod moderation;
pub mod modlog;
pub mod position;
pub mod profile;
pub mod progress;
pub mod raise;
pub mod rank;
pub mod resource;
pub mod role;
pub mod scan;
pub mod search;
pub mod secret;
pub mod sequence;
pub mod session;
pub mod setting;
pub mod setup;
pub mod sitemap;
pub mod snapshot;
pub mod stamp;
pub mod story;
pub mod submission;
pub mod tag;
pub mod talk;
pub mod tally;
pub mod token;
pub mod user;
pub mod vote;
pub mod wal;
pub mod writer;

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::mpsc::sync_channel;
use std::sync::{Arc, Mutex, RwLock};
use std::time::Duration;

use tokio::sync::oneshot;

use crate::cache::Stamps;
use crate::errand::{Errand, Rank};
use crate::error::{Error, Result};
use crate::time::Clock;

pub use checkpoint::Checkpointer;
pub use datadir::DataDir;
pub use hand::{Opening, Role};
pub use writer::{Kind, Tx, Writer};

/// For how long a reading connection that nobody needs is kept: each takes more than a megabyte.
const READER_IDLE: Duration = Duration::from_mins(1);

/// A connection to read from; inside [`Store::read`] it is one snapshot.
pub type Conn = rusqlite::Connection;

/// The open database.
pub struct Store {
    hand: RwLock<Option<hand::Writing>>,
    /// Held through every change of the hand.
    applier: Mutex<Option<apply::Applier>>,
    journal: Option<Arc<dyn commit::Journal>>,
    gate: Arc<gate::Gate>,
    gauge: Arc<writer::Gauge>,
    readers: r2d2::Pool<connection::ReaderManager>,
    stamps: Arc<Stamps>,
    clock: Clock,
    checksums: Arc<checksum::Checksums>,
    _scrub: checksum::scrub::Scrub,
    // Last, so that the lock is given back only after everything else has closed.
    dir: DataDir,
}

impl Store {
    /// Opens (or makes) the database of `dir` for a site that nobody follows, migrates it, and starts its writer.
    ///
    /// # Errors
    /// As [`Store::open_with`].
    pub fn open(dir: &Path, clock: Clock, readers: u32) -> Result<Self> {
        Self::open_with(Opening::alone(DataDir::open(dir)?, clock, readers))
    }

    /// Opens (or makes) the database. A following one is not migrated.
    ///
    /// # Errors
    /// As [`DataDir::open`], [`migrate::run`] and [`wal::Capture::begin`]; [`Error::Store`] when SQLite fails.
    pub fn open_with(opening: Opening) -> Result<Self> {
        let dir = opening.dir;
        // Before the first writing handle, whose mere closing could change a newer program's file.
        if let Some(found) = inspect::Inspect::open(dir.path())? {
            found.check_schema()?;
        }
        let parts = hand::Parts {
            journal: opening.journal,
            stamps: Arc::new(Stamps::new(0)),
            clock: opening.clock,
            gauge: Arc::new(writer::Gauge::new()),
            gate: opening.gate,
            checksums: Arc::new(checksum::Checksums::open(&dir)),
        };
        let (mut writing, mut applier) = (None, None);
        match opening.role {
            Role::Writing => {
                let begin = hand::Begin::Start {
                    migrates: opening.migrates,
                };
                writing = Some(hand::Writing::begin(&dir.database(), parts.clone(), begin)?);
            }
            Role::Following => {
                let found = apply::Applier::open(&dir.database(), Arc::clone(&parts.checksums))?;
                parts.stamps.publish(found.position().txid);
                applier = Some(found);
            }
        }
        let readers = r2d2::Pool::builder()
            .max_size(opening.readers)
            .min_idle(Some(1))
            .test_on_check_out(false)
            .idle_timeout(Some(READER_IDLE))
            .connection_timeout(Duration::from_secs(5))
            .build(connection::ReaderManager::new(dir.database()))
            .map_err(|error| Error::Internal(error.to_string()))?;
        let reader = connection::open_reader(&dir.database())?;
        let scrub = checksum::scrub::Scrub::start(Arc::clone(&parts.checksums), reader)?;
        Ok(Self {
            hand: RwLock::new(writing),
            applier: Mutex::new(applier),
            journal: parts.journal,
            gate: parts.gate,
            gauge: parts.gauge,
            readers,
            stamps: parts.stamps,
            clock: parts.clock,
            _scrub: scrub,
            checksums: parts.checksums,
            dir,
        })
    }

    fn parts(&self) -> hand::Parts {
        hand::Parts {
            journal: self.journal.clone(),
            stamps: Arc::clone(&self.stamps),
            clock: self.clock.clone(),
            gauge: Arc::clone(&self.gauge),
            gate: Arc::clone(&self.gate),
            checksums: Arc::clone(&self.checksums),
        }
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
        let snapshot = connection::Snapshot::begin(&conn)?;
        read(&snapshot)
    }

    /// Queues `change` for the writer; see [`Writer::send`].
    ///
    /// # Errors
    /// What `change` answers, [`Error::Busy`] at once when too many wait, [`Error::Unavailable`] when nothing was saved (also
    /// because another node is the one that writes).
    pub async fn write<T, F>(&self, change: F) -> Result<T>
    where
        T: Send + 'static,
        F: FnOnce(&Tx) -> Result<T> + Send + 'static,
    {
        self.queue(Kind::Change, change).await
    }

    /// As [`Store::write`], for votes: a closure that asks nothing about points, ranks and karma but through [`raise`].
    ///
    /// # Errors
    /// As [`Store::write`].
    pub async fn vote<T, F>(&self, change: F) -> Result<T>
    where
        T: Send + 'static,
        F: FnOnce(&Tx) -> Result<T> + Send + 'static,
    {
        self.queue(Kind::Vote, change).await
    }

    async fn queue<T, F>(&self, kind: Kind, change: F) -> Result<T>
    where
        T: Send + 'static,
        F: FnOnce(&Tx) -> Result<T> + Send + 'static,
    {
        let (send, result) = oneshot::channel();
        // The person may have gone meanwhile; the write stands all the same.
        let rank = Errand::current_rank();
        self.send(rank, kind, change, |result| drop(send.send(result)))?;
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
        self.send(Rank::Operator, Kind::Change, change, move |result| {
            drop(send.send(result));
        })?;
        result.recv().unwrap_or(Err(Error::Unavailable))
    }

    /// As [`Writer::send`], to the writer that there is now.
    fn send<T, F, A>(&self, rank: Rank, kind: Kind, change: F, answer: A) -> Result<()>
    where
        T: Send + 'static,
        F: FnOnce(&Tx) -> Result<T> + Send + 'static,
        A: FnOnce(Result<T>) + Send + 'static,
    {
        let hand = self.writing();
        let writing = hand.as_ref().ok_or(Error::Unavailable)?;
        writing.writer.send(rank, kind, change, answer)
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
        if let Some(writing) = &*self.writing() {
            writing.checkpointer.finish();
        } else {
            let mut following = self.following();
            following.iter_mut().for_each(apply::Applier::finish);
            // What still comes is in the log, and is applied at the next start.
            *following = None;
        }
        self.checksums.keep(&self.dir);
    }

    /// What waits for the writer, and what it has done.
    #[must_use]
    pub fn writer(&self) -> &writer::Gauge {
        &self.gauge
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

    /// Pages of the database file that are not what was written there, as far as is known.
    #[must_use]
    pub fn damaged(&self) -> BTreeSet<u32> {
        self.checksums.damaged()
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

    /// The database's file.
    #[must_use]
    pub fn file(&self) -> std::path::PathBuf {
        self.dir.database()
    }

    /// The data directory.
    #[must_use]
    pub fn dir(&self) -> &Path {
        self.dir.path()
    }
}
