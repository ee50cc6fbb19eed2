//! Stories and comments from elsewhere. What is known already is found by its foreign id and not stored twice; what has
//! no parent yet waits for it, across files and runs.
//!
//! One call is one transaction and leaves counts, ranks, karma and search right. Ids are kept where they are free.

/// What came before.
mod known;

/// Ids, authors, tags.
mod place;

/// Comments without a parent.
mod wait;

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet, HashMap};

use rusqlite::params;
use serde::Serialize;

use crate::domain::id::{CommentId, StoryId, TagId, UserId};
use crate::domain::link::Link;
use crate::domain::story::ItemState;
use crate::domain::text::SafeHtml;
use crate::error::Result;
use crate::store::stamp::{self, Said, Was};
use crate::store::{Conn, Tx, rank, search, sequence};
use crate::time::Timestamp;
use known::Known;

/// An item with a foreign id.
#[derive(Debug)]
pub enum Foreign {
    /// A story.
    Story(ForeignStory),
    /// A comment.
    Comment(ForeignComment),
}

/// A story from elsewhere, already cleaned.
#[derive(Debug)]
pub struct ForeignStory {
    /// Its id there.
    pub id: i64,
    /// Its author's name there; `None` for a deleted one.
    pub by: Option<String>,
    /// Posted at.
    pub created: Timestamp,
    /// Its title.
    pub title: String,
    /// Where it leads.
    pub url: Option<Link>,
    /// Text, plain.
    pub text: String,
    /// Text, rendered.
    pub html: SafeHtml,
    /// Points there.
    pub score: i64,
    /// Whether it is shown there.
    pub state: ItemState,
    /// Names of its tags.
    pub topics: Vec<&'static str>,
}

/// A comment from elsewhere, already cleaned.
#[derive(Debug)]
pub struct ForeignComment {
    /// Its id there.
    pub id: i64,
    /// Foreign id of what it answers.
    pub parent: i64,
    /// Its author's name there; `None` for a deleted one.
    pub by: Option<String>,
    /// Written at.
    pub created: Timestamp,
    /// Text, plain.
    pub text: String,
    /// Text, rendered.
    pub html: SafeHtml,
    /// Whether it is shown there.
    pub state: ItemState,
}

/// What became of items.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Counts {
    /// New stories.
    pub stories: u64,
    /// New comments.
    pub comments: u64,
    /// New members.
    pub users: u64,
    /// Known items that have other points or another state now.
    pub updated: u64,
    /// Known items that are as they were.
    pub unchanged: u64,
}

impl std::ops::AddAssign for Counts {
    fn add_assign(&mut self, other: Self) {
        self.stories += other.stories;
        self.comments += other.comments;
        self.users += other.users;
        self.updated += other.updated;
        self.unchanged += other.unchanged;
    }
}

/// Number of comments whose parent has not come yet.
///
/// # Errors
/// When SQLite fails.
pub fn waiting(conn: &Conn) -> Result<i64> {
    Ok(conn.query_row("select count(*) from import_waiting", [], |row| row.get(0))?)
}

/// Stores the items that are new, updates those that are known.
///
/// # Errors
/// When SQLite fails; nothing of the batch is kept then.
pub fn apply(tx: &Tx, items: Vec<Foreign>) -> Result<Counts> {
    let mut batch = Batch {
        tx,
        counts: Counts::default(),
        last_id: 0,
        was: BTreeMap::new(),
        touched: BTreeSet::new(),
        talk: BTreeMap::new(),
        fresh: BTreeSet::new(),
        karma: BTreeMap::new(),
        tags: HashMap::new(),
    };
    for item in items {
        batch.take(item)?;
    }
    batch.settle()?;
    Ok(batch.counts)
}

struct Batch<'a, 'b> {
    tx: &'a Tx<'b>,
    counts: Counts,
    /// The largest id that was given.
    last_id: i64,
    /// Every story that this batch changes, as it was before.
    was: BTreeMap<i64, Was>,
    /// Stories whose counts are to be made anew.
    touched: BTreeSet<i64>,
    /// New shown comments of each story: who wrote them, and when.
    talk: BTreeMap<i64, Vec<(UserId, Timestamp)>>,
    /// Items that are not in the search index yet.
    fresh: BTreeSet<i64>,
    /// Karma that is yet to be added.
    karma: BTreeMap<UserId, i64>,
    tags: HashMap<&'static str, (TagId, f64)>,
}

