//! Benchmarks of the whole: the real program in release mode, over HTTP, on data of any size.
//!
//! ```text
//! cargo bench -- generate DIR STORIES     a data directory of that many stories and ten times as many comments, the same
//!                                         on every machine; 1,000,000 take about 15 minutes and 10 GB
//! cargo bench -- pages DIR [DIR…]         latency, CPU and bytes of each page, the first directory being what the others
//!                                         are compared with; servers run side by side and take turns
//! cargo bench -- pages-all BASE           both, for 10,000, 100,000 and 1,000,000 stories below BASE (kept for later)
//! cargo bench -- crash [ROUNDS]           kill -9 under write load, 200 rounds unless told otherwise
//! cargo bench -- kills [WRITES [CALL]]    kill -9 before each of the first 300 writes to disk (of each thread), and before each
//!                                         sync, renaming and cutting of a file, or before one kind of these; needs strace
//! cargo bench -- power [CUTS [SEED]]      power cuts: what two nodes do is recorded once, and both are started on what 200 moments
//!                                         of it leave on their disks, with unsynced writes kept, lost, or torn; needs strace
//! cargo bench -- skew PROGRAM             an older program beside this one: two nodes, upgraded in both orders, and an older one
//!                                         that joins. Build it from an older revision: cargo build --bin site
//! cargo bench -- flips [BITS]             single bits flipped in the database, its WAL and the log, 500 of each: which are noticed
//! cargo bench -- syncs                    syncs that fail, of the WAL, the database and the log, once and for good, ten of each;
//!                                         needs strace
//! cargo bench -- votes [SECONDS]          durable votes of 64 connections over HTTP
//! cargo bench -- race [SECONDS]           readers and writers on the same pages for 60 s unless told otherwise: no answer
//!                                         may be older than what was committed before its request
//! cargo bench -- cache [ROUNDS [SECONDS]] the response cache against nginx, HAProxy, Varnish and bare actix-web, then with
//!                                         members, many pages and writes; 3 rounds of 4 s take 8 minutes. The others
//!                                         come from Debian: apt-get install --no-install-recommends wrk nginx haproxy varnish
//! cargo bench -- flood [URLS]             a million addresses, each asked for once, against a cache of 16 MiB: memory,
//!                                         requests/s, and what becomes of the page that all read
//! cargo bench -- overload [PART] [SECONDS] more than the site can do: rates (small and large, or one of them), step, signins or memory, else all of them, 15 s
//!                                         for each rate; two cores, 10 minutes. Memory is limited when BENCH_CGROUP
//!                                         names a control group with the memory controller that may be written to
//! cargo bench -- faults [ROUNDS [SEED [FAULT]]]  two nodes on network namespaces (as root) while people post: processes killed,
//!                                         links cut and slow, a full disk, failing syncs, jumping clocks, a torn log; 200
//!                                         rounds take 12 minutes on a quiet machine. Jumping clocks with
//!                                         --no-default-features only: libfaketime needs the system's allocator
//! cargo bench -- full [AMOUNTS]           the same two nodes with full disks: 20 amounts of room on each, and a first copy that does
//!                                         not fit (as root)
//! cargo bench -- lag [MEGABYTES]          the same two nodes, the standby behind a thin link: what it says of that, what it costs the
//!                                         primary, and 900 MB of log to catch up with (as root; the disks take 6 GB of memory)
//! cargo bench -- replica [SECONDS [PART]] votes on a primary alone and with a standby, not waited for and waited for: rate,
//!                                         latency, CPU, and how far the standby is behind; 5 s for each of twelve rows, and of nine
//!                                         more without HTTP. Then how fast copies are made. One PART: alone, async, wait,
//!                                         inside (without HTTP), peer (PostgreSQL) or copy
//! cargo bench -- limit [SECONDS [MIB…]]   the site in control groups with 48 to 256 MiB of memory, or so many: whether it is
//!                                         killed, how soon it is back, and whether all that was answered is there; 20 s
//!                                         each unless told otherwise (as root)
//! cargo bench -- slow [CONNECTIONS]       clients that send or read slowly, 10,000 of each kind, and one who just reads: what
//!                                         that one notices, when the others are sent away, memory of each; 4 minutes
//! ```
//! A plain `cargo bench` generates 10,000 stories in a temporary directory and measures its pages.
#![expect(
    clippy::unwrap_used,
    unreachable_pub,
    reason = "a measuring program ends by panicking, and its files are read together"
)]

