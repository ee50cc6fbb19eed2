//! Records as commits, to be applied. Pages that are there as differences are put together from what they were: what earlier
//! records of the same batch left, or what the copy has.

use std::collections::HashMap;
use std::sync::Arc;

use crate::error::Result;
use crate::replica::log::record::Before;
use crate::replica::source::Record;
use crate::store::commit::Commit;

/// The commits of records that follow on each other; `present` tells what a page is in the copy, which stands before the
/// first of them.
///
/// # Errors
/// When a record is damaged or what it builds on is not here, and those of `present`.
pub(super) fn commits(records: &[Record], present: &mut Before) -> Result<Vec<Arc<Commit>>> {
    let mut commits: Vec<Arc<Commit>> = Vec::with_capacity(records.len());
    // In which of them each page was written last.
    let mut newest: HashMap<u32, usize> = HashMap::new();
    for (index, record) in records.iter().enumerate() {
        let commit = record.commit(&mut |number| match newest.get(&number) {
            Some(index) => Ok(page(&commits[*index], number)),
            None => present(number),
        })?;
        // Of the last one nothing is asked.
        if index + 1 < records.len() {
            newest.extend(commit.pages.iter().map(|page| (page.number, index)));
        }
        commits.push(Arc::new(commit));
    }
    Ok(commits)
}

fn page(commit: &Commit, number: u32) -> Option<Box<[u8]>> {
    let pages = &commit.pages;
    let index = pages.binary_search_by_key(&number, |page| page.number);
    index.ok().map(|index| pages[index].data.clone())
}
