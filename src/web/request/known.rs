//! Sessions that were found to be somebody's not long ago: who sends one is a member before the database is asked.
//!
//! Only for the order in which work is refused: it lets nobody do anything, and may be wrong for a while after a session ends.

use quick_cache::sync::Cache;

use crate::web::cookie::TokenHash;

/// Most sessions that are remembered: about a megabyte.
const MOST: usize = 16_384;

/// The sessions.
pub struct Known(Cache<TokenHash, ()>);

impl Default for Known {
    fn default() -> Self {
        Self(Cache::new(MOST))
    }
}

impl Known {
    /// This session is somebody's.
    pub fn note(&self, token: &TokenHash) {
        if !self.is_known(token) {
            self.0.insert(*token, ());
        }
    }

    /// Whether this session was somebody's not long ago.
    #[must_use]
    pub fn is_known(&self, token: &TokenHash) -> bool {
        self.0.get(token).is_some()
    }
}
