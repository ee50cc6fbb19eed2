//! How the process begins and ends, with the real one: drains, signals, handed-over sockets.

use std::io::{ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream, UdpSocket};
use std::os::fd::OwnedFd;
use std::path::Path;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::Ordering::Relaxed;
use std::sync::mpsc::{Receiver, Sender, channel};

use rustix::process::Signal;

use crate::app::TestApp;
use crate::raw::Raw;
use crate::served::{PATIENCE, Served, hand_over};

const TERM: Signal = Signal::TERM;

/// Connects and sends the first half of a form: a request that runs until [`finish`].
fn begin(address: SocketAddr) -> TcpStream {
    let mut stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    let head = format!(
        "POST /login HTTP/1.1\r\nhost: {address}\r\norigin: http://{address}\r\nexpect: 100-continue\r\n\
         content-type: application/x-www-form-urlencoded\r\ncontent-length: 21\r\n\r\n"
    );
    stream.write_all(head.as_bytes()).unwrap();
    // Its body is read from now on.
    let mut go_on = [0; 25];
    stream.read_exact(&mut go_on).unwrap();
    assert_eq!(&go_on, b"HTTP/1.1 100 Continue\r\n\r\n");
    stream.write_all(b"name=ada&pa").unwrap();
    stream
}

/// Sends the second half and takes the answer, to the connection's end.
fn finish(mut stream: TcpStream) -> String {
    stream.write_all(b"ssword=xyz").unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

/// Waits until nobody is let in any more.
fn closed(address: SocketAddr) {
    while TcpStream::connect(address).is_ok() {}
}

#[test]
fn while_draining_every_answer_ends_its_connection_and_only_readiness_fails() {
    let site = TestApp::start();
    let story = site.story("ada", "A story to look at");
    let mut member = site.member("grace");
    let mut visitor = site.browser();
    let page = format!("/s/{story}/a-story-to-look-at");
    let paths = ["/", "/newest", page.as_str(), "/up", "/livez", "/nowhere"];
    for path in paths {
        for browser in [&mut member, &mut visitor] {
            browser.get(path);
            assert_eq!(browser.get(path).header("connection"), None, "{path}");
        }
    }
    site.app.health.begin_draining();
    for path in paths {
        for browser in [&mut member, &mut visitor] {
            let reply = browser.get(path);
            assert_eq!(reply.header("connection"), Some("close"), "{path}");
            let expected = if path == "/nowhere" { 404 } else { 200 };
            reply.expect(expected);
        }
    }
    let kept = visitor.get("/");
    assert_eq!(kept.header("cache-status"), Some("site; hit"));
    assert_eq!(kept.header("connection"), Some("close"));
    visitor
        .get("/readyz")
        .expect(503)
        .has("\"reasons\":[\"draining\"]")
        .has("\"drain\":{\"reason\":\"it is about to end\",\"since\":\"20")
        .has("\"database\":{\"status\":\"pass\"}");
}

#[test]
fn a_running_request_is_finished_before_the_end() {
    let data = tempfile::tempdir().unwrap();
    let mut process = Served::with(&data.path().join("data"), &[]);
    let running = begin(process.address);
    process.signal(TERM);
    closed(process.address);
    let answer = finish(running);
    assert!(answer.starts_with("HTTP/1.1 4"), "{answer}");
    assert!(answer.contains("connection: close"), "{answer}");
    assert_eq!(process.ended(), Some(0));
    let wal = data.path().join("data/site.db-wal");
    let left = wal.metadata().map_or(0, |file| file.len());
    assert_eq!(left, 0, "the database file alone is whole");
}

#[test]
fn a_request_that_does_not_end_is_broken_off_when_the_time_to_drain_is_over() {
    let data = tempfile::tempdir().unwrap();
    let mut process = Served::with(&data.path().join("data"), &["--drain", "1s"]);
    let mut running = begin(process.address);
    process.signal(TERM);
    process.says("the time to drain is over");
    assert_eq!(process.ended(), Some(0));
    let mut rest = Vec::new();
    // Reset or closed: there is no answer.
    let _ = running.read_to_end(&mut rest);
    assert_eq!(rest, b"");
}

#[test]
fn an_idle_connection_does_not_hold_up_the_end() {
    let data = tempfile::tempdir().unwrap();
    let mut process = Served::with(&data.path().join("data"), &["--drain", "600s"]);
    let mut idle = Raw::connect(process.address);
    idle.get("/up", &[]);
    process.signal(TERM);
    process.says("stopped");
    assert_eq!(process.ended(), Some(0));
    assert!(idle.hear("GET").is_err());
}

#[test]
fn a_second_signal_ends_at_once() {
    let data = tempfile::tempdir().unwrap();
    let mut process = Served::with(&data.path().join("data"), &["--drain", "600s"]);
    let _running = begin(process.address);
    process.signal(TERM);
    process.says("draining");
    process.signal(Signal::INT);
    assert_eq!(process.ended(), Some(1));
}

/// How a request on a fresh connection went, unless it was let in and not answered.
#[derive(Debug)]
enum Went {
    Answered,
    Refused,
}

/// Connects, asks for a page, and takes the whole answer.
fn visit(address: SocketAddr, path: &str) -> std::io::Result<Went> {
    let Ok(mut stream) = TcpStream::connect(address) else {
        return Ok(Went::Refused);
    };
    stream.set_read_timeout(Some(PATIENCE))?;
    write!(
        stream,
        "GET {path} HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n\r\n"
    )?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer)?;
    if answer.starts_with(b"HTTP/1.1 200") {
        Ok(Went::Answered)
    } else {
        Err(ErrorKind::UnexpectedEof.into())
    }
}

