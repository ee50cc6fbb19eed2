//! Stories and comments from elsewhere. What is known already is found by its foreign id and not stored twice; what has
//! no parent yet waits for it, across files and runs.
//!
//! One call is one transaction and leaves counts, ranks, karma and search right. Ids are kept where they are free.

use std::collections::{BTreeSet, HashMap};

use rusqlite::{OptionalExtension, params};
use serde::{Deserialize, Serialize};

use crate::cache::Stamp;
use crate::domain::id::{StoryId, TagId, UserId};
use crate::domain::link::Link;
use crate::domain::story::ItemState;
use crate::domain::tag::DEFAULT_TAGS;
use crate::domain::text::SafeHtml;
use crate::domain::topic::MORE_TAGS;
use crate::domain::user::UserName;
use crate::error::Result;
use crate::store::{Conn, Tx, comment, rank, search, sequence};
use crate::time::Timestamp;

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
        touched: BTreeSet::new(),
        tags: HashMap::new(),
    };
    for item in items {
        batch.take(item)?;
    }
    for story in &batch.touched {
        rank::recount(tx, StoryId::new(*story))?;
    }
    Ok(batch.counts)
}

/// What an item is by the table `imported`, and how it stands now.
struct Known {
    id: i64,
    /// Itself for a story.
    story: i64,
    author: UserId,
    base_score: i64,
    state: ItemState,
}

