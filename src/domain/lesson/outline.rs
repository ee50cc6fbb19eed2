//! `course.toml`: the chapters, the order of the lessons, the concepts and the tokens that show their use.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;

use crate::domain::lesson::problem::{Problems, line_at, line_of};
use crate::domain::lesson::{ENGLISH, LessonId};

/// The name of the file.
pub(super) const FILE: &str = "course.toml";

/// The file as it is written.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Outline {
    pub(super) id: String,
    pub(super) title: Words,
    #[serde(default, rename = "chapter")]
    pub(super) chapters: Vec<ChapterOutline>,
    pub(super) bonus: Option<BonusOutline>,
    #[serde(default, rename = "concept")]
    pub(super) concepts: BTreeMap<String, Concept>,
}

/// A chapter as it is written.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ChapterOutline {
    pub(super) id: String,
    pub(super) title: Words,
    pub(super) lessons: Vec<String>,
    /// What the ids of a project's steps begin with.
    pub(super) project: Option<String>,
    /// What the project is called; without it, a name made of `project`.
    pub(super) project_title: Option<Words>,
    /// The exercise that ends it, uncounted.
    pub(super) recap: Option<String>,
}

/// The bonus shelf as it is written.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct BonusOutline {
    pub(super) id: String,
    pub(super) title: Words,
    pub(super) lessons: Vec<String>,
}

/// A concept as it is written.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Concept {
    pub(super) tokens: Vec<String>,
}

/// A text in several languages.
#[derive(Debug, Deserialize)]
pub(super) struct Words(BTreeMap<String, String>);

impl Words {
    /// In the first of these languages that it is there in.
    pub(super) fn of(&self, langs: &[&str]) -> String {
        let found = langs.iter().find_map(|lang| self.0.get(*lang));
        found.cloned().unwrap_or_default()
    }
}

impl Outline {
    /// The ids of all lessons, counted or not, in the order in which one leads to the next.
    pub(super) fn ids(&self) -> impl Iterator<Item = &String> {
        let chapters = self.chapters.iter();
        let chapters = chapters.flat_map(|it| it.lessons.iter().chain(&it.recap));
        chapters.chain(self.bonus.iter().flat_map(|bonus| &bonus.lessons))
    }
}

impl ChapterOutline {
    /// Whether a lesson is a step of the chapter's project.
    pub(super) fn is_step(&self, id: &str) -> bool {
        let project = self.project.as_deref();
        project.is_some_and(|project| {
            let rest = id.strip_prefix(project);
            rest.is_some_and(|rest| rest.starts_with('-'))
        })
    }

    /// The name of the project.
    pub(super) fn project_name(&self, langs: &[&str]) -> Option<String> {
        let project = self.project.as_deref()?;
        let title = self.project_title.as_ref().map(|title| title.of(langs));
        Some(title.unwrap_or_else(|| format!("Project: {}", project.replace('-', " "))))
    }
}

/// Reads the file; what is wrong with it as a whole leaves no course.
pub(super) fn read(text: Option<&String>, problems: &mut Problems) -> Option<Outline> {
    let Some(text) = text else {
        problems.refuse(FILE, 0, "there is no such file");
        return None;
    };
    let outline: Outline = match toml::from_str(text) {
        Ok(outline) => outline,
        Err(error) => {
            let line = error.span().map_or(1, |span| line_at(text, span.start));
            problems.refuse(FILE, line, error.message());
            return None;
        }
    };
    check(&outline, text, problems);
    Some(outline)
}

/// The ids of the lessons that a `course.toml` names; none when it cannot be read.
#[must_use]
pub fn named(text: &str) -> BTreeSet<String> {
    let outline: Option<Outline> = toml::from_str(text).ok();
    let ids = outline.iter().flat_map(Outline::ids);
    ids.cloned().collect()
}

fn check(outline: &Outline, text: &str, problems: &mut Problems) {
    let mut titles = vec![(&outline.title, line_of(text, "title"))];
    if outline.chapters.is_empty() {
        problems.refuse(FILE, 1, "there is no [[chapter]]");
    }
    let mut parts = BTreeSet::new();
    let mut part = |id: &str, lessons: &[String], problems: &mut Problems| {
        let line = line_of(text, &format!("id = \"{id}\""));
        if let Err(message) = LessonId::parse(id) {
            problems.say(FILE, line, message.replace("lesson", "chapter"));
        }
        if !parts.insert(id.to_owned()) {
            problems.say(FILE, line, format!("the chapter {id} stands twice"));
        }
        if lessons.is_empty() {
            problems.say(FILE, line, format!("the chapter {id} has no lessons"));
        }
        line
    };
    for chapter in &outline.chapters {
        let line = part(&chapter.id, &chapter.lessons, problems);
        titles.push((&chapter.title, line));
        titles.extend(chapter.project_title.iter().map(|title| (title, line)));
        check_project(chapter, line, problems);
    }
    if let Some(bonus) = &outline.bonus {
        let line = part(&bonus.id, &bonus.lessons, problems);
        titles.push((&bonus.title, line));
    }
    check_ids(outline, text, problems);
    for (title, line) in titles {
        if title.of(&[ENGLISH]).trim().is_empty() {
            problems.say(FILE, line, "a title lacks its English (en)");
        }
    }
}

/// Each lesson has an address of its own and stands in one place.
fn check_ids(outline: &Outline, text: &str, problems: &mut Problems) {
    let mut lessons = BTreeSet::new();
    for id in outline.ids() {
        let line = line_of_text(text, &format!("\"{id}\""));
        if !lessons.insert(id) {
            problems.refuse(FILE, line, format!("the lesson {id} stands twice"));
        }
        if let Err(message) = LessonId::parse(id) {
            problems.refuse(FILE, line, format!("{id:?}: {message}"));
        }
    }
}

/// The steps of a project follow each other and end the chapter.
fn check_project(chapter: &ChapterOutline, line: u32, problems: &mut Problems) {
    let Some(project) = &chapter.project else {
        return;
    };
    let mut ids = chapter.lessons.iter();
    let before = ids.by_ref().take_while(|id| !chapter.is_step(id)).count();
    if before == chapter.lessons.len() {
        let message = format!("no lesson of this chapter begins with {project}-");
        problems.say(FILE, line, message);
    } else if !ids.all(|id| chapter.is_step(id)) {
        let message =
            format!("the steps of {project} have to end their chapter, one after the other");
        problems.say(FILE, line, message);
    }
}

/// The first line in which a text stands, from 1; 0 when none.
fn line_of_text(text: &str, sought: &str) -> u32 {
    text.find(sought).map_or(0, |at| line_at(text, at))
}
