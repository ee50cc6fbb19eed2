//! The real program as a service manager sees it: signalled, listened to, waited for, given its socket.

use std::io::{BufRead, BufReader, Read};
use std::net::{SocketAddr, TcpListener};
use std::os::fd::OwnedFd;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};

use crate::process::{Process, serve};

/// Longest that anything is waited for.
pub const PATIENCE: Duration = Duration::from_secs(30);

/// A running `site serve` whose log is listened to; dropping it kills it.
pub struct Served {
    pub address: SocketAddr,
    process: Process,
    log: Receiver<String>,
}

impl Served {
    /// On a free port, with these flags.
    pub fn with(data: &Path, flags: &[&str]) -> Self {
        Self::start(&mut serve(data, flags))
    }

    /// On a free port, with these variables.
    pub fn told(data: &Path, variables: &[(&str, &str)]) -> Self {
        Self::start(serve(data, &[]).envs(variables.iter().copied()))
    }

    /// On a socket that is handed over as a service manager does.
    pub fn handed(data: &Path, listener: &TcpListener) -> Self {
        let socket = listener.try_clone().unwrap();
        Self::start(&mut hand_over(data, socket.into(), 1))
    }

    fn start(command: &mut Command) -> Self {
        let mut process = Process::start(command.stderr(Stdio::piped()));
        Self {
            address: process.address,
            log: lines(process.child.stderr.take().unwrap()),
            process,
        }
    }

    /// Waits until a line of the log holds this, and tells the line.
    #[track_caller]
    pub fn says(&self, text: &str) -> String {
        loop {
            let line = self.log.recv_timeout(PATIENCE).unwrap();
            if line.contains(text) {
                return line;
            }
        }
    }

    /// Sends a signal.
    pub fn signal(&self, signal: Signal) {
        kill_process(Pid::from_child(&self.process.child), signal).unwrap();
    }

    /// Waits for its end: the exit code, when it was no signal that ended it.
    pub fn ended(&mut self) -> Option<i32> {
        self.process.child.wait().unwrap().code()
    }

    /// The names of its threads, as the kernel keeps them.
    pub fn threads(&self) -> Vec<String> {
        let tasks = std::fs::read_dir(format!("/proc/{}/task", self.process.child.id())).unwrap();
        tasks
            .map(|task| std::fs::read_to_string(task.unwrap().path().join("comm")).unwrap())
            .map(|name| name.trim_end().to_owned())
            .collect()
    }
}

/// The command that serves on what it finds as descriptor 3, and is told that there are so many.
pub fn hand_over(data: &Path, socket: OwnedFd, told: usize) -> Command {
    let script = format!(
        "exec 3<&0 4<&0 </dev/null; export LISTEN_FDS={told} LISTEN_PID=$$; exec \"$0\" \"$@\""
    );
    let serve = serve(data, &[]);
    let mut command = Command::new("sh");
    command
        .args(["-c", &script])
        .arg(serve.get_program())
        .args(serve.get_args())
        .env("SITE_LIMITS", "off")
        .stdin(socket);
    command
}

/// Every line as it is written.
fn lines(from: impl Read + Send + 'static) -> Receiver<String> {
    let (send, lines) = channel();
    std::thread::spawn(move || {
        for line in BufReader::new(from).lines().map_while(Result::ok) {
            // Nobody may listen any more; the pipe is emptied all the same.
            let _ = send.send(line);
        }
    });
    lines
}
