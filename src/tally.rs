//! What was told of lessons and is not in the store yet: it is added there about once a minute, so that a thousand learners cost
//! one small transaction. It is lost when the process is killed meanwhile, which sums can bear.
//!
//! Bounded by the course: only lessons that are taught are counted, in the version that is taught.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::course::Courses;
use crate::domain::lesson::LessonId;
use crate::domain::tally::{Sums, Told, version};
use crate::store::tally::More;

/// The sums that wait.
#[derive(Debug)]
pub struct Tallies {
    /// What the lessons' versions are called, by id.
    versions: BTreeMap<LessonId, String>,
    waiting: Mutex<BTreeMap<LessonId, Sums>>,
}

impl Tallies {
    /// None yet, of the lessons of these courses.
    #[must_use]
    pub fn new(courses: &Courses) -> Self {
        let mut versions = BTreeMap::new();
        for edition in courses.editions() {
            for lesson in edition.course.all() {
                // The same in every language, unless the operator has laid another text over one of them.
                versions
                    .entry(lesson.id.clone())
                    .or_insert_with(|| version(lesson));
            }
        }
        Self {
            versions,
            waiting: Mutex::default(),
        }
    }

    /// What the version of a lesson is called that is taught; `None` when the lesson is not.
    #[must_use]
    pub fn version(&self, lesson: &LessonId) -> Option<&str> {
        self.versions.get(lesson).map(String::as_str)
    }

    /// Whether this version of a lesson is taught.
    #[must_use]
    pub fn is_taught(&self, lesson: &str, version: &str) -> bool {
        let lesson = LessonId::from_stored(lesson.to_owned());
        self.version(&lesson) == Some(version)
    }

    /// Counts a message. What is of a lesson that is gone, or of another version, on a page that was open when that changed, is
    /// not counted; the rest of the message is.
    pub fn count(&self, told: &[Told]) {
        let mut waiting = self.waiting();
        for told in told {
            if self.version(&told.lesson) == Some(told.version.as_str()) {
                let sums = waiting.entry(told.lesson.clone()).or_default();
                sums.add(&told.sums);
            }
        }
    }

    /// Takes what waits.
    #[must_use]
    pub fn take(&self) -> Vec<More> {
        let waiting = std::mem::take(&mut *self.waiting());
        let more = waiting.into_iter().filter_map(|(lesson, sums)| {
            let version = self.version(&lesson)?.to_owned();
            Some((lesson, version, sums))
        });
        more.collect()
    }

    /// Puts back what could not be added.
    pub fn give_back(&self, more: Vec<More>) {
        let mut waiting = self.waiting();
        for (lesson, _, sums) in more {
            waiting.entry(lesson).or_default().add(&sums);
        }
    }

    fn waiting(&self) -> MutexGuard<'_, BTreeMap<LessonId, Sums>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
