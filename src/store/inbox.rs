//! Inboxes: answers to what a member wrote. One row an answer, made with the comment; reading marks, never deletes.

use rusqlite::params;

use crate::domain::comment::CommentRow;
use crate::domain::id::{CommentId, UserId};
use crate::domain::list::{After, Page};
use crate::error::Result;
use crate::store::{Conn, Tx, comment, stamp};

/// Tells whoever is answered by a new comment: the author of its parent, or of the story; nobody for one's own.
///
/// # Errors
/// When SQLite fails.
pub fn tell(tx: &Tx, answer: CommentId) -> Result<()> {
    let told: Option<UserId> = tx
        .prepare_cached(
            "insert into inbox (user_id, comment_id)
             select coalesce(p.user_id, s.user_id) as told, c.id
             from comment c join story s on s.id = c.story_id left join comment p on p.id = c.parent_id
             join user u on u.id = coalesce(p.user_id, s.user_id)
             where c.id = ?1 and coalesce(p.user_id, s.user_id) <> c.user_id and u.state <> 'deleted'
             returning user_id",
        )?
        .query_map([answer.raw()], |row| row.get(0).map(UserId::new))?
        .next()
        .transpose()?;
    tx.stamp_all(told.map(stamp::inbox));
    Ok(())
}

/// Unread answers, at most 99.
///
/// # Errors
/// When SQLite fails.
pub fn unread(conn: &Conn, user: UserId) -> Result<i64> {
    let count = conn
        .prepare_cached(
            "select count(*) from (
               select 1 from inbox i indexed by inbox_unread
               cross join comment c on c.id = i.comment_id cross join story s on s.id = c.story_id
               where i.user_id = ?1 and i.read = 0 and c.state = 0 and s.state in (0, 4) limit 99)",
        )?
        .query_row([user.raw()], |row| row.get(0))?;
    Ok(count)
}

/// One page of answers, newest first; each with whether it was read.
///
/// # Errors
/// When SQLite fails.
pub fn page(conn: &Conn, user: UserId, after: Option<After>) -> Result<Page<(CommentRow, bool)>> {
    let sql = format!(
        "select {}, s.title, s.state = 4, i.read from inbox i
         join comment c on c.id = i.comment_id join user u on u.id = c.user_id join story s on s.id = c.story_id
         where i.user_id = ?1 and i.comment_id < ?2 and c.state = 0 and s.state in (0, 4)
         order by i.comment_id desc limit {}",
        comment::ROW,
        crate::domain::list::PAGE + 1
    );
    let mut query = conn.prepare_cached(&sql)?;
    let before = after.map_or(i64::MAX, |after| after.id);
    let rows = query.query_map(params![user.raw(), before], |row| {
        let answer = CommentRow {
            comment: comment::row(row)?,
            story_title: row.get(comment::ROW_COLUMNS)?,
            of_lesson: row.get(comment::ROW_COLUMNS + 1)?,
        };
        Ok((answer, row.get(comment::ROW_COLUMNS + 2)?))
    })?;
    let rows: Vec<(CommentRow, bool)> = rows.collect::<rusqlite::Result<_>>()?;
    Ok(Page::cut(rows, |(answer, _)| After {
        value: 0.0,
        id: answer.comment.id.raw(),
    }))
}

/// Marks everything as read.
///
/// # Errors
/// When SQLite fails.
pub fn read_all(tx: &Tx, user: UserId) -> Result<()> {
    let read = tx
        .prepare_cached("update inbox set read = 1 where user_id = ?1 and read = 0")?
        .execute([user.raw()])?;
    tx.stamp_all((read > 0).then(|| stamp::inbox(user)));
    Ok(())
}
