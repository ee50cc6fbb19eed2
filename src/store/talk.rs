//! Lists of comments, newest first: of the whole site, of a member, of a story.

use rusqlite::params;

use crate::domain::comment::CommentRow;
use crate::domain::id::{CommentId, UserId};
use crate::domain::list::{After, Page, Talk};
use crate::error::Result;
use crate::store::scan::{Scan, Way};
use crate::store::{Conn, comment};

/// One page of comments as `viewer` sees them; what is not shown, or whose story is not, is left out.
///
/// # Errors
/// When SQLite fails.
pub fn page(
    conn: &Conn,
    talk: Talk,
    viewer: Option<UserId>,
    after: Option<After>,
) -> Result<Page<CommentRow>> {
    let places = scan(talk).page(conn, viewer, after)?;
    places.try_map(|place| find_row(conn, CommentId::new(place.id), viewer))
}

/// A comment with the title of its story.
///
/// # Errors
/// [`Error::NotFound`](crate::error::Error::NotFound) when there is none.
pub fn find_row(conn: &Conn, id: CommentId, viewer: Option<UserId>) -> Result<CommentRow> {
    let sql = format!(
        "select {}, s.title, s.state = 4 from comment c join user u on u.id = c.user_id join story s on s.id = c.story_id
         where c.id = ?2",
        comment::ROW
    );
    let found = conn.prepare_cached(&sql)?.query_row(
        params![viewer.map(UserId::raw), id.raw()],
        |row| {
            Ok(CommentRow {
                comment: comment::row(row)?,
                story_title: row.get(comment::ROW_COLUMNS)?,
                of_lesson: row.get(comment::ROW_COLUMNS + 1)?,
            })
        },
    )?;
    Ok(found)
}

fn scan(talk: Talk) -> Scan {
    const ALL: &str = "comment where state = 0
        and exists (select 1 from story s where s.id = story_id and s.state in (0, 4))";
    const BY: &str = "comment where user_id = ?5 and state = 0
        and exists (select 1 from story s where s.id = story_id and s.state in (0, 4))";
    let by_time = |arm: &str| Scan::one(arm, "created_ms", "id", Way::Down);
    match talk {
        Talk::All => by_time(ALL),
        Talk::By(user) => by_time(BY).with([user.raw().into()]),
        Talk::Of(story) => Scan::one(
            "comment where story_id = ?5 and state = 0",
            "id",
            "id",
            Way::Down,
        )
        .with([story.raw().into()]),
    }
}

#[cfg(test)]
pub(super) fn scans(user: UserId, story: crate::domain::id::StoryId) -> Vec<Scan> {
    [Talk::All, Talk::By(user), Talk::Of(story)]
        .map(scan)
        .into()
}
