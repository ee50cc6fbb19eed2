//! The site's settings.

use maud::{Markup, html};

use crate::domain::settings::{ACCENTS, Settings};
use crate::error::Problem;
use crate::html::admin::{lead, locked, signup};
use crate::html::form::{field, whole};
use crate::html::page::{Frame, page};
use crate::html::path;

/// The page: what stands in the form, and what is wrong with it.
#[must_use]
pub fn show(frame: &Frame, typed: &Settings, problems: &[Problem]) -> Markup {
    let body = html! {
        (lead(path::ADMIN))
        (whole(problems))
        form.form method="post" action=(path::ADMIN) {
            (line(typed, problems, ("name", "Name"), 40, &typed.name))
            (line(typed, problems, ("tagline", "Tagline"), 120, &typed.tagline))
            (description(typed, problems))
            (signup(typed.signup, typed.lock("signup")))
            (accents(typed))
            (language(typed, problems))
            fieldset.field {
                legend { "Learn" }
                label.pick {
                    input type="checkbox" name="learn" value="1" checked[typed.learn] disabled[typed.lock("learn").is_some()];
                    " " span { "Offer the course " small { "“Learn” in the navigation, and all pages below " (path::LEARN) } }
                }
                (locked(typed.lock("learn")))
            }
            (guidelines(typed, problems))
            p.row { button.button.main { "Save" } }
        }
    };
    page(frame, &body)
}

fn line(
    typed: &Settings,
    problems: &[Problem],
    (name, label): (&'static str, &str),
    most: usize,
    value: &str,
) -> Markup {
    let lock = typed.lock(name);
    field(problems, name, label, &locked_hint(lock), |described| {
        html! {
            input type="text" id=(name) name=(name) value=(value) maxlength=(most) disabled[lock.is_some()]
                required[name == "name"] aria-describedby=[described.by] aria-invalid=[described.invalid];
        }
    })
}

fn locked_hint(lock: Option<&str>) -> Markup {
    html! { @if let Some(by) = lock { "Set by " code { (by) } ". Unset it there to change it here." } }
}

fn description(typed: &Settings, problems: &[Problem]) -> Markup {
    let hint =
        html! { "A sentence or two, for the front page of visitors and for search engines." };
    field(problems, "description", "Description", &hint, |described| {
        html! {
            textarea id="description" name="description" maxlength="500"
                aria-describedby=[described.by] aria-invalid=[described.invalid] { "\n" (typed.description) }
        }
    })
}

fn accents(typed: &Settings) -> Markup {
    html! {
        fieldset.field {
            legend { "Accent" }
            div.accents {
                @for accent in ACCENTS {
                    label.pick data-accent=(accent) {
                        input type="radio" name="accent" value=(accent) checked[typed.accent == *accent];
                        " " span { (accent) }
                    }
                }
            }
        }
    }
}

fn language(typed: &Settings, problems: &[Problem]) -> Markup {
    let hint = html! { "What members write in, as " code { "en" } ", " code { "de" } " or " code { "pt-BR" } ": screen readers and browsers go by it." };
    field(
        problems,
        "lang",
        "Language of the pages",
        &hint,
        |described| {
            html! {
                input.short type="text" id="lang" name="lang" required maxlength="35" spellcheck="false" autocapitalize="none"
                    value=(typed.lang) aria-describedby=[described.by] aria-invalid=[described.invalid];
            }
        },
    )
}

fn guidelines(typed: &Settings, problems: &[Problem]) -> Markup {
    let hint = html! { "Markdown. Shown at " a href="/guidelines" { "Guidelines" } "." };
    field(problems, "guidelines", "Guidelines", &hint, |described| {
        html! {
            textarea.big id="guidelines" name="guidelines"
                aria-describedby=[described.by] aria-invalid=[described.invalid] { "\n" (typed.guidelines) }
        }
    })
}
