//! Bans of members and of sites, through the real door.

use std::time::Duration;

use site::domain::user::Role;

use crate::app::TestApp;

#[test]
fn a_banned_member_reads_but_can_do_nothing_from_that_moment_on() {
    let site = TestApp::stopped();
    let story = site.story("ada", "A story about sorting");
    let mut bob = site.member("bob");
    let mut moderator = site.member_as("mo", Role::Moderator);
    moderator.get("/mod/u/bob").expect(200).has("Ban bob");
    let reply = moderator.post(
        "/mod/u/bob",
        &[
            ("do", "ban"),
            ("reason", "Fourth advertisement."),
            ("until", "2026-11-25"),
        ],
    );
    assert_eq!(reply.location(), "/mod/u/bob");
    // Their sessions end; signed in again, they read and see why.
    bob.get("/settings").expect(401);
    let mut bob = site.member("bob");
    bob.get("/").expect(200);
    bob.get("/settings").has("Fourth advertisement.");
    bob.post(&format!("/s/{story}/flag"), &[("reason", "spam")])
        .expect(403)
        .has("Fourth advertisement.");
    assert_eq!(site.number("select count(*) from flag"), 0);
    moderator.get("/mod/bans").has("bob").has("25 Nov 2026");
    site.browser()
        .get("/modlog")
        .has("banned")
        .has("until 25 Nov 2026")
        .has("Fourth advertisement.");
    // The ban ends by itself.
    site.pass(Duration::from_hours(48));
    bob.post(&format!("/s/{story}/flag"), &[("reason", "spam")])
        .location();
    moderator.get("/mod/bans").has("Nobody is banned");
}

#[test]
fn a_ban_for_good_is_ended_by_a_moderator() {
    let site = TestApp::start();
    let mut bob = site.member("bob");
    let story = site.story("ada", "A story about sorting");
    let mut moderator = site.member_as("mo", Role::Moderator);
    let ban = [("do", "ban"), ("reason", "Spam."), ("good", "1")];
    moderator.post("/mod/u/Bob", &ban).location();
    moderator.post("/mod/u/bob", &ban).location();
    moderator.get("/mod/bans").has("for good");
    let flag = format!("/s/{story}/flag");
    bob.post(&flag, &[("reason", "spam")]).expect(401);
    let mut bob = site.member("bob");
    bob.post(&flag, &[("reason", "spam")]).expect(403);
    moderator
        .post("/mod/u/bob", &[("do", "unban"), ("reason", "Served.")])
        .location();
    bob.post(&flag, &[("reason", "spam")]).location();
    assert_eq!(site.number("select count(*) from modlog"), 2);
}

#[test]
fn a_ban_needs_a_reason_and_an_end_and_keeps_what_was_typed() {
    let site = TestApp::start();
    site.user("bob", Role::Member);
    let mut moderator = site.member_as("mo", Role::Moderator);
    moderator
        .post("/mod/u/bob", &[("do", "ban")])
        .expect(422)
        .has("A ban needs a reason.")
        .has("Choose the day");
    moderator
        .post(
            "/mod/u/bob",
            &[
                ("do", "ban"),
                ("reason", "Because."),
                ("until", "2001-01-01"),
            ],
        )
        .expect(422)
        .has("begun already")
        .has("value=\"Because.\"")
        .has("value=\"2001-01-01\"");
    moderator
        .post("/mod/u/nobody", &[("do", "ban")])
        .expect(404);
    moderator.get("/mod/u/nobody").expect(404);
    assert_eq!(site.number("select count(*) from modlog"), 0);
}

#[test]
fn nobody_bans_themselves_or_those_who_are_trusted_as_much() {
    let site = TestApp::start();
    let ban = [("do", "ban"), ("reason", "Mutiny."), ("good", "1")];
    let mut mo = site.member_as("mo", Role::Moderator);
    let mut root = site.member_as("boss", Role::Admin);
    site.user("nan", Role::Moderator);
    for name in ["mo", "nan", "boss"] {
        mo.post(&format!("/mod/u/{name}"), &ban).expect(403);
        mo.get(&format!("/mod/u/{name}"))
            .expect(200)
            .lacks("value=\"ban\"");
    }
    root.post("/mod/u/boss", &ban).expect(403);
    root.post("/mod/u/nan", &ban).location();
    assert_eq!(
        site.number("select count(*) from user where banned_until_ms is not null"),
        1
    );
    // A banned moderator moderates no longer, and cannot free themselves.
    let mut nan = site.member_as("nan", Role::Moderator);
    nan.get("/mod").expect(403);
    nan.post("/mod/u/nan", &[("do", "unban")]).expect(403);
}

#[test]
fn links_to_a_banned_site_and_those_below_it_are_not_taken() {
    let site = TestApp::stopped();
    let mut moderator = site.member_as("mo", Role::Moderator);
    moderator
        .get("/mod/domains?domain=spam.example")
        .expect(200)
        .has("value=\"spam.example\"")
        .has("No site is banned");
    let ban = [
        ("do", "ban"),
        ("domain", "https://www.spam.example/offer"),
        ("reason", "Only advertisements."),
        ("until", "2026-12-01"),
    ];
    moderator.post("/mod/domains", &ban).location();
    moderator.post("/mod/domains", &ban).location();
    moderator
        .get("/mod/domains")
        .has("spam.example")
        .has("Only advertisements.");
    let mut ada = site.member("ada");
    let submit = |url: &'static str| {
        [
            ("title", "Buy this now"),
            ("url", url),
            ("tags", "javascript"),
        ]
    };
    ada.post("/submit", &submit("https://shop.spam.example/x"))
        .expect(422)
        .has("Only advertisements.");
    ada.post("/submit", &submit("https://notspam.example/x"))
        .location();
    site.pass(Duration::from_hours(24 * 9));
    moderator.get("/mod/domains").has("No site is banned");
    ada.post("/submit", &submit("https://spam.example/x"))
        .location();
    moderator
        .post(
            "/mod/domains",
            &[("do", "unban"), ("domain", "spam.example")],
        )
        .location();
    site.browser()
        .get("/modlog?kind=site")
        .has("banned the site spam.example until 1 Dec 2026")
        .has("took links to spam.example again");
    assert_eq!(site.number("select count(*) from modlog"), 2);
}

#[test]
fn a_whole_top_level_is_no_site() {
    let site = TestApp::start();
    let mut moderator = site.member_as("mo", Role::Moderator);
    for domain in ["", "com", "not a site", "localhost"] {
        moderator
            .post(
                "/mod/domains",
                &[
                    ("do", "ban"),
                    ("domain", domain),
                    ("reason", "x"),
                    ("good", "1"),
                ],
            )
            .expect(422)
            .has("This is no site.");
    }
    assert_eq!(site.number("select count(*) from domain_ban"), 0);
}
