//! How an operator sees the site: `/admin/status`, and the events by which it stays true.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::atomic::Ordering;
use std::sync::mpsc::channel;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use rustix::process::Signal;
use site::domain::user::Role;
use site::errand::{Errand, Rank};
use site::pool::{Lane, LaneReport};
use site::store;

use crate::app::{Browser, TestApp};
use crate::process::Process;
use crate::raw::Raw;
use crate::relay::pair::Pair;
use crate::served::Served;

const PAGE: &str = "/admin/status";
const EVENTS: &str = "/admin/status/events";

#[test]
fn the_page_is_for_administrators_alone_and_kept_by_nobody() {
    let site = TestApp::start();
    site.browser().get(PAGE).expect(401);
    site.member_as("mod", Role::Moderator).get(PAGE).expect(403);
    let mut boss = site.member_as("boss", Role::Admin);
    boss.get("/admin")
        .expect(200)
        .has("href=\"/admin/status\"")
        .lacks("/assets/status-");
    let page = boss.get(PAGE).expect(200);
    assert_eq!(page.header("cache-control"), Some("no-store"));
    for name in page
        .body
        .split('"')
        .filter(|text| text.starts_with("/assets/status-"))
    {
        site.browser().get(name).expect(200);
    }
    let page = page.has("<h1>Administration</h1>").has("Time to answer");
    assert_eq!(page.body.matches("<figure").count(), 15);
    assert_eq!(page.body.matches("role=\"img\"").count(), 15);
}

/// Asks for the page until it is as wanted.
#[track_caller]
fn until(browser: &mut Browser, mut wanted: impl FnMut(&str) -> bool) {
    let end = Instant::now() + Duration::from_secs(30);
    loop {
        let page = browser.get(PAGE).expect(200).body;
        if wanted(&page) {
            return;
        }
        assert!(Instant::now() < end, "it never came to that: {page}");
    }
}

/// What a chart says of one of its lines, for those who do not see it.
fn told<'a>(page: &'a str, chart: &str, line: &str) -> &'a str {
    let label = page
        .split("aria-label=\"")
        .find(|text| text.starts_with(chart));
    let label = label.unwrap().split('"').next().unwrap();
    let line = label.split(&format!(" {line} ")).nth(1).unwrap();
    line.split(". ").next().unwrap()
}

#[test]
fn the_page_shows_what_was_done() {
    let site = TestApp::start();
    let mut boss = site.member_as("boss", Role::Admin);
    site.story("author", "A story");
    let txid = site.number("select txid from position");
    boss.get(PAGE)
        .expect(200)
        .has(&format!("<dt>Transaction</dt> <dd>{txid}</dd>"));
    let nothing = "now 0, least 0, most 0";
    let mut visitor = site.browser();
    until(&mut boss, |page| {
        visitor.get("/").expect(200);
        let kept = told(page, "Requests", "from memory");
        let personal = told(page, "Requests", "personal, forms, files");
        kept.starts_with("now ")
            && kept != nothing
            && personal.starts_with("now ")
            && personal != nothing
    });
    let page = boss.get(PAGE).body;
    assert!(
        told(&page, "Requests", "failed").starts_with(nothing),
        "{page}"
    );
    assert!(
        page.contains("All is well.") || page.contains("Busy:"),
        "{page}"
    );
}

#[test]
fn nodes_are_shown_where_there_are_others() {
    let site = TestApp::start();
    let mut boss = site.member_as("boss", Role::Admin);
    boss.get(PAGE).expect(200).lacks("Nodes</h2>");
    boss.get(EVENTS).expect(200).lacks("\"nodes\"");
    let pair = Pair::start();
    let mut boss = pair.primary.member_as("boss", Role::Admin);
    boss.get(PAGE)
        .expect(200)
        .has("<h2>Nodes</h2>")
        .has("<dt>Role</dt> <dd>Primary</dd>")
        .has("a standby, while one keeps up")
        .has("http://standby.example")
        .has("9.8.7");
    pair.back.report.lock().unwrap().in_sync = false;
    until(&mut boss, |page| page.contains("No standby is in sync:"));
    // By the standby's own copy, though whoever looks has just changed something there is none of here.
    let mut boss = pair.standby.member_as("boss", Role::Admin);
    boss.get(PAGE)
        .expect(200)
        .has("<dd>Standby</dd>")
        .has("http://primary.example")
        .has("just now")
        .lacks("cannot be reached");
    pair.link.is_connected.store(false, Ordering::SeqCst);
    until(&mut boss, |page| {
        page.contains("The primary cannot be reached:") && page.contains("Not connected")
    });
    assert_eq!(pair.wire.sent(), 0);
}

