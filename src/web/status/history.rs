//! The last 15 minutes in samples, one a second: a fixed number of them, so it takes the same memory for ever.

use std::collections::VecDeque;

use crate::html::chart::POINTS;
use crate::web::status::sample::Sample;

/// Samples of one point of a chart.
pub(super) const FOLD: usize = 5;
/// Samples that are kept: 15 minutes.
const KEPT: usize = POINTS * FOLD;

/// What a point shows of its samples.
#[derive(Debug, Clone, Copy)]
pub(super) enum Fold {
    Mean,
    Most,
    Last,
}

/// The samples.
pub(super) struct History {
    samples: VecDeque<Sample>,
    /// How many there ever were.
    count: usize,
}

impl History {
    pub(super) fn new() -> Self {
        Self {
            samples: VecDeque::with_capacity(KEPT),
            count: 0,
        }
    }

    pub(super) fn push(&mut self, sample: Sample) {
        if self.samples.len() == KEPT {
            self.samples.pop_front();
        }
        self.samples.push_back(sample);
        self.count += 1;
    }

    /// Whether the newest sample completes a point.
    pub(super) const fn is_point(&self) -> bool {
        self.count.is_multiple_of(FOLD)
    }

    pub(super) fn last(&self) -> Option<&Sample> {
        self.samples.back()
    }

    /// The newest point, whether complete or not: steadier than a second, and never older than five.
    pub(super) fn now(&self, fold: Fold, of: impl Fn(&Sample) -> f32) -> Option<f32> {
        let mut values: Vec<f32> = self.newest(FOLD).map(of).collect();
        values.reverse();
        Some(point(fold, &values)).filter(|value| !value.is_nan())
    }

    /// The newest samples, at most so many.
    pub(super) fn newest(&self, most: usize) -> impl Iterator<Item = &Sample> {
        self.samples.iter().rev().take(most)
    }

    /// A line over all complete points, and over the first one before it is.
    pub(super) fn line(&self, fold: Fold, of: impl Fn(&Sample) -> f32) -> Vec<f32> {
        // A point keeps its samples while it moves on: they are counted from the first one ever.
        let gone = self.count - self.samples.len();
        let skip = (FOLD - gone % FOLD) % FOLD;
        let values: Vec<f32> = self.samples.iter().skip(skip).map(of).collect();
        let whole = values.chunks_exact(FOLD);
        if whole.len() == 0 && !values.is_empty() {
            return vec![point(fold, &values)];
        }
        whole.map(|samples| point(fold, samples)).collect()
    }
}

fn point(fold: Fold, samples: &[f32]) -> f32 {
    let mut values = samples.iter().copied().filter(|value| !value.is_nan());
    let folded = match fold {
        Fold::Mean => {
            #[expect(clippy::cast_precision_loss, reason = "at most five")]
            let count = values.clone().count() as f32;
            Some(values.sum::<f32>() / count)
        }
        Fold::Most => values.reduce(f32::max),
        Fold::Last => values.next_back(),
    };
    folded.unwrap_or(f32::NAN)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn history(samples: u16) -> History {
        let mut history = History::new();
        for n in 0..samples {
            history.push(Sample {
                kept: f32::from(n),
                ..Sample::NOTHING
            });
        }
        history
    }

    #[test]
    fn there_is_a_first_point_at_once_and_then_one_for_each_five_samples() {
        assert!(history(0).line(Fold::Mean, |s| s.kept).is_empty());
        assert_eq!(history(2).line(Fold::Last, |s| s.kept), [1.0]);
        assert_eq!(history(9).line(Fold::Mean, |s| s.kept), [2.0]);
        assert_eq!(history(10).line(Fold::Most, |s| s.kept), [4.0, 9.0]);
    }

    #[test]
    fn points_keep_their_samples_when_old_ones_go_and_there_are_never_more() {
        let before = history(3000).line(Fold::Mean, |s| s.kept);
        let after = history(3003).line(Fold::Mean, |s| s.kept);
        assert_eq!((before.len(), after.len()), (POINTS, POINTS - 1));
        assert_eq!(before[1..], after[..]);
        assert_eq!(history(3005).line(Fold::Last, |s| s.kept).len(), POINTS);
    }

    #[test]
    fn what_there_was_none_of_is_a_gap() {
        assert!(history(10).line(Fold::Most, |s| s.p99)[1].is_nan());
        assert!(history(10).line(Fold::Mean, |s| s.hits)[0].is_nan());
    }
}
