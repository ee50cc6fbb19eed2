//! Two nodes of an older program, which is given, that are upgraded one after the other, in the right order and in the wrong
//! one; and an older program that joins a newer one. They work together, or one says clearly what is to be done; nothing that
//! was answered is lost, and at the end both hold the same.

use std::path::Path;
use std::time::Duration;

use rusqlite::{Connection, OpenFlags};
use site::domain::id::UserId;

use crate::power::scene::{A, B, Scene};
use crate::power::{stop, whole};
use crate::process::Process;
use crate::rounds::Fixture;
use crate::wire::Wire;

/// Longest that is waited to see whether they come together.
const TOGETHER: Duration = Duration::from_secs(20);

/// All orders, with the older program at `old`.
pub fn run(old: &Path) {
    let new = Path::new(env!("CARGO_BIN_EXE_site"));
    for (name, steps) in [("standby first", [B, A]), ("primary first", [A, B])] {
        println!("upgraded, {name}:");
        let dir = tempfile::tempdir().unwrap();
        let mut scene = Scene::new(&dir.path().join("site"), &[]);
        scene.programs = [old.to_owned(), old.to_owned()];
        let nodes = [scene.start(A), scene.start(B)].map(Some);
        scene.until("both of the older program are in sync", || {
            scene.is_in_sync()
        });
        upgrade(&mut scene, nodes, steps, new);
    }
    println!("an older one joins a newer one:");
    let dir = tempfile::tempdir().unwrap();
    let mut scene = Scene::new(&dir.path().join("site"), &[]);
    scene.programs = [new.to_owned(), old.to_owned()];
    let nodes = [scene.start(A), scene.start(B)].map(Some);
    upgrade(&mut scene, nodes, [B, A], new);
}

fn upgrade(scene: &mut Scene, mut nodes: [Option<Process>; 2], steps: [usize; 2], new: &Path) {
    let fixture = members(nodes[A].as_ref().unwrap());
    scene.post(&fixture, &[A], 3, || ());
    look(scene, "before");
    for node in steps {
        let process = nodes[node].take().unwrap();
        if scene.report(node).is_some() {
            stop(scene, process);
        }
        new.clone_into(&mut scene.programs[node]);
        nodes[node] = Some(scene.start(node));
        scene.post(&fixture, &[A], 3, || ());
        look(scene, ["after the primary's", "after the standby's"][node]);
    }
    scene.until("both are in sync", || scene.is_in_sync());
    scene.post(&fixture, &[A, B], 3, || ());
    scene.until("both are in sync", || scene.is_in_sync());
    let counts = [A, B].map(|node| count(scene, node));
    assert_eq!(counts, [48, 48], "comments that were answered");
    for node in nodes.into_iter().flatten() {
        stop(scene, node);
    }
    whole(scene);
    println!(
        "  {} answered comments on both, files and logs whole",
        counts[A]
    );
}

/// Whether they work together, or what they say.
fn look(scene: &Scene, when: &str) {
    let acked = || scene.report(A).is_some_and(|report| report.in_sync);
    if Scene::comes_within(TOGETHER, acked) {
        let shown = [A, B].map(|node| scene.report(node).map_or(0, |report| report.txid));
        return println!("  {when}: the standby has all; primary and standby show {shown:?}");
    }
    let trouble = scene
        .report(B)
        .and_then(|report| report.primary)
        .and_then(|primary| primary.trouble);
    let said = scene.said();
    let told = trouble.unwrap_or_else(|| {
        said.lines()
            .filter(|line| line.starts_with("site: "))
            .collect()
    });
    println!("  {when}: not together: {told}");
    assert!(
        told.contains("pgrade"),
        "it does not say what to do: {said}"
    );
}

/// People and stories, made as anybody makes them: the program may be an older one.
fn members(process: &Process) -> Fixture {
    let mut wire = Wire::connect(process.address).unwrap();
    let mut fixture = Fixture {
        writers: Vec::new(),
        stories: Vec::new(),
    };
    for number in 0..4 {
        let (name, email) = (
            format!("writer{number}"),
            format!("writer{number}@example.org"),
        );
        let fields = [
            ("name", &*name),
            ("email", &email),
            ("password", "correct horse battery"),
        ];
        let answer = wire.post("/signup", "", &fields).unwrap();
        let cookie = answer
            .header("set-cookie")
            .unwrap_or_else(|| panic!("{}", answer.head));
        let cookie = cookie.split(';').next().unwrap().to_owned();
        fixture.writers.push((UserId::new(number), cookie));
    }
    let cookie = fixture.writers[0].1.clone();
    for number in 0..3 {
        let title = format!("Story number {number}");
        let fields = [
            ("title", &*title),
            ("url", ""),
            ("text", "To be read."),
            ("tags", "programming"),
        ];
        let answer = wire.post("/submit", &cookie, &fields).unwrap();
        let location = answer.location.unwrap_or_else(|| panic!("{}", answer.head));
        fixture
            .stories
            .push(location.split('/').nth(2).unwrap().parse().unwrap());
    }
    fixture
}

fn count(scene: &Scene, node: usize) -> i64 {
    let file = scene.data(node).join("site.db");
    let conn = Connection::open_with_flags(file, OpenFlags::SQLITE_OPEN_READ_ONLY).unwrap();
    conn.busy_timeout(TOGETHER).unwrap();
    conn.query_row("select count(*) from comment", [], |row| row.get(0))
        .unwrap()
}
