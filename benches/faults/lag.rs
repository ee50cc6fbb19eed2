//! A standby that is behind: by a thin link, for long and by much. What it says of how far it is behind is compared with what
//! is so; what it costs the primary, in latency and on its disk; and that it catches up from the log, without a whole copy.

use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use site::peer::Report;

use super::host::Host;
use super::{World, until};
use crate::generate::Random;
use crate::wire::Wire;

/// Kilobits a second of the thin link.
const THIN: usize = 100;
/// Posts whose latency is looked at.
const POSTS: usize = 400;
/// What a standby may be wrong by, beside what this bench does not know itself.
const TRUE: Duration = Duration::from_secs(1);
/// Between two looks.
const LOOK: Duration = Duration::from_millis(20);
/// What the bench may not know: when something was committed, it sees at its looks.
const BLUR: Duration = Duration::from_millis(500);
/// What a post may take more, without the standby or with one that is far behind.
const MORE: f64 = 1.2;
/// How long is looked at what a standby says of itself, and the time between two long texts in the first half of that.
const WATCHED: Duration = Duration::from_mins(1);
const LONG: Duration = Duration::from_millis(700);
/// Bytes of a long text, which no compression makes shorter.
const TEXT: usize = 16_000;
/// Most that a log may take, with a segment and what was set aside.
const MOST: u64 = (1 << 30) + (64 << 20);

pub fn run(world: &mut World, megabytes: u64) {
    let together = latency(world);
    truth(world);
    much(world, megabytes << 20, together);
}

/// What a post takes in sync, and without the standby.
fn latency(world: &mut World) -> Duration {
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
    assert!(alone <= together.mul_f64(MORE), "more than {MORE} times");
    together
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

/// A look at the transaction that the primary had, which was taken between these.
struct Look {
    from: Instant,
    to: Instant,
    txid: u64,
}

impl Look {
    fn at(host: &mut Host) -> Option<(Self, Report)> {
        let from = Instant::now();
        let report = host.report()?;
        let (to, txid) = (Instant::now(), report.txid);
        Some((Self { from, to, txid }, report))
    }

    /// For how long what this one lacks has been there: at least, and at most.
    fn behind(&self, had: &[Self]) -> (Duration, Duration) {
        let lacks = had.partition_point(|look| look.txid <= self.txid);
        let least = had.get(lacks).map(|look| look.to);
        let most = had[..lacks].last().map(|look| look.from);
        (
            least.map_or(Duration::ZERO, |at| self.from.saturating_duration_since(at)),
            most.map_or(Duration::MAX, |at| self.to - at),
        )
    }
}

/// Someone who posts long texts, not under the story where latency is looked at.
struct Long {
    wire: Wire,
    dice: Random,
    cookie: String,
    path: String,
}

impl Long {
    fn new(world: &World, writer: usize) -> Self {
        let (fixture, address) = (&world.fixture, world.hosts[0].address);
        Self {
            wire: Wire::connect(address).unwrap(),
            dice: Random(writer as u64 + 7),
            cookie: fixture.writers[writer].1.replace("__Host-", ""),
            path: format!("/s/{}/comments", fixture.stories[1 + writer % 2]),
        }
    }

    fn post(&mut self) {
        let mut letter = || char::from(b'a' + u8::try_from(self.dice.below(26)).unwrap());
        let text: String = (0..TEXT)
            .map(|at| if at % 9 == 8 { ' ' } else { letter() })
            .collect();
        let fields = [("text", text.trim_end()), ("parent", "")];
        let answer = self.wire.post(&self.path, &self.cookie, &fields);
        assert_eq!(answer.unwrap().status, 303);
    }
}

/// Whether the standby knows how old what it shows is.
fn truth(world: &mut World) {
    let [mut worst, mut longest, mut blur] = [Duration::ZERO; 3];
    let mut looks = 0;
    world.while_posting(0, |world, posts| {
        let mut had: Vec<Look> = Vec::new();
        had.extend(Look::at(&mut world.hosts[0]).map(|(look, _)| look));
        world.link.slow(THIN, 400);
        let mut long = Long::new(world, 0);
        let end = Instant::now() + WATCHED;
        // Short texts alone would not fill the link.
        let poster = thread::spawn(move || {
            while Instant::now() + WATCHED / 2 < end {
                long.post();
                thread::sleep(LONG);
            }
        });
        while Instant::now() < end {
            thread::sleep(LOOK);
            had.extend(Look::at(&mut world.hosts[0]).map(|(look, _)| look));
            let Some((look, report)) = Look::at(&mut world.hosts[1]) else {
                continue;
            };
            let (least, most) = look.behind(&had);
            let told = Duration::from_millis(report.primary.map_or(0, |primary| primary.lag_ms));
            let off = least.saturating_sub(told).max(told.saturating_sub(most));
            longest = longest.max(least);
            worst = worst.max(off);
            blur = blur.max(most.saturating_sub(least));
            looks += 1;
        }
        poster.join().unwrap();
        assert!(world.link.waited() > 0);
        world.link.heal();
        posts.more(1);
        world.in_sync();
    });
    println!(
        "at {THIN} kbit/s: up to {longest:.1?} behind; what it says of that is off by {worst:.1?} at most, in {looks} looks, each sure to {blur:.1?}"
    );
    assert!(longest > Duration::from_secs(2), "it was never behind");
    assert!(blur <= BLUR, "the bench is not sure enough");
    assert!(worst <= TRUE, "more than {TRUE:?}");
}

/// So many bytes of log while the link is thin.
fn much(world: &mut World, bytes: u64, together: Duration) {
    let copies = world.hosts[1].says("snapshot");
    assert!(copies > 0, "it says when a copy comes");
    world.link.slow(THIN, 400);
    let most = Mutex::new((0, 0));
    let begun = Instant::now();
    let before = world.hosts[0].report().unwrap().log_bytes;
    let (over, count) = (AtomicBool::new(false), AtomicUsize::new(0));
    let people: Vec<Long> = (0..4).map(|writer| Long::new(world, writer)).collect();
    let host = &mut world.hosts[0];
    thread::scope(|scope| {
        for mut long in people {
            let (over, count) = (&over, &count);
            scope.spawn(move || {
                while !over.load(Ordering::Relaxed) {
                    long.post();
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
    let behind = p99(world);
    assert!(!world.hosts[0].is_in_sync(), "the link was not thin");
    println!("p99 of a post with the standby far behind: {behind:.1?}");
    assert!(behind <= together.mul_f64(MORE), "more than {MORE} times");
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
