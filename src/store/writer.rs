//! The one writer: a thread that owns the only writing connection and commits many requests at once.
//!
//! It takes all that wait (bounded by count and time), runs each in a savepoint of one `BEGIN IMMEDIATE`, commits once
//! with `synchronous=FULL`, sets the stamps, publishes the head, then answers. A closure that fails or panics rolls back
//! alone. If SQLite has dropped the whole transaction, the whole batch is told so. A failed COMMIT ends the process
//! (after a failed fsync nothing may be answered), but for a full disk, which undoes the batch. What would wait too long is
//! refused when it comes, members' changes last. With a journal each commit is taken out of the WAL before the next begins,
//! and the answers pass a gate, which may hold them until another node has the commit. Points that votes give are written once a
//! story, before anything but votes runs and before the commit ([`raise`]).

mod gauge;
mod tx;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::time::{Duration, Instant};

use rusqlite::Connection;

use crate::cache::{Stamp, Stamps};
use crate::errand::{Errand, Rank};
use crate::error::{Error, Result};
use crate::essential::Joined;
use crate::store::commit::Position;
use crate::store::gate::{Answer, Gate, Mode};
use crate::store::raise::{self, Raises};
use crate::store::wal::capture::{Capture, Kept};
use crate::store::{connection, position};
use crate::time::Clock;

pub use gauge::Gauge;
pub use tx::{Kind, Tx};

/// Most closures of one commit; beyond this only latency grows.
const BATCH: usize = 64;
/// Most time that a batch is filled for.
const FILL: Duration = Duration::from_millis(2);
/// Most closures that wait.
const WAITING: usize = 4096;

/// A request's closure with the way back to it. Called once inside the transaction; what it returns is called once
/// after the batch's fate is known.
type Job = Box<dyn FnOnce(&Tx) -> Ran + Send>;

/// How a closure ended inside its savepoint.
struct Ran {
    keep: bool,
    answer: Answer,
}

/// A closure in the queue.
struct Queued {
    kind: Kind,
    job: Job,
    at: Instant,
    errand: Option<Arc<Errand>>,
}

/// The queue into the writer's thread. Dropping it finishes what waits, then ends the thread.
pub struct Writer {
    jobs: SyncSender<Queued>,
    _thread: Joined,
    gauge: Arc<Gauge>,
    gate: Arc<Gate>,
}

impl Writer {
    /// Starts the thread of a site that nobody follows. `after_commit` is called after each batch.
    ///
    /// # Errors
    /// When the system refuses a thread.
    pub fn start(
        conn: Connection,
        stamps: Arc<Stamps>,
        clock: Clock,
        after_commit: impl Fn() + Send + 'static,
    ) -> Result<Self> {
        let batches = Batches {
            conn,
            stamps,
            clock,
            gauge: Arc::new(Gauge::new()),
            capture: None,
            gate: Arc::new(Gate::new(Mode::Off)),
            raises: Raises::default(),
        };
        Self::start_with(batches, after_commit)
    }

    /// Starts the thread.
    pub(super) fn start_with(
        mut batches: Batches,
        after_commit: impl Fn() + Send + 'static,
    ) -> Result<Self> {
        let (jobs, queue) = sync_channel(WAITING);
        let gauge = Arc::clone(&batches.gauge);
        let gate = Arc::clone(&batches.gate);
        let thread = Joined::spawn("writer", move || {
            while let Ok(first) = queue.recv() {
                batches.run(first, &queue);
                after_commit();
            }
        })?;
        Ok(Self {
            jobs,
            _thread: thread,
            gauge,
            gate,
        })
    }

