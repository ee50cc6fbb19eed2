//! The one sequence of ids that stories and comments share.

use rusqlite::params;

use crate::error::Result;
use crate::store::Tx;

/// Takes the next free id.
///
/// # Errors
/// When SQLite fails.
pub fn next(tx: &Tx) -> Result<i64> {
    let id = tx
        .prepare_cached("update sequence set next = next + 1 returning next - 1")?
        .query_row([], |row| row.get(0))?;
    Ok(id)
}

/// Moves the sequence beyond an id that came from elsewhere (an import).
///
/// # Errors
/// When SQLite fails.
pub fn skip_past(tx: &Tx, id: i64) -> Result<()> {
    tx.prepare_cached("update sequence set next = max(next, ?1 + 1)")?
        .execute(params![id])?;
    Ok(())
}
