//! Comments: a thread of them, one in it, one alone.
//!
//! Markup per comment is kept small: a thread has thousands. What only members can use is drawn for members only.

use maud::{Markup, html};

use crate::domain::comment::Comment;
use crate::domain::id::{CommentId, ItemId, UserId};
use crate::domain::story::{EDIT_WINDOW, ItemState, Marks, Story};
use crate::domain::thread::{Placed, Thread};
use crate::html::page::{Frame, count, number, page, time};
use crate::html::path;
use crate::html::pen::{Eye, Hole, Pen};
use crate::html::story::{Voting, author, save, vote};
use crate::time::Timestamp;

/// What drawing a comment needs to know besides the comment.
#[derive(Debug, Clone, Copy)]
pub struct Scene<'a> {
    /// For whom it is drawn.
    pub pen: Pen<'a>,
    /// Who posted the story.
    pub submitter: UserId,
    /// New comments are taken.
    pub open: bool,
    /// The comment that the page is about.
    pub here: Option<CommentId>,
    /// Now.
    pub now: Timestamp,
}

impl<'a> Scene<'a> {
    /// The scene of a story's comments.
    #[must_use]
    pub fn of(frame: &Frame<'a>, story: &Story) -> Self {
        Self {
            pen: frame.pen,
            submitter: story.row.author_id,
            open: story.row.state.takes_comments() && !story.row.locked,
            here: None,
            now: frame.now,
        }
    }
}

/// A thread, nested as it was laid out.
#[must_use]
pub fn thread(scene: &Scene, rows: &[Comment], thread: &Thread) -> Markup {
    html! { ol.thread { (branches(scene, rows, &thread.placed, 0)) } }
}

/// The comments of one level, each with those below it. Recursion ends where nesting does
/// ([`DEEPEST`](crate::domain::thread::DEEPEST)).
fn branches(scene: &Scene, rows: &[Comment], placed: &[Placed], level: usize) -> Markup {
    html! {
        @for (first, below) in split(placed, level) { (branch(scene, rows, first, below)) }
    }
}

/// Cuts what lies below one level into its branches.
fn split(placed: &[Placed], level: usize) -> impl Iterator<Item = (Placed, &[Placed])> {
    let mut rest = placed;
    std::iter::from_fn(move || {
        let (first, after) = rest.split_first()?;
        let end = after.iter().position(|next| next.level <= level);
        let (below, others) = after.split_at(end.unwrap_or(after.len()));
        rest = others;
        Some((*first, below))
    })
}

fn branch(scene: &Scene, rows: &[Comment], place: Placed, below: &[Placed]) -> Markup {
    let comment = &rows[place.index];
    let parent = comment.parent.filter(|_| place.level > 0);
    let folded = comment.score - comment.flags <= FOLD_AT && scene.here != Some(comment.id);
    let label = format!("Thread by {}, {}", name(comment), replies(place.below));
    html! {
        li class={ (class(scene, comment)) (words(scene, comment)) } id={ "c_" (comment.id) } {
            (by(scene, comment))
            details.fold open[!folded] {
                summary data-n=(place.below + 1) aria-label=(label) {}
                (text(scene, comment))
                (acts(scene, comment, parent))
                @if !below.is_empty() {
                    ol.replies { (branches(scene, rows, below, place.level + 1)) }
                }
                @if place.more > 0 {
                    a.deeper href=(path::comment(comment.id)) {
                        (number(to_i64(place.more))) (if place.more == 1 { " more reply" } else { " more replies" })
                    }
                }
            }
        }
    }
}

/// Points less flags at which a branch begins folded.
const FOLD_AT: i64 = -5;

/// One comment without its thread.
#[must_use]
pub fn alone(scene: &Scene, comment: &Comment) -> Markup {
    html! {
        ol.thread {
            li class=(class(scene, comment)) id={ "c_" (comment.id) } { (by(scene, comment)) (text(scene, comment)) }
        }
    }
}

fn class(scene: &Scene, comment: &Comment) -> &'static str {
    let here = scene.here == Some(comment.id);
    match (comment.state, comment.is_low()) {
        (ItemState::Shown, false) if here => "c here",
        (ItemState::Shown, false) => "c",
        (ItemState::Shown, true) if here => "c low here",
        (ItemState::Shown, true) => "c low",
        _ if here => "c gone here",
        _ => "c gone",
    }
}

/// The author as text.
pub(super) fn name(comment: &Comment) -> &str {
    if comment.state == ItemState::Shown && !comment.author_deleted {
        comment.author.as_str()
    } else {
        "nobody"
    }
}

fn replies(below: usize) -> String {
    let below = to_i64(below);
    format!(
        "{} {}",
        number(below),
        if below == 1 { "reply" } else { "replies" }
    )
}

/// Who, and when.
fn by(scene: &Scene, comment: &Comment) -> Markup {
    let submitter = comment.author_id == scene.submitter && !comment.author_deleted;
    html! {
        p.by {
            @match comment.state {
                ItemState::Shown => {
                    (author(comment.author.as_str(), comment.author_deleted))
                    @if submitter { span.badge { "submitter" } }
                }
                ItemState::Deleted => span { "[deleted]" },
                ItemState::Removed => span { "[removed]" },
                ItemState::Dead | ItemState::Lesson => span { "[dead]" },
            }
            a href=(path::comment(comment.id)) { (time(comment.created)) }
            @if let Some(edited) = comment.edited {
                @if comment.state == ItemState::Shown { span { "edited " (time(edited)) } }
            }
        }
    }
}

