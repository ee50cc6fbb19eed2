//! Nodes as an operator has them: real processes in data directories of their own, started, asked, stopped and killed.

mod apart;
mod away;
mod crash;
mod fresh;
mod kept;
mod refused;
mod rot;
mod switch;
mod together;

use std::fs::File;
use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::atomic::{AtomicU16, Ordering};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};
use site::control::client;
use site::peer::Report;

use site::store::chain;

use crate::app::Browser;
use crate::process::Process;

/// Longest that anything is waited for.
const PATIENCE: Duration = Duration::from_secs(40);

/// Waits until something comes true by itself.
#[track_caller]
pub fn until(what: &str, mut is_so: impl FnMut() -> bool) {
    let begun = Instant::now();
    while !is_so() {
        assert!(begun.elapsed() < PATIENCE, "it never came to that: {what}");
        std::thread::yield_now();
    }
}

/// An address that nobody else gets: a loopback address of its own, so that no connection that somebody opens meanwhile
/// takes its port while the node is down.
fn address() -> SocketAddr {
    static NEXT: AtomicU16 = AtomicU16::new(1);
    let [high, low] = NEXT.fetch_add(1, Ordering::Relaxed).to_be_bytes();
    let process = u8::try_from(64 + std::process::id() % 190).unwrap();
    let ip = [127, process, high, low];
    let listener = TcpListener::bind((std::net::Ipv4Addr::from(ip), 0)).unwrap();
    listener.local_addr().unwrap()
}

/// `site` with these arguments on a data directory, to its end.
pub fn site(data: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_site"));
    command.env_clear().args(arguments).arg("--data").arg(data);
    command.stdin(Stdio::null()).output().unwrap()
}

/// What it said, which must be a success.
#[track_caller]
pub fn good(output: &Output) -> String {
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    let error = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}{error}");
    said
}

/// What it said on standard error, which must be a failure.
#[track_caller]
pub fn bad(output: &Output) -> String {
    let error = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(!output.status.success(), "{error}");
    error
}

/// A node: its directory, its address and its flags outlive its processes.
pub struct Node {
    pub name: &'static str,
    pub dir: PathBuf,
    pub address: SocketAddr,
    flags: Vec<String>,
    process: Option<Process>,
}

impl Node {
    /// Not started yet.
    pub fn new(below: &Path, name: &'static str, flags: &[&str]) -> Self {
        Self {
            name,
            dir: below.join(name),
            address: address(),
            flags: flags.iter().map(|flag| (*flag).to_owned()).collect(),
            process: None,
        }
    }

    /// One that follows another.
    pub fn following(below: &Path, name: &'static str, other: &Self, flags: &[&str]) -> Self {
        let mut node = Self::new(below, name, flags);
        node.flags.extend(["--follow".into(), other.url()]);
        node
    }

