//! The transaction by which pages are put under a copy, as [`super`] lays it out.

use rusqlite::{Connection, params};

use crate::error::Result;
use crate::store::connection;
use crate::store::wal::capture::lock_page;

/// Puts pages under an open transaction.
pub(super) struct Write<'a> {
    insert: rusqlite::CachedStatement<'a>,
    lock_page: u32,
    frames: u32,
}

impl Write<'_> {
    pub(super) fn page(&mut self, number: u32, data: &[u8]) -> Result<()> {
        if number == self.lock_page {
            return Ok(());
        }
        if number == 1 {
            // The copy is in WAL mode, whatever the other node thought.
            let mut first = data.to_vec();
            if let Some(modes) = first.get_mut(18..20) {
                modes.fill(2);
            }
            self.insert.execute(params![number, first])?;
        } else {
            self.insert.execute(params![number, data])?;
        }
        self.frames += 1;
        Ok(())
    }
}

/// Runs `write` and sets the size; undoes all when anything fails.
pub(super) fn transaction(
    conn: &Connection,
    size: u32,
    page_size: u32,
    write: impl FnOnce(&mut Write) -> Result<()>,
) -> Result<u32> {
    connection::step(conn, "begin immediate")?;
    let sql = "insert into sqlite_dbpage(pgno, data, schema) values (?1, ?2, 'replica')";
    let run = || {
        let mut pages = Write {
            insert: conn.prepare_cached(sql)?,
            lock_page: lock_page(page_size),
            frames: 1,
        };
        write(&mut pages)?;
        // Without data: this page and all after it are gone.
        let end = i64::from(size) + 1;
        pages.insert.execute(params![end, rusqlite::types::Null])?;
        let frames = pages.frames;
        drop(pages);
        connection::step(conn, "commit")?;
        Ok(frames)
    };
    let done = run();
    if done.is_err() && !conn.is_autocommit() {
        conn.execute_batch("rollback")?;
    }
    done
}
