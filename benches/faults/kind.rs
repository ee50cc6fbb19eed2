//! What can break. Each breaks something while people post, shows that it did, and mends what does not mend by itself.

use std::fs::File;
use std::os::unix::fs::FileExt;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::Duration;

use jiff::Timestamp;
use jiff::fmt::strtime;
use jiff::tz::Offset;

use super::post::Posts;
use super::preload::Preload;
use super::{World, until, wire};

/// Every one.
pub const EACH: [Kind; 12] = [
    Kind::PrimaryKilled,
    Kind::StandbyKilled,
    Kind::LinkCut,
    Kind::PrimaryUnheard,
    Kind::StandbyUnheard,
    Kind::SlowLink,
    Kind::HalfOpen,
    Kind::FullDisk,
    Kind::PrimarySyncFails,
    Kind::StandbySyncFails,
    Kind::ClockJumps,
    Kind::TornLog,
];

#[derive(Clone, Copy)]
pub enum Kind {
    /// kill -9 of the primary; the standby takes over, the old one comes back.
    PrimaryKilled,
    /// kill -9 of the standby.
    StandbyKilled,
    /// Nothing passes between the hosts.
    LinkCut,
    /// What the primary sends does not arrive.
    PrimaryUnheard,
    /// What the standby sends does not arrive.
    StandbyUnheard,
    /// A thin link with a long queue.
    SlowLink,
    /// The standby is gone and the primary is not told: its connection stays open.
    HalfOpen,
    /// The standby's disk is full.
    FullDisk,
    /// fsync fails under the primary.
    PrimarySyncFails,
    /// fsync fails under the standby.
    StandbySyncFails,
    /// The clocks of both jump by a day, there and back.
    ClockJumps,
    /// The end of the standby's log is damaged while it is down.
    TornLog,
}

impl Kind {
    pub const fn name(self) -> &'static str {
        match self {
            Self::PrimaryKilled => "primary-killed",
            Self::StandbyKilled => "standby-killed",
            Self::LinkCut => "link-cut",
            Self::PrimaryUnheard => "primary-unheard",
            Self::StandbyUnheard => "standby-unheard",
            Self::SlowLink => "slow-link",
            Self::HalfOpen => "half-open",
            Self::FullDisk => "full-disk",
            Self::PrimarySyncFails => "primary-sync-fails",
            Self::StandbySyncFails => "standby-sync-fails",
            Self::ClockJumps => "clock-jumps",
            Self::TornLog => "torn-log",
        }
    }

    /// Whether it can strike this build of the site; says so if not.
    pub fn is_possible(self) -> bool {
        let is_possible = !matches!(self, Self::ClockJumps) || cfg!(not(feature = "malloc"));
        if !is_possible {
            println!(
                "{} left out: cargo bench --no-default-features -- faults 4 1 {0}",
                self.name()
            );
        }
        is_possible
    }

    pub fn strike(self, world: &mut World, round: usize) {
        let before = world.roll(40);
        if matches!(self, Self::ClockJumps) {
            return clock_jumps(world, round);
        }
        world.while_posting(round, |world, posts| {
            posts.more(1 + before);
            match self {
                Self::PrimaryKilled => primary_killed(world),
                Self::StandbyKilled => standby_killed(world, posts),
                Self::LinkCut => cut(world, posts, |world| world.link.cut()),
                Self::PrimaryUnheard => {
                    let number = world.hosts[0].number;
                    cut(world, posts, |world| world.link.deafen(number));
                }
                Self::StandbyUnheard => {
                    let number = world.hosts[1].number;
                    cut(world, posts, |world| world.link.deafen(number));
                }
                Self::SlowLink => slow_link(world, posts),
                Self::HalfOpen => half_open(world, posts),
                Self::FullDisk => full_disk(world, posts),
                Self::PrimarySyncFails => sync_fails(world, posts, 0),
                Self::StandbySyncFails => sync_fails(world, posts, 1),
                Self::TornLog => torn_log(world, posts),
                Self::ClockJumps => {}
            }
            posts.more(1 + before / 4);
            world.in_sync();
        });
    }
}

fn primary_killed(world: &mut World) {
    world.in_sync();
    world.hosts[0].kill();
    world.hosts[1].promote(true);
    world.hosts.swap(0, 1);
    world.hosts[1].start();
}

fn standby_killed(world: &mut World, posts: &Posts) {
    world.hosts[1].kill();
    let missed = 1 + world.roll(200);
    posts.more(missed);
    world.hosts[1].start();
}

/// Breaks the link in some way until the primary goes on alone, and for a while more.
fn cut(world: &mut World, posts: &Posts, how: impl FnOnce(&World)) {
    how(world);
    until("the primary goes on alone", || !world.hosts[0].is_in_sync());
    let missed = 1 + world.roll(200);
    posts.more(missed);
    world.link.heal();
}

