//! The queries behind a search: one over stories, one over comments, each led by what is rarest.
//!
//! What people typed is only ever bound to a parameter.

use std::fmt::Write;

use rusqlite::OptionalExtension;
use rusqlite::types::Value;

use super::MOST_MATCHES;
use crate::domain::query::{Query, What};
use crate::error::Result;
use crate::store::Conn;

/// Filters with the ids that they name.
pub(super) struct Filters {
    authors: Vec<i64>,
    tags: Vec<i64>,
}

impl Filters {
    /// `None` when a filter names what does not exist, so that nothing can match.
    pub(super) fn of(conn: &Conn, query: &Query) -> Result<Option<Self>> {
        let mut author =
            conn.prepare_cached("select id from user where name_key = ?1 and state <> 'deleted'")?;
        let mut authors: Vec<i64> = Vec::new();
        for name in &query.authors {
            authors.extend(
                author
                    .query_row([name], |row| row.get::<_, i64>(0))
                    .optional()?,
            );
        }
        let mut tag = conn.prepare_cached("select id from tag where name = ?1")?;
        let mut tags: Vec<i64> = Vec::new();
        for name in &query.tags {
            tags.extend(
                tag.query_row([name], |row| row.get::<_, i64>(0))
                    .optional()?,
            );
        }
        let known =
            (query.authors.is_empty() || !authors.is_empty()) && tags.len() == query.tags.len();
        Ok(known.then_some(Self { authors, tags }))
    }

    /// Whether words alone decide.
    fn are_none(&self, query: &Query) -> bool {
        self.authors.is_empty()
            && self.tags.is_empty()
            && query.domains.is_empty()
            && query.points.is_none()
    }
}

/// A query that answers with id, points and time of matches, newest first.
pub(super) struct Select {
    pub(super) sql: String,
    pub(super) params: Vec<Value>,
}

impl Select {
    pub(super) fn new(
        what: What,
        query: &Query,
        filters: &Filters,
        expression: Option<&str>,
    ) -> Self {
        let mut select = Self {
            sql: String::new(),
            params: Vec::new(),
        };
        let item = if what == What::Comments { "c" } else { "s" };
        let order = match expression {
            Some(words) if filters.are_none(query) && query.what == What::All => {
                select.among_newest(what, words)
            }
            _ => select.from(what, query, filters, expression),
        };
        select.narrow(item, query, filters);
        if expression.is_none() {
            select.unwanted(item, query);
        }
        select.push(format_args!(" order by {order} limit {}", MOST_MATCHES + 1));
        select
    }

    /// The newest matches of either kind, then those of one kind among them: looking for 5,000 stories alone would walk
    /// through every comment that matches too.
    fn among_newest(&mut self, what: What, words: &str) -> &'static str {
        let (columns, item) = match what {
            What::Comments => (
                "c.id, c.score, c.created_ms",
                "comment c on c.id = m.id cross join story s on s.id = c.story_id where c.state = 0 and s.state in (0, 4)",
            ),
            _ => (
                "s.id, s.score, s.created_ms",
                "story s on s.id = m.id where s.state = 0",
            ),
        };
        self.push(format_args!(
            "select {columns} from (select rowid as id from search where search match "
        ));
        self.bind(Value::from(words.to_owned()));
        self.push(format_args!(
            " order by rowid desc limit {}) m cross join {item}",
            MOST_MATCHES + 1
        ));
        "m.id desc"
    }

    /// `select … from … where …`, led by what is rarest; answers with what it is sorted by.
    fn from(
        &mut self,
        what: What,
        query: &Query,
        filters: &Filters,
        expression: Option<&str>,
    ) -> &'static str {
        let words = expression.map(|words| Value::from(words.to_owned()));
        let by_tag = query.authors.is_empty() && query.domains.is_empty();
        let tag = filters.tags.first().filter(|_| by_tag);
        let (columns, from, led_by, order) = match (what, words, tag) {
            (What::Comments, Some(words), _) => (
                "c.id, c.score, c.created_ms",
                "search cross join comment c on c.id = search.rowid cross join story s on s.id = c.story_id
                 where c.state = 0 and s.state in (0, 4) and search match ",
                words,
                "search.rowid desc",
            ),
            (What::Comments, None, _) => (
                "c.id, c.score, c.created_ms",
                "comment c cross join story s on s.id = c.story_id where s.state in (0, 4) and c.state = ",
                Value::from(0),
                "c.created_ms desc, c.id desc",
            ),
            (_, Some(words), _) => (
                "s.id, s.score, s.created_ms",
                "search cross join story s on s.id = search.rowid where s.state = 0 and search match ",
                words,
                "search.rowid desc",
            ),
            (_, None, Some(tag)) => (
                "s.id, s.score, s.created_ms",
                "story_tag lead cross join story s on s.id = lead.story_id where lead.state = 0 and lead.tag_id = ",
                Value::from(*tag),
                "lead.created_ms desc, lead.story_id desc",
            ),
            (_, None, None) if by_tag => (
                "s.id, s.score, s.created_ms",
                "story s where s.state = ",
                Value::from(0),
                "s.created_ms desc, s.id desc",
            ),
            // The plus leaves the lead to the index of authors or sites, whose rows are few.
            (_, None, None) => (
                "s.id, s.score, s.created_ms",
                "story s where +s.state = ",
                Value::from(0),
                "s.created_ms desc, s.id desc",
            ),
        };
        self.push(format_args!("select {columns} from {from}"));
        self.bind(led_by);
        order
    }

    fn narrow(&mut self, item: &str, query: &Query, filters: &Filters) {
        if !filters.authors.is_empty() {
            self.any_of(&format!("{item}.user_id"), filters.authors.iter().copied());
        }
        if !query.domains.is_empty() {
            self.any_of("s.domain", query.domains.iter().cloned());
        }
        for tag in &filters.tags {
            self.sql.push_str(
                " and exists (select 1 from story_tag st where st.story_id = s.id and st.tag_id = ",
            );
            self.bind(Value::from(*tag));
            self.sql.push(')');
        }
        if let Some(points) = query.points {
            self.push(format_args!(" and +{item}.score > "));
            self.bind(Value::from(points));
        }
    }

    /// Without words to look for, what must not stand there is asked of each row.
    fn unwanted(&mut self, item: &str, query: &Query) {
        if let Some(expression) = query.unwanted_expression() {
            self.sql
                .push_str(" and not exists (select 1 from search x where x.search match ");
            self.bind(Value::from(expression));
            self.push(format_args!(" and x.rowid = {item}.id)"));
        }
    }

    fn any_of<V: Into<Value>>(&mut self, column: &str, values: impl Iterator<Item = V>) {
        self.push(format_args!(" and {column} in ("));
        for (index, value) in values.enumerate() {
            if index > 0 {
                self.sql.push(',');
            }
            self.bind(value.into());
        }
        self.sql.push(')');
    }

    fn push(&mut self, sql: std::fmt::Arguments) {
        // Writing to a String cannot fail.
        let _ = self.sql.write_fmt(sql);
    }

    fn bind(&mut self, value: Value) {
        self.params.push(value);
        self.push(format_args!("?{}", self.params.len()));
    }
}
