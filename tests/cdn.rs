//! Purges at a CDN, against a double of Cloudflare's API that gives its documented answers.

use std::collections::{BTreeSet, VecDeque};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use site::cdn::{Cdn, Counts, GROUPS, MOST_WAITING, TAGS_PER_CALL, Timing, tag};
use site::config::CdnConfig;
use site::config::secret::Secret;

use crate::app::TestApp;

const ZONE: &str = "023e105f4ecef8ad9ca31a8372d0c353";

/// Longer than anything here takes.
const LONG: Duration = Duration::from_secs(30);

/// Long enough for a second call, had there been one.
const MOMENT: Duration = Duration::from_millis(300);

const DONE: &str = r#"{"success":true,"errors":[],"messages":[],"result":{"id":"023e105f"}}"#;
const NO_TOKEN: &str =
    r#"{"success":false,"errors":[{"code":10000,"message":"Authentication error"}],"messages":[]}"#;
const TOO_MANY: &str =
    r#"{"success":false,"errors":[{"code":10429,"message":"Rate limit"}],"messages":[]}"#;

/// An answer: status line, further header lines, body.
type Answer = (&'static str, &'static str, &'static str);

/// A call as it arrived.
struct Call {
    at: Instant,
    line: String,
    head: String,
    body: Value,
}

impl Call {
    #[track_caller]
    fn tags(&self) -> Vec<String> {
        serde_json::from_value(self.body["tags"].clone()).unwrap()
    }
}

/// The API: answers what is planned, then that all went well.
struct Api {
    address: SocketAddr,
    calls: Receiver<Call>,
    plan: Arc<Mutex<VecDeque<Answer>>>,
}

impl Api {
    fn start(plan: impl IntoIterator<Item = Answer>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let (send, calls) = channel();
        let plan = Arc::new(Mutex::new(plan.into_iter().collect()));
        let answers = Arc::clone(&plan);
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                // The site may hang up, and the test may be over.
                let _ = answer(&stream.unwrap(), &send, &answers);
            }
        });
        Self {
            address,
            calls,
            plan,
        }
    }

    fn config(&self) -> CdnConfig {
        CdnConfig {
            zone: ZONE.into(),
            token: Secret::parse("hush").unwrap(),
            api: format!("http://{}/client/v4", self.address),
            ..CdnConfig::default()
        }
    }

    fn cdn(&self, change: impl FnOnce(&mut Timing)) -> Cdn {
        let mut timing = Timing {
            collect: Duration::from_millis(20),
            retry: Duration::from_millis(10),
            ..Timing::default()
        };
        change(&mut timing);
        Cdn::start_with(&self.config(), timing).unwrap()
    }

    #[track_caller]
    fn call(&self) -> Call {
        self.calls.recv_timeout(LONG).unwrap()
    }
}

fn answer(
    stream: &TcpStream,
    send: &Sender<Call>,
    plan: &Mutex<VecDeque<Answer>>,
) -> std::io::Result<()> {
    let mut reader = BufReader::new(stream);
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") && reader.read_line(&mut head)? > 0 {}
    let head = head.to_ascii_lowercase();
    let length = head.lines().find_map(|line| {
        let text = line.strip_prefix("content-length:")?;
        text.trim().parse().ok()
    });
    let mut body = vec![0; length.unwrap_or(0)];
    reader.read_exact(&mut body)?;
    let call = Call {
        at: Instant::now(),
        line: head.lines().next().unwrap_or_default().to_owned(),
        head,
        body: serde_json::from_slice(&body).unwrap_or_default(),
    };
    let planned = plan.lock().unwrap().pop_front();
    let (status, headers, text) = planned.unwrap_or(("200 OK", "", DONE));
    let _ = send.send(call);
    let length = text.len();
    let mut stream = stream;
    write!(
        stream,
        "HTTP/1.1 {status}\r\ncontent-type: application/json\r\nconnection: close\r\n\
         content-length: {length}\r\n{headers}\r\n{text}"
    )
}

#[test]
fn a_call_is_as_the_documentation_says() {
    let api = Api::start([]);
    let cdn = api.cdn(|_| {});
    cdn.purge([0x1f3]);
    let call = api.call();
    let line = format!("post /client/v4/zones/{ZONE}/purge_cache http/1.1");
    assert_eq!(call.line, line);
    assert!(call.head.contains("\r\nauthorization: bearer hush\r\n"));
    assert!(call.head.contains("\r\ncontent-type: application/json\r\n"));
    assert_eq!(call.body, json!({"tags": ["g1f3"]}));
    assert!(cdn.flush(LONG));
    assert_eq!(cdn.trouble(), None);
    let counts = Counts {
        calls: 1,
        tags: 1,
        ..Counts::default()
    };
    assert_eq!(cdn.counts(), counts);
}

