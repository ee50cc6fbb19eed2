//! Sites whose links are not taken, each with its public reason.

use rusqlite::{OptionalExtension, params};

use crate::error::Result;
use crate::store::Conn;
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
