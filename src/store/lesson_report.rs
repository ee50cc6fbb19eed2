//! What members report of lessons, until a moderator has dealt with it. Only moderators' pages show it, which are never kept.

use rusqlite::{OptionalExtension, params};

use crate::domain::id::{ReportId, UserId};
use crate::domain::lesson::LessonId;
use crate::domain::lesson_report::{LessonReport, MOST_OPEN, ReportText, Version};
use crate::domain::user::UserName;
use crate::error::{Error, Result};
use crate::store::modlog::{self, Entry};
use crate::store::{Conn, Tx};
use crate::time::Timestamp;

/// Keeps a report. The same words on the same lesson are the same report, sent twice.
///
/// # Errors
/// [`Error::Refused`] for who has too many open ones.
pub fn add(
    tx: &Tx,
    by: UserId,
    lesson: &LessonId,
    version: &Version,
    text: &ReportText,
) -> Result<()> {
    let (same, open): (bool, i64) = tx
        .prepare_cached(
            "select coalesce(max(lesson = ?2 and text = ?3), 0), count(*) from lesson_report where user_id = ?1",
        )?
        .query_row(params![by.raw(), lesson.as_str(), text.as_str()], |row| {
            Ok((row.get(0)?, row.get(1)?))
        })?;
    if same {
        return Ok(());
    }
    if open >= MOST_OPEN {
        return Err(Error::Refused(format!(
            "{MOST_OPEN} of your reports wait for a moderator. Please let them be read first."
        )));
    }
    tx.prepare_cached(
        "insert into lesson_report (user_id, lesson, version, text, created_ms) values (?1, ?2, ?3, ?4, ?5)",
    )?
    .execute(params![
        by.raw(),
        lesson.as_str(),
        version.as_str(),
        text.as_str(),
        tx.now().ms()
    ])?;
    Ok(())
}

/// Those that wait, longest first; at most 100.
///
/// # Errors
/// When SQLite fails.
pub fn open(conn: &Conn) -> Result<Vec<LessonReport>> {
    let mut query = conn.prepare_cached(
        "select r.id, u.name, r.lesson, r.version, r.text, r.created_ms
         from lesson_report r join user u on u.id = r.user_id order by r.id limit 100",
    )?;
    let reports = query.query_map([], |row| {
        Ok(LessonReport {
            id: ReportId::new(row.get(0)?),
            by: UserName::from_stored(row.get(1)?),
            lesson: LessonId::from_stored(row.get(2)?),
            version: row.get(3)?,
            text: row.get(4)?,
            created: Timestamp::from_ms(row.get(5)?),
        })
    })?;
    Ok(reports.collect::<rusqlite::Result<_>>()?)
}

/// How many wait.
///
/// # Errors
/// When SQLite fails.
pub fn count(conn: &Conn) -> Result<i64> {
    let count = conn
        .prepare_cached("select count(*) from lesson_report")?
        .query_row([], |row| row.get(0))?;
    Ok(count)
}

/// A moderator has dealt with it: it goes, and the log says so. One that is gone already stays so.
///
/// # Errors
/// When SQLite fails.
pub fn settle(tx: &Tx, by: UserId, report: ReportId, reason: &str) -> Result<()> {
    let settled: Option<(i64, String)> = tx
        .prepare_cached("delete from lesson_report where id = ?1 returning user_id, lesson")?
        .query_row([report.raw()], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    let Some((user, lesson)) = settled else {
        return Ok(());
    };
    modlog::record(
        tx,
        &Entry {
            moderator: Some(by),
            action: "lesson.settle",
            user: Some(UserId::new(user)),
            subject: Some(&lesson),
            reason,
            ..Entry::default()
        },
    )
}
