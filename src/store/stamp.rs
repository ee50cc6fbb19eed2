//! Stamps: what pages rest on, and what writes name. Both halves stand together so that they cannot drift apart.
//!
//! A page is right as long as nothing that it rests on was named by a later write. So each function that says what a page
//! rests on has its counterpart: lists by where their rows stand ([`list`], [`talk`]), everything else by what it is.
//! A changed story is compared with what it [was](Was), so that nobody has to remember what shows it.
//!
//! What only pages show that are never kept (settings, invitations, the inbox, moderators' pages) has no stamp.
//! Whatever can stand on any page (settings, topics, a deleted account's name) is [`site`], on which every page rests.

/// Sort values as keys.
mod key;

/// Stamps by an operator's words.
mod named;

/// A story before and after a change.
mod was;

#[cfg(test)]
mod tests;

use std::fmt::Display;

use rusqlite::{OptionalExtension, params};

use crate::cache::axis::LAST;
use crate::cache::{Axis, Stamp};
use crate::domain::comment::Comment;
use crate::domain::id::{CommentId, ItemId, StoryId, UserId};
use crate::domain::list::{After, List, Page, Span, TagOrder, Talk};
use crate::error::Result;
use crate::store::scan::Way;
use crate::store::{Conn, Tx, sitemap};
use crate::time::Timestamp;

pub use named::named;
pub use was::Was;

/// Comments of a story up to which each is named by itself when all of them change.
const MOST_SINGLE: usize = 200;

/// A page of a list of stories, as visitors see it: which stories stand on it, in which order, and their rows and texts.
/// Not what is pinned above the first page of [`List::Hot`].
#[must_use]
pub fn list<T>(list: &List, after: Option<After>, page: &Page<T>, now: Timestamp) -> Vec<Stamp> {
    let stretch = |axes: Vec<Axis>, sort| stretch(&axes, sort, after, page);
    match list {
        List::Hot => stretch(vec![hot()], HOT),
        List::Newest => stretch(vec![newest()], TIME),
        List::Active => stretch(vec![active()], TIME),
        List::Top(span) => stretch(top(*span, now), SCORE),
        List::Tags(tags, TagOrder::Hot) => stretch(tags.iter().map(tag_hot).collect(), HOT),
        List::Tags(tags, TagOrder::Newest) => stretch(tags.iter().map(tag_newest).collect(), TIME),
        List::Domain(domain) => stretch(vec![of_domain(domain)], TIME),
        List::By(user, _) => stretch(vec![by(*user)], TIME),
        // Its order is the member's own, and any story can stand in it.
        List::Hidden(user) => {
            let mut stamps = newest().between(0, LAST);
            stamps.push(marks(*user));
            stamps
        }
    }
}

/// A page of a list of comments, as visitors see it.
#[must_use]
pub fn talk<T>(talk: Talk, after: Option<After>, page: &Page<T>) -> Vec<Stamp> {
    match talk {
        Talk::All => stretch(&[talk_all()], TIME, after, page),
        Talk::By(user) => stretch(&[talk_by(user)], TIME, after, page),
        Talk::Of(id) => vec![story(id)],
    }
}

/// The pinned stories, in their order, with all that their rows and texts show.
#[must_use]
pub fn pinned() -> Stamp {
    Stamp::new("pinned", "")
}

/// A story as rows show it: title, link, tags, points, number of comments, state, pinned, locked. Named when it comes to
/// exist, too.
#[must_use]
pub fn story_row(id: StoryId) -> Stamp {
    Stamp::new("row", id)
}

/// What pages of its comments show of a story: title, number of comments, state, locked. Never its points.
#[must_use]
pub fn heading(id: StoryId) -> Stamp {
    Stamp::new("heading", id)
}

/// A story's whole page: its row, its text, and everything in its thread.
#[must_use]
pub fn story(id: StoryId) -> Stamp {
    Stamp::new("story", id)
}

/// One comment: text, points, flags, state, edited. Named when it comes to exist, too.
///
/// The page of a comment shows what is below it as well, as far as it has room: it rests on each comment of that branch,
/// drawn or not (an answer names what it answers), and on its story's [`heading`].
#[must_use]
pub fn comment(id: CommentId) -> Stamp {
    Stamp::new("comment", id)
}

