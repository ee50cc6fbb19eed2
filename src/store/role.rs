//! Roles: who runs the site, and the acts that change that.

use rusqlite::params;

use crate::domain::id::UserId;
use crate::domain::user::{Role, UserName};
use crate::error::{Error, Result};
use crate::store::modlog::{self, Entry};
use crate::store::{Conn, Tx, session, stamp};

/// Whether the site has an administrator.
///
/// # Errors
/// When SQLite fails.
pub fn has_admin(conn: &Conn) -> Result<bool> {
    Ok(admins(conn)? > 0)
}

fn admins(conn: &Conn) -> Result<i64> {
    let count = conn
        .prepare_cached("select count(*) from user where role in ('moderator', 'admin') and role = 'admin' and state <> 'deleted'")?
        .query_row([], |row| row.get(0))?;
    Ok(count)
}

/// Moderators and administrators, the most trusted first.
///
/// # Errors
/// When SQLite fails.
pub fn staff(conn: &Conn) -> Result<Vec<(UserName, Role)>> {
    let mut query = conn.prepare_cached(
        "select name, role from user where role in ('moderator', 'admin') and state <> 'deleted' order by role, name_key",
    )?;
    let rows = query.query_map([], |row| {
        let word: String = row.get(1)?;
        Ok((UserName::from_stored(row.get(0)?), session::role(&word)))
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// Gives a member another role. Their sessions end, so that no browser keeps what it was trusted with; `by` is `None` for
/// the operator at the command line. The same role again changes nothing.
///
/// # Errors
/// [`Error::Refused`] when it would leave the site without an administrator who can act; [`Error::NotFound`].
pub fn set(tx: &Tx, user: UserId, role: Role, by: Option<UserId>) -> Result<()> {
    let (word, idle): (String, bool) = tx
        .prepare_cached(
            "select role, state <> 'active' or coalesce(banned_until_ms > ?2, 0)
             from user where id = ?1 and state <> 'deleted'",
        )?
        .query_row(params![user.raw(), tx.now().ms()], |row| {
            Ok((row.get(0)?, row.get(1)?))
        })?;
    let old = session::role(&word);
    if old == role {
        return Ok(());
    }
    if idle && role > old {
        return Err(Error::Refused(
            "They are banned or wait for approval, so they cannot act. Settle that first.".into(),
        ));
    }
    if old == Role::Admin && admins(tx)? == 1 {
        return Err(Error::Refused(
            "This is the only administrator. Make somebody else one first.".into(),
        ));
    }
    tx.prepare_cached("update user set role = ?2 where id = ?1")?
        .execute(params![user.raw(), role.word()])?;
    session::end_all(tx, user)?;
    tx.stamp(stamp::profile(user));
    record(tx, user, role, by)
}

/// Puts a new role into the public log.
///
/// # Errors
/// When SQLite fails.
pub fn record(tx: &Tx, user: UserId, role: Role, by: Option<UserId>) -> Result<()> {
    modlog::record(
        tx,
        &Entry {
            moderator: by,
            action: "user.role",
            user: Some(user),
            subject: Some(role.word()),
            ..Entry::default()
        },
    )
}
