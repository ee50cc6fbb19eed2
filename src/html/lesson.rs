//! The page of a lesson: what to read, the editor, the checks, hints, the solution.
//!
//! It reads well without a script: then the editor only shows what it would hold, and the solution is folded below the
//! hints. All sentences that the script may have to say of a check stand in the page, so it never makes markup of text.

use maud::{Markup, html};

use crate::domain::lesson::{Course, Lesson, Mode};
use crate::domain::story::StoryRow;
use crate::html::page::{Frame, page};
use crate::html::{learn, path, story};

/// What the page shows.
#[derive(Debug)]
pub struct Shown<'a> {
    /// The course that it stands in.
    pub course: &'a Course,
    /// The lesson.
    pub lesson: &'a Lesson,
    /// The address of its bundle.
    pub bundle: &'a str,
    /// What it is called in reports: it changes whenever the lesson does.
    pub version: &'a str,
    /// What its version is called in the site's sums; `None`: nothing is counted.
    pub tally: Option<&'a str>,
    /// By what drafts know to which starter they belong.
    pub starter_hash: &'a str,
    /// The address of the frame in which code runs.
    pub runner: &'a str,
    /// The way to its discussion; empty where there is none.
    pub talk: Markup,
    /// The newest stories on its topic.
    pub news: &'a [StoryRow],
}

/// What touch keyboards hide, in the order of the bar.
const SIGNS: [&str; 13] = [
    "{", "}", "(", ")", "[", "]", ";", "=", ">", "\"", "'", "`", "$",
];

/// Lines that the editor shows at least; the console of the first lessons is smaller.
const FEWEST_LINES: usize = 8;
const FEWEST_CONSOLE: usize = 2;

/// `/learn/{id}`.
#[must_use]
pub fn show(frame: &Frame, shown: &Shown) -> Markup {
    let lesson = shown.lesson;
    let before = shown.course.before(&lesson.id);
    let onward = shown.course.onward(&lesson.id);
    let extras: Vec<&str> = shown.course.extras().map(|it| it.id.as_str()).collect();
    let lang = (lesson.lang != frame.settings.lang).then_some(&lesson.lang);
    let body = html! {
        article.lesson lang=[lang] data-lesson=(lesson.id) data-number=[lesson.place.number()] data-mode=(lesson.mode.word())
            data-kind=[lesson.place.kind()] data-lessons=(learn::counted(shown.course)) data-extras=(extras.join(" "))
            data-bundle=(shown.bundle) data-runner=(shown.runner) data-starter=(shown.starter_hash)
            data-prev=[before.map(|lesson| path::lesson(&lesson.id))]
            data-next=[onward.map(|lesson| path::lesson(&lesson.id))]
            data-tally=[shown.tally] data-pane="read" data-offline=(path::LEARN_OFFLINE) {
            (head(shown))
            (panes())
            div.desk {
                (read(lesson))
                div.work {
                    noscript {
                        p.notice { "Running code needs JavaScript, which is switched off in this browser. The lesson and its solution can be read without." }
                    }
                    (code(lesson))
                    (bar(lesson.mode))
                    (result(shown, onward))
                }
            }
            (foot(shown, before, onward))
            ul.sentences hidden {
                @for sentence in &lesson.sentences { li data-key=(sentence.key) { (sentence.html) } }
            }
        }
    };
    page(frame, &body)
}

fn head(shown: &Shown) -> Markup {
    let lesson = shown.lesson;
    html! {
        header.lesson-head {
            p.crumb {
                a href=(path::LEARN) { (shown.course.title) }
                @if let Some((id, title)) = shown.course.part_of(&lesson.id) {
                    " " span aria-hidden="true" { "/" } " "
                    a href={ (path::LEARN) "#" (id) } { (title) }
                }
            }
            h1 { (lesson.title) }
            p.meta {
                span {
                    @if let Some(number) = lesson.place.number() { "Lesson " (number) " of " (shown.course.count()) }
                    @if let Some(step) = lesson.place.step() { ", step " (step) }
                    @if let Some(kind) = lesson.place.kind() { (kind) ", free to skip" }
                }
                span { "about " @if lesson.minutes == 1 { "1 minute" } @else { (lesson.minutes) " minutes" } }
                span.done-mark hidden { span.mark.pass aria-hidden="true" {} "Passed" }
            }
        }
    }
}

