//! The directory of resources: read, voted on, suggested, decided on, laid in, and what became of links.
//!
//! An entry is known by its link's key for ever: what was declined or removed does not come back by itself. Whatever pages
//! show of an entry changes through [`change`], which names every choice that shows it.

/// What moderators decide.
pub mod decide;

/// Whether links still answer.
pub mod check;

use rusqlite::{OptionalExtension, Row, params};

use crate::domain::id::{MarkId, ResourceId, UserId};
use crate::domain::link::Link;
use crate::domain::resource::{
    Check, Choice, Cost, Entry, Format, Level, MOST_SHOWN, MOST_WAITING, Resource, SILENT, State,
};
use crate::error::{Error, Result};
use crate::store::{Conn, Tx, domain_ban, stamp};
use crate::time::Timestamp;

const ROW: &str =
    "select r.id, r.url, r.title, r.about, r.level, r.format, r.cost, r.lang, r.state, r.reason,
       r.suggested_by, u.name, r.score, r.created_ms, r.answered_ms, r.failing_ms, r.failures,
       exists (select 1 from resource_laid l where l.resource_id = r.id)
     from resource r left join user u on u.id = r.suggested_by";

fn row(row: &Row) -> rusqlite::Result<Resource> {
    let word = |at: usize| row.get::<_, String>(at);
    let time = |at: usize| {
        Ok::<_, rusqlite::Error>(row.get::<_, Option<i64>>(at)?.map(Timestamp::from_ms))
    };
    let by: Option<i64> = row.get(10)?;
    Ok(Resource {
        id: ResourceId::new(row.get(0)?),
        entry: Entry {
            url: Link::from_stored(row.get(1)?),
            title: row.get(2)?,
            about: row.get(3)?,
            level: word(4)?.parse().unwrap_or(Level::Beginner),
            format: word(5)?.parse().unwrap_or(Format::Article),
            cost: word(6)?.parse().unwrap_or(Cost::Free),
            lang: row.get(7)?,
        },
        state: State::from_stored(&word(8)?),
        reason: row.get(9)?,
        by: by.map(UserId::new).zip(row.get(11)?),
        laid: row.get(17)?,
        score: row.get(12)?,
        created: Timestamp::from_ms(row.get(13)?),
        check: Check {
            answered: time(14)?,
            failing: time(15)?,
            failures: row.get(16)?,
        },
    })
}

/// The entries of a choice: most votes first. Of equals those for beginners stand before those for the advanced, for whom there is
/// more; those whose link is silent come last of a level; and the rest is in the order in which they came, which for those that
/// come with the program is ours. Not by title, which is chance; nor by when the link was checked last, which says nothing of the
/// entry and would shuffle the page with every check.
///
/// # Errors
/// When SQLite fails.
pub fn page(conn: &Conn, choice: Choice) -> Result<Vec<Resource>> {
    // One pass over a short index: a directory is bounded (`MOST_SHOWN`).
    let mut query = conn.prepare_cached(&format!(
        "{ROW} where r.state = 'shown' and (?1 is null or r.level = ?1) and (?2 is null or r.format = ?2)
           and (?3 is null or r.cost = ?3)
         order by r.score desc, case r.level when 'beginner' then 0 when 'intermediate' then 1 else 2 end,
           r.failures >= ?4, r.id"
    ))?;
    let found = query.query_map(
        params![
            choice.level.map(Level::word),
            choice.format.map(Format::word),
            choice.cost.map(Cost::word),
            SILENT
        ],
        row,
    )?;
    Ok(found.collect::<rusqlite::Result<_>>()?)
}

/// One entry, wherever it stands.
///
/// # Errors
/// [`Error::NotFound`].
pub fn find(conn: &Conn, id: ResourceId) -> Result<Resource> {
    let found = conn
        .prepare_cached(&format!("{ROW} where r.id = ?1"))?
        .query_row([id.raw()], row)?;
    Ok(found)
}

