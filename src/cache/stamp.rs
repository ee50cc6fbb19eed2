//! A stamp: the name of something that pages depend on, as one number.
//!
//! Its upper 12 bits are a group, coarse enough for a CDN's cache tags; the other 52 tell it from all others, and give
//! its two slots in [`Stamps`](super::Stamps). Nothing here allocates: a vote names dozens of stamps.

use std::fmt::{Display, Write};

/// Bits that tell a stamp from others.
const OWN_BITS: u32 = 52;

/// A mark on something that pages depend on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Stamp(u64);

impl Stamp {
    /// The stamp of one thing of a kind, such as `("story", 7)`.
    #[must_use]
    pub fn new(kind: &str, name: impl Display) -> Self {
        let hash = hash(kind, name);
        Self::of(hash, group(hash))
    }

    /// Everything that each page shows: name, colours, tags, settings.
    #[must_use]
    pub fn site() -> Self {
        Self::new("site", "")
    }

    /// From a hash and the group that it belongs to.
    pub(super) const fn of(hash: u64, group: u16) -> Self {
        let own = mix(hash) & ((1 << OWN_BITS) - 1);
        Self((group as u64) << OWN_BITS | own)
    }

    /// The whole stamp as a number, the same on every node and version.
    #[must_use]
    pub const fn number(self) -> u64 {
        self.0
    }

    /// The stamp that another node gave as this number; every number is one.
    #[must_use]
    pub const fn from_number(number: u64) -> Self {
        Self(number)
    }

    /// What it belongs to, in 12 bits: a whole list, one story.
    #[must_use]
    pub const fn group(self) -> u16 {
        // The 12 bits that are left always fit.
        (self.0 >> OWN_BITS) as u16
    }

    /// Two numbers of 26 bits each.
    pub(super) const fn halves(self) -> [u64; 2] {
        let half = (1 << (OWN_BITS / 2)) - 1;
        [self.0 & half, self.0 >> (OWN_BITS / 2) & half]
    }
}

/// The group of what has this hash.
pub(super) const fn group(hash: u64) -> u16 {
    // Other bits than those of `of`, so that members of a group have nothing else in common.
    (mix(hash ^ 0x6772_6f75_7000_0000) >> OWN_BITS) as u16
}

/// Hash of `kind:name`, the same on every node and version: FNV-1a, 64 bit
/// (<http://www.isthe.com/chongo/tech/comp/fnv>).
pub(super) fn hash(kind: &str, name: impl Display) -> u64 {
    let mut hash = Fnv(0xcbf2_9ce4_8422_2325);
    // Hashing cannot fail, and no name's Display does.
    let _ = write!(hash, "{kind}:{name}");
    hash.0
}

struct Fnv(u64);

impl Write for Fnv {
    fn write_str(&mut self, text: &str) -> std::fmt::Result {
        for byte in text.bytes() {
            self.0 = (self.0 ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        }
        Ok(())
    }
}

/// Spreads every bit of a number over all of them: the finalizer of `SplitMix64` (Steele, Lea, Flood 2014).
pub(super) const fn mix(number: u64) -> u64 {
    let number = number.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let number = (number ^ number >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let number = (number ^ number >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
    number ^ number >> 31
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_name_is_the_same_stamp() {
        assert_eq!(Stamp::new("tag", "css"), Stamp::new("tag", "css"));
        assert_ne!(Stamp::new("tag", "css"), Stamp::new("tag", "html"));
        assert_eq!(Stamp::new("story", 7), Stamp::new("story", "7"));
        assert_ne!(Stamp::new("story", 7), Stamp::new("comment", 7));
    }

    #[test]
    fn a_stamp_is_the_same_after_a_journey_as_a_number() {
        let stamp = Stamp::new("story", 7);
        assert_eq!(Stamp::from_number(stamp.number()), stamp);
    }

    #[test]
    fn a_hundred_thousand_names_are_as_many_stamps_in_all_groups() {
        let stamps: std::collections::HashSet<Stamp> =
            (0..100_000).map(|id| Stamp::new("story", id)).collect();
        assert_eq!(stamps.len(), 100_000);
        let groups: std::collections::HashSet<u16> =
            stamps.iter().map(|stamp| stamp.group()).collect();
        assert_eq!(groups.len(), 4096);
    }
}
