//! What waits in the lanes, and what is taken next: shared fairly by CPU time, nobody idles while work waits.
//!
//! Deficit round robin (Shreedhar and Varghese, 1995) with costs that are known only afterwards: a lane that has used more
//! CPU time than its share owes it, and the lane that is owed most is served next. A lane with nothing to do saves nothing up.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use crate::errand::Rank;
use crate::errand::codel::{Ahead, CoDel};
use crate::pool::Lane;
use crate::pool::job::Job;

/// CPU time in microseconds that a lane of weight 1 is given in a round.
const QUANTUM: i64 = 500;
/// Most jobs that wait in a lane, whatever their rank.
const MOST: usize = 4096;

impl Lane {
    /// What it is given in a round, in microseconds of CPU time.
    const fn round(self) -> i64 {
        QUANTUM * self.weight()
    }
}

/// A lane's queue.
#[derive(Default)]
pub(super) struct Queue {
    /// Further parts of what was begun: served first, so that nobody waits for their turn more than once.
    begun: VecDeque<Job>,
    waiting: VecDeque<Job>,
    running: usize,
    /// What it is owed, in microseconds of CPU time.
    deficit: i64,
    /// Mean CPU time of its jobs, in microseconds.
    cost: i64,
    codel: CoDel,
    /// Jobs that were dropped while they waited, since whoever asked had gone.
    forgotten: u64,
}

impl Queue {
    /// Drops the first jobs that nobody waits for any more: how long they have waited says nothing.
    fn forget_unwanted(&mut self) {
        while self
            .waiting
            .pop_front_if(|job| job.limits.is_unwanted() && !job.limits.is_late())
            .is_some()
        {
            self.forgotten += 1;
        }
    }

    /// How long the job that came first has waited.
    fn oldest(&self, now: Instant) -> Duration {
        let first = [self.begun.front(), self.waiting.front()];
        let waits = first.into_iter().flatten();
        let waits = waits.map(|job| now.saturating_duration_since(job.queued));
        waits.max().unwrap_or_default()
    }

    /// What is ahead of a new job, with so many threads that have nothing to do yet.
    fn ahead(&self, idle: usize, now: Instant) -> Ahead {
        Ahead {
            queued: self.len(),
            servers: self.running + idle,
            oldest: self.oldest(now),
        }
    }

    fn len(&self) -> usize {
        self.begun.len() + self.waiting.len()
    }

    fn is_empty(&self) -> bool {
        self.begun.is_empty() && self.waiting.is_empty()
    }

    /// The next job, and how long it has waited.
    fn pop(&mut self) -> Option<(Job, Duration)> {
        let now = Instant::now();
        let waited = |job: &Job| now.saturating_duration_since(job.queued);
        if let Some(job) = self.begun.pop_front() {
            // What goes first says nothing about how long those wait who do not.
            let waited = waited(&job);
            return Some((job, waited));
        }
        let job = self.waiting.pop_front()?;
        let waited = waited(&job);
        self.codel.begins(waited, self.waiting.len(), now);
        Some((job, waited))
    }
}

/// All lanes.
pub(super) struct Queues {
    lanes: [Queue; 3],
    most_heavy: usize,
    /// Threads that have nothing to do: they take what comes as soon as they are awake.
    pub(super) idle: usize,
}

/// A job that was taken, and what was charged for it beforehand.
pub(super) struct Taken {
    pub(super) job: Job,
    pub(super) waited: Duration,
    charged: i64,
}

/// What a job came to.
pub(super) struct Bill {
    pub(super) lane: Lane,
    pub(super) charged: i64,
    pub(super) cpu: Duration,
    pub(super) service: Duration,
}

impl Taken {
    /// Its bill, to be filled in.
    pub(super) fn bill(&self) -> Bill {
        Bill {
            lane: self.job.lane,
            charged: self.charged,
            cpu: Duration::ZERO,
            service: Duration::ZERO,
        }
    }
}

