//! More connections than there is room for: a newcomer gets in, who waits longest goes, who is being served stays, and the
//! database always has its files.

use std::process::{Command, Stdio};
use std::sync::mpsc;
use std::thread::JoinHandle;
use std::time::Duration;

use site::web::door::Reason;

use crate::app::TestApp;
use crate::process::{Process, serve_by};
use crate::raw::metric;
use crate::slow::{Slow, until};
use crate::wire::{Answer, Wire};

/// A site with room for so many connections.
fn narrow(most: usize) -> TestApp {
    TestApp::with(|config| {
        // Nothing but what is sent here waits for the writer.
        config.pace.every = Duration::from_hours(1);
        config.max_connections = most;
        config.patience.sweep = Duration::from_millis(5);
    })
}

/// Keeps the writer busy, so that a vote takes as long as we like: until what is returned first is dropped.
fn busy_writer(site: &TestApp) -> (mpsc::Sender<()>, JoinHandle<bool>) {
    let (release, busy) = mpsc::channel::<()>();
    let (begin, entered) = mpsc::channel();
    let app = std::sync::Arc::clone(&site.app);
    let writer = std::thread::spawn(move || {
        let wait = move |_: &site::store::Tx| {
            begin.send(()).unwrap();
            Ok(busy.recv().is_err())
        };
        app.store.write_blocking(wait).unwrap()
    });
    entered.recv().unwrap();
    (release, writer)
}

/// A connection that was answered and does nothing now.
fn idle(site: &TestApp) -> Slow {
    let mut client = Slow::connect(site.address);
    assert!(client.get("/about").starts_with("HTTP/1.1 200"));
    // Some time passes, so that it has waited longer than the next.
    assert!(client.is_open());
    client
}

#[test]
fn a_newcomer_takes_the_place_of_the_one_that_has_waited_longest() {
    let site = narrow(4);
    let mut crowd: Vec<Slow> = (0..4).map(|_| idle(&site)).collect();
    // The first moves again, so the second has waited longest.
    crowd[0].get("/about");
    assert!(crowd[0].is_open());
    let _fifth = idle(&site);
    crowd[1].until_closed();
    for place in [0, 2, 3] {
        assert!(crowd[place].get("/about").starts_with("HTTP/1.1 200"));
    }
    assert_eq!(site.door.counts().closed(Reason::Full), 1);
}

#[test]
fn a_request_that_is_being_served_is_never_cut_for_a_newcomer() {
    let site = narrow(4);
    let cookie = site.member("ada").cookie.unwrap();
    let story = site.story("bob", "A story");
    let (release, writer) = busy_writer(&site);
    let mut voter = Slow::connect(site.address);
    let vote = format!(
        "POST /s/{story}/vote HTTP/1.1\r\nhost: {0}\r\norigin: http://{0}\r\nsec-fetch-site: same-origin\r\n\
         cookie: {cookie}\r\ncontent-length: 0\r\n\r\n",
        site.address
    );
    assert!(voter.send(vote.as_bytes()));
    until(|| site.door.counts().serving == 1, || ());
    for _ in 0..20 {
        assert!(
            Slow::connect(site.address)
                .get("/about")
                .starts_with("HTTP/1.1 200")
        );
        drop(idle(&site));
    }
    let mut kept: Vec<Slow> = (0..10).map(|_| idle(&site)).collect();
    assert!(kept.last_mut().unwrap().is_open());
    assert!(site.door.counts().closed(Reason::Full) >= 7);
    drop(release);
    assert!(writer.join().unwrap());
    voter.until_heard("\r\n\r\n");
    assert!(voter.text().starts_with("HTTP/1.1 303"), "{}", voter.text());
    assert_eq!(site.number("select count(*) from vote"), 1);
}

/// A client that does not read, and the answer that it keeps waiting; all before were written.
fn unread(site: &TestApp) -> Slow {
    // The page holds it twice, and has to fit into what the server buffers of an answer (32 KiB): then the next is begun.
    let text = "All work and no play makes a dull page. ".repeat(300);
    let story = site.post_story("bob", "A long story", None, &text);
    let request = format!("GET /s/{story}/a-long-story HTTP/1.1\r\nhost: x\r\n\r\n");
    let told = || {
        let sample = "site_http_requests_total{route=\"/s/{id}/{slug}\",status=\"200\"}";
        metric(site.address, sample)
    };
    let mut client = Slow::connect_narrow(site.address);
    let is_blocked = || site.door.counts().readers == 1;
    let mut answered = 0;
    until(is_blocked, || {
        assert!(client.send(request.as_bytes()));
        answered += 1;
        until(|| told() == answered, || ());
        until(|| is_blocked() || site.door.counts().serving == 0, || ());
    });
    client
}

#[test]
fn a_request_that_is_being_served_behind_an_unread_answer_is_not_cut_either() {
    let site = narrow(8);
    let cookie = site.member("ada").cookie.unwrap();
    let story = site.story("bob", "A story");
    let mut voter = unread(&site);
    let (release, writer) = busy_writer(&site);
    let queued = || metric(site.address, "site_writer_queued");
    let before = queued();
    let vote = format!(
        "POST /s/{story}/vote HTTP/1.1\r\nhost: {0}\r\norigin: http://{0}\r\nsec-fetch-site: same-origin\r\n\
         cookie: {cookie}\r\ncontent-length: 0\r\n\r\n",
        site.address
    );
    assert!(voter.send(vote.as_bytes()));
    until(|| queued() > before, || ());
    assert_eq!(site.door.counts().readers, 1, "its answer was taken");
    let mut crowd: Vec<Slow> = (0..12).map(|_| idle(&site)).collect();
    assert!(crowd.last_mut().unwrap().is_open());
    assert!(site.door.counts().closed(Reason::Full) >= 4);
    assert_eq!(site.door.counts().readers, 1, "the voter was cut off");
    drop(release);
    assert!(writer.join().unwrap());
    voter.until_heard("HTTP/1.1 303");
    assert_eq!(site.number("select count(*) from vote"), 1);
}

