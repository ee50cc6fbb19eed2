//! Two nodes that both run: what one shows the other shows, whoever posts and wherever.

use super::{Node, Pair, bad, good, in_sync, same_page, site, until};
use crate::app::{Browser, PASSWORD};

/// Somebody who joins at this node.
fn sign_up(node: &Node, name: &str) -> Browser {
    let mut browser = node.browser();
    let email = format!("{name}@example.org");
    let fields = [("name", name), ("email", &email), ("password", PASSWORD)];
    browser.post("/signup", &fields).expect(303);
    browser
}

/// Posts a story; its address without the slug.
fn submit(browser: &mut Browser, title: &str) -> String {
    let fields = [
        ("title", title),
        ("url", ""),
        ("text", "To be read."),
        ("tags", "javascript"),
    ];
    let reply = browser.post("/submit", &fields).expect(303);
    let path = reply.location().split('?').next().unwrap().to_owned();
    path.rsplit_once('/').unwrap().0.to_owned()
}

#[test]
fn a_post_through_the_standby_is_seen_on_both_nodes_at_once() {
    let mut pair = Pair::start();
    let mut ada = sign_up(&pair.b, "ada");
    let mut bob = sign_up(&pair.a, "bob");
    let story = submit(&mut ada, "A lamp on every landing");
    // Whoever posted sees it on each node, by what their browser carries; visitors at the one that wrote it.
    for node in [&pair.b, &pair.a] {
        let mut ada = ada.at_address(node.address);
        ada.get("/newest")
            .expect(200)
            .has("A lamp on every landing")
            .has("/u/ada");
    }
    pair.a
        .browser()
        .get("/newest")
        .has("A lamp on every landing");
    pair.b
        .browser()
        .get("/newest")
        .has("A lamp on every landing");
    // A session made on one node is one on the other.
    let mut bob_there = bob.at_address(pair.b.address);
    let comments = format!("{story}/comments");
    let fields = [("text", "Said through the standby."), ("parent", "")];
    bob_there.post(&comments, &fields).expect(303);
    let reply = bob_there.post_json(&format!("{story}/vote"), &[]);
    assert_eq!(reply.body, r#"{"ok":true,"score":2,"voted":true}"#);
    let page = bob_there.get(&story);
    let page = bob_there.get(page.location()).expect(200).body;
    assert!(page.contains("Said through the standby."), "{page}");
    bob.at_address(pair.a.address)
        .get("/comments")
        .has("Said through the standby.");
    // And what the primary took itself comes to the standby.
    let other = submit(&mut bob, "Written at the primary");
    let mut bob_there = bob.at_address(pair.b.address);
    bob_there.get("/newest").has("Written at the primary");
    in_sync(&pair.a, &pair.b);
    for path in ["/newest", "/", "/comments", "/u/ada"] {
        same_page(&pair.a, &pair.b, path);
    }
    let moved = pair.b.browser().get(&other).location().to_owned();
    same_page(&pair.a, &pair.b, &moved);
    ada.post("/logout", &[]).expect(303);
    let mut gone = ada.at_address(pair.a.address);
    gone.get("/settings").expect(401);
    pair.same();
}

#[test]
fn a_node_says_as_json_and_in_words_how_it_is() {
    let pair = Pair::start();
    let said = |node: &Node| {
        let text = good(&site(&node.dir, &["status", "--json"]));
        let status: serde_json::Value = serde_json::from_str(&text).unwrap();
        status["node"].clone()
    };
    let (a, b) = (said(&pair.a), said(&pair.b));
    assert_eq!(
        (&a["role"], &a["in_sync"]),
        (&"primary".into(), &true.into())
    );
    assert_eq!(a["standbys"][0]["address"], pair.b.url());
    assert_eq!(b["role"], "standby");
    assert_eq!(b["primary"]["connected"], true);
    let words = good(&site(&pair.a.dir, &["status"]));
    assert!(
        words.contains("primary in epoch 1 (wait, in sync)"),
        "{words}"
    );
    let words = good(&site(&pair.b.dir, &["status"]));
    assert!(words.contains("0 transactions"), "{words}");
}

#[test]
fn commands_that_change_something_are_refused_on_a_standby_and_name_the_primary() {
    let mut pair = Pair::start();
    let refused = |pair: &Pair| {
        for command in [
            &["admin", "role", "ada", "moderator"][..],
            &["admin", "setup-url"],
            &["cache", "purge"],
        ] {
            let said = bad(&site(&pair.b.dir, command));
            assert!(said.contains(&pair.a.url()), "{command:?}: {said}");
        }
    };
    refused(&pair);
    pair.b.stop();
    refused(&pair);
    good(&site(&pair.a.dir, &["admin", "setup-url"]));
}

#[test]
fn a_purge_on_the_primary_reaches_what_the_standby_keeps() {
    let pair = Pair::start();
    let mut visitor = pair.b.browser();
    let mut is_hit = || visitor.get("/").expect(200).header("cache-status") == Some("site; hit");
    until("the page is kept", &mut is_hit);
    assert!(is_hit());
    good(&site(&pair.a.dir, &["cache", "purge"]));
    until("it is made anew", || !is_hit());
    until("the page is kept again", &mut is_hit);
}
