//! Disks that are full: each host's in turn, with a different amount of room left each time, while people post and read. Then
//! one that is full while a standby receives its first copy.
//!
//! Reads go on, no post is answered that is not there, and ten seconds after there is room again all goes on, in the same
//! processes. What fills up differs: the WAL, the database when the WAL is copied back, the log.

use std::fs;
use std::process::Command;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};

use super::{World, until, wire};

/// Room that is left, in KiB.
const ROOM: [u64; 20] = [
    0, 4, 8, 12, 16, 24, 32, 48, 64, 96, 128, 192, 256, 384, 512, 768, 1024, 2048, 4096, 8192,
];
/// Longest until posts are answered again.
const SOON: Duration = Duration::from_secs(10);
/// What is said when the WAL cannot be copied back.
const CHECKPOINT: &str = "checkpoint failed";
/// What is said when the log has given way.
const ANEW: &str = "a commit could not be recorded";
/// What is said when these fill up.
const SAID: [(&str, &str); 3] = [
    ("the WAL", "SQLite dropped a whole write transaction"),
    ("the database", CHECKPOINT),
    ("the log", "replication log cannot be written"),
];

/// Ends a loop when it is dropped.
struct Ends<'a>(&'a AtomicBool);

impl Drop for Ends<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// So many amounts of room on each host.
pub fn run(world: &mut World, amounts: usize) {
    let mut slowest = Duration::ZERO;
    for (round, room) in ROOM.into_iter().take(amounts).enumerate() {
        for which in [0, 1] {
            let had = world.answered.len();
            let (refused, back) = fill(world, 2 * round + which, which, room << 10);
            slowest = slowest.max(back);
            world.check(had);
            println!(
                "{:8} full but for {room:4} KiB: {:5} posts answered, {refused:4} refused; {back:.1?} after there was room all went on",
                ["primary", "standby"][which],
                world.answered.len() - had,
            );
        }
    }
    checkpoint(world);
    for (what, said) in SAID {
        let count: usize = world.hosts.iter().map(|host| host.says(said)).sum();
        println!("{what} could not grow: {count} times");
        assert!(count > 0, "that never happened");
    }
    first_copy(world);
    println!("slowest: {slowest:.1?}");
}

/// Fills one disk while people post. How many posts were refused, and how long it took until one was answered again.
fn fill(world: &mut World, round: usize, which: usize, room: u64) -> (usize, Duration) {
    let over = AtomicBool::new(false);
    let read = AtomicUsize::new(0);
    let addresses = world.hosts.each_ref().map(|host| host.address);
    thread::scope(|scope| {
        let ends = Ends(&over);
        for address in addresses {
            let (over, read) = (&over, &read);
            scope.spawn(move || {
                let mut wire = crate::wire::Wire::connect(address).unwrap();
                while !over.load(Ordering::Relaxed) {
                    for path in ["/newest", "/comments", "/about"] {
                        let answer = wire.get(path).unwrap();
                        assert_eq!(answer.status, 200, "{path} while a disk is full");
                    }
                    read.fetch_add(1, Ordering::Relaxed);
                    thread::sleep(Duration::from_millis(20));
                }
            });
        }
        let done = world.while_posting(round, |world, posts| {
            posts.more(10);
            let pids = world.hosts.each_ref().map(super::host::Host::pid);
            let ballast = world.hosts[which].fill_but(room);
            if which == 0 {
                // With more room than the log of commits takes, it is the log that gives way: it begins anew.
                let host = &world.hosts[0];
                let before = host.says(ANEW);
                until("posts are refused, or the log gives way", || {
                    posts.refused() > 0 || host.says(ANEW) > before
                });
            } else {
                until("the primary goes on alone", || !world.hosts[0].is_in_sync());
                posts.more(10);
            }
            let begun = read.load(Ordering::Relaxed);
            until("people read", || read.load(Ordering::Relaxed) > begun + 4);
            let refused = posts.refused();
            drop(ballast);
            let begun = Instant::now();
            posts.more(1);
            let back = begun.elapsed();
            assert!(back < SOON, "the first post was answered after {back:?}");
            world.in_sync();
            let now = world.hosts.each_ref().map(super::host::Host::pid);
            assert_eq!(now, pids, "a site was started again");
            (refused, back)
        });
        drop(ends);
        done
    })
}

/// A disk that takes the WAL and the log, and no page of the database: their room was there already.
fn checkpoint(world: &mut World) {
    let had = world.answered.len();
    world.while_posting(2 * ROOM.len(), |world, posts| {
        let (pid, before) = (world.hosts[0].pid(), world.hosts[0].says(CHECKPOINT));
        let mut strace = Command::new("strace")
            .args(["-f", "-qq", "-o", "/dev/null", "-P"])
            .arg(world.hosts[0].data.join("site.db"))
            .args(["-e", "trace=pwrite64", "-e", "inject=pwrite64:error=ENOSPC"])
            .args(["-p", &pid.to_string()])
            .spawn()
            .unwrap();
        until("the WAL cannot be copied back", || {
            world.hosts[0].says(CHECKPOINT) > before + 3
        });
        // That is nobody's answer: it is tried again.
        posts.more(50);
        kill_process(Pid::from_child(&strace), Signal::TERM).unwrap();
        strace.wait().unwrap();
        posts.more(50);
        world.in_sync();
        assert_eq!(world.hosts[0].pid(), pid, "it was started again");
    });
    world.check(had);
    println!(
        "primary  without room for the WAL to be copied back: {} posts answered",
        world.answered.len() - had
    );
}

/// A standby whose disk is full while its first copy comes.
fn first_copy(world: &mut World) {
    world.hosts[1].stop();
    fs::remove_dir_all(&world.hosts[1].data).unwrap();
    let ballast = world.hosts[1].fill_but(700 << 10);
    world.hosts[1].start();
    let standby = &mut world.hosts[1];
    let pid = standby.pid();
    let mut why = String::new();
    until("the copy does not fit", || {
        let primary = standby.report().and_then(|report| report.primary);
        why = primary
            .and_then(|primary| primary.trouble)
            .unwrap_or_default();
        why.contains("No space left")
    });
    let page = wire(standby).unwrap().get("/newest").unwrap();
    assert_eq!(page.status, 503, "it has no copy yet");
    drop(ballast);
    let begun = Instant::now();
    world.in_sync();
    println!(
        "first copy with a full disk: {why:?}; in sync {:.1?} after there was room",
        begun.elapsed()
    );
    assert_eq!(world.hosts[1].pid(), pid, "it was started again");
    world.check(world.answered.len());
}
