//! A race of readers and writers on the same pages, against the one rule of the cache: an answer shows at least everything
//! that was committed before its request arrived.
//!
//! Counters make that checkable: titles that are edited to "Tick 17", votes, comments. Before each request a reader notes
//! the last value that a writer was answered about, and no smaller one may come back. Visitors alone may get what is up to
//! 250 ms old, and only when the answer says that the page is in a storm of writes.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::{Duration, Instant};

use site::domain::id::UserId;
use site::domain::story::Title;
use site::encoding::{Encoding, decode};
use site::store::{self, Store};
use site::time::Clock;
use site::web::cookie;

use crate::process::Process;
use crate::wire::{Answer, Wire};

/// How old a page in a storm may be.
const STORM_AGE: Duration = Duration::from_millis(250);
/// Stories whose titles count: one changed without pause, one many times a second, one so seldom that no page of its own
/// is ever in a storm.
const PACES: [Duration; 3] = [
    Duration::ZERO,
    Duration::from_millis(20),
    Duration::from_millis(300),
];
/// Members who vote for each of these stories once.
const VOTERS: usize = 30;
/// Threads that read, of each kind of reader.
const READERS: usize = 2;
/// The kinds of readers.
const KINDS: [Kind; 3] = [Kind::Visitor, Kind::Member, Kind::Changed];

/// What a race came to.
#[derive(Debug, Default)]
pub struct Outcome {
    pub reads: u64,
    pub writes: u64,
    /// Answers by `Cache-Status`.
    pub by_status: BTreeMap<String, u64>,
    /// Answers that broke the rule.
    pub violations: Vec<String>,
    /// The site's own counts, by result.
    pub metrics: BTreeMap<String, u64>,
}

/// Who reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// Without any cookie.
    Visitor,
    /// Signed in.
    Member,
    /// Somebody who has just changed something and signed out: only the position is left.
    Changed,
}

/// A value that only grows, with the times at which writers were answered.
#[derive(Default)]
struct Counter(Mutex<Vec<(Instant, u64)>>);

impl Counter {
    fn acknowledge(&self, value: u64) {
        self.0.lock().unwrap().push((Instant::now(), value));
    }

    /// The last value that was acknowledged by then.
    fn at(&self, time: Instant) -> u64 {
        let values = self.0.lock().unwrap();
        let known = values.partition_point(|(at, _)| *at <= time);
        known.checked_sub(1).map_or(0, |last| values[last].1)
    }
}

/// Where a counter is shown: an address, and what stands before the number.
struct Place {
    path: String,
    before: String,
    counter: usize,
    /// Of several numbers the largest counts: a list of what was said, not of one title.
    is_list: bool,
}

/// A site with everything that counts on it.
struct Course {
    address: SocketAddr,
    authors: Vec<String>,
    voters: Vec<String>,
    reader: String,
    stories: Vec<i64>,
    /// Titles, then votes for the first stories, then comments.
    counters: Vec<Counter>,
    places: Vec<Place>,
    is_over: AtomicBool,
    reads: AtomicU64,
    writes: AtomicU64,
    by_status: Mutex<BTreeMap<String, u64>>,
    violations: Mutex<Vec<String>>,
}

/// Races for so long on a site below `dir`; `seed` decides who reads what.
pub fn run(dir: &Path, time: Duration, seed: u64) -> Outcome {
    let data = dir.join("data");
    let mut course = course(&data);
    let process = Process::serve(&data);
    course.address = process.address;
    std::thread::scope(|scope| {
        let (course, mut ends) = (&course, Vec::new());
        let mut ended = || {
            let (end, ended) = channel::<()>();
            ends.push(end);
            ended
        };
        for (n, pace) in PACES.into_iter().enumerate() {
            let end = ended();
            scope.spawn(move || course.edit_titles(n, pace, &end));
        }
        let (end, ballots) = (ended(), u32::try_from(VOTERS * PACES.len()).unwrap());
        scope.spawn(move || course.vote(time / ballots, &end));
        let (end, pace) = (ended(), (time / 400).max(Duration::from_millis(40)));
        scope.spawn(move || course.talk(pace, &end));
        for n in 0..READERS * KINDS.len() {
            let seed = (seed + n as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15);
            scope.spawn(move || course.read(KINDS[n % KINDS.len()], seed));
        }
        // Nobody sends anything here: it is the time alone that ends it.
        let (_stay, wait) = channel::<()>();
        let _ = wait.recv_timeout(time);
        course.is_over.store(true, Ordering::Relaxed);
        drop(ends);
    });
    Outcome {
        reads: course.reads.into_inner(),
        writes: course.writes.into_inner(),
        by_status: course.by_status.into_inner().unwrap(),
        violations: course.violations.into_inner().unwrap(),
        metrics: metrics(process.address),
    }
}

