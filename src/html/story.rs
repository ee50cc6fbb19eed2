//! A story in a list: vote, title, where from, tags, who, when, how many comments.

use maud::{Markup, html};

use crate::domain::comment::Comment;
use crate::domain::id::{ItemId, MarkId, StoryId, UserId};
use crate::domain::story::{ItemState, Marks, StoryRow};
use crate::html::page::{count, number, time};
use crate::html::path;
use crate::html::pen::{Eye, Hole, Pen, words};

/// One row of a list. What the reader hid is there, and not shown.
#[must_use]
pub fn row(pen: Pen, story: &StoryRow) -> Markup {
    let class = if story.state == ItemState::Shown {
        "story"
    } else {
        "story gone"
    };
    html! {
        li class={ (class) (pen.hole(Hidden(story.id), &Marks::default())) } id={ "s_" (story.id) } {
            (vote(pen, &Voting::story(story)))
            h2.title { (title(story)) }
            p.meta { (badges(story)) (by(story)) (pen.members(|| marks(pen, story))) }
            a.talk href=(path::story(story.id, &story.title)) {
                @if story.comments == 0 { "discuss" } @else { (count(story.comments, "comment")) }
            }
        }
    }
}

/// Ends the class of a row, and says that it is hidden when the reader hid it. Drawn for one person, lists leave such rows
/// out, or are all about them.
#[derive(Debug)]
struct Hidden(StoryId);

impl Hole for Hidden {
    fn draw(&self, _: &Eye, marks: &Marks) -> Markup {
        html! { @if marks.hidden { (words(HIDDEN)) } }
    }

    fn item(&self) -> Option<ItemId> {
        Some(ItemId::Story(self.0))
    }

    fn width(&self) -> Option<usize> {
        Some(HIDDEN.len())
    }
}

/// The title with its link, and the site that it leads to.
#[must_use]
pub fn title(story: &StoryRow) -> Markup {
    html! {
        @match &story.url {
            Some(url) => a href=(url.as_str()) rel="ugc noopener" { (story.title) },
            None => a href=(path::story(story.id, &story.title)) { (story.title) },
        }
        @if let Some(domain) = &story.domain { " " a.domain href=(path::domain(domain)) { (domain) } }
    }
}

/// Pinned, locked, removed.
#[must_use]
pub fn badges(story: &StoryRow) -> Markup {
    html! {
        @if story.pinned { span.badge { "Pinned" } }
        @if story.locked { span.badge.off { "Locked" } }
        @match story.state {
            ItemState::Shown | ItemState::Lesson => {},
            ItemState::Deleted => span.badge.off { "Deleted" },
            ItemState::Removed => span.badge.off { "Removed" },
            ItemState::Dead => span.badge.off { "Dead" },
        }
    }
}

/// Who, when, and the tags.
#[must_use]
pub fn by(story: &StoryRow) -> Markup {
    html! {
        (author(story.author.as_str(), story.author_deleted))
        (time(story.created))
        @for tag in &story.tags { a.tag href=(path::tag(tag)) { (tag) } }
    }
}

/// A member's name with the way to their page; deleted accounts have neither.
#[must_use]
pub fn author(name: &str, deleted: bool) -> Markup {
    html! {
        @if deleted { span.user { "[deleted]" } } @else { a.user href=(path::user(name)) { (name) } }
    }
}

/// What a vote button is about.
#[derive(Debug, Clone)]
pub struct Voting {
    /// On what.
    pub on: MarkId,
    /// The address of what is done to it, but for the last word.
    pub stem: String,
    /// Who must not vote for it.
    pub author: Option<UserId>,
    /// Its points.
    pub score: i64,
    /// What the one person who looks did to it.
    pub marks: Marks,
}

impl Voting {
    /// On a story.
    #[must_use]
    pub fn story(row: &StoryRow) -> Self {
        let item = ItemId::Story(row.id);
        Self {
            on: item.into(),
            stem: path::item_act(item, ""),
            author: Some(row.author_id),
            score: row.score,
            marks: row.marks,
        }
    }

    /// On a comment.
    #[must_use]
    pub fn comment(comment: &Comment) -> Self {
        let item = ItemId::Comment(comment.id);
        Self {
            on: item.into(),
            stem: path::item_act(item, ""),
            author: Some(comment.author_id),
            score: comment.score,
            marks: comment.marks,
        }
    }
}

/// The vote button: to vote, to take it back, or (on one's own) only the points.
#[must_use]
pub fn vote(pen: Pen, on: &Voting) -> Markup {
    let act = VoteAct {
        on: on.on,
        author: on.author,
    };
    html! {
        button.vote form="act" formaction={ (on.stem) (pen.hole(act, &on.marks)) }
            aria-label={ "Upvote, " (count(on.score, "point")) } {
            (number(on.score))
        }
    }
}

/// The last word of the vote button's address, and the attribute behind it.
#[derive(Debug)]
struct VoteAct {
    on: MarkId,
    author: Option<UserId>,
}

impl Hole for VoteAct {
    fn draw(&self, eye: &Eye, marks: &Marks) -> Markup {
        words(if self.author.is_some_and(|author| eye.is(author)) {
            OWN
        } else {
            toggle(marks.voted, VOTE)
        })
    }

    fn marked(&self) -> Option<MarkId> {
        Some(self.on)
    }

    fn width(&self) -> Option<usize> {
        Some(OWN.len())
    }
}

const HIDDEN: &str = "\" hidden=\"";
const OWN: &str = "vote\" disabled title=\"Your own";
const VOTE: [&str; 2] = [
    "vote\" aria-pressed=\"false",
    "unvote\" aria-pressed=\"true",
];
const SAVE: [&str; 2] = [
    "save\" aria-pressed=\"false",
    "unsave\" aria-pressed=\"true",
];

const fn toggle(on: bool, words: [&'static str; 2]) -> &'static str {
    words[on as usize]
}

/// Save and hide, or their opposites, for members.
#[must_use]
pub fn marks(pen: Pen, story: &StoryRow) -> Markup {
    let hide = if story.marks.hidden { "unhide" } else { "hide" };
    html! {
        (save(pen, ItemId::Story(story.id), &story.marks))
        button.link form="act" formaction=(path::story_act(story.id, hide)) { (hide) }
    }
}

/// Save, or its opposite, for members. The style sheet makes "saved" of it.
#[must_use]
pub fn save(pen: Pen, item: ItemId, marks: &Marks) -> Markup {
    html! {
        button.link.save form="act" formaction={ (path::item_act(item, "")) (pen.hole(SaveAct(item), marks)) } { "save" }
    }
}

/// The last word of the save button's address, and the attribute behind it.
#[derive(Debug)]
struct SaveAct(ItemId);

impl Hole for SaveAct {
    fn draw(&self, _: &Eye, marks: &Marks) -> Markup {
        words(toggle(marks.saved, SAVE))
    }

    fn item(&self) -> Option<ItemId> {
        Some(self.0)
    }

    fn width(&self) -> Option<usize> {
        Some(SAVE[1].len())
    }
}
