//! A member as others see them: who they are, their stories, their comments.

use maud::{Markup, html};

use crate::domain::comment::CommentRow;
use crate::domain::list::{List, Page};
use crate::domain::moderation::may_ban;
use crate::domain::story::{Marks, StoryRow};
use crate::domain::user::{Ban, Profile, Role, UserName, UserState, Viewer};
use crate::html::list::{self, Listing};
use crate::html::page::{Frame, number, page, time};
use crate::html::pen::{Eye, Hole};
use crate::html::{path, talk};

/// A member with their stories.
#[must_use]
pub fn stories(frame: &Frame, profile: &Profile, stories: &Page<StoryRow>) -> Markup {
    let by = List::By(profile.id, profile.name.clone());
    list::stories(
        frame,
        &Listing {
            list: &by,
            head: head(frame, profile, "Stories"),
            pinned: &[],
            page: stories,
            start: None,
        },
    )
}

/// A member with their comments.
#[must_use]
pub fn comments(frame: &Frame, profile: &Profile, comments: &Page<CommentRow>) -> Markup {
    let here = path::user_comments(profile.name.as_str());
    page(
        frame,
        &html! {
            (head(frame, profile, "Comments"))
            @if comments.rows.is_empty() {
                (list::nothing(
                    "No comments yet",
                    &format!("When {} says something, it appears here.", profile.name),
                    ("/comments", "Read what others say"),
                ))
            } @else {
                (talk::rows(frame.pen, &comments.rows))
            }
            (list::older(list::next_of(&here, comments.next), "Older comments"))
        },
    )
}

fn head(frame: &Frame, profile: &Profile, here: &str) -> Markup {
    let name = profile.name.as_str();
    let tabs = [
        (path::user_stories(name), "Stories", here == "Stories"),
        (path::user_comments(name), "Comments", here == "Comments"),
    ];
    html! {
        header.lead {
            h1 { (name) }
            (badges(profile))
            (frame.pen.hole(BanLink::to(profile), &Marks::default()))
            dl.facts {
                dt { "Karma" }
                dd.num { (number(profile.karma)) }
                dt { "Member since" }
                dd {
                    (time(profile.created))
                    @if let Some(by) = &profile.invited_by {
                        ", invited by " a.user href=(path::user(by.as_str())) { (by) }
                    }
                }
            }
            @if !profile.about_html.is_empty() { div.text { (profile.about_html) } }
            (list::tabs_of("Of this member", tabs))
        }
    }
}

/// The way to ban a member, for those who may.
#[derive(Debug)]
struct BanLink {
    name: UserName,
    role: Role,
    is_banned: bool,
}

impl BanLink {
    fn to(profile: &Profile) -> Self {
        Self {
            name: profile.name.clone(),
            role: profile.role,
            is_banned: profile.ban.is_some(),
        }
    }
}

impl Hole for BanLink {
    fn draw(&self, eye: &Eye, _: &Marks) -> Markup {
        let may = |viewer: &Viewer| viewer.moderates() && may_ban(viewer.role, self.role);
        html! {
            @if eye.viewer.is_some_and(may) {
                p.meta {
                    a href=(path::moderate_user(self.name.as_str())) { @if self.is_banned { "Change the ban" } @else { "Ban" } }
                }
            }
        }
    }
}

fn badges(profile: &Profile) -> Markup {
    let role = match profile.role {
        Role::Member => None,
        Role::Moderator => Some("Moderator"),
        Role::Admin => Some("Administrator"),
    };
    let waiting = profile.state == UserState::Waiting;
    html! {
        @if role.is_some() || waiting || profile.ban.is_some() {
            p.meta {
                @if let Some(role) = role { span.badge { (role) } }
                @if waiting { span.badge { "Waiting for approval" } }
                @if let Some(ban) = &profile.ban { (banned(ban)) }
            }
        }
    }
}

fn banned(ban: &Ban) -> Markup {
    html! {
        @if ban.until == Ban::FOR_GOOD {
            span.badge.off { "Banned" }
        } @else {
            span.badge.off { "Banned until " (ban.until.human_date()) }
        }
        @if !ban.reason.is_empty() { span { (ban.reason) } }
        a href="/modlog" { "moderation log" }
    }
}
