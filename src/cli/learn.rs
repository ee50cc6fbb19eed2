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
    /// Folder of lessons; without it the lessons in force
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
        if self.no_browser {
            say(&format!(
                "{} lessons; behaviour was not checked.",
                lessons.len()
            ));
        } else {
            let chromium = chromium::find(self.chromium.as_deref())?;
            let problems = behaviour::check(&lessons, &chromium)?;
            count += self.tell(&problems);
            say(&format!(
                "{} lessons, run in {}.",
                lessons.len(),
                chromium.display()
            ));
        }
        match count {
            0 => Ok(()),
            1 => Err(Error::Io("One problem was found.".into())),
            n => Err(Error::Io(format!("{n} problems were found."))),
        }
    }

    fn lessons(&self, data: &Path) -> Result<Laid> {
        match &self.dir {
            Some(dir) => course::lay(dir).ok_or_else(|| {
                let dir = dir.display();
                Error::Io(format!("There are no lessons in {dir}."))
            }),
            None => Ok(course::in_force(data)),
        }
    }

    /// Prints problems; how many there were.
    fn tell(&self, problems: &[Problem]) -> usize {
        for problem in problems {
            match &self.dir {
                Some(dir) => say(&format!("{}/{problem}", dir.display())),
                None => say(&problem.to_string()),
            }
        }
        problems.len()
    }
}
