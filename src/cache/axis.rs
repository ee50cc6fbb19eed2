//! Stamps for stretches of an ordered list.
//!
//! A page shows the rows whose keys lie between two of a list's keys; a write adds, changes or takes away the row at one
//! key. The page is to be made anew if and only if the key lies in its stretch. An [`Axis`] is a tree over all keys, 16
//! branches to a node: the write names the nodes above its key (one on each of 7 levels), the page rests on the few
//! largest nodes that make up its stretch, and the two have exactly one node in common or none.

use std::fmt::Display;

use super::stamp::{Stamp, group, hash, mix};

/// Bits of a key.
pub const BITS: u32 = 28;
/// The largest key.
pub const LAST: u32 = (1 << BITS) - 1;
/// Bits that a level takes off a key.
const STEP: u32 = 4;
/// Levels of nodes; above them is only the root.
const LEVELS: u32 = BITS / STEP;
/// Stands for the whole axis in place of a level.
const ROOT: u32 = LEVELS;
/// Stands for departures from one key in place of a level.
const GONE: u32 = LEVELS + 1;

/// An ordered list, as far as stamps know it. Keys are numbers up to [`LAST`]; greater ones count as that.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Axis {
    seed: u64,
    group: u16,
}

impl Axis {
    /// The axis of one list of a kind, such as `("newest", "")` or `("tag", "css")`.
    #[must_use]
    pub fn new(kind: &str, name: impl Display) -> Self {
        let hash = hash(kind, name);
        Self {
            seed: mix(hash),
            group: group(hash),
        }
    }

    /// What a write names that adds or changes the row at this key: the nodes that hold it, smallest first.
    pub fn at(self, key: u32) -> impl Iterator<Item = Stamp> {
        let key = key.min(LAST);
        (0..LEVELS).map(move |level| self.node(level, key >> (level * STEP)))
    }

    /// What of [`Axis::at`] this key does not share with `other`.
    pub fn apart(self, key: u32, other: u32) -> impl Iterator<Item = Stamp> {
        let differing = u32::BITS - (key.min(LAST) ^ other.min(LAST)).leading_zeros();
        self.at(key).take(differing.div_ceil(STEP) as usize)
    }

    /// What a write names besides that takes the row at this key away, by a move too.
    #[must_use]
    pub fn gone(self, key: u32) -> Stamp {
        self.node(GONE, key.min(LAST))
    }

    /// What a page rests on that shows the rows from key `low` to key `high`, both included.
    #[must_use]
    pub fn between(self, low: u32, high: u32) -> Vec<Stamp> {
        let mut stamps = vec![self.all()];
        // From here on `high` is the first one not included.
        let (mut low, mut high) = (low.min(LAST), high.min(LAST) + 1);
        for level in 0..LEVELS {
            let top = level == LEVELS - 1;
            while low < high && (top || low & 15 != 0) {
                stamps.push(self.node(level, low));
                low += 1;
            }
            while low < high && high & 15 != 0 {
                high -= 1;
                stamps.push(self.node(level, high));
            }
            low >>= STEP;
            high >>= STEP;
        }
        stamps
    }

    /// The whole list: every page of it rests on this; named by writes that change too many rows to tell one by one.
    #[must_use]
    pub fn all(self) -> Stamp {
        self.node(ROOT, 0)
    }

    fn node(self, level: u32, key: u32) -> Stamp {
        let place = u64::from(level) << 32 | u64::from(key);
        Stamp::of(self.seed ^ mix(place), self.group)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const AXIS: fn() -> Axis = || Axis::new("newest", "");

    /// Numbers that look random and are the same in every run.
    struct Numbers(u64);

    impl Numbers {
        /// A key; near `other` half of the time, since that is where mistakes would be.
        fn key(&mut self, other: u32) -> u32 {
            self.0 = mix(self.0);
            let random = u32::try_from(self.0 >> 36).unwrap();
            let near = random % (1 << (self.0 % 20));
            match self.0 >> 20 & 3 {
                0 => other.saturating_sub(near),
                1 => other.saturating_add(near).min(LAST),
                _ => random,
            }
        }
    }

    /// How many nodes a write at `key` shares with a page of this stretch.
    fn shared(key: u32, low: u32, high: u32) -> usize {
        let page = AXIS().between(low, high);
        assert!(page.len() <= 2 * 15 * 7 + 1, "{} nodes", page.len());
        AXIS().at(key).filter(|node| page.contains(node)).count()
    }

    #[test]
    fn a_write_meets_a_page_exactly_when_its_key_lies_in_the_stretch() {
        let mut numbers = Numbers(20_261_123);
        let mut inside = 0;
        for _ in 0..20_000 {
            let one = numbers.key(0);
            let other = numbers.key(one);
            let (low, high) = (one.min(other), one.max(other));
            for key in [numbers.key(low), numbers.key(high)] {
                let holds = (low..=high).contains(&key);
                inside += usize::from(holds);
                assert_eq!(
                    shared(key, low, high),
                    usize::from(holds),
                    "{key} in {low}..={high}"
                );
            }
        }
        assert!((5_000..35_000).contains(&inside), "{inside}");
    }

    #[test]
    fn the_ends_of_a_stretch_belong_to_it() {
        for (low, high) in [(0, LAST), (0, 0), (LAST, LAST), (16, 31), (15, 16), (7, 7)] {
            assert_eq!((shared(low, low, high), shared(high, low, high)), (1, 1));
            assert_eq!(shared(low.wrapping_sub(1), low, high), {
                // Beyond the first key comes nothing, beyond the last comes the last.
                usize::from(low == 0 && high == LAST)
            });
        }
        assert_eq!(AXIS().between(0, LAST).len(), 17);
        assert_eq!(shared(u32::MAX, LAST - 3, u32::MAX), 1);
    }

    #[test]
    fn every_page_rests_on_the_whole_and_no_single_row_names_it() {
        for (low, high) in [(0, LAST), (5, 5), (100, 100_000)] {
            assert!(AXIS().between(low, high).contains(&AXIS().all()));
        }
        assert!(!AXIS().at(5).any(|node| node == AXIS().all()));
        assert!(!AXIS().at(5).any(|node| node == AXIS().gone(5)));
    }

    #[test]
    fn a_move_names_what_the_old_place_does_not_share_with_the_new_one() {
        let mut numbers = Numbers(7);
        for _ in 0..5_000 {
            let old = numbers.key(0);
            let new = numbers.key(old);
            let there: Vec<Stamp> = AXIS().at(new).collect();
            let expected: Vec<Stamp> = AXIS()
                .at(old)
                .filter(|node| !there.contains(node))
                .collect();
            assert_eq!(AXIS().apart(old, new).collect::<Vec<_>>(), expected);
        }
    }

    #[test]
    fn axes_share_no_node_and_all_nodes_of_one_are_of_its_group() {
        let tag = Axis::new("tag", "css");
        assert!(
            !tag.between(0, LAST)
                .iter()
                .any(|node| AXIS().between(0, LAST).contains(node))
        );
        assert!(tag.at(77).all(|node| node.group() == tag.all().group()));
        assert_eq!(tag.all().group(), Stamp::new("tag", "css").group());
    }
}
