//! How the site is: its phase, and when each part last passed a probe.
//!
//! Values only: the server probes, `web/health.rs` tells. Asking never waits for the parts that are asked about, so that a
//! stuck or overloaded site still says how it is.

use std::sync::atomic::{AtomicU8, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// Where the process stands between start and end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum Phase {
    /// Not all parts have passed a probe yet.
    Starting,
    /// It serves.
    Ready,
    /// It serves what comes, and ends soon: nothing new should be sent here.
    Draining,
}

/// A part that is probed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// The worker pool runs a job.
    Pool,
    /// A job reads the database.
    Database,
    /// The writer begins and ends a transaction.
    Writer,
}

impl Part {
    /// All of them.
    pub const EACH: [Self; 3] = [Self::Pool, Self::Database, Self::Writer];

    /// Its name for machines.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Pool => "pool",
            Self::Database => "database",
            Self::Writer => "writer",
        }
    }
}

/// How often the parts are probed, and how long a part may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pace {
    /// Time from one probe's end to the next one.
    pub every: Duration,
    /// A part that has passed none for so long makes the site not ready.
    pub late: Duration,
    /// A part that has passed none for so long is stuck.
    pub stuck: Duration,
}

impl Default for Pace {
    fn default() -> Self {
        Self {
            every: Duration::from_secs(1),
            late: Duration::from_secs(4),
            stuck: Duration::from_secs(15),
        }
    }
}

impl Pace {
    /// The pace that suits a service manager that expects a sign within this time: stuck at half of it.
    #[must_use]
    pub fn within(watchdog: Duration) -> Self {
        let usual = Self::default();
        Self {
            every: usual.every.min(watchdog / 8),
            late: usual.late.min(watchdog / 3),
            stuck: watchdog / 2,
        }
    }
}

/// How a part is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// It passed its last probe, at this time.
    Passed(Instant),
    /// It has failed its probes since.
    Failing(Instant),
    /// Its probe has not come back, since.
    Late(Instant),
}

#[derive(Debug, Clone, Copy)]
struct Mark {
    passed: Instant,
    failing: Option<Instant>,
    ever: bool,
}

/// How the site is.
#[derive(Debug)]
pub struct Health {
    phase: AtomicU8,
    pace: Pace,
    seen: Mutex<Seen>,
}

#[derive(Debug)]
struct Seen {
    since: Instant,
    marks: [Mark; Part::EACH.len()],
}

impl Health {
    /// Of a site that starts now.
    #[must_use]
    pub fn new(pace: Pace) -> Self {
        let now = Instant::now();
        let mark = Mark {
            passed: now,
            failing: None,
            ever: false,
        };
        Self {
            phase: AtomicU8::new(Phase::Starting as u8),
            pace,
            seen: Mutex::new(Seen {
                since: now,
                marks: [mark; Part::EACH.len()],
            }),
        }
    }

    /// The phase and since when.
    #[must_use]
    pub fn phase(&self) -> (Phase, Instant) {
        let seen = self.seen();
        let phase = match self.phase.load(Ordering::Relaxed) {
            0 => Phase::Starting,
            1 => Phase::Ready,
            _ => Phase::Draining,
        };
        (phase, seen.since)
    }

    /// Whether the site ends. One relaxed load, since every answer asks it.
    #[must_use]
    pub fn is_draining(&self) -> bool {
        self.phase.load(Ordering::Relaxed) == Phase::Draining as u8
    }

    /// Whether the site serves and goes on doing so.
    #[must_use]
    pub fn is_ready(&self) -> bool {
        self.phase.load(Ordering::Relaxed) == Phase::Ready as u8
    }

    /// Starting ends once all parts have passed a probe; `true` when that is now.
    pub fn begin_serving(&self) -> bool {
        let all = self.seen().marks.iter().all(|mark| mark.ever);
        all && self.enter(Phase::Starting, Phase::Ready)
    }

