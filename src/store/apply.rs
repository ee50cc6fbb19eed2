//! Applies commits of another node to this node's copy, page by page, in transactions of SQLite's own, so that readers go on.
//!
//! # The layout
//! The applying connection has an empty database in memory as its main one, and the copy attached. With the copy as its main
//! database, the connection would read the schema again in the middle of a commit that changes it, half-written, and
//! fail for ever. For the same reason nothing is ever *read* through it: its b-trees know nothing of pages that were put
//! under them, and answer wrongly. Where the copy stands is read through a reading connection.
//!
//! Each page is an `insert` of its own, the row that sets the size is the last (a page after it would cancel it), and there
//! is never a savepoint (it would make SQLite forget the size). All three fail silently, so the size is checked afterwards.
//!
//! `synchronous=NORMAL` is enough: what is applied is in the synced log already, and after a loss of power the copy's own
//! row says from where on to apply it again.

mod backfill;
mod recent;
mod write;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use rusqlite::{Connection, OptionalExtension};

use crate::error::{Error, Result};
use crate::store::checkpoint::die_of_a_sync;
use crate::store::checksum::{self, Checksums, Mode, Schema};
use crate::store::commit::{Chain, Commit, Page, Point, Position};
use crate::store::snapshot::Cover;
use crate::store::wal::capture::lock_page;
use crate::store::wal::frames;
use crate::store::{chain, connection, position};

use self::backfill::Backfill;
use self::recent::Recent;
use self::write::{Write, transaction};

/// Frames of the copy's WAL after which it is copied back.
const STEP: u32 = 4_000;
/// Frames that are copied between two transactions.
const FEW: u32 = 1_000;
/// Frames from which readers are waited for, since a WAL that always has one never begins anew.
const LARGE: u32 = 24_000;
/// How long: new readers do not prolong it, those that are there may.
const PATIENCE: Duration = Duration::from_secs(2);
/// How long another process (a person's `sqlite3`) that writes is waited for.
const BUSY: Duration = Duration::from_secs(5);

/// The hand that changes a copy.
pub struct Applier {
    conn: Connection,
    reader: Connection,
    position: Position,
    /// `None` until somebody says so who knows: the copy's row holds only the one before.
    chain: Option<Chain>,
    /// Frames since the last step of a checkpoint.
    frames: u32,
    file: PathBuf,
    checksums: Arc<Checksums>,
    /// Begins with the first step.
    backfill: Option<Backfill>,
    /// What was applied last.
    recent: Recent,
    /// What tells that somebody else has written the copy.
    version: i64,
    /// Whether that was looked at since the last commits were applied.
    has_looked: bool,
}

impl Applier {
    /// Opens the copy, or makes an empty one.
    ///
    /// # Errors
    /// When SQLite fails.
    pub(super) fn open(file: &Path, checksums: Arc<Checksums>) -> Result<Self> {
        let conn = attached(file)?;
        conn.pragma_update(Some("replica"), "cache_size", -16_000)?;
        let reader = connection::open_reader(file)?;
        connection::check_library(&reader)?;
        let position = position::read(&reader)?.position;
        let version = version(&conn)?;
        Ok(Self {
            conn,
            reader,
            position,
            chain: None,
            frames: 0,
            file: file.to_owned(),
            checksums,
            backfill: None,
            recent: Recent::default(),
            version,
            has_looked: false,
        })
    }

    /// Where the copy stands.
    #[must_use]
    pub fn position(&self) -> Position {
        self.position
    }

    /// The same with the hash of its history, when that is known.
    #[must_use]
    pub fn point(&self) -> Option<Point> {
        let position = self.position;
        self.chain.map(|chain| Point { position, chain })
    }

    /// Tells what the log has of the commit that the copy stands at: its point, and the hash before it.
    ///
    /// # Errors
    /// [`Error::Refused`] when the copy's own row says otherwise: it is not of this history.
    pub fn resume(&mut self, point: Point, before: Chain) -> Result<()> {
        let row = position::read(&self.reader)?;
        if row.position != point.position || row.before != before {
            return Err(refused(format!(
                "the copy stands at {}, not at {} of the log's history",
                row.position, point.position
            )));
        }
        self.chain = Some(point.chain);
        Ok(())
    }

    /// Begins a history that has no log: what comes next is to follow on `point`.
    pub(super) fn know(&mut self, point: Point) {
        self.chain = (point.position == self.position).then_some(point.chain);
    }

    /// What a page of the copy is; `None` when there is none of this number.
    ///
    /// # Errors
    /// When SQLite fails.
    pub fn page(&mut self, number: u32) -> Result<Option<Box<[u8]>>> {
        self.notice_others()?;
        if let Some(page) = self.recent.page(number) {
            return Ok(Some(page.into()));
        }
        let page = page(&self.reader, number, |data| data.into());
        Ok(page.optional()?)
    }

    /// Whether the page need not be read from the copy.
    #[cfg(test)]
    pub(super) fn remembers(&self, number: u32) -> bool {
        self.recent.page(number).is_some()
    }

