//! Where a row stands on an [`Axis`](crate::cache::Axis): what lists are sorted by, as keys of 28 bits.
//!
//! Each map keeps the order, and sends what lies outside to the nearest end; equal values always meet. A key stands for
//! 4 seconds of a time, or as much hotness.

use crate::cache::axis::LAST;

/// The first second that has a key of its own: 2005-01-01; the last one lies in 2039.
const FIRST_S: i64 = 1_104_537_600;
/// Seconds of one key.
const STEP_S: i64 = 4;
/// Seconds of one unit of hotness, as in `domain::rank`.
const HOT_S: f64 = 79_200.0;
/// The key of no points.
const NO_POINTS: i64 = 1 << 20;

/// Of a time in milliseconds.
pub(super) fn time(ms: i64) -> u32 {
    clamp((ms.div_euclid(1000) - FIRST_S).div_euclid(STEP_S))
}

/// Of points.
pub(super) fn score(points: i64) -> u32 {
    clamp(points.saturating_add(NO_POINTS))
}

/// Of hotness: smaller is hotter, and later; without points it is the time, negative.
pub(super) fn hot(hot: f64) -> u32 {
    let steps = whole((hot * HOT_S).div_euclid(4.0));
    clamp(steps.saturating_add(FIRST_S / STEP_S + i64::from(LAST)))
}

/// A time or points from a place in a list, where all values are floating.
#[expect(
    clippy::cast_possible_truncation,
    reason = "what is beyond every number counts as the last"
)]
pub(super) fn whole(value: f64) -> i64 {
    value.floor() as i64
}

fn clamp(key: i64) -> u32 {
    u32::try_from(key.clamp(0, i64::from(LAST))).expect("clamped to 28 bits")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::rank;
    use crate::time::Timestamp;

    const NOW_MS: i64 = 1_795_472_177_000;

    #[test]
    fn today_lies_well_within_and_keys_are_fine() {
        let now = time(NOW_MS);
        assert!((1..LAST).contains(&now));
        assert_eq!(time(NOW_MS + 4000), now + 1);
        assert!(time(NOW_MS) < LAST / 3 * 2);
        let hotness = rank::hot(5, 3, 0.25, Timestamp::from_ms(NOW_MS));
        assert!((1..LAST).contains(&hot(hotness)));
        assert_eq!(hot(hotness + 8.0 / HOT_S), hot(hotness) + 2);
        assert!(score(-3) < score(0) && score(0) < score(1));
    }

    #[test]
    fn order_is_kept_and_the_ends_are_the_ends() {
        let times = [i64::MIN, 0, NOW_MS, NOW_MS + 9000, i64::MAX];
        assert!(times.is_sorted_by_key(|ms| time(*ms)));
        assert_eq!((time(i64::MIN), time(i64::MAX)), (0, LAST));
        let hots = [f64::MIN, -22_670.5, -22_670.4, 0.0, f64::MAX];
        assert!(hots.is_sorted_by_key(|value| hot(*value)));
        assert_eq!((hot(f64::MIN), hot(f64::MAX)), (0, LAST));
        assert_eq!((score(i64::MIN), score(i64::MAX)), (0, LAST));
        assert_eq!((whole(1e300), whole(-1e300)), (i64::MAX, i64::MIN));
    }
}
