//! Administration: the site's settings, topic tags, members, how the site is, and the set-up page that makes the first administrator.

pub mod member;

pub mod node;

pub mod setup;

pub mod site;

pub mod status;

pub mod tag;

use maud::{Markup, html};

use crate::domain::settings::Signup;
use crate::html::path;

/// Heading and tabs of the pages; `here` is the path of the current one.
fn lead(here: &str) -> Markup {
    let tab = |href: &str, label: &str| {
        html! { a href=(href) aria-current=[(href == here).then_some("page")] { (label) } }
    };
    html! {
        header.lead {
            h1 { "Administration" }
            nav.tabs aria-label="Administration" {
                (tab(path::ADMIN, "Site"))
                (tab(path::ADMIN_TAGS, "Topics"))
                (tab(path::ADMIN_MEMBERS, "Members"))
                (tab(path::ADMIN_STATUS, "Status"))
            }
        }
    }
}

/// The three modes of sign-up; `lock` is what decides it instead.
fn signup(chosen: Signup, lock: Option<&str>) -> Markup {
    let pick = |mode: Signup, label: &str, small: &str| {
        html! {
            label.pick {
                input type="radio" name="signup" value=(mode.word()) checked[mode == chosen] disabled[lock.is_some()];
                " " span { (label) @if !small.is_empty() { " " small { (small) } } }
            }
        }
    };
    html! {
        fieldset.field {
            legend { "Who can join" }
            (pick(Signup::Open, "Anyone", ""))
            (pick(Signup::Invite, "By invitation", "members make links"))
            (pick(Signup::Approve, "After approval", "a moderator lets each one in"))
            (locked(lock))
        }
    }
}

/// Why a field cannot be changed here.
fn locked(lock: Option<&str>) -> Markup {
    html! {
        @if let Some(by) = lock { p.hint { "Set by " code { (by) } ". Unset it there to change it here." } }
    }
}
