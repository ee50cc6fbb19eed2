//! A primary's store and one that follows it, without a network or a log between them, and random work for the two.

use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use site::error::{Error, Result};
use site::store::commit::{Commit, Cursor, Journal, Page, Point};
use site::store::gate::{Gate, Mode};
use site::store::snapshot::Cover;
use site::store::{Conn, DataDir, Opening, Role, Store, Tx, chain, position};
use site::time::Clock;

/// Keeps commits in memory; can be made to fail.
#[derive(Default)]
pub struct Memory {
    pub kept: Mutex<Vec<Arc<Commit>>>,
    pub start: Mutex<Option<Point>>,
    pub synced: AtomicU64,
    pub fails: AtomicBool,
    /// How often the WAL began anew.
    pub restarts: AtomicU64,
    /// How many commits it was given, and how many made the database smaller.
    pub commits: AtomicU64,
    pub shrunk: AtomicU64,
    /// How often it began.
    pub begun: AtomicU64,
    /// The last commit came from another node.
    pub is_foreign: AtomicBool,
}

impl Memory {
    /// As another one was after its first `count` commits: what a crash has left of it, which was on disk.
    pub fn first(&self, count: usize) -> Arc<Self> {
        let kept = self.kept.lock().unwrap()[..count].to_vec();
        let synced = kept.last().map_or(0, |last| last.point.position.txid);
        Arc::new(Self {
            kept: Mutex::new(kept),
            synced: AtomicU64::new(synced),
            start: Mutex::new(*self.start.lock().unwrap()),
            ..Self::default()
        })
    }

    /// Those after a point; `None` when it is of no history of this journal.
    pub fn after(&self, point: Point) -> Option<Vec<Arc<Commit>>> {
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
        let is_in_order = |pair: &[Page]| pair[0].number < pair[1].number;
        assert!(commit.pages.windows(2).all(is_in_order) && commit.is_whole());
        assert!(commit.pages.iter().all(|page| page.number <= commit.size));
        let is_anew = cursor.frame > 0 && commit.cursor.salts != cursor.salts;
        if is_anew && !self.is_foreign.swap(false, Ordering::Relaxed) {
            // What the WAL held is gone now.
            assert!(self.synced.load(Ordering::Relaxed) >= end.position.txid);
            self.restarts.fetch_add(1, Ordering::Relaxed);
        }
        let mut kept = self.kept.lock().unwrap();
        self.commits.fetch_add(1, Ordering::Relaxed);
        if kept.last().is_some_and(|last| last.size > commit.size) {
            self.shrunk.fetch_add(1, Ordering::Relaxed);
        }
        kept.push(commit);
        Ok(())
    }

    fn sync(&self) -> Result<()> {
        let end = self.end().map_or(0, |(end, _)| end.position.txid);
        self.synced.store(end, Ordering::Relaxed);
        Ok(())
    }

    fn restart(&self, point: Point) -> Result<()> {
        self.fail()?;
        self.begun.fetch_add(1, Ordering::Relaxed);
        self.kept.lock().unwrap().clear();
        *self.start.lock().unwrap() = Some(point);
        Ok(())
    }
}

pub fn open(dir: &Path, role: Role, journal: Option<Arc<Memory>>, mode: Mode) -> Result<Store> {
    Store::open_with(Opening {
        role,
        migrates: true,
        journal: journal.map(|journal| journal as Arc<dyn Journal>),
        gate: Arc::new(Gate::new(mode)),
        ..Opening::alone(DataDir::open(dir).unwrap(), Clock::System, 4)
    })
}

/// A primary and its copy.
pub struct Pair {
    pub primary: Store,
    pub journal: Arc<Memory>,
    pub copy: Store,
    pub dirs: [tempfile::TempDir; 2],
}

impl Pair {
    pub fn new() -> Self {
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
    pub fn follow(&self, most: usize) -> usize {
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
    pub fn same(&self) {
        same(&self.primary, &self.copy);
    }
}

pub fn cover_and_pages(store: &Store) -> (Cover, Vec<Page>) {
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
pub fn send(from: &Store, to: &Store) -> Result<()> {
    let (cover, pages) = cover_and_pages(from);
    to.install(cover, pages.into_iter().map(Ok))
}

/// Compares two databases page by page.
#[track_caller]
pub fn same(one: &Store, other: &Store) {
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
pub struct Dice(pub u64);

impl Dice {
    pub fn roll(&mut self, sides: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ z >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ z >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ z >> 31) % sides
    }
}

pub const START: &str = "
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

pub fn grow(rows: u64) -> String {
    format!(
        "with recursive n(n) as (select 1 union all select n + 1 from n limit {rows})
         insert into thing (amount, text) select abs(random() % 1000), hex(randomblob(n % 400)) from n"
    )
}

/// One random change.
pub fn work(dice: &mut Dice) -> String {
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

pub fn change(tx: &Tx, sql: &str, keep: bool) -> Result<()> {
    // So few that most changes spill.
    tx.execute_batch("pragma cache_size = 10")?;
    tx.execute_batch(sql)?;
    if keep { Ok(()) } else { Err(Error::NotFound) }
}

/// What holds in every snapshot.
pub fn check(conn: &Conn) -> Result<(u64, bool)> {
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

/// Says stop when it goes, also by a panic, so that nobody goes on for ever.
pub struct Stop<'a>(pub &'a AtomicBool);

impl Drop for Stop<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// Reads again and again until it is told to stop; gives how often.
pub fn watch(store: &Store, stop: &AtomicBool) -> usize {
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
