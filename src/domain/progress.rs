//! What a member's browsers say of their learning, merged: what is passed on one is passed on all. A claim of the browser,
//! which counts for nothing on the site.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::domain::lesson::LessonId;
use crate::time::Timestamp;

/// Most lessons of one member; a course has fewer, and an operator may have had several.
pub const MOST_LESSONS: usize = 200;
/// Longest draft, in bytes.
pub const MOST_DRAFT: usize = 20 * 1024;
/// All drafts of one member together, in bytes: the newest are kept.
pub const MOST_DRAFTS: usize = 1024 * 1024;
/// Most tries that are counted.
const MOST_TRIES: u32 = 100_000;
/// Longest name of a starter.
const MOST_STARTER: usize = 80;
/// The form that is spoken.
const VERSION: u32 = 1;

/// How far somebody is, and what they wrote.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Progress {
    /// By lesson.
    pub lessons: BTreeMap<LessonId, Passed>,
    /// By lesson.
    pub drafts: BTreeMap<LessonId, Draft>,
}

/// How somebody stands with a lesson.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Passed {
    /// When it was passed first, in milliseconds.
    #[serde(default)]
    pub passed: Option<i64>,
    /// How often its code was run.
    #[serde(default)]
    pub tries: u32,
    /// When it was worked on last.
    #[serde(default)]
    pub at: i64,
}

/// What somebody wrote in a lesson.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Draft {
    /// Hash of the text that the editor held at first.
    pub starter: String,
    /// The text.
    pub code: String,
    /// When it was written.
    pub at: i64,
}

/// As it travels. Ids are checked after, so that one that is none does not spoil the others.
#[derive(Serialize, Deserialize)]
struct Told {
    v: u32,
    #[serde(default)]
    lessons: BTreeMap<String, Passed>,
    #[serde(default)]
    drafts: BTreeMap<String, Draft>,
}

impl Progress {
    /// Reads what a browser sent. What is beyond bounds is left out; times to come are now.
    ///
    /// # Errors
    /// A sentence, when it is no progress at all.
    pub fn parse(json: &[u8], now: Timestamp) -> Result<Self, &'static str> {
        const NONE: &str = "This is not the progress of a learner.";
        let told: Told = serde_json::from_slice(json).map_err(|_| NONE)?;
        if told.v != VERSION {
            return Err(NONE);
        }
        let time = |ms: i64| ms.clamp(0, now.ms());
        let lessons = told.lessons.into_iter().filter_map(|(id, passed)| {
            let passed = Passed {
                passed: passed.passed.map(time),
                tries: passed.tries.min(MOST_TRIES),
                at: time(passed.at),
            };
            Some((LessonId::parse(&id).ok()?, passed))
        });
        let drafts = told.drafts.into_iter().filter_map(|(id, draft)| {
            let draft = Draft {
                at: time(draft.at),
                ..draft
            };
            let fits = draft.code.len() <= MOST_DRAFT && draft.starter.len() <= MOST_STARTER;
            let id = LessonId::parse(&id).ok().filter(|_| fits)?;
            Some((id, draft))
        });
        Ok(Self {
            lessons: lessons.collect(),
            drafts: drafts.collect(),
        })
    }

    /// As it travels.
    #[must_use]
    pub fn to_json(&self) -> serde_json::Value {
        let told = Told {
            v: VERSION,
            lessons: named(&self.lessons),
            drafts: named(&self.drafts),
        };
        serde_json::to_value(told).unwrap_or_default()
    }

    /// Adds what another browser knows: passed is what one of them passed, at the earlier time; the newer draft stays. Lessons
    /// beyond [`MOST_LESSONS`] are not taken, and drafts beyond [`MOST_DRAFTS`] go, the oldest first.
    pub fn merge(&mut self, other: Self) {
        for (id, new) in other.lessons {
            let old = self.lessons.get(&id).copied();
            if old.is_some() || self.has_room_for(&id) {
                let sum = old.map_or(new, |old| old.with(new));
                self.lessons.insert(id, sum);
            }
        }
        for (id, new) in other.drafts {
            let is_newer = match self.drafts.get(&id) {
                // Of the same moment, whichever comes first: the order of two browsers must not matter.
                Some(old) => (new.at, &new.code) > (old.at, &old.code),
                None => self.has_room_for(&id),
            };
            if is_newer {
                self.drafts.insert(id, new);
            }
        }
        self.let_old_drafts_go();
    }

    fn has_room_for(&self, id: &LessonId) -> bool {
        self.knows(id) || self.count() < MOST_LESSONS
    }

    fn knows(&self, id: &LessonId) -> bool {
        self.lessons.contains_key(id) || self.drafts.contains_key(id)
    }

    fn count(&self) -> usize {
        let alone = self.drafts.keys();
        self.lessons.len() + alone.filter(|id| !self.lessons.contains_key(*id)).count()
    }

    fn let_old_drafts_go(&mut self) {
        let mut drafts: Vec<_> = self.drafts.iter().collect();
        drafts.sort_by_key(|(_, draft)| std::cmp::Reverse(draft.at));
        let mut sum = 0;
        let over = drafts.into_iter().filter(|(_, draft)| {
            sum += draft.code.len();
            sum > MOST_DRAFTS
        });
        let over: Vec<LessonId> = over.map(|(id, _)| id.clone()).collect();
        for id in over {
            self.drafts.remove(&id);
        }
    }
}

