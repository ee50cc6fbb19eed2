//! Histories that went apart: by somebody's hand, or since two nodes were made primaries without knowing of each other.

use super::crash::{comment, pair_with_members};
use super::{Node, Pair, good, in_sync, same_page, site, token, until};
use crate::rounds::Fixture;

/// What `sqlite3` does with a database that nobody has open.
fn by_hand(node: &Node, sql: &str) {
    let conn = rusqlite::Connection::open(node.dir.join("site.db")).unwrap();
    conn.execute_batch(sql).unwrap();
}

#[test]
fn a_database_that_was_put_back_begins_another_history() {
    let (mut pair, fixture) = pair_with_members(&[]);
    assert_eq!(comment(&pair.a, &fixture, 0, "before the copy"), 303);
    let copy = pair.a.dir.join("copy.db");
    by_hand(
        &pair.a,
        &format!("vacuum into '{}'", copy.to_str().unwrap()),
    );
    for text in ["after the copy", "later still"] {
        assert_eq!(comment(&pair.a, &fixture, 0, text), 303);
    }
    in_sync(&pair.a, &pair.b);
    pair.b.stop();
    pair.a.stop();
    for file in ["site.db", "site.db-wal", "site.db-shm"] {
        // Only the first is sure to be there.
        let _ = std::fs::remove_file(pair.a.dir.join(file));
    }
    std::fs::rename(copy, pair.a.dir.join("site.db")).unwrap();
    pair.a.start();
    assert_eq!(pair.a.count("before the copy"), 1);
    assert_eq!(pair.a.count("after the copy"), 0, "it was put back");
    pair.b.start();
    in_sync(&pair.a, &pair.b);
    assert_eq!(comment(&pair.b, &fixture, 0, "in the new history"), 303);
    assert_eq!(pair.b.count("after the copy"), 0);
    same_page(&pair.a, &pair.b, "/comments");
    pair.same();
}

#[test]
fn a_database_that_was_changed_by_hand_is_copied_anew() {
    let (mut pair, fixture) = pair_with_members(&[]);
    assert_eq!(comment(&pair.a, &fixture, 0, "to be changed"), 303);
    in_sync(&pair.a, &pair.b);
    pair.b.stop();
    pair.a.stop();
    by_hand(
        &pair.a,
        "update comment set text = 'changed by hand' where text = 'to be changed'; vacuum",
    );
    pair.a.start();
    pair.b.start();
    in_sync(&pair.a, &pair.b);
    assert_eq!(pair.b.count("changed by hand"), 1);
    assert_eq!(comment(&pair.b, &fixture, 0, "and on it goes"), 303);
    pair.same();
}

#[test]
fn two_primaries_of_one_epoch_become_one_and_what_the_other_wrote_is_kept() {
    let (mut pair, fixture) = pair_with_members(&[]);
    in_sync(&pair.a, &pair.b);
    pair.a.kill();
    good(&site(&pair.b.dir, &["promote", "--force"]));
    assert_eq!(comment(&pair.b, &fixture, 0, "written there"), 303);
    assert_eq!(pair.b.report().epoch, 2);
    pair.b.kill();
    // As if it had been promoted too, by somebody who could not see the other.
    let memory = memory(&pair.a);
    let text = std::fs::read_to_string(&memory).unwrap();
    std::fs::write(&memory, text.replace("\"epoch\": 1", "\"epoch\": 2")).unwrap();
    pair.a.start();
    assert_eq!(pair.a.report().epoch, 2);
    assert_eq!(comment(&pair.a, &fixture, 0, "written here"), 303);
    pair.b.start();
    // While it begins another epoch, a primary writes nothing either.
    let follows = |node: &Node| {
        let report = node.report();
        report.epoch == 3 && report.primary.is_some_and(|primary| primary.connected)
    };
    until("one gives way", || follows(&pair.a) || follows(&pair.b));
    let (primary, standby) = if follows(&pair.a) {
        (&pair.b, &pair.a)
    } else {
        (&pair.a, &pair.b)
    };
    in_sync(primary, standby);
    assert_eq!(primary.report().epoch, 3);
    assert_eq!(standby.lost(), 1, "what it wrote alone is kept");
    let texts = ["written there", "written here"];
    let found = texts.map(|text| primary.count(text));
    assert_eq!(found.iter().sum::<i64>(), 1);
    assert_eq!(texts.map(|text| standby.count(text)), found);
    pair.same();
}

