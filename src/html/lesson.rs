//! The page of a lesson: what to read, the editor, the checks, hints, the solution.

use maud::{Markup, html};

use crate::domain::lesson::{Course, Lesson};
use crate::html::page::{Frame, page};
use crate::html::path;

/// What the page shows.
#[derive(Debug)]
pub struct Shown<'a> {
    /// The course that it stands in.
    pub course: &'a Course,
    /// The lesson.
    pub lesson: &'a Lesson,
    /// The address of its bundle.
    pub bundle: &'a str,
    /// By what drafts know to which starter they belong.
    pub starter_hash: &'a str,
    /// The address of the frame in which code runs.
    pub runner: &'a str,
}

/// `/learn/{id}`.
#[must_use]
pub fn show(frame: &Frame, shown: &Shown) -> Markup {
    let lesson = shown.lesson;
    let (before, after) = (
        shown.course.before(&lesson.id),
        shown.course.after(&lesson.id),
    );
    let body = html! {
        article.lesson data-lesson=(lesson.id) data-number=(lesson.number) data-mode=(lesson.mode.word())
            data-starter=(shown.starter_hash) data-bundle=(shown.bundle) data-runner=(shown.runner) {
            h1 { (lesson.title) }
            div.text { (lesson.prose) (lesson.task) }
            label for="code" { "Your code" }
            textarea id="code" rows="8" spellcheck="false" { (lesson.starter) }
            p.row { button.button.run type="button" { "Run" } }
            noscript { p { "Running code needs JavaScript." } }
            ol.checks { @for check in lesson.checks() { li data-key=(check.key) { (check.html) } } }
            @for hint in &lesson.hints { details { summary { (hint.title) } (hint.html) } }
            details.solution { summary { "A solution" } pre { code { (lesson.solution) } } }
            nav aria-label="Lessons" {
                @if let Some(before) = before { a rel="prev" href=(path::lesson(&before.id)) { (before.title) } " " }
                a href=(path::LEARN) { "All lessons" }
                @if let Some(after) = after { " " a rel="next" href=(path::lesson(&after.id)) { (after.title) } }
            }
        }
    };
    page(frame, &body)
}
