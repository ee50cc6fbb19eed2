//! A host: a namespace, a small disk of its own, and the site on it, which a service manager would start again when it ends
//! by itself.

use std::fs::{self, File};
use std::io::Read;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};

use flate2::read::GzDecoder;
use rusqlite::{Connection, OpenFlags};
use rustix::process::{Pid, Signal, kill_process};
use site::control::client;
use site::peer::Report;

use super::link::Link;
use super::preload::Preload;
use super::{until, wire};

/// Port of both sites.
const PORT: u16 = 8000;

/// One of the two.
pub struct Host {
    pub name: &'static str,
    pub number: usize,
    pub data: PathBuf,
    /// Where the bench reaches it.
    pub address: SocketAddr,
    /// What is loaded into its process.
    pub preload: Option<Preload>,
    disk: PathBuf,
    space: String,
    flags: Vec<String>,
    child: Option<Child>,
}

impl Host {
    /// Its site is not started yet.
    pub fn new(dir: &Path, link: &Link, number: usize, size: &str) -> Self {
        let name = ["a", "b"][number];
        let disk = dir.join(name);
        fs::create_dir(&disk).unwrap();
        let mounted = Command::new("mount")
            .args(["-t", "tmpfs", "-o", size, "tmpfs"])
            .arg(&disk)
            .status();
        assert!(mounted.unwrap().success(), "no disk for {name}");
        let token = dir.join("token");
        fs::write(&token, "a-secret-for-the-faults-of-two-nodes").unwrap();
        let url = format!("http://{}:{PORT}", Link::peer(number));
        let flags = ["--token-file", token.to_str().unwrap(), "--node-url", &url];
        Self {
            name,
            number,
            data: disk.join("data"),
            address: format!("{}:{PORT}", Link::address(number)).parse().unwrap(),
            preload: None,
            disk,
            space: link.space(number),
            flags: flags.map(str::to_owned).to_vec(),
            child: None,
        }
    }

    /// Where the other host reaches it.
    pub fn url(&self) -> String {
        format!("http://{}:{PORT}", Link::peer(self.number))
    }

    /// It begins as a standby of this node.
    pub fn follow(&mut self, url: &str) {
        self.flags.extend(["--follow".to_owned(), url.to_owned()]);
    }

    /// Starts its site, and waits until it answers.
    pub fn start(&mut self) {
        self.spawn();
        until("the site answers", || {
            self.revive();
            wire(self).is_some_and(|mut wire| wire.get("/up").is_ok())
        });
    }

    fn spawn(&mut self) {
        let log = self.disk.with_extension("log");
        let log = File::options().append(true).create(true).open(log).unwrap();
        let mut command = Command::new("ip");
        command.args(["netns", "exec", &self.space]);
        let program = env!("CARGO_BIN_EXE_site");
        match &self.preload {
            None => command.arg(program),
            Some(preload) => {
                preload.set(&mut command);
                command.args(preload.around(program))
            }
        };
        command
            .arg("--data")
            .arg(&self.data)
            .args([
                "serve",
                "--drain",
                "5s",
                "--listen",
                &format!("0.0.0.0:{PORT}"),
                "--limits",
                "off",
            ])
            .args(&self.flags)
            .stdin(Stdio::null())
            .stdout(log.try_clone().unwrap())
            .stderr(log);
        self.child = Some(command.spawn().unwrap());
    }

    /// Its process.
    pub fn pid(&self) -> u32 {
        self.child.as_ref().unwrap().id()
    }

    /// How it has ended, once it has.
    pub fn ended(&mut self) -> Option<ExitStatus> {
        let ended = self.child.as_mut()?.try_wait().unwrap()?;
        self.child = None;
        Some(ended)
    }

    /// Starts it again when it has ended by itself, as a service manager does.
    pub fn revive(&mut self) {
        if self.ended().is_some() {
            self.spawn();
        }
    }

    /// As a power cut ends it.
    pub fn kill(&mut self) {
        if let Some(mut child) = self.child.take() {
            child.kill().unwrap();
            child.wait().unwrap();
        }
    }

