//! What is said of the last minute.

use super::*;

fn told(change: impl Fn(&mut Sample)) -> (Mood, String) {
    let mut history = History::new();
    history.push(Sample::NOTHING);
    let mut sample = Sample::NOTHING;
    change(&mut sample);
    history.push(sample);
    let word = word(&history, Phase::Ready, None);
    (word.mood, format!("{} {}", word.head, word.rest))
}

#[test]
fn the_worst_of_the_last_minute_is_what_is_said() {
    let told = |change: fn(&mut Sample)| told(change);
    assert_eq!(told(|_| {}), (Mood::Well, "All is well. ".into()));
    let (mood, text) = told(|s| s.lanes[0].wait_p99 = 250.0);
    assert_eq!(
        (mood, text.as_str()),
        (Mood::Mind, "Busy: pages wait 250\u{a0}ms for a worker.")
    );
    let (mood, text) = told(|s| s.stuck = 1.0);
    assert_eq!(mood, Mood::Mind);
    assert!(text.starts_with("Workers are stuck: 1 "), "{text}");
    let (mood, text) = told(|s| (s.failed, s.stuck) = (3.0, 1.0));
    assert_eq!(
        (mood, text.as_str()),
        (Mood::Bad, "Answers fail: 3 in the last minute; see below.")
    );
    let (mood, text) = told(|s| {
        (s.failed, s.refused, s.writes_refused) = (3.0, 12.0, 1.0);
        s.lanes[0].refused = 12.0;
    });
    assert_eq!(
        (mood, text.as_str()),
        (
            Mood::Bad,
            "Refusing work: too much waits for the page lane and the writer. 12 answers in the last minute were 503."
        )
    );
}

#[test]
fn work_that_was_refused_without_anybody_noticing_is_only_to_be_minded() {
    let (mood, text) = told(|s| s.lanes[0].refused = 1.0);
    assert_eq!(mood, Mood::Mind);
    assert!(
        text.ends_with("the page lane. Nobody was turned away."),
        "{text}"
    );
}

#[test]
fn what_was_refused_a_minute_ago_is_over() {
    let mut history = History::new();
    history.push(Sample {
        refused: 5.0,
        ..Sample::NOTHING
    });
    for _ in 1..RECENT {
        history.push(Sample::NOTHING);
    }
    assert_eq!(word(&history, Phase::Ready, None).mood, Mood::Bad);
    history.push(Sample::NOTHING);
    assert_eq!(word(&history, Phase::Ready, None).mood, Mood::Well);
}

#[test]
fn the_beginning_and_the_end_are_told() {
    assert_eq!(
        word(&History::new(), Phase::Ready, None).head,
        "Just started."
    );
    assert_eq!(
        word(&History::new(), Phase::Draining, None).head,
        "Draining:"
    );
}
