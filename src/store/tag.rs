//! Topic tags.

use rusqlite::{Row, params};

use crate::cache::Stamp;
use crate::domain::id::TagId;
use crate::domain::tag::{DEFAULT_TAGS, Tag, TagName};
use crate::error::Result;
use crate::store::{Conn, Tx};

/// All tags, by category and name; retired ones last.
///
/// # Errors
/// When SQLite fails.
pub fn all(conn: &Conn) -> Result<Vec<Tag>> {
    let mut query = conn.prepare_cached(
        "select id, name, description, category, hotness_mod, retired from tag order by retired, category, name",
    )?;
    let tags = query.query_map([], row)?;
    Ok(tags.collect::<rusqlite::Result<_>>()?)
}

/// One tag.
///
/// # Errors
/// [`Error::NotFound`](crate::error::Error::NotFound).
pub fn find(conn: &Conn, name: &str) -> Result<Tag> {
    let tag = conn
        .prepare_cached(
            "select id, name, description, category, hotness_mod, retired from tag where name = ?1",
        )?
        .query_row([name], row)?;
    Ok(tag)
}

fn row(row: &Row) -> rusqlite::Result<Tag> {
    Ok(Tag {
        id: TagId::new(row.get(0)?),
        name: TagName::from_stored(row.get(1)?),
        description: row.get(2)?,
        category: row.get(3)?,
        hotness_mod: row.get(4)?,
        retired: row.get(5)?,
    })
}

/// Gives a new site its first tags; does nothing when there are any.
///
/// # Errors
/// When SQLite fails.
pub fn seed(tx: &Tx) -> Result<()> {
    let any: bool = tx.query_row("select exists (select 1 from tag)", [], |row| row.get(0))?;
    if any {
        return Ok(());
    }
    let mut insert =
        tx.prepare_cached("insert into tag (name, category, description) values (?1, ?2, ?3)")?;
    for (name, category, description) in DEFAULT_TAGS {
        insert.execute(params![name, category, description])?;
    }
    tx.stamp(Stamp::site());
    Ok(())
}
