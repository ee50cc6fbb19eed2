//! Two nodes as they are, seen by those who look after them: pages, metrics and health of a real primary and its standby.

use std::time::Duration;

use site::config::{Config, Secret};
use site::domain::user::Role;
use site::peer::Report;

use crate::app::TestApp;
use crate::raw::{Raw, metric};
use crate::slow::until;

const TOKEN: &str = "0123456789abcdef0123456789abcdef";

fn node(change: impl FnOnce(&mut Config)) -> TestApp {
    TestApp::with(|config| {
        config.nodes.token = Secret::parse(TOKEN).unwrap();
        config.drain = Duration::from_secs(1);
        change(config);
    })
}

fn standby_of(address: impl std::fmt::Display) -> TestApp {
    let url = format!("http://{address}").parse().unwrap();
    node(|config| config.nodes.follow = Some(url))
}

fn report(site: &TestApp) -> Report {
    site.app.peer().unwrap().report()
}

#[test]
fn a_primary_and_its_standby_show_each_other() {
    let primary = node(|_| {});
    let mut boss = primary.member_as("boss", Role::Admin);
    let standby = standby_of(primary.address);
    let is_level = || {
        let (ours, theirs) = (report(&primary), report(&standby));
        let all = ours.txid;
        ours.in_sync
            && ours
                .standbys
                .iter()
                .any(|one| (one.applied, one.received) == (all, all))
            && theirs.in_sync
            && theirs.txid == all
            && theirs
                .primary
                .is_some_and(|primary| primary.connected && primary.behind == 0)
    };
    until(is_level, || {});
    let page = boss.get("/admin/status").expect(200);
    let page = page
        .has("<dd>Primary</dd>")
        .has("In sync")
        .has(&format!("http://{}", standby.address));
    assert!(
        !page.body.contains("No standby is in sync"),
        "{}",
        page.body
    );
    // By the copy of the session.
    boss.at(&standby)
        .get("/admin/status")
        .expect(200)
        .has("<dd>Standby</dd>")
        .has(&format!("http://{}", primary.address))
        .has("Connected");
    assert_eq!(
        metric(primary.address, "site_node_role{role=\"primary\"}"),
        1
    );
    assert_eq!(metric(standby.address, "site_primary_connected"), 1);
    assert_eq!(metric(standby.address, "site_replica_in_sync"), 1);
    let node = report(&standby).node;
    let received = format!("site_standby_received_txid{{node=\"{node}\"}}");
    assert!(metric(primary.address, &received) > 0);
    standby.browser().get("/readyz").expect(200);
    // What is posted now waits for the standby, which is counted.
    primary.story("boss", "A story");
    assert!(metric(primary.address, "site_gate_wait_seconds_count") > 0);
    drop(primary);
    until(
        || {
            report(&standby)
                .primary
                .is_some_and(|primary| !primary.connected)
        },
        || {},
    );
    assert!(!report(&standby).in_sync);
    standby.browser().get("/readyz").expect(200).has("\"warn\"");
    boss.at(&standby)
        .get("/admin/status")
        .expect(200)
        .has("The primary cannot be reached:");
}

#[test]
fn a_standby_without_a_copy_has_no_page_to_show_and_says_how_it_is_all_the_same() {
    // Nobody listens there.
    let standby = standby_of("127.0.0.1:9");
    let told = standby.browser().get("/readyz").expect(503);
    told.has("\"copy\"").has("never heard");
    let text = Raw::connect(standby.address).get("/metrics", &[]).text();
    assert!(text.contains("site_primary_connected 0\n"), "{text}");
    assert!(!text.contains("site_primary_silent_seconds"));
    standby.browser().get("/admin/status").expect(503);
    standby.browser().get("/admin/status/events").expect(503);
}