    /// Where it is reached.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The command that starts it.
    pub fn command(&self) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_site"));
        command
            .env_clear()
            .env("SITE_LIMITS", "off")
            .arg("--data")
            .arg(&self.dir)
            .args(["serve", "--drain", "5s", "--listen"])
            .arg(self.address.to_string())
            .args(&self.flags)
            .stdin(Stdio::null());
        command
    }

    /// Starts it, and waits until it listens.
    pub fn start(&mut self) {
        let log = File::options()
            .append(true)
            .create(true)
            .open(self.dir.with_extension("log"));
        let process = Process::start(self.command().stderr(log.unwrap()));
        assert_eq!(process.address, self.address);
        self.process = Some(process);
    }

    /// Starts it on a disk that takes so long for each write to the database's WAL.
    pub fn start_slow(&mut self, write: Duration) {
        let delay = format!("pwrite64:delay_enter={}", write.as_micros());
        self.start_on_bad_disk("site.db-wal", "pwrite64", &delay);
    }

    /// Starts it on a disk that does this to some system calls on a file of its directory.
    pub fn start_on_bad_disk(&mut self, file: &str, calls: &str, fault: &str) {
        let inner = self.command();
        let mut strace = Command::new("strace");
        strace
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .env("SITE_LIMITS", "off")
            .args(["-D", "-f", "-qq", "-o", "/dev/null", "-P"])
            .arg(self.dir.join(file))
            .args(["-e", &format!("trace={calls}")])
            .args(["-e", &format!("inject={fault}")])
            .arg(inner.get_program())
            .args(inner.get_args())
            .stdin(Stdio::null());
        let log = File::options()
            .append(true)
            .create(true)
            .open(self.dir.with_extension("log"));
        self.process = Some(Process::start(strace.stderr(log.unwrap())));
    }

    /// The oldest file of its log: another one once it has got a whole copy.
    pub fn oldest_segment(&self) -> PathBuf {
        let files = std::fs::read_dir(self.dir.join("log")).unwrap();
        files.map(|file| file.unwrap().path()).min().unwrap()
    }

    /// Ends it at once, as a power cut does.
    pub fn kill(&mut self) {
        self.process.take().unwrap().kill();
    }

    /// Ends it in good order.
    #[track_caller]
    pub fn stop(&mut self) {
        self.signal(Signal::TERM);
        let code = self.process.take().unwrap().child.wait().unwrap().code();
        assert_eq!(code, Some(0), "{}", self.log());
    }

    /// Waits until it has ended by itself; its exit code.
    pub fn ends(&mut self) -> Option<i32> {
        let mut process = self.process.take().unwrap();
        let mut status = None;
        until("it ends", || {
            status = process.child.try_wait().unwrap();
            status.is_some()
        });
        status.unwrap().code()
    }

    pub fn signal(&self, signal: Signal) {
        let process = self.process.as_ref().unwrap();
        kill_process(Pid::from_child(&process.child), signal).unwrap();
    }

    /// All that it has logged so far.
    pub fn log(&self) -> String {
        std::fs::read_to_string(self.dir.with_extension("log")).unwrap_or_default()
    }

    /// How it is.
    #[track_caller]
    pub fn report(&self) -> Report {
        let status = client::status(&self.dir).unwrap().expect("it runs");
        status.node.expect("it is a node")
    }

    /// Why a standby has no connection.
    pub fn trouble(&self) -> String {
        let primary = self.report().primary;
        primary
            .and_then(|primary| primary.trouble)
            .unwrap_or_default()
    }

    /// A visitor's browser.
    pub fn browser(&self) -> Browser {
        Browser::new(self.address)
    }

    /// One number that its database tells.
    #[track_caller]
    pub fn number(&self, sql: &str) -> i64 {
        let flags = rusqlite::OpenFlags::SQLITE_OPEN_READ_ONLY;
        let conn = rusqlite::Connection::open_with_flags(self.dir.join("site.db"), flags).unwrap();
        conn.busy_timeout(PATIENCE).unwrap();
        conn.query_row(sql, [], |row| row.get(0)).unwrap()
    }

    /// How often a comment is in its database.
    #[track_caller]
    pub fn count(&self, comment: &str) -> i64 {
        self.number(&format!(
            "select count(*) from comment where text = '{comment}'"
        ))
    }

    /// Files with commits that it had to give up.
    pub fn lost(&self) -> usize {
        std::fs::read_dir(self.dir.join("lost")).map_or(0, Iterator::count)
    }

    /// The database, of a node that is stopped.
    fn pages(&self) -> Vec<Vec<u8>> {
        assert!(self.process.is_none());
        let file = self.dir.join("site.db");
        let conn = rusqlite::Connection::open(&file).unwrap();
        let size: u32 = conn
            .query_row("pragma page_size", [], |row| row.get(0))
            .unwrap();
        conn.query_row("pragma wal_checkpoint(truncate)", [], |_| Ok(()))
            .unwrap();
        drop(conn);
        let bytes = std::fs::read(file).unwrap();
        let mut pages: Vec<_> = bytes.chunks(size as usize).map(<[u8]>::to_vec).collect();
        chain::mask(&mut pages[0]);
        pages
    }
}

impl Drop for Node {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("--- {} ({})\n{}", self.name, self.address, self.log());
        }
    }
}

/// A primary and its standby, as they began.
pub struct Pair {
    pub a: Node,
    pub b: Node,
    // After its users.
    pub dir: tempfile::TempDir,
}

impl Pair {
    /// Not started yet; both with these flags.
    pub fn new(flags: &[&str]) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let token = token(dir.path(), "token");
        let flags = [&["--token-file", &token], flags].concat();
        let a = Node::new(dir.path(), "a", &flags);
        let b = Node::following(dir.path(), "b", &a, &flags);
        Self { a, b, dir }
    }

    /// Started, and in sync.
    pub fn start() -> Self {
        let mut pair = Self::new(&[]);
        pair.a.start();
        pair.b.start();
        in_sync(&pair.a, &pair.b);
        pair
    }

    /// Stops both; then they are the same page by page.
    #[track_caller]
    pub fn same(&mut self) {
        self.a.stop();
        self.b.stop();
        let (a, b) = (self.a.pages(), self.b.pages());
        assert_eq!(a.len(), b.len());
        for (number, (a, b)) in (1..).zip(a.iter().zip(&b)) {
            assert!(a == b, "page {number} differs");
        }
    }
}

/// A file with a token.
pub fn token(dir: &Path, name: &str) -> String {
    let file = dir.join(name);
    let text = format!("a-long-and-secret-{name}-for-the-tests-of-nodes");
    std::fs::write(&file, text).unwrap();
    file.to_str().unwrap().to_owned()
}

/// Waits until the standby has and shows all that the primary has.
#[track_caller]
pub fn in_sync(primary: &Node, standby: &Node) {
    let begun = Instant::now();
    until("the standby is in sync", || {
        let (one, other) = (primary.report(), standby.report());
        if begun.elapsed() + Duration::from_secs(1) > PATIENCE {
            eprintln!("{one:?}\n{other:?}");
        }
        one.role == "primary"
            && other.role == "standby"
            && one.in_sync
            && other.primary.is_some_and(|primary| primary.connected)
            && one.txid == other.txid
            && one.epoch == other.epoch
    });
}

/// The titles and numbers that a page shows, the same on each node.
#[track_caller]
pub fn same_page(one: &Node, other: &Node, path: &str) {
    let strip = |node: &Node| {
        let body = node.browser().get(path).expect(200).body;
        body.replace(&node.address.to_string(), "HERE")
    };
    assert_eq!(strip(one), strip(other), "{path}");
}
