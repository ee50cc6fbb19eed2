//! How many threads there should be.
//!
//! The rule: `cores × (1 + W / C)`, where *C* is the CPU time that jobs used and *W* the time that they were blocked (on the
//! disk, on another server): then as many threads want to run as there are cores (Goetz, "Java Concurrency in Practice",
//! 2006, section 8.2, for a utilisation of 1). *W* is what is left of the jobs' time without their CPU time and without the
//! time that they were ready to run while others had the cores; the kernel counts both for each thread (`schedstat`). So
//! threads that only contend make the number no larger.
//!
//! Both are smoothed over about a second. A thread is added at once when work waits (`WAITS`) and the rule allows one more;
//! one ends when for `CALM` in a row the rule asked for at least two fewer, or no more than half of them were busy. Up by
//! what waits and down by what is left over, with a gap between: it comes to rest.

use std::time::{Duration, Instant};

/// Time between two decisions.
pub(super) const TICK: Duration = Duration::from_millis(50);
/// From which wait on work is said to wait.
const WAITS: Duration = Duration::from_millis(2);
/// How long there have to be too many threads before one ends.
const CALM: Duration = Duration::from_secs(2);
/// Weight of the newest tick in the means: one in so many.
const SMOOTH: f64 = 20.0;

/// What a tick has measured, over all threads.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Measured {
    /// Time since the last one.
    pub(super) wall: Duration,
    /// Time that threads had jobs for.
    pub(super) busy: Duration,
    /// CPU time, and time ready to run without a core; `None` where the kernel does not say.
    pub(super) cpu_and_delay: Option<(Duration, Duration)>,
    /// How long the work that has waited longest has waited.
    pub(super) waited: Duration,
}

/// The controller.
#[derive(Debug)]
pub(super) struct Balance {
    cores: f64,
    least: usize,
    most: usize,
    /// Mean cores that jobs used, mean threads that were blocked, mean threads that had a job.
    used: f64,
    blocked: f64,
    busy: f64,
    /// Since when there are too many threads.
    many: Option<Instant>,
}

impl Balance {
    /// For this many cores and threads.
    pub(super) fn new(cores: usize, least: usize, most: usize) -> Self {
        #[expect(clippy::cast_precision_loss, reason = "nobody has 2^52 cores")]
        let cores = cores.max(1) as f64;
        Self {
            cores,
            least,
            most: most.max(least),
            used: 0.0,
            blocked: 0.0,
            busy: 0.0,
            many: None,
        }
    }

    /// How many threads there should be from now on.
    pub(super) fn decide(&mut self, threads: usize, measured: &Measured, now: Instant) -> usize {
        self.learn(measured);
        let wanted = self.wanted();
        if threads < self.least {
            return self.least;
        }
        if measured.waited >= WAITS && threads < wanted {
            self.many = None;
            return threads + 1;
        }
        #[expect(clippy::cast_precision_loss, reason = "nobody has 2^52 threads")]
        let half_idle = self.busy < threads as f64 / 2.0 && measured.waited < WAITS;
        if threads == self.least || (wanted + 2 > threads && !half_idle) {
            self.many = None;
            return threads;
        }
        let since = *self.many.get_or_insert(now);
        if now.saturating_duration_since(since) < CALM {
            return threads;
        }
        self.many = None;
        threads - 1
    }

    fn learn(&mut self, measured: &Measured) {
        let wall = measured.wall.as_secs_f64();
        if wall <= 0.0 {
            return;
        }
        let share = |time: Duration| time.as_secs_f64() / wall;
        let toward = |mean: &mut f64, value: f64| *mean += (value - *mean) / SMOOTH;
        toward(&mut self.busy, share(measured.busy));
        // Where the kernel does not say, half of the time counts as blocked: twice as many threads as cores.
        let half = measured.busy / 2;
        let (cpu, delay) = measured.cpu_and_delay.unwrap_or((half, Duration::ZERO));
        toward(&mut self.used, share(cpu));
        toward(
            &mut self.blocked,
            share(measured.busy.saturating_sub(cpu + delay)),
        );
    }

