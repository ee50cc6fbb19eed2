//! Single bits that a disk gives back wrong: in the database, in its WAL, in the log of commits. How many are noticed, by which
//! check: SQLite's checksums of the WAL's frames, the site's own of the log's records and of the database's pages.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Mutex;
use std::thread;
use std::time::Duration;

use rusqlite::Connection;
use site::replica::log::{Limits, Log};
use site::store::{self, DataDir};

use crate::check;
use crate::generate::Random;
use crate::process::Process;
use crate::rounds::{self, Expected};

/// A site reads a small database once within this time.
const FIRST_ROUND: Duration = Duration::from_secs(3);
/// Answered writes that the site has.
const WRITES: usize = 500;

pub fn run(bits: usize) {
    let dir = tempfile::tempdir().unwrap();
    let token = dir.path().join("token");
    fs::write(&token, "a-token-so-that-there-is-a-log-of-commits").unwrap();
    let data = dir.path().join("data");
    let fixture = rounds::fixture(&data);
    let flags = ["--token-file", token.to_str().unwrap()];
    let mut process = Process::serve_with(&data, &flags);
    let expected = Mutex::new(Expected::default());
    rounds::write_and_kill(&mut process, &fixture, 0, WRITES, &expected);
    let mut dice = Random(7);
    wal(&data, bits, &mut dice);
    log(&data, bits, &mut dice);
    database(&data, bits, &mut dice);
}

/// A copy of these files with one bit of the first flipped.
fn flipped(files: &[PathBuf], dice: &mut Random) -> tempfile::TempDir {
    let copy = tempfile::tempdir().unwrap();
    for (index, file) in files.iter().enumerate() {
        let mut bytes = fs::read(file).unwrap();
        if index == 0 {
            // Room at the end that is set aside holds nothing.
            let used = bytes.iter().rposition(|byte| *byte != 0).unwrap() + 1;
            bytes[dice.below(used)] ^= 1 << dice.below(8);
        }
        fs::write(copy.path().join(file.file_name().unwrap()), bytes).unwrap();
    }
    copy
}

/// SQLite takes the frames before the damage. That is what was there after some commit, unless some of what came later was
/// copied back already: then the file is not whole, which has to be noticed, by SQLite or by the log, which is ahead.
fn wal(data: &Path, bits: usize, dice: &mut Random) {
    let files = ["site.db-wal", "site.db"].map(|name| data.join(name));
    let safe = tempfile::tempdir().unwrap();
    for file in &files {
        fs::copy(file, safe.path().join(file.file_name().unwrap())).unwrap();
    }
    // The end of a connection to it copies all back and removes the WAL.
    let (whole, comments) = look(data).unwrap();
    let files = ["site.db-wal", "site.db"].map(|name| safe.path().join(name));
    let (mut harmless, mut behind, mut damaged, mut silent) = (0, 0, 0, 0);
    for _ in 0..bits {
        let copy = flipped(&files, dice);
        match look(copy.path()) {
            None => damaged += 1,
            Some((txid, _)) if txid < whole => behind += 1,
            Some(found) if found == (whole, comments) => harmless += 1,
            Some(_) => silent += 1,
        }
    }
    println!(
        "WAL: {bits} bits, {harmless} in frames that nobody needs, {behind} noticed since the log is ahead of what is left, \
         {damaged} since the file is not whole, {silent} not at all"
    );
    assert_eq!(silent, 0);
}

/// Where a database stands and how many comments it has; `None` when it is not whole.
fn look(data: &Path) -> Option<(u64, i64)> {
    let conn = Connection::open(data.join("site.db")).unwrap();
    let number = |sql: &str| conn.query_row(sql, [], |row| row.get::<_, i64>(0)).ok();
    let answer = conn.query_row("pragma integrity_check", [], |row| row.get::<_, String>(0));
    if answer.ok()? != "ok" || !check::lies(&conn).is_empty() {
        return None;
    }
    let txid = number("select txid from position")?;
    Some((
        u64::try_from(txid).ok()?,
        number("select count(*) from comment")?,
    ))
}

fn log(data: &Path, bits: usize, dice: &mut Random) {
    let files = fs::read_dir(data.join("log")).unwrap();
    let files: Vec<PathBuf> = files.map(|file| file.unwrap().path()).collect();
    let cluster = store::position::of(&DataDir::open(data).unwrap(), false)
        .unwrap()
        .0
        .unwrap();
    let mut found = 0;
    for _ in 0..bits {
        let copy = flipped(&files, dice);
        let log = Log::open(copy.path(), &cluster, Limits::default());
        found += usize::from(log.is_err() || log.is_ok_and(|log| log.finding().is_some()));
    }
    println!("log: {bits} bits, {found} noticed when it is opened");
    assert_eq!(found, bits, "the checksums of its records");
}

/// As a disk does it: neither the file's length nor its time of change tells. `site doctor` compares, as a site does that runs.
fn database(data: &Path, bits: usize, dice: &mut Random) {
    // After the kill nothing is known of its pages: it reads the file once, and its end in good order leaves the checksums.
    let process = Process::serve_with(data, &[]);
    thread::sleep(FIRST_ROUND);
    stop(process);
    let files = ["site.db", "checksums"].map(|name| data.join(name));
    let changed = fs::metadata(&files[0]).unwrap().modified().unwrap();
    let (mut quick, mut found) = (0, 0);
    for _ in 0..bits {
        let copy = flipped(&files, dice);
        let database = File::options()
            .append(true)
            .open(copy.path().join("site.db"));
        database.unwrap().set_modified(changed).unwrap();
        let findings = doctor(copy.path());
        quick += usize::from(findings.contains("FAIL  quick_check"));
        found += usize::from(findings.contains("FAIL  checksums"));
    }
    println!(
        "database: {bits} bits, {found} noticed by the checksums of its pages, {quick} by SQLite's quick_check"
    );
    assert!(found * 100 >= bits * 99, "less than 99 %");
    let sound = flipped(&files, dice);
    fs::copy(&files[0], sound.path().join("site.db")).unwrap();
    let database = File::options()
        .append(true)
        .open(sound.path().join("site.db"));
    database.unwrap().set_modified(changed).unwrap();
    assert!(doctor(sound.path()).contains("pass  checksums"));
}

fn stop(mut process: Process) {
    let pid = rustix::process::Pid::from_child(&process.child);
    rustix::process::kill_process(pid, rustix::process::Signal::TERM).unwrap();
    assert!(process.child.wait().unwrap().success());
}

fn doctor(data: &Path) -> String {
    let mut doctor = Command::new(env!("CARGO_BIN_EXE_site"));
    let output = doctor.arg("doctor").arg("--data").arg(data).output();
    String::from_utf8(output.unwrap().stdout).unwrap()
}
