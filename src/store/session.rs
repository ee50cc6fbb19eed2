//! Sessions: signed-in browsers. Only the hash of a token is kept, so a stolen database signs nobody in.

use rusqlite::{OptionalExtension, Row, params};

use crate::domain::id::{SessionId, UserId};
use crate::domain::user::{Ban, Role, Session, Theme, UserName, UserState, Viewer};
use crate::error::Result;
use crate::store::{Conn, Tx, inbox, stamp};
use crate::time::Timestamp;

/// A session unused for so long has ended.
pub const IDLE: std::time::Duration = std::time::Duration::from_hours(30 * 24);
/// How often a session notes that it is in use.
pub const TOUCH: std::time::Duration = std::time::Duration::from_hours(1);
/// Most sessions of one member; beyond this the least used ends.
const MOST: i64 = 100;
/// A session has ended so long after sign-in, however much it is used.
pub const LONGEST: std::time::Duration = std::time::Duration::from_hours(90 * 24);

/// The member to whom a session token belongs, as of now.
///
/// # Errors
/// When SQLite fails.
pub fn viewer(conn: &Conn, token_hash: &[u8; 32], now: Timestamp) -> Result<Option<Viewer>> {
    let viewer = conn
        .prepare_cached(
            "select u.id, u.name, u.role, u.state, u.karma, u.theme, u.keys, u.banned_until_ms, u.ban_reason, s.id, s.seen_ms,
               s.created_ms
             from session s join user u on u.id = s.user_id
             where s.token_hash = ?1 and s.seen_ms > ?2 and s.created_ms > ?3 and u.state <> 'deleted'",
        )?
        .query_row(
            params![token_hash, now.minus(IDLE).ms(), now.minus(LONGEST).ms()],
            |row| from_row(row, now),
        )
        .optional()?;
    let Some(mut viewer) = viewer else {
        return Ok(None);
    };
    viewer.unread = inbox::unread(conn, viewer.id)?;
    if viewer.role >= Role::Moderator {
        viewer.open_flags = open_flags(conn)?;
    }
    Ok(Some(viewer))
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
        seen: Timestamp::from_ms(row.get(10)?),
        ends: Timestamp::from_ms(row.get(10)?)
            .plus(IDLE)
            .min(Timestamp::from_ms(row.get(11)?).plus(LONGEST)),
        unread: 0,
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

/// Opens a session; ended ones of the member are cleared away, and some of others, so that no address is kept for long.
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
    let now = tx.now();
    tx.prepare_cached(
        "delete from session where user_id = ?1 and (seen_ms <= ?2 or created_ms <= ?3)",
    )?
    .execute(params![
        user.raw(),
        now.minus(IDLE).ms(),
        now.minus(LONGEST).ms()
    ])?;
    tx.prepare_cached(
        "delete from session where id in (select id from session where seen_ms <= ?1 limit 100)",
    )?
    .execute([now.minus(IDLE).ms()])?;
    tx.prepare_cached(
        "delete from session where user_id = ?1 and id not in
           (select id from session where user_id = ?1 order by seen_ms desc, id desc limit ?2)",
    )?
    .execute(params![user.raw(), MOST - 1])?;
    tx.prepare_cached(
        "insert into session (token_hash, user_id, created_ms, seen_ms, address, agent) values (?1, ?2, ?3, ?3, ?4, ?5)",
    )?
    .execute(params![token_hash, user.raw(), now.ms(), address, agent])?;
    tx.stamp(stamp::sessions(user));
    Ok(())
}

/// A member's sessions that can be used, last used first.
///
/// # Errors
/// When SQLite fails.
pub fn list(conn: &Conn, user: UserId, now: Timestamp) -> Result<Vec<Session>> {
    let mut query = conn.prepare_cached(
        "select id, created_ms, seen_ms, address, agent from session
         where user_id = ?1 and seen_ms > ?2 and created_ms > ?3 order by seen_ms desc, id desc",
    )?;
    let idle = now.minus(IDLE).ms();
    let sessions = query.query_map(params![user.raw(), idle, now.minus(LONGEST).ms()], |row| {
        Ok(Session {
            id: SessionId::new(row.get(0)?),
            created: Timestamp::from_ms(row.get(1)?),
            seen: Timestamp::from_ms(row.get(2)?),
            address: row.get(3)?,
            agent: row.get(4)?,
        })
    })?;
    Ok(sessions.collect::<rusqlite::Result<_>>()?)
}

/// Notes that a session is in use.
///
/// # Errors
/// When SQLite fails.
pub fn touch(tx: &Tx, user: UserId, session: SessionId) -> Result<()> {
    let touched = tx
        .prepare_cached("update session set seen_ms = ?2 where id = ?1 and seen_ms <= ?3")?
        .execute(params![
            session.raw(),
            tx.now().ms(),
            tx.now().minus(TOUCH).ms()
        ])?;
    tx.stamp_all((touched > 0).then(|| stamp::sessions(user)));
    Ok(())
}

/// Ends the session of a token, if there is one.
///
/// # Errors
/// When SQLite fails.
pub fn end(tx: &Tx, token_hash: &[u8; 32]) -> Result<()> {
    let user: Option<UserId> = tx
        .prepare_cached("delete from session where token_hash = ?1 returning user_id")?
        .query_row([token_hash], |row| row.get(0).map(UserId::new))
        .optional()?;
    tx.stamp_all(user.map(stamp::sessions));
    Ok(())
}

/// Ends one session of a member.
///
/// # Errors
/// When SQLite fails.
pub fn end_one(tx: &Tx, user: UserId, session: SessionId) -> Result<()> {
    tx.prepare_cached("delete from session where id = ?1 and user_id = ?2")?
        .execute([session.raw(), user.raw()])?;
    tx.stamp(stamp::sessions(user));
    Ok(())
}

/// Ends all sessions of a member but this one.
///
/// # Errors
/// When SQLite fails.
pub fn end_others(tx: &Tx, user: UserId, keep: SessionId) -> Result<()> {
    tx.prepare_cached("delete from session where user_id = ?1 and id <> ?2")?
        .execute([user.raw(), keep.raw()])?;
    tx.stamp(stamp::sessions(user));
    Ok(())
}

/// Ends all sessions of a member: sign out everywhere; also after a new password, a ban or another role.
///
/// # Errors
/// When SQLite fails.
pub fn end_all(tx: &Tx, user: UserId) -> Result<()> {
    tx.prepare_cached("delete from session where user_id = ?1")?
        .execute([user.raw()])?;
    tx.stamp(stamp::sessions(user));
    Ok(())
}
