//! Appending and syncing, alone and by several threads at once.

use std::fs::File;
use std::sync::atomic::AtomicBool;

use super::*;

#[test]
fn what_is_appended_is_there_after_a_restart_of_the_process_and_goes_on() {
    let site = Site::new();
    let mut history = History::new(1);
    let (log, mut commits) = site.filled(&mut history, 20);
    log.sync().unwrap();
    let last = commits.last().unwrap();
    assert_eq!(log.end(), Some((last.point, last.cursor)));
    drop(log);
    let log = site.open();
    assert_eq!(log.finding(), None);
    assert_eq!(log.end(), Some((last.point, last.cursor)));
    assert_eq!(contents(&log), commits);
    commits.extend(history.many(20));
    append(&log, &commits[20..]);
    assert_eq!(contents(&log), commits);
    assert!(site.segments().len() > 3);
    let length = |path: &PathBuf| path.metadata().unwrap().len();
    assert_eq!(log.size(), site.segments().iter().map(length).sum::<u64>());
}

#[test]
fn a_log_without_a_beginning_takes_nothing_and_has_no_end() {
    let site = Site::new();
    let log = site.open();
    assert!(log.append(History::new(1).next(1)).is_err());
    assert_eq!((log.end(), log.last(), log.size()), (None, None, 0));
    assert!(matches!(log.after(point(1, 0)).unwrap(), Found::Gone));
    log.sync().unwrap();
}

#[test]
fn only_the_next_commit_is_taken() {
    let site = Site::new();
    let mut history = History::new(2);
    let (log, commits) = site.filled(&mut history, 3);
    let missed = history.next(1);
    let after_a_gap = history.next(1);
    let mut other_chain = (*missed).clone();
    other_chain.before = Chain([0; 16]);
    let mut older_epoch = (*missed).clone();
    older_epoch.point.position.epoch = 0;
    let mut other_pages = (*missed).clone();
    other_pages.page_size = 1024;
    other_pages.pages = vec![];
    for wrong in [
        &*after_a_gap,
        &commits[2],
        &other_chain,
        &older_epoch,
        &other_pages,
    ] {
        assert!(log.append(Arc::new(wrong.clone())).is_err());
    }
    append(&log, &[missed, after_a_gap]);
    assert_eq!(log.last(), Some(history.at));
}

#[test]
fn another_clusters_log_is_refused() {
    let site = Site::new();
    site.filled(&mut History::new(3), 3);
    assert!(matches!(
        Log::open(&site.dir, "another", small()),
        Err(Error::DataDir(_))
    ));
    assert_eq!(contents(&site.open()).len(), 3);
}

#[test]
fn a_failed_sync_is_for_good() {
    let site = Site::new();
    let mut history = History::new(4);
    let (log, _) = site.filled(&mut history, 3);
    // The system refuses to sync a device without a disk, as it does a disk that has failed.
    let null = Arc::new(File::open("/dev/null").unwrap());
    let real = std::mem::replace(&mut log.state().segments[0].file, null);
    assert!(log.sync().is_err());
    assert!(log.is_broken());
    log.state().segments[0].file = real;
    assert!(log.sync().is_err());
    assert!(log.append(history.next(1)).is_err());
    assert!(log.restart(history.at).is_err());
    drop(log);
    let log = site.open();
    assert!(!log.is_broken());
    log.sync().unwrap();
}

#[test]
fn whoever_waits_hears_of_each_end() {
    let site = Site::new();
    let mut history = History::new(5);
    let (log, _) = site.filled(&mut history, 1);
    let mut changed = log.changed();
    assert_eq!(*changed.borrow_and_update(), history.at);
    append(&log, &history.many(1));
    assert!(changed.has_changed().unwrap());
    assert_eq!(*changed.borrow_and_update(), history.at);
}

struct Ends<'a>(&'a AtomicBool);

impl Drop for Ends<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Release);
    }
}

#[test]
fn appending_syncing_reading_and_removing_go_on_at_once() {
    let site = Site::new();
    let limits = Limits {
        tail: 20_000,
        bytes: 60_000,
        ..small()
    };
    let log = site.open_with(limits);
    let mut history = History::new(6);
    log.restart(history.at).unwrap();
    let commits = history.many(1500);
    let (start, end) = (point(1, 0), history.at);
    let done = AtomicBool::new(false);
    std::thread::scope(|scope| {
        // Whatever goes wrong, the others come to their end.
        let guard = Ends(&done);
        let reader = scope.spawn(|| {
            let mut reader = follow(&log, start);
            let mut read = 0_usize;
            while reader.at() != end && !done.load(Ordering::Acquire) {
                if let Some(commit) = next(&mut reader).unwrap() {
                    assert_eq!(commit, commits[read]);
                    read += 1;
                    log.keep_from(Some(read as u64));
                } else {
                    std::thread::yield_now();
                }
            }
            read
        });
        scope.spawn(|| {
            while !done.load(Ordering::Acquire) {
                log.sync().unwrap();
                log.retain(Timestamp::from_ms(0)).unwrap();
            }
        });
        log.keep_from(Some(0));
        append(&log, &commits);
        let read = reader.join();
        drop(guard);
        assert_eq!(read.unwrap(), commits.len());
    });
    log.retain(Timestamp::from_ms(0)).unwrap();
    assert!(log.size() < 60_000);
    drop(log);
    let log = site.open();
    assert_eq!(log.finding(), None);
    assert_eq!(log.last(), Some(end));
}

#[test]
fn room_that_was_made_for_received_records_is_used_and_is_no_part_of_the_log() {
    let (primary, standby) = (Site::new(), Site::new());
    let mut history = History::new(7);
    let limits = Limits {
        ahead: 3000,
        ..small()
    };
    let follower = standby.open_with(limits);
    follower.restart(history.at).unwrap();
    let (log, commits) = primary.filled(&mut history, 40);
    let records = || {
        let mut reader = follow(&log, point(1, 0));
        std::iter::from_fn(move || reader.next().unwrap())
    };
    let length = |path: &PathBuf| path.metadata().unwrap().len();
    let mut made = 0;
    for record in records() {
        follower.append_records(vec![record]).unwrap();
        follower.sync().unwrap();
        let files = standby.segments();
        let last = length(files.last().unwrap());
        let all: u64 = files.iter().map(length).sum();
        let room = all - follower.size();
        assert!(room <= 3000 && room < last);
        made += usize::from(room > 0);
    }
    assert!(made > 20, "{made}");
    assert_eq!(contents(&follower), commits);
    // As after a crash, in the middle of the room, and when a part of a record is in it.
    drop(follower);
    let follower = standby.open_with(limits);
    assert_eq!(
        (follower.finding(), contents(&follower)),
        (None, commits.clone())
    );
    let cut = commits[20].point;
    follower.cut(cut, &standby.dir.join("lost")).unwrap();
    follower
        .append_records(records().skip(21).collect())
        .unwrap();
    assert_eq!(contents(&follower), commits);
    drop(follower);
    let last = standby.segments().pop().unwrap();
    let mut bytes = std::fs::read(&last).unwrap();
    bytes.extend([7; 200]);
    bytes.extend([0; 2000]);
    std::fs::write(&last, &bytes).unwrap();
    let follower = standby.open_with(limits);
    assert!(follower.finding().is_some());
    assert_eq!(contents(&follower), commits);
}