#[test]
fn a_burst_is_one_call_that_names_each_tag_once() {
    let api = Api::start([]);
    let cdn = api.cdn(|timing| timing.collect = MOMENT);
    for _ in 0..20 {
        cdn.purge([1, 2, 3]);
        cdn.purge([3, 4]);
    }
    assert_eq!(cdn.counts().waiting, 4);
    assert_eq!(api.call().tags(), [1, 2, 3, 4].map(tag));
    assert!(cdn.flush(LONG));
    assert!(api.calls.try_recv().is_err());
}

#[test]
fn many_tags_are_split_into_calls_of_what_the_api_takes() {
    let api = Api::start([]);
    let cdn = api.cdn(|timing| timing.collect = LONG);
    let count = u16::try_from(TAGS_PER_CALL).unwrap() * 2 + 7;
    cdn.purge(0..count);
    assert!(cdn.flush(LONG), "a flush does not wait for more tags");
    let calls: Vec<Vec<String>> = api.calls.try_iter().map(|call| call.tags()).collect();
    let lengths: Vec<usize> = calls.iter().map(Vec::len).collect();
    assert_eq!(lengths, [TAGS_PER_CALL, TAGS_PER_CALL, 7]);
    let sent: BTreeSet<String> = calls.into_iter().flatten().collect();
    assert_eq!(sent.len(), usize::from(count));
    assert_eq!(cdn.counts().tags, u64::from(count));
}

#[test]
fn what_failed_is_sent_again_with_what_came_since() {
    let broken: Answer = ("500 Internal Server Error", "", "oops");
    let api = Api::start([broken, ("502 Bad Gateway", "", "")]);
    let cdn = api.cdn(|timing| timing.retry = MOMENT);
    cdn.purge([1, 2]);
    assert_eq!(api.call().tags(), [1, 2].map(tag));
    cdn.purge([2, 3]);
    assert_eq!(api.call().tags(), [1, 2, 3].map(tag));
    assert!(cdn.trouble().unwrap().contains("50"));
    assert_eq!(api.call().tags(), [1, 2, 3].map(tag));
    assert!(cdn.flush(LONG));
    assert_eq!(cdn.trouble(), None);
    let counts = Counts {
        calls: 3,
        failures: 2,
        tags: 3,
        ..Counts::default()
    };
    assert_eq!(cdn.counts(), counts);
}

#[test]
fn nobody_there_is_tried_again() {
    let api = Api::start([]);
    let mut config = api.config();
    // A port that was free a moment ago.
    let closed = TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap();
    config.api = format!("http://{closed}");
    let timing = Timing {
        collect: Duration::ZERO,
        retry: Duration::from_millis(5),
        retry_most: Duration::from_millis(20),
        ..Timing::default()
    };
    let cdn = Cdn::start_with(&config, timing).unwrap();
    cdn.purge([1]);
    let end = Instant::now() + LONG;
    while cdn.counts().failures < 5 {
        assert!(Instant::now() < end);
        cdn.flush(Duration::from_millis(5));
    }
    assert_eq!(cdn.counts().tags, 0);
    assert!(cdn.trouble().is_some());
}

#[test]
fn a_rate_limit_is_waited_for_as_long_as_it_says() {
    let limited: Answer = ("429 Too Many Requests", "Retry-After: 1\r\n", TOO_MANY);
    let api = Api::start([limited]);
    let cdn = api.cdn(|_| {});
    cdn.purge([1]);
    let first = api.call();
    let second = api.call();
    assert!(second.at - first.at >= Duration::from_secs(1));
    assert_eq!(second.tags(), [tag(1)]);
    assert!(cdn.flush(LONG));
    assert_eq!(cdn.counts().failures, 1);
}

#[test]
fn a_refused_call_is_told_once_and_not_repeated_soon() {
    for (status, told) in [
        (
            "403 Forbidden",
            "403 Forbidden; Authentication error (10000)",
        ),
        (
            "400 Bad Request",
            "400 Bad Request; Authentication error (10000)",
        ),
    ] {
        let api = Api::start([(status, "", NO_TOKEN)]);
        let cdn = api.cdn(|_| {});
        cdn.purge([1]);
        api.call();
        assert!(!cdn.flush(MOMENT));
        cdn.purge([2]);
        assert!(!cdn.flush(MOMENT));
        assert!(api.calls.try_recv().is_err(), "it called again");
        assert_eq!(cdn.trouble().as_deref(), Some(told));
        assert_eq!((cdn.counts().calls, cdn.counts().waiting), (1, 2));
    }
}

