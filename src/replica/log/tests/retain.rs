//! What is kept and what goes.

use super::*;

const MINUTE: Duration = Duration::from_mins(1);

/// A log with a commit a minute.
fn a_commit_a_minute(site: &Site, limits: Limits, count: i64) -> (Log, Timestamp) {
    let mut history = History::new(1);
    let log = site.open_with(limits);
    log.restart(history.at).unwrap();
    for minute in 1..=count {
        log.append(history.next_at(2, minute * 60_000)).unwrap();
    }
    (log, Timestamp::from_ms(count * 60_000))
}

fn oldest(log: &Log) -> u64 {
    log.first().unwrap().position.txid + 1
}

#[test]
fn what_is_young_and_little_stays() {
    let site = Site::new();
    let (log, now) = a_commit_a_minute(&site, small(), 50);
    assert_eq!(log.retain(now).unwrap(), []);
    assert_eq!(oldest(&log), 1);
}

#[test]
fn old_segments_go_but_never_the_last() {
    let site = Site::new();
    let (log, now) = a_commit_a_minute(&site, small(), 90);
    let removed = log.retain(now).unwrap();
    assert!(!removed.is_empty());
    assert!(
        removed
            .iter()
            .all(|one| one.why == Why::Age && !one.file.exists())
    );
    assert!(removed.iter().all(|one| one.last < 30));
    assert!(oldest(&log) <= 30);
    let much_later = now.plus(1000 * MINUTE);
    log.retain(much_later).unwrap();
    assert_eq!(site.segments().len(), 1);
    assert_eq!(log.last().unwrap().position.txid, 90);
    assert!(!contents(&log).is_empty());
    assert_eq!(log.retain(much_later).unwrap(), []);
    drop(log);
    let log = site.open();
    assert_eq!(log.finding(), None);
    assert_eq!(log.last().unwrap().position.txid, 90);
}

#[test]
fn more_than_the_bytes_goes() {
    let site = Site::new();
    let limits = Limits {
        bytes: 20_000,
        ..small()
    };
    let (log, now) = a_commit_a_minute(&site, limits, 50);
    assert!(log.size() > 20_000);
    let removed = log.retain(now).unwrap();
    assert!(removed.iter().all(|one| one.why == Why::Bytes));
    assert!(log.size() <= 20_000 && log.size() > 14_000);
}

#[test]
fn what_a_standby_needs_stays_whatever_its_age_and_size() {
    let site = Site::new();
    let limits = Limits {
        bytes: 10_000,
        ..small()
    };
    let (log, now) = a_commit_a_minute(&site, limits, 50);
    let later = now.plus(500 * MINUTE);
    for has in [0, 1, 7, 20, 33] {
        log.keep_from(Some(has));
        log.retain(later).unwrap();
        assert!(oldest(&log) <= has + 1);
        let standby = contents_after(&log, has);
        assert_eq!(standby.len() as u64, 50 - has);
    }
    log.keep_from(None);
    log.retain(later).unwrap();
    assert_eq!(site.segments().len(), 1);
}

/// How a standby would go on that has this commit.
fn contents_after(log: &Log, txid: u64) -> Vec<Arc<Commit>> {
    let mut commits = contents(log);
    commits.retain(|commit| commit.point.position.txid > txid);
    let first = commits[0].clone();
    let mut at = first.point;
    at.position.txid = txid;
    at.chain = first.before;
    assert_eq!(read_all(&mut follow(log, at)), commits);
    commits
}

#[test]
fn beyond_the_cap_a_slow_standby_is_given_up() {
    let site = Site::new();
    let limits = Limits {
        bytes: 10_000,
        cap: 30_000,
        ..small()
    };
    let (log, now) = a_commit_a_minute(&site, limits, 50);
    log.keep_from(Some(0));
    assert!(log.size() > 30_000);
    let removed = log.retain(now).unwrap();
    assert!(!removed.is_empty());
    assert!(removed.iter().all(|one| one.why == Why::Cap));
    assert!(log.size() <= 30_000 && log.size() > 24_000);
    assert!(matches!(log.after(point(1, 0)).unwrap(), Found::Gone));
}
