//! What a member's browsers say of their learning, merged: what is passed on one is passed on all. A claim of the browser,
//! which counts for nothing on the site.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::Value;

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
/// Most lessons a week that can be meant.
pub const MOST_GOAL: u8 = 10;
/// The form that is spoken.
const VERSION: u32 = 1;

/// How far somebody is, and what they wrote.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Progress {
    /// By lesson.
    pub lessons: BTreeMap<LessonId, Passed>,
    /// By lesson.
    pub drafts: BTreeMap<LessonId, Draft>,
    /// The lesson that was open last.
    pub open: Option<Said<LessonId>>,
    /// How many lessons a week are meant to be passed; 0: none, said so.
    pub goal: Option<Said<u8>>,
}

/// Something of which the latest word counts.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Said<T> {
    /// When it was said. (First, so that the later one is the greater one.)
    pub at: i64,
    /// What.
    pub what: T,
}

/// How somebody stands with a lesson.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Passed {
    /// When it was passed first, in milliseconds.
    pub passed: Option<i64>,
    /// How often its code was run.
    pub tries: u32,
    /// When it was worked on last.
    pub at: i64,
}

/// What somebody wrote in a lesson.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Draft {
    /// Hash of the text that the editor held at first.
    pub starter: String,
    /// The text.
    pub code: String,
    /// When it was written.
    pub at: i64,
}

/// As it travels.
#[derive(Serialize)]
struct Told {
    v: u32,
    lessons: BTreeMap<String, Passed>,
    drafts: BTreeMap<String, Draft>,
    #[serde(flatten)]
    open: Option<ToldOpen>,
    #[serde(flatten)]
    goal: Option<ToldGoal>,
}

#[derive(Serialize)]
struct ToldOpen {
    open: String,
    #[serde(rename = "openAt")]
    at: i64,
}

#[derive(Serialize)]
struct ToldGoal {
    goal: u8,
    #[serde(rename = "goalAt")]
    at: i64,
}

impl Progress {
    /// Reads what a browser sent. What is beyond bounds is brought within them or left out, entry by entry, so that one that
    /// is odd does not spoil the others; times to come are now.
    ///
    /// # Errors
    /// A sentence, when it is no progress at all.
    pub fn parse(json: &[u8], now: Timestamp) -> Result<Self, &'static str> {
        const NONE: &str = "This is not the progress of a learner.";
        let told: Value = serde_json::from_slice(json).map_err(|_| NONE)?;
        if told.get("v").and_then(Value::as_u64) != Some(u64::from(VERSION)) {
            return Err(NONE);
        }
        Ok(Self {
            lessons: entries(&told, "lessons", |told| Passed::read(told, now)).ok_or(NONE)?,
            drafts: entries(&told, "drafts", |told| Draft::read(told, now)).ok_or(NONE)?,
            open: said(&told, "openAt", now)
                .and_then(|at| Some((at, LessonId::parse(told.get("open")?.as_str()?).ok()?)))
                .map(Said::new),
            goal: said(&told, "goalAt", now)
                .and_then(|at| Some((at, goal(told.get("goal")?)?)))
                .map(Said::new),
        })
    }

    /// As it travels.
    #[must_use]
    pub fn to_json(&self) -> serde_json::Value {
        let told = Told {
            v: VERSION,
            lessons: named(&self.lessons),
            drafts: named(&self.drafts),
            open: self.open.as_ref().map(|open| ToldOpen {
                open: open.what.to_string(),
                at: open.at,
            }),
            goal: self.goal.as_ref().map(|goal| ToldGoal {
                goal: goal.what,
                at: goal.at,
            }),
        };
        serde_json::to_value(told).unwrap_or_default()
    }

    /// Adds what another browser knows: passed is what one of them passed, at the earlier time; the newer draft stays, and a
    /// text that is known already keeps its date. `elsewhere` counts the lessons that are kept beside those in `self`: beyond
    /// [`MOST_LESSONS`] none is taken.
    pub fn merge(&mut self, other: Self, elsewhere: usize) {
        for (id, new) in other.lessons {
            let old = self.lessons.get(&id).copied();
            if old.is_some() || self.has_room_for(&id, elsewhere) {
                let sum = old.map_or(new, |old| old.with(new));
                self.lessons.insert(id, sum);
            }
        }
        for (id, new) in other.drafts {
            let is_newer = match self.drafts.get(&id) {
                Some(old) if (&old.starter, &old.code) == (&new.starter, &new.code) => false,
                // Of the same moment, whichever comes first: the order of two browsers must not matter.
                Some(old) => (new.at, &new.code) > (old.at, &old.code),
                None => self.has_room_for(&id, elsewhere),
            };
            if is_newer {
                self.drafts.insert(id, new);
            }
        }
        // Of the same moment, whichever is greater: the order of two browsers must not matter.
        self.open = self.open.take().max(other.open);
        self.goal = self.goal.take().max(other.goal);
    }

    /// Every lesson of which something is said here.
    pub fn ids(&self) -> impl Iterator<Item = &LessonId> {
        let alone = self.drafts.keys();
        let alone = alone.filter(|id| !self.lessons.contains_key(*id));
        self.lessons.keys().chain(alone)
    }

    fn has_room_for(&self, id: &LessonId, elsewhere: usize) -> bool {
        let is_known = self.lessons.contains_key(id) || self.drafts.contains_key(id);
        is_known || self.ids().count() + elsewhere < MOST_LESSONS
    }
}

