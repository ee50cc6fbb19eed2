//! What moderators see: the queue of flags, one case with all that can be done about it, corrections, approvals.

use maud::{Markup, html};

use crate::domain::id::StoryId;
use crate::domain::list::Page;
use crate::domain::moderation::{Act, Case, Flag, MOST_REASON, Subject, flag_label};
use crate::domain::story::{ItemState, Story};
use crate::domain::tag::Tag;
use crate::domain::user::Waiting;
use crate::error::Problem;
use crate::html::form::{field, whole};
use crate::html::page::{Frame, count, number, page, time};
use crate::html::story::{author, badges, by, title};
use crate::html::{path, tag};

/// What waits for moderators besides flags; a page that does not count it shows no numbers.
#[derive(Debug, Clone, Copy, Default)]
pub struct Open {
    /// Accounts.
    pub members: i64,
    /// Suggested resources.
    pub resources: i64,
    /// Reports of lessons.
    pub reports: i64,
}

/// The pages between which moderators go to and fro.
#[must_use]
pub fn tabs(frame: &Frame, waiting: Open) -> Markup {
    let here = frame.here.split('?').next().unwrap_or_default();
    let open = frame.viewer().map_or(0, |viewer| viewer.open_flags);
    let tab = |href: &str, label: &str, open: i64| {
        html! {
            a href=(href) aria-current=[(here == href).then_some("page")] {
                (label) @if open > 0 { "\u{a0}" (number(open)) }
            }
        }
    };
    html! {
        nav.tabs aria-label="Moderation" {
            (tab(path::MOD, "Flagged", open))
            (tab(path::MOD_APPROVE, "Approve", waiting.members))
            (tab(path::MOD_RESOURCES, "Resources", waiting.resources))
            (tab(path::MOD_LESSONS, "Lessons", waiting.reports))
            (tab(path::MOD_BANS, "Bans", 0))
            (tab(path::MOD_DOMAINS, "Sites", 0))
            a href=(path::MODLOG) { "Log" }
        }
    }
}

/// The queue of flags.
#[must_use]
pub fn queue(frame: &Frame, waiting: Open, cases: &Page<Case>) -> Markup {
    let body = html! {
        header.lead { h1 { "Moderation" } (tabs(frame, waiting)) }
        @if cases.rows.is_empty() {
            div.empty {
                h2 { "All quiet" }
                p { "Nobody has flagged anything. Go and read something good." }
            }
        }
        @for case in &cases.rows { (queued(case)) }
        @if let Some(after) = cases.next {
            nav.older aria-label="Pages" {
                a rel="next" href=(path::with(path::MOD, "after", &after.to_string())) { "Later flags" }
            }
        }
    };
    page(frame, &body)
}

fn queued(case: &Case) -> Markup {
    let id = case.item().raw();
    html! {
        article.case {
            (subject(case))
            (flags(&case.flags))
            form method="post" action=(path::moderate(case.item())) {
                input type="hidden" name="back" value=(path::MOD);
                p.row {
                    label.sr for={ "why" (id) } { "Reason, public" }
                    input type="text" id={ "why" (id) } name="reason" placeholder="Reason, public" maxlength=(MOST_REASON);
                    button.button name="do" value=(Act::Keep.word()) { "Keep" }
                    button.button.danger name="do" value=(Act::Remove.word()) { "Remove" }
                    a href=(path::moderate(case.item())) { "More" }
                }
            }
        }
    }
}

/// What a case is about, with who wrote it and what was said against it.
fn subject(case: &Case) -> Markup {
    html! {
        @match &case.subject {
            Subject::Story(story) => {
                h2 { (title(&story.row)) }
                p.meta {
                    (badges(&story.row)) (by(&story.row)) span { (count(story.row.score, "point")) } (counted(case))
                    a href=(path::story(story.row.id, &story.row.title)) { (count(story.row.comments, "comment")) }
                }
                @if !story.text.is_empty() { div.text { (story.html) } }
            }
            Subject::Comment(row) => {
                h2 {
                    "Comment by " (author(row.comment.author.as_str(), row.comment.author_deleted))
                    " on " a href=(path::in_thread(row.comment.story, &row.story_title, case.item())) { (row.story_title) }
                }
                div.text { (row.comment.html) }
                p.meta {
                    (gone(row.comment.state)) (time(row.comment.created)) span { (count(row.comment.score, "point")) }
                    (counted(case))
                }
            }
        }
    }
}