impl Queues {
    /// Empty ones; at most so many heavy jobs run at a time.
    pub(super) fn new(most_heavy: usize) -> Self {
        Self {
            lanes: Default::default(),
            most_heavy,
            idle: 0,
        }
    }

    /// Takes a job in, unless too much waits for the threads.
    ///
    /// # Errors
    /// The job itself.
    pub(super) fn push(&mut self, job: Job, rank: Rank) -> Result<(), Job> {
        let queue = &mut self.lanes[job.lane as usize];
        queue.forget_unwanted();
        let now = job.queued;
        let ahead = queue.ahead(self.idle, now);
        if ahead.queued >= MOST {
            return Err(job);
        }
        if job.is_further() {
            queue.begun.push_back(job);
        } else if queue.codel.admits(rank, &ahead, now) {
            job.admit();
            queue.waiting.push_back(job);
        } else {
            return Err(job);
        }
        Ok(())
    }

    /// Whether a job of this lane and rank would be refused now.
    pub(super) fn refuses(&mut self, lane: Lane, rank: Rank, now: Instant) -> bool {
        let queue = &mut self.lanes[lane as usize];
        queue.forget_unwanted();
        let ahead = queue.ahead(self.idle, now);
        ahead.queued >= MOST || queue.codel.refuses(rank, &ahead, now)
    }

    /// The next job for one of `threads` threads; `None` when nothing waits that may run now.
    pub(super) fn take(&mut self, threads: usize) -> Option<Taken> {
        let lane = self.next(threads)?;
        let queue = &mut self.lanes[lane as usize];
        let (job, waited) = queue.pop()?;
        queue.running += 1;
        queue.deficit -= queue.cost;
        Some(Taken {
            waited,
            charged: queue.cost,
            job,
        })
    }

    /// The lane that is owed most among those that may be served; rounds go by until one is owed something.
    fn next(&mut self, threads: usize) -> Option<Lane> {
        let eligible = Lane::EACH.map(|lane| self.may_run(lane, threads).then_some(lane));
        let eligible = || eligible.into_iter().flatten();
        let rounds = |lane: Lane| {
            let owing = -self.lanes[lane as usize].deficit;
            (owing / lane.round() + 1).max(0)
        };
        let rounds = eligible().map(rounds).min()?;
        for lane in eligible() {
            self.lanes[lane as usize].deficit += rounds * lane.round();
        }
        eligible().max_by_key(|lane| self.lanes[*lane as usize].deficit)
    }

    /// Whether a lane has work that a thread may be given to. Heavy and background work never hold the last thread together,
    /// nor background work the last but one: what waits for somebody else's server must not stop who signs in.
    fn may_run(&self, lane: Lane, threads: usize) -> bool {
        let running = |lane: Lane| self.lanes[lane as usize].running;
        let others = running(Lane::Heavy) + running(Lane::Background);
        let allowed = match lane {
            Lane::Page => true,
            Lane::Heavy => running(lane) < self.most_heavy && others + 1 < threads,
            Lane::Background => running(lane) + 2 < threads && others + 1 < threads,
        };
        allowed && !self.lanes[lane as usize].is_empty()
    }

    /// A job has ended; its lane pays for what it used beyond what was charged.
    pub(super) fn settle(&mut self, bill: &Bill) {
        let queue = &mut self.lanes[bill.lane as usize];
        queue.running = queue.running.saturating_sub(1);
        let cpu = i64::try_from(bill.cpu.as_micros()).unwrap_or(i64::MAX);
        queue.deficit -= cpu - bill.charged;
        queue.cost += (cpu - queue.cost) / 8;
        queue.codel.took(bill.service);
        if queue.is_empty() && queue.running == 0 {
            queue.deficit = 0;
        }
    }

