//! Rules between the files of a lesson, and between lessons: keys, hints that tell too much, ideas before their time.

use std::collections::{BTreeMap, BTreeSet};

use crate::domain::lesson::folder::{ABOUT, CHECKS, Folder};
use crate::domain::lesson::outline::Outline;
use crate::domain::lesson::problem::{Problems, line_of};
use crate::domain::lesson::{Fails, Lesson, script};

/// Rules of one lesson.
pub(super) fn lesson(lesson: &Lesson, folder: &Folder, problems: &mut Problems) {
    keys(lesson, folder, problems);
    variants(lesson, folder, problems);
    wrong(lesson, problems);
    hints(lesson, folder, problems);
}

/// The checks of the prose are those of `checks.js`, in their order.
fn keys(lesson: &Lesson, folder: &Folder, problems: &mut Problems) {
    let Some(object) = script::checks(&lesson.checks) else {
        problems.refuse(CHECKS, 1, "there is no \"export const checks = {\"");
        return;
    };
    if let Some(line) = object.unseen {
        problems.say(CHECKS, line, "a key of checks is written out, not computed");
    }
    let file = format!("{}/lesson.md", lesson.lang);
    let told: Vec<&str> = lesson.checks().map(|check| check.key.as_str()).collect();
    for key in &object.keys {
        if !told.contains(&key.name.as_str()) {
            let message = format!("{file} has no sentence for the check {}", key.name);
            problems.say(CHECKS, key.line, message);
        }
    }
    let run: Vec<&str> = object.keys.iter().map(|key| key.name.as_str()).collect();
    for key in &told {
        if !run.contains(key) {
            let message = format!("{CHECKS} has no check {key}");
            problems.say(&file, line_in(folder, &file, &format!("- {key}:")), message);
        }
    }
    let (mut left, mut right) = (told.clone(), run.clone());
    left.sort_unstable();
    right.sort_unstable();
    if left == right && told != run {
        let message = format!("the checks stand in another order than in {CHECKS}");
        problems.say(&file, line_in(folder, &file, "## Checks"), message);
    }
}

/// The first line of a file of the folder that begins so.
fn line_in(folder: &Folder, file: &str, word: &str) -> u32 {
    folder.get(file).map_or(0, |text| line_of(text, word))
}

/// Ways to fail that the runner names by itself.
const RUNNERS: [&str; 3] = ["missing", "inside", "late"];

/// A way to fail that nothing names is never shown.
fn variants(lesson: &Lesson, folder: &Folder, problems: &mut Problems) {
    let tokens = script::tokens(&lesson.checks);
    let texts: BTreeSet<&str> = tokens
        .iter()
        .filter(|token| token.kind == script::TokenKind::Text)
        .map(|token| token.text.trim_matches(['"', '\'']))
        .collect();
    for sentence in &lesson.sentences {
        let Some((_, variant)) = sentence.key.split_once('.') else {
            continue;
        };
        let is_named = RUNNERS.contains(&variant);
        if !is_named && !texts.contains(variant) && !texts.contains(&*sentence.key) {
            let file = format!("{}/lesson.md", lesson.lang);
            let message = format!("nothing in {CHECKS} names {}", sentence.key);
            let line = line_in(folder, &file, &format!("- {}:", sentence.key));
            problems.say(&file, line, message);
        }
    }
}

/// A wrong answer names a sentence that there is.
fn wrong(lesson: &Lesson, problems: &mut Problems) {
    for wrong in &lesson.wrong {
        let file = format!("wrong/{}", wrong.name);
        match &wrong.fails {
            Fails::Stopped => {}
            Fails::Error(name) => {
                if !name.ends_with("Error") {
                    problems.say(&file, 1, format!("{name:?} is the name of no error"));
                }
            }
            Fails::Check(key) => {
                if lesson.sentences.iter().all(|sentence| sentence.key != *key) {
                    let message = format!("{}/lesson.md has no sentence {key}", lesson.lang);
                    problems.say(&file, 1, message);
                }
            }
        }
    }
}

