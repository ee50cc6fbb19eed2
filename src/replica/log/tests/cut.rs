//! Beginning anew, and taking the end of a diverged history back.

use super::*;
use crate::replica::log::record::{decode, split};
use crate::replica::log::recover::RESTART;

#[test]
fn a_log_begun_anew_holds_nothing_and_goes_on_at_its_point() {
    let site = Site::new();
    let mut history = History::new(1);
    let (log, _) = site.filled(&mut history, 20);
    let mut other = History::fork(point(4, 10), 2);
    log.restart(other.at).unwrap();
    assert_eq!(log.end(), None);
    assert_eq!((log.first(), log.last()), (Some(other.at), Some(other.at)));
    assert_eq!(site.names(), ["00000000000000000011.log"]);
    drop(log);
    let log = site.open();
    assert_eq!((log.finding(), log.last()), (None, Some(other.at)));
    let commits = other.many(5);
    append(&log, &commits);
    assert_eq!(contents(&log), commits);
    drop(log);
    assert_eq!(contents(&site.open()), commits);
}

#[test]
fn a_restart_at_the_same_point_is_one_too() {
    let site = Site::new();
    let mut history = History::new(2);
    let (log, _) = site.filled(&mut history, 3);
    log.restart(point(1, 0)).unwrap();
    log.restart(point(1, 0)).unwrap();
    assert_eq!((log.end(), contents(&log)), (None, vec![]));
}

#[test]
fn a_crash_in_a_restart_leaves_the_old_log_or_one_that_begins_there() {
    let at = point(4, 12);
    let new = Site::new();
    new.open().restart(at).unwrap();
    let base = std::fs::read(&new.segments()[0]).unwrap();
    let site = Site::new();
    let (_, commits) = site.filled(&mut History::new(3), 20);
    let count = site.segments().len();
    // Before it was decided: whatever there is of the draft.
    for length in [0, 64, base.len()] {
        std::fs::write(site.dir.join("restart.tmp"), &base[..length]).unwrap();
        assert_eq!(contents(&site.open()), commits);
    }
    // Afterwards: with some of the old segments gone already.
    for gone in 0..=count {
        let site = Site::new();
        site.filled(&mut History::new(3), 20);
        for file in site.segments().iter().take(gone) {
            std::fs::remove_file(file).unwrap();
        }
        std::fs::write(site.dir.join(RESTART), &base).unwrap();
        let log = site.open();
        assert_eq!((log.finding(), log.last()), (None, Some(at)));
        assert_eq!(site.names(), ["00000000000000000013.log"]);
    }
}

/// The commits in a file of lost ones.
fn lost(file: &Path) -> Vec<Arc<Commit>> {
    let bytes = std::fs::read(file).unwrap();
    let mut rest = &bytes[..];
    let mut commits = Vec::new();
    while !rest.is_empty() {
        let (first, behind) = split(rest).unwrap();
        commits.push(Arc::new(decode(first, &mut nothing).unwrap()));
        rest = behind;
    }
    commits
}

#[test]
fn what_comes_after_a_cut_is_in_one_file_and_the_log_goes_on_there() {
    for tail in [1 << 20, 0] {
        for keep in 0..20_usize {
            let site = Site::new();
            let mut history = History::new(4);
            let log = site.open_with(Limits { tail, ..small() });
            log.restart(history.at).unwrap();
            let mut commits = vec![];
            for _ in 0..20 {
                commits.extend(history.many(1));
            }
            append(&log, &commits);
            let aside = site.dir.with_file_name("lost");
            let at = keep
                .checked_sub(1)
                .map_or(point(1, 0), |i| commits[i].point);
            let file = log.cut(at, &aside).unwrap().unwrap();
            assert_eq!(file, aside.join(format!("1-{}.log", keep + 1)));
            assert_eq!(lost(&file), commits[keep..]);
            assert_eq!(log.last(), Some(at));
            let end = keep.checked_sub(1).map(|i| (at, commits[i].cursor));
            assert_eq!(log.end(), end);
            assert_eq!(contents(&log), commits[..keep]);
            assert_eq!(*log.changed().borrow(), at);
            drop(log);
            let log = site.open();
            assert_eq!((log.finding(), log.end()), (None, end));
            let mut other = History::fork(at, 5);
            other.promote();
            let rest = other.many(10);
            append(&log, &rest);
            assert_eq!(contents(&log), [&commits[..keep], &rest].concat());
            drop(log);
            assert_eq!(site.open().finding(), None);
        }
    }
}

#[test]
fn a_cut_at_the_end_or_at_a_foreign_point_changes_nothing() {
    let site = Site::new();
    let mut history = History::new(6);
    let (log, commits) = site.filled(&mut history, 10);
    let aside = site.dir.with_file_name("lost");
    assert_eq!(log.cut(history.at, &aside).unwrap(), None);
    let mut foreign = commits[3].point;
    foreign.chain = Chain([0; 16]);
    assert!(log.cut(foreign, &aside).is_err());
    assert!(log.cut(point(1, 99), &aside).is_err());
    assert_eq!(contents(&log), commits);
    assert!(!aside.exists());
}

#[test]
fn an_earlier_file_of_lost_commits_is_not_overwritten() {
    let site = Site::new();
    let mut history = History::new(7);
    let (log, commits) = site.filled(&mut history, 10);
    let aside = site.dir.with_file_name("lost");
    let first = log.cut(commits[4].point, &aside).unwrap().unwrap();
    let other = History::fork(commits[4].point, 8).many(3);
    append(&log, &other);
    let second = log.cut(commits[4].point, &aside).unwrap().unwrap();
    assert_ne!(first, second);
    assert_eq!(
        (lost(&first), lost(&second)),
        (commits[5..].to_vec(), other)
    );
}

#[test]
fn a_cut_that_cannot_keep_what_it_takes_takes_nothing() {
    let site = Site::new();
    let mut history = History::new(9);
    let (log, commits) = site.filled(&mut history, 10);
    // A file where the directory would be.
    let aside = site.dir.with_file_name("lost");
    std::fs::write(&aside, "").unwrap();
    assert!(log.cut(commits[4].point, &aside).is_err());
    assert_eq!(contents(&log), commits);
    append(&log, &history.many(1));
}
