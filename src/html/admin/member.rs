//! Members, as an administrator sees them: finding one, their role, a one-time link to a new password.

use maud::{Markup, html};

use crate::domain::user::{Invite, Profile, Role, UserName};
use crate::html::admin::lead;
use crate::html::page::{Frame, Notice, notice, number, page, time};
use crate::html::path;

/// The page.
#[derive(Debug)]
pub struct Members<'a> {
    /// The name that was looked for; empty: none was.
    pub name: &'a str,
    /// The member found.
    pub found: Option<&'a Found>,
    /// Moderators and administrators.
    pub staff: &'a [(UserName, Role)],
}

/// A member that was found.
#[derive(Debug)]
pub struct Found {
    /// Who.
    pub profile: Profile,
    /// Whom they invited.
    pub invites: Vec<Invite>,
}

/// The page.
#[must_use]
pub fn show(frame: &Frame, members: &Members) -> Markup {
    let body = html! {
        (lead(path::ADMIN_MEMBERS))
        form.form role="search" method="get" action=(path::ADMIN_MEMBERS) {
            div.field {
                label for="name" { "Find a member" }
                div.with {
                    input type="text" id="name" name="name" value=(members.name) maxlength="30" spellcheck="false" autocapitalize="none";
                    button.button { "Find" }
                }
            }
        }
        @match members.found {
            Some(found) => (member(found)),
            None if !members.name.is_empty() => (notice(Notice::Warn, "There is no member of this name.")),
            None => {},
        }
        (staff(members.staff))
    };
    page(frame, &body)
}

fn member(found: &Found) -> Markup {
    let profile = &found.profile;
    let name = profile.name.as_str();
    html! {
        section.part aria-labelledby="member" {
            h2 id="member" { a.user href=(path::user(name)) { (name) } }
            dl.facts {
                dt { "Joined" } dd { (time(profile.created)) }
                @if let Some(by) = &profile.invited_by { dt { "Invited by" } dd { a.user href=(path::admin_member(by.as_str())) { (by) } } }
                dt { "Karma" } dd { (number(profile.karma)) }
                @if let Some(ban) = &profile.ban { dt { "Banned" } dd { (ban.reason) } }
            }
            (role(profile))
            (reset(name))
        }
        (invites(&found.invites))
    }
}

fn role(profile: &Profile) -> Markup {
    let pick = |role: Role, label: &str, small: &str| {
        html! {
            label.pick {
                input type="radio" name="role" value=(role.word()) checked[role == profile.role];
                " " span { (label) " " small { (small) } }
            }
        }
    };
    html! {
        form.form method="post" action=(path::admin_member_act(profile.name.as_str(), "role")) {
            fieldset.field {
                legend { "Role" }
                (pick(Role::Member, "Member", "reads, writes, votes, flags"))
                (pick(Role::Moderator, "Moderator", "also removes, locks, pins, bans"))
                (pick(Role::Admin, "Administrator", "also changes settings and roles"))
                p.hint { "Another role signs them out everywhere and stands in the public log." }
            }
            p.row { button.button { "Set role" } }
        }
    }
}

fn reset(name: &str) -> Markup {
    html! {
        form.form method="post" action=(path::admin_member_act(name, "reset")) {
            p.row { button.button { "Make a link to a new password" } }
            p.hint { "For somebody who forgot theirs: good once, for an hour. Make sure that it is really them who ask." }
        }
    }
}

fn invites(invites: &[Invite]) -> Markup {
    html! {
        @if !invites.is_empty() {
            section.part aria-labelledby="invites" {
                h2 id="invites" { "Invitations" }
                ul.rows {
                    @for invite in invites {
                        li {
                            div { (invite.memo) small { (time(invite.created)) } }
                            @match &invite.used_by {
                                Some(name) => a.user href=(path::admin_member(name.as_str())) { (name) },
                                None => span { "unused" },
                            }
                        }
                    }
                }
            }
        }
    }
}

fn staff(staff: &[(UserName, Role)]) -> Markup {
    html! {
        section.part aria-labelledby="staff" {
            h2 id="staff" { "Moderators and administrators" }
            ul.rows {
                @for (name, role) in staff {
                    li {
                        div { a.user href=(path::admin_member(name.as_str())) { (name) } }
                        span { @if *role == Role::Admin { "administrator" } @else { "moderator" } }
                    }
                }
            }
        }
    }
}

/// The one-time link, shown once.
#[must_use]
pub fn link(frame: &Frame, name: &UserName, url: &str) -> Markup {
    let body = html! {
        (lead(path::ADMIN_MEMBERS))
        section.part aria-labelledby="link" {
            h2 id="link" { "A new password for " (name) }
            p { "Send this link to " (name) ", and to nobody else. It is shown here only once, and good once, for an hour; earlier links have ended." }
            p { code.copy { (url) } }
            p { a href=(path::admin_member(name.as_str())) { "Back to " (name) } }
        }
    };
    page(frame, &body)
}
