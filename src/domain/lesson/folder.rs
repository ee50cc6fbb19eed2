//! One lesson: the files of its folder, and the rules that they obey by themselves.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::domain::lesson::problem::{Problems, counted, line_at, line_of};
use crate::domain::lesson::{
    ENGLISH, Fails, Hint, Lesson, LessonId, Mode, Place, Wrong, prose, script,
};
use crate::domain::tag::{DEFAULT_TAGS, TagName};

/// Largest file of a lesson, in bytes.
const LARGEST: usize = 20 * 1024;
/// What is in every folder; more may be in it.
const STARTER: &str = "starter.js";
const SOLUTION: &str = "solution.js";
pub(super) const CHECKS: &str = "checks.js";
const PAGE: &str = "page.html";
pub(super) const ABOUT: &str = "lesson.toml";

/// `lesson.toml` as it is written.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct About {
    mode: Mode,
    concept: String,
    #[serde(default)]
    needs: Vec<String>,
    minutes: u32,
    tag: String,
}

/// The files of one folder, by their paths below it.
pub(super) type Folder<'a> = BTreeMap<&'a str, &'a String>;

/// Reads the lesson of a folder, in the first of these languages in which it is there. Where it stands in the course is
/// not known here.
pub(super) fn read(
    id: &LessonId,
    folder: &Folder,
    langs: &[&str],
    problems: &mut Problems,
) -> Option<Lesson> {
    if folder.is_empty() {
        problems.refuse("", 0, "there is no such folder, but course.toml names it");
        return None;
    }
    sizes_and_names(folder, problems);
    let about = about(folder, problems);
    let mut text = |name: &str| {
        if !folder.contains_key(name) {
            problems.refuse(name, 0, "there is no such file");
        }
        folder
            .get(name)
            .map_or_else(String::new, |text| (*text).clone())
    };
    let (starter, solution, checks) = (text(STARTER), text(SOLUTION), text(CHECKS));
    let Words {
        lang,
        prose,
        hints_lang,
        hints,
    } = words(folder, langs, problems);
    let others = others(folder, problems);
    let wrong = wrong(folder, problems);
    let (about, tag) = about?;
    let page = page(folder, about.mode, problems);
    let lesson = Lesson {
        id: id.clone(),
        place: Place::Bonus,
        lang,
        title: prose.title,
        mode: about.mode,
        concept: about.concept,
        needs: about.needs,
        minutes: about.minutes,
        tag,
        prose: prose.text,
        task: prose.task,
        sentences: prose.sentences,
        hints,
        hints_lang,
        given: script::given(&checks),
        starter,
        solution,
        others,
        wrong,
        checks,
        page,
        blocks: prose.blocks,
    };
    (!problems.are_grave()).then_some(lesson)
}

fn about(folder: &Folder, problems: &mut Problems) -> Option<(About, TagName)> {
    let Some(text) = folder.get(ABOUT) else {
        problems.refuse(ABOUT, 0, "there is no such file");
        return None;
    };
    let about: About = match toml::from_str(text) {
        Ok(about) => about,
        Err(error) => {
            let line = error.span().map_or(1, |span| line_at(text, span.start));
            problems.refuse(ABOUT, line, error.message());
            return None;
        }
    };
    if !(1..=30).contains(&about.minutes) {
        let line = line_of(text, "minutes");
        problems.say(ABOUT, line, "a lesson takes 1 to 30 minutes");
    }
    let line = line_of(text, "needs");
    if !about.needs.is_empty() && !text.contains('#') {
        problems.say(
            ABOUT,
            line,
            "a comment (#) says why it needs what comes later",
        );
    }
    let line = line_of(text, "tag");
    if DEFAULT_TAGS.iter().all(|(name, ..)| *name != about.tag) {
        problems.say(
            ABOUT,
            line,
            format!("{:?} is no topic of a new site", about.tag),
        );
    }
    match TagName::parse(&about.tag) {
        Ok(tag) => Some((about, tag)),
        Err(message) => {
            problems.refuse(ABOUT, line, message);
            None
        }
    }
}

/// What a lesson says in words.
struct Words {
    lang: String,
    prose: prose::Prose,
    hints_lang: String,
    hints: Vec<Hint>,
}

/// The words of the lesson: a translation that cannot be read gives way to the next language.
fn words(folder: &Folder, langs: &[&str], problems: &mut Problems) -> Words {
    for (at, lang) in langs.iter().enumerate() {
        let lesson = format!("{lang}/lesson.md");
        let Some(text) = folder.get(lesson.as_str()) else {
            continue;
        };
        let mut own = Problems::new("");
        let prose = prose::read(&lesson, text, &mut own);
        let (hints_lang, hints) = hints(folder, &langs[at..], &mut own);
        let is_last = *lang == ENGLISH;
        let is_good = !own.are_grave();
        for problem in own.found {
            // Where there is English to fall back on, the lesson can be shown.
            if problem.is_grave && is_last {
                problems.refuse(&problem.path, problem.line, problem.message);
            } else {
                problems.say(&problem.path, problem.line, problem.message);
            }
        }
        if is_good || is_last {
            return Words {
                lang: (*lang).to_owned(),
                prose,
                hints_lang,
                hints,
            };
        }
    }
    problems.refuse("en/lesson.md", 0, "there is no such file");
    Words {
        lang: ENGLISH.to_owned(),
        prose: prose::Prose::default(),
        hints_lang: ENGLISH.to_owned(),
        hints: Vec::new(),
    }
}

