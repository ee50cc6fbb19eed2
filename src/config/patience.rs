//! How long a connection may keep the site waiting. Not for operators to set: tests use shorter times.

use std::time::Duration;

/// The longest waits for a peer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Patience {
    /// For a request's head, from its first byte, or from connecting.
    pub head: Duration,
    /// For the next request after an answer.
    pub idle: Duration,
    /// For a request's body, all of it.
    pub body: Duration,
    /// In so much time a peer that keeps an answer waiting has to take `reader_bytes`.
    pub reader: Duration,
    /// The least that such a peer has to take.
    pub reader_bytes: u64,
    /// For a peer that was told that the connection ends.
    pub leave: Duration,
    /// From one look at all connections to the next: what is late is noticed so much later at most.
    pub sweep: Duration,
}

impl Default for Patience {
    /// Nothing that keeps us waiting is there after 30 seconds, but for readers who are slow and do read.
    fn default() -> Self {
        Self {
            head: Duration::from_secs(10),
            idle: Duration::from_secs(29),
            body: Duration::from_secs(20),
            reader: Duration::from_secs(15),
            reader_bytes: 15 * 1024,
            leave: Duration::from_secs(2),
            sweep: Duration::from_secs(1),
        }
    }
}
