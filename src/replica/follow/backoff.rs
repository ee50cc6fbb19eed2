//! How long to wait before the next attempt: twice as long each time, a random part of it, so that nodes that lost one
//! primary do not come back in step.

use std::time::Duration;

const SHORTEST: Duration = Duration::from_millis(100);
const LONGEST: Duration = Duration::from_secs(5);

pub(super) struct Backoff {
    attempts: u32,
    random: u64,
}

impl Backoff {
    pub(super) fn new(seed: u64) -> Self {
        Self {
            attempts: 0,
            // Zero would stay zero.
            random: seed | 1,
        }
    }

    /// The last attempt went well.
    pub(super) fn reset(&mut self) {
        self.attempts = 0;
    }

    /// The wait before the next attempt.
    pub(super) fn next(&mut self) -> Duration {
        let whole = (SHORTEST * 2_u32.pow(self.attempts.min(6))).min(LONGEST);
        self.attempts += 1;
        self.part(whole)
    }

    /// The wait where nothing is to be hoped for soon.
    pub(super) fn longest(&mut self) -> Duration {
        self.part(LONGEST)
    }

    /// Between half of it and all.
    fn part(&mut self, whole: Duration) -> Duration {
        // Xorshift (Marsaglia 2003): spread is all that is asked for.
        self.random ^= self.random << 13;
        self.random ^= self.random >> 7;
        self.random ^= self.random << 17;
        let part = u32::try_from(self.random % 1000).unwrap_or(0);
        whole / 2 + whole * part / 2000
    }
}
