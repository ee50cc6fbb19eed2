//! The access log: a line for each request that is answered, with what it took.

use serde_json::Value;

use crate::raw::Raw;
use crate::served::Served;

/// The line of a request for this path.
fn line(site: &Served, path: &str) -> Value {
    let line = site.says(&format!("\"path\":\"{path}\""));
    serde_json::from_str(&line).unwrap()
}

#[test]
fn a_line_tells_number_route_status_cache_waits_and_address() {
    let dir = tempfile::tempdir().unwrap();
    let data = dir.path().join("data");
    let site = Served::with(&data, &["--access-log", "all", "--demo"]);
    let mut raw = Raw::connect(site.address);
    assert_eq!(raw.get("/newest", &[]).status, 200);
    let made = line(&site, "/newest");
    assert_eq!(
        (&made["method"], &made["route"], &made["status"]),
        (&"GET".into(), &"/newest".into(), &200.into())
    );
    assert_eq!(made["cache"], "site; fwd=miss; stored");
    assert_eq!(made["address"], "127.0.0.1");
    let number = |value: &Value| value.as_f64().unwrap();
    assert!(number(&made["service_ms"]) > 0.0, "{made}");
    assert!(number(&made["queue_ms"]) > 0.0, "{made}");
    let work = number(&made["service_ms"]) + number(&made["queue_ms"]);
    assert!(number(&made["ms"]) >= work - 0.01, "{made}");
    assert_eq!(raw.get("/newest", &[]).status, 200);
    let kept = line(&site, "/newest");
    assert_eq!(kept["cache"], "site; hit");
    assert_eq!(
        (number(&kept["service_ms"]), number(&kept["queue_ms"])),
        (0.0, 0.0)
    );
    assert_ne!(made["request"], kept["request"]);
    assert_eq!(raw.get("/s/1/comments", &[]).status, 405);
    assert_eq!(line(&site, "/s/1/comments")["route"], "/s/{id}/comments");
}

#[test]
fn a_change_tells_what_the_writer_took() {
    let dir = tempfile::tempdir().unwrap();
    let site = Served::with(&dir.path().join("data"), &["--access-log", "all"]);
    let mut wire = crate::wire::Wire::connect(site.address).unwrap();
    let form = [
        ("name", "ada"),
        ("email", "ada@example.org"),
        ("password", "a lamp on every landing"),
    ];
    assert_eq!(wire.post("/signup", "", &form).unwrap().status, 303);
    let line = line(&site, "/signup");
    assert!(line["service_ms"].as_f64().unwrap() > 0.0, "{line}");
}

#[test]
fn addresses_can_be_left_out() {
    let dir = tempfile::tempdir().unwrap();
    let flags = ["--access-log", "all", "--log-addresses", "off"];
    let site = Served::with(&dir.path().join("data"), &flags);
    let mut raw = Raw::connect(site.address);
    for path in ["/newest", "/about", "/nothing", "/assets/nothing.css"] {
        raw.get(path, &[]);
        let line = site.says(&format!("\"path\":\"{path}\""));
        assert!(!line.contains("127.0.0.1"), "{line}");
    }
}
