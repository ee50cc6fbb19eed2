//! Comments, and the tree that a flat list of them makes.
//!
//! The tree is built from rows in any order, without recursion: a thread of any depth is walked in constant stack.

use crate::domain::id::{CommentId, StoryId, UserId};
use crate::domain::rank::confidence;
use crate::domain::story::{EDIT_WINDOW, ItemState, Marks, StoryRow};
use crate::domain::text::{SafeHtml, is_visible, markdown, plain};
use crate::domain::user::UserName;
use crate::time::Timestamp;
use std::cmp::Reverse;
use std::collections::HashMap;
use std::str::FromStr;
use std::time::Duration;

/// Longest comment, in bytes.
pub const MOST_TEXT: usize = 16 * 1024;

/// For how long the same words by the same member in the same place are taken for one comment, sent twice.
pub const REPEAT_WINDOW: Duration = Duration::from_mins(10);

/// Text of a comment that may be posted: not blank, not too long; with its rendering, which takes time and is made once.
#[derive(Debug, Clone)]
pub struct CommentText {
    source: String,
    html: SafeHtml,
}

impl CommentText {
    /// Checks and renders a text.
    ///
    /// # Errors
    /// A sentence for the person.
    pub fn parse(source: &str) -> Result<Self, String> {
        let source = source.trim_end();
        if source.len() > MOST_TEXT {
            return Err(format!(
                "This is too long: {} of at most {MOST_TEXT} bytes. Nothing is lost; please shorten it.",
                source.len()
            ));
        }
        let html = markdown(source);
        if !is_visible(&plain(&html)) {
            return Err("There is nothing to read here yet.".into());
        }
        Ok(Self {
            source: source.to_owned(),
            html,
        })
    }

    /// Markdown, as typed.
    #[must_use]
    pub fn source(&self) -> &str {
        &self.source
    }

    /// Rendered.
    #[must_use]
    pub fn html(&self) -> &SafeHtml {
        &self.html
    }
}

/// A comment as pages show it.
#[derive(Debug, Clone)]
pub struct Comment {
    /// Which.
    pub id: CommentId,
    /// The story that it belongs to.
    pub story: StoryId,
    /// What it answers; `None` when it answers the story.
    pub parent: Option<CommentId>,
    /// Who wrote it.
    pub author: UserName,
    /// Who wrote it.
    pub author_id: UserId,
    /// The author's account is deleted.
    pub author_deleted: bool,
    /// Text, rendered.
    pub html: SafeHtml,
    /// Whether it is shown, or why not.
    pub state: ItemState,
    /// Why it was removed.
    pub state_reason: Option<String>,
    /// Points.
    pub score: i64,
    /// Flags.
    pub flags: i64,
    /// Written at.
    pub created: Timestamp,
    /// Edited at.
    pub edited: Option<Timestamp>,
    /// What the viewer did with it.
    pub marks: Marks,
}

impl Comment {
    /// Whether its author may still edit it.
    #[must_use]
    pub fn editable(&self, now: Timestamp) -> bool {
        self.state == ItemState::Shown && now.since(self.created) < EDIT_WINDOW
    }

    /// Flags outweigh its points.
    #[must_use]
    pub fn is_low(&self) -> bool {
        self.flags > self.score
    }
}

/// A comment away from its thread: in lists, on profiles, in search.
#[derive(Debug, Clone)]
pub struct CommentRow {
    /// The comment.
    pub comment: Comment,
    /// Title of its story.
    pub story_title: String,
    /// Its story is the thread of a lesson, so it may show a solution.
    pub of_lesson: bool,
}

/// A story or a comment, in a list that holds both.
#[derive(Debug, Clone)]
pub enum Item {
    /// A story.
    Story(StoryRow),
    /// A comment.
    Comment(CommentRow),
}

/// Orders of a thread.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Order {
    /// By confidence (see `domain::rank`).
    #[default]
    Best,
    /// Newest first.
    Newest,
    /// Oldest first.
    Oldest,
}

impl Order {
    /// All orders.
    pub const EACH: [Self; 3] = [Self::Best, Self::Newest, Self::Oldest];

    /// Its word in URLs.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Best => "best",
            Self::Newest => "newest",
            Self::Oldest => "oldest",
        }
    }
}

impl FromStr for Order {
    type Err = ();

    fn from_str(word: &str) -> Result<Self, ()> {
        Self::EACH
            .into_iter()
            .find(|order| order.word() == word)
            .ok_or(())
    }
}

/// One step of a walk over a thread, in display order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// A comment begins: its index in the rows, its depth from 0, and how many comments lie below it.
    Open {
        /// Index into the rows.
        index: usize,
        /// Depth from 0.
        depth: usize,
        /// Comments below it, at any depth.
        below: usize,
    },
    /// The comment that was opened last and not yet closed ends.
    Close,
}

/// The walk over a thread: for each comment an [`Step::Open`], the steps of its answers, a [`Step::Close`].
///
/// Siblings stand in `order`, ties by id. A comment whose parent is not among the rows stands at the top level, so that
/// a part of a thread can be walked too. Tombstones (not shown) without shown comments below are left out.
#[must_use]
pub fn walk(rows: &[Comment], order: Order) -> Vec<Step> {
    walk_with(rows, order, |row| row.state == ItemState::Shown)
}

/// [`walk`] with every tombstone: for those who may restore one, and for the page of a single comment.
#[must_use]
pub fn walk_all(rows: &[Comment], order: Order) -> Vec<Step> {
    walk_with(rows, order, |_| true)
}

