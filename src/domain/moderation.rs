//! Moderation: reasons for flags, kinds of acts, and lines of the public log.

use std::collections::BTreeMap;
use std::str::FromStr;

use crate::domain::comment::CommentRow;
use crate::domain::id::{CommentId, ItemId, StoryId, UserId};
use crate::domain::story::{ItemState, Story};
use crate::domain::text::clean_line;
use crate::domain::user::{Ban, Role, UserName};
use crate::time::Timestamp;

/// Reasons for which a story or comment can be flagged: word in forms, label, whether for stories, whether for comments.
pub const FLAG_REASONS: &[(&str, &str, bool, bool)] = &[
    ("off-topic", "Off-topic", true, true),
    ("already-posted", "Already posted", true, false),
    ("broken-link", "Broken link", true, false),
    ("me-too", "Adds nothing", false, true),
    ("unkind", "Unkind", false, true),
    ("troll", "Trolling", false, true),
    ("spam", "Spam", true, true),
];

/// The reasons offered for one kind of item: word and label.
pub fn flag_reasons(item: ItemId) -> impl Iterator<Item = (&'static str, &'static str)> {
    FLAG_REASONS
        .iter()
        .filter(move |(_, _, stories, comments)| match item {
            ItemId::Story(_) => *stories,
            ItemId::Comment(_) => *comments,
        })
        .map(|(word, label, ..)| (*word, *label))
}

/// The label of a reason; of one that is offered no longer, its word.
#[must_use]
pub fn flag_label(word: &str) -> &str {
    let found = FLAG_REASONS.iter().find(|(known, ..)| *known == word);
    found.map_or(word, |(_, label, ..)| label)
}

/// What a member says who flags something.
#[derive(Debug, Clone)]
pub struct Flag {
    /// Who.
    pub by: UserName,
    /// One of [`FLAG_REASONS`].
    pub reason: String,
    /// When.
    pub at: Timestamp,
    /// A moderator has looked at it.
    pub settled: bool,
}

/// What moderators look at: a story or a comment.
#[derive(Debug, Clone)]
pub enum Subject {
    /// A story.
    Story(Box<Story>),
    /// A comment.
    Comment(Box<CommentRow>),
}

/// Something to moderate, with what was said against it.
#[derive(Debug, Clone)]
pub struct Case {
    /// What it is.
    pub subject: Subject,
    /// Its flags, oldest first.
    pub flags: Vec<Flag>,
}

impl Case {
    /// Which.
    #[must_use]
    pub fn item(&self) -> ItemId {
        match &self.subject {
            Subject::Story(story) => ItemId::Story(story.row.id),
            Subject::Comment(comment) => ItemId::Comment(comment.comment.id),
        }
    }

    /// Whether it is shown.
    #[must_use]
    pub fn state(&self) -> ItemState {
        match &self.subject {
            Subject::Story(story) => story.row.state,
            Subject::Comment(comment) => comment.comment.state,
        }
    }

    /// Open flags by reason, the most frequent first.
    #[must_use]
    pub fn open_by_reason(&self) -> Vec<(&str, usize)> {
        let mut counts = BTreeMap::<&str, usize>::new();
        for flag in self.flags.iter().filter(|flag| !flag.settled) {
            *counts.entry(flag.reason.as_str()).or_default() += 1;
        }
        let mut counts: Vec<_> = counts.into_iter().collect();
        counts.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
        counts
    }
}

/// What a moderator can do with a story or comment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Act {
    /// Settles its flags: it stays.
    Keep,
    /// Takes it away.
    Remove,
    /// Brings back what was removed.
    Restore,
    /// Takes no more comments (stories only).
    Lock,
    /// Takes comments again (stories only).
    Unlock,
    /// Puts it on top of the front page (stories only).
    Pin,
    /// Leaves it to its rank again (stories only).
    Unpin,
}

impl Act {
    /// All acts.
    pub const EACH: [Self; 7] = [
        Self::Keep,
        Self::Remove,
        Self::Restore,
        Self::Lock,
        Self::Unlock,
        Self::Pin,
        Self::Unpin,
    ];

    /// Its word in forms and, behind `story.` or `comment.`, in the log.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Keep => "keep",
            Self::Remove => "remove",
            Self::Restore => "restore",
            Self::Lock => "lock",
            Self::Unlock => "unlock",
            Self::Pin => "pin",
            Self::Unpin => "unpin",
        }
    }

    /// The public reason for this act, as typed; a removal must have one.
    ///
    /// # Errors
    /// A sentence for the moderator.
    pub fn reason(self, text: &str) -> Result<String, &'static str> {
        match self {
            Self::Remove => {
                needed_reason(text, "A removal needs a reason. It is shown in the log.")
            }
            _ => reason(text),
        }
    }

    /// Whether it can be done to comments too.
    #[must_use]
    pub const fn is_for_comments(self) -> bool {
        matches!(self, Self::Keep | Self::Remove | Self::Restore)
    }
}

impl FromStr for Act {
    type Err = ();

    fn from_str(word: &str) -> Result<Self, ()> {
        Self::EACH
            .into_iter()
            .find(|act| act.word() == word)
            .ok_or(())
    }
}

/// Most stories that are pinned at the same time: more would push the news off the front page.
pub const MOST_PINNED: i64 = 3;

/// Longest public reason, in characters.
pub const MOST_REASON: usize = 300;

