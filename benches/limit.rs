//! The site within little memory: in a control group whose limit counts all that it uses, the pages of files that the system
//! keeps for it included. It serves searches, the longest thread, stories, sign-ins and changes, among 1,000 connections
//! that ask now and then or never read what they asked for.
//!
//! At the size that the README names nothing may be killed. Below that the kernel may kill it: then it is started at once, as
//! systemd does, must answer soon, and nothing that was answered may be lost. What never happened is told: a limit that was
//! never reached, or a size at which nothing was killed, has shown nothing.

mod crowd;
mod host;
mod load;

use std::collections::HashSet;
use std::fs::{self, File};
use std::path::Path;
use std::time::Duration;

use rustix::fs::{Advice, fadvise};
use site::store;

use crate::group::{Group, Pressure};
use crate::{START, check, generate, server, votes};
use host::{Ends, Host};
use load::{Kind, Load};

/// What the README asks for, in MiB.
const DOCUMENTED: u64 = 128;
/// Limits that are tried unless others are named, in MiB.
pub const SIZES: [u64; 4] = [48, 64, 128, 256];

/// Serves for so long within each limit.
pub fn measure(seconds: u64, sizes: &[u64]) {
    assert!(rustix::process::geteuid().is_root(), "run it as root");
    server::check_machine(&[]);
    let dir = tempfile::tempdir().unwrap();
    let data = dir.path().join("data");
    generate::site(&data, votes::STORIES);
    let cookies = votes::sign_in(&data);
    // A copy: of another's, pages in memory would be on that one's account.
    let program = dir.path().join("site");
    fs::copy(env!("CARGO_BIN_EXE_site"), &program).unwrap();
    println!("| limit | most used | limit reached | killed | slowest return | answers |");
    println!("|---:|---:|---:|---:|---:|---|");
    let mut load = Load::new(cookies, Duration::from_secs(seconds));
    for &mib in sizes {
        for file in ["site", "data/site.db", "data/site.db-wal"] {
            forget(&dir.path().join(file));
        }
        let group = Group::make(mib << 20);
        let mut host = Host::start(dir.path(), &group);
        load.run(&mut host);
        let ends = host.end();
        let pressure = group.pressure();
        check_database(&data, &load);
        show(mib, &pressure, &ends, &load);
        judge(mib, &pressure, &ends);
    }
}

/// Has the system drop the pages of a file, so that whoever reads it next is charged for them.
fn forget(file: &Path) {
    // There need not be a WAL.
    let Ok(file) = File::open(file) else { return };
    file.sync_all().unwrap();
    fadvise(&file, 0, None, Advice::DontNeed).unwrap();
}

fn show(mib: u64, pressure: &Pressure, ends: &Ends, load: &Load) {
    let Pressure {
        reached,
        killed,
        most,
    } = *pressure;
    let answers = Kind::EACH.map(|kind| format!("{} {}", kind.name(), load.tally(kind)));
    println!(
        "| {mib} MiB | {} MiB | {reached} | {killed} | {} | {} |",
        most >> 20,
        ends.slowest.map_or_else(
            || "–".to_owned(),
            |time| format!("{:.0} ms", time.as_secs_f64() * 1000.0)
        ),
        answers.join(", ")
    );
    if reached == 0 {
        println!("(the limit of {mib} MiB was never reached: this row shows nothing)");
    }
    if ends.was_stuck {
        println!("(at {mib} MiB it did not end when it was told to, and was killed)");
    }
    if mib < DOCUMENTED && killed == 0 {
        println!("(nothing was killed at {mib} MiB: there was nothing to return from)");
    }
}

/// Panics when it did not keep what the README promises.
fn judge(mib: u64, pressure: &Pressure, ends: &Ends) {
    assert_eq!(
        ends.other, None,
        "it ended otherwise than by the kernel at {mib} MiB"
    );
    if mib >= DOCUMENTED {
        let held = pressure.killed == 0 && !ends.was_stuck;
        assert!(held, "{mib} MiB are not enough: {pressure:?}, {ends:?}");
    }
    if let Some(slowest) = ends.slowest {
        assert!(slowest <= START, "it took {slowest:.1?} to return");
    }
}

/// The file, and everything that was answered. (Other benches compare all counts; on so many rows that takes minutes.)
fn check_database(data: &Path, load: &Load) {
    let conn = store::connection::open_writer(&data.join("site.db")).unwrap();
    check::check_file(&conn);
    let mut query = conn
        .prepare("select count(*) from vote where user_id = ?1 and item_id = ?2")
        .unwrap();
    for vote in load.votes() {
        let rows: i64 = query.query_row(vote, |row| row.get(0)).unwrap();
        assert_eq!(rows, 1, "the vote {vote:?} was answered");
    }
    let mut query = conn
        .prepare("select text from comment where text like ?1 || '%'")
        .unwrap();
    let texts = query.query_map([load::MARK], |row| row.get(0)).unwrap();
    let texts: HashSet<String> = texts.map(Result::unwrap).collect();
    for text in load.comments() {
        assert!(texts.contains(&text), "{text} was answered");
    }
}