/// The entry of this link, wherever it stands.
///
/// # Errors
/// When SQLite fails.
pub fn of_link(conn: &Conn, link: &Link) -> Result<Option<Resource>> {
    let found = conn
        .prepare_cached(&format!("{ROW} where r.url_key = ?1"))?
        .query_row([link.key()], row)
        .optional()?;
    Ok(found)
}

/// Suggestions that wait, longest first; at most 100.
///
/// # Errors
/// When SQLite fails.
pub fn waiting(conn: &Conn) -> Result<Vec<Resource>> {
    let mut query = conn.prepare_cached(&format!(
        "{ROW} where r.state = 'waiting' order by r.created_ms, r.id limit 100"
    ))?;
    let found = query.query_map([], row)?;
    Ok(found.collect::<rusqlite::Result<_>>()?)
}

/// How many wait.
///
/// # Errors
/// When SQLite fails.
pub fn count_waiting(conn: &Conn) -> Result<i64> {
    let count = conn
        .prepare_cached("select count(*) from resource where state = 'waiting'")?
        .query_row([], |row| row.get(0))?;
    Ok(count)
}

/// What a member suggested, newest first; at most 20.
///
/// # Errors
/// When SQLite fails.
pub fn suggested_by(conn: &Conn, user: UserId) -> Result<Vec<Resource>> {
    let mut query = conn.prepare_cached(&format!(
        "{ROW} where r.suggested_by = ?1 order by r.id desc limit 20"
    ))?;
    let found = query.query_map([user.raw()], row)?;
    Ok(found.collect::<rusqlite::Result<_>>()?)
}

/// Votes for an entry (`wanted` is true) or takes the vote back; repeating either changes nothing. Answers with the votes.
///
/// # Errors
/// [`Error::NotFound`] for what is not shown, [`Error::Refused`] for one's own suggestion.
pub fn vote(tx: &Tx, voter: UserId, id: ResourceId, wanted: bool) -> Result<i64> {
    let found = find(tx, id)?;
    if found.state != State::Shown {
        return Err(Error::NotFound);
    }
    if found.by.as_ref().is_some_and(|(by, _)| *by == voter) {
        return Err(Error::Refused(
            "You cannot vote for what you suggested yourself.".into(),
        ));
    }
    let mark = MarkId::from(id).raw();
    let changed = if wanted {
        tx.prepare_cached(
            "insert or ignore into vote (item_id, user_id, created_ms) values (?1, ?2, ?3)",
        )?
        .execute(params![mark, voter.raw(), tx.now().ms()])?
    } else {
        tx.prepare_cached("delete from vote where item_id = ?1 and user_id = ?2")?
            .execute(params![mark, voter.raw()])?
    };
    if changed == 0 {
        return Ok(found.score);
    }
    tx.stamp(stamp::marks(voter));
    let points = if wanted { 1 } else { -1 };
    change(tx, id, || {
        tx.prepare_cached("update resource set score = score + ?2 where id = ?1")?
            .execute(params![id.raw(), points])?;
        Ok(())
    })?;
    Ok(found.score + points)
}

/// Keeps a member's suggestion until a moderator decides.
///
/// # Errors
/// [`Error::Invalid`] for a link that is known already, [`Error::Refused`] for who has too many that wait.
pub fn suggest(tx: &Tx, by: UserId, entry: &Entry) -> Result<ResourceId> {
    if let Some(known) = of_link(tx, &entry.url)? {
        let is_own = known.by.as_ref().is_some_and(|(user, _)| *user == by);
        // Sent twice.
        if is_own && known.state == State::Waiting && known.entry == *entry {
            return Ok(known.id);
        }
        return Err(Error::field("url", known_already(&known)));
    }
    domain_ban::demand_none(tx, &entry.url, tx.now())?;
    let waiting: i64 = tx
        .prepare_cached(
            "select count(*) from resource where suggested_by = ?1 and state = 'waiting'",
        )?
        .query_row([by.raw()], |row| row.get(0))?;
    if waiting >= MOST_WAITING {
        return Err(Error::Refused(format!(
            "{MOST_WAITING} of your suggestions wait for a moderator. Please let them be looked at first."
        )));
    }
    let added = add(tx, entry, State::Waiting, Some(by))?;
    added.ok_or(Error::NotFound)
}

