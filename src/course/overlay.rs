//! The operator's lessons over the shipped ones.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use crate::domain::lesson::{self, Files, Problem};

/// The operator's folder in the data directory.
pub const FOLDER: &str = "lessons";
/// The file that makes it a course of its own.
const COURSE: &str = "course.toml";
/// Most files that are read.
const MOST_FILES: usize = 2000;
/// Largest file that is read, in bytes.
const LARGEST: u64 = 64 * 1024;
/// How deep its folders go: a lesson, and a folder in it.
const DEEPEST: usize = 3;

/// Files laid over each other.
#[derive(Debug)]
pub struct Laid {
    /// All files.
    pub files: Files,
    /// The lessons among them that were laid over.
    pub folders: BTreeSet<String>,
    /// What is wrong with what was laid over, used or not.
    pub problems: Vec<Problem>,
}

/// Lays the files of `folder` over the shipped ones; `None` when there are none.
pub(super) fn lay(folder: &Path, shipped: impl FnOnce() -> Files) -> Option<Laid> {
    let mut own = Own::default();
    own.read(folder, "", 1);
    if own.files.is_empty() && own.problems.is_empty() {
        return None;
    }
    Some(own.over(&shipped()))
}

/// Lays the lesson of this one folder over the shipped ones, or over the course whose `course.toml` stands beside the folder;
/// `None` when there is nothing. Only what is wrong with this lesson is told.
pub(super) fn lay_one(folder: &Path, shipped: impl FnOnce() -> Files) -> Option<Laid> {
    let folder = fs::canonicalize(folder).ok()?;
    let (above, name) = (folder.parent()?, folder.file_name()?.to_str()?);
    let mut own = Own::default();
    if above.join(COURSE).is_file() {
        own.read(above, "", 1);
    } else {
        own.read(&folder, name, 2);
    }
    let mut laid = own.over(&shipped());
    laid.folders.retain(|it| it == name);
    let is_here = |it: &Problem| first(&it.path) == name || it.path == COURSE && it.is_grave;
    laid.problems.retain(is_here);
    Some(laid)
}

/// The files of these folders, and the shipped ones of all others.
fn merge(own: &Files, shipped: &Files, folders: &BTreeSet<String>, is_course: bool) -> Files {
    let is_own = |path: &str| match path {
        COURSE => is_course,
        path => folders.contains(first(path)),
    };
    let below = shipped.iter().filter(|(path, _)| !is_own(path));
    let above = own.iter().filter(|(path, _)| is_own(path));
    let both = below.chain(above);
    let all: Files = both
        .map(|(path, text)| (path.clone(), text.clone()))
        .collect();
    if !is_course {
        return all;
    }
    // Shipped lessons that this course does not name are no part of it.
    let named = all.get(COURSE).map(|text| lesson::named(text));
    let named = named.unwrap_or_default();
    let is_part = |path: &str| {
        let folder = first(path);
        path == COURSE || folders.contains(folder) || named.contains(folder)
    };
    all.into_iter().filter(|(path, _)| is_part(path)).collect()
}

/// What is wrong with the operator's files, in every language.
fn problems_in(files: &Files, folders: &BTreeSet<String>, is_course: bool) -> Vec<Problem> {
    let langs = lesson::languages(files);
    let all = langs
        .iter()
        .flat_map(|lang| lesson::read(files, lang).problems);
    let is_own = |problem: &Problem| match problem.path.as_str() {
        COURSE => is_course,
        path => {
            let is_missing =
                is_course && !path.contains('/') && files.keys().all(|file| first(file) != path);
            folders.contains(first(path)) || is_missing
        }
    };
    all.filter(is_own).collect()
}

fn first(path: &str) -> &str {
    path.split('/').next().unwrap_or(path)
}

fn folders(files: &Files) -> BTreeSet<String> {
    let below = files.keys().filter_map(|path| path.split_once('/'));
    below.map(|(folder, _)| folder.to_owned()).collect()
}

/// The operator's files as they are read.
#[derive(Debug, Default)]
struct Own {
    files: Files,
    problems: Vec<Problem>,
}

impl Own {
    /// Reads a folder; one that is not there has nothing in it. What begins with a dot is not looked at.
    fn read(&mut self, folder: &Path, below: &str, depth: usize) {
        let entries = match fs::read_dir(folder) {
            Ok(entries) => entries,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return,
            Err(error) => return self.refuse(below, error.to_string()),
        };
        for entry in entries {
            let entry = match entry {
                Ok(entry) => entry,
                Err(error) => return self.refuse(below, error.to_string()),
            };
            let name = entry.file_name().to_string_lossy().into_owned();
            if name.starts_with('.') {
                continue;
            }
            let path = match below {
                "" => name,
                below => format!("{below}/{name}"),
            };
            match fs::metadata(entry.path()) {
                Err(error) => self.refuse(&path, error.to_string()),
                Ok(known) if known.is_dir() && depth < DEEPEST => {
                    self.read(&entry.path(), &path, depth + 1);
                }
                Ok(known) if known.is_dir() => self.refuse(&path, "folders go no deeper"),
                Ok(known) => self.file(&entry.path(), path, known.len()),
            }
        }
    }

    /// These files over the shipped ones, as far as they can be used.
    fn over(mut self, shipped: &Files) -> Laid {
        let mut problems = std::mem::take(&mut self.problems);
        let mut folders = folders(&self.files);
        // A course that cannot be read as such gives way to the shipped one.
        let is_course = self.files.contains_key(COURSE) && {
            let read = lesson::read(&self.files, lesson::ENGLISH);
            if read.course.is_none() {
                problems.extend(read.problems);
                self.files.remove(COURSE);
            }
            read.course.is_some()
        };
        let mut is_first = true;
        loop {
            let files = merge(&self.files, shipped, &folders, is_course);
            let found = problems_in(&files, &folders, is_course);
            let broken: BTreeSet<String> = found
                .iter()
                .filter(|problem| problem.is_grave && problem.path != COURSE)
                .map(|problem| first(&problem.path).to_owned())
                .collect();
            if is_first {
                problems.extend(found);
            }
            is_first = false;
            // The shipped lesson takes the place of each that cannot be shown.
            let before = folders.len();
            folders.retain(|folder| !broken.contains(folder));
            if folders.len() == before {
                problems.sort();
                problems.dedup();
                return Laid {
                    files,
                    folders,
                    problems,
                };
            }
        }
    }

    fn file(&mut self, file: &Path, path: String, bytes: u64) {
        if bytes > LARGEST {
            return self.refuse(&path, format!("the file is larger than {LARGEST} bytes"));
        }
        if self.files.len() >= MOST_FILES {
            return self.refuse(&path, format!("there are more than {MOST_FILES} files"));
        }
        match fs::read(file).map(String::from_utf8) {
            Ok(Ok(text)) => {
                self.files.insert(path, text);
            }
            Ok(Err(_)) => self.refuse(&path, "the file is not UTF-8"),
            Err(error) => self.refuse(&path, error.to_string()),
        }
    }

    fn refuse(&mut self, path: &str, message: impl Into<String>) {
        self.problems.push(Problem {
            path: path.to_owned(),
            line: 0,
            message: message.into(),
            is_grave: true,
        });
    }
}
