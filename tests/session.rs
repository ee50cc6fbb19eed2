//! Signing in and out, through the real door: guesses, what answers tell, tokens, cookies, redirects.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use site::domain::user::Role;
use site::store;

use crate::app::{Browser, PASSWORD, Reply, TestApp};

fn log_in(browser: &mut Browser, name: &str, password: &str) -> Reply {
    browser.post("/login", &[("name", name), ("password", password)])
}

/// A sign-in that comes from `address`, by way of a trusted proxy.
fn log_in_from(site: &TestApp, address: &str, name: &str, password: &str) -> u16 {
    site.browser()
        .post_with(
            "/login",
            &[("name", name), ("password", password)],
            &[("x-forwarded-for", address)],
        )
        .status
}

fn limited() -> TestApp {
    TestApp::with(|config| {
        config.limits = true;
        config.trusted_proxies = vec!["127.0.0.0/8".parse().unwrap()];
    })
}

/// Whether a browser that shows this cookie is signed in.
fn is_in(site: &TestApp, cookie: Option<&String>) -> bool {
    let mut replay = site.browser();
    replay.cookie = cookie.cloned();
    let settings = replay.get("/settings").status;
    let front = replay.get("/").body.contains("data-me=");
    assert_eq!(settings == 200, front);
    front
}

