//! The search page: the form, results with what was found marked, and what to do when there are none.

use maud::{Markup, html};

use crate::domain::comment::CommentRow;
use crate::domain::query::{MOST_CHARS, Piece, Sort, What};
use crate::domain::story::StoryRow;
use crate::html::page::{Frame, Notice, count, notice, number, page, time};
use crate::html::{path, story};

/// What stands in the form.
#[derive(Debug, Clone, Copy)]
pub struct Asked<'a> {
    /// The line.
    pub line: &'a str,
    /// Filter by tag.
    pub tag: &'a str,
    /// Filter by author.
    pub author: &'a str,
    /// Filter by site.
    pub domain: &'a str,
    /// Where to look.
    pub what: What,
    /// What comes first.
    pub sort: Sort,
}

/// One result.
#[derive(Debug)]
pub enum Hit<'a> {
    /// A story with its title and an excerpt.
    Story(&'a StoryRow, &'a [Piece], &'a [Piece]),
    /// A comment with an excerpt.
    Comment(&'a CommentRow, &'a [Piece]),
}

/// What came of it.
#[derive(Debug)]
pub enum Outcome<'a> {
    /// Nothing was asked for.
    Unasked,
    /// It took too long.
    Late,
    /// Nothing was found.
    Nothing,
    /// A page of results, with the sentence above them and the number of the next page.
    Hits(Vec<Hit<'a>>, String, Option<usize>),
}

/// The page.
#[must_use]
pub fn show(mut frame: Frame, asked: &Asked, outcome: &Outcome) -> Markup {
    frame.noindex = true;
    let body = html! {
        div.lead { h1 { "Search" } }
        (form(asked))
        @match outcome {
            Outcome::Unasked => p.hint { "Titles, texts and comments, of everything that is shown on this site." },
            Outcome::Late => (notice(Notice::Warn,
                "That took too long, so the search was stopped. Rarer words, or fewer, are found faster.")),
            Outcome::Nothing => (nothing(asked)),
            Outcome::Hits(hits, sentence, next) => {
                p.hint role="status" { (sentence) }
                ol.hits { @for hit in hits { li { (result(hit)) } } }
                @if let Some(next) = next {
                    nav.older aria-label="Pages" {
                        a rel="next" href=(path::with(&here(asked), "page", &next.to_string())) { "More results" }
                    }
                }
            },
        }
    };
    page(&frame, &body)
}

fn form(asked: &Asked) -> Markup {
    html! {
        form role="search" action="/search" aria-label="Stories and comments" {
            div.with {
                label.sr for="q" { "Search for" }
                input type="search" id="q" name="q" value=(asked.line) maxlength=(MOST_CHARS) autocomplete="off";
                button.button.main { "Search" }
            }
            div.filters {
                fieldset {
                    legend { "In" }
                    @for what in What::EACH {
                        label.pick {
                            input type="radio" name="what" value=(what.word()) checked[what == asked.what];
                            " " span { (what_label(what)) }
                        }
                    }
                }
                fieldset {
                    legend { "By" }
                    @for sort in Sort::EACH {
                        label.pick {
                            input type="radio" name="order" value=(sort.word()) checked[sort == asked.sort];
                            " " span { (sort_label(sort)) }
                        }
                    }
                }
            }
            details.hint open[narrowed(asked)] {
                summary { "More precise" }
                p {
                    code { "\"exact words\"" } ", " code { "-without" } ", " code { "tag:node" } ", " code { "by:ada" } ", "
                    code { "domain:v8.dev" } ", " code { "points>50" }
                }
                div.two {
                    (filter("tag", "Topic", asked.tag))
                    (filter("author", "Author", asked.author))
                }
                (filter("domain", "Site", asked.domain))
            }
        }
    }
}

/// Whether a filter's own field is filled.
fn narrowed(asked: &Asked) -> bool {
    let filters = [asked.tag, asked.author, asked.domain];
    filters.iter().any(|value| !value.is_empty())
}

