//! Administration through the real door: settings, topics, members; and that nobody else gets in.

use site::domain::settings::Signup;
use site::domain::user::Role;

use crate::app::{Browser, PASSWORD, TestApp};

fn admin(site: &TestApp) -> Browser {
    site.member_as("root-ada", Role::Admin)
}

const SETTINGS: [(&str, &str); 8] = [
    ("name", "Curly Braces"),
    ("tagline", "Talk"),
    ("description", "A place."),
    ("signup", "approve"),
    ("accent", "plum"),
    ("lang", "de"),
    ("guidelines", "Be *kind*."),
    ("learn", "on"),
];

#[test]
fn only_administrators_see_or_change_anything_here() {
    let site = TestApp::start();
    site.user("bob", Role::Member);
    let pages = [
        "/admin",
        "/admin/tags",
        "/admin/tags/javascript",
        "/admin/members",
        "/admin/members?name=bob",
    ];
    let actions = [
        "/admin",
        "/admin/tags",
        "/admin/tags/javascript",
        "/admin/tags/javascript/retire",
        "/admin/members/bob/role",
        "/admin/members/bob/reset",
    ];
    let others = [
        (site.browser(), 401),
        (site.member("eve"), 403),
        (site.member_as("mallory", Role::Moderator), 403),
    ];
    for (mut browser, status) in others {
        for page in pages {
            browser.get(page).expect(status);
        }
        for action in actions {
            let form = [
                ("name", "x"),
                ("role", "admin"),
                ("retired", "1"),
                ("tag", "x"),
            ];
            browser.post(action, &form).expect(status);
        }
    }
    assert_eq!(site.number("select count(*) from setting"), 0);
    assert_eq!(site.number("select count(*) from token"), 0);
    assert_eq!(site.number("select count(*) from modlog"), 0);
    let mut ada = admin(&site);
    for page in pages {
        let page = ada.get(page).expect(200);
        assert_eq!(page.header("cache-control"), Some("no-store"));
    }
}

#[test]
fn settings_show_on_every_page_at_once_and_each_change_is_in_the_log() {
    let site = TestApp::start();
    let mut ada = admin(&site);
    let mut visitor = site.browser();
    visitor
        .get("/")
        .has("Semicolon")
        .has("data-accent=\"pine\"");
    assert_eq!(
        ada.post("/admin", &SETTINGS).location(),
        "/admin?done=saved"
    );
    visitor
        .get("/")
        .has("Curly Braces")
        .has("data-accent=\"plum\"")
        .has("lang=\"de\"")
        .lacks("Semicolon");
    visitor.get("/guidelines").has("<em>kind</em>");
    assert_eq!(
        site.number("select count(*) from modlog where action = 'setting.change'"),
        7
    );
    ada.post("/admin", &SETTINGS).expect(303);
    assert_eq!(
        site.number("select count(*) from modlog"),
        7,
        "the same again changes nothing"
    );
    ada.get("/admin?done=saved")
        .expect(200)
        .has("Saved.")
        .has("value=\"Curly Braces\"");
}

#[test]
fn a_setting_that_will_not_do_is_said_beside_its_field_and_nothing_is_changed() {
    let site = TestApp::start();
    let mut ada = admin(&site);
    let mut form = SETTINGS;
    form[0].1 = "";
    form[4].1 = "pink\"";
    form[5].1 = "Deutsch";
    let page = ada.post("/admin", &form).expect(422);
    page.has("id=\"e-name\"")
        .has("id=\"e-lang\"")
        .has("value=\"Deutsch\"")
        .has("Be *kind*.");
    assert_eq!(site.number("select count(*) from setting"), 0);
}

#[test]
fn what_the_configuration_decides_is_locked_and_says_by_what() {
    let site = TestApp::with(|config| config.signup = Some((Signup::Invite, "SITE_SIGNUP".into())));
    let mut ada = admin(&site);
    ada.get("/admin")
        .has("Set by <code>SITE_SIGNUP</code>")
        .has("disabled");
    ada.post("/admin", &SETTINGS).expect(303);
    assert_eq!(
        site.number("select count(*) from setting where name = 'signup'"),
        0
    );
    site.browser().get("/signup").has("By invitation");
}

#[test]
fn a_topic_is_made_changed_and_retired() {
    let site = TestApp::start();
    let mut ada = admin(&site);
    let new = [
        ("tag", "regex"),
        ("category", "Craft"),
        ("description", "Patterns"),
        ("hotness", "-1.5"),
    ];
    ada.post("/admin/tags", &new).expect(303);
    ada.post("/admin/tags", &new)
        .expect(422)
        .has("There is a topic of this name already.")
        .has("value=\"Patterns\"");
    ada.get("/admin/tags").has("regex").has("-1.5");
    ada.get("/submit").expect(200).has("value=\"regex\"");
    let changed = [
        ("category", "Language"),
        ("description", "Regular expressions"),
        ("hotness", "0"),
    ];
    ada.post("/admin/tags/regex", &changed).expect(303);
    ada.get("/admin/tags/regex")
        .expect(200)
        .has("value=\"Regular expressions\"");
    ada.get("/t/regex").expect(200).has("Regular expressions");
    for _ in 0..2 {
        ada.post("/admin/tags/regex/retire", &[("retired", "1")])
            .expect(303);
    }
    ada.get("/submit").expect(200).lacks("value=\"regex\"");
    assert_eq!(
        site.number("select count(*) from modlog where action = 'tag.retire'"),
        1
    );
    ada.post("/admin/tags/regex/retire", &[("retired", "0")])
        .expect(303);
    ada.get("/submit").expect(200).has("value=\"regex\"");
}

