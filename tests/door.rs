//! The front door: who keeps the site waiting is sent away, others are served meanwhile; what comes in strange shapes is
//! refused.

use std::io::{ErrorKind, Write};
use std::net::Shutdown;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll, Wake, Waker};
use std::time::{Duration, Instant};

use site::config::Patience;
use site::web::door::{Reason, Stream};
use tokio::io::{AsyncRead, AsyncWriteExt, ReadBuf};

use crate::app::TestApp;
use crate::process::Process;
use crate::raw::{Raw, metric};
use crate::slow::{Slow, until};

/// A site that looks often, with other patience.
fn patient(change: impl FnOnce(&mut Patience)) -> TestApp {
    TestApp::with(|config| {
        config.patience.sweep = Duration::from_millis(20);
        change(&mut config.patience);
    })
}

/// An answer of some size, so that a few of them fill any buffer.
fn with_a_long_page(site: &TestApp) -> String {
    let text = "All work and no play makes a dull page. ".repeat(400);
    let story = site.post_story("ada", "A long story", None, &text);
    format!("/s/{story}/a-long-story")
}

#[track_caller]
fn serves(site: &TestApp) {
    assert_eq!(Raw::connect(site.address).get("/", &[]).status, 200);
}

#[track_caller]
fn closed(site: &TestApp, reason: Reason) -> u64 {
    site.door.counts().closed(reason)
}

#[test]
fn a_head_that_does_not_come_is_not_waited_for() {
    let site = patient(|patience| patience.head = Duration::from_millis(300));
    let mut silent = Slow::connect(site.address);
    let mut half = Slow::connect(site.address);
    half.send(b"GET / HTTP/1.1\r\nhost: x\r\n");
    serves(&site);
    half.until_closed();
    silent.until_closed();
    assert!(half.text().starts_with("HTTP/1.1 408 "), "{}", half.text());
    assert_eq!(silent.text(), "");
    assert_eq!(closed(&site, Reason::Head), 2);
    serves(&site);
}

#[test]
fn a_head_that_drips_is_not_waited_for() {
    let site = patient(|patience| patience.head = Duration::from_millis(300));
    let mut client = Slow::connect(site.address);
    client.send(b"GET / HTTP/1.1\r\nhost: x\r\n");
    client.drip(b"a: b\r\n");
    assert_eq!(closed(&site, Reason::Head), 1);
}

#[test]
fn the_head_of_a_second_request_may_not_drip_either() {
    let site = patient(|patience| patience.head = Duration::from_millis(300));
    let mut client = Slow::connect(site.address);
    assert!(client.get("/about").starts_with("HTTP/1.1 200"));
    client.send(b"GET / HTTP/1.1\r\nhost: x\r\n");
    client.drip(b"a: b\r\n");
    assert_eq!(closed(&site, Reason::Head), 1);
}

#[test]
fn an_idle_connection_is_closed_and_one_in_use_is_not() {
    let site = patient(|patience| patience.idle = Duration::from_millis(300));
    let mut idle = Slow::connect(site.address);
    let mut used = Slow::connect(site.address);
    idle.get("/about");
    used.get("/about");
    until(
        || !idle.is_open(),
        || assert!(used.get("/").starts_with("HTTP/1.1 200")),
    );
    assert_eq!(closed(&site, Reason::Idle), 1);
}

fn begin_form(client: &mut Slow, framing: &str) {
    let head = format!(
        "POST /login HTTP/1.1\r\nhost: x\r\nsec-fetch-site: same-origin\r\n\
         content-type: application/x-www-form-urlencoded\r\n{framing}\r\n\r\n"
    );
    client.send(head.as_bytes());
}

#[test]
fn a_form_that_does_not_come_is_not_waited_for() {
    let site = patient(|patience| patience.body = Duration::from_millis(300));
    let mut client = Slow::connect(site.address);
    begin_form(&mut client, "content-length: 100");
    client.send(b"name=a");
    until(|| site.door.counts().bodies == 1, || ());
    serves(&site);
    client.until_closed();
    assert!(
        client.text().starts_with("HTTP/1.1 400"),
        "{}",
        client.text()
    );
    assert!(client.text().contains("took too long"), "{}", client.text());
    assert!(
        client.text().contains("connection: close"),
        "{}",
        client.text()
    );
    assert_eq!(closed(&site, Reason::Body), 1);
}