#[test]
fn what_becomes_of_nodes_is_told_to_those_who_watch() {
    let pair = Pair::start();
    let boss = pair.standby.member_as("boss", Role::Admin);
    let (status, mut events) = Events::open(&pair.standby, &boss);
    assert_eq!(status, 200);
    assert!(events.next()["nodes"].contains("Connected"));
    pair.link.is_connected.store(false, Ordering::SeqCst);
    let end = Instant::now() + Duration::from_secs(30);
    while !events
        .next()
        .get("nodes")
        .is_some_and(|nodes| nodes.contains("Not connected"))
    {
        assert!(Instant::now() < end, "it was never told");
    }
}

/// A stream of events as a browser asks for it.
struct Events(BufReader<TcpStream>);

impl Events {
    fn open(site: &TestApp, browser: &Browser) -> (u16, Self) {
        Self::open_at(site.address, browser)
    }

    fn open_at(address: SocketAddr, browser: &Browser) -> (u16, Self) {
        let mut stream = TcpStream::connect(address).unwrap();
        stream
            .set_read_timeout(Some(Duration::from_secs(30)))
            .unwrap();
        let cookie = browser.cookie.as_deref().unwrap();
        write!(
            stream,
            "GET {EVENTS} HTTP/1.1\r\nhost: {address}\r\naccept: text/event-stream\r\naccept-encoding: gzip\r\ncookie: {cookie}\r\n\r\n"
        )
        .unwrap();
        let mut events = Self(BufReader::new(stream));
        let head = events.line().unwrap();
        let status = head[9..12].parse().unwrap();
        let mut headers = BTreeMap::new();
        while let Some(line) = events.line().filter(|line| !line.is_empty()) {
            let (name, value) = line.split_once(": ").unwrap();
            headers.insert(name.to_ascii_lowercase(), value.to_owned());
        }
        if status == 200 {
            assert_eq!(headers["content-type"], "text/event-stream");
            assert_eq!(headers["cache-control"], "no-store");
            assert!(!headers.contains_key("content-encoding"));
        }
        (status, events)
    }

    fn line(&mut self) -> Option<String> {
        let mut line = String::new();
        let count = self.0.read_line(&mut line).unwrap();
        (count > 0).then(|| line.trim_end().to_owned())
    }

    /// The parts of the next event.
    #[track_caller]
    fn next(&mut self) -> BTreeMap<String, String> {
        loop {
            let line = self.line().expect("the stream goes on");
            assert!(!line.starts_with("event: over"), "it ended");
            if let Some(data) = line.strip_prefix("data: ") {
                return serde_json::from_str(data).unwrap();
            }
        }
    }

    /// Reads on until it is said to be over, and nothing comes any more.
    #[track_caller]
    fn ends(mut self) {
        while self.line().expect("its end is said first") != "event: over" {}
        // The last chunk is empty.
        while self.line().is_some_and(|line| line != "0") {}
    }
}

#[test]
fn events_tell_first_everything_and_then_what_changes() {
    let site = TestApp::start();
    let boss = site.member_as("boss", Role::Admin);
    let (status, mut events) = Events::open(&site, &boss);
    assert_eq!(status, 200);
    let all = events.next();
    for part in [
        "word",
        "facts",
        "troubles",
        "v-requests",
        "p-requests",
        "p-files",
    ] {
        assert!(all.contains_key(part), "{part} is not in {:?}", all.keys());
    }
    // Until a change that was made meanwhile is told, without what stays as it is.
    site.story("author", "A story");
    let txid = site.number("select txid from position").to_string();
    let end = Instant::now() + Duration::from_secs(30);
    loop {
        let parts = events.next();
        assert!(!parts.is_empty());
        if parts
            .get("facts")
            .is_some_and(|facts| facts.contains(&txid))
        {
            break;
        }
        assert!(Instant::now() < end, "the change was never told");
    }
}

#[test]
fn events_end_with_the_session_and_with_the_role() {
    let site = TestApp::start();
    let mut boss = site.member_as("boss", Role::Admin);
    let (_, mut events) = Events::open(&site, &boss);
    events.next();
    boss.post("/logout", &[]).expect(303);
    events.ends();
    let boss = site.member_as("boss", Role::Admin);
    // There has to be one left.
    site.user("other", Role::Admin);
    let (_, mut events) = Events::open(&site, &boss);
    events.next();
    site.write(|tx| {
        let user = store::user::id_of(tx, "boss")?;
        store::role::set(tx, user, Role::Member, None)
    });
    events.ends();
    let (status, _) = Events::open(&site, &boss);
    assert_eq!(status, 401);
}

