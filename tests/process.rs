//! The real program as a process of its own, to be talked to, measured, signalled and killed.

use std::io::{BufRead, BufReader, Read};
use std::net::{SocketAddr, TcpListener};
use std::os::fd::OwnedFd;
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};

/// Longest that anything is waited for.
pub const PATIENCE: Duration = Duration::from_secs(30);

/// A running `site serve`; dropping it kills it.
pub struct Process {
    pub child: Child,
    pub address: SocketAddr,
    log: Option<Receiver<String>>,
}

impl Process {
    /// Starts it on a free port with limits off, and waits until it says where it listens.
    pub fn serve(data: &Path) -> Self {
        Self::serve_with(data, &[])
    }

    /// As [`Process::serve`], with more flags.
    pub fn serve_with(data: &Path, flags: &[&str]) -> Self {
        Self::start(serve(data, flags).stderr(Stdio::null()))
    }

    /// As [`Process::serve_with`], with its log to be listened to and these variables.
    pub fn logging(data: &Path, flags: &[&str], variables: &[(&str, &str)]) -> Self {
        Self::start(
            serve(data, flags)
                .envs(variables.iter().copied())
                .stderr(Stdio::piped()),
        )
    }

    /// Starts it on a socket that is handed over as a service manager does, with its log to be listened to.
    pub fn handed(data: &Path, listener: &TcpListener) -> Self {
        Self::start(hand_over(data, listener.try_clone().unwrap().into(), 1).stderr(Stdio::piped()))
    }

    fn start(command: &mut Command) -> Self {
        let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
        let log = child.stderr.take().map(listen);
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let address = lines.map_while(Result::ok).find_map(|line| {
            let at = line.find("http://127.0.0.1:")?;
            let rest = &line[at + "http://".len()..];
            let end = rest.find(|c: char| c.is_whitespace() || c == '/');
            rest[..end.unwrap_or(rest.len())].parse().ok()
        });
        let Some(address) = address else {
            let _ = child.kill();
            panic!("the site did not start: {:?}", child.wait());
        };
        Self {
            child,
            address,
            log,
        }
    }

    /// Waits until a line of the log holds this.
    #[track_caller]
    pub fn says(&self, text: &str) {
        let log = self.log.as_ref().unwrap();
        while !log.recv_timeout(PATIENCE).unwrap().contains(text) {}
    }

    /// Sends a signal.
    pub fn signal(&self, signal: Signal) {
        kill_process(Pid::from_child(&self.child), signal).unwrap();
    }

    /// Waits for its end.
    pub fn ended(&mut self) -> ExitStatus {
        self.child.wait().unwrap()
    }

    /// Ends it at once, as a power cut does for the process.
    pub fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The command that serves on a free port.
pub fn serve(data: &Path, flags: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_site"));
    command
        .arg("--data")
        .arg(data)
        .args(["serve", "--listen", "127.0.0.1:0"])
        .args(flags)
        .env("SITE_LIMITS", "off")
        .stdin(Stdio::null());
    command
}

/// The command that serves on what it finds as descriptor 3, of as many as it is told.
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
fn listen(from: impl Read + Send + 'static) -> Receiver<String> {
    let (send, lines) = channel();
    std::thread::spawn(move || {
        for line in BufReader::new(from).lines().map_while(Result::ok) {
            // Nobody may listen any more; the pipe is emptied all the same.
            let _ = send.send(line);
        }
    });
    lines
}
