//! How a thread is laid out on a page: which comments are drawn, how deep, and where "more replies" stand instead.
//!
//! A page has a budget of bytes, so a thread of any size opens fast: the best branches are drawn widest and deepest, the
//! rest stays one link away. Nesting ends at [`DEEPEST`] levels; deeper answers follow as siblings, so that neither a
//! stack nor a browser meets ten thousand nested elements. Pure: knows no markup and no SQL.

use crate::domain::comment::{Comment, Step};
use crate::domain::id::CommentId;
use crate::domain::story::ItemState;
use std::collections::{HashMap, HashSet};

/// Levels of real nesting; the indent of the style sheet ends at the same depth.
pub const DEEPEST: usize = 12;
/// What a page of comments may weigh on the wire, in bytes after compression (an estimate).
pub const BUDGET: usize = 120_000;
/// What a comment weighs without its text, compressed.
const FRAME_COST: usize = 95;
/// Comments above the one that a permalink names.
const ABOVE: usize = 5;

/// A comment with its place on the page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Placed {
    /// Index into the rows.
    pub index: usize,
    /// Level of nesting, at most [`DEEPEST`].
    pub level: usize,
    /// Shown comments that a fold of it takes away, drawn or not.
    pub below: usize,
    /// Shown comments below that are not drawn here.
    pub more: usize,
}

/// A thread as one page draws it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Thread {
    /// In display order.
    pub placed: Vec<Placed>,
    /// Comments of the whole that come after these: how many.
    pub more: usize,
    /// After which answer to the root a next page goes on, when there is more.
    pub next: Option<CommentId>,
}

/// What a page wants of a thread.
#[derive(Debug, Clone, Copy)]
pub struct Part {
    /// The comment whose answers are the page's subject; `None`: the story.
    pub root: Option<CommentId>,
    /// Answers to the root up to this one were on an earlier page.
    pub after: Option<CommentId>,
    /// Drawn whatever it costs, with all that stands above it.
    pub keep: Option<CommentId>,
    /// Bytes of the page, see [`BUDGET`].
    pub budget: usize,
}

impl Default for Part {
    fn default() -> Self {
        Self {
            root: None,
            after: None,
            keep: None,
            budget: BUDGET,
        }
    }
}

/// A comment of the walk: what it hangs on, and how early it deserves to be drawn.
struct Node {
    index: usize,
    depth: usize,
    parent: Option<usize>,
    below: usize,
    /// Smaller is drawn first; never smaller than the parent's. `None`: not on this page.
    key: Option<usize>,
}

/// Lays out the steps of a [`walk`](crate::domain::comment::walk) over `rows`.
#[must_use]
pub fn arrange(rows: &[Comment], steps: &[Step], part: Part) -> Thread {
    let mut nodes = nodes(steps);
    let at: HashMap<CommentId, usize> = nodes
        .iter()
        .enumerate()
        .map(|(place, node)| (rows[node.index].id, place))
        .collect();
    let find = |id: Option<CommentId>| id.and_then(|id| at.get(&id).copied());
    let root = find(part.root);
    let mut always = HashSet::new();
    for mut place in [root, find(part.keep)] {
        while let Some(here) = place {
            always.insert(here);
            place = nodes[here].parent;
        }
    }
    rank(&mut nodes, root, find(part.after), &always);
    let drawn = select(rows, &nodes, part.budget);
    place(rows, &nodes, root, &drawn)
}

fn nodes(steps: &[Step]) -> Vec<Node> {
    let mut nodes = Vec::with_capacity(steps.len() / 2);
    let mut open: Vec<usize> = Vec::new();
    for step in steps {
        match *step {
            Step::Open {
                index,
                depth,
                below,
            } => {
                nodes.push(Node {
                    index,
                    depth,
                    parent: open.last().copied(),
                    below,
                    key: None,
                });
                open.push(nodes.len() - 1);
            }
            Step::Close => {
                open.pop();
            }
        }
    }
    nodes
}

