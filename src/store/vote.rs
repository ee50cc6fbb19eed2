//! Votes: one a person and item (a primary key says so), never on one's own. Score, karma and rank follow in the same
//! transaction ([`raise`]).

use rusqlite::{OptionalExtension, params};

use crate::domain::id::{CommentId, ItemId, StoryId, UserId};
use crate::error::{Error, Result};
use crate::store::stamp::{self, Said};
use crate::store::{Conn, Tx, raise};
use crate::time::Timestamp;

/// Votes (`wanted` is true) or takes the vote back; repeating either changes nothing. Answers with the new score.
///
/// # Errors
/// [`Error::NotFound`] for what is not shown, [`Error::Refused`] for one's own.
pub fn set(tx: &Tx, voter: UserId, item: ItemId, wanted: bool) -> Result<i64> {
    let points = if wanted { 1 } else { -1 };
    match item {
        ItemId::Story(id) => on_story(tx, voter, id, points),
        ItemId::Comment(id) => on_comment(tx, voter, id, points),
    }
}

fn on_story(tx: &Tx, voter: UserId, id: StoryId, points: i64) -> Result<i64> {
    let story = raise::standing(tx, id)?.filter(|story| story.is_shown);
    let story = story.ok_or(Error::NotFound)?;
    if !cast(tx, voter, story.author, ItemId::Story(id), points)? {
        return Ok(story.score);
    }
    raise::give(tx, id, points, 0)?;
    Ok(story.score + points)
}

fn on_comment(tx: &Tx, voter: UserId, id: CommentId, points: i64) -> Result<i64> {
    let target = target(tx, id)?.ok_or(Error::NotFound)?;
    if !cast(tx, voter, target.author, ItemId::Comment(id), points)? {
        return Ok(target.score);
    }
    tx.prepare_cached("update comment set score = score + ?2 where id = ?1")?
        .execute(params![id.raw(), points])?;
    Said {
        id,
        story: target.story,
        author: target.author,
        created: target.created,
    }
    .changed(tx);
    // What the author of a story says below it makes it no hotter.
    let for_story = if target.by_author { 0 } else { points };
    if for_story != 0 {
        raise::give(tx, target.story, 0, for_story)?;
    }
    Ok(target.score + points)
}

/// Notes or takes back a vote, and gives its author the point; `false` when it was so already.
fn cast(tx: &Tx, voter: UserId, author: UserId, item: ItemId, points: i64) -> Result<bool> {
    if author == voter {
        return Err(Error::Refused(
            "You cannot vote for what you wrote yourself.".into(),
        ));
    }
    let changed = if points > 0 {
        tx.prepare_cached(
            "insert or ignore into vote (item_id, user_id, created_ms) values (?1, ?2, ?3)",
        )?
        .execute(params![item.raw(), voter.raw(), tx.now().ms()])?
    } else {
        tx.prepare_cached("delete from vote where item_id = ?1 and user_id = ?2")?
            .execute(params![item.raw(), voter.raw()])?
    };
    if changed == 0 {
        return Ok(false);
    }
    tx.stamp(stamp::marks(voter));
    raise::credit(tx, author, points)?;
    Ok(true)
}

/// A comment that is voted on: whose it is, in which story it stands, its points.
struct Target {
    author: UserId,
    story: StoryId,
    /// It is by the story's own author.
    by_author: bool,
    score: i64,
    created: Timestamp,
}

fn target(conn: &Conn, id: CommentId) -> Result<Option<Target>> {
    let target = conn
        .prepare_cached(
            "select c.user_id, c.story_id, c.user_id = s.user_id, c.score, c.created_ms
             from comment c join story s on s.id = c.story_id
             where c.id = ?1 and c.state = 0 and s.state in (0, 1, 4)",
        )?
        .query_row([id.raw()], |row| {
            Ok(Target {
                author: UserId::new(row.get(0)?),
                story: StoryId::new(row.get(1)?),
                by_author: row.get(2)?,
                score: row.get(3)?,
                created: Timestamp::from_ms(row.get(4)?),
            })
        })
        .optional()?;
    Ok(target)
}
