//! A story in a list: vote, title, where from, tags, who, when, how many comments.

use maud::{Markup, html};

use crate::domain::id::ItemId;
use crate::domain::story::{ItemState, StoryRow};
use crate::domain::user::Viewer;
use crate::html::page::{count, number, time};
use crate::html::path;

/// The rows alone; `start` is the rank of the first.
#[must_use]
pub fn rows(viewer: Option<&Viewer>, rows: &[StoryRow], start: Option<usize>) -> Markup {
    html! {
        ol.stories start=[start] {
            @for story in rows { (row(viewer, story)) }
        }
    }
}

/// One row of a list.
#[must_use]
pub fn row(viewer: Option<&Viewer>, story: &StoryRow) -> Markup {
    let class = if story.state == ItemState::Shown {
        "story"
    } else {
        "story gone"
    };
    html! {
        li class=(class) id={ "s_" (story.id) } {
            (vote(viewer, ItemId::Story(story.id), story.score, story.marks.voted, viewer.is_some_and(|v| v.id == story.author_id)))
            h2.title { (title(story)) }
            p.meta { (badges(story)) (by(story)) @if viewer.is_some() { (marks(story)) } }
            a.talk href=(path::story(story.id, &story.title)) {
                @if story.comments == 0 { "discuss" } @else { (count(story.comments, "comment")) }
            }
        }
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
            ItemState::Shown => {},
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

/// The vote button: to vote, to take it back, or (on one's own) only the points.
#[must_use]
pub fn vote(viewer: Option<&Viewer>, item: ItemId, score: i64, voted: bool, own: bool) -> Markup {
    let shown = number(score);
    if own && viewer.is_some() {
        return html! { span.vote title="Your own" { (shown) span.sr { " points" } } };
    }
    let act = if voted { "unvote" } else { "vote" };
    let action = match item {
        ItemId::Story(id) => path::story_act(id, act),
        ItemId::Comment(id) => path::comment_act(id, act),
    };
    html! {
        button.vote form="act" formaction=(action) aria-pressed=(voted) aria-label={ "Upvote, " (count(score, "point")) } {
            (shown)
        }
    }
}

/// Save and hide, or their opposites.
#[must_use]
pub fn marks(story: &StoryRow) -> Markup {
    let save = if story.marks.saved { "unsave" } else { "save" };
    let hide = if story.marks.hidden { "unhide" } else { "hide" };
    html! {
        button.link form="act" formaction=(path::story_act(story.id, save)) aria-pressed=(story.marks.saved) {
            @if story.marks.saved { "saved" } @else { "save" }
        }
        button.link form="act" formaction=(path::story_act(story.id, hide)) {
            @if story.marks.hidden { "unhide" } @else { "hide" }
        }
    }
}
