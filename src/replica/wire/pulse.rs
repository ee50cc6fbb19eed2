//! When the other node was last heard, and when it was last told that we live. A dead peer often leaves a connection that
//! looks open, so only what it says counts.

use std::time::{Duration, Instant};

/// Time between signs of life. What a standby says of how far it is behind is off by this, a look at the clock, and what a busy
/// machine takes.
pub const BEAT: Duration = Duration::from_millis(250);
/// A peer that is silent this long is given up.
pub const SILENT: Duration = Duration::from_secs(5);

/// Both times.
#[derive(Debug, Clone, Copy)]
pub struct Pulse {
    heard: Instant,
    beaten: Instant,
}

impl Pulse {
    /// Of a connection that begins.
    #[must_use]
    pub fn new(now: Instant) -> Self {
        Self {
            heard: now,
            beaten: now,
        }
    }

    /// The other node was heard.
    pub fn heard(&mut self, now: Instant) {
        self.heard = now;
    }

    /// For how long it has been silent.
    #[must_use]
    pub fn silence(&self, now: Instant) -> Duration {
        now.saturating_duration_since(self.heard)
    }

    /// Whether it is given up.
    #[must_use]
    pub fn is_silent(&self, now: Instant) -> bool {
        self.silence(now) >= SILENT
    }

    /// Whether a sign of life is due, which is sent then.
    pub fn is_due(&mut self, now: Instant) -> bool {
        let due = now.saturating_duration_since(self.beaten) >= BEAT;
        if due {
            self.beaten = now;
        }
        due
    }
}
