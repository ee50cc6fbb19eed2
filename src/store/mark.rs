//! What members note for themselves: saved stories and comments, hidden stories.
//!
//! Marks change no score and no rank, and nobody else sees them.

use std::collections::HashMap;

use rusqlite::params;

use crate::domain::id::{ItemId, MarkId, StoryId, UserId};
use crate::domain::story::Marks;
use crate::error::{Error, Result};
use crate::store::{Conn, Tx, stamp};

/// Keeps a story or comment for later; doing it twice changes nothing.
///
/// # Errors
/// [`Error::NotFound`] for what is not there (any more).
pub fn save(tx: &Tx, user: UserId, item: ItemId) -> Result<()> {
    demand_shown(tx, item)?;
    tx.prepare_cached(
        "insert or ignore into saved (user_id, item_id, created_ms) values (?1, ?2, ?3)",
    )?
    .execute(params![user.raw(), item.raw(), tx.now().ms()])?;
    tx.stamp(stamp::marks(user));
    Ok(())
}

/// Keeps it no longer.
///
/// # Errors
/// When SQLite fails.
pub fn unsave(tx: &Tx, user: UserId, item: ItemId) -> Result<()> {
    tx.prepare_cached("delete from saved where user_id = ?1 and item_id = ?2")?
        .execute(params![user.raw(), item.raw()])?;
    tx.stamp(stamp::marks(user));
    Ok(())
}

/// Takes a story out of a member's lists; doing it twice changes nothing.
///
/// # Errors
/// [`Error::NotFound`] for what is not there (any more).
pub fn hide(tx: &Tx, user: UserId, story: StoryId) -> Result<()> {
    demand_shown(tx, ItemId::Story(story))?;
    tx.prepare_cached(
        "insert or ignore into hidden (user_id, story_id, created_ms) values (?1, ?2, ?3)",
    )?
    .execute(params![user.raw(), story.raw(), tx.now().ms()])?;
    tx.stamp(stamp::marks(user));
    Ok(())
}

/// Puts it back.
///
/// # Errors
/// When SQLite fails.
pub fn unhide(tx: &Tx, user: UserId, story: StoryId) -> Result<()> {
    tx.prepare_cached("delete from hidden where user_id = ?1 and story_id = ?2")?
        .execute(params![user.raw(), story.raw()])?;
    tx.stamp(stamp::marks(user));
    Ok(())
}

/// What a member did to these items, by id; those without a mark are left out.
///
/// # Errors
/// When SQLite fails.
pub fn on(conn: &Conn, user: UserId, marked: &[MarkId]) -> Result<HashMap<i64, Marks>> {
    let mut ids: Vec<i64> = marked.iter().map(|id| id.raw()).collect();
    ids.sort_unstable();
    ids.dedup();
    let list = serde_json::to_string(&ids).map_err(|error| Error::Internal(error.to_string()))?;
    let mut query = conn.prepare_cached(
        "select value,
           exists (select 1 from vote where item_id = value and user_id = ?2),
           exists (select 1 from saved where user_id = ?2 and item_id = value),
           exists (select 1 from hidden where user_id = ?2 and story_id = value),
           exists (select 1 from flag where item_id = value and user_id = ?2)
         from json_each(?1)",
    )?;
    let rows = query.query_map(params![list, user.raw()], |row| {
        let marks = Marks {
            voted: row.get(1)?,
            saved: row.get(2)?,
            hidden: row.get(3)?,
            flagged: row.get(4)?,
        };
        Ok((row.get(0)?, marks))
    })?;
    let marked = rows.filter(|row| !matches!(row, Ok((_, marks)) if *marks == Marks::default()));
    Ok(marked.collect::<rusqlite::Result<_>>()?)
}

fn demand_shown(conn: &Conn, item: ItemId) -> Result<()> {
    let sql = match item {
        ItemId::Story(_) => "select exists (select 1 from story where id = ?1 and state = 0)",
        ItemId::Comment(_) => {
            "select exists (select 1 from comment c join story s on s.id = c.story_id
                            where c.id = ?1 and c.state = 0 and s.state in (0, 1, 4))"
        }
    };
    let shown: bool = conn
        .prepare_cached(sql)?
        .query_row([item.raw()], |row| row.get(0))?;
    if shown { Ok(()) } else { Err(Error::NotFound) }
}
