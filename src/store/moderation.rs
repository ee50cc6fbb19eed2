//! What moderators do to stories and comments, each act in the public log by the same transaction.
//!
//! Nothing is destroyed here: a removed text stays for moderators to read, and can be restored. What its author deleted
//! is the author's own affair and never comes back by a moderator.

use rusqlite::params;

use crate::domain::comment::CommentRow;
use crate::domain::id::{CommentId, ItemId, StoryId, TagId, UserId};
use crate::domain::list::{After, Page};
use crate::domain::moderation::{Act, Case, MOST_PINNED, Subject};
use crate::domain::story::{ItemState, Story, Title};
use crate::domain::tag::{Tag, TagName};
use crate::error::{Error, Result};
use crate::store::modlog::{self, Entry};
use crate::store::stamp::{Said, Was};
use crate::store::{Conn, Tx, comment, flag, rank, search, story, tag};

/// Flagged items, the one that waits longest first.
///
/// # Errors
/// When SQLite fails.
pub fn queue(conn: &Conn, after: Option<After>) -> Result<Page<Case>> {
    // One pass over the index of open flags, which moderators keep short.
    let mut query = conn.prepare_cached(
        "select item_id, min(created_ms) from flag where settled_ms is null group by item_id
         having ?1 is null or (min(created_ms), item_id) > (?1, ?2) order by 2, 1 limit 31",
    )?;
    let rows = query.query_map(params![after.map(|a| a.value), after.map(|a| a.id)], |r| {
        Ok((r.get::<_, i64>(0)?, r.get::<_, f64>(1)?))
    })?;
    let page = Page::cut(
        rows.collect::<rusqlite::Result<Vec<_>>>()?,
        |(id, value)| After {
            value: *value,
            id: *id,
        },
    );
    let mut cases = Vec::with_capacity(page.rows.len());
    for (raw, _) in page.rows {
        cases.push(case(conn, item(conn, raw)?)?);
    }
    Ok(Page {
        rows: cases,
        next: page.next,
        beyond: page.beyond,
    })
}

fn item(conn: &Conn, raw: i64) -> Result<ItemId> {
    let is_story = conn
        .prepare_cached("select exists (select 1 from story where id = ?1)")?
        .query_row([raw], |row| row.get(0))?;
    Ok(if is_story {
        ItemId::Story(StoryId::new(raw))
    } else {
        ItemId::Comment(CommentId::new(raw))
    })
}

/// One item with its flags, in whatever state it is.
///
/// # Errors
/// [`Error::NotFound`].
pub fn case(conn: &Conn, item: ItemId) -> Result<Case> {
    let subject = match item {
        ItemId::Story(id) => Subject::Story(Box::new(story::find(conn, id, None)?)),
        ItemId::Comment(id) => Subject::Comment(Box::new(comment_row(conn, id)?)),
    };
    Ok(Case {
        subject,
        flags: flag::of(conn, item)?,
    })
}

fn comment_row(conn: &Conn, id: CommentId) -> Result<CommentRow> {
    let sql = format!(
        "select {}, s.title, s.state = 4 from comment c join user u on u.id = c.user_id join story s on s.id = c.story_id
         where c.id = ?2",
        comment::ROW
    );
    let row = conn
        .prepare_cached(&sql)?
        .query_row(params![None::<i64>, id.raw()], |row| {
            Ok(CommentRow {
                comment: comment::row(row)?,
                story_title: row.get(comment::ROW_COLUMNS)?,
                of_lesson: row.get(comment::ROW_COLUMNS + 1)?,
            })
        })?;
    Ok(row)
}

/// Does `act` to a story or comment, for this public reason; doing what is done already changes nothing.
///
/// # Errors
/// [`Error::NotFound`]; [`Error::Refused`] for what its author deleted, and for acts that do not fit.
pub fn act(tx: &Tx, by: UserId, item: ItemId, act: Act, reason: &str) -> Result<()> {
    let found = find(tx, item)?;
    let was = Was::of(tx, found.story)?;
    let changed = match act {
        Act::Keep => keep(tx, item)?,
        Act::Remove => remove(tx, item, &found, reason)?,
        Act::Restore => restore(tx, item, &found)?,
        Act::Lock | Act::Unlock => lock(tx, item, act)?,
        Act::Pin | Act::Unpin => pin(tx, item, &found, act)?,
    };
    if !changed {
        return Ok(());
    }
    follow(tx, item, act, was)?;
    let (kind, comment) = match item {
        ItemId::Story(_) => ("story", None),
        ItemId::Comment(id) => ("comment", Some(id)),
    };
    modlog::record(
        tx,
        &Entry {
            moderator: Some(by),
            action: &format!("{kind}.{}", act.word()),
            story: Some(found.story),
            comment,
            user: Some(found.author),
            subject: None,
            reason,
        },
    )
}

