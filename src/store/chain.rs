//! The hash over a history of commits: two copies with the same numbers and the same chain hold the same pages.
//!
//! Pure. It finds what went wrong or apart, not what somebody forged: that is the channel's task.

use xxhash_rust::xxh3::{Xxh3, xxh3_128};

use crate::error::{Error, Result};
use crate::store::commit::{Chain, Commit, Page, Position};

/// Bytes of page 1 that each node's own commits rewrite: the change counter, and what is checked against it with the number
/// of the SQLite that wrote last.
const OWN: [std::ops::Range<usize>; 2] = [24..28, 92..100];

impl Chain {
    /// The hash after a commit of these pages, which are in order.
    #[must_use]
    pub fn after(before: Self, position: Position, size: u32, pages: &[Page]) -> Self {
        let mut hash = Xxh3::new();
        hash.update(&before.0);
        hash.update(&position.epoch.to_be_bytes());
        hash.update(&position.txid.to_be_bytes());
        hash.update(&size.to_be_bytes());
        for page in pages {
            hash.update(&page.number.to_be_bytes());
            hash.update(&page_hash(page).to_be_bytes());
        }
        Self(hash.digest128().to_be_bytes())
    }

    /// One that no other history has: where a record begins that nothing leads to.
    ///
    /// # Errors
    /// When the system has no randomness.
    pub fn fresh() -> Result<Self> {
        let mut bytes = [0; 16];
        getrandom::fill(&mut bytes).map_err(|error| Error::Internal(error.to_string()))?;
        Ok(Self(bytes))
    }
}

impl Commit {
    /// Whether its pages are those that its chain was made of.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        self.point.chain == Chain::after(self.before, self.point.position, self.size, &self.pages)
    }
}

fn page_hash(page: &Page) -> u128 {
    if page.number != 1 {
        return xxh3_128(&page.data);
    }
    let mut data = page.data.clone();
    mask(&mut data);
    xxh3_128(&data)
}

/// Blanks what each node writes into page 1 by itself.
pub fn mask(first: &mut [u8]) {
    for own in OWN {
        if let Some(bytes) = first.get_mut(own) {
            bytes.fill(0);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(number: u32, fill: u8) -> Page {
        Page {
            number,
            data: vec![fill; 512].into(),
        }
    }

    fn chain(txid: u64, size: u32, pages: &[Page]) -> Chain {
        let position = Position { epoch: 1, txid };
        Chain::after(Chain::default(), position, size, pages)
    }

    #[test]
    fn everything_but_a_nodes_own_bytes_of_page_one_makes_another_chain() {
        let pages = [page(1, 0), page(7, 3)];
        let usual = chain(5, 9, &pages);
        assert_eq!(usual, chain(5, 9, &pages));
        assert_ne!(usual, chain(6, 9, &pages));
        assert_ne!(usual, chain(5, 10, &pages));
        assert_ne!(usual, chain(5, 9, &[page(1, 0), page(8, 3)]));
        for at in 0..512 {
            let mut other = pages.clone();
            other[0].data[at] ^= 1;
            let own = OWN.iter().any(|own| own.contains(&at));
            assert_eq!(usual == chain(5, 9, &other), own, "byte {at} of page 1");
            other = pages.clone();
            other[1].data[at] ^= 1;
            assert_ne!(usual, chain(5, 9, &other), "byte {at} of page 7");
        }
    }

    #[test]
    fn the_chain_is_the_same_in_every_version() {
        assert_eq!(
            chain(5, 9, &[page(1, 1), page(7, 3)]).0,
            [
                139, 97, 131, 1, 204, 73, 55, 177, 37, 125, 43, 234, 221, 171, 168, 172
            ],
            "nodes of different versions could not follow each other"
        );
    }
}