    /// In good order.
    pub fn stop(&mut self) {
        let mut child = self.child.take().unwrap();
        kill_process(Pid::from_child(&child), Signal::TERM).unwrap();
        let ended = child.wait().unwrap();
        assert!(
            ended.success(),
            "{} ended with {ended}; {}",
            self.name,
            self.log()
        );
    }

    /// Has it become the primary.
    pub fn promote(&self, force: bool) {
        let told = client::promote(&self.data, force);
        let told = told.unwrap_or_else(|error| panic!("{error}; {}", self.log()));
        assert!(told.contains("is the primary now"), "{told}");
    }

    /// How it is, while it runs; started again when it has ended by itself.
    pub fn report(&mut self) -> Option<Report> {
        self.revive();
        client::status(&self.data).ok()??.node
    }

    /// Whether it counts on the other node.
    pub fn is_in_sync(&mut self) -> bool {
        self.report().is_some_and(|report| report.in_sync)
    }

    /// Its database, to be looked at.
    pub fn database(&self) -> Connection {
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY;
        let conn = Connection::open_with_flags(self.data.join("site.db"), flags).unwrap();
        conn.busy_timeout(super::SOON).unwrap();
        conn
    }

    /// The pages of its database, once it has stopped.
    pub fn pages(&self) -> Vec<Vec<u8>> {
        assert!(self.child.is_none());
        let file = self.data.join("site.db");
        let conn = Connection::open(&file).unwrap();
        conn.query_row("pragma wal_checkpoint(truncate)", [], |_| Ok(()))
            .unwrap();
        let size: u32 = conn
            .query_row("pragma page_size", [], |row| row.get(0))
            .unwrap();
        drop(conn);
        fs::read(file)
            .unwrap()
            .chunks(size as usize)
            .map(<[u8]>::to_vec)
            .collect()
    }

    /// A page as a visitor has it, without what differs from node to node.
    pub fn page(&self, path: &str) -> String {
        let answer = wire(self).unwrap().get(path).unwrap();
        assert_eq!(answer.status, 200, "{path}; {}", self.name);
        let mut page = String::new();
        GzDecoder::new(&answer.body[..])
            .read_to_string(&mut page)
            .unwrap();
        page.replace(&self.address.to_string(), "HERE")
    }

    /// Takes all room that its disk has; to be dropped when there is to be room again.
    pub fn fill(&self) -> Ballast {
        let path = self.disk.join("ballast");
        let file = File::create(&path).unwrap();
        let zeros = vec![0; 64 << 10];
        while std::io::Write::write_all(&mut &file, &zeros).is_ok() {}
        Ballast(path)
    }

    /// The same, but for so many bytes.
    pub fn fill_but(&self, bytes: u64) -> Ballast {
        let ballast = self.fill();
        let file = File::options().write(true).open(&ballast.0).unwrap();
        let length = file.metadata().unwrap().len();
        file.set_len(length - bytes).unwrap();
        ballast
    }

    /// How often it has said this so far.
    pub fn says(&self, what: &str) -> usize {
        let text = fs::read_to_string(self.disk.with_extension("log")).unwrap_or_default();
        text.lines().filter(|line| line.contains(what)).count()
    }

    /// The newest file of its log.
    pub fn newest_segment(&self) -> PathBuf {
        let files = fs::read_dir(self.data.join("log")).unwrap();
        let files = files.map(|file| file.unwrap().path());
        let mut files: Vec<_> = files
            .filter(|file| file.extension().is_some_and(|end| end == "log"))
            .collect();
        files.sort();
        files.pop().unwrap()
    }

    /// The last that it has said.
    pub fn log(&self) -> String {
        let text = fs::read_to_string(self.disk.with_extension("log")).unwrap_or_default();
        let lines: Vec<&str> = text.lines().collect();
        lines[lines.len().saturating_sub(40)..].join("\n")
    }
}

impl Drop for Host {
    fn drop(&mut self) {
        self.kill();
        if std::thread::panicking() {
            eprintln!("--- {}\n{}", self.name, self.log());
        }
        let _ = Command::new("umount")
            .arg("--lazy")
            .arg(&self.disk)
            .status();
    }
}

/// A file that fills a disk.
pub struct Ballast(PathBuf);

impl Drop for Ballast {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.0);
    }
}
