//! Commits that the log has on disk and the database does not have yet, as records: in memory up to a bound, beyond that in
//! the log.

use std::collections::VecDeque;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::snapshot::Snapshot;
use crate::replica::source::Record;
use crate::store::commit::Point;

/// Most bytes in memory.
const MOST: usize = 16 << 20;
/// Most bytes of pages that are applied at once.
pub(super) const MERGE: usize = 4 << 20;

/// Time between two looks whether the database is sound.
const LOOK: Duration = Duration::from_secs(1);

/// What there is to do for who applies.
pub(super) enum Work {
    /// Apply these.
    Records(Vec<Record>),
    /// Read on in the log, up to this.
    Log(Point),
    /// Install it.
    Install(Snapshot),
    /// Look whether the database is sound.
    Look,
    /// End.
    Stop,
}

#[derive(Default)]
pub(super) struct Backlog {
    held: Mutex<Held>,
    changed: Condvar,
}

#[derive(Default)]
struct Held {
    durable: Point,
    records: VecDeque<Record>,
    bytes: usize,
    // Some are in the log only: all are read from there, until that is caught up with.
    spilled: bool,
    stuck: bool,
    install: Option<Snapshot>,
    looked: Option<Instant>,
    stop: bool,
}

impl Backlog {
    /// All up to `durable` is in the log; how much of it is applied is for the log to tell.
    pub(super) fn new(durable: Point) -> Self {
        let held = Held {
            durable,
            spilled: true,
            ..Held::default()
        };
        Self {
            held: Mutex::new(held),
            changed: Condvar::new(),
        }
    }

    /// These are on disk now.
    pub(super) fn add(&self, records: Vec<Record>) {
        let mut held = self.lock();
        for record in records {
            held.durable = record.point();
            held.bytes += record.bytes.len();
            held.records.push_back(record);
        }
        if held.spilled || held.bytes > MOST {
            held.spilled = true;
            held.records.clear();
            held.bytes = 0;
        }
        self.changed.notify_all();
    }

    /// A snapshot takes the place of all that waits.
    pub(super) fn install(&self, snapshot: Snapshot) {
        self.lock().install = Some(snapshot);
        self.changed.notify_all();
    }

    /// It is there: what comes now follows on it.
    pub(super) fn installed(&self, point: Point) {
        let mut held = self.lock();
        *held = Held {
            durable: point,
            stop: held.stop,
            ..Held::default()
        };
    }

    /// The log was read up to `applied`. When that was all, the next come from memory.
    pub(super) fn caught_up(&self, applied: Point) {
        let mut held = self.lock();
        if held.durable == applied {
            held.spilled = false;
        }
    }

    /// The log does not lead on: only a snapshot helps.
    pub(super) fn stuck(&self) {
        self.lock().stuck = true;
    }

    /// These could not be applied yet: they stay in the log.
    pub(super) fn put_back(&self) {
        let mut held = self.lock();
        held.spilled = true;
        held.records.clear();
        held.bytes = 0;
    }

    /// Nothing more is to be done.
    pub(super) fn stop(&self) {
        self.lock().stop = true;
        self.changed.notify_all();
    }

    /// Waits for something else, or some time.
    pub(super) fn pause(&self, time: Duration) {
        let held = self.lock();
        if !held.stop && held.install.is_none() {
            drop(self.changed.wait_timeout(held, time));
        }
    }

    /// Waits for work.
    pub(super) fn next(&self, applied: Point) -> Work {
        let mut held = self.lock();
        loop {
            if held.stop {
                return Work::Stop;
            }
            if let Some(snapshot) = held.install.take() {
                return Work::Install(snapshot);
            }
            let since = held.looked.get_or_insert_with(Instant::now).elapsed();
            if since >= LOOK && !held.stuck {
                held.looked = None;
                return Work::Look;
            }
            if held.spilled && !held.stuck {
                if held.durable == applied {
                    held.spilled = false;
                    continue;
                }
                return Work::Log(held.durable);
            }
            if !held.records.is_empty() && !held.stuck {
                return Work::Records(held.take());
            }
            let rest = if held.stuck {
                LOOK
            } else {
                LOOK.saturating_sub(since)
            };
            let waited = self.changed.wait_timeout(held, rest);
            held = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    fn lock(&self) -> MutexGuard<'_, Held> {
        // Nothing in here panics half-way.
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Held {
    fn take(&mut self) -> Vec<Record> {
        let mut taken = Vec::new();
        let mut weight = 0;
        while weight < MERGE
            && let Some(record) = self.records.pop_front()
        {
            self.bytes -= record.bytes.len();
            weight += record.weight();
            taken.push(record);
        }
        taken
    }
}
