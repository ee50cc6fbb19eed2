//! Takes each commit out of the WAL, right after it was made, and gives it to the journal. On the writer's thread only.
//!
//! # Why nothing is missed
//! Only the writer commits, each commit raises the txid of the position's row by one, and each is taken before the next one
//! can begin. So the frames of a commit are exactly those between the end of the last one and what SQLite's own hook names,
//! and a new generation of the WAL, which only a write of ours can begin, follows one of which all was taken. What is not
//! like that (a jump of the generation, a wrong checksum) is not repaired: the journal begins anew with a chain that no other
//! history has, and followers need a snapshot. So does it when somebody else has written (a person with `sqlite3`), of which
//! the frames may tell nothing, for a checkpoint of theirs can have let the WAL begin anew: SQLite counts other connections'
//! commits as its "data version". A checkpoint that empties the WAL counts too, so that none is made while writing goes on.
//!
//! # After a crash
//! Commits that the journal has lost are read from the WAL, if it still has all of them: as many as the txid is ahead of
//! the journal. A count that does not fit says that some are gone, also when the generation seems to follow.

use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use rusqlite::Connection;

use crate::cache::Stamp;
use crate::error::{Error, Result};
use crate::store::commit::{Chain, Changed, Commit, Cursor, Delta, Journal, Page, Point, Position};
use crate::store::position::{self, Standing};
use crate::store::wal::before::Before;
use crate::store::wal::frames::{self, Frames, Gathered};

/// What other threads may know of a capture.
pub struct Captured {
    journal: Arc<dyn Journal>,
    point: Mutex<Point>,
    /// The journal does not hold what was committed last.
    is_broken: AtomicBool,
}

impl Captured {
    /// The last commit that was given to the journal (or that it begins after).
    #[must_use]
    pub fn point(&self) -> Point {
        *self.point.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// As [`Captured::point`].
    ///
    /// # Errors
    /// [`Error::Unavailable`] while the journal does not hold what was committed last.
    pub fn sound(&self) -> Result<Point> {
        if self.is_broken.load(Ordering::Acquire) {
            return Err(Error::Unavailable);
        }
        Ok(self.point())
    }

    /// Brings the journal to disk. When it cannot be, it begins anew with the next commit.
    ///
    /// # Errors
    /// As [`Journal::sync`].
    pub fn sync(&self) -> Result<()> {
        if self.is_broken.load(Ordering::Acquire) {
            // There is nothing in it that would have to be kept; the WAL must not grow for its sake.
            return Ok(());
        }
        self.journal.sync().inspect_err(|error| {
            tracing::error!(
                detail = error.detail(),
                "the log of commits cannot be synced"
            );
            self.is_broken.store(true, Ordering::Release);
        })
    }

    fn set(&self, point: Point) {
        *self.point.lock().unwrap_or_else(PoisonError::into_inner) = point;
    }
}

/// Whether other nodes can follow a commit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kept {
    /// It is in the journal.
    Yes,
    /// The journal begins anew after it, or is broken: they need a snapshot.
    No,
}

/// The capture of one writing connection.
pub struct Capture {
    shared: Arc<Captured>,
    /// Where the last commit ended in the WAL, as SQLite's hook says; 0: there was none since.
    end: Arc<AtomicU32>,
    /// `None`: nothing of the WAL counts yet.
    cursor: Option<Cursor>,
    point: Point,
    before: Before,
    size: u32,
    page_size: u32,
    /// SQLite's number for what other connections have committed.
    version: i64,
    /// The journal has no commit yet that says where in the WAL it stands.
    is_bare: bool,
}

