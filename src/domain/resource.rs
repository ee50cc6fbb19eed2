//! The directory of resources: what an entry says, what is valid in it, and by what it can be chosen.

/// By what entries are chosen.
mod choice;

/// What is valid in an entry.
mod draft;

use std::str::FromStr;
use std::time::Duration;

use crate::domain::id::{ResourceId, UserId};
use crate::domain::link::Link;
use crate::time::Timestamp;

pub use choice::Choice;
pub use draft::{Draft, Wrong};

/// Most entries that are shown: a directory is a choice.
pub const MOST_SHOWN: i64 = 500;
/// Most suggestions of one member that may wait at the same time.
pub const MOST_WAITING: i64 = 5;
/// Longest title, in characters.
pub const MOST_TITLE: usize = 100;
/// Longest sentence about an entry, in characters.
pub const MOST_ABOUT: usize = 300;
/// Times in a row that a link has to be silent before the page says so.
pub const SILENT: i64 = 2;

/// How often a link is asked whether it still answers.
pub const CHECK_EVERY: Duration = Duration::from_hours(7 * 24);
/// How soon one is asked again that did not answer.
pub const CHECK_AGAIN: Duration = Duration::from_hours(24);

macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($(#[$one:meta])* $variant:ident = $word:literal, $label:literal;)* }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $name { $($(#[$one])* $variant,)* }

        impl $name {
            /// All of them, in the order of forms.
            pub const EACH: &[Self] = &[$(Self::$variant,)*];

            /// The word in addresses, forms and the store.
            #[must_use]
            pub const fn word(self) -> &'static str {
                match self { $(Self::$variant => $word,)* }
            }

            /// The word for people.
            #[must_use]
            pub const fn label(self) -> &'static str {
                match self { $(Self::$variant => $label,)* }
            }
        }

        impl FromStr for $name {
            type Err = ();

            fn from_str(word: &str) -> Result<Self, ()> {
                Self::EACH.iter().copied().find(|one| one.word() == word).ok_or(())
            }
        }
    };
}

words!(
    /// For whom it is.
    Level {
        /// For those who begin.
        Beginner = "beginner", "Beginner";
        /// For those who know the language.
        Intermediate = "intermediate", "Intermediate";
        /// For those who want to know it all.
        Advanced = "advanced", "Advanced";
    }
);

words!(
    /// What it is.
    Format {
        /// A book, on paper or not.
        Book = "book", "Book";
        /// A course.
        Course = "course", "Course";
        /// To look things up.
        Reference = "reference", "Reference";
        /// To practise.
        Exercise = "exercise", "Exercises";
        /// To watch.
        Video = "video", "Video";
        /// To read once, or a series of that.
        Article = "article", "Articles";
        /// To work with.
        Tool = "tool", "Tool";
    }
);

words!(
    /// What it costs.
    Cost {
        /// Nothing.
        Free = "free", "Free";
        /// Money.
        Paid = "paid", "Paid";
        /// Nothing for a part, or on the screen.
        Mixed = "mixed", "Partly free";
    }
);

/// Where an entry stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// In the directory.
    Shown,
    /// Suggested, and nobody has decided yet.
    Waiting,
    /// Suggested, and not taken.
    Declined,
    /// Taken out again.
    Removed,
}

impl State {
    /// The word in the store.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Shown => "shown",
            Self::Waiting => "waiting",
            Self::Declined => "declined",
            Self::Removed => "removed",
        }
    }

    /// From the word in the store.
    #[must_use]
    pub fn from_stored(word: &str) -> Self {
        match word {
            "shown" => Self::Shown,
            "waiting" => Self::Waiting,
            "declined" => Self::Declined,
            _ => Self::Removed,
        }
    }
}

/// What is said of an entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Its name.
    pub title: String,
    /// Where it is.
    pub url: Link,
    /// What it is good for: a sentence.
    pub about: String,
    /// For whom.
    pub level: Level,
    /// What it is.
    pub format: Format,
    /// What it costs.
    pub cost: Cost,
    /// Its language: `en`, `pt-br`.
    pub lang: String,
}

/// An entry with all that became of it.
#[derive(Debug, Clone)]
pub struct Resource {
    /// Which.
    pub id: ResourceId,
    /// What is said of it.
    pub entry: Entry,
    /// Where it stands.
    pub state: State,
    /// Why it was declined or removed.
    pub reason: String,
    /// Who suggested it, if it was suggested by somebody who is still here.
    pub by: Option<(UserId, String)>,
    /// Whether the program brought it.
    pub laid: bool,
    /// Votes.
    pub score: i64,
    /// Suggested or laid in at.
    pub created: Timestamp,
    /// What is known of its link.
    pub check: Check,
}

/// What is known of a link.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Check {
    /// When it answered last.
    pub answered: Option<Timestamp>,
    /// Since when it has not.
    pub failing: Option<Timestamp>,
    /// How often in a row it has not.
    pub failures: i64,
}

impl Check {
    /// Since when it has not answered, if that is more than a passing trouble.
    #[must_use]
    pub fn silent_since(&self) -> Option<Timestamp> {
        self.failing.filter(|_| self.failures >= SILENT)
    }
}

/// What a moderator may do with an entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Act {
    /// Takes a suggestion.
    Accept,
    /// Does not take it.
    Decline,
    /// Takes it out.
    Remove,
    /// Puts it back.
    Restore,
}

impl Act {
    /// By its word in forms; behind `resource.` in the log.
    #[must_use]
    pub fn named(word: &str) -> Option<Self> {
        [Self::Accept, Self::Decline, Self::Remove, Self::Restore]
            .into_iter()
            .find(|act| act.word() == word)
    }

    /// Its word in forms; behind `resource.` in the log.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Accept => "accept",
            Self::Decline => "decline",
            Self::Remove => "remove",
            Self::Restore => "restore",
        }
    }

    /// Whether it must have a reason.
    #[must_use]
    pub const fn needs_reason(self) -> bool {
        matches!(self, Self::Decline | Self::Remove)
    }

    /// The state into which it leads.
    #[must_use]
    pub const fn leads_to(self) -> State {
        self.way().1
    }

    /// From which state into which it leads.
    const fn way(self) -> (&'static [State], State) {
        match self {
            Self::Accept => (&[State::Waiting], State::Shown),
            Self::Decline => (&[State::Waiting], State::Declined),
            Self::Remove => (&[State::Shown], State::Removed),
            Self::Restore => (&[State::Removed, State::Declined], State::Shown),
        }
    }

    /// Whether it can be done to an entry in this state.
    #[must_use]
    pub fn fits(self, state: State) -> bool {
        self.way().0.contains(&state)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_is_called_silent_only_when_it_was_so_twice() {
        let at = Timestamp::from_ms(5);
        let check = |failures| Check {
            answered: None,
            failing: Some(at),
            failures,
        };
        assert_eq!(check(1).silent_since(), None);
        assert_eq!(check(2).silent_since(), Some(at));
        assert_eq!(Check::default().silent_since(), None);
    }
}
