//! From files to a course, with all that is wrong on the way.

use std::collections::{BTreeMap, BTreeSet};

use crate::domain::lesson::folder::{self, Folder, is_language};
use crate::domain::lesson::outline::{self, ChapterOutline, Outline};
use crate::domain::lesson::problem::{Problem, Problems, line_of};
use crate::domain::lesson::rule::{self, Taught};
use crate::domain::lesson::{Bonus, Chapter, Course, ENGLISH, Lesson, LessonId, Place};

/// The files of a course by their paths, parted by `/`, below the folder of lessons.
pub type Files = BTreeMap<String, String>;

/// What became of the files.
#[derive(Debug)]
pub struct Reading {
    /// The course: of the lessons that can be shown. `None` when `course.toml` is not there or cannot be read.
    pub course: Option<Course>,
    /// All that is wrong, in the order of the files.
    pub problems: Vec<Problem>,
}

/// Reads a course in a language; what is not there in it is in English.
#[must_use]
pub fn read(files: &Files, lang: &str) -> Reading {
    let mut top = Problems::new("");
    let outline = outline::read(files.get(outline::FILE), &mut top);
    let mut problems = top.found;
    let Some(outline) = outline else {
        return Reading {
            course: None,
            problems,
        };
    };
    let folders = folders(files);
    problems.extend(strays(files, &outline));
    let langs = fallbacks(lang);
    let mut read = BTreeMap::new();
    for id in outline.ids() {
        let (lesson, found) = lesson(id, &folders, &langs);
        problems.extend(found);
        read.extend(lesson.map(|lesson| (id.as_str(), lesson)));
    }
    let text = files.get(outline::FILE).map_or("", String::as_str);
    problems.extend(between(&outline, text, &folders, &read));
    problems.sort();
    problems.dedup();
    Reading {
        course: Some(course(&outline, read, lang, &langs)),
        problems,
    }
}

/// The languages in which there are lessons, English first.
#[must_use]
pub fn languages(files: &Files) -> Vec<String> {
    let mut others = BTreeSet::new();
    for path in files.keys() {
        if let [_, lang, "lesson.md"] = path.split('/').collect::<Vec<_>>()[..]
            && lang != ENGLISH
            && is_language(lang)
        {
            others.insert(lang.to_owned());
        }
    }
    std::iter::once(ENGLISH.to_owned()).chain(others).collect()
}

/// A language, the same without its region, English.
fn fallbacks(lang: &str) -> Vec<&str> {
    let mut langs = vec![lang];
    let mut rest = lang;
    while let Some((shorter, _)) = rest.rsplit_once('-') {
        langs.push(shorter);
        rest = shorter;
    }
    langs.retain(|lang| *lang != ENGLISH);
    langs.push(ENGLISH);
    langs
}

/// The folders with their files.
fn folders(files: &Files) -> BTreeMap<&str, Folder<'_>> {
    let mut folders: BTreeMap<&str, Folder> = BTreeMap::new();
    for (path, text) in files {
        if let Some((folder, rest)) = path.split_once('/') {
            folders.entry(folder).or_default().insert(rest, text);
        }
    }
    folders
}

/// Files that belong to no lesson.
fn strays(files: &Files, outline: &Outline) -> Vec<Problem> {
    let mut problems = Problems::new("");
    let named: BTreeSet<&str> = outline.ids().map(String::as_str).collect();
    let mut said = BTreeSet::new();
    for path in files.keys() {
        match path.split_once('/') {
            None if path != outline::FILE => problems.say(path, 0, "a course has no such file"),
            Some((folder, _)) if !named.contains(folder) && said.insert(folder) => {
                problems.say(folder, 0, "course.toml names no such lesson");
            }
            _ => {}
        }
    }
    problems.found
}

fn lesson(
    id: &str,
    folders: &BTreeMap<&str, Folder>,
    langs: &[&str],
) -> (Option<Lesson>, Vec<Problem>) {
    let mut problems = Problems::new(id);
    let Ok(parsed) = LessonId::parse(id) else {
        // Said of course.toml already.
        return (None, problems.found);
    };
    let none = Folder::new();
    let folder = folders.get(id).unwrap_or(&none);
    let lesson = folder::read(&parsed, folder, langs, &mut problems);
    if let Some(lesson) = &lesson {
        rule::lesson(lesson, folder, &mut problems);
    }
    let lesson = lesson.filter(|_| !problems.are_grave());
    (lesson, problems.found)
}

