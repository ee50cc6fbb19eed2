//! Sessions: signed-in browsers. Only the hash of a token is kept, so a stolen database signs nobody in.

use rusqlite::{OptionalExtension, Row, params};

use crate::cache::Stamp;
use crate::domain::id::{SessionId, UserId};
use crate::domain::user::{Ban, Role, Theme, UserName, UserState, Viewer};
use crate::error::Result;
use crate::store::{Conn, Tx};
use crate::time::Timestamp;

/// A session unused for so long has ended.
pub const IDLE: std::time::Duration = std::time::Duration::from_hours(30 * 24);
/// A session has ended so long after sign-in, however much it is used.
pub const LONGEST: std::time::Duration = std::time::Duration::from_hours(90 * 24);

/// The member to whom a session token belongs, as of now.
///
/// # Errors
/// When SQLite fails.
pub fn viewer(conn: &Conn, token_hash: &[u8; 32], now: Timestamp) -> Result<Option<Viewer>> {
    let viewer = conn
        .prepare_cached(
            "select u.id, u.name, u.role, u.state, u.karma, u.theme, u.keys, u.banned_until_ms, u.ban_reason, s.id
             from session s join user u on u.id = s.user_id
             where s.token_hash = ?1 and s.seen_ms > ?2 and s.created_ms > ?3 and u.state <> 'deleted'",
        )?
        .query_row(
            params![token_hash, now.minus(IDLE).ms(), now.minus(LONGEST).ms()],
            |row| from_row(row, now),
        )
        .optional()?;
    Ok(match viewer {
        Some(mut viewer) if viewer.role >= Role::Moderator => {
            viewer.open_flags = open_flags(conn)?;
            Some(viewer)
        }
        other => other,
    })
}

fn from_row(row: &Row, now: Timestamp) -> rusqlite::Result<Viewer> {
    Ok(Viewer {
        id: UserId::new(row.get(0)?),
        name: UserName::from_stored(row.get(1)?),
        role: role(&row.get::<_, String>(2)?),
        state: state(&row.get::<_, String>(3)?),
        karma: row.get(4)?,
        theme: row.get::<_, String>(5)?.parse().unwrap_or(Theme::Auto),
        keys: row.get(6)?,
        ban: ban(row.get(7)?, row.get(8)?, now),
        session: SessionId::new(row.get(9)?),
        open_flags: 0,
    })
}

/// A stored role; unknown words are trusted with nothing more than a member.
pub(super) fn role(word: &str) -> Role {
    word.parse().unwrap_or(Role::Member)
}

/// A stored account state.
pub(super) fn state(word: &str) -> UserState {
    match word {
        "active" => UserState::Active,
        "waiting" => UserState::Waiting,
        _ => UserState::Deleted,
    }
}

/// A stored ban, if it is in force at `now`.
pub(super) fn ban(until_ms: Option<i64>, reason: Option<String>, now: Timestamp) -> Option<Ban> {
    let until = Timestamp::from_ms(until_ms?);
    (until > now).then(|| Ban {
        until,
        reason: reason.unwrap_or_default(),
    })
}

fn open_flags(conn: &Conn) -> Result<i64> {
    let count = conn
        .prepare_cached("select count(*) from (select distinct item_id from flag where settled_ms is null limit 100)")?
        .query_row([], |row| row.get(0))?;
    Ok(count)
}

/// Opens a session.
///
/// # Errors
/// When SQLite fails.
pub fn open(
    tx: &Tx,
    user: UserId,
    token_hash: &[u8; 32],
    address: &str,
    agent: &str,
) -> Result<()> {
    tx.prepare_cached(
        "insert into session (token_hash, user_id, created_ms, seen_ms, address, agent) values (?1, ?2, ?3, ?3, ?4, ?5)",
    )?
    .execute(params![token_hash, user.raw(), tx.now().ms(), address, agent])?;
    tx.stamp(Stamp::new("sessions", user));
    Ok(())
}
