//! The log: commits on disk in order, in segments, so that followers can have what they missed. Append-only, and without a
//! hole: a commit that does not follow on the last one is refused.
//!
//! `record` is the format of a commit, `segment` that of a file, `recover` opens, `read` finds and reads, `retain` removes
//! what is old, `cut` starts anew or takes back. Whoever has the data directory's lock has the log.
//!
//! Two locks. `files` is taken first by what syncs or removes files, so that there is one of those at a time; appending does
//! not take it. `state` is held while a record is written, which the system does in memory, but never during a sync; only
//! `cut` keeps it, since nothing may be appended meanwhile.

pub mod record;

mod cut;
mod read;
mod recover;
mod retain;
mod segment;
mod tail;

#[cfg(test)]
mod tests;

use std::collections::VecDeque;
use std::os::unix::fs::{DirBuilderExt, FileExt};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock, RwLockReadGuard, TryLockError};
use std::time::Duration;

use tokio::sync::watch;

use crate::error::{Error, Result};
use crate::store::commit::{Commit, Cursor, Journal, Point};

pub use read::{Found, Reader};
pub use recover::Finding;
pub use retain::{Removed, Why};
pub use tail::Record;

use self::record::Head;
use self::segment::{Header, Segment};
use self::tail::Tail;

/// How much is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Bytes beyond which old segments go that no standby needs.
    pub bytes: u64,
    /// Age at which they go, whatever the size.
    pub age: Duration,
    /// Bytes beyond which they go even when a standby needs them.
    pub cap: u64,
    /// Bytes after which a new segment is begun.
    pub segment: u64,
    /// Bytes of records in memory.
    pub tail: usize,
    /// Bytes that a segment is made longer at once where each record is synced: to sync what does not change a file's
    /// length costs about half, and waits for nobody else's changes of the file system.
    pub ahead: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            bytes: 256 << 20,
            age: Duration::from_hours(1),
            cap: 1 << 30,
            segment: 16 << 20,
            tail: 8 << 20,
            ahead: 1 << 20,
        }
    }
}

/// The log of a data directory. A clone is the same log.
#[derive(Clone)]
pub struct Log(Arc<Shared>);

struct Shared {
    dir: PathBuf,
    // Empty until a standby has its first copy.
    cluster: RwLock<String>,
    limits: Limits,
    finding: Option<Finding>,
    files: Mutex<()>,
    state: Mutex<State>,
    broken: AtomicBool,
    changed: watch::Sender<Point>,
}

struct State {
    /// In order; commits are appended to the last one.
    segments: VecDeque<Segment>,
    /// Where the last commit ended in the WAL; `None` when there is none.
    cursor: Option<Cursor>,
    tail: Tail,
    /// Part of a record stands behind the last one, since the disk was full.
    torn: bool,
    /// A file was made whose name may not be on disk.
    named: bool,
    /// Commits after this one are needed by a standby.
    keep: Option<u64>,
    /// How often commits were taken back; what was read before is of no use then.
    generation: u64,
}

impl State {
    fn end(&self) -> Option<Point> {
        self.segments.back().map(|segment| segment.end)
    }

    fn bytes(&self) -> u64 {
        self.segments.iter().map(|segment| segment.bytes).sum()
    }

    /// Cuts off what a failed append left behind.
    fn mend(&mut self) -> Result<()> {
        if let Some(last) = self.segments.back_mut().filter(|_| self.torn) {
            last.trim().map_err(|error| refused(&error))?;
        }
        self.torn = false;
        Ok(())
    }

    /// Checks that a commit is the next one.
    fn expect(&self, head: &Head) -> Result<()> {
        let Some(last) = self.segments.back() else {
            return Err(Error::Internal(
                "the log has no beginning yet: restart it at a point first".into(),
            ));
        };
        if !head.follows(last.end) {
            return Err(Error::Internal(format!(
                "commit {} does not follow on the log's end {}",
                head.point.position, last.end.position
            )));
        }
        if ![0, head.page_size].contains(&last.page_size) {
            return Err(Error::Internal("the log has another page size".into()));
        }
        Ok(())
    }
}

