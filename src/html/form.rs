//! What every form is made of: a field with its label, its hint and what is wrong with it.

use maud::{Markup, html};

use crate::error::Problem;

/// What an input says of its hint and problem: `aria-describedby` and `aria-invalid`.
#[derive(Debug)]
pub struct Described {
    /// Ids of the texts about it.
    pub by: Option<String>,
    /// `true` when something is wrong with it.
    pub invalid: Option<&'static str>,
}

/// A field around `input`, with what `problems` say of it.
#[must_use]
pub fn field(
    problems: &[Problem],
    name: &str,
    label: &str,
    hint: &Markup,
    input: impl FnOnce(Described) -> Markup,
) -> Markup {
    let wrong: Vec<&str> = of(problems, name).collect();
    let mut ids = Vec::new();
    if !wrong.is_empty() {
        ids.push(format!("e-{name}"));
    }
    if !hint.0.is_empty() {
        ids.push(format!("h-{name}"));
    }
    let described = Described {
        by: (!ids.is_empty()).then(|| ids.join(" ")),
        invalid: (!wrong.is_empty()).then_some("true"),
    };
    html! {
        div.field {
            label for=(name) { (label) }
            (input(described))
            @if !wrong.is_empty() { p.err id={ "e-" (name) } { (wrong.join(" ")) } }
            @if !hint.0.is_empty() { p.hint id={ "h-" (name) } { (hint) } }
        }
    }
}

/// What is wrong with the form as a whole.
#[must_use]
pub fn whole(problems: &[Problem]) -> Markup {
    html! {
        @for message in of(problems, "") {
            div.notice.error role="alert" { p { strong { "That did not work." } " " (message) } }
        }
    }
}

fn of<'a>(problems: &'a [Problem], name: &str) -> impl Iterator<Item = &'a str> {
    problems
        .iter()
        .filter(move |problem| problem.field == name)
        .map(|problem| problem.message.as_str())
}

/// A password field; `autocomplete` tells password managers whether to fill in or to make one.
#[must_use]
pub fn password(
    problems: &[Problem],
    name: &str,
    label: &str,
    hint: &Markup,
    autocomplete: &str,
) -> Markup {
    field(problems, name, label, hint, |described| {
        html! {
            input type="password" id=(name) name=(name) required autocomplete=(autocomplete)
                aria-describedby=[described.by] aria-invalid=[described.invalid];
        }
    })
}