#[test]
fn a_promotion_by_force_begins_an_epoch_that_the_copy_has_not_seen() {
    let (mut pair, fixture) = pair_with_members(&[]);
    pair.a.kill();
    good(&site(&pair.b.dir, &["promote", "--force"]));
    assert_eq!(comment(&pair.b, &fixture, 0, "in epoch 2"), 303);
    pair.a.start();
    in_sync(&pair.b, &pair.a);
    pair.b.kill();
    pair.a.kill();
    // As if its disk had had no room to remember that epoch.
    let mut state = remembered(&pair.a);
    assert_eq!(state["epoch"], 2);
    state["epoch"] = 1.into();
    state["holder"] = serde_json::Value::Null;
    std::fs::write(memory(&pair.a), state.to_string()).unwrap();
    pair.a.start();
    good(&site(&pair.a.dir, &["promote", "--force"]));
    assert_eq!(pair.a.report().epoch, 3);
    assert_eq!(comment(&pair.a, &fixture, 0, "in epoch 3"), 303);
    pair.b.start();
    in_sync(&pair.a, &pair.b);
    assert_eq!(pair.b.lost(), 0, "it wrote nothing that the other had not");
    assert_eq!(comment(&pair.b, &fixture, 0, "through the other"), 303);
    pair.same();
}

fn memory(node: &Node) -> std::path::PathBuf {
    node.dir.join("node.json")
}

/// What a node remembers of itself and of others.
fn remembered(node: &Node) -> serde_json::Value {
    serde_json::from_slice(&std::fs::read(memory(node)).unwrap()).unwrap()
}

/// A pair with a third node, all in sync and then killed; the first one has handed over to the second, which has not heard it.
fn heir_and_third() -> (Pair, Node, Fixture) {
    let (mut pair, fixture) = pair_with_members(&[]);
    let token = token(pair.dir.path(), "token");
    let mut third = Node::following(pair.dir.path(), "c", &pair.a, &["--token-file", &token]);
    third.start();
    in_sync(&pair.a, &third);
    in_sync(&pair.a, &pair.b);
    until("the primary knows both", || {
        remembered(&pair.a)["peers"].as_object().unwrap().len() == 2
    });
    for node in [&mut pair.a, &mut pair.b, &mut third] {
        node.kill();
    }
    let (heir, mut state) = (remembered(&pair.b)["node"].clone(), remembered(&pair.a));
    assert_eq!(
        (&state["duty"], &state["epoch"]),
        (&"primary".into(), &1.into())
    );
    state["duty"] = "standby".into();
    state["epoch"] = 2.into();
    state["owes"] = true.into();
    state["primary"] = pair.b.url().into();
    state["heir"] = serde_json::json!({ "node": heir, "epoch": 2 });
    state["holder"] = state["heir"].clone();
    std::fs::write(memory(&pair.a), state.to_string()).unwrap();
    (pair, third, fixture)
}

/// Waits until one of these is the primary of an epoch and the others follow it; which one.
fn agree(nodes: [&Node; 3]) -> usize {
    let mut found = None;
    until("they agree", || {
        let reports = nodes.map(Node::report);
        found = reports.iter().position(|report| report.role == "primary");
        found.is_some_and(|primary| {
            let (epoch, txid) = (reports[primary].epoch, reports[primary].txid);
            let follows = |report: &site::peer::Report| {
                let primary = report.primary.as_ref();
                primary.is_some_and(|primary| primary.connected)
                    && (report.epoch, report.txid) == (epoch, txid)
            };
            reports.iter().filter(|report| follows(report)).count() == 2
        })
    });
    found.unwrap()
}

