//! A story before votes and after: there are more votes than changes of all other kinds, so that what they make of it is
//! worked out in memory instead of read again. Like any other change it is named by what differs.

use rusqlite::OptionalExtension;

use super::row::{Row, columns};
use super::was::name;
use crate::domain::id::{StoryId, UserId};
use crate::domain::rank;
use crate::error::Result;
use crate::store::rank::modifiers;
use crate::store::{Conn, Tx};
use crate::time::Timestamp;

/// A story before votes, and what they make of it.
#[derive(Debug)]
#[must_use = "what changed is named only when this is handed on"]
pub struct Raise {
    id: StoryId,
    old: Row,
    new: Row,
    /// So many more points of comments.
    comments: i64,
    ranked: Ranked,
}

/// What the rank is made of beside the points.
#[derive(Debug, Clone, Copy)]
struct Ranked {
    flags: i64,
    /// Points of comments, as they were.
    comments: i64,
    /// The tags' modifiers.
    base: f64,
}

/// A story as voters find it.
#[derive(Debug, Clone, Copy)]
pub struct Standing {
    /// Whose it is.
    pub author: UserId,
    /// Whether lists show it.
    pub is_shown: bool,
    /// Its points.
    pub score: i64,
}

impl Raise {
    /// A story that takes points; `None` when it does not, or there is none.
    ///
    /// # Errors
    /// When SQLite fails.
    pub fn of(conn: &Conn, id: StoryId) -> Result<Option<Self>> {
        let sql = concat!(
            "select ",
            columns!(),
            ", flags, comment_points, ",
            modifiers!(),
            " from story where id = ?1 and state in (0, 1, 4)"
        );
        let read = |row: &rusqlite::Row| {
            let ranked = Ranked {
                flags: row.get(16)?,
                comments: row.get(17)?,
                base: row.get(18)?,
            };
            Ok((Row::read(row)?, ranked))
        };
        let found = conn.prepare_cached(sql)?.query_row([id.raw()], read);
        Ok(found.optional()?.map(|(old, ranked)| Self {
            id,
            new: old.clone(),
            old,
            comments: 0,
            ranked,
        }))
    }

    /// So many more points of its own, and of comments that are not by its author.
    pub fn add(&mut self, own: i64, comments: i64) {
        self.new.score += own;
        self.comments += comments;
        self.new.hot = rank::hot(
            self.new.score - self.ranked.flags,
            self.ranked.comments + self.comments,
            self.ranked.base,
            Timestamp::from_ms(self.old.created_ms),
        );
    }

    /// Whether it has other points than it had.
    #[must_use]
    pub fn is_raised(&self) -> bool {
        self.comments != 0 || self.new.score != self.old.score
    }

    /// How voters find it.
    #[must_use]
    pub fn standing(&self) -> Standing {
        Standing {
            author: self.old.user,
            is_shown: self.old.is_shown(),
            score: self.new.score,
        }
    }

    /// Which story it is.
    #[must_use]
    pub fn id(&self) -> StoryId {
        self.id
    }

    /// Its points before and after.
    #[must_use]
    pub fn score(&self) -> (i64, i64) {
        (self.old.score, self.new.score)
    }

    /// So many more points of comments.
    #[must_use]
    pub fn comments(&self) -> i64 {
        self.comments
    }

    /// Its hotness after.
    #[must_use]
    pub fn hot(&self) -> f64 {
        self.new.hot
    }

    /// Names what differs now.
    ///
    /// # Errors
    /// When SQLite fails.
    pub(in crate::store) fn close(self, tx: &Tx) -> Result<()> {
        debug_assert_eq!(Some(&self.new), Row::of(tx, self.id)?.as_ref());
        name(tx, self.id, (Some(&self.old), Some(&self.new)), false)
    }
}
