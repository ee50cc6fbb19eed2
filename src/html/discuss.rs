//! What people say about a lesson: the line on its page, its thread, and reports of what is wrong.

use maud::{Markup, html};

use crate::domain::comment::{Comment, Order};
use crate::domain::id::{CommentId, ItemId};
use crate::domain::lesson::{Course, LessonId};
use crate::domain::lesson_report::{LessonReport, MOST_TEXT};
use crate::domain::moderation::MOST_REASON;
use crate::domain::story::{Marks, Story};
use crate::domain::thread::Thread;
use crate::domain::user::Role;
use crate::error::Problem;
use crate::html::comment::{self, Scene};
use crate::html::form::{field, whole};
use crate::html::moderation::{Open, tabs};
use crate::html::page::{Frame, count, page, time};
use crate::html::path;
use crate::html::pen::{Eye, Hole};
use crate::html::story::author;
use crate::html::write::{self, Draft, Place};

/// The way from a lesson's page to its thread.
#[must_use]
pub fn line(lesson: &LessonId, comments: i64) -> Markup {
    html! {
        a.discuss href=(path::lesson_talk(lesson)) {
            "Discuss this lesson"
            @if comments > 0 { " · " (count(comments, "comment")) }
        }
    }
}

/// A lesson's thread as one page shows it.
#[derive(Debug)]
pub struct Talk<'a> {
    /// Of which lesson.
    pub lesson: &'a LessonId,
    /// Whether the lesson is offered here.
    pub offered: bool,
    /// The story that it is, or would be.
    pub story: &'a Story,
    /// The comments.
    pub rows: &'a [Comment],
    /// How they are laid out.
    pub thread: &'a Thread,
    /// In which order; `None`: the reader chose none.
    pub order: Option<Order>,
    /// Where the page begins, when it is not the first.
    pub after: Option<CommentId>,
    /// The reader came for some of it, so it is open.
    pub is_open: bool,
}

/// The page of a lesson's thread.
#[must_use]
pub fn talk(frame: &Frame, talk: &Talk) -> Markup {
    let row = &talk.story.row;
    let scene = Scene::of(frame, talk.story);
    let here = path::lesson_talk(talk.lesson);
    let body = html! {
        @if talk.offered { p.context { "The lesson: " a href=(path::lesson(talk.lesson)) { (row.title) } } }
        header.lead {
            h1 { "Talk: " (row.title) }
            p { "What was hard, what another way would be, what the lesson leaves open. Comments may show solutions." }
        }
        @if talk.after.is_none() { (invite(frame, talk, &scene)) }
        @if row.comments == 0 && talk.thread.placed.is_empty() {
            div.empty id="comments" {
                h2 { "Nobody has said anything yet" }
                @if scene.open { p { "A question is as good a beginning as an answer." } }
            }
        } @else {
            details.spoilers id="comments" open[talk.is_open] data-lesson=(talk.lesson) {
                summary { (count(row.comments, "comment")) " · they may show solutions" }
                @if row.comments > 1 { (orders(talk)) }
                @if talk.after.is_some() {
                    p.hint { "These come after those of " a href=(path::to_comments(&here)) { "the first page" } "." }
                }
                (comment::thread(&scene, talk.rows, talk.thread))
                (comment::more(talk.thread, &here))
            }
        }
        @if frame.pen.moderates() && row.id.raw() > 0 {
            p.acts { (comment::moderate(ItemId::Story(row.id))) }
        }
    };
    page(frame, &body)
}

fn orders(talk: &Talk) -> Markup {
    let shown = talk.order.unwrap_or_default();
    html! {
        nav.tabs aria-label="Order of comments" {
            @for (order, label) in [(Order::Best, "Best"), (Order::Newest, "Newest"), (Order::Oldest, "Oldest")] {
                a href=(path::with(&path::lesson_talk(talk.lesson), "order", order.word()))
                    aria-current=[(order == shown).then_some("page")] { (label) }
            }
        }
    }
}

fn invite(frame: &Frame, talk: &Talk, scene: &Scene) -> Markup {
    if !talk.offered {
        return html! { p.hint { "This lesson is not offered here now. You can read what was said, but nothing new can be added." } };
    }
    if !scene.open {
        return html! { p.hint { "This thread is locked. You can read what was said, but nothing new can be added." } };
    }
    let join = || {
        html! {
            p.hint { a href=(path::sign_in(frame.here)) { "Sign in" } " or " a href="/signup" { "join" } " to ask or answer." }
        }
    };
    let write = Write(talk.lesson.clone());
    html! {
        (frame.pen.visitors(join))
        (frame.pen.members(|| frame.pen.hole(write, &Marks::default())))
    }
}

