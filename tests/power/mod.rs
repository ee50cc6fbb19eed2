//! Power cuts. What two nodes do while people post is recorded, call by call; then, for any moment of it, both are started on
//! what their disks would hold: with all that no sync had seen, without any of it, or with parts of it in torn pieces.
//!
//! What was answered before the cut must be there, on whichever node goes on, and nothing that nobody asked for; databases
//! are whole, logs end where databases stand, and both nodes come to the same by themselves.

mod disk;
pub mod scene;
mod trace;

use std::collections::{BTreeMap, HashMap, HashSet};
use std::fs;
use std::path::Path;
use std::process::ExitStatus;
use std::time::Duration;

use rusqlite::{Connection, OpenFlags};
use rustix::process::{Pid, Signal, kill_process};

use self::disk::{Cut, Disk};
use self::scene::{A, B, Scene, Watched};
use self::trace::{Change, Event};
use crate::check;
use crate::kills::check_log;
use crate::process::Process;
use crate::rounds::{Fixture, fixture};

/// What a cut leaves, in turn.
const CUTS: [Cut; 4] = [Cut::Kept, Cut::Dropped, Cut::Torn(512), Cut::Torn(4096)];

/// Longest until nodes that come back have settled which of them writes.
const SETTLED: Duration = Duration::from_secs(10);

/// A number below another.
type Roll<'a> = &'a mut dyn FnMut(usize) -> usize;

/// What came of all cuts.
#[derive(Debug, Default)]
pub struct Tally {
    pub cuts: usize,
    /// Changes that were recorded, and syncs that had something to do.
    pub changes: usize,
    pub syncs: usize,
    /// Changes that were lost, over all cuts.
    pub lost: usize,
    /// Answered posts that were looked for, over all cuts.
    pub looked_for: usize,
    /// Cuts after which a person had to say who writes: in the midst of a handover.
    pub orphans: usize,
}

/// What was recorded.
struct Record {
    scene: Scene,
    /// Disks as they were before.
    disk: Disk,
    events: Vec<(usize, Event)>,
}

/// Records one history with all that nodes do, and cuts it at so many moments, each in several ways.
pub fn run(dir: &Path, cuts: usize, roll: Roll) -> Tally {
    let record = record(dir, "history", &["--require-standby"], history);
    let mut at: Vec<usize> = (0..cuts).map(|_| roll(record.events.len())).collect();
    at.sort_unstable();
    let mut tally = Tally::default();
    cut_all(
        dir,
        record,
        &at,
        &CUTS,
        roll,
        &mut tally,
        |scene, posts, tally, round| {
            if round % 2 == 0 || posts.answered.is_empty() {
                both_go_on(scene, posts, tally);
            } else {
                one_goes_on(scene, posts);
            }
        },
    );
    tally
}

/// Cuts the power of a primary that hears that another has taken its place, after it had written alone.
pub fn run_fenced(dir: &Path, cuts: usize, roll: Roll) -> Tally {
    let mut from = 0;
    let record = record(dir, "fenced", &[], |scene, watched, fixture| {
        from = fenced(scene, watched, fixture);
    });
    // Until its own commits are in their file.
    let first = record.events.partition_point(|(at, _)| *at < from);
    let is_kept = |event: &Event| matches!(event, Event::Changed { change: Change::Rename(_, to), .. } if to.parent().is_some_and(|dir| dir.ends_with("lost")));
    let last = record
        .events
        .iter()
        .position(|(_, event)| is_kept(event))
        .unwrap();
    let at: Vec<usize> = (1..=cuts)
        .map(|cut| first + (last - first) * cut / cuts)
        .collect();
    let mut tally = Tally::default();
    cut_all(
        dir,
        record,
        &at,
        &[Cut::Dropped],
        roll,
        &mut tally,
        |scene, _, _, _| {
            let nodes = [scene.start(B), scene.start(A)];
            scene.until("the one that was replaced follows", || scene.is_in_sync());
            assert_eq!(
                lost(scene),
                1,
                "what it wrote alone is kept; {}",
                scene.said()
            );
            for node in nodes {
                stop(scene, node);
            }

            whole(scene);
        },
    );
    tally
}