/// Answers by result, from `/metrics`.
fn metrics(address: SocketAddr) -> BTreeMap<String, u64> {
    let answer = Wire::connect(address).unwrap().get("/metrics").unwrap();
    let text = text(&answer);
    let mut counts = BTreeMap::new();
    for line in text.lines() {
        let Some(labels) = line.strip_prefix("site_cache_requests_total{") else {
            continue;
        };
        let (labels, count) = labels.rsplit_once(' ').unwrap();
        let result = labels.split("result=\"").nth(1).unwrap();
        let result = result.split('"').next().unwrap();
        *counts.entry(result.to_owned()).or_insert(0) += count.parse::<u64>().unwrap();
    }
    counts
}

fn course(data: &Path) -> Course {
    let opened = Store::open(data, Clock::System, 2).unwrap();
    opened.write_blocking(store::tag::seed).unwrap();
    let made = opened.write_blocking(|tx| {
        let tag = store::tag::find(tx, "javascript")?.id;
        let (mut authors, mut stories) = (Vec::new(), Vec::new());
        for n in 0..=PACES.len() {
            let (author, cookie) = member(tx, &format!("author{n}"))?;
            authors.push(cookie);
            let new = store::story::NewStory {
                author,
                title: Title::parse(&title(n, 0)).unwrap(),
                url: None,
                text: "To be counted.".into(),
                tags: vec![tag],
                created: tx.now(),
            };
            stories.push(store::story::create(tx, &new)?);
        }
        let mut voters = Vec::new();
        for n in 0..VOTERS {
            voters.push(member(tx, &format!("voter{n}"))?.1);
        }
        let (reader, cookie) = member(tx, "reader")?;
        let mut comments = Vec::new();
        for story in &stories {
            let new = store::comment::NewComment {
                author: reader,
                story: *story,
                parent: None,
                text: "To be counted.".into(),
                created: tx.now(),
            };
            comments.push(store::comment::create(tx, &new)?.raw());
        }
        let stories: Vec<i64> = stories.iter().map(|id| id.raw()).collect();
        Ok((authors, voters, cookie, stories, comments))
    });
    let (authors, voters, reader, stories, comments) = made.unwrap();
    Course {
        address: ([127, 0, 0, 1], 0).into(),
        places: places(&stories, &comments),
        counters: (0..=PACES.len() * 2).map(|_| Counter::default()).collect(),
        authors,
        voters,
        reader,
        stories,
        is_over: AtomicBool::new(false),
        reads: AtomicU64::new(0),
        writes: AtomicU64::new(0),
        by_status: Mutex::default(),
        violations: Mutex::default(),
    }
}

fn title(n: usize, value: u64) -> String {
    format!("Tick{n} {value} and no more")
}

/// A member with a session: id, and the cookie as a browser sends it.
fn member(tx: &store::Tx, name: &str) -> site::error::Result<(UserId, String)> {
    let id = crate::rounds::member(tx, name)?;
    let token = cookie::new_token();
    store::session::open(tx, id, &cookie::hash(&token), "192.0.2.1", "test")?;
    let cookie = cookie::set(&token, true);
    Ok((id, cookie.split(';').next().unwrap().to_owned()))
}

