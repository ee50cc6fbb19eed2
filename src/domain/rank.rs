//! Ranking formulas: stored hotness of stories, confidence of comments. Pure numbers in, numbers out.
//!
//! Both are those of Lobsters (<https://github.com/lobsters/lobsters>, `models/story.rb` and `models/comment.rb`).

use crate::time::Timestamp;

/// Seconds by which a story must be newer to outweigh ten times the points.
const WINDOW_S: f64 = 79_200.0;
/// z of the Wilson interval: 80 % two-sided.
const Z: f64 = 1.281_551_565_545;

/// Hotness of a story: smaller is hotter, and it never changes by time alone.
///
/// `score` is points less flags, `comment_points` the sum of (score + 1) over comments that are not by the submitter,
/// `base` the sum of the tags' modifiers.
#[must_use]
pub fn hot(score: i64, comment_points: i64, base: f64, created: Timestamp) -> f64 {
    let score_f = to_f64(score);
    let from_comments = if base < 0.0 {
        0.0
    } else {
        0.5 * to_f64(comment_points)
    };
    let from_comments = from_comments.clamp(0.0, score_f.max(0.0));
    let order = ((score_f + 1.0).abs() + from_comments).max(1.0).log10();
    let sign = to_f64(score.signum());
    let hot = -(order * sign + base + to_f64(created.seconds()) / WINDOW_S);
    (hot * 1e7).round() / 1e7
}

/// Lower bound of the Wilson interval of "this comment is good", 0 to 1 (Wilson 1927; Evan Miller, "How Not To Sort By
/// Average Rating").
#[must_use]
pub fn confidence(score: i64, flags: i64) -> f64 {
    let ups = to_f64(score.max(0));
    let downs = to_f64(flags.max(0));
    let n = ups + downs;
    if n == 0.0 {
        return 0.0;
    }
    let p = ups / n;
    let spread = Z * (p * (1.0 - p) / n + Z * Z / (4.0 * n * n)).sqrt();
    ((p + Z * Z / (2.0 * n) - spread) / (1.0 + Z * Z / n)).clamp(0.0, 1.0)
}

#[expect(
    clippy::cast_precision_loss,
    reason = "points and seconds stay far below 2^52"
)]
fn to_f64(number: i64) -> f64 {
    number as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOON: Timestamp = Timestamp::from_ms(1_600_000_000_000);

    #[test]
    fn ten_times_the_points_outweigh_twenty_two_hours() {
        let later = NOON.plus(std::time::Duration::from_hours(22));
        assert!((hot(99, 0, 0.0, NOON) - hot(9, 0, 0.0, later)).abs() < 1e-6);
    }

    #[test]
    fn comments_help_at_most_as_much_as_points() {
        assert!(hot(10, 10, 0.0, NOON) < hot(10, 0, 0.0, NOON));
        assert!((hot(10, 1000, 0.0, NOON) - hot(10, 20, 0.0, NOON)).abs() < 1e-9);
        assert!((hot(10, 1000, -1.0, NOON) - hot(10, 0, -1.0, NOON)).abs() < 1e-9);
    }

    #[test]
    fn flagged_below_zero_sinks_under_everything_of_its_time() {
        assert!(hot(-5, 0, 0.0, NOON) > hot(0, 0, 0.0, NOON));
    }

    #[test]
    fn more_votes_at_the_same_rate_mean_more_confidence() {
        assert!(confidence(100, 0) > confidence(1, 0));
        assert!(confidence(10, 0) > confidence(10, 5));
        assert!(confidence(0, 3) < 1e-9);
        assert!(confidence(0, 0) < 1e-9);
    }
}
