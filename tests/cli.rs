//! The executable as an operator meets it: processes, exit codes, signals, standard input.

/// The doctor.
mod doctor;

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Output, Stdio};

use rustix::process::{Pid, Signal, kill_process};

use crate::app::TestApp;

/// `site` with these arguments, free of this machine's environment.
fn command(data: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_site"));
    command.env_clear().args(arguments).arg("--data").arg(data);
    command
}

/// Runs `site` to its end, with this on standard input.
fn run_with(data: &Path, arguments: &[&str], input: &str) -> Output {
    let mut child = command(data, arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // A command that does not read may have ended already.
    let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
    child.wait_with_output().unwrap()
}

fn run(data: &Path, arguments: &[&str]) -> Output {
    run_with(data, arguments, "")
}

fn out(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

fn err(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// Success, or a failing test with what was said.
#[track_caller]
fn good(output: &Output) -> String {
    assert!(output.status.success(), "{}{}", out(output), err(output));
    out(output)
}

/// This exit code, and what was said on standard error.
#[track_caller]
fn bad(output: &Output, code: i32) -> String {
    assert_eq!(
        output.status.code(),
        Some(code),
        "{}{}",
        out(output),
        err(output)
    );
    err(output)
}

/// A served site; killed when dropped.
struct Served {
    child: Child,
    lines: BufReader<ChildStdout>,
    address: String,
}

impl Served {
    fn start(data: &Path) -> Self {
        let mut child = command(data, &["serve", "--listen", "127.0.0.1:0"])
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap());
        let mut first = String::new();
        lines.read_line(&mut first).unwrap();
        let address = first.trim().strip_prefix("listening on http://");
        let address = address.unwrap_or_else(|| panic!("{first:?}")).to_owned();
        Self {
            child,
            lines,
            address,
        }
    }

    fn signal(&self, signal: Signal) {
        let pid = i32::try_from(self.child.id()).unwrap();
        kill_process(Pid::from_raw(pid).unwrap(), signal).unwrap();
    }

    fn stop(mut self) -> Option<i32> {
        self.signal(Signal::TERM);
        self.child.wait().unwrap().code()
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn data() -> (tempfile::TempDir, PathBuf) {
    let dir = tempfile::tempdir().unwrap();
    let data = dir.path().join("data");
    (dir, data)
}

#[test]
fn a_first_start_says_where_it_listens_and_where_the_set_up_link_is() {
    let (_dir, data) = data();
    let mut served = Served::start(&data);
    let mut second = String::new();
    served.lines.read_line(&mut second).unwrap();
    assert!(
        second.contains("setup-url") && !second.contains("/setup/"),
        "{second}"
    );
    let file = data.join("setup-url");
    assert_eq!(file.metadata().unwrap().permissions().mode() & 0o777, 0o600);
    let link = std::fs::read_to_string(file).unwrap();
    assert!(
        link.starts_with(&format!("http://{}/setup/", served.address)),
        "{link}"
    );
    assert_eq!(data.metadata().unwrap().permissions().mode() & 0o777, 0o700);
    assert_eq!(
        data.join("site.db")
            .metadata()
            .unwrap()
            .permissions()
            .mode()
            & 0o077,
        0
    );
}

#[test]
fn the_file_of_the_set_up_link_goes_with_the_first_administrator() {
    let (_dir, data) = data();
    let mut served = Served::start(&data);
    let mut second = String::new();
    served.lines.read_line(&mut second).unwrap();
    let file = data.join("setup-url");
    assert!(file.exists());
    let made = run_with(
        &data,
        &["admin", "create", "ada"],
        "a long walk by the sea\n",
    );
    assert!(made.status.success());
    assert!(!file.exists());
    drop(served);
}

#[test]
fn a_second_process_is_refused_and_told_the_pid_of_the_first() {
    let (_dir, data) = data();
    let served = Served::start(&data);
    let text = bad(&run(&data, &["serve", "--listen", "127.0.0.1:0"]), 15);
    assert!(
        text.contains(&format!("pid {}", served.child.id())),
        "{text}"
    );
}

#[test]
fn a_data_directory_that_cannot_be_one_is_refused() {
    let (dir, _) = data();
    let file = dir.path().join("file");
    std::fs::write(&file, "x").unwrap();
    let text = bad(&run(&file, &["serve", "--listen", "127.0.0.1:0"]), 13);
    assert!(text.contains("cannot be used"), "{text}");
}

#[test]
fn a_database_of_a_newer_version_is_refused_and_left_as_it_is() {
    let (_dir, data) = data();
    std::fs::create_dir(&data).unwrap();
    let file = data.join("site.db");
    rusqlite::Connection::open(&file)
        .unwrap()
        .execute_batch("pragma journal_mode = wal; create table t (x); pragma user_version = 9999;")
        .unwrap();
    let before = std::fs::read(&file).unwrap();
    let text = bad(&run(&data, &["serve", "--listen", "127.0.0.1:0"]), 14);
    assert!(text.contains("schema 9999"), "{text}");
    assert_eq!(std::fs::read(&file).unwrap(), before);
    assert!(bad(&run(&data, &["doctor"]), 1).contains("dealt with"));
}

#[test]
fn a_port_that_is_taken_is_said_so() {
    let (_dir, data) = data();
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let text = bad(&run(&data, &["serve", "--listen", &address]), 1);
    assert!(
        text.contains(&address) && text.contains("--listen"),
        "{text}"
    );
    assert!(
        !data.join("site.db").exists(),
        "nothing is written by a site that cannot serve"
    );
}

#[test]
fn wrong_configuration_ends_with_12_and_wrong_usage_with_2() {
    let (dir, data) = data();
    let file = dir.path().join("site.toml");
    std::fs::write(&file, "lisen = '127.0.0.1:0'").unwrap();
    let file = file.to_str().unwrap();
    let text = bad(&run(&data, &["serve", "--config", file]), 12);
    assert!(text.contains("did you mean \"listen\"?"), "{text}");
    let output = command(&data, &["config", "check"])
        .env("SITE_LIMITS", "perhaps")
        .output()
        .unwrap();
    assert!(bad(&output, 12).contains("SITE_LIMITS"));
    bad(
        &run(&data, &["serve", "--config", "/nowhere/site.toml"]),
        12,
    );
    bad(&run(&data, &["serve", "--listen", "nonsense"]), 2);
    bad(&run(&data, &["serve", "--nonsense"]), 2);
    assert!(!data.exists(), "nothing may be made by a wrong call");
}

#[test]
fn the_configuration_is_shown_with_the_source_of_each_value() {
    let (dir, data) = data();
    let file = dir.path().join("site.toml");
    std::fs::write(&file, "drain = '5s'\nlisten = '127.0.0.1:1'").unwrap();
    let output = command(&data, &["config", "show", "--json", "--limits", "off"])
        .arg("--config")
        .arg(&file)
        .env("SITE_SIGNUP", "invite")
        .env("PORT", "7000")
        .output()
        .unwrap();
    let shown: serde_json::Value = serde_json::from_str(&good(&output)).unwrap();
    for (key, value, source) in [
        ("limits", "off", "--limits"),
        ("signup", "invite", "SITE_SIGNUP"),
        ("listen", "0.0.0.0:7000", "PORT"),
        ("drain", "5s", file.to_str().unwrap()),
        ("access-log", "off", "default"),
        ("name", "Semicolon", "default"),
    ] {
        assert_eq!(shown[key]["value"], value, "{key}");
        assert_eq!(shown[key]["source"], source, "{key}");
    }
    assert!(
        good(&run(&data, &["config", "show"]))
            .contains("listen           127.0.0.1:8080  [default]")
    );
    assert!(!data.exists(), "looking makes nothing");
}

#[test]
fn sigterm_lets_a_running_request_finish_and_ends_with_0() {
    let (_dir, data) = data();
    let served = Served::start(&data);
    let mut stream = TcpStream::connect(&served.address).unwrap();
    let idle = TcpStream::connect(&served.address).unwrap();
    let head = "POST /submit HTTP/1.1\r\nhost: x\r\ncontent-type: application/x-www-form-urlencoded\r\n\
        content-length: 7\r\nexpect: 100-continue\r\n\r\n";
    stream.write_all(head.as_bytes()).unwrap();
    let mut continued = [0; 25];
    stream.read_exact(&mut continued).unwrap();
    assert!(
        continued.starts_with(b"HTTP/1.1 100 Continue"),
        "the request runs"
    );
    served.signal(Signal::TERM);
    stream.write_all(b"title=x").unwrap();
    let mut reply = String::new();
    stream.read_to_string(&mut reply).unwrap();
    assert!(reply.starts_with("HTTP/1.1 4"), "{reply}");
    assert!(reply.ends_with("</html>"), "{reply}");
    let mut served = served;
    assert_eq!(served.child.wait().unwrap().code(), Some(0));
    drop(idle);
    let wal = std::fs::metadata(data.join("site.db-wal")).map_or(0, |wal| wal.len());
    assert_eq!(wal, 0, "the database file alone is complete");
    assert!(!data.join("control.sock").exists());
}

#[test]
fn an_administrator_is_made_through_standard_input_whether_the_site_runs_or_not() {
    let (_dir, data) = data();
    let secret = "violet ladders sing\n";
    assert!(
        good(&run_with(&data, &["admin", "create", "ada"], secret))
            .contains("ada is an administrator")
    );
    let served = Served::start(&data);
    good(&run_with(&data, &["admin", "create", "grace"], secret));
    assert!(bad(&run_with(&data, &["admin", "create", "Grace"], secret), 1).contains("taken"));
    assert!(
        bad(&run_with(&data, &["admin", "create", "joan"], "short\n"), 1).contains("too short")
    );
    assert!(bad(&run(&data, &["admin", "setup-url"]), 1).contains("has an administrator already"));
    good(&run(&data, &["admin", "role", "ada", "moderator"]));
    assert!(
        bad(&run(&data, &["admin", "role", "grace", "member"]), 1).contains("only administrator")
    );
    assert!(bad(&run(&data, &["admin", "role", "nobody", "admin"]), 1).contains("no member"));
    assert_eq!(served.stop(), Some(0));
}

#[test]
fn a_reset_password_ends_the_sessions_of_the_running_site() {
    let site = TestApp::start();
    let mut ada = site.member("ada");
    ada.get("/").expect(200).has("data-me=\"ada\"");
    let data = &site.app.config.data;
    good(&run_with(
        data,
        &["admin", "reset-password", "ada"],
        "violet ladders sing\n",
    ));
    ada.get("/").expect(200).lacks("data-me");
    let mut grace = site.member("grace");
    good(&run(data, &["admin", "role", "grace", "moderator"]));
    grace.get("/").expect(200).lacks("data-me");
}

#[test]
fn health_and_status_tell_whether_the_site_of_the_data_directory_runs() {
    let (_dir, data) = data();
    for command in ["healthcheck", "status"] {
        assert!(bad(&run(&data, &[command]), 1).contains("No site runs"));
    }
    let served = Served::start(&data);
    assert_eq!(good(&run(&data, &["healthcheck"])), "ok\n");
    let status: serde_json::Value =
        serde_json::from_str(&good(&run(&data, &["status", "--json"]))).unwrap();
    assert_eq!(status["address"], served.address);
    assert_eq!(status["pid"], served.child.id());
    let socket = data.join("control.sock").metadata().unwrap();
    assert_eq!(socket.permissions().mode() & 0o777, 0o600);
}

#[test]
fn what_a_killed_site_left_behind_stops_neither_commands_nor_the_next_start() {
    let (_dir, data) = data();
    let mut served = Served::start(&data);
    served.signal(Signal::KILL);
    served.child.wait().unwrap();
    assert!(data.join("control.sock").exists());
    good(&run_with(
        &data,
        &["admin", "create", "ada"],
        "violet ladders sing\n",
    ));
    let served = Served::start(&data);
    good(&run(&data, &["healthcheck"]));
    assert_eq!(served.stop(), Some(0));
}

#[test]
fn commands_reach_a_site_whose_path_is_longer_than_a_sockets_address() {
    let (dir, _) = data();
    let deep = dir.path().join("d".repeat(120)).join("data");
    let _served = Served::start(&deep);
    good(&run(&deep, &["healthcheck"]));
}

#[test]
fn version_and_completion_are_printed() {
    let (_dir, data) = data();
    assert!(good(&run(&data, &["version"])).starts_with(concat!(
        "site ",
        env!("CARGO_PKG_VERSION"),
        " (schema "
    )));
    assert!(good(&run(&data, &["version", "--json"])).contains("\"sqlite\":\"3."));
    assert!(good(&run(&data, &["completion", "bash"])).contains("healthcheck"));
    let help = good(&run(&data, &["serve", "--help"]));
    for key in site::config::key::KEYS {
        assert!(
            help.contains(&format!("--{}", key.name)) && help.contains(&key.variable()),
            "{}",
            key.name
        );
    }
}

#[test]
fn the_readme_lists_every_key_of_the_configuration() {
    let readme = include_str!("../README.md");
    for key in site::config::key::KEYS {
        let row = format!("| `{}` | `{}` |", key.name, key.variable());
        assert!(readme.contains(&row), "{row}");
    }
}