fn record(
    dir: &Path,
    name: &str,
    flags: &[&str],
    play: impl FnOnce(&Scene, &mut Watched, &Fixture),
) -> Record {
    let root = dir.join(name);
    let scene = Scene::new(&root, flags);
    let fixture = fixture(&scene.data(A));
    let disk = Disk::of(&root);
    let mut watched = Watched::new(&scene);
    play(&scene, &mut watched, &fixture);
    let trace = watched.finish();
    let events = trace::read(&trace, &root);
    Record {
        scene,
        disk,
        events,
    }
}

/// A first copy, posts through both nodes, a handover in the midst of them, an orderly end and a start, and a primary that is
/// killed and replaced.
fn history(scene: &Scene, watched: &mut Watched, fixture: &Fixture) {
    watched.start(A);
    watched.start(B);
    let in_sync = || scene.until("both are in sync", || scene.is_in_sync());
    in_sync();
    scene.post(fixture, &[A, B], 20, || ());
    scene.post(fixture, &[A, B], 10, || scene.promote(B, false));
    in_sync();
    scene.post(fixture, &[A, B], 5, || ());
    watched.end(A, Signal::TERM);
    watched.start(A);
    in_sync();
    scene.post(fixture, &[B], 5, || ());
    in_sync();
    watched.end(B, Signal::KILL);
    scene.promote(A, true);
    watched.start(B);
    in_sync();
    scene.post(fixture, &[A, B], 5, || ());
    in_sync();
    for node in [A, B] {
        watched.end(node, Signal::TERM);
    }
}

/// A primary goes on alone without its standby, then hangs, is replaced, and comes to itself. When that was.
fn fenced(scene: &Scene, watched: &mut Watched, fixture: &Fixture) -> usize {
    watched.start(A);
    watched.start(B);
    scene.until("both are in sync", || scene.is_in_sync());
    scene.post(fixture, &[A, B], 2, || ());
    watched.end(B, Signal::KILL);
    scene.until("the primary goes on alone", || {
        scene.report(A).is_some_and(|report| !report.in_sync)
    });
    scene.post(fixture, &[A], 2, || ());
    watched.signal(A, Signal::STOP);
    watched.start(B);
    scene.promote(B, true);
    scene.post(fixture, &[B], 1, || ());
    let from = watched.so_far();
    watched.signal(A, Signal::CONT);
    scene.until("the one that was replaced follows", || scene.is_in_sync());
    assert_eq!(lost(scene), 1, "{}", scene.said());
    for node in [A, B] {
        watched.end(node, Signal::TERM);
    }
    from
}

/// Files with commits that the one which was replaced has written alone.
fn lost(scene: &Scene) -> usize {
    let files = fs::read_dir(scene.data(A).join("lost"));
    files.map_or(0, |files| {
        let ended = files.filter(|file| {
            file.as_ref()
                .unwrap()
                .path()
                .extension()
                .is_some_and(|end| end == "log")
        });
        ended.count()
    })
}

/// Plays the record up to each of these events, and has `check` look at what nodes make of what is left.
fn cut_all(
    dir: &Path,
    record: Record,
    at: &[usize],
    kinds: &[Cut],
    roll: Roll,
    tally: &mut Tally,
    check: impl Fn(&Scene, &Posts, &mut Tally, usize),
) {
    let Record {
        scene,
        mut disk,
        events,
    } = record;
    let mut posts = Posts::default();
    let mut next = 0;
    for (round, at) in at.iter().enumerate() {
        for (_, event) in &events[next..*at] {
            disk.take(event);
            posts.take(event);
        }
        next = *at;
        let kind = kinds[round / 2 % kinds.len()];
        let root = dir.join(format!("cut-{round}"));
        let cut = scene.on(&root);
        for node in [A, B] {
            tally.lost += disk.cut(&scene.data(node), &cut.data(node), kind, roll);
        }
        eprintln!("cut {round} at event {at} of {}: {kind:?}", events.len());
        check(&cut, &posts, tally, round);
        tally.looked_for += posts.answered.len();
        tally.cuts += 1;
        fs::remove_dir_all(root).unwrap();
    }
    tally.changes = events
        .iter()
        .filter(|(_, event)| matches!(event, Event::Changed { .. }))
        .count();
    tally.syncs = disk.syncs;
}

