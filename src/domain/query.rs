//! What somebody looks for: words, phrases, what must not stand there, and filters, read from one line.
//!
//! `tag:css by:ada domain:v8.dev points>50 "a phrase" -word`. Nothing of the line ever reaches the full-text index as
//! syntax: [`Query::expression`] quotes every term, and what holds no letter or digit is dropped.

use std::fmt::Write;
use std::str::FromStr;

use crate::domain::id::{CommentId, StoryId};
use crate::time::Timestamp;

/// Longest line that is read, in characters.
pub const MOST_CHARS: usize = 200;
/// Most words and phrases of a query.
const MOST_TERMS: usize = 16;
/// Most names of each filter.
const MOST_NAMES: usize = 4;
/// Shortest word whose beginning is looked for when nothing was found.
const PREFIX_FROM: usize = 4;

/// Where to look.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum What {
    /// Both.
    #[default]
    All,
    /// Titles and texts of stories.
    Stories,
    /// Comments.
    Comments,
}

impl What {
    /// All of them.
    pub const EACH: [Self; 3] = [Self::All, Self::Stories, Self::Comments];

    /// Its word in URLs.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::All => "all",
            Self::Stories => "stories",
            Self::Comments => "comments",
        }
    }
}

impl FromStr for What {
    type Err = ();

    fn from_str(word: &str) -> Result<Self, ()> {
        let found = Self::EACH.into_iter().find(|what| what.word() == word);
        found.ok_or(())
    }
}

/// What comes first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Sort {
    /// See [`Match::relevance`].
    #[default]
    Relevance,
    /// By time.
    Newest,
    /// By points.
    Score,
}

impl Sort {
    /// All of them.
    pub const EACH: [Self; 3] = [Self::Relevance, Self::Newest, Self::Score];

    /// Its word in URLs.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Relevance => "relevance",
            Self::Newest => "newest",
            Self::Score => "score",
        }
    }
}

impl FromStr for Sort {
    type Err = ();

    fn from_str(word: &str) -> Result<Self, ()> {
        let found = Self::EACH.into_iter().find(|sort| sort.word() == word);
        found.ok_or(())
    }
}

/// A query, read.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Query {
    /// Words and phrases that must stand there.
    pub words: Vec<String>,
    /// Words and phrases that must not.
    pub without: Vec<String>,
    /// Tags; all of them.
    pub tags: Vec<String>,
    /// Authors, lower case; any of them.
    pub authors: Vec<String>,
    /// Sites, lower case; any of them.
    pub domains: Vec<String>,
    /// More points than this.
    pub points: Option<i64>,
    /// Where to look.
    pub what: What,
    /// What comes first.
    pub sort: Sort,
}

impl Query {
    /// Reads the line; what does not fit into the bounds is left out.
    #[must_use]
    pub fn parse(line: &str) -> Self {
        let mut query = Self::default();
        let line: String = line.chars().take(MOST_CHARS).collect();
        let mut rest = line.trim_start();
        while !rest.is_empty() {
            let (term, after) = term(rest);
            query.take(&term);
            rest = after.trim_start();
        }
        query
    }

    /// Adds the filters of a form's own fields.
    #[must_use]
    pub fn with(mut self, tag: &str, author: &str, domain: &str) -> Self {
        self.filter("tag", tag.trim());
        self.filter("by", author.trim());
        self.filter("domain", domain.trim());
        self
    }

    /// Whether there is nothing to look for: no word and no filter.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.words.is_empty()
            && self.tags.is_empty()
            && self.authors.is_empty()
            && self.domains.is_empty()
            && self.points.is_none()
    }

    fn take(&mut self, term: &Term) {
        if !term.quoted && !term.negated {
            if let Some((name, value)) = term.text.split_once(':')
                && self.filter(name, value)
            {
                return;
            }
            if let Some(points) = term.text.strip_prefix("points>")
                && let Ok(points) = points.parse()
            {
                self.points = Some(points);
                return;
            }
        }
        let list = if term.negated {
            &mut self.without
        } else {
            &mut self.words
        };
        if list.len() < MOST_TERMS && term.text.chars().any(char::is_alphanumeric) {
            list.push(term.text.clone());
        }
    }

    /// Whether this is a filter; empty values filter nothing.
    fn filter(&mut self, name: &str, value: &str) -> bool {
        let list = match name.to_ascii_lowercase().as_str() {
            "tag" => &mut self.tags,
            "by" | "author" | "user" => &mut self.authors,
            "domain" | "site" => &mut self.domains,
            _ => return false,
        };
        let value = value.trim_start_matches(['~', '@']).to_lowercase();
        let value = value.strip_prefix("www.").unwrap_or(&value);
        if !value.is_empty() && list.len() < MOST_NAMES && !list.iter().any(|known| known == value)
        {
            list.push(value.to_owned());
        }
        true
    }

    /// The full-text expression of the words; `None` without words.
    #[must_use]
    pub fn expression(&self) -> Option<String> {
        let all = all_of(&self.words)?;
        Some(self.less_unwanted(all))
    }

    /// The expression with the last word taken as a beginning, for when nothing was found; `None` where that makes no
    /// sense or would match too much.
    #[must_use]
    pub fn beginning_expression(&self) -> Option<String> {
        let last = self.words.last()?;
        let is_word = last.chars().all(char::is_alphanumeric);
        if !is_word || last.chars().count() < PREFIX_FROM {
            return None;
        }
        let all = all_of(&self.words)?;
        Some(self.less_unwanted(format!("{all} *")))
    }

    /// The expression of what must not stand there.
    #[must_use]
    pub fn unwanted_expression(&self) -> Option<String> {
        let quoted: Vec<String> = self.without.iter().map(|term| quote(term)).collect();
        (!quoted.is_empty()).then(|| quoted.join(" OR "))
    }

    fn less_unwanted(&self, wanted: String) -> String {
        match self.unwanted_expression() {
            Some(unwanted) => format!("({wanted}) NOT ({unwanted})"),
            None => wanted,
        }
    }
}

