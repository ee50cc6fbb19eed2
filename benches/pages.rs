//! Latency, server CPU and bytes of each kind of page, for sites of different sizes that take turns.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use rusqlite::Connection;

use crate::generate::{long_thread, story_id};
use crate::process::Process;
use crate::wire::Wire;

/// Rounds in which the sites take turns.
const ROUNDS: usize = 5;

/// A kind of page: its name, its paths (taken in turn), how often it is asked for in a round.
struct Kind {
    name: &'static str,
    paths: Vec<String>,
    count: usize,
}

/// What was measured of a kind on one site.
#[derive(Default)]
struct Figures {
    times: Vec<Duration>,
    cpu: Duration,
    bytes: usize,
}

struct Running {
    process: Process,
    kinds: Vec<Kind>,
    figures: Vec<Figures>,
    stories: usize,
}

/// Measures each directory's site and prints a table; the first is what the others are compared with.
pub fn compare(dirs: &[PathBuf]) {
    let mut sites: Vec<Running> = dirs.iter().map(|dir| start(dir)).collect();
    for round in 0..=ROUNDS {
        for kind in 0..sites[0].kinds.len() {
            for site in &mut sites {
                site.measure(kind, round);
            }
        }
    }
    print(&mut sites);
}

fn start(dir: &Path) -> Running {
    let conn = Connection::open(dir.join("site.db")).unwrap();
    let stories: i64 = conn
        .query_row("select count(*) from story", [], |row| row.get(0))
        .unwrap();
    drop(conn);
    let stories = usize::try_from(stories).unwrap();
    // What a page costs when it has to be made.
    let process = Process::serve_with(dir, &["--cache-size", "0"]);
    let mut wire = Wire::connect(process.address).unwrap();
    let mut kinds = kinds(stories);
    for kind in &mut kinds {
        for path in &mut kind.paths {
            *path = follow(&mut wire, path);
        }
    }
    let figures = kinds.iter().map(|_| Figures::default()).collect();
    Running {
        process,
        kinds,
        figures,
        stories,
    }
}

/// The path that is answered with a page in the end.
fn follow(wire: &mut Wire, path: &str) -> String {
    let answer = wire.get(path).unwrap();
    match (answer.status, answer.location) {
        (300..400, Some(location)) => follow(wire, &location),
        (200, _) => path.to_owned(),
        (status, _) => {
            eprintln!("{path} is answered with {status}");
            path.to_owned()
        }
    }
}

fn kinds(stories: usize) -> Vec<Kind> {
    let kind = |name, count, paths: &[&str]| Kind {
        name,
        paths: paths.iter().map(|path| (*path).to_owned()).collect(),
        count,
    };
    let mut kinds = vec![
        kind("/", 400, &["/"]),
        kind("/newest", 400, &["/newest"]),
        kind("/active", 400, &["/active"]),
        kind("/top/all", 400, &["/top/all"]),
        kind("/comments", 400, &["/comments"]),
        kind("/t/css", 400, &["/t/css"]),
        kind("/t/css,html", 400, &["/t/css,html"]),
        kind("/domain/…", 400, &["/domain/site1.example"]),
        kind("/u/…", 200, &["/u/member1"]),
        kind(
            "search",
            60,
            &[
                "/search?q=javascript",
                "/search?q=the+database",
                "/search?q=promise+closure",
                "/search?q=compiler+latency+cache",
                "/search?q=nothinglikeit",
            ],
        ),
    ];
    let story = |number: usize| format!("/s/{}", story_id(number));
    kinds.push(Kind {
        name: "story",
        paths: (1..=40).map(|n| story(stories * n / 41)).collect(),
        count: 400,
    });
    kinds.push(Kind {
        name: "2,000 comments",
        paths: vec![story(long_thread(stories))],
        count: 20,
    });
    kinds
}

impl Running {
    /// Asks for pages of one kind, one after the other; round 0 only warms up.
    fn measure(&mut self, kind: usize, round: usize) {
        let Kind { paths, count, .. } = &self.kinds[kind];
        let mut wire = Wire::connect(self.process.address).unwrap();
        let mut figures = Figures::default();
        let cpu = cpu_of(self.process.child.id());
        for path in paths.iter().cycle().take(*count) {
            let begun = Instant::now();
            let answer = wire.get(path).unwrap();
            figures.times.push(begun.elapsed());
            figures.bytes = figures.bytes.max(answer.bytes);
        }
        let kept = &mut self.figures[kind];
        if round > 0 {
            kept.cpu += cpu_of(self.process.child.id()).saturating_sub(cpu);
            kept.times.append(&mut figures.times);
            kept.bytes = figures.bytes;
        }
    }
}

/// CPU time of a process so far, in steps of 10 ms (proc(5); the kernel's clock tick is 100 Hz for user space).
fn cpu_of(pid: u32) -> Duration {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap();
    let after_name = stat.rsplit_once(')').unwrap().1;
    let fields: Vec<&str> = after_name.split_whitespace().collect();
    let ticks: u64 = fields[11].parse::<u64>().unwrap() + fields[12].parse::<u64>().unwrap();
    Duration::from_millis(ticks * 10)
}

fn memory_of(pid: u32) -> String {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).unwrap();
    let line = |name: &str| {
        let line = status.lines().find(|line| line.starts_with(name));
        line.map_or("?", |line| line.split_once(':').unwrap().1.trim())
            .to_owned()
    };
    format!(
        "{} resident, of it {} anonymous",
        line("VmRSS"),
        line("RssAnon")
    )
}

fn print(sites: &mut [Running]) {
    println!(
        "{:>9} {:<15} {:>9} {:>9} {:>9} {:>8} {:>8} {:>6} {:>6}",
        "stories", "page", "p50 ms", "p99 ms", "max ms", "CPU ms", "bytes", "p50 ×", "CPU ×"
    );
    for kind in 0..sites[0].kinds.len() {
        let mut base = None;
        for site in sites.iter_mut() {
            let figures = &mut site.figures[kind];
            figures.times.sort();
            let at = |share: f64| {
                #[expect(
                    clippy::cast_possible_truncation,
                    clippy::cast_sign_loss,
                    clippy::cast_precision_loss,
                    reason = "a small positive index"
                )]
                let index = ((figures.times.len() - 1) as f64 * share) as usize;
                figures.times[index].as_secs_f64() * 1000.0
            };
            let requests = u32::try_from(figures.times.len()).unwrap();
            let cpu = figures.cpu.as_secs_f64() * 1000.0 / f64::from(requests);
            let (p50, p99, max) = (at(0.5), at(0.99), at(1.0));
            let (base_p50, base_cpu) = *base.get_or_insert((p50, cpu));
            println!(
                "{:>9} {:<15} {p50:>9.2} {p99:>9.2} {max:>9.2} {cpu:>8.2} {:>8} {:>6.2} {:>6.2}",
                site.stories,
                site.kinds[kind].name,
                figures.bytes,
                p50 / base_p50,
                cpu / base_cpu
            );
        }
    }
    for site in sites {
        println!("{:>9} {}", site.stories, memory_of(site.process.child.id()));
    }
}
