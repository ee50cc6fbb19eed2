//! Topic tags. Every page shows them, so whatever changes one names [`stamp::site`].

use rusqlite::{Row, params};

use crate::domain::id::TagId;
use crate::domain::tag::{DEFAULT_TAGS, Tag, TagName};
use crate::error::{Error, Result};
use crate::store::{Conn, Tx, rank, stamp};

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
    tx.stamp(stamp::site());
    Ok(())
}

/// What an administrator says of a tag.
#[derive(Debug, Clone)]
pub struct TagForm {
    /// One line on what belongs here.
    pub description: String,
    /// The group under which it is offered.
    pub category: String,
    /// Added to the hotness of its stories.
    pub hotness_mod: f64,
}

/// Makes a tag.
///
/// # Errors
/// [`Error::Invalid`] when there is one of this name.
pub fn create(tx: &Tx, name: &TagName, form: &TagForm) -> Result<()> {
    let made = tx
        .prepare_cached(
            "insert into tag (name, category, description, hotness_mod) values (?1, ?2, ?3, ?4) on conflict (name) do nothing",
        )?
        .execute(params![
            name.as_str(),
            form.category,
            form.description,
            form.hotness_mod
        ])?;
    if made == 0 {
        return Err(Error::field(
            "tag",
            "There is a topic of this name already.",
        ));
    }
    tx.stamp(stamp::site());
    Ok(())
}

/// Changes a tag. Another hotness reorders its stories at once: a pass over all of them.
///
/// # Errors
/// When SQLite fails.
pub fn change(tx: &Tx, tag: &Tag, form: &TagForm) -> Result<()> {
    tx.prepare_cached(
        "update tag set category = ?2, description = ?3, hotness_mod = ?4 where id = ?1",
    )?
    .execute(params![
        tag.id.raw(),
        form.category,
        form.description,
        form.hotness_mod
    ])?;
    if (tag.hotness_mod - form.hotness_mod).abs() > f64::EPSILON {
        rank::refresh_tag(tx, tag.id)?;
    }
    tx.stamp(stamp::site());
    Ok(())
}

/// Retires a tag (no longer offered; old stories keep it), or takes that back.
///
/// # Errors
/// When SQLite fails.
pub fn retire(tx: &Tx, tag: &Tag, retired: Retired) -> Result<()> {
    tx.prepare_cached("update tag set retired = ?2 where id = ?1")?
        .execute(params![tag.id.raw(), retired == Retired::Yes])?;
    tx.stamp(stamp::site());
    Ok(())
}

/// Whether a tag is still offered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Retired {
    /// No longer.
    Yes,
    /// It is.
    No,
}
