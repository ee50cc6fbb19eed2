//! What is known of the directory's links: when each is asked, and what is said of one that does not answer.

use std::net::TcpListener;
use std::time::Duration;

use site::domain::id::ResourceId;
use site::domain::link::Link;
use site::domain::resource::Draft;
use site::store::resource::check::{self, Outcome};
use site::store::{self, Conn};

use super::id_of;
use crate::app::TestApp;

#[test]
fn what_is_known_of_a_link_stands_beside_it() {
    let site = TestApp::stopped();
    let known = check(&site, "ESLint", Outcome::Answered);
    site.browser()
        .get("/resources")
        .has("checked <time datetime=\"2026-11-23");
    assert_eq!(known, (0, false));
    // Once may be a passing trouble.
    assert_eq!(check(&site, "ESLint", Outcome::Failed), (1, true));
    site.browser().get("/resources").lacks("did not answer");
    site.pass(Duration::from_hours(1));
    check(&site, "Codewars", Outcome::Answered);
    site.pass(Duration::from_hours(1));
    assert_eq!(check(&site, "ESLint", Outcome::Unreachable), (2, true));
    site.browser()
        .get("/resources")
        .has("did not answer since <time datetime=\"2026-11-23");
    assert_eq!(check(&site, "ESLint", Outcome::Answered), (0, false));
    site.browser().get("/resources").lacks("did not answer");
}

#[test]
fn who_reaches_nobody_says_nothing_of_others() {
    let site = TestApp::stopped();
    for _ in 0..3 {
        assert_eq!(check(&site, "ESLint", Outcome::Unreachable), (0, false));
    }
    assert_eq!(check(&site, "ESLint", Outcome::Failed), (1, true));
}

#[test]
fn an_outage_of_three_days_marks_nothing() {
    let site = TestApp::stopped();
    let start = site.app.now();
    site.tamper(&format!(
        "update resource set answered_ms = {0}, asked_ms = {0}, check_ms = check_ms + 60000",
        start.ms()
    ));
    let entries = site.number("select count(*) from resource");
    let mut asked = 0;
    // What is due is asked every hour, and within the first day every link.
    for _ in 0..72 {
        site.pass(Duration::from_hours(1));
        let now = site.app.now();
        let read = move |conn: &Conn| check::due(conn, now);
        while let Some((id, link)) = site.app.store.read(read).unwrap() {
            site.write(move |tx| check::checked(tx, id, &link, Outcome::Unreachable, 0.0));
            asked += 1;
        }
    }
    assert!(asked > 2 * entries, "{asked}");
    site.browser().get("/resources").lacks("did not answer");
    assert_eq!(
        site.number("select count(*) from resource where failures > 1"),
        0
    );
}

/// Notes an outcome; answers with the failures in a row, and whether it is failing.
fn check(site: &TestApp, title: &str, outcome: Outcome) -> (i64, bool) {
    let id = ResourceId::new(id_of(site, title));
    site.write(move |tx| {
        let link = store::resource::find(tx, id)?.entry.url;
        check::checked(tx, id, &link, outcome, 0.5)
    });
    let read = |conn: &Conn| store::resource::find(conn, id);
    let check = site.app.store.read(read).unwrap().check;
    (check.failures, check.failing.is_some())
}

#[test]
fn links_are_asked_one_by_one_about_once_a_week_and_a_changed_one_soon() {
    let site = TestApp::stopped();
    let due = |site: &TestApp| {
        let now = site.app.now();
        let read = move |conn: &Conn| check::due(conn, now);
        site.app.store.read(read).unwrap()
    };
    assert_eq!(due(&site), None, "not while the site starts");
    site.pass(Duration::from_hours(25));
    let mut asked = Vec::new();
    while let Some((id, link)) = due(&site) {
        asked.push(id);
        site.write(move |tx| check::checked(tx, id, &link, Outcome::Answered, 0.0));
    }
    let all = site.number("select count(*) from resource");
    asked.sort_unstable();
    asked.dedup();
    assert_eq!(i64::try_from(asked.len()).unwrap(), all);
    site.pass(Duration::from_hours(5 * 24));
    assert_eq!(due(&site), None);
    site.pass(Duration::from_hours(24));
    assert!(due(&site).is_some());
    // What came of a link that is not the entry's any more is not noted.
    let id = ResourceId::new(id_of(&site, "ESLint"));
    let old = Link::parse("https://old.example/").unwrap();
    site.write(move |tx| check::checked(tx, id, &old, Outcome::Failed, 0.0));
    let read = |conn: &Conn| store::resource::find(conn, id);
    assert_eq!(site.app.store.read(read).unwrap().check.failures, 0);
}

#[test]
fn the_round_never_connects_to_a_private_address() {
    let site = TestApp::stopped();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.set_nonblocking(true).unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    let entry = Draft {
        title: "Inside".into(),
        url: "https://inside.example/".into(),
        about: "An address of this machine.".into(),
        level: "beginner".into(),
        format: "tool".into(),
        cost: "free".into(),
        lang: "en".into(),
    };
    let entry = entry.check().unwrap();
    site.write(move |tx| store::resource::lay(tx, &[entry]));
    site.tamper(&format!(
        "update resource set check_ms = check_ms + 999999999 where title <> 'Inside';
         update resource set url = '{url}', check_ms = 0 where title = 'Inside'"
    ));
    let next = site::server::rounds::next(&site.app);
    actix_web::rt::System::new().block_on(next).unwrap();
    let failures = "select failures from resource where title = 'Inside'";
    assert_eq!(site.number(failures), 1);
    let refused = listener.accept().unwrap_err();
    assert_eq!(refused.kind(), std::io::ErrorKind::WouldBlock);
}
