//! A disk that gives back something else than was written: single bits of the database file, with nothing else changed.

use std::fs::OpenOptions;
use std::os::unix::fs::FileExt;

use site::control::client;

use super::crash::{comment, pair_with_members};
use super::{Node, good, in_sync, site, until};
use crate::rounds::Fixture;

/// A text that takes pages of its own.
fn long(word: &str) -> String {
    format!("{word} ").repeat(2000).trim().to_owned()
}

/// Flips a bit in the middle of a text, wherever the database file has it.
#[track_caller]
fn rot(node: &Node, word: &str) {
    let path = node.dir.join("site.db");
    let file = OpenOptions::new()
        .read(true)
        .write(true)
        .open(&path)
        .unwrap();
    let changed = file.metadata().unwrap().modified().unwrap();
    let bytes = std::fs::read(&path).unwrap();
    let text = format!("{word} ").repeat(100);
    let at = bytes
        .windows(text.len())
        .position(|found| found == text.as_bytes());
    let at = at.expect("it is in the file") + text.len() / 2;
    file.write_all_at(&[bytes[at] ^ 1], at as u64).unwrap();
    file.set_modified(changed).unwrap();
}

fn damaged(node: &Node) -> usize {
    client::status(&node.dir)
        .unwrap()
        .expect("it runs")
        .damaged
        .len()
}

fn says(node: &Node, what: &str) -> usize {
    node.log().matches(what).count()
}

fn with_texts(words: &[&str]) -> (super::Pair, Fixture) {
    let (mut pair, fixture) = pair_with_members(&[]);
    for word in words {
        assert_eq!(comment(&pair.a, &fixture, 0, &long(word)), 303);
    }
    in_sync(&pair.a, &pair.b);
    // What the end of a process copies back is in the file.
    pair.b.stop();
    pair.a.stop();
    (pair, fixture)
}

#[test]
fn a_standby_whose_disk_rots_notices_it_and_is_repaired_from_the_primary() {
    let (mut pair, fixture) = with_texts(&["granite", "basalt", "gneiss"]);
    rot(&pair.b, "granite");
    rot(&pair.b, "basalt");
    pair.a.start();
    pair.b.start();
    let copies = says(&pair.b, "snapshot");
    until("it is copied anew", || says(&pair.b, "snapshot") > copies);
    in_sync(&pair.a, &pair.b);
    until("it is repaired", || damaged(&pair.b) == 0);
    assert_eq!(
        says(&pair.b, "is not what was written there"),
        2,
        "both, in one round"
    );
    // While it runs, too, where nothing looks at the page.
    rot(&pair.b, "gneiss");
    until("it is copied anew", || {
        says(&pair.b, "snapshot") > copies + 1
    });
    assert_eq!(comment(&pair.b, &fixture, 0, "it goes on"), 303);
    in_sync(&pair.a, &pair.b);
    pair.same();
}

#[test]
fn a_primary_whose_disk_rots_says_so_gives_nobody_a_copy_and_is_repaired_by_a_switch() {
    let (mut pair, fixture) = with_texts(&["granite"]);
    let doctor = |node: &Node| site(&node.dir, &["doctor"]);
    good(&doctor(&pair.a));
    rot(&pair.a, "granite");
    let found = doctor(&pair.a);
    assert!(!found.status.success());
    assert!(String::from_utf8_lossy(&found.stdout).contains("FAIL  checksums"));
    pair.a.start();
    until("it is noticed", || damaged(&pair.a) == 1);
    pair.b.start();
    in_sync(&pair.a, &pair.b);
    assert!(!doctor(&pair.a).status.success());
    let ready = pair.a.browser().get("/readyz").expect(200).body;
    assert!(ready.contains("not what was written there"), "{ready}");
    let status = good(&site(&pair.a.dir, &["status"]));
    assert!(status.contains("Promote a standby"), "{status}");
    // Another one would get what is wrong.
    let token = super::token(pair.dir.path(), "token");
    let mut c = Node::following(pair.dir.path(), "c", &pair.a, &["--token-file", &token]);
    c.start();
    until("it is told why", || {
        c.trouble().contains("not what was written there")
    });
    assert_eq!(c.report().txid, 0);
    c.kill();
    good(&site(&pair.b.dir, &["promote"]));
    in_sync(&pair.b, &pair.a);
    until("it is repaired", || damaged(&pair.a) == 0);
    in_sync(&pair.b, &pair.a);
    assert_eq!(comment(&pair.a, &fixture, 0, "it goes on"), 303);
    in_sync(&pair.b, &pair.a);
    std::mem::swap(&mut pair.a, &mut pair.b);
    pair.same();
}
