//! Stamps: what pages rest on, and what writes name. Both halves stand together so that they cannot drift apart.
//!
//! A page is right as long as nothing that it rests on was named by a later write. A list rests on each of its rows, and on
//! its stretch of the list: a write names the rows that it changes, and where rows come, go and move. Everything else is
//! named by what it is. A changed story is compared with what it [was](Was), so that nobody has to remember what shows it.
//!
//! What only pages show that are never kept (settings, invitations, the inbox, moderators' pages) has no stamp.
//! Whatever can stand on any page (settings, topics, a deleted account's name) is [`site`], on which every page rests.

/// Sort values as keys.
mod key;

/// Stamps by an operator's words.
mod named;

/// A story before and after votes.
mod raise;

/// What of a story is compared.
mod row;

/// What happens to comments.
mod said;

/// A story before and after a change.
mod was;

#[cfg(test)]
mod tests;

use std::fmt::Display;

use crate::cache::axis::LAST;
use crate::cache::{Axis, Stamp};
use crate::domain::comment::CommentRow;
use crate::domain::id::{CommentId, StoryId, UserId};
use crate::domain::lesson::LessonId;
use crate::domain::list::{After, List, Page, Span, TagOrder, Talk};
use crate::domain::resource::Choice;
use crate::domain::story::{Story, StoryRow};
use crate::store::scan::Way;
use crate::time::Timestamp;

pub use named::named;
pub use raise::{Raise, Standing};
pub(super) use said::{Said, flagged};
pub use was::Was;

/// A story on a page of a list.
pub trait Listed {
    /// Which.
    fn id(&self) -> StoryId;
}

impl Listed for StoryRow {
    fn id(&self) -> StoryId {
        self.id
    }
}

impl Listed for Story {
    fn id(&self) -> StoryId {
        self.row.id
    }
}

/// A page of a list of stories, as visitors see it: which stories stand on it, in which order, and their rows and texts.
/// Not what is pinned above the first page of [`List::Hot`].
#[must_use]
pub fn list<T: Listed>(
    list: &List,
    after: Option<After>,
    page: &Page<T>,
    now: Timestamp,
) -> Vec<Stamp> {
    let mut stamps = places(list, after, page, now);
    stamps.extend(page.rows.iter().map(|row| story_row(row.id())));
    stamps
}

fn places<T>(list: &List, after: Option<After>, page: &Page<T>, now: Timestamp) -> Vec<Stamp> {
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
pub fn talk(talk: Talk, after: Option<After>, page: &Page<CommentRow>) -> Vec<Stamp> {
    let axis = match talk {
        Talk::All => talk_all(),
        Talk::By(user) => talk_by(user),
        Talk::Of(id) => return vec![story(id)],
    };
    let mut stamps = stretch(&[axis], TIME, after, page);
    for row in &page.rows {
        stamps.push(remark(row.comment.id));
        stamps.push(title(row.comment.story));
    }
    stamps
}

/// The pinned stories, in their order, with all that their rows and texts show.
#[must_use]
pub fn pinned() -> Stamp {
    Stamp::new("pinned", "")
}

/// A story as rows show it: title, link, tags, points, number of comments, state, pinned, locked; its text too, which
/// feeds show. Named when it comes to exist, too.
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

/// A comment away from its thread: text, points, edited, but not its flags.
fn remark(id: CommentId) -> Stamp {
    Stamp::new("remark", id)
}

/// A story as lists of comments show it: its title, and whether they show it.
fn title(id: StoryId) -> Stamp {
    Stamp::new("title", id)
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

/// Whether a lesson has a thread.
#[must_use]
pub fn lesson_talk(lesson: &LessonId) -> Stamp {
    Stamp::new("lesson-talk", lesson)
}

/// How many comments the thread of a lesson has.
#[must_use]
pub fn lesson_comments(thread: StoryId) -> Stamp {
    Stamp::new("lesson-comments", thread)
}

/// The resources that a choice shows, and their order.
#[must_use]
pub fn resources(choice: Choice) -> Stamp {
    Stamp::new("resources", choice)
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
