//! kill -9 under load. 200 rounds: `cargo bench -- crash 200`.

use crate::rounds;

#[test]
fn whatever_was_answered_is_there_after_kill_9() {
    let dir = tempfile::tempdir().unwrap();
    assert!(rounds::run(dir.path(), 5) > 100);
}
