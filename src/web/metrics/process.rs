//! The process, under the names that all programs use for Prometheus.

use crate::metric::process::Process;
use crate::metric::{Kind, Page};

pub(super) fn write(page: &mut Page) {
    let process = Process::read();
    page.single(
        "process_cpu_seconds_total",
        Kind::Counter,
        "CPU time used, in seconds.",
        process.cpu.as_secs_f64(),
    );
    page.single(
        "process_start_time_seconds",
        Kind::Gauge,
        "When the process started, in seconds since 1970.",
        process.started_s,
    );
    let mut each = |name, help, value: u64| page.single(name, Kind::Gauge, help, value);
    each(
        "process_resident_memory_bytes",
        "Memory held, in bytes.",
        process.resident,
    );
    each(
        "process_open_fds",
        "Files and sockets that are open.",
        process.files,
    );
    if let Some(most) = process.most_files {
        each(
            "process_max_fds",
            "Most files and sockets that may be open.",
            most,
        );
    }
    each(
        "process_threads",
        "Threads of the process.",
        process.threads,
    );
}