/// The tabs of a narrow screen; a wide one, or one without a script, shows all three parts.
fn panes() -> Markup {
    let tab = |name: &str, label: &str| {
        html! {
            button type="button" role="tab" id={ "tab-" (name) } data-tab=(name) aria-controls=(name)
                aria-selected=(if name == "read" { "true" } else { "false" }) { (label) }
        }
    };
    html! {
        div.panes role="tablist" aria-label="Parts of the lesson" {
            (tab("read", "Read")) (tab("code", "Code")) (tab("result", "Result"))
        }
    }
}

fn read(lesson: &Lesson) -> Markup {
    let lang = (lesson.hints_lang != lesson.lang).then_some(&lesson.hints_lang);
    html! {
        section.pane.read id="read" aria-label="Read" {
            div.text { (lesson.prose) }
            div.task.text { h2 { "Task" } (lesson.task) }
            div.help {
                h2.sr { "Help" }
                @if let Some(source) = &lesson.page {
                    details.source { summary { "The HTML of the page" } div.text { pre { code { (source) } } } }
                }
                @for (index, hint) in lesson.hints.iter().enumerate() {
                    details.hint-step data-open[index == 0] {
                        summary { "Hint " (index + 1) ": " span lang=[lang] { (hint.title) } }
                        div.text lang=[lang] { (hint.html) }
                    }
                }
                p.hint.locked { "The solution can be opened once you have passed, or after three different tries." }
                p.unlock hidden { button.link type="button" { "Show the solution" } }
                details.solution {
                    summary { "Solution" }
                    div.text { p { "One way of several." } pre { code { (lesson.solution) } } }
                }
            }
        }
    }
}

fn code(lesson: &Lesson) -> Markup {
    let (label, fewest) = match lesson.mode {
        Mode::Console => ("Console", FEWEST_CONSOLE),
        Mode::Worker | Mode::Document => ("Your code", FEWEST_LINES),
    };
    let rows = fewest.max(lesson.starter.trim_end().lines().count() + 1);
    html! {
        section.pane.code id="code" aria-label="Code" {
            div.ed data-mode=(lesson.mode.word()) {
                label.ed-name for="ed" { (label) }
                div.ed-scroll {
                    div.ed-page {
                        // The first line end after the tag is not part of the text; this one spares the text's own.
                        textarea.ed-text id="ed" rows=(rows) spellcheck="false" autocapitalize="none" autocomplete="off"
                            autocorrect="off" translate="no" aria-describedby="ed-note ed-help" { "\n" (lesson.starter) }
                        pre.ed-paint aria-hidden="true" {}
                    }
                }
                p.ed-note id="ed-note" {}
            }
            div.offers {}
        }
    }
}

/// Run and what belongs to it; on a phone it stays above the keyboard.
fn bar(mode: Mode) -> Markup {
    html! {
        div.bar {
            div.symbols role="group" aria-label="Signs to type" {
                button type="button" data-move="left" aria-label="Move left" { "\u{2190}" }
                button type="button" data-move="right" aria-label="Move right" { "\u{2192}" }
                @for sign in SIGNS { button type="button" data-type=(sign) { (sign) } }
            }
            div.acts-row {
                button.button.main.run type="button" { "Run" }
                button.link.to-failure type="button" hidden { "Go to what failed" }
                span.spring {}
                button.link.unreset type="button" hidden { "Bring my text back" }
                button.link.reset type="button" { "Reset" }
            }
            div.hint.ed-keys {
                p id="ed-help" {
                    @match mode {
                        Mode::Console => { kbd { "Enter" } " runs it, " kbd { "Shift" } " " kbd { "Enter" } " begins a line" },
                        Mode::Worker | Mode::Document => { kbd.mod { "Ctrl" } " " kbd { "Enter" } " runs it" },
                    }
                }
                label.pick { input.tab-box type="checkbox"; span { "Tab indents " small { "(Esc, then Tab leaves)" } } }
            }
        }
    }
}

