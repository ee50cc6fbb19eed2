//! The real program as a process of its own, to be talked to, measured and killed.

use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};

/// A running `site serve`; dropping it kills it.
pub struct Process {
    pub child: Child,
    pub address: SocketAddr,
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

    /// Starts this command, and waits until it says where it listens.
    pub fn start(command: &mut Command) -> Self {
        Self::try_start(command).unwrap_or_else(|ended| panic!("the site did not start: {ended}"))
    }

    /// The same; how it ended when it never listened.
    pub fn try_start(command: &mut Command) -> Result<Self, ExitStatus> {
        let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let address = lines.map_while(Result::ok).find_map(|line| {
            let at = line.find("http://127.")?;
            let rest = &line[at + "http://".len()..];
            let end = rest.find(|c: char| c.is_whitespace() || c == '/');
            rest[..end.unwrap_or(rest.len())].parse().ok()
        });
        let Some(address) = address else {
            let _ = child.kill();
            return Err(child.wait().unwrap());
        };
        Ok(Self { child, address })
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
    serve_by(Command::new(env!("CARGO_BIN_EXE_site")), data, flags)
}

/// The same by a command that starts the program with the arguments that it is given.
pub fn serve_by(mut command: Command, data: &Path, flags: &[&str]) -> Command {
    command
        .arg("--data")
        .arg(data)
        .args(["serve", "--listen", "127.0.0.1:0"])
        .args(flags)
        .env("SITE_LIMITS", "off")
        .stdin(Stdio::null());
    command
}
