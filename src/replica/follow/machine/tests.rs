//! What a standby does with commits that a right primary would not send, and how it waits.

use std::time::Duration;

use super::*;
use crate::replica::sample::{commit_after, record};
use crate::replica::wire::message::Why;
use crate::store::commit::{Chain, Commit};

fn node(id: u8) -> Node {
    Node {
        id: [id; 16],
        cluster: Some("site".into()),
        ..Node::default()
    }
}

/// A standby that streams, after its first commit.
fn streaming(now: Instant) -> (Follow, Point) {
    let point = commit_after(Point::default(), 1, 1).point;
    let start = Start {
        node: node(2),
        epoch: 1,
        logged: point,
        applied: 1,
        wants: Wants::Rest,
        schema: 1,
        seed: 5,
    };
    let mut follow = Follow::new(start, now);
    assert_eq!(
        follow.handle(now, Event::Tick { wall_ms: 0 }),
        [Action::Connect]
    );
    greet(&mut follow, now, point);
    (follow, point)
}

/// What it asks for in its greeting.
fn greet(follow: &mut Follow, now: Instant, point: Point) -> Wants {
    let said = follow.handle(now, Event::Connected);
    let [Action::Send(Message::Hello(hello))] = said.as_slice() else {
        panic!("{said:?}");
    };
    let welcome = Welcome {
        protocol: PROTOCOL.1,
        node: node(1),
        epoch: 1,
        head: point,
        what: What::Resume { from: point },
    };
    follow.handle(now, Event::Received(Message::Welcome(welcome)));
    hello.wants
}

/// Gives it a commit; what it asks for next time when it left the primary for that.
#[track_caller]
fn check(change: impl FnOnce(&mut Commit), left: Option<Wants>) {
    let now = Instant::now();
    let (mut follow, point) = streaming(now);
    let mut commit = commit_after(point, 1, 2);
    change(&mut commit);
    let actions = follow.handle(now, Event::Commit(record(&commit)));
    let closed = actions
        .iter()
        .any(|action| matches!(action, Action::Close(_)));
    assert_eq!(closed, left.is_some(), "{actions:?}");
    if let Some(left) = left {
        let later = now + Duration::from_secs(6);
        let next = follow.handle(later, Event::Tick { wall_ms: 0 });
        assert_eq!(next, [Action::Connect]);
        assert_eq!(greet(&mut follow, later, point), left);
    }
}

#[test]
fn a_commit_is_taken_only_if_it_follows() {
    check(|_| (), None);
    // Another history: only a snapshot helps.
    check(
        |commit| commit.before = Chain([9; 16]),
        Some(Wants::Snapshot),
    );
    check(
        |commit| commit.point.position = crate::store::commit::Position { epoch: 2, txid: 1 },
        Some(Wants::Snapshot),
    );
    // Some were left out: the primary has them.
    check(|commit| commit.point.position.txid = 5, Some(Wants::Rest));
}

#[test]
fn a_commit_that_was_sent_again_is_appended_once() {
    let now = Instant::now();
    let (mut follow, point) = streaming(now);
    let first = record(&commit_after(point, 1, 2));
    let second = record(&commit_after(first.point(), 1, 3));
    let mut give = |record: &Record| follow.handle(now, Event::Commit(record.clone()));
    assert_eq!(give(&first), [Action::Append(first.clone())]);
    assert_eq!(give(&second), [Action::Append(second.clone())]);
    assert_eq!(give(&first), []);
    assert_eq!(give(&second), []);
}

#[test]
fn a_copy_that_this_program_cannot_show_is_not_taken_and_asked_for_again_as_late_as_can_be() {
    let now = Instant::now();
    let (mut follow, point) = streaming(now);
    follow.handle(now, Event::Lost("cut".into()));
    let later = now + Duration::from_secs(1);
    let next = follow.handle(later, Event::Tick { wall_ms: 0 });
    assert_eq!(next, [Action::Connect]);
    follow.handle(later, Event::Connected);
    let welcome = Welcome {
        protocol: PROTOCOL.1,
        node: Node {
            schema: 2,
            ..node(1)
        },
        epoch: 1,
        head: point,
        what: What::Snapshot { why: Why::Gone },
    };
    let actions = follow.handle(later, Event::Received(Message::Welcome(welcome)));
    let [Action::Send(Message::Bye(_)), Action::Close(text)] = actions.as_slice() else {
        panic!("{actions:?}");
    };
    assert!(text.contains("upgrade this one"), "{text}");
    let early = later + Duration::from_millis(2400);
    assert_eq!(follow.handle(early, Event::Tick { wall_ms: 0 }), []);
    let late = later + Duration::from_secs(5);
    let next = follow.handle(late, Event::Tick { wall_ms: 0 });
    assert_eq!(next, [Action::Connect]);
}

#[test]
fn what_the_log_has_no_room_for_is_asked_for_again_a_while_later() {
    let now = Instant::now();
    let (mut follow, point) = streaming(now);
    let first = record(&commit_after(point, 1, 2));
    let second = record(&commit_after(first.point(), 1, 3));
    for record in [&first, &second] {
        let done = follow.handle(now, Event::Commit(record.clone()));
        assert_eq!(done, [Action::Append(record.clone())]);
    }
    let full = Event::NoRoom(first.point(), "full".into());
    let actions = follow.handle(now, full);
    let [
        Action::GoOn,
        Action::Send(Message::Bye(_)),
        Action::Close(_),
    ] = actions.as_slice()
    else {
        panic!("{actions:?}");
    };
    // What was still on its way is not taken.
    assert_eq!(follow.handle(now, Event::Commit(second)), []);
    let early = now + Duration::from_millis(2400);
    assert_eq!(follow.handle(early, Event::Tick { wall_ms: 0 }), []);
    let late = now + Duration::from_secs(5);
    let next = follow.handle(late, Event::Tick { wall_ms: 0 });
    assert_eq!(next, [Action::Connect]);
    let said = follow.handle(late, Event::Connected);
    let [Action::Send(Message::Hello(hello))] = said.as_slice() else {
        panic!("{said:?}");
    };
    assert_eq!((hello.point, hello.wants), (first.point(), Wants::Rest));
}

#[test]
fn attempts_come_later_and_later_and_never_in_step() {
    let waits = |seed| {
        let mut backoff = Backoff::new(seed);
        std::array::from_fn::<Duration, 9, _>(|_| backoff.next())
    };
    let (one, other) = (waits(1), waits(77));
    for (at, wait) in one.iter().enumerate() {
        let whole = Duration::from_millis((100 << at.min(6)).min(5000));
        assert!((whole / 2..=whole).contains(wait), "{at}: {wait:?}");
    }
    assert_ne!(one, other);
}