/// Gives each node its key: the n-th answer to the root costs n, a step down 4, the n-th answer further down 2n.
fn rank(nodes: &mut [Node], root: Option<usize>, after: Option<usize>, always: &HashSet<usize>) {
    let mut answers = vec![0_usize; nodes.len()];
    let mut to_root = 0;
    // An unknown place is the beginning.
    let mut begun = after.is_none_or(|after| nodes[after].parent != root);
    for place in 0..nodes.len() {
        let parent = nodes[place].parent;
        let key = if always.contains(&place) {
            Some(0)
        } else if parent == root {
            to_root += usize::from(begun);
            begun.then_some(to_root)
        } else {
            let above = parent.and_then(|parent| nodes[parent].key);
            let rank = parent.map_or(0, |parent| answers[parent]);
            above.map(|above| above + 4 + 2 * rank)
        };
        if let Some(parent) = parent {
            answers[parent] += 1;
        }
        begun = begun || after == Some(place);
        nodes[place].key = key;
    }
}

/// The nodes that fit the budget, best first; at least one, and all that have key 0.
fn select(rows: &[Comment], nodes: &[Node], budget: usize) -> Vec<bool> {
    let mut order: Vec<(usize, usize)> = nodes
        .iter()
        .enumerate()
        .filter_map(|(place, node)| Some((node.key?, place)))
        .collect();
    order.sort_unstable();
    let mut drawn = vec![false; nodes.len()];
    let mut spent = 0;
    for (key, place) in order {
        spent += FRAME_COST + rows[nodes[place].index].html.as_str().len() * 2 / 5;
        if spent > budget && key > 0 && place > 0 {
            break;
        }
        drawn[place] = true;
    }
    drawn
}

fn place(rows: &[Comment], nodes: &[Node], root: Option<usize>, drawn: &[bool]) -> Thread {
    let mut thread = Thread::default();
    let mut seat: Vec<Option<usize>> = vec![None; nodes.len()];
    let mut last = None;
    for (place, node) in nodes.iter().enumerate() {
        let here = &rows[node.index];
        if drawn[place] {
            seat[place] = Some(thread.placed.len());
            let level = node.depth.min(DEEPEST);
            thread.placed.push(Placed {
                index: node.index,
                level,
                below: if level < DEEPEST { node.below } else { 0 },
                more: 0,
            });
            if node.parent == root && thread.next.is_none() {
                last = Some(here.id);
            }
            continue;
        }
        let hidden = node.below + usize::from(here.state == ItemState::Shown);
        if node.parent == root {
            if node.key.is_some() {
                thread.more += hidden;
                thread.next = thread.next.or(last);
            }
        } else if let Some(seat) = node.parent.and_then(|parent| seat[parent]) {
            thread.placed[seat].more += hidden;
        }
    }
    thread
}

