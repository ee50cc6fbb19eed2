//! Members as others see them.

use site::domain::user::Role;

use crate::app::TestApp;

#[test]
fn a_profile_shows_who_somebody_is_and_what_they_posted() {
    let site = TestApp::stopped();
    let story = site.story("Ada", "Notes on the engine");
    site.comment("Ada", story, None, "It can weave patterns.");
    site.user("grace", Role::Moderator);
    site.tamper(
        "update user set about_html = '<p>Poetical science.</p>', karma = 1234,
           invited_by = (select id from user where name = 'grace') where name = 'Ada'",
    );
    let mut browser = site.browser();
    for path in ["/u/Ada", "/u/Ada/stories"] {
        browser
            .get(path)
            .expect(200)
            .has("Poetical science.")
            .has("1,234")
            .has("invited by")
            .has("/u/grace")
            .has("Notes on the engine");
    }
    browser
        .get("/u/Ada/comments")
        .expect(200)
        .has("It can weave patterns.")
        .has("Notes on the engine");
    browser.get("/u/grace").expect(200).has("Moderator");
}

#[test]
fn a_member_who_has_posted_nothing_has_a_page_that_says_so() {
    let site = TestApp::start();
    site.user("ada", Role::Member);
    site.browser()
        .get("/u/ada")
        .expect(200)
        .has("No stories yet");
    site.browser()
        .get("/u/ada/comments")
        .expect(200)
        .has("No comments yet");
}

#[test]
fn every_way_to_write_a_name_leads_to_one_address() {
    let site = TestApp::start();
    site.user("Ada", Role::Member);
    let mut browser = site.browser();
    assert_eq!(browser.get("/u/ada").location(), "/u/Ada");
    assert_eq!(browser.get("/u/ADA/stories").location(), "/u/Ada/stories");
    assert_eq!(browser.get("/u/aDA/comments").location(), "/u/Ada/comments");
}

#[test]
fn a_ban_and_its_reason_are_shown_while_it_lasts() {
    let site = TestApp::stopped();
    site.user("ada", Role::Member);
    let until = crate::app::STOPPED_AT.ms() + 86_400_000;
    site.tamper(&format!(
        "update user set banned_until_ms = {until}, ban_reason = 'Sold shoes.'"
    ));
    let mut browser = site.browser();
    browser
        .get("/u/ada")
        .expect(200)
        .has("Banned until 24 Nov 2026")
        .has("Sold shoes.");
    site.pass(std::time::Duration::from_hours(25));
    browser.get("/u/ada").expect(200).lacks("Sold shoes.");
}

#[test]
fn who_is_not_or_no_longer_here_has_no_page() {
    let site = TestApp::start();
    site.user("ada", Role::Member);
    site.tamper("update user set state = 'deleted'");
    for path in [
        "/u/ada",
        "/u/ada/stories",
        "/u/ada/comments",
        "/u/ada.json",
        "/u/ada/stories.atom",
        "/u/nobody",
    ] {
        site.browser().get(path).expect(404);
    }
}
