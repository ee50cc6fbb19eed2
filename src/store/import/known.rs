//! Items that an earlier import brought: found by their foreign id, and hidden when they are gone there.

use rusqlite::{OptionalExtension, params};

use crate::domain::id::{CommentId, StoryId, UserId};
use crate::domain::story::ItemState;
use crate::error::Result;
use crate::store::stamp::Said;
use crate::store::{Tx, comment, search, story};

/// What an item is by the table `imported`, and how it stands now.
pub(super) struct Known {
    /// Its id here.
    pub(super) id: i64,
    /// The story that it belongs to; itself for a story.
    pub(super) story: i64,
    /// Who wrote it.
    pub(super) author: UserId,
    /// Points that the import brought.
    pub(super) base_score: i64,
    /// Whether it is shown.
    pub(super) state: ItemState,
}

impl Known {
    /// The item with this foreign id, if it has come.
    pub(super) fn find(tx: &Tx, foreign: i64) -> Result<Option<Self>> {
        let known = tx
            .prepare_cached(
                "select s.id, s.id, s.user_id, s.base_score, s.state
                 from imported i join story s on s.id = i.item_id where i.foreign_id = ?1
                 union all
                 select c.id, c.story_id, c.user_id, c.base_score, c.state
                 from imported i join comment c on c.id = i.item_id where i.foreign_id = ?1",
            )?
            .query_row([foreign], |row| {
                Ok(Self {
                    id: row.get(0)?,
                    story: row.get(1)?,
                    author: UserId::new(row.get(2)?),
                    base_score: row.get(3)?,
                    state: ItemState::from_raw(row.get(4)?),
                })
            })
            .optional()?;
        Ok(known)
    }

    /// Hides it: what was deleted loses its words. The caller recounts its story.
    pub(super) fn hide(&self, tx: &Tx, state: ItemState) -> Result<()> {
        let is_story = self.id == self.story;
        match state {
            ItemState::Deleted if is_story => story::wipe(tx, StoryId::new(self.id)),
            ItemState::Deleted => {
                let comment = comment::find(tx, CommentId::new(self.id), None)?;
                comment::wipe(tx, &comment)
            }
            _ => self.kill(tx, is_story, state),
        }
    }

    fn kill(&self, tx: &Tx, is_story: bool, state: ItemState) -> Result<()> {
        search::remove(tx, self.id)?;
        let sql = if is_story {
            "update story set state = ?2 where id = ?1"
        } else {
            Said::of(tx, CommentId::new(self.id))?.came_or_went(tx)?;
            "update comment set state = ?2 where id = ?1"
        };
        tx.prepare_cached(sql)?
            .execute(params![self.id, state.raw()])?;
        Ok(())
    }
}
