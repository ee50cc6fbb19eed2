//! What the real process tells its service manager, and what it tells of itself while it cannot write.

use std::os::unix::net::UnixDatagram;
use std::path::Path;
use std::time::{Duration, Instant};

use rustix::process::Signal;

use crate::raw::Raw;
use crate::served::{PATIENCE, Served};
use crate::slow::until;

/// A service manager to be told things.
struct Told {
    socket: UnixDatagram,
    path: String,
    _dir: tempfile::TempDir,
}

impl Told {
    fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("notify");
        let socket = UnixDatagram::bind(&path).unwrap();
        socket.set_read_timeout(Some(PATIENCE)).unwrap();
        Self {
            socket,
            path: path.to_str().unwrap().to_owned(),
            _dir: dir,
        }
    }

    /// A site that tells it, and is to give a sign of life within two seconds.
    fn serve(&self, data: &Path) -> Served {
        let variables = [
            ("NOTIFY_SOCKET", self.path.as_str()),
            ("WATCHDOG_USEC", "2000000"),
        ];
        Served::told(&data.join("data"), &variables)
    }

    fn next(&self) -> std::io::Result<String> {
        let mut buffer = [0; 512];
        let length = self.socket.recv(&mut buffer)?;
        Ok(String::from_utf8_lossy(&buffer[..length]).into_owned())
    }

    /// Waits for a message with this line.
    #[track_caller]
    fn hears(&self, line: &str) -> String {
        let begun = Instant::now();
        loop {
            let message = self.next().unwrap();
            assert!(begun.elapsed() < PATIENCE, "{line} is never heard");
            if message.lines().any(|found| found == line) {
                return message;
            }
        }
    }

    /// Takes what there is, and waits until nothing has come for a while.
    #[track_caller]
    fn hears_nothing_more(&self) {
        let pause = Duration::from_secs(1);
        self.socket.set_read_timeout(Some(pause)).unwrap();
        until(|| self.next().is_err(), || ());
        self.socket.set_read_timeout(Some(PATIENCE)).unwrap();
    }
}

#[test]
fn the_service_manager_is_told_of_start_life_and_end() {
    let data = tempfile::tempdir().unwrap();
    let manager = Told::new();
    let mut process = manager.serve(data.path());
    let ready = manager.hears("READY=1");
    let status = format!("STATUS=serving http://{}\n", process.address);
    assert!(ready.contains(&status), "{ready}");
    assert_eq!(
        Raw::connect(process.address).get("/readyz", &[]).status,
        200
    );
    manager.hears("WATCHDOG=1");
    manager.hears("WATCHDOG=1");
    process.signal(Signal::TERM);
    let stopping = manager.hears("STOPPING=1");
    assert!(stopping.contains("STATUS=draining"), "{stopping}");
    assert_eq!(process.ended(), Some(0));
}

#[test]
fn a_site_that_cannot_write_says_so_and_gives_no_sign_of_life() {
    let data = tempfile::tempdir().unwrap();
    let manager = Told::new();
    let process = manager.serve(data.path());
    manager.hears("WATCHDOG=1");
    // Another process keeps the database to itself.
    let other = rusqlite::Connection::open(data.path().join("data/site.db")).unwrap();
    other.execute_batch("begin exclusive").unwrap();
    let ask = |path: &str| Raw::connect(process.address).get(path, &[]);
    until(|| ask("/livez").status != 200, || ());
    assert!(ask("/livez").text().contains("\"reasons\":[\"writer\"]"));
    let ready = ask("/readyz");
    assert_eq!(ready.status, 503);
    let ready = ready.text();
    assert!(ready.contains("\"reasons\":[\"writer\"]"), "{ready}");
    assert!(
        ready.contains("\"database\":{\"status\":\"pass\"}"),
        "{ready}"
    );
    assert!(
        ready.contains("\"writer\":{\"reason\":\"its probe"),
        "{ready}"
    );
    assert_eq!(ask("/up").status, 200);
    assert_eq!(ask("/").status, 200, "what can be read is served");
    manager.hears_nothing_more();
    other.execute_batch("rollback").unwrap();
    manager.hears("WATCHDOG=1");
    until(|| ask("/readyz").status == 200, || ());
    assert_eq!(ask("/livez").status, 200);
}
