//! What is kept: segments go when they are old or many, but not before a standby has them, unless they fill the disk.

use std::path::PathBuf;
use std::time::Duration;

use crate::error::Result;
use crate::replica::log::segment::{self, Segment};
use crate::replica::log::{Limits, Log};
use crate::time::Timestamp;

/// Why a segment went.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Why {
    /// Its newest commit is older than the limit.
    Age,
    /// There was more than the limit.
    Bytes,
    /// A standby still needed it, but the log had grown beyond its cap: that standby needs a whole copy.
    Cap,
}

/// A segment that went.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Removed {
    /// Its file.
    pub file: PathBuf,
    /// The number of its last commit.
    pub last: u64,
    /// Its size.
    pub bytes: u64,
    /// Why it went.
    pub why: Why,
}

impl Log {
    /// From now on all commits after this number are needed: it is what the slowest standby has. `None`: no standby.
    pub fn keep_from(&self, txid: Option<u64>) {
        self.state().keep = txid;
    }

    /// Removes what is not to be kept any more. The segment that is appended to always stays.
    ///
    /// # Errors
    /// When the disk refuses. What was not removed is so the next time, or at the next start of the process.
    pub fn retain(&self, now: Timestamp) -> Result<Vec<Removed>> {
        let _files = self.files();
        let mut removed = Vec::new();
        // The oldest first, each on disk before the next, so that there is never a gap before one that is left.
        while let Some(next) = self.removable(now) {
            std::fs::remove_file(&next.file)?;
            segment::sync_dir(&self.0.dir)?;
            self.state().segments.pop_front();
            removed.push(next);
        }
        Ok(removed)
    }

    /// The oldest segment, when it has to go.
    fn removable(&self, now: Timestamp) -> Option<Removed> {
        let state = self.state();
        let oldest = state
            .segments
            .front()
            .filter(|_| state.segments.len() > 1)?;
        let needed = state
            .keep
            .is_some_and(|keep| oldest.end.position.txid > keep);
        Some(Removed {
            why: why(&self.0.limits, oldest, state.bytes(), needed, now)?,
            file: oldest.path.clone(),
            last: oldest.end.position.txid,
            bytes: oldest.bytes,
        })
    }
}

/// Why the oldest segment has to go, if it has to.
fn why(limits: &Limits, oldest: &Segment, all: u64, needed: bool, now: Timestamp) -> Option<Why> {
    if needed {
        return (all > limits.cap).then_some(Why::Cap);
    }
    let age = now.ms().saturating_sub(oldest.wall_ms);
    if all > limits.bytes {
        return Some(Why::Bytes);
    }
    let age = Duration::from_millis(u64::try_from(age).unwrap_or(0));
    (age > limits.age).then_some(Why::Age)
}
