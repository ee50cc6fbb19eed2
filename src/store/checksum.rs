//! Checksums of the database file's pages, so that a bit which the disk gives back wrong is noticed: SQLite knows the
//! structure of its pages, not what stood in them. (The WAL's frames and the log's records have checksums of their own.)
//!
//! # The rule
//! In WAL mode nothing but a checkpoint writes to the file, so every checkpoint is run through here: afterwards the pages
//! that it may have written are read back and their checksums taken. All other pages must be what they were; a thread
//! ([`scrub`]) reads them round and round. A page that has no checksum yet is taken as it is.
//!
//! The file's length and time of change show when somebody else (a person's `sqlite3`, a restored copy) has written to it:
//! then all is taken as it is, for a false alarm would be worse. A disk that rots changes neither.
//!
//! The checksums are kept in memory and, while the site is not running, in a file of their own ([`kept`]). After a crash there
//! is none, and the pages are taken as they are.

mod kept;
pub mod scrub;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use xxhash_rust::xxh3::xxh3_64;

use crate::error::Result;
use crate::store::wal::{self, frames};
use crate::store::{Conn, DataDir};

use kept::Kept;

pub use kept::check;

/// Stands for a page that has no checksum.
const NONE: u32 = 0;

/// How much of the WAL there is, and how much of it was copied into the database file, in frames.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Copied {
    pub(super) frames: u32,
    pub(super) copied: u32,
}

impl Copied {
    /// Frames that are still to be copied.
    pub(super) fn left(self) -> u32 {
        self.frames.saturating_sub(self.copied)
    }
}

/// What is to be said of damaged pages, and done.
#[must_use]
pub fn told(damaged: &BTreeSet<u32>) -> String {
    const MOST: usize = 8;
    let mut pages: Vec<String> = damaged.iter().take(MOST).map(u32::to_string).collect();
    if damaged.len() > MOST {
        pages.push(format!("{} more", damaged.len() - MOST));
    }
    format!(
        "Pages of the database file are not what was written there ({}): this disk, or the memory, is failing. Promote a \
         standby, or go on from a backup on another machine.",
        pages.join(", ")
    )
}

/// What a checkpoint is to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mode {
    /// Copy what can be copied without waiting for anybody.
    Passive,
    /// Copy all, and wait for readers, so that the next frame is the WAL's first.
    Restart,
    /// The same, and empty the file.
    Truncate,
}

/// Where a connection has the database.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Schema {
    Main,
    Replica,
}

/// How much of the WAL was copied. Does nothing (SQLite 3.51).
pub(super) fn look(conn: &Conn, schema: Schema) -> rusqlite::Result<Copied> {
    run(conn, schema, "noop")
}

fn run(conn: &Conn, schema: Schema, mode: &str) -> rusqlite::Result<Copied> {
    let schema = match schema {
        Schema::Main => "main",
        Schema::Replica => "replica",
    };
    // That it is busy is in the row, not an error; before there is a WAL both numbers are -1.
    let sql = format!("pragma {schema}.wal_checkpoint({mode})");
    conn.prepare_cached(&sql)?.query_row([], |row| {
        let number = |index| {
            row.get(index)
                .map(|found: i64| u32::try_from(found).unwrap_or(0))
        };
        Ok(Copied {
            frames: number(1)?,
            copied: number(2)?,
        })
    })
}

/// What tells that a file was written to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Stamp {
    length: u64,
    changed_ns: i64,
}

impl Stamp {
    fn of(file: &Path) -> std::io::Result<Self> {
        use std::os::unix::fs::MetadataExt;
        let found = std::fs::metadata(file)?;
        Ok(Self {
            length: found.len(),
            changed_ns: found.mtime().wrapping_mul(1_000_000_000) + found.mtime_nsec(),
        })
    }
}

/// The checksums of one database file.
pub struct Checksums {
    file: PathBuf,
    /// Held through a checkpoint.
    known: Mutex<Known>,
    /// The damaged pages of the last whole round, for those who must not wait.
    told: Mutex<BTreeSet<u32>>,
}

#[derive(Default)]
struct Known {
    /// By page, from page 1.
    sums: Vec<u32>,
    /// Bytes of a page; 0 before one was read.
    size: u32,
    /// What the file was when it was looked at last.
    stamp: Option<Stamp>,
    /// Pages that are not what they were.
    damaged: BTreeSet<u32>,
}

impl Checksums {
    /// Those that were kept for the directory's database file, if it is still what it was then.
    pub(super) fn open(dir: &DataDir) -> Self {
        let file = dir.database();
        let known = match kept::take(dir.path(), &file) {
            Some(kept) => Known {
                sums: kept.sums,
                size: kept.size,
                stamp: Some(kept.stamp),
                ..Known::default()
            },
            None => Known::default(),
        };
        Self {
            file,
            known: Mutex::new(known),
            told: Mutex::default(),
        }
    }

    /// Keeps them until the next start. Only what is all in the file can be kept: with a WAL nothing is.
    pub(super) fn keep(&self, dir: &DataDir) {
        let has_wal = std::fs::metadata(dir.wal()).is_ok_and(|wal| wal.len() > 0);
        let known = self.known();
        let is_same = |stamp: &Stamp| Stamp::of(&self.file).is_ok_and(|now| now == *stamp);
        let Some(stamp) = known.stamp.filter(|stamp| !has_wal && is_same(stamp)) else {
            return;
        };
        let kept = Kept {
            stamp,
            size: known.size,
            sums: known.sums.clone(),
        };
        if let Err(error) = kept.put(dir.path()) {
            tracing::warn!(%error, "the checksums of the database's pages could not be kept");
        }
    }

