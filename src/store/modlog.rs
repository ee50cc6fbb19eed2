//! The public moderation log: every act of a moderator, in the transaction that does it.

use rusqlite::params;

use crate::cache::Stamp;
use crate::domain::id::{CommentId, StoryId, UserId};
use crate::error::Result;
use crate::store::Tx;

/// One act to be recorded.
#[derive(Debug, Clone, Default)]
pub struct Entry<'a> {
    /// Who; `None`: the operator at the command line.
    pub moderator: Option<UserId>,
    /// What: `story.remove`, `user.ban`, …
    pub action: &'a str,
    /// The story concerned.
    pub story: Option<StoryId>,
    /// The comment concerned.
    pub comment: Option<CommentId>,
    /// The member concerned.
    pub user: Option<UserId>,
    /// What else is concerned, or what changed.
    pub subject: Option<&'a str>,
    /// Why, for everybody to read.
    pub reason: &'a str,
}

/// Records an act.
///
/// # Errors
/// When SQLite fails.
pub fn record(tx: &Tx, entry: &Entry) -> Result<()> {
    tx.prepare_cached(
        "insert into modlog (created_ms, moderator_id, action, story_id, comment_id, user_id, subject, reason)
         values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
    )?
    .execute(params![
        tx.now().ms(),
        entry.moderator.map(UserId::raw),
        entry.action,
        entry.story.map(StoryId::raw),
        entry.comment.map(CommentId::raw),
        entry.user.map(UserId::raw),
        entry.subject,
        entry.reason,
    ])?;
    tx.stamp(Stamp::new("list", "modlog"));
    Ok(())
}
