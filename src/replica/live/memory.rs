//! A node's log and database in memory, for tests of the drivers.

use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};

use crate::error::{Error, Result};
use crate::replica::follow::{Apply, Outcome, Snapshot};
use crate::replica::sample::{PAGE, page_of, point_of, record};
use crate::replica::ship::{Dump, Snapshots};
use crate::replica::source::{Found, Ledger, Next, Record, Source};
use crate::replica::wire::message::Begin;
use crate::store::commit::{Commit, Cursor, Journal, Page, Point};

#[derive(Default)]
pub(super) struct Memory {
    held: Mutex<Held>,
    /// Bytes of records that were read from the log.
    pub(super) reads: AtomicUsize,
    /// How often the log was synced.
    pub(super) syncs: AtomicUsize,
    /// The log's disk is broken.
    pub(super) fails: AtomicBool,
    /// The database takes nothing now.
    pub(super) waits: AtomicBool,
    /// Transactions in which commits were applied.
    pub(super) applies: AtomicUsize,
    /// Snapshots that were installed.
    pub(super) installs: AtomicUsize,
}

#[derive(Default)]
struct Held {
    base: Point,
    log: Vec<Record>,
    synced: usize,
    db: Vec<Point>,
}

impl Memory {
    fn lock(&self) -> MutexGuard<'_, Held> {
        self.held.lock().unwrap()
    }

    pub(super) fn db(&self) -> Vec<Point> {
        self.lock().db.clone()
    }

    pub(super) fn end(&self) -> Point {
        self.lock().db.last().copied().unwrap_or_default()
    }

    /// A commit of the primary's own.
    pub(super) fn commit(&self, commit: &Commit) -> Point {
        self.keep(record(commit))
    }

    /// The same, as any bytes.
    pub(super) fn keep(&self, record: Record) -> Point {
        let mut held = self.lock();
        let point = record.point();
        held.db.push(point);
        held.log.push(record);
        held.synced = held.log.len();
        point
    }

    /// Whether the log has this on disk.
    pub(super) fn has(&self, point: Point) -> bool {
        let held = self.lock();
        point == held.base
            || held.log[..held.synced]
                .iter()
                .any(|record| record.point() == point)
    }

    /// All commits go from the log.
    pub(super) fn trim(&self) {
        let mut held = self.lock();
        held.base = held.log.last().map_or(held.base, Record::point);
        held.log.clear();
        held.synced = 0;
    }
}

impl Held {
    fn place(&self, point: Point) -> Option<usize> {
        if point == self.base {
            return Some(0);
        }
        let place = self.log.iter().position(|record| record.point() == point)?;
        Some(place + 1)
    }
}

impl Journal for Memory {
    fn end(&self) -> Option<(Point, Cursor)> {
        let held = self.lock();
        let end = held.log.last().map_or(held.base, Record::point);
        (end != Point::default()).then(|| (end, Cursor::default()))
    }

    fn append(&self, commit: Arc<Commit>) -> Result<()> {
        self.append_records(vec![record(&commit)])
    }

    fn sync(&self) -> Result<()> {
        if self.fails.load(Ordering::Relaxed) {
            return Err(Error::Io("The disk is broken.".into()));
        }
        self.syncs.fetch_add(1, Ordering::Relaxed);
        let mut held = self.lock();
        held.synced = held.log.len();
        Ok(())
    }

    fn restart(&self, point: Point) -> Result<()> {
        let mut held = self.lock();
        held.base = point;
        held.log.clear();
        held.synced = 0;
        Ok(())
    }
}

impl Ledger for Memory {
    fn append_records(&self, records: Vec<Record>) -> Result<()> {
        let mut held = self.lock();
        for record in records {
            let end = held.log.last().map_or(held.base, Record::point);
            assert!(record.head.follows(end), "appended out of order");
            held.log.push(record);
        }
        Ok(())
    }
}

/// A log to be read: every other record as if it were on a disk.
pub(super) struct Reader(pub(super) Arc<Memory>);

impl Source for Reader {
    fn after(&self, point: Point) -> Result<Found> {
        let held = self.0.lock();
        let first = held.base.position.txid;
        let end = held.log.last().map_or(held.base, Record::point);
        Ok(if held.place(point).is_some() {
            Found::Follows(Box::new(Place(Arc::clone(&self.0), point)))
        } else if (first..=end.position.txid).contains(&point.position.txid) {
            Found::Diverged
        } else {
            Found::Gone
        })
    }
}

struct Place(Arc<Memory>, Point);

impl Next for Place {
    fn next(&mut self) -> Result<Option<Record>> {
        let held = self.0.lock();
        let place = held.place(self.1).ok_or(Error::NotFound)?;
        let record = held.log.get(place).cloned();
        if let Some(record) = &record {
            let length = record.bytes.len();
            self.0.reads.fetch_add(length, Ordering::Relaxed);
            self.1 = record.point();
        }
        Ok(record)
    }

    fn kept(&mut self, _: usize) -> Result<Option<Vec<Record>>> {
        if self.1.position.txid % 2 == 1 {
            return Ok(None);
        }
        Ok(Some(self.next()?.into_iter().collect()))
    }
}

/// A database to be written.
pub(super) struct Writer(pub(super) Arc<Memory>);

impl Apply for Writer {
    fn apply(&mut self, commits: &[Arc<Commit>]) -> Result<Outcome> {
        if self.0.waits.load(Ordering::Relaxed) {
            return Ok(Outcome::Later);
        }
        for commit in commits {
            assert!(self.0.has(commit.point), "applied before it was on disk");
            let mut held = self.0.lock();
            let end = held.db.last().copied().unwrap_or_default();
            assert_eq!(commit.before, end.chain, "applied out of order");
            held.db.push(commit.point);
        }
        self.0.applies.fetch_add(1, Ordering::Relaxed);
        Ok(Outcome::Applied)
    }

    fn page(&mut self, _: u32) -> Result<Option<Box<[u8]>>> {
        Ok(None)
    }

    fn damage(&mut self) -> Option<String> {
        None
    }

    fn install(&mut self, snapshot: &Snapshot) -> Result<()> {
        self.0.installs.fetch_add(1, Ordering::Relaxed);
        let image = std::fs::read(Path::new(&snapshot.path))?;
        assert_eq!(image.len(), snapshot.size as usize * PAGE);
        let mut held = self.0.lock();
        held.db = image.chunks(PAGE).map(point_of).collect();
        assert_eq!(held.db.last(), Some(&snapshot.point));
        Ok(())
    }
}

impl Snapshots for Reader {
    fn open(&self) -> Result<Box<dyn Dump>> {
        Ok(Box::new(Pages {
            db: self.0.db(),
            next: 0,
        }))
    }
}

struct Pages {
    db: Vec<Point>,
    next: usize,
}

impl Dump for Pages {
    fn begin(&self) -> Begin {
        Begin {
            point: self.db.last().copied().unwrap_or_default(),
            size: u32::try_from(self.db.len()).unwrap(),
            page_size: u32::try_from(PAGE).unwrap(),
            bytes: (self.db.len() * PAGE) as u64,
        }
    }

    fn next(&mut self, _: usize) -> Result<Vec<Page>> {
        let from = self.next;
        self.next = self.db.len().min(from + 100);
        let pages = (1..).zip(&self.db).skip(from).take(100);
        Ok(pages
            .map(|(number, point)| page_of(number, point))
            .collect())
    }
}