/// Cleans a public reason; it may be empty.
///
/// # Errors
/// A sentence for the moderator.
pub fn reason(text: &str) -> Result<String, &'static str> {
    let line = clean_line(text);
    if line.chars().count() > MOST_REASON {
        return Err("This reason is too long: at most 300 characters.");
    }
    Ok(line)
}

/// Cleans a public reason that must be given.
///
/// # Errors
/// A sentence for the moderator: `missing` when there is none.
pub fn needed_reason(text: &str, missing: &'static str) -> Result<String, &'static str> {
    let line = reason(text)?;
    if line.is_empty() {
        return Err(missing);
    }
    Ok(line)
}

/// A member as moderators see them who think of a ban.
#[derive(Debug, Clone)]
pub struct Suspect {
    /// Who.
    pub id: UserId,
    /// Their name.
    pub name: UserName,
    /// What they are trusted with.
    pub role: Role,
    /// Points received.
    pub karma: i64,
    /// When they joined.
    pub created: Timestamp,
    /// A ban in force now.
    pub ban: Option<Ban>,
}

/// Whether somebody of role `by` may ban (or forgive) somebody of role `whom`: only those trusted with less, so nobody
/// bans themselves, moderators no moderators, and nobody an administrator.
#[must_use]
pub fn may_ban(by: Role, whom: Role) -> bool {
    by >= Role::Moderator && by > whom
}

/// When a ban ends, as typed: a date, or for good. One of both must be chosen.
///
/// # Errors
/// A sentence for the moderator.
pub fn ban_end(date: &str, for_good: bool, now: Timestamp) -> Result<Timestamp, &'static str> {
    match (date.trim(), for_good) {
        ("", true) => Ok(Ban::FOR_GOOD),
        ("", false) => Err("Choose the day on which it ends, or tick “for good”."),
        (_, true) => Err("Either a day or “for good”, not both."),
        (date, false) => {
            let end =
                Timestamp::parse_date(date).ok_or("This is no date. Write it like 2027-01-31.")?;
            if end > now {
                Ok(end)
            } else {
                Err("This day has begun already. Choose a later one.")
            }
        }
    }
}

/// A site whose links are not taken.
#[derive(Debug, Clone)]
pub struct DomainBan {
    /// The site; those below it are meant too.
    pub domain: String,
    /// Why, for everybody to read.
    pub reason: String,
    /// The end; `None`: for good.
    pub until: Option<Timestamp>,
    /// Since when.
    pub created: Timestamp,
}

/// Tabs of the moderation log: word and label.
pub const LOG_KINDS: &[(&str, &str)] = &[
    ("story", "Stories"),
    ("comment", "Comments"),
    ("user", "Members"),
    ("site", "Site"),
];

/// A line of the public moderation log.
#[derive(Debug, Clone)]
pub struct LogLine {
    /// Place in the log.
    pub id: i64,
    /// Done at.
    pub at: Timestamp,
    /// Who did it; `None`: the operator at the command line.
    pub moderator: Option<UserName>,
    /// What was done: `story.remove`, `user.ban`, …
    pub action: String,
    /// The story concerned, and its title; deleted ones have none left.
    pub story: Option<(StoryId, String)>,
    /// The comment concerned.
    pub comment: Option<CommentId>,
    /// The member concerned, or the author of what is concerned; `None` also when they have left.
    pub user: Option<UserName>,
    /// What else is concerned (a domain, a tag, a setting), or what changed.
    pub subject: Option<String>,
    /// Why.
    pub reason: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_ms(1_795_472_177_000);

    #[test]
    fn only_those_trusted_with_less_can_be_banned() {
        use Role::{Admin, Member, Moderator};
        for (by, whom, may) in [
            (Member, Member, false),
            (Moderator, Member, true),
            (Moderator, Moderator, false),
            (Moderator, Admin, false),
            (Admin, Moderator, true),
            (Admin, Admin, false),
        ] {
            assert_eq!(may_ban(by, whom), may, "{by:?} {whom:?}");
        }
    }

    #[test]
    fn a_ban_ends_on_a_day_to_come_or_never() {
        assert_eq!(ban_end("", true, NOW), Ok(Ban::FOR_GOOD));
        assert_eq!(
            ban_end(" 2026-11-24 ", false, NOW).map(Timestamp::human_date),
            Ok("24 Nov 2026".into())
        );
        for (date, for_good) in [
            ("", false),
            ("2026-11-24", true),
            ("2026-11-23", false),
            ("2026-02-30", false),
            ("tomorrow", false),
        ] {
            assert!(ban_end(date, for_good, NOW).is_err(), "{date:?}");
        }
    }

    #[test]
    fn reasons_are_one_line_and_given_where_they_must_be() {
        assert_eq!(reason(" a\nb "), Ok("a b".into()));
        assert_eq!(reason(""), Ok(String::new()));
        assert_eq!(needed_reason(" ", "missing"), Err("missing"));
        assert!(reason(&"é".repeat(300)).is_ok());
        assert!(reason(&"é".repeat(301)).is_err());
    }

    #[test]
    fn each_kind_of_item_has_its_own_reasons() {
        let of = |item| flag_reasons(item).map(|(word, _)| word).collect::<Vec<_>>();
        let story = of(ItemId::Story(StoryId::new(1)));
        let comment = of(ItemId::Comment(CommentId::new(2)));
        assert!(story.contains(&"broken-link") && !story.contains(&"unkind"));
        assert!(comment.contains(&"unkind") && !comment.contains(&"broken-link"));
        assert_eq!(flag_label("unkind"), "Unkind");
        assert_eq!(flag_label("old"), "old");
    }
}
