//! The row that says where this database stands among its copies. It lies among the pages themselves, so that a copy of
//! them always knows where it stands, whatever became of the files beside it.

use rusqlite::OptionalExtension;

use crate::error::{Error, Result};
use crate::store::Conn;
use crate::store::commit::{Chain, Position};

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
    let is_empty: bool = conn.query_row(
        "select not exists (select 1 from sqlite_schema where name = 'position')",
        [],
        |row| row.get(0),
    )?;
    if is_empty {
        return Ok(Standing::default());
    }
    let row = conn
        .query_row(
            "select epoch, txid, prev_chain, wall_ms from position",
            [],
            |row| {
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
            },
        )
        .optional()?;
    row.ok_or_else(|| Error::Internal("the database has no row for its position".into()))
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
