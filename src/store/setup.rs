//! Set-up links: one use, thirty minutes, for the first administrator only. Kept as hashes.

use std::time::Duration;

use rusqlite::params;

use crate::error::{Error, Result};
use crate::store::{Conn, Tx, role};
use crate::time::Timestamp;

/// How long a set-up link can be used.
pub const LIFE: Duration = Duration::from_mins(30);

/// Keeps the hash of a new link; links that have ended go.
///
/// # Errors
/// [`Error::Refused`] when the site has an administrator already.
pub fn create(tx: &Tx, token_hash: &[u8; 32]) -> Result<()> {
    refuse_second(tx)?;
    tx.execute(
        "delete from token where kind = 'setup' and expires_ms <= ?1",
        [tx.now().ms()],
    )?;
    tx.execute(
        "insert into token (hash, kind, created_ms, expires_ms) values (?1, 'setup', ?2, ?3)",
        params![token_hash, tx.now().ms(), tx.now().plus(LIFE).ms()],
    )?;
    Ok(())
}

/// Whether a link can be used now.
///
/// # Errors
/// [`Error::Refused`] when it was used, is too old, or never was; also when there is an administrator.
pub fn check(conn: &Conn, token_hash: &[u8; 32], now: Timestamp) -> Result<()> {
    let found: bool = conn
        .prepare_cached("select exists (select 1 from token where hash = ?1 and kind = 'setup' and expires_ms > ?2)")?
        .query_row(params![token_hash, now.ms()], |row| row.get(0))?;
    if found && !role::has_admin(conn)? {
        return Ok(());
    }
    Err(Error::Refused(
        "This set-up link does not work (any more): it is good once, for 30 minutes, while the site has no \
         administrator. Whoever runs the site gets a new one with the command “site admin setup-url”."
            .into(),
    ))
}

/// Uses a link up, and every other with it.
///
/// # Errors
/// As [`check`].
pub fn take(tx: &Tx, token_hash: &[u8; 32]) -> Result<()> {
    check(tx, token_hash, tx.now())?;
    end(tx)
}

/// Ends every set-up link: there is an administrator now.
///
/// # Errors
/// When SQLite fails.
pub fn end(tx: &Tx) -> Result<()> {
    tx.execute("delete from token where kind = 'setup'", [])?;
    Ok(())
}

fn refuse_second(conn: &Conn) -> Result<()> {
    if role::has_admin(conn)? {
        return Err(Error::Refused(
            "This site has an administrator already. `site admin create NAME` makes another, `site admin \
             reset-password NAME` lets one back in."
                .into(),
        ));
    }
    Ok(())
}
