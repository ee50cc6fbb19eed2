//! A standby whose primary does not answer: it goes on showing what it has, and nothing that is typed is lost.

use rustix::process::Signal;

use super::crash::{comment, pair_with_members};
use super::{in_sync, until};
use crate::wire::Wire;

const TYPED: &str = "A long thought that nobody wants to type twice.";

/// With a primary that is made to be silent and made to speak again.
fn without_a_primary(silence: impl FnOnce(&mut super::Node), wake: impl FnOnce(&mut super::Node)) {
    let (mut pair, fixture) = pair_with_members(&[]);
    assert_eq!(comment(&pair.b, &fixture, 0, "before"), 303);
    silence(&mut pair.a);
    let mut wire = Wire::connect(pair.b.address).unwrap();
    for path in ["/newest", "/comments", "/up", "/readyz"] {
        assert_eq!(wire.get(path).unwrap().status, 200, "{path}");
    }
    let path = format!("/s/{}/comments", fixture.stories[0]);
    let cookie = &fixture.writers[0].1;
    let answer = wire.post(&path, cookie, &[("text", TYPED), ("parent", "")]);
    let answer = answer.unwrap();
    let page = String::from_utf8_lossy(&answer.body);
    assert_eq!(answer.status, 503, "{page}");
    assert!(
        page.contains(TYPED) && page.contains("Send again"),
        "{page}"
    );
    assert!(answer.header("retry-after").is_some(), "{}", answer.head);
    until("the standby says so", || {
        let primary = pair.b.report().primary.unwrap();
        !primary.connected && primary.trouble.is_some()
    });
    wake(&mut pair.a);
    in_sync(&pair.a, &pair.b);
    assert_eq!(comment(&pair.b, &fixture, 0, "afterwards"), 303);
    assert_eq!(pair.b.count("afterwards"), 1);
    assert!(pair.b.count(TYPED) <= 1);
    pair.same();
}

#[test]
fn with_a_killed_primary_pages_go_on_and_a_post_is_kept_for_another_try() {
    without_a_primary(super::Node::kill, super::Node::start);
}

#[test]
fn with_a_stopped_primary_pages_go_on_and_a_post_is_kept_for_another_try() {
    without_a_primary(
        |primary| primary.signal(Signal::STOP),
        |primary| primary.signal(Signal::CONT),
    );
}
