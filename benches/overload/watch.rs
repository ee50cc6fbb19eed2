//! Watches a server while it is under load: its memory and threads as the kernel counts them, and its own metrics.

use std::fs;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use super::metrics::Metrics;
use crate::server::Server;
use crate::wire::Wire;

/// How closely to look.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Look {
    /// At memory and threads, ten times a second.
    Process,
    /// At the metrics too, twice a second.
    Metrics,
}

impl Look {
    const fn every(self) -> Duration {
        match self {
            Self::Process => Duration::from_millis(100),
            Self::Metrics => Duration::from_millis(500),
        }
    }
}

/// What the kernel says of a process; sizes in KiB.
#[derive(Debug, Default, Clone, Copy)]
pub struct Process {
    pub resident: u64,
    pub anonymous: u64,
    /// Most that was ever resident.
    pub peak: u64,
    pub threads: u64,
}

impl Process {
    /// proc(5), `/proc/PID/status`.
    pub fn read(pid: u32) -> Self {
        let text = fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
        let field = |name: &str| {
            let line = text.lines().find_map(|line| line.strip_prefix(name));
            let number = line.and_then(|rest| rest.split_whitespace().next()?.parse().ok());
            number.unwrap_or(0)
        };
        Self {
            resident: field("VmRSS:"),
            anonymous: field("RssAnon:"),
            peak: field("VmHWM:"),
            threads: field("Threads:"),
        }
    }
}

/// One look.
pub struct Reading {
    pub at: Instant,
    pub process: Process,
    pub metrics: Option<Metrics>,
}

/// What was seen of a server during some work.
pub struct Seen {
    pub readings: Vec<Reading>,
    /// Cores that it kept busy on average.
    pub busy: f64,
    /// Cores that the machine's own host took away on average.
    pub stolen: f64,
}

impl Seen {
    /// Most resident memory in KiB.
    pub fn most_resident(&self) -> u64 {
        let sizes = self.readings.iter().map(|reading| reading.process.resident);
        sizes.max().unwrap_or(0)
    }

    pub fn most_threads(&self) -> u64 {
        let counts = self.readings.iter().map(|reading| reading.process.threads);
        counts.max().unwrap_or(0)
    }
}

/// Watches `server` while `work` runs.
pub fn during<T>(server: &Server, look: Look, work: impl FnOnce() -> T) -> (T, Seen) {
    let over = AtomicBool::new(false);
    let (cpu, taken, begun) = (server.cpu(), stolen(), Instant::now());
    thread::scope(|scope| {
        let watcher = scope.spawn(|| watch(server, look, &over));
        let done = work();
        let cores = |time: Duration| time.as_secs_f64() / begun.elapsed().as_secs_f64();
        let busy = cores(server.cpu().saturating_sub(cpu));
        let stolen = cores(stolen().saturating_sub(taken));
        over.store(true, Ordering::Relaxed);
        let readings = watcher.join().unwrap();
        let seen = Seen {
            readings,
            busy,
            stolen,
        };
        (done, seen)
    })
}

/// Time of all cores in which something was ready to run and the host ran others: proc(5), `/proc/stat`, in hundredths of a second.
fn stolen() -> Duration {
    let text = fs::read_to_string("/proc/stat").unwrap();
    let ticks = text.split_whitespace().nth(8);
    Duration::from_millis(10 * ticks.unwrap().parse::<u64>().unwrap())
}

fn watch(server: &Server, look: Look, over: &AtomicBool) -> Vec<Reading> {
    let mut readings = Vec::new();
    let mut wire = None;
    while !over.load(Ordering::Relaxed) {
        let at = Instant::now();
        readings.push(Reading {
            at,
            process: Process::read(server.pid()),
            metrics: (look == Look::Metrics)
                .then(|| metrics(server, &mut wire))
                .flatten(),
        });
        thread::sleep((at + look.every()).saturating_duration_since(Instant::now()));
    }
    readings
}

/// The metrics, on a connection of their own that is made anew when it breaks.
fn metrics(server: &Server, wire: &mut Option<Wire>) -> Option<Metrics> {
    let mut line = match wire.take() {
        Some(line) => line,
        None => Wire::connect(server.address).ok()?,
    };
    let answer = line.get("/metrics").ok()?;
    *wire = Some(line);
    let text = String::from_utf8(answer.body).ok()?;
    (answer.status == 200).then(|| Metrics::new(text))
}
