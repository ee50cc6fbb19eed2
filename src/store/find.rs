//! Searching: the newest matches of a query, ranked, and a page of them with excerpts.
//!
//! However common the words are, it ends: at [`MOST_MATCHES`] matches or at [`LIMIT`], whichever comes first, newest
//! first, and the answer tells which. Ranking by the whole corpus (BM25) would read every occurrence of every word.

/// Which rows a query asks for.
mod select;

/// What one result shows.
mod hit;

use std::collections::HashSet;
use std::time::{Duration, Instant};

use rusqlite::{params, params_from_iter};

use crate::domain::id::{CommentId, StoryId, UserId};
use crate::domain::query::{self, FoundId, Match, Place, Query, Sort, What, in_title};
use crate::error::{Error, Result};
use crate::store::{Conn, deadline};
use crate::time::Timestamp;

pub use hit::Hit;
use select::{Filters, Select};

/// Matches that are ranked: the newest.
pub const MOST_MATCHES: usize = 5000;
/// Time for finding.
const LIMIT: Duration = Duration::from_millis(100);
/// Time for the excerpts of one page.
const EXCERPTS_LIMIT: Duration = Duration::from_millis(25);
/// Results of a page.
pub const PAGE: usize = 20;
/// Most pages.
pub const MOST_PAGES: usize = 20;

/// How far the search came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Extent {
    /// Everything that matches.
    All,
    /// The newest [`MOST_MATCHES`]; there are more.
    Newest,
    /// What was found in time, newest first.
    InTime,
}

/// A page of results.
#[derive(Debug)]
pub struct Found {
    /// The results.
    pub hits: Vec<Hit>,
    /// How many were ranked.
    pub total: usize,
    /// How far the search came.
    pub extent: Extent,
    /// Nothing was left out or unmarked for want of time: the same search finds the same again.
    pub complete: bool,
}

/// The page number `page` (from 0) of what `query` finds.
///
/// # Errors
/// [`Error::Deadline`] when nothing was found in time.
pub fn find(
    conn: &Conn,
    query: &Query,
    page: usize,
    viewer: Option<UserId>,
    now: Timestamp,
) -> Result<Found> {
    let mut ranked = deadline::within(LIMIT, || rank(conn, query))?;
    if ranked.matches.is_empty() && ranked.extent == Extent::InTime {
        return Err(Error::Deadline);
    }
    query::sort(&mut ranked.matches, query.sort, now);
    let here = ranked.matches.iter().skip(page * PAGE).take(PAGE);
    let expression = ranked.expression.as_deref();
    let begun = Instant::now();
    let mut complete = ranked.extent != Extent::InTime;
    let hits = here
        .map(|found| {
            let marked = deadline::within(EXCERPTS_LIMIT.saturating_sub(begun.elapsed()), || {
                hit::excerpts(conn, found.id, expression)
            })?;
            complete &= marked.is_some() || expression.is_none();
            hit::read(conn, found.id, marked, viewer)
        })
        .collect::<Result<_>>()?;
    Ok(Found {
        hits,
        total: ranked.matches.len(),
        extent: ranked.extent,
        complete,
    })
}

struct Ranked {
    matches: Vec<Match>,
    extent: Extent,
    expression: Option<String>,
}

/// All matches; when there are none, those of the last word as a beginning.
fn rank(conn: &Conn, query: &Query) -> Result<Ranked> {
    let first = matches(conn, query, query.expression())?;
    if !first.matches.is_empty() || first.extent != Extent::All {
        return Ok(first);
    }
    let Some(expression) = query.beginning_expression() else {
        return Ok(first);
    };
    // FTS5 may have to walk the whole list of a neighbouring word to find a beginning. Whether that ends in time or not,
    // the words themselves were looked for to the end, so an empty answer is a true one.
    let second = matches(conn, query, Some(expression))?;
    Ok(if second.matches.is_empty() {
        first
    } else {
        second
    })
}

fn matches(conn: &Conn, query: &Query, expression: Option<String>) -> Result<Ranked> {
    let mut ranked = Ranked {
        matches: Vec::new(),
        extent: Extent::All,
        expression,
    };
    let Some(filters) = Filters::of(conn, query)? else {
        return Ok(ranked);
    };
    for what in [What::Stories, What::Comments] {
        if query.what == what || query.what == What::All {
            let select = Select::new(what, query, &filters, ranked.expression.as_deref());
            collect(conn, what, &select, &mut ranked)?;
        }
    }
    if ranked.matches.len() > MOST_MATCHES {
        query::sort(&mut ranked.matches, Sort::Newest, Timestamp::from_ms(0));
        ranked.matches.truncate(MOST_MATCHES);
        ranked.extent = ranked.extent.or(Extent::Newest);
    }
    if query.sort == Sort::Relevance && query.what != What::Comments {
        note_titles(conn, &mut ranked)?;
    }
    Ok(ranked)
}

impl Extent {
    /// The lesser of two.
    fn or(self, other: Self) -> Self {
        if self == Self::All { other } else { self }
    }
}

/// Adds the rows of one query; when time runs out, what has come so far is kept.
fn collect(conn: &Conn, what: What, select: &Select, ranked: &mut Ranked) -> Result<()> {
    let mut query = conn.prepare_cached(&select.sql)?;
    let mut rows = query.query(params_from_iter(&select.params))?;
    let before = ranked.matches.len();
    loop {
        match rows.next() {
            Ok(Some(row)) => ranked.matches.push(Match {
                id: match what {
                    What::Comments => FoundId::Comment(CommentId::new(row.get(0)?)),
                    _ => FoundId::Story(StoryId::new(row.get(0)?)),
                },
                score: row.get(1)?,
                created: Timestamp::from_ms(row.get(2)?),
                place: Place::Text,
            }),
            Ok(None) => break,
            Err(error) => match Error::from(error) {
                Error::Deadline => {
                    ranked.extent = Extent::InTime;
                    break;
                }
                error => return Err(error),
            },
        }
    }
    if ranked.matches.len() - before > MOST_MATCHES {
        ranked.extent = ranked.extent.or(Extent::Newest);
    }
    Ok(())
}

/// Notes which stories have all the words in their title.
fn note_titles(conn: &Conn, ranked: &mut Ranked) -> Result<()> {
    let Some(expression) = &ranked.expression else {
        return Ok(());
    };
    let mut query = conn.prepare_cached(
        "select rowid from search where search match ?1 order by rowid desc limit ?2",
    )?;
    let most = i64::try_from(MOST_MATCHES).unwrap_or(i64::MAX);
    let mut rows = query.query(params![in_title(expression), most])?;
    let mut titles: HashSet<i64> = HashSet::new();
    loop {
        match rows.next().map_err(Error::from) {
            Ok(Some(row)) => titles.insert(row.get(0)?),
            // Without it the order is a little worse, that is all.
            Ok(None) | Err(Error::Deadline) => break,
            Err(error) => return Err(error),
        };
    }
    for found in &mut ranked.matches {
        if let FoundId::Story(id) = found.id
            && titles.contains(&id.raw())
        {
            found.place = Place::Title;
        }
    }
    Ok(())
}