impl Batch<'_, '_> {
    /// Stores an item, then those that waited for it, then those that waited for these.
    fn take(&mut self, item: Foreign) -> Result<()> {
        let mut due = vec![item];
        while let Some(item) = due.pop() {
            let (foreign, score, state) = match &item {
                Foreign::Story(story) => (story.id, Some(story.score), story.state),
                Foreign::Comment(comment) => (comment.id, None, comment.state),
            };
            if let Some(known) = Known::find(self.tx, foreign)? {
                self.update(&known, score, state)?;
                continue;
            }
            let stored = match item {
                Foreign::Story(story) => self.story(&story).map(|()| true),
                Foreign::Comment(comment) => self.comment(comment),
            }?;
            if stored {
                due.extend(
                    wait::end(self.tx, foreign)?
                        .into_iter()
                        .map(Foreign::Comment),
                );
            }
        }
        Ok(())
    }

    /// Does once for all items what would be dear for each.
    fn settle(&mut self) -> Result<()> {
        sequence::skip_past(self.tx, self.last_id)?;
        for (user, points) in &self.karma {
            if *points != 0 {
                rank::add_karma(self.tx, *user, *points)?;
            }
        }
        for (story, was) in std::mem::take(&mut self.was) {
            if self.touched.contains(&story) {
                rank::recount(self.tx, was)?;
            } else if let Some(comments) = self.talk.get(&story) {
                self.count(was, comments)?;
            } else {
                was.close(self.tx)?;
            }
        }
        for item in &self.fresh {
            search::add(self.tx, *item)?;
        }
        Ok(())
    }

    /// Adds new comments to what a story knows of its comments.
    fn count(&self, was: Was, comments: &[(UserId, Timestamp)]) -> Result<()> {
        let story = was.id().raw();
        let submitter: i64 = self
            .tx
            .prepare_cached("select user_id from story where id = ?1")?
            .query_row([story], |row| row.get(0))?;
        let (mut shown, mut points, mut last) = (0, 0, 0);
        for (author, created) in comments {
            shown += 1;
            // It comes with one point: score + 1 = 2.
            points += if author.raw() == submitter { 0 } else { 2 };
            last = last.max(created.ms());
        }
        self.tx
            .prepare_cached(
                "update story set comment_count = comment_count + ?2, comment_points = comment_points + ?3,
                   active_ms = max(active_ms, ?4) where id = ?1",
            )?
            .execute(params![story, shown, points, last])?;
        rank::refresh(self.tx, was)
    }

    /// Remembers how a story is, before this batch changes it.
    fn remember(&mut self, story: i64) -> Result<()> {
        if let Entry::Vacant(place) = self.was.entry(story) {
            place.insert(Was::of(self.tx, StoryId::new(story))?);
        }
        Ok(())
    }

    /// Takes over what has changed there. What was removed, deleted or restored here stays so.
    fn update(&mut self, known: &Known, score: Option<i64>, state: ItemState) -> Result<()> {
        let more = score.map_or(0, |score| score - known.base_score);
        let hides = match known.state {
            ItemState::Shown => state != ItemState::Shown,
            ItemState::Dead => state == ItemState::Deleted,
            ItemState::Deleted | ItemState::Removed | ItemState::Lesson => false,
        };
        if more == 0 && !hides {
            self.counts.unchanged += 1;
            return Ok(());
        }
        self.remember(known.story)?;
        if more != 0 {
            self.tx
                .prepare_cached(
                    "update story set base_score = base_score + ?2, score = score + ?2 where id = ?1",
                )?
                .execute(params![known.id, more])?;
            *self.karma.entry(known.author).or_default() += more;
        }
        if hides {
            self.hide(known, state)?;
        }
        self.touched.insert(known.story);
        self.counts.updated += 1;
        Ok(())
    }

