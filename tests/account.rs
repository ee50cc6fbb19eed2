//! Joining and leaving, through the real door.

/// Settings.
mod own;

use std::time::Duration;

use site::config::Config;
use site::domain::id::UserId;
use site::domain::settings::Signup;
use site::domain::user::Role;
use site::store;

use crate::app::{Browser, PASSWORD, TestApp};

fn joining(mode: Signup) -> TestApp {
    TestApp::with(|config: &mut Config| config.signup = Some((mode, "--signup".into())))
}

fn join(site: &TestApp, name: &str, invite: &str) -> (Browser, u16) {
    let mut browser = site.browser();
    let fields = [
        ("name", name),
        ("password", PASSWORD),
        ("invite", invite),
        ("request", "I write about compilers."),
    ];
    let status = browser.post("/signup", &fields).status;
    (browser, status)
}

fn id(site: &TestApp, name: &'static str) -> UserId {
    let found = site.app.store.read(|conn| store::user::id_of(conn, name));
    found.unwrap()
}

/// Makes an invitation and answers with its token.
fn invite(browser: &mut Browser, memo: &str) -> String {
    let reply = browser.post("/settings/invites", &[("memo", memo)]);
    reply.location().split_once("made=").unwrap().1.to_owned()
}

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

#[test]
fn a_password_may_be_long_or_foreign_but_not_a_common_one() {
    let site = TestApp::start();
    let mut n = 0;
    let mut try_out = |password: &str| {
        n += 1;
        let name = format!("member{n}");
        let fields = [("name", name.as_str()), ("password", password)];
        let status = site.browser().post("/signup", &fields).status;
        if status == 303 {
            let back = site.browser().post("/login", &fields).status;
            assert_eq!(back, 303, "{password:?}");
        }
        status
    };
    for good in [
        "x7!kQ-pz",
        &"ab cd ef ".repeat(7),
        &"long words ".repeat(12),
        "пароль мой длинный",
        "🦊 fox 🦊 hen",
    ] {
        assert_eq!(try_out(good), 303, "{good:?}");
    }
    for bad in [
        "password",
        "12345678",
        "iloveyou",
        "qwerty123",
        "Semicolon1",
        "aaaaaaaaa",
        "seven77",
        &"q w e ".repeat(200),
    ] {
        assert_eq!(try_out(bad), 422, "{bad:?}");
    }
    // Two that are the same in their first 72 bytes are two.
    let long = "many words and then some ".repeat(4);
    let fields = [("name", "longer"), ("password", long.as_str())];
    site.browser().post("/signup", &fields).location();
    let other = format!("{}x", &long[..long.len() - 1]);
    let fields = [("name", "longer"), ("password", other.as_str())];
    site.browser().post("/login", &fields).expect(422);
}

#[test]
fn where_joining_is_by_invitation_a_link_lets_one_person_in_and_names_the_inviter() {
    let site = joining(Signup::Invite);
    site.browser()
        .get("/signup")
        .expect(200)
        .has("By invitation")
        .lacks("name=\"password\"");
    assert_eq!(join(&site, "eve", "").1, 422);
    assert_eq!(join(&site, "eve", "made-up").1, 422);
    let mut ada = site.member("ada");
    let token = invite(&mut ada, "for Bob");
    site.browser()
        .get(&format!("/signup?invite={token}"))
        .expect(200)
        .has("Invited by")
        .has("href=\"/u/ada\"")
        .has("name=\"password\"");
    let (mut bob, status) = join(&site, "bob", &token);
    assert_eq!(status, 303);
    bob.get("/").has("data-me=\"bob\"");
    assert_eq!(join(&site, "eve", &token).1, 422, "used twice");
    assert_eq!(
        site.number(
            "select u.id = v.invited_by from user u, user v where u.name = 'ada' and v.name = 'bob'"
        ),
        1
    );
    ada.get("/settings/invites")
        .expect(200)
        .has("for Bob")
        .has("used by")
        .has("href=\"/u/bob\"");
}

