//! The pages on which an author changes or deletes a story.

use maud::{Markup, html};

use crate::domain::story::{MOST_TEXT, Story};
use crate::domain::submission::{Draft, Submission};
use crate::domain::tag::Tag;
use crate::domain::text::markdown;
use crate::error::{Error, Problem};
use crate::html::page::{Frame, Notice, count, notice, page};
use crate::html::story::title;
use crate::html::{path, tag};

/// The form of a story that is there already.
#[derive(Debug)]
pub struct RevisePage<'a> {
    /// The story as it is.
    pub story: &'a Story,
    /// What stands in the form.
    pub draft: &'a Draft,
    /// All tags.
    pub tags: &'a [Tag],
    /// Why it was not saved.
    pub error: Option<&'a Error>,
    /// What it would look like.
    pub preview: Option<&'a Submission>,
}

/// The page with the form.
#[must_use]
pub fn edit_page(frame: &Frame, shown: &RevisePage) -> Markup {
    let (row, draft) = (&shown.story.row, shown.draft);
    let problems = match shown.error {
        Some(Error::Invalid(problems)) => problems.as_slice(),
        _ => &[],
    };
    let wrong = |field: &str| wrong(problems, field);
    let body = html! {
        div.lead { h1 { "Edit your story" } }
        @if let Some(error) = shown.error.filter(|error| !matches!(error, Error::Invalid(_))) {
            (notice(Notice::Error, &why_not(error)))
        }
        @if let Some(new) = shown.preview { (preview(shown, new)) }
        form.form method="post" action=(path::story_act(row.id, "edit")) data-draft={ "story-" (row.id) } {
            @if let Some(url) = &row.url {
                div.field {
                    label for="url" { "Link" }
                    input type="url" id="url" value=(url.as_str()) disabled aria-describedby="h-url";
                    p.hint id="h-url" { "The link stays as it is: people voted and commented on what it leads to." }
                }
            }
            div.field {
                label for="title" { "Title" }
                input type="text" id="title" name="title" required minlength="3" maxlength="150" data-count
                    value=(draft.title) aria-describedby="e-title" aria-invalid=[wrong("title").map(|_| "true")];
                (err("title", wrong("title")))
            }
            div.field {
                label for="text" { "Text" }
                textarea.big id="text" name="text" maxlength=(MOST_TEXT) aria-describedby="e-text h-text"
                    aria-invalid=[wrong("text").map(|_| "true")] { "\n" (draft.text) }
                (err("text", wrong("text")))
                p.hint id="h-text" { @if row.url.is_some() { "Optional with a link. " } "Markdown works." }
            }
            (tag::picker(shown.tags, &draft.tags, wrong("tags")))
            p.row {
                button.button.main { "Save" }
                button.button name="preview" value="1" { "Preview" }
                a.button href=(path::story(row.id, &row.title)) { "Cancel" }
            }
        }
    };
    page(frame, &body)
}

fn why_not(error: &Error) -> String {
    match error {
        Error::SignIn => {
            "You are signed out, so this was not saved. Sign in in another tab, then save it here."
                .into()
        }
        other => other.to_string(),
    }
}

fn wrong<'a>(problems: &'a [Problem], field: &str) -> Option<&'a str> {
    // A text story without text is told so beside its link, which this form has not.
    let same =
        |problem: &&Problem| problem.field == field || (field == "text" && problem.field == "url");
    problems
        .iter()
        .find(same)
        .map(|problem| problem.message.as_str())
}

fn err(field: &str, wrong: Option<&str>) -> Markup {
    html! { p.err id={ "e-" (field) } hidden[wrong.is_none()] { (wrong.unwrap_or_default()) } }
}

fn preview(shown: &RevisePage, new: &Submission) -> Markup {
    html! {
        section.preview aria-labelledby="pv" {
            h2 id="pv" { "Preview, not saved" }
            p.title { (new.title.as_str()) }
            p.meta {
                @for tag in shown.tags.iter().filter(|tag| new.tags.contains(&tag.id)) { span.tag { (tag.name) } }
            }
            @if !new.text.is_empty() { div.text { (markdown(&new.text)) } }
        }
    }
}

/// The page that asks before a story is deleted.
#[must_use]
pub fn delete_page(frame: &Frame, story: &Story) -> Markup {
    let row = &story.row;
    let body = html! {
        div.lead {
            h1 { "Delete your story?" }
            p {
                "Its title, link and text are wiped for good."
                @if row.comments > 0 { " What others wrote below it stays readable (" (count(row.comments, "comment")) ")." }
            }
        }
        p.title { (title(row)) }
        form.form method="post" action=(path::story_act(row.id, "delete")) {
            p.row {
                button.button.danger { "Delete it" }
                a.button href=(path::story(row.id, &row.title)) { "Keep it" }
            }
        }
    };
    page(frame, &body)
}
