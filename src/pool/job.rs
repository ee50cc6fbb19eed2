//! A piece of work on its way through the pool.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::Instant;

use tokio::sync::oneshot;

use crate::errand::Errand;
use crate::errand::limits::Limits;
use crate::pool::{Lane, PoolError};

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
            let begun = Instant::now();
            let (ended, result) = job.attempt(work);
            // Before the answer, which may be sent on before this thread comes to anything else.
            if let Some(errand) = &job.errand {
                errand.note(begun.saturating_duration_since(job.queued), begun.elapsed());
            }
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

    /// Whether it goes on with what a page's lane has begun for the same errand. Expensive work is judged by itself.
    pub(super) fn is_further(&self) -> bool {
        let begun = self
            .errand
            .as_ref()
            .is_some_and(|errand| errand.is_admitted());
        self.lane == Lane::Page && begun
    }

    /// It is let into a queue: what follows it need not ask again.
    pub(super) fn admit(&self) {
        if let Some(errand) = &self.errand {
            errand.admit();
        }
    }

    /// Runs it and answers.
    pub(super) fn run(mut self) -> Ended {
        let work = self.work.take();
        work.map_or(Ended::Done, |work| work(&self))
    }

    fn attempt<T>(&self, work: impl FnOnce() -> T) -> (Ended, Option<Result<T, PoolError>>) {
        // Whoever asked is told when it is late, and has gone then.
        if self.limits.is_late() {
            return (Ended::Late, Some(Err(PoolError::Late)));
        }
        if self.limits.is_unwanted() {
            return (Ended::Unwanted, None);
        }
        match catch_unwind(AssertUnwindSafe(|| self.limits.hold(work))) {
            Ok(value) => (Ended::Done, Some(Ok(value))),
            Err(panic) => {
                let request = self.errand.as_ref().map(|errand| errand.written());
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
