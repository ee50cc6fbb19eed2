//! The first minute of the course, on the front page: lesson 1 as one line to type, or the way back for who has begun.
//!
//! The same bytes for everybody. The script decides which of the two is shown; both take the same room. Without a script
//! it is the way to lesson 1.

use maud::{Markup, html};

use crate::domain::lesson::{Lesson, LessonId};
use crate::html::path;

/// What the block needs to know.
#[derive(Debug)]
pub struct First<'a> {
    /// The id of lesson 1.
    pub id: &'a LessonId,
    /// What it asks for.
    pub lesson: &'a Lesson,
    /// The lesson after it.
    pub next: &'a Lesson,
    /// The address of its bundle.
    pub bundle: &'a str,
    /// The address of the frame in which code runs.
    pub runner: &'a str,
    /// The name of the course's script.
    pub script: &'a str,
}

/// The block.
#[must_use]
pub fn block(first: &First) -> Markup {
    let lesson = first.lesson;
    html! {
        section.first aria-labelledby="first" data-lesson=(lesson.id) data-bundle=(first.bundle) data-runner=(first.runner)
            data-script=(path::asset(first.script)) data-next=(path::lesson(&first.next.id)) data-next-title=(first.next.title) {
            h2 id="first" { "Learn JavaScript: make the console say 42" }
            form action=(path::lesson(&lesson.id)) {
                label for="first-in" { span.sr { "A line of JavaScript" } span aria-hidden="true" { ">" } }
                input.first-in id="first-in" type="text" maxlength="500" spellcheck="false" autocapitalize="none"
                    autocomplete="off" autocorrect="off" enterkeyhint="go" placeholder="a sum, such as 1 + 1" aria-describedby="first-say";
                button.button { "Run" }
            }
            p.first-say id="first-say" role="status" { "Type a sum or a product that gives 42, then press Enter." }
            p.first-go hidden { a.button.main href=(path::LEARN) { "Continue" } " " span {} }
        }
    }
}