#[test]
fn a_node_that_is_made_the_primary_by_force_before_an_heir_hears_its_word_stays_the_only_one() {
    let (mut pair, mut third, fixture) = heir_and_third();
    // The third one is promoted with nothing but its first copy: the history goes on all the same.
    let logs = |pair: &Pair| [&pair.a, &pair.b].map(Node::oldest_segment);
    let began = logs(&pair);
    third.start();
    good(&site(&third.dir, &["promote", "--force"]));
    assert_eq!(comment(&third, &fixture, 0, "written there"), 303);
    pair.a.start();
    in_sync(&third, &pair.a);
    pair.b.start();
    assert_eq!(agree([&pair.a, &pair.b, &third]), 2);
    assert_eq!(logs(&pair), began, "the others needed no whole copy");
    for node in [&pair.a, &pair.b, &third] {
        assert_eq!(node.count("written there"), 1, "{}", node.name);
        assert_eq!(node.lost(), 0, "{}", node.name);
    }
    pair.same();
}

/// As [`heir_and_third`]: the heir has heard its word by now and the third one was made the primary by force and killed, both of
/// one epoch, and each has written something.
fn heir_beside_third() -> (Pair, Node) {
    let (mut pair, mut third, fixture) = heir_and_third();
    third.start();
    good(&site(&third.dir, &["promote", "--force"]));
    assert_eq!(comment(&third, &fixture, 0, "written there"), 303);
    third.kill();
    pair.a.start();
    pair.b.start();
    in_sync(&pair.b, &pair.a);
    assert_eq!(pair.b.report().epoch, 2);
    assert_eq!(comment(&pair.b, &fixture, 0, "written here"), 303);
    in_sync(&pair.b, &pair.a);
    (pair, third)
}

#[test]
fn an_heir_that_heard_its_word_and_one_that_was_made_the_primary_by_force_end_as_one() {
    let (mut pair, mut third) = heir_beside_third();
    third.start();
    settled([&pair.a, &pair.b, &third]);
    pair.same();
}

#[test]
fn two_primaries_of_one_epoch_that_do_not_know_each_other_meet_by_a_standby_that_followed_both() {
    let (mut pair, mut third) = heir_beside_third();
    pair.b.kill();
    // As if both had told the first node long ago.
    for node in [&pair.b, &third] {
        let mut state = remembered(node);
        let peers = state["peers"].as_object_mut().unwrap();
        peers.retain(|name, _| !name.starts_with("at "));
        std::fs::write(memory(node), state.to_string()).unwrap();
    }
    third.start();
    in_sync(&third, &pair.a);
    assert_eq!(third.report().epoch, 2);
    pair.b.start();
    settled([&pair.a, &pair.b, &third]);
    pair.same();
}

/// Waits until these agree which of two changes is part of the site; the other one is kept in a file.
fn settled(nodes: [&Node; 3]) {
    let primary = agree(nodes);
    let texts = ["written there", "written here"];
    let found = texts.map(|text| nodes[primary].count(text));
    assert_eq!(found.iter().sum::<i64>(), 1);
    for node in nodes {
        assert_eq!(texts.map(|text| node.count(text)), found, "{}", node.name);
    }
    let lost: usize = nodes.into_iter().map(Node::lost).sum();
    assert!(lost > 0, "what the other wrote alone is kept");
    until("nobody is left to be told", || {
        let is_done = |state: serde_json::Value| {
            let mut names = state["peers"].as_object().unwrap().keys();
            state["rivals"] == serde_json::json!([]) && !names.any(|name| name.starts_with("at "))
        };
        nodes.into_iter().map(remembered).all(is_done)
    });
}
