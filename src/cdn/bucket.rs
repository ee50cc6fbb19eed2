//! The token bucket that the API counts our calls with, kept on our side too.

use std::time::{Duration, Instant};

use crate::config::cdn::Plan;

/// Calls that may be made now, and how fast more come.
pub(super) struct Bucket {
    /// Most that can be saved up.
    size: f64,
    per_second: f64,
    saved: f64,
    /// When `saved` was right.
    at: Instant,
}

impl Bucket {
    /// A full bucket.
    pub(super) fn new(plan: Plan, now: Instant) -> Self {
        let (size, per_second) = match plan {
            Plan::Free => (25.0, 5.0 / 60.0),
            Plan::Pro => (25.0, 5.0),
            Plan::Business => (50.0, 10.0),
            Plan::Enterprise => (500.0, 50.0),
        };
        Self {
            size,
            per_second,
            saved: size,
            at: now,
        }
    }

    /// When the next call may be made; `now` when at once.
    pub(super) fn next(&mut self, now: Instant) -> Instant {
        let passed = now.saturating_duration_since(self.at).as_secs_f64();
        self.saved = (self.saved + passed * self.per_second).min(self.size);
        self.at = now;
        let missing = (1.0 - self.saved).max(0.0);
        now + Duration::from_secs_f64(missing / self.per_second)
    }

    /// Counts a call.
    pub(super) fn take(&mut self) {
        self.saved -= 1.0;
    }

    /// The API has counted more than we did, as others use the account, too: the next call after this time, and from
    /// then on at the plan's rate.
    pub(super) fn hold(&mut self, now: Instant, wait: Duration) {
        self.saved = 1.0 - wait.as_secs_f64() * self.per_second;
        self.at = now;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Calls within this time, each as early as it may be.
    fn calls(plan: Plan, seconds: u64) -> usize {
        let start = Instant::now();
        let mut bucket = Bucket::new(plan, start);
        let mut now = start;
        let mut count = 0;
        loop {
            now = bucket.next(now);
            if now > start + Duration::from_secs(seconds) {
                return count;
            }
            bucket.take();
            count += 1;
        }
    }

    #[test]
    fn calls_keep_to_what_the_plan_allows() {
        assert_eq!(calls(Plan::Free, 0), 25);
        assert!((29..=30).contains(&calls(Plan::Free, 61)));
        assert!((74..=75).contains(&calls(Plan::Pro, 10)));
        assert!((149..=150).contains(&calls(Plan::Business, 10)));
        assert!((999..=1000).contains(&calls(Plan::Enterprise, 10)));
    }

    #[test]
    fn a_held_bucket_gives_one_call_after_the_wait() {
        let start = Instant::now();
        let mut bucket = Bucket::new(Plan::Free, start);
        let day = start + Duration::from_hours(24);
        assert_eq!(bucket.next(day), day);
        let minute = Duration::from_mins(1);
        bucket.hold(day, minute);
        let next = bucket.next(day);
        assert!((59.9..60.1).contains(&(next - day).as_secs_f64()));
        bucket.take();
        let wait = bucket.next(day + minute) - day;
        assert!((71.9..72.1).contains(&wait.as_secs_f64()), "{wait:?}");
    }
}