/// Asks on one connection, again and again, until it is told that it ends.
fn busy(address: SocketAddr, answered: &Sender<()>) {
    let mut raw = Raw::connect(address);
    for path in ["/", "/newest", "/search?q=lamp", "/up"].iter().cycle() {
        let request = format!("GET {path} HTTP/1.1\r\nhost: {address}\r\n\r\n");
        raw.send(request.as_bytes())
            .expect("a kept connection is not closed before that is said");
        let answer = raw
            .hear("GET")
            .expect("what was sent on a kept connection is answered");
        assert_eq!(answer.status, 200, "{path}");
        // Nobody counts any more once the signal is sent.
        let _ = answered.send(());
        if answer.header("connection") == Some("close") {
            return;
        }
    }
}

/// Visits on fresh connections for as long as `on` says and everybody is answered.
fn fresh(
    address: SocketAddr,
    answered: &Sender<()>,
    on: impl Fn() -> bool,
) -> std::io::Result<Went> {
    while on() {
        match visit(address, "/newest")? {
            // Nobody counts any more once the signal is sent.
            Went::Answered => drop(answered.send(())),
            Went::Refused => return Ok(Went::Refused),
        }
    }
    Ok(Went::Answered)
}

/// Says when dropped that it is over, so that a failing test ends too.
struct Over<'a>(&'a AtomicBool);

impl Drop for Over<'_> {
    fn drop(&mut self) {
        self.0.store(true, Relaxed);
    }
}

/// Waits for so many answers.
fn wait(answers: &Receiver<()>, count: usize) {
    for _ in 0..count {
        answers.recv_timeout(PATIENCE).unwrap();
    }
}

/// One round: a site under load is stopped after so many answers of each kind.
fn stop_under_load(data: &Path, count: usize) {
    let mut process = Served::with(data, &["--drain", "60s"]);
    let address = process.address;
    let (kept, kept_answers) = channel();
    let (new, new_answers) = channel();
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| busy(address, &kept.clone()));
        }
        let visitors: Vec<_> = (0..4)
            .map(|_| scope.spawn(|| fresh(address, &new.clone(), || true)))
            .collect();
        wait(&kept_answers, count);
        wait(&new_answers, count);
        process.signal(TERM);
        for visitor in visitors {
            let went = visitor.join().unwrap();
            assert!(matches!(went, Ok(Went::Refused)), "{went:?}");
        }
    });
    assert_eq!(process.ended(), Some(0));
}

