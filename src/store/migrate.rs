//! Schema migrations: numbered SQL files, append-only, each applied in one transaction.
//!
//! The version is SQLite's `user_version`. A database of a newer version is refused and left untouched.

use rusqlite::Connection;

use crate::error::{Error, Result};

const MIGRATIONS: &[&str] = &[
    include_str!("migrations/0001_start.sql"),
    include_str!("migrations/0002_import_user.sql"),
    include_str!("migrations/0003_erase.sql"),
    include_str!("migrations/0004_logged.sql"),
    include_str!("migrations/0005_key.sql"),
];

/// The schema version that this program writes.
#[must_use]
pub fn newest() -> i64 {
    i64::try_from(MIGRATIONS.len()).expect("few migrations")
}

/// The schema version of a database; 0 for an empty one.
///
/// # Errors
/// When SQLite fails.
pub fn version(conn: &Connection) -> rusqlite::Result<i64> {
    conn.query_row("pragma user_version", [], |row| row.get(0))
}

/// Brings the database to [`newest`].
///
/// # Errors
/// [`Error::SchemaNewer`] when the file is from a newer program; nothing is changed then.
pub fn run(conn: &Connection) -> Result<()> {
    let found = version(conn)?;
    if found > newest() {
        return Err(Error::SchemaNewer {
            found,
            known: newest(),
        });
    }
    for (index, sql) in MIGRATIONS.iter().enumerate() {
        let version = i64::try_from(index).expect("few migrations") + 1;
        if version > found {
            apply(conn, version, sql)?;
        }
    }
    Ok(())
}

fn apply(conn: &Connection, version: i64, sql: &str) -> Result<()> {
    conn.execute_batch("begin immediate")?;
    let done = conn
        .execute_batch(sql)
        .and_then(|()| conn.pragma_update(None, "user_version", version))
        .and_then(|()| conn.execute_batch("commit"));
    if done.is_err() && !conn.is_autocommit() {
        conn.execute_batch("rollback")?;
    }
    Ok(done?)
}
