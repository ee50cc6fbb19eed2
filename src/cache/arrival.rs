//! Waiting for a transaction to be published, without asking again and again. Who publishes pays one load when nobody waits.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use tokio::sync::Notify;

/// Those who wait for the head to move.
#[derive(Debug, Default)]
pub(super) struct Arrivals {
    waiting: AtomicUsize,
    moved: Notify,
}

impl Arrivals {
    /// The head has moved; called after it was stored.
    pub(super) fn tell(&self) {
        // Sequentially consistent with the count and the look of who waits: either this sees them, or they see the head.
        if self.waiting.load(Ordering::SeqCst) > 0 {
            self.moved.notify_waiters();
        }
    }

    /// Waits until `is_here`, at most for `patience`. Whether it came.
    pub(super) async fn wait(&self, patience: Duration, is_here: impl Fn() -> bool) -> bool {
        if is_here() {
            return true;
        }
        self.waiting.fetch_add(1, Ordering::SeqCst);
        let _waiting = Waiting(&self.waiting);
        let waiting = async {
            loop {
                let mut moved = std::pin::pin!(self.moved.notified());
                // From here on no move is missed.
                moved.as_mut().enable();
                if is_here() {
                    return;
                }
                moved.await;
            }
        };
        tokio::time::timeout(patience, waiting).await.is_ok()
    }
}

struct Waiting<'a>(&'a AtomicUsize);

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::time::Duration;

    use crate::cache::Stamps;

    #[actix_web::test]
    async fn who_waits_is_told_and_who_waits_in_vain_is_let_go() {
        let stamps = Arc::new(Stamps::new(3));
        assert!(stamps.reached(3, Duration::ZERO).await);
        assert!(!stamps.reached(4, Duration::from_millis(5)).await);
        let writer = Arc::clone(&stamps);
        let writer = std::thread::spawn(move || {
            for txid in 4..=2_000 {
                writer.publish(txid);
            }
        });
        for txid in [10, 100, 1_999, 2_000] {
            assert!(stamps.reached(txid, Duration::from_secs(20)).await);
        }
        writer.join().unwrap();
        assert_eq!(stamps.head(), 2_000);
    }
}