#[test]
fn a_member_signs_up_signs_out_and_in_again_by_name_or_address() {
    let site = TestApp::start();
    let mut ada = site.sign_up("Ada");
    ada.get("/").expect(200).has("data-me=\"Ada\"");
    assert_eq!(ada.post("/logout", &[]).location(), "/");
    assert_eq!(ada.cookie, None);
    ada.get("/").expect(200).lacks("data-me");
    assert_eq!(ada.post("/logout", &[]).location(), "/");
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

#[test]
fn at_most_ten_wrong_guesses_reach_an_account_whatever_the_address_and_its_owner_still_gets_in() {
    let site = limited();
    let mut ada = site.sign_up("ada");
    let mut seen = BTreeMap::new();
    for n in 0..200 {
        let name = ["ada", "Ada", "ada@example.org", " ADA@example.org"][n % 4];
        let address = format!("192.0.2.{}", n % 20);
        *seen
            .entry(log_in_from(&site, &address, name, "wrong"))
            .or_insert(0) += 1;
    }
    assert_eq!(seen.keys().copied().collect::<Vec<_>>(), [422, 429]);
    assert!((2..=10).contains(&seen[&422]), "{seen:?}");
    assert_eq!(log_in_from(&site, "198.51.100.1", "ada", PASSWORD), 429);
    assert_eq!(log_in(&mut ada, "ada", PASSWORD).location(), "/");
    ada.get("/").has("data-me=\"ada\"");
}

#[test]
fn a_typed_name_cannot_use_up_the_owners_own_count() {
    let site = limited();
    let mut ada = site.sign_up("ada");
    for n in 0..30 {
        log_in_from(&site, &format!("192.0.2.{n}"), "known ada", "wrong");
        log_in_from(&site, &format!("192.0.2.{n}"), "proof ada", "wrong");
    }
    assert_eq!(log_in(&mut ada, "ada", PASSWORD).location(), "/");
}

#[test]
fn one_address_guesses_at_few_accounts_and_right_passwords_cost_nothing() {
    let site = limited();
    site.sign_up("ada");
    for _ in 0..40 {
        assert_eq!(log_in_from(&site, "192.0.2.1", "ada", PASSWORD), 303);
    }
    let tried =
        (0..200).filter(|n| log_in_from(&site, "192.0.2.1", &format!("name{n}"), "wrong") == 422);
    assert!(tried.count() <= 100);
}

#[test]
fn a_limited_sign_in_says_when_to_come_back_and_keeps_the_name() {
    let site = limited();
    let mut browser = site.browser();
    let mut last = log_in(&mut browser, "nobody", "wrong");
    for _ in 0..5 {
        last = log_in(&mut browser, "nobody", "wrong");
    }
    let last = last.expect(429).has("value=\"nobody\"");
    assert!(last.header("retry-after").unwrap().parse::<u64>().unwrap() > 60);
}

/// All that an answer tells but for the time and what was typed.
fn told(reply: Reply, typed: &str) -> String {
    let mut headers = reply.headers;
    headers.retain(|(name, _)| name != "date" && name != "set-cookie");
    headers.sort();
    let body = reply.body.replace(typed, "X");
    format!("{} {headers:?} {body}", reply.status)
}

#[test]
fn a_wrong_name_and_a_wrong_password_get_the_same_bytes() {
    let site = TestApp::start();
    site.sign_up("ada");
    site.user("eva", Role::Member); // imported: has no password
    let answer = |name: &str| told(log_in(&mut site.browser(), name, "wrong"), name);
    assert!(answer("ada").contains("The name or the password is wrong."));
    assert_eq!(answer("ada"), answer("bob"));
    assert_eq!(answer("ada"), answer("eva"));
    assert_eq!(answer("ada@example.org"), answer("bob@example.org"));
}

#[test]
fn a_wrong_name_costs_the_same_time_as_a_wrong_password() {
    let site = TestApp::start();
    site.sign_up("ada");
    site.user("eva", Role::Member);
    let mut fastest: BTreeMap<&str, Duration> = BTreeMap::new();
    // Other work on the machine only ever makes a try slower, so the fastest of enough tries tell: without a hash
    // they differ twentyfold.
    for _ in 0..100 {
        for name in ["ada", "bob", "eva", "ada@example.org", "bob@example.org"] {
            let start = Instant::now();
            log_in(&mut site.browser(), name, "wrong").expect(422);
            let took = start.elapsed();
            let best = fastest.entry(name).or_insert(took);
            *best = (*best).min(took);
        }
        let (least, most) = (fastest.values().min(), fastest.values().max());
        if most.unwrap().as_secs_f64() < least.unwrap().as_secs_f64() * 2.0 {
            return;
        }
    }
    panic!("the time tells: {fastest:?}");
}

#[test]
fn an_address_that_is_taken_is_not_told_at_sign_up_nor_by_signing_in_with_it() {
    let site = TestApp::start();
    site.sign_up("ada");
    let join = |name: &str, email: &str| {
        let mut browser = site.browser();
        let fields = [
            ("name", name),
            ("email", email),
            ("password", "another long sentence"),
        ];
        let reply = browser.post("/signup", &fields);
        (told(reply, name), browser)
    };
    let (taken, mut spy) = join("spy", "ADA@example.org");
    let (free, _) = join("fry", "fry@example.org");
    assert_eq!(taken, free);
    spy.get("/settings")
        .expect(200)
        .has("value=\"ADA@example.org\"");
    let mut again = site.browser();
    log_in(&mut again, "ada@example.org", "another long sentence").location();
    again.get("/").has("data-me=\"spy\"");
    log_in(&mut again, "ada@example.org", PASSWORD).location();
    again.get("/").has("data-me=\"ada\"");
}

#[test]
fn a_planted_cookie_is_never_adopted_and_the_one_that_came_along_ends() {
    let site = TestApp::start();
    let mut ada = site.sign_up("ada");
    let first = ada.cookie.clone();
    let planted = format!("__Host-session={}", "ab".repeat(32));
    ada.cookie = Some(planted.clone());
    log_in(&mut ada, "ada", PASSWORD).location();
    assert_ne!(ada.cookie, Some(planted.clone()));
    assert!(!is_in(&site, Some(&planted)));
    let second = ada.cookie.clone();
    log_in(&mut ada, "ada", PASSWORD).location();
    assert_ne!(ada.cookie, second);
    assert!(!is_in(&site, second.as_ref()), "the old token still works");
    assert!(
        is_in(&site, first.as_ref()),
        "another browser was signed out"
    );
}

#[test]
fn every_cookie_carries_all_protections() {
    let site = TestApp::start();
    let mut ada = site.browser();
    let fields = [("name", "ada"), ("password", PASSWORD)];
    for (path, clear) in [
        ("/signup", false),
        ("/logout", true),
        ("/login", false),
        ("/settings/sessions/end", true),
    ] {
        let reply = ada.post(path, &fields);
        let line = reply.header("set-cookie").unwrap().to_owned();
        assert!(line.starts_with("__Host-session="), "{line}");
        for flag in ["; Secure", "; HttpOnly", "; SameSite=Lax", "; Path=/"] {
            assert!(line.contains(flag), "{path}: {line}");
        }
        assert!(!line.contains("Domain"), "{line}");
        assert_eq!(line.contains("Max-Age=0"), clear, "{line}");
        assert_eq!(reply.header("cache-control"), Some("no-store"));
    }
}

#[test]
fn an_ended_session_is_dead_at_once_however_it_ended() {
    let site = TestApp::start();
    let mut ada = site.sign_up("ada");
    let enter = || {
        let mut browser = site.browser();
        log_in(&mut browser, "ada", PASSWORD).location();
        browser
    };
    let mut out = enter();
    let copied = out.cookie.clone();
    out.post("/logout", &[]).location();
    assert!(!is_in(&site, copied.as_ref()), "signed out");

    let one = enter();
    let id = site
        .app
        .store
        .read(|conn| store::session::list(conn, store::user::id_of(conn, "ada")?, site.app.now()));
    let id = id.unwrap()[0].id;
    let mut stranger = site.sign_up("bob");
    stranger
        .post(&format!("/settings/sessions/{id}/end"), &[])
        .location();
    assert!(is_in(&site, one.cookie.as_ref()), "ended by a stranger");
    ada.post(&format!("/settings/sessions/{id}/end"), &[])
        .location();
    assert!(!is_in(&site, one.cookie.as_ref()), "ended from the list");

    let other = enter();
    ada.post("/settings/sessions/end-others", &[]).location();
    assert!(
        !is_in(&site, other.cookie.as_ref()),
        "signed out everywhere else"
    );
    assert!(is_in(&site, ada.cookie.as_ref()));

    let (other, before) = (enter(), ada.cookie.clone());
    let fields = [("old", PASSWORD), ("new", "a new sentence, longer still")];
    ada.post("/settings/password", &fields).location();
    assert!(
        !is_in(&site, other.cookie.as_ref()) && !is_in(&site, before.as_ref()),
        "new password"
    );
    assert_ne!(ada.cookie, before);
    ada.get("/settings/sessions").expect(200).has("this one");

    let before = ada.cookie.clone();
    ada.post("/settings/sessions/end", &[]).location();
    assert!(!is_in(&site, before.as_ref()), "signed out everywhere");
    log_in(&mut ada, "ada", "a new sentence, longer still").location();
    let before = ada.cookie.clone();
    let mut boss = site.member_as("boss", Role::Admin);
    let ban = [("do", "ban"), ("reason", "Noise."), ("good", "1")];
    boss.post("/mod/u/ada", &ban).location();
    assert!(!is_in(&site, before.as_ref()), "banned");
    let lift = [("do", "unban"), ("reason", "Served.")];
    boss.post("/mod/u/ada", &lift).location();
    log_in(&mut ada, "ada", "a new sentence, longer still").location();
    let before = ada.cookie.clone();
    site.write(|tx| {
        let user = store::user::id_of(tx, "ada")?;
        store::role::set(tx, user, Role::Moderator, None)
    });
    assert!(!is_in(&site, before.as_ref()), "another role");
    log_in(&mut ada, "ada", "a new sentence, longer still").location();
    assert_ne!(ada.cookie, before);

    let before = ada.cookie.clone();
    ada.post(
        "/settings/delete",
        &[("password", "a new sentence, longer still")],
    )
    .location();
    assert!(!is_in(&site, before.as_ref()), "account deleted");
}

#[test]
fn a_session_ends_after_thirty_idle_days_and_after_ninety_days_of_use() {
    let site = TestApp::stopped();
    let day = Duration::from_hours(24);
    let idle = site.sign_up("idle");
    let mut used = site.sign_up("used");
    site.pass(day * 29);
    assert!(is_in(&site, used.cookie.as_ref()));
    settle(&site, &mut used, "used");
    site.pass(day);
    assert!(!is_in(&site, idle.cookie.as_ref()));
    for _ in 0..2 {
        site.pass(day * 28);
        assert!(is_in(&site, used.cookie.as_ref()));
        settle(&site, &mut used, "used");
    }
    site.pass(day * 4);
    assert!(!is_in(&site, used.cookie.as_ref()), "90 days");
}

/// Waits until the session's use has been noted, as it is after the page has gone out.
fn settle(site: &TestApp, browser: &mut Browser, name: &str) {
    let deadline = Instant::now() + Duration::from_secs(10);
    while seen(site, name) != site.app.now() {
        assert!(Instant::now() < deadline, "never noted");
        browser.get("/");
    }
}

fn seen(site: &TestApp, name: &str) -> site::time::Timestamp {
    let now = site.app.now();
    let found = site.app.store.read(|conn| {
        let user = store::user::id_of(conn, name)?;
        Ok(store::session::list(conn, user, now)?[0].seen)
    });
    found.unwrap()
}

#[test]
fn use_is_noted_at_most_once_an_hour() {
    let site = TestApp::stopped();
    let mut ada = site.sign_up("ada");
    let start = seen(&site, "ada");
    site.pass(Duration::from_mins(59));
    for _ in 0..20 {
        ada.get("/");
    }
    ada.post("/settings/look", &[("theme", "dark")]).location();
    assert_eq!(seen(&site, "ada"), start);
    site.pass(Duration::from_mins(1));
    ada.get("/");
    settle(&site, &mut ada, "ada");
    site.pass(Duration::from_hours(1));
    ada.post("/settings/look", &[("theme", "auto")]).location();
    assert_eq!(seen(&site, "ada"), site.app.now());
}

#[test]
fn no_redirect_leads_off_the_site() {
    let site = TestApp::start();
    let mut ada = site.sign_up("ada");
    for (n, next) in [
        "//evil.example",
        "/\\evil.example",
        "\\\\evil.example",
        "https:evil.example",
        "https://evil.example",
        "//evil.example/%2f..",
        "/\t/evil.example",
        "/\r\nLocation: https://evil.example",
        "javascript:alert(1)",
        "@evil.example",
        ".evil.example",
        " //evil.example",
        "/%0a/evil.example\u{7f}",
        "///evil.example",
        "http:/evil.example",
    ]
    .into_iter()
    .enumerate()
    {
        let fields = [("name", "ada"), ("password", PASSWORD), ("next", next)];
        assert_eq!(
            site.browser().post("/login", &fields).location(),
            "/",
            "{next:?}"
        );
        let name = format!("member{n}");
        let fields = [
            ("name", name.as_str()),
            ("password", PASSWORD),
            ("next", next),
        ];
        assert_eq!(
            site.browser().post("/signup", &fields).location(),
            "/",
            "{next:?}"
        );
        assert_eq!(
            ada.post("/logout", &[("next", next), ("back", next)])
                .location(),
            "/"
        );
        log_in(&mut ada, "ada", PASSWORD);
        let next: String = url::form_urlencoded::byte_serialize(next.as_bytes()).collect();
        for path in ["/login", "/signup"] {
            assert_eq!(ada.get(&format!("{path}?next={next}")).location(), "/");
        }
    }
    // Encoded slashes are no slashes: this stays here.
    let fields = [
        ("name", "ada"),
        ("password", PASSWORD),
        ("next", "/%2f%2fevil.example"),
    ];
    assert_eq!(
        site.browser().post("/login", &fields).location(),
        "/%2f%2fevil.example"
    );
}

#[test]
fn who_is_signed_in_already_is_led_on() {
    let site = TestApp::start();
    let mut ada = site.sign_up("ada");
    assert_eq!(ada.get("/login?next=/newest").location(), "/newest");
    assert_eq!(ada.get("/signup").location(), "/");
    let fields = [("name", "other"), ("password", PASSWORD)];
    assert_eq!(ada.post("/signup", &fields).location(), "/");
    ada.get("/").has("data-me=\"ada\"");
}

#[test]
fn another_site_can_sign_nobody_in_or_out() {
    let site = TestApp::start();
    let mut ada = site.sign_up("ada");
    let evil = [
        ("sec-fetch-site", "cross-site"),
        ("origin", "https://evil.example"),
    ];
    let fields = [("name", "ada"), ("password", PASSWORD)];
    ada.post_with("/logout", &[], &evil).expect(403);
    ada.get("/").has("data-me=\"ada\"");
    for path in ["/login", "/signup"] {
        let mut browser = site.browser();
        browser.post_with(path, &fields, &evil).expect(403);
        assert_eq!(browser.cookie, None);
    }
}

#[test]
fn the_database_holds_no_token_and_no_password() {
    let site = TestApp::start();
    let mut ada = site.sign_up("ada");
    let cookie = ada.cookie.clone().unwrap();
    let invite = ada.post("/settings/invites", &[]).location().to_owned();
    let reset = site.write(|tx| store::token::create_reset(tx, store::user::id_of(tx, "ada")?));
    let secrets = [
        cookie.split_once('=').unwrap().1,
        invite.split_once("made=").unwrap().1,
        &reset,
        PASSWORD,
    ];
    let mut bytes = Vec::new();
    for entry in std::fs::read_dir(site.app.store.dir()).unwrap() {
        let path = entry.unwrap().path();
        if path.is_file() {
            bytes.extend(std::fs::read(path).unwrap());
        }
    }
    let holds = |text: &str| {
        bytes
            .windows(text.len())
            .any(|window| window == text.as_bytes())
    };
    assert!(holds("ada@example.org") && holds("$argon2id$v=19$m=19456,t=2,p=1$"));
    for secret in secrets {
        assert!(!holds(secret), "{secret}");
        assert!(!holds(&secret.to_uppercase()), "{secret}");
    }
}