    /// Once another process (a person's `sqlite3`) has written the copy, what this one remembers would hide it.
    fn notice_others(&mut self) -> rusqlite::Result<()> {
        if std::mem::replace(&mut self.has_looked, true) {
            return Ok(());
        }
        let version = version(&self.conn)?;
        if std::mem::replace(&mut self.version, version) != version {
            self.recent = Recent::default();
        }
        Ok(())
    }

    /// Applies consecutive commits, all of them or none, in one transaction. What they changed is to be told before
    /// [`Applier::checkpoint`].
    ///
    /// # Errors
    /// [`Error::Refused`] when they do not follow on where the copy stands or are not whole; nothing is changed then. When
    /// SQLite fails, or the result is not what was announced: then a snapshot is needed.
    pub fn apply(&mut self, commits: &[Arc<Commit>]) -> Result<()> {
        let Some(last) = commits.last() else {
            return Ok(());
        };
        self.check(commits)?;
        // Should anything fail, what the copy has is what is asked.
        let mut recent = std::mem::take(&mut self.recent);
        self.has_looked = false;
        let mut pages: BTreeMap<u32, &[u8]> = BTreeMap::new();
        for page in commits.iter().flat_map(|commit| &commit.pages) {
            pages.insert(page.number, &page.data);
        }
        let (size, page_size) = (last.size, last.page_size);
        self.transaction(size, page_size, |write| {
            let kept = pages.into_iter().filter(|(number, _)| *number <= size);
            for (number, data) in kept {
                write.page(number, data)?;
            }
            Ok(())
        })?;
        self.arrive(last.point, size)?;
        recent.add(commits);
        self.recent = recent;
        Ok(())
    }

    /// Makes the copy what a snapshot of another node is: all its pages, in order. Only those that differ are written.
    ///
    /// # Errors
    /// As what `pages` answers, and [`Error::Refused`] when they are not all; nothing is changed then. When the result is not
    /// at the point that was announced.
    pub fn install(
        &mut self,
        cover: Cover,
        pages: impl Iterator<Item = Result<Page>>,
    ) -> Result<()> {
        let Cover {
            point,
            size,
            page_size,
        } = cover;
        let found: u32 = self
            .reader
            .query_row("pragma page_size", [], |row| row.get(0))?;
        if found != page_size {
            return Err(refused(format!(
                "the snapshot's pages have {page_size} bytes, this copy's {found}"
            )));
        }
        // Until it is done nothing is known.
        self.chain = None;
        self.recent = Recent::default();
        // What this connection reads of them may be right, from its memory, where the file is not.
        let damaged = self.checksums.damaged();
        let reader = &self.reader;
        // One snapshot of what is here, so that nothing is compared with what was just written.
        let present = connection::Snapshot::begin(reader)?;
        let write = |write: &mut Write| {
            let mut expected = 1;
            for page in pages {
                let page = page?;
                expected += u32::from(expected == lock_page(page_size));
                if page.number != expected {
                    return Err(refused(format!(
                        "the snapshot has page {} where {expected} comes",
                        page.number
                    )));
                }
                expected += 1;
                if damaged.contains(&page.number) || differs(&present, &page) {
                    write.page(page.number, &page.data)?;
                }
            }
            expected += u32::from(expected == lock_page(page_size));
            if expected <= size {
                return Err(refused(format!("the snapshot ends before page {expected}")));
            }
            Ok(())
        };
        // No log holds these pages: the log begins anew after them, so they have to be on disk before it does.
        self.conn
            .pragma_update(Some("replica"), "synchronous", "full")?;
        let frames = transaction(&self.conn, size, page_size, write);
        self.conn
            .pragma_update(Some("replica"), "synchronous", "normal")?;
        let frames = frames?;
        self.checksums.repaired();
        drop(present);
        self.frames = self.frames.saturating_add(frames);
        self.arrive(point, size)
    }

    /// Lets nothing happen to the copy but what is applied: waits for the checkpoint's thread to end. It begins anew when it
    /// is needed.
    pub(super) fn rest(&mut self) {
        self.backfill = None;
    }

    /// Copies the whole WAL back. Blocks; readers may keep it from that.
    pub fn finish(&mut self) {
        // Its thread would keep the WAL from being emptied.
        self.rest();
        if let Err(error) = self.copy(Mode::Truncate) {
            die_of_a_sync(&error);
            tracing::warn!(%error, "the copy's WAL stays; it is read at the next start");
        }
    }

    /// Where the copy is, and how large. Page 1 says so whatever happened to the rest; SQLite goes by what the commit's last
    /// frame says, and only the two together show that what should be gone is.
    fn look(&self) -> Result<(Position, u32)> {
        let snapshot = connection::Snapshot::begin(&self.reader)?;
        let position = position::read(&snapshot)?.position;
        let size = snapshot
            .prepare_cached("pragma page_count")?
            .query_row([], |row| row.get(0))?;
        let frames = checksum::look(&self.conn, Schema::Replica)?.frames;
        let announced = frames::size_at(&snapshot, frames)?;
        if announced != Some(size) {
            return Err(Error::Internal(format!(
                "the copy's first page tells of {size} pages, its WAL of {announced:?}"
            )));
        }
        Ok((position, size))
    }

