//! Whether links still answer: which is to be asked, and what came of it.

use rusqlite::{OptionalExtension, params};

use crate::domain::id::ResourceId;
use crate::domain::link::Link;
use crate::domain::resource::{CHECK_AGAIN, CHECK_EVERY};
use crate::error::Result;
use crate::store::resource::change;
use crate::store::{Conn, Tx};
use crate::time::Timestamp;

/// The link whose turn it is to be asked, if there is one.
///
/// # Errors
/// When SQLite fails.
pub fn due(conn: &Conn, now: Timestamp) -> Result<Option<(ResourceId, Link)>> {
    let found = conn
        .prepare_cached(
            "select id, url from resource where state = 'shown' and check_ms <= ?1 order by check_ms limit 1",
        )?
        .query_row([now.ms()], |row| {
            Ok((
                ResourceId::new(row.get(0)?),
                Link::from_stored(row.get(1)?),
            ))
        })
        .optional()?;
    Ok(found)
}

/// What came of asking a link.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// It answered.
    Answered,
    /// It answered that there is nothing, or with what nobody can read.
    Failed,
    /// Nobody answered. It may be that this machine reaches nobody.
    Unreachable,
}

/// Notes what came of asking a link; `jitter` below 1 spreads the next times. Who reaches nobody at all says nothing of others.
///
/// # Errors
/// When SQLite fails.
pub fn checked(tx: &Tx, id: ResourceId, link: &Link, outcome: Outcome, jitter: f64) -> Result<()> {
    let asked_still: bool = tx
        .prepare_cached("select exists (select 1 from resource where id = ?1 and url = ?2)")?
        .query_row(params![id.raw(), link.as_str()], |row| row.get(0))?;
    if !asked_still {
        return Ok(());
    }
    let now = tx.now();
    let known = outcome != Outcome::Unreachable || others_answered(tx, id)?;
    let wait = if outcome == Outcome::Answered {
        CHECK_EVERY
    } else {
        CHECK_AGAIN
    };
    let next = now
        .plus(wait.mul_f64(0.85 + 0.3 * jitter.clamp(0.0, 1.0)))
        .ms();
    if !known {
        tx.prepare_cached("update resource set check_ms = ?2, asked_ms = ?3 where id = ?1")?
            .execute(params![id.raw(), next, now.ms()])?;
        return Ok(());
    }
    let answered = outcome == Outcome::Answered;
    change(tx, id, || {
        tx.prepare_cached(
            "update resource set check_ms = ?2, asked_ms = ?4, answered_ms = iif(?3, ?4, answered_ms),
               failing_ms = iif(?3, null, coalesce(failing_ms, ?4)), failures = iif(?3, 0, failures + 1)
             where id = ?1",
        )?
        .execute(params![id.raw(), next, answered, now.ms()])?;
        Ok(())
    })
}

/// Whether any link answered after this one was asked last: if not, it may be this machine that reaches nobody. An outage
/// counts at most once for each link, which is not enough for a mark.
fn others_answered(conn: &Conn, id: ResourceId) -> Result<bool> {
    let answered = conn
        .prepare_cached(
            "select exists (select 1 from resource o, resource r
               where r.id = ?1 and o.answered_ms > coalesce(r.asked_ms, r.created_ms))",
        )?
        .query_row([id.raw()], |row| row.get(0))?;
    Ok(answered)
}
