//! The site in its group, started again when it is killed, as systemd does with the unit that comes with it.

use std::fs::File;
use std::net::{Ipv4Addr, SocketAddr};
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::{Child, ExitStatus};
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};

use crate::group::Group;
use crate::server::free_port;
use crate::wire::Wire;

/// `RestartSec=` of the unit.
const BREAK: Duration = Duration::from_millis(500);
/// How often it is looked at.
const LOOK: Duration = Duration::from_millis(5);
/// It is given up when it does not answer for so long.
const LOST: Duration = Duration::from_secs(30);

/// The site in its group.
pub struct Host<'a> {
    pub address: SocketAddr,
    group: &'a Group,
    dir: PathBuf,
    child: Child,
    ends: Ends,
}

/// How it ended before it was told to.
#[derive(Debug, Default)]
pub struct Ends {
    /// Times that it was killed.
    pub kills: usize,
    /// Longest time from such an end until it answered again.
    pub slowest: Option<Duration>,
    /// It did not end when it was told to.
    pub was_stuck: bool,
    /// An end of another kind.
    pub other: Option<ExitStatus>,
}

impl<'a> Host<'a> {
    /// Starts the program in `dir` on the data there, and waits until it answers.
    pub fn start(dir: &Path, group: &'a Group) -> Self {
        let address = (Ipv4Addr::LOCALHOST, free_port()).into();
        let mut host = Self {
            address,
            group,
            dir: dir.to_owned(),
            child: spawn(dir, group, address),
            ends: Ends::default(),
        };
        let ended = host.await_answer();
        host.bring_back(ended);
        host
    }

    /// Starts it again when it has ended, and waits until it answers.
    pub fn look_after(&mut self) {
        let ended = self.child.try_wait().unwrap();
        self.bring_back(ended);
    }

    fn bring_back(&mut self, mut ended: Option<ExitStatus>) {
        let begun = Instant::now();
        let is_back = ended.is_some();
        while let Some(status) = ended {
            assert!(begun.elapsed() < LOST, "it does not come back: {status}");
            self.ends.note(status);
            thread::sleep(BREAK);
            self.child = spawn(&self.dir, self.group, self.address);
            ended = self.await_answer();
        }
        if is_back {
            self.ends.slowest = self.ends.slowest.max(Some(begun.elapsed()));
        }
    }

    /// Waits for its first answer, or for its end.
    fn await_answer(&mut self) -> Option<ExitStatus> {
        let begun = Instant::now();
        loop {
            let wire = Wire::connect_within(self.address, Duration::from_secs(1));
            if wire.and_then(|mut wire| wire.get("/up")).is_ok() {
                return None;
            }
            let ended = self.child.try_wait().unwrap();
            if ended.is_some() {
                return ended;
            }
            assert!(begun.elapsed() < LOST, "it does not answer");
            thread::sleep(LOOK);
        }
    }

    /// Tells it to end, and how it had ended before. Who has next to no memory reads its own program again and again, and
    /// is killed in the end, as systemd does.
    pub fn end(mut self) -> Ends {
        let _ = kill_process(Pid::from_child(&self.child), Signal::TERM);
        let begun = Instant::now();
        while self.child.try_wait().unwrap().is_none() {
            if begun.elapsed() > LOST {
                self.ends.was_stuck = true;
                break;
            }
            thread::sleep(LOOK);
        }
        std::mem::take(&mut self.ends)
    }
}

impl Drop for Host<'_> {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Ends {
    fn note(&mut self, status: ExitStatus) {
        if status.signal() == Some(Signal::KILL.as_raw()) {
            self.kills += 1;
        } else {
            self.other = Some(status);
        }
    }
}

fn spawn(dir: &Path, group: &Group, address: SocketAddr) -> Child {
    let log = File::options()
        .append(true)
        .create(true)
        .open(dir.join("site.out"))
        .unwrap();
    let mut command = group.command("0-1", dir.join("site").to_str().unwrap());
    command
        .arg("--data")
        .arg(dir.join("data"))
        .args(["serve", "--listen", &address.to_string()])
        .args(["--limits", "off", "--drain", "5s"])
        .stdout(log.try_clone().unwrap())
        .stderr(log)
        .spawn()
        .unwrap()
}
