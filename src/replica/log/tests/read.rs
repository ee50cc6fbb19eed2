//! Finding a point, and reading on from it.

use super::*;

fn diverged(log: &Log, point: Point) -> Option<Point> {
    match log.after(point).unwrap() {
        Found::Diverged { common } => common,
        Found::Follows(_) => panic!("{point:?} follows"),
        Found::Gone => panic!("{point:?} is gone"),
    }
}

fn is_gone(log: &Log, point: Point) -> bool {
    matches!(log.after(point).unwrap(), Found::Gone)
}

/// With everything in memory, with a part, and with nothing.
fn with_tails(test: impl Fn(Limits)) {
    for tail in [1 << 20, 6000, 0] {
        test(Limits { tail, ..small() });
    }
}

#[test]
fn what_follows_on_each_point_is_read_from_disk_and_memory_alike() {
    with_tails(|limits| {
        let site = Site::new();
        let mut history = History::new(1);
        let log = site.open_with(limits);
        log.restart(history.at).unwrap();
        let commits = history.many(30);
        append(&log, &commits);
        assert_eq!(contents(&log), commits);
        for (index, commit) in commits.iter().enumerate() {
            let mut reader = follow(&log, commit.point);
            assert_eq!(read_all(&mut reader), commits[index + 1..]);
            assert_eq!(reader.at(), history.at);
        }
    });
}

#[test]
fn a_reader_goes_on_when_there_is_more() {
    with_tails(|limits| {
        let site = Site::new();
        let mut history = History::new(2);
        let log = site.open_with(limits);
        log.restart(history.at).unwrap();
        let mut reader = follow(&log, history.at);
        for _ in 0..20 {
            assert_eq!(next(&mut reader).unwrap(), None);
            let commits = history.many(3);
            append(&log, &commits);
            assert_eq!(read_all(&mut reader), commits);
        }
    });
}

#[test]
fn who_follows_closely_reads_from_memory_and_the_same_bytes() {
    let site = Site::new();
    let mut history = History::new(3);
    let log = site.open_with(Limits::default());
    log.restart(history.at).unwrap();
    let mut reader = follow(&log, history.at);
    let commits = history.many(3);
    append(&log, &commits);
    let kept = follow(&log, reader.at()).kept(1 << 20).unwrap().unwrap();
    let unpacked = |record: &Record| record.commit(&mut nothing).map(Arc::new).unwrap();
    assert_eq!(kept.iter().map(unpacked).collect::<Vec<_>>(), commits);
    // As many as asked for and one more, then the rest, then none, unless somebody has the log at the moment.
    let most = kept[0].bytes.len() - 1;
    assert_eq!(reader.kept(most).unwrap().unwrap(), kept[..1]);
    let state = log.state();
    assert_eq!(reader.kept(1 << 20).unwrap(), None);
    drop(state);
    assert_eq!(reader.kept(1 << 20).unwrap().unwrap(), kept[1..]);
    assert_eq!(reader.kept(1 << 20).unwrap().unwrap(), []);
    drop(log);
    drop(reader);
    let log = site.open();
    let mut reader = follow(&log, point(1, 0));
    assert_eq!(reader.kept(1 << 20).unwrap(), None);
    assert_eq!(reader.next().unwrap().as_ref(), Some(&kept[0]));
}

#[test]
fn a_received_record_is_appended_as_it_is() {
    let (primary, standby) = (Site::new(), Site::new());
    let mut history = History::new(4);
    let follower = standby.open();
    follower.restart(history.at).unwrap();
    let (log, commits) = primary.filled(&mut history, 10);
    let mut reader = follow(&log, point(1, 0));
    while let Some(record) = reader.next().unwrap() {
        follower.append_records(vec![record]).unwrap();
    }
    assert_eq!(contents(&follower), commits);
    let read = |site: &Site| std::fs::read(&site.segments()[1]).unwrap();
    assert_eq!(read(&primary), read(&standby));
}

#[test]
fn another_history_has_diverged_and_is_told_where() {
    with_tails(|limits| {
        let site = Site::new();
        let mut history = History::new(5);
        let log = site.open_with(limits);
        log.restart(history.at).unwrap();
        let old = history.many(10);
        append(&log, &old);
        let fork = history.at;
        history.promote();
        append(&log, &history.many(10));
        // The old primary went on by itself in the old epoch.
        let mut lost = History::fork(fork, 99);
        for further in [1, 5, 20] {
            lost.many(further);
            assert_eq!(diverged(&log, lost.at), Some(fork));
        }
        // Beyond our end in our own epoch: our end is theirs too.
        let mut ahead = History::fork(history.at, 98);
        ahead.many(3);
        assert_eq!(diverged(&log, ahead.at), Some(history.at));
        // Another hash under the same numbers: nothing can be told.
        let mut other = old[4].point;
        other.chain = Chain([0; 16]);
        assert_eq!(diverged(&log, other), None);
        // An epoch that we know nothing of.
        let mut later = History::fork(old[4].point, 97);
        later.at.position.epoch = 9;
        later.many(30);
        assert_eq!(diverged(&log, later.at), None);
    });
}

#[test]
fn what_is_older_than_the_oldest_is_gone() {
    let site = Site::new();
    let mut history = History::new(6);
    history.many(5);
    let base = history.at;
    let (log, _) = site.filled(&mut history, 5);
    let mut older = base;
    older.position.txid -= 1;
    assert!(is_gone(&log, older));
    let mut other = base;
    other.chain = Chain([0; 16]);
    assert_eq!(diverged(&log, other), None);
    follow(&log, base);
}

#[test]
fn a_reader_reads_its_segment_to_the_end_when_it_is_removed_and_then_says_so() {
    let site = Site::new();
    let mut history = History::new(7);
    let (log, commits) = site.filled(&mut history, 30);
    let mut reader = follow(&log, point(1, 0));
    assert_eq!(next(&mut reader).unwrap().as_ref(), Some(&commits[0]));
    let now = Timestamp::from_ms(1).plus(Duration::from_hours(2));
    let removed = log.retain(now).unwrap();
    assert!(removed.len() > 2);
    for index in 1..removed[0].last {
        let commit = next(&mut reader).unwrap().unwrap();
        assert_eq!(commit, commits[usize::try_from(index).unwrap()]);
    }
    assert!(next(&mut reader).is_err());
    assert!(next(&mut reader).is_err());
    assert!(is_gone(&log, reader.at()));
}

#[test]
fn a_reader_of_what_is_taken_back_says_so() {
    let site = Site::new();
    let mut history = History::new(8);
    let (log, commits) = site.filled(&mut history, 10);
    let mut reader = follow(&log, commits[7].point);
    let mut early = follow(&log, commits[2].point);
    log.cut(commits[4].point, &site.dir.join("lost")).unwrap();
    append(&log, &History::fork(commits[4].point, 9).many(8));
    assert!(next(&mut reader).is_err());
    assert!(next(&mut early).is_err());
    assert_eq!(diverged(&log, reader.at()), None);
    assert!(next(&mut follow(&log, early.at())).unwrap().is_some());
    let mut reader = follow(&log, commits[0].point);
    log.restart(point(1, 0)).unwrap();
    assert!(next(&mut reader).is_err());
}
