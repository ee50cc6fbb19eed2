//! The row that says where this database stands among its copies. It lies among the pages themselves, so that a copy of
//! them always knows where it stands, whatever became of the files beside it.

use rusqlite::OptionalExtension;

use crate::error::{Error, Result};
use crate::store::commit::{Chain, Position};
use crate::store::{Conn, DataDir, Store, connection, migrate};

/// What the row says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Standing {
    /// The last transaction.
    pub position: Position,
    /// The hash of the history before it, when it was written with a journal.
    pub before: Chain,
    /// When it was made, in UTC milliseconds.
    pub wall_ms: i64,
}

/// The row of a snapshot; all zeros in a database that is still empty.
///
/// # Errors
/// When SQLite fails.
pub fn read(conn: &Conn) -> Result<Standing> {
    let is_empty: bool = conn
        .prepare_cached("select not exists (select 1 from sqlite_schema where name = 'position')")?
        .query_row([], |row| row.get(0))?;
    if is_empty {
        return Ok(Standing::default());
    }
    let row = conn
        .prepare_cached("select epoch, txid, prev_chain, wall_ms from position")?
        .query_row([], |row| {
            let number = |index| row.get(index).map(i64::cast_unsigned);
            let chain: Vec<u8> = row.get(2)?;
            Ok(Standing {
                position: Position {
                    epoch: number(0)?,
                    txid: number(1)?,
                },
                before: chain.try_into().map(Chain).unwrap_or_default(),
                wall_ms: row.get(3)?,
            })
        })
        .optional()?;
    row.ok_or_else(|| Error::Internal("the database has no row for its position".into()))
}

/// The name of the history that a database holds; `None` in one that is still empty.
///
/// # Errors
/// When SQLite fails.
pub fn cluster(conn: &Conn) -> Result<Option<String>> {
    if read(conn)? == Standing::default() && migrate::version(conn)? == 0 {
        return Ok(None);
    }
    Ok(conn.query_row("select cluster_id from position", [], |row| row.get(0))?)
}

/// The same of a data directory that nobody has open, and where its database stands. An empty one gets a history of its
/// own when that is `wanted`.
///
/// # Errors
/// When SQLite fails.
pub fn of(dir: &DataDir, wanted: bool) -> Result<(Option<String>, Position)> {
    let file = dir.database();
    if !file.exists() {
        if !wanted {
            return Ok((None, Position::default()));
        }
        migrate::run(&connection::open_writer(&file)?)?;
    }
    // Read-only: the end of a writing handle would empty the WAL, which the journal may need.
    let conn = connection::open_reader(&file)?;
    Ok((cluster(&conn)?, read(&conn)?.position))
}

/// What a database is made of, as other nodes have to know.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sizes {
    /// Version of its schema.
    pub schema: u32,
    /// Bytes of a page.
    pub page: u32,
}

impl Store {
    /// The name of the history that it holds; `None` when it is still empty.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn cluster(&self) -> Result<Option<String>> {
        self.read(cluster)
    }

    /// What it is made of.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn sizes(&self) -> Result<Sizes> {
        self.read(|conn| {
            let number = |sql| conn.query_row(sql, [], |row| row.get(0));
            Ok(Sizes {
                schema: number("pragma user_version")?,
                page: number("pragma page_size")?,
            })
        })
    }
}

/// Begins an epoch, inside of a transaction.
pub(super) fn set_epoch(conn: &Conn, epoch: u64) -> rusqlite::Result<()> {
    conn.execute("update position set epoch = ?1", [epoch.cast_signed()])
        .map(drop)
}

/// Moves the row on to the next transaction, with the hash of the history before it when that is known.
pub(super) fn advance(
    conn: &Conn,
    wall_ms: i64,
    before: Option<Chain>,
) -> rusqlite::Result<Position> {
    let before = before.as_ref().map(|chain| &chain.0[..]);
    conn.prepare_cached(
        "update position set txid = txid + 1, wall_ms = ?1, prev_chain = coalesce(?2, prev_chain)
         returning epoch, txid",
    )?
    .query_row(rusqlite::params![wall_ms, before], |row| {
        let number = |index| row.get(index).map(i64::cast_unsigned);
        Ok(Position {
            epoch: number(0)?,
            txid: number(1)?,
        })
    })
}
