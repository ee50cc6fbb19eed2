//! The checksums' file, `DATA/checksums`: there only while no site runs on the directory, so that it never tells of a database
//! that has changed since. It may be lost or removed at any time.
//!
//! Little-endian: `sums` and a version in 8 bytes; length (u64) and time of change (i64, nanoseconds) of the database file; bytes
//! of a page (u32); one u32 a page, as far as they are known; XXH3 (u64) of all before.

use std::collections::BTreeSet;
use std::fs;
use std::io::{ErrorKind, Read};
use std::path::{Path, PathBuf};

use xxhash_rust::xxh3::xxh3_64;

use super::{NONE, Stamp, of, pages};

const MAGIC: &[u8; 8] = b"sums\0\0\0\x01";
const HEAD: usize = 28;
const TAIL: usize = 8;

/// What is in the file.
pub(super) struct Kept {
    pub(super) stamp: Stamp,
    pub(super) size: u32,
    pub(super) sums: Vec<u32>,
}

fn file(dir: &Path) -> PathBuf {
    dir.join("checksums")
}

impl Kept {
    /// Writes the file.
    pub(super) fn put(&self, dir: &Path) -> std::io::Result<()> {
        let mut bytes = Vec::with_capacity(HEAD + self.sums.len() * 4 + TAIL);
        bytes.extend_from_slice(MAGIC);
        bytes.extend_from_slice(&self.stamp.length.to_le_bytes());
        bytes.extend_from_slice(&self.stamp.changed_ns.to_le_bytes());
        bytes.extend_from_slice(&self.size.to_le_bytes());
        bytes.extend(self.sums.iter().flat_map(|sum| sum.to_le_bytes()));
        bytes.extend_from_slice(&xxh3_64(&bytes).to_le_bytes());
        // Not synced, and not renamed: a file that is not whole is none.
        fs::write(file(dir), bytes)
    }

    /// Reads the file; `None` when there is none, or it is not whole, or tells of another database file.
    fn get(dir: &Path, database: &Path) -> Option<Self> {
        let bytes = fs::read(file(dir)).ok()?;
        let (bytes, sum) = bytes.split_last_chunk::<TAIL>()?;
        if xxh3_64(bytes) != u64::from_le_bytes(*sum) {
            return None;
        }
        let rest = bytes.strip_prefix(MAGIC)?;
        let (length, rest) = rest.split_first_chunk()?;
        let (changed_ns, rest) = rest.split_first_chunk()?;
        let (size, sums) = rest.split_first_chunk()?;
        let stamp = Stamp {
            length: u64::from_le_bytes(*length),
            changed_ns: i64::from_le_bytes(*changed_ns),
        };
        let (sums, _) = sums.as_chunks();
        let is_same = Stamp::of(database).is_ok_and(|now| now == stamp);
        is_same.then(|| Self {
            stamp,
            size: u32::from_le_bytes(*size),
            sums: sums.iter().copied().map(u32::from_le_bytes).collect(),
        })
    }
}

/// Reads the file and removes it for good: the database is about to change.
pub(super) fn take(dir: &Path, database: &Path) -> Option<Kept> {
    let found = Kept::get(dir, database);
    match fs::remove_file(file(dir)) {
        // Else a power cut could bring it back.
        Ok(()) => fs::File::open(dir)
            .and_then(|dir| dir.sync_all())
            .ok()
            .and(found),
        Err(error) if error.kind() == ErrorKind::NotFound => None,
        Err(error) => {
            tracing::warn!(%error, "the old checksums of the database's pages cannot be removed");
            None
        }
    }
}

/// Compares the pages of a directory that no site has open. The damaged ones; `None` when there is nothing to compare with.
///
/// # Errors
/// When the database file cannot be read.
pub fn check(dir: &Path) -> std::io::Result<Option<BTreeSet<u32>>> {
    let database = dir.join("site.db");
    let Some(kept) = Kept::get(dir, &database) else {
        return Ok(None);
    };
    let mut read = fs::File::open(database)?;
    let mut page = vec![0; kept.size as usize];
    let mut damaged = BTreeSet::new();
    for (number, sum) in (1..=pages(kept.stamp.length, kept.size)).zip(kept.sums) {
        read.read_exact(&mut page)?;
        if sum != NONE && sum != of(&page) {
            damaged.insert(number);
        }
    }
    Ok(Some(damaged))
}
