//! The thread of a lesson: a story that stands in no list, made with the first comment below it.
//!
//! Its author is an account that nobody has: it is deleted from the beginning, and its key is no name.

use rusqlite::{OptionalExtension, params};

use crate::domain::id::{StoryId, UserId};
use crate::domain::lesson::LessonId;
use crate::domain::story::ItemState;
use crate::error::Result;
use crate::store::stamp::{self, Was};
use crate::store::{Conn, Tx, rank, sequence};

/// The thread of a lesson, when somebody has said something about it.
///
/// # Errors
/// When SQLite fails.
pub fn of(conn: &Conn, lesson: &LessonId) -> Result<Option<StoryId>> {
    let story: Option<i64> = conn
        .prepare_cached("select story_id from lesson_talk where lesson = ?1")?
        .query_row([lesson.as_str()], |row| row.get(0))
        .optional()?;
    Ok(story.map(StoryId::new))
}

/// The lesson that a story is the thread of.
///
/// # Errors
/// When SQLite fails.
pub fn lesson_of(conn: &Conn, story: StoryId) -> Result<Option<LessonId>> {
    let lesson: Option<String> = conn
        .prepare_cached("select lesson from lesson_talk where story_id = ?1")?
        .query_row([story.raw()], |row| row.get(0))
        .optional()?;
    Ok(lesson.map(LessonId::from_stored))
}

/// Shown comments in a thread.
///
/// # Errors
/// When SQLite fails.
pub fn count(conn: &Conn, thread: StoryId) -> Result<i64> {
    let count = conn
        .prepare_cached("select comment_count from story where id = ?1")?
        .query_row([thread.raw()], |row| row.get(0))?;
    Ok(count)
}

/// The thread of a lesson, made when there is none; it is called as the lesson is called now.
///
/// # Errors
/// When SQLite fails.
pub fn open(tx: &Tx, lesson: &LessonId, title: &str) -> Result<StoryId> {
    if let Some(id) = of(tx, lesson)? {
        rename(tx, id, title)?;
        return Ok(id);
    }
    let author = author(tx)?;
    let id = StoryId::new(sequence::next(tx)?);
    let (was, now) = (Was::of(tx, id)?, tx.now());
    tx.prepare_cached(
        "insert into story (id, user_id, title, state, day, month, created_ms, active_ms)
         values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?7)",
    )?
    .execute(params![
        id.raw(),
        author.raw(),
        title,
        ItemState::Lesson.raw(),
        now.day(),
        now.month(),
        now.ms(),
    ])?;
    tx.prepare_cached("insert into lesson_talk (lesson, story_id) values (?1, ?2)")?
        .execute(params![lesson.as_str(), id.raw()])?;
    tx.stamp(stamp::lesson_talk(lesson));
    rank::refresh(tx, was)?;
    Ok(id)
}

fn rename(tx: &Tx, id: StoryId, title: &str) -> Result<()> {
    let was = Was::of(tx, id)?;
    let changed = tx
        .prepare_cached("update story set title = ?2 where id = ?1 and title <> ?2")?
        .execute(params![id.raw(), title])?;
    if changed > 0 {
        rank::refresh(tx, was)?;
    }
    Ok(())
}

fn author(tx: &Tx) -> Result<UserId> {
    tx.prepare_cached(
        "insert into user (name, name_key, state, created_ms) values ('[course]', 'course:', 'deleted', ?1)
         on conflict (name_key) do nothing",
    )?
    .execute([tx.now().ms()])?;
    let id = tx
        .prepare_cached("select id from user where name_key = 'course:'")?
        .query_row([], |row| row.get(0))?;
    Ok(UserId::new(id))
}
