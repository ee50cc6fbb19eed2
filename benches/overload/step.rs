//! A step in the load, up and down again, and how the pool follows it.

use std::time::Duration;

use super::drive::{Phase, Run};
use super::metrics::{LANES, Metrics};
use super::mix::DAY;
use super::place::{Kind, Place};
use super::sample::{Sample, Times, per_second};
use super::watch::{self, Look, Reading, Seen};
use super::{Bench, mib};

/// Parts of what the site can do, one after the other.
const STEPS: [f64; 3] = [0.3, 3.0, 0.3];
/// Time of each.
const LENGTH: Duration = Duration::from_secs(10);
/// Time of a line.
const LINE: Duration = Duration::from_millis(500);

/// Measures and prints a line for each half a second.
pub fn measure(bench: &Bench) {
    let place = Place::small();
    let subject = bench.start(&place, Kind::Site);
    println!("\n## A step: {STEPS:?} × {:.0}/s", subject.peak);
    println!("{}", place.name);
    let phases = STEPS.map(|times| Phase {
        rate: times * subject.peak,
        length: LENGTH,
    });
    let (run, seen) = watch::during(&subject.server, Look::Metrics, || {
        subject.phases(DAY, &phases)
    });
    print(&run, &seen);
}

fn print(run: &Run, seen: &Seen) {
    println!(
        "\nLatency from when a request was due, of what was answered within the line's time. Lanes: queued/running, p99 of \
         their waits in ms, refused so far; – where the site says nothing of it.\n"
    );
    println!(
        "| s | offered/s | good/s | refused/s | p99 ms | MiB | threads | pool | page | wait | refused | heavy | wait | refused | \
         background | wait | refused |"
    );
    println!("|{}", "---:|".repeat(17));
    let mut before: Option<&Reading> = None;
    let mut from = Duration::ZERO;
    while from < LENGTH * 3 {
        let end = from + LINE;
        let reading = seen
            .readings
            .iter()
            .rev()
            .find(|reading| reading.at <= run.begun + end);
        line(run, from, reading, before);
        before = reading;
        from = end;
    }
}

/// What happened from `from` on.
fn line(run: &Run, from: Duration, reading: Option<&Reading>, before: Option<&Reading>) {
    let span = from..from + LINE;
    let due = run
        .samples
        .iter()
        .filter(|sample| span.contains(&sample.due));
    let done: Vec<&Sample> = run
        .samples
        .iter()
        .filter(|sample| span.contains(&sample.done))
        .collect();
    let rate = |keep: fn(&Sample) -> bool| {
        let kept = done.iter().filter(|sample| keep(sample)).count();
        per_second(kept, LINE)
    };
    let good = done.iter().filter(|sample| sample.is_good());
    let times = Times::of(good.map(|sample| sample.latency()));
    let process = reading.map(|reading| reading.process).unwrap_or_default();
    let now = reading.and_then(|reading| reading.metrics.as_ref());
    let then = before.and_then(|reading| reading.metrics.as_ref());
    let lanes: Vec<String> = LANES.iter().map(|name| lane(now, then, name)).collect();
    println!(
        "| {:.1} | {:.0} | {:.0} | {:.0} | {} | {} | {} | {} | {} |",
        from.as_secs_f64(),
        per_second(due.count(), LINE),
        rate(Sample::is_good),
        rate(Sample::is_refused),
        times.ms(990),
        mib(process.resident),
        process.threads,
        shown(now.and_then(|now| now.single("site_pool_threads"))),
        lanes.join(" | ")
    );
}

/// Three cells of a lane.
fn lane(now: Option<&Metrics>, then: Option<&Metrics>, name: &str) -> String {
    let of = |metric| now.and_then(|now| now.of_lane(metric, name));
    let wait = now
        .zip(then)
        .and_then(|(now, then)| now.p99_since(then, "site_lane_wait_seconds", name))
        .map(|seconds| seconds * 1000.0);
    format!(
        "{}/{} | {} | {}",
        shown(of("site_lane_queued")),
        shown(of("site_lane_running")),
        shown(wait),
        shown(of("site_lane_refused_total"))
    )
}

fn shown(value: Option<f64>) -> String {
    value.map_or_else(|| "–".to_owned(), |value| value.to_string())
}
