//! Counters and ranks that follow from other rows, recomputed in SQL inside the transaction that changes those rows.
//!
//! The rules, true after every write:
//! - score = `base_score` + number of votes; `base_score` is the author's own point (1), or what an import brought.
//! - karma of a member = sum of (score - 1) over all stories and comments that they wrote, in whatever state: what was
//!   given stays given, so deleting or removing something changes nobody's karma. What is not shown takes no votes.
//! - a story's `comment_count` = its shown comments; `comment_points` = sum of (score + 1) over those not by its author.

use rusqlite::params;

use crate::domain::id::{TagId, UserId};
use crate::error::Result;
use crate::store::Tx;
use crate::store::stamp::{self, Raise, Was};

/// What a story's tags add to its hotness: an expression over its row.
macro_rules! modifiers {
    () => {
        "coalesce((select sum(t.hotness_mod) from story_tag st join tag t on t.id = st.tag_id
             where st.story_id = story.id), 0.0)"
    };
}
pub(in crate::store) use modifiers;

/// What a story's hotness is with these points of its own and of comments: an expression over its row.
macro_rules! hot {
    ($score:literal, $comments:literal) => {
        concat!(
            "hot_rank(",
            $score,
            " - flags, ",
            $comments,
            ", ",
            modifiers!(),
            ", created_ms)"
        )
    };
}

/// Ends a change of a story: recomputes its hotness from its points, flags, comments and tags, and names what is not as it
/// was.
///
/// # Errors
/// When SQLite fails.
pub fn refresh(tx: &Tx, was: Was) -> Result<()> {
    let sql = concat!(
        "update story set hot = ",
        hot!("score", "comment_points"),
        " where id = ?1"
    );
    tx.prepare_cached(sql)?.execute([was.id().raw()])?;
    was.close(tx)
}

/// As [`refresh`], after votes on the story itself, or on comments by somebody else than its author. Nothing is
/// set that stays as it is: each index over a column is written once for each statement that sets it.
///
/// # Errors
/// When SQLite fails.
pub fn raise(tx: &Tx, raise: Raise) -> Result<()> {
    let ((score_before, score), hot) = (raise.score(), raise.hot());
    let (id, comments) = (raise.id().raw(), raise.comments());
    if comments != 0 {
        tx.prepare_cached("update story set comment_points = comment_points + ?2 where id = ?1")?
            .execute(params![id, comments])?;
    }
    if score == score_before {
        tx.prepare_cached("update story set hot = ?2 where id = ?1 and hot <> ?2")?
            .execute(params![id, hot])?;
    } else {
        tx.prepare_cached("update story set score = ?2, hot = ?3 where id = ?1")?
            .execute(params![id, score, hot])?;
    }
    raise.close(tx)
}

/// Recomputes the hotness of every story with a tag, after the tag's own part in it changed. The caller names
/// [`stamp::site`]: lists of all kinds follow.
///
/// # Errors
/// When SQLite fails.
pub fn refresh_tag(tx: &Tx, tag: TagId) -> Result<()> {
    let sql = concat!(
        "update story set hot = ",
        hot!("score", "comment_points"),
        " where id in (select story_id from story_tag where tag_id = ?1)"
    );
    tx.prepare_cached(sql)?.execute([tag.raw()])?;
    Ok(())
}

/// Recounts the shown comments of a story, their points and its last activity, then [`refresh`]es it.
/// Costs one pass over the story's comments: for removals and restores, not for votes.
///
/// # Errors
/// When SQLite fails.
pub fn recount(tx: &Tx, was: Was) -> Result<()> {
    tx.prepare_cached(
        "update story set
           comment_count = (select count(*) from comment c where c.story_id = story.id and c.state = 0),
           comment_points = (select coalesce(sum(c.score + 1), 0) from comment c
                             where c.story_id = story.id and c.state = 0 and c.user_id <> story.user_id),
           active_ms = max(created_ms, coalesce(
             (select max(c.created_ms) from comment c where c.story_id = story.id and c.state = 0), 0))
         where id = ?1",
    )?
    .execute([was.id().raw()])?;
    refresh(tx, was)
}

/// Adds to a member's karma.
///
/// # Errors
/// When SQLite fails.
pub fn add_karma(tx: &Tx, user: UserId, points: i64) -> Result<()> {
    tx.prepare_cached("update user set karma = karma + ?2 where id = ?1")?
        .execute(params![user.raw(), points])?;
    tx.stamp(stamp::profile(user));
    Ok(())
}
