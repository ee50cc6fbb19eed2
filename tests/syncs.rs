//! Syncs that fail, once and from then on: of the database's WAL, of the database, of the log of commits. strace counts the
//! calls of each thread and answers with EIO.
//!
//! After a failed sync of the WAL nothing is answered, and the process ends. The other two are no promise to anybody: what is
//! answered is in the WAL, the site goes on and says what is wrong.

use std::fs::{self, File};
use std::path::Path;
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

pub const EACH: [Of; 3] = [Of::Wal, Of::Database, Of::Log];
/// Answers until which it has to have failed.
const ENOUGH: usize = 600;
/// The same for each sync of the database, which comes once thousands of pages are to be copied into it.
const ENOUGH_PAGES: usize = 1100;
/// Longest that a site takes to end.
const END: Duration = Duration::from_secs(20);

impl Of {
    /// The call, the file when that does not tell by itself, and what the site says of it.
    const fn told(self) -> (&'static str, Option<&'static str>, &'static str) {
        match self {
            Self::Wal => ("fsync", Some("site.db-wal"), "COMMIT failed"),
            Self::Database => ("fsync", Some("site.db"), "checkpoint failed"),
            // Nothing else is synced by this call.
            Self::Log => ("fdatasync", None, "could not be brought to disk"),
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
    // So that the WAL is there, which strace looks for when it starts.
    Process::serve_with(&data, &flags).kill();
    let said = data.with_extension("log");
    let expected = Mutex::new(Expected::default());
    let mut command = serve_by(failing(&data, of, number, for_good), &data, &flags);
    let started = Process::try_start(command.stderr(File::create(&said).unwrap()));
    if of == Of::Wal {
        match started {
            Ok(mut process) => ends(&mut process, &fixture, &expected),
            // What it notes when it starts was not brought to disk.
            Err(status) => assert_eq!(status.code(), Some(1), "it ended with {status}"),
        }
    } else {
        let told = || fs::read_to_string(&said).unwrap();
        let mut process = started.unwrap_or_else(|status| panic!("{status}: {}", told()));
        let enough = if of == Of::Database {
            ENOUGH_PAGES * number
        } else {
            ENOUGH
        };
        let died = rounds::write_and_kill(&mut process, &fixture, number, enough, &expected);
        assert!(
            !died,
            "the site ended: {}",
            fs::read_to_string(&said).unwrap()
        );
    }
    let said = fs::read_to_string(said).unwrap();
    assert!(
        said.contains(of.told().2),
        "{of:?} {number} never failed: {said}"
    );
    Process::serve_with(&data, &flags).kill();
    check_log(&data);
    let expected = expected.into_inner().unwrap();
    rounds::check_database(&data, &fixture, &expected);
    expected.answered
}

/// People write until the process has ended by itself, as if not all were well.
fn ends(process: &mut Process, fixture: &Fixture, expected: &Mutex<Expected>) {
    let died = rounds::write_and_kill_after(process, fixture, 0, ENOUGH, expected, |process| {
        let end = Instant::now() + END;
        while Instant::now() < end {
            if let Some(status) = process.child.try_wait().unwrap() {
                assert_eq!(status.code(), Some(1), "it ended with {status}");
                return;
            }
            std::thread::yield_now();
        }
        panic!("it goes on");
    });
    assert!(died, "{ENOUGH} writes were answered");
}

fn failing(data: &Path, of: Of, number: usize, for_good: bool) -> Command {
    let (call, file, _) = of.told();
    let more = if for_good { "+" } else { "" };
    let mut strace = Command::new("strace");
    strace.args(["-D", "-f", "-qq", "-o", "/dev/null"]);
    if let Some(file) = file {
        strace.arg("-P").arg(data.join(file));
    }
    strace
        .args(["-e", &format!("trace={call}")])
        .args([
            "-e",
            &format!("inject={call}:error=EIO:when={number}{more}"),
        ])
        .arg(env!("CARGO_BIN_EXE_site"));
    strace
}
