//! A copy is the same as its primary, page by page, and right for its readers all the time, whatever is written; what does not
//! fit is refused.

use std::ops::ControlFlow;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::ScopedJoinHandle;
use std::time::{Duration, Instant};

use site::error::Error;
use site::store::commit::Commit;
use site::store::gate::Mode;
use site::store::{Conn, Role, Store, position};

use crate::pair::{
    Dice, Memory, Pair, START, Stop, change, check, cover_and_pages, grow, open, send, watch, work,
};

/// Random work on the primary until `until` breaks it off, followed in random portions. Gives how often the copy had to begin
/// anew at most.
fn run(pair: &Pair, seed: u64, mut until: impl FnMut() -> ControlFlow<()>) -> u64 {
    let (mut dice, mut vacuumed) = (Dice(seed), 0);
    while until().is_continue() {
        let sql = work(&mut dice);
        let keep = dice.roll(6) > 0;
        let done = pair
            .primary
            .write_blocking(move |tx| change(tx, &sql, keep));
        assert_eq!(done.is_ok(), keep, "{done:?}");
        if dice.roll(4) == 0 {
            let most = 1 + dice.roll(5);
            pair.follow(usize::try_from(most).unwrap());
        }
        if dice.roll(40) == 0 {
            // By somebody else, and not by a transaction of ours: the copy has to begin anew.
            let file = pair.dirs[0].path().join("site.db");
            Conn::open(file).unwrap().execute_batch("vacuum").unwrap();
            vacuumed += 1;
            // It is noticed with the next commit.
            pair.primary
                .write_blocking(|tx| change(tx, &grow(3), true))
                .unwrap();
        }
        if dice.roll(40) == 0 {
            pair.follow(usize::MAX);
            pair.same();
        }
    }
    pair.follow(usize::MAX);
    pair.same();
    vacuumed
}

/// A site whose free pages can be given back within a transaction.
fn make_shrinkable(dir: &Path) {
    let conn = Conn::open(dir.join("site.db")).unwrap();
    let sql = "pragma auto_vacuum = incremental; create table a (a); drop table a";
    conn.execute_batch(sql).unwrap();
}

#[test]
fn whatever_is_written_a_copy_is_the_same_page_by_page_and_right_for_its_readers_all_the_time() {
    let seed = std::env::var("SITE_TEST_SEED").map_or(5, |seed| seed.parse().unwrap());
    let time = std::env::var("SITE_TEST_SECONDS").map_or(4, |time| time.parse().unwrap());
    let dirs = [tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap()];
    make_shrinkable(dirs[0].path());
    let journal = Arc::new(Memory::default());
    let kept = Some(Arc::clone(&journal));
    let primary = open(dirs[0].path(), Role::Writing, kept, Mode::Off).unwrap();
    let copy = open(dirs[1].path(), Role::Following, None, Mode::Off).unwrap();
    send(&primary, &copy).unwrap();
    let pair = Pair {
        primary,
        journal,
        copy,
        dirs,
    };
    pair.primary
        .write_blocking(|tx| change(tx, START, true))
        .unwrap();
    let stop = AtomicBool::new(false);
    let begun = Instant::now();
    std::thread::scope(|scope| {
        let done = Stop(&stop);
        let watchers: Vec<_> = [&pair.primary, &pair.copy, &pair.copy]
            .map(|store| scope.spawn(|| watch(store, &stop)))
            .into();
        let vacuumed = run(&pair, seed, || {
            if begun.elapsed() > Duration::from_secs(time)
                || watchers.iter().any(ScopedJoinHandle::is_finished)
            {
                ControlFlow::Break(())
            } else {
                ControlFlow::Continue(())
            }
        });
        drop(done);
        let rounds: Vec<usize> = watchers
            .into_iter()
            .map(|watcher| watcher.join().unwrap())
            .collect();
        let commits = pair.journal.commits.load(Ordering::Relaxed);
        let shrunk = pair.journal.shrunk.load(Ordering::Relaxed);
        let begun = pair.journal.begun.load(Ordering::Relaxed);
        println!(
            "seed {seed}: {commits} commits, {shrunk} shrank, {begun} beginnings, {vacuumed} times vacuum, reads {rounds:?}"
        );
        assert!(commits > 20 && rounds.iter().all(|rounds| *rounds > 0));
        // Else no commit went unrecorded. After somebody else's vacuum it may be noticed twice: that it wrote, and that the WAL
        // began anew after it.
        assert!(begun <= 2 * vacuumed + 1, "{begun} beginnings");
    });
    // What should be gone is, not only unmentioned.
    let (cover, _) = cover_and_pages(&pair.copy);
    pair.copy.finish();
    assert_eq!(
        pair.copy.bytes(),
        (u64::from(cover.size) * u64::from(cover.page_size), 0)
    );
}

