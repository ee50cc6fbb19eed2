//! The first minute of the course, on the front page: lesson 1 as one line to type, or the way back for who has begun.
//!
//! The same bytes for everybody. The script decides which of the two is seen; both take the same room. Without a script it
//! is the way to lesson 1.

use maud::{Markup, html};

use crate::domain::lesson::Lesson;
use crate::html::path;

/// What the block needs to know.
#[derive(Debug)]
pub struct First<'a> {
    /// Lesson 1, whose code is a line.
    pub lesson: &'a Lesson,
    /// The lesson after it.
    pub next: &'a Lesson,
    /// The address of its bundle.
    pub bundle: &'a str,
    /// The address of the frame in which code runs.
    pub runner: &'a str,
    /// What its version is called in the site's sums; `None`: nothing is counted.
    pub tally: Option<&'a str>,
    /// The name of the course's script.
    pub script: &'a str,
}

/// The block.
#[must_use]
pub fn block(first: &First) -> Markup {
    let (lesson, next) = (first.lesson, first.next);
    html! {
        section.first aria-labelledby="first" data-lesson=(lesson.id) data-bundle=(first.bundle) data-runner=(first.runner)
            data-script=(path::asset(first.script)) data-next=(next.id) data-next-title=(next.title) data-tally=[first.tally] {
            h2 id="first" { a href=(path::LEARN) { "Learn JavaScript" } }
            div.first-try {
                (lesson.task)
                form action=(path::lesson(&lesson.id)) {
                    label for="first-in" { span.sr { "A line of JavaScript" } span aria-hidden="true" { ">" } }
                    input id="first-in" type="text" maxlength="500" spellcheck="false" autocapitalize="none"
                        autocomplete="off" autocorrect="off" enterkeyhint="go" aria-describedby="first-say";
                    button.button.main { "Run" }
                }
                p id="first-say" role="status" { "Type it here; Enter runs it." }
            }
            p.first-go { a.button.main href=(path::LEARN) { "Continue" } span {} }
        }
    }
}