fn walk_with(rows: &[Comment], order: Order, shown: fn(&Comment) -> bool) -> Vec<Step> {
    let mut sorted: Vec<usize> = (0..rows.len()).collect();
    match order {
        Order::Best => sorted.sort_by(|&a, &b| best(&rows[a], &rows[b])),
        Order::Newest => sorted.sort_by_key(|&i| Reverse((rows[i].created, rows[i].id))),
        Order::Oldest => sorted.sort_by_key(|&i| (rows[i].created, rows[i].id)),
    }
    let place: HashMap<CommentId, usize> = rows
        .iter()
        .enumerate()
        .map(|(i, row)| (row.id, i))
        .collect();
    let mut children: Vec<Vec<usize>> = vec![Vec::new(); rows.len()];
    let mut tops = Vec::new();
    for &index in &sorted {
        match rows[index].parent.and_then(|parent| place.get(&parent)) {
            // An answer is newer than what it answers: ids only grow, so there is no circle.
            Some(&parent) if parent != index => children[parent].push(index),
            _ => tops.push(index),
        }
    }
    let below = count_below(rows, &tops, &children);
    let shown = |index: usize| shown(&rows[index]) || below[index] > 0;
    steps(&tops, &children, &below, shown)
}

fn best(a: &Comment, b: &Comment) -> std::cmp::Ordering {
    confidence(b.score, b.flags)
        .total_cmp(&confidence(a.score, a.flags))
        .then(a.id.cmp(&b.id))
}

/// Shown comments below each one.
fn count_below(rows: &[Comment], tops: &[usize], children: &[Vec<usize>]) -> Vec<usize> {
    let mut below = vec![0; rows.len()];
    let mut stack: Vec<(usize, bool)> = tops.iter().map(|&top| (top, false)).collect();
    while let Some((index, done)) = stack.pop() {
        if done {
            below[index] = children[index]
                .iter()
                .map(|&child| below[child] + usize::from(rows[child].state == ItemState::Shown))
                .sum();
        } else {
            stack.push((index, true));
            stack.extend(children[index].iter().map(|&child| (child, false)));
        }
    }
    below
}

fn steps(
    tops: &[usize],
    children: &[Vec<usize>],
    below: &[usize],
    shown: impl Fn(usize) -> bool,
) -> Vec<Step> {
    let mut steps = Vec::with_capacity(children.len() * 2);
    // `None` closes what was opened.
    let mut stack: Vec<(Option<usize>, usize)> =
        tops.iter().rev().map(|&top| (Some(top), 0)).collect();
    while let Some((next, depth)) = stack.pop() {
        let Some(index) = next else {
            steps.push(Step::Close);
            continue;
        };
        if !shown(index) {
            continue;
        }
        steps.push(Step::Open {
            index,
            depth,
            below: below[index],
        });
        stack.push((None, depth));
        stack.extend(
            children[index]
                .iter()
                .rev()
                .map(|&child| (Some(child), depth + 1)),
        );
    }
    steps
}

#[cfg(test)]
mod tests {
    use super::*;

    fn comment(id: i64, parent: Option<i64>, score: i64) -> Comment {
        Comment {
            id: CommentId::new(id),
            story: StoryId::new(1),
            parent: parent.map(CommentId::new),
            author: UserName::from_stored("ada".into()),
            author_id: UserId::new(1),
            author_deleted: false,
            html: SafeHtml::default(),
            state: ItemState::Shown,
            state_reason: None,
            score,
            flags: 0,
            created: Timestamp::from_ms(id),
            edited: None,
            marks: Marks::default(),
        }
    }

    fn ids(rows: &[Comment], order: Order) -> Vec<(i64, usize)> {
        walk(rows, order)
            .into_iter()
            .filter_map(|step| match step {
                Step::Open { index, depth, .. } => Some((rows[index].id.raw(), depth)),
                Step::Close => None,
            })
            .collect()
    }

    #[test]
    fn answers_stand_below_what_they_answer_in_each_order() {
        let rows = [
            comment(2, None, 1),
            comment(5, Some(2), 1),
            comment(3, None, 9),
            comment(4, Some(2), 3),
        ];
        assert_eq!(ids(&rows, Order::Best), [(3, 0), (2, 0), (4, 1), (5, 1)]);
        assert_eq!(ids(&rows, Order::Newest), [(3, 0), (2, 0), (5, 1), (4, 1)]);
        assert_eq!(ids(&rows, Order::Oldest), [(2, 0), (4, 1), (5, 1), (3, 0)]);
    }

    #[test]
    fn a_tombstone_stays_only_while_something_shown_hangs_below() {
        let mut rows = [
            comment(2, None, 1),
            comment(3, Some(2), 1),
            comment(4, None, 1),
        ];
        rows[0].state = ItemState::Deleted;
        rows[2].state = ItemState::Removed;
        assert_eq!(ids(&rows, Order::Oldest), [(2, 0), (3, 1)]);
        rows[1].state = ItemState::Deleted;
        assert_eq!(ids(&rows, Order::Oldest), []);
    }

    #[test]
    fn a_thread_of_ten_thousand_levels_is_walked_without_recursion() {
        let rows: Vec<_> = (1..=10_000)
            .map(|id| comment(id, (id > 1).then(|| id - 1), 1))
            .collect();
        let steps = walk(&rows, Order::Best);
        assert_eq!(steps.len(), 20_000);
        assert_eq!(
            steps[0],
            Step::Open {
                index: 0,
                depth: 0,
                below: 9_999
            }
        );
        assert_eq!(
            steps[9_999],
            Step::Open {
                index: 9_999,
                depth: 9_999,
                below: 0
            }
        );
    }
}
