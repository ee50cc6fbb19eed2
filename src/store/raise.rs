//! Points that votes give to stories. The votes of one batch, many of them for the same few stories, are added up here, and
//! each story is written, ranked and named once, before anybody can ask: a vote moves a story in six indexes.
//!
//! Only votes run while something waits here. Whatever else is done in the batch finds it written ([`settle`]); so does a
//! closure that is no vote and gives points itself.

use std::collections::BTreeMap;

use crate::domain::id::StoryId;
use crate::error::Result;
use crate::store::stamp::{Raise, Standing};
use crate::store::{Tx, rank};

/// What waits to be written.
#[derive(Debug, Default)]
pub struct Raises {
    stories: BTreeMap<StoryId, Raise>,
    /// What the closure that runs has given: points of the story's own, and of comments.
    given: Vec<(StoryId, i64, i64)>,
}

impl Raises {
    /// The closure is kept.
    pub(super) fn keep(&mut self) {
        self.given.clear();
    }

    /// The closure is undone.
    pub(super) fn undo(&mut self) {
        for (id, own, comments) in std::mem::take(&mut self.given) {
            if let Some(raise) = self.stories.get_mut(&id) {
                raise.add(-own, -comments);
            }
        }
    }
}

/// The story as it stands now; `None` when there is none that takes points.
///
/// # Errors
/// When SQLite fails.
pub fn standing(tx: &Tx, id: StoryId) -> Result<Option<Standing>> {
    find(tx, id)?;
    let raises = tx.raises.borrow();
    Ok(raises.stories.get(&id).map(Raise::standing))
}

/// Gives so many points to a story itself, and of comments that are not by its author, if it takes points.
///
/// # Errors
/// When SQLite fails.
pub fn give(tx: &Tx, id: StoryId, own: i64, comments: i64) -> Result<()> {
    find(tx, id)?;
    let mut raises = tx.raises.borrow_mut();
    if let Some(raise) = raises.stories.get_mut(&id) {
        raise.add(own, comments);
        raises.given.push((id, own, comments));
    }
    drop(raises);
    if tx.is_vote() { Ok(()) } else { settle(tx) }
}

/// Writes what waits.
///
/// # Errors
/// When SQLite fails: nothing of the batch may be kept then.
pub(super) fn settle(tx: &Tx) -> Result<()> {
    let stories = std::mem::take(&mut tx.raises.borrow_mut().stories);
    let raised = stories.into_values().filter(Raise::is_raised);
    raised
        .into_iter()
        .try_for_each(|raise| rank::raise(tx, raise))
}

/// Reads the story, unless votes before this one have.
fn find(tx: &Tx, id: StoryId) -> Result<()> {
    if tx.is_vote() && tx.raises.borrow().stories.contains_key(&id) {
        return Ok(());
    }
    let found = Raise::of(tx, id)?;
    let stories = &mut tx.raises.borrow_mut().stories;
    match found {
        Some(raise) => stories.insert(id, raise),
        None => stories.remove(&id),
    };
    Ok(())
}
