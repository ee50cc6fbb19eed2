//! What this node's report comes to in words: for the section about nodes, and for the sentence at the top.

use crate::html::admin::node::{Nodes, Others, Primary, Standby};
use crate::html::admin::status::{Mood, Word, span};
use crate::html::chart::Unit;
use crate::html::figure::number;
use crate::peer::{self, Report};

/// What stands in the section.
pub(super) fn nodes(report: Report) -> Nodes {
    Nodes {
        facts: facts(&report),
        others: match report.primary {
            Some(primary) => Others::Primary(followed(primary)),
            None => Others::Standbys(report.standbys.into_iter().map(standby).collect()),
        },
    }
}

fn facts(report: &Report) -> Vec<(&'static str, String)> {
    let is_standby = report.primary.is_some();
    let role = if is_standby { "Standby" } else { "Primary" };
    let mut facts = vec![
        ("Role", role.to_owned()),
        ("Epoch", whole(report.epoch)),
        ("Node", report.node.chars().take(8).collect()),
    ];
    if !is_standby {
        facts.push(("Answers wait for", waits_for(&report.mode).to_owned()));
    }
    let in_sync = if report.in_sync { "yes" } else { "no" };
    facts.push(("In sync", in_sync.to_owned()));
    #[expect(clippy::cast_precision_loss, reason = "shown, not counted with")]
    let log = Unit::Bytes.told(Some(report.log_bytes as f32));
    facts.push(("Log", log));
    facts
}

/// What `mode` means for whoever posts.
fn waits_for(mode: &str) -> &'static str {
    match mode {
        "wait" => "a standby, while one keeps up",
        "require" => "a standby, always",
        _ => "this disk alone",
    }
}

fn standby(standby: peer::Standby) -> Standby {
    Standby {
        address: standby.address,
        version: standby.version,
        received: standby.received,
        applied: standby.applied,
        behind: standby.behind,
        in_sync: standby.in_sync,
    }
}

fn followed(primary: peer::Primary) -> Primary {
    Primary {
        address: primary.address,
        connected: primary.connected,
        behind: primary.behind,
        lag_ms: primary.lag_ms,
        heard: heard(primary.silent_ms),
        trouble: primary.trouble,
    }
}

/// Signs of life come more than once a second: while they do, the page stays as it is.
fn heard(silent_ms: Option<u64>) -> String {
    match silent_ms.map(|ms| ms / 1000) {
        None => "never".into(),
        Some(0 | 1) => "just now".into(),
        Some(seconds) => format!("{} ago", span(seconds)),
    }
}

/// What there is to mind about the nodes, if anything.
pub(super) fn word(report: &Report) -> Option<Word> {
    let said = |mood, head: &str, rest: &str| {
        Some(Word {
            mood,
            head: head.into(),
            rest: rest.into(),
        })
    };
    match (&report.primary, report.mode.as_str()) {
        (Some(primary), _) if !primary.connected => said(
            Mood::Mind,
            "The primary cannot be reached:",
            "pages go on, nothing can be posted.",
        ),
        (None, "require") if !report.in_sync => said(
            Mood::Bad,
            "No standby is in sync:",
            "whoever posts waits until one is.",
        ),
        (None, "wait") if !report.in_sync => said(
            Mood::Mind,
            "No standby is in sync:",
            "what is posted is on this machine alone.",
        ),
        _ => None,
    }
}

fn whole(value: u64) -> String {
    number(i64::try_from(value).unwrap_or(i64::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn primary(mode: &str, in_sync: bool) -> Report {
        Report {
            node: "0123456789abcdef0123456789abcdef".into(),
            role: "primary".into(),
            epoch: 1,
            txid: 9,
            mode: mode.into(),
            in_sync,
            log_bytes: 0,
            standbys: Vec::new(),
            primary: None,
        }
    }

    #[test]
    fn a_primary_is_minded_when_what_it_promises_does_not_hold() {
        let mood = |mode, in_sync| word(&primary(mode, in_sync)).map(|word| word.mood);
        assert_eq!(mood("wait", true), None);
        assert_eq!(mood("async", false), None);
        assert_eq!(mood("wait", false), Some(Mood::Mind));
        assert_eq!(mood("require", false), Some(Mood::Bad));
    }

    #[test]
    fn what_was_heard_lately_is_not_told_to_the_millisecond() {
        let told = [
            (None, "never"),
            (Some(40), "just now"),
            (Some(1999), "just now"),
            (Some(5000), "5\u{a0}s ago"),
            (Some(180_000), "3\u{a0}min ago"),
        ];
        for (silent, text) in told {
            assert_eq!(heard(silent), text);
        }
    }
}
