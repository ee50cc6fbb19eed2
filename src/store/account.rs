//! An account as its owner sees it: how they sign in, what they set, how they leave.

use rusqlite::params;

use crate::domain::email;
use crate::domain::id::UserId;
use crate::domain::password::Salt;
use crate::domain::text::SafeHtml;
use crate::domain::user::{Role, Theme, UserName};
use crate::error::{Error, Result};
use crate::store::{Conn, Tx, secret, session, stamp};

/// Most accounts that one e-mail address signs in to.
const MOST_OF_ADDRESS: i64 = 50;

/// An account that may be meant at sign-in.
#[derive(Debug, Clone)]
pub struct Candidate {
    /// Which.
    pub id: UserId,
    /// Its name.
    pub name: UserName,
    /// argon2id hash of its password.
    pub password: String,
}

/// What only its owner sees of an account.
#[derive(Debug, Clone)]
pub struct Account {
    /// E-mail address, if they gave one.
    pub email: Option<String>,
    /// argon2id hash, if the account has a password.
    pub password: Option<String>,
    /// About text, Markdown as typed.
    pub about: String,
}

/// The accounts that somebody may mean by a name or an e-mail address: those that can sign in, oldest first.
///
/// # Errors
/// When SQLite fails.
pub fn candidates(conn: &Conn, identifier: &str) -> Result<Vec<Candidate>> {
    let sql = if identifier.contains('@') {
        "select id, name, password from user
         where email_key = ?1 and password is not null and state <> 'deleted' order by id limit ?2"
    } else {
        "select id, name, password from user
         where name_key = ?1 and password is not null and state <> 'deleted' limit ?2"
    };
    let mut query = conn.prepare_cached(sql)?;
    let found = query.query_map(params![email::key(identifier), MOST_OF_ADDRESS], |row| {
        Ok(Candidate {
            id: UserId::new(row.get(0)?),
            name: UserName::from_stored(row.get(1)?),
            password: row.get(2)?,
        })
    })?;
    Ok(found.collect::<rusqlite::Result<_>>()?)
}

/// An account for its owner.
///
/// # Errors
/// [`Error::NotFound`].
pub fn load(conn: &Conn, user: UserId) -> Result<Account> {
    let account = conn
        .prepare_cached(
            "select email, password, about from user where id = ?1 and state <> 'deleted'",
        )?
        .query_row([user.raw()], |row| {
            Ok(Account {
                email: row.get(0)?,
                password: row.get(1)?,
                about: row.get(2)?,
            })
        })?;
    Ok(account)
}

/// The salt for the password of an account with this e-mail address (see [`secret::salt`]).
///
/// # Errors
/// When SQLite fails.
pub fn salt(conn: &Conn, email: Option<&str>) -> Result<Salt> {
    let site: String = conn
        .prepare_cached("select cluster_id from position")?
        .query_row([], |row| row.get(0))?;
    Ok(secret::salt(&site, email.map(email::key).as_deref()))
}

/// Sets the about text.
///
/// # Errors
/// When SQLite fails.
pub fn set_about(tx: &Tx, user: UserId, text: &str, html: &SafeHtml) -> Result<()> {
    tx.prepare_cached("update user set about = ?2, about_html = ?3 where id = ?1")?
        .execute(params![user.raw(), text, html.as_str()])?;
    tx.stamp(stamp::profile(user));
    Ok(())
}

/// Sets colours and keyboard shortcuts.
///
/// # Errors
/// When SQLite fails.
pub fn set_look(tx: &Tx, user: UserId, theme: Theme, keys: bool) -> Result<()> {
    tx.prepare_cached("update user set theme = ?2, keys = ?3 where id = ?1")?
        .execute(params![user.raw(), theme.word(), keys])?;
    tx.stamp(stamp::look(user));
    Ok(())
}

/// Sets the e-mail address, with the password hashed anew for it.
///
/// # Errors
/// When SQLite fails.
pub fn set_email(tx: &Tx, user: UserId, address: Option<&str>, password: &str) -> Result<()> {
    tx.prepare_cached("update user set email = ?2, email_key = ?3, password = ?4 where id = ?1")?
        .execute(params![
            user.raw(),
            address,
            address.map(email::key),
            password
        ])?;
    Ok(())
}

