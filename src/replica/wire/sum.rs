//! The hash over a snapshot, by which the standby knows that it has all of it before any of it is used.

use sha2::{Digest, Sha256};

use super::message::Begin;
use crate::store::commit::Page;

/// SHA-256 over what a snapshot is and all its pages.
pub struct Sum(Sha256);

impl Sum {
    /// Of a snapshot without its pages.
    #[must_use]
    pub fn new(begin: &Begin) -> Self {
        let mut hash = Sha256::new();
        hash.update(begin.point.position.epoch.to_be_bytes());
        hash.update(begin.point.position.txid.to_be_bytes());
        hash.update(begin.point.chain.0);
        hash.update(begin.size.to_be_bytes());
        hash.update(begin.page_size.to_be_bytes());
        Self(hash)
    }

    /// Adds the next pages.
    pub fn add(&mut self, pages: &[Page]) {
        for page in pages {
            self.0.update(page.number.to_be_bytes());
            self.0.update(&page.data);
        }
    }

    /// The hash.
    #[must_use]
    pub fn end(self) -> [u8; 32] {
        self.0.finalize().into()
    }
}
