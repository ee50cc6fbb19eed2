//! How fast a standby gets what it lacks: a first copy, and the commits of the time that it was away. PostgreSQL's
//! `pg_basebackup` of as large a directory stands beside the first.

use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use super::{CLIENTS, Pair, Way, postgres};
use crate::generate;
use crate::votes;

/// Stories of the copied site: some 270 MB.
const STORIES: usize = 50_000;

/// Measures and prints both.
pub(super) fn measure(seconds: u64) {
    let dir = tempfile::tempdir().unwrap();
    let data = dir.path().join("primary");
    generate::site(&data, STORIES);
    let bytes = fs::metadata(data.join("site.db")).unwrap().len();
    let mut pair = Pair::lone(dir.path(), &data, Way::Async);
    println!("\n| what | size | s | rate |\n|---|---:|---:|---:|");
    let time = comes(&mut pair, dir.path());
    line("first copy", bytes, time);
    drop(pair);
    if let Some((bytes, time)) = postgres::copy(bytes) {
        line("pg_basebackup", bytes, time);
    }
    away(seconds);
}

/// The commits of some seconds.
fn away(seconds: u64) {
    let dir = tempfile::tempdir().unwrap();
    let data = dir.path().join("primary");
    generate::site(&data, votes::STORIES);
    let cookies = votes::sign_in(&data);
    let mut pair = Pair::start(dir.path(), &data, Way::Async);
    pair.standby = None;
    let before = (log(&data), pair.shown());
    let clients = CLIENTS[1];
    votes::run(
        pair.primary.address,
        &cookies[..clients],
        seconds,
        &mut [0; votes::CONNECTIONS],
        votes::Order::Same,
    );
    let bytes = log(&data) - before.0;
    let commits = pair.shown() - before.1;
    let time = comes(&mut pair, dir.path());
    line("commits", bytes, time);
    #[expect(clippy::cast_precision_loss, reason = "for people")]
    let rate = commits as f64 / time.as_secs_f64();
    println!("({commits} commits, {rate:.0} a second)");
}

/// The time in which the standby starts and comes to show all.
fn comes(pair: &mut Pair, dir: &Path) -> Duration {
    let begun = Instant::now();
    pair.follow(dir);
    pair.catches_up();
    begun.elapsed()
}

fn line(what: &str, bytes: u64, time: Duration) {
    #[expect(clippy::cast_precision_loss, reason = "for people")]
    let mb = bytes as f64 / 1e6;
    let seconds = time.as_secs_f64();
    println!(
        "| {what} | {mb:.0} MB | {seconds:.2} | {:.0} MB/s |",
        mb / seconds
    );
}

/// Bytes of the log.
fn log(data: &Path) -> u64 {
    let files = fs::read_dir(data.join("log")).unwrap();
    let lengths = files.filter_map(|file| Some(file.ok()?.metadata().ok()?.len()));
    lengths.sum()
}
