//! Lessons as the self-test page runs them, and what it reports as problems of files.

use std::collections::BTreeSet;
use std::path::Path;
use std::time::Duration;

use serde::Deserialize;
use serde_json::{Map, Value, json};
use tokio::signal::unix::{SignalKind, signal};

use crate::cli::learn::chromium::Browser;
use crate::course::{Courses, Edition, Laid};
use crate::domain::lesson::{ENGLISH, Lesson, Problem};
use crate::error::{Error, Result};
use crate::web::selftest;

/// How long the browser may take to begin.
const BEGIN: Duration = Duration::from_mins(1);
/// How long it may take for one lesson: some ten runs, some of them into the limits of time.
const EACH: Duration = Duration::from_mins(1);
/// How often it is looked whether the browser still runs.
const LOOK: Duration = Duration::from_millis(200);

/// A lesson to be run.
pub(super) struct Run {
    lesson: Lesson,
    json: Value,
}

/// What the page reports.
#[derive(Deserialize)]
struct Report {
    ok: bool,
    lessons: Vec<Told>,
    error: Option<String>,
}

#[derive(Deserialize)]
struct Told {
    problems: Vec<String>,
}

/// What is to be run: the lessons of these files in English, and of other languages the code in their prose.
pub(super) fn lessons(laid: &Laid) -> Vec<Run> {
    let courses = Courses::of_files(&laid.files);
    let is_own = |lesson: &&Lesson| laid.folders.contains(lesson.id.as_str());
    let mut runs = Vec::new();
    for edition in courses.editions() {
        let is_english = edition.course.lang == ENGLISH;
        let lessons = edition.course.all().filter(is_own);
        let lessons = lessons.filter(|lesson| is_english || lesson.lang != ENGLISH);
        runs.extend(lessons.filter_map(|lesson| run(edition, lesson, is_english)));
    }
    runs
}

/// How many lessons are run; one in two languages is one.
pub(super) fn count(runs: &[Run]) -> usize {
    let ids: BTreeSet<&str> = runs.iter().map(|run| run.lesson.id.as_str()).collect();
    ids.len()
}

fn run(edition: &Edition, lesson: &Lesson, with_code: bool) -> Option<Run> {
    let bundle = edition.bundle(lesson.id.as_str())?;
    let bundle: Value = serde_json::from_str(&bundle.json).ok()?;
    let (mut solutions, mut wrong) = (Map::new(), Map::new());
    if with_code {
        solutions.insert("solution.js".into(), json!(lesson.solution));
        let others = lesson.others.iter();
        solutions.extend(others.map(|(name, code)| (name.clone(), json!(code))));
        wrong.extend(
            lesson
                .wrong
                .iter()
                .map(|it| (it.name.clone(), json!(it.code))),
        );
    }
    let blocks = lesson.blocks.iter();
    let blocks: Vec<Value> = blocks
        .map(|block| json!({"code": block.code, "lines": block.lines}))
        .collect();
    Some(Run {
        lesson: lesson.clone(),
        json: json!({"bundle": bundle, "solutions": solutions, "wrong": wrong, "blocks": blocks}),
    })
}

/// Runs them in this browser.
///
/// # Errors
/// When the browser or the page does not come to an end.
pub(super) fn check(runs: &[Run], chromium: &Path) -> Result<Vec<Problem>> {
    let list: Vec<&Value> = runs.iter().map(|run| &run.json).collect();
    let list = json!({"lessons": list}).to_string();
    let each = EACH.saturating_mul(u32::try_from(runs.len()).unwrap_or(u32::MAX));
    let system = actix_web::rt::System::new();
    let report = system.block_on(report(list, chromium, BEGIN.saturating_add(each)))?;
    if let Some(error) = report.error {
        return Err(Error::Io(format!("The self-test failed: {error}.")));
    }
    if report.lessons.len() != runs.len() {
        return Err(Error::Io("The self-test did not run all lessons.".into()));
    }
    let told = runs.iter().zip(&report.lessons);
    let problems: Vec<Problem> = told
        .flat_map(|(run, told)| told.problems.iter().map(|text| problem(&run.lesson, text)))
        .collect();
    if report.ok != problems.is_empty() {
        return Err(Error::Io("The self-test contradicts itself.".into()));
    }
    Ok(problems)
}

async fn report(list: String, chromium: &Path, limit: Duration) -> Result<Report> {
    let mut test = selftest::start(list)?;
    let url = format!("http://{}{}", test.address, selftest::PAGE);
    // Whoever ends this command does not want the browser to stay.
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    let mut browser = Browser::open(chromium, &url)?;
    let mut look = tokio::time::interval(LOOK);
    let deadline = tokio::time::sleep(limit);
    tokio::pin!(deadline);
    let report = loop {
        tokio::select! {
            Some(report) = test.reports.recv() => break report,
            () = &mut deadline => {
                let seconds = limit.as_secs();
                return Err(Error::Io(format!("The browser told nothing within {seconds} s.")));
            }
            _ = interrupt.recv() => return Err(interrupted()),
            _ = terminate.recv() => return Err(interrupted()),
            _ = look.tick() => browser.is_running()?,
        }
    };
    drop(browser);
    test.handle.stop(false).await;
    serde_json::from_slice(&report)
        .map_err(|error| Error::Io(format!("The self-test's report cannot be read: {error}.")))
}

fn interrupted() -> Error {
    Error::Io("The check was interrupted; nothing is known of behaviour.".into())
}

/// What the page says of a lesson, as a problem of the file that it is about.
fn problem(lesson: &Lesson, text: &str) -> Problem {
    let (about, message) = text.split_once(": ").unwrap_or(("", text));
    let name = about.split(',').next().unwrap_or_default();
    let block = about
        .strip_prefix("code block ")
        .and_then(|number| number.parse::<usize>().ok())
        .and_then(|number| lesson.blocks.get(number.checked_sub(1)?));
    let is_other = |name: &str| lesson.others.iter().any(|(other, _)| other == name);
    let is_wrong = |name: &str| lesson.wrong.iter().any(|wrong| wrong.name == name);
    let (file, line) = match (name, block) {
        (_, Some(block)) => (format!("/{}/lesson.md", lesson.lang), block.line),
        ("starter", _) => ("/starter.js".to_owned(), 1),
        ("solution.js", _) => ("/solution.js".to_owned(), 1),
        (name, _) if is_other(name) || name.strip_prefix("wrong/").is_some_and(is_wrong) => {
            (format!("/{name}"), 1)
        }
        _ => (String::new(), 0),
    };
    Problem {
        path: format!("{}{file}", lesson.id),
        line,
        message: if file.is_empty() { text } else { message }.to_owned(),
        is_grave: false,
    }
}
