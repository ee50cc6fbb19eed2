//! The sums of what learners' browsers told of lessons. Only moderators' pages show them, which are never kept, so they have no
//! stamp. Never here: a row for each message, or anything of who sent one.

use rusqlite::params;

use crate::domain::lesson::LessonId;
use crate::domain::tally::{Sums, Tally, day};
use crate::error::Result;
use crate::store::{Conn, Tx};
use crate::time::Timestamp;

/// What is to be added: lesson, its version, how much.
pub type More = (LessonId, String, Sums);

/// Adds sums, and lets those go that are old and not of a lesson as it `is_taught`.
///
/// # Errors
/// When SQLite fails.
pub fn add(tx: &Tx, more: &[More], is_taught: impl Fn(&str, &str) -> bool) -> Result<()> {
    let mut add = tx.prepare_cached(
        "insert into lesson_tally (lesson, version, tried, passed, hint1, hint2, hint3, solution, since_ms, last_ms)
         values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?9)
         on conflict do update set tried = tried + ?3, passed = passed + ?4, hint1 = hint1 + ?5, hint2 = hint2 + ?6,
           hint3 = hint3 + ?7, solution = solution + ?8, last_ms = ?9",
    )?;
    for (lesson, version, sums) in more {
        let [first, second, third] = sums.hints;
        add.execute(params![
            lesson.as_str(),
            version,
            sums.tried,
            sums.passed,
            first,
            second,
            third,
            sums.solution,
            day(tx.now()).ms()
        ])?;
    }
    forget(tx, is_taught)
}

fn forget(tx: &Tx, is_taught: impl Fn(&str, &str) -> bool) -> Result<()> {
    let mut forget =
        tx.prepare_cached("delete from lesson_tally where lesson = ?1 and version = ?2")?;
    for tally in all(tx)? {
        let (lesson, version) = (tally.lesson.as_str(), &tally.version);
        if tally.is_over(tx.now()) && !is_taught(lesson, version) {
            forget.execute(params![lesson, version])?;
        }
    }
    Ok(())
}

/// All sums, those of a lesson that were added to last first. A site has few: a row for each version of each lesson.
///
/// # Errors
/// When SQLite fails.
pub fn all(conn: &Conn) -> Result<Vec<Tally>> {
    // Sums are claims: one that is beyond what is counted is as much as can be counted.
    let mut query = conn.prepare_cached(
        "select lesson, version, min(tried, 4294967295), min(passed, 4294967295), min(hint1, 4294967295),
           min(hint2, 4294967295), min(hint3, 4294967295), min(solution, 4294967295), since_ms, last_ms
         from lesson_tally order by lesson, last_ms desc, version",
    )?;
    let tallies = query.query_map([], |row| {
        Ok(Tally {
            lesson: LessonId::from_stored(row.get(0)?),
            version: row.get(1)?,
            sums: Sums {
                tried: row.get(2)?,
                passed: row.get(3)?,
                hints: [row.get(4)?, row.get(5)?, row.get(6)?],
                solution: row.get(7)?,
            },
            since: Timestamp::from_ms(row.get(8)?),
            last: Timestamp::from_ms(row.get(9)?),
        })
    })?;
    Ok(tallies.collect::<rusqlite::Result<_>>()?)
}
