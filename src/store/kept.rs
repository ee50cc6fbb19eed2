//! What a member saved or voted for: stories and comments together, last marked first.

use crate::domain::comment::Item;
use crate::domain::id::{CommentId, StoryId, UserId};
use crate::domain::list::{After, Kept, Page};
use crate::error::{Error, Result};
use crate::store::scan::{Scan, Way};
use crate::store::{Conn, story, talk};

/// One page; what is no longer shown is left out.
///
/// # Errors
/// When SQLite fails.
pub fn page(conn: &Conn, kept: Kept, after: Option<After>) -> Result<Page<Item>> {
    let (Kept::Saved(user) | Kept::Voted(user)) = kept;
    let places = scan(kept).page(conn, Some(user), after)?;
    places.try_map(|place| find(conn, place.id, user))
}

/// Stories and comments share one sequence: an id is one or the other.
fn find(conn: &Conn, id: i64, viewer: UserId) -> Result<Item> {
    match story::find_row(conn, StoryId::new(id), Some(viewer)) {
        Ok(story) => Ok(Item::Story(story)),
        Err(Error::NotFound) => {
            talk::find_row(conn, CommentId::new(id), Some(viewer)).map(Item::Comment)
        }
        Err(error) => Err(error),
    }
}

fn scan(kept: Kept) -> Scan {
    let (table, user) = match kept {
        Kept::Saved(user) => ("saved", user),
        Kept::Voted(user) => ("vote", user),
    };
    let arm = format!(
        "{table} where user_id = ?5 and (
           exists (select 1 from story s where s.id = item_id and s.state = 0) or
           exists (select 1 from comment c join story s on s.id = c.story_id
                   where c.id = item_id and c.state = 0 and s.state in (0, 4)))"
    );
    Scan::one(&arm, "created_ms", "item_id", Way::Down).with([user.raw().into()])
}

#[cfg(test)]
pub(super) fn scans(user: UserId) -> Vec<Scan> {
    [Kept::Saved(user), Kept::Voted(user)].map(scan).into()
}