/// What is wrong between lessons.
fn between(
    outline: &Outline,
    text: &str,
    folders: &BTreeMap<&str, Folder>,
    read: &BTreeMap<&str, Lesson>,
) -> Vec<Problem> {
    let mut seen = BTreeSet::new();
    let ids: Vec<&String> = outline.ids().filter(|id| seen.insert(*id)).collect();
    let lessons: Vec<&Lesson> = ids.iter().filter_map(|id| read.get(id.as_str())).collect();
    let mut found = Vec::new();
    let mut taught = Taught::nothing(outline);
    for lesson in &lessons {
        let mut problems = Problems::new(lesson.id.as_str());
        if let Some(folder) = folders.get(lesson.id.as_str()) {
            taught.next(lesson, folder, &mut problems);
        }
        found.extend(problems.found);
    }
    for (at, message) in rule::titles(&lessons) {
        let mut problems = Problems::new(lessons[at].id.as_str());
        problems.say(&format!("{}/lesson.md", lessons[at].lang), 1, message);
        found.extend(problems.found);
    }
    // A lesson that is left out may be the one that teaches it.
    if lessons.len() == ids.len() {
        let mut problems = Problems::new("");
        for name in taught.untaught() {
            let line = line_of(text, &format!("[concept.{name}]"));
            let message = format!("no lesson teaches [concept.{name}]");
            problems.say(outline::FILE, line, message);
        }
        found.extend(problems.found);
    }
    found
}

fn course(
    outline: &Outline,
    mut read: BTreeMap<&str, Lesson>,
    lang: &str,
    langs: &[&str],
) -> Course {
    let mut number = 0;
    let mut chapters = Vec::new();
    for chapter in &outline.chapters {
        let lessons = number_lessons(chapter, &mut read, &mut number);
        if lessons.is_empty() {
            continue;
        }
        let recap = chapter.recap.as_ref();
        chapters.push(Chapter {
            id: chapter.id.clone(),
            title: chapter.title.of(langs),
            lessons,
            project: chapter.project_name(langs),
            recap: recap.and_then(|id| placed(&mut read, id, Place::Recap)),
        });
    }
    Course {
        id: outline.id.clone(),
        title: outline.title.of(langs),
        lang: lang.to_owned(),
        chapters,
        bonus: bonus(outline, &mut read, langs),
    }
}

/// A lesson that was read, at its place.
fn placed(read: &mut BTreeMap<&str, Lesson>, id: &str, place: Place) -> Option<Lesson> {
    let lesson = read.remove(id)?;
    Some(Lesson { place, ..lesson })
}

/// The bonus shelf, when there is something on it.
fn bonus(outline: &Outline, read: &mut BTreeMap<&str, Lesson>, langs: &[&str]) -> Option<Bonus> {
    let bonus = outline.bonus.as_ref()?;
    let ids = bonus.lessons.iter();
    let lessons: Vec<Lesson> = ids
        .filter_map(|id| placed(read, id, Place::Bonus))
        .collect();
    (!lessons.is_empty()).then(|| Bonus {
        id: bonus.id.clone(),
        title: bonus.title.of(langs),
        lessons,
    })
}

/// The lessons of a chapter with their numbers; the steps of its project share one.
fn number_lessons(
    chapter: &ChapterOutline,
    read: &mut BTreeMap<&str, Lesson>,
    number: &mut u32,
) -> Vec<Lesson> {
    let mut lessons = Vec::new();
    let mut step = 0;
    for id in &chapter.lessons {
        let is_step = chapter.is_step(id);
        let (next, nth) = match (is_step, step) {
            (true, 1..) => (*number, step + 1),
            (true, 0) => (*number + 1, 1),
            (false, _) => (*number + 1, step),
        };
        let place = if is_step {
            Place::Step(next, nth)
        } else {
            Place::Numbered(next)
        };
        if let Some(lesson) = placed(read, id, place) {
            (*number, step) = (next, nth);
            lessons.push(lesson);
        }
    }
    lessons
}