/// Of a story's comments, those around one: a few above it, itself, and all below it.
#[must_use]
pub fn around(rows: Vec<Comment>, id: CommentId) -> Vec<Comment> {
    let parents: HashMap<CommentId, Option<CommentId>> =
        rows.iter().map(|row| (row.id, row.parent)).collect();
    let mut children: HashMap<CommentId, Vec<CommentId>> = HashMap::new();
    for row in &rows {
        if let Some(parent) = row.parent {
            children.entry(parent).or_default().push(row.id);
        }
    }
    let above = std::iter::successors(Some(id), |id| *parents.get(id)?).take(ABOVE + 1);
    let mut wanted: HashSet<CommentId> = above.collect();
    let mut below = vec![id];
    while let Some(next) = below.pop() {
        let answers = children.remove(&next).unwrap_or_default();
        wanted.extend(&answers);
        below.extend(answers);
    }
    rows.into_iter()
        .filter(|row| wanted.contains(&row.id))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::comment::{Order, walk};
    use crate::domain::id::{StoryId, UserId};
    use crate::domain::story::Marks;
    use crate::domain::text::markdown;
    use crate::domain::user::UserName;
    use crate::time::Timestamp;

    fn comment(id: i64, parent: Option<i64>) -> Comment {
        Comment {
            id: CommentId::new(id),
            story: StoryId::new(1),
            parent: parent.map(CommentId::new),
            author: UserName::from_stored("ada".into()),
            author_id: UserId::new(1),
            author_deleted: false,
            html: markdown("word ".repeat(40).as_str()),
            state: ItemState::Shown,
            state_reason: None,
            score: 1,
            flags: 0,
            created: Timestamp::from_ms(id),
            edited: None,
            marks: Marks::default(),
        }
    }

    fn lay(rows: &[Comment], part: Part) -> Thread {
        arrange(rows, &walk(rows, Order::Oldest), part)
    }

    fn ids(rows: &[Comment], thread: &Thread) -> Vec<i64> {
        thread
            .placed
            .iter()
            .map(|placed| rows[placed.index].id.raw())
            .collect()
    }

    /// 400 threads of 5 comments each, one below the other.
    fn wide() -> Vec<Comment> {
        (0..2000)
            .map(|n| comment(n + 1, (n % 5 > 0).then_some(n)))
            .collect()
    }

    #[test]
    fn a_small_thread_is_drawn_whole() {
        let rows: Vec<_> = wide().into_iter().take(100).collect();
        let thread = lay(&rows, Part::default());
        assert_eq!(ids(&rows, &thread), (1..=100).collect::<Vec<_>>());
        assert_eq!((thread.more, thread.next), (0, None));
    }

    #[test]
    fn what_is_not_drawn_is_counted_and_every_page_goes_on_where_the_last_ended() {
        let rows = wide();
        let mut seen = HashSet::new();
        let mut after = None;
        loop {
            let part = Part {
                after,
                ..Part::default()
            };
            let thread = lay(&rows, part);
            let cut: usize = thread.placed.iter().map(|placed| placed.more).sum();
            let before = after.map_or(0, |id: CommentId| usize::try_from(id.raw()).unwrap() + 4);
            assert_eq!(before + thread.placed.len() + cut + thread.more, rows.len());
            let fresh = ids(&rows, &thread);
            assert!(fresh.iter().all(|id| seen.insert(*id)));
            match thread.next {
                Some(next) => after = Some(next),
                None => break,
            }
        }
        assert!(
            (0..400).all(|n| seen.contains(&(n * 5 + 1))),
            "every branch was begun on some page"
        );
    }

    #[test]
    fn a_comment_is_never_drawn_without_those_above_it() {
        let rows = wide();
        let thread = lay(
            &rows,
            Part {
                keep: Some(CommentId::new(2000)),
                ..Part::default()
            },
        );
        let drawn: HashSet<i64> = ids(&rows, &thread).into_iter().collect();
        assert!(drawn.contains(&2000));
        assert!(
            drawn
                .iter()
                .all(|id| (id - 1) % 5 == 0 || drawn.contains(&(id - 1)))
        );
    }

    #[test]
    fn nesting_ends_where_the_indent_does() {
        let rows: Vec<_> = (1..=10_000)
            .map(|id| comment(id, (id > 1).then(|| id - 1)))
            .collect();
        let thread = lay(&rows, Part::default());
        assert_eq!(
            thread.placed.iter().map(|placed| placed.level).max(),
            Some(DEEPEST)
        );
        let last = thread.placed.last().unwrap();
        assert_eq!(thread.placed.len() + last.more, 10_000);
        assert_eq!(thread.placed[0].below, 9_999);
        assert_eq!(last.below, 0);
    }

    #[test]
    fn around_a_comment_stand_its_parents_and_all_below() {
        let rows: Vec<_> = (1..=10_000)
            .map(|id| comment(id, (id > 1).then(|| id - 1)))
            .collect();
        let part = around(rows, CommentId::new(9_000));
        assert_eq!(part.len(), ABOVE + 1 + 1_000);
        assert_eq!(part[0].id, CommentId::new(9_000 - 5));
        assert!(
            around(wide(), CommentId::new(6))
                .iter()
                .all(|row| (6..=10).contains(&row.id.raw()))
        );
    }

    #[test]
    fn a_page_about_a_comment_with_too_many_answers_goes_on_too() {
        let rows: Vec<_> = (1..=3000)
            .map(|id| comment(id, (id > 1).then_some(1)))
            .collect();
        let part = Part {
            root: Some(CommentId::new(1)),
            ..Part::default()
        };
        let first = lay(&rows, part);
        let next = lay(
            &rows,
            Part {
                after: first.next,
                ..part
            },
        );
        assert_eq!(rows[next.placed[0].index].id, CommentId::new(1));
        assert_eq!(
            rows[next.placed[1].index].id.raw(),
            first.next.unwrap().raw() + 1
        );
        assert_eq!(first.placed.len() + first.more, 3000);
    }
}