#[test]
fn a_form_that_drips_is_not_waited_for_in_any_framing() {
    let site = patient(|patience| {
        patience.body = Duration::from_millis(300);
        patience.leave = Duration::from_millis(100);
    });
    for (framing, piece) in [
        ("content-length: 100000", "a"),
        ("transfer-encoding: chunked", "1\r\na\r\n"),
    ] {
        let mut client = Slow::connect(site.address);
        begin_form(&mut client, framing);
        client.drip(piece.as_bytes());
        assert!(client.text().contains("took too long"), "{}", client.text());
    }
    assert_eq!(closed(&site, Reason::Body), 2);
}

#[test]
fn a_body_that_nobody_reads_may_not_drip_after_its_answer() {
    let site = patient(|patience| patience.head = Duration::from_millis(300));
    let mut client = Slow::connect(site.address);
    client.send(b"POST /nowhere HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n");
    client.drip(b"1\r\na\r\n");
    assert!(client.text().starts_with("HTTP/1.1 4"), "{}", client.text());
}

#[test]
fn who_does_not_read_is_cut_off() {
    let site = patient(|patience| patience.reader = Duration::from_millis(300));
    let path = with_a_long_page(&site);
    let mut client = Slow::connect(site.address);
    client.stuff(format!("GET {path} HTTP/1.1\r\nhost: x\r\n\r\n").as_bytes());
    until(|| closed(&site, Reason::Reader) == 1, || serves(&site));
    until(|| site.door.connections() == 0, || ());
    // What the system had kept for it is gone with the connection.
    assert_eq!(client.until_closed(), ErrorKind::ConnectionReset);
}

#[test]
fn who_reads_drop_by_drop_is_cut_off() {
    let site = patient(|patience| patience.reader = Duration::from_millis(300));
    let path = with_a_long_page(&site);
    let mut client = Slow::connect(site.address);
    client.stuff(format!("GET {path} HTTP/1.1\r\nhost: x\r\n\r\n").as_bytes());
    let mut silent = Slow::connect(site.address);
    let drip = || {
        let _ = client.listen(10);
        // It gives the time: nothing is ever told to it.
        let _ = silent.listen(1);
    };
    until(|| closed(&site, Reason::Reader) == 1, drip);
}

#[test]
fn who_reads_slowly_but_steadily_is_served() {
    let site = patient(|patience| {
        patience.reader = Duration::from_secs(2);
        patience.sweep = Duration::from_millis(10);
    });
    let path = with_a_long_page(&site);
    // From memory, as all others will be.
    Slow::connect(site.address).get(&path);
    let whole = Slow::connect(site.address).get(&path).len();
    let asked = 20_000_000 / whole;
    let request = format!("GET {path} HTTP/1.1\r\nhost: x\r\n\r\n");
    let mut client = Slow::connect(site.address);
    let mut sender = client.stream.try_clone().unwrap();
    sender.set_write_timeout(None).unwrap();
    let sending = std::thread::spawn(move || {
        for _ in 0..asked {
            sender.write_all(request.as_bytes()).unwrap();
        }
    });
    // Not before an answer is kept waiting; from then on it reads.
    until(|| site.door.counts().readers > 0, || ());
    let heard_all = || {
        client.listen(16_384).unwrap();
        client.heard.len() >= whole * asked
    };
    until(heard_all, || ());
    sending.join().unwrap();
    assert_eq!(closed(&site, Reason::Reader), 0);
}

/// What the kernel counts processor time in where others read it, on every Linux.
const TICKS_PER_SECOND: u64 = 100;

/// Time that a process has had on processors.
fn ticks(process: &Process) -> u64 {
    let stat = std::fs::read_to_string(format!("/proc/{}/stat", process.child.id())).unwrap();
    let (_, fields) = stat.rsplit_once(") ").unwrap();
    let fields: Vec<&str> = fields.split(' ').collect();
    fields[11].parse::<u64>().unwrap() + fields[12].parse::<u64>().unwrap()
}

