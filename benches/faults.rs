//! Two nodes on hosts of their own (network namespaces), while people post through both and something breaks: a process is
//! killed, a link is cut (both ways, one way) or slow, a disk is full, a sync fails, a clock jumps, the log is torn.
//!
//! After each fault: nothing that was answered is gone, nothing is there twice, both nodes come back in sync by themselves,
//! say the same, and their counts are true; at the end both files are the same page by page. A fault that cannot be shown
//! to have happened ends the run.

mod full;
mod host;
mod kind;
mod lag;
mod link;
mod post;
mod preload;

use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

use site::store::chain;

use self::host::Host;
use self::kind::{EACH, Kind};
use self::link::Link;
use self::post::Posts;
use crate::check;
use crate::generate::Random;
use crate::rounds::{Fixture, fixture};
use crate::server;
use crate::wire::Wire;

/// Longest wait for something that is to happen by itself.
const SOON: Duration = Duration::from_secs(90);

/// Size of a host's disk.
const DISK: &str = "size=512m";

/// Longest that a page which is made anew all the time may be shown as it was: four times what the cache allows.
const STALE: Duration = Duration::from_secs(1);

/// What is needed beside the system's own, and the packages that they are in.
const PROGRAMS: [(&str, &str); 5] = [
    ("ip", "iproute2"),
    ("tc", "iproute2"),
    ("strace", "strace"),
    ("mount", "mount"),
    ("faketime", "faketime"),
];

/// All that a fault can reach.
pub struct World {
    pub link: Link,
    /// The one that writes is first.
    pub hosts: [Host; 2],
    pub fixture: Fixture,
    dice: Random,
    /// Texts of all comments that were answered.
    answered: Vec<String>,
}

/// So many rounds, drawn by this seed; only of one kind when it is named.
pub fn run(rounds: usize, seed: u64, only: Option<&str>) {
    check_machine();
    let kinds: Vec<Kind> = EACH
        .into_iter()
        .filter(|kind| only.is_none_or(|only| kind.name() == only))
        .filter(|kind| kind.is_possible())
        .collect();
    assert!(!kinds.is_empty(), "no such fault, or not with this build");
    let dir = tempfile::tempdir().unwrap();
    let mut world = World::new(dir.path(), seed);
    let mut counts = vec![0_usize; kinds.len()];
    let begun = Instant::now();
    println!("seed {seed}");
    for round in 0..rounds {
        // Each at least once, then as they fall.
        let which = if round < kinds.len() {
            round
        } else {
            world.roll(kinds.len())
        };
        let (at, had) = (Instant::now(), world.answered.len());
        kinds[which].strike(&mut world, round);
        world.check(had);
        counts[which] += 1;
        println!(
            "{round:4} {:24} {:5.1} s, {:5} posts answered",
            kinds[which].name(),
            at.elapsed().as_secs_f64(),
            world.answered.len() - had
        );
    }
    let answered = world.end();
    for (kind, count) in kinds.iter().zip(counts) {
        println!("{:24} {count}", kind.name());
    }
    println!(
        "{rounds} faults, {answered} answered posts: none lost, none twice; both nodes the same page by page, {:.0} s",
        begun.elapsed().as_secs_f64()
    );
}

/// Disks that are full but for some room, with so many amounts of it.
pub fn full_disks(amounts: usize) {
    check_machine();
    let dir = tempfile::tempdir().unwrap();
    let mut world = World::new(dir.path(), 1);
    full::run(&mut world, amounts);
    let answered = world.end();
    println!("{answered} answered posts: none lost, none twice; both nodes the same page by page");
}

/// A standby that is behind, by so many megabytes at last.
pub fn behind(megabytes: u64) {
    check_machine();
    let dir = tempfile::tempdir().unwrap();
    let mut world = World::with(dir.path(), 1, "size=6g");
    lag::run(&mut world, megabytes);
    world.end();
    println!("both nodes the same page by page");
}

/// Ends the bench when something is missing that it needs.
fn check_machine() {
    if !rustix::process::getuid().is_root() {
        eprintln!("This needs root: it makes network namespaces and mounts disks.");
        std::process::exit(2);
    }
    server::check_machine(&PROGRAMS);
}

impl World {
    fn new(dir: &Path, seed: u64) -> Self {
        Self::with(dir, seed, DISK)
    }

