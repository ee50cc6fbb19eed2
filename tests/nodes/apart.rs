//! Histories that went apart: by somebody's hand, or since two nodes were made primaries without knowing of each other.

use super::crash::{comment, pair_with_members};
use super::{Node, good, in_sync, same_page, site, until};

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
    let memory = pair.a.dir.join("node.json");
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
