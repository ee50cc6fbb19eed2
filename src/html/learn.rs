//! The course as a whole: its map, and what a learner prints at the end.

use maud::{Markup, html};

use crate::domain::lesson::{Course, Lesson};
use crate::html::page::{Frame, page};
use crate::html::path;

/// `/learn`: the chapters and their lessons.
#[must_use]
pub fn map(frame: &Frame, course: &Course) -> Markup {
    let body = html! {
        div.course-map data-offline=(path::LEARN_OFFLINE) {
            h1 { (course.title) }
            @for chapter in &course.chapters {
                section {
                    h2 { (chapter.title) }
                    ol {
                        @for entry in chapter.entries() { (self::entry(entry, chapter.project.as_deref())) }
                    }
                }
            }
        }
    };
    page(frame, &body)
}

/// A lesson of the map, or a project with its steps.
fn entry(lessons: &[Lesson], project: Option<&str>) -> Markup {
    let one = |lesson: &Lesson| {
        html! {
            a href=(path::lesson(&lesson.id)) data-lesson=(lesson.id) { (lesson.title) }
            " " small { (lesson.minutes) " min" }
        }
    };
    html! {
        @match (lessons, project) {
            ([lesson], _) => { li value=(lesson.number) { (one(lesson)) } }
            ([first, ..], Some(project)) => {
                li value=(first.number) {
                    (project)
                    ol { @for lesson in lessons { li { (one(lesson)) } } }
                }
            }
            _ => {}
        }
    }
}

/// `/learn/done`: a page to print.
#[must_use]
pub fn done(frame: &Frame, course: &Course) -> Markup {
    let body = html! {
        article.course-done.prose.text data-lessons=(course.count()) {
            h1 { (course.title) }
            p { "This page says what its reader says of themselves; nobody has checked it." }
            p { a href=(path::LEARN) { "Back to the course" } }
        }
    };
    page(frame, &body)
}
