//! A piece of work on its way through the pool, and what the work itself can ask about itself while it runs.

use std::cell::RefCell;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

use tokio::sync::oneshot;

use crate::pool::errand::Errand;
use crate::pool::{Lane, PoolError};

thread_local! {
    static CURRENT: RefCell<Option<Limits>> = const { RefCell::new(None) };
}

/// Whether nobody wants the result of what runs on this thread any more: its deadline has passed, or whoever asked has gone.
/// False outside of the pool.
#[must_use]
pub fn is_over() -> bool {
    CURRENT.with_borrow(|limits| {
        limits.as_ref().is_some_and(|limits| {
            limits.gone.load(Ordering::Relaxed) || Instant::now() >= limits.end
        })
    })
}

/// Until when, and for whom, a job is done.
#[derive(Clone)]
pub(super) struct Limits {
    pub(super) gone: Arc<AtomicBool>,
    pub(super) end: Instant,
}

/// A job in a queue.
pub(super) struct Job {
    pub(super) lane: Lane,
    pub(super) queued: Instant,
    pub(super) limits: Limits,
    pub(super) errand: Option<Arc<Errand>>,
    work: Option<Work>,
}

/// What it does, told of itself.
type Work = Box<dyn FnOnce(&Job) -> Ended + Send>;

/// How a job ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ended {
    /// It ran.
    Done,
    /// It panicked.
    Panicked,
    /// It was not begun, since its deadline had passed.
    Late,
    /// It was not begun, since whoever asked had gone.
    Unwanted,
}

impl Job {
    pub(super) fn new<T, F>(
        lane: Lane,
        limits: Limits,
        work: F,
        answer: oneshot::Sender<Result<T, PoolError>>,
    ) -> Self
    where
        T: Send + 'static,
        F: FnOnce() -> T + Send + 'static,
    {
        let work = move |job: &Self| {
            let (ended, result) = job.attempt(work);
            if let Some(result) = result {
                // Whoever asked may have gone meanwhile; then nobody wants it.
                let _ = answer.send(result);
            }
            ended
        };
        Self {
            lane,
            queued: Instant::now(),
            limits,
            errand: Errand::current(),
            work: Some(Box::new(work)),
        }
    }

    /// Whether whoever asked has gone.
    pub(super) fn is_unwanted(&self) -> bool {
        self.limits.gone.load(Ordering::Relaxed)
    }

    /// Runs it and answers.
    pub(super) fn run(mut self) -> Ended {
        let work = self.work.take();
        work.map_or(Ended::Done, |work| work(&self))
    }

    fn attempt<T>(&self, work: impl FnOnce() -> T) -> (Ended, Option<Result<T, PoolError>>) {
        if self.is_unwanted() {
            return (Ended::Unwanted, None);
        }
        if Instant::now() >= self.limits.end {
            return (Ended::Late, Some(Err(PoolError::Late)));
        }
        CURRENT.set(Some(self.limits.clone()));
        let result = catch_unwind(AssertUnwindSafe(work));
        CURRENT.set(None);
        match result {
            Ok(value) => (Ended::Done, Some(Ok(value))),
            Err(panic) => {
                let request = self.errand.as_ref().map(|errand| errand.id);
                let said = message(&*panic);
                tracing::error!(
                    lane = self.lane.word(),
                    request,
                    panic = said,
                    "a job panicked"
                );
                (Ended::Panicked, Some(Err(PoolError::Panicked)))
            }
        }
    }
}

fn message(panic: &(dyn std::any::Any + Send)) -> &str {
    let text = panic.downcast_ref::<&str>().copied();
    text.or_else(|| panic.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("(no message)")
}
