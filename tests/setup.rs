//! The first administrator, through the one-time set-up link.

use std::time::Duration;

use site::control::{Change, apply};
use site::domain::user::Role;
use site::store::secret::{hash, new_token};

use crate::app::{PASSWORD, TestApp};

/// The path of a new set-up link.
fn link(site: &TestApp) -> String {
    let token = new_token();
    let token_hash = hash(&token);
    site.write(move |tx| apply(tx, &Change::SetUp { token_hash }));
    format!("/setup/{token}")
}

const FORM: [(&str, &str); 5] = [
    ("site_name", "Curly Braces"),
    ("name", "ada"),
    ("email", "ada@example.org"),
    ("password", PASSWORD),
    ("signup", "invite"),
];

#[test]
fn the_link_makes_the_first_administrator_signs_in_and_names_the_site() {
    let site = TestApp::start();
    let link = link(&site);
    let mut ada = site.browser();
    let page = ada.get(&link).expect(200).has("Make this site yours");
    assert_eq!(page.header("cache-control"), Some("no-store"));
    let data = &site.app.config.data;
    let file = site::store::datadir::keep_setup_link(data, &link).unwrap();
    let done = ada.post(&link, &FORM);
    assert_eq!(done.location(), "/admin?done=setup");
    assert!(!file.exists(), "a link that is used up lies around");
    ada.get("/admin")
        .expect(200)
        .has("data-me=\"ada\"")
        .has("value=\"Curly Braces\"");
    let mut visitor = site.browser();
    visitor.get("/").has("Curly Braces");
    visitor.get("/signup").expect(200).has("By invitation");
    assert_eq!(
        site.number("select count(*) from modlog where action = 'user.role'"),
        1
    );
}

#[test]
fn the_link_works_once_and_only_while_there_is_no_administrator() {
    let site = TestApp::start();
    let (first, second) = (link(&site), link(&site));
    site.browser().post(&first, &FORM).expect(303);
    for used in [&first, &second] {
        site.browser().get(used).expect(403).has("does not work");
        site.browser()
            .post(used, &[FORM[0], ("name", "eve"), FORM[3]])
            .expect(403);
    }
    assert_eq!(site.number("select count(*) from user"), 1);
    let refused = site.app.store.write_blocking(|tx| {
        apply(
            tx,
            &Change::SetUp {
                token_hash: [1; 32],
            },
        )
    });
    assert!(refused.is_err());
}

#[test]
fn a_link_ends_after_thirty_minutes_and_a_guessed_one_never_works() {
    let site = TestApp::stopped();
    let link = link(&site);
    site.browser()
        .get(&format!("/setup/{}", "ab".repeat(32)))
        .expect(403);
    site.browser().get("/setup/x").expect(403);
    site.pass(Duration::from_mins(29));
    site.browser().get(&link).expect(200);
    site.pass(Duration::from_mins(2));
    site.browser().get(&link).expect(403);
    site.browser().post(&link, &FORM).expect(403);
    assert_eq!(site.number("select count(*) from user"), 0);
}

#[test]
fn what_was_typed_is_kept_and_every_problem_stands_beside_its_field() {
    let site = TestApp::start();
    let link = link(&site);
    let form = [
        ("site_name", ""),
        ("name", "a b"),
        ("email", "nonsense"),
        ("password", "short"),
        ("signup", "approve"),
    ];
    let page = site.browser().post(&link, &form).expect(422);
    let page = page
        .has("value=\"a b\"")
        .has("value=\"nonsense\"")
        .lacks("value=\"short\"");
    for field in ["site_name", "name", "email", "password"] {
        assert!(
            page.body.contains(&format!("id=\"e-{field}\"")),
            "{field}: {}",
            page.body
        );
    }
    site.browser().post(&link, &FORM).expect(303);
}

#[test]
fn another_site_cannot_send_the_form() {
    let site = TestApp::start();
    let link = link(&site);
    let headers = [
        ("sec-fetch-site", "cross-site"),
        ("origin", "https://evil.example"),
    ];
    site.browser().post_with(&link, &FORM, &headers).expect(403);
    assert_eq!(site.number("select count(*) from user"), 0);
}

#[test]
fn a_member_who_took_the_name_before_set_up_keeps_it() {
    let site = TestApp::start();
    site.user("ada", Role::Member);
    let link = link(&site);
    site.browser()
        .post(&link, &FORM)
        .expect(422)
        .has("This name is taken.");
    let other = [FORM[0], ("name", "grace"), FORM[2], FORM[3], FORM[4]];
    site.browser().post(&link, &other).expect(303);
}

#[test]
fn a_locked_sign_up_mode_stays_as_the_configuration_says() {
    let site = TestApp::with(|config| {
        config.signup = Some((site::domain::settings::Signup::Approve, "--signup".into()));
    });
    let link = link(&site);
    site.browser()
        .get(&link)
        .expect(200)
        .has("Set by <code>--signup</code>");
    site.browser().post(&link, &FORM).expect(303);
    assert_eq!(
        site.number("select count(*) from setting where name = 'signup'"),
        0
    );
}