#[test]
fn an_invitations_link_is_shown_once_to_its_maker_and_can_be_withdrawn() {
    let site = TestApp::start();
    let mut ada = site.member("ada");
    ada.get("/settings/invites")
        .expect(200)
        .has("No invitations yet");
    let token = invite(&mut ada, "a friend");
    let shown = format!("/settings/invites?made={token}");
    let link = format!("/signup?invite={token}");
    ada.get(&shown).expect(200).has(&link);
    ada.get("/settings/invites")
        .expect(200)
        .lacks(&token)
        .has("a friend");
    site.member("bob").get(&shown).expect(200).lacks(&link);

    let invite = site.number("select id from invite");
    let path = format!("/settings/invites/{invite}/withdraw");
    site.member("bob")
        .post("/settings/invites/1/withdraw", &[])
        .location();
    assert_eq!(
        site.number("select count(*) from invite"),
        1,
        "withdrawn by a stranger"
    );
    ada.post(&path, &[]).location();
    ada.post(&path, &[]).location();
    site.browser()
        .get(&link)
        .expect(200)
        .has("used or withdrawn");
    let (_, status) = join(&site, "carl", &token);
    assert_eq!(status, 303, "an open site needs no invitation");
    assert_eq!(
        site.number("select invited_by is null from user where name = 'carl'"),
        1
    );
}

#[test]
fn unused_invitations_are_bounded_and_those_of_the_banned_are_void() {
    let site = joining(Signup::Invite);
    let mut ada = site.member("ada");
    let token = invite(&mut ada, "");
    for _ in 1..10 {
        invite(&mut ada, "");
    }
    ada.post("/settings/invites", &[("memo", "one more")])
        .expect(403)
        .has("10 unused invitations")
        .has("value=\"one more\"");
    ban(&site, "ada");
    assert_eq!(join(&site, "eve", &token).1, 422);
    ada.post("/settings/invites", &[])
        .expect(403)
        .has("You are banned");
}

fn ban(site: &TestApp, name: &'static str) {
    site.write(move |tx| {
        let sql = "update user set banned_until_ms = 9223372036854775807, ban_reason = 'Spam, again' where name = ?1";
        tx.execute(sql, [name])?;
        Ok(())
    });
}

#[test]
fn the_banned_can_sign_in_read_see_why_and_not_act() {
    let site = TestApp::start();
    site.sign_up("ada");
    ban(&site, "ada");
    let mut ada = site.browser();
    let login = [("name", "ada"), ("password", PASSWORD)];
    assert_eq!(ada.post("/login", &login).location(), "/settings");
    ada.get("/settings")
        .expect(200)
        .has("You are banned: Spam, again");
    ada.get("/").expect(200).has("data-me=\"ada\"");
    ada.post("/settings", &[("about", "Buy this")])
        .expect(403)
        .has("Spam, again")
        .has("Buy this");
    ada.post("/settings/look", &[("theme", "dark")]).location();
    ada.post("/settings/sessions/end-others", &[]).location();
}

#[test]
fn where_joining_needs_approval_the_newcomer_reads_until_a_moderator_agrees() {
    let site = joining(Signup::Approve);
    site.browser()
        .get("/signup")
        .expect(200)
        .has("To the moderators");
    let (mut ada, _) = join(&site, "ada", "");
    let (mut eve, _) = join(&site, "eve", "");
    ada.get("/settings")
        .expect(200)
        .has("A moderator has yet to approve");
    ada.post("/settings", &[("about", "x")]).expect(403);
    ada.post("/settings/invites", &[]).expect(403);
    let waiting = site.app.store.read(store::user::waiting).unwrap();
    let names: Vec<&str> = waiting.iter().map(|one| one.name.as_str()).collect();
    assert_eq!(names, ["ada", "eve"]);
    assert_eq!(waiting[0].request, "I write about compilers.");

    let (yes, no) = (waiting[0].id, waiting[1].id);
    site.write(move |tx| store::user::approve(tx, yes));
    site.write(move |tx| store::user::refuse(tx, no));
    ada.post("/settings", &[("about", "x")]).location();
    eve.get("/settings").expect(401);
    assert_eq!(
        join(&site, "eve", "").1,
        303,
        "a name that never wrote is free again"
    );
    let twice = site
        .app
        .store
        .write_blocking(move |tx| store::user::approve(tx, yes));
    assert!(matches!(twice, Err(site::error::Error::NotFound)));
}