#[test]
fn a_stop_at_full_load_loses_no_request() {
    let data = tempfile::tempdir().unwrap();
    for round in 1..=3 {
        stop_under_load(&data.path().join("data"), 40 * round);
    }
}

#[test]
fn a_site_can_be_restarted_on_a_handed_over_socket_without_refusing_anybody() {
    let data = tempfile::tempdir().unwrap();
    let data = data.path().join("data");
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let mut first = Served::handed(&data, &listener);
    first.says("--listen is not used");
    assert_eq!(first.address, address);
    let (answered, answers) = channel();
    let is_over = AtomicBool::new(false);
    let mut second = std::thread::scope(|scope| {
        let over = Over(&is_over);
        let visitors: Vec<_> = (0..4)
            .map(|_| scope.spawn(|| fresh(address, &answered.clone(), || !is_over.load(Relaxed))))
            .collect();
        wait(&answers, 50);
        first.signal(TERM);
        assert_eq!(first.ended(), Some(0));
        // What is in the channel is from before; what comes later is the second one's.
        while answers.try_recv().is_ok() {}
        let second = Served::handed(&data, &listener);
        wait(&answers, 50);
        drop(over);
        for visitor in visitors {
            let went = visitor.join().unwrap();
            assert!(matches!(went, Ok(Went::Answered)), "{went:?}");
        }
        second
    });
    second.signal(TERM);
    assert_eq!(second.ended(), Some(0));
}

#[test]
fn a_handed_over_socket_that_cannot_be_used_is_said() {
    let data = tempfile::tempdir().unwrap();
    let data = data.path().join("data");
    let tcp = TcpListener::bind("127.0.0.1:0").unwrap();
    let udp = UdpSocket::bind("127.0.0.1:0").unwrap();
    let accepted = TcpStream::connect(tcp.local_addr().unwrap()).unwrap();
    let cases: [(OwnedFd, usize, &str); 3] = [
        (tcp.into(), 2, "handed over 2 sockets"),
        (udp.into(), 1, "is of no use"),
        (accepted.into(), 1, "does not listen"),
    ];
    for (socket, told, expected) in cases {
        let output = hand_over(&data, socket, told).output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(12), "{said}");
        assert!(said.contains(expected), "{said}");
        assert_eq!(said.lines().count(), 1, "{said}");
    }
    assert!(!data.exists(), "nothing was touched");
}

#[test]
fn the_thread_that_takes_connections_bears_the_name_that_is_watched() {
    let data = tempfile::tempdir().unwrap();
    let process = Served::with(&data.path().join("data"), &[]);
    assert_eq!(Raw::connect(process.address).get("/up", &[]).status, 200);
    let names = process.threads();
    // The kernel keeps the first 15 bytes of "actix-server acceptor".
    let watched = names.iter().any(|name| name == "actix-server ac");
    assert!(watched, "{names:?}");
}

#[test]
fn a_server_that_ends_unasked_is_an_error() {
    let data = tempfile::tempdir().unwrap();
    let mut config = site::config::Config::new(data.path().join("data"));
    config.listen = "127.0.0.1:0".parse().unwrap();
    let ended = actix_web::rt::System::new().block_on(async {
        let site = site::server::Site::open(config, site::time::Clock::System).unwrap();
        drop(site.handle().stop(false));
        let manager = site::service::Manager::absent();
        site.run_until(std::future::pending(), manager).await
    });
    let error = ended.unwrap_err();
    assert!(error.detail().contains("the server ended by itself"));
}
