//! The newest records, in memory: whoever follows closely never reads the disk. Bounded in bytes, and may be empty.

use std::collections::VecDeque;
use std::sync::Arc;

use crate::error::Result;
use crate::replica::log::record::{self, Head};
use crate::store::commit::{Commit, Point};

/// A commit as it stands in the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    /// What its head says.
    pub head: Head,
    /// All of it, its checksums verified: what goes over the wire.
    pub bytes: Arc<[u8]>,
}

impl Record {
    /// Of bytes that somebody sent: all of them, the checksums and what it claims to hold are verified, nothing is
    /// unpacked.
    ///
    /// # Errors
    /// As [`record::receive`].
    pub fn receive(bytes: &[u8]) -> Result<Self> {
        Ok(Self {
            head: record::receive(bytes)?,
            bytes: bytes.into(),
        })
    }

    /// Of a commit.
    ///
    /// # Errors
    /// As [`record::check`].
    pub fn of(commit: &Commit) -> Result<Self> {
        record::check(commit)?;
        let bytes = record::encode(commit);
        Ok(Self {
            head: record::head(&bytes)?,
            bytes: bytes.into(),
        })
    }

    /// The state after its commit.
    #[must_use]
    pub fn point(&self) -> Point {
        self.head.point
    }

    /// About how many bytes its commit needs in memory when it is unpacked.
    #[must_use]
    pub fn weight(&self) -> usize {
        // What a commit has besides pages is a small part of one.
        let pages = self.head.pages as usize;
        pages.saturating_mul(self.head.page_size as usize) + 256
    }

    /// Unpacks it; `before` tells what a page was before the commit.
    ///
    /// # Errors
    /// As [`record::decode`].
    pub fn commit(&self, before: &mut record::Before) -> Result<Commit> {
        record::decode(&self.bytes, before)
    }
}

/// The newest records, without a gap up to the end of the log.
#[derive(Debug)]
pub(super) struct Tail {
    records: VecDeque<Record>,
    bytes: usize,
    limit: usize,
}

impl Tail {
    pub(super) fn new(limit: usize) -> Self {
        Self {
            records: VecDeque::new(),
            bytes: 0,
            limit,
        }
    }

    /// Adds the next record. One that is larger than the limit leaves nothing.
    pub(super) fn push(&mut self, record: Record) {
        self.bytes += weight(&record);
        self.records.push_back(record);
        while self.bytes > self.limit {
            let Some(oldest) = self.records.pop_front() else {
                break;
            };
            self.bytes -= weight(&oldest);
        }
    }

    pub(super) fn get(&self, txid: u64) -> Option<&Record> {
        self.from(txid).next()
    }

    /// The records from this number on; none when that one is not here.
    pub(super) fn from(&self, txid: u64) -> impl Iterator<Item = &Record> {
        let first = self.records.front();
        let index = first.and_then(|first| txid.checked_sub(first.head.point.position.txid));
        let index = index.and_then(|index| usize::try_from(index).ok());
        self.records
            .range(index.map_or(self.records.len(), |index| index.min(self.records.len()))..)
    }

    /// Forgets the records after this number.
    pub(super) fn cut(&mut self, txid: u64) {
        while let Some(last) = self.records.back() {
            if last.head.point.position.txid <= txid {
                break;
            }
            self.bytes -= weight(last);
            self.records.pop_back();
        }
    }
}

fn weight(record: &Record) -> usize {
    record.bytes.len() + size_of::<Record>()
}
