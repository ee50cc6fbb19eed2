//! Topic tags: what a story is about.

use crate::domain::id::TagId;
use std::fmt::{Display, Formatter};

/// A tag's name: 1 to 24 of `a-z 0-9 -`, beginning with a letter or digit.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TagName(String);

impl TagName {
    /// Checks a name.
    ///
    /// # Errors
    /// A sentence for the person.
    pub fn parse(text: &str) -> Result<Self, &'static str> {
        let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
        let fits = (1..=24).contains(&text.len());
        if !fits || !text.bytes().all(plain) || text.starts_with('-') {
            return Err("Tags have 1 to 24 small letters, digits or -.");
        }
        Ok(Self(text.to_owned()))
    }

    /// A name that the store kept.
    #[must_use]
    pub fn from_stored(text: String) -> Self {
        Self(text)
    }

    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Display for TagName {
    fn fmt(&self, f: &mut Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

/// A tag with all that is known of it.
#[derive(Debug, Clone)]
pub struct Tag {
    /// Which.
    pub id: TagId,
    /// Its name.
    pub name: TagName,
    /// One line on what belongs here.
    pub description: String,
    /// The group under which it is offered.
    pub category: String,
    /// Added to the hotness of its stories, -10 to 10.
    pub hotness_mod: f64,
    /// No longer offered; old stories keep it.
    pub retired: bool,
}

/// Most tags of one story.
pub const MOST_TAGS: usize = 4;

/// The tags of a new site: name, category, description.
pub const DEFAULT_TAGS: &[(&str, &str, &str)] = &[
    (
        "javascript",
        "Language",
        "The language itself: syntax, semantics, proposals",
    ),
    ("typescript", "Language", "Types for JavaScript"),
    ("css", "Language", "Style sheets, layout, animation"),
    ("html", "Language", "Markup, elements, semantics"),
    ("wasm", "Language", "WebAssembly and what compiles to it"),
    ("browsers", "Platform", "Browsers and their engines"),
    ("node", "Platform", "JavaScript outside the browser"),
    (
        "webapi",
        "Platform",
        "What the web platform offers to scripts",
    ),
    ("databases", "Platform", "Storing data and getting it back"),
    ("performance", "Craft", "Making things fast, and proving it"),
    ("security", "Craft", "Attacks, defences, privacy"),
    ("testing", "Craft", "Finding faults before others do"),
    ("a11y", "Craft", "Accessibility: the web for everybody"),
    (
        "tooling",
        "Craft",
        "Bundlers, editors, linters, package managers",
    ),
    ("design", "Craft", "Interfaces, typography, usability"),
    ("programming", "Craft", "Programming in general"),
    ("ai", "Craft", "Machine learning and its uses"),
    ("ask", "Community", "Questions to everybody here"),
    ("show", "Community", "Something you made"),
    (
        "learn",
        "Community",
        "Tutorials, courses, beginners' questions",
    ),
    ("career", "Community", "Working life"),
    ("meta", "Community", "About this site"),
    ("release", "Format", "A new version of something"),
    ("pdf", "Format", "Links to a PDF"),
    ("video", "Format", "Links to a video or recorded talk"),
    ("event", "Format", "Conferences, meet-ups, deadlines"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_default_tag_is_a_valid_name_and_stands_once() {
        let mut seen = std::collections::HashSet::new();
        for (name, ..) in DEFAULT_TAGS {
            assert!(TagName::parse(name).is_ok(), "{name}");
            assert!(seen.insert(name), "{name} twice");
        }
    }
}