/// Sets the password and ends every session and every link that could set another; the caller opens a new session.
///
/// # Errors
/// When SQLite fails.
pub fn set_password(tx: &Tx, user: UserId, password: &str) -> Result<()> {
    tx.prepare_cached("update user set password = ?2 where id = ?1 and state <> 'deleted'")?
        .execute(params![user.raw(), password])?;
    tx.prepare_cached("delete from token where user_id = ?1")?
        .execute([user.raw()])?;
    session::end_all(tx, user)
}

/// Whether the account's password hash is still this one: between checking a password and acting on it, it may change.
///
/// # Errors
/// [`Error::SignIn`] when it is not.
pub fn same_password(conn: &Conn, user: UserId, hash: &str) -> Result<()> {
    let same: bool = conn
        .prepare_cached("select exists (select 1 from user where id = ?1 and password = ?2 and state <> 'deleted')")?
        .query_row(params![user.raw(), hash], |row| row.get(0))?;
    if same { Ok(()) } else { Err(Error::SignIn) }
}

/// What becomes of a name whose account goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Name {
    /// Nobody may take it again: it stands in what others wrote.
    Held,
    /// Free again: it never stood anywhere.
    Freed,
}

/// Removes an account's personal data and ends its sessions. What it wrote stays, under `[deleted]`; its votes stay, so
/// that counts stay true; what it saved and hid, its progress in the course, its reports of lessons and suggestions that
/// nobody has decided on go.
///
/// # Errors
/// [`Error::Refused`] for the only administrator; [`Error::NotFound`] when it is gone already.
pub fn delete(tx: &Tx, user: UserId, name: Name) -> Result<()> {
    let id = user.raw();
    let (key, role): (String, String) = tx
        .prepare_cached("select name_key, role from user where id = ?1 and state <> 'deleted'")?
        .query_row([id], |row| Ok((row.get(0)?, row.get(1)?)))?;
    if session::role(&role) == Role::Admin {
        refuse_last_admin(tx, user)?;
    }
    session::end_all(tx, user)?;
    for sql in [
        "delete from token where user_id = ?1",
        "delete from invite where user_id = ?1 and used_by is null",
        "update invite set memo = '' where user_id = ?1",
        "delete from inbox where user_id = ?1",
        "delete from saved where user_id = ?1",
        "delete from hidden where user_id = ?1",
        "delete from progress where user_id = ?1",
        "delete from lesson_draft where user_id = ?1",
        "delete from learner where user_id = ?1",
        "delete from lesson_report where user_id = ?1",
        "delete from resource where suggested_by = ?1 and state = 'waiting'",
        "update resource set suggested_by = null where suggested_by = ?1",
        "update user set name = '[deleted]', name_key = 'deleted:' || id, email = null, email_key = null, password = null,
           role = 'member', state = 'deleted', about = '', about_html = '', theme = 'auto', keys = 1, request = null,
           invited_by = null, banned_until_ms = null, ban_reason = null
         where id = ?1",
    ] {
        tx.prepare_cached(sql)?.execute([id])?;
    }
    if name == Name::Held {
        tx.prepare_cached("insert or ignore into held_name (name_key) values (?1)")?
            .execute([&key])?;
    }
    tx.stamp(stamp::name(&key));
    tx.stamp_all([stamp::profile, stamp::marks, stamp::look, stamp::inbox].map(|of| of(user)));
    if name == Name::Held {
        tx.stamp(stamp::modlog());
        // The name may stand on any page; this is rare enough to make them all anew.
        tx.stamp_all(stands_below_something(tx, user)?.then(stamp::site));
    }
    Ok(())
}

/// Whether pages name the member besides their own and the log: as an author, or as who invited somebody. Accounts that
/// come and go without a word must not cost the whole cache each time.
fn stands_below_something(conn: &Conn, user: UserId) -> Result<bool> {
    let stands = conn
        .prepare_cached(
            "select exists (select 1 from story where user_id = ?1) or exists (select 1 from comment where user_id = ?1)
               or exists (select 1 from invite where user_id = ?1 and used_by is not null)",
        )?
        .query_row([user.raw()], |row| row.get(0))?;
    Ok(stands)
}

fn refuse_last_admin(conn: &Conn, user: UserId) -> Result<()> {
    let others: bool = conn
        .prepare_cached("select exists (select 1 from user where role in ('moderator', 'admin') and role = 'admin'
                          and state = 'active' and id <> ?1)")?
        .query_row([user.raw()], |row| row.get(0))?;
    if others {
        return Ok(());
    }
    Err(Error::Refused(
        "You are the only administrator. Name another one first, then you can leave.".into(),
    ))
}
