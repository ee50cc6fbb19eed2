//! What all threads share, and what a worker does: take a job, run it, settle, until there is no need of it any more.

use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use crate::errand::Rank;
use crate::pool::gauge::Gauge;
use crate::pool::job::{Ended, Job};
use crate::pool::queue::{Bill, Queues, Taken};
use crate::pool::thread::{self, Slot};
use crate::pool::{Bounds, Lane, LaneReport, PoolError, Report, watch};

/// For how long one refusal speaks for those that follow: less than the shortest wait that is accepted, so that the queue
/// does not run empty meanwhile.
const MOMENT: Duration = Duration::from_millis(1);
/// For how long after a refusal the queue is looked at before anything else is done for a request.
const WARY: Duration = Duration::from_millis(100);

/// CPU time after which a worker sleeps between two jobs while pages are refused. Linux lets a thread that does not sleep run on
/// to its next tick (of 4 ms), whatever its priority; the event loop, and all whom it is to refuse, would wait for that.
const RUN: Duration = Duration::from_millis(1);
/// For how long it sleeps then: the shortest sleep that the system has, about 50 microseconds.
const TURN: Duration = Duration::from_micros(1);

/// What the pool's threads share.
pub(super) struct Core {
    pub(super) bounds: Bounds,
    state: Mutex<State>,
    /// Something waits, or an end is near.
    wake: Condvar,
    /// A lane may have become idle.
    settled: Condvar,
    gauges: [Gauge; 3],
    begun: Instant,
    /// When a visitor's page was last refused, in microseconds since `begun`, plus one; 0: never.
    refused: AtomicU64,
    pub(super) stuck_total: AtomicU64,
    started: AtomicUsize,
}

/// What changes under the lock.
pub(super) struct State {
    pub(super) queues: Queues,
    pub(super) slots: Vec<Arc<Slot>>,
    /// Threads that count: started, neither ended nor given up.
    pub(super) threads: usize,
    /// How many of them there should be.
    pub(super) target: usize,
    /// Threads that were given up and have not come back.
    pub(super) stuck: usize,
    settling: bool,
    pub(super) closed: bool,
}

impl Core {
    pub(super) fn start(bounds: Bounds) -> std::io::Result<Arc<Self>> {
        let least = bounds.least.max(Lane::EACH.len());
        let bounds = Bounds {
            least,
            most: bounds.most.max(least),
            heavy: bounds.heavy.max(1),
            ..bounds
        };
        let core = Arc::new(Self {
            bounds,
            state: Mutex::new(State {
                queues: Queues::new(bounds.heavy),
                slots: Vec::new(),
                threads: 0,
                target: least,
                stuck: 0,
                settling: false,
                closed: false,
            }),
            wake: Condvar::new(),
            settled: Condvar::new(),
            gauges: Default::default(),
            begun: Instant::now(),
            refused: AtomicU64::new(0),
            stuck_total: AtomicU64::new(0),
            started: AtomicUsize::new(0),
        });
        for _ in 0..least {
            core.add_thread()?;
        }
        watch::start(&core)?;
        Ok(core)
    }

    pub(super) fn lock(&self) -> MutexGuard<'_, State> {
        // Jobs run outside of the lock and their panics are caught, so the state is whole even if poisoned.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Starts one more thread.
    pub(super) fn add_thread(self: &Arc<Self>) -> std::io::Result<()> {
        self.lock().threads += 1;
        let core = Arc::clone(self);
        let number = self.started.fetch_add(1, Ordering::Relaxed);
        let started = std::thread::Builder::new()
            .name(format!("worker-{number}"))
            .spawn(move || core.work(number));
        match started {
            Ok(_) => Ok(()),
            Err(error) => {
                self.lock().threads -= 1;
                Err(error)
            }
        }
    }

    /// Queues a job.
    pub(super) fn push(&self, job: Job, rank: Rank) -> Result<(), PoolError> {
        let lane = job.lane;
        let mut state = self.lock();
        let ends = state.closed || (state.settling && lane == Lane::Background);
        if ends || state.queues.push(job, rank).is_err() {
            drop(state);
            self.gauges[lane as usize].refuse();
            if lane == Lane::Page && rank == Rank::Visitor {
                self.refused.store(self.age() + 1, Ordering::Relaxed);
            }
            return Err(PoolError::Refused);
        }
        let wake = state.queues.idle > 0;
        drop(state);
        if wake {
            self.wake.notify_one();
        }
        Ok(())
    }

