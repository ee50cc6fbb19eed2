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

/// Why a copy was not installed.
const NO_ROOM: &str =
    "There is no room on the disk for the copy of the site (No space left); it is asked for again.";

/// What became of commits that were to be applied.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// The database has them.
    Applied,
    /// It cannot take them now (the programs differ, the disk is full); they stay in the log.
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

    /// Why the database's file is not what was written there; it is made anew then. Never waits.
    fn damage(&mut self) -> Option<String>;

    /// Makes the database what the snapshot is, in one transaction that is on disk when this returns.
    ///
    /// # Errors
    /// [`Error::Unavailable`] when there is no room for it: nothing has changed then. Otherwise as [`Apply::apply`].
    fn install(&mut self, snapshot: &Snapshot) -> Result<()>;
}

/// What a thread says to the driver.
pub(super) enum Said {
    Event(Event),
    Failed(Error),
}

pub(super) enum Job {
    Append(Record),
    /// What is to be appended from now on follows on what the log has.
    GoOn,
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
            is_full: false,
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
    /// Something could not be appended: what comes does not follow on what is there.
    is_full: bool,
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

    fn append(&mut self, mut records: Vec<Record>) -> Result<()> {
        if records.is_empty() || self.is_full {
            return Ok(());
        }
        let full = match self.ledger.append_records(records.clone()) {
            Ok(()) => None,
            // A write that fails leaves those before it as they are. What has come is asked for again once there is room.
            Err(Error::Io(why)) => Some(why),
            Err(error) => return Err(error),
        };
        self.ledger.sync()?;
        let end = self.ledger.end().map(|(end, _)| end).unwrap_or_default();
        if full.is_some() {
            records.retain(|record| record.point().position <= end.position);
        }
        if !records.is_empty() {
            self.say(Event::Logged(end));
            self.backlog.add(records);
        }
        if let Some(why) = full {
            tracing::warn!(why, "the standby takes nothing for a while");
            self.is_full = true;
            self.say(Event::NoRoom(end, why));
        }
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
            Job::GoOn => {
                self.is_full = false;
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
                Work::Look => {
                    self.look();
                    Ok(())
                }
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

    fn look(&mut self) {
        if let Some(why) = self.parts.apply.damage() {
            self.is_apart(&why);
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
        match self.parts.apply.install(snapshot) {
            Ok(()) => {}
            Err(Error::Unavailable) => {
                // Nothing has changed, and what the log has does not lead on from here.
                snapshot::remove(&self.parts.dir);
                self.backlog.stuck();
                self.say(Event::Stuck);
                self.say(Event::Broken(NO_ROOM.into()));
                return Ok(());
            }
            Err(error) => return Err(error),
        }
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
