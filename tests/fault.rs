//! What breaks, and what goes on all the same: a failing page, a panicking read, a clock that jumps.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Duration;

use site::config::Config;
use site::pool::Lane;
use site::server::Site;
use site::store::{self, Conn, Store};
use site::time::Clock;

use crate::app::{PASSWORD, TestApp};
use crate::raw::Raw;
use crate::served::Served;
use crate::slow::until;

#[test]
fn a_page_that_fails_shows_the_number_under_which_the_log_knows_it() {
    let dir = tempfile::tempdir().unwrap();
    let data = dir.path().join("data");
    drop(Store::open(&data, Clock::System, 1).unwrap());
    rusqlite::Connection::open(data.join("site.db"))
        .unwrap()
        .execute_batch("alter table comment rename to gone")
        .unwrap();
    let site = Served::with(&data, &[]);
    let mut raw = Raw::connect(site.address);
    let page = raw.get("/comments", &[]);
    assert_eq!(page.status, 500);
    let text = page.text();
    let number = text
        .split("request <code>")
        .nth(1)
        .and_then(|rest| rest.split("</code>").next());
    site.says(&format!("\"request\":\"{}\"", number.unwrap()));
    let json = raw.get("/comments.json", &[("accept", "application/json")]);
    assert_eq!(json.status, 404, "there is no such address");
    let json = raw.get("/comments", &[("accept", "application/json")]);
    let told: serde_json::Value = serde_json::from_str(&json.text()).unwrap();
    assert_eq!(told["error"]["code"], "internal");
    let number = told["error"]["request"].as_str().unwrap();
    site.says(&format!("\"request\":\"{number}\""));
    assert_eq!(raw.get("/about", &[]).status, 200);
}

#[test]
fn a_read_that_panics_poisons_neither_its_connection_nor_its_worker() {
    let site = TestApp::with(|config| config.workers_max = Some(3));
    site.story("ada", "Still here");
    for _ in 0..20 {
        let read = site.app.read(|conn: &Conn| -> site::error::Result<()> {
            conn.query_row("select count(*) from story", [], |_| Ok(()))?;
            panic!("on purpose")
        });
        let done = actix_web::rt::System::new().block_on(read);
        assert!(
            matches!(done, Err(site::error::Error::Internal(_))),
            "{done:?}"
        );
    }
    // The last ones are counted just after they were answered.
    let report = || site.app.pool.report().unwrap();
    until(|| report().lanes[Lane::Page as usize].panicked == 20, || ());
    let report = report();
    assert_eq!((report.threads, report.stuck), (3, 0));
    // A snapshot left open would keep the log from ever being restarted.
    site.browser().get("/").expect(200).has("Still here");
    assert_eq!(site.number("select count(*) from story"), 1);
}

#[test]
fn a_read_that_panics_outside_of_the_pool_gives_its_connection_back_whole() {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::open(dir.path(), Clock::System, 1).unwrap();
    for _ in 0..3 {
        let read = || store.read(|_| -> site::error::Result<()> { panic!("on purpose") });
        assert!(catch_unwind(AssertUnwindSafe(read)).is_err());
        assert!(store.read(store::setting::snapshot_txid).is_ok());
    }
}

#[test]
fn a_clock_that_jumps_stops_nobody_and_keeps_the_order_of_what_is_written() {
    const HOUR: i64 = 3_600_000;
    let site = TestApp::stopped();
    site.sign_up("ada");
    let mut last = 0;
    for jump in [
        HOUR,
        -HOUR,
        365 * 24 * HOUR,
        -367 * 24 * HOUR,
        2 * 24 * HOUR,
        -1,
        0,
    ] {
        site.jump(jump);
        let mut ada = site.browser();
        let form = [("name", "ada"), ("password", PASSWORD)];
        assert_eq!(ada.post("/login", &form).status, 303, "after {jump} ms");
        let title = format!("Written after {jump} ms");
        let story = site.story("bob", &title).raw();
        assert!(story > last, "ids are in the order of writing");
        last = story;
        for path in ["/newest", "/", "/active", "/top/all"] {
            site.browser().get(path).expect(200).has(&title);
        }
        ada.get("/settings").expect(200);
        assert_eq!(ada.post(&format!("/s/{story}/vote"), &[]).status, 303);
    }
    assert_eq!(
        site.number("select count(*) from story where score <> 2"),
        0
    );
}

#[test]
fn a_site_whose_control_socket_cannot_be_made_does_not_start() {
    let dir = tempfile::tempdir().unwrap();
    let data = dir.path().join("data");
    drop(Store::open(&data, Clock::System, 1).unwrap());
    // A folder is in the way of the socket's file.
    std::fs::create_dir(data.join("control.sock")).unwrap();
    let mut config = Config::new(data);
    config.listen = "127.0.0.1:0".parse().unwrap();
    config.drain = Duration::from_secs(1);
    let failed = Site::open(config, Clock::System).map(drop);
    assert!(
        matches!(failed, Err(site::error::Error::Io(_))),
        "{failed:?}"
    );
}
