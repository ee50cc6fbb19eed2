//! The pages that were applied last, in memory: most of what comes next is said as a difference from one of them, and to read
//! it back from the copy cost half of what applying did. Never more than the copy has, and nothing that the copy was not
//! asked for.

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
        let commits = self.commits.iter().rev().filter(|_| number > 1);
        commits.into_iter().find_map(|commit| {
            let pages = &commit.pages;
            let index = pages.binary_search_by_key(&number, |page| page.number);
            index.ok().map(|index| &*pages[index].data)
        })
    }
}
