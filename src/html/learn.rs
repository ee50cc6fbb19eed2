//! The course as a whole: its map, and what a learner prints at the end.
//!
//! Both are the same for everybody; what somebody has passed is known to their browser, which marks it.

use maud::{Markup, html};

use crate::domain::lesson::{Bonus, Chapter, Course, Lesson};
use crate::html::page::{Frame, page};
use crate::html::path;

/// `/learn`: the chapters and their lessons. `runner` is the address of the frame in which code runs, so that it is at hand
/// without a connection too; `choices` are what a learner can set there.
#[must_use]
pub fn map(frame: &Frame, course: &Course, runner: &str, choices: &[Markup]) -> Markup {
    let minutes: u32 = course.lessons().map(|lesson| lesson.minutes).sum();
    let body = html! {
        div.course-map data-offline=(path::LEARN_OFFLINE) data-runner=(runner) {
            header.lead {
                h1 { (course.title) }
                p {
                    "From the first line to a small program of your own, in " (lessons(course.count())) ". "
                    "You read a little, write a little, and your browser runs it: nothing to install, no account. "
                    "All of it takes about " (hours(minutes)) "; begin anywhere."
                }
                (go(course))
                p.so-far {}
                p.goal-line hidden {}
            }
            p.finished hidden {
                "You have passed every lesson. " a href=(path::LEARN_DONE) { "A page to print" } ", if you like."
            }
            div.chapters {
                @for (index, chapter) in course.chapters.iter().enumerate() { (self::chapter(index + 1, chapter)) }
                @if let Some(bonus) = &course.bonus { (self::bonus(bonus)) }
            }
            (keeping(choices))
        }
    };
    page(frame, &body)
}

fn lessons(count: u32) -> String {
    match count {
        1 => "one short lesson".to_owned(),
        count => format!("{count} short lessons"),
    }
}

fn hours(minutes: u32) -> String {
    match minutes.div_ceil(60) {
        1 => "an hour".to_owned(),
        hours => format!("{hours} hours"),
    }
}

/// The way on: the first lesson, until the script knows better.
fn go(course: &Course) -> Markup {
    html! {
        @if let Some(first) = course.lessons().next() {
            p.lead-go {
                a.button.main.continue href=(path::lesson(&first.id)) { "Start with lesson 1" }
                span.continue-title { (first.title) }
            }
        }
    }
}

fn chapter(number: usize, chapter: &Chapter) -> Markup {
    html! {
        section.chapter id=(chapter.id) aria-labelledby={ "h-" (chapter.id) } {
            h2 id={ "h-" (chapter.id) } {
                span.num { (number) } span { (chapter.title) } span.of {}
            }
            ol {
                @for lessons in chapter.entries() {
                    @match (lessons, &chapter.project) {
                        ([lesson], _) => (entry(lesson)),
                        (steps @ [first, ..], name) => (project(steps, name.as_deref().unwrap_or(&first.title))),
                        ([], _) => {},
                    }
                }
                @if let Some(recap) = &chapter.recap { (extra(recap)) }
            }
        }
    }
}

fn bonus(bonus: &Bonus) -> Markup {
    html! {
        section.chapter.bonus id=(bonus.id) aria-labelledby={ "h-" (bonus.id) } {
            h2 id={ "h-" (bonus.id) } { span { (bonus.title) } }
            p { "More ideas, for their own sake: in any order, and not counted." }
            ol { @for lesson in &bonus.lessons { (extra(lesson)) } }
        }
    }
}

/// What does not count: it says so by what it is called, in place of a number.
fn extra(lesson: &Lesson) -> Markup {
    let kind = lesson.place.kind().unwrap_or_default();
    html! {
        li.extra data-lesson=(lesson.id) data-kind=(kind) data-title=(lesson.title) {
            a href=(path::lesson(&lesson.id)) {
                span.mark aria-hidden="true" {}
                span.title-of { (lesson.title) span.sr.said {} }
                small { (kind) ", " (lesson.minutes) " min" }
            }
        }
    }
}

