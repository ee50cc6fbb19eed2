//! What becomes of the hand that changes a database: it dies, its log fails, it is opened anew, it passes to another node.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use site::cache::Stamp;
use site::error::Error;
use site::store::Role;
use site::store::commit::{Changed, Position};
use site::store::gate::Mode;

use crate::pair::{Dice, Memory, Pair, START, Stop, change, grow, open, same, send, watch, work};

/// The files as a crash would leave them, while nothing is written.
fn crash(dir: &Path) -> tempfile::TempDir {
    let image = tempfile::tempdir().unwrap();
    for name in ["site.db", "site.db-wal"] {
        std::fs::copy(dir.join(name), image.path().join(name)).unwrap();
    }
    image
}

#[test]
fn after_a_crash_copies_follow_on_although_the_journal_lost_its_end() {
    let pair = Pair::new();
    pair.primary
        .write_blocking(|tx| change(tx, START, true))
        .unwrap();
    let mut dice = Dice(7);
    for _ in 0..30 {
        let sql = work(&mut dice);
        pair.primary
            .write_blocking(move |tx| change(tx, &sql, true))
            .unwrap();
        if pair.journal.kept.lock().unwrap().len() == 12 {
            pair.follow(1);
        }
    }
    let all = pair.journal.kept.lock().unwrap().len();
    let sequence = |at: usize| pair.journal.kept.lock().unwrap()[at].cursor.sequence;
    for kept in [all, all - 1, all - 4, 12] {
        let image = crash(pair.dirs[0].path());
        let journal = pair.journal.first(kept);
        let again = open(
            image.path(),
            Role::Writing,
            Some(Arc::clone(&journal)),
            Mode::Off,
        )
        .unwrap();
        again
            .write_blocking(|tx| change(tx, &grow(3), true))
            .unwrap();
        // The WAL still has all that is missing.
        let is_whole = sequence(kept.min(all - 1)) == sequence(all - 1);
        assert_eq!(
            journal.kept.lock().unwrap().len() == all + 1,
            is_whole,
            "{kept} of {all}"
        );
        if kept < all && is_whole {
            let found = &journal.kept.lock().unwrap()[kept];
            assert_eq!(found.changed, Changed::Everything);
        }
    }
    // Some of those that only the WAL has, with the copy of before. (What was before this generation was synced, and is not lost.)
    let is_last = |at: &usize| sequence(*at) == sequence(all - 1);
    let first = (0..all).find(is_last).unwrap();
    let image = crash(pair.dirs[0].path());
    let primary = open(
        image.path(),
        Role::Writing,
        Some(pair.journal.first(first.max(all - 2))),
        Mode::Off,
    );
    let Pair {
        journal,
        copy,
        dirs,
        primary: old,
    } = pair;
    drop(old);
    let pair = Pair {
        primary: primary.unwrap(),
        journal: journal.first(all),
        copy,
        dirs,
    };
    assert!(pair.follow(usize::MAX) > 0);
    pair.same();
}

#[test]
fn a_copy_that_is_opened_anew_goes_on_where_its_log_says_and_only_there() {
    let mut pair = Pair::new();
    pair.primary
        .write_blocking(|tx| change(tx, START, true))
        .unwrap();
    pair.primary
        .write_blocking(|tx| change(tx, &grow(50), true))
        .unwrap();
    pair.follow(1);
    let dir = pair.dirs[1].path().to_owned();
    let shut = open(
        tempfile::tempdir().unwrap().path(),
        Role::Following,
        None,
        Mode::Off,
    )
    .unwrap();
    drop(std::mem::replace(&mut pair.copy, shut));
    pair.copy = open(&dir, Role::Following, None, Mode::Off).unwrap();
    pair.primary
        .write_blocking(|tx| change(tx, &grow(50), true))
        .unwrap();
    let commits = pair.journal.kept.lock().unwrap().clone();
    assert_eq!(pair.copy.stamps().head(), 2);
    assert!(matches!(
        pair.copy.apply(&commits[2..]),
        Err(Error::Refused(_))
    ));
    for wrong in [&commits[0], &commits[2]] {
        assert!(pair.copy.resume(wrong.point, wrong.before).is_err());
    }
    let standing = pair.copy.standing().unwrap();
    let record = commits
        .iter()
        .find(|commit| commit.point.position == standing.position)
        .unwrap();
    pair.copy.resume(record.point, record.before).unwrap();
    pair.follow(1);
    pair.same();
}

#[test]
fn a_journal_that_fails_costs_copies_a_snapshot_and_nobody_else_anything() {
    let pair = Pair::new();
    pair.primary
        .write_blocking(|tx| change(tx, START, true))
        .unwrap();
    pair.follow(1);
    pair.journal.fails.store(true, Ordering::Relaxed);
    for _ in 0..3 {
        pair.primary
            .write_blocking(|tx| change(tx, &grow(5), true))
            .unwrap();
        assert_eq!(pair.primary.point(), None);
        let taken = pair.primary.snapshot(|_| Ok(()), |_| Ok(()));
        assert!(matches!(taken, Err(Error::Unavailable)));
    }
    pair.journal.fails.store(false, Ordering::Relaxed);
    for _ in 0..3 {
        pair.primary
            .write_blocking(|tx| change(tx, &grow(5), true))
            .unwrap();
    }
    assert_eq!(pair.journal.after(pair.copy.point().unwrap()), None);
    let jumps = Arc::new(AtomicU64::new(0));
    let seen = Arc::clone(&jumps);
    pair.copy.stamps().on_jump(move || {
        seen.fetch_add(1, Ordering::Relaxed);
    });
    pair.follow(1);
    pair.same();
    assert_eq!(jumps.load(Ordering::Relaxed), 1);
    pair.primary
        .write_blocking(|tx| change(tx, &grow(5), true))
        .unwrap();
    assert_eq!(pair.follow(1), 1);
    pair.same();
}

