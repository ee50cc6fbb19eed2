//! A worker thread as the others see it: what it runs since when, and what the kernel says of its time.

use std::fs;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicU8, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use rustix::process::Pid;
use rustix::thread::gettid;
use rustix::time::{ClockId, clock_gettime};

use crate::pool::Lane;
use crate::priority::Priority;

/// Says that a thread runs nothing.
const IDLE: u64 = 0;

/// One worker thread.
#[derive(Debug)]
pub(super) struct Slot {
    /// Its number among all that ever were.
    pub(super) number: usize,
    born: Instant,
    stat: PathBuf,
    /// Microseconds after its birth at which its job began, plus one; [`IDLE`] without one.
    since: AtomicU64,
    lane: AtomicU8,
    /// Number of the request, or 0.
    request: AtomicU64,
    /// Microseconds that its ended jobs took.
    busy: AtomicU64,
    given_up: AtomicBool,
}

/// What the kernel counts of a thread.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Usage {
    /// On a core.
    pub(super) cpu: Duration,
    /// Ready to run, while others had the cores.
    pub(super) delay: Duration,
}

/// What a thread runs.
#[derive(Debug, Clone, Copy)]
pub(super) struct Running {
    pub(super) lane: Lane,
    pub(super) time: Duration,
    pub(super) request: u64,
}

impl Slot {
    /// For the thread that calls this.
    pub(super) fn here(number: usize) -> Self {
        let thread = gettid();
        Priority::Workers.take();
        Self {
            number,
            born: Instant::now(),
            stat: stat(thread),
            since: AtomicU64::new(IDLE),
            lane: AtomicU8::new(0),
            request: AtomicU64::new(0),
            busy: AtomicU64::new(0),
            given_up: AtomicBool::new(false),
        }
    }

    /// It begins a job.
    pub(super) fn begin(&self, lane: Lane, request: u64) {
        self.lane.store(lane as u8, Ordering::Relaxed);
        self.request.store(request, Ordering::Relaxed);
        self.since.store(self.age() + 1, Ordering::Release);
    }

    /// How long it has had its job.
    pub(super) fn time(&self) -> Duration {
        let running = self.running();
        running.map_or(Duration::ZERO, |running| running.time)
    }

    /// It has no job any more.
    pub(super) fn end(&self) {
        let time = self.time();
        self.since.store(IDLE, Ordering::Release);
        let micros = u64::try_from(time.as_micros()).unwrap_or(u64::MAX);
        self.busy.fetch_add(micros, Ordering::Relaxed);
    }

    /// What it runs, and for how long.
    pub(super) fn running(&self) -> Option<Running> {
        let since = self.since.load(Ordering::Acquire);
        let lane = Lane::EACH.get(usize::from(self.lane.load(Ordering::Relaxed)))?;
        (since != IDLE).then(|| Running {
            lane: *lane,
            time: Duration::from_micros(self.age().saturating_sub(since - 1)),
            request: self.request.load(Ordering::Relaxed),
        })
    }

    /// Time that it has had jobs for.
    pub(super) fn busy(&self) -> Duration {
        let now = self.running().map(|running| running.time);
        Duration::from_micros(self.busy.load(Ordering::Relaxed)) + now.unwrap_or_default()
    }

    /// What the kernel says of its time; `None` where it does not.
    pub(super) fn usage(&self) -> Option<Usage> {
        parse(&fs::read_to_string(&self.stat).ok()?)
    }

    /// It is stuck and counts no more; whether this call says so first.
    pub(super) fn give_up(&self) -> bool {
        !self.given_up.swap(true, Ordering::AcqRel)
    }

    /// Whether it counts no more: it has to end when its job does.
    pub(super) fn is_given_up(&self) -> bool {
        self.given_up.load(Ordering::Acquire)
    }

    fn age(&self) -> u64 {
        u64::try_from(self.born.elapsed().as_micros()).unwrap_or(u64::MAX)
    }
}

/// CPU time of the thread that calls this.
pub(super) fn cpu() -> Duration {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    let seconds = u64::try_from(time.tv_sec).unwrap_or_default();
    Duration::new(seconds, u32::try_from(time.tv_nsec).unwrap_or_default())
}

/// proc(5): time on a core, time waiting for one, in nanoseconds, and how often it ran.
fn stat(thread: Pid) -> PathBuf {
    format!("/proc/self/task/{}/schedstat", thread.as_raw_nonzero()).into()
}

fn parse(text: &str) -> Option<Usage> {
    let mut words = text.split_ascii_whitespace().map(str::parse);
    let mut next = || Some(Duration::from_nanos(words.next()?.ok()?));
    Some(Usage {
        cpu: next()?,
        delay: next()?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_thread_tells_what_it_runs_and_how_long_it_was_busy() {
        let slot = Slot::here(0);
        assert!(slot.running().is_none());
        slot.begin(Lane::Heavy, 9);
        let running = slot.running().unwrap();
        assert_eq!((running.lane, running.request), (Lane::Heavy, 9));
        let before = slot.time();
        slot.end();
        assert!(slot.running().is_none());
        assert!(slot.busy() >= before && slot.time() == Duration::ZERO);
        assert!(slot.give_up() && !slot.give_up() && slot.is_given_up());
    }

    #[test]
    fn what_the_kernel_says_is_read_as_nanoseconds() {
        let usage = parse("127218637 12700866 196\n").unwrap();
        assert_eq!(usage.cpu, Duration::from_nanos(127_218_637));
        assert_eq!(usage.delay, Duration::from_nanos(12_700_866));
        assert_eq!(parse(""), None);
        assert_eq!(parse("1 x"), None);
    }

    #[test]
    fn computing_takes_cpu_time() {
        let begun = cpu();
        let mut hash = 7_u64;
        while cpu() == begun {
            hash = std::hint::black_box(hash.wrapping_mul(31));
        }
        assert!(cpu() > begun);
    }
}