/// No hint holds a solution, however it is spaced and quoted.
fn hints(lesson: &Lesson, folder: &Folder, problems: &mut Problems) {
    let file = format!("{}/hints.md", lesson.hints_lang);
    let Some(text) = folder.get(file.as_str()) else {
        return;
    };
    let said = bare(text);
    let others = lesson.others.iter().map(|(_, code)| code);
    for solution in std::iter::once(&lesson.solution).chain(others) {
        let code: String = script::without_comments(solution).collect();
        let sought = bare(&code);
        if !sought.is_empty() && said.contains(&sought) {
            // Where it begins: behind the shortest beginning of the file without which it is not there.
            let is_below = |line: &usize| {
                let rest: Vec<&str> = text.lines().skip(*line).collect();
                !bare(&rest.join("\n")).contains(&sought)
            };
            let line = (1..=text.lines().count()).find(is_below);
            let line = line.and_then(|line| u32::try_from(line).ok());
            problems.say(&file, line.unwrap_or(1), "a hint holds the whole solution");
            return;
        }
    }
}

/// Code without what can be written one way or another.
fn bare(text: &str) -> String {
    text.chars()
        .filter(|c| !c.is_whitespace() && *c != ';')
        .map(|c| if c == '"' || c == '`' { '\'' } else { c })
        .collect()
}

/// Titles are unique; a translation may repeat the English one of the same lesson.
pub(super) fn titles(lessons: &[&Lesson]) -> Vec<(usize, String)> {
    let mut seen: BTreeMap<&str, &Lesson> = BTreeMap::new();
    let mut found = Vec::new();
    for (at, lesson) in lessons.iter().enumerate() {
        match seen.get(lesson.title.as_str()) {
            Some(other) => found.push((at, format!("{} has this title too", other.id))),
            None => {
                seen.insert(&lesson.title, lesson);
            }
        }
    }
    found
}

/// Which ideas a lesson may use, and those that it uses before their time.
pub(super) struct Taught<'a> {
    outline: &'a Outline,
    known: BTreeSet<&'a str>,
}

impl<'a> Taught<'a> {
    /// Before the first lesson.
    pub(super) const fn nothing(outline: &'a Outline) -> Self {
        Self {
            outline,
            known: BTreeSet::new(),
        }
    }

    /// Checks the next lesson; what it teaches is known from then on.
    pub(super) fn next(&mut self, lesson: &'a Lesson, folder: &Folder, problems: &mut Problems) {
        let about = folder.get(ABOUT).map_or("", |text| text.as_str());
        if !self.outline.concepts.contains_key(&lesson.concept) {
            let message = format!("course.toml has no [concept.{}]", lesson.concept);
            problems.say(ABOUT, line_of(about, "concept"), message);
        }
        self.known.insert(&lesson.concept);
        let mut allowed = self.known.clone();
        for need in &lesson.needs {
            let line = line_of(about, "needs");
            if !self.outline.concepts.contains_key(need) {
                problems.say(ABOUT, line, format!("course.toml has no [concept.{need}]"));
            } else if self.known.contains(need.as_str()) {
                let message = format!("{need} is taught by now, so it needs no mention");
                problems.say(ABOUT, line, message);
            }
            allowed.insert(need);
        }
        let prose = format!("{}/lesson.md", lesson.lang);
        self.uses("starter.js", 0, &lesson.starter, &allowed, problems);
        self.uses("solution.js", 0, &lesson.solution, &allowed, problems);
        for block in &lesson.blocks {
            self.uses(&prose, block.line - 1, &block.code, &allowed, problems);
        }
    }

    /// Says what code uses that is not allowed yet; `above` is how many lines of the file stand before it.
    fn uses(
        &self,
        file: &str,
        above: u32,
        code: &str,
        allowed: &BTreeSet<&str>,
        problems: &mut Problems,
    ) {
        let tokens = script::tokens(code);
        let is_allowed = |token: &String| {
            let mut concepts = allowed
                .iter()
                .filter_map(|name| self.outline.concepts.get(*name));
            concepts.any(|concept| concept.tokens.contains(token))
        };
        for (name, concept) in &self.outline.concepts {
            if allowed.contains(name.as_str()) {
                continue;
            }
            for token in concept.tokens.iter().filter(|token| !is_allowed(token)) {
                if let Some(line) = script::find(&tokens, token) {
                    let message = format!("`{token}` belongs to {name}, which is not taught yet");
                    problems.say(file, above + line, message);
                }
            }
        }
    }

    /// Ideas that no lesson teaches.
    pub(super) fn untaught(&self) -> impl Iterator<Item = &str> {
        let names = self.outline.concepts.keys().map(String::as_str);
        names.filter(|name| !self.known.contains(name))
    }
}
