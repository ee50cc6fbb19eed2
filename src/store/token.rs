//! One-time links for a new password, made by an administrator: hashed, good once, for an hour.

use std::time::Duration;

use rusqlite::{OptionalExtension, params};

use crate::domain::id::UserId;
use crate::domain::user::UserName;
use crate::error::{Error, Result};
use crate::store::secret::{self, TokenHash};
use crate::store::{Conn, Tx};
use crate::time::Timestamp;

/// How long a link can be used.
pub const RESET_LIFE: Duration = Duration::from_hours(1);

/// Makes a link's token for a new password of this member; an earlier one ends. The token is told here and never again.
///
/// # Errors
/// When SQLite fails.
pub fn create_reset(tx: &Tx, user: UserId) -> Result<String> {
    let token = secret::new_token();
    tx.prepare_cached(
        "delete from token where (user_id = ?1 and kind = 'reset') or expires_ms <= ?2",
    )?
    .execute(params![user.raw(), tx.now().ms()])?;
    tx.prepare_cached(
        "insert into token (hash, kind, user_id, created_ms, expires_ms) values (?1, 'reset', ?2, ?3, ?4)",
    )?
    .execute(params![
        secret::hash(&token),
        user.raw(),
        tx.now().ms(),
        tx.now().plus(RESET_LIFE).ms(),
    ])?;
    Ok(token)
}

/// Whose new password a token is for, while it is good.
///
/// # Errors
/// [`Error::NotFound`] when it is used, too old, or never was.
pub fn reset_user(conn: &Conn, token: &TokenHash, now: Timestamp) -> Result<(UserId, UserName)> {
    let found = conn
        .prepare_cached(
            "select u.id, u.name from token t join user u on u.id = t.user_id
             where t.hash = ?1 and t.kind = 'reset' and t.expires_ms > ?2 and u.state <> 'deleted'",
        )?
        .query_row(params![token, now.ms()], |row| {
            Ok((UserId::new(row.get(0)?), UserName::from_stored(row.get(1)?)))
        })
        .optional()?;
    found.ok_or(Error::NotFound)
}
