//! The directory of resources: the page with its choices, the form to suggest one, and what moderators see of it.

/// The form to suggest an entry.
pub mod suggest;

/// What moderators decide.
pub mod decide;

use maud::{Markup, html};

use crate::domain::resource::{Check, Choice, Cost, Format, Level, Resource};
use crate::domain::story::Marks;
use crate::html::page::{Frame, count, page, time};
use crate::html::path;
use crate::html::story::{Voting, vote};

/// The directory, or a part of it.
#[must_use]
pub fn show(mut frame: Frame, choice: Choice, found: &[Resource]) -> Markup {
    frame.side = Some(beside());
    let frame = &frame;
    let body = html! {
        header.lead {
            h1 { "Resources" }
            p { "Books, courses, references and tools for JavaScript that have proved themselves. Your votes decide their order." }
            (choices(choice))
        }
        @if found.is_empty() {
            (nothing(choice))
        } @else {
            p.sr role="status" { (count(i64::try_from(found.len()).unwrap_or(i64::MAX), "resource")) }
            ol.resources { @for one in found { (row(frame, one)) } }
        }
    };
    page(frame, &body)
}

fn beside() -> Markup {
    html! {
        section {
            h2 { "About this directory" }
            p { "The more votes, the higher. With as many votes, the title decides." }
            p.suggest { "Is something good missing? " a href=(path::RESOURCES_SUGGEST) { "Suggest a resource" } "." }
        }
    }
}

fn row(frame: &Frame, found: &Resource) -> Markup {
    let entry = &found.entry;
    html! {
        li.resource id={ "r_" (found.id) } {
            (vote(frame.pen, &voting(found)))
            h2.title {
                a href=(entry.url.as_str()) rel=(rel(found)) hreflang=(entry.lang) { (entry.title) }
                " " span.domain { (entry.url.domain()) }
            }
            p { (entry.about) }
            p.meta {
                (kinds(found))
                (checked(found.check))
                @if frame.pen.moderates() { a href=(path::moderate_resource(found.id)) { "edit" } }
            }
        }
    }
}

/// A link that a member brought is marked as such, also after the member has left.
const fn rel(found: &Resource) -> &'static str {
    if found.laid {
        "noopener"
    } else {
        "ugc noopener"
    }
}

fn voting(found: &Resource) -> Voting {
    Voting {
        on: found.id.into(),
        stem: path::resource_act(found.id, ""),
        author: found.by.as_ref().map(|(user, _)| *user),
        score: found.score,
        // The page is drawn for everybody; who voted is filled in.
        marks: Marks::default(),
    }
}

/// What it is, for whom, what it costs, and its language where that is not English.
fn kinds(found: &Resource) -> Markup {
    let entry = &found.entry;
    html! {
        span { (entry.format.label()) } span { (entry.level.label()) } span { (entry.cost.label()) }
        @if entry.lang != "en" { span { "in " (entry.lang) } }
    }
}

/// What is known of the link; nothing while it was never asked.
fn checked(check: Check) -> Markup {
    html! {
        @match (check.silent_since(), check.answered) {
            (Some(since), _) => span.badge.off { "did not answer since " (time(since)) },
            (None, Some(at)) => span { "checked " (time(at)) },
            (None, None) => {},
        }
    }
}

fn nothing(choice: Choice) -> Markup {
    html! {
        div.empty {
            @if choice.is_narrow() {
                h2 { "Nothing of this kind yet" }
                p { "Nobody has suggested one so far. " a href=(path::RESOURCES) { "Show all resources" } "." }
            } @else {
                h2 { "The directory is empty" }
                p { "The first suggestion makes it one." }
            }
        }
    }
}

/// Links that narrow the directory, one row for each thing that it can be chosen by.
fn choices(choice: Choice) -> Markup {
    html! {
        nav.choices aria-label="Choose" {
            (line("Level", choice, Level::EACH, |level| Choice { level, ..choice }, Level::label))
            (line("Format", choice, Format::EACH, |format| Choice { format, ..choice }, Format::label))
            (line("Cost", choice, Cost::EACH, |cost| Choice { cost, ..choice }, Cost::label))
        }
    }
}

fn line<T: Copy>(
    name: &str,
    now: Choice,
    each: &[T],
    with: impl Fn(Option<T>) -> Choice,
    label: impl Fn(T) -> &'static str,
) -> Markup {
    let item = |to: Option<T>, label: &str| {
        let choice = with(to);
        let current = (choice == now).then_some("true");
        html! { li { a href=(path::resources(choice)) aria-current=[current] { (label) } } }
    };
    html! {
        div {
            h2 { (name) }
            ul {
                (item(None, "All"))
                @for one in each { (item(Some(*one), label(*one))) }
            }
        }
    }
}
