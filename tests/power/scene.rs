//! Two nodes on one machine, which are started, stopped, killed and posted to: by themselves, or under one strace, which
//! writes down what both do in one order.

use std::fs::{self, File};
use std::io::Write;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::atomic::{AtomicU16, AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};
use site::control::client;
use site::peer::Report;

use super::trace;
use crate::process::Process;
use crate::rounds::Fixture;
use crate::wire::Wire;

/// Longest wait for what is to come by itself.
const SOON: Duration = Duration::from_mins(1);
/// Most letters that strace writes of a string: more than any write has.
const LONGEST: &str = "4000000";
/// Most letters of a text; some are long, so that commits have pages that the ones before had not.
const LONG: usize = 9_000;

pub const A: usize = 0;
pub const B: usize = 1;

/// Both nodes' directories and addresses.
pub struct Scene {
    pub root: PathBuf,
    pub addresses: [SocketAddr; 2],
    /// What runs on each.
    pub programs: [PathBuf; 2],
    token: PathBuf,
    flags: Vec<String>,
    posted: AtomicUsize,
}

impl Scene {
    /// Data directories below `root`, which is not looked at yet; both nodes with these flags.
    pub fn new(root: &Path, flags: &[&str]) -> Self {
        fs::create_dir_all(root).unwrap();
        let token = root.with_extension("token");
        fs::write(&token, "a-token-for-two-nodes-whose-power-is-cut").unwrap();
        Self {
            root: root.to_owned(),
            addresses: [address(), address()],
            programs: [env!("CARGO_BIN_EXE_site"); 2].map(PathBuf::from),
            token,
            flags: flags.iter().map(|flag| (*flag).to_owned()).collect(),
            posted: AtomicUsize::new(0),
        }
    }

    /// The same nodes on other disks.
    pub fn on(&self, root: &Path) -> Self {
        fs::create_dir_all(root).unwrap();
        Self {
            root: root.to_owned(),
            addresses: self.addresses,
            programs: self.programs.clone(),
            token: self.token.clone(),
            flags: self.flags.clone(),
            posted: AtomicUsize::new(0),
        }
    }

    pub fn data(&self, node: usize) -> PathBuf {
        self.root.join(["a", "b"][node])
    }

    fn arguments(&self, node: usize) -> Vec<String> {
        let data = self.data(node);
        let address = self.addresses[node].to_string();
        let words = [
            "--data",
            data.to_str().unwrap(),
            "serve",
            "--listen",
            &address,
        ];
        let words = words.into_iter().chain(["--drain", "5s", "--token-file"]);
        let mut words: Vec<String> = words.map(str::to_owned).collect();
        words.push(self.token.to_str().unwrap().to_owned());
        if node == B {
            words.extend([
                "--follow".to_owned(),
                format!("http://{}", self.addresses[A]),
            ]);
        }
        words.extend(self.flags.iter().cloned());
        words
    }

    /// Where a node's log goes.
    pub fn log(&self, node: usize) -> PathBuf {
        self.data(node).with_extension("log")
    }

    /// Starts a node that nobody watches.
    pub fn start(&self, node: usize) -> Process {
        let log = File::options()
            .append(true)
            .create(true)
            .open(self.log(node));
        let mut command = Command::new(&self.programs[node]);
        command
            .env_clear()
            .env("SITE_LIMITS", "off")
            .args(self.arguments(node));
        let started = Process::try_start(command.stdin(Stdio::null()).stderr(log.unwrap()));
        started.unwrap_or_else(|ended| panic!("{ended}: {}", self.said()))
    }

    /// How a node is, when it runs.
    pub fn report(&self, node: usize) -> Option<Report> {
        client::status(&self.data(node)).ok()??.node
    }

    pub fn is_primary(&self, node: usize) -> bool {
        self.report(node)
            .is_some_and(|report| report.role == "primary")
    }

