//! The standby's two threads. One appends to the log and syncs it, once for all that has come meanwhile: what it has done
//! is acknowledged. The other applies what is on disk, as many commits at once as wait, and installs snapshots.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread::JoinHandle;
use std::time::Duration;

use tokio::sync::mpsc::UnboundedSender;

use super::backlog::{Backlog, MERGE, Work};
use super::machine::Event;
use super::snapshot::{self, Incoming, Snapshot};
use crate::error::{Error, Result};
use crate::essential;
use crate::replica::source::{Found, Ledger, Next, Record, Source};
use crate::replica::unpack;
use crate::replica::wire::message::{Begin, Wants};
use crate::replica::wire::pack::Packed;
use crate::store::commit::{Commit, Point};

/// Time after which what could not be applied is tried again.
const AGAIN: Duration = Duration::from_millis(200);

/// What became of commits that were to be applied.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// The database has them.
    Applied,
    /// It cannot take them now (the programs differ); they stay in the log.
    Later,
}

/// The database of a standby. Its methods block, and are called on one thread.
pub trait Apply: Send + 'static {
    /// Applies commits, which follow on each other and on what was applied, in one transaction or several.
    ///
    /// # Errors
    /// [`Error::Refused`] when it is not what they build on: it is made anew then. Otherwise the node stops.
    fn apply(&mut self, commits: &[Arc<Commit>]) -> Result<Outcome>;

    /// What a page is now; `None` when there is none of this number.
    ///
    /// # Errors
    /// When the database cannot be read.
    fn page(&mut self, number: u32) -> Result<Option<Box<[u8]>>>;

    /// Makes the database what the snapshot is, in one transaction that is on disk when this returns.
    ///
    /// # Errors
    /// As [`Apply::apply`].
    fn install(&mut self, snapshot: &Snapshot) -> Result<()>;
}

/// What a thread says to the driver.
pub(super) enum Said {
    Event(Event),
    Failed(Error),
}

pub(super) enum Job {
    Append(Record),
    Begin(Begin),
    Store(Packed),
    Install([u8; 32]),
    Abandon,
}

/// What the threads work with.
pub(super) struct Parts {
    pub(super) ledger: Arc<dyn Ledger>,
    pub(super) source: Arc<dyn Source>,
    pub(super) apply: Box<dyn Apply>,
    pub(super) applied: Point,
    pub(super) dir: PathBuf,
}

/// Both threads. Dropping it waits for them; what is in the log and not applied yet stays there.
pub(super) struct Disk {
    jobs: Option<Sender<Job>>,
    backlog: Arc<Backlog>,
    threads: Vec<JoinHandle<()>>,
}

impl Disk {
    /// Looks where log and database stand, and starts the threads. The last commit in the log, and whether the database
    /// can go on with it.
    pub(super) fn start(parts: Parts, say: UnboundedSender<Said>) -> Result<(Self, Point, Wants)> {
        let (point, wants) = recover(&parts)?;
        snapshot::remove(&parts.dir);
        let backlog = Arc::new(Backlog::new(point));
        if wants == Wants::Snapshot {
            backlog.stuck();
        }
        let (jobs, queue) = channel();
        let log = Log {
            ledger: Arc::clone(&parts.ledger),
            backlog: Arc::clone(&backlog),
            dir: parts.dir.clone(),
            incoming: None,
            say: say.clone(),
        };
        let database = Database {
            parts,
            backlog: Arc::clone(&backlog),
            say,
        };
        let threads = vec![
            essential::spawn("follow log", move || log.run(&queue))?,
            essential::spawn("follow apply", move || database.run())?,
        ];
        let disk = Self {
            jobs: Some(jobs),
            backlog,
            threads,
        };
        Ok((disk, point, wants))
    }

    pub(super) fn send(&self, job: Job) {
        if let Some(jobs) = &self.jobs {
            // A thread that ended has said why.
            let _ = jobs.send(job);
        }
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        self.jobs.take();
        self.backlog.stop();
        for thread in self.threads.drain(..) {
            // A panic in it has ended the process already.
            let _ = thread.join();
        }
    }
}

/// A database that is newer than its log was just installed, when the process died before the log was told.
fn recover(parts: &Parts) -> Result<(Point, Wants)> {
    let end = parts.ledger.end().map(|(point, _)| point);
    let applied = parts.applied;
    let Some(end) = end else {
        if applied != Point::default() {
            parts.ledger.restart(applied)?;
        }
        return Ok((applied, Wants::Rest));
    };
    if let Found::Follows(_) = parts.source.after(applied)? {
        Ok((end, Wants::Rest))
    } else if applied.position >= end.position {
        parts.ledger.restart(applied)?;
        Ok((applied, Wants::Rest))
    } else {
        Ok((end, Wants::Snapshot))
    }
}

struct Log {
    ledger: Arc<dyn Ledger>,
    backlog: Arc<Backlog>,
    dir: PathBuf,
    incoming: Option<Incoming>,
    say: UnboundedSender<Said>,
}