    /// A job was taken and not begun: nothing is owed for it.
    pub(super) fn skip(&mut self, bill: &Bill) {
        let queue = &mut self.lanes[bill.lane as usize];
        queue.running = queue.running.saturating_sub(1);
        queue.deficit += bill.charged;
    }

    /// A job's thread is given up: it counts no more.
    pub(super) fn abandon(&mut self, lane: Lane) {
        let queue = &mut self.lanes[lane as usize];
        queue.running = queue.running.saturating_sub(1);
    }

    /// Whether any job waits.
    pub(super) fn has_some(&self) -> bool {
        self.lanes.iter().any(|queue| !queue.is_empty())
    }

    /// Jobs of a lane that wait, and that run.
    pub(super) fn sizes(&self, lane: Lane) -> (usize, usize) {
        let queue = &self.lanes[lane as usize];
        (queue.len(), queue.running)
    }

    /// Jobs of a lane that were dropped while they waited, since whoever asked had gone.
    pub(super) fn forgotten(&self, lane: Lane) -> u64 {
        self.lanes[lane as usize].forgotten
    }

    /// How long the job that has waited longest has waited.
    pub(super) fn longest(&self, now: Instant) -> Duration {
        let waits = self.lanes.iter().map(|queue| queue.oldest(now));
        waits.max().unwrap_or_default()
    }

    /// Nothing waits and nothing runs in this lane.
    pub(super) fn is_idle(&self, lane: Lane) -> bool {
        self.sizes(lane) == (0, 0)
    }

