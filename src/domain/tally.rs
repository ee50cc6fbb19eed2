//! What learners' browsers tell of lessons for the site's sums: that a lesson was tried, passed, that a hint or the solution was
//! shown. A claim of the browser, which counts for nothing but the sums. Never here: who, where from or when, nor anything by
//! which two messages could be known to come from the same browser.

use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::domain::lesson::{Lesson, LessonId};
use crate::domain::lesson_report::Version;
use crate::hex;
use crate::time::{DAY_MS, Timestamp};

/// Most lessons of which one message tells.
pub const MOST_TOLD: usize = 20;
/// Longest message, in bytes.
pub const MOST_BYTES: usize = 8 * 1024;
/// How long the sums of a version are kept that is not taught any more, after the last browser told of it.
const KEPT_MS: i64 = 90 * DAY_MS;
/// Hints that are told apart.
const HINTS: usize = 3;
/// The form that is spoken.
const VERSION: u64 = 1;

/// How many browsers told what of one version of a lesson.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Sums {
    /// Ran code of their own that was checked.
    pub tried: u32,
    /// Passed.
    pub passed: u32,
    /// Were shown the first, the second, the third hint before that.
    pub hints: [u32; HINTS],
    /// Were shown the solution before that.
    pub solution: u32,
}

impl Sums {
    /// Adds others.
    pub fn add(&mut self, other: &Self) {
        let add = |sum: &mut u32, more: u32| *sum = sum.saturating_add(more);
        add(&mut self.tried, other.tried);
        add(&mut self.passed, other.passed);
        for (sum, more) in self.hints.iter_mut().zip(other.hints) {
            add(sum, more);
        }
        add(&mut self.solution, other.solution);
    }

    /// How many tried and have not passed. Sums are claims, and those of one moment: never below none.
    #[must_use]
    pub const fn stopped(&self) -> u32 {
        self.tried.saturating_sub(self.passed)
    }

    /// How many of a hundred that tried have passed; `None` when nobody tried.
    #[must_use]
    pub fn rate(&self) -> Option<u32> {
        let of = u64::from(self.tried.max(self.passed));
        let rate = (100 * u64::from(self.passed) + of / 2).checked_div(of)?;
        u32::try_from(rate).ok()
    }

    /// The place that a word means.
    fn place(&mut self, word: &str) -> Option<&mut u32> {
        match word {
            "tried" => Some(&mut self.tried),
            "passed" => Some(&mut self.passed),
            "hint-1" => Some(&mut self.hints[0]),
            "hint-2" => Some(&mut self.hints[1]),
            "hint-3" => Some(&mut self.hints[2]),
            "solution" => Some(&mut self.solution),
            _ => None,
        }
    }
}

/// What one message tells of one lesson: each sum is 0 or 1.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Told {
    /// Which.
    pub lesson: LessonId,
    /// Which version of it the browser had.
    pub version: Version,
    /// What is to be added.
    pub sums: Sums,
}

/// The sums of one version of a lesson, as the store has them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tally {
    /// Which lesson.
    pub lesson: LessonId,
    /// Which version of it.
    pub version: String,
    /// The sums.
    pub sums: Sums,
    /// On which day they began.
    pub since: Timestamp,
    /// On which day something was added last.
    pub last: Timestamp,
}

impl Tally {
    /// Whether these sums are so old that they go, unless they are of what is taught.
    #[must_use]
    pub fn is_over(&self, now: Timestamp) -> bool {
        self.last < Timestamp::from_ms(day(now).ms() - KEPT_MS)
    }
}

/// All that is kept of when something was told: the beginning of its day, by UTC.
#[must_use]
pub const fn day(now: Timestamp) -> Timestamp {
    Timestamp::from_ms(now.ms() - now.ms().rem_euclid(DAY_MS))
}

/// Reads a message: `{"v":1,"lessons":{ID:{"version":HASH,"told":[WORD, …]}}}`. What is no message is not taken in part.
///
/// # Errors
/// A sentence.
pub fn parse(json: &[u8]) -> Result<Vec<Told>, &'static str> {
    const NONE: &str = "This tells nothing of lessons.";
    let message: Value = serde_json::from_slice(json).map_err(|_| NONE)?;
    if message.get("v").and_then(Value::as_u64) != Some(VERSION) {
        return Err(NONE);
    }
    let lessons = message.get("lessons").and_then(Value::as_object);
    let lessons = lessons.ok_or(NONE)?;
    if lessons.len() > MOST_TOLD {
        return Err("This tells of too many lessons at once.");
    }
    let told = lessons.iter().map(|(id, of)| told(id, of).ok_or(NONE));
    told.collect()
}

