//! Which entries are shown: by level, format and cost.

use std::fmt::{Display, Formatter};
use std::str::FromStr;

use crate::domain::resource::{Cost, Entry, Format, Level};

/// Which entries are shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Choice {
    /// For whom; `None`: for all.
    pub level: Option<Level>,
    /// What; `None`: all kinds.
    pub format: Option<Format>,
    /// What it costs; `None`: whatever.
    pub cost: Option<Cost>,
}

impl Choice {
    /// From words of an address; an empty word chooses nothing. `None` for a word that is none of ours.
    #[must_use]
    pub fn parse(level: &str, format: &str, cost: &str) -> Option<Self> {
        fn one<T: FromStr>(word: &str) -> Result<Option<T>, T::Err> {
            (!word.is_empty()).then(|| word.parse()).transpose()
        }
        Some(Self {
            level: one(level).ok()?,
            format: one(format).ok()?,
            cost: one(cost).ok()?,
        })
    }

    /// Whether it leaves anything out.
    #[must_use]
    pub fn is_narrow(self) -> bool {
        self != Self::default()
    }

    /// Every choice that shows this entry.
    pub fn showing(entry: &Entry) -> impl Iterator<Item = Self> {
        (0..8).map(|bits| Self {
            level: (bits & 1 > 0).then_some(entry.level),
            format: (bits & 2 > 0).then_some(entry.format),
            cost: (bits & 4 > 0).then_some(entry.cost),
        })
    }

    /// Every choice there is.
    pub fn each() -> impl Iterator<Item = Self> {
        fn or_none<T: Copy + 'static>(each: &'static [T]) -> impl Iterator<Item = Option<T>> {
            each.iter().copied().map(Some).chain([None])
        }
        or_none(Level::EACH).flat_map(|level| {
            or_none(Format::EACH).flat_map(move |format| {
                or_none(Cost::EACH).map(move |cost| Self {
                    level,
                    format,
                    cost,
                })
            })
        })
    }
}

impl Display for Choice {
    fn fmt(&self, f: &mut Formatter<'_>) -> std::fmt::Result {
        let level = self.level.map_or("", Level::word);
        let format = self.format.map_or("", Format::word);
        let cost = self.cost.map_or("", Cost::word);
        write!(f, "{level}/{format}/{cost}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::resource::draft::tests::draft;

    #[test]
    fn a_choice_is_known_by_its_words_and_each_shows_what_fits_it() {
        let entry = draft().check().unwrap();
        let showing: Vec<String> = Choice::showing(&entry).map(|one| one.to_string()).collect();
        assert_eq!(showing.len(), 8);
        for words in ["//", "beginner//", "/book/mixed", "beginner/book/mixed"] {
            assert!(showing.iter().any(|one| one == words), "{words}");
        }
        assert_eq!(Choice::parse("", "", ""), Some(Choice::default()));
        assert_eq!(Choice::parse("beginner", "", "cheap"), None);
        let each: std::collections::BTreeSet<String> =
            Choice::each().map(|one| one.to_string()).collect();
        assert_eq!(each.len(), 4 * 8 * 4);
        assert!(showing.iter().all(|one| each.contains(one)));
    }
}