fn entry(lesson: &Lesson) -> Markup {
    html! {
        li.entry data-lesson=(lesson.id) data-number=[lesson.place.number()] data-title=(lesson.title) {
            a href=(path::lesson(&lesson.id)) {
                span.mark aria-hidden="true" {}
                span.num { @if let Some(number) = lesson.place.number() { (number) } }
                span.title-of { (lesson.title) span.sr.said {} }
                small { (lesson.minutes) " min" }
            }
        }
    }
}

fn project(steps: &[Lesson], name: &str) -> Markup {
    let minutes: u32 = steps.iter().map(|step| step.minutes).sum();
    let number = steps.first().and_then(|step| step.place.number());
    html! {
        li.entry.project {
            p.name {
                span.mark aria-hidden="true" {}
                span.num { @if let Some(number) = number { (number) } }
                span.title-of { (name) span.sr.said {} }
                small { (minutes) " min" }
            }
            ol.steps {
                @for step in steps {
                    li data-lesson=(step.id) data-number=[step.place.number()] data-title=(step.title) {
                        a href=(path::lesson(&step.id)) {
                            span.mark aria-hidden="true" {}
                            span.title-of { (step.title) span.sr.said {} }
                        }
                    }
                }
            }
        }
    }
}

fn keeping(choices: &[Markup]) -> Markup {
    html! {
        section.keeping aria-labelledby="keeping" {
            h2 id="keeping" { "Your progress" }
            p {
                "What you pass and write is kept in this browser, and with your account when you are signed in. "
                "It earns nothing, and nothing is lost when you stop for a month."
            }
            p.row {
                button.button.export type="button" { "Save to a file" }
                button.button.import-go type="button" { "Bring back from a file" }
                input.import type="file" accept="application/json,.json" aria-label="File with your progress" hidden;
            }
            @for choice in choices { (choice) }
        }
    }
}

/// `/learn/done`: a page to print.
#[must_use]
pub fn done(frame: &Frame, course: &Course) -> Markup {
    let has_extras = course.extras().next().is_some();
    let body = html! {
        article.course-done data-lessons=(counted(course)) {
            p.crumb { a href=(path::LEARN) { (course.title) } }
            h1 { "What you have done" }
            noscript { p.notice { "This page is made by your browser from what it has kept, and that needs JavaScript." } }
            div.done-part hidden {
                p {
                    "Once you have passed every lesson, this page has something to print. "
                    span.done-left {} " to go."
                    @if has_extras { " Recaps and what is on the bonus shelf do not count: do them as you like." }
                }
                p.row { a.button.main href=(path::LEARN) { "Back to the course" } }
            }
            div.done-whole hidden { (sheet(frame, course)) }
        }
    };
    page(frame, &body)
}

/// The ids of the lessons that count, parted by spaces; the steps of a project, which are one lesson, by `+`.
pub(super) fn counted(course: &Course) -> String {
    let entries = course.chapters.iter().flat_map(Chapter::entries);
    let ids = entries.map(|entry| {
        let ids: Vec<&str> = entry.iter().map(|lesson| lesson.id.as_str()).collect();
        ids.join("+")
    });
    ids.collect::<Vec<_>>().join(" ")
}

fn sheet(frame: &Frame, course: &Course) -> Markup {
    html! {
        div.done-form {
            div.field {
                label for="done-name" { "Your name, as it shall stand on the page" }
                input type="text" id="done-name" maxlength="80" autocomplete="name" aria-describedby="h-done-name";
                p.hint id="h-done-name" { "It stays in this browser." }
            }
            p.row { button.button.main.print type="button" { "Print" } }
        }
        section.sheet aria-label="The page to print" {
            p.done-name {}
            p { "has worked through all " (course.count()) " lessons of" }
            h2 { (course.title) }
            p { "at " (frame.settings.name) ", " span.done-date {} }
            small { "By their own account: the exercises were checked by the learner’s browser and by nobody else." }
        }
    }
}
