//! A full disk. The system refuses to let files grow beyond a limit, in a child of its own, as the limit is a process's.

use std::process::Command;

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

use super::*;

const CHILD: &str = "SITE_TEST_FULL_DISK";

/// Runs a test of this file in a child to which a refusal is an error, not a signal. Whether this process is that child.
fn is_child(test: &str) -> bool {
    if std::env::var_os(CHILD).is_some() {
        return true;
    }
    // Ignored signals stay ignored in what is executed; 25 is SIGXFSZ.
    let output = Command::new("sh")
        .args(["-c", "trap '' 25; exec \"$@\"", "sh"])
        .arg(std::env::current_exe().unwrap())
        .args(["--exact", &format!("replica::log::tests::full::{test}")])
        .env(CHILD, "1")
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(
        output.status.success() && said.contains("1 passed"),
        "{said}"
    );
    false
}

/// Lets no file grow beyond so many bytes.
fn limit(bytes: u64) {
    let now = getrlimit(Resource::Fsize);
    let current = Some(bytes).filter(|bytes| *bytes < u64::MAX);
    setrlimit(Resource::Fsize, Rlimit { current, ..now }).unwrap();
}

fn roomy() -> Limits {
    Limits {
        segment: 1 << 20,
        ..small()
    }
}

#[test]
fn a_full_disk_loses_the_commit_and_no_other_and_leaves_no_hole() {
    if !is_child("a_full_disk_loses_the_commit_and_no_other_and_leaves_no_hole") {
        return;
    }
    for spare in [0, 1, 50, 115, 116, 300] {
        let site = Site::new();
        let mut history = History::new(1);
        let log = site.open_with(roomy());
        log.restart(history.at).unwrap();
        let commits = history.many(5);
        append(&log, &commits);
        log.sync().unwrap();
        let full = log.size();
        let refused = history.next(4);
        let next = history.next(4);
        limit(full + spare);
        let error = log.append(Arc::clone(&refused)).unwrap_err();
        assert!(matches!(error, Error::Io(_)), "{error:?}");
        assert!(error.to_string().contains("followers"), "{error}");
        assert_eq!((log.last(), log.size()), (Some(commits[4].point), full));
        assert_eq!(site.segments()[0].metadata().unwrap().len(), full);
        limit(u64::MAX);
        // There is room again, but one is missing: as a hole must never be.
        assert!(matches!(
            log.append(Arc::clone(&next)),
            Err(Error::Internal(_))
        ));
        log.sync().unwrap();
        assert_eq!(contents(&log), commits);
        assert_eq!(contents(&site.open_with(roomy())), commits);
        // The same one again is no hole.
        append(&log, &[refused, next]);
        assert_eq!(contents(&log).len(), 7);
        let at = point(1, 40);
        log.restart(at).unwrap();
        append(&log, &History::fork(at, 2).many(3));
        assert_eq!(contents(&log).len(), 3);
    }
}

#[test]
fn a_disk_too_full_for_a_new_segment_leaves_the_log_as_it_is() {
    if !is_child("a_disk_too_full_for_a_new_segment_leaves_the_log_as_it_is") {
        return;
    }
    let site = Site::new();
    let mut history = History::new(3);
    let (log, _) = site.filled(&mut history, 1);
    while log.size() < small().segment {
        append(&log, &history.many(1));
    }
    let before = (site.names(), log.last());
    let next = history.next(2);
    limit(60);
    assert!(log.append(Arc::clone(&next)).is_err());
    assert!(log.restart(history.at).is_err());
    limit(u64::MAX);
    assert_eq!(
        (log.last(), &site.segments()),
        (before.1, &paths(&site, &before.0))
    );
    append(&log, &[next]);
    assert_eq!(site.segments().len(), 2);
    assert_eq!(log.last(), Some(history.at));
}

fn paths(site: &Site, names: &[String]) -> Vec<PathBuf> {
    names.iter().map(|name| site.dir.join(name)).collect()
}

#[test]
fn a_partial_record_that_could_not_be_cut_off_is_so_later() {
    let site = Site::new();
    let mut history = History::new(4);
    let (log, mut commits) = site.filled(&mut history, 3);
    // As after an append that failed, and whose remains the disk refused to cut off as well: a handle to read only does.
    let file = site.segments().remove(0);
    let real = {
        let mut state = log.state();
        let read_only = Arc::new(std::fs::File::open(&file).unwrap());
        std::mem::replace(&mut state.segments[0].file, read_only)
    };
    let next = history.next(2);
    assert!(log.append(Arc::clone(&next)).is_err());
    assert!(log.state().torn);
    real.write_all_at(b"remains", log.size()).unwrap();
    assert!(log.append(Arc::clone(&next)).is_err());
    log.state().segments[0].file = real;
    log.append(Arc::clone(&next)).unwrap();
    commits.push(next);
    assert_eq!(contents(&log), commits);
    drop(log);
    let log = site.open();
    assert_eq!((log.finding(), contents(&log)), (None, commits));
}
