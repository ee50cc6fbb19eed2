//! Requests that change something and are under way on this node: who hands over its duty lets them come to their end.

use std::time::Duration;

use tokio::sync::watch;

/// How many there are.
#[derive(Debug)]
pub struct Changes(watch::Sender<usize>);

impl Default for Changes {
    fn default() -> Self {
        Self(watch::Sender::new(0))
    }
}

/// While it lives, a change is under way.
#[derive(Debug)]
pub struct Change(watch::Sender<usize>);

impl Drop for Change {
    fn drop(&mut self) {
        self.0.send_modify(|count| *count -= 1);
    }
}

impl Changes {
    /// One more.
    #[must_use]
    pub fn begin(&self) -> Change {
        self.0.send_modify(|count| *count += 1);
        Change(self.0.clone())
    }

    /// Waits until there is none, at most so long. Whether there is none.
    pub async fn settle(&self, most: Duration) -> bool {
        let mut count = self.0.subscribe();
        let none = count.wait_for(|count| *count == 0);
        matches!(tokio::time::timeout(most, none).await, Ok(Ok(_)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[actix_web::test]
    async fn who_waits_is_told_when_the_last_change_ends() {
        let changes = Changes::default();
        assert!(changes.settle(Duration::ZERO).await);
        let (one, other) = (changes.begin(), changes.begin());
        assert!(!changes.settle(Duration::from_millis(5)).await);
        drop(one);
        let ending = std::thread::spawn(move || drop(other));
        assert!(changes.settle(Duration::from_secs(20)).await);
        ending.join().unwrap();
    }
}