#[test]
fn when_a_refusal_is_over_what_waited_is_sent() {
    let api = Api::start([("403 Forbidden", "", NO_TOKEN)]);
    let cdn = api.cdn(|timing| timing.refused = MOMENT);
    cdn.purge([1]);
    api.call();
    cdn.purge([2]);
    assert_eq!(api.call().tags(), [1, 2].map(tag));
    assert!(cdn.flush(LONG));
    assert_eq!(cdn.trouble(), None);
}

#[test]
fn too_many_tags_purge_everything_once() {
    let api = Api::start([("503 Service Unavailable", "", "")]);
    let cdn = api.cdn(|timing| timing.collect = LONG);
    cdn.purge(0..=u16::try_from(MOST_WAITING).unwrap());
    cdn.purge([1, 2]);
    assert_eq!(cdn.counts().waiting, u64::from(GROUPS));
    assert!(cdn.flush(LONG));
    for _ in 0..2 {
        assert_eq!(api.call().body, json!({"purge_everything": true}));
    }
    assert!(api.calls.try_recv().is_err());
    let counts = cdn.counts();
    assert_eq!((counts.everything, counts.tags, counts.waiting), (1, 0, 0));
    cdn.purge_all();
    assert!(cdn.flush(LONG));
    assert_eq!(api.call().body, json!({"purge_everything": true}));
}

#[test]
fn an_end_is_not_held_up_by_what_waits_or_hangs() {
    let api = Api::start([("403 Forbidden", "", NO_TOKEN)]);
    let cdn = api.cdn(|_| {});
    cdn.purge([1]);
    api.call();
    let start = Instant::now();
    drop(cdn);
    assert!(start.elapsed() < Duration::from_secs(2));
    // Accepts in the backlog, and never answers.
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let mut config = api.config();
    config.api = format!("http://{}", silent.local_addr().unwrap());
    let timing = Timing {
        collect: Duration::ZERO,
        end: MOMENT,
        ..Timing::default()
    };
    let cdn = Cdn::start_with(&config, timing).unwrap();
    cdn.purge([1]);
    silent.accept().unwrap();
    let start = Instant::now();
    drop(cdn);
    assert!(start.elapsed() < Duration::from_secs(5));
    assert!(api.plan.lock().unwrap().is_empty());
}

#[test]
fn pages_say_by_what_they_can_be_purged_and_a_change_purges_exactly_those() {
    let api = Api::start([]);
    let config = api.config();
    let site = TestApp::with(move |with| with.cdn = Some(config));
    assert_eq!(
        api.call().body,
        json!({"purge_everything": true}),
        "the start purges what an earlier process may have left"
    );
    let voted = site.story("ada", "Voted for");
    let other = site.story("grace", "Left alone");
    let tags_of = |path: &str| -> BTreeSet<String> {
        let page = site.browser().get(path).expect(200);
        let control = page.header("cdn-cache-control").unwrap();
        assert!(control.starts_with("max-age=300"), "{control}");
        let tags = page.header("cache-tag").unwrap();
        assert!(tags.len() <= 1024, "{tags}");
        tags.split(',').map(str::to_owned).collect()
    };
    let pages = [
        ("/", true),
        (&*format!("/s/{voted}/voted-for"), true),
        ("/u/ada", true),
        (&*format!("/s/{other}/left-alone"), false),
        ("/u/grace", false),
        ("/guidelines", false),
    ];
    let tagged = pages.map(|(path, changes)| (path, changes, tags_of(path)));
    let mut bob = site.member("bob");
    let member = bob.get("/").expect(200);
    assert_eq!(member.header("cache-tag"), None);
    assert_eq!(member.header("cdn-cache-control"), None);
    assert!(site.app.cdn.as_ref().unwrap().flush(LONG));
    while api.calls.try_recv().is_ok() {}
    bob.post(&format!("/s/{voted}/vote"), &[]).expect(303);
    let purged: BTreeSet<String> = api.call().tags().into_iter().collect();
    for (path, changes, tags) in tagged {
        assert_eq!(
            !tags.is_disjoint(&purged),
            changes,
            "{path}: {tags:?}, purged {purged:?}"
        );
    }
}