    /// Forgets what waits in a lane; who waits for it is told that it was refused.
    pub(super) fn clear(&mut self, lane: Lane) -> Vec<Job> {
        let queue = &mut self.lanes[lane as usize];
        queue
            .begun
            .drain(..)
            .chain(queue.waiting.drain(..))
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::errand::limits::Limits;

    fn job(lane: Lane) -> Job {
        let limits = Limits {
            gone: Arc::default(),
            end: Instant::now() + Duration::from_mins(1),
        };
        Job::new(lane, limits, || (), tokio::sync::oneshot::channel().0)
    }

    fn fill(queues: &mut Queues, lane: Lane, count: usize) {
        for _ in 0..count {
            assert!(queues.push(job(lane), Rank::Operator).is_ok());
        }
    }

    /// Takes and finishes one job that costs so much CPU time.
    fn serve(queues: &mut Queues, threads: usize, cost: impl Fn(Lane) -> u64) -> Option<Lane> {
        let taken = queues.take(threads)?;
        let cpu = Duration::from_micros(cost(taken.job.lane));
        let bill = Bill {
            cpu,
            service: cpu,
            ..taken.bill()
        };
        queues.settle(&bill);
        Some(bill.lane)
    }

    #[test]
    fn lanes_share_cpu_time_by_weight_whatever_their_jobs_cost() {
        let mut queues = Queues::new(4);
        for lane in Lane::EACH {
            fill(&mut queues, lane, 3_000);
        }
        let cost = |lane| match lane {
            Lane::Page => 700,
            Lane::Heavy => 30_000,
            Lane::Background => 5_000,
        };
        let mut used = [0_u64; 3];
        for _ in 0..3_000 {
            let lane = serve(&mut queues, 4, cost).unwrap();
            used[lane as usize] += cost(lane);
        }
        let total: u64 = used.iter().sum();
        let weights: i64 = Lane::EACH.iter().map(|lane| lane.weight()).sum();
        for lane in Lane::EACH {
            #[expect(clippy::cast_precision_loss, reason = "small numbers")]
            let (share, fair) = (
                used[lane as usize] as f64 / total as f64,
                lane.weight() as f64 / weights as f64,
            );
            assert!(
                (share - fair).abs() < 0.05,
                "{lane:?}: {share:.3} for {fair:.3}"
            );
        }
    }

    #[test]
    fn a_lane_alone_gets_everything_and_owes_nothing_afterwards() {
        let mut queues = Queues::new(4);
        fill(&mut queues, Lane::Background, 500);
        for _ in 0..500 {
            assert_eq!(serve(&mut queues, 4, |_| 9_000), Some(Lane::Background));
        }
        fill(&mut queues, Lane::Background, 1);
        fill(&mut queues, Lane::Page, 1);
        assert_eq!(serve(&mut queues, 4, |_| 700), Some(Lane::Page));
        assert_eq!(serve(&mut queues, 4, |_| 700), Some(Lane::Background));
    }

    #[test]
    fn heavy_and_background_work_leave_a_thread_for_pages() {
        let mut queues = Queues::new(8);
        for lane in [Lane::Heavy, Lane::Background] {
            fill(&mut queues, lane, 10);
        }
        let running: Vec<Lane> = std::iter::from_fn(|| queues.take(4))
            .map(|taken| taken.job.lane)
            .collect();
        assert_eq!(running.len(), 3);
        assert!(running.contains(&Lane::Heavy));
        fill(&mut queues, Lane::Page, 1);
        assert!(
            queues
                .take(4)
                .is_some_and(|taken| taken.job.lane == Lane::Page)
        );
    }

    #[test]
    fn slow_background_work_leaves_a_thread_for_sign_ins() {
        let mut queues = Queues::new(8);
        fill(&mut queues, Lane::Background, 10);
        assert_eq!(std::iter::from_fn(|| queues.take(3)).count(), 1);
        fill(&mut queues, Lane::Heavy, 1);
        assert!(
            queues
                .take(3)
                .is_some_and(|taken| taken.job.lane == Lane::Heavy)
        );
    }

    #[test]
    fn heavy_work_is_bounded_by_its_own_number() {
        let mut queues = Queues::new(2);
        fill(&mut queues, Lane::Heavy, 10);
        assert_eq!(std::iter::from_fn(|| queues.take(16)).count(), 2);
    }

    #[test]
    fn what_was_let_in_is_neither_refused_half_way_nor_made_to_wait_behind_others() {
        let mut queues = Queues::new(2);
        // Each job takes a second, so that a visitor is let in only where hardly anybody waits.
        let service = Duration::from_secs(1);
        for _ in 0..20 {
            queues.lanes[Lane::Page as usize].codel.took(service);
        }
        let errand = Arc::new(crate::errand::Errand::new(7, Rank::Visitor));
        let part = || {
            let mut job = job(Lane::Page);
            job.errand = Some(Arc::clone(&errand));
            job
        };
        assert!(queues.push(part(), Rank::Visitor).is_ok());
        fill(&mut queues, Lane::Page, 3);
        assert!(queues.push(job(Lane::Page), Rank::Visitor).is_err());
        assert!(queues.take(3).is_some());
        assert!(queues.push(part(), Rank::Visitor).is_ok(), "half-way");
        let next = queues.take(3).unwrap();
        assert_eq!(next.job.errand.as_ref().map(|errand| errand.id), Some(7));
        let after = queues.take(3).unwrap();
        assert!(after.job.errand.is_none());
    }

    #[test]
    fn threads_that_have_nothing_to_do_yet_count_among_those_that_take_what_waits() {
        let mut queues = Queues::new(2);
        for _ in 0..100 {
            (queues.lanes[Lane::Page as usize].codel).took(Duration::from_millis(20));
        }
        fill(&mut queues, Lane::Page, 3);
        assert!(queues.refuses(Lane::Page, Rank::Visitor, Instant::now()));
        queues.idle = 3;
        assert!(queues.push(job(Lane::Page), Rank::Visitor).is_ok());
    }

    #[test]
    fn a_lane_is_never_longer_than_its_bound() {
        let mut queues = Queues::new(2);
        fill(&mut queues, Lane::Page, MOST);
        assert!(queues.push(job(Lane::Page), Rank::Operator).is_err());
        assert!(queues.push(job(Lane::Heavy), Rank::Visitor).is_ok());
    }
}