/// What an act needs to know of its item.
struct Found {
    state: ItemState,
    author: UserId,
    story: StoryId,
}

fn find(conn: &Conn, item: ItemId) -> Result<Found> {
    let sql = match item {
        ItemId::Story(_) => "select state, user_id, id from story where id = ?1",
        ItemId::Comment(_) => "select state, user_id, story_id from comment where id = ?1",
    };
    let found = conn.prepare_cached(sql)?.query_row([item.raw()], |row| {
        Ok(Found {
            state: ItemState::from_raw(row.get(0)?),
            author: UserId::new(row.get(1)?),
            story: StoryId::new(row.get(2)?),
        })
    })?;
    Ok(found)
}

/// What moderators are told who want more of a lesson's thread than to lock it.
const OF_LESSON: &str =
    "This is the thread of a lesson: it can be locked, and its comments can be removed.";

fn keep(tx: &Tx, item: ItemId) -> Result<bool> {
    flag::settle(tx, item)
}

fn remove(tx: &Tx, item: ItemId, found: &Found, reason: &str) -> Result<bool> {
    match found.state {
        ItemState::Shown => {}
        ItemState::Removed => return Ok(false),
        ItemState::Deleted => return Err(refused("Its author has deleted it already.")),
        ItemState::Dead => return Err(refused("It came here dead, and nobody is shown it.")),
        ItemState::Lesson => return Err(refused(OF_LESSON)),
    }
    flag::settle(tx, item)?;
    set_state(tx, item, ItemState::Removed, Some(reason))?;
    Ok(true)
}

fn restore(tx: &Tx, item: ItemId, found: &Found) -> Result<bool> {
    match found.state {
        ItemState::Removed => {}
        ItemState::Shown => return Ok(false),
        ItemState::Deleted => {
            return Err(refused(
                "Its author deleted it. That is not for us to undo.",
            ));
        }
        ItemState::Dead => return Err(refused("It came here dead; there is no more of it.")),
        ItemState::Lesson => return Err(refused(OF_LESSON)),
    }
    set_state(tx, item, ItemState::Shown, None)?;
    Ok(true)
}

/// Shows or hides something; the search index follows, for a story with all that was said below it.
fn set_state(tx: &Tx, item: ItemId, state: ItemState, reason: Option<&str>) -> Result<()> {
    let sql = match item {
        ItemId::Story(_) => {
            "update story set state = ?2, state_reason = ?3, pinned_ms = null where id = ?1"
        }
        ItemId::Comment(_) => "update comment set state = ?2, state_reason = ?3 where id = ?1",
    };
    let mut searched = vec![item.raw()];
    if let ItemId::Story(id) = item {
        searched.extend(comment::ids_of(tx, id)?);
    }
    search::erase(tx, item.raw())?;
    for id in &searched[1..] {
        search::remove(tx, *id)?;
    }
    tx.prepare_cached(sql)?
        .execute(params![item.raw(), state.raw(), reason])?;
    for id in &searched {
        search::add(tx, *id)?;
    }
    Ok(())
}

fn lock(tx: &Tx, item: ItemId, act: Act) -> Result<bool> {
    let id = only_story(item)?;
    let changed = tx
        .prepare_cached("update story set locked = ?2 where id = ?1 and locked <> ?2")?
        .execute(params![id.raw(), act == Act::Lock])?;
    Ok(changed > 0)
}

fn pin(tx: &Tx, item: ItemId, found: &Found, act: Act) -> Result<bool> {
    let id = only_story(item)?;
    if act == Act::Unpin {
        let changed = tx
            .prepare_cached(
                "update story set pinned_ms = null where id = ?1 and pinned_ms is not null",
            )?
            .execute([id.raw()])?;
        return Ok(changed > 0);
    }
    if found.state != ItemState::Shown {
        return Err(refused("Only what is shown can be pinned."));
    }
    let others: i64 = tx
        .prepare_cached("select count(*) from story where pinned_ms is not null and id <> ?1")?
        .query_row([id.raw()], |row| row.get(0))?;
    if others >= MOST_PINNED {
        return Err(refused(
            "Three stories are pinned already. Unpin one of them first.",
        ));
    }
    let changed = tx
        .prepare_cached("update story set pinned_ms = ?2 where id = ?1 and pinned_ms is null")?
        .execute(params![id.raw(), tx.now().ms()])?;
    Ok(changed > 0)
}

