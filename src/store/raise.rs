//! Points that votes give to stories and their authors. The votes of one batch, many of them for the same few stories, are
//! added up here, and each story is written, ranked and named once, before anybody can ask: a vote moves a story in six
//! indexes.
//!
//! Only votes run while something waits here. Whatever else is done in the batch finds it written ([`settle`]); so does a
//! closure that is no vote and gives points itself.

use std::collections::BTreeMap;

use crate::domain::id::{StoryId, UserId};
use crate::error::Result;
use crate::store::stamp::{Raise, Standing};
use crate::store::{Tx, rank};

/// What waits to be written.
#[derive(Debug, Default)]
pub struct Raises {
    stories: BTreeMap<StoryId, Raise>,
    karma: BTreeMap<UserId, i64>,
    /// What the closure that runs has given.
    given: Vec<Given>,
}

/// Points that one closure gives.
#[derive(Debug, Clone, Copy)]
enum Given {
    /// To a story: of its own, and of comments.
    Story(StoryId, i64, i64),
    /// To an author.
    Karma(UserId, i64),
}

impl Raises {
    /// The closure is kept.
    pub(super) fn keep(&mut self) {
        self.given.clear();
    }

    /// The closure is undone.
    pub(super) fn undo(&mut self) {
        for given in std::mem::take(&mut self.given) {
            self.add(match given {
                Given::Story(id, own, comments) => Given::Story(id, -own, -comments),
                Given::Karma(user, points) => Given::Karma(user, -points),
            });
        }
    }

    fn add(&mut self, given: Given) {
        match given {
            Given::Story(id, own, comments) => {
                let raise = self.stories.get_mut(&id).into_iter();
                raise.for_each(|raise| raise.add(own, comments));
            }
            Given::Karma(user, points) => *self.karma.entry(user).or_default() += points,
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
    note(tx, Given::Story(id, own, comments))
}

/// Gives so many points to a member's karma.
///
/// # Errors
/// When SQLite fails.
pub fn credit(tx: &Tx, user: UserId, points: i64) -> Result<()> {
    note(tx, Given::Karma(user, points))
}

fn note(tx: &Tx, given: Given) -> Result<()> {
    let mut raises = tx.raises.borrow_mut();
    raises.add(given);
    raises.given.push(given);
    drop(raises);
    if tx.is_vote() { Ok(()) } else { settle(tx) }
}

/// Writes what waits.
///
/// # Errors
/// When SQLite fails: nothing of the batch may be kept then.
pub(super) fn settle(tx: &Tx) -> Result<()> {
    let Raises { stories, karma, .. } = std::mem::take(&mut *tx.raises.borrow_mut());
    for raise in stories.into_values().filter(Raise::is_raised) {
        rank::raise(tx, raise)?;
    }
    for (user, points) in karma.into_iter().filter(|(_, points)| *points != 0) {
        rank::add_karma(tx, user, points)?;
    }
    Ok(())
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
