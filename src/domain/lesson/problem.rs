//! What is wrong with a course's files: where, and said so that its author can mend it.

use std::fmt::{Display, Formatter};

/// Something wrong in a file of a course.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Problem {
    /// The file, below the folder of lessons.
    pub path: String,
    /// The line, from 1; 0 when there is no such file, or no text to have lines.
    pub line: u32,
    /// What is wrong.
    pub message: String,
    /// The lesson cannot be shown like this. Other problems are for its author; learners can live with them.
    pub is_grave: bool,
}

impl Display for Problem {
    fn fmt(&self, f: &mut Formatter<'_>) -> std::fmt::Result {
        let Self {
            path,
            line,
            message,
            ..
        } = self;
        match line {
            0 => write!(f, "{path}: {message}"),
            line => write!(f, "{path}:{line}: {message}"),
        }
    }
}

/// Gathers the problems of one folder.
#[derive(Debug)]
pub(super) struct Problems<'a> {
    folder: &'a str,
    pub(super) found: Vec<Problem>,
}

impl<'a> Problems<'a> {
    /// None yet, for files below this folder; empty: the top.
    pub(super) const fn new(folder: &'a str) -> Self {
        Self {
            folder,
            found: Vec::new(),
        }
    }

    /// Something that learners can live with.
    pub(super) fn say(&mut self, file: &str, line: u32, message: impl Into<String>) {
        self.push(file, line, message.into(), false);
    }

    /// Something with which the lesson cannot be shown.
    pub(super) fn refuse(&mut self, file: &str, line: u32, message: impl Into<String>) {
        self.push(file, line, message.into(), true);
    }

    /// Whether the lesson cannot be shown.
    pub(super) fn are_grave(&self) -> bool {
        self.found.iter().any(|problem| problem.is_grave)
    }

    fn push(&mut self, file: &str, line: u32, message: String, is_grave: bool) {
        let path = match (self.folder, file) {
            ("", file) => file.to_owned(),
            (folder, "") => folder.to_owned(),
            (folder, file) => format!("{folder}/{file}"),
        };
        self.found.push(Problem {
            path,
            line,
            message,
            is_grave,
        });
    }
}

/// "is 1 hint", "are 3 hints".
pub(super) fn counted(n: usize, noun: &str) -> String {
    match n {
        1 => format!("is 1 {noun}"),
        n => format!("are {n} {noun}s"),
    }
}

/// The line of a byte of a text, from 1.
pub(super) fn line_at(text: &str, at: usize) -> u32 {
    let before = text.as_bytes().iter().take(at);
    let count = before.filter(|byte| **byte == b'\n').count();
    u32::try_from(count).unwrap_or(u32::MAX - 1) + 1
}

/// The first line that begins with a word, from 1; 0 when none does.
pub(super) fn line_of(text: &str, word: &str) -> u32 {
    let mut lines = text.lines().zip(1..);
    let found = lines.find(|(line, _)| line.trim_start().starts_with(word));
    found.map_or(0, |(_, number)| number)
}
