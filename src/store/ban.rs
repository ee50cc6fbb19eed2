//! Bans of members. A ban ends their sessions, and is looked up with the member: whoever signs in again reads, and is told
//! why every act is refused.

use rusqlite::{Row, params};

use crate::domain::id::UserId;
use crate::domain::list::{After, Page};
use crate::domain::moderation::{Suspect, may_ban};
use crate::domain::user::{Ban, UserName, Viewer};
use crate::error::{Error, Result};
use crate::store::modlog::{self, Entry};
use crate::store::{Conn, Tx, session, stamp};
use crate::time::Timestamp;

const ROW: &str = "id, name, role, karma, created_ms, banned_until_ms, ban_reason from user where state <> 'deleted'";

fn row(row: &Row, now: Timestamp) -> rusqlite::Result<Suspect> {
    Ok(Suspect {
        id: UserId::new(row.get(0)?),
        name: UserName::from_stored(row.get(1)?),
        role: session::role(&row.get::<_, String>(2)?),
        karma: row.get(3)?,
        created: Timestamp::from_ms(row.get(4)?),
        ban: session::ban(row.get(5)?, row.get(6)?, now),
    })
}

/// A member as moderators see them.
///
/// # Errors
/// [`Error::NotFound`].
pub fn suspect(conn: &Conn, name: &str, now: Timestamp) -> Result<Suspect> {
    let sql = format!("select {ROW} and name_key = ?1");
    let found = conn
        .prepare_cached(&sql)?
        .query_row([name.to_ascii_lowercase()], |r| row(r, now))?;
    Ok(found)
}

/// Members who are banned now, those who joined last first.
///
/// # Errors
/// When SQLite fails.
pub fn all(conn: &Conn, now: Timestamp, after: Option<After>) -> Result<Page<Suspect>> {
    let sql = format!(
        "select {ROW} and banned_until_ms is not null and banned_until_ms > ?1 and (?2 is null or id < ?2)
         order by id desc limit 31"
    );
    let mut query = conn.prepare_cached(&sql)?;
    let rows = query.query_map(params![now.ms(), after.map(|after| after.id)], |r| {
        row(r, now)
    })?;
    Ok(Page::cut(
        rows.collect::<rusqlite::Result<_>>()?,
        |suspect: &Suspect| After {
            value: 0.0,
            id: suspect.id.raw(),
        },
    ))
}

/// Bans a member until then ([`Ban::FOR_GOOD`]: without end), or changes the ban. Their sessions end.
///
/// # Errors
/// [`Error::NotFound`]; [`Error::Refused`] for those who are trusted with as much as `by`.
pub fn set(tx: &Tx, by: &Viewer, name: &str, ban: &Ban) -> Result<()> {
    let whom = demand(tx, by, name)?;
    if whom.ban.as_ref() == Some(ban) {
        return Ok(());
    }
    write(tx, whom.id, Some(ban))?;
    record(
        tx,
        by,
        whom.id,
        "user.ban",
        Some(&end(ban.until)),
        &ban.reason,
    )
}

/// Ends a ban.
///
/// # Errors
/// As [`set`].
pub fn lift(tx: &Tx, by: &Viewer, name: &str, reason: &str) -> Result<()> {
    let whom = demand(tx, by, name)?;
    if whom.ban.is_none() {
        return Ok(());
    }
    write(tx, whom.id, None)?;
    record(tx, by, whom.id, "user.unban", None, reason)
}

fn demand(conn: &Tx, by: &Viewer, name: &str) -> Result<Suspect> {
    let whom = suspect(conn, name, conn.now())?;
    if may_ban(by.role, whom.role) {
        return Ok(whom);
    }
    Err(Error::Refused(if whom.id == by.id {
        "You cannot ban yourself.".into()
    } else {
        format!(
            "{} is trusted with as much as you are, so you cannot ban them.",
            whom.name
        )
    }))
}

fn write(tx: &Tx, user: UserId, ban: Option<&Ban>) -> Result<()> {
    tx.prepare_cached("update user set banned_until_ms = ?2, ban_reason = ?3 where id = ?1")?
        .execute(params![
            user.raw(),
            ban.map(|ban| ban.until.ms()),
            ban.map(|ban| ban.reason.as_str())
        ])?;
    tx.stamp(stamp::profile(user));
    if ban.is_some() {
        // Whoever holds their cookie is out at once; they can sign in again, read, and see why.
        session::end_all(tx, user)?;
    }
    Ok(())
}

fn record(
    tx: &Tx,
    by: &Viewer,
    user: UserId,
    action: &str,
    subject: Option<&str>,
    reason: &str,
) -> Result<()> {
    modlog::record(
        tx,
        &Entry {
            moderator: Some(by.id),
            action,
            user: Some(user),
            subject,
            reason,
            ..Entry::default()
        },
    )
}

/// The end of a ban as the log tells it.
pub(super) fn end(until: Timestamp) -> String {
    if until == Ban::FOR_GOOD {
        "for good".into()
    } else {
        format!("until {}", until.human_date())
    }
}