fn filter(name: &str, label: &str, value: &str) -> Markup {
    html! {
        div.field {
            label for=(name) { (label) }
            input type="text" id=(name) name=(name) value=(value) maxlength="100" autocomplete="off" autocapitalize="off";
        }
    }
}

const fn what_label(what: What) -> &'static str {
    match what {
        What::All => "everything",
        What::Stories => "stories",
        What::Comments => "comments",
    }
}

const fn sort_label(sort: Sort) -> &'static str {
    match sort {
        Sort::Relevance => "relevance",
        Sort::Newest => "date",
        Sort::Score => "score",
    }
}

fn result(hit: &Hit) -> Markup {
    match hit {
        Hit::Story(row, title, text) => html! {
            p.title {
                @match &row.url {
                    Some(url) => a href=(url.as_str()) rel="ugc noopener" { (marked(title)) },
                    None => a href=(path::story(row.id, &row.title)) { (marked(title)) },
                }
                @if let Some(domain) = &row.domain { " " a.domain href=(path::domain(domain)) { (domain) } }
            }
            @if !text.is_empty() { p.text { (marked(text)) } }
            p.meta {
                span { (count(row.score, "point")) }
                (story::author(row.author.as_str(), row.author_deleted))
                (time(row.created))
                a href=(path::story(row.id, &row.title)) { (count(row.comments, "comment")) }
                @for tag in &row.tags { a.tag href=(path::tag(tag)) { (tag) } }
            }
        },
        Hit::Comment(row, text) => html! {
            p.title { a href=(path::comment(row.comment.id)) { (row.story_title) } }
            @if row.of_lesson { p.text { "It is said of a lesson and may show a solution." } }
            @else { p.text { (marked(text)) } }
            p.meta {
                span.badge { "Comment" }
                span { (count(row.comment.score, "point")) }
                (story::author(row.comment.author.as_str(), row.comment.author_deleted))
                (time(row.comment.created))
            }
        },
    }
}

fn marked(pieces: &[Piece]) -> Markup {
    html! {
        @for piece in pieces {
            @match piece {
                Piece::Plain(text) => (text),
                Piece::Marked(text) => mark { (text) },
            }
        }
    }
}

fn nothing(asked: &Asked) -> Markup {
    html! {
        div.empty {
            h2 { "Nothing found" @if !asked.line.is_empty() { " for “" (asked.line) "”" } }
            p {
                "Try other words, or fewer"
                @if narrowed(asked) {
                    ", or " a href=(here(&Asked { tag: "", author: "", domain: "", ..*asked })) { "take the filters away" }
                } @else if asked.what != What::All {
                    ", or search " a href=(here(&Asked { what: What::All, ..*asked })) { "everything" }
                }
                "."
            }
        }
    }
}

/// The address of this search, without its page.
fn here(asked: &Asked) -> String {
    let mut here = path::with("/search", "q", asked.line);
    for (name, value) in [
        ("tag", asked.tag),
        ("author", asked.author),
        ("domain", asked.domain),
    ] {
        if !value.is_empty() {
            here = path::with(&here, name, value);
        }
    }
    if asked.what != What::default() {
        here = path::with(&here, "what", asked.what.word());
    }
    if asked.sort != Sort::default() {
        here = path::with(&here, "order", asked.sort.word());
    }
    here
}

/// The sentence above results that were all ranked.
#[must_use]
pub fn all_of(total: usize) -> String {
    count(i64::try_from(total).unwrap_or(i64::MAX), "result")
}

/// The sentence above results when more matched than were ranked.
#[must_use]
pub fn best_of_newest(most: usize) -> String {
    let most = number(i64::try_from(most).unwrap_or(i64::MAX));
    format!("More than {most} results; these are the best of the newest {most}.")
}

/// The sentence above results when time ran out.
#[must_use]
pub fn best_in_time(total: usize) -> String {
    format!(
        "The search was stopped before its end; these are the best of the newest {} found in time.",
        all_of(total)
    )
}