    /// Whether both have and show the same.
    pub fn is_in_sync(&self) -> bool {
        let (Some(one), Some(other)) = (self.report(A), self.report(B)) else {
            return false;
        };
        let (primary, standby) = if one.role == "primary" {
            (one, other)
        } else {
            (other, one)
        };
        primary.role == "primary"
            && standby.role == "standby"
            && primary.in_sync
            && standby.primary.is_some_and(|primary| primary.connected)
            && (primary.epoch, primary.txid) == (standby.epoch, standby.txid)
    }

    /// Makes a node the primary.
    pub fn promote(&self, node: usize, force: bool) {
        let mut why = String::new();
        let begun = Instant::now();
        self.until("it is promoted", || {
            assert!(begun.elapsed() < SOON / 2, "{why}; {}", self.said());
            client::promote(&self.data(node), force)
                .map_err(|error| why = error.to_string())
                .is_ok()
        });
    }

    /// What both have said last.
    pub fn said(&self) -> String {
        let tail = |node| {
            let text = fs::read_to_string(self.log(node)).unwrap_or_default();
            let lines: Vec<&str> = text.lines().collect();
            lines[lines.len().saturating_sub(25)..].join("\n")
        };
        format!("--- a\n{}\n--- b\n{}", tail(A), tail(B))
    }

    #[track_caller]
    pub fn until(&self, what: &str, is_so: impl FnMut() -> bool) {
        let came = Self::comes_within(SOON, is_so);
        assert!(came, "it never came to that: {what}\n{}", self.said());
    }

    /// Whether it comes to that in this time.
    pub fn comes_within(time: Duration, mut is_so: impl FnMut() -> bool) -> bool {
        let end = Instant::now() + time;
        while Instant::now() < end {
            if is_so() {
                return true;
            }
            thread::yield_now();
        }
        false
    }

    /// Posts so many comments by four people through these nodes, each until one is answered, while `meanwhile` goes on.
    pub fn post(&self, fixture: &Fixture, nodes: &[usize], count: usize, meanwhile: impl FnOnce()) {
        thread::scope(|scope| {
            for writer in 0..4 {
                let address = self.addresses[nodes[writer % nodes.len()]];
                scope.spawn(move || {
                    let mut wire = None;
                    for _ in 0..count {
                        self.until("a post is answered", || {
                            self.try_post(fixture, &mut wire, address, writer)
                        });
                    }
                });
            }
            meanwhile();
        });
    }

    /// Whether it was answered with success.
    fn try_post(
        &self,
        fixture: &Fixture,
        wire: &mut Option<Wire>,
        address: SocketAddr,
        writer: usize,
    ) -> bool {
        let number = self.posted.fetch_add(1, Ordering::Relaxed);
        let length = if number.is_multiple_of(4) { LONG } else { 0 };
        let text = format!("post {number} by {writer} {}", "and on ".repeat(length / 7));
        if wire.is_none() {
            *wire = Wire::connect_within(address, Duration::from_secs(10)).ok();
        }
        let path = format!("/s/{}/comments", fixture.stories[writer % 3]);
        let fields = [("text", &*text), ("parent", "")];
        let cookie = &fixture.writers[writer].1;
        let answer = wire
            .as_mut()
            .and_then(|wire| wire.post(&path, cookie, &fields).ok());
        match answer.map(|answer| answer.status) {
            Some(303) => true,
            Some(502..=504) => false,
            None => {
                *wire = None;
                false
            }
            Some(status) => panic!("{status}; {}", self.said()),
        }
    }
}

/// Both nodes as children of one shell, with strace around it.
pub struct Watched<'a> {
    scene: &'a Scene,
    strace: Child,
    shell: Option<ChildStdin>,
    trace: PathBuf,
}

