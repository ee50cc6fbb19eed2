//! A look at a data directory from outside: without its lock, without changing anything. For `doctor` and `config show`.
//!
//! Never used by the process that serves: a second handle on the database there would drop SQLite's locks when it closes.

use std::path::Path;

use rusqlite::{Connection, OpenFlags};

use crate::domain::settings::Settings;
use crate::error::{Error, Result};
use crate::store::{connection, migrate, role, setting};

/// A database that is only looked at.
pub struct Inspect {
    conn: Connection,
}

impl Inspect {
    /// Opens the database of a data directory; `None` when there is none yet.
    ///
    /// # Errors
    /// When SQLite cannot open it.
    pub fn open(dir: &Path) -> Result<Option<Self>> {
        let file = dir.join("site.db");
        if !file.exists() {
            return Ok(None);
        }
        let conn = Connection::open_with_flags(
            file,
            OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX,
        )?;
        conn.busy_timeout(std::time::Duration::from_secs(5))?;
        connection::check_library(&conn)?;
        Ok(Some(Self { conn }))
    }

    /// The schema's version in the file.
    ///
    /// # Errors
    /// When SQLite fails.
    pub fn schema(&self) -> Result<i64> {
        Ok(migrate::version(&self.conn)?)
    }

    /// SQLite's quick check of the whole file: the problems found, none when all is well.
    ///
    /// # Errors
    /// When SQLite fails.
    pub fn quick_check(&self) -> Result<Vec<String>> {
        let mut query = self.conn.prepare("pragma quick_check(10)")?;
        let lines = query
            .query_map([], |row| row.get(0))?
            .collect::<rusqlite::Result<Vec<String>>>()?;
        Ok(lines.into_iter().filter(|line| line != "ok").collect())
    }

    /// Settings made on the web; `None` when the schema is not this program's.
    ///
    /// # Errors
    /// When SQLite fails.
    pub fn settings(&self) -> Result<Option<Settings>> {
        self.when_current(setting::load)
    }

    /// Whether there is an administrator; `None` when the schema is not this program's.
    ///
    /// # Errors
    /// When SQLite fails.
    pub fn has_admin(&self) -> Result<Option<bool>> {
        self.when_current(role::has_admin)
    }

    fn when_current<T>(&self, read: impl FnOnce(&Connection) -> Result<T>) -> Result<Option<T>> {
        if self.schema()? == migrate::newest() {
            read(&self.conn).map(Some)
        } else {
            Ok(None)
        }
    }

    /// Refuses a database of a newer program.
    ///
    /// # Errors
    /// [`Error::SchemaNewer`].
    pub fn check_schema(&self) -> Result<()> {
        let (found, known) = (self.schema()?, migrate::newest());
        if found > known {
            return Err(Error::SchemaNewer { found, known });
        }
        Ok(())
    }
}
