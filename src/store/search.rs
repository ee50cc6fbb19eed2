//! The full-text index (FTS5): kept in the same transaction as what it indexes.
//!
//! It stores no text of its own but reads the view `search_source`, so an entry must be taken out with [`remove`]
//! *before* its row changes, and put back with [`add`] after.

use rusqlite::OptionalExtension;

use crate::error::Result;
use crate::store::Tx;

/// Takes a story or comment out of the index; call before its title, text or state changes. Does nothing when not shown.
///
/// # Errors
/// When SQLite fails.
pub fn remove(tx: &Tx, item: i64) -> Result<()> {
    tx.prepare_cached(
        "insert into search (search, rowid, title, body)
         select 'delete', id, title, body from search_source where id = ?1",
    )?
    .execute([item])?;
    Ok(())
}

/// As [`remove`], for what is deleted or worded anew: its words are overwritten on the disk, not only passed over until the
/// parts of the index are merged. That costs milliseconds an item, too much for whole threads (those below a story that
/// moderators remove).
///
/// # Errors
/// When SQLite fails.
pub fn erase(tx: &Tx, item: i64) -> Result<()> {
    let mut overwrite =
        tx.prepare_cached("insert into search (search, rank) values ('secure-delete', ?1)")?;
    overwrite.execute([true])?;
    remove(tx, item)?;
    // FTS5 writes what waits before it takes another setting.
    overwrite.execute([false])?;
    Ok(())
}

/// Puts a story or comment into the index; call after its change. Does nothing when it is not shown.
///
/// # Errors
/// When SQLite fails.
pub fn add(tx: &Tx, item: i64) -> Result<()> {
    let shown: Option<(String, String)> = tx
        .prepare_cached("select title, body from search_source where id = ?1")?
        .query_row([item], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    // Not one statement with the query above: "insert … select" makes FTS5 write out its pending terms each time.
    if let Some((title, body)) = shown {
        tx.prepare_cached("insert into search (rowid, title, body) values (?1, ?2, ?3)")?
            .execute((item, title, body))?;
    }
    Ok(())
}
