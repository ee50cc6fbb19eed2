//! Comments: posted, edited, deleted, and the flat list of a story's thread.
//!
//! A deleted comment keeps its row, its points and its place in the tree; its words are wiped.

use rusqlite::{OptionalExtension, Row, params};

use crate::domain::comment::{Comment, CommentText, REPEAT_WINDOW};
use crate::domain::id::{CommentId, ItemId, StoryId, UserId};
use crate::domain::story::{ItemState, Marks};
use crate::domain::text::{SafeHtml, markdown};
use crate::domain::user::UserName;
use crate::error::{Error, Result};
use crate::store::stamp::{self, Said, Was};
use crate::store::{Conn, Tx, flag, inbox, rank, search, sequence};
use crate::time::Timestamp;

/// Columns of a comment; `?1` is the viewer's id or null.
pub(super) const ROW: &str = "
    c.id, c.story_id, c.parent_id, u.name, u.id, u.state = 'deleted', c.html, c.state, c.state_reason, c.score, c.flags,
    c.created_ms, c.edited_ms,
    exists (select 1 from vote v where v.item_id = c.id and v.user_id = ?1),
    exists (select 1 from saved x where x.item_id = c.id and x.user_id = ?1),
    exists (select 1 from flag f where f.item_id = c.id and f.user_id = ?1)";

/// Number of columns of [`ROW`].
pub(super) const ROW_COLUMNS: usize = 16;

/// Reads a row that was selected with [`ROW`].
pub(super) fn row(row: &Row) -> rusqlite::Result<Comment> {
    Ok(Comment {
        id: CommentId::new(row.get(0)?),
        story: StoryId::new(row.get(1)?),
        parent: row.get::<_, Option<i64>>(2)?.map(CommentId::new),
        author: UserName::from_stored(row.get(3)?),
        author_id: UserId::new(row.get(4)?),
        author_deleted: row.get(5)?,
        html: SafeHtml::from_stored(row.get(6)?),
        state: ItemState::from_raw(row.get(7)?),
        state_reason: row.get(8)?,
        score: row.get(9)?,
        flags: row.get(10)?,
        created: Timestamp::from_ms(row.get(11)?),
        edited: row.get::<_, Option<i64>>(12)?.map(Timestamp::from_ms),
        marks: Marks {
            voted: row.get(13)?,
            saved: row.get(14)?,
            hidden: false,
            flagged: row.get(15)?,
        },
    })
}

