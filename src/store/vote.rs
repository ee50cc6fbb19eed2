//! Votes: one a person and item (a primary key says so), never on one's own. Score, karma and rank follow at once.

use rusqlite::{OptionalExtension, params};

use crate::domain::id::{ItemId, StoryId, UserId};
use crate::error::{Error, Result};
use crate::store::stamp::{self, Said, Was};
use crate::store::{Conn, Tx, rank};
use crate::time::Timestamp;

/// What a vote is on: whose it is, in which story it stands, its points.
struct Target {
    author: UserId,
    story: StoryId,
    score: i64,
    created: Timestamp,
}

/// Votes (`wanted` is true) or takes the vote back; repeating either changes nothing. Answers with the new score.
///
/// # Errors
/// [`Error::NotFound`] for what is not shown, [`Error::Refused`] for one's own.
pub fn set(tx: &Tx, voter: UserId, item: ItemId, wanted: bool) -> Result<i64> {
    let target = target(tx, item)?.ok_or(Error::NotFound)?;
    if target.author == voter {
        return Err(Error::Refused(
            "You cannot vote for what you wrote yourself.".into(),
        ));
    }
    let changed = if wanted {
        tx.prepare_cached(
            "insert or ignore into vote (item_id, user_id, created_ms) values (?1, ?2, ?3)",
        )?
        .execute(params![item.raw(), voter.raw(), tx.now().ms()])?
    } else {
        tx.prepare_cached("delete from vote where item_id = ?1 and user_id = ?2")?
            .execute(params![item.raw(), voter.raw()])?
    };
    if changed == 0 {
        return Ok(target.score);
    }
    let was = Was::of(tx, target.story)?;
    let points = if wanted { 1 } else { -1 };
    let score = add_points(tx, item, points)?;
    if let ItemId::Comment(id) = item {
        Said {
            id,
            story: target.story,
            author: target.author,
            created: target.created,
        }
        .changed(tx);
    }
    tx.stamp(stamp::marks(voter));
    rank::add_karma(tx, target.author, points)?;
    rank::refresh(tx, was)?;
    Ok(score)
}

fn target(conn: &Conn, item: ItemId) -> Result<Option<Target>> {
    let sql = match item {
        ItemId::Story(_) => "select user_id, id, score, created_ms from story where id = ?1 and state = 0",
        ItemId::Comment(_) => {
            "select c.user_id, c.story_id, c.score, c.created_ms from comment c join story s on s.id = c.story_id
             where c.id = ?1 and c.state = 0 and s.state in (0, 1, 4)"
        }
    };
    let target = conn
        .prepare_cached(sql)?
        .query_row([item.raw()], |row| {
            Ok(Target {
                author: UserId::new(row.get(0)?),
                story: StoryId::new(row.get(1)?),
                score: row.get(2)?,
                created: Timestamp::from_ms(row.get(3)?),
            })
        })
        .optional()?;
    Ok(target)
}

fn add_points(tx: &Tx, item: ItemId, points: i64) -> Result<i64> {
    let score = match item {
        ItemId::Story(_) => tx
            .prepare_cached("update story set score = score + ?2 where id = ?1 returning score")?
            .query_row(params![item.raw(), points], |row| row.get(0))?,
        ItemId::Comment(_) => {
            let (score, author): (i64, i64) = tx
                .prepare_cached(
                    "update comment set score = score + ?2 where id = ?1 returning score, user_id",
                )?
                .query_row(params![item.raw(), points], |row| {
                    Ok((row.get(0)?, row.get(1)?))
                })?;
            tx.prepare_cached(
                "update story set comment_points = comment_points + ?2
                 where id = (select story_id from comment where id = ?1) and user_id <> ?3",
            )?
            .execute(params![item.raw(), points, author])?;
            score
        }
    };
    Ok(score)
}
