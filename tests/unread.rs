//! Answers that nobody reads: they take little memory, however many are owed them and whichever they are; who takes an answer,
//! slowly or in parts, gets all of it.

use std::fs;
use std::net::SocketAddr;

use site::config::Config;
use site::web::door::Reason;

use crate::app::TestApp;
use crate::process::Process;
use crate::raw::{Raw, metric};
use crate::slow::{Slow, until};

/// Clients that do not read.
const CLIENTS: u64 = 200;
/// What one of them may cost, in bytes: what the README counts with.
const EACH: u64 = 128 * 1024;

/// A page of some 300 KB, which is as long as they get with texts as long as these.
fn with_a_thread(site: &TestApp, comments: usize) -> String {
    let text = "All work and no play makes a dull page. ".repeat(400);
    let story = site.post_story("ada", "A long thread", None, "");
    for _ in 0..comments {
        site.comment("bob", story, None, &text);
    }
    format!("/s/{story}/a-long-thread")
}

fn request(path: &str) -> String {
    format!("GET {path} HTTP/1.1\r\nhost: x\r\n\r\n")
}

/// A client that asks and does not read.
fn unread(address: SocketAddr, path: &str) -> Slow {
    let mut client = Slow::connect_narrow(address);
    assert!(client.send(request(path).as_bytes()));
    client
}

/// The most that the system holds for one connection of this port, in bytes that were not acknowledged (proc(5)).
fn most_unsent(port: u16) -> u64 {
    let local = format!(":{port:04X}");
    let table = fs::read_to_string("/proc/net/tcp").unwrap();
    let queues = table.lines().skip(1).filter_map(|line| {
        let fields: Vec<&str> = line.split_whitespace().collect();
        let (sent, _) = fields[4].split_once(':')?;
        (fields[1].ends_with(&local)).then(|| u64::from_str_radix(sent, 16).unwrap())
    });
    queues.max().unwrap()
}

#[test]
fn those_who_do_not_read_hold_no_copies_of_what_they_are_owed() {
    let site = TestApp::start();
    let path = with_a_thread(&site, 50);
    let dir = site.stop().unwrap();
    let process = Process::serve(&dir.path().join("data"));
    let address = process.address;
    let length = Raw::connect(address).get(&path, &[]).body.len() as u64;
    assert!(length > 2 * EACH, "{length}");
    let resident = || metric(address, "process_resident_memory_bytes");
    let before = resident();
    let clients: Vec<Slow> = (0..CLIENTS).map(|_| unread(address, &path)).collect();
    let owed = || metric(address, "site_connections_unread");
    until(|| owed() == CLIENTS, || ());
    let most = CLIENTS * EACH;
    let grown = resident().saturating_sub(before);
    assert!(grown < most, "{grown} bytes more, of {most}");
    let unsent = most_unsent(address.port());
    assert!((1..EACH).contains(&unsent), "{unsent} bytes in the system");
    assert_eq!(metric(address, "site_connections_large_bytes"), length);
    drop(clients);
    until(
        || metric(address, "site_connections_large_bytes") == 0,
        || (),
    );
}

/// A site without a cache, so that each request has its page made.
fn forgetful(answers: u64) -> TestApp {
    TestApp::with(|config: &mut Config| {
        config.cache_size = 0;
        config.answers_size = answers;
    })
}

#[test]
fn who_keeps_a_large_answer_waiting_longest_goes_first_when_there_are_too_many() {
    let site = forgetful(1_500_000);
    let path = with_a_thread(&site, 50);
    let length = Slow::connect(site.address).get(&path).len() as u64;
    let fit = usize::try_from(1_500_000 / length).unwrap();
    assert!(fit >= 3, "{length}");
    let counts = || site.door.counts();
    // Nobody waits longer than this one, but not for a large answer.
    let mut idle = Slow::connect(site.address);
    idle.get("/about");
    let mut clients = Vec::new();
    for number in 1..=fit + 2 {
        clients.push(unread(site.address, &path));
        let ended = number.saturating_sub(fit);
        let is_so = || {
            let counts = counts();
            let readers = (number - ended) as u64;
            counts.readers == readers && counts.closed(Reason::Memory) == ended as u64
        };
        until(is_so, || ());
    }
    assert!(counts().held <= counts().most_held);
    for client in &mut clients[..2] {
        client.until_closed();
    }
    for client in &mut clients[2..] {
        assert!(client.is_open());
    }
    assert!(idle.is_open());
    assert_eq!(counts().closed(Reason::Memory), 2);
}

#[test]
fn one_who_reads_slowly_gets_a_large_answer_whatever_it_takes() {
    let site = forgetful(1);
    let path = with_a_thread(&site, 50);
    let mut client = unread(site.address, &path);
    until(|| site.door.counts().readers == 1, || ());
    let counts = site.door.counts();
    assert!(counts.held > counts.most_held, "{counts:?}");
    client.until_heard("</html>");
    assert_eq!(site.door.counts().closed(Reason::Memory), 0);
    assert!(client.is_open());
}

#[test]
fn a_large_answer_has_its_length_and_all_its_bytes_in_every_shape() {
    let site = TestApp::start();
    let path = with_a_thread(&site, 50);
    let mut visitor = Raw::connect(site.address);
    let made = visitor.get(&path, &[]);
    let kept = visitor.get(&path, &[]);
    assert_eq!(made.body, kept.body);
    let length = kept.told("content-length").to_owned();
    assert_eq!(length, kept.body.len().to_string());
    assert!(
        kept.headers
            .iter()
            .all(|(name, _)| name != "transfer-encoding")
    );
    let head = visitor.ask("HEAD", &path, &[], b"");
    assert_eq!(head.told("content-length"), length);
    let known = [("if-none-match", kept.told("etag"))];
    assert_eq!(visitor.get(&path, &known).status, 304);
    let member = site.member("ada").get(&path).body;
    assert!(member.ends_with("</html>"), "{}", member.len());
    assert_eq!(visitor.get("/about", &[]).status, 200);
}

#[test]
fn many_who_want_a_page_in_another_coding_at_a_time_are_sent_one_body() {
    let site = TestApp::with(|config| {
        config.workers_min = Some(1);
        config.workers_max = Some(1);
    });
    let path = with_a_thread(&site, 50);
    // It is kept, but not as these clients want it.
    let packed = Raw::connect(site.address).get(&path, &[("accept-encoding", "gzip")]);
    assert_eq!(packed.told("content-encoding"), "gzip");
    let clients: Vec<Slow> = (0..20).map(|_| unread(site.address, &path)).collect();
    let counts = || site.door.counts();
    // Some may be told that too much waits.
    until(
        || counts().idle + counts().readers == 20 && counts().readers > 2,
        || (),
    );
    let held = counts().held;
    drop(clients);
    let plain = Raw::connect(site.address).get(&path, &[]).body;
    // Two may be made at the same time.
    let most = 2 * plain.len() as u64;
    assert!(held <= most, "{held} bytes, of {most}");
}