/// All comments of a story, in order of their ids: one flat query, whatever the shape of the thread.
///
/// # Errors
/// When SQLite fails.
pub fn of_story(conn: &Conn, story: StoryId, viewer: Option<UserId>) -> Result<Vec<Comment>> {
    let sql = format!(
        "select {ROW} from comment c join user u on u.id = c.user_id where c.story_id = ?2 order by c.id"
    );
    let mut query = conn.prepare_cached(&sql)?;
    let rows = query.query_map(params![viewer.map(UserId::raw), story.raw()], row)?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// What a new comment is made of.
#[derive(Debug, Clone)]
pub struct NewComment {
    /// Who writes it.
    pub author: UserId,
    /// The story.
    pub story: StoryId,
    /// What it answers; of the same story.
    pub parent: Option<CommentId>,
    /// Text, Markdown.
    pub text: String,
    /// Written at.
    pub created: Timestamp,
}

/// Stores a new comment; counts, ranks and the search index follow. The caller has checked that it may be written.
///
/// # Errors
/// When SQLite fails.
pub fn create(tx: &Tx, new: &NewComment) -> Result<CommentId> {
    insert(tx, new, &markdown(&new.text))
}

fn insert(tx: &Tx, new: &NewComment, html: &SafeHtml) -> Result<CommentId> {
    let was = Was::of(tx, new.story)?;
    let id = CommentId::new(sequence::next(tx)?);
    tx.prepare_cached(
        "insert into comment (id, story_id, parent_id, user_id, text, html, created_ms)
         values (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
    )?
    .execute(params![
        id.raw(),
        new.story.raw(),
        new.parent.map(CommentId::raw),
        new.author.raw(),
        new.text,
        html.as_str(),
        new.created.ms(),
    ])?;
    // A new comment has one point, its author's own: score + 1 = 2.
    tx.prepare_cached(
        "update story set comment_count = comment_count + 1,
           comment_points = comment_points + iif(user_id = ?2, 0, 2), active_ms = max(active_ms, ?3)
         where id = ?1",
    )?
    .execute(params![new.story.raw(), new.author.raw(), new.created.ms()])?;
    search::add(tx, id.raw())?;
    inbox::tell(tx, id)?;
    rank::refresh(tx, was)?;
    let said = Said {
        id,
        story: new.story,
        author: new.author,
        created: new.created,
    };
    said.came(tx);
    tx.stamp_all(new.parent.map(stamp::comment));
    Ok(id)
}

/// Ids of all comments of a story, whatever their state.
pub(super) fn ids_of(conn: &Conn, story: StoryId) -> Result<Vec<i64>> {
    let mut query = conn.prepare_cached("select id from comment where story_id = ?1")?;
    let ids = query.query_map([story.raw()], |row| row.get(0))?;
    Ok(ids.collect::<rusqlite::Result<_>>()?)
}

/// Posts a member's comment. The same words in the same place within [`REPEAT_WINDOW`] are the same comment, sent twice.
///
/// # Errors
/// [`Error::NotFound`] without such a story, [`Error::Refused`] when it is locked or what is answered is gone.
pub fn post(
    tx: &Tx,
    author: UserId,
    story: StoryId,
    parent: Option<CommentId>,
    text: &CommentText,
) -> Result<CommentId> {
    answerable(tx, story)?;
    if let Some(parent) = parent {
        check_parent(tx, story, parent)?;
    }
    if let Some(id) = repeated(tx, author, story, parent, text.source())? {
        return Ok(id);
    }
    let new = NewComment {
        author,
        story,
        parent,
        text: text.source().to_owned(),
        created: tx.now(),
    };
    insert(tx, &new, text.html())
}

/// The story is shown and not locked.
fn answerable(conn: &Conn, story: StoryId) -> Result<()> {
    let (state, locked): (i64, bool) = conn
        .prepare_cached("select state, locked from story where id = ?1")?
        .query_row([story.raw()], |row| Ok((row.get(0)?, row.get(1)?)))?;
    if !ItemState::from_raw(state).takes_comments() {
        return Err(Error::Refused(
            "This story is gone, so nothing can be added to it.".into(),
        ));
    }
    if locked {
        return Err(Error::Refused(
            "This story is locked: what was said stays, but nothing new can be added.".into(),
        ));
    }
    Ok(())
}

fn check_parent(conn: &Conn, story: StoryId, parent: CommentId) -> Result<()> {
    let found: Option<(i64, i64)> = conn
        .prepare_cached("select story_id, state from comment where id = ?1")?
        .query_row([parent.raw()], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    match found {
        Some((of, state)) if of == story.raw() => match ItemState::from_raw(state) {
            ItemState::Shown => Ok(()),
            _ => Err(Error::Refused(
                "The comment that you answer has been deleted or removed meanwhile.".into(),
            )),
        },
        _ => Err(Error::NotFound),
    }
}

fn repeated(
    tx: &Tx,
    author: UserId,
    story: StoryId,
    parent: Option<CommentId>,
    text: &str,
) -> Result<Option<CommentId>> {
    let id: Option<i64> = tx
        .prepare_cached(
            "select id from comment where user_id = ?1 and created_ms > ?2 and story_id = ?3 and parent_id is ?4
               and state = 0 and text = ?5 order by created_ms limit 1",
        )?
        .query_row(
            params![
                author.raw(),
                tx.now().minus(REPEAT_WINDOW).ms(),
                story.raw(),
                parent.map(CommentId::raw),
                text
            ],
            |row| row.get(0),
        )
        .optional()?;
    Ok(id.map(CommentId::new))
}

/// One comment, in whatever state it is.
///
/// # Errors
/// [`Error::NotFound`] when there is none.
pub fn find(conn: &Conn, id: CommentId, viewer: Option<UserId>) -> Result<Comment> {
    let sql =
        format!("select {ROW} from comment c join user u on u.id = c.user_id where c.id = ?2");
    let comment = conn
        .prepare_cached(&sql)?
        .query_row(params![viewer.map(UserId::raw), id.raw()], row)?;
    Ok(comment)
}

/// Text of a comment as its author typed it.
///
/// # Errors
/// [`Error::NotFound`] when there is none.
pub fn source(conn: &Conn, id: CommentId) -> Result<String> {
    let text = conn
        .prepare_cached("select text from comment where id = ?1")?
        .query_row([id.raw()], |row| row.get(0))?;
    Ok(text)
}

/// Whether `editor` may edit this comment now.
///
/// # Errors
/// [`Error::Refused`] with the reason.
pub fn check_edit(comment: &Comment, editor: UserId, now: Timestamp) -> Result<()> {
    check_own(comment, editor)?;
    if comment.editable(now) {
        return Ok(());
    }
    Err(Error::Refused(
        "Comments can be edited for six hours. That time is over; a reply to it can still set things right.".into(),
    ))
}

/// Whether this comment is `member`'s own and still there.
///
/// # Errors
/// [`Error::Refused`] with the reason.
pub fn check_own(comment: &Comment, member: UserId) -> Result<()> {
    let reason = match comment.state {
        _ if comment.author_id != member => "This comment is somebody else's.",
        ItemState::Shown | ItemState::Lesson => return Ok(()),
        ItemState::Deleted => "This comment has been deleted already.",
        ItemState::Removed | ItemState::Dead => "A moderator has removed this comment.",
    };
    Err(Error::Refused(reason.into()))
}

/// Replaces the text of one's own comment, within the time that there is for it.
///
/// # Errors
/// [`Error::NotFound`], [`Error::Refused`] with the reason.
pub fn edit(tx: &Tx, editor: UserId, id: CommentId, text: &CommentText) -> Result<Comment> {
    let comment = find(tx, id, Some(editor))?;
    check_edit(&comment, editor, tx.now())?;
    check_thread(tx, comment.story)?;
    if source(tx, id)? == text.source() {
        return Ok(comment);
    }
    search::erase(tx, id.raw())?;
    tx.prepare_cached("update comment set text = ?2, html = ?3, edited_ms = ?4 where id = ?1")?
        .execute(params![
            id.raw(),
            text.source(),
            text.html().as_str(),
            tx.now().ms()
        ])?;
    search::add(tx, id.raw())?;
    Said::from(&comment).changed(tx);
    Ok(comment)
}

/// A thread that nobody can read is not written in either.
fn check_thread(conn: &Conn, story: StoryId) -> Result<()> {
    let state = conn
        .prepare_cached("select state from story where id = ?1")?
        .query_row([story.raw()], |row| row.get(0))?;
    match ItemState::from_raw(state) {
        ItemState::Shown | ItemState::Deleted | ItemState::Lesson => Ok(()),
        ItemState::Removed | ItemState::Dead => Err(Error::NotFound),
    }
}

/// Deletes one's own comment: its words go, its place in the tree and its points stay. Deleting twice is deleting once.
///
/// # Errors
/// [`Error::NotFound`], [`Error::Refused`] with the reason.
pub fn delete(tx: &Tx, member: UserId, id: CommentId) -> Result<Comment> {
    let comment = find(tx, id, Some(member))?;
    if comment.author_id == member && comment.state == ItemState::Deleted {
        return Ok(comment);
    }
    check_own(&comment, member)?;
    wipe(tx, &comment)?;
    Ok(comment)
}

/// Takes a comment's words away for good, whoever asked for it.
pub(super) fn wipe(tx: &Tx, comment: &Comment) -> Result<()> {
    let id = comment.id;
    let was = Was::of(tx, comment.story)?;
    search::erase(tx, id.raw())?;
    tx.prepare_cached("update comment set state = ?2, text = '', html = '' where id = ?1")?
        .execute(params![id.raw(), ItemState::Deleted.raw()])?;
    flag::settle(tx, ItemId::Comment(id))?;
    Said::from(comment).came_or_went(tx)?;
    rank::recount(tx, was)
}