/// The hints and their language: the first of `langs`, that of the text being the first, in which there are any.
fn hints(folder: &Folder, langs: &[&str], problems: &mut Problems) -> (String, Vec<Hint>) {
    let mut found = Vec::new();
    let mut lacking = Vec::new();
    for lang in langs {
        let file = format!("{lang}/hints.md");
        match folder.get(file.as_str()) {
            None => lacking.push(file),
            Some(text) => found = prose::hints(&file, text, problems),
        }
        if !found.is_empty() {
            // A text in "de" need not have hints in "de-AT": what is told is the file beside the text.
            if let Some(file) = lacking.first() {
                let message = format!("there is no such file: the hints are those in {lang}");
                problems.say(file, 0, message);
            }
            return ((*lang).to_owned(), found);
        }
    }
    if let Some(file) = lacking.first() {
        problems.say(file, 0, "there is no such file");
    }
    (ENGLISH.to_owned(), found)
}

fn others(folder: &Folder, problems: &mut Problems) -> Vec<(String, String)> {
    let others: Vec<(String, String)> = folder
        .iter()
        .filter(|(name, _)| is_other(name))
        .map(|(name, text)| ((*name).to_owned(), (*text).clone()))
        .collect();
    if others.is_empty() {
        problems.say(
            "solution-2.js",
            0,
            "a solution written another way is wanted",
        );
    }
    others
}

fn is_script(path: &str) -> bool {
    path.rsplit_once('.')
        .is_some_and(|(_, ending)| ending == "js")
}

/// `solution-2.js` and so on.
fn is_other(name: &str) -> bool {
    let number = name
        .strip_prefix("solution-")
        .and_then(|rest| rest.strip_suffix(".js"));
    number.is_some_and(|number| number.parse::<u8>().is_ok_and(|number| number >= 2))
}

fn wrong(folder: &Folder, problems: &mut Problems) -> Vec<Wrong> {
    let mut found = Vec::new();
    for (path, code) in folder {
        let Some(name) = path.strip_prefix("wrong/").filter(|_| is_script(path)) else {
            continue;
        };
        let first = code.lines().next().unwrap_or_default();
        let Some(word) = first.strip_prefix("// fails: ").map(str::trim) else {
            problems.say(path, 1, "the first line says \"// fails: KEY\"");
            continue;
        };
        let fails = match (word, word.strip_prefix("error ")) {
            ("stopped", _) => Fails::Stopped,
            (_, Some(name)) => Fails::Error(name.trim().to_owned()),
            (key, None) => Fails::Check(key.to_owned()),
        };
        found.push(Wrong {
            name: name.to_owned(),
            code: (*code).clone(),
            fails,
        });
    }
    if found.len() < 2 {
        let count = counted(found.len(), "wrong answer");
        let message = format!("there {count}, at least two are wanted");
        problems.say("wrong", 0, message);
    }
    found
}

fn page(folder: &Folder, mode: Mode, problems: &mut Problems) -> Option<String> {
    let page = folder.get(PAGE).map(|text| (*text).clone());
    match (mode, &page) {
        (Mode::Document, None) => problems.refuse(PAGE, 0, "document mode needs this file"),
        (Mode::Document, Some(page)) => {
            if let Some(at) = page.to_ascii_lowercase().find("<script") {
                problems.refuse(
                    PAGE,
                    line_at(page, at),
                    "the learner's page holds no script",
                );
            }
        }
        (_, Some(_)) => problems.say(PAGE, 1, "only document mode has a page"),
        (_, None) => {}
    }
    page
}

fn sizes_and_names(folder: &Folder, problems: &mut Problems) {
    for (path, text) in folder {
        if text.len() > LARGEST {
            problems.refuse(path, 1, format!("the file is larger than {LARGEST} bytes"));
        }
        let parts: Vec<&str> = path.split('/').collect();
        let is_known = match parts[..] {
            [STARTER | SOLUTION | CHECKS | PAGE | ABOUT] => true,
            [name] => is_other(name),
            ["wrong", name] => is_script(name),
            [lang, "lesson.md" | "hints.md"] => is_language(lang),
            _ => false,
        };
        if !is_known {
            problems.say(path, 0, "a lesson has no such file");
        } else if let [lang, "hints.md"] = parts[..]
            && lang != ENGLISH
            && !folder.contains_key(format!("{lang}/lesson.md").as_str())
        {
            problems.say(
                path,
                0,
                "these hints are not shown: there is no lesson.md beside them",
            );
        }
    }
}

/// Whether a folder's name is that of a language (`en`, `pt-BR`).
pub(super) fn is_language(name: &str) -> bool {
    let first = name.split('-').next().unwrap_or_default();
    let plain = |text: &str| {
        text.bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
    };
    (2..=3).contains(&first.len()) && plain(name) && name.len() <= 35
}