/// Who asked for what, and was answered, before some moment.
#[derive(Default)]
struct Posts {
    open: HashMap<String, String>,
    asked: HashSet<String>,
    answered: Vec<String>,
}

impl Posts {
    fn take(&mut self, event: &Event) {
        match event {
            Event::Asked { socket, text } => {
                self.asked.insert(name(text));
                self.open.insert(socket.clone(), name(text));
            }
            Event::Answered { socket } => self.answered.extend(self.open.remove(socket)),
            Event::Changed { .. } | Event::Synced { .. } => {}
        }
    }

    /// That a node's database has what was answered, and nothing that was not asked for.
    #[track_caller]
    fn are_on(&self, scene: &Scene, node: usize) {
        let file = scene.data(node).join("site.db");
        let conn = Connection::open_with_flags(file, OpenFlags::SQLITE_OPEN_READ_ONLY).unwrap();
        conn.busy_timeout(std::time::Duration::from_secs(10))
            .unwrap();
        let mut found: BTreeMap<String, usize> = BTreeMap::new();
        let mut query = conn.prepare("select text from comment").unwrap();
        for text in query.query_map([], |row| row.get(0)).unwrap() {
            let text: String = text.unwrap();
            *found.entry(name(&text)).or_default() += 1;
        }
        for text in &self.answered {
            let count = found.get(text);
            assert_eq!(
                count,
                Some(&1),
                "{text} was answered; node {node}; {}",
                scene.said()
            );
        }
        let asked: HashSet<&str> = self.asked.iter().map(|text| text.trim_end()).collect();
        for (text, count) in found {
            assert!(
                asked.contains(&*text) && count == 1,
                "{text:.40}: {count} times"
            );
        }
        assert_eq!(check::lies(&conn), Vec::<String>::new());
    }
}

/// What a text begins with: who wrote it, and which of theirs it is. A long one comes in several parts, and the first is read.
fn name(text: &str) -> String {
    text.split(' ').take(4).collect::<Vec<_>>().join(" ")
}

/// Both come back, and agree.
fn both_go_on(scene: &Scene, posts: &Posts, tally: &mut Tally) {
    let nodes = [scene.start(A), scene.start(B)];
    // One that was to write next and had not heard so hears it now.
    if !Scene::comes_within(SETTLED, || scene.is_primary(A) || scene.is_primary(B)) {
        scene.promote(B, true);
        tally.orphans += 1;
    }
    scene.until("both are in sync", || scene.is_in_sync());
    for node in [A, B] {
        posts.are_on(scene, node);
    }
    for node in nodes {
        stop(scene, node);
    }

    whole(scene);
}

/// Only the one that followed comes back: a person makes it the primary.
fn one_goes_on(scene: &Scene, posts: &Posts) {
    let mut node = scene.start(B);
    if !scene.is_primary(B) {
        scene.promote(B, true);
    }
    posts.are_on(scene, B);
    // The other comes later.
    let other = scene.start(A);
    scene.until("both are in sync", || scene.is_in_sync());
    posts.are_on(scene, A);
    node.kill();
    stop(scene, other);
}

pub fn stop(scene: &Scene, mut node: Process) {
    kill_process(Pid::from_child(&node.child), Signal::TERM).unwrap();
    let ended: ExitStatus = node.child.wait().unwrap();
    assert!(ended.success(), "{ended}; {}", scene.said());
}

/// That the files of nodes that have ended are whole, and each log ends where its database stands.
pub fn whole(scene: &Scene) {
    for node in [A, B] {
        check_log(&scene.data(node));
        let conn = Connection::open(scene.data(node).join("site.db")).unwrap();
        check::check_file(&conn);
    }
}
