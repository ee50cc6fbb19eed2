//! The course in force: the lessons in this program, with those of `DATA/lessons/` laid over them.
//!
//! With a `course.toml` there, that is the course; the lessons that it names are the operator's folders, or the shipped ones
//! of the same id. Without it, each folder takes the place of the shipped lesson of its name. A file that cannot be used
//! never stops the site: it is said ([`Courses::problems`]), and the shipped lesson is shown, or none. Files are read once,
//! when the site starts.

mod bundle;
mod overlay;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::{Arc, LazyLock};

use rust_embed::RustEmbed;

use crate::domain::lesson::{self, Course, ENGLISH, Files, Problem};

pub use bundle::Bundle;
pub use overlay::{FOLDER, Laid};

/// The files of the shipped course.
#[derive(RustEmbed)]
#[folder = "assets/lessons/"]
struct Shipped;

/// The course in every language in which there are lessons.
#[derive(Debug, Clone)]
pub struct Courses {
    editions: Arc<BTreeMap<String, Arc<Edition>>>,
    /// What is wrong with the operator's files, with paths below their folder.
    pub problems: Vec<Problem>,
}

/// The course in one language, with what browsers load of each lesson.
#[derive(Debug)]
pub struct Edition {
    /// The course.
    pub course: Course,
    /// The bundles by their lessons' ids.
    bundles: BTreeMap<String, Bundle>,
}

static SHIPPED: LazyLock<Courses> = LazyLock::new(|| {
    let files = shipped();
    Courses {
        editions: Arc::new(editions(&files)),
        problems: Vec::new(),
    }
});

/// The files of the shipped course.
#[must_use]
pub fn shipped() -> Files {
    let files = Shipped::iter().filter_map(|path| {
        let file = Shipped::get(&path)?;
        let text = String::from_utf8_lossy(&file.data).into_owned();
        Some((path.into_owned(), text))
    });
    files.collect()
}

/// The lessons of a folder, laid over the shipped ones as those of `DATA/lessons/` are; `None` when there are none in it.
#[must_use]
pub fn lay(folder: &Path) -> Option<Laid> {
    overlay::lay(folder, shipped)
}

/// The one lesson of a folder, laid over the shipped ones or over the course beside it; `None` when there is nothing.
#[must_use]
pub fn lay_one(folder: &Path) -> Option<Laid> {
    overlay::lay_one(folder, shipped)
}

/// The lessons in force with a data directory, with all that is wrong with them.
#[must_use]
pub fn in_force(data: &Path) -> Laid {
    let mut laid = lay(&data.join(FOLDER)).unwrap_or_else(|| Laid {
        files: shipped(),
        folders: BTreeSet::new(),
        problems: Vec::new(),
    });
    for lang in lesson::languages(&laid.files) {
        laid.problems
            .extend(lesson::read(&laid.files, &lang).problems);
    }
    laid.problems.sort();
    laid.problems.dedup();
    let folders = laid.files.keys().filter_map(|path| path.split_once('/'));
    laid.folders = folders.map(|(folder, _)| folder.to_owned()).collect();
    laid
}

impl Courses {
    /// The course as it is shipped.
    #[must_use]
    pub fn shipped() -> Self {
        SHIPPED.clone()
    }

    /// The course of a data directory.
    #[must_use]
    pub fn open(data: &Path) -> Self {
        match lay(&data.join(FOLDER)) {
            None => Self::shipped(),
            Some(laid) => Self {
                editions: Arc::new(editions(&laid.files)),
                problems: laid.problems,
            },
        }
    }

    /// The course of these files alone, whatever is wrong with them.
    #[must_use]
    pub fn of_files(files: &Files) -> Self {
        Self {
            editions: Arc::new(editions(files)),
            problems: Vec::new(),
        }
    }

    /// The course in a language: in the same without its region when there is none, in English when there is none of it.
    #[must_use]
    pub fn edition(&self, lang: &str) -> &Arc<Edition> {
        let mut sought = lang;
        loop {
            if let Some(edition) = self.editions.get(sought) {
                return edition;
            }
            sought = sought
                .rsplit_once('-')
                .map_or(ENGLISH, |(shorter, _)| shorter);
        }
    }

    /// Every edition.
    pub fn editions(&self) -> impl Iterator<Item = &Arc<Edition>> {
        self.editions.values()
    }
}

impl Edition {
    /// What browsers load of a lesson.
    #[must_use]
    pub fn bundle(&self, id: &str) -> Option<&Bundle> {
        self.bundles.get(id)
    }

    /// The lessons' bundles, in no order that matters.
    pub fn bundles(&self) -> impl Iterator<Item = &Bundle> {
        self.bundles.values()
    }

    fn new(course: Course) -> Self {
        let bundles = course.all().map(|lesson| {
            let bundle = Bundle::of(&course, lesson);
            (lesson.id.as_str().to_owned(), bundle)
        });
        Self {
            bundles: bundles.collect(),
            course,
        }
    }
}

/// The editions of these files; English is always among them, if without lessons.
fn editions(files: &Files) -> BTreeMap<String, Arc<Edition>> {
    let each = lesson::languages(files).into_iter().map(|lang| {
        let course = lesson::read(files, &lang).course;
        let course = course.unwrap_or_else(|| Course {
            id: String::new(),
            title: String::new(),
            lang: lang.clone(),
            chapters: Vec::new(),
            bonus: None,
        });
        (lang, Arc::new(Edition::new(course)))
    });
    each.collect()
}