impl Log {
    /// Opens the log of a directory, which is made when it is missing. Reads and verifies all of it; what is damaged is cut
    /// off or moved aside, see [`Log::finding`].
    ///
    /// # Errors
    /// When the disk refuses, or the log is another cluster's or a newer program's.
    pub fn open(dir: &Path, cluster: &str, limits: Limits) -> Result<Self> {
        Header::check_cluster(cluster)?;
        if !dir.exists() {
            let mut builder = std::fs::DirBuilder::new();
            builder.recursive(true).mode(0o700).create(dir)?;
            dir.parent().map_or(Ok(()), segment::sync_dir)?;
        }
        let recovered = recover::run(dir, cluster)?;
        let end = recovered.segments.last().map(|last| last.end);
        Ok(Self(Arc::new(Shared {
            dir: dir.to_owned(),
            cluster: RwLock::new(cluster.to_owned()),
            limits,
            finding: recovered.finding,
            files: Mutex::new(()),
            state: Mutex::new(State {
                segments: recovered.segments.into(),
                cursor: recovered.cursor,
                tail: Tail::new(limits.tail),
                torn: false,
                named: true,
                keep: None,
                generation: 0,
            }),
            broken: AtomicBool::new(false),
            changed: watch::Sender::new(end.unwrap_or_default()),
        })))
    }

    /// From now on it is the log of this cluster: a standby learns with its first copy whose it is. What the log had
    /// before has to go ([`Journal::restart`]).
    ///
    /// # Errors
    /// When the name is too long.
    pub fn adopt(&self, cluster: &str) -> Result<()> {
        Header::check_cluster(cluster)?;
        let mut own = self
            .0
            .cluster
            .write()
            .unwrap_or_else(PoisonError::into_inner);
        cluster.clone_into(&mut own);
        Ok(())
    }

    /// What was wrong with it when it was opened.
    #[must_use]
    pub fn finding(&self) -> Option<&Finding> {
        self.0.finding.as_ref()
    }

    /// The state before the oldest commit in it; `None` when it was never given a beginning.
    #[must_use]
    pub fn first(&self) -> Option<Point> {
        self.state().segments.front().map(|segment| segment.base)
    }

    /// The state after the newest commit in it, or its beginning when it has none.
    #[must_use]
    pub fn last(&self) -> Option<Point> {
        self.state().end()
    }

    /// Bytes on disk.
    #[must_use]
    pub fn size(&self) -> u64 {
        self.state().bytes()
    }

    /// Whether a sync has failed. The system may have forgotten what it could not write, so nothing heals that but a new
    /// start of the process, which reads what is there.
    #[must_use]
    pub fn is_broken(&self) -> bool {
        self.0.broken.load(Ordering::Acquire)
    }

    /// Tells of each new [`Log::last`].
    #[must_use]
    pub fn changed(&self) -> watch::Receiver<Point> {
        self.0.changed.subscribe()
    }

    /// Appends the next commits, whose records are at hand, as on a standby that received them. What fails leaves those
    /// before it.
    ///
    /// # Errors
    /// As [`Journal::append`].
    pub fn append_records(&self, records: Vec<Record>) -> Result<()> {
        self.check()?;
        let mut state = self.state();
        self.make_room(&mut state, &records);
        records
            .into_iter()
            .try_for_each(|record| self.append_to(&mut state, record))
    }

    /// Makes the last segment longer than these need. When that is refused, there is no harm in it.
    fn make_room(&self, state: &mut State, records: &[Record]) {
        let last = state.segments.back_mut();
        let Some(last) = last.filter(|last| self.0.limits.ahead > 0 && !self.is_full(last)) else {
            return;
        };
        let bytes: u64 = records.iter().map(|record| record.head.length).sum();
        let end = last.bytes + bytes;
        if end <= last.room {
            return;
        }
        let zeros = vec![0; self.0.limits.ahead];
        if last.file.write_all_at(&zeros, end).is_ok() {
            last.room = end + zeros.len() as u64;
        } else {
            // What is left of it is cut off like a part of a record.
            state.torn = true;
        }
    }

    fn append_to(&self, state: &mut State, record: Record) -> Result<()> {
        state.expect(&record.head)?;
        self.write(state, &record)?;
        state.cursor = Some(record.head.cursor);
        let end = record.head.point;
        state.tail.push(record);
        // Within the lock, so that nobody is told of an older end after a newer one.
        self.0.changed.send_replace(end);
        Ok(())
    }

