//! The set-up page: makes the first administrator.

use maud::{Markup, html};

use crate::domain::settings::Signup;
use crate::error::Problem;
use crate::html::account::password_hint;
use crate::html::admin::signup;
use crate::html::form::{field, password, whole};
use crate::html::page::{Frame, page};
use crate::html::path;

/// What stands in the form, and what is wrong with it.
#[derive(Debug)]
pub struct SetUp<'a> {
    /// The link's token.
    pub token: &'a str,
    /// Name of the site.
    pub site_name: &'a str,
    /// Name of the administrator.
    pub name: &'a str,
    /// Their e-mail address.
    pub email: &'a str,
    /// Who may join.
    pub signup: Signup,
    /// What is wrong.
    pub problems: &'a [Problem],
}

/// The page.
#[must_use]
pub fn show(frame: &Frame, form: &SetUp) -> Markup {
    let problems = form.problems;
    let body = html! {
        div.lead {
            h1 { "Make this site yours" }
            p { "You opened the set-up link, so you become the first administrator. The link works once." }
        }
        (whole(problems))
        form.form method="post" action=(path::setup(form.token)) {
            (text(problems, ("site_name", "Name of the site"), 40, "off", form.site_name, &html! {}))
            (text(problems, ("name", "Your name"), 30, "username", form.name, &html! {
                "2 to 30 letters, digits, " code { "_" } " and " code { "-" } "."
            }))
            (field(problems, "email", "E-mail", &html! { "Optional, never shown. You can sign in with it too." }, |described| html! {
                input type="email" id="email" name="email" autocomplete="email" maxlength="254" value=(form.email)
                    aria-describedby=[described.by] aria-invalid=[described.invalid];
            }))
            (password(problems, "password", "Password", &password_hint(), "new-password"))
            (signup(form.signup, frame.settings.lock("signup")))
            p.row { button.button.main { "Finish" } }
        }
    };
    page(frame, &body)
}

fn text(
    problems: &[Problem],
    (name, label): (&str, &str),
    most: usize,
    autocomplete: &str,
    value: &str,
    hint: &Markup,
) -> Markup {
    field(problems, name, label, hint, |described| {
        html! {
            input type="text" id=(name) name=(name) required maxlength=(most) autocomplete=(autocomplete) value=(value)
                aria-describedby=[described.by] aria-invalid=[described.invalid];
        }
    })
}
