//! The newest records, in memory: whoever follows closely never reads the disk. Bounded in bytes, and may be empty.

use std::collections::VecDeque;
use std::sync::Arc;

use crate::error::Result;
use crate::replica::log::record::{self, Head};
use crate::store::commit::Commit;

/// A commit as it stands in the log.
#[derive(Debug, Clone)]
pub struct Record {
    /// What its head says.
    pub head: Head,
    /// All of it, its checksums verified: what goes over the wire.
    pub bytes: Arc<[u8]>,
}

impl Record {
    /// Unpacks it.
    ///
    /// # Errors
    /// As [`record::decode`].
    pub fn commit(&self) -> Result<Commit> {
        record::decode(&self.bytes)
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
        let first = self.records.front()?.head.point.position.txid;
        let index = usize::try_from(txid.checked_sub(first)?).ok()?;
        self.records.get(index)
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
