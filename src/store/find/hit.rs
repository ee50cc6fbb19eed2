//! One result: the story or comment, and an excerpt with the words marked.

use rusqlite::{OptionalExtension, params};

use crate::domain::comment::CommentRow;
use crate::domain::id::{CommentId, StoryId, UserId};
use crate::domain::query::{FoundId, MARK, Piece, UNMARK, pieces};
use crate::domain::story::StoryRow;
use crate::domain::text::excerpt;
use crate::error::{Error, Result};
use crate::store::{Conn, comment, story};

/// Words of an excerpt.
const EXCERPT_WORDS: i64 = 36;

/// One result.
#[derive(Debug)]
pub enum Hit {
    /// A story.
    Story {
        /// The story.
        row: Box<StoryRow>,
        /// Its title.
        title: Vec<Piece>,
        /// An excerpt of its text.
        text: Vec<Piece>,
    },
    /// A comment.
    Comment {
        /// The comment.
        row: Box<CommentRow>,
        /// An excerpt of it.
        text: Vec<Piece>,
    },
}

/// The result with this id.
pub(super) fn read(
    conn: &Conn,
    id: FoundId,
    marked: Option<Excerpts>,
    viewer: Option<UserId>,
) -> Result<Hit> {
    match id {
        FoundId::Story(id) => story_hit(conn, id, marked, viewer),
        FoundId::Comment(id) => comment_hit(conn, id, marked, viewer),
    }
}

fn story_hit(
    conn: &Conn,
    id: StoryId,
    marked: Option<Excerpts>,
    viewer: Option<UserId>,
) -> Result<Hit> {
    let sql = format!(
        "select {}, s.text from story s join user u on u.id = s.user_id where s.id = ?2",
        story::ROW
    );
    let (row, text): (StoryRow, String) = conn
        .prepare_cached(&sql)?
        .query_row(params![viewer.map(UserId::raw), id.raw()], |row| {
            Ok((story::row(row)?, row.get(story::ROW_COLUMNS)?))
        })?;
    let (title, text) =
        marked.unwrap_or_else(|| (vec![Piece::Plain(row.title.clone())], beginning(&text)));
    Ok(Hit::Story {
        row: Box::new(row),
        title,
        text,
    })
}

fn comment_hit(
    conn: &Conn,
    id: CommentId,
    marked: Option<Excerpts>,
    viewer: Option<UserId>,
) -> Result<Hit> {
    let sql = format!(
        "select {}, s.title, s.state = 4, c.text from comment c join user u on u.id = c.user_id
         join story s on s.id = c.story_id where c.id = ?2",
        comment::ROW
    );
    let (row, text): (CommentRow, String) = conn.prepare_cached(&sql)?.query_row(
        params![viewer.map(UserId::raw), id.raw()],
        |row| {
            let found = CommentRow {
                comment: comment::row(row)?,
                story_title: row.get(comment::ROW_COLUMNS)?,
                of_lesson: row.get(comment::ROW_COLUMNS + 1)?,
            };
            Ok((found, row.get(comment::ROW_COLUMNS + 2)?))
        },
    )?;
    Ok(Hit::Comment {
        row: Box::new(row),
        text: marked.map_or_else(|| beginning(&text), |(_, text)| text),
    })
}

/// Title and text with the words marked.
pub(super) type Excerpts = (Vec<Piece>, Vec<Piece>);

fn beginning(text: &str) -> Vec<Piece> {
    vec![Piece::Plain(excerpt(text, 240))]
}

/// The excerpts of one result; `None` without words, or when time has run out.
pub(super) fn excerpts(
    conn: &Conn,
    id: FoundId,
    expression: Option<&str>,
) -> Result<Option<Excerpts>> {
    let Some(expression) = expression else {
        return Ok(None);
    };
    let item = match id {
        FoundId::Story(id) => id.raw(),
        FoundId::Comment(id) => id.raw(),
    };
    // From the newest on, as the search went: that way was short.
    let marked = conn
        .prepare_cached(
            "select highlight(search, 0, ?3, ?4), snippet(search, 1, ?3, ?4, '…', ?5)
             from search where search match ?1 and rowid = ?2 order by rowid desc",
        )?
        .query_row(
            params![
                expression,
                item,
                MARK.to_string(),
                UNMARK.to_string(),
                EXCERPT_WORDS
            ],
            |row| Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?)),
        )
        .optional()
        .map_err(Error::from);
    match marked {
        Ok(found) => Ok(found.map(|(title, text)| (pieces(&title), pieces(&text)))),
        Err(Error::Deadline) => Ok(None),
        Err(error) => Err(error),
    }
}