#[test]
fn who_sends_on_and_on_and_reads_nothing_keeps_no_processor_busy() {
    let dir = tempfile::tempdir().unwrap();
    let process = Process::serve(&dir.path().join("data"));
    let client = Slow::connect(process.address).stream;
    client.set_write_timeout(None).unwrap();
    let mut sender = client.try_clone().unwrap();
    let requests = b"GET /about HTTP/1.1\r\nhost: x\r\n\r\n".repeat(100);
    let sending = std::thread::spawn(move || while sender.write_all(&requests).is_ok() {});
    until(
        || metric(process.address, "site_connections_unread") == 1,
        || (),
    );
    // It comes to rest while the client goes on: in some second it needs less than a fifth of one processor.
    let mut other = Slow::connect(process.address);
    let second = Duration::from_secs(1);
    let rests = || {
        let (begun, had) = (Instant::now(), ticks(&process));
        until(|| begun.elapsed() >= second, || drop(other.listen(1)));
        (ticks(&process) - had) * 5 < TICKS_PER_SECOND
    };
    until(rests, || ());
    assert_eq!(metric(process.address, "site_connections_unread"), 1);
    client.shutdown(Shutdown::Both).unwrap();
    sending.join().unwrap();
}

/// Counts how often a task would be polled again.
#[derive(Default)]
struct Wakes(AtomicUsize);

impl Wake for Wakes {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, Ordering::SeqCst);
    }
}

/// Reads what there is, as the dispatcher does in one poll.
fn read_once(stream: &mut Stream, waker: &Waker) -> usize {
    let (mut cx, mut all) = (Context::from_waker(waker), 0);
    let mut bytes = vec![0; 1 << 20];
    loop {
        let mut buffer = ReadBuf::new(&mut bytes);
        match Pin::new(&mut *stream).poll_read(&mut cx, &mut buffer) {
            Poll::Ready(read) => {
                read.unwrap();
                all += buffer.filled().len();
            }
            Poll::Pending => return all,
        }
    }
}

#[tokio::test]
async fn little_is_read_ahead_of_an_answer_and_the_rest_when_it_is_its_turn() {
    let site = TestApp::start();
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let mut client = tokio::net::TcpStream::connect(address).await.unwrap();
    let (socket, _) = listener.accept().await.unwrap();
    let mut stream = site.door.enter(socket).unwrap();
    let serving = stream.visit().serve();
    // It all fits into what the system keeps, so that it is there to be read.
    client.write_all(&vec![b'x'; 300_000]).await.unwrap();
    let counted = Arc::new(Wakes::default());
    let waker = Waker::from(Arc::clone(&counted));
    let woken = || counted.0.load(Ordering::SeqCst);
    let mut came = 0;
    while came < 48 * 1024 {
        came += read_once(&mut stream, &waker);
        stream.flush().await.unwrap();
        tokio::task::yield_now().await;
    }
    let before = woken();
    for _ in 0..100 {
        assert_eq!(read_once(&mut stream, &waker), 0);
        stream.flush().await.unwrap();
        tokio::task::yield_now().await;
    }
    assert_eq!((came, woken()), (48 * 1024, before));
    // A body is read to its end, a piece at each poll.
    let reading = stream.visit().read_body();
    assert_eq!(woken(), before + 1);
    while came < 150_000 {
        let piece = read_once(&mut stream, &waker);
        assert!(piece <= 48 * 1024);
        came += piece;
        stream.flush().await.unwrap();
        tokio::task::yield_now().await;
    }
    drop(reading);
    // The next request has its turn when this one is answered.
    loop {
        let piece = read_once(&mut stream, &waker);
        came += piece;
        if piece == 0 {
            break;
        }
    }
    assert!(came < 300_000);
    let before = woken();
    drop(serving);
    stream
        .write_all(b"HTTP/1.1 204 No Content\r\n\r\n")
        .await
        .unwrap();
    assert!(woken() > before);
    while came < 300_000 {
        came += read_once(&mut stream, &waker);
        stream.flush().await.unwrap();
        tokio::task::yield_now().await;
    }
}

#[test]
fn an_answer_that_only_the_system_holds_is_dropped_with_its_idle_connection() {
    let site = patient(|patience| patience.idle = Duration::from_millis(300));
    let path = with_a_long_page(&site);
    let mut client = Slow::connect_narrow(site.address);
    client.send(format!("GET {path} HTTP/1.1\r\nhost: x\r\n\r\n").as_bytes());
    until(|| closed(&site, Reason::Idle) == 1, || ());
    until(|| site.door.connections() == 0, || ());
    assert_eq!(client.until_closed(), ErrorKind::ConnectionReset);
}