fn told(id: &str, of: &Value) -> Option<Told> {
    let mut sums = Sums::default();
    for word in of.get("told")?.as_array()? {
        // Once, however often it is said.
        *sums.place(word.as_str()?)? = 1;
    }
    Some(Told {
        lesson: LessonId::parse(id).ok()?,
        version: Version::parse(of.get("version")?.as_str()?),
        sums,
    })
}

/// What a version of a lesson is called in sums: another for other code, the same in every language.
#[must_use]
pub fn version(lesson: &Lesson) -> String {
    let code = serde_json::json!([
        lesson.mode.word(),
        lesson.starter,
        lesson.page,
        lesson.checks,
        lesson.solution,
    ]);
    hex::of(&Sha256::digest(code.to_string().as_bytes())[..6])
}

/// The lesson at which most stop, of those that are taught: its place and how many. `None` when nobody stopped.
#[must_use]
pub fn hardest(sums: &[Sums]) -> Option<usize> {
    let stopped = sums.iter().map(Sums::stopped).enumerate();
    // The first of equals: who stopped there did not come further.
    let most = stopped.rev().max_by_key(|(_, stopped)| *stopped);
    most.filter(|(_, stopped)| *stopped > 0).map(|(at, _)| at)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sums(tried: u32, passed: u32) -> Sums {
        Sums {
            tried,
            passed,
            ..Sums::default()
        }
    }

    #[test]
    fn a_word_counts_once_however_often_it_is_said() {
        let told = parse(
            br#"{"v":1,"lessons":{"count-up":{"version":"0a1b","told":["tried","tried","hint-3","solution"]}}}"#,
        );
        let told = told.unwrap();
        let expected = Sums {
            tried: 1,
            hints: [0, 0, 1],
            solution: 1,
            ..Sums::default()
        };
        assert_eq!(told[0].sums, expected);
        assert_eq!(told[0].version.as_str(), "0a1b");
    }

    #[test]
    fn what_is_odd_in_one_place_spoils_the_message() {
        let many: Vec<String> = (0..=MOST_TOLD)
            .map(|n| format!(r#""lesson-{n}":{{"version":"a","told":[]}}"#))
            .collect();
        let many = format!(r#"{{"v":1,"lessons":{{{}}}}}"#, many.join(","));
        for none in [
            "",
            "[]",
            r#"{"v":1}"#,
            r#"{"v":2,"lessons":{}}"#,
            r#"{"v":1,"lessons":[]}"#,
            r#"{"v":1,"lessons":{"No!":{"version":"a","told":[]}}}"#,
            r#"{"v":1,"lessons":{"count-up":{"told":["tried"]}}}"#,
            r#"{"v":1,"lessons":{"count-up":{"version":"a","told":["tried",1]}}}"#,
            r#"{"v":1,"lessons":{"count-up":{"version":"a","told":["hint-4"]}}}"#,
            &many,
        ] {
            assert!(parse(none.as_bytes()).is_err(), "{none}");
        }
        assert_eq!(parse(br#"{"v":1,"lessons":{}}"#), Ok(Vec::new()));
    }

    #[test]
    fn rates_are_of_those_who_tried_and_never_above_a_hundred() {
        assert_eq!(sums(0, 0).rate(), None);
        assert_eq!(sums(3, 2).rate(), Some(67));
        assert_eq!(sums(3, 4).rate(), Some(100));
        assert_eq!((sums(3, 4).stopped(), sums(9, 4).stopped()), (0, 5));
        let most = u32::MAX;
        let mut full = sums(most, most);
        full.add(&sums(1, 0));
        assert_eq!((full.tried, full.rate()), (most, Some(100)));
    }

    #[test]
    fn most_stop_at_the_first_of_equals() {
        assert_eq!(hardest(&[sums(3, 3), sums(5, 2), sums(4, 1)]), Some(1));
        assert_eq!(hardest(&[sums(3, 3)]), None);
        assert_eq!(hardest(&[]), None);
    }
}
