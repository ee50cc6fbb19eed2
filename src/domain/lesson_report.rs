//! What a member reports of a lesson: what is wrong, and with which version of it.

use crate::domain::id::ReportId;
use crate::domain::lesson::LessonId;
use crate::domain::text::clean_line;
use crate::domain::user::UserName;
use crate::time::Timestamp;

/// Longest report, in characters.
pub const MOST_TEXT: usize = 1000;
/// Most reports of one member that may be open at the same time.
pub const MOST_OPEN: i64 = 20;

/// The words of a report.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReportText(String);

impl ReportText {
    /// Checks them.
    ///
    /// # Errors
    /// A sentence for the person.
    pub fn parse(text: &str) -> Result<Self, &'static str> {
        let lines: Vec<String> = text.lines().map(clean_line).collect();
        let text = lines.join("\n").trim().to_owned();
        match text.chars().count() {
            0 => Err("Say what is wrong with the lesson."),
            1..=MOST_TEXT => Ok(Self(text)),
            _ => Err("This report is too long: at most 1,000 characters."),
        }
    }

    /// The words.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Which version of a lesson is meant: the hash that its page told; empty when it told none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Version(String);

impl Version {
    /// Takes what a page told; anything that is no hash counts as nothing.
    #[must_use]
    pub fn parse(text: &str) -> Self {
        let plain = text.len() <= 64 && text.bytes().all(|byte| byte.is_ascii_alphanumeric());
        Self(if plain {
            text.to_owned()
        } else {
            String::new()
        })
    }

    /// The hash.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A report as moderators see it.
#[derive(Debug, Clone)]
pub struct LessonReport {
    /// Which.
    pub id: ReportId,
    /// Who.
    pub by: UserName,
    /// Of which lesson.
    pub lesson: LessonId,
    /// Of which version of it.
    pub version: String,
    /// What is wrong.
    pub text: String,
    /// When.
    pub created: Timestamp,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_report_says_something_and_not_too_much() {
        assert_eq!(
            ReportText::parse(" Line 3\r\nis wrong ").unwrap().as_str(),
            "Line 3\nis wrong"
        );
        assert!(ReportText::parse(" \n ").is_err());
        assert!(ReportText::parse(&"é".repeat(MOST_TEXT)).is_ok());
        assert!(ReportText::parse(&"é".repeat(MOST_TEXT + 1)).is_err());
    }

    #[test]
    fn only_a_hash_is_a_version() {
        assert_eq!(Version::parse("0a1bF").as_str(), "0a1bF");
        for none in ["<b>", "a b", &"a".repeat(65)] {
            assert_eq!(Version::parse(none).as_str(), "", "{none}");
        }
    }
}