struct Batch<'a, 'b> {
    tx: &'a Tx<'b>,
    counts: Counts,
    /// Stories whose counts are to be made anew.
    touched: BTreeSet<i64>,
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
            if let Some(known) = self.known(foreign)? {
                self.update(&known, score, state)?;
                continue;
            }
            let stored = match item {
                Foreign::Story(story) => self.story(&story).map(|()| true),
                Foreign::Comment(comment) => self.comment(comment),
            }?;
            if stored {
                self.end_waiting(foreign, &mut due)?;
            }
        }
        Ok(())
    }

    fn known(&self, foreign: i64) -> Result<Option<Known>> {
        let known = self
            .tx
            .prepare_cached(
                "select s.id, s.id, s.user_id, s.base_score, s.state
                 from imported i join story s on s.id = i.item_id where i.foreign_id = ?1
                 union all
                 select c.id, c.story_id, c.user_id, c.base_score, c.state
                 from imported i join comment c on c.id = i.item_id where i.foreign_id = ?1",
            )?
            .query_row([foreign], |row| {
                Ok(Known {
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

    /// Takes over what has changed there. What was removed, deleted or restored here stays so.
    fn update(&mut self, known: &Known, score: Option<i64>, state: ItemState) -> Result<()> {
        let more = score.map_or(0, |score| score - known.base_score);
        let hides = known.state == ItemState::Shown && state != ItemState::Shown;
        if more == 0 && !hides {
            self.counts.unchanged += 1;
            return Ok(());
        }
        if more != 0 {
            self.tx
                .prepare_cached(
                    "update story set base_score = base_score + ?2, score = score + ?2 where id = ?1",
                )?
                .execute(params![known.id, more])?;
            rank::add_karma(self.tx, known.author, more)?;
        }
        if hides {
            self.hide(known, state)?;
        }
        self.touched.insert(known.story);
        self.counts.updated += 1;
        Ok(())
    }

    fn hide(&self, known: &Known, state: ItemState) -> Result<()> {
        search::remove(self.tx, known.id)?;
        let sql = if known.id == known.story {
            "update story set state = ?2 where id = ?1"
        } else {
            comment::stamp(self.tx, known.author);
            "update comment set state = ?2 where id = ?1"
        };
        self.tx
            .prepare_cached(sql)?
            .execute(params![known.id, state.raw()])?;
        Ok(())
    }

    fn story(&mut self, new: &ForeignStory) -> Result<()> {
        let id = self.place(new.id)?;
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
        let mut insert = self.tx.prepare_cached(
            "insert or ignore into story_tag (story_id, tag_id, state, hot, created_ms)
             select id, ?2, state, hot, created_ms from story where id = ?1",
        )?;
        for (tag, _) in tags {
            insert.execute(params![id, tag.raw()])?;
        }
        search::add(self.tx, id)?;
        rank::add_karma(self.tx, author, new.score - 1)?;
        rank::stamp_story(self.tx, StoryId::new(id))?;
        self.counts.stories += 1;
        Ok(())
    }

    /// Stores a comment; false when it has to wait for its parent.
    fn comment(&mut self, new: ForeignComment) -> Result<bool> {
        let Some(parent) = self.known(new.parent)? else {
            self.wait(new)?;
            return Ok(false);
        };
        let id = self.place(new.id)?;
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
        search::add(self.tx, id)?;
        comment::stamp(self.tx, author);
        self.touched.insert(parent.story);
        self.counts.comments += 1;
        Ok(true)
    }

    /// The id under which a foreign item is kept: its own where that is free.
    fn place(&self, foreign: i64) -> Result<i64> {
        let taken: bool = self
            .tx
            .prepare_cached(
                "select exists (select 1 from story where id = ?1) or exists (select 1 from comment where id = ?1)",
            )?
            .query_row([foreign], |row| row.get(0))?;
        let id = if taken {
            sequence::next(self.tx)?
        } else {
            sequence::skip_past(self.tx, foreign)?;
            foreign
        };
        self.tx
            .prepare_cached("insert into imported (foreign_id, item_id) values (?1, ?2)")?
            .execute(params![foreign, id])?;
        Ok(id)
    }

    /// The member that stands for a foreign name; made when it comes first, without a password.
    fn author(&mut self, by: Option<&str>, created: Timestamp) -> Result<UserId> {
        let foreign = by.unwrap_or_default();
        let known: Option<i64> = self
            .tx
            .prepare_cached("select user_id from import_user where name = ?1")?
            .query_row([foreign], |row| row.get(0))
            .optional()?;
        if let Some(id) = known {
            self.tx
                .prepare_cached(
                    "update user set created_ms = ?2 where id = ?1 and created_ms > ?2",
                )?
                .execute(params![id, created.ms()])?;
            return Ok(UserId::new(id));
        }
        let name = self.free_name(by)?;
        let state = if by.is_some() { "active" } else { "deleted" };
        let id: i64 = self
            .tx
            .prepare_cached(
                "insert into user (name, name_key, state, created_ms) values (?1, ?2, ?3, ?4) returning id",
            )?
            .query_row(params![name.as_str(), name.key(), state, created.ms()], |row| row.get(0))?;
        self.tx
            .prepare_cached("insert into import_user (name, user_id) values (?1, ?2)")?
            .execute(params![foreign, id])?;
        self.tx.stamp(Stamp::new("user", id));
        self.counts.users += u64::from(by.is_some());
        Ok(UserId::new(id))
    }

    /// The name itself, or with an ending that nobody can choose when it is taken here, reserved, or differs from
    /// another one only by case.
    fn free_name(&self, by: Option<&str>) -> Result<UserName> {
        let mut taken = self.tx.prepare_cached(
            "select exists (select 1 from user where name_key = ?1) or exists (select 1 from held_name where name_key = ?1)",
        )?;
        let wanted = by.unwrap_or("deleted");
        let mut name = UserName::from_stored(wanted.to_owned());
        let mut count = 1;
        while UserName::is_reserved(name.as_str()) && by.is_some()
            || taken.query_row([name.key()], |row| row.get::<_, bool>(0))?
        {
            count += 1;
            name = UserName::from_stored(format!("{wanted}~{count}"));
        }
        Ok(name)
    }

    fn tag(&mut self, name: &'static str) -> Result<(TagId, f64)> {
        if let Some(tag) = self.tags.get(name) {
            return Ok(*tag);
        }
        let find = |row: &rusqlite::Row| Ok((TagId::new(row.get(0)?), row.get(1)?));
        let found = self
            .tx
            .prepare_cached("select id, hotness_mod from tag where name = ?1")?
            .query_row([name], find)
            .optional()?;
        let tag = match found {
            Some(tag) => tag,
            None => self.new_tag(name)?,
        };
        self.tags.insert(name, tag);
        Ok(tag)
    }

    fn new_tag(&self, name: &'static str) -> Result<(TagId, f64)> {
        let known = DEFAULT_TAGS.iter().chain(MORE_TAGS);
        let (_, category, description) =
            known
                .copied()
                .find(|tag| tag.0 == name)
                .unwrap_or((name, "Elsewhere", ""));
        self.tx.stamp(Stamp::site());
        let id = self
            .tx
            .prepare_cached(
                "insert into tag (name, category, description) values (?1, ?2, ?3) returning id",
            )?
            .query_row([name, category, description], |row| row.get(0))?;
        Ok((TagId::new(id), 0.0))
    }

    fn wait(&self, new: ForeignComment) -> Result<()> {
        let (id, parent) = (new.id, new.parent);
        let kept = Kept {
            by: new.by,
            created_ms: new.created.ms(),
            text: new.text,
            html: new.html.into_string(),
            state: new.state.raw(),
        };
        let json = serde_json::to_string(&kept).expect("strings and numbers are JSON");
        self.tx
            .prepare_cached(
                "insert into import_waiting (foreign_id, parent_id, item) values (?1, ?2, ?3)
                 on conflict (foreign_id) do update set parent_id = ?2, item = ?3",
            )?
            .execute(params![id, parent, json])?;
        Ok(())
    }

    /// Hands out the comments that waited for `parent`.
    fn end_waiting(&self, parent: i64, due: &mut Vec<Foreign>) -> Result<()> {
        let mut query = self.tx.prepare_cached(
            "delete from import_waiting where parent_id = ?1 returning foreign_id, item",
        )?;
        let mut rows = query.query([parent])?;
        while let Some(row) = rows.next()? {
            let json: String = row.get(1)?;
            let Ok(kept) = serde_json::from_str::<Kept>(&json) else {
                tracing::warn!("a waiting comment cannot be read; import its file again");
                continue;
            };
            due.push(Foreign::Comment(ForeignComment {
                id: row.get(0)?,
                parent,
                by: kept.by,
                created: Timestamp::from_ms(kept.created_ms),
                text: kept.text,
                html: SafeHtml::from_stored(kept.html),
                state: ItemState::from_raw(kept.state),
            }));
        }
        Ok(())
    }
}

/// A waiting comment, as the database keeps it.
#[derive(Serialize, Deserialize)]
struct Kept {
    by: Option<String>,
    created_ms: i64,
    text: String,
    html: String,
    state: i64,
}
