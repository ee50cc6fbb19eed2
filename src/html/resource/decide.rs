//! What moderators see of the directory: suggestions that wait, and one entry with all that can be done about it.

use maud::{Markup, html};

use crate::domain::moderation::MOST_REASON;
use crate::domain::resource::{Act, Draft, Resource, State};
use crate::error::Problem;
use crate::html::form::whole;
use crate::html::moderation::{Open, reason_field, tabs};
use crate::html::page::{Frame, page, time};
use crate::html::path;
use crate::html::resource::{checked, kinds, suggest};
use crate::html::story::author;

/// The suggestions that wait.
#[must_use]
pub fn queue(frame: &Frame, open: Open, waiting: &[Resource]) -> Markup {
    let body = html! {
        header.lead { h1 { "Moderation" } (tabs(frame, open)) }
        @if waiting.is_empty() {
            div.empty {
                h2 { "No suggestions wait" }
                p { "What members suggest for the " a href=(path::RESOURCES) { "directory of resources" } " stands here." }
            }
        }
        @for one in waiting { (queued(one)) }
    };
    page(frame, &body)
}

fn queued(found: &Resource) -> Markup {
    html! {
        article.case {
            (subject(found))
            form method="post" action=(path::moderate_resource(found.id)) {
                p.row {
                    label.sr for={ "why" (found.id) } { "Reason, public" }
                    input type="text" id={ "why" (found.id) } name="reason" placeholder="Reason, public" maxlength=(MOST_REASON);
                    button.button.main name="do" value=(Act::Accept.word()) { "Accept" }
                    button.button.danger name="do" value=(Act::Decline.word()) { "Decline" }
                    a href=(path::moderate_resource(found.id)) { "Edit" }
                }
            }
        }
    }
}

fn subject(found: &Resource) -> Markup {
    let entry = &found.entry;
    html! {
        h2 {
            a href=(entry.url.as_str()) rel="ugc noopener" { (entry.title) }
            " " span.domain { (entry.url.domain()) }
        }
        p { (entry.about) }
        p.meta {
            (kinds(found)) (checked(found.check))
            @if let Some((_, name)) = &found.by { span { "suggested by " (author(name, false)) } }
            span { (time(found.created)) }
        }
    }
}

/// What was typed to change an entry, and what is wrong with it.
#[derive(Debug)]
pub struct Attempt<'a> {
    /// The entry.
    pub draft: &'a Draft,
    /// The public reason.
    pub reason: &'a str,
    /// What is wrong.
    pub problems: &'a [Problem],
}

/// One entry, with everything that can be done about it.
#[must_use]
pub fn one(frame: &Frame, found: &Resource, attempt: &Attempt) -> Markup {
    let body = html! {
        header.lead { h1 { "Moderate a resource" } (tabs(frame, Open::default())) }
        article.case {
            (subject(found))
            (stands(found))
        }
        form.form method="post" action=(path::moderate_resource(found.id)) {
            (whole(attempt.problems))
            (suggest::fields(attempt.draft, attempt.problems))
            (reason_field(attempt.reason, attempt.problems, "Anybody can read it in the log. To decline or remove needs one; who suggested it sees it too."))
            p.row {
                button.button.main name="do" value="edit" { "Save" }
                @for (act, label) in offered(found.state) {
                    button.button.danger[act.needs_reason()] name="do" value=(act.word()) formnovalidate { (label) }
                }
            }
        }
    };
    page(frame, &body)
}

fn stands(found: &Resource) -> Markup {
    html! {
        p {
            @match found.state {
                State::Shown => { "It stands in the " a href=(path::at_resource(path::RESOURCES, found.id)) { "directory" } "." },
                State::Waiting => "It waits for a decision.",
                State::Declined => { "It was not taken: " (found.reason) },
                State::Removed => { "It was taken out: " (found.reason) },
            }
        }
    }
}

fn offered(state: State) -> impl Iterator<Item = (Act, &'static str)> {
    [
        (Act::Accept, "Accept"),
        (Act::Restore, "Put back"),
        (Act::Decline, "Decline"),
        (Act::Remove, "Remove"),
    ]
    .into_iter()
    .filter(move |(act, _)| act.fits(state))
}