    /// The site ends from now on.
    pub fn begin_draining(&self) {
        if !self.enter(Phase::Ready, Phase::Draining) {
            self.enter(Phase::Starting, Phase::Draining);
        }
    }

    fn enter(&self, from: Phase, to: Phase) -> bool {
        let mut seen = self.seen();
        if self.phase.load(Ordering::Relaxed) != from as u8 {
            return false;
        }
        seen.since = Instant::now();
        self.phase.store(to as u8, Ordering::Relaxed);
        true
    }

    /// A part has passed a probe; `true` when it had failed before.
    pub fn pass(&self, part: Part) -> bool {
        let mark = &mut self.seen().marks[part as usize];
        mark.passed = Instant::now();
        mark.ever = true;
        mark.failing.take().is_some()
    }

    /// A part has failed a probe; `true` when it passed the one before.
    pub fn fail(&self, part: Part) -> bool {
        let mark = &mut self.seen().marks[part as usize];
        let is_new = mark.failing.is_none();
        mark.failing.get_or_insert_with(Instant::now);
        is_new
    }

    /// How a part is.
    #[must_use]
    pub fn state(&self, part: Part) -> State {
        let mark = self.seen().marks[part as usize];
        match mark.failing {
            Some(since) => State::Failing(since),
            None if mark.passed.elapsed() > self.pace.late => State::Late(mark.passed),
            None => State::Passed(mark.passed),
        }
    }

    /// Whether these parts have all passed a probe in time. A part that fails at once, as one does that is asked while
    /// the disk is full, gets the same time.
    #[must_use]
    pub fn are_alive(&self, parts: &[Part]) -> bool {
        let marks = self.seen().marks;
        parts
            .iter()
            .all(|part| marks[*part as usize].passed.elapsed() <= self.pace.stuck)
    }

    /// How often the parts are probed.
    #[must_use]
    pub const fn pace(&self) -> Pace {
        self.pace
    }

    fn seen(&self) -> MutexGuard<'_, Seen> {
        // Nothing that could panic runs under the lock.
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pace(stuck: Duration) -> Pace {
        Pace {
            every: Duration::ZERO,
            late: stuck,
            stuck,
        }
    }

    #[test]
    fn it_serves_once_every_part_has_passed_and_never_again_after_draining() {
        let health = Health::new(Pace::default());
        assert!(!health.begin_serving());
        for part in Part::EACH {
            assert!(!health.begin_serving(), "{part:?} has not passed");
            assert!(!health.pass(part));
        }
        assert!(health.begin_serving());
        assert_eq!(health.phase().0, Phase::Ready);
        health.begin_draining();
        assert!(health.is_draining() && !health.begin_serving());
        assert_eq!(health.phase().0, Phase::Draining);
    }

    #[test]
    fn a_failure_is_new_once_and_over_once() {
        let health = Health::new(Pace::default());
        assert!(health.fail(Part::Writer));
        assert!(!health.fail(Part::Writer));
        assert!(matches!(health.state(Part::Writer), State::Failing(_)));
        assert!(health.pass(Part::Writer));
        assert!(!health.pass(Part::Writer));
        assert!(matches!(health.state(Part::Writer), State::Passed(_)));
    }

    #[test]
    fn a_part_is_stuck_once_its_time_is_over() {
        let health = Health::new(pace(Duration::ZERO));
        while health.are_alive(&[Part::Pool]) {
            std::hint::spin_loop();
        }
        assert!(matches!(health.state(Part::Pool), State::Late(_)));
        let health = Health::new(pace(Duration::from_hours(1)));
        health.fail(Part::Pool);
        assert!(health.are_alive(&Part::EACH), "a failure gets its time");
    }

    #[test]
    fn a_watchdog_sets_the_pace() {
        let pace = Pace::within(Duration::from_secs(2));
        assert_eq!(pace.every, Duration::from_millis(250));
        assert_eq!(pace.stuck, Duration::from_secs(1));
        assert_eq!(
            Pace::within(Duration::from_secs(30)).every,
            Duration::from_secs(1)
        );
    }
}
