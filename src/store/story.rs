//! Stories: made, found, edited, deleted.

use rusqlite::{Row, params};

use crate::domain::id::{ItemId, StoryId, TagId, UserId};
use crate::domain::link::Link;
use crate::domain::story::{ItemState, Marks, Story, StoryRow, Title};
use crate::domain::tag::TagName;
use crate::domain::text::{SafeHtml, markdown};
use crate::domain::user::UserName;
use crate::error::{Error, Result};
use crate::store::stamp::Was;
use crate::store::{Conn, Tx, flag, modlog, rank, search, sequence};
use crate::time::Timestamp;

/// Columns of a list's row; `?1` is the viewer's id or null. Tags come as one comma-separated value.
pub(super) const ROW: &str = "
    s.id, s.title, s.url, s.domain,
    (select group_concat(t.name) from story_tag st join tag t on t.id = st.tag_id where st.story_id = s.id),
    u.name, u.id, u.state = 'deleted', s.created_ms, s.score, s.comment_count, s.state, s.pinned_ms is not null,
    s.locked, s.text <> '',
    exists (select 1 from vote v where v.item_id = s.id and v.user_id = ?1),
    exists (select 1 from saved x where x.item_id = s.id and x.user_id = ?1),
    exists (select 1 from hidden h where h.story_id = s.id and h.user_id = ?1),
    exists (select 1 from flag f where f.item_id = s.id and f.user_id = ?1)";

/// Reads a row that was selected with [`ROW`].
pub(super) fn row(row: &Row) -> rusqlite::Result<StoryRow> {
    let mut tags: Vec<TagName> = row
        .get::<_, Option<String>>(4)?
        .unwrap_or_default()
        .split(',')
        .filter(|name| !name.is_empty())
        .map(|name| TagName::from_stored(name.to_owned()))
        .collect();
    tags.sort();
    Ok(StoryRow {
        id: StoryId::new(row.get(0)?),
        title: row.get(1)?,
        url: row.get::<_, Option<String>>(2)?.map(Link::from_stored),
        domain: row.get(3)?,
        tags,
        author: UserName::from_stored(row.get(5)?),
        author_id: UserId::new(row.get(6)?),
        author_deleted: row.get(7)?,
        created: Timestamp::from_ms(row.get(8)?),
        score: row.get(9)?,
        comments: row.get(10)?,
        state: ItemState::from_raw(row.get(11)?),
        pinned: row.get(12)?,
        locked: row.get(13)?,
        has_text: row.get(14)?,
        marks: Marks {
            voted: row.get(15)?,
            saved: row.get(16)?,
            hidden: row.get(17)?,
            flagged: row.get(18)?,
        },
    })
}

/// Number of columns of [`ROW`]; what a query selects after it begins here.
pub(super) const ROW_COLUMNS: usize = 19;

/// What a new story is made of.
#[derive(Debug, Clone)]
pub struct NewStory {
    /// Who posts it.
    pub author: UserId,
    /// Its title.
    pub title: Title,
    /// Where it leads; `None` for a text story.
    pub url: Option<Link>,
    /// Text, Markdown.
    pub text: String,
    /// Its tags.
    pub tags: Vec<TagId>,
    /// Posted at.
    pub created: Timestamp,
}

/// Stores a new story, with its rank and its entry in the search index.
///
/// # Errors
/// When SQLite fails.
pub fn create(tx: &Tx, new: &NewStory) -> Result<StoryId> {
    let id = StoryId::new(sequence::next(tx)?);
    let was = Was::of(tx, id)?;
    let html = if new.text.is_empty() {
        SafeHtml::default()
    } else {
        markdown(&new.text)
    };
    tx.prepare_cached(
        "insert into story (id, user_id, title, url, url_key, domain, text, html, day, month, created_ms, active_ms)
         values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?11)",
    )?
    .execute(params![
        id.raw(),
        new.author.raw(),
        new.title.as_str(),
        new.url.as_ref().map(Link::as_str),
        new.url.as_ref().map(Link::key),
        new.url.as_ref().map(Link::domain),
        new.text,
        html.as_str(),
        new.created.day(),
        new.created.month(),
        new.created.ms(),
    ])?;
    set_tags(tx, &was, &new.tags)?;
    search::add(tx, id.raw())?;
    rank::refresh(tx, was)?;
    Ok(id)
}

/// Gives the story exactly these tags. The caller refreshes its rank after.
///
/// # Errors
/// When SQLite fails.
pub fn set_tags(tx: &Tx, was: &Was, tags: &[TagId]) -> Result<()> {
    let story = was.id();
    tx.prepare_cached("delete from story_tag where story_id = ?1")?
        .execute([story.raw()])?;
    let mut insert = tx.prepare_cached(
        "insert or ignore into story_tag (story_id, tag_id, state, hot, created_ms)
         select id, ?2, state, hot, created_ms from story where id = ?1",
    )?;
    for tag in tags {
        insert.execute(params![story.raw(), tag.raw()])?;
    }
    Ok(())
}

