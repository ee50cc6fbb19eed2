//! Comments: new ones, and the flat list of a story's thread.

use rusqlite::{Row, params};

use crate::cache::Stamp;
use crate::domain::comment::Comment;
use crate::domain::id::{CommentId, StoryId, UserId};
use crate::domain::story::{ItemState, Marks};
use crate::domain::text::{SafeHtml, markdown};
use crate::domain::user::UserName;
use crate::error::Result;
use crate::store::{Conn, Tx, inbox, rank, search, sequence};
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
        markdown(&new.text).as_str(),
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
    rank::refresh(tx, new.story)?;
    stamp(tx, new.author);
    Ok(id)
}

/// Ids of all comments of a story, whatever their state.
pub(super) fn ids_of(conn: &Conn, story: StoryId) -> Result<Vec<i64>> {
    let mut query = conn.prepare_cached("select id from comment where story_id = ?1")?;
    let ids = query.query_map([story.raw()], |row| row.get(0))?;
    Ok(ids.collect::<rusqlite::Result<_>>()?)
}

/// Who wrote below a story.
pub(super) fn writers_of(conn: &Conn, story: StoryId) -> Result<Vec<UserId>> {
    let mut query =
        conn.prepare_cached("select distinct user_id from comment where story_id = ?1")?;
    let ids = query.query_map([story.raw()], |row| row.get(0).map(UserId::new))?;
    Ok(ids.collect::<rusqlite::Result<_>>()?)
}

/// Names the stamps of the lists that show a member's comments.
pub(super) fn stamp(tx: &Tx, author: UserId) {
    tx.stamp(Stamp::new("list", "comments"));
    tx.stamp(Stamp::new("user", author));
}
