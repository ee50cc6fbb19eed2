//! Load by wrk from the other core, and what came of it.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::server::{LOAD_CORE, Server, pinned};

/// Connections kept open.
const CONNECTIONS: &str = "-c64";

/// Prints what wrk found, for a program to read.
const DONE: &str = r#"
done = function(summary, latency)
  local e = summary.errors
  io.write(string.format("\nfigures %d %d %d %d %d %d\n", summary.requests, summary.bytes, summary.duration,
    latency:percentile(50), latency:percentile(99), e.connect + e.read + e.write + e.status + e.timeout))
end
"#;

/// What one run is about.
pub struct Load<'a> {
    pub path: &'a str,
    /// Header lines.
    pub headers: &'a [String],
    /// wrk's script, as [`script`] wrote it.
    pub script: &'a Path,
    pub seconds: u64,
}

/// What one run found, or the medians of several.
#[derive(Debug, Clone, Copy)]
pub struct Figures {
    pub per_second: f64,
    /// CPU time of the server for one request.
    pub cpu_us: f64,
    pub p50_ms: f64,
    pub p99_ms: f64,
    /// Bytes received for one request, head and body.
    pub bytes: f64,
    /// Requests that failed or were refused; summed over runs.
    pub errors: f64,
}

/// Writes a script for wrk: the given Lua, which may say what is requested, and the printing of figures.
pub fn script(dir: &Path, name: &str, lua: &str) -> PathBuf {
    let file = dir.join(format!("{name}.lua"));
    fs::write(&file, format!("{lua}{DONE}")).unwrap();
    file
}

/// Loads a server for so many seconds.
#[expect(clippy::cast_precision_loss, reason = "counts far below 2^52")]
pub fn run(server: &Server, load: &Load) -> Figures {
    let mut wrk = pinned(LOAD_CORE, "wrk");
    wrk.args(["-t1", CONNECTIONS, "--timeout", "10s"])
        .arg(format!("-d{}s", load.seconds))
        .arg("-s")
        .arg(load.script);
    for line in load.headers {
        wrk.args(["-H", line]);
    }
    wrk.arg(format!("http://{}{}", server.address, load.path));
    let before = server.cpu();
    let output = wrk.output().unwrap();
    let cpu = server.cpu().saturating_sub(before);
    let said = String::from_utf8_lossy(&output.stdout);
    let line = said.lines().find_map(|line| line.strip_prefix("figures "));
    let line = line.unwrap_or_else(|| panic!("wrk failed: {output:?}"));
    let numbers: Vec<u64> = line.split(' ').map(|word| word.parse().unwrap()).collect();
    let [requests, bytes, micros, p50, p99, errors] = numbers[..] else {
        panic!("wrk said {line}");
    };
    assert!(requests > 0, "{} answered nothing: {said}", server.name);
    let count = requests as f64;
    Figures {
        per_second: count / Duration::from_micros(micros).as_secs_f64(),
        cpu_us: cpu.as_secs_f64() * 1e6 / count,
        p50_ms: p50 as f64 / 1000.0,
        p99_ms: p99 as f64 / 1000.0,
        bytes: bytes as f64 / count,
        errors: errors as f64,
    }
}

/// The median of each figure.
pub fn median(runs: &[Figures]) -> Figures {
    let of = |pick: fn(&Figures) -> f64| {
        let mut all: Vec<f64> = runs.iter().map(pick).collect();
        all.sort_by(f64::total_cmp);
        f64::midpoint(all[(all.len() - 1) / 2], all[all.len() / 2])
    };
    Figures {
        per_second: of(|run| run.per_second),
        cpu_us: of(|run| run.cpu_us),
        p50_ms: of(|run| run.p50_ms),
        p99_ms: of(|run| run.p99_ms),
        bytes: of(|run| run.bytes),
        errors: runs.iter().map(|run| run.errors).sum(),
    }
}