impl<T> Said<T> {
    fn new((at, what): (i64, T)) -> Self {
        Self { at, what }
    }
}

impl Passed {
    fn read(told: &Value, now: Timestamp) -> Option<Self> {
        let told = told.as_object()?;
        let number = |name| told.get(name).and_then(whole);
        let tries = number("tries").unwrap_or(0).clamp(0, MOST_TRIES.into());
        Some(Self {
            passed: number("passed")
                .filter(|&ms| ms > 0)
                .map(|ms| ms.min(now.ms())),
            tries: u32::try_from(tries).unwrap_or(MOST_TRIES),
            at: number("at").unwrap_or(0).clamp(0, now.ms()),
        })
    }

    fn with(self, other: Self) -> Self {
        Self {
            passed: self.passed.into_iter().chain(other.passed).min(),
            tries: self.tries.max(other.tries),
            at: self.at.max(other.at),
        }
    }
}

impl Draft {
    fn read(told: &Value, now: Timestamp) -> Option<Self> {
        let text = |name, most| {
            let text = told.get(name)?.as_str()?;
            (text.len() <= most).then(|| text.to_owned())
        };
        Some(Self {
            starter: text("starter", MOST_STARTER)?,
            code: text("code", MOST_DRAFT)?,
            at: told.get("at").and_then(whole)?.clamp(0, now.ms()),
        })
    }
}

/// The entries of `told` below `name` that can be read, under ids that may be; none when there is something else there.
fn entries<T>(
    told: &Value,
    name: &str,
    read: impl Fn(&Value) -> Option<T>,
) -> Option<BTreeMap<LessonId, T>> {
    let Some(told) = told.get(name) else {
        return Some(BTreeMap::new());
    };
    let told = told.as_object()?.iter();
    let good = told.filter_map(|(id, told)| Some((LessonId::parse(id).ok()?, read(told)?)));
    Some(good.collect())
}

/// When something was said, if it was.
fn said(told: &Value, name: &str, now: Timestamp) -> Option<i64> {
    let at = whole(told.get(name)?)?;
    (at > 0).then(|| at.min(now.ms()))
}

fn goal(told: &Value) -> Option<u8> {
    let goal = u8::try_from(whole(told)?).ok()?;
    (goal <= MOST_GOAL).then_some(goal)
}

