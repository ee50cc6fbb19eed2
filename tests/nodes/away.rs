//! A standby that was away while its primary wrote.

use std::time::{Duration, Instant};

use rustix::process::Signal;

use super::crash::{comment, pair_with_members, post};
use super::{Node, bad, in_sync, same_page, site, until};
use crate::rounds::Fixture;
use crate::wire::Wire;

fn write_much(node: &Node, fixture: &Fixture, what: &str) {
    std::thread::scope(|scope| {
        for writer in 0..4 {
            scope.spawn(move || {
                let mut wire = Wire::connect(node.address).unwrap();
                for step in 0..60 {
                    let text = format!("{what} writer {writer} step {step}");
                    assert_eq!(post(&mut wire, fixture, writer, &text).unwrap(), 303);
                }
            });
        }
    });
}

#[test]
fn a_standby_that_was_away_catches_up_from_the_log() {
    let (mut pair, fixture) = pair_with_members(&[]);
    let copies = |pair: &super::Pair| pair.b.log().matches("snapshot").count();
    assert_eq!(copies(&pair), 1, "its first copy");
    pair.b.stop();
    write_much(&pair.a, &fixture, "away");
    pair.b.start();
    in_sync(&pair.a, &pair.b);
    assert_eq!(copies(&pair), 1, "{}", pair.b.log());
    assert_eq!(pair.b.count("away writer 3 step 59"), 1);
    same_page(&pair.a, &pair.b, "/comments");
    pair.same();
}

#[test]
fn a_standby_that_was_away_for_longer_than_the_log_gets_a_snapshot() {
    let (mut pair, fixture) = pair_with_members(&[]);
    write_much(&pair.a, &fixture, "both");
    in_sync(&pair.a, &pair.b);
    pair.b.stop();
    write_much(&pair.a, &fixture, "away");
    pair.a.stop();
    std::fs::remove_dir_all(pair.a.dir.join("log")).unwrap();
    pair.a.start();
    assert_eq!(comment(&pair.a, &fixture, 0, "with a new log"), 303);
    pair.b.start();
    in_sync(&pair.a, &pair.b);
    assert_eq!(pair.b.count("with a new log"), 1);
    assert_eq!(pair.b.lost(), 0, "nothing was written there alone");
    same_page(&pair.a, &pair.b, "/comments");
    // It follows on from there as usual.
    assert_eq!(comment(&pair.b, &fixture, 0, "after the snapshot"), 303);
    pair.b.kill();
    pair.b.start();
    in_sync(&pair.a, &pair.b);
    pair.same();
}

#[test]
fn a_silent_standby_holds_a_post_for_two_seconds_and_is_then_not_counted_on() {
    let (mut pair, fixture) = pair_with_members(&[]);
    pair.b.signal(Signal::STOP);
    let begun = Instant::now();
    assert_eq!(comment(&pair.a, &fixture, 0, "held"), 303);
    let took = begun.elapsed();
    println!("a post with a silent standby took {took:?}");
    assert!(took < Duration::from_secs(6), "{took:?}");
    until("the primary says so", || !pair.a.report().in_sync);
    let begun = Instant::now();
    assert_eq!(comment(&pair.a, &fixture, 0, "not held"), 303);
    assert!(begun.elapsed() < took, "{:?}", begun.elapsed());
    pair.b.signal(Signal::CONT);
    in_sync(&pair.a, &pair.b);
    assert_eq!(pair.b.count("not held"), 1);
    pair.same();
}

#[test]
fn a_standby_that_ends_while_it_catches_up_goes_on_from_there() {
    let (mut pair, fixture) = pair_with_members(&[]);
    let oldest = pair.b.oldest_segment();
    let mut halves = 0;
    for _ in 0..4 {
        pair.b.stop();
        write_much(&pair.a, &fixture, "away");
        let head = pair.a.report().txid;
        let before = pair.b.number("select txid from position");
        pair.b.start_slow(Duration::from_millis(2));
        until("its log has it", || pair.a.report().in_sync);
        // The database follows, slowly.
        pair.b.stop();
        let after = pair.b.number("select txid from position");
        assert!(before <= after && after <= i64::try_from(head).unwrap());
        halves += usize::from(after < i64::try_from(head).unwrap());
        pair.b.start();
        in_sync(&pair.a, &pair.b);
        assert_eq!(pair.b.oldest_segment(), oldest, "it got a whole copy");
    }
    assert!(halves > 0, "it never ended in the midst of it");
    pair.same();
}

#[test]
fn who_promotes_a_standby_that_installs_a_copy_is_told_so_at_once() {
    let (mut pair, fixture) = pair_with_members(&[]);
    pair.b.stop();
    write_much(&pair.a, &fixture, "away");
    pair.a.stop();
    std::fs::remove_dir_all(pair.a.dir.join("log")).unwrap();
    pair.a.start();
    assert_eq!(comment(&pair.a, &fixture, 0, "with a new log"), 303);
    pair.b.start_slow(Duration::from_millis(200));
    let wal = pair.b.dir.join("site.db-wal");
    until("it installs the copy", || {
        std::fs::metadata(&wal).is_ok_and(|file| file.len() > 0)
    });
    let begun = Instant::now();
    let said = bad(&site(&pair.b.dir, &["promote", "--force"]));
    let took = begun.elapsed();
    assert!(said.contains("is receiving a copy"), "{said}");
    assert!(took < Duration::from_secs(5), "{took:?}");
    in_sync(&pair.a, &pair.b);
    assert_eq!(pair.b.count("with a new log"), 1);
}
