//! A snapshot that is being received: into a file, page by page, with the hash over all that came. Nobody gets the file
//! before the hash was right.

use std::fs::File;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

use crate::error::{Error, Result};
use crate::replica::wire::Sum;
use crate::replica::wire::message::Begin;
use crate::replica::wire::pack::Packed;
use crate::store::commit::Point;

/// Its name in the data directory, whole or not. It is of no use to the next process.
const NAME: &str = "snapshot.part";

/// A whole snapshot: an image of the database.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Snapshot {
    /// The file. Its pages stand where their numbers say; what was not sent (the lock page) is zero.
    pub path: PathBuf,
    /// The commit after which it was read.
    pub point: Point,
    /// Pages of the database.
    pub size: u32,
    /// Bytes of a page.
    pub page_size: u32,
}

pub(super) struct Incoming {
    path: PathBuf,
    file: File,
    begin: Begin,
    sum: Sum,
    last: u32,
    bytes: u64,
}

impl Incoming {
    pub(super) fn create(dir: &Path, begin: Begin) -> Result<Self> {
        let path = dir.join(NAME);
        Ok(Self {
            file: File::create(&path)?,
            path,
            begin,
            sum: Sum::new(&begin),
            last: 0,
            bytes: 0,
        })
    }

    /// Writes the next pages; how many bytes there are now.
    pub(super) fn add(&mut self, packed: &Packed) -> Result<u64> {
        let size = self.begin.page_size as usize;
        let pages = packed.pages(self.begin.page_size)?;
        for page in &pages {
            let is_next = page.number > self.last && page.number <= self.begin.size;
            if !is_next || page.data.len() != size {
                return Err(wrong());
            }
            let at = u64::from(page.number - 1) * size as u64;
            self.file.write_all_at(&page.data, at)?;
            self.last = page.number;
            self.bytes += page.data.len() as u64;
        }
        self.sum.add(&pages);
        Ok(self.bytes)
    }

    /// The whole, if that is what it is.
    pub(super) fn end(self, hash: [u8; 32]) -> Result<Snapshot> {
        if self.bytes != self.begin.bytes || self.sum.end() != hash {
            return Err(wrong());
        }
        let length = u64::from(self.begin.size) * u64::from(self.begin.page_size);
        self.file.set_len(length)?;
        Ok(Snapshot {
            path: self.path,
            point: self.begin.point,
            size: self.begin.size,
            page_size: self.begin.page_size,
        })
    }
}

/// Removes what is left of one.
pub(super) fn remove(dir: &Path) {
    // It is not there mostly; what stays is written over by the next.
    let _ = std::fs::remove_file(dir.join(NAME));
}

fn wrong() -> Error {
    Error::Io("The snapshot is not what the primary read; it is asked for again.".into())
}
