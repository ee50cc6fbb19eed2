//! The first entries of the directory of resources: embedded, laid into a site's database once each.

use serde::Deserialize;

use crate::domain::resource::{Draft, Entry};
use crate::error::{Error, Result};
use crate::store::{self, Store};

const RESOURCES: &str = include_str!("../assets/resources.toml");

#[derive(Deserialize)]
struct File {
    resource: Vec<Row>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    title: String,
    url: String,
    about: String,
    level: String,
    format: String,
    cost: String,
    lang: String,
}

/// Lays in what was never there; nothing, when all of it was.
///
/// # Errors
/// When SQLite fails, or the embedded file is wrong.
pub fn lay(store: &Store) -> Result<()> {
    let entries = entries()?;
    let missing = store.read(|conn| store::resource::missing(conn, entries))?;
    if missing.is_empty() {
        return Ok(());
    }
    store.write_blocking(move |tx| store::resource::lay(tx, &missing))
}

/// The entries that the program brings.
///
/// # Errors
/// When the embedded file is wrong.
pub fn entries() -> Result<Vec<Entry>> {
    let broken = |what: String| Error::Internal(format!("resources.toml: {what}"));
    let file: File = toml::from_str(RESOURCES).map_err(|error| broken(error.to_string()))?;
    let rows = file.resource.into_iter();
    rows.map(|row| {
        let draft = Draft {
            title: row.title,
            url: row.url,
            about: row.about,
            level: row.level,
            format: row.format,
            cost: row.cost,
            lang: row.lang,
        };
        draft
            .check()
            .map_err(|wrong| broken(format!("{}: {wrong:?}", draft.title)))
    })
    .collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::domain::resource::{Cost, Format, Level};
    use crate::time::Clock;

    #[test]
    fn the_embedded_entries_are_valid_distinct_and_of_every_kind() {
        let entries = entries().unwrap();
        assert!(entries.len() >= 30);
        let keys: BTreeSet<String> = entries.iter().map(|entry| entry.url.key()).collect();
        let titles: BTreeSet<&str> = entries.iter().map(|entry| entry.title.as_str()).collect();
        assert_eq!((keys.len(), titles.len()), (entries.len(), entries.len()));
        assert!(
            entries
                .iter()
                .all(|entry| entry.url.as_str().starts_with("https://"))
        );
        for level in Level::EACH {
            assert!(
                entries.iter().any(|entry| entry.level == *level),
                "{level:?}"
            );
        }
        for format in Format::EACH {
            assert!(
                entries.iter().any(|entry| entry.format == *format),
                "{format:?}"
            );
        }
        for cost in Cost::EACH {
            assert!(entries.iter().any(|entry| entry.cost == *cost), "{cost:?}");
        }
    }

    #[test]
    fn they_are_laid_in_once_and_a_second_start_writes_nothing() {
        let dir = tempfile::tempdir().unwrap();
        let store = Store::open(dir.path(), Clock::System, 2).unwrap();
        lay(&store).unwrap();
        let count = |store: &Store| {
            let read = |conn: &store::Conn| {
                store::resource::page(conn, crate::domain::resource::Choice::default())
            };
            store.read(read).unwrap().len()
        };
        let head = store.stamps().head();
        assert_eq!(count(&store), entries().unwrap().len());
        lay(&store).unwrap();
        assert_eq!(
            (count(&store), store.stamps().head()),
            (entries().unwrap().len(), head)
        );
    }
}
