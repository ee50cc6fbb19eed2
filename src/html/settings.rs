//! A member's own settings: profile, looks, address, password, sessions, invitations, leaving.

use maud::{Markup, html};

use crate::domain::agent;
use crate::domain::settings::Signup;
use crate::domain::text::SafeHtml;
use crate::domain::user::{Invite, Session, Theme, Viewer};
use crate::error::Problem;
use crate::html::account::password_hint;
use crate::html::form::{field, password, whole};
use crate::html::page::{Frame, Notice, notice, page, time};
use crate::html::path;

/// Longest about text, in characters.
pub const MOST_ABOUT: usize = 4000;

/// What the first page of the settings shows.
#[derive(Debug)]
pub struct Profile<'a> {
    /// Whose.
    pub me: &'a Viewer,
    /// About text as typed.
    pub about: &'a str,
    /// What it would look like.
    pub preview: Option<SafeHtml>,
    /// E-mail address as typed.
    pub email: &'a str,
    /// What is wrong.
    pub problems: &'a [Problem],
}

/// Profile, looks and e-mail address.
#[must_use]
pub fn profile(frame: &Frame, shown: &Profile) -> Markup {
    let body = html! {
        @if let Some(why) = shown.me.why_not() { (notice(Notice::Warn, &why)) }
        (whole(shown.problems))
        @if let Some(preview) = &shown.preview {
            section.preview aria-labelledby="p-preview" { h2 id="p-preview" { "Preview, not saved yet" } div.text { (preview) } }
        }
        (about_form(shown))
        (look_form(shown.me))
        (email_form(shown))
    };
    framed(frame, &body)
}

fn about_form(shown: &Profile) -> Markup {
    let hint = html! { "Markdown. Shown on " a href=(path::user(shown.me.name.as_str())) { "your profile" } "." };
    html! {
        form.form method="post" action=(path::SETTINGS) data-draft="profile" {
            (field(shown.problems, "about", "About you", &hint, |described| html! {
                textarea id="about" name="about" maxlength=(MOST_ABOUT)
                    aria-describedby=[described.by] aria-invalid=[described.invalid] { (shown.about) }
            }))
            p.row {
                button.button.main { "Save profile" }
                button.button name="preview" value="1" { "Preview" }
            }
        }
    }
}

fn look_form(me: &Viewer) -> Markup {
    let theme = |theme: Theme, label: &str| {
        html! {
            label.pick {
                input type="radio" name="theme" value=(theme.word()) checked[me.theme == theme];
                " " span { (label) }
            }
        }
    };
    html! {
        section.part aria-labelledby="p-look" {
            h2 id="p-look" { "Reading" }
            form method="post" action=(path::settings("look")) {
                fieldset.field {
                    legend { "Colours" }
                    (theme(Theme::Auto, "As the system"))
                    (theme(Theme::Light, "Light"))
                    (theme(Theme::Dark, "Dark"))
                }
                fieldset.field {
                    legend { "Keyboard" }
                    label.pick {
                        input type="checkbox" name="keys" value="1" checked[me.keys];
                        " " span { "Keyboard shortcuts " small { "j, k, o, c, u; press ? for help" } }
                    }
                }
                p.row { button.button.main { "Save" } }
            }
        }
    }
}

fn email_form(shown: &Profile) -> Markup {
    let hint = html! { "Never shown. You can sign in with it. Leave it empty to remove it." };
    html! {
        section.part aria-labelledby="p-email" {
            h2 id="p-email" { "E-mail" }
            form method="post" action=(path::settings("email")) {
                (field(shown.problems, "email", "E-mail address", &hint, |described| html! {
                    input type="email" id="email" name="email" autocomplete="email" value=(shown.email)
                        aria-describedby=[described.by] aria-invalid=[described.invalid];
                }))
                (password(shown.problems, "password", "Your password", &html! {}, "current-password"))
                p.row { button.button.main { "Save e-mail" } }
            }
        }
    }
}

/// A new password.
#[must_use]
pub fn new_password(frame: &Frame, me: &Viewer, problems: &[Problem]) -> Markup {
    let body = html! {
        p { "A new password signs out every other browser." }
        form.form.narrow method="post" action=(path::settings("password")) {
            (whole(problems))
            input type="text" name="username" value=(me.name) autocomplete="username" hidden;
            (password(problems, "old", "Current password", &html! {}, "current-password"))
            (password(problems, "new", "New password", &password_hint(), "new-password"))
            p.row { button.button.main { "Change password" } }
        }
    };
    framed(frame, &body)
}

/// Where the member is signed in.
#[must_use]
pub fn sessions(frame: &Frame, me: &Viewer, sessions: &[Session]) -> Markup {
    let body = html! {
        p { "A browser that you do not know? Sign it out and change your password." }
        ul.rows {
            @for session in sessions { (session_row(session, session.id == me.session)) }
        }
        p.row {
            button.button form="act" formaction=(path::settings("sessions/end-others")) { "Sign out everywhere else" }
            button.button.danger form="act" formaction=(path::settings("sessions/end")) { "Sign out everywhere" }
        }
    };
    framed(frame, &body)
}

