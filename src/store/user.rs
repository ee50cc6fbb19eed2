//! Members: made, found, changed. Passwords come here hashed.

use rusqlite::params;

use crate::domain::email;
use crate::domain::id::UserId;
use crate::domain::user::{Role, UserName, Waiting};
use crate::error::{Error, Result};
use crate::store::{Conn, Tx, account, stamp};
use crate::time::Timestamp;

/// What a new member is made of.
#[derive(Debug, Clone)]
pub struct NewUser {
    /// Their name.
    pub name: UserName,
    /// E-mail address, if they gave one.
    pub email: Option<String>,
    /// argon2id hash in PHC form; `None`: cannot sign in (imported, demonstration).
    pub password: Option<String>,
    /// What they are trusted with.
    pub role: Role,
    /// Waits for approval.
    pub waiting: bool,
    /// What they wrote to the moderators.
    pub request: Option<String>,
    /// Who invited them.
    pub invited_by: Option<UserId>,
    /// Joined at.
    pub created: Timestamp,
}

/// Stores a new member.
///
/// # Errors
/// [`Error::Invalid`] when the name is taken. An e-mail address may belong to several accounts: see [`super::secret::salt`].
pub fn create(tx: &Tx, new: &NewUser) -> Result<UserId> {
    let key = new.name.key();
    if is_taken(tx, &new.name)? {
        return Err(Error::field("name", "This name is taken."));
    }
    let email_key = new.email.as_deref().map(email::key);
    let id = tx
        .prepare_cached(
            "insert into user (name, name_key, email, email_key, password, role, state, request, invited_by, created_ms)
             values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10) returning id",
        )?
        .query_row(
            params![
                new.name.as_str(),
                key,
                new.email,
                email_key,
                new.password,
                new.role.word(),
                if new.waiting { "waiting" } else { "active" },
                new.request,
                new.invited_by.map(UserId::raw),
                new.created.ms(),
            ],
            |row| row.get(0),
        )
        .map(UserId::new)?;
    tx.stamp_all([stamp::name(new.name.as_str()), stamp::profile(id)]);
    Ok(id)
}

/// Whether somebody has this name, or had it and left.
///
/// # Errors
/// When SQLite fails.
pub fn is_taken(conn: &Conn, name: &UserName) -> Result<bool> {
    let taken = conn
        .prepare_cached(
            "select exists (select 1 from user where name_key = ?1) or exists (select 1 from held_name where name_key = ?1)",
        )?
        .query_row([name.key()], |row| row.get(0))?;
    Ok(taken)
}

/// The member of a name, whatever its case; deleted ones are not found.
///
/// # Errors
/// [`Error::NotFound`].
pub fn id_of(conn: &Conn, name: &str) -> Result<UserId> {
    let id = conn
        .prepare_cached("select id from user where name_key = ?1 and state <> 'deleted'")?
        .query_row([name.to_ascii_lowercase()], |row| row.get(0))?;
    Ok(UserId::new(id))
}

/// Those who wait for approval, longest first; at most 100.
///
/// # Errors
/// When SQLite fails.
pub fn waiting(conn: &Conn) -> Result<Vec<Waiting>> {
    let mut query = conn.prepare_cached(
        "select id, name, coalesce(request, ''), created_ms from user where state = 'waiting' order by created_ms limit 100",
    )?;
    let waiting = query.query_map([], |row| {
        Ok(Waiting {
            id: UserId::new(row.get(0)?),
            name: UserName::from_stored(row.get(1)?),
            request: row.get(2)?,
            created: Timestamp::from_ms(row.get(3)?),
        })
    })?;
    Ok(waiting.collect::<rusqlite::Result<_>>()?)
}

/// How many wait for approval.
///
/// # Errors
/// When SQLite fails.
pub fn count_waiting(conn: &Conn) -> Result<i64> {
    let count = conn
        .prepare_cached("select count(*) from user where state = 'waiting'")?
        .query_row([], |row| row.get(0))?;
    Ok(count)
}

/// Lets somebody in who waited; what they wrote to the moderators goes.
///
/// # Errors
/// [`Error::NotFound`] when nobody of this id waits.
pub fn approve(tx: &Tx, user: UserId) -> Result<()> {
    demand_waiting(tx, user)?;
    tx.prepare_cached("update user set state = 'active', request = null where id = ?1")?
        .execute([user.raw()])?;
    tx.stamp(stamp::profile(user));
    Ok(())
}

/// Turns somebody away who waited: their data goes, their name is free again.
///
/// # Errors
/// [`Error::NotFound`] when nobody of this id waits.
pub fn refuse(tx: &Tx, user: UserId) -> Result<()> {
    demand_waiting(tx, user)?;
    account::delete(tx, user, account::Name::Freed)
}

fn demand_waiting(conn: &Conn, user: UserId) -> Result<()> {
    conn.prepare_cached("select 1 from user where id = ?1 and state = 'waiting'")?
        .query_row([user.raw()], |_| Ok(()))?;
    Ok(())
}
