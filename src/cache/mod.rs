//! What the response cache rests on: stamps ("last changed at transaction n") and the published head.
//!
//! Every write names the stamps of what it changed; [`Stamps`] keeps, for each, the transaction that did so last.
//! It knows nothing of pages or SQL, holds no map and forgets nothing: a stamp is two slots of a fixed array, so others
//! may share them (that costs a rebuild, never staleness).

pub mod axis;
pub mod stamp;

mod arrival;
mod entry;
mod flight;
mod keep;
pub mod weave;

pub use entry::{Entry, Made};
pub use keep::{Ask, Cache, How, Served, Size, Weigh};

use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

pub use axis::Axis;
pub use stamp::Stamp;

use arrival::Arrivals;

/// Slots, a power of two: 2 MiB.
const SLOTS: usize = 1 << 18;

/// The stamps of a whole site, and the newest transaction that readers can see.
///
/// A vote names some 65 stamps and a page of a list rests on some 80, so with one slot each a page would seem changed by
/// one in fifty votes that it has nothing to do with. With two, both must have been taken by others: one in 50,000.
pub struct Stamps {
    changed: Box<[AtomicU64]>,
    head: AtomicU64,
    watcher: OnceLock<Watcher>,
    arrivals: Arrivals,
}

/// Hears of what each commit changed.
type Watcher = Box<dyn Fn(&[Stamp]) + Send + Sync>;

impl Stamps {
    /// All stamps at zero, the head at `head`.
    #[must_use]
    pub fn new(head: u64) -> Self {
        Self {
            changed: (0..SLOTS).map(|_| AtomicU64::new(0)).collect(),
            head: AtomicU64::new(head),
            watcher: OnceLock::new(),
            arrivals: Arrivals::default(),
        }
    }

    /// Has `watcher` called with the stamps of each transaction after it was published: for a CDN, which has to be told.
    /// It must not block. The first one stays.
    pub fn watch(&self, watcher: impl Fn(&[Stamp]) + Send + Sync + 'static) {
        let _ = self.watcher.set(Box::new(watcher));
    }

    /// Records that transaction `txid` changed `stamp`; called before the head is published.
    pub fn set(&self, stamp: Stamp, txid: u64) {
        for half in stamp.halves() {
            self.slot(half).fetch_max(txid, Ordering::Release);
        }
    }

    /// The transaction that changed `stamp` last (or later ones that share its slots); 0 when none has since start.
    #[must_use]
    pub fn changed(&self, stamp: Stamp) -> u64 {
        let [one, other] = stamp.halves();
        let one = self.slot(one).load(Ordering::Acquire);
        one.min(self.slot(other).load(Ordering::Acquire))
    }

    fn slot(&self, half: u64) -> &AtomicU64 {
        let slot = usize::try_from(half & (SLOTS as u64 - 1));
        &self.changed[slot.expect("masked to 18 bits")]
    }

    /// Makes `txid` the newest transaction that readers can count on.
    pub fn publish(&self, txid: u64) {
        self.head.fetch_max(txid, Ordering::SeqCst);
        self.arrivals.tell();
    }

    /// Waits until transaction `txid` is published, at most for `patience`. Whether it is.
    pub async fn reached(&self, txid: u64, patience: Duration) -> bool {
        let is_here = || self.head.load(Ordering::SeqCst) >= txid;
        self.arrivals.wait(patience, is_here).await
    }

    /// Records what transaction `txid` changed, and publishes it.
    pub fn commit(&self, changed: &[Stamp], txid: u64) {
        for stamp in changed {
            self.set(*stamp, txid);
        }
        self.publish(txid);
        if let Some(watcher) = self.watcher.get() {
            watcher(changed);
        }
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
    fn a_hundred_stamps_hardly_ever_seem_to_change_another() {
        let stamps = Stamps::new(0);
        for id in 0..100 {
            stamps.set(Stamp::new("story", id), 1);
        }
        let mistaken = (100..1_000_000)
            .filter(|id| stamps.changed(Stamp::new("story", id)) > 0)
            .count();
        // Expected: (200 / 2^18)^2 of a million, which is less than one.
        assert!(mistaken < 8, "{mistaken}");
    }
}