    /// Whether a visitor's page is refused: as one was within [`MOMENT`], else by a look at the queue if one was lately. Whoever
    /// holds the lock may have to wait for a core, so it is not waited for.
    pub(super) fn turns_away(&self) -> bool {
        if !self.has_refused_within(WARY) {
            return false;
        }
        let turns_away = self.has_refused_within(MOMENT) || self.has_no_room();
        if turns_away {
            self.gauges[Lane::Page as usize].refuse();
        }
        turns_away
    }

    fn has_no_room(&self) -> bool {
        let Ok(mut state) = self.state.try_lock() else {
            return false;
        };
        let has_none = (state.queues).refuses(Lane::Page, Rank::Visitor, Instant::now());
        drop(state);
        if has_none {
            self.refused.store(self.age() + 1, Ordering::Relaxed);
        }
        has_none
    }

    fn has_refused_within(&self, time: Duration) -> bool {
        let refused = self.refused.load(Ordering::Relaxed);
        refused != 0 && self.age() + 1 < refused + micros(time)
    }

    fn age(&self) -> u64 {
        micros(self.begun.elapsed())
    }

    /// What a thread does all its life.
    fn work(self: Arc<Self>, number: usize) {
        let slot = Arc::new(Slot::here(number));
        self.lock().slots.push(Arc::clone(&slot));
        let mut bill = None;
        let mut ran = Duration::ZERO;
        while let Some(taken) = self.next(&slot, bill.take(), &mut ran) {
            let done = self.run(&slot, taken);
            ran += done.0.cpu;
            bill = Some(done);
        }
        self.lock().slots.retain(|other| other.number != number);
    }

    /// Settles what was done and takes the next job; `None` when this thread is to end. It `ran` so long without a sleep.
    fn next(&self, slot: &Slot, done: Option<(Bill, Ended)>, ran: &mut Duration) -> Option<Taken> {
        let mut state = self.lock();
        if let Some((mut bill, ended)) = done {
            // With what handing the answer over and coming back here took: that long the thread served nobody else.
            bill.service = slot.time();
            // Under the lock, as whoever gives it up: all is counted for either this thread or its successor.
            slot.end();
            if slot.is_given_up() {
                state.stuck -= 1;
                return None;
            }
            state.settle(&bill, ended);
            if state.settling {
                self.settled.notify_all();
            }
            if *ran >= RUN && state.queues.has_some() && self.has_refused_within(WARY) {
                // For whoever asks whether there is room: this thread takes what comes as soon as it is awake.
                state.queues.idle += 1;
                drop(state);
                std::thread::sleep(TURN);
                state = self.lock();
                state.queues.idle -= 1;
                *ran = Duration::ZERO;
            }
        }
        loop {
            if state.threads > state.target {
                state.threads -= 1;
                // It may have been woken for work: somebody else has to look.
                self.wake.notify_one();
                return None;
            }
            let threads = state.threads;
            if let Some(taken) = state.queues.take(threads) {
                return Some(taken);
            }
            if state.closed {
                state.threads -= 1;
                return None;
            }
            state.queues.idle += 1;
            state = self
                .wake
                .wait(state)
                .unwrap_or_else(PoisonError::into_inner);
            state.queues.idle -= 1;
            *ran = Duration::ZERO;
        }
    }

    fn run(&self, slot: &Slot, taken: Taken) -> (Bill, Ended) {
        let mut bill = taken.bill();
        let gauge = &self.gauges[bill.lane as usize];
        let request = taken.job.errand.as_ref().map_or(0, |errand| errand.id);
        slot.begin(bill.lane, request);
        let before = thread::cpu();
        let ended = taken.job.run();
        let service = slot.time();
        bill.cpu = thread::cpu().saturating_sub(before);
        gauge.ended(ended);
        if ended != Ended::Unwanted {
            gauge.waited(taken.waited);
        }
        if matches!(ended, Ended::Done | Ended::Panicked) {
            gauge.served(service);
        }
        (bill, ended)
    }

    /// Tells all threads that the number of them has changed, or that the end is near.
    pub(super) fn wake_all(&self) {
        self.wake.notify_all();
    }

