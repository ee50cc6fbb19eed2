//! Nodes that are killed while people post: what was answered is on the node that goes on, once.

use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc::channel;
use std::time::{Duration, Instant};

use super::{Node, Pair, good, in_sync, same_page, site, until};
use crate::check;
use crate::raw::Dice;
use crate::rounds::{Fixture, fixture};
use crate::wire::Wire;

/// A pair on a site that has members and stories, in sync.
pub fn pair_with_members(flags: &[&str]) -> (Pair, Fixture) {
    let mut pair = Pair::new(flags);
    let fixture = fixture(&pair.a.dir);
    pair.a.start();
    pair.b.start();
    in_sync(&pair.a, &pair.b);
    (pair, fixture)
}

/// Comments once through a node; its status.
pub fn comment(node: &Node, fixture: &Fixture, writer: usize, text: &str) -> u16 {
    let mut wire = Wire::connect(node.address).unwrap();
    post(&mut wire, fixture, writer, text).unwrap()
}

pub fn post(wire: &mut Wire, fixture: &Fixture, writer: usize, text: &str) -> std::io::Result<u16> {
    let path = format!("/s/{}/comments", fixture.stories[writer % 3]);
    let answer = wire.post(
        &path,
        &fixture.writers[writer].1,
        &[("text", text), ("parent", "")],
    )?;
    Ok(answer.status)
}

/// Posts through both nodes, kills the one that writes after so many answers, and tells the texts that were answered.
fn post_and_kill(
    primary: &mut Node,
    standby: &Node,
    fixture: &Fixture,
    round: usize,
    answers: usize,
) -> Vec<String> {
    let answered = Mutex::new(Vec::new());
    let (full, is_full) = channel();
    let is_over = AtomicBool::new(false);
    let addresses = [primary.address, standby.address];
    std::thread::scope(|scope| {
        for writer in 0..4 {
            let (full, answered, is_over) = (full.clone(), &answered, &is_over);
            scope.spawn(move || {
                let Ok(mut wire) = Wire::connect(addresses[writer % 2]) else {
                    return;
                };
                for step in 0.. {
                    let text = format!("round {round} writer {writer} step {step}");
                    match post(&mut wire, fixture, writer, &text) {
                        Ok(303) => {}
                        // The node is gone, or the one that it would have asked.
                        Err(_) | Ok(503) => return,
                        Ok(status) => panic!("{text}: {status}"),
                    }
                    let mut answered = answered.lock().unwrap();
                    answered.push(text);
                    if answered.len() >= answers {
                        // Nobody listens any more once one has said so.
                        let _ = full.send(());
                    }
                    if is_over.load(Ordering::Relaxed) {
                        return;
                    }
                }
            });
        }
        drop(full);
        is_full.recv().expect("all posts failed before the kill");
        primary.kill();
        is_over.store(true, Ordering::Relaxed);
        // Before the promotion, so that those who asked through the standby are answered by the next primary.
        let said = good(&site(&standby.dir, &["promote", "--force"]));
        assert!(said.contains("is the primary now"), "{said}");
    });
    answered.into_inner().unwrap()
}

#[test]
fn whatever_was_answered_is_on_the_standby_that_takes_over_after_kill_9() {
    let (mut pair, fixture) = pair_with_members(&[]);
    let mut dice = Dice(7);
    let mut answered = Vec::new();
    for round in 0..4 {
        let Pair { a, b, .. } = &mut pair;
        let (primary, standby) = if round % 2 == 0 { (a, b) } else { (b, a) };
        let count = 1 + dice.roll(60);
        answered.extend(post_and_kill(primary, standby, &fixture, round, count));
        for text in &answered {
            assert_eq!(standby.count(text), 1, "{text} was answered");
        }
        let twice = "select count(*) - count(distinct text) from comment";
        assert_eq!(standby.number(twice), 0);
        // It comes back with the flags that it always had.
        primary.start();
        in_sync(standby, primary);
        for path in ["/newest", "/comments"] {
            same_page(standby, primary, path);
        }
    }
    assert!(answered.len() > 20, "{}", answered.len());
    pair.same();
    for node in [&pair.a, &pair.b] {
        let conn = rusqlite::Connection::open(node.dir.join("site.db")).unwrap();
        assert_eq!(check::lies(&conn), Vec::<String>::new());
    }
}