fn gone(state: ItemState) -> Markup {
    html! {
        @match state {
            ItemState::Shown | ItemState::Lesson => {},
            ItemState::Deleted => span.badge.off { "Deleted" },
            ItemState::Removed => span.badge.off { "Removed" },
            ItemState::Dead => span.badge.off { "Dead" },
        }
    }
}

/// `3 flags: spam 2, off-topic 1`
fn counted(case: &Case) -> Markup {
    let by_reason = case.open_by_reason();
    let all: usize = by_reason.iter().map(|(_, count)| count).sum();
    let words: Vec<String> = by_reason
        .iter()
        .map(|(reason, count)| format!("{} {count}", flag_label(reason).to_lowercase()))
        .collect();
    html! {
        @if all > 0 {
            span.badge.off { (count(i64::try_from(all).unwrap_or(i64::MAX), "flag")) ": " (words.join(", ")) }
        }
    }
}

/// Who flagged it as what.
fn flags(flags: &[Flag]) -> Markup {
    html! {
        @if !flags.is_empty() {
            p.meta {
                @for flag in flags {
                    span {
                        (author(flag.by.as_str(), flag.by.as_str().starts_with('['))) ": " (flag_label(&flag.reason).to_lowercase())
                        @if flag.settled { " (settled)" }
                    }
                }
            }
        }
    }
}

/// What was typed to act on a case, and what is wrong with it.
#[derive(Debug, Default)]
pub struct Attempt<'a> {
    /// The public reason.
    pub reason: &'a str,
    /// What is wrong.
    pub problems: &'a [Problem],
}

/// One case, with everything that can be done about it.
#[must_use]
pub fn case(frame: &Frame, case: &Case, attempt: &Attempt) -> Markup {
    let reason = match &case.subject {
        Subject::Story(story) => story.state_reason.as_deref(),
        Subject::Comment(row) => row.comment.state_reason.as_deref(),
    };
    let body = html! {
        header.lead {
            h1 { @match case.subject { Subject::Story(_) => "Moderate a story", Subject::Comment(_) => "Moderate a comment" } }
            (tabs(frame, Open::default()))
        }
        article.case {
            (subject(case))
            (flags(&case.flags))
            @if let Some(reason) = reason { p { "Removed, because: " (reason) } }
            (acts(case, attempt))
        }
        (elsewhere(case))
    };
    page(frame, &body)
}

fn acts(case: &Case, attempt: &Attempt) -> Markup {
    let offered = offered(case);
    html! {
        @if offered.is_empty() {
            p { "Its author deleted it. There is nothing to do." }
        } @else {
            form.form method="post" action=(path::moderate(case.item())) {
                (whole(attempt.problems))
                (reason_field(attempt.reason, attempt.problems, "Anybody can read it in the log. A removal needs one; its author sees it too."))
                p.row {
                    @for (act, label) in offered {
                        button.button.danger[act == Act::Remove] name="do" value=(act.word()) { (label) }
                    }
                }
            }
        }
    }
}

/// What can be done, the harmless first: the first button is what the Enter key presses.
fn offered(case: &Case) -> Vec<(Act, &'static str)> {
    let mut acts = Vec::new();
    if case.flags.iter().any(|flag| !flag.settled) {
        acts.push((Act::Keep, "Keep, settle its flags"));
    }
    if let Subject::Story(story) = &case.subject
        && story.row.state.takes_comments()
    {
        acts.push(if story.row.locked {
            (Act::Unlock, "Unlock")
        } else {
            (Act::Lock, "Lock")
        });
    }
    if let Subject::Story(story) = &case.subject
        && story.row.state == ItemState::Shown
    {
        acts.push(if story.row.pinned {
            (Act::Unpin, "Unpin")
        } else {
            (Act::Pin, "Pin")
        });
    }
    match case.state() {
        ItemState::Shown => acts.push((Act::Remove, "Remove")),
        ItemState::Removed => acts.push((Act::Restore, "Restore")),
        ItemState::Deleted | ItemState::Dead | ItemState::Lesson => {}
    }
    acts
}

