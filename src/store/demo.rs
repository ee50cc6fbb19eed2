//! What only the demonstration asks of the database. The rest of it goes through the functions that members' acts use.

use rusqlite::params;

use crate::domain::id::StoryId;
use crate::error::Result;
use crate::store::stamp::Was;
use crate::store::{Conn, Tx, rank};
use crate::time::Timestamp;

/// Whether nobody has ever used this database.
///
/// # Errors
/// When SQLite fails.
pub fn is_empty(conn: &Conn) -> Result<bool> {
    let any: bool = conn.query_row("select exists (select 1 from user)", [], |row| row.get(0))?;
    Ok(!any)
}

/// Pins the story that says welcome.
///
/// # Errors
/// When SQLite fails.
pub fn pin(tx: &Tx, story: StoryId, at: Timestamp) -> Result<()> {
    let was = Was::of(tx, story)?;
    tx.prepare_cached("update story set pinned_ms = ?2 where id = ?1")?
        .execute(params![story.raw(), at.ms()])?;
    rank::refresh(tx, was)
}