#[test]
fn a_wal_begins_anew_only_after_the_journal_is_on_disk() {
    let pair = Pair::new();
    let number = |store: &Store| {
        store
            .read(|conn| Ok(position::read(conn)?.position.txid))
            .unwrap()
    };
    pair.primary
        .write_blocking(|tx| change(tx, START, true))
        .unwrap();
    let write = |sql: &str| {
        let sql = sql.to_owned();
        let done = pair
            .primary
            .write_blocking(move |tx| change(tx, &sql, true));
        done.unwrap();
    };
    let stop = AtomicBool::new(false);
    // `Memory::append` looks at each new beginning: first of a WAL that was copied while nobody wrote, then while somebody does.
    for (is_alone, restarts) in [(true, 3), (false, 6)] {
        std::thread::scope(|scope| {
            let _done = Stop(&stop);
            if !is_alone {
                scope.spawn(|| {
                    while !stop.load(Ordering::Relaxed) {
                        write("update thing set id = id where id = 1");
                    }
                });
            }
            while pair.journal.restarts.load(Ordering::Relaxed) < restarts {
                write(&grow(400));
                write("delete from thing");
                pair.follow(3);
            }
        });
    }
    pair.follow(usize::MAX);
    assert_eq!(number(&pair.primary), number(&pair.copy));
    pair.same();
}

#[test]
fn a_snapshot_taken_under_load_is_exact_and_what_came_meanwhile_follows() {
    let pair = Pair::new();
    pair.primary
        .write_blocking(|tx| change(tx, START, true))
        .unwrap();
    let stop = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let done = Stop(&stop);
        for seed in 0..2 {
            let (pair, stop) = (&pair, &stop);
            scope.spawn(move || {
                let mut dice = Dice(seed);
                while !stop.load(Ordering::Relaxed) {
                    let sql = work(&mut dice);
                    // Two at once may want to make the same table.
                    let _ = pair
                        .primary
                        .write_blocking(move |tx| change(tx, &sql, true));
                }
            });
        }
        for _ in 0..5 {
            let dir = tempfile::tempdir().unwrap();
            let copy = open(dir.path(), Role::Following, None, Mode::Off).unwrap();
            send(&pair.primary, &copy).unwrap();
            assert!(copy.read(check).unwrap().1);
            let commits = pair.journal.after(copy.point().unwrap()).unwrap();
            copy.apply(&commits).unwrap();
            assert!(copy.read(check).unwrap().1);
        }
        drop(done);
    });
    pair.follow(7);
    pair.same();
}

#[test]
fn what_does_not_follow_is_refused_and_changes_nothing() {
    let pair = Pair::new();
    pair.primary
        .write_blocking(|tx| change(tx, START, true))
        .unwrap();
    pair.primary
        .write_blocking(|tx| change(tx, &grow(50), true))
        .unwrap();
    let commits = pair.journal.after(pair.copy.point().unwrap()).unwrap();
    let altered = |alter: fn(&mut Commit)| {
        let mut commit = (*commits[0]).clone();
        alter(&mut commit);
        vec![Arc::new(commit)]
    };
    let before = pair.copy.point();
    for (wrong, why) in [
        (vec![Arc::clone(&commits[1])], "a gap"),
        (vec![Arc::clone(&commits[0]); 2], "twice"),
        (
            altered(|commit| commit.pages[0].data[200] ^= 1),
            "a flipped bit",
        ),
        (altered(|commit| commit.size += 1), "another size"),
        (altered(|commit| drop(commit.pages.pop())), "a page too few"),
        (altered(|commit| commit.before.0[0] ^= 1), "another history"),
        (
            altered(|commit| commit.point.position.epoch = 0),
            "an older epoch",
        ),
    ] {
        assert!(
            matches!(pair.copy.apply(&wrong), Err(Error::Refused(_))),
            "{why}"
        );
        assert_eq!(pair.copy.point(), before, "{why}");
    }
    pair.copy.apply(&commits).unwrap();
    pair.same();
    let written = pair.copy.write_blocking(|tx| change(tx, START, true));
    assert!(
        matches!(written, Err(Error::Unavailable)),
        "a copy has no writer"
    );
    assert!(matches!(
        pair.primary.apply(&commits),
        Err(Error::Unavailable)
    ));
}

#[test]
fn a_snapshot_that_breaks_off_leaves_the_copy_as_it_was() {
    let pair = Pair::new();
    pair.primary
        .write_blocking(|tx| change(tx, START, true))
        .unwrap();
    pair.follow(1);
    let before = cover_and_pages(&pair.copy);
    pair.primary
        .write_blocking(|tx| change(tx, &grow(500), true))
        .unwrap();
    let (cover, pages) = cover_and_pages(&pair.primary);
    let head = pair.copy.stamps().head();
    for at in [0, 1, 20, pages.len() - 1] {
        let broken = || Err(Error::Io("the connection broke".into()));
        let part = pages[..at].iter().cloned().map(Ok).chain([broken()]);
        assert!(pair.copy.install(cover, part).is_err());
        let short = pages[..at].iter().cloned().map(Ok);
        assert!(matches!(
            pair.copy.install(cover, short),
            Err(Error::Refused(_))
        ));
        let hole = pages.iter().cloned().enumerate().filter(|(n, _)| *n != at);
        assert!(
            pair.copy
                .install(cover, hole.map(|(_, page)| Ok(page)))
                .is_err()
        );
    }
    assert_eq!(pair.copy.stamps().head(), head);
    // What the copy has not lost it can go on from, once the log has said so.
    let last = pair.journal.kept.lock().unwrap()[0].clone();
    assert_eq!(pair.copy.point(), None);
    pair.copy.resume(last.point, last.before).unwrap();
    assert!(before == cover_and_pages(&pair.copy));
    pair.copy.install(cover, pages.into_iter().map(Ok)).unwrap();
    pair.same();
}
