//! The race of readers and writers of `tests/race.rs`, for longer and with the program as it is shipped.

use std::time::Duration;

use crate::contest;

/// Races for so long; a single answer that breaks the rule ends it with an error.
pub fn measure(seconds: u64) {
    let dir = tempfile::tempdir().unwrap();
    let done = contest::run(dir.path(), Duration::from_secs(seconds), 20_261_123);
    let per_second = |count: u64| count / seconds.max(1);
    println!(
        "{} reads ({}/s), {} writes ({}/s), {} violations",
        done.reads,
        per_second(done.reads),
        done.writes,
        per_second(done.writes),
        done.violations.len()
    );
    for (status, count) in &done.by_status {
        println!("{count:>9} {status}");
    }
    println!("as the site counts: {:?}", done.metrics);
    let first: Vec<&String> = done.violations.iter().take(20).collect();
    assert!(first.is_empty(), "{first:#?}");
    for result in ["hit", "joined", "miss", "stale"] {
        assert!(done.metrics.contains_key(result), "there was no {result}");
    }
}
