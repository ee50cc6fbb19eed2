//! Invitations: links by which a member lets one person in. Only the hash of a link's token is kept.
//! Pages that show them are never kept, so there is no stamp to name.

use rusqlite::{OptionalExtension, params};

use crate::domain::id::{InviteId, UserId};
use crate::domain::user::{Invite, UserName};
use crate::error::{Error, Result};
use crate::store::secret::TokenHash;
use crate::store::{Conn, Tx};
use crate::time::Timestamp;

/// Most unused invitations of one member.
pub const MOST: i64 = 10;
/// Most invitations that the settings page lists.
const LISTED: i64 = 200;

/// An invitation that can be used: which, and who made it.
#[derive(Debug, Clone)]
pub struct Open {
    /// Which.
    pub id: InviteId,
    /// Who made it.
    pub by: UserId,
    /// Their name.
    pub by_name: UserName,
}

/// Makes an invitation.
///
/// # Errors
/// [`Error::Refused`] when the member has too many unused ones.
pub fn create(tx: &Tx, user: UserId, memo: &str, token: &TokenHash) -> Result<InviteId> {
    let unused: i64 = tx
        .prepare_cached("select count(*) from invite where user_id = ?1 and used_by is null")?
        .query_row([user.raw()], |row| row.get(0))?;
    if unused >= MOST {
        return Err(Error::Refused(format!(
            "You have {MOST} unused invitations. Withdraw one, then you can make another."
        )));
    }
    let id = tx
        .prepare_cached(
            "insert into invite (token_hash, user_id, memo, created_ms) values (?1, ?2, ?3, ?4) returning id",
        )?
        .query_row(params![token, user.raw(), memo, tx.now().ms()], |row| row.get(0))?;
    Ok(InviteId::new(id))
}

/// A member's invitations, newest first.
///
/// # Errors
/// When SQLite fails.
pub fn list(conn: &Conn, user: UserId) -> Result<Vec<Invite>> {
    let mut query = conn.prepare_cached(
        "select i.id, i.memo, i.created_ms, u.name from invite i left join user u on u.id = i.used_by
         where i.user_id = ?1 order by i.id desc limit ?2",
    )?;
    let invites = query.query_map(params![user.raw(), LISTED], |row| {
        Ok(Invite {
            id: InviteId::new(row.get(0)?),
            memo: row.get(1)?,
            created: Timestamp::from_ms(row.get(2)?),
            used_by: row.get::<_, Option<String>>(3)?.map(UserName::from_stored),
        })
    })?;
    Ok(invites.collect::<rusqlite::Result<_>>()?)
}

/// The invitation of a token, if it is unused and its maker in good standing.
///
/// # Errors
/// When SQLite fails.
pub fn open(conn: &Conn, token: &TokenHash, now: Timestamp) -> Result<Option<Open>> {
    let open = conn
        .prepare_cached(
            "select i.id, u.id, u.name from invite i join user u on u.id = i.user_id
             where i.token_hash = ?1 and i.used_by is null and u.state = 'active'
               and (u.banned_until_ms is null or u.banned_until_ms <= ?2)",
        )?
        .query_row(params![token, now.ms()], |row| {
            Ok(Open {
                id: InviteId::new(row.get(0)?),
                by: UserId::new(row.get(1)?),
                by_name: UserName::from_stored(row.get(2)?),
            })
        })
        .optional()?;
    Ok(open)
}

/// Uses an invitation up.
///
/// # Errors
/// When SQLite fails.
pub fn use_up(tx: &Tx, invite: &Open, by: UserId) -> Result<()> {
    tx.prepare_cached(
        "update invite set used_by = ?2, used_ms = ?3 where id = ?1 and used_by is null",
    )?
    .execute(params![invite.id.raw(), by.raw(), tx.now().ms()])?;
    Ok(())
}

/// Withdraws an unused invitation of this member; one that is used or gone already stays as it is.
///
/// # Errors
/// When SQLite fails.
pub fn withdraw(tx: &Tx, user: UserId, invite: InviteId) -> Result<()> {
    tx.prepare_cached("delete from invite where id = ?1 and user_id = ?2 and used_by is null")?
        .execute(params![invite.raw(), user.raw()])?;
    Ok(())
}