/// A story with all that its page shows, in whatever state it is.
///
/// # Errors
/// [`Error::NotFound`](crate::error::Error::NotFound) when there is none.
pub fn find(conn: &Conn, id: StoryId, viewer: Option<UserId>) -> Result<Story> {
    let sql = format!(
        "select {ROW}, s.text, s.html, s.edited_ms, s.state_reason, s.flags
         from story s join user u on u.id = s.user_id where s.id = ?2"
    );
    let story =
        conn.prepare_cached(&sql)?
            .query_row(params![viewer.map(UserId::raw), id.raw()], |r| {
                Ok(Story {
                    row: row(r)?,
                    text: r.get(ROW_COLUMNS)?,
                    html: SafeHtml::from_stored(r.get(ROW_COLUMNS + 1)?),
                    edited: r
                        .get::<_, Option<i64>>(ROW_COLUMNS + 2)?
                        .map(Timestamp::from_ms),
                    state_reason: r.get(ROW_COLUMNS + 3)?,
                    flags: r.get(ROW_COLUMNS + 4)?,
                })
            })?;
    Ok(story)
}

/// A story as lists show it, in whatever state it is.
///
/// # Errors
/// [`Error::NotFound`](crate::error::Error::NotFound) when there is none.
pub fn find_row(conn: &Conn, id: StoryId, viewer: Option<UserId>) -> Result<StoryRow> {
    let sql = format!("select {ROW} from story s join user u on u.id = s.user_id where s.id = ?2");
    let story = conn
        .prepare_cached(&sql)?
        .query_row(params![viewer.map(UserId::raw), id.raw()], row)?;
    Ok(story)
}

/// What may be changed in a story after it was posted; its link may not.
#[derive(Debug, Clone)]
pub struct Revision {
    /// Its title.
    pub title: Title,
    /// Text, Markdown.
    pub text: String,
    /// Its tags.
    pub tags: Vec<TagId>,
}

/// Whether this story is `member`'s own and still there.
///
/// # Errors
/// [`Error::Refused`] with the reason.
pub fn check_own(story: &Story, member: UserId) -> Result<()> {
    let reason = match story.row.state {
        _ if story.row.author_id != member => "This story is somebody else's.",
        ItemState::Shown => return Ok(()),
        ItemState::Deleted => "This story has been deleted already.",
        ItemState::Removed | ItemState::Dead => "A moderator has removed this story.",
        ItemState::Lesson => "The thread of a lesson is nobody's own.",
    };
    Err(Error::Refused(reason.into()))
}

/// Whether `editor` may edit this story now, as its author.
///
/// # Errors
/// [`Error::Refused`] with the reason.
pub fn check_edit(story: &Story, editor: UserId, now: Timestamp) -> Result<()> {
    check_own(story, editor)?;
    if story.editable(now) {
        return Ok(());
    }
    Err(Error::Refused(
        "Stories can be edited for six hours. That time is over; a moderator can still correct a title.".into(),
    ))
}

/// Changes title, text and tags, whoever asks; rank, search index and the edited mark follow.
///
/// # Errors
/// When SQLite fails.
pub fn revise(tx: &Tx, id: StoryId, revision: &Revision) -> Result<()> {
    let html = if revision.text.is_empty() {
        SafeHtml::default()
    } else {
        markdown(&revision.text)
    };
    let was = Was::of(tx, id)?.reworded();
    search::erase(tx, id.raw())?;
    tx.prepare_cached(
        "update story set title = ?2, text = ?3, html = ?4,
           edited_ms = iif(title = ?2 and text = ?3, edited_ms, ?5) where id = ?1",
    )?
    .execute(params![
        id.raw(),
        revision.title.as_str(),
        revision.text,
        html.as_str(),
        tx.now().ms()
    ])?;
    set_tags(tx, &was, &revision.tags)?;
    search::add(tx, id.raw())?;
    rank::refresh(tx, was)
}

/// Deletes one's own story: title, link and text go; its points, and what others said below it, stay.
/// Deleting twice is deleting once.
///
/// # Errors
/// [`Error::NotFound`], [`Error::Refused`] with the reason.
pub fn delete(tx: &Tx, member: UserId, id: StoryId) -> Result<()> {
    let story = find(tx, id, Some(member))?;
    if story.row.author_id == member && story.row.state == ItemState::Deleted {
        return Ok(());
    }
    check_own(&story, member)?;
    wipe(tx, id)
}

/// Takes title, link and text away for good, whoever asked for it.
pub(super) fn wipe(tx: &Tx, id: StoryId) -> Result<()> {
    let was = Was::of(tx, id)?;
    search::erase(tx, id.raw())?;
    tx.prepare_cached(
        "update story set state = ?2, title = '[deleted]', url = null, url_key = null, domain = null, text = '',
           html = '', pinned_ms = null where id = ?1",
    )?
    .execute(params![id.raw(), ItemState::Deleted.raw()])?;
    flag::settle(tx, ItemId::Story(id))?;
    modlog::wipe_corrections(tx, id)?;
    rank::refresh(tx, was)
}
