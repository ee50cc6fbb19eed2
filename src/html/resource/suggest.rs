//! The form by which members suggest an entry, and what became of their suggestions.

use maud::{Markup, html};

use crate::domain::link::MAX_BYTES;
use crate::domain::resource::{
    Cost, Draft, Format, Level, MOST_ABOUT, MOST_TITLE, Resource, State,
};
use crate::error::Problem;
use crate::html::form::{field, whole};
use crate::html::page::{Frame, page, time};
use crate::html::path;

/// The page with the form.
#[must_use]
pub fn show(frame: &Frame, draft: &Draft, problems: &[Problem], own: &[Resource]) -> Markup {
    let body = html! {
        div.lead {
            h1 { "Suggest a resource" }
            p {
                "Something that has taught you well and will still be there next year. A moderator looks at each suggestion "
                "before it stands in the " a href=(path::RESOURCES) { "directory" } "."
            }
        }
        form.form method="post" action=(path::RESOURCES_SUGGEST) data-draft="resource" {
            (whole(problems))
            (fields(draft, problems))
            p.row { button.button.main { "Suggest it" } }
        }
        @if !own.is_empty() { (suggested(own)) }
    };
    page(frame, &body)
}

/// The fields of an entry.
#[must_use]
pub(super) fn fields(draft: &Draft, problems: &[Problem]) -> Markup {
    html! {
        (field(problems, "url", "Link", &html! { "To its own page, not to a shop." }, |described| html! {
            input type="url" id="url" name="url" required maxlength=(MAX_BYTES) inputmode="url" autocomplete="off" value=(draft.url)
                aria-describedby=[described.by] aria-invalid=[described.invalid];
        }))
        (field(problems, "title", "Title", &html! { "As it calls itself." }, |described| html! {
            input type="text" id="title" name="title" required minlength="3" maxlength=(MOST_TITLE) data-count value=(draft.title)
                aria-describedby=[described.by] aria-invalid=[described.invalid];
        }))
        (field(problems, "about", "What is it good for?", &html! { "One plain sentence in your own words." }, |described| html! {
            textarea id="about" name="about" required minlength="20" maxlength=(MOST_ABOUT)
                aria-describedby=[described.by] aria-invalid=[described.invalid] { "\n" (draft.about) }
        }))
        div.two {
            (select(problems, "level", "Level", &draft.level, Level::EACH.iter().map(|one| (one.word(), one.label()))))
            (select(problems, "format", "Format", &draft.format, Format::EACH.iter().map(|one| (one.word(), one.label()))))
            (select(problems, "cost", "Cost", &draft.cost, Cost::EACH.iter().map(|one| (one.word(), one.label()))))
            (field(problems, "lang", "Language", &html! { "Like en, de or pt-br." }, |described| html! {
                input.short type="text" id="lang" name="lang" required maxlength="16" autocapitalize="none" autocomplete="off"
                    value=(draft.lang) aria-describedby=[described.by] aria-invalid=[described.invalid];
            }))
        }
    }
}

fn select(
    problems: &[Problem],
    name: &'static str,
    label: &str,
    chosen: &str,
    each: impl Iterator<Item = (&'static str, &'static str)>,
) -> Markup {
    field(problems, name, label, &html! {}, |described| {
        html! {
            select.kind id=(name) name=(name) required aria-describedby=[described.by] aria-invalid=[described.invalid] {
                option value="" { "Choose" }
                @for (word, label) in each {
                    option value=(word) selected[word == chosen] { (label) }
                }
            }
        }
    })
}

/// What a member suggested, and what became of it.
fn suggested(own: &[Resource]) -> Markup {
    html! {
        section.part {
            h2 { "Your suggestions" }
            ul.rows {
                @for one in own {
                    li {
                        div {
                            a href=(one.entry.url.as_str()) rel="ugc noopener" { (one.entry.title) }
                            small { "suggested " (time(one.created)) @if !one.reason.is_empty() { ": " (one.reason) } }
                        }
                        (became(one.state))
                    }
                }
            }
        }
    }
}

fn became(state: State) -> Markup {
    html! {
        @match state {
            State::Shown => span.on { "In the directory" },
            State::Waiting => span { "Waits for a moderator" },
            State::Declined => span.badge.off { "Not taken" },
            State::Removed => span.badge.off { "Taken out again" },
        }
    }
}
