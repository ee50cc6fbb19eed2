//! Lists of stories: which there are, and the key at which a next page begins.

use crate::domain::tag::TagName;
use std::fmt::{Display, Formatter};
use std::str::FromStr;

/// Rows of a page.
pub const PAGE: usize = 30;

/// Spans of `/top/{span}`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Span {
    /// The last 24 hours.
    Day,
    /// The last 7 days.
    Week,
    /// The last 30 days.
    Month,
    /// The last 12 months.
    Year,
    /// Since the beginning.
    All,
}

impl Span {
    /// All spans, shortest first.
    pub const EACH: [Self; 5] = [Self::Day, Self::Week, Self::Month, Self::Year, Self::All];

    /// Its word in URLs.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Day => "day",
            Self::Week => "week",
            Self::Month => "month",
            Self::Year => "year",
            Self::All => "all",
        }
    }
}

impl FromStr for Span {
    type Err = ();

    fn from_str(word: &str) -> Result<Self, ()> {
        Self::EACH
            .into_iter()
            .find(|span| span.word() == word)
            .ok_or(())
    }
}

/// A list of stories.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum List {
    /// By hotness.
    Hot,
    /// By time of posting.
    Newest,
    /// By time of the last comment.
    Active,
    /// By points within a span.
    Top(Span),
    /// By hotness, with any of these tags (sorted, without repetition, never empty).
    Tags(Vec<TagName>),
    /// By time, of one site.
    Domain(String),
    /// By time, of one member.
    By(crate::domain::id::UserId),
    /// What a member saved, last saved first.
    Saved(crate::domain::id::UserId),
    /// What a member hid, last hidden first.
    Hidden(crate::domain::id::UserId),
    /// What a member voted for, last vote first.
    Voted(crate::domain::id::UserId),
}

/// Where a next page begins: the sort value of the last row shown, and its id. In URLs `1f-3039`-like, opaque to people.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct After {
    /// The value that the list is sorted by (hotness, time in ms, points).
    pub value: f64,
    /// Id of the last row, which breaks ties.
    pub id: i64,
}

impl Display for After {
    /// The bits of the value in hexadecimal, then the id: exact, short, and safe in URLs.
    fn fmt(&self, f: &mut Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:x}-{:x}", self.value.to_bits(), self.id)
    }
}

impl FromStr for After {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let (bits, id) = text.split_once('-').ok_or(())?;
        let bits = u64::from_str_radix(bits, 16).map_err(|_| ())?;
        let id = i64::from_str_radix(id, 16).map_err(|_| ())?;
        let value = f64::from_bits(bits);
        if value.is_finite() {
            Ok(Self { value, id })
        } else {
            Err(())
        }
    }
}

/// One page of something, and where the next begins.
#[derive(Debug, Clone)]
pub struct Page<T> {
    /// The rows, at most [`PAGE`].
    pub rows: Vec<T>,
    /// `Some` when there is more.
    pub next: Option<After>,
}

impl<T> Page<T> {
    /// From up to [`PAGE`] + 1 rows: the surplus one only tells that there is more. `key` gives a row's place.
    pub fn cut(mut rows: Vec<T>, key: impl Fn(&T) -> After) -> Self {
        let more = rows.len() > PAGE;
        rows.truncate(PAGE);
        let next = if more { rows.last().map(key) } else { None };
        Self { rows, next }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_survives_its_trip_through_a_url() {
        for value in [-20_202.123_456_7, 0.0, 1e15, f64::from(u32::MAX)] {
            let after = After {
                value,
                id: 11_500_069,
            };
            assert_eq!(after.to_string().parse(), Ok(after));
        }
    }

    #[test]
    fn garbage_is_no_place() {
        for bad in ["", "-", "x-1", "1-", "7ff8000000000000-1", "1", "1-zz"] {
            assert_eq!(bad.parse::<After>(), Err(()), "{bad:?}");
        }
    }
}
