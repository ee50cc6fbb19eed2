//! Joining, settings and leaving, through the real door.

use crate::app::{PASSWORD, TestApp};

#[test]
fn sign_up_says_what_is_wrong_beside_each_field_and_keeps_what_was_typed() {
    let site = TestApp::start();
    site.sign_up("ada");
    let page = site
        .browser()
        .post(
            "/signup",
            &[("name", "ADA"), ("email", "nobody"), ("password", "short")],
        )
        .expect(422)
        .has("This name is taken.")
        .has("This is not an e-mail address")
        .has("This password is too short")
        .has("value=\"ADA\"")
        .has("value=\"nobody\"")
        .has("id=\"e-password\"");
    assert!(!page.body.contains("short\""), "the password came back");
    assert_eq!(page.header("cache-control"), Some("no-store"));
    let mut bot = site.browser();
    bot.post(
        "/signup",
        &[("name", "bob"), ("password", PASSWORD), ("website", "x")],
    )
    .expect(422);
    assert_eq!(bot.cookie, None);
}
