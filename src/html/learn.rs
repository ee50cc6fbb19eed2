//! The course as a whole: its map, and what a learner prints at the end.
//!
//! Both are the same for everybody; what somebody has passed is known to their browser, which marks it.

use maud::{Markup, html};

use crate::domain::lesson::{Chapter, Course, Lesson};
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
                    "From the first line to a small program of your own, in " (course.count()) " short lessons. "
                    "You read a little, write a little, and your browser runs it: nothing to install, no account. "
                    "All of it takes about " (hours(minutes)) "; begin anywhere."
                }
                (go(course))
                p.so-far {}
                p.goal-line hidden {}
            }
            p.finished hidden {
                "You have passed all of it. " a href=(path::LEARN_DONE) { "A page to print" } ", if you like."
            }
            div.chapters {
                @for (index, chapter) in course.chapters.iter().enumerate() { (self::chapter(index + 1, chapter)) }
            }
            (keeping(choices))
        }
    };
    page(frame, &body)
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
            }
        }
    }
}

fn entry(lesson: &Lesson) -> Markup {
    html! {
        li.entry data-lesson=(lesson.id) data-number=(lesson.number) data-title=(lesson.title) {
            a href=(path::lesson(&lesson.id)) {
                span.mark aria-hidden="true" {}
                span.num { (lesson.number) }
                span.title-of { (lesson.title) span.sr.said {} }
                small { (lesson.minutes) " min" }
            }
        }
    }
}

fn project(steps: &[Lesson], name: &str) -> Markup {
    let minutes: u32 = steps.iter().map(|step| step.minutes).sum();
    html! {
        li.entry.project {
            p.name {
                span.mark aria-hidden="true" {}
                span.num { (steps[0].number) }
                span.title-of { (name) span.sr.said {} }
                small { (minutes) " min" }
            }
            ol.steps {
                @for step in steps {
                    li data-lesson=(step.id) data-number=(step.number) data-title=(step.title) {
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
    let ids: Vec<&str> = course.lessons().map(|lesson| lesson.id.as_str()).collect();
    let body = html! {
        article.course-done data-lessons=(ids.join(" ")) {
            p.crumb { a href=(path::LEARN) { (course.title) } }
            h1 { "What you have done" }
            noscript { p.notice { "This page is made by your browser from what it has kept, and that needs JavaScript." } }
            div.done-part hidden {
                p {
                    "Once you have passed every lesson, this page has something to print. "
                    span.done-left {} " to go."
                }
                p.row { a.button.main href=(path::LEARN) { "Back to the course" } }
            }
            div.done-whole hidden { (sheet(frame, course)) }
        }
    };
    page(frame, &body)
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
