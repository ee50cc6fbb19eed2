//! Stories: what is valid as a title, and how a story is seen in a list and on its page.

use crate::domain::id::{StoryId, UserId};
use crate::domain::link::Link;
use crate::domain::tag::TagName;
use crate::domain::text::{SafeHtml, clean_line};
use crate::domain::user::UserName;
use crate::time::Timestamp;
use std::time::Duration;

/// Longest text of a story, in bytes.
pub const MOST_TEXT: usize = 32 * 1024;
/// How long an author may edit a story or comment.
pub const EDIT_WINDOW: Duration = Duration::from_hours(6);
/// How long a link counts as just posted: a second post of it leads to the first.
pub const REPOST_WINDOW: Duration = Duration::from_hours(30 * 24);

/// A story's title: one line of 3 to 150 characters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Title(String);

impl Title {
    /// Cleans and checks a title.
    ///
    /// # Errors
    /// A sentence for the person.
    pub fn parse(text: &str) -> Result<Self, &'static str> {
        let line = clean_line(text);
        match line.chars().count() {
            0 => Err("A story needs a title."),
            1..3 => Err("This title is too short: at least 3 characters."),
            3..=150 => Ok(Self(line)),
            _ => Err("This title is too long: at most 150 characters."),
        }
    }

    /// The title.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Whether a story or comment is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ItemState {
    /// To everybody.
    Shown,
    /// Its author deleted it.
    Deleted,
    /// A moderator removed it.
    Removed,
    /// It was dead where it was imported from.
    Dead,
    /// A story only: the thread of a lesson, which stands in no list.
    Lesson,
}

impl ItemState {
    /// The number in the store.
    #[must_use]
    pub const fn raw(self) -> i64 {
        match self {
            Self::Shown => 0,
            Self::Deleted => 1,
            Self::Removed => 2,
            Self::Dead => 3,
            Self::Lesson => 4,
        }
    }

    /// From the number in the store.
    #[must_use]
    pub const fn from_raw(raw: i64) -> Self {
        match raw {
            0 => Self::Shown,
            1 => Self::Deleted,
            2 => Self::Removed,
            4 => Self::Lesson,
            _ => Self::Dead,
        }
    }

    /// Whether a story of this state takes comments, unless it is locked.
    #[must_use]
    pub const fn takes_comments(self) -> bool {
        matches!(self, Self::Shown | Self::Lesson)
    }
}

/// What a person has done with a story or comment; all false for visitors.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "four independent marks, each a column"
)]
pub struct Marks {
    /// Voted for it.
    pub voted: bool,
    /// Saved it.
    pub saved: bool,
    /// Hid it (stories only).
    pub hidden: bool,
    /// Flagged it.
    pub flagged: bool,
}

/// A story as a list shows it.
#[derive(Debug, Clone)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "independent facts, each a column"
)]
pub struct StoryRow {
    /// Which.
    pub id: StoryId,
    /// Its title.
    pub title: String,
    /// Where it leads; `None` for a text story.
    pub url: Option<Link>,
    /// Site of the link, as shown beside the title.
    pub domain: Option<String>,
    /// Its tags, by name.
    pub tags: Vec<TagName>,
    /// Who posted it.
    pub author: UserName,
    /// Who posted it.
    pub author_id: UserId,
    /// The author's account is deleted.
    pub author_deleted: bool,
    /// Posted at.
    pub created: Timestamp,
    /// Points.
    pub score: i64,
    /// Shown comments.
    pub comments: i64,
    /// Whether it is shown.
    pub state: ItemState,
    /// Pinned to the top of the front page.
    pub pinned: bool,
    /// No new comments.
    pub locked: bool,
    /// It carries a text of its own.
    pub has_text: bool,
    /// What the viewer did with it.
    pub marks: Marks,
}

impl StoryRow {
    /// The title as everybody may read it.
    #[must_use]
    pub fn open_title(&self) -> &str {
        match self.state {
            ItemState::Shown | ItemState::Deleted | ItemState::Lesson => &self.title,
            ItemState::Removed | ItemState::Dead => "[removed]",
        }
    }
}

/// A story as its page shows it.
#[derive(Debug, Clone)]
pub struct Story {
    /// What lists show too.
    pub row: StoryRow,
    /// Text, Markdown as typed.
    pub text: String,
    /// Text, rendered.
    pub html: SafeHtml,
    /// Edited at.
    pub edited: Option<Timestamp>,
    /// Why it was removed.
    pub state_reason: Option<String>,
    /// Open flags, for moderators.
    pub flags: i64,
}

impl Story {
    /// The thread of a lesson in which nobody has said anything yet: it is not in the store.
    #[must_use]
    pub fn of_lesson(title: &str, now: Timestamp) -> Self {
        Self {
            row: StoryRow {
                id: StoryId::new(0),
                title: title.to_owned(),
                url: None,
                domain: None,
                tags: Vec::new(),
                author: UserName::from_stored(String::new()),
                author_id: UserId::new(0),
                author_deleted: true,
                created: now,
                score: 0,
                comments: 0,
                state: ItemState::Lesson,
                pinned: false,
                locked: false,
                has_text: false,
                marks: Marks::default(),
            },
            text: String::new(),
            html: SafeHtml::default(),
            edited: None,
            state_reason: None,
            flags: 0,
        }
    }

    /// Whether its author may still edit it.
    #[must_use]
    pub fn editable(&self, now: Timestamp) -> bool {
        self.row.state == ItemState::Shown && now.since(self.row.created) < EDIT_WINDOW
    }
}

/// Words of a title for a URL: `how-v8-sorts`, at most 60 characters.
#[must_use]
pub fn slug(title: &str) -> String {
    let mut slug = String::new();
    for c in title.chars().flat_map(char::to_lowercase) {
        if c.is_ascii_alphanumeric() {
            slug.push(c);
        } else if !slug.is_empty() && !slug.ends_with('-') && c != '\'' && c != '’' {
            slug.push('-');
        }
        if slug.len() >= 60 {
            break;
        }
    }
    let slug = slug.trim_end_matches('-');
    if slug.is_empty() {
        "story".into()
    } else if ACTS.contains(&slug) {
        format!("story-{slug}")
    } else {
        slug.into()
    }
}

/// Last parts of addresses below a story's; a title must not become one of them.
const ACTS: &[&str] = &[
    "comments", "delete", "edit", "flag", "hide", "lock", "pin", "remove", "restore", "save",
    "tags", "title", "unflag", "unhide", "unlock", "unpin", "unsave", "unvote", "vote",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn titles_are_one_clean_line_within_limits() {
        assert_eq!(
            Title::parse("  How  V8\nsorts ").unwrap().as_str(),
            "How V8 sorts"
        );
        assert!(Title::parse("ab").is_err());
        assert!(Title::parse(&"é".repeat(150)).is_ok());
        assert!(Title::parse(&"é".repeat(151)).is_err());
    }

    #[test]
    fn slugs_are_short_plain_words() {
        assert_eq!(
            slug("What’s new in V8 — and why?"),
            "whats-new-in-v8-and-why"
        );
        assert_eq!(slug("日本語"), "story");
        assert_eq!(slug("Edit!"), "story-edit");
        assert!(slug(&"long ".repeat(100)).len() <= 60);
    }
}
