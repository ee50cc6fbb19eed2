//! Where a server runs: on which cores, within how much memory, and which of the two it is.

use std::path::Path;
use std::process::Command;

use crate::group::Group;
use crate::server::{LOAD_CORE, SERVER_CORE, Server, free_port, pinned};

/// The response cache of a server under load, in bytes: it keeps the page that everybody reads, and next to nothing of the
/// many that are asked for once.
pub const CACHE: u64 = 1 << 20;

/// Both kinds, to be measured side by side.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// The site as it is.
    Site,
    /// The same without its pool; see [`super::plain`].
    Plain,
}

impl Kind {
    pub const EACH: [Self; 2] = [Self::Site, Self::Plain];

    pub const fn name(self) -> &'static str {
        match self {
            Self::Site => "site",
            Self::Plain => "web::block",
        }
    }
}

/// What a server has to itself.
pub struct Place {
    pub name: String,
    cores: &'static str,
    /// Cores of the load.
    pub load_cores: &'static str,
    group: Option<Group>,
}

impl Place {
    /// Both.
    pub fn each() -> [Self; 2] {
        [Self::small(), Self::large()]
    }

    /// A small machine: one core and 512 MB, where they can be enforced.
    pub fn small() -> Self {
        let group = Group::given(512 << 20);
        let memory = match group {
            Some(_) => "at most 512 MB",
            None => "memory not limited (BENCH_CGROUP names no control group)",
        };
        Self {
            name: format!("one core, {memory}; the load on the other core"),
            cores: SERVER_CORE,
            load_cores: LOAD_CORE,
            group,
        }
    }

    /// Two cores, of which the load takes what it needs.
    pub fn large() -> Self {
        Self {
            name: "two cores, shared with the load".to_owned(),
            cores: "0-1",
            load_cores: "0-1",
            group: None,
        }
    }

    /// Runs one of both kinds here, with limits off and next to no cache.
    pub fn start(&self, dir: &Path, data: &Path, kind: Kind) -> Server {
        let port = free_port();
        let data = data.to_str().unwrap();
        match kind {
            Kind::Site => self.serve(dir, data, port, &CACHE.to_string()),
            Kind::Plain => self.own(dir, "plain", port, &["plain", data, &port.to_string()]),
        }
    }

    /// Runs a server here that only refuses; see [`super::refuse`].
    pub fn refuse(&self, dir: &Path) -> Server {
        let port = free_port();
        self.own(dir, "refuse", port, &["refuse", &port.to_string()])
    }

    /// Runs a server that is in this very program.
    fn own(&self, dir: &Path, name: &'static str, port: u16, words: &[&str]) -> Server {
        let program = std::env::current_exe().unwrap();
        let command = self.command(program.to_str().unwrap(), words);
        Server::run(dir, name, port, command, self.cores)
    }

    /// Runs the site here with a cache of this size.
    pub fn serve(&self, dir: &Path, data: &str, port: u16, cache: &str) -> Server {
        let listen = format!("127.0.0.1:{port}");
        let site = env!("CARGO_BIN_EXE_site");
        let mut words = vec!["--data", data, "serve", "--listen", &listen];
        words.extend(["--access-log", "off", "--limits", "off"]);
        words.extend(["--cache-size", cache]);
        // The load comes from one address, which has a share: of what fits into little memory that is less than it opens.
        words.extend(["--max-connections", "10000"]);
        Server::run(dir, "site", port, self.command(site, &words), self.cores)
    }

    fn command(&self, program: &str, arguments: &[&str]) -> Command {
        let mut command = match &self.group {
            None => pinned(self.cores, program),
            Some(group) => group.command(self.cores, program),
        };
        command.args(arguments);
        command
    }
}