    /// Queues `change` for somebody of this rank; `answer` is called with its result once that is durable, and dropped uncalled when nothing of
    /// it could be done.
    ///
    /// # Errors
    /// [`Error::Busy`] at once when too many wait already.
    pub fn send<T, F, A>(&self, rank: Rank, kind: Kind, change: F, answer: A) -> Result<()>
    where
        T: Send + 'static,
        F: FnOnce(&Tx) -> Result<T> + Send + 'static,
        A: FnOnce(Result<T>) + Send + 'static,
    {
        let job: Job = Box::new(move |tx| {
            let result = catch_unwind(AssertUnwindSafe(|| change(tx)))
                .unwrap_or_else(|_| Err(Error::Internal("a write panicked; see the log".into())));
            Ran {
                keep: result.is_ok(),
                answer: Box::new(move |fate| answer(fate.map_or(result, Err))),
            }
        });
        if self.gate.is_full() {
            return Err(Error::Busy);
        }
        let at = Instant::now();
        self.gauge.enter(rank, at)?;
        let errand = Errand::current();
        self.jobs
            .try_send(Queued {
                kind,
                job,
                at,
                errand,
            })
            .map_err(|error| {
                self.gauge.leave();
                match error {
                    TrySendError::Full(_) => Error::Busy,
                    TrySendError::Disconnected(_) => Error::Unavailable,
                }
            })
    }
}

/// What the writer's thread has.
pub(super) struct Batches {
    // Before the connection: it may be the last to see the WAL.
    pub(super) capture: Option<Capture>,
    pub(super) conn: Connection,
    pub(super) stamps: Arc<Stamps>,
    pub(super) clock: Clock,
    pub(super) gauge: Arc<Gauge>,
    pub(super) gate: Arc<Gate>,
    pub(super) raises: Raises,
}

impl Batches {
    /// Runs what waits.
    fn run(&mut self, first: Queued, queue: &Receiver<Queued>) {
        if let Err(error) = connection::step(&self.conn, "begin immediate") {
            tracing::error!(%error, "the writer cannot begin a transaction");
            self.gauge.begin(first.at, first.errand.as_deref());
            // The closure is not run; its channel closes, which its caller reads as unavailable.
            return;
        }
        // A batch that SQLite dropped may have left some.
        self.raises = Raises::default();
        let (mut answers, mut changed) = (Vec::new(), Vec::new());
        let begun = Instant::now();
        let mut next = Some(first);
        while let Some(queued) = next.take() {
            self.gauge.begin(queued.at, queued.errand.as_deref());
            let (start, errand) = (Instant::now(), queued.errand.clone());
            if queued.kind != Kind::Vote && !self.settle(&mut changed) {
                return fail(answers);
            }
            if let Some(stamps) = self.savepoint(queued, &mut answers) {
                changed.push(stamps);
            }
            if let Some(errand) = errand {
                errand.note(Duration::ZERO, start.elapsed());
            }
            if self.conn.is_autocommit() {
                // SQLite dropped the whole transaction (disk full, I/O): nothing of this batch exists.
                return fail(answers);
            }
            if answers.len() < BATCH && begun.elapsed() < FILL {
                next = queue.try_recv().ok();
            }
        }
        if !self.settle(&mut changed) {
            return fail(answers);
        }
        let count = answers.len();
        let is_empty = changed.is_empty();
        self.finish(&changed, answers);
        // What changes nothing costs next to nothing, and says nothing about what does.
        if !is_empty {
            self.gauge.took(count, begun.elapsed());
        }
    }

    /// Runs one closure in its savepoint; `Some` with its stamps when its changes are to be kept.
    fn savepoint(&mut self, queued: Queued, answers: &mut Vec<Answer>) -> Option<Vec<Stamp>> {
        if let Err(error) = connection::step(&self.conn, "savepoint one") {
            tracing::error!(%error, "the writer cannot set a savepoint");
            return None;
        }
        let raises = std::mem::take(&mut self.raises);
        let tx = self.tx(queued.kind, raises);
        let ran = (queued.job)(&tx);
        let (stamps, mut raises) = tx.left();
        if ran.keep {
            raises.keep();
        } else {
            raises.undo();
        }
        self.raises = raises;
        let ended = if self.conn.is_autocommit() {
            Ok(())
        } else if ran.keep {
            connection::step(&self.conn, "release one")
        } else {
            connection::step(&self.conn, "rollback to one")
                .and_then(|()| connection::step(&self.conn, "release one"))
        };
        answers.push(match ended {
            Ok(()) => ran.answer,
            Err(error) => {
                tracing::error!(%error, "a savepoint could not be ended");
                let _ = self.conn.execute_batch("rollback");
                ran.answer
            }
        });
        (ran.keep && !self.conn.is_autocommit()).then_some(stamps)
    }

