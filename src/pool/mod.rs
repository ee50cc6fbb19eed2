//! Worker threads for everything that blocks or computes: SQL reads, rendering, password hashing, fetching.
//!
//! Three lanes with a queue each, so that one kind of work cannot starve another. Queues are bounded: work that finds
//! its lane full is refused at once. Work whose caller has gone is skipped. A panic costs its job, never the thread.
//! It knows nothing of pages, SQL or HTTP.

use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Condvar, Mutex, PoisonError};

use tokio::sync::oneshot;

/// Kinds of work, kept apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lane {
    /// Reads and rendering for a person who waits.
    Page,
    /// Expensive computing: argon2id.
    Heavy,
    /// What nobody waits for at a page: title fetching, clean-up.
    Background,
}

/// Why a job gave no result.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PoolError {
    /// The lane's queue is full.
    Full,
    /// The job panicked; the panic is in the log.
    Panicked,
}

type Job = Box<dyn FnOnce() + Send>;

struct Queue {
    jobs: Mutex<State>,
    wake: Condvar,
    bound: usize,
}

struct State {
    waiting: VecDeque<Job>,
    closed: bool,
}

/// The pool. Dropping it ends its threads after the queued jobs.
pub struct Pool {
    lanes: [Arc<Queue>; 3],
}

impl Pool {
    /// Starts `pages` threads for pages and a few for the other lanes.
    ///
    /// # Errors
    /// When the system refuses a thread.
    pub fn start(pages: usize) -> std::io::Result<Self> {
        let lane = |name: &str, threads: usize, bound: usize| -> std::io::Result<Arc<Queue>> {
            let queue = Arc::new(Queue {
                jobs: Mutex::new(State {
                    waiting: VecDeque::new(),
                    closed: false,
                }),
                wake: Condvar::new(),
                bound,
            });
            for n in 0..threads {
                let queue = Arc::clone(&queue);
                std::thread::Builder::new()
                    .name(format!("{name}-{n}"))
                    .spawn(move || work(&queue))?;
            }
            Ok(queue)
        };
        Ok(Self {
            lanes: [
                lane("page", pages.max(2), 1024)?,
                lane("heavy", pages.div_ceil(2).max(1), 64)?,
                lane("back", 2, 64)?,
            ],
        })
    }

    /// Runs `job` on a thread of `lane` and waits for its result without blocking the event loop.
    /// When the returned future is dropped before the job began, the job is never run.
    ///
    /// # Errors
    /// [`PoolError::Full`] at once when the lane's queue is full, [`PoolError::Panicked`] when the job panicked.
    pub async fn run<T, F>(&self, lane: Lane, job: F) -> Result<T, PoolError>
    where
        T: Send + 'static,
        F: FnOnce() -> T + Send + 'static,
    {
        let (answer, result) = oneshot::channel();
        self.lanes[lane as usize].push(Box::new(move || {
            if answer.is_closed() {
                return;
            }
            if let Ok(value) = catch_unwind(AssertUnwindSafe(job)) {
                // The caller may have gone meanwhile; then nobody wants the value.
                let _ = answer.send(value);
            }
        }))?;
        result.await.map_err(|_| PoolError::Panicked)
    }
}

impl Drop for Pool {
    fn drop(&mut self) {
        for lane in &self.lanes {
            lane.lock().closed = true;
            lane.wake.notify_all();
        }
    }
}

impl Queue {
    fn lock(&self) -> std::sync::MutexGuard<'_, State> {
        // Jobs run outside the lock and their panics are caught, so the state is whole even if poisoned.
        self.jobs.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn push(&self, job: Job) -> Result<(), PoolError> {
        let mut state = self.lock();
        if state.waiting.len() >= self.bound {
            return Err(PoolError::Full);
        }
        state.waiting.push_back(job);
        drop(state);
        self.wake.notify_one();
        Ok(())
    }

    fn pop(&self) -> Option<Job> {
        let mut state = self.lock();
        loop {
            if let Some(job) = state.waiting.pop_front() {
                return Some(job);
            }
            if state.closed {
                return None;
            }
            state = self
                .wake
                .wait(state)
                .unwrap_or_else(PoisonError::into_inner);
        }
    }
}

fn work(queue: &Queue) {
    while let Some(job) = queue.pop() {
        job();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_panic_costs_the_job_and_not_the_thread() {
        let pool = Pool::start(1).unwrap();
        for _ in 0..8 {
            let result = pool.run(Lane::Heavy, || panic!("on purpose")).await;
            assert_eq!(result, Err::<(), _>(PoolError::Panicked));
        }
        assert_eq!(pool.run(Lane::Heavy, || 7).await, Ok(7));
    }

    #[tokio::test]
    async fn a_full_lane_refuses_at_once_and_leaves_the_others_alone() {
        let pool = Arc::new(Pool::start(1).unwrap());
        let (open, gate) = std::sync::mpsc::channel::<()>();
        let gate = Arc::new(Mutex::new(gate));
        let mut waiting = Vec::new();
        let mut refused = 0;
        for _ in 0..200 {
            let gate = Arc::clone(&gate);
            let job = pool.run(Lane::Background, move || {
                let _ = gate.lock().unwrap().recv();
            });
            let mut job = Box::pin(job);
            match futures_poll(job.as_mut()).await {
                Some(Err(PoolError::Full)) => refused += 1,
                _ => waiting.push(job),
            }
        }
        assert!(refused >= 100, "refused {refused}");
        assert_eq!(pool.run(Lane::Page, || 1).await, Ok(1));
        drop(open);
        for job in waiting {
            let _ = job.await;
        }
    }

    async fn futures_poll<F: Future>(mut future: std::pin::Pin<&mut F>) -> Option<F::Output> {
        std::future::poll_fn(|cx| match future.as_mut().poll(cx) {
            std::task::Poll::Ready(value) => std::task::Poll::Ready(Some(value)),
            std::task::Poll::Pending => std::task::Poll::Ready(None),
        })
        .await
    }
}
