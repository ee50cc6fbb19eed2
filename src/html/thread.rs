//! A story's own page: the story, the form for a comment, the thread; and what stands there when it is gone.

use maud::{Markup, html};

use crate::domain::comment::{Comment, Order};
use crate::domain::id::{CommentId, ItemId, StoryId, UserId};
use crate::domain::story::{EDIT_WINDOW, ItemState, Marks, Story};
use crate::domain::submission::Earlier;
use crate::domain::text::{excerpt, plain};
use crate::domain::thread::Thread;
use crate::domain::user::Role;
use crate::html::comment::{self, Scene};
use crate::html::page::{Frame, count, number, page, time};
use crate::html::pen::{Eye, Hole, Pen};
use crate::html::story::{Voting, badges, by, save, title, vote};
use crate::html::write::{self, Draft, Place};
use crate::html::{path, structured, submit};
use crate::time::Timestamp;

/// A story with its comments as one page shows them.
#[derive(Debug)]
pub struct StoryPage<'a> {
    /// The story.
    pub story: &'a Story,
    /// Its comments.
    pub rows: &'a [Comment],
    /// How they are laid out.
    pub thread: &'a Thread,
    /// In which order.
    pub order: Order,
    /// Where the page begins, when it is not the first.
    pub after: Option<CommentId>,
}

/// Gives a frame what search engines and link previews want to know of a story.
pub fn introduce(frame: &mut Frame, story: &Story) {
    let row = &story.row;
    let path = path::story(row.id, &row.title);
    if row.state == ItemState::Shown {
        frame.json_ld = Some(structured::posting(frame.base, story));
        frame.description = excerpt(&plain(&story.html), 200);
        frame.feed = Some(path::story_act(row.id, "comments"));
    } else {
        frame.noindex = true;
    }
    frame.canonical = Some(path);
}

/// What stands beside a story: earlier stories that lead to the same page.
#[must_use]
pub fn beside(earlier: &[Earlier]) -> Option<Markup> {
    let section = html! { section { h2 { "Discussed before" } (submit::earlier_list(earlier)) } };
    (!earlier.is_empty()).then_some(section)
}

/// The page of a story.
#[must_use]
pub fn story(frame: &Frame, show: &StoryPage) -> Markup {
    let row = &show.story.row;
    let scene = Scene::of(frame, show.story);
    let here = path::story_in(row.id, &row.title, show.order);
    let body = html! {
        (head(frame, show.story))
        @if show.after.is_none() { (invite(frame, &scene, show.story)) }
        @let silent = show.thread.placed.is_empty() && scene.open && row.comments == 0;
        @if !silent {
            div.thread-head {
                h2 id="comments" { (count(row.comments, "comment")) }
                @if row.comments > 1 { (orders(show)) }
            }
        }
        @if let Some(line) = cut_line(show) { p.hint { (line) } }
        @if show.after.is_some() {
            p.hint { "These come after those of " a href=(path::to_comments(&here)) { "the first page" } "." }
        }
        @if !show.thread.placed.is_empty() {
            (comment::thread(&scene, show.rows, show.thread))
        } @else if silent {
            (nobody_yet(frame))
        }
        (comment::more(show.thread, &here))
    };
    page(frame, &body)
}

/// The story itself, or what is left of it.
fn head(frame: &Frame, story: &Story) -> Markup {
    let row = &story.row;
    let readable = row.state == ItemState::Shown || frame.pen.moderates();
    html! {
        article.full-story id={ "s_" (row.id) } {
            @if row.state == ItemState::Shown {
                (vote(frame.pen, &Voting::story(row)))
            }
            @if row.state == ItemState::Deleted { h1 { "A story that its author deleted" } } @else { h1 { (title(row)) } }
            div {
                p.meta {
                    (badges(row))
                    @if row.state != ItemState::Deleted { (by(row)) }
                    @if let Some(edited) = story.edited { @if readable { span { "edited " (time(edited)) } } }
                }
                @if let Some(reason) = story.state_reason.as_deref().filter(|reason| !reason.is_empty()) {
                    p.hint { "Removed: " (reason) }
                }
                @if readable && !story.html.is_empty() { div.text { (story.html) } }
                (acts(frame, story))
            }
        }
    }
}

fn acts(frame: &Frame, story: &Story) -> Markup {
    let row = &story.row;
    let shown = row.state == ItemState::Shown;
    let moderates = frame.pen.moderates() && row.state != ItemState::Deleted;
    let own = OwnActs {
        id: row.id,
        author: row.author_id,
        created: row.created,
    };
    html! {
        @if shown || moderates {
            div.acts {
                @if shown { (frame.pen.hole(own, &row.marks)) }
                @if moderates { (comment::moderate(ItemId::Story(row.id))) }
                @if let Some(feed) = &frame.feed { a href={ (feed) ".atom" } { "feed" } }
            }
        }
    }
}

/// What a member can do with a story that is shown: its author one thing, others another.
#[derive(Debug)]
struct OwnActs {
    id: StoryId,
    author: UserId,
    created: Timestamp,
}