#[test]
fn who_leaves_takes_their_data_along_and_leaves_the_threads_whole() {
    let site = TestApp::start();
    let mut ada = site.sign_up("ada");
    let mut bob = site.member("bob");
    let story = site.story("ada", "A story that stays");
    site.comment("ada", story, None, "A comment that stays");
    site.write(move |tx| {
        let sql = "insert into vote (item_id, user_id, created_ms) select s.id, u.id, 1 from story s, user u where u.name = 'bob'";
        tx.execute(sql, [])?;
        tx.execute("insert into saved (user_id, item_id, created_ms) select id, 1, 1 from user where name = 'ada'", [])?;
        Ok(())
    });
    ada.get("/settings/delete")
        .expect(200)
        .has("Delete my account");
    ada.post("/settings/delete", &[("password", "wrong")])
        .expect(422);
    let page = ada
        .post("/settings/delete", &[("password", PASSWORD)])
        .location()
        .to_owned();
    assert_eq!(ada.cookie, None);
    ada.get(&page).expect(200).has("Your account is deleted.");

    bob.get("/newest")
        .expect(200)
        .has("A story that stays")
        .has("[deleted]")
        .lacks(">ada<");
    assert_eq!(site.number("select count(*) from comment"), 1);
    assert_eq!(site.number("select count(*) from vote"), 1);
    for gone in [
        "select count(*) from session where user_id = (select id from user where state = 'deleted')",
        "select count(*) from saved",
        "select count(*) from user where state = 'deleted' and (email is not null or email_key is not null or password is not null)",
        "select count(*) from user where name = 'ada' or name_key = 'ada'",
    ] {
        assert_eq!(site.number(gone), 0, "{gone}");
    }
    assert_eq!(join(&site, "Ada", "").1, 422, "the name is held");
    let fields = [("name", "ada"), ("password", PASSWORD)];
    site.browser().post("/login", &fields).expect(422);
    let fields = [("name", "ada@example.org"), ("password", PASSWORD)];
    site.browser().post("/login", &fields).expect(422);
}

#[test]
fn the_only_administrator_cannot_leave() {
    let site = TestApp::start();
    let mut ada = site.sign_up("ada");
    site.write(|tx| {
        tx.execute("update user set role = 'admin'", [])?;
        Ok(())
    });
    ada.post("/settings/delete", &[("password", PASSWORD)])
        .expect(403)
        .has("the only administrator");
    site.user("bea", Role::Admin);
    ada.post("/settings/delete", &[("password", PASSWORD)])
        .location();
}

#[test]
fn a_reset_link_works_once_for_an_hour_and_ends_all_sessions() {
    let site = TestApp::stopped();
    let mut ada = site.sign_up("ada");
    let user = id(&site, "ada");
    let link = |site: &TestApp| {
        format!(
            "/reset/{}",
            site.write(move |tx| store::token::create_reset(tx, user))
        )
    };
    let new = [("password", "a fresh long sentence")];
    let (first, second) = (link(&site), link(&site));
    site.browser().get(&first).expect(404);
    let page = site
        .browser()
        .get(&second)
        .expect(200)
        .has("A new password")
        .has("ada");
    assert_eq!(page.header("cache-control"), Some("no-store"));
    assert_eq!(page.header("referrer-policy"), Some("same-origin"));
    site.browser()
        .post(&second, &[("password", "password")])
        .expect(422)
        .has("among the first");
    let done = site.browser().post(&second, &new);
    assert_eq!(done.location(), "/login?done=reset");
    let cookies = done.headers.iter().filter(|(name, _)| name == "set-cookie");
    assert!(
        cookies
            .into_iter()
            .all(|(_, line)| !line.contains("session="))
    );
    ada.get("/settings").expect(401);
    site.browser().post(&second, &new).expect(404);
    site.browser().get(&second).expect(404);
    let sign_in = |name: &str| {
        site.browser()
            .post("/login", &[("name", name), new[0]])
            .status
    };
    assert_eq!((sign_in("ada"), sign_in("ada@example.org")), (303, 303));

    let late = link(&site);
    site.pass(Duration::from_hours(1));
    site.browser().get(&late).expect(404);
    site.browser().post(&late, &new).expect(404);
    site.browser().post("/reset/made-up", &new).expect(404);
}
