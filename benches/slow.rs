//! Thousands of clients that take their time, of one kind after the other, and somebody who just wants to read: what that one
//! notices, how long the others may stay, and what each of them costs.

use std::io::{ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::Path;
use std::time::{Duration, Instant};

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use socket2::{Domain, Socket, Type};

use crate::generate;
use crate::process::Process;
use crate::wire::Wire;

/// Connections of one address of this machine.
const PER_ADDRESS: usize = 1_000;
/// So often a dripping client sends something.
const DRIP: Duration = Duration::from_secs(3);
/// So often the one who reads asks for a page.
const PAUSE: Duration = Duration::from_millis(5);
/// Every connection has to be gone after this time.
const LONGEST: Duration = Duration::from_mins(1);

/// What slow clients do.
struct Kind {
    name: &'static str,
    first: &'static str,
    drip: &'static str,
    /// How often the first is sent: answers that are not read have to fill all buffers.
    times: usize,
}

const FORM: &str = "POST /login HTTP/1.1\r\nhost: x\r\nsec-fetch-site: same-origin\r\n\
    content-type: application/x-www-form-urlencoded\r\ncontent-length: 100000\r\n\r\nname=";
const PAGE: &str = "GET / HTTP/1.1\r\nhost: x\r\n\r\n";

const KINDS: [Kind; 5] = [
    Kind {
        name: "silent",
        first: "",
        drip: "",
        times: 1,
    },
    Kind {
        name: "dripping heads",
        first: "GET / HTTP/1.1\r\nhost: x\r\n",
        drip: "a: b\r\n",
        times: 1,
    },
    Kind {
        name: "dripping bodies",
        first: FORM,
        drip: "a",
        times: 1,
    },
    Kind {
        name: "idle",
        first: PAGE,
        drip: "",
        times: 1,
    },
    Kind {
        name: "not reading",
        first: PAGE,
        drip: "",
        times: 30,
    },
];

/// So many connections of each kind.
pub fn measure(connections: usize) {
    allow_files();
    let dir = tempfile::tempdir().unwrap();
    generate::site(dir.path(), 200);
    println!("{connections} connections of each kind");
    for kind in KINDS {
        let process = Process::serve_with(dir.path(), &["--max-connections", "20000"]);
        one(&kind, &process, connections);
    }
}

fn one(kind: &Kind, process: &Process, connections: usize) {
    let mut reader = Reader::new(process.address);
    reader.read_for(Duration::from_secs(3));
    let quiet = reader.report();
    let before = memory(process);
    let begun = Instant::now();
    let mut crowd: Vec<TcpStream> = (0..connections)
        .map(|number| begin(kind, number, process.address))
        .collect();
    // Connecting does not wait for the site.
    while open(process.address) < connections as u64 && begun.elapsed() < LONGEST {
        reader.read_for(Duration::from_millis(100));
    }
    let opened = begun.elapsed();
    let each = memory(process).saturating_sub(before) * 1024 / connections as u64;
    let mut dripped = Instant::now();
    while begun.elapsed() < LONGEST && !crowd.is_empty() {
        reader.read_for(Duration::from_millis(500));
        if dripped.elapsed() > DRIP {
            dripped = Instant::now();
            crowd.retain_mut(|stream| drip(stream, kind.drip));
        }
        if open(process.address) <= 2 {
            break;
        }
    }
    println!(
        "{:<16} opened in {:>5.1} s, all gone after {:>5.1} s; {each} bytes each; a reader: {quiet} alone, {} meanwhile",
        kind.name,
        opened.as_secs_f64(),
        begun.elapsed().as_secs_f64(),
        reader.report()
    );
    assert!(open(process.address) <= 2, "some were never closed");
}

fn begin(kind: &Kind, number: usize, address: SocketAddr) -> TcpStream {
    let socket = Socket::new(Domain::IPV4, Type::STREAM, None).unwrap();
    let host = u8::try_from(1 + number / PER_ADDRESS).unwrap();
    let source = SocketAddr::from(([127, 0, 1, host], 0));
    socket.bind(&source.into()).unwrap();
    if kind.times > 1 {
        socket.set_recv_buffer_size(4096).unwrap();
    }
    socket.connect(&address.into()).unwrap();
    let mut stream = TcpStream::from(socket);
    stream.set_nonblocking(true).unwrap();
    for _ in 0..kind.times {
        // What does not go out any more need not.
        let _ = stream.write_all(kind.first.as_bytes());
    }
    stream
}

/// Sends a little; false when the other side has hung up.
fn drip(stream: &mut TcpStream, piece: &str) -> bool {
    match stream.write_all(piece.as_bytes()) {
        Ok(()) => true,
        Err(error) => error.kind() == ErrorKind::WouldBlock,
    }
}

/// Connections that the site says are open.
fn open(address: SocketAddr) -> u64 {
    let mut wire = TcpStream::connect(address).unwrap();
    let request = "GET /metrics HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n";
    wire.write_all(request.as_bytes()).unwrap();
    let mut text = String::new();
    wire.read_to_string(&mut text).unwrap();
    let lines = text
        .lines()
        .filter_map(|line| line.strip_prefix("site_connections{"));
    lines
        .filter_map(|line| line.rsplit_once(' ')?.1.parse::<u64>().ok())
        .sum()
}

/// Somebody who reads the front page, now and then on a new connection.
struct Reader {
    address: SocketAddr,
    wire: Wire,
    times: Vec<Duration>,
    failed: usize,
}

impl Reader {
    fn new(address: SocketAddr) -> Self {
        Self {
            address,
            wire: Wire::connect(address).unwrap(),
            times: Vec::new(),
            failed: 0,
        }
    }

    fn read_for(&mut self, time: Duration) {
        let begun = Instant::now();
        while begun.elapsed() < time {
            let asked = Instant::now();
            if self.times.len().is_multiple_of(10) {
                self.wire = Wire::connect(self.address).unwrap();
            }
            let is_good = (self.wire.get("/")).is_ok_and(|answer| answer.status == 200);
            self.failed += usize::from(!is_good);
            self.times.push(asked.elapsed());
            std::thread::sleep(PAUSE);
        }
    }

    /// What it noticed since it was asked last.
    fn report(&mut self) -> String {
        self.times.sort_unstable();
        let at = |share: usize| {
            let index = (self.times.len() * share / 100).min(self.times.len() - 1);
            self.times[index].as_secs_f64() * 1000.0
        };
        let told = format!(
            "p50 {:.2} ms, p99 {:.2} ms, {} of {} failed",
            at(50),
            at(99),
            self.failed,
            self.times.len()
        );
        self.times.clear();
        self.failed = 0;
        told
    }
}

fn memory(process: &Process) -> u64 {
    let path = Path::new("/proc").join(process.child.id().to_string());
    let status = std::fs::read_to_string(path.join("status")).unwrap();
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmRSS:"))
        .unwrap();
    line.trim().trim_end_matches(" kB").parse().unwrap()
}

/// As many files as the system lets us have.
fn allow_files() {
    let maximum = getrlimit(Resource::Nofile).maximum;
    let raised = Rlimit {
        current: maximum,
        maximum,
    };
    setrlimit(Resource::Nofile, raised).unwrap();
}
