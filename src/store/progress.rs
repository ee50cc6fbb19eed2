//! How far members are with the course. Nobody else sees it, and no page that is kept shows it, so it has no stamp.

use rusqlite::params;

use crate::domain::id::UserId;
use crate::domain::lesson::LessonId;
use crate::domain::progress::{Draft, Passed, Progress};
use crate::error::Result;
use crate::store::{Conn, Tx};

/// All of a member's.
///
/// # Errors
/// When SQLite fails.
pub fn of(conn: &Conn, user: UserId) -> Result<Progress> {
    let lesson = |text: String| LessonId::from_stored(text);
    let mut query = conn.prepare_cached(
        "select lesson, passed_ms, tries, at_ms from progress where user_id = ?1",
    )?;
    let lessons = query.query_map([user.raw()], |row| {
        let passed = Passed {
            passed: row.get(1)?,
            tries: row.get(2)?,
            at: row.get(3)?,
        };
        Ok((lesson(row.get(0)?), passed))
    })?;
    let lessons = lessons.collect::<rusqlite::Result<_>>()?;
    let mut query = conn.prepare_cached(
        "select lesson, starter, code, at_ms from lesson_draft where user_id = ?1",
    )?;
    let drafts = query.query_map([user.raw()], |row| {
        let draft = Draft {
            starter: row.get(1)?,
            code: row.get(2)?,
            at: row.get(3)?,
        };
        Ok((lesson(row.get(0)?), draft))
    })?;
    Ok(Progress {
        lessons,
        drafts: drafts.collect::<rusqlite::Result<_>>()?,
    })
}

/// Adds what a browser knows; answers with all that is known then. Only what changes is written.
///
/// # Errors
/// When SQLite fails.
pub fn merge(tx: &Tx, user: UserId, told: Progress) -> Result<Progress> {
    let before = of(tx, user)?;
    let mut after = before.clone();
    after.merge(told);
    let mut write = tx.prepare_cached(
        "insert into progress (user_id, lesson, passed_ms, tries, at_ms) values (?1, ?2, ?3, ?4, ?5)
         on conflict do update set passed_ms = ?3, tries = ?4, at_ms = ?5",
    )?;
    for (id, new) in &after.lessons {
        if before.lessons.get(id) != Some(new) {
            write.execute(params![
                user.raw(),
                id.as_str(),
                new.passed,
                new.tries,
                new.at
            ])?;
        }
    }
    let mut write = tx.prepare_cached(
        "insert into lesson_draft (user_id, lesson, starter, code, at_ms) values (?1, ?2, ?3, ?4, ?5)
         on conflict do update set starter = ?3, code = ?4, at_ms = ?5",
    )?;
    for (id, new) in &after.drafts {
        if before.drafts.get(id) != Some(new) {
            write.execute(params![
                user.raw(),
                id.as_str(),
                new.starter,
                new.code,
                new.at
            ])?;
        }
    }
    let mut forget =
        tx.prepare_cached("delete from lesson_draft where user_id = ?1 and lesson = ?2")?;
    let gone = before.drafts.keys();
    for id in gone.filter(|id| !after.drafts.contains_key(*id)) {
        forget.execute(params![user.raw(), id.as_str()])?;
    }
    Ok(after)
}
