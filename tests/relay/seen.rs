//! What readers of two nodes are shown: never less than what they changed, and pages also where one node cannot make them.

use std::sync::atomic::Ordering;

use site::web::relay::carried::Question;

use super::pair::Pair;
use super::{STORY, stories};
use crate::cast::txid;
use crate::overload::HeldUp;

#[test]
fn whoever_has_changed_something_is_never_shown_less() {
    let pair = Pair::start();
    // At the primary, which the standby knows nothing of yet.
    let mut ada = pair.member("ada").at(&pair.primary);
    ada.post("/submit", &STORY).expect(303);
    let mut at_standby = ada.at(&pair.standby);
    at_standby.get("/newest").expect(200).has("Posted far away");
    assert_eq!(pair.wire.sent(), 1);
    let head = at_standby.head("/newest").expect(200);
    assert_eq!((head.body.as_str(), pair.wire.sent()), ("", 2));
    assert!(
        head.header("content-length")
            .is_some_and(|length| length != "0")
    );
    // Others are shown what is here, and so is who has lost their word of it, or made one up.
    pair.standby
        .browser()
        .get("/newest")
        .expect(200)
        .lacks("Posted far away");
    let forged = [(
        "cookie",
        "__Host-position=1-999999-00000000000000000000000000000000",
    )];
    pair.standby
        .browser()
        .get_with("/newest", &forged)
        .expect(200);
    assert_eq!(pair.wire.sent(), 2);
    // Health and assets are this node's own.
    at_standby.get("/readyz");
    assert_eq!(pair.wire.sent(), 2);
    // Once it is here, it is read here.
    pair.catch_up();
    at_standby.get("/newest").expect(200);
    assert_eq!(pair.wire.sent(), 2);
}

#[test]
fn an_answer_waits_until_its_change_is_here() {
    let pair = Pair::start();
    pair.wire.applies.store(false, Ordering::SeqCst);
    let mut ada = pair.member("ada");
    std::thread::scope(|scope| {
        let post = scope.spawn(|| ada.post("/submit", &STORY).expect(303));
        crate::slow::until(
            || stories(&pair.primary) == 2 && pair.wire.answered() == 1,
            || {},
        );
        pair.catch_up();
        post.join().unwrap();
    });
    let head = pair.standby.app.store.stamps().head();
    assert_eq!(head.cast_signed(), txid(&pair.primary));
}

#[test]
fn a_visitors_page_without_room_on_the_primary_is_made_by_the_standby() {
    let pair = Pair::with(|config| config.workers_max = Some(3), |_| {});
    let spare = pair.offload();
    pair.primary.browser().get("/about").expect(200);
    let held = HeldUp::workers(&pair.primary);
    let mut visitor = pair.primary.browser();
    // Refused by the queue, and then at once; with a query and without.
    for path in [
        "/newest",
        "/active",
        "/newest?after=nonsense",
        "/search?q=lamp",
        "/top/all",
    ] {
        let page = visitor.get(path);
        assert!(page.status < 500, "{path}: {page:?}");
        visitor.head(path);
    }
    assert!(spare.sent() >= 5, "{}", spare.sent());
    spare.is_dead.store(true, Ordering::SeqCst);
    visitor.get("/newest").expect(503);
    drop(held);
    visitor.get("/newest").expect(200);
}

#[test]
fn a_node_without_a_copy_says_so() {
    let pair = Pair::start();
    pair.link.has_copy.store(false, Ordering::SeqCst);
    let mut visitor = pair.standby.browser();
    for path in ["/", "/newest", "/login", "/nowhere", "/admin"] {
        let page = visitor.get(path).expect(503);
        assert_eq!(page.header("cache-control"), Some("no-store"));
        assert!(page.header("retry-after").is_some());
        page.has("This node has no copy of the site yet.")
            .has("<html");
    }
    visitor.get("/newest.json").expect(503).has("\"no_copy\"");
    visitor.post("/login", &[("name", "x")]).expect(503);
    visitor.get("/up").expect(200);
    visitor.get("/livez").expect(200);
    visitor.get("/favicon.ico").expect(200);
    visitor.get("/readyz").expect(503).has("\"copy\"");
    pair.link.has_copy.store(true, Ordering::SeqCst);
    visitor.get("/newest").expect(200);
}

#[test]
fn members_are_told_while_nothing_can_be_posted_and_visitors_pages_stay() {
    const TOLD: &str = "nothing can be posted at the moment";
    let pair = Pair::start();
    let mut ada = pair.member("ada");
    let mut visitor = pair.standby.browser();
    for _ in 0..2 {
        ada.get("/newest").expect(200).lacks(TOLD);
        visitor.get("/newest").expect(200).lacks(TOLD);
    }
    pair.link.is_connected.store(false, Ordering::SeqCst);
    for _ in 0..2 {
        ada.get("/newest").expect(200).has(TOLD);
        let page = visitor.get("/newest").expect(200).lacks(TOLD);
        assert_eq!(page.header("cache-status"), Some("site; hit"));
        visitor.get("/login").expect(200).has(TOLD);
        visitor.get("/signup").expect(200).has(TOLD);
    }
    pair.link.is_connected.store(true, Ordering::SeqCst);
    ada.get("/newest").expect(200).lacks(TOLD);
    visitor.get("/login").expect(200).lacks(TOLD);
}

#[test]
fn a_word_of_another_epoch_counts_for_nothing_and_new_ones_are_of_the_new() {
    let pair = Pair::start();
    let mut ada = pair.member("ada").at(&pair.primary);
    ada.post("/submit", &STORY).expect(303);
    let mut at_standby = ada.at(&pair.standby);
    at_standby.get("/newest").expect(200);
    assert_eq!(pair.wire.sent(), 1);
    // Another node was promoted, and its history is followed from now on.
    pair.standby.tamper("update position set epoch = epoch + 1");
    pair.standby.begin_anew();
    at_standby.get("/newest").expect(200);
    assert_eq!(pair.wire.sent(), 1);
    // This one was.
    pair.link.is_following.store(false, Ordering::SeqCst);
    pair.standby.begin_anew();
    let vote = format!("/s/{}/vote", pair.story);
    let reply = at_standby.post(&vote, &[]).expect(303);
    let word = reply.header("set-cookie").unwrap();
    assert!(word.starts_with("__Host-position=2-"), "{word}");
    assert_eq!(pair.wire.sent(), 1);
}

#[test]
fn the_primary_hears_that_a_session_is_in_use_on_the_standby() {
    let pair = Pair::start();
    let mut ada = pair.member("ada");
    for site in [&pair.primary, &pair.standby] {
        site.tamper("update session set seen_ms = seen_ms - 4000000");
    }
    let seen = || pair.primary.number("select max(seen_ms) from session");
    let before = seen();
    ada.get("/newest").expect(200);
    crate::slow::until(|| seen() > before, || {});
    // It is not told so with each page, and pages are kept all the same.
    ada.get("/newest").expect(200);
    let page = ada.get("/newest").expect(200);
    assert_eq!(page.header("cache-status"), Some("site; hit"));
    assert_eq!(pair.wire.sent(), 1);
    let head = Question::decode(&pair.wire.heads()[0]).unwrap();
    assert_eq!(
        (head.method.as_str(), head.target.path()),
        ("HEAD", "/login")
    );
}
