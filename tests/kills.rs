//! A kill before one chosen call to the system, under write load: strace counts the calls of each thread and sends SIGKILL
//! before the one of a given number is carried out. What was answered must be there, the file whole, and the log with it.

use std::fs;
use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Mutex;
use std::time::{Duration, Instant};

use site::replica::log::{Limits, Log};
use site::store::{self, DataDir};

use crate::process::{Process, serve_by};
use crate::rounds::{self, Expected, Fixture};

/// What changes files, or what is sure of them.
pub const CALLS: [&str; 5] = ["pwrite64", "fsync", "fdatasync", "rename", "ftruncate"];
/// Answers after which a call of such a number will not come any more.
const ENOUGH: usize = 400;

/// What came of it.
#[derive(Debug, Default)]
pub struct Tally {
    /// How often the call came, and the process died before it.
    pub fired: usize,
    /// Writes that were answered.
    pub answered: usize,
    /// The longest start after it.
    pub slowest_start: Duration,
}

/// Kills before the calls of these numbers, each time on a new site below `dir`. Numbers that no thread comes to end it.
pub fn run(dir: &Path, call: &str, numbers: impl IntoIterator<Item = usize>) -> Tally {
    let token = dir.join("token");
    fs::write(&token, "a-token-so-that-there-is-a-log-of-commits").unwrap();
    let flags = ["--token-file", token.to_str().unwrap()];
    let whole = dir.join("whole");
    if whole.exists() {
        fs::remove_dir_all(&whole).unwrap();
    }
    let fixture = rounds::fixture(&whole);
    let mut tally = Tally::default();
    for number in numbers {
        let data = dir.join(format!("{call}-{number}"));
        copy(&whole, &data);
        let fired = strike(&data, &flags, &fixture, call, number, &mut tally);
        fs::remove_dir_all(&data).unwrap();
        if !fired {
            break;
        }
        tally.fired += 1;
    }
    tally
}

/// Whether the call of that number came.
fn strike(
    data: &Path,
    flags: &[&str],
    fixture: &Fixture,
    call: &str,
    number: usize,
    tally: &mut Tally,
) -> bool {
    let expected = Mutex::new(Expected::default());
    let mut strace = serve_by(killing(call, number), data, flags);
    let (fired, status) = match Process::try_start(strace.stderr(Stdio::null())) {
        // It did not come so far.
        Err(status) => (true, status),
        Ok(mut process) => {
            let died = rounds::write_and_kill(&mut process, fixture, number, ENOUGH, &expected);
            (died, process.child.wait().unwrap())
        }
    };
    assert_eq!(
        status.signal(),
        Some(9),
        "{call} {number}: ended with {status}"
    );
    let begun = Instant::now();
    let mut again = Process::serve_with(data, flags);
    tally.slowest_start = tally.slowest_start.max(begun.elapsed());
    again.kill();
    check_log(data);
    let expected = expected.into_inner().unwrap();
    rounds::check_database(data, fixture, &expected);
    tally.answered += expected.answered;
    fired
}

/// strace, which starts the program that comes after it as our own child and kills it before that call.
fn killing(call: &str, number: usize) -> Command {
    let mut strace = Command::new("strace");
    strace
        .args(["-D", "-f", "-qq", "-o", "/dev/null"])
        .args(["-e", &format!("trace={call}")])
        .args(["-e", &format!("inject={call}:signal=SIGKILL:when={number}")])
        .arg(env!("CARGO_BIN_EXE_site"));
    strace
}

/// That the log of a primary that nobody runs is whole, and ends where its database stands.
#[track_caller]
pub fn check_log(data: &Path) {
    let dir = DataDir::open(data).unwrap();
    let (cluster, written) = store::position::of(&dir, true).unwrap();
    let log = Log::open(&data.join("log"), &cluster.unwrap(), Limits::default()).unwrap();
    assert_eq!(log.finding(), None);
    let last = log.last().expect("it has a beginning");
    assert_eq!(last.position, written, "log and database");
}

/// Copies the files of a data directory, which has no folders.
fn copy(from: &Path, to: &Path) {
    fs::create_dir(to).unwrap();
    for file in fs::read_dir(from).unwrap() {
        let file = file.unwrap();
        if file.file_type().unwrap().is_file() {
            fs::copy(file.path(), to.join(file.file_name())).unwrap();
        }
    }
}