/// The form for a comment, for members who may write.
#[derive(Debug)]
struct Write(LessonId);

impl Hole for Write {
    fn draw(&self, eye: &Eye, _: &Marks) -> Markup {
        match eye.viewer {
            Some(viewer) if viewer.may(Role::Member) => {
                write::write_form(&Place::Lesson(self.0.clone()), None, &Draft::default())
            }
            Some(_) => html! { p.hint { "Your account can read, but not write at the moment." } },
            None => html! {},
        }
    }
}

/// What somebody is reporting.
#[derive(Debug, Clone, Default)]
pub struct Report {
    /// Of which version.
    pub version: String,
    /// What is wrong.
    pub text: String,
}

/// The form to report what is wrong with a lesson.
#[must_use]
pub fn report_form(lesson: &LessonId, report: &Report, problems: &[Problem]) -> Markup {
    html! {
        form.form method="post" action=(path::lesson_report(lesson)) data-draft={ "report-" (lesson) } {
            (whole(problems))
            input type="hidden" name="version" value=(report.version);
            (field(problems, "text", "What is wrong?", &html! { "What you did, what came of it, and what you expected." }, |described| html! {
                textarea id="text" name="text" required maxlength=(MOST_TEXT)
                    aria-describedby=[described.by] aria-invalid=[described.invalid] { "\n" (report.text) }
            }))
            p.row {
                button.button.main { "Send the report" }
                a.button href=(path::lesson(lesson)) { "Back to the lesson" }
            }
        }
    }
}

/// The page to report a lesson on.
#[must_use]
pub fn report_page(
    frame: &Frame,
    lesson: &LessonId,
    title: &str,
    report: &Report,
    problems: &[Problem],
) -> Markup {
    let body = html! {
        div.lead {
            h1 { "Report this lesson" }
            p { "A right answer that is refused, a wrong one that passes, a word that misleads: tell it about “" (title) "”. Moderators read it, nobody else." }
        }
        (report_form(lesson, report, problems))
    };
    page(frame, &body)
}

/// The page for who is not signed in: why that is asked for.
#[must_use]
pub fn report_signed_out(frame: &Frame, lesson: &LessonId, title: &str) -> Markup {
    let body = html! {
        div.lead {
            h1 { "Report this lesson" }
            p {
                "Tell what is wrong with “" (title) "” once you are signed in. Reports come from members, so that moderators read what learners found, "
                "and not what programs send to every open form. Nobody but moderators sees yours. Learning itself needs no account."
            }
        }
        p.row {
            a.button.main href=(path::sign_in(frame.here)) { "Sign in" }
            a.button href=(path::SIGNUP) { "Join" }
            a.button href=(path::lesson(lesson)) { "Back to the lesson" }
        }
    };
    page(frame, &body)
}

/// The page after a report.
#[must_use]
pub fn reported(frame: &Frame, lesson: &LessonId, title: &str) -> Markup {
    let body = html! {
        div.empty {
            h1 { "Thank you" }
            p { "A moderator reads your report on “" (title) "”." }
            p { a href=(path::lesson(lesson)) { "Back to the lesson" } }
        }
    };
    page(frame, &body)
}

/// What moderators see of reports, and of the lessons' sums.
#[must_use]
pub fn reports(
    frame: &Frame,
    open: Open,
    course: &Course,
    reports: &[LessonReport],
    sums: &Markup,
) -> Markup {
    let body = html! {
        header.lead { h1 { "Moderation" } (tabs(frame, open)) }
        @if reports.is_empty() {
            div.empty { h2 { "No lesson was reported" } p { "What members find wrong with a lesson stands here." } }
        }
        @for report in reports { (reported_lesson(course, report)) }
        (sums)
    };
    page(frame, &body)
}

fn reported_lesson(course: &Course, report: &LessonReport) -> Markup {
    let name = report.by.as_str();
    // One that is not in the course any more has its id alone.
    let lesson = course.find(report.lesson.as_str());
    let title = lesson.map_or(report.lesson.as_str(), |lesson| &lesson.title);
    html! {
        article.case {
            h2 { a href=(path::lesson(&report.lesson)) { (title) } }
            div.text { @for line in report.text.lines() { p { (line) } } }
            p.meta {
                span { "by " (author(name, name.starts_with('['))) } span { (time(report.created)) }
                @if !report.version.is_empty() { span { "version " (report.version) } }
            }
            form method="post" action=(path::MOD_LESSONS) {
                input type="hidden" name="report" value=(report.id);
                p.row {
                    label.sr for={ "why" (report.id) } { "What was done, public" }
                    input type="text" id={ "why" (report.id) } name="reason" placeholder="What was done, public" maxlength=(MOST_REASON);
                    button.button { "Settle" }
                }
            }
        }
    }
}
