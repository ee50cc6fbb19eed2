//! How an operator sees the site: `/admin/status`, the events by which it stays true, and `/metrics`.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::{Duration, Instant};

use rustix::process::Signal;
use site::config::{CdnConfig, Secret};
use site::domain::user::Role;
use site::store;

use crate::app::{Browser, TestApp};
use crate::process::Process;
use crate::raw::Raw;
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

#[test]
fn the_metrics_are_for_whoever_has_the_token() {
    let site = TestApp::with(|config| config.metrics_token = Secret::parse("hush").unwrap());
    let none = TestApp::start();
    let status = |site: &TestApp, token: &str| {
        let headers = [
            ("authorization", token),
            // As through a proxy: not by its place.
            ("x-forwarded-for", "203.0.113.9"),
        ];
        let headers = if token.is_empty() {
            &headers[1..]
        } else {
            &headers[..]
        };
        Raw::connect(site.address).get("/metrics", headers).status
    };
    assert_eq!(status(&site, "Bearer hush"), 200);
    assert_eq!(status(&site, "bearer hush"), 200);
    for token in [
        "",
        "Bearer",
        "Bearer hus",
        "Bearer hush2",
        "Basic hush",
        "hush",
        "Bearer HUSH",
    ] {
        assert_eq!(status(&site, token), 404, "{token:?}");
    }
    for token in ["Bearer hush", "Bearer ", "Bearer"] {
        assert_eq!(status(&none, token), 404, "{token:?}");
    }
    // The old ways stay.
    assert_eq!(Raw::connect(site.address).get("/metrics", &[]).status, 200);
}

/// Names of families that a site serves.
fn served(text: &str) -> BTreeSet<String> {
    let types = text.lines().filter_map(|line| line.strip_prefix("# TYPE "));
    types
        .map(|rest| rest.split(' ').next().unwrap().to_owned())
        .collect()
}

#[test]
fn the_readme_lists_each_metric_that_is_served_and_no_other() {
    let readme = include_str!("../README.md");
    let rows = readme.lines().filter(|line| line.starts_with("| `"));
    let names = rows.map(|line| line.split('`').nth(1).unwrap());
    let listed: BTreeSet<String> = names
        .filter(|name| name.starts_with("site_") || name.starts_with("process_"))
        .map(|name| name.split('{').next().unwrap().to_owned())
        .collect();
    let site = TestApp::with(|config| {
        config.cdn = Some(CdnConfig {
            zone: "023e105f4ecef8ad9ca31a8372d0c353".into(),
            token: Secret::parse("hush").unwrap(),
            // Nobody listens there.
            api: "http://127.0.0.1:9".into(),
            ..CdnConfig::default()
        });
    });
    let text = Raw::connect(site.address).get("/metrics", &[]).text();
    assert_eq!(listed, served(&text));
}

/// Samples by name with labels.
fn samples(text: &str) -> BTreeMap<String, String> {
    let lines = text.lines().filter(|line| !line.starts_with('#'));
    lines
        .map(|line| {
            let (name, value) = line.rsplit_once(' ').unwrap();
            (name.to_owned(), value.to_owned())
        })
        .collect()
}

#[test]
fn what_is_counted_adds_up() {
    let site = TestApp::start();
    let id = site.story("author", "A story");
    let mut raw = Raw::connect(site.address);
    for _ in 0..7 {
        assert_eq!(raw.get(&format!("/s/{id}/a-story"), &[]).status, 200);
    }
    for _ in 0..3 {
        assert_eq!(raw.get("/search?q=story", &[]).status, 200);
        assert_eq!(raw.get("/no/such/page", &[]).status, 404);
    }
    let text = raw.get("/metrics", &[]).text();
    let found = samples(&text);
    // Counts are whole numbers.
    let count = |name: &str| {
        let value = found.get(name);
        value.map_or(0, |value| value.parse::<u64>().unwrap())
    };
    let story = "site_http_requests_total{route=\"/s/{id}/{slug}\",status=\"200\"}";
    assert_eq!(count(story), 7);
    assert_eq!(
        count("site_http_requests_total{route=\"/search\",status=\"200\"}"),
        3
    );
    let sum = |start: &str| {
        let of = found.iter().filter(|(name, _)| name.starts_with(start));
        of.map(|(_, value)| value.parse::<u64>().unwrap())
            .sum::<u64>()
    };
    assert_eq!(
        sum("site_http_route_seconds_count{"),
        count("site_http_request_seconds_count")
    );
    assert!(count("site_lane_service_seconds_count{lane=\"page\"}") >= 3);
    assert!(count("site_writer_batch_sum") >= count("site_writer_batch_count"));
    assert!(count("site_writer_commit_seconds_count") >= 1);
    assert!(count("process_resident_memory_bytes") > 1_000_000 && count("site_database_bytes") > 0);
    let mut seen = 0;
    let mut before: Option<(&str, u64)> = None;
    for line in text.lines().filter(|line| line.contains("le=\"")) {
        let (name, value) = line.rsplit_once(' ').unwrap();
        let (series, bound) = name.split_once("le=\"").unwrap();
        let value: u64 = value.parse().unwrap();
        assert!(
            before.is_none_or(|(of, less)| of != series || less <= value),
            "{line}"
        );
        before = Some((series, value));
        if bound.starts_with("+Inf") {
            let labels = series.replace("_bucket{", "_count{");
            let labels = labels.trim_end_matches([',', '{']);
            let whole = if labels.contains('{') {
                format!("{labels}}}")
            } else {
                labels.to_owned()
            };
            assert_eq!(count(&whole), value, "{whole}");
            seen += 1;
        }
    }
    assert_eq!(seen, 10);
}