    /// What the rule asks for.
    fn wanted(&self) -> usize {
        // A hundredth of a core, so that work that only waits does not divide by nothing.
        let wanted = self.cores * (1.0 + self.blocked / self.used.max(0.01));
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "positive, and cut to the bounds"
        )]
        let wanted = wanted.round().min(1e6) as usize;
        wanted.clamp(self.least, self.most)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Threads over time, of work that uses `cpu` of each of its threads' time and is ready in vain for `delay` of it.
    fn run(
        balance: &mut Balance,
        threads: usize,
        seconds: u32,
        load: impl Fn(usize) -> Measured,
    ) -> Vec<usize> {
        let mut now = Instant::now();
        let mut course = vec![threads];
        for _ in 0..seconds * 20 {
            now += TICK;
            let threads = course[course.len() - 1];
            course.push(balance.decide(threads, &load(threads), now));
        }
        course
    }

    fn measured(threads: usize, cpu: f64, delay: f64, waited: Duration) -> Measured {
        #[expect(clippy::cast_precision_loss, reason = "small numbers")]
        let busy = TICK.mul_f64(threads as f64);
        Measured {
            wall: TICK,
            busy,
            cpu_and_delay: Some((busy.mul_f64(cpu), busy.mul_f64(delay))),
            waited,
        }
    }

    const WAITING: Duration = Duration::from_millis(20);

    /// Work that computes only: on two cores, more than two threads wait for them.
    fn computing(threads: usize) -> Measured {
        #[expect(clippy::cast_precision_loss, reason = "small numbers")]
        let share = (2.0 / threads as f64).min(1.0);
        measured(threads, share, 1.0 - share, WAITING)
    }

    #[test]
    fn threads_that_only_contend_are_not_joined_by_more() {
        let mut balance = Balance::new(2, 3, 16);
        assert!(run(&mut balance, 3, 10, computing).iter().all(|n| *n == 3));
    }

    #[test]
    fn blocked_work_gets_threads_until_the_cores_are_busy_and_then_rests() {
        let mut balance = Balance::new(2, 3, 16);
        // A quarter computing, the rest on the disk: two cores take eight threads.
        let blocked = |threads| measured(threads, 0.25, 0.0, WAITING);
        let course = run(&mut balance, 3, 20, blocked);
        assert_eq!(course[course.len() - 1], 8, "{course:?}");
        let settled = &course[course.len() / 2..];
        assert!(settled.iter().all(|n| *n == 8), "{settled:?}");
    }

    #[test]
    fn threads_end_one_by_one_when_the_work_computes_again() {
        let mut balance = Balance::new(2, 3, 16);
        let course = run(&mut balance, 12, 60, computing);
        assert!(course.windows(2).all(|pair| pair[0] - pair[1] <= 1));
        assert!(course[course.len() - 1] <= 4, "{course:?}");
    }

    #[test]
    fn idle_threads_end_down_to_the_least() {
        let mut balance = Balance::new(2, 3, 16);
        let idle = |_| measured(0, 0.0, 0.0, Duration::ZERO);
        let course = run(&mut balance, 9, 60, idle);
        assert_eq!(course[course.len() - 1], 3);
    }

    #[test]
    fn work_that_only_waits_gets_as_many_threads_as_there_may_be() {
        let mut balance = Balance::new(2, 3, 16);
        let waiting = |threads| measured(threads, 0.0, 0.0, WAITING);
        let course = run(&mut balance, 3, 5, waiting);
        assert_eq!(course[course.len() - 1], 16);
    }

    #[test]
    fn without_waiting_work_nothing_grows() {
        let mut balance = Balance::new(2, 3, 16);
        let quiet = |threads| measured(threads, 0.1, 0.0, Duration::ZERO);
        assert!(run(&mut balance, 3, 10, quiet).iter().all(|n| *n == 3));
    }

    #[test]
    fn where_the_kernel_does_not_count_there_are_at_most_twice_as_many_threads_as_cores() {
        let mut balance = Balance::new(4, 3, 64);
        let unknown = |threads| Measured {
            cpu_and_delay: None,
            ..measured(threads, 0.0, 0.0, WAITING)
        };
        let course = run(&mut balance, 3, 20, unknown);
        assert_eq!(course[course.len() - 1], 8);
    }
}