fn slow_link(world: &mut World, posts: &Posts) {
    let rate = 64 << world.roll(4);
    let queue = 50 + world.roll(400);
    world.link.slow(rate, queue);
    let count = 20 + world.roll(60);
    posts.more(count);
    until("packets wait for the link", || world.link.waited() > 0);
    world.link.heal();
}

fn half_open(world: &mut World, posts: &Posts) {
    world.link.cut();
    world.hosts[1].kill();
    let report = world.hosts[0].report().unwrap();
    assert!(report.in_sync, "the primary was told: {report:?}");
    until("the primary goes on alone", || !world.hosts[0].is_in_sync());
    posts.more(10);
    world.link.heal();
    world.hosts[1].start();
}

fn full_disk(world: &mut World, posts: &Posts) {
    let ballast = world.hosts[1].fill();
    until("the primary goes on alone", || {
        // The room that its log has set aside is used up first.
        !world.hosts[0].is_in_sync()
    });
    let missed = 1 + world.roll(100);
    posts.more(missed);
    drop(ballast);
}

/// Every sync of that host's site fails until it has ended; then it is started again.
fn sync_fails(world: &mut World, posts: &Posts, which: usize) {
    let mut injection = inject(world.hosts[which].pid());
    let mut ended = None;
    until("the site has ended", || {
        ended = ended.or_else(|| world.hosts[which].ended());
        ended.is_some()
    });
    let _ = injection.kill();
    let _ = injection.wait();
    assert!(!ended.unwrap().success(), "it ended as if all were well");
    world.hosts[which].start();
    posts.more(1);
}

/// Has each sync of a process fail.
fn inject(pid: u32) -> Child {
    Command::new("strace")
        .args([
            "-f",
            "-qq",
            "-o",
            "/dev/null",
            "-e",
            "trace=fsync,fdatasync",
        ])
        .args([
            "-e",
            "inject=fsync,fdatasync:error=EIO",
            "-p",
            &pid.to_string(),
        ])
        .stdin(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap()
}

/// Flips bits at the end of what the standby has logged, or takes bytes away.
fn torn_log(world: &mut World, posts: &Posts) {
    let standby = &mut world.hosts[1];
    standby.kill();
    let path = standby.newest_segment();
    let file = File::options().read(true).write(true).open(path).unwrap();
    let mut bytes = vec![0; usize::try_from(file.metadata().unwrap().len()).unwrap()];
    file.read_exact_at(&mut bytes, 0).unwrap();
    // Files are filled with zeros ahead of what is written.
    let end = bytes.iter().rposition(|byte| *byte != 0).unwrap();
    let at = end.saturating_sub(world.roll(24));
    let bit = 1 << world.roll(8);
    file.write_all_at(&[bytes[at] ^ bit], at as u64).unwrap();
    posts.more(5);
    world.hosts[1].start();
}

/// Both sites with clocks of ours, for one round.
fn clock_jumps(world: &mut World, round: usize) {
    for which in [1, 0] {
        let host = &mut world.hosts[which];
        host.stop();
        host.preload = Some(Preload::new(host.data.parent().unwrap()));
        host.start();
    }
    world.in_sync();
    world.while_posting(round, |world, posts| {
        for offset in ["+1d", "-1d", "+3600", "+0"] {
            posts.more(10);
            let which = world.roll(2);
            let preload = world.hosts[which].preload.as_ref().unwrap();
            preload.jump(offset);
            until("the clock has jumped", || {
                date(world, which).is_some_and(|off| near(off, offset))
            });
            posts.more(10);
        }
    });
    for which in [1, 0] {
        let host = &mut world.hosts[which];
        host.preload.as_ref().unwrap().jump("+0");
        host.stop();
        host.preload = None;
        host.start();
    }
}

/// How far a site's clock is ahead, in seconds, by the date of its answers.
fn date(world: &World, which: usize) -> Option<i64> {
    let answer = wire(&world.hosts[which])?.get("/up").ok()?;
    let told = strtime::parse("%a, %d %b %Y %H:%M:%S GMT", answer.header("date")?).ok()?;
    let told = Offset::UTC.to_timestamp(told.to_datetime().ok()?).ok()?;
    Some(told.as_second() - Timestamp::now().as_second())
}

fn near(off: i64, offset: &str) -> bool {
    let wanted = match offset {
        "+1d" => 86_400,
        "-1d" => -86_400,
        "+3600" => 3_600,
        _ => 0,
    };
    thread::sleep(Duration::from_millis(50));
    (off - wanted).abs() < 60
}
