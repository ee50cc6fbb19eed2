//! A primary's store and one that follows it, without a network between them: seeded random work is captured, applied and
//! compared page by page while readers look on; snapshots, crashes, and the change of hands.

use std::ops::ControlFlow;
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use site::cache::Stamp;
use site::error::{Error, Result};
use site::store::commit::{Changed, Commit, Cursor, Journal, Page, Point, Position};
use site::store::gate::{Gate, Mode};
use site::store::snapshot::Cover;
use site::store::{Conn, Opening, Role, Store, Tx, chain, position};
use site::time::Clock;

/// Keeps commits in memory; can be made to fail.
#[derive(Default)]
pub struct Memory {
    kept: Mutex<Vec<Arc<Commit>>>,
    start: Mutex<Option<Point>>,
    synced: AtomicU64,
    fails: AtomicBool,
    /// How often the WAL began anew.
    restarts: AtomicU64,
    /// The last commit came from another node.
    is_foreign: AtomicBool,
}

impl Memory {
    /// As another one was after its first `count` commits.
    fn first(&self, count: usize) -> Arc<Self> {
        Arc::new(Self {
            kept: Mutex::new(self.kept.lock().unwrap()[..count].to_vec()),
            start: Mutex::new(*self.start.lock().unwrap()),
            ..Self::default()
        })
    }

    /// Those after a point; `None` when it is of no history of this journal.
    fn after(&self, point: Point) -> Option<Vec<Arc<Commit>>> {
        let kept = self.kept.lock().unwrap();
        if *self.start.lock().unwrap() == Some(point) {
            return Some(kept.clone());
        }
        let at = kept.iter().position(|commit| commit.point == point)?;
        Some(kept[at + 1..].to_vec())
    }

    fn fail(&self) -> Result<()> {
        if self.fails.load(Ordering::Relaxed) {
            return Err(Error::Internal("on purpose".into()));
        }
        Ok(())
    }
}

impl Journal for Memory {
    fn end(&self) -> Option<(Point, Cursor)> {
        let kept = self.kept.lock().unwrap();
        let start = self.start.lock().unwrap();
        let start = start.map(|point| (point, Cursor::default()));
        kept.last()
            .map(|commit| (commit.point, commit.cursor))
            .or(start)
    }

    fn append(&self, commit: Arc<Commit>) -> Result<()> {
        self.fail()?;
        let (end, cursor) = self.end().unwrap();
        assert_eq!(commit.before, end.chain);
        let is_anew = cursor.frame > 0 && commit.cursor.salts != cursor.salts;
        if is_anew && !self.is_foreign.swap(false, Ordering::Relaxed) {
            // What the WAL held is gone now.
            assert!(self.synced.load(Ordering::Relaxed) >= end.position.txid);
            self.restarts.fetch_add(1, Ordering::Relaxed);
        }
        self.kept.lock().unwrap().push(commit);
        Ok(())
    }

    fn sync(&self) -> Result<()> {
        let end = self.end().map_or(0, |(end, _)| end.position.txid);
        self.synced.store(end, Ordering::Relaxed);
        Ok(())
    }

    fn restart(&self, point: Point) -> Result<()> {
        self.fail()?;
        self.kept.lock().unwrap().clear();
        *self.start.lock().unwrap() = Some(point);
        Ok(())
    }
}

fn open(dir: &Path, role: Role, journal: Option<Arc<Memory>>, mode: Mode) -> Result<Store> {
    Store::open_with(Opening {
        role,
        journal: journal.map(|journal| journal as Arc<dyn Journal>),
        gate: Arc::new(Gate::new(mode)),
        ..Opening::alone(dir, Clock::System, 4)
    })
}

/// A primary and its copy.
struct Pair {
    primary: Store,
    journal: Arc<Memory>,
    copy: Store,
    dirs: [tempfile::TempDir; 2],
}

impl Pair {
    fn new() -> Self {
        let dirs = [tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap()];
        let journal = Arc::new(Memory::default());
        let primary = open(
            dirs[0].path(),
            Role::Writing,
            Some(Arc::clone(&journal)),
            Mode::Off,
        );
        let primary = primary.unwrap();
        let copy = open(dirs[1].path(), Role::Following, None, Mode::Off).unwrap();
        send(&primary, &copy).unwrap();
        Self {
            primary,
            journal,
            copy,
            dirs,
        }
    }

