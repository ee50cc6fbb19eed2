//! Tests of the log, on real files. Histories are made from a seed.

mod append;
mod cut;
mod full;
mod read;
mod record;
mod recover;
mod retain;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use super::*;
use crate::cache::Stamp;
use crate::replica::sample::nothing;
use crate::store::commit::{Chain, Changed, Page, Position};
use crate::time::Timestamp;

const CLUSTER: &str = "a-cluster";

const PAGE: u32 = 512;

/// Numbers from a seed: `SplitMix64`.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let number = (self.0 ^ self.0 >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let number = (number ^ number >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        number ^ number >> 31
    }

    fn below(&mut self, limit: u64) -> u64 {
        self.next() % limit
    }

    fn chain(&mut self) -> Chain {
        let halves = [self.next().to_le_bytes(), self.next().to_le_bytes()];
        Chain(halves.concat().try_into().unwrap())
    }

    /// A page as a database has them: some zeros, some text, some noise.
    fn page(&mut self, number: u32, size: u32) -> Page {
        let mut data = vec![0; size as usize];
        let kind = self.below(3);
        for byte in &mut data {
            *byte = match kind {
                0 => 0,
                1 => b"abcd"[usize::try_from(self.below(4)).unwrap()],
                _ => self.next().to_le_bytes()[0],
            };
        }
        let data = data.into();
        Page { number, data }
    }
}

/// Makes commits, each following on the last one.
struct History {
    random: Random,
    at: Point,
}

impl History {
    fn new(seed: u64) -> Self {
        Self {
            random: Random(seed),
            at: point(1, 0),
        }
    }

    /// One that has come to `at`, and goes on in another way.
    fn fork(at: Point, seed: u64) -> Self {
        Self {
            at,
            ..Self::new(seed)
        }
    }

    fn next(&mut self, pages: u32) -> Arc<Commit> {
        self.next_at(pages, 0)
    }

    fn next_at(&mut self, pages: u32, wall_ms: i64) -> Arc<Commit> {
        let random = &mut self.random;
        let before = self.at.chain;
        self.at.position.txid += 1;
        self.at.chain = random.chain();
        let stamps = (0..random.below(9)).map(|id| Stamp::new("story", id));
        Arc::new(Commit {
            point: self.at,
            before,
            wall_ms,
            page_size: PAGE,
            size: 2 * pages + 1,
            pages: (0..pages).map(|n| random.page(2 * n + 1, PAGE)).collect(),
            deltas: Vec::new(),
            changed: Changed::Named(stamps.collect()),
            cursor: Cursor {
                sequence: 7,
                salts: [1, 2],
                frame: u32::try_from(self.at.position.txid).unwrap(),
                sum: [3, 4],
            },
        })
    }

    fn many(&mut self, count: usize) -> Vec<Arc<Commit>> {
        (0..count).map(|_| self.next(2)).collect()
    }

    fn promote(&mut self) {
        self.at.position.epoch += 1;
    }
}

fn point(epoch: u64, txid: u64) -> Point {
    Point {
        position: Position { epoch, txid },
        chain: Chain([7; 16]),
    }
}

/// A log of its own, with segments of a few records and nothing kept in memory.
struct Site {
    _home: tempfile::TempDir,
    dir: PathBuf,
}

impl Site {
    fn new() -> Self {
        let home = tempfile::tempdir().unwrap();
        let dir = home.path().join("log");
        Self { _home: home, dir }
    }

    fn open(&self) -> Log {
        self.open_with(small())
    }

    fn open_with(&self, limits: Limits) -> Log {
        Log::open(&self.dir, CLUSTER, limits).unwrap()
    }

    /// A log that holds a history.
    fn filled(&self, history: &mut History, commits: usize) -> (Log, Vec<Arc<Commit>>) {
        let log = self.open();
        log.restart(history.at).unwrap();
        let commits = history.many(commits);
        append(&log, &commits);
        (log, commits)
    }

    fn segments(&self) -> Vec<PathBuf> {
        let found = segment::list(&self.dir).unwrap();
        found.into_iter().map(|(_, path)| path).collect()
    }

    /// The names of all files.
    fn names(&self) -> Vec<String> {
        let entries = std::fs::read_dir(&self.dir).unwrap();
        let name = |entry: std::io::Result<std::fs::DirEntry>| entry.unwrap().file_name();
        let mut names: Vec<String> = entries
            .map(|entry| name(entry).into_string().unwrap())
            .collect();
        names.sort();
        names
    }

    fn bad_files(&self) -> usize {
        let names = self.names();
        names.iter().filter(|name| name.contains(".bad")).count()
    }
}

fn small() -> Limits {
    Limits {
        segment: 4000,
        tail: 0,
        ahead: 0,
        ..Limits::default()
    }
}

fn append(log: &Log, commits: &[Arc<Commit>]) {
    for commit in commits {
        log.append(Arc::clone(commit)).unwrap();
    }
}

fn follow(log: &Log, point: Point) -> Reader {
    match log.after(point).unwrap() {
        Found::Follows(reader) => *reader,
        Found::Gone => panic!("{point:?} is gone"),
        Found::Diverged { common } => panic!("{point:?} has diverged after {common:?}"),
    }
}

fn read_all(reader: &mut Reader) -> Vec<Arc<Commit>> {
    std::iter::from_fn(|| next(reader).unwrap()).collect()
}

/// The next commit, unpacked.
fn next(reader: &mut Reader) -> Result<Option<Arc<Commit>>> {
    let record = reader.next()?;
    let commit = record.map(|record| record.commit(&mut nothing).map(Arc::new));
    commit.transpose()
}

/// Everything in a log from its beginning.
fn contents(log: &Log) -> Vec<Arc<Commit>> {
    log.first()
        .map_or_else(Vec::new, |first| read_all(&mut follow(log, first)))
}

fn truncate(path: &Path, length: u64) {
    let file = std::fs::OpenOptions::new().write(true).open(path).unwrap();
    file.set_len(length).unwrap();
}
