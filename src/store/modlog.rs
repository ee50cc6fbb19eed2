//! The public moderation log: every act of a moderator, in the transaction that does it.

use rusqlite::{Row, params};

use crate::domain::id::{CommentId, StoryId, UserId};
use crate::domain::list::{After, Page};
use crate::domain::moderation::LogLine;
use crate::domain::user::UserName;
use crate::error::Result;
use crate::store::{Conn, Tx, stamp};
use crate::time::Timestamp;

/// One act to be recorded.
#[derive(Debug, Clone, Default)]
pub struct Entry<'a> {
    /// Who; `None`: the operator at the command line.
    pub moderator: Option<UserId>,
    /// What: `story.remove`, `user.ban`, …
    pub action: &'a str,
    /// The story concerned.
    pub story: Option<StoryId>,
    /// The comment concerned.
    pub comment: Option<CommentId>,
    /// The member concerned.
    pub user: Option<UserId>,
    /// What else is concerned, or what changed.
    pub subject: Option<&'a str>,
    /// Why, for everybody to read.
    pub reason: &'a str,
}

/// Records an act.
///
/// # Errors
/// When SQLite fails.
pub fn record(tx: &Tx, entry: &Entry) -> Result<()> {
    tx.prepare_cached(
        "insert into modlog (created_ms, moderator_id, action, story_id, comment_id, user_id, subject, reason)
         values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
    )?
    .execute(params![
        tx.now().ms(),
        entry.moderator.map(UserId::raw),
        entry.action,
        entry.story.map(StoryId::raw),
        entry.comment.map(CommentId::raw),
        entry.user.map(UserId::raw),
        entry.subject,
        entry.reason,
    ])?;
    tx.stamp(stamp::modlog());
    Ok(())
}

/// Forgets what a story's corrections said: its title goes with its author's wish.
///
/// # Errors
/// When SQLite fails.
pub(super) fn wipe_corrections(tx: &Tx, story: StoryId) -> Result<()> {
    let wiped = tx
        .prepare_cached(
            "update modlog set subject = null where story_id = ?1 and action = 'story.edit'",
        )?
        .execute([story.raw()])?;
    tx.stamp_all((wiped > 0).then(stamp::modlog));
    Ok(())
}

/// Which part of the log is read.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// A word of [`LOG_KINDS`](crate::domain::moderation::LOG_KINDS).
    pub kind: Option<&'static str>,
    /// Acts of this moderator only.
    pub by: Option<UserId>,
}

/// One page of the log, newest first: a scan of the index that fits the filter, from a key on.
///
/// # Errors
/// When SQLite fails.
pub fn page(conn: &Conn, filter: &Filter, after: Option<After>) -> Result<Page<LogLine>> {
    let sql = sql(filter);
    let before = after.map_or(i64::MAX, |after| after.id);
    let mut query = conn.prepare_cached(&sql)?;
    let rows = query.query_map(
        params![filter.kind, filter.by.map(UserId::raw), before],
        line,
    )?;
    Ok(Page::cut(
        rows.collect::<rusqlite::Result<_>>()?,
        |line: &LogLine| After {
            value: 0.0,
            id: line.id,
        },
    ))
}

fn sql(filter: &Filter) -> String {
    let narrow = match (filter.kind, filter.by) {
        (None, None) => "?1 is null and ?2 is null",
        (Some(_), None) => "l.kind = ?1 and ?2 is null",
        (None, Some(_)) => "?1 is null and l.moderator_id = ?2",
        (Some(_), Some(_)) => "l.kind = ?1 and l.moderator_id = ?2",
    };
    format!(
        "select l.id, l.created_ms, m.name, l.action, s.id, iif(s.state in (0, 1, 4), s.title, '[removed]'), l.comment_id,
           u.name, iif(l.action = 'story.edit' and s.state <> 0, null, l.subject), l.reason
         from modlog l
         left join user m on m.id = l.moderator_id
         left join story s on s.id = l.story_id
         left join user u on u.id = l.user_id and u.state <> 'deleted'
         where {narrow} and l.id < ?3 order by l.id desc limit 31"
    )
}

fn line(row: &Row) -> rusqlite::Result<LogLine> {
    let story: Option<i64> = row.get(4)?;
    Ok(LogLine {
        id: row.get(0)?,
        at: Timestamp::from_ms(row.get(1)?),
        moderator: row.get::<_, Option<String>>(2)?.map(UserName::from_stored),
        action: row.get(3)?,
        story: story.map(StoryId::new).zip(row.get(5)?),
        comment: row.get::<_, Option<i64>>(6)?.map(CommentId::new),
        user: row.get::<_, Option<String>>(7)?.map(UserName::from_stored),
        subject: row.get(8)?,
        reason: row.get(9)?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::{connection, migrate};

    #[test]
    fn every_part_of_the_log_is_read_along_an_index() {
        let dir = tempfile::tempdir().unwrap();
        let conn = connection::open_writer(&dir.path().join("site.db")).unwrap();
        migrate::run(&conn).unwrap();
        let by = Some(UserId::new(1));
        for (kind, by) in [
            (None, None),
            (Some("user"), None),
            (None, by),
            (Some("user"), by),
        ] {
            let mut query = conn
                .prepare(&format!("explain query plan {}", sql(&Filter { kind, by })))
                .unwrap();
            let steps: Vec<String> = query
                .query_map(params![kind, by.map(UserId::raw), 1], |row| row.get(3))
                .unwrap()
                .collect::<rusqlite::Result<_>>()
                .unwrap();
            assert!(steps[0].starts_with("SEARCH l USING"), "{steps:?}");
            assert!(!steps.concat().contains("B-TREE"), "{steps:?}");
        }
    }
}