    /// Brings the copy up to the primary, in transactions of at most `most` commits.
    fn follow(&self, most: usize) -> usize {
        let point = self.copy.point().unwrap();
        let Some(commits) = self.journal.after(point) else {
            send(&self.primary, &self.copy).unwrap();
            return 0;
        };
        for some in commits.chunks(most) {
            self.copy.apply(some).unwrap();
        }
        commits.len()
    }

    #[track_caller]
    fn same(&self) {
        same(&self.primary, &self.copy);
    }
}

fn cover_and_pages(store: &Store) -> (Cover, Vec<Page>) {
    let mut cover = None;
    let mut pages = Vec::new();
    let taken = store.snapshot(
        |found| {
            cover = Some(found);
            Ok(())
        },
        |page| {
            pages.push(page);
            Ok(())
        },
    );
    taken.unwrap();
    (cover.unwrap(), pages)
}

/// Sends a snapshot.
fn send(from: &Store, to: &Store) -> Result<()> {
    let (cover, pages) = cover_and_pages(from);
    to.install(cover, pages.into_iter().map(Ok))
}

/// Compares two databases page by page.
#[track_caller]
fn same(one: &Store, other: &Store) {
    let (mut one, mut other) = (cover_and_pages(one), cover_and_pages(other));
    assert_eq!(one.0, other.0);
    assert_eq!(
        (one.0.size as usize, one.1.len()),
        (one.1.len(), other.1.len())
    );
    for (one, other) in one.1.iter_mut().zip(&mut other.1) {
        if one.number == 1 {
            chain::mask(&mut one.data);
            chain::mask(&mut other.data);
        }
        assert!(one == other, "page {} differs", one.number);
    }
}

/// `SplitMix64`.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ z >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ z >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ z >> 31) % sides
    }
}

const START: &str = "
    create table thing (id integer primary key, amount integer not null, text text not null);
    create index thing_amount on thing (amount);
    create table total (n integer not null, amount integer not null);
    insert into total values (0, 0);
    create trigger added after insert on thing
      begin update total set n = n + 1, amount = amount + new.amount; end;
    create trigger gone after delete on thing
      begin update total set n = n - 1, amount = amount - old.amount; end;
    create trigger changed after update on thing
      begin update total set amount = amount + new.amount - old.amount; end;";

fn grow(rows: u64) -> String {
    format!(
        "with recursive n(n) as (select 1 union all select n + 1 from n limit {rows})
         insert into thing (amount, text) select abs(random() % 1000), hex(randomblob(n % 400)) from n"
    )
}

/// One random change.
fn work(dice: &mut Dice) -> String {
    let any = dice.roll(1000);
    match dice.roll(20) {
        0 => grow(dice.roll(2500)),
        1 => "delete from thing where id % 2".into(),
        2 => "delete from thing".into(),
        3 => format!("create table if not exists t{} (a, b, c unique)", any % 40),
        4 => format!("drop table if exists t{}", any % 40),
        5 => format!(
            "create index if not exists i{0} on thing (text, amount, {any})",
            any % 5
        ),
        6 => format!("drop index if exists i{}", any % 5),
        7 => "pragma incremental_vacuum".into(),
        8 => format!(
            "alter table thing add column c{any}_{} text",
            dice.roll(1 << 40)
        ),
        9 => format!("create view if not exists v{0} as select {any}", any % 9),
        10 => format!("pragma application_id = {any}"),
        11..14 => format!(
            "update thing set amount = {any} where id % 97 = {}",
            any % 97
        ),
        14..16 => format!("delete from thing where id % 31 = {}", any % 31),
        _ => grow(1 + dice.roll(30)),
    }
}

fn change(tx: &Tx, sql: &str, keep: bool) -> Result<()> {
    // So few that most changes spill.
    tx.execute_batch("pragma cache_size = 10")?;
    tx.execute_batch(sql)?;
    if keep { Ok(()) } else { Err(Error::NotFound) }
}

