//! The worker pool: threads for everything that blocks or computes (SQL reads, rendering, password hashing, fetching), which
//! balances itself.
//!
//! Work comes in three lanes. A thread takes from any lane, so none idles while work waits ([`queue`]: who is next); the
//! number of threads follows what work waits for ([`balance`]: the rule); what would wait too long is refused at once
//! ([`CoDel`](crate::errand::codel::CoDel)). Work has a deadline, and is skipped or broken off once whoever asked has gone. A panic costs its
//! job, never the thread; a thread that is stuck is replaced and told of ([`watch`]). It knows nothing of pages, SQL or HTTP.

mod balance;

mod gauge;

mod job;

mod queue;

mod thread;

mod watch;

mod work;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use tokio::sync::oneshot;

use crate::errand::Errand;
use crate::errand::limits::Limits;

pub use gauge::{LaneReport, Report};

use job::Job;
use work::Core;

/// Kinds of work, kept apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lane {
    /// Reads and rendering for a person who waits.
    Page,
    /// Expensive computing: argon2id.
    Heavy,
    /// What nobody waits for at a page: title fetching, compressing well.
    Background,
}

impl Lane {
    /// All of them.
    pub const EACH: [Self; 3] = [Self::Page, Self::Heavy, Self::Background];

    /// Its word in labels.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Page => "page",
            Self::Heavy => "heavy",
            Self::Background => "background",
        }
    }

    /// Its share of CPU time when all lanes have work.
    const fn weight(self) -> i64 {
        match self {
            Self::Page => 8,
            Self::Heavy => 4,
            Self::Background => 1,
        }
    }
}

/// Why a job gave no result.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PoolError {
    /// It would have waited too long, or the pool is ending.
    Refused,
    /// Its deadline passed.
    Late,
    /// It panicked; the panic is in the log.
    Panicked,
}

/// How large a pool may be, and how patient it is.
#[derive(Debug, Clone, Copy)]
pub struct Bounds {
    /// Least threads; three at least, one for each lane.
    pub least: usize,
    /// Most threads.
    pub most: usize,
    /// Most heavy jobs at a time: each takes memory.
    pub heavy: usize,
    /// How long a job may take from being queued to its end, by lane.
    pub deadlines: [Duration; 3],
    /// How long after its deadline a thread that does not come back counts as stuck.
    pub grace: Duration,
}

impl Default for Bounds {
    fn default() -> Self {
        Self {
            least: 3,
            most: 16,
            heavy: 2,
            deadlines: [10, 15, 60].map(Duration::from_secs),
            grace: Duration::from_secs(5),
        }
    }
}

/// The pool. Dropping it ends its threads after the queued jobs.
pub struct Pool(Kind);

enum Kind {
    Balanced(Arc<Core>),
    Plain,
}

impl Pool {
    /// Starts the least number of threads.
    ///
    /// # Errors
    /// When the system refuses a thread.
    pub fn start(bounds: Bounds) -> std::io::Result<Self> {
        Ok(Self(Kind::Balanced(Core::start(bounds)?)))
    }

    /// A pool that is none: every job goes to the runtime's blocking threads at once, as with actix's `web::block`. It refuses
    /// nothing and balances nothing; it is there to be measured against.
    #[must_use]
    pub const fn plain() -> Self {
        Self(Kind::Plain)
    }

    /// Runs `job` on a thread and waits for its result without blocking the event loop. When the returned future is dropped
    /// before the job began, the job is never run; when it runs, [`is_over`](crate::errand::limits::is_over) tells it.
    ///
    /// # Errors
    /// [`PoolError`]; a refusal comes at once.
    pub async fn run<T, F>(&self, lane: Lane, job: F) -> Result<T, PoolError>
    where
        T: Send + 'static,
        F: FnOnce() -> T + Send + 'static,
    {
        match &self.0 {
            Kind::Balanced(core) => queue_up(core, lane, job).await,
            Kind::Plain => {
                let done = tokio::task::spawn_blocking(job).await;
                done.map_err(|_| PoolError::Panicked)
            }
        }
    }

    /// Whether a visitor's page would be refused: told for next to nothing, from a refusal a moment ago, and counted as one.
    #[must_use]
    pub fn turns_away(&self) -> bool {
        match &self.0 {
            Kind::Balanced(core) => core.turns_away(),
            Kind::Plain => false,
        }
    }

    /// How it is; `None` for a plain one.
    #[must_use]
    pub fn report(&self) -> Option<Report> {
        match &self.0 {
            Kind::Balanced(core) => Some(core.report()),
            Kind::Plain => None,
        }
    }

    /// Before an end: takes no background work any more, forgets what waits of it, and waits until what runs has ended, at
    /// most until `end`. Blocks. Whether it has ended.
    #[must_use]
    pub fn settle(&self, end: Instant) -> bool {
        match &self.0 {
            Kind::Balanced(core) => core.settle(end),
            Kind::Plain => true,
        }
    }
}

async fn queue_up<T, F>(core: &Core, lane: Lane, work: F) -> Result<T, PoolError>
where
    T: Send + 'static,
    F: FnOnce() -> T + Send + 'static,
{
    let (answer, result) = oneshot::channel();
    let gone = Gone(Arc::default());
    let end = Instant::now() + core.bounds.deadlines[lane as usize];
    let limits = Limits {
        gone: Arc::clone(&gone.0),
        end,
    };
    core.push(Job::new(lane, limits, work, answer), Errand::current_rank())?;
    match tokio::time::timeout_at(end.into(), result).await {
        // Nobody answers a job that was forgotten with its queue.
        Ok(answered) => answered.unwrap_or(Err(PoolError::Refused)),
        Err(_) => Err(PoolError::Late),
    }
}

/// Says that whoever asked has gone, when it is dropped; after the answer that changes nothing.
struct Gone(Arc<AtomicBool>);

impl Drop for Gone {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

impl Drop for Pool {
    fn drop(&mut self) {
        if let Kind::Balanced(core) = &self.0 {
            core.close();
        }
    }
}

#[cfg(test)]
mod tests;
