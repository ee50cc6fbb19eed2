//! The whole database as of one commit, page by page, for another node's first copy or a backup. Readers and the writer go on;
//! the WAL is kept for as long as it takes.

use std::sync::mpsc::sync_channel;

use rusqlite::Connection;

use crate::errand::Rank;
use crate::error::{Error, Result};
use crate::store::commit::{Page, Point};
pub use crate::store::wal::capture::lock_page as unused_page;
use crate::store::{Kind, Store, connection, position};

/// What a snapshot says of itself before its pages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cover {
    /// The commit that it holds, and all before.
    pub point: Point,
    /// Pages of the database.
    pub size: u32,
    /// Bytes of a page.
    pub page_size: u32,
}

impl Store {
    /// Reads a snapshot: `begin` is told what it is, then `page` gets all pages in order (but the one that SQLite never
    /// uses). Blocks for as long as they take.
    ///
    /// # Errors
    /// What the two answer; [`Error::Unavailable`] when the history's hash is not known, such as without a journal.
    pub fn snapshot(
        &self,
        begin: impl FnOnce(Cover) -> Result<()>,
        mut page: impl FnMut(Page) -> Result<()>,
    ) -> Result<()> {
        let (conn, point) = self.begin_snapshot()?;
        let number = |sql| conn.query_row(sql, [], |row| row.get(0));
        let cover = Cover {
            point,
            size: number("pragma page_count")?,
            page_size: number("pragma page_size")?,
        };
        begin(cover)?;
        let unused = unused_page(cover.page_size);
        let mut query = conn.prepare("select pgno, data from sqlite_dbpage")?;
        let mut rows = query.query([])?;
        while let Some(row) = rows.next()? {
            let number = row.get(0)?;
            if number != unused {
                let data: Vec<u8> = row.get(1)?;
                page(Page {
                    number,
                    data: data.into(),
                })?;
            }
        }
        Ok(())
    }

    /// A connection of its own inside of a reading transaction, with the point that it stands at.
    fn begin_snapshot(&self) -> Result<(Connection, Point)> {
        let conn = connection::open_reader(&self.dir.database())?;
        {
            let following = self.following();
            if let Some(applier) = &*following {
                let point = applier.point().ok_or(Error::Unavailable)?;
                return stand(conn, point);
            }
        }
        let captured = self.captured().ok_or(Error::Unavailable)?;
        // On the writer's thread nothing can be committed between the two looks, and all that was committed is captured.
        let (send, found) = sync_channel(1);
        let look = move |_: &super::Tx| {
            // It is received below, or nobody waits any more.
            let _ = send.send(captured.sound().and_then(|point| stand(conn, point)));
            // Nothing to commit.
            Err::<(), _>(Error::NotFound)
        };
        self.send(Rank::Operator, Kind::Change, look, drop)?;
        found.recv().unwrap_or(Err(Error::Unavailable))
    }
}

fn stand(conn: Connection, point: Point) -> Result<(Connection, Point)> {
    conn.execute_batch("begin")?;
    if position::read(&conn)?.position != point.position {
        return Err(Error::Unavailable);
    }
    Ok((conn, point))
}