/// All the places where counters are shown.
fn places(stories: &[i64], comments: &[i64]) -> Vec<Place> {
    let mut places = Vec::new();
    let mut show = |path: String, before: String, counter, is_list| {
        places.push(Place {
            path,
            before,
            counter,
            is_list,
        });
    };
    for n in 0..PACES.len() {
        let (story, comment) = (stories[n], comments[n]);
        for path in [
            "/",
            "/newest",
            "/active",
            "/top/all",
            "/t/javascript",
            "/newest.json",
            "/newest.rss",
            "/hot.atom",
        ] {
            show(path.into(), format!("tick{n}"), n, false);
        }
        for path in [
            // Leads to the address that has the title in it.
            format!("/s/{story}"),
            format!("/s/{story}.json"),
            format!("/u/author{n}"),
            format!("/u/author{n}/stories.feed.json"),
            format!("/c/{comment}"),
        ] {
            show(path, format!("tick{n}"), n, false);
        }
        let votes = PACES.len() + n;
        // The largest: of comments it is told, too, and they have one point.
        show(format!("/s/{story}.json"), "\"score\":".into(), votes, true);
        show(
            format!("/u/author{n}.json"),
            "\"karma\":".into(),
            votes,
            false,
        );
    }
    let (talk, story) = (PACES.len() * 2, stories[PACES.len()]);
    for path in [
        "/comments",
        "/comments.rss",
        &format!("/u/author{}/comments", PACES.len()),
    ] {
        show(path.to_owned(), "word".into(), talk, true);
    }
    show(
        format!("/s/{story}.json"),
        "\"comment_count\":".into(),
        talk,
        false,
    );
    places
}

impl Course {
    /// Edits a story's title again and again.
    fn edit_titles(&self, n: usize, pace: Duration, end: &Receiver<()>) {
        let mut wire = Wire::connect(self.address).unwrap();
        let path = format!("/s/{}/edit", self.stories[n]);
        for value in 1.. {
            let (title, tags) = (title(n, value), "javascript");
            let fields = [
                ("title", title.as_str()),
                ("text", "Counted."),
                ("tags", tags),
            ];
            self.post(&mut wire, &path, &self.authors[n], &fields);
            self.counters[n].acknowledge(value);
            if is_over(end, pace) {
                return;
            }
        }
    }

    /// Each voter votes for each story once. A story begins with one point, its author with no karma.
    fn vote(&self, pace: Duration, end: &Receiver<()>) {
        let mut wire = Wire::connect(self.address).unwrap();
        for (value, voter) in (1..).zip(&self.voters) {
            for n in 0..PACES.len() {
                let path = format!("/s/{}/vote", self.stories[n]);
                self.post(&mut wire, &path, voter, &[("back", "/")]);
                self.counters[PACES.len() + n].acknowledge(value);
                if is_over(end, pace) {
                    return;
                }
            }
        }
    }

    /// Comments below a story of its own.
    fn talk(&self, pace: Duration, end: &Receiver<()>) {
        let mut wire = Wire::connect(self.address).unwrap();
        let n = PACES.len();
        let path = format!("/s/{}/comments", self.stories[n]);
        for value in 1.. {
            let text = format!("Word {value} of many");
            self.post(&mut wire, &path, &self.authors[n], &[("text", &text)]);
            self.counters[2 * n].acknowledge(value);
            if is_over(end, pace) {
                return;
            }
        }
    }

    fn post(&self, wire: &mut Wire, path: &str, cookie: &str, fields: &[(&str, &str)]) -> Answer {
        let mut answer = wire.post(path, cookie, fields).unwrap();
        // A busy site refuses: nothing was changed, and it is asked again.
        while answer.status == 503 {
            answer = wire.post(path, cookie, fields).unwrap();
        }
        assert_eq!(answer.status, 303, "{path}");
        self.writes.fetch_add(1, Ordering::Relaxed);
        answer
    }

