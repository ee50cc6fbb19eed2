//! Syncs that fail, once and from then on: of the database's WAL, of the database, of the log of commits. strace counts the
//! calls of each thread and answers with EIO.
//!
//! After a failed sync of the WAL nothing is answered, and the process ends. It ends after one of the database too: what the
//! system could not write it may drop, and the next sync would tell nothing; the WAL still has all, for the next start. The log
//! is no promise to anybody: the site goes on and says what is wrong.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use crate::kills::check_log;
use crate::process::{Process, serve_by};
use crate::rounds::{self, Expected, Fixture};

/// A file whose syncs fail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Of {
    Wal,
    Database,
    Log,
}

/// Answers after which it has to go on.
const ENOUGH: usize = 600;
/// Answers after which it has to have failed: the database is synced seldom.
const MANY: usize = 60_000;
/// Longest that a site takes to fail or to end.
const PATIENCE: Duration = Duration::from_mins(3);

impl Of {
    fn file(self, data: &Path) -> PathBuf {
        match self {
            Self::Wal => data.join("site.db-wal"),
            Self::Database => data.join("site.db"),
            Self::Log => {
                let segments = fs::read_dir(data.join("log")).unwrap();
                let newest = segments.map(|file| file.unwrap().path()).max();
                newest.expect("a log")
            }
        }
    }

    /// What the site says of it.
    const fn told(self) -> &'static str {
        match self {
            Self::Wal => "COMMIT failed",
            Self::Database => "the database file could not be brought to disk",
            Self::Log => "could not be brought to disk",
        }
    }
}

/// Has the sync of this number of each thread fail, and all later ones if they are to, on a new site below `dir`. How many
/// writes were answered.
pub fn run(dir: &Path, of: Of, number: usize, for_good: bool) -> usize {
    let token = dir.join("token");
    fs::write(&token, "a-token-so-that-there-is-a-log-of-commits").unwrap();
    let flags = ["--token-file", token.to_str().unwrap()];
    let data = dir.join(format!("{of:?}-{number}-{for_good}"));
    let fixture = rounds::fixture(&data);
    // So that the files are there, which strace looks for when it starts.
    Process::serve_with(&data, &flags).kill();
    let said = data.with_extension("log");
    let expected = Mutex::new(Expected::default());
    let mut command = serve_by(failing(&data, of, number, for_good), &data, &flags);
    let started = Process::try_start(command.stderr(File::create(&said).unwrap()));
    if of == Of::Log {
        let told = || fs::read_to_string(&said).unwrap();
        let mut process = started.unwrap_or_else(|status| panic!("{status}: {}", told()));
        let has_failed = || told().contains(of.told());
        let wait = |_: &mut Process| until(has_failed, "it never failed");
        let died =
            rounds::write_and_kill_after(&mut process, &fixture, number, ENOUGH, &expected, wait);
        assert!(!died, "the site ended: {}", told());
    } else {
        match started {
            Ok(mut process) => ends(&mut process, &fixture, &expected),
            // What it notes when it starts was not brought to disk.
            Err(status) => assert_eq!(status.code(), Some(1), "it ended with {status}"),
        }
    }
    let said = fs::read_to_string(said).unwrap();
    assert!(said.contains(of.told()), "{of:?} {number}: {said}");
    Process::serve_with(&data, &flags).kill();
    check_log(&data);
    let expected = expected.into_inner().unwrap();
    rounds::check_database(&data, &fixture, &expected);
    expected.answered
}

/// People write until the process has ended by itself, as if not all were well.
fn ends(process: &mut Process, fixture: &Fixture, expected: &Mutex<Expected>) {
    let wait = |process: &mut Process| {
        let mut status = None;
        let ended = || {
            status = process.child.try_wait().unwrap();
            status.is_some()
        };
        until(ended, "it goes on");
        assert_eq!(status.and_then(|status| status.code()), Some(1));
    };
    let died = rounds::write_and_kill_after(process, fixture, 0, MANY, expected, wait);
    assert!(died, "{MANY} writes were answered");
}

fn until(mut is_so: impl FnMut() -> bool, otherwise: &str) {
    let end = Instant::now() + PATIENCE;
    while !is_so() {
        assert!(Instant::now() < end, "{otherwise}");
        std::thread::yield_now();
    }
}

fn failing(data: &Path, of: Of, number: usize, for_good: bool) -> Command {
    let more = if for_good { "+" } else { "" };
    // The log is opened with the other call.
    let calls = match of {
        Of::Log => "fdatasync",
        _ => "fsync,fdatasync",
    };
    let fault = format!("inject={calls}:error=EIO:when={number}{more}");
    let mut strace = Command::new("strace");
    strace
        .args(["-D", "-f", "-qq", "-o", "/dev/null", "-P"])
        .arg(of.file(data))
        .args(["-e", &format!("trace={calls}"), "-e", &fault])
        .arg(env!("CARGO_BIN_EXE_site"));
    strace
}
