//! Lists of stories: which there are, and the key at which a next page begins.

use crate::domain::id::UserId;
use crate::domain::tag::TagName;
use crate::domain::user::UserName;
use crate::time::Timestamp;
use std::fmt::{Display, Formatter};
use std::str::FromStr;

/// Rows of a page.
pub const PAGE: usize = 30;

/// Spans of `/top/{span}`. Each ends now and begins with a whole UTC day or month, so that a list changes by a vote or at
/// midnight, never in between.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Span {
    /// Today and yesterday.
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

    /// When its list changes by the clock alone: as the next UTC day begins, with which any month begins too.
    #[must_use]
    pub fn changes(self, now: Timestamp) -> Option<Timestamp> {
        (self != Self::All).then(|| now.midnight())
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

/// Orders of a tag's list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum TagOrder {
    /// By hotness.
    #[default]
    Hot,
    /// By time of posting.
    Newest,
}

/// Most tags of one list.
pub const MOST_TAGS: usize = 8;

/// A list of stories.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum List {
    /// By hotness; pinned stories stand above it.
    Hot,
    /// By time of posting.
    Newest,
    /// By time of the last comment.
    Active,
    /// By points within a span.
    Top(Span),
    /// With any of these tags (sorted, without repetition, 1 to [`MOST_TAGS`]).
    Tags(Vec<TagName>, TagOrder),
    /// By time, of one site.
    Domain(String),
    /// By time, of one member.
    By(UserId, UserName),
    /// What a member hid, last hidden first.
    Hidden(UserId),
}

/// A list of comments, newest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Talk {
    /// Of the whole site.
    All,
    /// Of one member.
    By(UserId),
    /// Of one story.
    Of(crate::domain::id::StoryId),
}

/// A member's own list of stories and comments, last marked first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kept {
    /// What they saved.
    Saved(UserId),
    /// What they voted for.
    Voted(UserId),
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
    /// The first row that is not on it, when there is more: as long as that one stays, so does the way on.
    pub beyond: Option<After>,
}

impl<T> Page<T> {
    /// From up to [`PAGE`] + 1 rows: the surplus one only tells that there is more. `key` gives a row's place.
    pub fn cut(mut rows: Vec<T>, key: impl Fn(&T) -> After) -> Self {
        let beyond = rows.get(PAGE).map(&key);
        rows.truncate(PAGE);
        let next = beyond.and_then(|_| rows.last().map(key));
        Self { rows, next, beyond }
    }

    /// Only the first `most` rows of a first page whose rows are places.
    #[must_use]
    pub fn first(mut self, most: usize) -> Self
    where
        T: Copy + Into<After>,
    {
        if self.rows.len() > most {
            self.beyond = Some(self.rows[most].into());
            self.rows.truncate(most);
            self.next = self.rows.last().map(|row| (*row).into());
        }
        self
    }

    /// The same page of other values.
    ///
    /// # Errors
    /// The first of `change`.
    pub fn try_map<U, E>(self, change: impl FnMut(T) -> Result<U, E>) -> Result<Page<U>, E> {
        Ok(Page {
            rows: self
                .rows
                .into_iter()
                .map(change)
                .collect::<Result<_, E>>()?,
            next: self.next,
            beyond: self.beyond,
        })
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
