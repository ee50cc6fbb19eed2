//! What moderators decide about entries, each decision in the public log by the same transaction.

use rusqlite::params;

use crate::domain::id::{ResourceId, UserId};
use crate::domain::resource::{Act, Entry, MOST_SHOWN, Resource, State};
use crate::error::{Error, Result};
use crate::store::modlog;
use crate::store::resource::{change, count_shown, find, known_already, of_link};
use crate::store::{Conn, Tx, domain_ban};

/// Does it; the log says so. Doing what is done already changes nothing.
///
/// # Errors
/// [`Error::NotFound`]; [`Error::Refused`] for what does not fit, or when the directory is full; [`Error::Invalid`] for a
/// link to a banned site.
pub fn act(tx: &Tx, by: UserId, id: ResourceId, act: Act, reason: &str) -> Result<()> {
    let found = find(tx, id)?;
    let to = act.leads_to();
    if found.state == to {
        return Ok(());
    }
    if !act.fits(found.state) {
        return Err(Error::Refused(
            "Somebody has decided on it meanwhile. Look at it once more.".into(),
        ));
    }
    if to == State::Shown {
        domain_ban::demand_none(tx, &found.entry.url, tx.now())?;
        demand_room(tx)?;
    }
    change(tx, id, || {
        tx.prepare_cached("update resource set state = ?2, reason = ?3 where id = ?1")?
            .execute(params![id.raw(), to.word(), reason])?;
        Ok(())
    })?;
    record(tx, by, act.word(), &named(&found, to), reason)
}

fn demand_room(conn: &Conn) -> Result<()> {
    if count_shown(conn)? < MOST_SHOWN {
        return Ok(());
    }
    Err(Error::Refused(format!(
        "The directory holds {MOST_SHOWN} entries, which is all that it takes. Remove one first."
    )))
}

/// Changes what is said of an entry; the log tells which parts.
///
/// # Errors
/// [`Error::NotFound`]; [`Error::Invalid`] for the link of another entry, or to a banned site.
pub fn edit(tx: &Tx, by: UserId, id: ResourceId, entry: &Entry, reason: &str) -> Result<()> {
    let found = find(tx, id)?;
    let Some(difference) = difference(&found.entry, entry) else {
        return Ok(());
    };
    if let Some(other) = of_link(tx, &entry.url)?
        && other.id != id
    {
        return Err(Error::field("url", known_already(&other)));
    }
    if entry.url != found.entry.url {
        domain_ban::demand_none(tx, &entry.url, tx.now())?;
    }
    change(tx, id, || {
        tx.prepare_cached(
            "update resource set url = ?2, url_key = ?3, domain = ?4, title = ?5, about = ?6, level = ?7, format = ?8,
               cost = ?9, lang = ?10 where id = ?1",
        )?
        .execute(params![
            id.raw(),
            entry.url.as_str(),
            entry.url.key(),
            entry.url.domain(),
            entry.title,
            entry.about,
            entry.level.word(),
            entry.format.word(),
            entry.cost.word(),
            entry.lang,
        ])?;
        if entry.url != found.entry.url {
            tx.prepare_cached(
                "update resource set check_ms = ?2, asked_ms = null, answered_ms = null, failing_ms = null, failures = 0 where id = ?1",
            )?
            .execute(params![id.raw(), tx.now().ms()])?;
        }
        Ok(())
    })?;
    let subject = format!("{}: {difference}", named(&found, found.state));
    record(tx, by, "edit", &subject, reason)
}

/// Which parts differ, in words.
fn difference(old: &Entry, new: &Entry) -> Option<String> {
    let parts = [
        ("title", old.title != new.title),
        ("link", old.url != new.url),
        ("sentence", old.about != new.about),
        ("level", old.level != new.level),
        ("format", old.format != new.format),
        ("cost", old.cost != new.cost),
        ("language", old.lang != new.lang),
    ];
    let changed: Vec<&str> = parts
        .into_iter()
        .filter_map(|(name, differs)| differs.then_some(name))
        .collect();
    (!changed.is_empty()).then(|| changed.join(", "))
}

/// What the log calls it: by its title if that was ever public, or else by where its link leads.
fn named(found: &Resource, to: State) -> String {
    match to {
        State::Shown | State::Removed => found.entry.title.clone(),
        State::Waiting | State::Declined => found.entry.url.domain(),
    }
}

fn record(tx: &Tx, by: UserId, word: &str, subject: &str, reason: &str) -> Result<()> {
    modlog::record(
        tx,
        &modlog::Entry {
            moderator: Some(by),
            action: &format!("resource.{word}"),
            subject: Some(subject),
            reason,
            ..modlog::Entry::default()
        },
    )
}
