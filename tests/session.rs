//! Signing in and out, through the real door: tokens, cookies, guesses, redirects.

use crate::app::{Browser, PASSWORD, TestApp};

fn log_in(browser: &mut Browser, name: &str, password: &str) -> crate::app::Reply {
    browser.post("/login", &[("name", name), ("password", password)])
}

#[test]
fn a_member_signs_up_signs_out_and_in_again_by_name_or_address() {
    let site = TestApp::start();
    let mut ada = site.sign_up("Ada");
    ada.get("/").expect(200).has("data-me=\"Ada\"");
    assert_eq!(ada.post("/logout", &[]).location(), "/");
    assert_eq!(ada.cookie, None);
    ada.get("/").expect(200).lacks("data-me");
    for name in ["ADA", " ada ", "ada@example.org", "Ada@Example.org"] {
        let mut browser = site.browser();
        assert_eq!(
            log_in(&mut browser, name, PASSWORD).location(),
            "/",
            "{name}"
        );
        browser.get("/").has("data-me=\"Ada\"");
    }
}
