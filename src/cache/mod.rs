//! What the response cache rests on: stamps ("last changed at transaction n") and the published head.
//!
//! Every write names the stamps of what it changed; [`Stamps`] keeps, for each, the transaction that did so last.
//! It knows nothing of pages or SQL, holds no map and forgets nothing: a stamp is a slot of a fixed array, so two
//! names may share one (that costs a rebuild, never staleness).

mod entry;
mod flight;
mod keep;
pub mod weave;

pub use entry::{Entry, Made};
pub use keep::{Ask, Cache, How, Served, Size, Weigh};

use std::fmt::Display;
use std::sync::atomic::{AtomicU64, Ordering};

const SLOTS: usize = 1 << 17;

/// A mark on something that pages depend on; a slot number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Stamp(u32);

impl Stamp {
    /// The stamp of one thing of a kind, such as `("story", 7)` or `("list", "hot")`.
    #[must_use]
    pub fn new(kind: &str, name: impl Display) -> Self {
        // FNV-1a, 64 bit (http://www.isthe.com/chongo/tech/comp/fnv): the same on every node and version.
        let mut hash = 0xcbf2_9ce4_8422_2325_u64;
        for byte in format!("{kind}:{name}").bytes() {
            hash = (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        }
        let slot = (hash ^ (hash >> 32)) & (SLOTS as u64 - 1);
        Self(u32::try_from(slot).expect("masked to 17 bits"))
    }

    /// Everything that each page shows: name, colours, tags, settings.
    #[must_use]
    pub fn site() -> Self {
        Self::new("site", "")
    }
}

/// The stamps of a whole site, and the newest transaction that readers can see.
pub struct Stamps {
    changed: Box<[AtomicU64]>,
    head: AtomicU64,
}

impl Stamps {
    /// All stamps at zero, the head at `head`.
    #[must_use]
    pub fn new(head: u64) -> Self {
        Self {
            changed: (0..SLOTS).map(|_| AtomicU64::new(0)).collect(),
            head: AtomicU64::new(head),
        }
    }

    /// Records that transaction `txid` changed `stamp`; called before the head is published.
    pub fn set(&self, stamp: Stamp, txid: u64) {
        self.changed[stamp.0 as usize].fetch_max(txid, Ordering::Release);
    }

    /// The transaction that changed `stamp` last (or one that shares its slot); 0 when none has since start.
    #[must_use]
    pub fn changed(&self, stamp: Stamp) -> u64 {
        self.changed[stamp.0 as usize].load(Ordering::Acquire)
    }

    /// Makes `txid` the newest transaction that readers can count on.
    pub fn publish(&self, txid: u64) {
        self.head.fetch_max(txid, Ordering::Release);
    }

    /// The newest published transaction.
    #[must_use]
    pub fn head(&self) -> u64 {
        self.head.load(Ordering::Acquire)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stamp_remembers_only_the_newest_transaction() {
        let stamps = Stamps::new(3);
        let story = Stamp::new("story", 7);
        stamps.set(story, 9);
        stamps.set(story, 5);
        assert_eq!(stamps.changed(story), 9);
        assert_eq!(stamps.head(), 3);
    }

    #[test]
    fn the_same_name_is_the_same_stamp() {
        assert_eq!(Stamp::new("tag", "css"), Stamp::new("tag", "css"));
        assert_ne!(Stamp::new("tag", "css"), Stamp::new("tag", "html"));
    }
}
