//! The pages that were applied last, in memory: most of what comes next is said as a difference from one of them, and to read
//! it back from the copy cost a third of what applying did. Never anything that the copy does not have.

use std::collections::VecDeque;
use std::sync::Arc;

use crate::store::commit::Commit;

/// Most pages that are kept.
const PAGES: usize = 512;

/// Commits that the copy has, the newest last.
#[derive(Default)]
pub(super) struct Recent {
    commits: VecDeque<Arc<Commit>>,
    pages: usize,
}

impl Recent {
    /// Keeps these, and forgets older ones beyond [`PAGES`].
    pub(super) fn add(&mut self, commits: &[Arc<Commit>]) {
        for commit in commits {
            if self
                .commits
                .back()
                .is_some_and(|last| commit.size < last.size)
            {
                // What was cut off and comes again need not be what it was.
                *self = Self::default();
            }
            self.pages += commit.pages.len();
            self.commits.push_back(Arc::clone(commit));
        }
        while self.pages > PAGES {
            let Some(oldest) = self.commits.pop_front() else {
                return;
            };
            self.pages -= oldest.pages.len();
        }
    }

    /// What the page is in the copy, if it came with one of these. The first page is not asked for here: the copy's own differs.
    pub(super) fn page(&self, number: u32) -> Option<&[u8]> {
        if number == 1 {
            return None;
        }
        self.commits.iter().rev().find_map(|commit| {
            let pages = &commit.pages;
            let index = pages.binary_search_by_key(&number, |page| page.number);
            index.ok().map(|index| &*pages[index].data)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::commit::{Chain, Changed, Cursor, Page, Point};

    /// A commit after which the database has so many pages, and which wrote these with this byte.
    fn commit(size: u32, numbers: impl IntoIterator<Item = u32>, byte: u8) -> Arc<Commit> {
        let page = |number| Page {
            number,
            data: vec![byte; 8].into(),
        };
        Arc::new(Commit {
            point: Point::default(),
            before: Chain::default(),
            wall_ms: 0,
            page_size: 8,
            size,
            pages: numbers.into_iter().map(page).collect(),
            deltas: Vec::new(),
            changed: Changed::Everything,
            cursor: Cursor::default(),
        })
    }

    fn byte(recent: &Recent, number: u32) -> Option<u8> {
        recent.page(number).map(|page| page[0])
    }

    #[test]
    fn the_newest_of_a_page_is_found_and_never_the_first_page() {
        let mut recent = Recent::default();
        recent.add(&[commit(9, [1, 4, 7], 1), commit(9, [4], 2)]);
        assert_eq!(
            [1, 4, 7, 8].map(|n| byte(&recent, n)),
            [None, Some(2), Some(1), None]
        );
    }

    #[test]
    fn what_was_cut_off_is_not_what_comes_there_again() {
        let mut recent = Recent::default();
        recent.add(&[commit(9, [4, 9], 1), commit(5, [5], 2), commit(12, [12], 3)]);
        assert_eq!(
            [4, 5, 9, 12].map(|n| byte(&recent, n)),
            [None, Some(2), None, Some(3)]
        );
    }

    #[test]
    fn older_pages_are_forgotten_and_a_large_commit_is_not_kept() {
        let mut recent = Recent::default();
        let most = u32::try_from(PAGES).unwrap();
        recent.add(&[commit(most, [2], 1), commit(most, 3..=most, 2)]);
        assert_eq!([2, 3].map(|n| byte(&recent, n)), [Some(1), Some(2)]);
        recent.add(&[commit(most, [3, 5], 3)]);
        assert_eq!(
            [2, 3, 4].map(|n| byte(&recent, n)),
            [None, Some(3), Some(2)]
        );
        recent.add(&[commit(most + 2, 2..=most + 2, 4)]);
        assert_eq!([2, 3, 4].map(|n| byte(&recent, n)), [None; 3]);
    }
}
