//! Connections: how they are opened and set up, and the r2d2 manager of the reading ones.
//!
//! Nobody else opens the database file: closing any handle on it drops this process's locks (SQLite, "How to corrupt").

use std::path::{Path, PathBuf};

use rusqlite::config::DbConfig;
use rusqlite::functions::FunctionFlags;
use rusqlite::{Connection, OpenFlags};

use crate::domain::rank;
use crate::error::{Error, Result};
use crate::store::deadline;

/// Oldest SQLite without the WAL-reset corruption bug (fixed in 3.51.3).
const OLDEST_SQLITE: i32 = 3_051_003;

/// The version of the built-in SQLite.
#[must_use]
pub fn sqlite_version() -> &'static str {
    rusqlite::version()
}

/// Its number, as SQLite counts: 3051003 is 3.51.3.
#[must_use]
pub fn sqlite_number() -> u32 {
    u32::try_from(rusqlite::version_number()).unwrap_or_default()
}

/// Checks that the built-in SQLite is sound and has what we rely on.
///
/// # Errors
/// [`Error::Internal`] with what is missing.
pub fn check_library(conn: &Connection) -> Result<()> {
    if rusqlite::version_number() < OLDEST_SQLITE {
        return Err(Error::Internal(format!(
            "SQLite {} has a known corruption bug; 3.51.3 or newer is needed",
            rusqlite::version()
        )));
    }
    let has_dbpage: bool = conn.query_row(
        "select sqlite_compileoption_used('ENABLE_DBPAGE_VTAB')",
        [],
        |row| row.get(0),
    )?;
    if has_dbpage {
        return Ok(());
    }
    Err(Error::Internal(
        "SQLite was built without ENABLE_DBPAGE_VTAB; build with the project's .cargo/config.toml"
            .into(),
    ))
}

/// The connection of the one writer: WAL, every commit synced, checkpoints only when we say so.
///
/// # Errors
/// When SQLite cannot open or set up the file.
pub fn open_writer(file: &Path) -> Result<Connection> {
    let conn = Connection::open_with_flags(
        file,
        OpenFlags::SQLITE_OPEN_READ_WRITE
            | OpenFlags::SQLITE_OPEN_CREATE
            | OpenFlags::SQLITE_OPEN_NO_MUTEX,
    )?;
    conn.busy_timeout(std::time::Duration::from_secs(5))?;
    conn.pragma_update(None, "journal_mode", "wal")?;
    conn.pragma_update(None, "synchronous", "full")?;
    conn.pragma_update(None, "wal_autocheckpoint", 0)?;
    conn.pragma_update(None, "foreign_keys", true)?;
    // What people delete is overwritten, not only unlinked.
    conn.pragma_update(None, "secure_delete", true)?;
    // Room for what a full batch changes; the system keeps the file's other pages.
    conn.pragma_update(None, "cache_size", -4_000)?;
    conn.pragma_update(None, "temp_store", "memory")?;
    prepare(&conn)?;
    Ok(conn)
}

pub(super) fn open_reader(file: &Path) -> rusqlite::Result<Connection> {
    let mut conn = Connection::open_with_flags(
        file,
        OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX,
    )?;
    conn.busy_timeout(std::time::Duration::from_secs(5))?;
    // Not mapped: what is would count as memory of this process, and each new mapping begins with a fault for each page.
    // Small, for there are many of these, and the system keeps the file's pages too.
    conn.pragma_update(None, "cache_size", -1_000)?;
    conn.pragma_update(None, "temp_store", "memory")?;
    conn.progress_handler(deadline::STEPS, Some(deadline::passed))?;
    prepare(&conn)?;
    Ok(conn)
}

/// Runs a statement that is needed often: each connection prepares it once.
pub(super) fn step(conn: &Connection, sql: &'static str) -> rusqlite::Result<()> {
    conn.prepare_cached(sql)?.execute([]).map(drop)
}

/// A transaction that only reads: all that it sees is of one moment. Dropping it (also by a panic) ends it.
pub(super) struct Snapshot<'a>(&'a Connection);

impl<'a> Snapshot<'a> {
    pub(super) fn begin(conn: &'a Connection) -> rusqlite::Result<Self> {
        step(conn, "begin")?;
        Ok(Self(conn))
    }
}

impl std::ops::Deref for Snapshot<'_> {
    type Target = Connection;

    fn deref(&self) -> &Connection {
        self.0
    }
}

impl Drop for Snapshot<'_> {
    fn drop(&mut self) {
        // A kept statement may be interrupted when its reader is late. Of the pool, a connection that is still in one afterwards is
        // not used again.
        if step(self.0, "rollback").is_err() {
            let _ = self.0.execute_batch("rollback");
        }
    }
}

/// SQL functions and limits that every connection has.
fn prepare(conn: &Connection) -> rusqlite::Result<()> {
    conn.set_prepared_statement_cache_capacity(64);
    // Else SQLite plans some statements anew each time that a value is bound, and kept ones are worth little.
    conn.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    conn.create_scalar_function(
        "hot_rank",
        4,
        FunctionFlags::SQLITE_UTF8 | FunctionFlags::SQLITE_DETERMINISTIC,
        |args| {
            Ok(rank::hot(
                args.get(0)?,
                args.get(1)?,
                args.get(2)?,
                crate::time::Timestamp::from_ms(args.get(3)?),
            ))
        },
    )
}

/// Opens reading connections for r2d2.
#[derive(Debug)]
pub struct ReaderManager {
    file: PathBuf,
}

impl ReaderManager {
    /// Readers of this database file.
    #[must_use]
    pub fn new(file: PathBuf) -> Self {
        Self { file }
    }
}

impl r2d2::ManageConnection for ReaderManager {
    type Connection = Connection;
    type Error = rusqlite::Error;

    fn connect(&self) -> rusqlite::Result<Connection> {
        open_reader(&self.file)
    }

    fn is_valid(&self, conn: &mut Connection) -> rusqlite::Result<()> {
        conn.execute_batch("select 1")
    }

    fn has_broken(&self, conn: &mut Connection) -> bool {
        // A reader that still has its transaction open was left half-way by a panic.
        !conn.is_autocommit()
    }
}