/// What everybody sees of a member: karma, about, role, ban, state.
#[must_use]
pub fn profile(id: UserId) -> Stamp {
    Stamp::new("profile", id)
}

/// Whether a member of this name exists, in whatever case it is written.
#[must_use]
pub fn name(name: &str) -> Stamp {
    Stamp::new("name", name.to_ascii_lowercase())
}

/// Whether any shown story links to this site.
#[must_use]
pub fn domain_known(domain: &str) -> Stamp {
    Stamp::new("domain-known", domain)
}

/// Shown stories with this link: which, their titles and numbers of comments, but not their points.
#[must_use]
pub fn link(url_key: &str) -> Stamp {
    Stamp::new("link", url_key)
}

/// The whole moderation log, with the titles that it shows.
#[must_use]
pub fn modlog() -> Stamp {
    Stamp::new("modlog", "")
}

/// Which parts the sitemap has.
#[must_use]
pub fn sitemap() -> Stamp {
    Stamp::new("sitemap", "")
}

/// One part of the sitemap: its shown stories, their titles and the time of their last change.
#[must_use]
pub fn sitemap_part(part: i64) -> Stamp {
    Stamp::new("sitemap", part)
}

/// Anything that any search result shows or is ranked by.
#[must_use]
pub fn search() -> Stamp {
    Stamp::new("search", "")
}

/// A member's own votes, saves, hides and flags.
#[must_use]
pub fn marks(id: UserId) -> Stamp {
    Stamp::new("marks", id)
}

/// A member's colours and keyboard shortcuts.
#[must_use]
pub fn look(id: UserId) -> Stamp {
    Stamp::new("look", id)
}

/// Which sessions a member has, and when they were used last.
#[must_use]
pub fn sessions(id: UserId) -> Stamp {
    Stamp::new("sessions", id)
}

/// How many unread answers a member has.
#[must_use]
pub fn inbox(id: UserId) -> Stamp {
    Stamp::new("inbox", id)
}

/// Which items have open flags.
#[must_use]
pub fn flags() -> Stamp {
    Stamp::new("flags", "")
}

/// What every page rests on: name, colours, topics, settings.
#[must_use]
pub fn site() -> Stamp {
    Stamp::site()
}

fn hot() -> Axis {
    Axis::new("hot", "")
}

fn newest() -> Axis {
    Axis::new("newest", "")
}

fn active() -> Axis {
    Axis::new("active", "")
}

fn top_all() -> Axis {
    Axis::new("top", "")
}

fn top_day(day: i64) -> Axis {
    Axis::new("top-day", day)
}

fn top_month(month: i64) -> Axis {
    Axis::new("top-month", month)
}

/// As `store::list` takes a span apart.
fn top(span: Span, now: Timestamp) -> Vec<Axis> {
    let days = |n: i64| (0..n).map(|ago| top_day(now.day() - ago)).collect();
    match span {
        Span::Day => days(2),
        Span::Week => days(7),
        Span::Month => days(30),
        Span::Year => (0..12).map(|ago| top_month(now.month() - ago)).collect(),
        Span::All => vec![top_all()],
    }
}

fn tag_hot(name: impl Display) -> Axis {
    Axis::new("tag", name)
}

fn tag_newest(name: impl Display) -> Axis {
    Axis::new("tag-newest", name)
}

fn of_domain(domain: &str) -> Axis {
    Axis::new("domain", domain)
}

fn by(user: UserId) -> Axis {
    Axis::new("by", user)
}

fn talk_all() -> Axis {
    Axis::new("talk", "")
}

fn talk_by(user: UserId) -> Axis {
    Axis::new("talk-by", user)
}

/// What a list is sorted by: its key of a place, and the way keys go.
type Sort = (fn(f64) -> u32, Way);

const HOT: Sort = (key::hot, Way::Up);
const TIME: Sort = (|ms| key::time(key::whole(ms)), Way::Down);
const SCORE: Sort = (|points| key::score(key::whole(points)), Way::Down);

/// The stretch from where a page begins to its last row, and the stay of the row after that.
fn stretch<T>(axes: &[Axis], (key, way): Sort, after: Option<After>, page: &Page<T>) -> Vec<Stamp> {
    let place = |after: After| key(after.value);
    let (first, last) = (after.map(place), page.next.map(place));
    let (low, high) = match way {
        Way::Up => (first.unwrap_or(0), last.unwrap_or(LAST)),
        Way::Down => (last.unwrap_or(0), first.unwrap_or(LAST)),
    };
    let mut stamps = Vec::new();
    for axis in axes {
        stamps.extend(axis.between(low, high));
        stamps.extend(page.beyond.map(|beyond| axis.gone(place(beyond))));
    }
    stamps
}