/// An expression for titles only.
#[must_use]
pub fn in_title(expression: &str) -> String {
    format!("title : ({expression})")
}

fn all_of(terms: &[String]) -> Option<String> {
    let mut all = String::new();
    for term in terms {
        let space = if all.is_empty() { "" } else { " " };
        // Writing to a String cannot fail.
        let _ = write!(all, "{space}{}", quote(term));
    }
    (!all.is_empty()).then_some(all)
}

/// A term as a string of the full-text language: between double quotes nothing means anything.
fn quote(term: &str) -> String {
    let plain: String = term
        .chars()
        .map(|c| if c == '"' || c.is_control() { ' ' } else { c })
        .collect();
    format!("\"{plain}\"")
}

struct Term {
    text: String,
    quoted: bool,
    negated: bool,
}

/// The first term of a line that begins with one, and what comes after it.
fn term(line: &str) -> (Term, &str) {
    let (negated, line) = match line.strip_prefix('-') {
        Some(rest) if !rest.is_empty() && !rest.starts_with(char::is_whitespace) => (true, rest),
        _ => (false, line),
    };
    let (quoted, text, rest) = if let Some(line) = line.strip_prefix('"') {
        let (text, rest) = line.split_once('"').unwrap_or((line, ""));
        (true, text, rest)
    } else {
        let end = line.find(char::is_whitespace).unwrap_or(line.len());
        (false, &line[..end], &line[end..])
    };
    let term = Term {
        text: text.trim().to_owned(),
        quoted,
        negated,
    };
    (term, rest)
}

/// Something found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FoundId {
    /// A story.
    Story(StoryId),
    /// A comment.
    Comment(CommentId),
}

/// Where the words stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// All in the title.
    Title,
    /// Elsewhere.
    Text,
}

/// Something found, with what it is ranked by.
#[derive(Debug, Clone, Copy)]
pub struct Match {
    /// What.
    pub id: FoundId,
    /// Points.
    pub score: i64,
    /// Written at.
    pub created: Timestamp,
    /// Where the words stand.
    pub place: Place,
}

impl Match {
    /// How much it is probably what was meant: words in the title count as much as a hundred points, ten times the points
    /// count 1, and each of the first six years takes a quarter. Age is in UTC days, so that an order changes at midnight
    /// only.
    #[must_use]
    pub fn relevance(&self, now: Timestamp) -> f64 {
        let title = match self.place {
            Place::Title => 2.0,
            Place::Text => 0.0,
        };
        let points = f64::from(i32::try_from(self.score.max(0)).unwrap_or(i32::MAX)) + 1.0;
        let days = now.day().saturating_sub(self.created.day()).max(0);
        let years = f64::from(i32::try_from(days).unwrap_or(i32::MAX)) / 365.25;
        title + points.log10() - 0.25 * years.min(6.0)
    }
}

/// Puts matches in order; ties: the newer first.
pub fn sort(matches: &mut [Match], sort: Sort, now: Timestamp) {
    let newest = |a: &Match, b: &Match| b.created.cmp(&a.created).then(raw(b.id).cmp(&raw(a.id)));
    match sort {
        Sort::Newest => matches.sort_by(newest),
        Sort::Score => matches.sort_by(|a, b| b.score.cmp(&a.score).then_with(|| newest(a, b))),
        Sort::Relevance => matches.sort_by(|a, b| {
            let by = b.relevance(now).total_cmp(&a.relevance(now));
            by.then_with(|| newest(a, b))
        }),
    }
}

fn raw(id: FoundId) -> i64 {
    match id {
        FoundId::Story(id) => id.raw(),
        FoundId::Comment(id) => id.raw(),
    }
}

/// A piece of an excerpt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Piece {
    /// Text around what was found.
    Plain(String),
    /// What was found.
    Marked(String),
}

/// Stands before what was found, in what the index answers.
pub const MARK: char = '\u{2}';
/// Stands after it.
pub const UNMARK: char = '\u{3}';

