//! Bans of members and of sites: who is banned, and the forms that do and undo it.

use maud::{Markup, html};

use crate::domain::list::Page;
use crate::domain::moderation::{DomainBan, Suspect};
use crate::domain::user::{Ban, Role};
use crate::error::Problem;
use crate::html::form::{field, whole};
use crate::html::moderation::{Open, reason_field, tabs};
use crate::html::page::{Frame, number, page, time};
use crate::html::path;
use crate::html::story::author;
use crate::time::Timestamp;

/// A ban as typed.
#[derive(Debug, Default)]
pub struct BanForm<'a> {
    /// The site; not used for members.
    pub domain: &'a str,
    /// The public reason.
    pub reason: &'a str,
    /// The day on which it ends.
    pub until: &'a str,
    /// Without end.
    pub for_good: bool,
    /// What is wrong.
    pub problems: &'a [Problem],
}

/// Everybody who is banned now.
#[must_use]
pub fn members(frame: &Frame, waiting: Open, banned: &Page<Suspect>) -> Markup {
    let body = html! {
        header.lead { h1 { "Moderation" } (tabs(frame, waiting)) }
        @if banned.rows.is_empty() {
            div.empty { h2 { "Nobody is banned" } p { "A member is banned from the page of something they wrote." } }
        } @else {
            ul.rows {
                @for suspect in &banned.rows {
                    li {
                        div {
                            (author(suspect.name.as_str(), false)) ": "
                            @if let Some(ban) = &suspect.ban { (ban.reason) small { (end(ban.until)) } }
                        }
                        a href=(path::moderate_user(suspect.name.as_str())) { "Change" }
                    }
                }
            }
        }
        @if let Some(after) = banned.next {
            nav.older aria-label="Pages" {
                a rel="next" href=(path::with(path::MOD_BANS, "after", &after.to_string())) { "More" }
            }
        }
    };
    page(frame, &body)
}

/// The page of one member's ban; `may` says whether the one who looks may ban them.
#[must_use]
pub fn member(frame: &Frame, suspect: &Suspect, may: bool, form: &BanForm) -> Markup {
    let body = html! {
        header.lead { h1 { "Ban " (suspect.name) } (tabs(frame, Open::default())) }
        dl.facts {
            dt { "Member" } dd { (author(suspect.name.as_str(), false)) }
            dt { "Role" } dd { (suspect.role.word()) }
            dt { "Karma" } dd { (number(suspect.karma)) }
            dt { "Joined" } dd { (time(suspect.created)) }
            @if let Some(ban) = &suspect.ban {
                dt { "Banned" } dd { (end(ban.until)) ": " (ban.reason) }
            }
        }
        @if may {
            form.form method="post" action=(path::moderate_user(suspect.name.as_str())) {
                (whole(form.problems))
                (reason_field(form.reason, form.problems, "Anybody can read it: on their page, in the log, and they themselves."))
                (until_field(form))
                p.row {
                    @if suspect.ban.is_some() {
                        button.button name="do" value="unban" formnovalidate { "End the ban" }
                        button.button.danger name="do" value="ban" { "Change the ban" }
                    } @else {
                        button.button.danger name="do" value="ban" { "Ban" }
                    }
                }
            }
        } @else {
            p { (why_not(frame, suspect)) }
        }
    };
    page(frame, &body)
}

fn why_not(frame: &Frame, suspect: &Suspect) -> &'static str {
    match suspect.role {
        _ if frame.viewer().is_some_and(|viewer| viewer.id == suspect.id) => {
            "You cannot ban yourself."
        }
        Role::Admin => {
            "Administrators cannot be banned. Another administrator can take the role away first."
        }
        _ => "Only administrators can ban a moderator.",
    }
}

/// When it ends: a day, or never.
fn until_field(form: &BanForm) -> Markup {
    html! {
        (field(form.problems, "until", "Ends on", &html! { "At the beginning of this day, UTC." }, |described| html! {
            input type="date" id="until" name="until" value=(form.until)
                aria-describedby=[described.by] aria-invalid=[described.invalid];
        }))
        div.field {
            label.pick {
                input type="checkbox" name="good" value="1" checked[form.for_good];
                " " span { "For good " small { "It has no end. A moderator can still end it." } }
            }
        }
    }
}

fn end(until: Timestamp) -> Markup {
    html! {
        @if until == Ban::FOR_GOOD { "for good" } @else { "until " (time(until)) }
    }
}

/// All sites that are banned now, and the form for another; `next` begins the next page.
#[must_use]
pub fn domains(
    frame: &Frame,
    waiting: Open,
    banned: &[DomainBan],
    next: Option<&str>,
    form: &BanForm,
) -> Markup {
    let body = html! {
        header.lead { h1 { "Moderation" } (tabs(frame, waiting)) }
        form.form method="post" action=(path::MOD_DOMAINS) {
            (whole(form.problems))
            (field(form.problems, "domain", "Site", &html! { "Like example.com; everything below it is meant too." }, |described| html! {
                input type="text" id="domain" name="domain" required autocapitalize="none" spellcheck="false" value=(form.domain)
                    aria-describedby=[described.by] aria-invalid=[described.invalid];
            }))
            (reason_field(form.reason, form.problems, "Whoever posts a link to it reads this, and everybody in the log."))
            (until_field(form))
            p.row { button.button.danger name="do" value="ban" { "Ban the site" } }
        }
        @if banned.is_empty() {
            div.empty { h2 { "No site is banned" } p { "Links to every site are taken." } }
        } @else {
            ul.rows {
                @for ban in banned {
                    li {
                        div {
                            a.domain href=(path::domain(&ban.domain)) { (ban.domain) } ": " (ban.reason)
                            small { (end(ban.until.unwrap_or(Ban::FOR_GOOD))) }
                        }
                        form method="post" action=(path::MOD_DOMAINS) {
                            input type="hidden" name="domain" value=(ban.domain);
                            button.link name="do" value="unban" aria-label={ "Take links to " (ban.domain) " again" } { "End" }
                        }
                    }
                }
            }
        }
        @if let Some(next) = next {
            nav.older aria-label="Pages" { a rel="next" href=(path::with(path::MOD_DOMAINS, "after", next)) { "More sites" } }
        }
    };
    page(frame, &body)
}