#[test]
fn a_topic_with_a_bad_name_or_hotness_is_refused() {
    let site = TestApp::start();
    let mut ada = admin(&site);
    let bad = [
        ("tag", "Not a tag"),
        ("category", ""),
        ("description", ""),
        ("hotness", "NaN"),
    ];
    let page = ada.post("/admin/tags", &bad).expect(422);
    for field in ["tag", "category", "description", "hotness"] {
        assert!(page.body.contains(&format!("id=\"e-{field}\"")), "{field}");
    }
    ada.get("/admin/tags/nothing").expect(404);
    ada.post(
        "/admin/tags/nothing",
        &[("category", "x"), ("description", "x"), ("hotness", "0")],
    )
    .expect(404);
    ada.post("/admin/tags/nothing/retire", &[]).expect(404);
}

#[test]
fn another_hotness_of_a_topic_reorders_its_stories_at_once() {
    let site = TestApp::start();
    let story = site.story("bob", "A story").raw();
    let hot = format!("select cast(hot * 1000 as integer) from story where id = {story}");
    let before = site.number(&hot);
    let form = [
        ("category", "Language"),
        ("description", "x"),
        ("hotness", "5"),
    ];
    admin(&site)
        .post("/admin/tags/javascript", &form)
        .expect(303);
    assert!(site.number(&hot) < before, "smaller is hotter");
}

#[test]
fn a_new_role_counts_at_once_ends_the_sessions_and_stands_in_the_log() {
    let site = TestApp::start();
    let mut ada = admin(&site);
    let mut bob = site.member("bob");
    ada.get("/admin/members?name=BOB")
        .expect(200)
        .has("/admin/members/bob/role");
    ada.post("/admin/members/bob/role", &[("role", "moderator")])
        .expect(303);
    bob.get("/").lacks("data-me");
    ada.get("/admin/members").has("moderator");
    assert_eq!(
        site.number("select count(*) from modlog where subject = 'moderator'"),
        1
    );
    ada.post("/admin/members/bob/role", &[("role", "king")])
        .expect(400);
    ada.post("/admin/members/nobody/role", &[("role", "admin")])
        .expect(404);
    ada.get("/admin/members?name=nobody")
        .expect(200)
        .has("There is no member of this name.");
}

#[test]
fn the_last_administrator_cannot_step_down() {
    let site = TestApp::start();
    let mut ada = admin(&site);
    ada.post("/admin/members/root-ada/role", &[("role", "member")])
        .expect(403)
        .has("only administrator");
    site.user("grace", Role::Member);
    ada.post("/admin/members/grace/role", &[("role", "admin")])
        .expect(303);
    ada.post("/admin/members/root-ada/role", &[("role", "member")])
        .expect(303);
    ada.get("/admin").expect(401);
}

#[test]
fn a_reset_link_is_shown_once_and_an_earlier_one_ends() {
    let site = TestApp::start();
    site.sign_up("bob");
    let mut ada = admin(&site);
    let link = |page: &str| {
        let start = page.find("/reset/").unwrap();
        page[start..start + "/reset/".len() + 64].to_owned()
    };
    let shown = ada.post("/admin/members/bob/reset", &[]).expect(200);
    assert_eq!(shown.header("cache-control"), Some("no-store"));
    let first = link(&shown.body);
    let second = link(&ada.post("/admin/members/bob/reset", &[]).expect(200).body);
    assert_ne!(first, second);
    assert_eq!(
        site.number("select count(*) from token where kind = 'reset'"),
        1
    );
    ada.get("/admin/members?name=bob").lacks("/reset/");
    site.browser().get(&first).expect(404);
    let new = "three quiet herons";
    site.browser()
        .post(&second, &[("password", new)])
        .location();
    let mut bob = site.browser();
    bob.post("/login", &[("name", "bob"), ("password", PASSWORD)])
        .expect(422);
    bob.post("/login", &[("name", "bob"), ("password", new)])
        .expect(303);
    bob.get("/").has("data-me=\"bob\"");
}

#[test]
fn a_banned_member_is_given_no_role() {
    let site = TestApp::start();
    let mut admin = admin(&site);
    site.user("bob", Role::Member);
    let fields = [("do", "ban"), ("reason", "spam"), ("good", "1")];
    admin.post("/mod/u/bob", &fields).location();
    admin
        .post("/admin/members/bob/role", &[("role", "admin")])
        .expect(403);
    let admins = "select count(*) from user where role = 'admin' and name = 'bob'";
    assert_eq!(site.number(admins), 0);
}
