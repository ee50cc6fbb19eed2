//! Writing comments: the form, the page with a preview, and the pages to edit or delete one.

use maud::{Markup, html};

use crate::domain::comment::{Comment, MOST_TEXT};
use crate::domain::id::{CommentId, ItemId, StoryId};
use crate::domain::lesson::LessonId;
use crate::domain::story::Story;
use crate::domain::text::SafeHtml;
use crate::domain::user::Role;
use crate::html::comment::{Scene, alone, name};
use crate::html::page::{Frame, Notice, notice, page};
use crate::html::path;

/// What somebody is writing.
#[derive(Debug, Clone, Default)]
pub struct Draft {
    /// The text so far.
    pub text: String,
    /// What is wrong with it.
    pub problem: Option<String>,
    /// Why it was not posted, when nothing is wrong with the text itself.
    pub trouble: Option<String>,
    /// It rendered, when that was asked for.
    pub preview: Option<SafeHtml>,
}

/// Where a comment is written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// Below a story.
    Story(StoryId),
    /// In the thread of a lesson, which may have none yet.
    Lesson(LessonId),
}

impl Place {
    fn action(&self) -> String {
        match self {
            Self::Story(story) => path::story_act(*story, "comments"),
            Self::Lesson(lesson) => path::lesson_talk(lesson),
        }
    }

    /// Key of the draft that is written there.
    #[must_use]
    pub fn draft_key(&self, parent: Option<CommentId>) -> String {
        match self {
            Self::Story(story) => path::draft_key(*story, parent),
            Self::Lesson(lesson) => path::lesson_draft_key(lesson, parent),
        }
    }
}

/// The form for a new comment.
#[must_use]
pub fn write_form(place: &Place, parent: Option<CommentId>, draft: &Draft) -> Markup {
    let label = if parent.is_some() {
        "Your reply"
    } else {
        "Your comment"
    };
    html! {
        form.write.form method="post" action=(place.action()) data-draft=(place.draft_key(parent)) id="write" {
            @if let Some(parent) = parent { input type="hidden" name="parent" value=(parent); }
            (text_field(label, draft))
            p.row {
                button.button.main { "Post comment" }
                button.button name="preview" value="1" { "Preview" }
            }
        }
    }
}

fn text_field(label: &str, draft: &Draft) -> Markup {
    let described = if draft.problem.is_some() {
        "e-text h-text"
    } else {
        "h-text"
    };
    html! {
        div.field {
            label for="text" { (label) }
            textarea id="text" name="text" required maxlength=(MOST_TEXT) aria-describedby=(described)
                aria-invalid=[draft.problem.is_some().then_some("true")] { "\n" (draft.text) }
            @if let Some(problem) = &draft.problem { p.err id="e-text" { (problem) } }
            p.hint id="h-text" {
                "Markdown: " code { "*emphasis*" } ", " code { "`code`" } ", " code { "> quote" }
                ", three back-ticks and " code { "js" } " for a block."
            }
        }
    }
}

fn preview(draft: &Draft) -> Markup {
    html! {
        @if let Some(trouble) = &draft.trouble { (notice(Notice::Error, trouble)) }
        @if let Some(html) = &draft.preview {
            section.preview aria-labelledby="pv" {
                h2 id="pv" { "Preview, not posted" }
                div.text { (html) }
            }
        }
    }
}

/// The page to write a comment on: a reply without script, a preview, or what could not be posted.
#[must_use]
pub fn write_page(
    frame: &Frame,
    story: &Story,
    place: &Place,
    parent: Option<&Comment>,
    draft: &Draft,
) -> Markup {
    let scene = Scene::of(frame, story);
    let body = html! {
        div.lead {
            h1 {
                @match parent {
                    Some(parent) => { "Reply to " (name(parent)) }
                    None => "Write a comment",
                }
            }
            (on(story, place))
        }
        @if let Some(parent) = parent { (alone(&scene, parent)) }
        (preview(draft))
        @if scene.open {
            @if frame.viewer().is_none_or(|viewer| viewer.may(Role::Member)) {
                (write_form(place, parent.map(|parent| parent.id), draft))
            }
        } @else {
            (kept(draft))
        }
    };
    page(frame, &body)
}

/// A text that can no longer be posted, so that it can be copied.
fn kept(draft: &Draft) -> Markup {
    html! {
        p { "Nothing new can be added to this story." }
        @if !draft.text.is_empty() {
            div.field {
                label for="text" { "What you wrote" }
                textarea id="text" readonly { "\n" (draft.text) }
            }
        }
    }
}

fn on(story: &Story, place: &Place) -> Markup {
    let row = &story.row;
    let href = match place {
        Place::Story(_) => path::story(row.id, &row.title),
        Place::Lesson(lesson) => path::lesson_talk(lesson),
    };
    html! {
        p.meta { span { "on " a href=(href) { (row.title) } } }
    }
}

/// The page to edit one's own comment.
#[must_use]
pub fn edit_page(frame: &Frame, story: &Story, comment: &Comment, draft: &Draft) -> Markup {
    let body = html! {
        div.lead { h1 { "Edit your comment" } (on(story, &Place::Story(story.row.id))) }
        (preview(draft))
        form.form method="post" action=(path::comment_act(comment.id, "edit")) data-draft={ "c" (comment.id) } {
            (text_field("Your comment", draft))
            p.row {
                button.button.main { "Save" }
                button.button name="preview" value="1" { "Preview" }
                a.button href=(path::in_thread(story.row.id, &story.row.title, ItemId::Comment(comment.id))) { "Cancel" }
            }
        }
    };
    page(frame, &body)
}

/// The page that asks before a comment is deleted.
#[must_use]
pub fn delete_page(frame: &Frame, story: &Story, comment: &Comment) -> Markup {
    let body = html! {
        div.lead {
            h1 { "Delete your comment?" }
            p { "Its words are wiped for good. Replies to it stay, under a line that says it was deleted." }
        }
        (alone(&Scene::of(frame, story), comment))
        form.form method="post" action=(path::comment_act(comment.id, "delete")) {
            p.row {
                button.button.danger { "Delete it" }
                a.button href=(path::in_thread(story.row.id, &story.row.title, ItemId::Comment(comment.id))) { "Keep it" }
            }
        }
    };
    page(frame, &body)
}
