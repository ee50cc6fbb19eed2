//! Members: made, found, changed. Passwords come here hashed.

use rusqlite::{OptionalExtension, params};

use crate::cache::Stamp;
use crate::domain::id::UserId;
use crate::domain::user::{Role, UserName};
use crate::error::{Error, Result};
use crate::store::{Conn, Tx};
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
/// [`Error::Invalid`] when the name or address is taken.
pub fn create(tx: &Tx, new: &NewUser) -> Result<UserId> {
    let key = new.name.key();
    let held: bool = tx
        .prepare_cached(
            "select exists (select 1 from user where name_key = ?1) or exists (select 1 from held_name where name_key = ?1)",
        )?
        .query_row([&key], |row| row.get(0))?;
    if held {
        return Err(Error::field("name", "This name is taken."));
    }
    let email_key = new.email.as_deref().map(str::to_lowercase);
    let insert = tx
        .prepare_cached(
            "insert into user (name, name_key, email, email_key, password, role, state, request, invited_by, created_ms)
             values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)
             on conflict (email_key) do nothing returning id",
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
        .optional()?;
    let id = insert
        .map(UserId::new)
        .ok_or_else(|| Error::field("email", "This address cannot be used."))?;
    tx.stamp(Stamp::new("user", id));
    Ok(id)
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