mod cache;
#[path = "../tests/check.rs"]
mod check;
#[path = "../tests/contest.rs"]
mod contest;
mod faults;
mod flips;
mod flood;
mod generate;
mod group;
#[path = "../tests/kills.rs"]
mod kills;
mod limit;
mod overload;
mod pages;
#[path = "../tests/power/mod.rs"]
mod power;
#[path = "../tests/process.rs"]
mod process;
mod race;
mod replica;
#[path = "../tests/rounds.rs"]
mod rounds;
mod server;
mod skew;
mod slow;
#[path = "../tests/syncs.rs"]
mod syncs;
mod votes;
#[path = "../tests/wire.rs"]
mod wire;

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// The longest that a start may take after a crash.
const START: Duration = Duration::from_secs(2);

fn main() {
    // cargo adds --bench.
    let arguments: Vec<String> = std::env::args()
        .skip(1)
        .filter(|argument| argument != "--bench")
        .collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match words[..] {
        [] => {
            let dir = tempfile::tempdir().unwrap();
            generate::site(dir.path(), 10_000);
            pages::compare(&[dir.path().to_owned()]);
        }
        ["generate", dir, stories] => generate::site(Path::new(dir), stories.parse().unwrap()),
        ["pages", ref dirs @ ..] if !dirs.is_empty() => {
            let dirs: Vec<PathBuf> = dirs.iter().map(PathBuf::from).collect();
            pages::compare(&dirs);
        }
        ["pages-all", base] => {
            let dirs = [10_000, 100_000, 1_000_000].map(|stories| {
                let dir = Path::new(base).join(stories.to_string());
                if !dir.join("site.db").exists() {
                    generate::site(&dir, stories);
                }
                dir
            });
            pages::compare(&dirs);
        }
        ["crash"] => crash(200),
        ["crash", rounds] => crash(rounds.parse().unwrap()),
        ["kills"] => each_write(300, &kills::CALLS),
        ["kills", writes] => each_write(writes.parse().unwrap(), &kills::CALLS),
        ["kills", writes, call] => each_write(writes.parse().unwrap(), &[call]),
        ["syncs"] => failed_syncs(),
        ["flips"] => flips::run(500),
        ["flips", bits] => flips::run(bits.parse().unwrap()),
        ["skew", old] => skew::run(Path::new(old)),
        ["power"] => power_cuts(200, 1),
        ["power", cuts] => power_cuts(cuts.parse().unwrap(), 1),
        ["power", cuts, seed] => power_cuts(cuts.parse().unwrap(), seed.parse().unwrap()),
        ["lag"] => faults::behind(900),
        ["lag", megabytes] => faults::behind(megabytes.parse().unwrap()),
        ["full"] => faults::full_disks(20),
        ["full", amounts] => faults::full_disks(amounts.parse().unwrap()),
        ["faults"] => faults::run(200, 1, None),
        ["faults", rounds] => faults::run(rounds.parse().unwrap(), 1, None),
        ["faults", rounds, seed, ref only @ ..] => {
            let only = only.first().copied();
            faults::run(rounds.parse().unwrap(), seed.parse().unwrap(), only);
        }

        ["replica"] => replica::measure(5, None),
        ["replica", seconds] => replica::measure(seconds.parse().unwrap(), None),
        ["replica", seconds, part] => replica::measure(seconds.parse().unwrap(), Some(part)),
        ["votes"] => votes::measure(10),
        ["votes", seconds] => votes::measure(seconds.parse().unwrap()),
        ["flood"] => flood::measure(1_000_000),
        ["flood", addresses] => flood::measure(addresses.parse().unwrap()),
        ["limit"] => limit::measure(20, &limit::SIZES),
        ["limit", seconds] => limit::measure(seconds.parse().unwrap(), &limit::SIZES),
        ["limit", seconds, ref sizes @ ..] => {
            let sizes: Vec<u64> = sizes.iter().map(|size| size.parse().unwrap()).collect();
            limit::measure(seconds.parse().unwrap(), &sizes);
        }
        ["slow"] => slow::measure(10_000),
        ["slow", connections] => slow::measure(connections.parse().unwrap()),
        ["race"] => race::measure(60),
        ["race", seconds] => race::measure(seconds.parse().unwrap()),
        ["cache"] => cache::measure(3, 4),
        ["cache", rounds] => cache::measure(rounds.parse().unwrap(), 4),
        ["cache", rounds, seconds] => {
            cache::measure(rounds.parse().unwrap(), seconds.parse().unwrap());
        }
        ["overload", ref words @ ..] => overload::measure(words),
        // Started by `overload`.
        ["plain", dir, port] => overload::plain::serve(Path::new(dir), port.parse().unwrap()),
        ["refuse", port] => overload::refuse::serve(port.parse().unwrap()),
        // Started by `cache`.
        ["bare", dir, port, role] => {
            cache::bare::serve(Path::new(dir), port.parse().unwrap(), role == "upstream");
        }
        _ => panic!("see the top of benches/main.rs"),
    }
}

