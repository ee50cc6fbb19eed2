//! A story before a change, compared with itself after: what differs decides what the write names.
//!
//! There are two kinds of change, and often both. What rows show changed (points, comments, title, …): that is named once,
//! and pages rest on each of their rows. What lists are sorted by changed, or whether they hold the story at all: those
//! lists are named where it stood and where it stands.

use rusqlite::params;

use super::key;
use super::row::Row;
use super::said::thread;
use crate::cache::Axis;
use crate::domain::id::StoryId;
use crate::error::Result;
use crate::store::stamp;
use crate::store::{Conn, Tx, sitemap};

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

/// Names what differs between a story before and after.
pub(super) fn name(
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
