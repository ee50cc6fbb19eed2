//! How far members are with the course. Nobody else sees it, and no page that is kept shows it, so it has no stamp.

use std::collections::BTreeMap;

use rusqlite::{OptionalExtension, Row, params};

use crate::domain::id::UserId;
use crate::domain::lesson::LessonId;
use crate::domain::progress::{Draft, MOST_DRAFTS, Passed, Progress, Said};
use crate::error::Result;
use crate::store::{Conn, Tx};

/// All of a member's.
///
/// # Errors
/// When SQLite fails.
pub fn of(conn: &Conn, user: UserId) -> Result<Progress> {
    let mut query = conn.prepare_cached(
        "select passed_ms, tries, at_ms, lesson from progress where user_id = ?1",
    )?;
    let lessons = query.query_map([user.raw()], |row| Ok((lesson_id(row)?, passed(row)?)))?;
    let lessons = lessons.collect::<rusqlite::Result<_>>()?;
    let mut query = conn.prepare_cached(
        "select starter, code, at_ms, lesson from lesson_draft where user_id = ?1",
    )?;
    let drafts = query.query_map([user.raw()], |row| Ok((lesson_id(row)?, draft(row)?)))?;
    let (open, goal) = learner(conn, user)?;
    Ok(Progress {
        lessons,
        drafts: drafts.collect::<rusqlite::Result<_>>()?,
        open,
        goal,
    })
}

/// What is said of a member's learning as a whole.
type Learner = (Option<Said<LessonId>>, Option<Said<u8>>);

fn learner(conn: &Conn, user: UserId) -> Result<Learner> {
    let found = conn
        .prepare_cached(
            "select open_lesson, open_ms, goal, goal_ms from learner where user_id = ?1",
        )?
        .query_row([user.raw()], |row| {
            let open: Option<String> = row.get(0)?;
            let (goal, open_at, goal_at) = (row.get::<_, Option<u8>>(2)?, row.get(1)?, row.get(3)?);
            Ok((
                open.map(|id| Said {
                    at: open_at,
                    what: LessonId::from_stored(id),
                }),
                goal.map(|goal| Said {
                    at: goal_at,
                    what: goal,
                }),
            ))
        })
        .optional()?;
    Ok(found.unwrap_or_default())
}

fn lesson_id(row: &Row) -> rusqlite::Result<LessonId> {
    row.get(3).map(LessonId::from_stored)
}

fn passed(row: &Row) -> rusqlite::Result<Passed> {
    Ok(Passed {
        passed: row.get(0)?,
        tries: row.get(1)?,
        at: row.get(2)?,
    })
}

fn draft(row: &Row) -> rusqlite::Result<Draft> {
    Ok(Draft {
        starter: row.get(0)?,
        code: row.get(1)?,
        at: row.get(2)?,
    })
}

/// Adds what a browser knows; answers with what is known then of the lessons that it told of. Only those are read, and only
/// what changes is written.
///
/// # Errors
/// When SQLite fails.
pub fn merge(tx: &Tx, user: UserId, told: Progress) -> Result<Progress> {
    let before = told_of(tx, user, &told)?;
    let elsewhere = count(tx, user)?.saturating_sub(before.ids().count());
    let mut after = before.clone();
    after.merge(told, elsewhere);
    write_lessons(tx, user, &before, &after)?;
    if (&before.open, &before.goal) != (&after.open, &after.goal) {
        write_learner(tx, user, &after)?;
    }
    if write_drafts(tx, user, &before, &after)? {
        for gone in let_old_drafts_go(tx, user)? {
            after.drafts.remove(&gone);
        }
    }
    Ok(after)
}

