//! What of a story decides which pages show it and where: two of these, before and after a change, say what to name.

use rusqlite::OptionalExtension;

use crate::domain::id::{StoryId, UserId};
use crate::domain::story::ItemState;
use crate::error::Result;
use crate::store::Conn;

/// The columns of a [`Row`].
macro_rules! columns {
    () => {
        "user_id, title, url_key, domain,
         (select group_concat(t.name) from story_tag st join tag t on t.id = st.tag_id where st.story_id = story.id),
         state, hot, score, comment_count, day, month, created_ms, active_ms, edited_ms, pinned_ms, locked"
    };
}
pub(super) use columns;

/// What lists are sorted by, and what rows show, of a story.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Row {
    pub(super) user: UserId,
    pub(super) title: String,
    pub(super) url_key: Option<String>,
    pub(super) domain: Option<String>,
    /// Names, with commas.
    pub(super) tags: Option<String>,
    pub(super) state: i64,
    pub(super) hot: f64,
    pub(super) score: i64,
    pub(super) comments: i64,
    pub(super) day: i64,
    pub(super) month: i64,
    pub(super) created_ms: i64,
    pub(super) active_ms: i64,
    pub(super) edited_ms: Option<i64>,
    pub(super) pinned_ms: Option<i64>,
    pub(super) locked: bool,
}

impl Row {
    pub(super) fn of(conn: &Conn, id: StoryId) -> Result<Option<Self>> {
        let row = conn
            .prepare_cached(concat!("select ", columns!(), " from story where id = ?1"))?
            .query_row([id.raw()], Self::read)
            .optional()?;
        Ok(row)
    }

    pub(super) fn read(row: &rusqlite::Row) -> rusqlite::Result<Self> {
        Ok(Self {
            user: UserId::new(row.get(0)?),
            title: row.get(1)?,
            url_key: row.get(2)?,
            domain: row.get(3)?,
            tags: row.get(4)?,
            state: row.get(5)?,
            hot: row.get(6)?,
            score: row.get(7)?,
            comments: row.get(8)?,
            day: row.get(9)?,
            month: row.get(10)?,
            created_ms: row.get(11)?,
            active_ms: row.get(12)?,
            edited_ms: row.get(13)?,
            pinned_ms: row.get(14)?,
            locked: row.get(15)?,
        })
    }

    pub(super) fn is_shown(&self) -> bool {
        self.state == 0
    }

    pub(super) fn is_lesson(&self) -> bool {
        ItemState::from_raw(self.state) == ItemState::Lesson
    }

    pub(super) fn tags(&self) -> impl Iterator<Item = &str> {
        self.tags.iter().flat_map(|names| names.split(','))
    }

    pub(super) fn has_tag(&self, name: &str) -> bool {
        self.tags().any(|tag| tag == name)
    }

    pub(super) fn domains(&self) -> impl Iterator<Item = &str> {
        self.domain.as_deref().into_iter()
    }

    pub(super) fn has_domain(&self, name: &str) -> bool {
        self.domain.as_deref() == Some(name)
    }

    /// What rows and feeds show, but for the text.
    pub(super) fn shows(&self) -> impl PartialEq + use<'_> {
        (
            self.heading(),
            (&self.url_key, &self.domain, &self.tags),
            (self.score, self.edited_ms, self.pinned_ms),
        )
    }

    pub(super) fn heading(&self) -> impl PartialEq + use<'_> {
        (&self.title, self.comments, self.state, self.locked)
    }

    /// What the other stories with this link show of it.
    pub(super) fn as_earlier(&self) -> impl PartialEq + use<'_> {
        (&self.url_key, &self.title, self.comments, self.state)
    }

    pub(super) fn in_sitemap(&self) -> impl PartialEq + use<'_> {
        (&self.title, self.active_ms, self.edited_ms)
    }
}
