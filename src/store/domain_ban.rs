//! Sites whose links are not taken, each with its public reason.

use rusqlite::{OptionalExtension, params};

use crate::domain::id::UserId;
use crate::domain::link::Link;
use crate::domain::list::PAGE;
use crate::domain::moderation::DomainBan;
use crate::domain::user::Ban;
use crate::error::{Error, Result};
use crate::store::modlog::{self, Entry};
use crate::store::{Conn, Tx, ban};
use crate::time::Timestamp;

/// Why links to `domain` are not taken at `now`; a ban of a domain covers what lies below it.
///
/// # Errors
/// When SQLite fails.
pub fn reason(conn: &Conn, domain: &str, now: Timestamp) -> Result<Option<String>> {
    let mut query = conn.prepare_cached(
        "select reason from domain_ban where domain = ?1 and (until_ms is null or until_ms > ?2)",
    )?;
    let mut rest = Some(domain);
    while let Some(domain) = rest {
        let reason = query
            .query_row(params![domain, now.ms()], |row| row.get(0))
            .optional()?;
        if reason.is_some() {
            return Ok(reason);
        }
        rest = domain.split_once('.').map(|(_, above)| above);
    }
    Ok(None)
}

/// Demands that links to where this one leads are taken.
///
/// # Errors
/// [`Error::Invalid`] with the public reason of the ban.
pub fn demand_none(conn: &Conn, link: &Link, now: Timestamp) -> Result<()> {
    let domain = link.domain();
    match reason(conn, &domain, now)? {
        None => Ok(()),
        Some(reason) => Err(Error::field(
            "url",
            format!("Links to {domain} are not taken here: {reason}"),
        )),
    }
}

/// Bans in force, by name; `after` is the last one of the page before. One more than a page tells that there is more.
///
/// # Errors
/// When SQLite fails.
pub fn all(conn: &Conn, now: Timestamp, after: &str) -> Result<Vec<DomainBan>> {
    let mut query = conn.prepare_cached(
        "select domain, reason, until_ms, created_ms from domain_ban
         where domain > ?1 and (until_ms is null or until_ms > ?2) order by domain limit ?3",
    )?;
    let limit = i64::try_from(PAGE + 1).unwrap_or(i64::MAX);
    let rows = query.query_map(params![after, now.ms(), limit], |row| {
        Ok(DomainBan {
            domain: row.get(0)?,
            reason: row.get(1)?,
            until: row.get::<_, Option<i64>>(2)?.map(Timestamp::from_ms),
            created: Timestamp::from_ms(row.get(3)?),
        })
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// Bans a site, or changes its ban. `until` may be [`Ban::FOR_GOOD`].
///
/// # Errors
/// When SQLite fails.
pub fn set(tx: &Tx, by: UserId, domain: &str, reason: &str, until: Timestamp) -> Result<()> {
    let until_ms = (until != Ban::FOR_GOOD).then(|| until.ms());
    let changed = tx
        .prepare_cached(
            "insert into domain_ban (domain, reason, until_ms, created_ms) values (?1, ?2, ?3, ?4)
             on conflict do update set reason = ?2, until_ms = ?3 where reason <> ?2 or until_ms is not ?3",
        )?
        .execute(params![domain, reason, until_ms, tx.now().ms()])?;
    if changed == 0 {
        return Ok(());
    }
    let subject = format!("{domain} {}", ban::end(until));
    record(tx, by, "domain.ban", &subject, reason)
}

/// Takes links to a site again.
///
/// # Errors
/// When SQLite fails.
pub fn lift(tx: &Tx, by: UserId, domain: &str, reason: &str) -> Result<()> {
    let changed = tx
        .prepare_cached("delete from domain_ban where domain = ?1")?
        .execute([domain])?;
    if changed == 0 {
        return Ok(());
    }
    record(tx, by, "domain.unban", domain, reason)
}

fn record(tx: &Tx, by: UserId, action: &str, subject: &str, reason: &str) -> Result<()> {
    modlog::record(
        tx,
        &Entry {
            moderator: Some(by),
            action,
            subject: Some(subject),
            reason,
            ..Entry::default()
        },
    )
}