fn known_already(known: &Resource) -> String {
    let title = &known.entry.title;
    let because = |what: &str| match known.reason.as_str() {
        "" => format!("“{title}” {what}."),
        reason => format!("“{title}” {what}: {reason}"),
    };
    match known.state {
        State::Shown => format!("It is in the directory already, as “{title}”."),
        State::Waiting => {
            format!("It was suggested already, as “{title}”, and waits for a moderator.")
        }
        State::Declined => because("was suggested before and not taken"),
        State::Removed => because("was in the directory and taken out again"),
    }
}

/// Adds an entry, unless its link is known.
fn add(tx: &Tx, entry: &Entry, state: State, by: Option<UserId>) -> Result<Option<ResourceId>> {
    let id: Option<i64> = tx
        .prepare_cached(
            "insert into resource (url, url_key, domain, title, about, level, format, cost, lang, state, suggested_by,
               created_ms, check_ms)
             values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)
             on conflict (url_key) do nothing returning id",
        )?
        .query_row(
            params![
                entry.url.as_str(),
                entry.url.key(),
                entry.url.domain(),
                entry.title,
                entry.about,
                entry.level.word(),
                entry.format.word(),
                entry.cost.word(),
                entry.lang,
                state.word(),
                by.map(UserId::raw),
                tx.now().ms(),
                first_check(tx.now(), &entry.url),
            ],
            |row| row.get(0),
        )
        .optional()?;
    if id.is_some() && state == State::Shown {
        tx.stamp_all(Choice::showing(entry).map(stamp::resources));
    }
    Ok(id.map(ResourceId::new))
}

/// New links are asked within a day, each at another time.
fn first_check(now: Timestamp, link: &Link) -> i64 {
    let bytes = link.as_str().bytes();
    let sum = bytes.fold(7_u64, |sum, byte| {
        sum.wrapping_mul(31).wrapping_add(u64::from(byte))
    });
    let minutes = 10 + i64::try_from(sum % (24 * 60)).unwrap_or(0);
    now.ms() + minutes * 60_000
}

/// Those of the entries that were never laid in.
///
/// # Errors
/// When SQLite fails.
pub fn missing(conn: &Conn, entries: Vec<Entry>) -> Result<Vec<Entry>> {
    let mut laid =
        conn.prepare_cached("select exists (select 1 from resource_laid where url_key = ?1)")?;
    let mut missing = Vec::new();
    for entry in entries {
        if !laid.query_row([entry.url.key()], |row| row.get(0))? {
            missing.push(entry);
        }
    }
    Ok(missing)
}

/// Lays in what the program brings, as far as it was never there and the directory has room.
///
/// # Errors
/// When SQLite fails.
pub fn lay(tx: &Tx, entries: &[Entry]) -> Result<()> {
    for entry in missing(tx, entries.to_vec())? {
        if count_shown(tx)? >= MOST_SHOWN {
            break;
        }
        let added = add(tx, &entry, State::Shown, None)?;
        let known = of_link(tx, &entry.url)?;
        // A suggestion that waits may go with its member; then the link has its turn at the next start.
        if known.is_some_and(|known| known.state == State::Waiting) {
            continue;
        }
        tx.prepare_cached("insert into resource_laid (url_key, resource_id) values (?1, ?2)")?
            .execute(params![entry.url.key(), added.map(ResourceId::raw)])?;
    }
    Ok(())
}

fn count_shown(conn: &Conn) -> Result<i64> {
    let shown = conn
        .prepare_cached("select count(*) from resource where state = 'shown'")?
        .query_row([], |row| row.get(0))?;
    Ok(shown)
}

/// Runs a change of an entry, and names every choice that showed it or shows it now.
fn change(tx: &Tx, id: ResourceId, change: impl FnOnce() -> Result<()>) -> Result<()> {
    let before = find(tx, id)?;
    change()?;
    let after = find(tx, id)?;
    for found in [before, after] {
        if found.state == State::Shown {
            tx.stamp_all(Choice::showing(&found.entry).map(stamp::resources));
        }
    }
    Ok(())
}