impl OwnActs {
    fn last_edit(&self) -> Timestamp {
        self.created.plus(EDIT_WINDOW)
    }
}

impl Hole for OwnActs {
    fn draw(&self, eye: &Eye, marks: &Marks) -> Markup {
        let hide = if marks.hidden { "unhide" } else { "hide" };
        html! {
            @if eye.viewer.is_some() {
                (save(Pen::One(*eye), ItemId::Story(self.id), marks))
                button.link form="act" formaction=(path::story_act(self.id, hide)) { (hide) }
                @if eye.is(self.author) {
                    @if eye.now < self.last_edit() { a href=(path::story_act(self.id, "edit")) { "edit" } }
                    a.danger href=(path::story_act(self.id, "delete")) { "delete" }
                } @else {
                    a href=(path::story_act(self.id, "flag")) { @if marks.flagged { "flagged" } @else { "flag" } }
                }
            }
        }
    }

    fn item(&self) -> Option<ItemId> {
        Some(ItemId::Story(self.id))
    }

    fn until(&self, eye: &Eye) -> Option<Timestamp> {
        Some(self.last_edit()).filter(|end| eye.is(self.author) && eye.now < *end)
    }
}

/// The form, or why there is none.
fn invite(frame: &Frame, scene: &Scene, story: &Story) -> Markup {
    let row = &story.row;
    if row.state != ItemState::Shown {
        return html! {
            p.hint { "The story is gone. What others wrote about it stays; nothing new can be added." }
        };
    }
    if !scene.open {
        return html! {
            p.hint { "This story is locked. You can read what was said, but nothing new can be added." }
        };
    }
    let join = || {
        html! {
            @if row.comments > 0 {
                p.hint { a href=(path::sign_in(frame.here)) { "Sign in" } " or " a href="/signup" { "join" } " to comment." }
            }
        }
    };
    html! {
        (frame.pen.visitors(join))
        (frame.pen.members(|| frame.pen.hole(Write(row.id), &Marks::default())))
    }
}

/// The form for a comment, for members who may write.
#[derive(Debug)]
struct Write(StoryId);

impl Hole for Write {
    fn draw(&self, eye: &Eye, _: &Marks) -> Markup {
        match eye.viewer {
            Some(viewer) if viewer.may(Role::Member) => {
                write::write_form(&Place::Story(self.0), None, &Draft::default())
            }
            Some(_) => html! { p.hint { "Your account can read, but not write at the moment." } },
            None => html! {},
        }
    }
}

fn nobody_yet(frame: &Frame) -> Markup {
    html! {
        div.empty id="comments" {
            h2 { "No comments yet" }
            p {
                "The first one decides what the others talk about. "
                (frame.pen.visitors(|| html! {
                    a href=(path::sign_in(frame.here)) { "Sign in" } " or " a href="/signup" { "join" } " to write it."
                }))
            }
        }
    }
}

fn orders(show: &StoryPage) -> Markup {
    let row = &show.story.row;
    let item = |order: Order, label: &str| {
        let current = (order == show.order).then_some("page");
        html! { a href=(path::story_in(row.id, &row.title, order)) aria-current=[current] { (label) } }
    };
    html! {
        nav.tabs aria-label="Order of comments" {
            (item(Order::Best, "Best")) (item(Order::Newest, "Newest")) (item(Order::Oldest, "Oldest"))
        }
    }
}

/// Says that a page does not hold all, when it does not.
fn cut_line(show: &StoryPage) -> Option<String> {
    let placed = &show.thread.placed;
    let cut = show.thread.more > 0 || placed.iter().any(|place| place.more > 0);
    let drawn = placed
        .iter()
        .filter(|place| show.rows[place.index].state == ItemState::Shown)
        .count();
    let drawn = number(i64::try_from(drawn).unwrap_or(i64::MAX));
    cut.then(|| {
        format!(
            "{drawn} of them are on this page; the others are behind the links where a branch ends."
        )
    })
}

/// What stands in the place of a story that is gone.
#[must_use]
pub fn gone(frame: &Frame, story: &Story) -> Markup {
    let reason = story
        .state_reason
        .as_deref()
        .filter(|reason| !reason.is_empty());
    page(
        frame,
        &html! {
            section.oops {
                p.code { "410" }
                @match story.row.state {
                    ItemState::Deleted => {
                        h1 { "This story was deleted by its author" }
                        p { "Nobody had said anything about it yet." }
                    }
                    ItemState::Removed => {
                        h1 { "This story was removed by a moderator" }
                        @if let Some(reason) = reason { p { "The reason: " (reason) } }
                        p { "Everything that moderators do stands in the " a href="/modlog" { "moderation log" } "." }
                    }
                    _ => {
                        h1 { "This story is not shown" }
                        p { "It was taken down where it was first posted." }
                    }
                }
                p { a href="/" { "Read what is hot" } "." }
            }
        },
    )
}