    /// Writes a record behind the last one. When that fails, nothing has changed.
    fn write(&self, state: &mut State, record: &Record) -> Result<()> {
        state.mend()?;
        if state.segments.back().is_some_and(|last| self.is_full(last)) {
            self.begin_segment(state, &record.head)?;
        }
        let Some(last) = state.segments.back_mut() else {
            return Err(Error::Internal("the log has no beginning yet".into()));
        };
        last.dirty = true;
        if let Err(error) = last.file.write_all_at(&record.bytes, last.bytes) {
            state.torn = true;
            // When not even this is possible now, it is done before the next append or at the next start.
            let _ = state.mend();
            return Err(refused(&error));
        }
        last.grow(&record.head);
        Ok(())
    }

    fn is_full(&self, segment: &Segment) -> bool {
        segment.bytes >= self.0.limits.segment && segment.end != segment.base
    }

    /// Its name is brought to disk by the next sync, as its records are.
    fn begin_segment(&self, state: &mut State, next: &Head) -> Result<()> {
        let Some(base) = state.end() else {
            return Ok(());
        };
        let header = self.header(base, next.page_size);
        let path = segment::name(&self.0.dir, next.point.position.txid);
        let segment = Segment::create(path, &header).map_err(|error| refused(&error))?;
        if let Some(last) = state.segments.back_mut() {
            // Only the last segment may be longer than its records.
            last.trim().map_err(|error| refused(&error))?;
        }
        state.segments.push_back(segment);
        state.named = true;
        Ok(())
    }

    fn header(&self, base: Point, page_size: u32) -> Header {
        Header {
            cluster: self.cluster().clone(),
            page_size,
            base,
        }
    }

    fn cluster(&self) -> RwLockReadGuard<'_, String> {
        // Nothing panics while it is held.
        self.0
            .cluster
            .read()
            .unwrap_or_else(PoisonError::into_inner)
    }

    fn check(&self) -> Result<()> {
        if self.is_broken() {
            return Err(Error::Io(
                "the replication log could not be brought to disk earlier; restart the site".into(),
            ));
        }
        Ok(())
    }

    /// Notes that the log cannot be trusted any more.
    fn break_down(&self, error: impl Into<Error>) -> Error {
        self.0.broken.store(true, Ordering::Release);
        let error = error.into();
        tracing::error!(%error, "the replication log could not be brought to disk; it is out of use until the site is restarted");
        error
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The same, when nobody else has it.
    fn try_state(&self) -> Option<MutexGuard<'_, State>> {
        match self.0.state.try_lock() {
            Ok(state) => Some(state),
            Err(TryLockError::Poisoned(poisoned)) => Some(poisoned.into_inner()),
            Err(TryLockError::WouldBlock) => None,
        }
    }

    fn files(&self) -> MutexGuard<'_, ()> {
        self.0.files.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Journal for Log {
    fn end(&self) -> Option<(Point, Cursor)> {
        let state = self.state();
        state.end().zip(state.cursor)
    }

    fn last(&self) -> Option<Point> {
        Self::last(self)
    }

    fn append(&self, commit: Arc<Commit>) -> Result<()> {
        self.append_records(vec![Record::of(&commit)?])
    }

    fn sync(&self) -> Result<()> {
        // A second caller waits: what the first one is writing is not on disk yet.
        let _files = self.files();
        self.check()?;
        let (files, named) = {
            let mut state = self.state();
            let dirty = state.segments.iter_mut().filter(|segment| segment.dirty);
            let files: Vec<_> = dirty
                .map(|segment| {
                    segment.dirty = false;
                    Arc::clone(&segment.file)
                })
                .collect();
            (files, std::mem::take(&mut state.named))
        };
        let mut done = files.iter().try_for_each(|file| file.sync_data());
        if done.is_ok() && named {
            done = segment::sync_dir(&self.0.dir);
        }
        done.map_err(|error| self.break_down(error))
    }

    fn restart(&self, point: Point) -> Result<()> {
        self.begin_anew(point)
    }
}

/// What the disk says when it does not take a record.
fn refused(error: &std::io::Error) -> Error {
    Error::Io(format!(
        "the replication log cannot be written ({error}); followers need a whole copy when this lasts"
    ))
}
