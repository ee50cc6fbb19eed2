//! Moderation: reasons for flags, kinds of acts, and lines of the public log.

use crate::domain::id::{CommentId, StoryId};
use crate::domain::user::UserName;
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
    /// The story concerned, and its title.
    pub story: Option<(StoryId, String)>,
    /// The comment concerned.
    pub comment: Option<CommentId>,
    /// The member concerned.
    pub user: Option<UserName>,
    /// What else is concerned (a domain, a tag, a setting), or what changed.
    pub subject: Option<String>,
    /// Why.
    pub reason: String,
}