impl Passed {
    fn with(self, other: Self) -> Self {
        Self {
            passed: self.passed.into_iter().chain(other.passed).min(),
            tries: self.tries.max(other.tries),
            at: self.at.max(other.at),
        }
    }
}

fn named<T: Clone>(values: &BTreeMap<LessonId, T>) -> BTreeMap<String, T> {
    let values = values.iter();
    values
        .map(|(id, value)| (id.to_string(), value.clone()))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_ms(1_000_000);

    fn read(json: &str) -> Progress {
        Progress::parse(json.as_bytes(), NOW).unwrap()
    }

    fn merged(one: &Progress, other: &Progress) -> Progress {
        let mut sum = one.clone();
        sum.merge(other.clone());
        sum
    }

    #[test]
    fn what_is_passed_on_one_browser_is_passed_and_the_newer_draft_stays() {
        let one = read(
            r#"{"v":1,"lessons":{"let-it-change":{"passed":700,"tries":4,"at":700},"give-it-a-name":{"tries":1,"at":5}},
                "drafts":{"let-it-change":{"starter":"a","code":"old","at":10}}}"#,
        );
        let other = read(
            r#"{"v":1,"lessons":{"let-it-change":{"passed":300,"tries":2,"at":900}},
                "drafts":{"let-it-change":{"starter":"b","code":"new","at":20}},"open":"let-it-change"}"#,
        );
        let both = merged(&one, &other);
        assert_eq!(both, merged(&other, &one));
        assert_eq!(merged(&both, &one), both);
        let id = LessonId::parse("let-it-change").unwrap();
        let expected = Passed {
            passed: Some(300),
            tries: 4,
            at: 900,
        };
        assert_eq!((both.lessons[&id], both.lessons.len()), (expected, 2));
        assert_eq!(both.drafts[&id].code, "new");
        assert_eq!(read(&both.to_json().to_string()), both);
    }

    #[test]
    fn times_to_come_are_now_and_what_is_beyond_bounds_is_left_out() {
        let long = "x".repeat(MOST_DRAFT + 1);
        let json = format!(
            r#"{{"v":1,"lessons":{{"loops":{{"passed":9000000,"tries":4000000000,"at":-5}},"No!":{{}}}},
                "drafts":{{"loops":{{"starter":"a","code":"{long}","at":1}}}}}}"#
        );
        let read = read(&json);
        let loops = read.lessons[&LessonId::parse("loops").unwrap()];
        assert_eq!(
            (loops.passed, loops.tries, loops.at),
            (Some(NOW.ms()), MOST_TRIES, 0)
        );
        assert_eq!((read.lessons.len(), read.drafts.len()), (1, 0));
        for none in ["", "[]", "{}", r#"{"v":2}"#, r#"{"v":1,"lessons":[]}"#] {
            assert!(Progress::parse(none.as_bytes(), NOW).is_err(), "{none}");
        }
    }

    #[test]
    fn only_so_many_lessons_and_so_much_text_are_kept() {
        let mut progress = Progress::default();
        for n in 0..MOST_LESSONS + 50 {
            let code = "x".repeat(MOST_DRAFT);
            let json = format!(
                r#"{{"v":1,"lessons":{{"lesson-{n}":{{"tries":1,"at":1}}}},
                    "drafts":{{"lesson-{n}":{{"starter":"a","code":"{code}","at":{n}}}}}}}"#
            );
            progress.merge(read(&json));
        }
        assert_eq!(progress.lessons.len(), MOST_LESSONS);
        assert_eq!(progress.drafts.len(), MOST_DRAFTS / MOST_DRAFT);
        let newest = format!("lesson-{}", MOST_LESSONS - 1);
        assert!(progress.knows(&LessonId::parse(&newest).unwrap()));
        assert!(
            progress
                .drafts
                .contains_key(&LessonId::parse(&newest).unwrap())
        );
    }
}
