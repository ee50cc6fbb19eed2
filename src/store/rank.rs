//! Counters and ranks that follow from other rows, recomputed in SQL inside the transaction that changes those rows.
//!
//! The rules, true after every write:
//! - score = `base_score` + number of votes; `base_score` is the author's own point (1), or what an import brought.
//! - karma of a member = sum of (score - 1) over all stories and comments that they wrote, in whatever state: what was
//!   given stays given, so deleting or removing something changes nobody's karma. What is not shown takes no votes.
//! - a story's `comment_count` = its shown comments; `comment_points` = sum of (score + 1) over those not by its author.

use rusqlite::params;

use crate::cache::Stamp;
use crate::domain::id::{StoryId, TagId, UserId};
use crate::error::Result;
use crate::store::Tx;

/// Recomputes the hotness of a story from its points, flags, comments and tags; names the stamps of the lists it is in.
///
/// # Errors
/// When SQLite fails.
pub fn refresh(tx: &Tx, story: StoryId) -> Result<()> {
    tx.prepare_cached(
        "update story set hot = hot_rank(
             score - flags, comment_points,
             coalesce((select sum(t.hotness_mod) from story_tag st join tag t on t.id = st.tag_id
                       where st.story_id = story.id), 0.0),
             created_ms)
         where id = ?1",
    )?
    .execute([story.raw()])?;
    stamp_story(tx, story)
}

/// Recomputes the hotness of every story with a tag, after the tag's own part in it changed. The caller names
/// [`Stamp::site`]: lists of all kinds follow.
///
/// # Errors
/// When SQLite fails.
pub fn refresh_tag(tx: &Tx, tag: TagId) -> Result<()> {
    tx.prepare_cached(
        "update story set hot = hot_rank(
             score - flags, comment_points,
             coalesce((select sum(t.hotness_mod) from story_tag st join tag t on t.id = st.tag_id
                       where st.story_id = story.id), 0.0),
             created_ms)
         where id in (select story_id from story_tag where tag_id = ?1)",
    )?
    .execute([tag.raw()])?;
    Ok(())
}

/// Recounts the shown comments of a story, their points and its last activity, then [`refresh`]es it.
/// Costs one pass over the story's comments: for removals and restores, not for votes.
///
/// # Errors
/// When SQLite fails.
pub fn recount(tx: &Tx, story: StoryId) -> Result<()> {
    tx.prepare_cached(
        "update story set
           comment_count = (select count(*) from comment c where c.story_id = story.id and c.state = 0),
           comment_points = (select coalesce(sum(c.score + 1), 0) from comment c
                             where c.story_id = story.id and c.state = 0 and c.user_id <> story.user_id),
           active_ms = max(created_ms, coalesce(
             (select max(c.created_ms) from comment c where c.story_id = story.id and c.state = 0), 0))
         where id = ?1",
    )?
    .execute([story.raw()])?;
    refresh(tx, story)
}

/// Adds to a member's karma.
///
/// # Errors
/// When SQLite fails.
pub fn add_karma(tx: &Tx, user: UserId, points: i64) -> Result<()> {
    tx.prepare_cached("update user set karma = karma + ?2 where id = ?1")?
        .execute(params![user.raw(), points])?;
    tx.stamp(Stamp::new("user", user));
    Ok(())
}

/// Names the stamps of a story and of every list that shows it.
///
/// # Errors
/// When SQLite fails.
pub fn stamp_story(tx: &Tx, story: StoryId) -> Result<()> {
    tx.stamp(Stamp::new("story", story));
    for list in ["hot", "newest", "active", "top"] {
        tx.stamp(Stamp::new("list", list));
    }
    let (user, domain): (i64, Option<String>) = tx
        .prepare_cached("select user_id, domain from story where id = ?1")?
        .query_row([story.raw()], |row| Ok((row.get(0)?, row.get(1)?)))?;
    tx.stamp(Stamp::new("user", user));
    if let Some(domain) = domain {
        tx.stamp(Stamp::new("domain", domain));
    }
    let mut tags = tx.prepare_cached(
        "select t.name from story_tag st join tag t on t.id = st.tag_id where st.story_id = ?1",
    )?;
    let mut rows = tags.query([story.raw()])?;
    while let Some(row) = rows.next()? {
        tx.stamp(Stamp::new("tag", row.get::<_, String>(0)?));
    }
    Ok(())
}