    /// Pages that are known not to be what was written; none before the whole file was read for them. Never waits.
    #[must_use]
    pub fn damaged(&self) -> BTreeSet<u32> {
        self.told().clone()
    }

    /// All pages were written anew where they are not what they should be.
    pub(super) fn repaired(&self) {
        let mut known = self.known();
        for page in std::mem::take(&mut known.damaged) {
            known.set(page, NONE);
        }
        self.told().clear();
    }

    /// Runs a checkpoint through `conn`. The caller sees to it that the WAL does not begin anew meanwhile, by a snapshot
    /// that `reader` is in, or as the only one that writes. `reader` has the database as its main one, and has read from it.
    pub(super) fn checkpoint(
        &self,
        reader: &Conn,
        (conn, schema): (&Conn, Schema),
        mode: Mode,
    ) -> Result<Copied> {
        let mut known = self.known();
        known.meet(&self.file);
        let before = look(conn, schema)?;
        let pages = frames::numbers(reader, before.copied, before.frames)?;
        let done = run(
            conn,
            schema,
            match mode {
                Mode::Passive => "passive",
                Mode::Restart => "restart",
                Mode::Truncate => "truncate",
            },
        );
        // Also when it failed: some pages may have been written.
        if !pages.is_empty() {
            known.stamp = Stamp::of(&self.file).ok();
            known.learn(reader, pages);
            self.told().retain(|page| known.damaged.contains(page));
        }
        Ok(done?)
    }

    /// Compares `count` pages from this one on. `None` at the end of the file.
    fn compare(&self, reader: &Conn, from: u32, count: u32) -> Result<Option<u32>> {
        let mut known = self.known();
        known.meet(&self.file);
        let (size, pages) = known.pages(reader)?;
        let mut page = vec![0; size as usize];
        let end = from.saturating_add(count).min(pages + 1);
        for number in from..end {
            let is_sound = match (known.get(number), read(reader, &mut page, number)) {
                // What the disk does not give back at all is damaged, too.
                (_, Err(_)) => false,
                (NONE, Ok(found)) => {
                    known.set(number, found);
                    true
                }
                (sum, Ok(found)) => sum == found,
            };
            if !is_sound && known.damaged.insert(number) {
                tracing::error!(
                    page = number,
                    "a page of the database file is not what was written there: this disk, or the memory, is failing"
                );
            }
        }
        Ok((end <= pages).then_some(end))
    }

    /// The whole file was compared since the last of them was found.
    fn tell(&self) {
        let known = self.known();
        self.told().clone_from(&known.damaged);
    }

    /// Whether there are more damaged pages than was told.
    fn is_in_doubt(&self) -> bool {
        let known = self.known();
        !known.damaged.is_subset(&self.told())
    }

    fn known(&self) -> MutexGuard<'_, Known> {
        // A panic leaves at worst a checksum out.
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Locked after the other, if both are.
    fn told(&self) -> MutexGuard<'_, BTreeSet<u32>> {
        self.told.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Known {
    /// Looks whether the file is the one that was left; if not, nothing is known any more.
    fn meet(&mut self, file: &Path) {
        let now = Stamp::of(file).ok();
        if self.stamp.is_some() && self.stamp != now {
            tracing::info!(
                "another program has written to the database file: its pages are taken as they are"
            );
            *self = Self::default();
        }
        self.stamp = now;
    }

    /// Bytes of a page, and how many pages there are.
    fn pages(&mut self, reader: &Conn) -> Result<(u32, u32)> {
        self.size = reader.query_row("pragma page_size", [], |row| row.get(0))?;
        let length = self.stamp.map_or(0, |stamp| stamp.length);
        Ok((self.size, pages(length, self.size)))
    }

    /// Takes these pages as they are.
    fn learn(&mut self, reader: &Conn, numbers: BTreeSet<u32>) {
        let (size, pages) = self.pages(reader).unwrap_or((0, 0));
        self.sums.truncate(pages as usize);
        self.damaged.retain(|number| *number <= pages);
        let mut page = vec![0; size as usize];
        for number in numbers.into_iter().take_while(|number| *number <= pages) {
            let found = read(reader, &mut page, number).unwrap_or(NONE);
            self.set(number, found);
            self.damaged.remove(&number);
        }
    }

    fn get(&self, number: u32) -> u32 {
        let found = self.sums.get(number as usize - 1);
        found.copied().unwrap_or(NONE)
    }

    fn set(&mut self, number: u32, sum: u32) {
        let index = number as usize - 1;
        if self.sums.len() <= index {
            self.sums.resize(index + 1, NONE);
        }
        self.sums[index] = sum;
    }
}

/// Pages of a file of this length.
fn pages(length: u64, size: u32) -> u32 {
    let pages = length.checked_div(u64::from(size)).unwrap_or(0);
    u32::try_from(pages).unwrap_or(u32::MAX - 1)
}

/// The checksum of a page of the file, which is never [`NONE`].
fn read(reader: &Conn, page: &mut [u8], number: u32) -> Result<u32> {
    wal::file_page(reader, page, number)?;
    Ok(of(page))
}

/// The lower half of XXH3: of 4 billion wrong bits one goes unnoticed.
fn of(page: &[u8]) -> u32 {
    let low = xxh3_64(page) & u64::from(u32::MAX);
    u32::try_from(low).map_or(NONE, |sum| sum.max(NONE + 1))
}

#[cfg(test)]
mod tests;
