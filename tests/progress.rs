//! A member's progress in the course: merged, private, gone with the account, kept by the primary.

use serde_json::{Value, json};

use crate::app::{Browser, PASSWORD, Reply, TestApp};
use crate::relay::pair::Pair;

const PROGRESS: &str = "/learn/progress";

fn send(browser: &mut Browser, progress: &Value) -> Reply {
    let headers = [
        ("content-type", "application/json"),
        ("sec-fetch-site", "same-origin"),
    ];
    browser.post_body(PROGRESS, progress.to_string().as_bytes(), &headers)
}

fn passed(id: &str, at: i64) -> Value {
    json!({"v": 1, "lessons": {id: {"passed": at, "tries": 2, "at": at}},
        "drafts": {id: {"starter": "a1", "code": format!("// {at}"), "at": at}}})
}

#[test]
fn what_browsers_know_comes_together_and_only_its_owner_reads_it() {
    let site = TestApp::start();
    let mut ada = site.member("ada");
    let none = ada.get(PROGRESS).expect(200);
    assert_eq!(none.header("cache-control"), Some("no-store"));
    let none: Value = serde_json::from_str(&none.body).unwrap();
    assert_eq!(none, json!({"v": 1, "lessons": {}, "drafts": {}}));
    send(&mut ada, &passed("give-it-a-name", 900)).expect(200);
    send(&mut ada, &passed("give-it-a-name", 700)).expect(200);
    // Also of a course that this site has not.
    let reply = send(&mut ada, &passed("another-course", 5)).expect(200);
    assert_eq!(reply.header("cache-control"), Some("no-store"));
    let told: Value = serde_json::from_str(&reply.body).unwrap();
    assert_eq!(told["lessons"]["another-course"]["passed"], 5);
    let answered: Vec<_> = told["lessons"].as_object().unwrap().keys().collect();
    assert_eq!(answered, ["another-course"], "of what was told of only");
    let kept: Value = serde_json::from_str(&ada.get(PROGRESS).body).unwrap();
    assert_eq!(kept["lessons"]["another-course"]["passed"], 5);
    assert_eq!(
        kept["lessons"]["give-it-a-name"],
        json!({"passed": 700, "tries": 2, "at": 900})
    );
    assert_eq!(kept["drafts"]["give-it-a-name"]["code"], "// 900");
    site.member("bob")
        .get(PROGRESS)
        .expect(200)
        .lacks("give-it-a-name");
    site.browser().get(PROGRESS).expect(401).has("\"error\"");
}

#[test]
fn nothing_is_taken_from_another_site_nor_what_is_no_progress() {
    let site = TestApp::start();
    let mut ada = site.member("ada");
    let body = passed("give-it-a-name", 1).to_string();
    let json_type = ("content-type", "application/json");
    for headers in [
        &[json_type, ("sec-fetch-site", "cross-site")][..],
        &[json_type, ("origin", "https://evil.example")],
        &[json_type, ("origin", "null")],
        &[json_type],
    ] {
        ada.post_body(PROGRESS, body.as_bytes(), headers)
            .expect(403);
    }
    ada.post(PROGRESS, &[("v", "1")]).expect(400);
    send(&mut ada, &json!({"v": 2})).expect(400);
    send(&mut ada, &json!([])).expect(400);
    let long = json!({"v": 1, "lessons": {}, "drafts": {"x": {"starter": "a", "code": "x".repeat(300_000), "at": 1}}});
    send(&mut ada, &long).expect(413);
    let mut visitor = site.browser();
    send(&mut visitor, &passed("give-it-a-name", 1)).expect(401);
    assert_eq!(site.number("select count(*) from progress"), 0);
}

#[test]
fn who_asks_is_asked_before_anything_is_read() {
    let site = TestApp::start();
    let mut ada = site.member("ada");
    let json_type = ("content-type", "application/json");
    let foreign = [json_type, ("sec-fetch-site", "cross-site")];
    ada.post_body(PROGRESS, b"no json", &foreign).expect(403);
    let own = [json_type, ("sec-fetch-site", "same-origin")];
    ada.post_body(PROGRESS, b"no json", &own).expect(400);
    site.browser()
        .post_body(PROGRESS, b"no json", &own)
        .expect(401);
}

#[test]
fn a_page_of_one_member_gives_nothing_to_the_next() {
    let site = TestApp::start();
    let mut ada = site.member("ada");
    let (of_ada, of_bob) = ("/learn/progress?of=ada", "/learn/progress?of=bob");
    let body = passed("give-it-a-name", 9).to_string();
    let headers = [
        ("content-type", "application/json"),
        ("sec-fetch-site", "same-origin"),
    ];
    ada.post_body(of_bob, body.as_bytes(), &headers).expect(403);
    assert_eq!(site.number("select count(*) from progress"), 0);
    ada.post_body(of_ada, body.as_bytes(), &headers).expect(200);
    ada.get(of_ada).expect(200).has("give-it-a-name");
    ada.get(of_bob).expect(403).lacks("give-it-a-name");
}

