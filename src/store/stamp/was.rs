//! A story before a change, compared with itself after: what differs decides what the write names.
//!
//! There are two kinds of change, and often both. What rows show changed (points, comments, title, …): that is named once,
//! and pages rest on each of their rows. What lists are sorted by changed, or whether they hold the story at all: those
//! lists are named where it stood and where it stands.

use rusqlite::{OptionalExtension, params};

use super::key;
use super::said::thread;
use crate::cache::Axis;
use crate::domain::id::{StoryId, UserId};
use crate::domain::rank;
use crate::domain::story::ItemState;
use crate::error::Result;
use crate::store::rank::modifiers;
use crate::store::stamp;
use crate::store::{Conn, Tx, sitemap};
use crate::time::Timestamp;

/// The columns of a [`Row`].
macro_rules! row {
    () => {
        "user_id, title, url_key, domain,
         (select group_concat(t.name) from story_tag st join tag t on t.id = st.tag_id where st.story_id = story.id),
         state, hot, score, comment_count, day, month, created_ms, active_ms, edited_ms, pinned_ms, locked"
    };
}

/// A story as it was before a change; whoever changes one reads this first, and hands it to what ends the change
/// ([`rank::refresh`](crate::store::rank::refresh) and the like).
#[derive(Debug)]
#[must_use = "what changed is named only when this is handed on"]
pub struct Was {
    id: StoryId,
    row: Option<Row>,
    reworded: bool,
}

impl Was {
    /// The story as it is now; it may not exist yet.
    ///
    /// # Errors
    /// When SQLite fails.
    pub fn of(conn: &Conn, id: StoryId) -> Result<Self> {
        Ok(Self {
            id,
            row: Row::of(conn, id)?,
            reworded: false,
        })
    }

    /// Which story it is.
    #[must_use]
    pub fn id(&self) -> StoryId {
        self.id
    }

    /// The same, when its text is replaced: texts are long and not compared.
    pub(in crate::store) fn reworded(self) -> Self {
        Self {
            reworded: true,
            ..self
        }
    }

    /// Names what differs now.
    ///
    /// # Errors
    /// When SQLite fails.
    pub(in crate::store) fn close(self, tx: &Tx) -> Result<()> {
        let new = Row::of(tx, self.id)?;
        name(
            tx,
            self.id,
            (self.row.as_ref(), new.as_ref()),
            self.reworded,
        )
    }
}

/// A story before votes, and what they make of it: there are more votes than changes of all other kinds.
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
            row!(),
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

/// Names what differs between a story before and after.
fn name(
    tx: &Tx,
    id: StoryId,
    (old, new): (Option<&Row>, Option<&Row>),
    reworded: bool,
) -> Result<()> {
    Places {
        tx,
        old: old.filter(|row| row.is_shown()),
        new: new.filter(|row| row.is_shown()),
    }
    .name(id);
    if reworded || old.map(Row::shows) != new.map(Row::shows) {
        name_row(tx, id, old, new)?;
    }
    Ok(())
}

/// What lists are sorted by, and what rows show, of a story.
#[derive(Debug, Clone, PartialEq)]
struct Row {
    user: UserId,
    title: String,
    url_key: Option<String>,
    domain: Option<String>,
    /// Names, with commas.
    tags: Option<String>,
    state: i64,
    hot: f64,
    score: i64,
    comments: i64,
    day: i64,
    month: i64,
    created_ms: i64,
    active_ms: i64,
    edited_ms: Option<i64>,
    pinned_ms: Option<i64>,
    locked: bool,
}

impl Row {
    fn of(conn: &Conn, id: StoryId) -> Result<Option<Self>> {
        let row = conn
            .prepare_cached(concat!("select ", row!(), " from story where id = ?1"))?
            .query_row([id.raw()], Self::read)
            .optional()?;
        Ok(row)
    }

    fn read(row: &rusqlite::Row) -> rusqlite::Result<Self> {
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

    fn is_shown(&self) -> bool {
        self.state == 0
    }

    fn is_lesson(&self) -> bool {
        ItemState::from_raw(self.state) == ItemState::Lesson
    }

    fn tags(&self) -> impl Iterator<Item = &str> {
        self.tags.iter().flat_map(|names| names.split(','))
    }

    fn has_tag(&self, name: &str) -> bool {
        self.tags().any(|tag| tag == name)
    }

    fn domains(&self) -> impl Iterator<Item = &str> {
        self.domain.as_deref().into_iter()
    }

    fn has_domain(&self, name: &str) -> bool {
        self.domain.as_deref() == Some(name)
    }

    /// What rows and feeds show, but for the text.
    fn shows(&self) -> impl PartialEq + use<'_> {
        (
            self.heading(),
            (&self.url_key, &self.domain, &self.tags),
            (self.score, self.edited_ms, self.pinned_ms),
        )
    }

    fn heading(&self) -> impl PartialEq + use<'_> {
        (&self.title, self.comments, self.state, self.locked)
    }

    /// What the other stories with this link show of it.
    fn as_earlier(&self) -> impl PartialEq + use<'_> {
        (&self.url_key, &self.title, self.comments, self.state)
    }

    fn in_sitemap(&self) -> impl PartialEq + use<'_> {
        (&self.title, self.active_ms, self.edited_ms)
    }
}

/// A story's places on its lists, where it is shown.
struct Places<'a, 'b> {
    tx: &'a Tx<'b>,
    old: Option<&'a Row>,
    new: Option<&'a Row>,
}