/// Takes apart an excerpt with [`MARK`] and [`UNMARK`]. Marks that somebody managed to write themselves mark, and no more.
#[must_use]
pub fn pieces(excerpt: &str) -> Vec<Piece> {
    let mut pieces = Vec::new();
    for (index, part) in excerpt.split(MARK).enumerate() {
        let (marked, plain) = match part.split_once(UNMARK) {
            Some((marked, plain)) if index > 0 => (marked, plain),
            _ => ("", part),
        };
        for (text, piece) in [
            (marked, Piece::Marked as fn(String) -> Piece),
            (plain, Piece::Plain),
        ] {
            let text: String = text
                .chars()
                // Backticks and asterisks are Markdown's, not words; without them a line reads better.
                .filter(|c| !matches!(*c, MARK | UNMARK | '`' | '*'))
                .map(|c| if c.is_control() { ' ' } else { c })
                .collect();
            if !text.is_empty() {
                pieces.push(piece(text));
            }
        }
    }
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::DAY_MS;

    #[test]
    fn words_phrases_and_filters_are_told_apart() {
        let query = Query::parse(
            r#"garbage "mark and sweep" -java -"big heap" TAG:css by:Ada author:@bob domain:www.V8.dev points>50 a:b"#,
        );
        assert_eq!(query.words, ["garbage", "mark and sweep", "a:b"]);
        assert_eq!(query.without, ["java", "big heap"]);
        assert_eq!(query.tags, ["css"]);
        assert_eq!(query.authors, ["ada", "bob"]);
        assert_eq!(query.domains, ["v8.dev"]);
        assert_eq!(query.points, Some(50));
        let expression = r#"("garbage" "mark and sweep" "a:b") NOT ("java" OR "big heap")"#;
        assert_eq!(query.expression().as_deref(), Some(expression));
    }

    #[test]
    fn syntax_of_the_index_never_gets_out_of_its_quotes() {
        for line in [
            r#"a" OR "b"#,
            "NEAR(a b)",
            "title:x",
            "a* OR b*",
            "{title} : x",
            "^a + b",
            "\"",
            "\"\"\"",
            "(((",
            "-",
            "--a",
            "a\0b",
            "- - -",
            "NOT",
            "AND OR NOT",
        ] {
            let query = Query::parse(line);
            let Some(expression) = query.expression() else {
                continue;
            };
            let outside: String = expression.split('"').step_by(2).collect();
            assert!(
                ["", "() NOT ()"]
                    .contains(&outside.replace(' ', "").replace("()NOT()", "").as_str()),
                "{line:?}: {expression}"
            );
        }
    }

    #[test]
    fn what_holds_no_word_is_empty_and_long_lines_are_bounded() {
        for line in ["", "  ", "\"\"", "***", "-", "tag:", "-word", "😀"] {
            assert!(Query::parse(line).is_empty(), "{line:?}");
        }
        assert_eq!(Query::parse(&"a ".repeat(10_000)).words.len(), MOST_TERMS);
        assert_eq!(Query::parse(&"tag:a tag:b ".repeat(90)).tags.len(), 2);
        assert_eq!(
            Query::parse(&"é".repeat(10_000)).words[0].chars().count(),
            MOST_CHARS
        );
    }

    #[test]
    fn only_a_long_last_word_is_taken_as_a_beginning() {
        let beginning = |line| Query::parse(line).beginning_expression();
        assert_eq!(
            beginning("use postgre").as_deref(),
            Some(r#""use" "postgre" *"#)
        );
        assert_eq!(beginning("pos"), None);
        assert_eq!(beginning("\"exact words\""), None);
        assert_eq!(beginning("tag:css"), None);
    }

    #[test]
    fn the_title_outweighs_points_and_age_breaks_ties() {
        let now = Timestamp::from_ms(10_000 * DAY_MS);
        let story = |id, score, days: i64, place| Match {
            id: FoundId::Story(StoryId::new(id)),
            score,
            created: Timestamp::from_ms((10_000 - days) * DAY_MS),
            place,
        };
        let mut matches = [
            story(1, 50, 0, Place::Text),
            story(2, 5, 0, Place::Title),
            story(3, 5, 900, Place::Title),
            story(4, 9999, 0, Place::Text),
        ];
        let ids = |matches: &[Match]| matches.iter().map(|m| raw(m.id)).collect::<Vec<_>>();
        sort(&mut matches, Sort::Relevance, now);
        assert_eq!(ids(&matches), [4, 2, 3, 1]);
        sort(&mut matches, Sort::Newest, now);
        assert_eq!(ids(&matches), [4, 2, 1, 3]);
        sort(&mut matches, Sort::Score, now);
        assert_eq!(ids(&matches), [4, 1, 2, 3]);
    }

    #[test]
    fn excerpts_are_cut_at_their_marks_whatever_people_wrote() {
        let plain = |text: &str| Piece::Plain(text.into());
        let marked = |text: &str| Piece::Marked(text.into());
        assert_eq!(
            pieces("a \u{2}b\u{3} c\nd \u{2}e\u{3}"),
            [plain("a "), marked("b"), plain(" c d "), marked("e")]
        );
        assert_eq!(pieces("\u{3}a\u{2}b"), [plain("a"), plain("b")]);
        assert!(pieces("").is_empty());
    }
}
