//! The disk of a simulated node: a log and a database, each with a tail that a crash may take.

use super::net::Random;
use crate::replica::sample::{PAGE, nothing, page_of, point_of, record};
use crate::replica::ship::Lookup;
use crate::replica::source::Record;
use crate::replica::wire::Sum;
use crate::replica::wire::message::{Begin, Wants};
use crate::store::commit::{Commit, Page, Point};

#[derive(Default)]
pub(super) struct Disk {
    /// What the first commit of the log follows on.
    base: Point,
    log: Vec<Record>,
    synced: usize,
    /// All commits that the database has taken, oldest first; it holds nothing else.
    pub(super) db: Vec<Point>,
    db_synced: usize,
}

impl Disk {
    pub(super) fn log_end(&self) -> Point {
        self.log.last().map_or(self.base, Record::point)
    }

    pub(super) fn durable_end(&self) -> Point {
        let last = self.synced.checked_sub(1);
        last.map_or(self.base, |last| self.log[last].point())
    }

    pub(super) fn db_end(&self) -> Point {
        self.db.last().copied().unwrap_or_default()
    }

    pub(super) fn append(&mut self, record: Record) {
        let end = self.log_end();
        assert!(record.head.follows(end), "appended out of order");
        self.log.push(record);
    }

    pub(super) fn length(&self) -> usize {
        self.log.len()
    }

    /// What had this length is on disk now.
    pub(super) fn sync(&mut self, length: usize) -> Point {
        self.synced = self.synced.max(length.min(self.log.len()));
        self.durable_end()
    }

    /// A commit of this node's own: in the database and its WAL, on disk.
    pub(super) fn commit(&mut self, commit: &Commit) {
        self.db.push(commit.point);
        self.db_synced = self.db.len();
        self.append(record(commit));
        self.synced = self.log.len();
    }

    /// Applies up to `count` commits that are on disk. The last transaction then.
    pub(super) fn apply(&mut self, count: usize) -> Option<u64> {
        let end = self.db_end();
        let from = self.place(end)?;
        let records = &self.log[from..self.synced.min(from + count).max(from)];
        for record in records {
            let commit = record.commit(&mut nothing).unwrap();
            let last = self.db.last().copied().unwrap_or_default();
            assert_eq!(commit.before, last.chain, "applied out of order");
            assert_eq!(commit.point.position.txid, last.position.txid + 1);
            self.db.push(commit.point);
        }
        Some(self.db_end().position.txid)
    }

    pub(super) fn has_unapplied(&self) -> bool {
        self.place(self.db_end())
            .is_some_and(|from| from < self.synced)
    }

    /// The index of what follows on a point of the log.
    fn place(&self, point: Point) -> Option<usize> {
        if point == self.base {
            return Some(0);
        }
        let first = self.base.position.txid;
        let index = point.position.txid.checked_sub(first + 1)?;
        let index = usize::try_from(index).unwrap();
        (self.log.get(index)?.point() == point).then_some(index + 1)
    }

    pub(super) fn find(&self, point: Point) -> Lookup {
        let txids = self.base.position.txid..=self.log_end().position.txid;
        if self.place(point).is_some() {
            Lookup::Follows
        } else if txids.contains(&point.position.txid) {
            Lookup::Diverged
        } else {
            Lookup::Gone
        }
    }

    /// The commit after this point: an error when it is not there any more.
    pub(super) fn after(&self, point: Point) -> Result<Option<Record>, ()> {
        let place = self.place(point).ok_or(())?;
        Ok(self.log.get(place).cloned())
    }

    /// Old commits go from the log.
    pub(super) fn trim(&mut self, random: &mut Random) {
        let most = self.synced.min(self.log.len());
        // What the database lacks is kept.
        let most = most.min(self.place(self.db_end()).unwrap_or(0));
        let count = usize::try_from(random.below(most as u64 + 1)).unwrap();
        if count > 0 {
            self.base = self.log[count - 1].point();
            self.log.drain(..count);
            self.synced -= count;
        }
    }

    /// The machine loses what was not on disk, or a part of that. What was lost: of the log, of the database.
    pub(super) fn crash(&mut self, random: &mut Random) -> (bool, bool) {
        let before = (self.log.len(), self.db.len());
        let mut keep = |synced: usize, length: usize| {
            synced + usize::try_from(random.below((length - synced) as u64 + 1)).unwrap()
        };
        self.log.truncate(keep(self.synced, before.0));
        // What a crash left is on disk.
        self.synced = self.log.len();
        self.db.truncate(keep(self.db_synced, before.1));
        self.db_synced = self.db.len();
        (self.log.len() < before.0, self.db.len() < before.1)
    }

    pub(super) fn sync_db(&mut self) {
        self.db_synced = self.db.len();
    }

    /// What a node does first when it starts.
    pub(super) fn recover(&mut self) -> Wants {
        let end = self.db_end();
        if self.place(end).is_some() {
            Wants::Rest
        } else if end.position >= self.log_end().position {
            self.restart(end);
            Wants::Rest
        } else {
            Wants::Snapshot
        }
    }

    pub(super) fn restart(&mut self, point: Point) {
        self.base = point;
        self.log.clear();
        self.synced = 0;
    }

    pub(super) fn is_durable(&self, point: Point) -> bool {
        let in_log = self.place(point).is_some_and(|place| place <= self.synced);
        in_log || self.db[..self.db_synced].contains(&point)
    }

    /// The database as pages: a commit each.
    pub(super) fn dump(&self) -> Dump {
        let pages: Vec<Page> = (1..)
            .zip(&self.db)
            .map(|(number, point)| page_of(number, point))
            .collect();
        let begin = Begin {
            point: self.db_end(),
            size: u32::try_from(pages.len()).unwrap(),
            page_size: u32::try_from(PAGE).unwrap(),
            bytes: (pages.len() * PAGE) as u64,
        };
        let mut sum = Sum::new(&begin);
        sum.add(&pages);
        Dump {
            begin,
            pages,
            hash: sum.end(),
        }
    }

    /// Installs a dump in the database; the log is another step.
    pub(super) fn install(&mut self, dump: &Dump) {
        self.db = dump.pages.iter().map(|page| point_of(&page.data)).collect();
        self.db_synced = self.db.len();
    }
}

/// A snapshot: being read, or received.
#[derive(Clone)]
pub(super) struct Dump {
    pub(super) begin: Begin,
    pub(super) pages: Vec<Page>,
    pub(super) hash: [u8; 32],
}

impl Dump {
    pub(super) fn is_right(&self, hash: [u8; 32]) -> bool {
        let mut sum = Sum::new(&self.begin);
        sum.add(&self.pages);
        sum.end() == hash
    }
}
