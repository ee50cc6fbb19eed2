//! A flood of addresses that are asked for once: what it does to the memory of a small cache, and to the page that all read.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::Path;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use crate::generate;
use crate::process::Process;

/// Connections that ask at the same time.
const CONNECTIONS: usize = 8;
/// The cache's budget: small, so that it is full after a few thousand addresses.
const CACHE: &str = "16MiB";
/// The front page is asked for once in so many addresses, by each connection.
const HOT_EVERY: usize = 200;

/// Asks for this many different addresses and prints memory, speed, and how the front page fared.
pub fn measure(addresses: usize) {
    let dir = tempfile::tempdir().unwrap();
    generate::site(dir.path(), 2_000);
    let process = Process::serve_with(dir.path(), &["--cache-size", CACHE]);
    let pid = process.child.id();
    println!("{addresses} addresses, {CONNECTIONS} connections, a cache of {CACHE}");
    report(pid, "at the start", process.address);
    let (next, hot) = (AtomicUsize::new(0), Hot::default());
    let mut begun = Instant::now();
    let mut before = 0;
    // The first tenth fills the cache; from then on nothing may grow.
    for part in 1..=10 {
        let until = addresses * part / 10;
        std::thread::scope(|scope| {
            for _ in 0..CONNECTIONS {
                scope.spawn(|| ask(process.address, &next, until, &hot));
            }
        });
        next.store(until, Ordering::Relaxed);
        let count = u32::try_from(until - before).unwrap();
        let rate = f64::from(count) / begun.elapsed().as_secs_f64();
        report(
            pid,
            &format!("after {until}, {rate:.0} requests/s"),
            process.address,
        );
        before = until;
        begun = Instant::now();
    }
    let peak = memory(pid, "VmHWM:");
    println!("peak {peak} KiB resident");
    let asked = hot.asked.load(Ordering::Relaxed);
    let missed = hot.missed.load(Ordering::Relaxed);
    println!("the front page: asked for {asked} times, made {missed} times");
    assert_eq!(hot.failed.load(Ordering::Relaxed), 0, "requests failed");
}

/// How the front page fared.
#[derive(Default)]
struct Hot {
    asked: AtomicU64,
    missed: AtomicU64,
    failed: AtomicU64,
}

fn ask(address: SocketAddr, next: &AtomicUsize, until: usize, hot: &Hot) {
    let mut line = Line::connect(address);
    loop {
        let n = next.fetch_add(1, Ordering::Relaxed);
        if n >= until {
            return;
        }
        let answer = line.get(&path(n));
        if !matches!(answer.status, 200 | 301 | 404 | 410) {
            hot.failed.fetch_add(1, Ordering::Relaxed);
        }
        if n.is_multiple_of(HOT_EVERY) {
            hot.asked.fetch_add(1, Ordering::Relaxed);
            if !line.get("/").is_hit {
                hot.missed.fetch_add(1, Ordering::Relaxed);
            }
        }
    }
}

/// Addresses where nothing is, ways elsewhere, and pages with a word that means nothing.
fn path(n: usize) -> String {
    match n % 6 {
        0 => format!("/u/nobody{n}"),
        1 => format!("/s/{}", 1_000_000_000 + n),
        2 => format!("/domain/d{n}.example"),
        3 => format!("/s/{}/wrong-{n}", generate::story_id(1 + n % 2_000)),
        4 => format!("/c/{}", 1_000_000_000 + n),
        _ => format!("/t/css?order=x{n}"),
    }
}

fn report(pid: u32, when: &str, address: SocketAddr) {
    let text = Line::connect(address).get("/metrics").text;
    let sum = |family: &str| -> u64 {
        let lines = text.lines().filter(|line| line.starts_with(family));
        lines
            .filter_map(|line| line.rsplit_once(' ')?.1.parse::<u64>().ok())
            .sum()
    };
    println!(
        "{when:<40} {:>7} KiB resident, of it {} anonymous; kept: {} answers, {} KiB; evicted {}",
        memory(pid, "VmRSS:"),
        memory(pid, "RssAnon:"),
        sum("site_cache_entries{"),
        sum("site_cache_bytes{") / 1024,
        sum("site_cache_evictions_total{"),
    );
}

fn memory(pid: u32, field: &str) -> u64 {
    let status = std::fs::read_to_string(Path::new("/proc").join(pid.to_string()).join("status"));
    let status = status.unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix(field));
    let number = line.unwrap().trim().trim_end_matches(" kB");
    number.parse().unwrap()
}

/// A connection that tells whether an answer came from memory.
struct Line {
    stream: BufReader<TcpStream>,
    host: String,
}

struct Answer {
    status: u16,
    is_hit: bool,
    text: String,
}

impl Line {
    fn connect(address: SocketAddr) -> Self {
        let stream = TcpStream::connect(address).unwrap();
        stream.set_nodelay(true).unwrap();
        stream
            .set_read_timeout(Some(Duration::from_secs(30)))
            .unwrap();
        Self {
            stream: BufReader::with_capacity(1 << 16, stream),
            host: address.to_string(),
        }
    }

    fn get(&mut self, path: &str) -> Answer {
        let host = &self.host;
        let coding = if path == "/metrics" {
            "identity"
        } else {
            "gzip"
        };
        let request =
            format!("GET {path} HTTP/1.1\r\nhost: {host}\r\naccept-encoding: {coding}\r\n\r\n");
        self.stream.get_mut().write_all(request.as_bytes()).unwrap();
        let mut head = String::new();
        while !head.ends_with("\r\n\r\n") {
            assert!(self.stream.read_line(&mut head).unwrap() > 0, "it hung up");
        }
        let length = head
            .lines()
            .find_map(|line| line.strip_prefix("content-length: "));
        let mut body = vec![0; length.map_or(0, |length| length.parse().unwrap())];
        self.stream.read_exact(&mut body).unwrap();
        Answer {
            status: head[9..12].parse().unwrap(),
            is_hit: head.contains("cache-status: site; hit"),
            text: String::from_utf8_lossy(&body).into_owned(),
        }
    }
}