fn session_row(session: &Session, this: bool) -> Markup {
    html! {
        li {
            div {
                (agent::describe(&session.agent)) " "
                small { (session.address) ", since " (time(session.created)) ", last used " (time(session.seen)) }
            }
            @if this {
                span.on { "this one" }
            } @else {
                button.link.danger form="act" formaction=(path::settings(&format!("sessions/{}/end", session.id))) { "Sign out" }
            }
        }
    }
}

/// What the page of invitations shows.
#[derive(Debug)]
pub struct Invites<'a> {
    /// Those that there are.
    pub invites: &'a [Invite],
    /// Token of one that was just made: its link is shown this once.
    pub made: Option<&'a str>,
    /// For whom, as typed.
    pub memo: &'a str,
    /// What is wrong.
    pub problems: &'a [Problem],
}

/// Invitations: the new one's link, those that there are, a form for another.
#[must_use]
pub fn invites(frame: &Frame, shown: &Invites) -> Markup {
    let body = html! {
        @if let Some(token) = shown.made { (made(frame, token)) }
        @if frame.settings.signup == Signup::Approve {
            p { "Whoever wants to join asks the moderators here, so no invitations are needed." }
        } @else {
            p { "A link lets one person in. You will be shown on their profile as the one who invited them." }
            (invite_form(shown))
        }
        @if shown.invites.is_empty() {
            div.empty { h2 { "No invitations yet" } p { "Whom would you like to read here?" } }
        } @else {
            ul.rows { @for invite in shown.invites { (invite_row(invite)) } }
        }
    };
    framed(frame, &body)
}

fn made(frame: &Frame, token: &str) -> Markup {
    let link = format!(
        "{}{}",
        frame.base,
        path::with(path::SIGNUP, "invite", token)
    );
    html! {
        div.notice.ok role="status" {
            p { strong { "Here is the link." } " Copy it now: it is not kept, and you will not see it again." }
            p { code.copy { (link) } }
        }
    }
}

fn invite_form(shown: &Invites) -> Markup {
    let hint = html! { "For yourself, so that you know which is which." };
    html! {
        form.form.narrow method="post" action=(path::settings("invites")) {
            (whole(shown.problems))
            (field(shown.problems, "memo", "For whom?", &hint, |described| html! {
                input type="text" id="memo" name="memo" maxlength="100" value=(shown.memo)
                    aria-describedby=[described.by] aria-invalid=[described.invalid];
            }))
            p.row { button.button.main { "Make an invitation" } }
        }
    }
}

fn invite_row(invite: &Invite) -> Markup {
    let memo = if invite.memo.is_empty() {
        "An invitation"
    } else {
        &invite.memo
    };
    html! {
        li {
            div {
                (memo) " "
                small {
                    "made " (time(invite.created)) ", "
                    @match &invite.used_by {
                        Some(name) if name.is_deleted() => "used by somebody who has left",
                        Some(name) => { "used by " a.user href=(path::user(name.as_str())) { (name) } },
                        None => "not used",
                    }
                }
            }
            @if invite.used_by.is_none() {
                button.link.danger form="act" formaction=(path::settings(&format!("invites/{}/withdraw", invite.id))) { "Withdraw" }
            }
        }
    }
}

/// Leaving.
#[must_use]
pub fn delete(frame: &Frame, me: &Viewer, problems: &[Problem]) -> Markup {
    let body = html! {
        section.part.danger aria-labelledby="p-del" {
            h2 id="p-del" { "Delete account" }
            p {
                "Your name, profile, address, sessions, saved and hidden stories are removed for good. What you wrote stays, "
                "under “[deleted]”, so that threads keep their sense; delete first what you want gone. "
                "Nobody can take the name " strong { (me.name) } " again."
            }
            form.narrow method="post" action=(path::settings("delete")) {
                (whole(problems))
                (password(problems, "password", "Your password", &html! {}, "current-password"))
                p.row { button.button.danger { "Delete my account" } }
            }
        }
    };
    framed(frame, &body)
}

/// Heading and tabs of every page of the settings.
fn framed(frame: &Frame, body: &Markup) -> Markup {
    let tab = |href: &str, label: &str| {
        let current = (frame.title == label).then_some("page");
        html! { a href=(href) aria-current=[current] { (label) } }
    };
    page(
        frame,
        &html! {
            header.lead {
                h1 { "Settings" }
                nav.tabs aria-label="Settings" {
                    (tab(path::SETTINGS, "Profile"))
                    (tab(&path::settings("password"), "Password"))
                    (tab(&path::settings("sessions"), "Sessions"))
                    (tab(&path::settings("invites"), "Invitations"))
                    (tab(&path::settings("delete"), "Leave"))
                }
            }
            (body)
        },
    )
}
