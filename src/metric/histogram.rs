//! Distributions of times (or sizes): what took how long how often, counted without a lock.
//!
//! Four buckets an octave from 1 µs to 67 s, so that a quantile read from them is at most a quarter above the true value.

use std::array;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// Buckets; the last one takes all that is larger.
const BUCKETS: usize = 104;

/// A distribution that is being counted.
#[derive(Debug)]
pub struct Histogram {
    buckets: [AtomicU64; BUCKETS],
    sum: AtomicU64,
}

/// What a distribution held at one time, or between two.
#[derive(Debug, Clone)]
pub struct Counts {
    buckets: [u64; BUCKETS],
    sum: u64,
}

impl Default for Histogram {
    fn default() -> Self {
        Self {
            buckets: array::from_fn(|_| AtomicU64::new(0)),
            sum: AtomicU64::new(0),
        }
    }
}

impl Default for Counts {
    fn default() -> Self {
        Self {
            buckets: [0; BUCKETS],
            sum: 0,
        }
    }
}

impl Histogram {
    /// Counts a time, in whole microseconds.
    pub fn record(&self, time: Duration) {
        self.count(u64::try_from(time.as_micros()).unwrap_or(u64::MAX));
    }

    /// Counts a number of whatever unit.
    pub fn count(&self, value: u64) {
        self.buckets[bucket(value)].fetch_add(1, Ordering::Relaxed);
        self.sum.fetch_add(value, Ordering::Relaxed);
    }

    /// What has been counted so far.
    #[must_use]
    pub fn counts(&self) -> Counts {
        Counts {
            buckets: array::from_fn(|at| self.buckets[at].load(Ordering::Relaxed)),
            sum: self.sum.load(Ordering::Relaxed),
        }
    }
}

impl Counts {
    /// What came since `earlier`, which is of the same histogram.
    #[must_use]
    pub fn since(&self, earlier: &Self) -> Self {
        Self {
            buckets: array::from_fn(|at| self.buckets[at].saturating_sub(earlier.buckets[at])),
            sum: self.sum.saturating_sub(earlier.sum),
        }
    }

    /// Both together.
    #[must_use]
    pub fn and(&self, other: &Self) -> Self {
        Self {
            buckets: array::from_fn(|at| self.buckets[at] + other.buckets[at]),
            sum: self.sum + other.sum,
        }
    }

    /// How many values.
    #[must_use]
    pub fn total(&self) -> u64 {
        self.buckets.iter().sum()
    }

    /// Their sum.
    #[must_use]
    pub const fn sum(&self) -> u64 {
        self.sum
    }

    /// How many values lie below `bound`, which has to be a power of two.
    #[must_use]
    pub fn below(&self, bound: u64) -> u64 {
        self.buckets[..bucket(bound)].iter().sum()
    }

    /// The value that a share `q` (0 to 1) of all lies at or below: the end of the bucket that holds it; `None` without any.
    #[must_use]
    pub fn quantile(&self, q: f64) -> Option<u64> {
        #[expect(
            clippy::cast_precision_loss,
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a rank among fewer than 2^52 values, from 0 up"
        )]
        let rank = ((self.total() as f64 * q).ceil() as u64).max(1);
        let mut seen = 0;
        self.buckets.iter().enumerate().find_map(|(at, count)| {
            seen += count;
            (*count > 0 && seen >= rank).then(|| end(at))
        })
    }
}

/// Where a value is counted.
fn bucket(value: u64) -> usize {
    if value < 4 {
        return usize::try_from(value).unwrap_or(0);
    }
    let octave = 63 - value.leading_zeros() as usize;
    let quarter = usize::try_from((value >> (octave - 2)) & 3).unwrap_or(0);
    ((octave - 1) * 4 + quarter).min(BUCKETS - 1)
}

/// The largest value that a bucket holds.
fn end(bucket: usize) -> u64 {
    let next = bucket + 1;
    if next <= 4 {
        return bucket as u64;
    }
    let (octave, quarter) = (next / 4 + 1, next as u64 % 4);
    ((4 + quarter) << (octave - 2)) - 1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_value_lies_in_the_bucket_that_ends_at_or_above_it() {
        for value in (0..4096).chain([5_000, 65_535, 65_536, 1_000_000, 60_000_000]) {
            let at = bucket(value);
            assert!(
                end(at) >= value,
                "{value} in a bucket that ends at {}",
                end(at)
            );
            assert!(
                at == 0 || end(at - 1) < value,
                "{value} belongs before {at}"
            );
        }
        assert_eq!(bucket(u64::MAX), BUCKETS - 1);
    }

    #[test]
    fn quantiles_are_at_most_a_quarter_too_high() {
        let histogram = Histogram::default();
        for value in 1..=10_000 {
            histogram.count(value);
        }
        let counts = histogram.counts();
        for (q, truth) in [(0.5, 5_000), (0.99, 9_900), (1.0, 10_000)] {
            let told = counts.quantile(q).unwrap();
            assert!((truth..=truth + truth / 4).contains(&told), "{q}: {told}");
        }
        assert_eq!(counts.total(), 10_000);
        assert_eq!(counts.below(4096), 4095);
        assert_eq!(Counts::default().quantile(0.5), None);
    }

    #[test]
    fn what_came_since_an_earlier_look_is_told_apart() {
        let histogram = Histogram::default();
        histogram.record(Duration::from_millis(1));
        let before = histogram.counts();
        histogram.record(Duration::from_millis(4));
        let since = histogram.counts().since(&before);
        assert_eq!((since.total(), since.sum()), (1, 4_000));
        assert_eq!(since.and(&before).sum(), 5_000);
    }
}
