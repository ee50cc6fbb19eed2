//! Posting a story: what is taken, what is refused and why, that nothing typed is lost, and what the title fetcher never
//! reaches.

use std::net::TcpListener;
use std::time::Duration;

use site::domain::user::Role;
use site::store;

use crate::app::{Browser, Reply, TestApp};

const DAY: Duration = Duration::from_hours(24);

fn post(browser: &mut Browser, title: &str, url: &str, text: &str, tags: &[&str]) -> Reply {
    let mut fields = vec![("title", title), ("url", url), ("text", text)];
    fields.extend(tags.iter().map(|tag| ("tags", *tag)));
    browser.post("/submit", &fields)
}

#[test]
fn a_visitor_is_led_to_sign_in_and_back_with_what_the_bookmarklet_brought() {
    let site = TestApp::start();
    let reply = site
        .browser()
        .get("/submit?url=https://e.com/a&title=A%20b")
        .expect(303);
    assert_eq!(
        reply.location(),
        "/login?next=%2Fsubmit%3Furl%3Dhttps%3A%2F%2Fe.com%2Fa%26title%3DA%2520b"
    );
}

#[test]
fn the_form_is_filled_from_the_address_and_notices_a_pdf() {
    let site = TestApp::start();
    site.member("ada")
        .get("/submit?url=https://e.com/a.pdf&title=A+%22paper%22&text=%0ASee+%3Cthis%3E")
        .expect(200)
        .has(r#"value="https://e.com/a.pdf""#)
        .has(r#"value="A &quot;paper&quot;""#)
        .has("\n\nSee &lt;this&gt;</textarea>")
        .has(r#"data-draft="submit""#)
        .has(r#"value="pdf" checked"#)
        .has(r#"value="javascript">"#);
}

#[test]
fn a_link_is_posted_clean_with_one_point_and_its_draft_is_let_go() {
    let site = TestApp::start();
    let mut ada = site.member("ada");
    let reply = post(
        &mut ada,
        "  How V8\nsorts ",
        "HTTPS://www.Example.com/sort?utm_source=x&id=7#:~:text=sort",
        "",
        &["javascript", "performance"],
    )
    .expect(303);
    assert_eq!(reply.location(), "/s/1/how-v8-sorts?saved=submit");
    ada.get("/newest")
        .expect(200)
        .has(r#"href="https://www.example.com/sort?id=7""#)
        .has(">How V8 sorts</a>")
        .has("example.com</a>")
        .has("/t/performance");
    assert_eq!(site.number("select score from story"), 1);
    assert_eq!(site.number("select karma from user where name = 'ada'"), 0);
    let found = "select count(*) from search where search match '\"sorts\"'";
    assert_eq!(site.number(found), 1);
}

#[test]
fn every_problem_stands_beside_its_field_and_what_was_typed_is_kept() {
    let site = TestApp::start();
    let mut ada = site.member("ada");
    post(
        &mut ada,
        "ab",
        "htp:/tc39.es",
        "My <b>text</b>",
        &["cobol", "css"],
    )
    .expect(422)
    .has("Not posted yet.")
    .has("3 fields need")
    .has(r#"id="e-url""#)
    .has(r#"id="e-title""#)
    .has(r#"id="e-tags""#)
    .has("There is no topic “cobol” here.")
    .has(r#"value="htp:/tc39.es""#)
    .has("My &lt;b&gt;text&lt;/b&gt;</textarea>")
    .has(r#"value="css" checked"#);
    post(&mut ada, "A title", "", " ", &["css"])
        .expect(422)
        .has("Give a link here, or write a text below.");
    post(&mut ada, "A title", "", "Text", &[])
        .expect(422)
        .has("Choose at least one topic.");
    let five = ["css", "html", "node", "wasm", "ask"];
    post(&mut ada, "A title", "", "Text", &five)
        .expect(422)
        .has("Choose at most 4 topics.");
    post(
        &mut ada,
        "A title",
        "",
        &"x".repeat(32 * 1024 + 1),
        &["css"],
    )
    .expect(422)
    .has("1 bytes too long");
    assert_eq!(site.number("select count(*) from story"), 0);
}

#[test]
fn a_retired_topic_is_not_taken() {
    let site = TestApp::start();
    site.write(|tx| {
        tx.execute("update tag set retired = 1 where name = 'wasm'", [])?;
        Ok(())
    });
    let mut ada = site.member("ada");
    ada.get("/submit").expect(200).lacks(r#"value="wasm""#);
    post(&mut ada, "A title", "", "Text", &["wasm"])
        .expect(422)
        .has("There is no topic “wasm” here.");
}

#[test]
fn a_preview_shows_the_story_and_posts_nothing() {
    let site = TestApp::start();
    let mut ada = site.member("ada");
    let fields = [
        ("title", "Temporal is shipping"),
        ("url", "https://youtu.be/abc?si=track"),
        ("text", "What **breaks** first?"),
        ("tags", "javascript"),
        ("preview", "1"),
    ];
    ada.post("/submit", &fields)
        .expect(200)
        .has("Preview, not posted")
        .has("What <strong>breaks</strong> first?")
        .has("What **breaks** first?</textarea>")
        .has("add the topic <strong>video</strong>")
        .lacks("si=track\" rel");
    assert_eq!(site.number("select count(*) from story"), 0);
    site.browser().post("/submit", &fields).expect(401);
}

#[test]
fn a_link_of_the_last_thirty_days_leads_to_its_thread_and_an_older_one_may_be_posted_again() {
    let site = TestApp::stopped();
    let first = "https://www.example.com/a/?utm_campaign=x";
    let again = "http://example.com/a#top";
    site.post_story("ada", "The first", Some(first), "");
    let mut bob = site.member("bob");
    site.pass(29 * DAY);
    let mut bob_again = site.member("bob");
    post(&mut bob_again, "The second", again, "Kept words", &["css"])
        .expect(422)
        .has("This page was posted on 23 Nov 2026")
        .has(r#"<a href="/s/1/the-first">The first</a>"#)
        .has("Kept words</textarea>");
    site.pass(2 * DAY);
    bob_again
        .post(
            "/submit",
            &[
                ("title", "The second"),
                ("url", again),
                ("tags", "css"),
                ("preview", "1"),
            ],
        )
        .expect(200)
        .has("Posted before.")
        .has(r#"href="/s/1/the-first""#);
    post(&mut bob_again, "The second", again, "", &["css"]).expect(303);
    bob.cookie = None;
    let found = bob
        .get("/submit/check?url=https%3A%2F%2Fexample.com%2Fa%3Futm_source%3Dy")
        .expect(200);
    let found: serde_json::Value = serde_json::from_str(&found.body).unwrap();
    assert_eq!(found["url"], "https://example.com/a");
    assert_eq!(found["stories"][0]["title"], "The second");
    assert_eq!(found["stories"][0]["age_ms"], 0);
    assert_eq!(found["stories"][1]["path"], "/s/1/the-first");
    assert_eq!(found["stories"][1]["comments"], 0);
    assert_eq!(found["stories"][1]["id"], 1);
}

#[test]
fn an_address_that_is_none_has_no_earlier_stories() {
    let site = TestApp::start();
    let none = site
        .browser()
        .get("/submit/check?url=javascript:1")
        .expect(200);
    assert_eq!(none.body, r#"{"stories":[],"url":null}"#);
    assert_eq!(none.header("content-type"), Some("application/json"));
}

#[test]
fn the_same_form_sent_twice_is_one_story() {
    let site = TestApp::stopped();
    let mut ada = site.member("ada");
    let one = post(&mut ada, "Ask: why?", "", "Really, why?", &["ask"]);
    let two = post(&mut ada, "Ask: why?", "", "Really, why?", &["ask"]);
    assert_eq!(one.location(), two.location());
    let link = |ada: &mut Browser| post(ada, "A page", "https://e.com/p", "", &["css"]).expect(303);
    let (one, two) = (link(&mut ada), link(&mut ada));
    assert_eq!(one.location(), two.location());
    assert_eq!(site.number("select count(*) from story"), 2);
    site.pass(Duration::from_mins(11));
    post(&mut ada, "Ask: why?", "", "Really, why?", &["ask"]).expect(303);
    assert_eq!(site.number("select count(*) from story"), 3);
}

#[test]
fn links_to_a_banned_site_are_refused_with_the_public_reason() {
    let site = TestApp::stopped();
    let until = site.app.now().plus(DAY).ms();
    site.write(move |tx| {
        tx.execute(
            "insert into domain_ban (domain, reason, until_ms, created_ms) values ('spam.example', 'Farmed content.', ?1, 0)",
            [until],
        )?;
        Ok(())
    });
    let mut ada = site.member("ada");
    let blog = "https://blog.spam.example/a";
    post(&mut ada, "A title", blog, "", &["css"])
        .expect(422)
        .has("Links to blog.spam.example are not taken here: Farmed content.");
    post(
        &mut ada,
        "A title",
        "https://notspam.example/a",
        "",
        &["css"],
    )
    .expect(303);
    site.pass(DAY);
    post(&mut ada, "A title", blog, "", &["css"]).expect(303);
}

#[test]
fn a_session_that_ended_meanwhile_loses_nothing() {
    let site = TestApp::start();
    site.browser()
        .post(
            "/submit",
            &[
                ("title", "A title"),
                ("text", "Long thoughts"),
                ("tags", "css"),
            ],
        )
        .expect(401)
        .has("you are signed out")
        .has("/login?next=%2Fsubmit")
        .has("Long thoughts</textarea>")
        .has(r#"value="css" checked"#);
}

#[test]
fn who_may_not_post_is_told_why_and_keeps_the_text() {
    let site = TestApp::start();
    let mut ada = site.member("ada");
    site.write(|tx| {
        tx.execute(
            "update user set banned_until_ms = 9223372036854775807, ban_reason = 'Spam.'",
            [],
        )?;
        Ok(())
    });
    ada.get("/submit").expect(403).has("You are banned: Spam.");
    post(&mut ada, "A title", "", "My words", &["css"])
        .expect(403)
        .has("You are banned: Spam.")
        .has("My words</textarea>");
    assert_eq!(site.number("select count(*) from story"), 0);
}

#[test]
fn a_post_from_another_site_is_refused() {
    let site = TestApp::start();
    let mut ada = site.member("ada");
    let headers = [
        ("sec-fetch-site", "cross-site"),
        ("origin", "https://evil.example"),
    ];
    for button in ["preview", "fetch", "post"] {
        let fields = [
            ("title", "A title"),
            ("text", "x"),
            ("tags", "css"),
            (button, "1"),
        ];
        ada.post_with("/submit", &fields, &headers).expect(403);
    }
    ada.post_with("/submit/title", &[("url", "https://e.com/")], &headers)
        .expect(403);
    assert_eq!(site.number("select count(*) from story"), 0);
}

#[test]
fn a_flood_of_stories_is_slowed_down_and_the_form_kept() {
    let site = TestApp::with(|config| config.limits = true);
    let mut ada = site.member("ada");
    for n in 0..5 {
        post(&mut ada, &format!("Story {n}"), "", "x", &["css"]).expect(303);
    }
    let reply = post(&mut ada, "One more", "", "My words", &["css"])
        .expect(429)
        .has("My words</textarea>");
    assert!(reply.header("retry-after").is_some());
}

/// Everything that leads to this machine or its network, in whatever spelling; `{port}` is the tripwire's.
const INSIDE: &[&str] = &[
    "http://127.0.0.1:{port}/",
    "http://127.0.0.1/",
    "https://127.0.0.1/",
    "http://localhost:{port}/",
    "http://localhost/",
    "http://LOCALHOST./",
    "http://site.localhost/",
    "http://[::1]:{port}/",
    "http://[::1]/",
    "http://[::ffff:127.0.0.1]/",
    "http://[::ffff:7f00:1]/",
    "http://[64:ff9b::7f00:1]/",
    "http://2130706433/",
    "http://2130706433:{port}/",
    "http://017700000001/",
    "http://0177.0.0.1/",
    "http://0x7f000001/",
    "http://0x7f.0.0.1:{port}/",
    "http://127.1/",
    "http://0/",
    "http://0.0.0.0:{port}/",
    "http://①②⑦.0.0.1/",
    "http://169.254.169.254/latest/meta-data/",
    "http://2852039166/",
    "http://[fe80::1]/",
    "http://[fd00::1]/",
    "http://10.0.0.1/",
    "http://192.168.1.1/",
    "http://172.16.0.1/",
    "http://100.64.0.1/",
    "http://metadata.google.internal/",
    "http://printer.local/",
];

#[test]
fn the_title_fetcher_reaches_nothing_inside_and_tells_nothing_apart() {
    let site = TestApp::start();
    let tripwire = TcpListener::bind("127.0.0.1:0").unwrap();
    tripwire.set_nonblocking(true).unwrap();
    let port = tripwire.local_addr().unwrap().port().to_string();
    let mut ada = site.member("ada");
    let refused = r#"{"error":{"code":"invalid","message":"That site could not be reached."}}"#;
    for url in INSIDE {
        let url = url.replace("{port}", &port);
        let reply = ada.post("/submit/title", &[("url", &url)]).expect(422);
        assert_eq!(reply.body, refused, "{url}");
        ada.post(
            "/submit",
            &[("url", &url), ("text", "kept"), ("fetch", "1")],
        )
        .expect(422)
        .has("That site could not be reached.")
        .has("kept</textarea>");
    }
    let touched = tripwire.accept();
    assert!(touched.is_err(), "the tripwire was touched: {touched:?}");
}

#[test]
fn titles_are_fetched_for_members_only_and_of_web_pages_only() {
    let site = TestApp::start();
    let url = [("url", "https://example.com/")];
    site.browser()
        .post("/submit/title", &url)
        .expect(401)
        .has(r#""code":"sign_in""#);
    let mut ada = site.member("ada");
    for (url, why) in [
        ("", "Please give a URL."),
        ("file:///etc/passwd", "begin with http"),
        ("gopher://127.0.0.1:6379/_x", "begin with http"),
        ("http://a:b@127.0.0.1/", "user name or password"),
    ] {
        ada.post("/submit/title", &[("url", url)])
            .expect(422)
            .has(why);
    }
    let waiting = site.user("ada", Role::Member);
    site.write(move |tx| {
        tx.execute(
            "update user set state = 'waiting' where id = ?1",
            [waiting.raw()],
        )?;
        Ok(())
    });
    ada.post("/submit/title", &url).expect(403);
}

#[test]
fn title_fetching_is_limited_by_account() {
    let site = TestApp::with(|config| config.limits = true);
    let mut ada = site.member("ada");
    let mut fetch = || {
        ada.post("/submit/title", &[("url", "http://127.0.0.1/")])
            .status
    };
    assert!((0..10).all(|_| fetch() == 422));
    assert_eq!(fetch(), 429);
}

#[test]
fn earlier_discussions_leave_out_the_story_itself_and_what_is_not_shown() {
    let site = TestApp::stopped();
    let url = Some("https://example.com/a");
    let one = site.post_story("ada", "One", url, "");
    let two = site.post_story("ada", "Two", url, "");
    site.post_story("ada", "Three", url, "");
    site.write(move |tx| {
        tx.execute("update story set state = 2 where id = ?1", [one.raw()])?;
        Ok(())
    });
    let link = site::domain::link::Link::parse("https://example.com/a").unwrap();
    let read = |conn: &store::Conn| store::submission::earlier(conn, &link, Some(two));
    let earlier = site.app.store.read(read).unwrap();
    let titles: Vec<&str> = earlier.iter().map(|story| story.title.as_str()).collect();
    assert_eq!(titles, ["Three"]);
}
