//! The nodes of a site on the operator's page: what this one is, and a table of those that it deals with.

use maud::{Markup, html};

use crate::html::chart::Unit;
use crate::html::page::number;

/// This node and the others.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Nodes {
    /// What this one is, each with its name.
    pub facts: Vec<(&'static str, String)>,
    /// The others.
    pub others: Others,
}

/// The nodes that this one deals with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Others {
    /// Those who follow it.
    Standbys(Vec<Standby>),
    /// The one that it follows.
    Primary(Primary),
}

/// A standby as its primary sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standby {
    /// Where it is reached.
    pub address: String,
    /// Its program.
    pub version: String,
    /// The last transaction on its disk.
    pub received: u64,
    /// The last transaction in its database.
    pub applied: u64,
    /// Transactions that it does not show yet.
    pub behind: u64,
    /// Whether it is counted on.
    pub in_sync: bool,
}

/// The primary as a standby sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Primary {
    /// Where it is reached.
    pub address: String,
    /// Whether it is connected.
    pub connected: bool,
    /// Transactions that are not shown here yet.
    pub behind: u64,
    /// For how many milliseconds that has been so.
    pub lag_ms: u64,
    /// When it was heard last.
    pub heard: String,
    /// Why there is no connection.
    pub trouble: Option<String>,
}

/// A column: its heading, whether numbers stand there, and how its cells are named where a row is a block of lines.
type Column = (&'static str, bool, Option<&'static str>);

const OF_STANDBYS: [Column; 6] = [
    ("Standby", false, None),
    ("State", false, None),
    ("Version", false, Some("version")),
    ("On disk", true, Some("on disk")),
    ("Applied", true, Some("applied")),
    ("Transactions behind", true, Some("transactions behind")),
];

const OF_PRIMARY: [Column; 6] = [
    ("Primary", false, None),
    ("State", false, None),
    ("Transactions behind", true, Some("transactions behind")),
    ("Lag", true, Some("lag")),
    ("Last heard", true, Some("last heard")),
    ("Trouble", false, Some("trouble")),
];

/// What stands below the heading.
#[must_use]
pub fn show(nodes: &Nodes) -> Markup {
    html! {
        dl.facts { @for (name, value) in &nodes.facts { div { dt { (name) } " " dd { (value) } } } }
        (match &nodes.others {
            Others::Standbys(standbys) if standbys.is_empty() => html! {
                p.none { "No standby is connected: what is posted is on this machine alone." }
            },
            Others::Standbys(standbys) => table(OF_STANDBYS, standbys.iter().map(standby)),
            Others::Primary(one) => table(OF_PRIMARY, [primary(one)]),
        })
    }
}

fn table(columns: [Column; 6], rows: impl IntoIterator<Item = [Markup; 6]>) -> Markup {
    html! {
        table.log.nodes {
            thead { tr { @for (name, is_number, _) in columns { th.n[is_number] scope="col" { (name) } } } }
            tbody {
                @for row in rows {
                    tr {
                        @for ((_, is_number, name), cell) in columns.into_iter().zip(row) {
                            td.n[is_number] data-th=[name] { (cell) }
                        }
                    }
                }
            }
        }
    }
}

fn standby(standby: &Standby) -> [Markup; 6] {
    [
        html! { (standby.address) },
        state(standby.in_sync, "In sync", "Not in sync"),
        html! { (standby.version) },
        count(standby.received),
        count(standby.applied),
        count(standby.behind),
    ]
}

fn primary(primary: &Primary) -> [Markup; 6] {
    [
        html! { (primary.address) },
        state(primary.connected, "Connected", "Not connected"),
        count(primary.behind),
        html! { (millis(primary.lag_ms)) },
        html! { (primary.heard) },
        html! { @if let Some(trouble) = &primary.trouble { (trouble) } },
    ]
}

fn state(is_well: bool, well: &str, not: &str) -> Markup {
    html! { @if is_well { (well) } @else { span.amiss { (not) } } }
}

fn count(transactions: u64) -> Markup {
    let transactions = i64::try_from(transactions).unwrap_or(i64::MAX);
    html! { (number(transactions)) }
}

fn millis(ms: u64) -> String {
    #[expect(clippy::cast_precision_loss, reason = "shown, not counted with")]
    Unit::Milliseconds.told(Some(ms as f32))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(others: Others) -> String {
        let facts = vec![("Role", "Primary".into())];
        show(&Nodes { facts, others }).into_string()
    }

    #[test]
    fn what_another_node_says_is_shown_as_text() {
        let page = shown(Others::Standbys(vec![Standby {
            address: "http://<b>".into(),
            version: "<i>".into(),
            received: 1204,
            applied: 1200,
            behind: 4,
            in_sync: false,
        }]));
        assert!(page.contains("http://&lt;b&gt;") && page.contains("&lt;i&gt;"));
        assert!(page.contains("<td class=\"n\" data-th=\"on disk\">1,204</td>"));
        assert!(page.contains("Not in sync"), "{page}");
    }

    #[test]
    fn a_primary_that_is_gone_is_shown_with_its_trouble() {
        let page = shown(Others::Primary(Primary {
            address: "http://a".into(),
            connected: false,
            behind: 0,
            lag_ms: 1500,
            heard: "3 min ago".into(),
            trouble: Some("refused & gone".into()),
        }));
        for text in [
            "Not connected",
            "1.5\u{a0}s",
            "3 min ago",
            "refused &amp; gone",
        ] {
            assert!(page.contains(text), "{text}: {page}");
        }
    }

    #[test]
    fn a_primary_without_standbys_says_what_that_means() {
        assert!(shown(Others::Standbys(Vec::new())).contains("this machine alone"));
    }
}