#[test]
fn what_a_primary_wrote_alone_before_it_was_replaced_is_kept_in_a_file() {
    let (mut pair, fixture) = pair_with_members(&[]);
    assert_eq!(comment(&pair.a, &fixture, 0, "on both"), 303);
    pair.b.kill();
    assert_eq!(comment(&pair.a, &fixture, 0, "written alone"), 303);
    pair.a.kill();
    pair.b.start();
    let said = good(&site(&pair.b.dir, &["promote", "--force"]));
    assert!(said.contains("not in sync"), "{said}");
    assert_eq!(comment(&pair.b, &fixture, 1, "written after"), 303);
    pair.a.start();
    in_sync(&pair.b, &pair.a);
    same_page(&pair.b, &pair.a, "/comments");
    assert_eq!(pair.a.lost(), 1, "its own commits are kept");
    for (text, expected) in [("on both", 1), ("written alone", 0), ("written after", 1)] {
        assert_eq!(pair.a.count(text), expected, "{text}");
    }
    pair.same();
}

#[test]
fn a_primary_whose_standby_is_killed_again_and_again_goes_on_and_the_standby_catches_up() {
    let (mut pair, fixture) = pair_with_members(&[]);
    let mut dice = Dice(11);
    let is_over = AtomicBool::new(false);
    let count = AtomicUsize::new(0);
    let Pair { a, b, .. } = &mut pair;
    let address = a.address;
    let slowest = std::thread::scope(|scope| {
        let over = crate::pair::Stop(&is_over);
        let (is_over, count, fixture) = (&is_over, &count, &fixture);
        let writers: Vec<_> = (0..3)
            .map(|writer| {
                scope.spawn(move || {
                    let mut wire = Wire::connect(address).unwrap();
                    let mut slowest = Duration::ZERO;
                    for step in 0.. {
                        let begun = Instant::now();
                        let text = format!("writer {writer} step {step}");
                        assert_eq!(post(&mut wire, fixture, writer, &text).unwrap(), 303);
                        slowest = slowest.max(begun.elapsed());
                        count.fetch_add(1, Ordering::Relaxed);
                        if is_over.load(Ordering::Relaxed) {
                            break;
                        }
                    }
                    slowest
                })
            })
            .collect();
        for _ in 0..4 {
            let next = count.load(Ordering::Relaxed) + 1 + dice.roll(30);
            until("some posts later", || count.load(Ordering::Relaxed) >= next);
            b.kill();
            until("the primary knows", || !a.report().in_sync);
            b.start();
            if dice.roll(2) == 0 {
                until("it is followed again", || a.report().in_sync);
            }
        }
        drop(over);
        let slowest = writers.into_iter().map(|writer| writer.join().unwrap());
        slowest.max().unwrap()
    });
    println!("the slowest post while standbys were killed took {slowest:?}");
    assert!(slowest < Duration::from_secs(5), "{slowest:?}");
    in_sync(&pair.a, &pair.b);
    pair.same();
}

#[test]
fn with_a_required_standby_a_post_is_answered_once_there_is_one() {
    let (mut pair, fixture) = pair_with_members(&["--require-standby"]);
    assert_eq!(comment(&pair.a, &fixture, 0, "with one"), 303);
    pair.b.kill();
    let (answer, answered) = channel();
    let Pair { a, b, .. } = &mut pair;
    std::thread::scope(|scope| {
        scope.spawn(|| answer.send(comment(a, &fixture, 0, "without one")));
        until("it is written", || a.count("without one") == 1);
        until("the primary knows", || !a.report().in_sync);
        assert!(answered.try_recv().is_err(), "answered without a standby");
        b.start();
    });
    assert_eq!(answered.recv().unwrap(), 303);
    in_sync(&pair.a, &pair.b);
    assert_eq!(pair.b.count("without one"), 1);
    // A primary that starts without any can be reached, and waits.
    pair.b.stop();
    pair.a.kill();
    pair.a.start();
    pair.a.browser().get("/newest").expect(200);
    pair.b.start();
    in_sync(&pair.a, &pair.b);
}

#[test]
fn a_standby_whose_database_cannot_be_synced_ends_and_is_whole_after_the_next_start() {
    let (mut pair, fixture) = pair_with_members(&[]);
    pair.b.stop();
    // At a later sync, as at once, the system would say that all is well.
    let fault = "fsync,fdatasync:error=EIO:when=1";
    pair.b
        .start_on_bad_disk("site.db", "fsync,fdatasync", fault);
    in_sync(&pair.a, &pair.b);
    // Its copy is brought to disk now and then, after some thousand pages: each text is another one, as it would not be
    // written twice.
    let text = "Words that fill pages. ".repeat(400);
    let mut written = 0;
    until("the copy is synced", || {
        written += 1;
        let text = format!("{written}. {text}");
        assert_eq!(comment(&pair.a, &fixture, written % 4, &text), 303);
        assert!(written < 3_000);
        pair.b.log().contains("could not be brought to disk")
    });
    assert_eq!(pair.b.ends(), Some(1));
    pair.b.start();
    in_sync(&pair.a, &pair.b);
    same_page(&pair.a, &pair.b, "/comments");
    pair.same();
}
