//! A member's own settings: profile, looks, address, password.

use crate::app::{Browser, PASSWORD, TestApp};

#[test]
fn the_profile_is_previewed_saved_and_bounded() {
    let site = TestApp::start();
    let mut ada = site.member("ada");
    ada.post(
        "/settings",
        &[("about", "I like **lamps** <b>"), ("preview", "1")],
    )
    .expect(200)
    .has("<strong>lamps</strong> &lt;b&gt;")
    .has("I like **lamps** &lt;b&gt;</textarea>");
    assert_eq!(
        site.number("select about = '' from user where name = 'ada'"),
        1
    );
    let saved = ada.post("/settings", &[("about", "I like **lamps**")]);
    let page = saved.location().to_owned();
    ada.get(&page)
        .expect(200)
        .has("Your profile is saved.")
        .has("data-saved=\"profile\"")
        .has("I like **lamps**");
    let long = "x".repeat(4001);
    ada.post("/settings", &[("about", &long)])
        .expect(422)
        .has("at most 4,000")
        .has(&long);
}

#[test]
fn colours_and_shortcuts_are_the_members_own_choice() {
    let site = TestApp::start();
    let mut ada = site.member("ada");
    ada.post("/settings/look", &[("theme", "dark")]).location();
    ada.get("/")
        .has("data-theme=\"dark\"")
        .has("data-keys=\"off\"");
    ada.post("/settings/look", &[("theme", "light"), ("keys", "1")])
        .location();
    ada.get("/").has("data-theme=\"light\"").lacks("data-keys");
    ada.post("/settings/look", &[("theme", "plaid")]).location();
    ada.get("/").has("data-theme=\"auto\"");
}

#[test]
fn an_address_changes_only_with_the_password_and_signs_in_afterwards() {
    let site = TestApp::start();
    let mut ada = site.sign_up("ada");
    let change = |ada: &mut Browser, email: &str, password: &str| {
        ada.post(
            "/settings/email",
            &[("email", email), ("password", password)],
        )
    };
    change(&mut ada, "new@example.org", "wrong")
        .expect(422)
        .has("That is not your password.")
        .has("value=\"new@example.org\"");
    change(&mut ada, "nonsense", PASSWORD)
        .expect(422)
        .has("This is not an e-mail address");
    change(&mut ada, "new@example.org", PASSWORD).location();
    let sign_in = |name: &str| {
        site.browser()
            .post("/login", &[("name", name), ("password", PASSWORD)])
            .status
    };
    assert_eq!(sign_in("new@example.org"), 303);
    assert_eq!(sign_in("ada@example.org"), 422);
    change(&mut ada, "", PASSWORD).location();
    assert_eq!(sign_in("new@example.org"), 422);
    assert_eq!(sign_in("ada"), 303);
}

#[test]
fn a_password_changes_only_with_the_old_one_and_rotates_the_session() {
    let site = TestApp::start();
    let mut ada = site.sign_up("ada");
    ada.get("/settings/password")
        .expect(200)
        .has("name=\"old\"");
    let change = |ada: &mut Browser, old: &str, new: &str| {
        ada.post("/settings/password", &[("old", old), ("new", new)])
    };
    change(&mut ada, "wrong", "a new long sentence")
        .expect(422)
        .has("That is not your password.");
    change(&mut ada, PASSWORD, "password")
        .expect(422)
        .has("among the first");
    let before = ada.cookie.clone();
    change(&mut ada, PASSWORD, "a new long sentence").location();
    assert_ne!(ada.cookie, before);
    ada.get("/settings").expect(200);
    let sign_in = |password: &str| {
        site.browser()
            .post("/login", &[("name", "ada"), ("password", password)])
            .status
    };
    assert_eq!(sign_in(PASSWORD), 422);
    assert_eq!(sign_in("a new long sentence"), 303);
}

#[test]
fn guesses_at_the_password_from_inside_are_limited_too() {
    let site = TestApp::with(|config| config.limits = true);
    let mut ada = site.sign_up("ada");
    let mut guess = |path: &str| {
        ada.post(
            path,
            &[("password", "wrong"), ("old", "wrong"), ("email", "")],
        )
        .status
    };
    let paths = ["/settings/password", "/settings/email", "/settings/delete"];
    let evaluated = (0..60).filter(|n| guess(paths[n % 3]) == 422).count();
    assert!(evaluated <= 10, "{evaluated}");
}

#[test]
fn the_settings_are_for_members_and_never_kept() {
    let site = TestApp::start();
    let mut ada = site.member("ada");
    for path in [
        "/settings",
        "/settings/password",
        "/settings/sessions",
        "/settings/invites",
        "/settings/delete",
    ] {
        site.browser().get(path).expect(401);
        let page = ada.get(path).expect(200);
        assert_eq!(page.header("cache-control"), Some("no-store"), "{path}");
    }
    for path in ["/login", "/signup"] {
        let page = site.browser().get(path).expect(200);
        assert_eq!(page.header("cache-control"), Some("no-store"), "{path}");
    }
    for path in [
        "/settings",
        "/settings/look",
        "/settings/email",
        "/settings/password",
        "/settings/delete",
        "/settings/invites",
        "/settings/sessions/end",
        "/settings/sessions/end-others",
        "/settings/sessions/1/end",
        "/settings/invites/1/withdraw",
    ] {
        let fields = [
            ("email", "a@b.example"),
            ("password", "x"),
            ("old", "x"),
            ("new", PASSWORD),
        ];
        site.browser().post(path, &fields).expect(401);
        ada.post_with(path, &fields, &[("sec-fetch-site", "cross-site")])
            .expect(403);
    }
    ada.get("/settings").expect(200);
}
