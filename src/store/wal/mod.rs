//! The write-ahead log, read after each commit so that other nodes can have it.
//!
//! Never opened by its path, never written: SQLite alone does that.

mod before;
pub mod capture;
mod frame;
pub(super) mod frames;
mod handle;

pub use capture::{Capture, Captured};

use rusqlite::Connection;

/// Fills `page` with a page of the database file, whatever the WAL has of it.
pub(super) fn file_page(conn: &Connection, page: &mut [u8], number: u32) -> rusqlite::Result<()> {
    let at = u64::from(number - 1) * page.len() as u64;
    handle::read(conn, handle::Of::Database, page, at).map(drop)
}

/// Brings the database file to disk.
pub(super) fn sync_file(conn: &Connection) -> rusqlite::Result<()> {
    handle::sync(conn, handle::Of::Database)
}
