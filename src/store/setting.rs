//! Settings that an administrator made on the web: one row each, absent ones at their default.

use rusqlite::params;

use crate::domain::settings::Settings;
use crate::error::Result;
use crate::store::{Conn, Tx, stamp};

/// All settings as stored; unknown names are left alone.
///
/// # Errors
/// When SQLite fails.
pub fn load(conn: &Conn) -> Result<Settings> {
    let mut settings = Settings::default();
    let mut query = conn.prepare_cached("select name, value from setting")?;
    let mut rows = query.query([])?;
    while let Some(row) = rows.next()? {
        let name: String = row.get(0)?;
        let value: String = row.get(1)?;
        match name.as_str() {
            "name" => settings.name = value,
            "tagline" => settings.tagline = value,
            "description" => settings.description = value,
            "signup" => settings.signup = value.parse().unwrap_or(settings.signup),
            "accent" => settings.accent = value,
            "lang" => settings.lang = value,
            "guidelines" => settings.guidelines = value,
            "learn" => settings.learn = value == "1",
            _ => {}
        }
    }
    Ok(settings)
}

/// Sets one setting; every page shows settings, so every page is made anew.
///
/// # Errors
/// When SQLite fails.
pub fn set(tx: &Tx, name: &str, value: &str) -> Result<()> {
    tx.prepare_cached(
        "insert into setting (name, value) values (?1, ?2) on conflict (name) do update set value = ?2",
    )?
    .execute(params![name, value])?;
    tx.stamp(stamp::site());
    Ok(())
}

/// The transaction that this snapshot shows.
///
/// # Errors
/// When SQLite fails.
pub fn snapshot_txid(conn: &Conn) -> Result<u64> {
    let txid: i64 = conn
        .prepare_cached("select txid from position")?
        .query_row([], |row| row.get(0))?;
    Ok(txid.cast_unsigned())
}