    /// Writes the points that votes have given. When that fails, the whole batch is undone, and the answer is false.
    fn settle(&mut self, changed: &mut [Vec<Stamp>]) -> bool {
        let raises = std::mem::take(&mut self.raises);
        let tx = self.tx(Kind::Vote, raises);
        if let Err(error) = raise::settle(&tx) {
            tracing::error!(%error, "the points of votes could not be written");
            if !self.is_rolled_back() {
                die("ROLLBACK", &error);
            }
            return false;
        }
        // They are of votes that were kept.
        let (stamps, _) = tx.left();
        let last = changed.last_mut().into_iter();
        last.for_each(|last| last.extend(&stamps));
        true
    }

    fn finish(&mut self, changed: &[Vec<Stamp>], answers: Vec<Answer>) {
        if changed.is_empty() {
            if let Err(error) = self.conn.execute_batch("rollback") {
                die("ROLLBACK", &error);
            }
            return give(answers);
        }
        match self.commit(changed.len()) {
            Ok((position, wall_ms)) => self.publish(position, wall_ms, &changed.concat(), answers),
            Err(error) if is_full(&error) && self.is_rolled_back() => fail(answers),
            Err(error) => die("COMMIT", &error),
        }
    }

    /// Shows a commit to this node's readers and to other nodes, and answers.
    fn publish(
        &mut self,
        position: Position,
        wall_ms: i64,
        changed: &[Stamp],
        answers: Vec<Answer>,
    ) {
        if let Some(capture) = &mut self.capture {
            let kept = capture.commit(&self.conn, position, wall_ms, changed.to_vec());
            if kept == Kept::No {
                // No standby can have it before it has a snapshot.
                self.gate.degrade();
            }
        }
        self.stamps.commit(changed, position.txid);
        self.gate.hold(position, answers);
    }

    /// Undoes the batch, unless SQLite has done so already.
    fn is_rolled_back(&self) -> bool {
        self.conn.is_autocommit() || self.conn.execute_batch("rollback").is_ok()
    }

    /// Moves the position on and commits.
    fn commit(&self, changes: usize) -> rusqlite::Result<(Position, i64)> {
        let wall_ms = self.clock.now().ms();
        let before = self.capture.as_ref().map(Capture::chain);
        let position = position::advance(&self.conn, wall_ms, before)?;
        let begun = Instant::now();
        connection::step(&self.conn, "commit")?;
        self.gauge.committed(changes, begun.elapsed());
        Ok((position, wall_ms))
    }

    /// Makes one change before there is a queue, in a commit of its own like any other: a migration, a new epoch.
    pub(super) fn alone(
        &mut self,
        change: impl FnOnce(&Connection) -> rusqlite::Result<()>,
    ) -> Result<()> {
        self.conn.execute_batch("begin immediate")?;
        let done = change(&self.conn).and_then(|()| self.commit(1));
        match done {
            Ok((position, wall_ms)) => {
                self.publish(position, wall_ms, &[], Vec::new());
                Ok(())
            }
            Err(error) => {
                self.is_rolled_back();
                Err(error.into())
            }
        }
    }

    fn tx(&self, kind: Kind, raises: Raises) -> Tx<'_> {
        Tx::new(&self.conn, self.clock.now(), kind, raises)
    }
}

/// No room on the disk: the frames were never complete, nothing was synced, so a rollback is the whole truth.
fn is_full(error: &rusqlite::Error) -> bool {
    error.sqlite_error_code() == Some(rusqlite::ErrorCode::DiskFull)
}

fn give(answers: Vec<Answer>) {
    for answer in answers {
        answer(None);
    }
}

fn fail(answers: Vec<Answer>) {
    tracing::error!("SQLite dropped a whole write transaction; its requests are told so");
    for answer in answers {
        answer(Some(Error::Unavailable));
    }
}

/// Ends the process: what the disk holds is unknown, so nothing may be answered any more.
fn die(what: &str, error: &dyn std::fmt::Display) -> ! {
    tracing::error!(%error, what, "it failed; ending the process so that nothing false is answered");
    eprintln!("site: {what} failed ({error}); ending so that nothing false is answered");
    std::process::exit(1);
}