    pub(super) fn close(&self) {
        self.lock().closed = true;
        self.wake_all();
    }

    pub(super) fn settle(&self, end: Instant) -> bool {
        let mut state = self.lock();
        state.settling = true;
        let forgotten = state.queues.clear(Lane::Background);
        // Whoever waits for these is told by what their end drops.
        drop(forgotten);
        while !state.is_idle() {
            let left = end.saturating_duration_since(Instant::now());
            if left == Duration::ZERO {
                return false;
            }
            let waited = self.settled.wait_timeout(state, left);
            state = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
        true
    }

    /// Jobs that were refused, by lane.
    pub(super) fn refused(&self) -> [u64; 3] {
        Lane::EACH.map(|lane| self.gauges[lane as usize].refused())
    }

    pub(super) fn report(&self) -> Report {
        let state = self.lock();
        Report {
            lanes: Lane::EACH.map(|lane| {
                let (queued, running) = state.queues.sizes(lane);
                let report = self.gauges[lane as usize].report(lane, queued, running);
                LaneReport {
                    unwanted: report.unwanted + state.queues.forgotten(lane),
                    ..report
                }
            }),
            threads: state.threads,
            least: self.bounds.least,
            most: self.bounds.most,
            stuck: state.stuck,
            stuck_total: self.stuck_total.load(Ordering::Relaxed),
        }
    }
}

impl State {
    fn settle(&mut self, bill: &Bill, ended: Ended) {
        match ended {
            Ended::Done | Ended::Panicked => self.queues.settle(bill),
            Ended::Late | Ended::Unwanted => self.queues.skip(bill),
        }
    }

    fn is_idle(&self) -> bool {
        Lane::EACH.into_iter().all(|lane| self.queues.is_idle(lane))
    }
}

fn micros(time: Duration) -> u64 {
    u64::try_from(time.as_micros()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::channel;

    use tokio::sync::oneshot;

    use super::*;
    use crate::errand::limits::Limits;

    const JOBS: usize = 64;

    fn push(core: &Core, work: impl FnOnce() + Send + 'static) {
        let lane = Lane::Page;
        let limits = Limits {
            gone: Arc::default(),
            end: Instant::now() + Duration::from_mins(1),
        };
        let job = Job::new(lane, limits, work, oneshot::channel().0);
        core.push(job, Rank::Operator).unwrap();
    }

    /// How often this thread has slept.
    fn sleeps() -> usize {
        let status = std::fs::read_to_string("/proc/thread-self/status").unwrap();
        let line = status
            .lines()
            .find_map(|line| line.strip_prefix("voluntary_ctxt_switches:"));
        line.unwrap().trim().parse().unwrap()
    }

    /// How often one thread sleeps while it runs jobs that wait for it.
    fn sleeps_between_jobs(is_refusing: bool) -> usize {
        let bounds = Bounds {
            most: Bounds::default().least,
            ..Bounds::default()
        };
        let core = Core::start(bounds).unwrap();
        let mut gates: Vec<_> = (0..core.bounds.least)
            .map(|_| {
                let (open, gate) = channel::<()>();
                push(&core, move || gate.recv().unwrap_or_default());
                open
            })
            .collect();
        while core.lock().queues.sizes(Lane::Page).0 > 0 {
            std::thread::yield_now();
        }
        let (say, said) = channel();
        for _ in 0..JOBS {
            let (core, say) = (Arc::clone(&core), say.clone());
            push(&Arc::clone(&core), move || {
                if is_refusing {
                    core.refused.store(core.age() + 1, Ordering::Relaxed);
                }
                let begun = thread::cpu();
                while thread::cpu().saturating_sub(begun) < RUN {}
                say.send(sleeps()).unwrap();
            });
        }
        gates.pop();
        let counts: Vec<usize> = said.iter().take(JOBS).collect();
        gates.clear();
        core.close();
        counts.last().unwrap() - counts.first().unwrap()
    }

    #[test]
    fn a_worker_lets_the_core_go_between_two_jobs_while_pages_are_refused_and_only_then() {
        let (refusing, not) = (sleeps_between_jobs(true), sleeps_between_jobs(false));
        assert!(refusing > JOBS / 2 && not < JOBS / 2, "{refusing}, {not}");
    }
}