    /// With disks of this size.
    fn with(dir: &Path, seed: u64, disk: &str) -> Self {
        let link = Link::new();
        let mut hosts = [0, 1].map(|number| Host::new(dir, &link, number, disk));
        let fixture = fixture(&hosts[0].data);
        hosts[0].start();
        hosts[1].follow(&hosts[0].url());
        hosts[1].start();
        let mut world = Self {
            link,
            hosts,
            fixture,
            dice: Random(seed),
            answered: Vec::new(),
        };
        world.in_sync();
        world
    }

    /// A number below `most`.
    pub fn roll(&mut self, most: usize) -> usize {
        self.dice.below(most)
    }

    /// Posts through both hosts while `fault` goes on; what was answered counts from now on.
    pub fn while_posting<T>(
        &mut self,
        round: usize,
        fault: impl FnOnce(&mut Self, &Posts) -> T,
    ) -> T {
        let posts = Posts::new(round, &self.hosts, &self.fixture);
        let done = thread::scope(|scope| {
            posts.spawn(scope);
            let ends = posts.ends();
            let done = fault(self, &posts);
            drop(ends);
            done
        });
        self.answered.extend(posts.answered());
        done
    }

    /// Waits until each answer is on both nodes again.
    pub fn in_sync(&mut self) {
        until("both nodes are in sync", || self.are_in_sync().is_some());
    }

    /// Waits until both have and show the same, which takes that nobody posts.
    fn quiet(&mut self) {
        until("both nodes show the same", || {
            self.are_in_sync().is_some_and(|(one, other)| one == other)
        });
    }

    /// Epoch and transaction of each, when they are in sync.
    fn are_in_sync(&mut self) -> Option<((u64, u64), (u64, u64))> {
        let [one, other] = &mut self.hosts;
        let (one, other) = (one.report()?, other.report()?);
        let are = one.role == "primary"
            && other.role == "standby"
            && one.in_sync
            && other.primary.is_some_and(|primary| primary.connected);
        are.then_some(((one.epoch, one.txid), (other.epoch, other.txid)))
    }

    /// What must be true once it is quiet again; the answers from the one at `first` on are looked for.
    fn check(&mut self, first: usize) {
        self.quiet();
        for host in &self.hosts {
            let conn = host.database();
            let mut count = conn
                .prepare("select count(*) from comment where text = ?1")
                .unwrap();
            for text in &self.answered[first..] {
                let found: i64 = count.query_row([text], |row| row.get(0)).unwrap();
                assert_eq!(found, 1, "{text} was answered; {}", host.name);
            }
            let all: i64 = number(&conn, "select count(*) from comment");
            let texts: i64 = number(&conn, "select count(distinct text) from comment");
            assert_eq!(all, texts, "some comment is there twice; {}", host.name);
            assert!(
                all >= i64::try_from(self.answered.len()).unwrap(),
                "{}",
                host.name
            );
            assert_eq!(check::lies(&conn), Vec::<String>::new(), "{}", host.name);
        }
        for path in ["/newest", "/comments", "/active"] {
            let end = Instant::now() + STALE;
            loop {
                let [one, other] = self.hosts.each_ref().map(|host| host.page(path));
                if one == other {
                    break;
                }
                assert!(Instant::now() < end, "{path} differs:\n{one}\n---\n{other}");
            }
        }
    }

    /// Ends both in good order and compares their files; how many posts were answered.
    fn end(mut self) -> usize {
        let pages = self.hosts.each_mut().map(|host| {
            host.stop();
            let mut pages = host.pages();
            chain::mask(&mut pages[0]);
            pages
        });
        let [one, other] = &pages;
        assert_eq!(one.len(), other.len());
        let differs = one.iter().zip(other).position(|(one, other)| one != other);
        assert_eq!(differs, None, "that page differs");
        self.answered.len()
    }
}

fn number(conn: &rusqlite::Connection, sql: &str) -> i64 {
    conn.query_row(sql, [], |row| row.get(0)).unwrap()
}

/// Waits until something comes true by itself; panics when it does not.
#[track_caller]
pub fn until(what: &str, mut is_so: impl FnMut() -> bool) {
    let end = Instant::now() + SOON;
    while !is_so() {
        assert!(Instant::now() < end, "it never came to that: {what}");
        thread::sleep(Duration::from_millis(10));
    }
}

/// A connection to a host, while there is one.
fn wire(host: &Host) -> Option<Wire> {
    Wire::connect(host.address).ok()
}
