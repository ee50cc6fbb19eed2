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
mod footprint;
mod keep;
pub mod weave;

pub use entry::{Entry, Made};
pub use footprint::footprint;
pub use keep::{Ask, Cache, How, Served, Size, Weigh};

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{OnceLock, PoisonError, RwLock};
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
    generation: AtomicU64,
    watcher: OnceLock<Watcher>,
    jumps: RwLock<Vec<Box<dyn Fn() + Send + Sync>>>,
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
            generation: AtomicU64::new(0),
            watcher: OnceLock::new(),
            jumps: RwLock::default(),
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

    /// Has `listener` called after each [`reset`](Stamps::reset): for what keeps something outside of this process. It must
    /// not block.
    pub fn on_jump(&self, listener: impl Fn() + Send + Sync + 'static) {
        self.jumps
            .write()
            .unwrap_or_else(PoisonError::into_inner)
            .push(Box::new(listener));
    }

    /// Makes `txid` the head, also when that is lower, and everything changed as of it: another history, or one with a gap.
    /// Called after the database holds it. What was made from before, or is being made, is never right again: its numbers
    /// say nothing in this history.
    pub fn reset(&self, txid: u64) {
        self.head.store(txid, Ordering::Release);
        for slot in &self.changed {
            slot.store(txid, Ordering::Release);
        }
        // Last: what begins to be made in the new generation finds all of the above.
        self.generation.fetch_add(1, Ordering::AcqRel);
        for listener in &*self.jumps.read().unwrap_or_else(PoisonError::into_inner) {
            listener();
        }
    }

    /// How often everything has changed at once.
    #[must_use]
    pub fn generation(&self) -> u64 {
        self.generation.load(Ordering::Acquire)
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
    fn after_a_jump_everything_has_changed_and_whoever_listens_is_told() {
        let stamps = Stamps::new(0);
        let story = Stamp::new("story", 7);
        stamps.commit(&[story], 9);
        let told = std::sync::Arc::new(AtomicU64::new(0));
        for _ in 0..2 {
            let told = std::sync::Arc::clone(&told);
            stamps.on_jump(move || {
                told.fetch_add(1, Ordering::Relaxed);
            });
        }
        stamps.reset(5);
        assert_eq!((stamps.head(), stamps.changed(story)), (5, 5));
        assert_eq!(stamps.changed(Stamp::new("story", 8)), 5);
        assert_eq!(told.load(Ordering::Relaxed), 2);
        stamps.commit(&[story], 6);
        assert_eq!((stamps.head(), stamps.changed(story)), (6, 6));
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