impl<'a> Watched<'a> {
    pub fn new(scene: &'a Scene) -> Self {
        let trace = scene.root.with_extension("trace");
        let mut strace = Command::new("strace");
        strace
            .args([
                "-f",
                "-y",
                "-qq",
                "--seccomp-bpf",
                "-s",
                LONGEST,
                "-e",
                "signal=none",
            ])
            .args(["-e", trace::CALLS, "-o"])
            .arg(&trace)
            .args(["env", "-i", "SITE_LIMITS=off", "sh"])
            .stdin(Stdio::piped())
            .stderr(Stdio::null());
        let mut strace = strace
            .spawn()
            .expect("strace is needed: apt-get install strace");
        let shell = strace.stdin.take();
        Self {
            scene,
            strace,
            shell,
            trace,
        }
    }

    fn tell(&mut self, line: &str) {
        let shell = self.shell.as_mut().unwrap();
        writeln!(shell, "{line}").unwrap();
        shell.flush().unwrap();
    }

    fn file(&self, node: usize, ending: &str) -> PathBuf {
        self.scene.data(node).with_extension(ending)
    }

    /// Starts a node, and waits until it answers.
    pub fn start(&mut self, node: usize) {
        let (pid, log) = (self.file(node, "pid"), self.scene.log(node));
        let _ = fs::remove_file(&pid);
        let words = self.scene.arguments(node).join("' '");
        let (log, file) = (log.display(), pid.display());
        let site = self.scene.programs[node].display().to_string();
        self.tell(&format!(
            "'{site}' '{words}' </dev/null >>{log} 2>&1 & echo $! >{file}.new; mv {file}.new {file}"
        ));
        let address = self.scene.addresses[node];
        self.scene.until("the node answers", || {
            pid.exists() && Wire::connect(address).is_ok_and(|mut wire| wire.get("/up").is_ok())
        });
    }

    fn pid(&self, node: usize) -> Option<Pid> {
        let text = fs::read_to_string(self.file(node, "pid")).ok()?;
        Pid::from_raw(text.trim().parse().ok()?)
    }

    pub fn signal(&self, node: usize, signal: Signal) {
        kill_process(self.pid(node).unwrap(), signal).unwrap();
    }

    /// Ends a node by a signal, and waits for that.
    pub fn end(&mut self, node: usize, signal: Signal) {
        self.signal(node, signal);
        let gone = self.file(node, "gone");
        let pid = self.file(node, "pid");
        self.tell(&format!(
            "wait $(cat {}); >{}",
            pid.display(),
            gone.display()
        ));
        self.scene.until("the node is gone", || gone.exists());
        fs::remove_file(gone).unwrap();
        fs::remove_file(pid).unwrap();
    }

    /// What was written down so far.
    pub fn so_far(&self) -> usize {
        fs::read_to_string(&self.trace)
            .unwrap_or_default()
            .lines()
            .count()
    }

    /// Ends the shell, once both nodes have ended; all that was written down.
    pub fn finish(mut self) -> String {
        drop(self.shell.take());
        assert!(self.strace.wait().unwrap().success());
        fs::read_to_string(&self.trace).unwrap()
    }
}

impl Drop for Watched<'_> {
    fn drop(&mut self) {
        // Those that run when a check has failed; without their strace they could not even end.
        for node in [A, B] {
            if let Some(pid) = self.pid(node) {
                let _ = kill_process(pid, Signal::KILL);
            }
        }
        drop(self.shell.take());
        let _ = self.strace.wait();
    }
}

/// A loopback address that nobody else gets, so that no connection that somebody opens meanwhile takes its port.
fn address() -> SocketAddr {
    static NEXT: AtomicU16 = AtomicU16::new(1);
    let [high, low] = NEXT.fetch_add(1, Ordering::Relaxed).to_be_bytes();
    let process = u8::try_from(2 + std::process::id() % 60).unwrap();
    let listener = TcpListener::bind((Ipv4Addr::new(127, process, high, low), 0)).unwrap();
    listener.local_addr().unwrap()
}
