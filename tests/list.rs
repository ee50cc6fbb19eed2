//! Lists of stories, through the real door.

use crate::app::TestApp;

#[test]
fn an_empty_site_says_so_and_invites_to_submit() {
    let site = TestApp::start();
    let page = site.browser().get("/").expect(200).has("Nothing here yet");
    assert!(
        page.header("content-security-policy")
            .unwrap()
            .starts_with("default-src 'none'")
    );
}

#[test]
fn an_unknown_address_gets_the_sites_own_404() {
    let site = TestApp::start();
    site.browser()
        .get("/nothing/here")
        .expect(404)
        .has("There is nothing at this address");
}

#[test]
fn a_wrong_method_is_told_which_are_right() {
    let site = TestApp::start();
    let reply = site.browser().post("/newest", &[]).expect(405);
    assert_eq!(reply.header("allow"), Some("GET, HEAD"));
}
