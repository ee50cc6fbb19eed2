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
    assert_eq!(
        told["lessons"]["give-it-a-name"],
        json!({"passed": 700, "tries": 2, "at": 900})
    );
    assert_eq!(told["drafts"]["give-it-a-name"]["code"], "// 900");
    assert_eq!(told["lessons"]["another-course"]["passed"], 5);
    let kept: Value = serde_json::from_str(&ada.get(PROGRESS).body).unwrap();
    assert_eq!(kept, told);
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
fn it_goes_with_the_account() {
    let site = TestApp::start();
    let mut ada = site.sign_up("ada");
    send(&mut ada, &passed("give-it-a-name", 900)).expect(200);
    ada.post("/settings/delete", &[("password", PASSWORD)])
        .location();
    let left = "select (select count(*) from progress) + (select count(*) from lesson_draft)";
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