/// What naming a comment asks to know of it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Said {
    /// Which.
    pub(super) id: CommentId,
    /// The story that it belongs to.
    pub(super) story: StoryId,
    /// Who wrote it.
    pub(super) author: UserId,
    /// When.
    pub(super) created: Timestamp,
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
    pub(super) fn of(conn: &Conn, id: CommentId) -> Result<Self> {
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

    /// It is new, or other words or points stand in it.
    pub(super) fn changed(self, tx: &Tx) {
        let key = key::time(self.created.ms());
        self.flagged(tx);
        tx.stamp(search());
        tx.stamp_all(talk_all().at(key));
        tx.stamp_all(talk_by(self.author).at(key));
    }

    /// Its flags changed, which only its thread shows.
    pub(super) fn flagged(self, tx: &Tx) {
        tx.stamp(comment(self.id));
        tx.stamp(story(self.story));
    }

    /// It is shown no longer, or again. Answers that are not shown are not counted as unread.
    pub(super) fn came_or_went(self, tx: &Tx) -> Result<()> {
        self.changed(tx);
        let key = key::time(self.created.ms());
        tx.stamp(talk_all().gone(key));
        tx.stamp(talk_by(self.author).gone(key));
        let told: Option<i64> = tx
            .prepare_cached(
                "select coalesce(p.user_id, s.user_id) from comment c
                 join story s on s.id = c.story_id left join comment p on p.id = c.parent_id where c.id = ?1",
            )?
            .query_row([self.id.raw()], |row| row.get(0))
            .optional()?;
        tx.stamp_all(told.map(|told| inbox(UserId::new(told))));
        Ok(())
    }
}

/// Flags of an item changed.
pub(super) fn flagged(tx: &Tx, item: ItemId) -> Result<()> {
    tx.stamp(flags());
    if let ItemId::Comment(id) = item {
        Said::of(tx, id)?.flagged(tx);
    }
    Ok(())
}

/// Whether comments of a story are still listed where they were.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Thread {
    /// Under another title.
    Retitled,
    /// They come or go with the story.
    Moved,
}

/// Names the lists that show comments of a story, whose title or state changed.
fn thread(tx: &Tx, story: StoryId, what: Thread) -> Result<()> {
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
                tx.stamp_all((what == Thread::Moved).then(|| axis.gone(key)));
            }
        }
    }
    if what == Thread::Moved {
        inboxes(tx, story)?;
    }
    Ok(())
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

/// Whoever was told of answers below a story.
fn inboxes(tx: &Tx, story: StoryId) -> Result<()> {
    let mut query = tx.prepare_cached(
        "select distinct coalesce(p.user_id, s.user_id) as told
         from comment c join story s on s.id = c.story_id left join comment p on p.id = c.parent_id
         where c.story_id = ?1 and c.state = 0 and told <> c.user_id",
    )?;
    let mut rows = query.query([story.raw()])?;
    while let Some(row) = rows.next()? {
        tx.stamp(inbox(UserId::new(row.get(0)?)));
    }
    Ok(())
}

/// A story is shown that was not, or the other way round: its site and its part of the sitemap may be new, or empty.
fn came_or_went(tx: &Tx, story: StoryId, domain: Option<&str>) -> Result<()> {
    if sitemap::is_alone(tx, story)? {
        tx.stamp(sitemap());
    }
    if let Some(domain) = domain {
        let others: bool = tx
            .prepare_cached(
                "select exists (select 1 from story where domain = ?1 and state = 0 and id <> ?2)",
            )?
            .query_row(params![domain, story.raw()], |row| row.get(0))?;
        tx.stamp_all((!others).then(|| domain_known(domain)));
    }
    Ok(())
}

/// The log tells a story's title, where it tells of the story at all.
fn logged(tx: &Tx, story: StoryId) -> Result<()> {
    let told: bool = tx
        .prepare_cached("select exists (select 1 from modlog where story_id = ?1)")?
        .query_row([story.raw()], |row| row.get(0))?;
    tx.stamp_all(told.then(modlog));
    Ok(())
}
