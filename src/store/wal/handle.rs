//! Bytes of the WAL and of the database file, read and synced through the handles that SQLite itself has open. The one module with `unsafe`.
//!
//! Opening a file ourselves would be simpler, and a trap: closing any handle on a database's files drops the locks that
//! this process holds on them (POSIX), and nothing but care keeps "the WAL only" from becoming "the database too".
//! Neither `SQLITE_FCNTL_PERSIST_WAL` nor `SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE` is set: a WAL that goes when the last connection
//! closes takes nothing along that is not in the journal, which is synced before.
#![expect(
    unsafe_code,
    reason = "SQLite gives its file handle to C callers only; rusqlite has no safe way to it"
)]

use std::ffi::c_void;
use std::ptr;

use rusqlite::{Connection, ffi};

/// Which of a connection's files.
#[derive(Debug, Clone, Copy)]
pub(super) enum Of {
    /// The WAL. The connection must have read something since it was opened, which opens it.
    Wal,
    /// The database.
    Database,
}

/// Fills `buffer` from byte `at` of the connection's file; what lies beyond the end reads as zeros. Whether nothing did.
pub(super) fn read(
    conn: &Connection,
    of: Of,
    buffer: &mut [u8],
    at: u64,
) -> rusqlite::Result<bool> {
    let (Ok(length), Ok(at)) = (i32::try_from(buffer.len()), i64::try_from(at)) else {
        return Err(failed(ffi::SQLITE_TOOBIG));
    };
    let (file, methods) = file(conn, of)?;
    let read = methods.xRead.ok_or_else(|| failed(ffi::SQLITE_CANTOPEN))?;
    // SAFETY: the function is the one of this very file; it writes at most `length` bytes, which is the buffer's own length.
    // It reads with pread, so that no position is moved under SQLite.
    match unsafe { read(file, buffer.as_mut_ptr().cast(), length, at) } {
        // SQLite's contract: what could not be read was filled with zeros.
        ffi::SQLITE_OK => Ok(true),
        ffi::SQLITE_IOERR_SHORT_READ => Ok(false),
        code => Err(failed(code)),
    }
}

/// Brings what was written to the connection's file to disk, as SQLite does.
pub(super) fn sync(conn: &Connection, of: Of) -> rusqlite::Result<()> {
    let (file, methods) = file(conn, of)?;
    let sync = methods.xSync.ok_or_else(|| failed(ffi::SQLITE_CANTOPEN))?;
    // SAFETY: the function is the one of this very file, which lives as long as the connection that is borrowed; it changes
    // nothing of SQLite's.
    match unsafe { sync(file, ffi::SQLITE_SYNC_NORMAL) } {
        ffi::SQLITE_OK => Ok(()),
        code => Err(failed(code)),
    }
}

/// A file that the connection has open, and what can be done with it.
fn file(
    conn: &Connection,
    of: Of,
) -> rusqlite::Result<(*mut ffi::sqlite3_file, &ffi::sqlite3_io_methods)> {
    let operation = match of {
        Of::Wal => ffi::SQLITE_FCNTL_JOURNAL_POINTER,
        Of::Database => ffi::SQLITE_FCNTL_FILE_POINTER,
    };
    let mut file: *mut ffi::sqlite3_file = ptr::null_mut();
    // SAFETY: `handle` is this open connection's, used on the thread that has it borrowed (a `Connection` is not `Sync`).
    // For both operations SQLite writes one pointer to where the last argument points, which is `file`, alive for the call.
    let code = unsafe {
        ffi::sqlite3_file_control(
            conn.handle(),
            c"main".as_ptr(),
            operation,
            (&raw mut file).cast::<c_void>(),
        )
    };
    if code != ffi::SQLITE_OK || file.is_null() {
        return Err(failed(code));
    }
    // SAFETY: SQLite gave a pointer to a `sqlite3_file` that lives as long as the connection, which is borrowed. A file that
    // is not open has no methods: null, which `as_ref` turns into `None`; others are static tables of the VFS.
    let methods = unsafe { (*file).pMethods.as_ref() };
    let methods = methods.ok_or_else(|| failed(ffi::SQLITE_CANTOPEN))?;
    Ok((file, methods))
}

fn failed(code: i32) -> rusqlite::Error {
    rusqlite::Error::SqliteFailure(
        ffi::Error::new(code),
        Some("reading or syncing the WAL or the database".into()),
    )
}