impl Capture {
    /// Brings the journal up to where the database stands, and begins. Nothing may have been written since it was opened.
    ///
    /// # Errors
    /// [`Error::DataDir`] when the journal is ahead of the database: what it holds has to be applied first. Otherwise when
    /// SQLite or the journal fails.
    pub fn begin(conn: &mut Connection, journal: Arc<dyn Journal>) -> Result<Self> {
        // Reading this also opens the WAL.
        let standing = position::read(conn)?;
        let (point, cursor) = match catch_up(conn, &*journal, standing)? {
            Some(found) => found,
            None => anew(conn, &*journal, standing.position)?,
        };
        Self::begin_at(conn, journal, point, cursor)
    }

    /// As [`Capture::begin`], on a database that followed until now and stands at `point`, if that is known. Its WAL has
    /// frames of other commits than the journal's cursor tells of: what it applied.
    ///
    /// # Errors
    /// As [`Capture::begin`].
    pub fn take_over(
        conn: &mut Connection,
        journal: Arc<dyn Journal>,
        point: Option<Point>,
    ) -> Result<Self> {
        let standing = position::read(conn)?;
        // What began at a place that was not known has no hash.
        let last = journal.last().filter(|last| last.chain != Chain::default());
        match point.filter(|point| Some(*point) == last && point.position == standing.position) {
            Some(point) => {
                let cursor = wal_end(conn)?;
                Self::begin_at(conn, journal, point, cursor)
            }
            None => Self::begin(conn, journal),
        }
    }

    fn begin_at(
        conn: &mut Connection,
        journal: Arc<dyn Journal>,
        point: Point,
        cursor: Option<Cursor>,
    ) -> Result<Self> {
        let end = Arc::new(AtomicU32::new(0));
        let hook = Arc::clone(&end);
        conn.wal_hook(Some(move |_: &mut rusqlite::hooks::Wal, frames: i32| {
            hook.store(frames.cast_unsigned(), Ordering::Relaxed);
            Ok(())
        }))?;
        let is_bare = journal.end().is_none();
        let shared = Captured {
            journal,
            point: Mutex::new(point),
            is_broken: AtomicBool::new(false),
        };
        Ok(Self {
            shared: Arc::new(shared),
            end,
            cursor,
            point,
            before: Before::default(),
            size: conn.query_row("pragma page_count", [], |row| row.get(0))?,
            page_size: conn.query_row("pragma page_size", [], |row| row.get(0))?,
            version: data_version(conn)?,
            is_bare,
        })
    }

    /// What other threads may know.
    #[must_use]
    pub fn shared(&self) -> Arc<Captured> {
        Arc::clone(&self.shared)
    }

    /// The hash of the history up to the last commit: what the next one notes in its row.
    #[must_use]
    pub fn chain(&self) -> Chain {
        self.point.chain
    }

    /// Takes the commit that was just made, which stands in any case: it is on this node's disk.
    pub fn commit(
        &mut self,
        conn: &Connection,
        position: Position,
        wall_ms: i64,
        changed: Vec<Stamp>,
    ) -> Kept {
        let end = self.end.swap(0, Ordering::Relaxed);
        let taken = if self.shared.is_broken.load(Ordering::Acquire) {
            Err(Error::Internal("it was broken before".into()))
        } else {
            self.take(conn, end, position)
                .and_then(|(gathered, deltas)| {
                    let cursor = gathered.cursor;
                    let commit = Commit {
                        wall_ms,
                        page_size: self.page_size,
                        deltas,
                        ..commit(
                            self.point.chain,
                            position,
                            gathered,
                            Changed::Named(changed),
                        )
                    };
                    let (point, size) = (commit.point, commit.size);
                    self.shared.journal.append(Arc::new(commit))?;
                    if self.is_bare {
                        // The others can be found in the WAL from there on, should a power cut take them out of the journal.
                        self.shared.journal.sync()?;
                    }
                    Ok((point, cursor, size))
                })
        };
        let kept = match taken {
            Ok((point, cursor, size)) => {
                (self.point, self.cursor, self.size) = (point, Some(cursor), size);
                self.is_bare = false;
                Kept::Yes
            }
            Err(error) => {
                self.lose(conn, position, &error);
                Kept::No
            }
        };
        self.shared.set(self.point);
        kept
    }