/// What is known of the lessons of `told`.
fn told_of(tx: &Tx, user: UserId, told: &Progress) -> Result<Progress> {
    let (open, goal) = learner(tx, user)?;
    let mut known = Progress {
        open,
        goal,
        ..Progress::default()
    };
    let mut lesson = tx.prepare_cached(
        "select passed_ms, tries, at_ms from progress where user_id = ?1 and lesson = ?2",
    )?;
    let mut text = tx.prepare_cached(
        "select starter, code, at_ms from lesson_draft where user_id = ?1 and lesson = ?2",
    )?;
    for id in told.ids() {
        let key = params![user.raw(), id.as_str()];
        for found in lesson.query_map(key, passed)? {
            known.lessons.insert(id.clone(), found?);
        }
        for found in text.query_map(key, draft)? {
            known.drafts.insert(id.clone(), found?);
        }
    }
    Ok(known)
}

/// Of how many lessons something is known.
fn count(tx: &Tx, user: UserId) -> Result<usize> {
    let mut query = tx.prepare_cached(
        "select count(*) from (select lesson from progress where user_id = ?1
         union select lesson from lesson_draft where user_id = ?1)",
    )?;
    let count: i64 = query.query_row([user.raw()], |row| row.get(0))?;
    Ok(usize::try_from(count).unwrap_or(usize::MAX))
}

fn write_lessons(tx: &Tx, user: UserId, before: &Progress, after: &Progress) -> Result<()> {
    let mut write = tx.prepare_cached(
        "insert into progress (user_id, lesson, passed_ms, tries, at_ms) values (?1, ?2, ?3, ?4, ?5)
         on conflict do update set passed_ms = ?3, tries = ?4, at_ms = ?5",
    )?;
    for (id, new) in changed(&before.lessons, &after.lessons) {
        let Passed { passed, tries, at } = new;
        write.execute(params![user.raw(), id.as_str(), passed, tries, at])?;
    }
    Ok(())
}

fn write_learner(tx: &Tx, user: UserId, after: &Progress) -> Result<()> {
    let (open, goal) = (after.open.as_ref(), after.goal.as_ref());
    tx.prepare_cached(
        "insert into learner (user_id, open_lesson, open_ms, goal, goal_ms) values (?1, ?2, ?3, ?4, ?5)
         on conflict do update set open_lesson = ?2, open_ms = ?3, goal = ?4, goal_ms = ?5",
    )?
    .execute(params![
        user.raw(),
        open.map(|open| open.what.as_str()),
        open.map_or(0, |open| open.at),
        goal.map(|goal| goal.what),
        goal.map_or(0, |goal| goal.at)
    ])?;
    Ok(())
}

/// Answers whether any was written.
fn write_drafts(tx: &Tx, user: UserId, before: &Progress, after: &Progress) -> Result<bool> {
    let mut write = tx.prepare_cached(
        "insert into lesson_draft (user_id, lesson, starter, code, at_ms) values (?1, ?2, ?3, ?4, ?5)
         on conflict do update set starter = ?3, code = ?4, at_ms = ?5",
    )?;
    let mut any = false;
    for (id, new) in changed(&before.drafts, &after.drafts) {
        let Draft { starter, code, at } = new;
        write.execute(params![user.raw(), id.as_str(), starter, code, at])?;
        any = true;
    }
    Ok(any)
}

fn changed<'a, T: PartialEq>(
    before: &'a BTreeMap<LessonId, T>,
    after: &'a BTreeMap<LessonId, T>,
) -> impl Iterator<Item = (&'a LessonId, &'a T)> {
    after
        .iter()
        .filter(|(id, new)| before.get(*id) != Some(*new))
}

/// Drafts beyond [`MOST_DRAFTS`] go, the oldest first; answers whose. Lengths are known without reading the texts.
fn let_old_drafts_go(tx: &Tx, user: UserId) -> Result<Vec<LessonId>> {
    let mut forget = tx.prepare_cached(
        "delete from lesson_draft where rowid in (
           select draft from (
             select rowid as draft, sum(octet_length(code)) over (order by at_ms desc, lesson) as upto
             from lesson_draft where user_id = ?1)
           where upto > ?2)
         returning lesson",
    )?;
    let most = i64::try_from(MOST_DRAFTS).unwrap_or(i64::MAX);
    let gone = forget.query_map(params![user.raw(), most], |row| {
        row.get(0).map(LessonId::from_stored)
    })?;
    Ok(gone.collect::<rusqlite::Result<_>>()?)
}