/// The public reason of an act.
#[must_use]
pub fn reason_field(reason: &str, problems: &[Problem], hint: &str) -> Markup {
    field(
        problems,
        "reason",
        "Reason, public",
        &html! { (hint) },
        |described| {
            html! {
                input type="text" id="reason" name="reason" maxlength=(MOST_REASON) value=(reason)
                    aria-describedby=[described.by] aria-invalid=[described.invalid];
            }
        },
    )
}

/// What else is near: the story's corrections and its site, and the author.
fn elsewhere(case: &Case) -> Markup {
    let (name, left) = match &case.subject {
        Subject::Story(story) => (&story.row.author, story.row.author_deleted),
        Subject::Comment(row) => (&row.comment.author, row.comment.author_deleted),
    };
    html! {
        ul.rows {
            @if let Subject::Story(story) = &case.subject {
                @if !matches!(story.row.state, ItemState::Deleted | ItemState::Lesson) {
                    li { div { "Title and topics" } a href=(path::moderate_edit(story.row.id)) { "Correct" } }
                }
                @if let Some(domain) = &story.row.domain {
                    li { div { "Links to " (domain) } a href=(path::with(path::MOD_DOMAINS, "domain", domain)) { "Ban the site" } }
                }
            }
            @if !left {
                li { div { (author(name.as_str(), false)) } a href=(path::moderate_user(name.as_str())) { "Ban the author" } }
            }
        }
    }
}

/// A correction of a story, as typed.
#[derive(Debug)]
pub struct EditPage<'a> {
    /// The story.
    pub id: StoryId,
    /// Title.
    pub title: &'a str,
    /// Names of its tags.
    pub tags: &'a [String],
    /// The public reason.
    pub reason: &'a str,
    /// All tags.
    pub known: &'a [Tag],
    /// What is wrong.
    pub problems: &'a [Problem],
}

/// The page on which a moderator corrects title and topics.
#[must_use]
pub fn edit(frame: &Frame, story: &Story, form: &EditPage) -> Markup {
    let wrong = form
        .problems
        .iter()
        .find(|problem| problem.field == "tags")
        .map(|problem| problem.message.as_str());
    let body = html! {
        div.lead {
            h1 { "Correct a story" }
            p { "The log tells what it was before. Text and link are its author’s: they stay." }
        }
        article.case { h2 { (title(&story.row)) } p.meta { (by(&story.row)) } }
        form.form method="post" action=(path::moderate_edit(form.id)) {
            (field(form.problems, "title", "Title", &html! { "As the author of the page wrote it." }, |described| html! {
                input type="text" id="title" name="title" required minlength="3" maxlength="150" data-count value=(form.title)
                    aria-describedby=[described.by] aria-invalid=[described.invalid];
            }))
            (tag::picker(form.known, form.tags, wrong))
            (reason_field(form.reason, form.problems, "Optional. Anybody can read it in the log."))
            p.row {
                button.button.main { "Correct" }
                a.button href=(path::story(story.row.id, &story.row.title)) { "Cancel" }
            }
        }
    };
    page(frame, &body)
}

/// Those who ask to join.
#[must_use]
pub fn approve(frame: &Frame, open: Open, waiting: &[Waiting]) -> Markup {
    let body = html! {
        header.lead { h1 { "Moderation" } (tabs(frame, open)) }
        @if waiting.is_empty() {
            div.empty { h2 { "Nobody waits" } p { "Whoever asks to join while sign-up needs approval stands here." } }
        }
        @for person in waiting {
            article.case {
                h2 { (author(person.name.as_str(), false)) }
                p.meta { span { "asked " (time(person.created)) } }
                @if person.request.is_empty() {
                    p { "They wrote nothing about themselves." }
                } @else {
                    div.text { @for line in person.request.lines() { p { (line) } } }
                }
                form method="post" action=(path::MOD_APPROVE) {
                    input type="hidden" name="user" value=(person.id);
                    p.row {
                        button.button.main name="do" value="approve" { "Let in" }
                        button.button.danger name="do" value="refuse" { "Turn away" }
                    }
                }
            }
        }
    };
    page(frame, &body)
}