    /// Reads one place after the other until it is over.
    fn read(&self, kind: Kind, mut seed: u64) {
        let mut wire = Wire::connect(self.address).unwrap();
        let mut cookie = match kind {
            Kind::Member => self.reader.clone(),
            _ => String::new(),
        };
        let mut by_status = BTreeMap::<String, u64>::new();
        while !self.is_over.load(Ordering::Relaxed) {
            seed = seed
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            let draw = usize::try_from(seed >> 33).unwrap();
            if kind == Kind::Changed && (cookie.is_empty() || draw.is_multiple_of(64)) {
                cookie = self.change(&mut wire, draw / 64);
            }
            let place = &self.places[draw % self.places.len()];
            let status = self.look(&mut wire, kind, &cookie, place);
            *by_status.entry(status).or_default() += 1;
            self.reads.fetch_add(1, Ordering::Relaxed);
        }
        let mut all = self.by_status.lock().unwrap();
        for (status, count) in by_status {
            *all.entry(format!("{kind:?}: {status}")).or_default() += count;
        }
    }

    /// Changes something as a member; answers with the position, all that is left after signing out.
    fn change(&self, wire: &mut Wire, draw: usize) -> String {
        let act = ["save", "unsave"][draw % 2];
        let path = format!("/s/{}/{act}", self.stories[0]);
        let answer = self.post(wire, &path, &self.reader, &[("back", "/")]);
        let lines = answer.head.lines().filter_map(|line| line.split_once(": "));
        let mut cookies = lines.filter(|(name, _)| name.eq_ignore_ascii_case("set-cookie"));
        let position = cookies.find(|(_, value)| value.contains("position="));
        let position = position.expect("a change sends a position").1;
        position.split(';').next().unwrap().to_owned()
    }

    /// Reads one place and checks the rule; answers with how it came about.
    fn look(&self, wire: &mut Wire, kind: Kind, cookie: &str, place: &Place) -> String {
        let counter = &self.counters[place.counter];
        let sent = Instant::now();
        let (least, oldest) = (
            counter.at(sent),
            counter.at(sent.checked_sub(STORM_AGE).unwrap_or(sent)),
        );
        let answer = wire.get_as(&place.path, cookie).unwrap();
        let took = sent.elapsed();
        let status = answer.header("cache-status").unwrap_or_default().to_owned();
        // Refused for want of time to make it, which is no answer; a visitor gets the last page instead, told as such.
        let is_refused =
            answer.status == 503 || (kind == Kind::Visitor && status.ends_with("detail=error"));
        if is_refused {
            return "refused".into();
        }
        let is_storm = kind == Kind::Visitor && status == "site; hit; detail=storm";
        let shown = match answer.status {
            200 => number(&text(&answer), place),
            301 => number(answer.location.as_deref().unwrap_or_default(), place),
            _ => None,
        };
        if shown.is_none_or(|shown| shown < if is_storm { oldest } else { least }) {
            let told = format!(
                "{kind:?} {} ({}; {status}) after {took:?}: {shown:?} instead of {least}, {oldest} in a storm",
                place.path, answer.status
            );
            self.violations.lock().unwrap().push(told);
        }
        status
    }
}

/// Waits for so long; whether it is over.
fn is_over(end: &Receiver<()>, pace: Duration) -> bool {
    !matches!(end.recv_timeout(pace), Err(RecvTimeoutError::Timeout))
}

/// The number that a page shows at a place.
fn number(page: &str, place: &Place) -> Option<u64> {
    let page = page.to_ascii_lowercase();
    let numbers = page
        .split(place.before.as_str())
        .skip(1)
        .filter_map(|rest| {
            // A space in a title, a hyphen in an address; numbers in JSON follow at once.
            let rest = rest.strip_prefix([' ', '-']).unwrap_or(rest);
            let end = rest
                .find(|c: char| !c.is_ascii_digit())
                .unwrap_or(rest.len());
            rest[..end].parse::<u64>().ok()
        });
    let shown = if place.is_list {
        numbers.max()
    } else {
        numbers.min()
    };
    // Of a list without anything yet.
    shown.or(place.is_list.then_some(0))
}

fn text(answer: &Answer) -> String {
    let coding = match answer.header("content-encoding") {
        Some("gzip") => Encoding::Gzip,
        _ => Encoding::Identity,
    };
    let body = decode(coding, &answer.body, 64 << 20).expect("the body can be read");
    String::from_utf8_lossy(&body).into_owned()
}