/// A number without its fraction, as near as there is one.
#[expect(
    clippy::cast_possible_truncation,
    reason = "a cast that ends at the bounds is what is wanted"
)]
fn whole(told: &Value) -> Option<i64> {
    told.as_i64().or_else(|| Some(told.as_f64()? as i64))
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
        sum.merge(other.clone(), 0);
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
    fn one_bad_entry_does_not_spoil_the_others() {
        let read = read(
            r#"{"v":1,"lessons":{"many":{"tries":5000000000,"at":1},"half":{"passed":7.5,"tries":1.5,"at":1.5},
                "huge":{"passed":1e300,"tries":-3,"at":-1e300},"word":{"tries":"four","passed":"x"},"none":null,"list":[]},
                "drafts":{"half":{"starter":"a","code":"b","at":1.5},"word":{"starter":"a","code":4,"at":1},
                "late":{"starter":"a","code":"b","at":1e300},"bare":{"code":"b","at":1},"nulls":null}}"#,
        );
        let lesson = |id: &str| {
            let found = read.lessons.get(&LessonId::parse(id).unwrap());
            found.map(|found| (found.passed, found.tries, found.at))
        };
        assert_eq!(lesson("many"), Some((None, MOST_TRIES, 1)));
        assert_eq!(lesson("half"), Some((Some(7), 1, 1)));
        assert_eq!(lesson("huge"), Some((Some(NOW.ms()), 0, 0)));
        assert_eq!(lesson("word"), Some((None, 0, 0)));
        assert_eq!((lesson("none"), lesson("list")), (None, None));
        let drafts: Vec<_> = read.drafts.iter().collect();
        let drafts: Vec<_> = drafts
            .iter()
            .map(|(id, told)| (id.as_str(), told.at))
            .collect();
        assert_eq!(drafts, [("half", 1), ("late", NOW.ms())]);
    }

    #[test]
    fn a_text_that_is_known_keeps_its_date() {
        let at = |at: i64, code: &str| {
            read(&format!(
                r#"{{"v":1,"drafts":{{"loops":{{"starter":"a","code":"{code}","at":{at}}}}}}}"#
            ))
        };
        let mut known = at(10, "mine");
        known.merge(at(90, "mine"), 0);
        assert_eq!(known, at(10, "mine"));
        known.merge(at(50, "newer"), 0);
        assert_eq!(known, at(50, "newer"));
    }

    #[test]
    fn the_latest_word_on_the_open_lesson_and_on_the_goal_counts() {
        let one = read(r#"{"v":1,"open":"loops","openAt":20,"goal":3,"goalAt":5}"#);
        let other = read(r#"{"v":1,"open":"arrays","openAt":10,"goal":0,"goalAt":9}"#);
        let both = merged(&one, &other);
        assert_eq!(both, merged(&other, &one));
        assert_eq!(merged(&both, &Progress::default()), both);
        let (open, goal) = (both.open.clone().unwrap(), both.goal.clone().unwrap());
        assert_eq!((open.what.as_str(), open.at), ("loops", 20));
        assert_eq!((goal.what, goal.at), (0, 9));
        assert_eq!(read(&both.to_json().to_string()), both);
        assert_eq!(Progress::default().to_json().get("goal"), None);
        for (none, open) in [
            (r#"{"v":1,"open":"loops","goal":3}"#, None),
            (
                r#"{"v":1,"open":"No!","openAt":5,"goal":11,"goalAt":5}"#,
                None,
            ),
            (
                r#"{"v":1,"open":"loops","openAt":9e99,"goal":-1,"goalAt":5}"#,
                Some(NOW.ms()),
            ),
        ] {
            let read = read(none);
            assert_eq!(
                (read.open.map(|open| open.at), read.goal),
                (open, None),
                "{none}"
            );
        }
    }

    #[test]
    fn only_so_many_lessons_are_taken() {
        let told = read(
            r#"{"v":1,"lessons":{"one":{},"two":{},"three":{}},"drafts":{"one":{"starter":"a","code":"b","at":1}}}"#,
        );
        let mut known = read(r#"{"v":1,"lessons":{"three":{"tries":1}}}"#);
        known.merge(told, MOST_LESSONS - 2);
        let ids: Vec<_> = known.ids().map(LessonId::as_str).collect();
        assert_eq!(ids, ["one", "three"]);
    }
}
