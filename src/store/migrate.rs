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
    include_str!("migrations/0006_learn.sql"),
    include_str!("migrations/0007_tally.sql"),
    include_str!("migrations/0008_tag_follows.sql"),
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

/// Brings the database to [`newest`], for a site that nobody follows. A database that has been in use moves on by a
/// transaction each, so that it does not pass for what it was.
///
/// # Errors
/// [`Error::SchemaNewer`] when the file is from a newer program; nothing is changed then.
pub fn run(conn: &Connection) -> Result<()> {
    let is_new = version(conn)? == 0;
    for step in steps(conn)? {
        conn.execute_batch("begin immediate")?;
        let done = step.run(conn).and_then(|()| {
            if !is_new {
                conn.execute("update position set txid = txid + 1", [])?;
            }
            conn.execute_batch("commit")
        });
        if done.is_err() && !conn.is_autocommit() {
            conn.execute_batch("rollback")?;
        }
        done?;
    }
    Ok(())
}

/// One migration that is still to be made.
#[derive(Debug, Clone, Copy)]
pub(super) struct Step {
    version: i64,
    sql: &'static str,
}

impl Step {
    /// Makes it, inside of a transaction.
    pub(super) fn run(self, conn: &Connection) -> rusqlite::Result<()> {
        conn.execute_batch(self.sql)?;
        conn.pragma_update(None, "user_version", self.version)
    }
}

/// The migrations from the database's version on.
pub(super) fn steps(conn: &Connection) -> Result<Vec<Step>> {
    let found = version(conn)?;
    if found > newest() {
        return Err(Error::SchemaNewer {
            found,
            known: newest(),
        });
    }
    let all = MIGRATIONS.iter().zip(1..);
    Ok(all
        .map(|(sql, version)| Step { version, sql })
        .filter(|step| step.version > found)
        .collect())
}
