//! Processes that are killed, at any moment and before each single write to the disk, and disks that forget what was not
//! synced. More of it: `cargo bench -- crash`, `kills` and `power`.

use std::collections::BTreeSet;
use std::time::Duration;

use crate::kills::{self, CALLS};
use crate::power;
use crate::raw::Dice;
use crate::rounds;
use crate::syncs::{self, Of};

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

#[test]
fn whatever_was_answered_is_there_after_a_power_cut_that_loses_or_tears_what_was_not_synced() {
    let dir = tempfile::tempdir().unwrap();
    let mut dice = Dice(5);
    let tally = power::run(dir.path(), 8, &mut |most| dice.roll(most));
    assert!(
        tally.lost > 0 && tally.syncs > 0 && tally.looked_for > 0,
        "{tally:?}"
    );
}

#[test]
fn what_a_primary_wrote_alone_is_kept_though_its_power_fails_while_it_is_replaced() {
    let dir = tempfile::tempdir().unwrap();
    let mut dice = Dice(6);
    let tally = power::run_fenced(dir.path(), 8, &mut |most| dice.roll(most));
    assert!(tally.lost > 0, "{tally:?}");
}

#[test]
fn after_a_failed_sync_of_the_wal_or_the_database_nothing_is_answered_and_the_site_ends() {
    let dir = tempfile::tempdir().unwrap();
    for (number, for_good) in [(3, false), (6, true)] {
        syncs::run(dir.path(), Of::Wal, number, for_good);
    }
    for for_good in [false, true] {
        assert!(syncs::run(dir.path(), Of::Database, 1, for_good) > 50);
    }
}

#[test]
fn a_failed_sync_of_the_log_is_told_and_loses_no_answer() {
    let dir = tempfile::tempdir().unwrap();
    for for_good in [false, true] {
        assert!(syncs::run(dir.path(), Of::Log, 1, for_good) > 500);
    }
}