impl Places<'_, '_> {
    fn name(&self, id: StoryId) {
        if self.old.map(Row::in_sitemap) != self.new.map(Row::in_sitemap) {
            let part = sitemap::part_of(id);
            self.tx.stamp(stamp::sitemap_part(part));
        }
        // Author and day are what they were.
        let Some(any) = self.new.or(self.old) else {
            return;
        };
        let hot = |row: &Row| Place::of_hot(row.hot);
        let created = |row: &Row| Place::of_time(row.created_ms);
        let score = |row: &Row| Place::of_score(row.score);
        self.on(stamp::hot, |row| row.pinned_ms.is_none().then(|| hot(row)));
        self.on(stamp::newest, |row| Some(created(row)));
        self.on(stamp::active, |row| Some(Place::of_time(row.active_ms)));
        self.on(|| stamp::by(any.user), |row| Some(created(row)));
        self.on(stamp::top_all, |row| Some(score(row)));
        self.on(|| stamp::top_day(any.day), |row| Some(score(row)));
        self.on(|| stamp::top_month(any.month), |row| Some(score(row)));
        for tag in self.each(Row::tags, Row::has_tag) {
            let within = |row: &Row| row.has_tag(tag);
            self.on(|| stamp::tag_hot(tag), |row| within(row).then(|| hot(row)));
            self.on(
                || stamp::tag_newest(tag),
                |row| within(row).then(|| created(row)),
            );
        }
        for domain in self.each(Row::domains, Row::has_domain) {
            self.on(
                || stamp::of_domain(domain),
                |row| row.has_domain(domain).then(|| created(row)),
            );
        }
    }

    /// Tags or domains that the story has or had.
    fn each<'r, I: Iterator<Item = &'r str>>(
        &'r self,
        names: fn(&'r Row) -> I,
        has: fn(&Row, &str) -> bool,
    ) -> impl Iterator<Item = &'r str> {
        let lost = self.old.into_iter().flat_map(names);
        let lost = lost.filter(move |name| !self.new.is_some_and(|row| has(row, name)));
        self.new.into_iter().flat_map(names).chain(lost)
    }

    /// Names a list where the story stood and where it stands, if that is not the same.
    fn on(&self, axis: impl FnOnce() -> Axis, place: impl Fn(&Row) -> Option<Place>) {
        let (old, new) = (self.old.and_then(&place), self.new.and_then(&place));
        if old == new {
            return;
        }
        let (axis, tx) = (axis(), self.tx);
        if let Some(new) = new {
            tx.stamp_all(axis.at(new.key));
        }
        match (old, new) {
            (Some(old), Some(new)) => tx.stamp_all(axis.apart(old.key, new.key)),
            (Some(old), None) => tx.stamp_all(axis.at(old.key)),
            (None, _) => {}
        }
        tx.stamp_all(old.map(|old| axis.gone(old.key)));
    }
}

/// What a story is sorted by, exactly, and as a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Place {
    exact: u64,
    key: u32,
}

impl Place {
    fn of_hot(hot: f64) -> Self {
        Self {
            exact: hot.to_bits(),
            key: key::hot(hot),
        }
    }

    fn of_time(ms: i64) -> Self {
        Self {
            exact: ms.cast_unsigned(),
            key: key::time(ms),
        }
    }

    fn of_score(score: i64) -> Self {
        Self {
            exact: score.cast_unsigned(),
            key: key::score(score),
        }
    }
}

/// Names what else shows a story whose row changed.
fn name_row(tx: &Tx, id: StoryId, old: Option<&Row>, new: Option<&Row>) -> Result<()> {
    tx.stamp_all([stamp::story_row(id), stamp::story(id), stamp::search()]);
    let both = [old, new];
    let rows = || both.into_iter().flatten();
    if rows().any(|row| row.pinned_ms.is_some()) {
        tx.stamp(stamp::pinned());
    }
    if old.map(Row::heading) != new.map(Row::heading) {
        tx.stamp(stamp::heading(id));
    }
    let said = |row: Option<&Row>| row.map(|row| row.comments);
    if rows().any(Row::is_lesson) && said(old) != said(new) {
        tx.stamp(stamp::lesson_comments(id));
    }
    if old.map(Row::as_earlier) != new.map(Row::as_earlier) {
        tx.stamp_all(rows().filter_map(|row| row.url_key.as_deref().map(stamp::link)));
    }
    if old.is_some_and(Row::is_shown) != new.is_some_and(Row::is_shown) {
        let domain = rows().find_map(|row| row.domain.as_deref());
        came_or_went(tx, id, domain)?;
    }
    let (Some(old), Some(new)) = (old, new) else {
        return Ok(());
    };
    if old.state != new.state {
        thread(tx, id)?;
    }
    if (old.state, &old.title) != (new.state, &new.title) {
        tx.stamp(stamp::title(id));
        logged(tx, id)?;
    }
    Ok(())
}

/// A story is shown that was not, or the other way round: its site and its part of the sitemap may be new, or empty.
fn came_or_went(tx: &Tx, story: StoryId, domain: Option<&str>) -> Result<()> {
    if sitemap::is_alone(tx, story)? {
        tx.stamp(stamp::sitemap());
    }
    if let Some(domain) = domain {
        let others: bool = tx
            .prepare_cached(
                "select exists (select 1 from story where domain = ?1 and state = 0 and id <> ?2)",
            )?
            .query_row(params![domain, story.raw()], |row| row.get(0))?;
        tx.stamp_all((!others).then(|| stamp::domain_known(domain)));
    }
    Ok(())
}

/// The log tells a story's title, where it tells of the story at all.
fn logged(tx: &Tx, story: StoryId) -> Result<()> {
    let told: bool = tx
        .prepare_cached("select exists (select 1 from modlog where story_id = ?1)")?
        .query_row([story.raw()], |row| row.get(0))?;
    tx.stamp_all(told.then(stamp::modlog));
    Ok(())
}