    /// The pages of the commit that ends at frame `end`, and how they differ from what they were.
    fn take(
        &mut self,
        conn: &Connection,
        end: u32,
        position: Position,
    ) -> Result<(Gathered, Vec<Delta>)> {
        if position.txid != self.point.position.txid + 1 || data_version(conn)? != self.version {
            return Err(lost("somebody else has written"));
        }
        let header = frames::header(conn)?.ok_or_else(|| lost("the WAL has no header"))?;
        let from = match self.cursor {
            Some(cursor) if header.holds(&cursor) => cursor,
            Some(cursor) if !header.follows(&cursor) => {
                return Err(lost("the WAL is not the one that follows"));
            }
            _ => header.start(),
        };
        let mut walk = Frames::new(conn, header, from, end);
        let mut gathered = walk
            .commit()?
            .ok_or_else(|| lost("the WAL does not hold it whole"))?;
        if gathered.cursor.frame != end {
            return Err(lost("the WAL holds more than one commit"));
        }
        self.before.enter(&header, &from);
        let deltas = self
            .before
            .deltas(conn, &header, &gathered.pages, self.size);
        let (pages, frames) = (&gathered.pages, &gathered.frames);
        self.before.pass(pages, frames, gathered.size, self.size);
        fill(&mut gathered, self.size, self.page_size, |number| {
            let sql = "select data from sqlite_dbpage where pgno = ?1";
            Ok(conn.query_row(sql, [number], |row| row.get(0))?)
        })?;
        Ok((gathered, deltas))
    }

    /// Lets the journal begin anew after this commit.
    fn lose(&mut self, conn: &Connection, position: Position, error: &Error) {
        self.before.forget();
        let was_broken = self.shared.is_broken.swap(true, Ordering::AcqRel);
        if !was_broken {
            tracing::error!(
                detail = error.detail(),
                %position,
                "a commit could not be recorded; other nodes will need a snapshot"
            );
        }
        let again = anew(conn, &*self.shared.journal, position).and_then(|(point, cursor)| {
            self.size = conn.query_row("pragma page_count", [], |row| row.get(0))?;
            self.version = data_version(conn)?;
            (self.point, self.cursor) = (point, cursor);
            self.is_bare = true;
            Ok(())
        });
        match again {
            Ok(()) => self.shared.is_broken.store(false, Ordering::Release),
            Err(error) => {
                // Nothing follows on this by mistake: the next commit begins anew as well.
                self.point.position = position;
                if !was_broken {
                    tracing::error!(
                        detail = error.detail(),
                        "the log of commits cannot begin anew"
                    );
                }
            }
        }
    }
}

impl Drop for Capture {
    /// The WAL may go when the connection closes.
    fn drop(&mut self) {
        // It was logged.
        let _ = self.shared.sync();
    }
}

/// Lets the journal begin after `position`.
fn anew(
    conn: &Connection,
    journal: &dyn Journal,
    position: Position,
) -> Result<(Point, Option<Cursor>)> {
    let point = Point {
        position,
        chain: Chain::fresh()?,
    };
    let cursor = wal_end(conn)?;
    journal.restart(point)?;
    Ok((point, cursor))
}

fn data_version(conn: &Connection) -> rusqlite::Result<i64> {
    conn.prepare_cached("pragma data_version")?
        .query_row([], |row| row.get(0))
}

/// Where the last commit in the WAL ends; `None` when it has none.
fn wal_end(conn: &Connection) -> rusqlite::Result<Option<Cursor>> {
    let Some(header) = frames::header(conn)? else {
        return Ok(None);
    };
    let end = Frames::new(conn, header, header.start(), u32::MAX).last()?;
    Ok((end.frame > 0).then_some(end))
}