impl Log {
    fn run(mut self, queue: &Receiver<Job>) {
        while let Ok(first) = queue.recv() {
            let mut records = Vec::new();
            let mut rest = None;
            let mut next = Some(first);
            while let Some(job) = next.take() {
                let Job::Append(record) = job else {
                    rest = Some(job);
                    break;
                };
                records.push(record);
                next = queue.try_recv().ok();
            }
            if let Err(error) = self.append(records) {
                // What the log holds now is unknown: nothing may be acknowledged any more.
                let _ = self.say.send(Said::Failed(error));
                return;
            }
            if let Some(job) = rest {
                self.store(job);
            }
        }
    }

    fn append(&self, records: Vec<Record>) -> Result<()> {
        let Some(last) = records.last().map(Record::point) else {
            return Ok(());
        };
        self.ledger.append_records(records.clone())?;
        self.ledger.sync()?;
        self.say(Event::Logged(last));
        self.backlog.add(records);
        Ok(())
    }

    /// Does its part of a snapshot. What goes wrong here leaves log and database as they are.
    fn store(&mut self, job: Job) {
        let done = match job {
            Job::Begin(begin) => Incoming::create(&self.dir, begin).map(|incoming| {
                self.incoming = Some(incoming);
            }),
            Job::Store(packed) => match &mut self.incoming {
                Some(incoming) => incoming
                    .add(&packed)
                    .map(|bytes| self.say(Event::Stored(bytes))),
                None => Ok(()),
            },
            Job::Install(hash) => match self.incoming.take() {
                Some(incoming) => incoming
                    .end(hash)
                    .map(|snapshot| self.backlog.install(snapshot)),
                None => Ok(()),
            },
            Job::Abandon => {
                self.incoming = None;
                snapshot::remove(&self.dir);
                Ok(())
            }
            Job::Append(_) => Ok(()),
        };
        if let Err(error) = done {
            self.incoming = None;
            snapshot::remove(&self.dir);
            self.say(Event::Broken(error.to_string()));
        }
    }

    fn say(&self, event: Event) {
        // The driver may be ending.
        let _ = self.say.send(Said::Event(event));
    }
}

struct Database {
    parts: Parts,
    backlog: Arc<Backlog>,
    say: UnboundedSender<Said>,
}

impl Database {
    fn run(mut self) {
        loop {
            let work = self.backlog.next(self.parts.applied);
            let done = match work {
                Work::Stop => return,
                Work::Records(records) => self.apply(&records).map(|_| ()),
                Work::Log(durable) => self.read(durable),
                Work::Install(snapshot) => self.install(&snapshot),
            };
            if let Err(error) = done {
                let _ = self.say.send(Said::Failed(error));
                return;
            }
        }
    }

    fn apply(&mut self, records: &[Record]) -> Result<Outcome> {
        let Some(last) = records.last().map(Record::point) else {
            return Ok(Outcome::Applied);
        };
        let outcome = match self.take(records) {
            Err(Error::Refused(why)) => {
                self.is_apart(&why);
                return Ok(Outcome::Later);
            }
            other => other?,
        };
        match outcome {
            Outcome::Applied => {
                self.parts.applied = last;
                self.say(Event::Applied(last.position.txid));
            }
            Outcome::Later => {
                self.backlog.put_back();
                self.backlog.pause(AGAIN);
            }
        }
        Ok(outcome)
    }

    fn take(&mut self, records: &[Record]) -> Result<Outcome> {
        let database = &mut self.parts.apply;
        let commits = unpack::commits(records, &mut |number| database.page(number))?;
        database.apply(&commits)
    }

    /// The database is not what the commits build on: somebody or something has changed it here. Only a copy helps.
    fn is_apart(&self, why: &str) {
        tracing::error!(
            why,
            "this copy is not the primary's any more; it is copied anew"
        );
        self.backlog.stuck();
        self.say(Event::Stuck);
    }

    /// Applies from the log what is on disk there.
    fn read(&mut self, durable: Point) -> Result<()> {
        let Found::Follows(mut next) = self.parts.source.after(self.parts.applied)? else {
            self.backlog.stuck();
            self.say(Event::Stuck);
            return Ok(());
        };
        while self.parts.applied != durable {
            let records = some(next.as_mut(), durable)?;
            if records.is_empty() {
                self.backlog.pause(AGAIN);
                return Ok(());
            }
            if self.apply(&records)? == Outcome::Later {
                return Ok(());
            }
        }
        self.backlog.caught_up(durable);
        Ok(())
    }

    fn install(&mut self, snapshot: &Snapshot) -> Result<()> {
        self.parts.apply.install(snapshot)?;
        self.parts.ledger.restart(snapshot.point)?;
        snapshot::remove(&self.parts.dir);
        self.parts.applied = snapshot.point;
        self.backlog.installed(snapshot.point);
        self.say(Event::Installed(snapshot.point));
        Ok(())
    }

    fn say(&self, event: Event) {
        // The driver may be ending.
        let _ = self.say.send(Said::Event(event));
    }
}

/// The next records of the log, up to a bound and to `last`.
fn some(next: &mut dyn Next, last: Point) -> Result<Vec<Record>> {
    let mut records: Vec<Record> = Vec::new();
    let mut weight = 0;
    while weight < MERGE && records.last().is_none_or(|record| record.point() != last) {
        let Some(record) = next.next()? else {
            break;
        };
        weight += record.weight();
        records.push(record);
    }
    Ok(records)
}
