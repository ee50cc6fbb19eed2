//! The duty given from one node to the other while people read and post.

use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use super::crash::{comment, pair_with_members, post};
use super::{Pair, good, in_sync, same_page, site, until};
use crate::pair::Stop;
use crate::wire::Wire;

#[test]
fn a_planned_switch_fails_no_request_and_the_roles_outlive_restarts_with_the_old_flags() {
    let (mut pair, fixture) = pair_with_members(&[]);
    let (posts, reads) = (AtomicUsize::new(0), AtomicUsize::new(0));
    let is_over = AtomicBool::new(false);
    let all = Mutex::new(Vec::new());
    let took = std::thread::scope(|scope| {
        let over = Stop(&is_over);
        let (posts, reads, all, fixture) = (&posts, &reads, &all, &fixture);
        let (pair, is_over) = (&pair, &is_over);
        let addresses = [pair.a.address, pair.b.address];
        let writers: Vec<_> = (0..4)
            .map(|writer| {
                scope.spawn(move || {
                    let mut wire = Wire::connect(addresses[writer % 2]).unwrap();
                    let mut slowest = Duration::ZERO;
                    for step in 0.. {
                        let text = format!("writer {writer} step {step}");
                        let begun = Instant::now();
                        let status = post(&mut wire, fixture, writer, &text).unwrap();
                        assert_eq!(status, 303, "{text}");
                        slowest = slowest.max(begun.elapsed());
                        all.lock().unwrap().push(text);
                        posts.fetch_add(1, Ordering::Relaxed);
                        if is_over.load(Ordering::Relaxed) {
                            break;
                        }
                    }
                    slowest
                })
            })
            .collect();
        for reader in 0..2 {
            scope.spawn(move || {
                let mut wire = Wire::connect(addresses[reader % 2]).unwrap();
                let paths = ["/", "/newest", "/comments", "/search?q=step"];
                for path in paths.iter().cycle() {
                    assert_eq!(wire.get(path).unwrap().status, 200, "{path}");
                    reads.fetch_add(1, Ordering::Relaxed);
                    if is_over.load(Ordering::Relaxed) {
                        return;
                    }
                }
            });
        }
        let some_more = || {
            let (post, read) = (posts.load(Ordering::Relaxed), reads.load(Ordering::Relaxed));
            until("some posts and reads later", || {
                posts.load(Ordering::Relaxed) >= post + 40
                    && reads.load(Ordering::Relaxed) >= read + 20
            });
        };
        some_more();
        for (node, other) in [(&pair.b, &pair.a), (&pair.a, &pair.b), (&pair.b, &pair.a)] {
            let said = good(&site(&node.dir, &["promote"]));
            assert!(said.contains("is the primary now"), "{said}");
            some_more();
            in_role(node, "primary");
            in_role(other, "standby");
            until("the next can begin", || node.report().in_sync);
        }
        drop(over);
        let slowest = writers.into_iter().map(|writer| writer.join().unwrap());
        slowest.max().unwrap()
    });
    println!("the slowest post over three switches took {took:?}");
    assert!(took < Duration::from_secs(5), "{took:?}");
    in_sync(&pair.b, &pair.a);
    for text in all.into_inner().unwrap() {
        assert_eq!(pair.a.count(&text), 1, "{text}");
    }
    restarted(&mut pair);
    assert_eq!(comment(&pair.a, &fixture, 0, "after all"), 303);
    in_sync(&pair.b, &pair.a);
    assert_eq!(pair.b.count("after all"), 1);
    same_page(&pair.a, &pair.b, "/comments");
    pair.same();
}

#[track_caller]
fn in_role(node: &super::Node, role: &str) {
    until(role, || node.report().role == role);
}

/// Both come back, in either order, and are what they were last.
fn restarted(pair: &mut Pair) {
    pair.b.stop();
    pair.a.stop();
    pair.a.start();
    assert_eq!(pair.a.report().role, "standby");
    pair.b.start();
    in_sync(&pair.b, &pair.a);
    pair.a.kill();
    pair.b.kill();
    pair.b.start();
    assert_eq!(pair.b.report().role, "primary");
    pair.a.start();
    in_sync(&pair.b, &pair.a);
}
