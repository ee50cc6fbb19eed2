//! Flags: one a person and item, never on one's own. Open ones count against the item until a moderator settles them.

use rusqlite::{OptionalExtension, params};

use crate::domain::id::{ItemId, StoryId, UserId};
use crate::domain::moderation::{Flag, flag_reasons};
use crate::domain::user::UserName;
use crate::error::{Error, Result};
use crate::store::stamp::{self, Was};
use crate::store::{Conn, Tx, rank};
use crate::time::Timestamp;

/// What may be flagged: whose it is and where it stands.
#[derive(Debug, Clone)]
pub struct Target {
    /// Who wrote it.
    pub author: UserId,
    /// The story that it is, or stands in.
    pub story: StoryId,
    /// Title of that story.
    pub title: String,
}

/// What `member` wants to flag.
///
/// # Errors
/// [`Error::NotFound`] for what is not shown, [`Error::Refused`] for one's own.
pub fn target(conn: &Conn, member: UserId, item: ItemId) -> Result<Target> {
    let sql = match item {
        ItemId::Story(_) => "select user_id, id, title from story where id = ?1 and state = 0",
        ItemId::Comment(_) => {
            "select c.user_id, s.id, s.title from comment c join story s on s.id = c.story_id
             where c.id = ?1 and c.state = 0 and s.state in (0, 1, 4)"
        }
    };
    let target = conn.prepare_cached(sql)?.query_row([item.raw()], |row| {
        Ok(Target {
            author: UserId::new(row.get(0)?),
            story: StoryId::new(row.get(1)?),
            title: row.get(2)?,
        })
    })?;
    if target.author == member {
        return Err(Error::Refused(
            "You cannot flag what you wrote yourself, but you can delete it.".into(),
        ));
    }
    Ok(target)
}

/// Flags something, or changes the reason of one's flag while no moderator has looked at it.
///
/// # Errors
/// As [`target`]; [`Error::Invalid`] for a reason that is none.
pub fn set(tx: &Tx, member: UserId, item: ItemId, reason: &str) -> Result<Target> {
    let target = target(tx, member, item)?;
    if !flag_reasons(item).any(|(word, _)| word == reason) {
        return Err(Error::field("reason", "Choose one of these reasons."));
    }
    let was = ranked(tx, item)?;
    let changes = tx.prepare_cached(
        "insert into flag (item_id, user_id, reason, created_ms) values (?1, ?2, ?3, ?4)
         on conflict do update set reason = excluded.reason where settled_ms is null and reason <> excluded.reason",
    )?
    .execute(params![item.raw(), member.raw(), reason, tx.now().ms()])?;
    if changes > 0 {
        changed(tx, member, item, was)?;
    }
    Ok(target)
}

/// Takes one's flag back; one that a moderator has looked at stays as it is.
///
/// # Errors
/// As [`target`].
pub fn unset(tx: &Tx, member: UserId, item: ItemId) -> Result<Target> {
    let target = target(tx, member, item)?;
    let was = ranked(tx, item)?;
    let changes = tx
        .prepare_cached(
            "delete from flag where item_id = ?1 and user_id = ?2 and settled_ms is null",
        )?
        .execute([item.raw(), member.raw()])?;
    if changes > 0 {
        changed(tx, member, item, was)?;
    }
    Ok(target)
}

/// Ends the change of a flag.
fn changed(tx: &Tx, member: UserId, item: ItemId, was: Option<Was>) -> Result<()> {
    count(tx, item)?;
    tx.stamp(stamp::marks(member));
    stamp::flagged(tx, item)?;
    was.map_or(Ok(()), |was| rank::refresh(tx, was))
}

/// Flags of a story count in its rank, those of a comment in nothing.
fn ranked(tx: &Tx, item: ItemId) -> Result<Option<Was>> {
    match item {
        ItemId::Story(id) => Was::of(tx, id).map(Some),
        ItemId::Comment(_) => Ok(None),
    }
}

/// Its flags count no longer, since a moderator has looked at it or it is gone. Tells whether there were any. The caller
/// refreshes ranks.
///
/// # Errors
/// When SQLite fails.
pub(super) fn settle(tx: &Tx, item: ItemId) -> Result<bool> {
    let settled = tx
        .prepare_cached(
            "update flag set settled_ms = ?2 where item_id = ?1 and settled_ms is null",
        )?
        .execute(params![item.raw(), tx.now().ms()])?;
    if settled == 0 {
        return Ok(false);
    }
    count(tx, item)?;
    stamp::flagged(tx, item)?;
    Ok(true)
}

/// Recounts the open flags of an item.
fn count(tx: &Tx, item: ItemId) -> Result<()> {
    let sql = match item {
        ItemId::Story(_) => {
            "update story set flags = (select count(*) from flag where item_id = ?1 and settled_ms is null) where id = ?1"
        }
        ItemId::Comment(_) => {
            "update comment set flags = (select count(*) from flag where item_id = ?1 and settled_ms is null) where id = ?1"
        }
    };
    tx.prepare_cached(sql)?.execute([item.raw()])?;
    Ok(())
}

/// A member's own flag on an item.
///
/// # Errors
/// When SQLite fails.
pub fn own(conn: &Conn, member: UserId, item: ItemId) -> Result<Option<Flag>> {
    let flag = conn
        .prepare_cached(
            "select u.name, f.reason, f.created_ms, f.settled_ms is not null
             from flag f join user u on u.id = f.user_id where f.item_id = ?1 and f.user_id = ?2",
        )?
        .query_row([item.raw(), member.raw()], row)
        .optional()?;
    Ok(flag)
}

/// All flags of an item, oldest first; at most 200.
///
/// # Errors
/// When SQLite fails.
pub fn of(conn: &Conn, item: ItemId) -> Result<Vec<Flag>> {
    let mut query = conn.prepare_cached(
        "select u.name, f.reason, f.created_ms, f.settled_ms is not null
         from flag f join user u on u.id = f.user_id where f.item_id = ?1
         order by f.settled_ms is not null, f.created_ms, f.user_id limit 200",
    )?;
    let rows = query.query_map([item.raw()], row)?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

fn row(row: &rusqlite::Row) -> rusqlite::Result<Flag> {
    Ok(Flag {
        by: UserName::from_stored(row.get(0)?),
        reason: row.get(1)?,
        at: Timestamp::from_ms(row.get(2)?),
        settled: row.get(3)?,
    })
}