#[test]
fn one_odd_number_does_not_keep_the_rest_out() {
    let site = TestApp::start();
    let mut ada = site.member("ada");
    let odd = json!({"v": 1, "lessons": {"count-up": {"tries": 5_000_000_000_u64, "at": 1.5}, "await-it": {"passed": 4, "at": 4}, "x": {}},
        "drafts": {"count-up": {"starter": "a", "code": "b", "at": 1.5}, "await-it": {"starter": 7}}});
    let reply = send(&mut ada, &odd).expect(200);
    let told: Value = serde_json::from_str(&reply.body).unwrap();
    assert_eq!(told["lessons"]["count-up"]["at"], 1);
    assert_eq!(told["lessons"]["await-it"]["passed"], 4);
    assert_eq!(told["lessons"].as_object().unwrap().len(), 2);
    assert_eq!(told["drafts"].as_object().unwrap().len(), 1);
}

#[test]
fn an_old_text_that_is_sent_again_does_not_become_new() {
    let site = TestApp::start();
    let mut ada = site.member("ada");
    let ahead = 9_000_000_000_000;
    let first = send(&mut ada, &passed("await-it", ahead)).expect(200);
    let first: Value = serde_json::from_str(&first.body).unwrap();
    site.jump(60_000);
    let again = send(&mut ada, &passed("await-it", ahead)).expect(200);
    let again: Value = serde_json::from_str(&again.body).unwrap();
    assert_eq!(again["drafts"], first["drafts"]);
}

#[test]
fn the_oldest_texts_go_when_there_are_too_many() {
    let site = TestApp::start();
    let mut ada = site.member("ada");
    let text = "x".repeat(20_000);
    for parcel in 0..6 {
        let drafts = (0..10).map(|n| {
            let at = parcel * 10 + n;
            let draft = json!({"starter": "a", "code": text, "at": at});
            (format!("lesson-{at}"), draft)
        });
        let drafts: serde_json::Map<_, _> = drafts.collect();
        let reply = send(&mut ada, &json!({"v": 1, "drafts": drafts})).expect(200);
        let told: Value = serde_json::from_str(&reply.body).unwrap();
        assert_eq!(told["drafts"].as_object().unwrap().len(), 10);
    }
    let most = 1024 * 1024 / 20_000;
    assert_eq!(site.number("select count(*) from lesson_draft"), most);
    assert_eq!(
        site.number("select min(at_ms) from lesson_draft"),
        60 - most
    );
    let late = json!({"v": 1, "drafts": {"too-late": {"starter": "a", "code": text, "at": 1}}});
    let reply = send(&mut ada, &late).expect(200);
    let told: Value = serde_json::from_str(&reply.body).unwrap();
    assert_eq!(
        told["drafts"],
        json!({}),
        "what was not kept is not answered"
    );
}

#[test]
fn what_is_known_already_is_not_written_again() {
    let site = TestApp::start();
    let mut ada = site.member("ada");
    send(&mut ada, &passed("give-it-a-name", 900)).expect(200);
    let rows = "select count(*) from progress p join lesson_draft d on d.user_id = p.user_id and d.lesson = p.lesson";
    assert_eq!(site.number(rows), 1);
    send(&mut ada, &passed("give-it-a-name", 900)).expect(200);
    assert_eq!(site.number(rows), 1);
}

#[test]
fn the_lesson_that_was_open_last_and_the_goal_come_along() {
    let site = TestApp::start();
    let mut ada = site.member("ada");
    let at_home = json!({"v": 1, "open": "loops", "openAt": 20, "goal": 3, "goalAt": 5});
    send(&mut ada, &at_home).expect(200);
    let away = json!({"v": 1, "open": "arrays", "openAt": 10, "goal": 0, "goalAt": 9});
    let told = send(&mut ada, &away).expect(200);
    let both = json!({"v": 1, "lessons": {}, "drafts": {}, "open": "loops", "openAt": 20, "goal": 0, "goalAt": 9});
    for reply in [told, ada.get(PROGRESS).expect(200)] {
        let known: Value = serde_json::from_str(&reply.body).unwrap();
        assert_eq!(known, both);
    }
    assert_eq!(site.number("select count(*) from learner"), 1);
}

#[test]
fn it_goes_with_the_account() {
    let site = TestApp::start();
    let mut ada = site.sign_up("ada");
    send(&mut ada, &passed("give-it-a-name", 900)).expect(200);
    send(&mut ada, &json!({"v": 1, "goal": 3, "goalAt": 5})).expect(200);
    assert_eq!(site.number("select count(*) from learner"), 1);
    ada.post("/settings/delete", &[("password", PASSWORD)])
        .location();
    let left = "select (select count(*) from progress) + (select count(*) from lesson_draft) + (select count(*) from learner)";
    assert_eq!(site.number(left), 0);
}

#[test]
fn through_a_standby_it_is_kept_by_the_primary_once() {
    let pair = Pair::start();
    let mut ada = pair.member("ada");
    let reply = send(&mut ada, &passed("give-it-a-name", 900)).expect(200);
    let told: Value = serde_json::from_str(&reply.body).unwrap();
    assert_eq!(told["lessons"]["give-it-a-name"]["passed"], 900);
    assert_eq!(pair.primary.number("select count(*) from progress"), 1);
    assert_eq!(pair.standby.number("select count(*) from progress"), 0);
    let talk = "/learn/give-it-a-name/talk";
    ada.post(talk, &[("text", "Why const?")]).location();
    assert_eq!(pair.primary.number("select count(*) from lesson_talk"), 1);
}