fn result(shown: &Shown, onward: Option<&Lesson>) -> Markup {
    let lesson = shown.lesson;
    html! {
        section.pane.result id="result" aria-label="Result" {
            div.verdict role="status" tabindex="-1" {}
            (next(shown, onward))
            @if lesson.mode == Mode::Document {
                h2 { "Your page" }
                div.stage { p.hint { "Your page appears here when you press Run." } }
            }
            @if lesson.mode == Mode::Console { (console("Answers")) (checks(lesson)) }
            @else { (checks(lesson)) (console("Console")) }
        }
    }
}

/// The way on, seen once the lesson is passed: the next lesson, and beside it what is free to skip. Behind the last lesson that
/// counts, the course is over.
fn next(shown: &Shown, onward: Option<&Lesson>) -> Markup {
    let id = &shown.lesson.id;
    let recap = shown.course.recap_after(id);
    html! {
        div.next hidden data-id=[onward.map(|it| &it.id)] data-number=[onward.and_then(|it| it.place.number())]
            data-kind=[onward.and_then(|it| it.place.kind())] data-title=[onward.map(|it| &it.title)] {
            @match (shown.course.is_last(id), onward) {
                (true, _) => { (last(recap.or(onward))) }
                (false, Some(onward)) => {
                    p { a.button.main href=(path::lesson(&onward.id)) { "Next: " (onward.title) } }
                    @if let Some(recap) = recap {
                        p.hint { "Or first a recap of this chapter, free to skip: " a href=(path::lesson(&recap.id)) { (recap.title) } }
                    }
                }
                (false, None) => { p { a.button.main href=(path::LEARN) { "Back to the course" } } }
            }
        }
    }
}

fn last(extra: Option<&Lesson>) -> Markup {
    html! {
        p { a.button.main href=(path::LEARN_DONE) { "That was the last lesson" } }
        p.hint {
            "It is yours now. " a href="/submit" { "Share your version" } ", see "
            a href=(path::RESOURCES) { "where to go on" } ", or " a href="/" { "what others build" } "."
        }
        @if let Some(extra) = extra {
            p.hint { "For who wants more: " a href=(path::lesson(&extra.id)) { (extra.title) } }
        }
    }
}

fn checks(lesson: &Lesson) -> Markup {
    html! {
        h2 { "Checks" }
        ol.checks {
            @for check in lesson.checks() {
                li data-key=(check.key) {
                    span.mark aria-hidden="true" {}
                    span { (check.html) }
                    span.word {}
                }
            }
        }
    }
}

/// What the code puts out.
fn console(name: &str) -> Markup {
    html! {
        h2.console-h { (name) small.con-of {} }
        ol.con aria-label=(name) {}
        p.con-empty { @if name == "Console" { "What your code logs appears here." } @else { "They appear here." } }
    }
}

fn foot(shown: &Shown, before: Option<&Lesson>, onward: Option<&Lesson>) -> Markup {
    let lesson = shown.lesson;
    html! {
        footer.lesson-foot {
            nav.walk aria-label="Lessons" {
                @if let Some(before) = before {
                    a rel="prev" href=(path::lesson(&before.id)) { small { "Previous" } (before.title) }
                }
                @if let Some(recap) = shown.course.recap_after(&lesson.id) {
                    a href=(path::lesson(&recap.id)) { small { "Recap" } (recap.title) }
                }
                @if let Some(onward) = onward {
                    a rel="next" href=(path::lesson(&onward.id)) { small { "Next" } (onward.title) }
                }
            }
            div.beside {
                @if !shown.talk.0.is_empty() { section { h2 { "Discussion" } (shown.talk) } }
                @if !shown.news.is_empty() {
                    section {
                        h2 { "News on " a.tag href=(path::tag(&lesson.tag)) { (lesson.tag) } }
                        ul { @for row in shown.news { li { (story::title(row)) } } }
                    }
                }
                section {
                    h2 { "This lesson" }
                    p { a href=(report(shown)) rel="nofollow" { "Report a mistake in it" } }
                }
            }
        }
    }
}

fn report(shown: &Shown) -> String {
    path::with(
        &path::lesson_report(&shown.lesson.id),
        "version",
        shown.version,
    )
}
