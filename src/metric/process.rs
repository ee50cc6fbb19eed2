//! What the system counts of this process: CPU time, memory, open files, threads. Read from `/proc` when asked.
//!
//! Only what is below `/proc/self` is read: that stays visible to a service with `ProcSubset=pid`. Where there is no `/proc`
//! (or not that line of it), a number is 0: it is there to be looked at, nothing depends on it.

use std::fs;
use std::sync::OnceLock;
use std::time::Duration;

use rustix::process::{Resource, getrlimit};
use rustix::time::{ClockId, clock_gettime};

/// Ticks a second in which `/proc` counts (`USER_HZ`): 100 on every architecture that we build for, see proc(5).
const TICKS: f64 = 100.0;

/// When this process started. Worked out once: set clocks and rounding would move it, and a start that moves reads as another.
static STARTED: OnceLock<Option<f64>> = OnceLock::new();

/// This process at one time.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Process {
    /// CPU time that it has used, of all threads.
    pub cpu: Duration,
    /// Memory that it holds, in bytes.
    pub resident: u64,
    /// Files and sockets that it has open.
    pub files: u64,
    /// Most files and sockets that it may open; `None`: no limit.
    pub most_files: Option<u64>,
    /// When it started, in seconds since 1970.
    pub started_s: f64,
    /// Its threads.
    pub threads: u64,
}

impl Process {
    /// Reads it.
    #[must_use]
    pub fn read() -> Self {
        let status = status();
        Self {
            cpu: cpu(),
            resident: line(&status, "VmRSS:") * 1024,
            files: files(),
            most_files: getrlimit(Resource::Nofile).current,
            started_s: STARTED.get_or_init(started).unwrap_or_default(),
            threads: line(&status, "Threads:"),
        }
    }
}

/// CPU time of all threads of this process.
#[must_use]
pub fn cpu() -> Duration {
    clock(ClockId::ProcessCPUTime)
}

fn clock(id: ClockId) -> Duration {
    let time = clock_gettime(id);
    let seconds = u64::try_from(time.tv_sec).unwrap_or_default();
    Duration::new(seconds, u32::try_from(time.tv_nsec).unwrap_or_default())
}

/// Memory that this process holds, in bytes.
#[must_use]
pub fn resident() -> u64 {
    line(&status(), "VmRSS:") * 1024
}

fn status() -> String {
    fs::read_to_string("/proc/self/status").unwrap_or_default()
}

/// The number behind a word that begins a line; units are left to the caller.
fn line(text: &str, word: &str) -> u64 {
    let line = text.lines().find_map(|line| line.strip_prefix(word));
    let number = line.and_then(|rest| rest.split_whitespace().next()?.parse().ok());
    number.unwrap_or_default()
}

/// Without the handle by which they are counted.
fn files() -> u64 {
    let count = fs::read_dir("/proc/self/fd").map_or(0, Iterator::count);
    (count as u64).saturating_sub(1)
}

/// The time now, less the process's age.
fn started() -> Option<f64> {
    let stat = fs::read_to_string("/proc/self/stat").ok()?;
    let age = clock(ClockId::Boottime).as_secs_f64() - after_boot(&stat)?;
    Some(clock(ClockId::Realtime).as_secs_f64() - age)
}

/// Seconds from the machine's start to the process's, as `/proc/self/stat` tells them: a clock that also counts sleep.
fn after_boot(stat: &str) -> Option<f64> {
    // The second field is the name in brackets, which may hold anything; the third follows it, and this is the 22nd.
    let rest = &stat[stat.rfind(')')? + 1..];
    let ticks: f64 = rest.split_whitespace().nth(19)?.parse().ok()?;
    Some(ticks / TICKS)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::{SystemTime, UNIX_EPOCH};

    #[test]
    fn this_process_has_memory_files_threads_and_has_just_started() {
        let before = Process::read();
        let file = fs::File::open("/proc/self/stat").unwrap();
        let process = Process::read();
        assert!(process.resident > 1 << 20, "{process:?}");
        assert!(process.threads >= 1 && process.files >= 3, "{process:?}");
        assert!(process.most_files.is_none_or(|most| most >= process.files));
        assert!(process.cpu >= before.cpu && process.cpu > Duration::ZERO);
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
        let age = now.as_secs_f64() - process.started_s;
        assert!((-2.0..86_400.0).contains(&age), "{age}");
        assert!((process.started_s - before.started_s).abs() < f64::EPSILON);
        drop(file);
    }

    #[test]
    fn the_start_is_found_behind_a_name_that_holds_anything() {
        let stat = "7 (a) (b 1) S 1 7 7 0 -1 4194560 0 0 0 0 0 0 0 0 20 0 4 0 12345 1 2";
        assert_eq!(after_boot(stat), Some(123.45));
        assert_eq!(after_boot("7 (site) S 1"), None);
        assert_eq!(after_boot(""), None);
    }

    #[test]
    fn a_line_that_is_not_there_counts_nothing() {
        assert_eq!(line("Name:\tx\nVmRSS:\t  12 kB\n", "VmRSS:"), 12);
        assert_eq!(line("Name:\tx\n", "VmRSS:"), 0);
    }
}