#[test]
fn when_nobody_waits_the_newcomer_is_sent_away() {
    let site = narrow(2);
    let cookie = site.member("ada").cookie.unwrap();
    let story = site.story("bob", "A story");
    let (release, writer) = busy_writer(&site);
    let vote = format!(
        "POST /s/{story}/vote HTTP/1.1\r\nhost: {0}\r\norigin: http://{0}\r\nsec-fetch-site: same-origin\r\n\
         cookie: {cookie}\r\ncontent-length: 0\r\n\r\n",
        site.address
    );
    let mut voters: Vec<Slow> = (0..2).map(|_| Slow::connect(site.address)).collect();
    for voter in &mut voters {
        assert!(voter.send(vote.as_bytes()));
    }
    until(|| site.door.counts().serving == 2, || ());
    Slow::connect(site.address).until_closed();
    until(|| site.door.counts().closed(Reason::Full) >= 1, || ());
    drop(release);
    assert!(writer.join().unwrap());
    for voter in &mut voters {
        voter.until_heard("HTTP/1.1 303");
    }
}

#[test]
fn one_address_cannot_take_more_than_its_share() {
    let site = narrow(40);
    let mut other = Slow::connect_from([127, 0, 0, 2], site.address);
    other.get("/about");
    assert!(other.is_open());
    let mut crowd: Vec<Slow> = (0..10).map(|_| idle(&site)).collect();
    assert_eq!(site.door.counts().closed(Reason::Address), 0);
    for gone in 0..5 {
        crowd.push(idle(&site));
        crowd[gone].until_closed();
    }
    assert_eq!(site.door.counts().closed(Reason::Address), 5);
    assert!(crowd[5..].iter_mut().all(Slow::is_open));
    // It has waited longer than all of them, and is of another address.
    assert!(other.get("/about").starts_with("HTTP/1.1 200"));
}

#[test]
fn a_trusted_proxy_is_no_address_of_its_own() {
    let site = TestApp::with(|config| {
        config.max_connections = 40;
        config.trusted_proxies = vec!["127.0.0.1".parse().unwrap()];
    });
    let mut crowd: Vec<Slow> = (0..30).map(|_| Slow::connect(site.address)).collect();
    for client in &mut crowd {
        assert!(client.get("/about").starts_with("HTTP/1.1 200"));
    }
    assert!(crowd.iter_mut().all(Slow::is_open));
    assert_eq!(site.door.counts().closed(Reason::Address), 0);
}

#[test]
fn with_all_files_taken_by_clients_reads_and_writes_go_on_and_it_recovers() {
    let dir = tempfile::tempdir().unwrap();
    let data = dir.path().join("data");
    let mut narrow = Command::new("sh");
    narrow.args([
        "-c",
        "ulimit -n 64; exec \"$0\" \"$@\"",
        env!("CARGO_BIN_EXE_site"),
    ]);
    let process = Process::start(serve_by(narrow, &data, &[]).stderr(Stdio::null()));
    let member = ("ada", "a lamp on every landing");
    let mut wire = Wire::connect(process.address).unwrap();
    let joined = wire
        .post(
            "/signup",
            "",
            &[
                ("name", member.0),
                ("email", "ada@example.org"),
                ("password", member.1),
            ],
        )
        .unwrap();
    assert_eq!(joined.status, 303, "{}", joined.head);
    let cookie = joined
        .header("set-cookie")
        .unwrap()
        .split(';')
        .next()
        .unwrap()
        .to_owned();
    let mut crowd: Vec<Slow> = (0..120).map(|_| Slow::connect(process.address)).collect();
    for client in &mut crowd {
        client.send(b"GET / HTTP/1.1\r\n");
    }
    for turn in 0..5 {
        let page = sooner_or_later(process.address, |wire| {
            wire.get(&format!("/search?q=word{turn}"))
        });
        assert_eq!(page.status, 200, "{}", page.head);
        let title = format!("A story in a crowd, number {turn}");
        let story = [
            ("title", title.as_str()),
            ("text", "Some text."),
            ("tags", "ask"),
            ("url", ""),
        ];
        let posted = sooner_or_later(process.address, |wire| {
            wire.post("/submit", &cookie, &story)
        });
        assert_eq!(posted.status, 303, "{}", posted.head);
    }
    drop(crowd);
    let page = sooner_or_later(process.address, |wire| wire.get("/newest"));
    assert_eq!(page.status, 200);
}

/// Asks on a new connection, and on another when that one has had to go: it may be the one that has waited longest by the
/// time that those who came before it are let in.
fn sooner_or_later(
    address: std::net::SocketAddr,
    ask: impl Fn(&mut Wire) -> std::io::Result<Answer>,
) -> Answer {
    let answers = (0..60).map(|_| ask(&mut Wire::connect(address)?));
    let mut answers = answers.filter_map(Result::ok);
    answers.next().expect("somebody is answered in a crowd")
}
