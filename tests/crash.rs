//! Processes that are killed: at any moment, and before each single write to the disk. More of it: `cargo bench -- crash`.

use std::collections::BTreeSet;
use std::time::Duration;

use crate::kills::{self, CALLS};
use crate::rounds;

#[test]
fn whatever_was_answered_is_there_after_kill_9() {
    let dir = tempfile::tempdir().unwrap();
    let outcome = rounds::run(dir.path(), 5);
    assert!(outcome.answered > 100);
    // What that is on a machine that does nothing else the bench looks at.
    assert!(outcome.slowest_start < Duration::from_secs(20));
}

#[test]
fn whatever_was_answered_is_there_after_a_kill_in_the_midst_of_a_commit() {
    let dir = tempfile::tempdir().unwrap();
    // A commit of these is some twenty writes: the numbers fall on all parts of one.
    let numbers: BTreeSet<usize> = [41, 64, 87, 110].into();
    for (call, numbers) in CALLS.map(|call| (call, numbers.clone())) {
        let numbers = if call == "pwrite64" {
            numbers
        } else {
            [1].into()
        };
        let tally = kills::run(dir.path(), call, numbers);
        assert!(tally.fired > 0, "{call} never came: {tally:?}");
    }
}
