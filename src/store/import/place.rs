//! What an imported item becomes here: its id, its author, its tags.

use rusqlite::{OptionalExtension, params};

use crate::domain::id::{TagId, UserId};
use crate::domain::tag::DEFAULT_TAGS;
use crate::domain::topic::MORE_TAGS;
use crate::domain::user::UserName;
use crate::error::Result;
use crate::store::{Tx, sequence, stamp};
use crate::time::Timestamp;

/// The id under which a foreign item is kept: its own where that is free. The caller moves the sequence beyond it, which so far may
/// stand behind `last`, the largest one that was given.
pub(super) fn id(tx: &Tx, foreign: i64, last: i64) -> Result<i64> {
    let taken: bool = tx
        .prepare_cached(
            "select exists (select 1 from story where id = ?1) or exists (select 1 from comment where id = ?1)",
        )?
        .query_row([foreign], |row| row.get(0))?;
    let id = if taken {
        sequence::skip_past(tx, last)?;
        sequence::next(tx)?
    } else {
        foreign
    };
    tx.prepare_cached("insert into imported (foreign_id, item_id) values (?1, ?2)")?
        .execute(params![foreign, id])?;
    Ok(id)
}

/// The member who stands for a foreign name.
pub(super) struct Author {
    /// Who.
    pub(super) id: UserId,
    /// Was made just now.
    pub(super) new: bool,
}

/// The member who stands for a foreign name; made when it comes first, without a password.
/// One account, shown as deleted, stands for all authors of deleted items.
pub(super) fn author(tx: &Tx, by: Option<&str>, created: Timestamp) -> Result<Author> {
    let foreign = by.unwrap_or_default();
    let known: Option<(i64, i64)> = tx
        .prepare_cached(
            "select u.id, u.created_ms from import_user i join user u on u.id = i.user_id where i.name = ?1",
        )?
        .query_row([foreign], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    if let Some((id, earliest)) = known {
        if created.ms() < earliest {
            tx.prepare_cached("update user set created_ms = ?2 where id = ?1")?
                .execute(params![id, created.ms()])?;
            tx.stamp(stamp::profile(UserId::new(id)));
        }
        return Ok(Author {
            id: UserId::new(id),
            new: false,
        });
    }
    let name = free_name(tx, by)?;
    let state = if by.is_some() { "active" } else { "deleted" };
    // Not "returning", which costs a journal for each statement.
    tx.prepare_cached(
        "insert into user (name, name_key, state, created_ms) values (?1, ?2, ?3, ?4)",
    )?
    .execute(params![name.as_str(), name.key(), state, created.ms()])?;
    let id = tx.last_insert_rowid();
    tx.prepare_cached("insert into import_user (name, user_id) values (?1, ?2)")?
        .execute(params![foreign, id])?;
    let id = UserId::new(id);
    tx.stamp_all([stamp::name(name.as_str()), stamp::profile(id)]);
    Ok(Author {
        id,
        new: by.is_some(),
    })
}

/// The name itself, or with an ending that nobody can choose when it is taken here, reserved, or differs from another one
/// only by case.
fn free_name(tx: &Tx, by: Option<&str>) -> Result<UserName> {
    let mut taken = tx.prepare_cached(
        "select exists (select 1 from user where name_key = ?1) or exists (select 1 from held_name where name_key = ?1)",
    )?;
    let wanted = by.unwrap_or("deleted");
    let mut name = UserName::from_stored(wanted.to_owned());
    let mut count = 1;
    while UserName::is_reserved(name.as_str()) && by.is_some()
        || taken.query_row([name.key()], |row| row.get::<_, bool>(0))?
    {
        count += 1;
        name = UserName::from_stored(format!("{wanted}~{count}"));
    }
    Ok(name)
}

/// A tag and its share in the hotness of its stories; made when it is missing.
pub(super) fn tag(tx: &Tx, name: &str) -> Result<(TagId, f64)> {
    let found = tx
        .prepare_cached("select id, hotness_mod from tag where name = ?1")?
        .query_row([name], |row| Ok((TagId::new(row.get(0)?), row.get(1)?)))
        .optional()?;
    if let Some(tag) = found {
        return Ok(tag);
    }
    let known = DEFAULT_TAGS
        .iter()
        .chain(MORE_TAGS)
        .find(|tag| tag.0 == name);
    let (_, category, description) = known.copied().unwrap_or((name, "Elsewhere", ""));
    tx.stamp(stamp::site());
    let id = tx
        .prepare_cached(
            "insert into tag (name, category, description) values (?1, ?2, ?3) returning id",
        )?
        .query_row([name, category, description], |row| row.get(0))?;
    Ok((TagId::new(id), 0.0))
}
