//! The inbox.

use crate::app::TestApp;

#[test]
fn an_answer_reaches_whoever_is_answered_and_nobody_else() {
    let site = TestApp::start();
    let mut ada = site.member("ada");
    let mut bob = site.member("bob");
    let story = site.story("ada", "A question of loops");
    let comment = site.comment("bob", story, None, "for...of");
    site.comment("ada", story, Some(comment), "Why so?");
    ada.get("/inbox")
        .expect(200)
        .has("for...of")
        .lacks("Why so?");
    bob.get("/inbox")
        .expect(200)
        .has("Why so?")
        .lacks("for...of");
    bob.get("/").expect(200).has("Inbox, 1 new");
    site.browser().get("/inbox").expect(401);
}

#[test]
fn reading_marks_all_and_loses_none() {
    let site = TestApp::start();
    let mut ada = site.member("ada");
    let story = site.story("ada", "A question of loops");
    site.comment("bob", story, None, "for...of");
    ada.get("/inbox").expect(200).has("c unread");
    assert_eq!(
        ada.post("/inbox/read", &[("back", "/inbox")]).location(),
        "/inbox"
    );
    ada.get("/inbox")
        .expect(200)
        .has("for...of")
        .lacks("c unread")
        .lacks("1 new");
}

#[test]
fn ones_own_answers_are_no_news() {
    let site = TestApp::start();
    let mut ada = site.member("ada");
    let story = site.story("ada", "A question of loops");
    site.comment("ada", story, None, "To begin with");
    ada.get("/inbox").expect(200).has("No answers yet");
}

#[test]
fn an_answer_that_is_gone_is_counted_as_new_no_longer() {
    let site = TestApp::start();
    let mut ada = site.member("ada");
    let story = site.story("ada", "A question of loops");
    let comment = site.comment("bob", story, None, "for...of");
    ada.get("/").has("Inbox, 1 new");
    let path = format!("/c/{comment}/delete");
    site.member("bob").post(&path, &[]).location();
    ada.get("/").expect(200).lacks("Inbox, 1 new");
}
