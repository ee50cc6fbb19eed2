//! Servers as processes: started on the first core, their CPU time read from /proc, ended by their own id.

use std::fs;
use std::fs::File;
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};

/// The core of the server under load.
pub const SERVER_CORE: &str = "0";
/// The core of everything else.
pub const LOAD_CORE: &str = "1";

/// Programs that put a server in its place, and the Debian packages that they are in.
const PROGRAMS: &[(&str, &str)] = &[
    ("taskset", "util-linux"),
    ("setpriv", "util-linux"),
    ("chrt", "util-linux"),
];

/// Ends the bench at once, with what to install, when a program (these, or those that place a server) is missing or there
/// is only one core.
pub fn check_machine(programs: &[(&str, &str)]) {
    let mut missing: Vec<&str> = programs
        .iter()
        .chain(PROGRAMS)
        .filter(|(program, _)| find(program).is_none())
        .map(|(_, package)| *package)
        .collect();
    missing.dedup();
    assert!(
        missing.is_empty(),
        "missing; install with: apt-get install --no-install-recommends {}",
        missing.join(" ")
    );
    let cores = thread::available_parallelism().unwrap().get();
    assert!(cores >= 2, "two cores are needed: one serves, one loads");
}

/// Moves the bench itself to these cores: on the core of the load it takes nothing from the server.
pub fn move_to(cores: &str) {
    let own = std::process::id().to_string();
    let moved = Command::new("taskset")
        .args(["-a", "-c", "-p", cores, &own])
        .output()
        .unwrap();
    assert!(moved.status.success(), "{moved:?}");
}

/// Lets this thread run as soon as there is something for it (sched(7), `SCHED_FIFO`), as if it had a core of its own: only for
/// one that does next to nothing. False where that is not allowed.
pub fn goes_first() -> bool {
    let own = fs::read_link("/proc/thread-self").unwrap();
    let moved = Command::new("chrt")
        .args(["--fifo", "--pid", "1"])
        .arg(own.file_name().unwrap())
        .output();
    moved.is_ok_and(|moved| moved.status.success())
}

/// Where a program is; the folders of administrators' programs are not in everybody's path.
pub fn find(program: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path)
        .chain(["/usr/local/sbin", "/usr/sbin", "/sbin"].map(PathBuf::from))
        .map(|folder| folder.join(program))
        .find(|file| file.is_file())
}

/// A command that runs on these cores only, and gets SIGTERM should the bench die.
pub fn pinned(cores: &str, program: &str) -> Command {
    let program = find(program).unwrap_or_else(|| program.into());
    let mut command = Command::new("setpriv");
    command
        .args(["--pdeathsig", "TERM", "taskset", "-c", cores])
        .arg(program)
        .stdin(Stdio::null());
    command
}

/// A port of the loopback address that was free just now.
pub fn free_port() -> u16 {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    listener.local_addr().unwrap().port()
}

/// A running server; dropping it ends it with its children.
pub struct Server {
    pub name: &'static str,
    pub address: SocketAddr,
    child: Child,
}

impl Server {
    /// Runs `program` on the server's core until its port is open, with what it prints in a file below `dir`.
    pub fn start(
        dir: &Path,
        name: &'static str,
        port: u16,
        program: &str,
        arguments: &[&str],
    ) -> Self {
        let mut command = pinned(SERVER_CORE, program);
        command.args(arguments);
        Self::run(dir, name, port, command, SERVER_CORE)
    }

    /// As [`Server::start`], of a command that stays on these cores by itself.
    pub fn run(
        dir: &Path,
        name: &'static str,
        port: u16,
        mut command: Command,
        cores: &str,
    ) -> Self {
        let log = dir.join(format!("{name}.out"));
        let out = File::create(&log).unwrap();
        let child = command
            .stdout(out.try_clone().unwrap())
            .stderr(out)
            .spawn()
            .unwrap();
        let mut server = Self {
            name,
            address: (Ipv4Addr::LOCALHOST, port).into(),
            child,
        };
        let end = Instant::now() + Duration::from_secs(20);
        while TcpStream::connect(server.address).is_err() {
            let ended = server.child.try_wait().unwrap();
            if ended.is_some() || Instant::now() > end {
                let said = fs::read_to_string(&log).unwrap_or_default();
                panic!("{name} did not start ({ended:?}): {said}");
            }
            thread::sleep(Duration::from_millis(20));
        }
        for pid in server.processes() {
            let allowed = status_line(pid, "Cpus_allowed_list");
            assert_eq!(allowed, cores, "{name} runs on other cores");
        }
        server
    }

    /// Its process.
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Panics when there is more than one of actix's event loops besides the one that waits for signals.
    pub fn check_one_loop(&self) {
        let tasks = fs::read_dir(format!("/proc/{}/task", self.child.id())).unwrap();
        let loops = tasks
            .filter_map(|task| fs::read_to_string(task.ok()?.path().join("comm")).ok())
            .filter(|name| name.starts_with("actix-rt"))
            .count();
        assert!(loops <= 1, "{} has {loops} event loops", self.name);
    }

    /// CPU time so far of all its processes, in steps of 10 ms (proc(5); the clock tick of user space is 100 Hz).
    pub fn cpu(&self) -> Duration {
        let ticks = self
            .processes()
            .into_iter()
            .filter_map(stat)
            .map(|stat| stat.ticks);
        Duration::from_millis(ticks.sum::<u64>() * 10)
    }

    /// Its process and all that descend from it.
    fn processes(&self) -> Vec<u32> {
        let all: Vec<(u32, u32)> = fs::read_dir("/proc")
            .unwrap()
            .filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok())
            .filter_map(|pid| Some((pid, stat(pid)?.parent)))
            .collect();
        let mut found = vec![self.child.id()];
        let mut next = 0;
        while let Some(parent) = found.get(next).copied() {
            next += 1;
            let children = all.iter().filter(|(_, of)| *of == parent);
            found.extend(children.map(|(pid, _)| *pid));
        }
        found
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let family = self.processes();
        let own = Pid::from_child(&self.child);
        let _ = kill_process(own, Signal::TERM);
        let end = Instant::now() + Duration::from_secs(5);
        while Instant::now() < end {
            if !matches!(self.child.try_wait(), Ok(None)) {
                return;
            }
            thread::sleep(Duration::from_millis(20));
        }
        let pids = family
            .into_iter()
            .filter_map(|pid| Pid::from_raw(i32::try_from(pid).ok()?));
        for pid in pids {
            let _ = kill_process(pid, Signal::KILL);
        }
        let _ = self.child.wait();
    }
}

/// What is read of `/proc/PID/stat`.
struct Stat {
    parent: u32,
    /// User and system time.
    ticks: u64,
}

fn stat(pid: u32) -> Option<Stat> {
    let text = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    let fields: Vec<&str> = text.rsplit_once(')')?.1.split_whitespace().collect();
    let ticks = |field: usize| fields.get(field)?.parse::<u64>().ok();
    Some(Stat {
        parent: fields.get(1)?.parse().ok()?,
        ticks: ticks(11)? + ticks(12)?,
    })
}

fn status_line(pid: u32, name: &str) -> String {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix(name)?.strip_prefix(':'));
    line.unwrap_or_default().trim().to_owned()
}