    /// What died there dies here, and what was deleted there loses its words here too.
    fn hide(&mut self, known: &Known, state: ItemState) -> Result<()> {
        if self.fresh.remove(&known.id) {
            // Only what is in the index can be taken out of it.
            search::add(self.tx, known.id)?;
        }
        known.hide(self.tx, state)
    }

    fn story(&mut self, new: &ForeignStory) -> Result<()> {
        let id = self.id(new.id)?;
        self.remember(id)?;
        let author = self.author(new.by.as_deref(), new.created)?;
        let mut tags = Vec::new();
        for name in &new.topics {
            tags.push(self.tag(name)?);
        }
        let base: f64 = tags.iter().map(|(_, hotness_mod)| hotness_mod).sum();
        self.tx
            .prepare_cached(
                "insert into story (id, user_id, title, url, url_key, domain, text, html, state, base_score, score,
                   hot, day, month, created_ms, active_ms)
                 values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?10, hot_rank(?10, 0, ?11, ?12), ?13, ?14, ?12, ?12)",
            )?
            .execute(params![
                id,
                author.raw(),
                new.title,
                new.url.as_ref().map(Link::as_str),
                new.url.as_ref().map(Link::key),
                new.url.as_ref().map(Link::domain),
                new.text,
                new.html.as_str(),
                new.state.raw(),
                new.score,
                base,
                new.created.ms(),
                new.created.day(),
                new.created.month(),
            ])?;
        let hot: f64 = self
            .tx
            .prepare_cached("select hot from story where id = ?1")?
            .query_row([id], |row| row.get(0))?;
        let mut insert = self.tx.prepare_cached(
            "insert into story_tag (story_id, tag_id, state, hot, created_ms) values (?1, ?2, ?3, ?4, ?5)",
        )?;
        for (tag, _) in tags {
            insert.execute(params![
                id,
                tag.raw(),
                new.state.raw(),
                hot,
                new.created.ms()
            ])?;
        }
        self.fresh.insert(id);
        *self.karma.entry(author).or_default() += new.score - 1;
        self.counts.stories += 1;
        Ok(())
    }

    /// Stores a comment; false when it has to wait for its parent.
    fn comment(&mut self, new: ForeignComment) -> Result<bool> {
        let Some(parent) = Known::find(self.tx, new.parent)? else {
            wait::begin(self.tx, new)?;
            return Ok(false);
        };
        self.remember(parent.story)?;
        let id = self.id(new.id)?;
        let author = self.author(new.by.as_deref(), new.created)?;
        self.tx
            .prepare_cached(
                "insert into comment (id, story_id, parent_id, user_id, text, html, state, created_ms)
                 values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
            )?
            .execute(params![
                id,
                parent.story,
                (parent.id != parent.story).then_some(parent.id),
                author.raw(),
                new.text,
                new.html.as_str(),
                new.state.raw(),
                new.created.ms(),
            ])?;
        self.fresh.insert(id);
        let said = Said {
            id: CommentId::new(id),
            story: StoryId::new(parent.story),
            author,
            created: new.created,
        };
        said.came(self.tx);
        self.tx.stamp(stamp::comment(CommentId::new(parent.id)));
        let talk = self.talk.entry(parent.story).or_default();
        if new.state == ItemState::Shown {
            talk.push((author, new.created));
        }
        self.counts.comments += 1;
        Ok(true)
    }

    fn id(&mut self, foreign: i64) -> Result<i64> {
        let id = place::id(self.tx, foreign, self.last_id)?;
        self.last_id = self.last_id.max(id);
        Ok(id)
    }

    fn author(&mut self, by: Option<&str>, created: Timestamp) -> Result<UserId> {
        let author = place::author(self.tx, by, created)?;
        self.counts.users += u64::from(author.new);
        Ok(author.id)
    }

    fn tag(&mut self, name: &'static str) -> Result<(TagId, f64)> {
        if let Some(tag) = self.tags.get(name) {
            return Ok(*tag);
        }
        let tag = place::tag(self.tx, name)?;
        self.tags.insert(name, tag);
        Ok(tag)
    }
}
