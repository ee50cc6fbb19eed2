//! Points in time and the clock that tells them.
//!
//! A [`Timestamp`] is UTC milliseconds since 1970 everywhere: in Rust, in SQL and on the wire.
//! `now` is read once a request and handed down; nothing below `app` reads a clock of its own.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

/// Milliseconds of one day.
pub const DAY_MS: i64 = 86_400_000;

/// A point in time: UTC milliseconds since 1970-01-01.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(i64);

impl Timestamp {
    /// From milliseconds since 1970.
    #[must_use]
    pub const fn from_ms(ms: i64) -> Self {
        Self(ms)
    }

    /// Milliseconds since 1970.
    #[must_use]
    pub const fn ms(self) -> i64 {
        self.0
    }

    /// Whole seconds since 1970.
    #[must_use]
    pub const fn seconds(self) -> i64 {
        self.0.div_euclid(1000)
    }

    /// Days since 1970, UTC: the bucket of `/top/day`.
    #[must_use]
    pub const fn day(self) -> i64 {
        self.0.div_euclid(DAY_MS)
    }

    /// When the next UTC day begins.
    #[must_use]
    pub const fn midnight(self) -> Self {
        Self((self.day() + 1) * DAY_MS)
    }

    /// Months since 1970, UTC (1970-01 is 0): the bucket of `/top/year`.
    #[must_use]
    pub fn month(self) -> i64 {
        let date = self.civil().date();
        (i64::from(date.year()) - 1970) * 12 + i64::from(date.month()) - 1
    }

    /// The beginning of a day, UTC, written as `2026-11-23`.
    #[must_use]
    pub fn parse_date(text: &str) -> Option<Self> {
        let date: jiff::civil::Date = text.parse().ok().filter(|_| text.len() == 10)?;
        let start = jiff::tz::Offset::UTC
            .to_timestamp(date.at(0, 0, 0, 0))
            .ok()?;
        Some(Self(start.as_millisecond()))
    }

    /// This much later.
    #[must_use]
    pub fn plus(self, duration: Duration) -> Self {
        Self(
            self.0
                .saturating_add(i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)),
        )
    }

    /// This much earlier.
    #[must_use]
    pub fn minus(self, duration: Duration) -> Self {
        Self(
            self.0
                .saturating_sub(i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)),
        )
    }

    /// Time since `earlier`; zero when that lies ahead.
    #[must_use]
    pub fn since(self, earlier: Self) -> Duration {
        Duration::from_millis(u64::try_from(self.0.saturating_sub(earlier.0)).unwrap_or(0))
    }

    /// `2026-11-23T22:16:17Z` (RFC 3339), for machines.
    #[must_use]
    pub fn rfc3339(self) -> String {
        self.civil().strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
    }

    /// `Mon, 23 Nov 2026 22:16:17 GMT`, as HTTP and RSS write it.
    #[must_use]
    pub fn http_date(self) -> String {
        self.civil()
            .strftime("%a, %d %b %Y %H:%M:%S GMT")
            .to_string()
    }

    /// `23 Nov 2026, 22:16 UTC`, for people; a script may make it relative.
    #[must_use]
    pub fn human(self) -> String {
        self.civil().strftime("%-d %b %Y, %H:%M UTC").to_string()
    }

    /// `23 Nov 2026`, for people.
    #[must_use]
    pub fn human_date(self) -> String {
        self.civil().strftime("%-d %b %Y").to_string()
    }

    fn civil(self) -> jiff::civil::DateTime {
        let time = jiff::Timestamp::from_millisecond(self.0).unwrap_or(jiff::Timestamp::UNIX_EPOCH);
        jiff::tz::Offset::UTC.to_datetime(time)
    }
}

/// Where `now` comes from: the system, or a test's hand.
#[derive(Debug, Clone)]
pub enum Clock {
    /// The machine's wall clock.
    System,
    /// A clock that a test sets, in milliseconds since 1970.
    Manual(Arc<AtomicI64>),
}

impl Clock {
    /// The time now.
    ///
    /// # Panics
    /// Never: a clock before 1970 reads as 1970.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        match self {
            Self::Manual(ms) => Timestamp(ms.load(Ordering::Relaxed)),
            Self::System => {
                let since = std::time::SystemTime::now()
                    .duration_since(std::time::UNIX_EPOCH)
                    .unwrap_or_default();
                Timestamp(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn buckets_and_formats_are_utc() {
        let time = Timestamp::from_ms(1_795_472_177_000);
        assert_eq!(time.rfc3339(), "2026-11-23T22:16:17Z");
        assert_eq!(time.http_date(), "Mon, 23 Nov 2026 22:16:17 GMT");
        assert_eq!(time.human(), "23 Nov 2026, 22:16 UTC");
        assert_eq!(time.month(), 56 * 12 + 10);
        assert_eq!(time.day(), 1_795_472_177_000 / DAY_MS);
    }

    #[test]
    fn times_before_1970_fall_into_earlier_buckets() {
        assert_eq!(Timestamp::from_ms(-1).day(), -1);
        assert_eq!(Timestamp::from_ms(-1).month(), -1);
    }
}