#[test]
fn a_stop_closes_what_waits_for_nothing() {
    let site = patient(|_| ());
    let mut idle = Slow::connect(site.address);
    idle.get("/about");
    let mut silent = Slow::connect(site.address);
    let mut begun = Slow::connect(site.address);
    begun.get("/about");
    begun.heard.clear();
    begun.send(b"GET /about HTTP/1.1\r\n");
    let arrived = || {
        let counts = site.door.counts();
        (counts.accepted, counts.heads, counts.idle) == (3, 2, 1)
    };
    until(arrived, || ());
    site.door.drain();
    idle.until_closed();
    silent.until_closed();
    begun.send(b"host: x\r\n\r\n");
    begun.until_closed();
    assert!(begun.text().starts_with("HTTP/1.1 200"), "{}", begun.text());
    until(|| site.door.connections() == 0, || ());
}

#[test]
fn compressed_bodies_are_refused_wherever_they_go() {
    let site = TestApp::start();
    // 20 MB of zeros: small on its way, and never unpacked.
    let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    packer.write_all(&vec![0; 20_000_000]).unwrap();
    let bomb = packer.finish().unwrap();
    let header = [("content-encoding", "gzip")];
    for (method, path) in [
        ("POST", "/login"),
        ("POST", "/nowhere"),
        ("GET", "/"),
        ("GET", "/about"),
        ("PUT", "/"),
    ] {
        let answer = Raw::connect(site.address).ask(method, path, &header, &bomb);
        assert_eq!(answer.status, 415, "{method} {path}");
        assert_eq!(answer.told("connection"), "close");
        assert_eq!(answer.told("accept-encoding"), "identity");
        assert_eq!(answer.told("x-content-type-options"), "nosniff");
    }
    let json = [header[0], ("accept", "application/json")];
    let answer = Raw::connect(site.address).ask("POST", "/login", &json, &bomb);
    assert!(answer.text().contains("\"code\":\"encoded_body\""));
    // Without a body the header says nothing.
    let answer = Raw::connect(site.address).get("/", &header);
    assert_eq!(answer.status, 200);
}

#[test]
fn heads_over_32_kib_and_with_many_fields_are_refused() {
    let site = TestApp::start();
    let cookies = |bytes: usize| "a=b; ".repeat(bytes / 5);
    for path in ["/about", "/about", "/search?q=x"] {
        for (bytes, status) in [(20_000, 200), (31_000, 200), (34_000, 431), (100_000, 431)] {
            let cookie = cookies(bytes);
            let headers = [("cookie", cookie.as_str())];
            let answer = Raw::connect(site.address).get(path, &headers);
            assert_eq!(answer.status, status, "{path} {bytes}");
        }
    }
    let long = format!("/about?{}", "x".repeat(40_000));
    assert_eq!(Raw::connect(site.address).get(&long, &[]).status, 431);
    for fields in [100, 10_000] {
        let many = vec![("x-h", "y"); fields];
        assert_eq!(Raw::connect(site.address).get("/", &many).status, 431);
    }
}

#[test]
fn a_host_that_is_none_is_refused() {
    let site = TestApp::start();
    for path in ["/about", "/about", "/search"] {
        for (host, status) in [
            ("example.org:80", 200),
            ("[::1]", 200),
            ("a b", 400),
            ("a/b", 400),
        ] {
            let answer = Raw::connect(site.address).get(path, &[("host", host)]);
            assert_eq!(answer.status, status, "{path} {host}");
        }
    }
}

#[test]
fn connections_are_counted_for_the_operator() {
    let site = TestApp::start();
    let _idle = Slow::connect(site.address).get("/about");
    let mut reader = Raw::connect(site.address);
    // An answer may have come before it is noted as written.
    until(|| site.door.counts().serving == 0, || ());
    let text = reader.get("/metrics", &[]).text();
    for line in [
        "site_connections{phase=\"serving\"} 1",
        "site_connections_closed_total{reason=\"head\"} 0",
        "site_connections_limit ",
        "site_connections_accepted_total 2",
        "site_connections_unread 0",
    ] {
        assert!(text.contains(line), "{line} is not in {text}");
    }
}
