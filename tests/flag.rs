//! Flags: how members report, through the real door.

use crate::app::TestApp;

#[test]
fn a_flag_has_a_reason_counts_on_the_item_and_can_be_taken_back() {
    let site = TestApp::start();
    let story = site.story("ada", "A story about sorting");
    let mut bob = site.member("bob");
    let page = format!("/s/{story}/flag");
    bob.get(&page)
        .expect(200)
        .has("Broken link")
        .lacks("Unkind");
    let before = site.number("select cast(hot * 1e6 as int) from story");
    let reply = bob.post(&page, &[("reason", "spam")]);
    assert_eq!(
        reply.location(),
        format!("/s/{story}/a-story-about-sorting")
    );
    assert_eq!(site.number("select flags from story"), 1);
    assert!(site.number("select cast(hot * 1e6 as int) from story") > before);
    // Again, with another reason: still one flag.
    bob.post(&page, &[("reason", "broken-link")]).location();
    assert_eq!(site.number("select flags from story"), 1);
    bob.get(&page)
        .has("Take the flag back")
        .has("Change the reason");
    bob.post(&format!("/s/{story}/unflag"), &[]).location();
    assert_eq!(site.number("select flags from story"), 0);
    assert_eq!(
        site.number("select cast(hot * 1e6 as int) from story"),
        before
    );
}

#[test]
fn a_comment_is_flagged_for_its_own_reasons_and_the_way_leads_back_to_it() {
    let site = TestApp::start();
    let story = site.story("ada", "A story about sorting");
    let comment = site.comment("ada", story, None, "You know nothing.");
    let mut bob = site.member("bob");
    let page = format!("/c/{comment}/flag");
    bob.get(&page)
        .expect(200)
        .has("Unkind")
        .has("You know nothing.")
        .lacks("Broken link");
    let reply = bob.post(&page, &[("reason", "unkind")]);
    assert!(reply.location().ends_with(&format!("#c_{comment}")));
    assert_eq!(site.number("select flags from comment"), 1);
    bob.post(&format!("/c/{comment}/unflag"), &[]).location();
    assert_eq!(site.number("select flags from comment"), 0);
}

#[test]
fn a_flag_without_a_fitting_reason_is_asked_for_one() {
    let site = TestApp::start();
    let story = site.story("ada", "A story about sorting");
    let mut bob = site.member("bob");
    for reason in ["", "unkind", "because"] {
        bob.post(&format!("/s/{story}/flag"), &[("reason", reason)])
            .expect(422)
            .has("Choose one of these reasons.");
    }
    assert_eq!(site.number("select count(*) from flag"), 0);
}

#[test]
fn ones_own_and_what_is_not_there_cannot_be_flagged() {
    let site = TestApp::start();
    let story = site.story("ada", "A story about sorting");
    let mut ada = site.member("ada");
    let reason = [("reason", "spam")];
    ada.get(&format!("/s/{story}/flag")).expect(403);
    ada.post(&format!("/s/{story}/flag"), &reason)
        .expect(403)
        .has("You cannot flag what you wrote yourself");
    ada.post("/s/999/flag", &reason).expect(404);
    ada.post("/c/999/flag", &reason).expect(404);
    ada.get("/c/x/flag").expect(404);
    site.browser()
        .post(&format!("/s/{story}/flag"), &reason)
        .expect(401);
    site.browser()
        .get(&format!("/s/{story}/flag"))
        .expect(401)
        .has("/login?next=");
    assert_eq!(site.number("select count(*) from flag"), 0);
}