fn crash(rounds: usize) {
    let dir = tempfile::tempdir().unwrap();
    let begun = Instant::now();
    let rounds::Outcome {
        answered,
        slowest_start,
    } = rounds::run(dir.path(), rounds);
    println!(
        "{rounds} times killed, {answered} answered writes, none lost, none there that nobody asked for, file and counts whole; \
         the slowest start took {slowest_start:.1?}; {:.0} s",
        begun.elapsed().as_secs_f64()
    );
    assert!(slowest_start <= START, "slower than {START:?}");
}

fn each_write(writes: usize, calls: &[&str]) {
    server::check_machine(&[("strace", "strace")]);
    let dir = tempfile::tempdir().unwrap();
    let begun = Instant::now();
    for call in calls {
        let tally = kills::run(dir.path(), call, 1..=writes);
        println!(
            "killed before {call:9} 1 to {}: {} answered writes, none lost, file, counts and log whole; the slowest start \
             took {:.1?}; {:.0} s",
            tally.fired,
            tally.answered,
            tally.slowest_start,
            begun.elapsed().as_secs_f64()
        );
        assert!(tally.fired > 0, "no {call} ever came");
        assert!(tally.slowest_start <= START, "slower than {START:?}");
    }
}

fn power_cuts(cuts: usize, seed: u64) {
    server::check_machine(&[("strace", "strace")]);
    let begun = Instant::now();
    let mut dice = generate::Random(seed);
    let mut roll = |most: usize| dice.below(most);
    let dir = tempfile::tempdir().unwrap();
    for (what, tally) in [
        (
            "of two nodes at work",
            power::run(dir.path(), cuts, &mut roll),
        ),
        (
            "of a primary that is replaced",
            power::run_fenced(dir.path(), cuts.div_ceil(10), &mut roll),
        ),
    ] {
        println!(
            "{what}: {} cuts in {} changes and {} syncs; {} changes lost, {} times an answered post was looked for and \
             there; {} times a person had to say who writes; seed {seed}, {:.0} s",
            tally.cuts,
            tally.changes,
            tally.syncs,
            tally.lost,
            tally.looked_for,
            tally.orphans,
            begun.elapsed().as_secs_f64()
        );
    }
}

fn failed_syncs() {
    server::check_machine(&[("strace", "strace")]);
    let dir = tempfile::tempdir().unwrap();
    for of in [syncs::Of::Wal, syncs::Of::Database, syncs::Of::Log] {
        for for_good in [false, true] {
            // The database and the log are synced seldom.
            let numbers = if of == syncs::Of::Wal { 1..=10 } else { 1..=3 };
            let count = numbers.clone().count();
            let answered: usize = numbers
                .map(|number| syncs::run(dir.path(), of, number, for_good))
                .sum();
            let how = if for_good { "for good" } else { "once" };
            println!(
                "{of:?} failed {how}, {count} times: {answered} answered writes, none lost, file, counts and log whole"
            );
        }
    }
}