#[test]
fn a_stop_does_not_wait_for_those_who_watch() {
    let site = TestApp::start();
    let boss = site.member_as("boss", Role::Admin);
    let data = site.stop().unwrap();
    let mut process = Served::with(&data.path().join("data"), &["--drain", "60s"]);
    let (_, mut events) = Events::open_at(process.address, &boss);
    events.next();
    process.signal(Signal::TERM);
    let end = Instant::now() + Duration::from_secs(30);
    while events.line().is_some_and(|line| line != "0") {
        assert!(Instant::now() < end, "it goes on");
    }
    assert_eq!(process.ended(), Some(0));
}

#[test]
fn a_session_has_four_streams_at_most_and_gets_their_places_back() {
    let site = TestApp::start();
    let boss = site.member_as("boss", Role::Admin);
    let mut open: Vec<Events> = (0..4)
        .map(|_| {
            let (status, events) = Events::open(&site, &boss);
            assert_eq!(status, 200);
            events
        })
        .collect();
    assert_eq!(Events::open(&site, &boss).0, 429);
    let other = site.member_as("other", Role::Admin);
    assert_eq!(Events::open(&site, &other).0, 200);
    open.pop();
    let end = Instant::now() + Duration::from_secs(30);
    while Events::open(&site, &boss).0 != 200 {
        assert!(Instant::now() < end, "the place was never given back");
    }
}

#[test]
fn who_asks_for_no_stream_gets_one_event() {
    let site = TestApp::start();
    let mut boss = site.member_as("boss", Role::Admin);
    let reply = boss
        .get(EVENTS)
        .expect(200)
        .has("data: {")
        .has("v-requests");
    assert_eq!(reply.header("content-type"), Some("text/event-stream"));
    assert_eq!(reply.body.matches("data: ").count(), 1);
    boss.head(EVENTS).expect(200);
}

#[test]
fn warnings_of_the_log_stand_on_the_page() {
    let site = TestApp::start();
    let boss = site.member_as("boss", Role::Admin);
    let data = site.stop().unwrap();
    let process = Process::serve(&data.path().join("data"));
    let cookie = boss.cookie.unwrap();
    let page = Raw::connect(process.address).get(PAGE, &[("cookie", &cookie)]);
    assert_eq!(page.status, 200);
    let page = page.text();
    assert!(page.contains("limits are off"), "{page}");
    assert!(page.contains(">Warning</td>"), "{page}");
}

fn pages(site: &TestApp) -> LaneReport {
    site.app.pool.report().unwrap().lanes[Lane::Page as usize].clone()
}

/// Does this while all workers are held up and others have waited for so long that members too are refused; then lets them
/// go.
fn while_refusing<T>(site: &TestApp, run: impl FnOnce() -> T) -> T {
    let (open, gate) = channel::<()>();
    let gate = Arc::new(Mutex::new(gate));
    std::thread::scope(|scope| {
        for _ in 0..4 {
            let (app, gate) = (Arc::clone(&site.app), Arc::clone(&gate));
            scope.spawn(move || {
                let job = app.compute(move || {
                    let _ = gate.lock().unwrap().recv();
                    Ok(())
                });
                let errand = Arc::new(Errand::new(0, Rank::Operator));
                let system = actix_web::rt::System::new();
                system.block_on(errand.run(job)).unwrap();
            });
        }
        // Longer than members are let in behind.
        let (begun, end) = (Instant::now(), Duration::from_secs(20));
        let held = |pages: LaneReport| pages.running == 3 && pages.queued >= 1;
        while !held(pages(site)) || begun.elapsed() < Duration::from_millis(2500) {
            assert!(begun.elapsed() < end, "the workers are not held up");
            std::thread::yield_now();
        }
        let done = run();
        drop(open);
        done
    })
}

#[test]
fn an_operator_who_has_looked_before_is_let_in_where_members_are_refused() {
    let site = TestApp::with(|config| config.workers_max = Some(3));
    let (mut member, mut boss) = (site.member("bob"), site.member_as("boss", Role::Admin));
    // Known from now on.
    member.get(PAGE).expect(403);
    boss.get(PAGE).expect(200);
    let mut watcher = site.member_as("boss", Role::Admin);
    watcher.get(EVENTS).expect(200);
    std::thread::scope(|scope| {
        let waiting = while_refusing(&site, || {
            member.get(PAGE).expect(503);
            let before = pages(&site).queued;
            let asked = [
                scope.spawn(move || boss.get(PAGE).status),
                scope.spawn(move || watcher.get(EVENTS).status),
            ];
            let end = Instant::now() + Duration::from_secs(8);
            while pages(&site).queued < before + 2 {
                assert!(Instant::now() < end, "they were not let in");
                std::thread::yield_now();
            }
            asked
        });
        for one in waiting {
            assert_eq!(one.join().unwrap(), 200);
        }
    });
}