/// Gives the journal what it lacks, if the WAL still has it; `None` when the two do not fit together.
fn catch_up(
    conn: &Connection,
    journal: &dyn Journal,
    standing: Standing,
) -> Result<Option<(Point, Option<Cursor>)>> {
    let Some((point, cursor)) = journal.end() else {
        return Ok(None);
    };
    let now = standing.position;
    if point.position > now {
        return Err(Error::DataDir(format!(
            "The log of commits ends at {}, the database at {now}: what the log has must be applied before anything is written.",
            point.position
        )));
    }
    let Some(missing) = now.txid.checked_sub(point.position.txid) else {
        return Ok(None);
    };
    let Some(header) = frames::header(conn)? else {
        return Ok((missing == 0).then_some((point, None)));
    };
    // Of a generation that is not the cursor's own everything is new: it began after all of that was taken.
    let is_own = header.holds(&cursor);
    if is_own && !frames::is_there(conn, &header, &cursor)? {
        return Ok(None);
    }
    let from = if is_own { cursor } else { header.start() };
    let walk = || Frames::new(conn, header, from, u32::MAX);
    let mut found = 0;
    let mut frames = walk();
    while frames.commit()?.is_some() {
        found += 1;
    }
    if found != missing {
        return Ok(None);
    }
    let mut end = (point, is_own.then_some(cursor));
    let mut frames = walk();
    while let Some(gathered) = frames.commit()? {
        end = append(journal, end.0, standing, header.page_size, gathered)?;
    }
    if missing > 0 {
        tracing::info!(
            commits = missing,
            "the log of commits was completed from the WAL"
        );
    }
    Ok((end.0.position == now).then_some(end))
}

/// Appends a commit that was found after a crash. All of them are of the epoch that the database is in: the journal is
/// synced before an epoch begins.
fn append(
    journal: &dyn Journal,
    before: Point,
    standing: Standing,
    page_size: u32,
    gathered: Gathered,
) -> Result<(Point, Option<Cursor>)> {
    let position = Position {
        epoch: standing.position.epoch,
        txid: before.position.txid + 1,
    };
    let commit = Commit {
        wall_ms: standing.wall_ms,
        page_size,
        ..commit(before.chain, position, gathered, Changed::Everything)
    };
    let (point, cursor) = (commit.point, commit.cursor);
    journal.append(Arc::new(commit))?;
    Ok((point, Some(cursor)))
}

fn commit(before: Chain, position: Position, gathered: Gathered, changed: Changed) -> Commit {
    let Gathered {
        size,
        pages,
        cursor,
        ..
    } = gathered;
    let chain = Chain::after(before, position, size, &pages);
    Commit {
        point: Point { position, chain },
        before,
        wall_ms: 0,
        page_size: 0,
        size,
        pages,
        deltas: Vec::new(),
        changed,
        cursor,
    }
}

/// Adds pages by which the database grew without a frame of theirs. SQLite writes each in our experience, but nowhere
/// promises it; whoever applies the commit would be left with a hole.
fn fill(
    gathered: &mut Gathered,
    size: u32,
    page_size: u32,
    read: impl Fn(u32) -> Result<Vec<u8>>,
) -> Result<()> {
    if gathered.size <= size {
        return Ok(());
    }
    let grown = gathered.pages.partition_point(|page| page.number <= size);
    let mut expected = size + 1..=gathered.size;
    let mut missing = Vec::new();
    for page in &gathered.pages[grown..] {
        missing.extend(expected.by_ref().take_while(|number| *number < page.number));
    }
    missing.extend(expected);
    for number in missing {
        if number != lock_page(page_size) {
            let data = read(number)?.into();
            gathered.pages.push(Page { number, data });
        }
    }
    gathered.pages.sort_unstable_by_key(|page| page.number);
    Ok(())
}

/// The page in which SQLite's locks lie: it is never written.
#[must_use]
pub fn lock_page(page_size: u32) -> u32 {
    0x4000_0000 / page_size + 1
}

fn lost(why: &str) -> Error {
    Error::Internal(why.into())
}

#[cfg(test)]
mod tests;
