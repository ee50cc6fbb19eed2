//! How the site is: a sentence, charts of the last 15 minutes, the last errors. Whole without a script; with one its parts
//! are replaced as they change.

use maud::{Markup, html};

use crate::html::admin::lead;
use crate::html::admin::node::{self, Nodes};
use crate::html::chart::{self, Chart, chart};
use crate::html::page::{Frame, number, page};
use crate::html::path;
use crate::time::Timestamp;

/// How the site is.
#[derive(Debug)]
pub struct Status {
    /// When that was.
    pub now: Timestamp,
    /// In a sentence or two.
    pub word: Word,
    /// What it is: version and the like, each with its name.
    pub facts: Vec<(&'static str, String)>,
    /// This node and the others; `None` for a site alone.
    pub nodes: Option<Nodes>,
    /// Charts, in groups.
    pub groups: Vec<Group>,
    /// Warnings and errors, newest first.
    pub troubles: Vec<Row>,
}

/// How it is in words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Word {
    /// How bad.
    pub mood: Mood,
    /// The word: `All is well.`
    pub head: String,
    /// More about it; may be empty.
    pub rest: String,
}

/// How bad something is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mood {
    /// All is well.
    Well,
    /// Something to mind.
    Mind,
    /// Somebody is not served.
    Bad,
}

/// Charts about one thing.
#[derive(Debug)]
pub struct Group {
    /// What.
    pub title: &'static str,
    /// Its charts.
    pub charts: Vec<Chart>,
}

/// A warning or an error.
#[derive(Debug)]
pub struct Row {
    /// When.
    pub at: Timestamp,
    /// It is an error.
    pub is_error: bool,
    /// What happened.
    pub message: String,
    /// What was said with it.
    pub fields: String,
    /// How often since it is kept.
    pub times: u64,
}

/// The page.
#[must_use]
pub fn show(frame: &Frame, status: &Status) -> Markup {
    let body = html! {
        div.status data-events=(path::ADMIN_STATUS_EVENTS) {
            (lead(path::ADMIN_STATUS))
            div.sum {
                div id="word" { (word(&status.word)) }
                p.as-of.hint {
                    span id="live" { "As of " (clock(status.now)) " UTC." } " "
                    a href=(path::ADMIN_STATUS) { "Reload" }
                }
            }
            dl.facts id="facts" { (facts(&status.facts)) }
            @if let Some(nodes) = &status.nodes {
                section.group {
                    h2 { "Nodes" }
                    div id="nodes" { (node::show(nodes)) }
                }
            }
            @for group in &status.groups {
                section.group {
                    h2 { (group.title) }
                    div.charts { @for one in &group.charts { (chart(one)) } }
                }
            }
            section.group {
                h2 { "Last warnings and errors" }
                div id="troubles" { (troubles(&status.troubles)) }
            }
        }
    };
    page(frame, &body)
}

/// Each part that changes by the name that it has in the document; `plots` as well when they are wanted.
#[must_use]
pub fn parts(status: &Status, plots: bool) -> Vec<(String, Markup)> {
    let mut parts = vec![
        ("word".to_owned(), word(&status.word)),
        ("facts".to_owned(), facts(&status.facts)),
        ("troubles".to_owned(), troubles(&status.troubles)),
    ];
    if let Some(nodes) = &status.nodes {
        parts.push(("nodes".to_owned(), node::show(nodes)));
    }
    for one in status.groups.iter().flat_map(|group| &group.charts) {
        parts.push((format!("v-{}", one.id), chart::now(one)));
        if plots {
            parts.push((format!("p-{}", one.id), chart::plot(one)));
        }
    }
    parts
}

fn word(word: &Word) -> Markup {
    let class = match word.mood {
        Mood::Well => "well",
        Mood::Mind => "mind",
        Mood::Bad => "bad",
    };
    html! {
        p class={ "word " (class) } {
            strong { (word.head) }
            @if !word.rest.is_empty() { " " span { (word.rest) } }
        }
    }
}

fn facts(facts: &[(&'static str, String)]) -> Markup {
    html! { @for (name, value) in facts { div { dt { (name) } " " dd { (value) } } } }
}

fn troubles(rows: &[Row]) -> Markup {
    if rows.is_empty() {
        return html! {
            p.none { "None since the start. What goes wrong will stand here, the newest " (MOST_SHOWN) " of it, as in the log." }
        };
    }
    html! {
        table.log {
            thead { tr { th scope="col" { "Time (UTC)" } th scope="col" { "Kind" } th scope="col" { "What happened" } th scope="col" { "With" } } }
            tbody { @for one in rows { (row(one)) } }
        }
    }
}

/// How many there are at most, as the page says it.
const MOST_SHOWN: &str = "50";

fn row(row: &Row) -> Markup {
    let times = i64::try_from(row.times).unwrap_or(i64::MAX);
    html! {
        tr {
            td.when { (stamp(row.at)) }
            td class=(if row.is_error { "kind bad" } else { "kind" }) { (if row.is_error { "Error" } else { "Warning" }) }
            td { (row.message) @if times > 1 { " " span.num { "×\u{a0}" (number(times)) } } }
            td.with-it { @if !row.fields.is_empty() { code { (row.fields) } } }
        }
    }
}

/// `22:16:17`, for people who look for it in a log.
fn clock(at: Timestamp) -> String {
    at.rfc3339()[11..19].to_owned()
}

/// `2026-11-23 22:16:17`
fn stamp(at: Timestamp) -> String {
    let text = at.rfc3339();
    format!("{} {}", &text[..10], &text[11..19])
}

/// `3 d 4 h`, `4 h 12 min`, `12 min`, `40 s`.
#[must_use]
pub fn span(seconds: u64) -> String {
    let (minutes, hours, days) = (seconds / 60, seconds / 3600, seconds / 86_400);
    match (days, hours, minutes) {
        (0, 0, 0) => format!("{seconds}\u{a0}s"),
        (0, 0, minutes) => format!("{minutes}\u{a0}min"),
        (0, hours, minutes) => format!("{hours}\u{a0}h {}\u{a0}min", minutes % 60),
        (days, hours, _) => format!("{days}\u{a0}d {}\u{a0}h", hours % 24),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_have_two_parts_at_most() {
        let told = [
            (40, "40 s"),
            (720, "12 min"),
            (15_120, "4 h 12 min"),
            (273_600, "3 d 4 h"),
        ];
        for (seconds, text) in told {
            assert_eq!(span(seconds).replace('\u{a0}', " "), text);
        }
    }

    #[test]
    fn what_went_wrong_is_shown_as_text_and_counted() {
        let row = Row {
            at: Timestamp::from_ms(1_795_472_177_000),
            is_error: true,
            message: "<b>failed</b>".into(),
            fields: "request=1f".into(),
            times: 12,
        };
        let drawn = troubles(&[row]).into_string();
        assert!(drawn.contains("&lt;b&gt;failed&lt;/b&gt;") && drawn.contains("×\u{a0}12"));
        assert!(drawn.contains("2026-11-23 22:16:17") && drawn.contains(">Error<"));
        assert!(troubles(&[]).into_string().contains("None since the start"));
    }
}
