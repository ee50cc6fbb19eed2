//! What happens to comments, and what is named then: their thread, the lists that show them, who was told of them.

use rusqlite::{OptionalExtension, params};

use super::key;
use super::{comment, flags, inbox, remark, search, story, talk_all, talk_by};
use crate::domain::comment::Comment;
use crate::domain::id::{CommentId, ItemId, StoryId, UserId};
use crate::error::Result;
use crate::store::{Conn, Tx};
use crate::time::Timestamp;

/// Comments of a story up to which each is named by itself when all of them come or go.
const MOST_SINGLE: usize = 200;

/// What naming a comment asks to know of it.
#[derive(Debug, Clone, Copy)]
pub(in crate::store) struct Said {
    /// Which.
    pub(in crate::store) id: CommentId,
    /// The story that it belongs to.
    pub(in crate::store) story: StoryId,
    /// Who wrote it.
    pub(in crate::store) author: UserId,
    /// When.
    pub(in crate::store) created: Timestamp,
}

impl From<&Comment> for Said {
    fn from(comment: &Comment) -> Self {
        Self {
            id: comment.id,
            story: comment.story,
            author: comment.author_id,
            created: comment.created,
        }
    }
}

impl Said {
    /// The comment with this id.
    ///
    /// # Errors
    /// [`Error::NotFound`](crate::error::Error::NotFound).
    pub(in crate::store) fn of(conn: &Conn, id: CommentId) -> Result<Self> {
        let said = conn
            .prepare_cached("select story_id, user_id, created_ms from comment where id = ?1")?
            .query_row([id.raw()], |row| {
                Ok(Self {
                    id,
                    story: StoryId::new(row.get(0)?),
                    author: UserId::new(row.get(1)?),
                    created: Timestamp::from_ms(row.get(2)?),
                })
            })?;
        Ok(said)
    }

    /// Other words or points stand in it.
    pub(in crate::store) fn changed(self, tx: &Tx) {
        self.flagged(tx);
        tx.stamp_all([remark(self.id), search()]);
    }

    /// It is new.
    pub(in crate::store) fn came(self, tx: &Tx) {
        self.changed(tx);
        let key = key::time(self.created.ms());
        tx.stamp_all(talk_all().at(key));
        tx.stamp_all(talk_by(self.author).at(key));
    }

    /// Its flags changed, which only its thread shows.
    pub(in crate::store) fn flagged(self, tx: &Tx) {
        tx.stamp(comment(self.id));
        tx.stamp(story(self.story));
    }

    /// It is shown no longer, or again. Answers that are not shown are not counted as unread.
    pub(in crate::store) fn came_or_went(self, tx: &Tx) -> Result<()> {
        self.came(tx);
        let key = key::time(self.created.ms());
        tx.stamp(talk_all().gone(key));
        tx.stamp(talk_by(self.author).gone(key));
        let told: Option<UserId> = tx
            .prepare_cached(
                "select i.user_id from comment c
                 join story s on s.id = c.story_id left join comment p on p.id = c.parent_id
                 join inbox i on i.user_id = coalesce(p.user_id, s.user_id) and i.comment_id = c.id
                 where c.id = ?1 and i.read = 0",
            )?
            .query_row([self.id.raw()], |row| row.get(0).map(UserId::new))
            .optional()?;
        tx.stamp_all(told.map(inbox));
        Ok(())
    }
}

/// Flags of an item changed.
pub(in crate::store) fn flagged(tx: &Tx, item: ItemId) -> Result<()> {
    tx.stamp(flags());
    if let ItemId::Comment(id) = item {
        Said::of(tx, id)?.flagged(tx);
    }
    Ok(())
}

/// Names the lists where comments come or go with their story.
pub(super) fn thread(tx: &Tx, story: StoryId) -> Result<()> {
    let mut query = tx.prepare_cached(
        "select user_id, created_ms from comment where story_id = ?1 and state = 0 limit ?2",
    )?;
    let most = i64::try_from(MOST_SINGLE + 1).unwrap_or(i64::MAX);
    let comments: Vec<(UserId, i64)> = query
        .query_map(params![story.raw(), most], |row| {
            Ok((UserId::new(row.get(0)?), row.get(1)?))
        })?
        .collect::<rusqlite::Result<_>>()?;
    if comments.len() > MOST_SINGLE {
        whole_lists(tx, story)?;
    } else {
        for (author, created_ms) in comments {
            let key = key::time(created_ms);
            for axis in [talk_all(), talk_by(author)] {
                tx.stamp_all(axis.at(key));
                tx.stamp(axis.gone(key));
            }
        }
    }
    inboxes(tx, story)
}

/// Too many comments to tell one by one.
fn whole_lists(tx: &Tx, story: StoryId) -> Result<()> {
    tx.stamp(talk_all().all());
    let mut query = tx
        .prepare_cached("select distinct user_id from comment where story_id = ?1 and state = 0")?;
    let mut rows = query.query([story.raw()])?;
    while let Some(row) = rows.next()? {
        tx.stamp(talk_by(UserId::new(row.get(0)?)).all());
    }
    Ok(())
}

/// Whoever has unread answers below a story.
fn inboxes(tx: &Tx, story: StoryId) -> Result<()> {
    let mut query = tx.prepare_cached(
        "select distinct i.user_id from comment c
         join story s on s.id = c.story_id left join comment p on p.id = c.parent_id
         join inbox i on i.user_id = coalesce(p.user_id, s.user_id) and i.comment_id = c.id
         where c.story_id = ?1 and c.state = 0 and i.read = 0",
    )?;
    let mut rows = query.query([story.raw()])?;
    while let Some(row) = rows.next()? {
        tx.stamp(inbox(UserId::new(row.get(0)?)));
    }
    Ok(())
}
