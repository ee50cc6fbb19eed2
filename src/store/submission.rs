//! Posting a story: what the database has to say about it before it becomes one.

use rusqlite::{OptionalExtension, params};

use crate::domain::id::{StoryId, UserId};
use crate::domain::link::Link;
use crate::domain::story::Story;
use crate::domain::submission::{Draft, Earlier, RESEND_WINDOW, Submission};
use crate::error::{Error, Result};
use crate::store::story::{self, NewStory, Revision};
use crate::store::{Conn, Tx, domain_ban, tag};
use crate::time::Timestamp;

/// Most earlier stories that are told of.
const MOST_EARLIER: i64 = 5;

/// Posts a story, or answers with the one that this very form has made already. Tells its id and title.
///
/// # Errors
/// As [`check`].
pub fn post(tx: &Tx, author: UserId, draft: &Draft) -> Result<(StoryId, String)> {
    let new = draft.check(&tag::all(tx)?)?;
    let title = new.title.as_str().to_owned();
    if let Some(id) = just_posted(tx, author, &new)? {
        return Ok((id, title));
    }
    check_link(tx, new.url.as_ref(), tx.now())?;
    let story = NewStory {
        author,
        title: new.title,
        url: new.url,
        text: new.text,
        tags: new.tags,
        created: tx.now(),
    };
    Ok((story::create(tx, &story)?, title))
}

/// Changes title, text and tags of one's own story as a form says; its link stays. Answers with the new title.
///
/// # Errors
/// [`Error::Invalid`] with what is wrong, [`Error::Refused`] when it may not be edited (any more).
pub fn revise(tx: &Tx, editor: UserId, id: StoryId, draft: &Draft) -> Result<String> {
    let old = story::find(tx, id, Some(editor))?;
    story::check_edit(&old, editor, tx.now())?;
    let new = check_revision(tx, &old, draft)?;
    let title = new.title.as_str().to_owned();
    let revision = Revision {
        title: new.title,
        text: new.text,
        tags: new.tags,
    };
    story::revise(tx, id, &revision)?;
    Ok(title)
}

/// Checks what [`revise`] would: the link is the story's own, and so may be its tags, retired or not.
///
/// # Errors
/// [`Error::Invalid`] with what is wrong, field by field.
pub fn check_revision(conn: &Conn, old: &Story, draft: &Draft) -> Result<Submission> {
    let mut known = tag::all(conn)?;
    for tag in &mut known {
        tag.retired = tag.retired && !old.row.tags.contains(&tag.name);
    }
    let url = old.row.url.as_ref().map_or("", Link::as_str);
    let draft = Draft {
        url: url.to_owned(),
        ..draft.clone()
    };
    draft.check(&known)
}

/// Checks everything that [`post`] would.
///
/// # Errors
/// [`Error::Invalid`] with what is wrong, field by field.
pub fn check(conn: &Conn, draft: &Draft, now: Timestamp) -> Result<Submission> {
    let new = draft.check(&tag::all(conn)?)?;
    check_link(conn, new.url.as_ref(), now)?;
    Ok(new)
}

fn check_link(conn: &Conn, link: Option<&Link>, now: Timestamp) -> Result<()> {
    let Some(link) = link else { return Ok(()) };
    domain_ban::demand_none(conn, link, now)?;
    let recent = earlier(conn, link, None)?
        .into_iter()
        .find(|story| story.is_recent(now));
    match recent {
        Some(story) => Err(Error::field(
            "url",
            format!(
                "This page was posted on {}. Please join the discussion there instead of posting it again.",
                story.created.human_date()
            ),
        )),
        None => Ok(()),
    }
}

/// Shown stories that lead to the same page, newest first; `except` leaves one out (the story that is looked at).
///
/// # Errors
/// When SQLite fails.
pub fn earlier(conn: &Conn, link: &Link, except: Option<StoryId>) -> Result<Vec<Earlier>> {
    // The plus keeps the planner from walking all shown stories in order of time instead of the few with this key.
    let mut query = conn.prepare_cached(
        "select id, title, created_ms, comment_count from story
         where url_key = ?1 and +state = 0 and id is not ?2 order by created_ms desc, id desc limit ?3",
    )?;
    let rows = query.query_map(
        params![link.key(), except.map(StoryId::raw), MOST_EARLIER],
        |row| {
            Ok(Earlier {
                id: StoryId::new(row.get(0)?),
                title: row.get(1)?,
                created: Timestamp::from_ms(row.get(2)?),
                comments: row.get(3)?,
            })
        },
    )?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// The story that this member made of the very same form a moment ago.
fn just_posted(tx: &Tx, author: UserId, new: &Submission) -> Result<Option<StoryId>> {
    let id = tx
        .prepare_cached(
            "select id from story where user_id = ?1 and created_ms > ?2 and state = 0
             and title = ?3 and url_key is ?4 and text = ?5 order by created_ms desc limit 1",
        )?
        .query_row(
            params![
                author.raw(),
                tx.now().minus(RESEND_WINDOW).ms(),
                new.title.as_str(),
                new.url.as_ref().map(Link::key),
                new.text,
            ],
            |row| row.get(0),
        )
        .optional()?;
    Ok(id.map(StoryId::new))
}