fn only_story(item: ItemId) -> Result<StoryId> {
    match item {
        ItemId::Story(id) => Ok(id),
        ItemId::Comment(_) => Err(refused("This can be done to stories only.")),
    }
}

fn refused(why: &str) -> Error {
    Error::Refused(why.to_owned())
}

/// Counts, ranks and stamps after an act.
fn follow(tx: &Tx, item: ItemId, act: Act, was: Was) -> Result<()> {
    match item {
        ItemId::Story(_) => rank::refresh(tx, was),
        ItemId::Comment(id) => {
            if act != Act::Keep {
                Said::of(tx, id)?.came_or_went(tx)?;
            }
            rank::recount(tx, was)
        }
    }
}

/// A story's title and topics as a moderator wants them.
#[derive(Debug, Clone, Default)]
pub struct Correction {
    /// Its title.
    pub title: String,
    /// Names of its tags.
    pub tags: Vec<String>,
    /// Why, for everybody to read.
    pub reason: String,
}

/// Corrects title and topics of any story; the log tells what they were.
///
/// # Errors
/// [`Error::NotFound`], [`Error::Invalid`]; [`Error::Refused`] for what its author deleted.
pub fn correct(tx: &Tx, by: UserId, id: StoryId, new: &Correction) -> Result<()> {
    let old = story::find(tx, id, None)?;
    match old.row.state {
        ItemState::Deleted => return Err(refused("Its author has deleted it.")),
        ItemState::Lesson => return Err(refused(OF_LESSON)),
        ItemState::Shown | ItemState::Removed | ItemState::Dead => {}
    }
    let (title, tags) = check(&old, &tag::all(tx)?, new)?;
    let Some(subject) = difference(&old, &title, &tags) else {
        return Ok(());
    };
    let was = Was::of(tx, id)?;
    search::erase(tx, id.raw())?;
    tx.prepare_cached("update story set title = ?2 where id = ?1")?
        .execute(params![id.raw(), title.as_str()])?;
    let ids: Vec<TagId> = tags.iter().map(|tag| tag.id).collect();
    story::set_tags(tx, &was, &ids)?;
    search::add(tx, id.raw())?;
    rank::refresh(tx, was)?;
    modlog::record(
        tx,
        &Entry {
            moderator: Some(by),
            action: "story.edit",
            story: Some(id),
            user: Some(old.row.author_id),
            subject: Some(&subject),
            reason: &new.reason,
            ..Entry::default()
        },
    )
}

fn check(old: &Story, known: &[Tag], new: &Correction) -> Result<(Title, Vec<Tag>)> {
    let mut problems = Vec::new();
    let mut note = |field, message: String| problems.push(crate::error::Problem { field, message });
    let title = Title::parse(&new.title);
    if let Err(message) = title {
        note("title", message.into());
    }
    let tags: Vec<Tag> = known
        .iter()
        .filter(|tag| new.tags.iter().any(|name| name == tag.name.as_str()))
        .filter(|tag| !tag.retired || old.row.tags.contains(&tag.name))
        .cloned()
        .collect();
    match tags.len() {
        0 => note("tags", "Choose at least one topic.".into()),
        1..=crate::domain::tag::MOST_TAGS => {}
        _ => note("tags", "Choose at most 4 topics.".into()),
    }
    if let Err(message) = crate::domain::moderation::reason(&new.reason) {
        note("reason", message.into());
    }
    match title {
        Ok(title) if problems.is_empty() => Ok((title, tags)),
        _ => Err(Error::Invalid(problems)),
    }
}

/// What changes, in words; `None` when nothing does.
fn difference(old: &Story, title: &Title, tags: &[Tag]) -> Option<String> {
    let mut parts = Vec::new();
    if old.row.title != title.as_str() {
        parts.push(format!("title “{}” → “{}”", old.row.title, title.as_str()));
    }
    let mut names: Vec<&str> = tags.iter().map(|tag| tag.name.as_str()).collect();
    names.sort_unstable();
    let before: Vec<&str> = old.row.tags.iter().map(TagName::as_str).collect();
    if names != before {
        parts.push(format!(
            "topics {} → {}",
            before.join(", "),
            names.join(", ")
        ));
    }
    (!parts.is_empty()).then(|| parts.join("; "))
}
