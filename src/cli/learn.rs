//! `site learn check`: whether lessons are as they have to be: their files here, their behaviour in a browser.

mod behaviour;
mod chromium;

use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};

use crate::cli::say;
use crate::course::{self, Laid};
use crate::domain::lesson::Problem;
use crate::error::{Error, Result};

/// `site learn …`
#[derive(Debug, Subcommand)]
pub(super) enum Learn {
    /// Check lessons: their files, and in Chromium that solutions pass and wrong answers fail as they should
    Check(Check),
}

/// Flags of `site learn check`.
#[derive(Debug, Args)]
pub(super) struct Check {
    /// Folder of lessons, or of one lesson; without it the lessons in force
    dir: Option<PathBuf>,
    /// The browser; without it $CHROMIUM, or where Chromium and Chrome usually are
    #[arg(long, value_name = "PATH", env = "CHROMIUM")]
    chromium: Option<PathBuf>,
    /// Leave behaviour unchecked
    #[arg(long)]
    no_browser: bool,
}

impl Learn {
    /// Checks, and says all that is wrong.
    ///
    /// # Errors
    /// When something is wrong.
    pub(super) fn run(self, data: &Path) -> Result<()> {
        let Self::Check(check) = self;
        check.run(data)
    }
}

impl Check {
    fn run(self, data: &Path) -> Result<()> {
        let laid = self.lessons(data)?;
        let mut count = self.tell(&laid.problems);
        let lessons = behaviour::lessons(&laid);
        let number = match behaviour::count(&lessons) {
            1 => "1 lesson".to_owned(),
            n => format!("{n} lessons"),
        };
        if self.no_browser {
            say(&format!("{number}; behaviour was not checked."));
        } else {
            let chromium = chromium::find(self.chromium.as_deref())?;
            let problems = behaviour::check(&lessons, &chromium)?;
            count += self.tell(&problems);
            say(&format!("{number}, run in {}.", chromium.display()));
        }
        match count {
            0 => Ok(()),
            1 => Err(Error::Io("One problem was found.".into())),
            n => Err(Error::Io(format!("{n} problems were found."))),
        }
    }

    fn lessons(&self, data: &Path) -> Result<Laid> {
        match &self.dir {
            Some(dir) => {
                let laid = if is_one(dir) {
                    course::lay_one(dir)
                } else {
                    course::lay(dir)
                };
                laid.ok_or_else(|| {
                    let dir = dir.display();
                    Error::Io(format!("There are no lessons in {dir}."))
                })
            }
            None => Ok(course::in_force(data)),
        }
    }

    /// Prints problems; how many there were.
    fn tell(&self, problems: &[Problem]) -> usize {
        for problem in problems {
            let told = problem.to_string();
            match &self.dir {
                Some(dir) if is_one(dir) => say(&in_one(dir, &told)),
                Some(dir) => say(&format!("{}/{told}", dir.display())),
                None => say(&told),
            }
        }
        problems.len()
    }
}

/// Whether a folder is that of one lesson.
fn is_one(dir: &Path) -> bool {
    let has = |name: &str| dir.join(name).is_file();
    has("lesson.toml") && !has("course.toml")
}

/// A problem of the one lesson of a folder: its path begins with the lesson's id, for which the folder stands. One of the
/// outline beside the folder keeps its name.
fn in_one(dir: &Path, told: &str) -> String {
    match told.split_once(['/', ':']) {
        Some((first, rest)) if first != "course.toml" => {
            let sign = &told[first.len()..=first.len()];
            format!("{}{sign}{rest}", dir.display())
        }
        _ => told.to_owned(),
    }
}
