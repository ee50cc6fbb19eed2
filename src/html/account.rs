//! Coming in: sign-up, sign-in, and a new password by a one-time link.

use maud::{Markup, html};

use crate::domain::settings::Signup;
use crate::domain::user::UserName;
use crate::error::Problem;
use crate::html::form::{field, password, whole};
use crate::html::page::{Frame, notice, page};
use crate::html::{page::Notice, path};

/// What a new password is asked to be.
#[must_use]
pub fn password_hint() -> Markup {
    html! { "8 characters or more. A short sentence is a good one." }
}

/// The sign-in page: what was typed, and what is wrong with it.
#[derive(Debug, Default)]
pub struct SignIn<'a> {
    /// Name or e-mail address.
    pub name: &'a str,
    /// Where to go afterwards.
    pub next: &'a str,
    /// What is wrong.
    pub problems: &'a [Problem],
}

/// The sign-in page.
#[must_use]
pub fn sign_in(frame: &Frame, form: &SignIn) -> Markup {
    let body = html! {
        div.lead {
            h1 { "Sign in" }
            p { "New here? " a href=(join(form.next)) { "Join in half a minute" } "." }
        }
        form.form.narrow method="post" action=(path::LOGIN) {
            (whole(form.problems))
            input type="hidden" name="next" value=(path::local(form.next));
            (field(form.problems, "name", "Name or e-mail", &html! {}, |described| html! {
                input type="text" id="name" name="name" required autocomplete="username" autocapitalize="none"
                    spellcheck="false" value=(form.name) aria-describedby=[described.by] aria-invalid=[described.invalid];
            }))
            (password(form.problems, "password", "Password", &html! {}, "current-password"))
            p.row { button.button.main { "Sign in" } }
        }
        p.hint { "Forgotten your password? An administrator can send you a one-time link: see " a href="/about" { "about" } "." }
    };
    page(frame, &body)
}

fn join(next: &str) -> String {
    match path::local(next) {
        "/" => path::SIGNUP.to_owned(),
        next => path::with(path::SIGNUP, "next", next),
    }
}

/// The sign-up page: what was typed, and what is wrong with it.
#[derive(Debug, Default)]
pub struct SignUp<'a> {
    /// Name.
    pub name: &'a str,
    /// E-mail address.
    pub email: &'a str,
    /// What was written to the moderators.
    pub request: &'a str,
    /// Token of an invitation; empty when there is none.
    pub invite: &'a str,
    /// Who made that invitation; `None` when it cannot be used.
    pub inviter: Option<&'a UserName>,
    /// Where to go afterwards.
    pub next: &'a str,
    /// What is wrong.
    pub problems: &'a [Problem],
}

/// The sign-up page.
#[must_use]
pub fn sign_up(frame: &Frame, form: &SignUp) -> Markup {
    let closed = frame.settings.signup == Signup::Invite && form.inviter.is_none();
    let body = html! {
        div.lead {
            h1 { "Join " (frame.settings.name) }
            @if !closed { p { "A name and a password are enough. No newsletter, no trackers; you can leave whenever you like." } }
        }
        (whole(form.problems))
        (invitation(form))
        @if closed { (by_invitation()) } @else { (sign_up_form(frame, form)) }
    };
    page(frame, &body)
}

fn invitation(form: &SignUp) -> Markup {
    html! {
        @if let Some(inviter) = form.inviter {
            div.notice { p { "Invited by " a.user href=(path::user(inviter.as_str())) { (inviter) } ", who will be shown on your profile." } }
        } @else if !form.invite.is_empty() {
            (notice(Notice::Warn, "This invitation has been used or withdrawn. Ask for another one."))
        }
    }
}

fn by_invitation() -> Markup {
    html! {
        div.empty {
            h2 { "By invitation" }
            p { "Members invite those whom they know. If you know one, ask for a link; everybody can read." }
            p { a.button.main href="/" { "Read" } " " a href=(path::LOGIN) { "Sign in" } }
        }
    }
}

fn sign_up_form(frame: &Frame, form: &SignUp) -> Markup {
    let problems = form.problems;
    let name_hint = html! { "2 to 30 letters, digits, " code { "_" } " and " code { "-" } ". Public, and it stays." };
    let email_hint = html! { "Optional, never shown. You can sign in with it too." };
    let request_hint = html! { "A sentence or two: who you are, what brings you here. A moderator reads it and lets you in." };
    html! {
        form.form.narrow method="post" action=(path::SIGNUP) {
            input type="hidden" name="next" value=(path::local(form.next));
            @if form.inviter.is_some() { input type="hidden" name="invite" value=(form.invite); }
            (field(problems, "name", "Name", &name_hint, |described| html! {
                input type="text" id="name" name="name" required autocomplete="username" maxlength="30" autocapitalize="none"
                    spellcheck="false" value=(form.name) aria-describedby=[described.by] aria-invalid=[described.invalid];
            }))
            (field(problems, "email", "E-mail", &email_hint, |described| html! {
                input type="email" id="email" name="email" autocomplete="email" value=(form.email)
                    aria-describedby=[described.by] aria-invalid=[described.invalid];
            }))
            (password(problems, "password", "Password", &password_hint(), "new-password"))
            @if frame.settings.signup == Signup::Approve {
                (field(problems, "request", "To the moderators", &request_hint, |described| html! {
                    textarea id="request" name="request" maxlength="1000"
                        aria-describedby=[described.by] aria-invalid=[described.invalid] { (form.request) }
                }))
            }
            div.bot aria-hidden="true" {
                label for="website" { "Leave this empty" }
                input type="text" id="website" name="website" tabindex="-1" autocomplete="off";
            }
            p.row { button.button.main { "Create account" } }
            p.hint { "By joining you agree to the " a href="/guidelines" { "guidelines" } "." }
        }
    }
}

/// A new password by a one-time link.
#[must_use]
pub fn reset(frame: &Frame, token: &str, name: &UserName, problems: &[Problem]) -> Markup {
    let body = html! {
        div.lead {
            h1 { "A new password" }
            p { "For " span.user { (name) } ". The link works once; every signed-in browser is signed out." }
        }
        form.form.narrow method="post" action=(path::reset(token)) {
            (whole(problems))
            input type="text" name="username" value=(name) autocomplete="username" hidden;
            (password(problems, "password", "New password", &password_hint(), "new-password"))
            p.row { button.button.main { "Set password" } }
        }
    };
    page(frame, &body)
}