#[test]
fn answers_wait_for_the_copy_and_readers_do_not() {
    let dirs = [tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap()];
    let journal = Arc::new(Memory::default());
    let primary = open(dirs[0].path(), Role::Writing, Some(journal), Mode::wait()).unwrap();
    primary
        .write_blocking(|tx| change(tx, START, true))
        .unwrap();
    primary.gate().in_sync(true);
    std::thread::scope(|scope| {
        let writer = scope.spawn(|| primary.write_blocking(|tx| change(tx, &grow(5), true)));
        while primary.gate().count().held == 0 {
            std::thread::yield_now();
        }
        assert_eq!(primary.standing().unwrap().position.txid, 2);
        assert_eq!(primary.stamps().head(), 2);
        assert!(!writer.is_finished());
        primary.gate().acked(2);
        writer.join().unwrap().unwrap();
    });
    assert_eq!(primary.gate().count().held, 0);
}

/// Lets the copy's journal hold what its log would.
fn adopt(journal: &Memory, from: &Memory) {
    journal
        .kept
        .lock()
        .unwrap()
        .clone_from(&from.kept.lock().unwrap());
    *journal.start.lock().unwrap() = *from.start.lock().unwrap();
    journal.is_foreign.store(true, Ordering::Relaxed);
}

#[test]
fn hands_change_to_and_fro_while_readers_go_on() {
    let dirs = [tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap()];
    let journals = [Arc::new(Memory::default()), Arc::new(Memory::default())];
    let roles = [Role::Writing, Role::Following];
    let stores = [0, 1].map(|at| {
        open(
            dirs[at].path(),
            roles[at],
            Some(Arc::clone(&journals[at])),
            Mode::Off,
        )
        .unwrap()
    });
    stores[0]
        .write_blocking(|tx| change(tx, START, true))
        .unwrap();
    send(&stores[0], &stores[1]).unwrap();
    let stop = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let done = Stop(&stop);
        let watchers = [0, 1].map(|at| {
            let (store, stop) = (&stores[at], &stop);
            scope.spawn(move || watch(store, stop))
        });
        for epoch in 2..8 {
            let (old, new) = (epoch % 2, 1 - epoch % 2);
            for _ in 0..4 {
                stores[old]
                    .write_blocking(|tx| change(tx, &grow(40), true))
                    .unwrap();
            }
            let end = stores[old].end_writing().unwrap();
            assert!(matches!(stores[old].end_writing(), Err(Error::Unavailable)));
            assert_eq!(stores[old].role(), Role::Following);
            let commits = journals[old].after(stores[new].point().unwrap()).unwrap();
            stores[new].apply(&commits).unwrap();
            same(&stores[old], &stores[new]);
            adopt(&journals[new], &journals[old]);
            let stale = stores[new].begin_writing(u64::try_from(epoch).unwrap() - 1);
            assert!(matches!(stale, Err(Error::Refused(_))));
            let begun = stores[new]
                .begin_writing(u64::try_from(epoch).unwrap())
                .unwrap();
            assert_eq!(
                (begun.epoch, begun.txid),
                (u64::try_from(epoch).unwrap(), end.txid + 1)
            );
            assert_eq!(stores[new].role(), Role::Writing);
            stores[new]
                .write_blocking(|tx| change(tx, &grow(40), true))
                .unwrap();
            let commits = journals[new].after(stores[old].point().unwrap()).unwrap();
            assert_eq!(commits.len(), 2);
            stores[old].apply(&commits).unwrap();
            same(&stores[old], &stores[new]);
        }
        drop(done);
        for watcher in watchers {
            assert!(watcher.join().unwrap() > 0);
        }
    });
}

#[test]
fn an_old_primary_with_transactions_of_its_own_comes_back_to_a_lower_number() {
    let journals = [Arc::new(Memory::default()), Arc::new(Memory::default())];
    let dirs = [tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap()];
    let old = open(
        dirs[0].path(),
        Role::Writing,
        Some(Arc::clone(&journals[0])),
        Mode::Off,
    )
    .unwrap();
    let new = open(
        dirs[1].path(),
        Role::Following,
        Some(Arc::clone(&journals[1])),
        Mode::Off,
    )
    .unwrap();
    old.write_blocking(|tx| change(tx, START, true)).unwrap();
    send(&old, &new).unwrap();
    for _ in 0..20 {
        old.write_blocking(|tx| {
            tx.stamp(Stamp::site());
            change(tx, &grow(100), true)
        })
        .unwrap();
    }
    // Nobody has its log, so that a history of its own begins.
    new.begin_writing(2).unwrap();
    assert_eq!(old.stamps().changed(Stamp::site()), 21);
    old.end_writing().unwrap();
    assert_eq!(journals[1].after(old.point().unwrap()), None);
    send(&new, &old).unwrap();
    same(&old, &new);
    let position = Position { epoch: 2, txid: 2 };
    assert_eq!(old.standing().unwrap().position, position);
    assert_eq!(
        (old.stamps().head(), old.stamps().changed(Stamp::site())),
        (2, 2)
    );
    new.write_blocking(|tx| change(tx, &grow(10), true))
        .unwrap();
    old.apply(&journals[1].after(old.point().unwrap()).unwrap())
        .unwrap();
    same(&old, &new);
    assert_eq!(old.stamps().head(), 3);
}