    fn check(&self, commits: &[Arc<Commit>]) -> Result<()> {
        let Some(chain) = self.chain else {
            return Err(refused(
                "where the copy stands in its history is not known".into(),
            ));
        };
        let mut at = Point {
            position: self.position,
            chain,
        };
        for commit in commits {
            let next = commit.point.position;
            if next.txid != at.position.txid + 1
                || next.epoch < at.position.epoch
                || commit.before != at.chain
            {
                return Err(refused(format!(
                    "{next} does not follow on {}",
                    at.position
                )));
            }
            if !commit.is_whole() {
                return Err(refused(format!("{next} is not what its hash says")));
            }
            at = commit.point;
        }
        Ok(())
    }

    fn transaction(
        &mut self,
        size: u32,
        page_size: u32,
        write: impl FnOnce(&mut Write) -> Result<()>,
    ) -> Result<()> {
        let frames = transaction(&self.conn, size, page_size, write)?;
        self.frames = self.frames.saturating_add(frames);
        Ok(())
    }

    /// Makes sure that the copy is what it should be now.
    fn arrive(&mut self, point: Point, size: u32) -> Result<()> {
        self.chain = None;
        let found = self.look()?;
        self.position = found.0;
        if found != (point.position, size) {
            return Err(Error::Internal(format!(
                "the copy is at {} with {} pages after {} with {size} was applied",
                found.0, found.1, point.position
            )));
        }
        self.chain = Some(point.chain);
        Ok(())
    }

    /// Sees to it that the WAL is copied back and begins anew, now and then. For after each change, once what it changed is told
    /// to the cache: only the next change waits then.
    pub(super) fn checkpoint(&mut self) {
        if let Err(error) = self.step() {
            die_of_a_sync(&error);
            tracing::warn!(
                detail = error.detail(),
                "checkpoint of the copy failed; it is tried again later"
            );
        }
    }

    /// Most is copied by the thread meanwhile; what came since is little, and is copied here, so that for a moment all of it
    /// is: then SQLite lets the WAL begin anew. Readers are waited for only when it has become large.
    fn step(&mut self) -> Result<()> {
        if self.backfill.as_mut().is_some_and(Backfill::has_come) {
            let now = checksum::look(&self.conn, Schema::Replica)?;
            if now.left() > 0 && now.frames > LARGE {
                self.frames = 0;
                return self.restart();
            }
            if (1..FEW).contains(&now.left()) {
                self.frames = 0;
                return self.copy(Mode::Passive);
            }
        }
        if self.frames >= STEP {
            self.frames = 0;
            if self.backfill.is_none() {
                self.backfill = Some(Backfill::start(&self.file, Arc::clone(&self.checksums))?);
            }
            self.backfill.iter_mut().for_each(Backfill::wake);
        }
        Ok(())
    }

    fn restart(&self) -> Result<()> {
        self.conn.busy_timeout(PATIENCE)?;
        let done = self.copy(Mode::Restart);
        self.conn.busy_timeout(BUSY)?;
        done
    }

    fn copy(&self, mode: Mode) -> Result<()> {
        let to = (&self.conn, Schema::Replica);
        self.checksums.checkpoint(&self.reader, to, mode).map(drop)
    }
}

/// A connection with the copy attached.
fn attached(file: &Path) -> Result<Connection> {
    let conn = Connection::open_in_memory()?;
    conn.busy_timeout(BUSY)?;
    // A schema that this program cannot parse is no reason not to copy it.
    conn.pragma_update(None, "writable_schema", true)?;
    let file = file
        .to_str()
        .ok_or_else(|| Error::DataDir("The data directory's name is not UTF-8.".into()))?;
    conn.execute("attach ?1 as replica", [file])?;
    conn.pragma_update(Some("replica"), "journal_mode", "wal")?;
    conn.pragma_update(Some("replica"), "synchronous", "normal")?;
    conn.pragma_update(None, "wal_autocheckpoint", 0)?;
    Ok(conn)
}

/// A number that is another one once somebody else has written the copy.
fn version(conn: &Connection) -> rusqlite::Result<i64> {
    conn.prepare_cached("pragma replica.data_version")?
        .query_row([], |row| row.get(0))
}

/// Looks at a page.
fn page<T>(conn: &Connection, number: u32, look: impl FnOnce(&[u8]) -> T) -> rusqlite::Result<T> {
    conn.prepare_cached("select data from sqlite_dbpage where pgno = ?1")?
        .query_row([number], |row| {
            let found = row.get_ref(0)?;
            Ok(look(found.as_blob().unwrap_or_default()))
        })
}

/// Whether the page is not here, or not the same.
fn differs(present: &Connection, page: &Page) -> bool {
    let same = self::page(present, page.number, |found| {
        if page.number > 1 {
            return found == &*page.data;
        }
        let (mut found, mut new) = (found.to_vec(), page.data.to_vec());
        chain::mask(&mut found);
        chain::mask(&mut new);
        found == new
    });
    // What cannot be read is written.
    !same.unwrap_or(false)
}

fn refused(why: String) -> Error {
    Error::Refused(why)
}
