//! Stories and comments from elsewhere into the store: read as a stream, written in batches, never twice.
//!
//! Each batch is one transaction that leaves every count and rank right, so an import that was interrupted is simply run
//! again. A bad item is counted and listed, and never ends the import.

pub mod hn;

pub mod source;

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{SyncSender, sync_channel};
use std::time::Instant;

use serde::Serialize;

use crate::error::{Error, Result};
use crate::import::source::{Found, Position, Values};
use crate::store::import::{self, Counts, Foreign};
use crate::store::{self, Store};
use crate::time::Timestamp;

/// Items of one transaction.
const BATCH: usize = 1000;
/// Bad items that are listed one by one.
const LISTED: usize = 100;

/// An item that was left out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Bad {
    /// The file.
    pub file: String,
    /// Where in the file.
    #[serde(flatten)]
    pub position: Position,
    /// What is wrong.
    pub reason: String,
}

/// How an import went.
#[derive(Debug, Default, Serialize)]
pub struct Report {
    /// What was stored.
    #[serde(flatten)]
    pub counts: Counts,
    /// Jobs, polls and empty entries.
    pub skipped: u64,
    /// Items that were left out.
    pub bad: u64,
    /// The first of these.
    pub bad_items: Vec<Bad>,
    /// Comments (of this and earlier runs) whose parent has not come yet.
    pub waiting: i64,
    /// Time taken.
    pub seconds: f64,
}

/// Imports Hacker News items from files; `progress` hears of every few bytes read.
///
/// # Errors
/// [`Error::Io`] when a file cannot be read; what was read before stays. As [`Store::write`].
pub fn hacker_news(
    store: &Store,
    files: &[PathBuf],
    progress: impl Fn(u64) + Sync,
) -> Result<Report> {
    let begun = Instant::now();
    let sources: Vec<(String, File)> =
        files.iter().map(|path| open(path)).collect::<Result<_>>()?;
    store.write_blocking(store::tag::seed)?;
    let now = store.clock().now();
    let (send, batches) = sync_channel(2);
    let mut report = std::thread::scope(|scope| {
        let progress = &progress;
        let reading = scope.spawn(move || read_all(sources, now, &send, progress));
        let mut counts = Counts::default();
        for batch in batches {
            counts += store.write_blocking(move |tx| import::apply(tx, batch))?;
        }
        let mut report = reading
            .join()
            .map_err(|_| Error::Internal("reading the import panicked".into()))??;
        report.counts = counts;
        Ok::<_, Error>(report)
    })?;
    report.waiting = store.read(import::waiting)?;
    report.seconds = begun.elapsed().as_secs_f64();
    Ok(report)
}

fn open(path: &Path) -> Result<(String, File)> {
    let name = path.display().to_string();
    let file = File::open(path).map_err(|error| Error::Io(format!("{name}: {error}")))?;
    let is_dir = file.metadata().is_ok_and(|meta| meta.is_dir());
    if is_dir {
        return Err(Error::Io(format!("{name} is a directory; name its files.")));
    }
    Ok((name, file))
}

/// Reads the files one after the other and sends what they hold in batches.
fn read_all(
    sources: Vec<(String, File)>,
    now: Timestamp,
    batches: &SyncSender<Vec<Foreign>>,
    progress: &impl Fn(u64),
) -> Result<Report> {
    let mut report = Report::default();
    let mut batch = Vec::with_capacity(BATCH);
    for (name, file) in sources {
        let mut values = Values::new(Counted { file, progress });
        loop {
            let next = values
                .next_value()
                .map_err(|error| Error::Io(format!("{name}: {error}")))?;
            let Some((position, found)) = next else { break };
            match read(&mut values, position, found, now) {
                Ok(hn::Item::Keep(item)) => batch.push(item),
                Ok(hn::Item::Skip) => report.skipped += 1,
                Err(reason) => report.add_bad(&name, position, reason),
            }
            if batch.len() == BATCH {
                let full = std::mem::replace(&mut batch, Vec::with_capacity(BATCH));
                if batches.send(full).is_err() {
                    // Writing has failed and says why itself.
                    return Ok(report);
                }
            }
        }
    }
    if !batch.is_empty() {
        // As above: a failed send has its reason on the other side.
        let _ = batches.send(batch);
    }
    Ok(report)
}

fn read<R: Read>(
    values: &mut Values<R>,
    position: Position,
    found: Found,
    now: Timestamp,
) -> std::result::Result<hn::Item, String> {
    let Found::Value(json) = found else {
        return Err("it has no end".into());
    };
    hn::item(&json, now).inspect_err(|_| {
        // Whole JSON of a wrong kind has an end that can be trusted; anything else may have swallowed its neighbours.
        if serde_json::from_slice::<serde::de::IgnoredAny>(&json).is_err() {
            values.reject(position, &json);
        }
    })
}

impl Report {
    fn add_bad(&mut self, file: &str, position: Position, reason: String) {
        self.bad += 1;
        if self.bad_items.len() < LISTED {
            self.bad_items.push(Bad {
                file: file.to_owned(),
                position,
                reason,
            });
        }
    }
}

/// A file that tells how much of it was read.
struct Counted<'a, P> {
    file: File,
    progress: &'a P,
}

impl<P: Fn(u64)> Read for Counted<'_, P> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let read = self.file.read(buffer)?;
        (self.progress)(read as u64);
        Ok(read)
    }
}
