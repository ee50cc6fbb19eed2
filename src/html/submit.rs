//! The form by which stories are posted: empty, filled again after a problem, with a preview.

use maud::{Markup, html};

use crate::domain::link::MAX_BYTES;
use crate::domain::story::MOST_TEXT;
use crate::domain::submission::{Draft, Earlier, Submission};
use crate::domain::tag::Tag;
use crate::domain::text::markdown;
use crate::error::{Error, Problem};
use crate::html::page::{Frame, count, page, time};
use crate::html::{path, tag};

/// The page with the form.
#[derive(Debug)]
pub struct SubmitPage<'a> {
    /// What stands in the form.
    pub draft: &'a Draft,
    /// All tags.
    pub tags: &'a [Tag],
    /// Stories that lead to the same page.
    pub earlier: &'a [Earlier],
    /// Why it was not posted.
    pub error: Option<&'a Error>,
    /// What it would look like.
    pub preview: Option<&'a Submission>,
}

/// The page.
#[must_use]
pub fn show(mut frame: Frame, shown: &SubmitPage) -> Markup {
    frame.side = Some(advice());
    let problems = match shown.error {
        Some(Error::Invalid(problems)) => problems.as_slice(),
        _ => &[],
    };
    let body = html! {
        div.lead {
            h1 { "Submit a story" }
            p { "A link with its original title, or a question or text of your own." }
        }
        @if let Some(error) = shown.error { (why_not(error)) }
        @if let Some(new) = shown.preview { (preview(new, shown)) }
        form.form method="post" action="/submit" data-draft="submit" data-check="/submit/check" novalidate[!problems.is_empty()] {
            (fields(shown, problems))
            (tag::picker(shown.tags, &shown.draft.tags, wrong(problems, "tags")))
            p.row {
                button.button.main { "Submit story" }
                button.button name="preview" value="1" { "Preview" }
            }
        }
    };
    page(&frame, &body)
}

fn fields(shown: &SubmitPage, problems: &[Problem]) -> Markup {
    let draft = shown.draft;
    let url = wrong(problems, "url");
    let title = wrong(problems, "title");
    let text = wrong(problems, "text");
    html! {
        div.field {
            label for="url" { "Link" }
            div.with {
                input type="url" id="url" name="url" maxlength=(MAX_BYTES) inputmode="url" autocomplete="off"
                    value=(draft.url) aria-describedby=(described("url", url)) aria-invalid=[url.map(|_| "true")];
                button.button name="fetch" value="1" formnovalidate data-fetch-title="/submit/title" { "Fetch title" }
            }
            (err("url", url))
            p.hint id="h-url" { "Leave it empty for a question or a text." }
            div data-dupes aria-live="polite" { (posted_before(shown.earlier)) }
        }
        div.field {
            label for="title" { "Title" }
            input type="text" id="title" name="title" required minlength="3" maxlength="150" data-count
                value=(draft.title) aria-describedby=(described("title", title)) aria-invalid=[title.map(|_| "true")];
            (err("title", title))
            p.hint id="h-title" { "As the author wrote it, without “must read”." }
        }
        div.field {
            label for="text" { "Text" }
            // The first line end after the tag is not part of the text; this one spares the text's own.
            textarea.big id="text" name="text" maxlength=(MOST_TEXT)
                aria-describedby=(described("text", text)) aria-invalid=[text.map(|_| "true")] { "\n" (draft.text) }
            (err("text", text))
            p.hint id="h-text" { "Optional with a link. Markdown works." }
        }
    }
}

/// Stories that led to the same page, with the way to them; nothing when there are none.
#[must_use]
pub fn posted_before(earlier: &[Earlier]) -> Markup {
    html! {
        @if !earlier.is_empty() {
            div.notice.warn {
                p { strong { "Posted before." } " You may join that discussion instead:" }
                (earlier_list(earlier))
            }
        }
    }
}

/// The list alone, for a story's "earlier discussions".
#[must_use]
pub fn earlier_list(earlier: &[Earlier]) -> Markup {
    html! {
        ul {
            @for story in earlier {
                li {
                    a href=(path::story(story.id, &story.title)) { (story.title) } ", "
                    (time(story.created)) ", " (count(story.comments, "comment"))
                }
            }
        }
    }
}

fn preview(new: &Submission, shown: &SubmitPage) -> Markup {
    let suggested = shown.draft.suggested(shown.tags);
    html! {
        section.preview aria-labelledby="pv" {
            h2 id="pv" { "Preview, not posted" }
            p.title {
                @match &new.url {
                    Some(url) => {
                        a href=(url.as_str()) rel="ugc noopener" { (new.title.as_str()) } " "
                        span.domain { (url.domain()) }
                    },
                    None => (new.title.as_str()),
                }
            }
            p.meta {
                @for tag in shown.tags.iter().filter(|tag| new.tags.contains(&tag.id)) {
                    span.tag { (tag.name) }
                }
            }
            @if !new.text.is_empty() { div.text { (markdown(&new.text)) } }
        }
        @for name in &suggested {
            div.notice role="status" {
                p { "The link looks like a " (name) ". You may want to add the topic " strong { (name) } "." }
            }
        }
    }
}

/// Why a story was not posted. Whatever it was, the form below still holds everything.
fn why_not(error: &Error) -> Markup {
    html! {
        div.notice.error role="alert" {
            @match error {
                Error::Invalid(problems) => p {
                    strong { "Not posted yet." } " "
                    @if problems.len() == 1 { "One field needs" } @else { (problems.len()) " fields need" }
                    " another look; what you wrote is still here."
                },
                Error::SignIn => p {
                    strong { "Not posted yet: you are signed out." } " What you wrote is still here. "
                    a href=(path::sign_in("/submit")) target="_blank" rel="noopener" { "Sign in in another tab" }
                    ", come back to this one and press the button again."
                },
                other => p {
                    strong { "Not posted yet." } " " (other) " What you wrote is still here."
                },
            }
        }
    }
}

fn wrong<'a>(problems: &'a [Problem], field: &str) -> Option<&'a str> {
    let found = problems.iter().find(|problem| problem.field == field);
    found.map(|problem| problem.message.as_str())
}

fn err(field: &str, wrong: Option<&str>) -> Markup {
    html! { @if let Some(wrong) = wrong { p.err id={ "e-" (field) } { (wrong) } } }
}

fn described(field: &str, wrong: Option<&str>) -> String {
    if wrong.is_some() {
        format!("e-{field} h-{field}")
    } else {
        format!("h-{field}")
    }
}

fn advice() -> Markup {
    html! {
        section {
            h2 { "Before you post" }
            p { a href="/search" { "Search" } " first; a good old thread beats a new one." }
            p { "Say so when you made the thing." }
            p { "No tracking links: we strip them anyway." }
            p { a href="/guidelines" { "All guidelines" } }
        }
    }
}
