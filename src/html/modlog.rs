//! The public moderation log: who did what, to whom, and why.

use maud::{Markup, html};

use crate::domain::list::Page;
use crate::domain::moderation::{LOG_KINDS, LogLine};
use crate::domain::user::UserName;
use crate::html::page::{Frame, page, time};
use crate::html::path;
use crate::html::story::author;

/// A page of the log.
#[derive(Debug)]
pub struct LogPage<'a> {
    /// Its lines.
    pub lines: &'a Page<LogLine>,
    /// The tab: a word of [`LOG_KINDS`]; empty: all.
    pub kind: &'a str,
    /// Acts of this moderator only; empty: of all.
    pub by: &'a str,
}

/// The page.
#[must_use]
pub fn show(frame: &Frame, log: &LogPage) -> Markup {
    let body = html! {
        header.lead {
            h1 { "Moderation log" }
            p { "Every act of moderation, with its reason. Nothing is done in the dark." }
            nav.tabs aria-label="Kind" {
                (tab(log, "", "All"))
                @for (word, label) in LOG_KINDS { (tab(log, word, label)) }
            }
            @if !log.by.is_empty() {
                p.meta { span { "Acts of " (author(log.by, false)) " only." } a href=(address(log.kind, "")) { "Show everybody’s" } }
            }
        }
        @if log.lines.rows.is_empty() {
            div.empty { h2 { "Nothing here yet" } p { @if log.kind.is_empty() { "No moderator had to do anything so far." } @else { "No moderator had to do anything of this kind." } } }
        } @else {
            table.log {
                thead { tr { th scope="col" { "When" } th scope="col" { "Who" } th scope="col" { "What" } th scope="col" { "Why" } } }
                tbody { @for line in &log.lines.rows { (row(line, log.kind)) } }
            }
        }
        @if let Some(after) = log.lines.next {
            nav.older aria-label="Pages" {
                a rel="next" href=(path::with(&address(log.kind, log.by), "after", &after.to_string())) { "Older entries" }
            }
        }
    };
    page(frame, &body)
}

/// A part of the log: of this kind, by this moderator; empty words mean all.
fn address(kind: &str, by: &str) -> String {
    let mut address = path::MODLOG.to_owned();
    for (name, value) in [("kind", kind), ("by", by)] {
        if !value.is_empty() {
            address = path::with(&address, name, value);
        }
    }
    address
}

fn tab(log: &LogPage, kind: &str, label: &str) -> Markup {
    html! {
        a href=(address(kind, log.by)) aria-current=[(log.kind == kind).then_some("page")] { (label) }
    }
}

fn row(line: &LogLine, kind: &str) -> Markup {
    html! {
        tr id={ "m_" (line.id) } {
            td { (time(line.at)) }
            td data-th="by" {
                @match &line.moderator {
                    Some(name) if has_left(name) => (user(name)),
                    Some(name) => a.user href=(address(kind, name.as_str())) { (name) },
                    None => span { "the operator" },
                }
            }
            td { (what(line)) }
            td data-th="because" { (line.reason) }
        }
    }
}

/// What was done, in words.
#[must_use]
pub fn what(line: &LogLine) -> Markup {
    let subject = line.subject.as_deref().unwrap_or_default();
    let (kind, act) = line.action.split_once('.').unwrap_or(("", &line.action));
    html! {
        @match (kind, act) {
            ("story", "edit") => { "corrected " (story(line)) @if !subject.is_empty() { ": " (subject) } },
            ("story" | "comment", act) => {
                (done(act)) " " @if kind == "comment" { (comment(line)) } @else { (story(line)) }
                @if act == "keep" { ", which had been flagged" }
            }
            ("user", "ban") => { "banned " (member(line)) " " (subject) },
            ("user", "unban") => { "ended the ban of " (member(line)) },
            ("user", "role") => { "made " (member(line)) " " (role(subject)) },
            ("user", "approve") => { "let " (member(line)) " in" },
            ("user", "refuse") => "turned somebody away who asked to join",
            ("domain", "ban") => { "banned the site " (subject) },
            ("domain", "unban") => { "took links to " (subject) " again" },
            // Who suggested it is for moderators only.
            ("resource", act) => { (decided(act)) " the resource " (subject) },
            ("lesson", _) => { "settled a report on the lesson " (subject) },
            ("setting", _) => { "changed the setting " (subject) },
            (kind, act) => {
                (kind) " " (act) @if !subject.is_empty() { ": " (subject) }
                @if line.user.is_some() { " " (member(line)) }
            }
        }
    }
}

fn decided(act: &str) -> &str {
    match act {
        "accept" => "accepted",
        "decline" => "declined",
        "remove" => "removed",
        "restore" => "put back",
        _ => "corrected",
    }
}

fn role(word: &str) -> &str {
    match word {
        "member" => "a member",
        "moderator" => "a moderator",
        "admin" => "an administrator",
        other => other,
    }
}

fn done(act: &str) -> &str {
    match act {
        "keep" => "kept",
        "remove" => "removed",
        "restore" => "restored",
        "lock" => "locked",
        "unlock" => "unlocked",
        "pin" => "pinned",
        "unpin" => "unpinned",
        other => other,
    }
}

fn story(line: &LogLine) -> Markup {
    html! {
        @match &line.story {
            Some((id, title)) => a href=(path::story(*id, title)) { (title) },
            None => "a story",
        }
        @if let Some(name) = &line.user { " by " (user(name)) }
    }
}

fn comment(line: &LogLine) -> Markup {
    html! {
        @match line.comment {
            Some(id) => a href=(path::comment(id)) { "a comment" },
            None => "a comment",
        }
        @if let Some(name) = &line.user { " by " (user(name)) }
        @if let Some((id, title)) = &line.story { " on " a href=(path::story(*id, title)) { (title) } }
    }
}

fn member(line: &LogLine) -> Markup {
    html! { @match &line.user { Some(name) => (user(name)), None => "a member who has left" } }
}

fn user(name: &UserName) -> Markup {
    author(name.as_str(), has_left(name))
}

/// The name that stands for deleted accounts is nobody's.
fn has_left(name: &UserName) -> bool {
    name.as_str().starts_with('[')
}
