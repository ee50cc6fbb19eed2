//! A standby that is behind: by a thin link, for long and by much. What it says of how far it is behind is compared with what
//! is so; what it costs the primary, in latency and on its disk; and that it catches up from the log, without a whole copy.

use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use super::{World, until};
use crate::generate::Random;
use crate::wire::Wire;

/// Kilobits a second of the thin link.
const THIN: usize = 100;
/// Posts whose latency is looked at.
const POSTS: usize = 400;
/// What a standby may be wrong by: what lies between two signs of life, and until one is late, and what this bench is late itself.
const TRUE: Duration = Duration::from_secs(2);
/// Between two looks.
const LOOK: Duration = Duration::from_millis(100);
/// Bytes of a long text, which no compression makes shorter.
const TEXT: usize = 16_000;
/// Most that a log may take, with a segment and what was set aside.
const MOST: u64 = (1 << 30) + (64 << 20);

pub fn run(world: &mut World, megabytes: u64) {
    latency(world);
    truth(world);
    much(world, megabytes << 20);
}

/// What a post takes in sync, and without the standby.
fn latency(world: &mut World) {
    let together = p99(world);
    world.hosts[1].kill();
    until("the primary goes on alone", || !world.hosts[0].is_in_sync());
    let alone = p99(world);
    world.hosts[1].start();
    world.in_sync();
    let behind = p99(world);
    println!(
        "p99 of a post: {together:.1?} in sync, {alone:.1?} without the standby, {behind:.1?} once it is back"
    );
    let bar = together.mul_f64(1.2);
    assert!(alone <= bar, "more than 1.2 times");
}

fn p99(world: &World) -> Duration {
    let mut wire = Wire::connect(world.hosts[0].address).unwrap();
    let mut times: Vec<Duration> = (0..POSTS)
        .map(|number| {
            let begun = Instant::now();
            let path = format!("/s/{}/comments", world.fixture.stories[0]);
            let text = format!("timed {number} {begun:?}");
            let cookie = world.fixture.writers[4].1.trim_start_matches("__Host-");
            let answer = wire
                .post(&path, cookie, &[("text", &text), ("parent", "")])
                .unwrap();
            assert_eq!(answer.status, 303);
            begun.elapsed()
        })
        .collect();
    times.sort_unstable();
    times[times.len() * 99 / 100]
}

/// Whether the standby knows how old what it shows is.
fn truth(world: &mut World) {
    let mut worst = Duration::ZERO;
    let mut longest = Duration::ZERO;
    let mut looks = 0;
    world.while_posting(0, |world, posts| {
        world.link.slow(THIN, 400);
        // When the primary had which transaction.
        let mut had: Vec<(Instant, u64)> = Vec::new();
        let end = Instant::now() + Duration::from_secs(40);
        while Instant::now() < end {
            let Some(one) = world.hosts[0].report() else {
                continue;
            };
            had.push((Instant::now(), one.txid));
            let Some(other) = world.hosts[1].report() else {
                continue;
            };
            let now = Instant::now();
            let next = had.iter().find(|(_, txid)| *txid > other.txid);
            let so = next.map_or(Duration::ZERO, |(since, _)| now - *since);
            let told = Duration::from_millis(other.primary.map_or(0, |primary| primary.lag_ms));
            longest = longest.max(so);
            worst = worst.max(so.abs_diff(told));
            looks += 1;
            thread::sleep(LOOK);
        }
        assert!(world.link.waited() > 0);
        world.link.heal();
        posts.more(1);
        world.in_sync();
    });
    println!(
        "at {THIN} kbit/s: up to {longest:.1?} behind; what it says of that is off by {worst:.1?} at most, in {looks} looks"
    );
    assert!(longest > Duration::from_secs(2), "it was never behind");
    assert!(worst <= TRUE, "more than {TRUE:?}");
}

/// So many bytes of log while the link is thin.
fn much(world: &mut World, bytes: u64) {
    let copies = world.hosts[1].says("snapshot");
    assert!(copies > 0, "it says when a copy comes");
    world.link.slow(THIN, 400);
    let most = Mutex::new((0, 0));
    let begun = Instant::now();
    let before = world.hosts[0].report().unwrap().log_bytes;
    let (over, count) = (AtomicBool::new(false), AtomicUsize::new(0));
    let address = world.hosts[0].address;
    let fixture = &world.fixture;
    let host = &mut world.hosts[0];
    thread::scope(|scope| {
        for writer in 0..4 {
            let (over, count) = (&over, &count);
            scope.spawn(move || {
                let mut wire = Wire::connect(address).unwrap();
                let mut dice = Random(writer as u64 + 7);
                let cookie = fixture.writers[writer].1.trim_start_matches("__Host-");
                while !over.load(Ordering::Relaxed) {
                    let letter = |dice: &mut Random| {
                        char::from(b'a' + u8::try_from(dice.below(26)).unwrap())
                    };
                    let text: String = (0..TEXT)
                        .map(|at| if at % 9 == 8 { ' ' } else { letter(&mut dice) })
                        .collect();
                    let path = format!("/s/{}/comments", fixture.stories[writer % 3]);
                    let answer =
                        wire.post(&path, cookie, &[("text", text.trim_end()), ("parent", "")]);
                    assert_eq!(answer.unwrap().status, 303);
                    count.fetch_add(1, Ordering::Relaxed);
                }
            });
        }
        loop {
            let report = host.report().unwrap();
            let wal = std::fs::metadata(host.data.join("site.db-wal")).map_or(0, |file| file.len());
            let mut most = most.lock().unwrap();
            *most = (most.0.max(report.log_bytes), most.1.max(wal));
            if report.log_bytes >= before + bytes {
                break;
            }
            thread::sleep(LOOK);
        }
        over.store(true, Ordering::Relaxed);
    });
    let wrote = begun.elapsed();
    let (log, wal) = most.into_inner().unwrap();
    world.link.heal();
    let begun = Instant::now();
    world.in_sync();
    println!(
        "{} posts and {} MB of log while the standby was behind, {:.0} s; the log took at most {} MB, the WAL {} MB; it caught up in {:.1?}",
        count.into_inner(),
        bytes >> 20,
        wrote.as_secs_f64(),
        log >> 20,
        wal >> 20,
        begun.elapsed()
    );
    assert_eq!(
        world.hosts[1].says("snapshot"),
        copies,
        "it got a whole copy"
    );
    assert!(log <= MOST, "the log grew beyond its bound");
    world.check(world.answered.len());
}