/// What holds in every snapshot.
fn check(conn: &Conn) -> Result<(u64, bool)> {
    let txid = position::read(conn)?.position.txid;
    let number = |sql| conn.query_row(sql, [], |row| row.get::<_, i64>(0));
    let exists = number("select count(*) from sqlite_schema where name = 'total'")? == 1;
    let is_right = !exists
        || number(
            "select (select count(*) from thing not indexed) = n
               and (select coalesce(sum(amount), 0) from thing not indexed) = amount
               and (select coalesce(sum(amount), 0) from thing indexed by thing_amount) = amount
             from total",
        )? == 1;
    Ok((txid, is_right))
}

/// Reads again and again until it is told to stop; gives how often.
fn watch(store: &Store, stop: &AtomicBool) -> usize {
    let (mut last, mut rounds) = (0, 0);
    while !stop.load(Ordering::Relaxed) {
        let looked = store.read(|conn| {
            let first = check(conn)?;
            let second = check(conn)?;
            assert_eq!(first, second, "a snapshot changed");
            if rounds % 50 == 0 {
                let sound: String = conn.query_row("pragma quick_check", [], |row| row.get(0))?;
                assert_eq!(sound, "ok");
            }
            Ok(first)
        });
        let (txid, is_right) = looked.unwrap();
        assert!(is_right && txid >= last, "{txid} after {last}");
        last = txid;
        rounds += 1;
    }
    rounds
}

/// Random work on the primary until `until` breaks it off, followed in random portions.
fn run(pair: &Pair, seed: u64, mut until: impl FnMut(usize) -> ControlFlow<()>) {
    let mut dice = Dice(seed);
    for round in 0.. {
        if until(round).is_break() {
            break;
        }
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
            pair.follow(usize::MAX);
            pair.same();
        }
    }
    pair.follow(usize::MAX);
    pair.same();
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
        let watchers: Vec<_> = [&pair.primary, &pair.copy, &pair.copy]
            .map(|store| scope.spawn(|| watch(store, &stop)))
            .into();
        run(&pair, seed, |_| {
            if begun.elapsed() > Duration::from_secs(time)
                || watchers.iter().any(|w| w.is_finished())
            {
                ControlFlow::Break(())
            } else {
                ControlFlow::Continue(())
            }
        });
        stop.store(true, Ordering::Relaxed);
        let rounds: Vec<usize> = watchers
            .into_iter()
            .map(|watcher| watcher.join().unwrap())
            .collect();
        let commits = pair.journal.kept.lock().unwrap().len();
        println!("seed {seed}: {commits} commits, reads {rounds:?}");
        assert!(commits > 20 && rounds.iter().all(|rounds| *rounds > 0));
    });
    // No commit went unrecorded: the journal never began anew.
    let first = pair.journal.start.lock().unwrap().unwrap();
    assert_eq!(first.position.txid, 0);
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
    // `Memory::append` looks at each new beginning.
    while pair.journal.restarts.load(Ordering::Relaxed) < 3 {
        pair.primary
            .write_blocking(|tx| change(tx, &grow(400), true))
            .unwrap();
        pair.primary
            .write_blocking(|tx| change(tx, "delete from thing", true))
            .unwrap();
        pair.follow(3);
    }
    assert_eq!(number(&pair.primary), number(&pair.copy));
    pair.same();
}

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
        let is_whole = sequence(kept - 1) == sequence(all - 1);
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
    // The last of them, with the copy of before.
    let image = crash(pair.dirs[0].path());
    let primary = open(
        image.path(),
        Role::Writing,
        Some(pair.journal.first(all - 2)),
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
fn a_snapshot_taken_under_load_is_exact_and_what_came_meanwhile_follows() {
    let pair = Pair::new();
    pair.primary
        .write_blocking(|tx| change(tx, START, true))
        .unwrap();
    let stop = AtomicBool::new(false);
    std::thread::scope(|scope| {
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
        stop.store(true, Ordering::Relaxed);
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
    *journal.kept.lock().unwrap() = from.kept.lock().unwrap().clone();
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
        stop.store(true, Ordering::Relaxed);
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
