//! What the sitemap lists: shown stories, in parts by ranges of ids, so that neither the index nor a part costs a sort.

use crate::domain::id::StoryId;
use crate::error::Result;
use crate::store::Conn;
use crate::time::Timestamp;

/// Ids of one part: it can hold no more stories than this.
const WIDTH: i64 = 10_000;

/// A story in the sitemap.
#[derive(Debug, Clone)]
pub struct Place {
    /// Which.
    pub id: StoryId,
    /// Its title, for the address.
    pub title: String,
    /// When it or its thread changed last.
    pub changed: Timestamp,
}

/// Number of the part in which a story stands, if it is shown.
pub(super) fn part_of(story: StoryId) -> i64 {
    story.raw() / WIDTH
}

/// Whether no other story of its part is shown.
pub(super) fn is_alone(conn: &Conn, story: StoryId) -> Result<bool> {
    let first = part_of(story) * WIDTH;
    let alone = conn
        .prepare_cached(
            "select not exists (select 1 from story where id between ?1 and ?2 and +state = 0 and id <> ?3)",
        )?
        .query_row([first, first + WIDTH - 1, story.raw()], |row| row.get(0))?;
    Ok(alone)
}

/// Numbers of the parts that hold any story: one seek each.
///
/// # Errors
/// When SQLite fails.
pub fn parts(conn: &Conn) -> Result<Vec<i64>> {
    let mut next = conn
        .prepare_cached("select id from story where id >= ?1 and +state = 0 order by id limit 1")?;
    let mut parts = Vec::new();
    let mut from = 1;
    loop {
        let mut rows = next.query([from])?;
        let Some(row) = rows.next()? else {
            return Ok(parts);
        };
        let part = row.get::<_, i64>(0)? / WIDTH;
        parts.push(part);
        from = (part + 1) * WIDTH;
    }
}

/// The stories of a part.
///
/// # Errors
/// When SQLite fails.
pub fn part(conn: &Conn, part: i64) -> Result<Vec<Place>> {
    let first = part.saturating_mul(WIDTH);
    let mut query = conn.prepare_cached(
        "select id, title, max(active_ms, coalesce(edited_ms, 0)) from story
         where id between ?1 and ?2 and +state = 0 order by id",
    )?;
    let places = query.query_map([first, first.saturating_add(WIDTH - 1)], |row| {
        Ok(Place {
            id: StoryId::new(row.get(0)?),
            title: row.get(1)?,
            changed: Timestamp::from_ms(row.get(2)?),
        })
    })?;
    Ok(places.collect::<rusqlite::Result<_>>()?)
}