/// What it says, or why it says nothing any more. Moderators read what was removed.
fn text(scene: &Scene, comment: &Comment) -> Markup {
    html! {
        div.text {
            @match comment.state {
                ItemState::Shown => (comment.html),
                ItemState::Deleted => p { "Deleted by its author." },
                ItemState::Removed => {
                    p {
                        "Removed by a moderator"
                        @if let Some(reason) = comment.state_reason.as_deref().filter(|reason| !reason.is_empty()) {
                            ": " (reason)
                        }
                        ". " a href="/modlog" { "See the log" } "."
                    }
                }
                ItemState::Dead | ItemState::Lesson => p { "Taken down where it was first posted." },
            }
            @if scene.pen.moderates() && comment.state != ItemState::Shown { (comment.html) }
        }
    }
}

fn acts(scene: &Scene, comment: &Comment, parent: Option<CommentId>) -> Markup {
    if comment.state != ItemState::Shown {
        let removed = comment.state == ItemState::Removed && scene.pen.moderates();
        return html! { @if removed { div.acts { (moderate(ItemId::Comment(comment.id))) } } };
    }
    html! {
        div.acts {
            (vote(scene.pen, &Voting::comment(comment)))
            @if scene.open { a.reply href=(path::comment_act(comment.id, "reply")) { "reply" } }
            @if let Some(parent) = parent { a href={ "#c_" (parent) } { "parent" } }
            (scene.pen.members(|| for_members(scene, comment)))
        }
    }
}

/// What members can do with a comment: its author one thing, others another. Where both are drawn, the style sheet shows
/// one, by the [`Words`] on it.
fn for_members(scene: &Scene, comment: &Comment) -> Markup {
    let id = comment.id;
    let own = scene.pen.is(comment.author_id);
    html! {
        @if own != Some(false) {
            @if comment.editable(scene.now) { a.own.edit href=(path::comment_act(id, "edit")) { "edit" } }
            a.own.danger href=(path::comment_act(id, "delete")) { "delete" }
        }
        @if own != Some(true) {
            details.more {
                summary aria-label="More actions" { "more" }
                (save(scene.pen, ItemId::Comment(id), &comment.marks))
                a.flag href=(path::comment_act(id, "flag")) { "flag" }
                a href=(path::comment(id)) { "link" }
                @if scene.pen.moderates() { (moderate(ItemId::Comment(id))) }
            }
        }
    }
}

fn words(scene: &Scene, comment: &Comment) -> Markup {
    let shown = comment.state == ItemState::Shown;
    html! { @if shown { (scene.pen.hole(Words::on(comment), &comment.marks)) } }
}

/// What a comment is to its reader, as words of its class: `own`, with `new` while it can be edited, and `flagged`.
#[derive(Debug)]
struct Words {
    id: CommentId,
    author: UserId,
    created: Timestamp,
}

impl Words {
    fn on(comment: &Comment) -> Self {
        Self {
            id: comment.id,
            author: comment.author_id,
            created: comment.created,
        }
    }

    fn last_edit(&self) -> Timestamp {
        self.created.plus(EDIT_WINDOW)
    }
}

impl Hole for Words {
    fn draw(&self, eye: &Eye, marks: &Marks) -> Markup {
        html! {
            @if eye.is(self.author) {
                " own"
                @if eye.now < self.last_edit() { " new" }
            } @else if marks.flagged {
                " flagged"
            }
        }
    }

    fn item(&self) -> Option<ItemId> {
        Some(ItemId::Comment(self.id))
    }

    fn width(&self) -> Option<usize> {
        Some(" own new".len())
    }

    fn until(&self, eye: &Eye) -> Option<Timestamp> {
        Some(self.last_edit()).filter(|end| eye.is(self.author) && eye.now < *end)
    }
}

/// The way to what a moderator can do with it.
#[must_use]
pub fn moderate(item: ItemId) -> Markup {
    html! { a href=(path::moderate(item)) { "moderate" } }
}

/// The page of one comment: some of what it answers, itself, and all that answers it.
#[must_use]
pub fn permalink(
    frame: &Frame,
    story: &Story,
    rows: &[Comment],
    laid: &Thread,
    here: &Comment,
) -> Markup {
    let row = &story.row;
    let scene = Scene {
        here: Some(here.id),
        ..Scene::of(frame, story)
    };
    let all = path::story(row.id, &row.title);
    let body = html! {
        p.context {
            "One thread of " a href=(all) { (row.title) } ". "
            a href=(path::in_thread(row.id, &row.title, ItemId::Comment(here.id))) { "In context" }
            " · " a href=(path::to_comments(&all)) { "All " (count(row.comments, "comment")) }
            @if let Some(parent) = here.parent { " · " a href=(path::comment(parent)) { "Parent" } }
        }
        h1.sr { "Comment by " (name(here)) " on " (row.title) }
        (thread(&scene, rows, laid))
        (more(laid, &path::comment(here.id)))
    };
    page(frame, &body)
}

/// The way on, when there is more than a page.
#[must_use]
pub fn more(laid: &Thread, here: &str) -> Markup {
    html! {
        @if let Some(next) = laid.next {
            nav.older aria-label="More comments" {
                a rel="next" href=(path::with(here, "after", &next.to_string())) {
                    (count(to_i64(laid.more), "more comment"))
                }
            }
        }
    }
}

fn to_i64(number: usize) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}
