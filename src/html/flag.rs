//! Flagging a story or comment: the page that asks why.

use maud::{Markup, html};

use crate::domain::moderation::{Case, Flag, Subject, flag_label, flag_reasons};
use crate::error::Problem;
use crate::html::page::{Frame, page, time};
use crate::html::path;
use crate::html::story::{author, by, title};

/// The page: `own` is the flag that the member has set already.
#[must_use]
pub fn show(frame: &Frame, case: &Case, own: Option<&Flag>, problems: &[Problem]) -> Markup {
    let kind = match case.subject {
        Subject::Story(_) => "story",
        Subject::Comment(_) => "comment",
    };
    let body = html! {
        div.lead {
            h1 { "Flag this " (kind) }
            p { "A moderator will look at it. A flag is a vote down with a reason; it is not for disagreement." }
        }
        (quoted(&case.subject))
        @match own {
            Some(flag) if flag.settled => (looked_at(flag)),
            own => (form(case, own, problems)),
        }
    };
    page(frame, &body)
}

/// What it is about, as others see it but for its buttons.
#[must_use]
pub fn quoted(subject: &Subject) -> Markup {
    match subject {
        Subject::Story(story) => html! {
            article.case {
                h2 { (title(&story.row)) }
                p.meta { (by(&story.row)) }
                @if !story.text.is_empty() { div.text { (story.html) } }
            }
        },
        Subject::Comment(row) => html! {
            ol.thread {
                li.c {
                    p.by {
                        (author(row.comment.author.as_str(), row.comment.author_deleted))
                        a href=(path::comment(row.comment.id)) { (time(row.comment.created)) }
                        span.on { "on " a href=(path::story(row.comment.story, &row.story_title)) { (row.story_title) } }
                    }
                    div.text { (row.comment.html) }
                }
            }
        },
    }
}

/// The way back to it.
fn back(case: &Case) -> String {
    match &case.subject {
        Subject::Story(story) => path::in_thread(story.row.id, &story.row.title, case.item()),
        Subject::Comment(row) => path::in_thread(row.comment.story, &row.story_title, case.item()),
    }
}

fn form(case: &Case, own: Option<&Flag>, problems: &[Problem]) -> Markup {
    let chosen = own.map(|flag| flag.reason.as_str());
    html! {
        form.form method="post" action=(path::item_act(case.item(), "flag")) {
            fieldset.field aria-describedby=[(!problems.is_empty()).then_some("e-reason")] {
                legend { "Reason" }
                @for problem in problems { p.err id="e-reason" { (problem.message) } }
                @for (word, label) in flag_reasons(case.item()) {
                    label.pick {
                        input type="radio" name="reason" value=(word) required checked[chosen == Some(word)];
                        " " span { (label) }
                    }
                }
            }
            p.row {
                button.button.danger { @if own.is_some() { "Change the reason" } @else { "Flag" } }
                @if own.is_some() {
                    button.button formaction=(path::item_act(case.item(), "unflag")) formnovalidate { "Take the flag back" }
                }
                a.button href=(back(case)) { "Cancel" }
            }
        }
    }
}

fn looked_at(flag: &Flag) -> Markup {
    html! {
        div.notice role="status" {
            p {
                "You flagged this as “" (flag_label(&flag.reason)) "” on " (time(flag.at))
                ". A moderator has looked at it and decided to keep it."
            }
        }
    }
}
