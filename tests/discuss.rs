//! The talk about a lesson: one thread of the site's own for each, made with its first comment, and in no list of stories.

use site::domain::lesson::LessonId;
use site::domain::tag::TagName;
use site::domain::user::Role;
use site::store;

use crate::app::{PASSWORD, TestApp};

const TALK: &str = "/learn/give-it-a-name/talk";

fn threads(site: &TestApp) -> i64 {
    site.number("select count(*) from story")
}

#[test]
fn the_first_comment_makes_the_thread_and_looking_makes_nothing() {
    let site = TestApp::start();
    let mut ada = site.member("ada");
    site.browser()
        .get(TALK)
        .expect(200)
        .has("Nobody has said anything yet")
        .has("may show solutions");
    ada.get(TALK).has("action=\"/learn/give-it-a-name/talk\"");
    assert_eq!(threads(&site), 0);
    let posted = ada.post(TALK, &[("text", "Why *const*?")]);
    let there = posted.location().to_owned();
    assert!(there.starts_with("/learn/give-it-a-name/talk?saved=talk-give-it-a-name&at="));
    ada.get(&there)
        .expect(200)
        .has("<em>const</em>")
        .has("data-saved=\"talk-give-it-a-name\"");
    let page = site.browser().get(TALK);
    page.has("<details class=\"spoilers\" id=\"comments\" data-lesson=\"give-it-a-name\">")
        .has("1 comment · they may show solutions")
        .has("Why <em>const</em>?");
    site.member("bob")
        .post(TALK, &[("text", "So that it stays.")])
        .location();
    assert_eq!(threads(&site), 1);
    // Sent twice is said once.
    site.member("bob")
        .post(TALK, &[("text", "So that it stays.")])
        .location();
    assert_eq!(site.number("select comment_count from story"), 2);
    site.browser().get("/learn/no-such-lesson/talk").expect(404);
    ada.post("/learn/no-such-lesson/talk", &[("text", "Hi")])
        .expect(404);
}

#[test]
fn its_comments_are_answered_voted_on_and_told_as_everywhere() {
    let site = TestApp::start();
    let mut ada = site.member("ada");
    ada.post(TALK, &[("text", "Why const?")]).location();
    let comment = site.number("select id from comment");
    let story = site.number("select id from story");
    let mut bob = site.member("bob");
    let answer = [
        ("text", "So that it stays."),
        ("parent", &comment.to_string()),
    ];
    let posted = bob.post(&format!("/s/{story}/comments"), &answer);
    assert!(
        posted
            .location()
            .starts_with(&format!("{TALK}?saved=s{story}-{comment}&at="))
    );
    ada.get("/inbox").expect(200).has("So that it stays.");
    ada.get("/").has("Inbox, 1 new");
    bob.post(&format!("/c/{comment}/vote"), &[]).location();
    bob.post(&format!("/c/{comment}/save"), &[]).location();
    for list in ["/saved", "/voted"] {
        bob.get(list).expect(200).has("Why const?");
    }
    assert_eq!(site.number("select karma from user where name = 'ada'"), 1);
    bob.post(&format!("/c/{comment}/flag"), &[("reason", "off-topic")])
        .location();
    let mut mo = site.member_as("mo", Role::Moderator);
    mo.get("/mod").expect(200).has("Why const?");
    let mut visitor = site.browser();
    visitor
        .get(&format!("/c/{comment}"))
        .expect(200)
        .has("Why const?");
    let folded = "<details><summary>This may show a solution</summary><p>Why const?";
    for list in ["/comments", "/u/ada/comments"] {
        visitor.get(list).expect(200).has(folded);
        for ending in ["atom", "rss", "feed.json"] {
            visitor
                .get(&format!("{list}.{ending}"))
                .expect(200)
                .lacks("Why const?")
                .has("said something about the lesson")
                .has(&format!("/c/{comment}"));
        }
    }
    visitor
        .get("/search?q=const")
        .expect(200)
        .has(&format!("href=\"/c/{comment}\""))
        .has("may show a solution")
        .lacks("Why");
    visitor
        .get(&format!("/s/{story}/comments.atom"))
        .expect(200)
        .has("Why const?");
    visitor.get("/search?q=why+let").has("Nothing found");
    ada.get(&format!("/c/{comment}/edit")).expect(200);
    let edited = ada.post(&format!("/c/{comment}/edit"), &[("text", "Why not let?")]);
    assert!(edited.location().starts_with(TALK));
    let found = visitor.get("/search?q=why+let").expect(200);
    found.has(&format!("href=\"/c/{comment}\""));
    bob.get(&format!("/c/{comment}/reply"))
        .expect(200)
        .has("Why not let?");
}

#[test]
fn its_story_is_in_no_list_and_leads_to_the_lesson() {
    let site = TestApp::start();
    site.story("ada", "A real story");
    site.member("ada")
        .post(TALK, &[("text", "Why const?")])
        .location();
    let id = site.number("select max(id) from story");
    let mut visitor = site.browser();
    for list in [
        "/",
        "/newest",
        "/active",
        "/top/all",
        "/hot.atom",
        "/newest.json",
        "/search?q=name",
    ] {
        visitor.get(list).expect(200).lacks("Give it a name");
    }
    visitor
        .get("/sitemap/0.xml")
        .expect(200)
        .lacks("give-it-a-name");
    let short = visitor.get(&format!("/s/{id}"));
    assert_eq!((short.status, short.location()), (301, TALK));
    let long = visitor.get(&format!("/s/{id}/whatever?at=3&order=newest"));
    assert_eq!(long.location(), format!("{TALK}?order=newest&at=3"));
    let mut bob = site.member("bob");
    for act in ["vote", "save", "hide"] {
        bob.post(&format!("/s/{id}/{act}"), &[]).expect(404);
    }
    bob.post(&format!("/s/{id}/flag"), &[("reason", "spam")])
        .expect(404);
    bob.get(&format!("/s/{id}/edit")).expect(403);
    bob.post(&format!("/s/{id}/delete"), &[]).expect(403);
    visitor.get(&format!("/s/{id}.json")).expect(404);
}

#[test]
fn nobody_is_or_becomes_its_author() {
    let site = TestApp::start();
    site.member("ada")
        .post(TALK, &[("text", "Why const?")])
        .location();
    for name in ["[course]", "course:"] {
        let form = [("name", name), ("password", PASSWORD)];
        site.browser().post("/login", &form).expect(422);
        site.browser().post("/signup", &form).expect(422);
        site.browser().get(&format!("/u/{name}")).expect(404);
    }
    // A member may be called so; the thread stays nobody's.
    site.sign_up("course");
    assert_eq!(
        site.number("select count(*) from user where state = 'deleted'"),
        1
    );
    let inbox = "select count(*) from inbox";
    assert_eq!(site.number(inbox), 0);
}

#[test]
fn moderators_lock_it_and_can_do_no_more_to_it() {
    let site = TestApp::start();
    site.member("ada")
        .post(TALK, &[("text", "Why const?")])
        .location();
    let id = site.number("select id from story");
    let mut mo = site.member_as("mo", Role::Moderator);
    let path = format!("/mod/s/{id}");
    mo.get(TALK).has(&format!("href=\"{path}\""));
    mo.get(&path)
        .expect(200)
        .has(">Lock<")
        .lacks(">Remove<")
        .lacks(">Pin<");
    for act in ["remove", "restore", "pin"] {
        mo.post(&path, &[("do", act), ("reason", "x")]).expect(403);
    }
    let edit = [("title", "Another"), ("tags", "css")];
    mo.post(&format!("{path}/edit"), &edit).expect(403);
    mo.post(&path, &[("do", "lock"), ("reason", "Enough.")])
        .location();
    site.browser().get(TALK).has("This thread is locked");
    site.member("bob")
        .post(TALK, &[("text", "But")])
        .expect(403)
        .has("But");
    let comment = site.number("select id from comment");
    let remove = [("do", "remove"), ("reason", "Unkind.")];
    mo.post(&format!("/mod/c/{comment}"), &remove).location();
    site.browser()
        .get(TALK)
        .has("Nobody has said anything")
        .lacks("Why const?");
}

#[test]
fn what_cannot_be_posted_is_not_lost_even_before_there_is_a_thread() {
    let site = TestApp::start();
    let mut ada = site.member("ada");
    ada.post(TALK, &[("text", "Some *words*"), ("preview", "1")])
        .expect(200)
        .has("Preview, not posted")
        .has("action=\"/learn/give-it-a-name/talk\"")
        .has("Some *words*");
    ada.post(TALK, &[("text", " ")]).expect(422);
    site.browser()
        .post(TALK, &[("text", "Some *words*")])
        .expect(401)
        .has("Some *words*");
    assert_eq!(threads(&site), 0);
}

#[test]
fn one_who_comes_for_a_comment_finds_it_open() {
    let site = TestApp::start();
    site.member("ada")
        .post(TALK, &[("text", "Why const?")])
        .location();
    let comment = site.number("select id from comment");
    for query in [format!("?at={comment}"), "?order=newest".into()] {
        site.browser()
            .get(&format!("{TALK}{query}"))
            .expect(200)
            .has("id=\"comments\" open data-lesson");
    }
}

#[test]
fn a_report_reaches_moderators_with_its_version_and_is_settled_once() {
    let site = TestApp::start();
    let path = "/learn/give-it-a-name/report";
    site.browser()
        .get(&format!("{path}?version=0a1b2c"))
        .expect(200)
        .has("Reports come from members")
        .has("/login?next=%2Flearn%2Fgive-it-a-name%2Freport%3Fversion%3D0a1b2c")
        .lacks("<textarea");
    site.browser().get("/learn/nowhere/report").expect(404);
    let mut ada = site.member("ada");
    ada.get(&format!("{path}?version=0a1b2c"))
        .expect(200)
        .has("name=\"version\" value=\"0a1b2c\"");
    let form = [("text", "const is\nrefused <b>"), ("version", "0a1b2c")];
    for _ in 0..2 {
        let sent = ada.post(path, &form);
        assert!(sent.location().starts_with(&format!("{path}?sent=1")));
    }
    ada.get(&format!("{path}?sent=1")).has("Thank you");
    ada.post(path, &[("text", " ")]).expect(422);
    ada.post(path, &[("text", &"x".repeat(1001))]).expect(422);
    assert!(
        site.browser()
            .post(path, &form)
            .location()
            .starts_with("/login?next=")
    );
    site.browser().post_json(path, &form).expect(401);
    let told = site
        .member("bob")
        .post_json(path, &[("text", "Other words")]);
    assert_eq!(told.expect(200).body, "{\"ok\":true}");
    ada.post("/learn/nowhere/report", &form).expect(404);
    let mut mo = site.member_as("mo", Role::Moderator);
    mo.get("/mod").has("Lessons\u{a0}2");
    mo.get("/mod/lessons")
        .expect(200)
        .has("refused &lt;b&gt;")
        .has("version 0a1b2c")
        .has("<h2><a href=\"/learn/give-it-a-name\">Give it a name</a></h2>")
        .has("ada");
    for _ in 0..2 {
        let settle = [("report", "1"), ("reason", "The check takes it now.")];
        mo.post("/mod/lessons", &settle).location();
    }
    mo.get("/mod/lessons").lacks("refused").has("Other words");
    site.browser()
        .get("/modlog")
        .has("settled a report on the lesson give-it-a-name")
        .has("The check takes it now.");
    assert_eq!(site.number("select count(*) from modlog"), 1);
}

#[test]
fn reports_and_talk_are_limited() {
    let site = TestApp::with(|config| config.limits = true);
    let path = "/learn/give-it-a-name/report";
    let mut ada = site.member("ada");
    let statuses: Vec<u16> = (0..12)
        .map(|n| ada.post(path, &[("text", &format!("Wrong {n}"))]).status)
        .collect();
    assert!(
        statuses.contains(&303) && statuses.contains(&429),
        "{statuses:?}"
    );
}

#[test]
fn news_on_a_topic_are_its_three_newest_stories() {
    let site = TestApp::start();
    for n in 0..5 {
        site.story("ada", &format!("Story {n}"));
    }
    let list = site::domain::list::List::Tags(
        vec![TagName::parse("javascript").unwrap()],
        site::domain::list::TagOrder::Newest,
    );
    let now = site.app.now();
    let read = |conn: &store::Conn| store::list::first(conn, &list, 3, now);
    let found = site.app.store.read(read).unwrap();
    let titles: Vec<&str> = found.rows.iter().map(|row| row.title.as_str()).collect();
    assert_eq!(titles, ["Story 4", "Story 3", "Story 2"]);
    assert!(found.next.is_some() && found.beyond.is_some());
}

#[test]
fn a_thread_is_called_as_its_lesson_is_called_now() {
    let site = TestApp::start();
    let lesson = LessonId::parse("give-it-a-name").unwrap();
    let open = |title: &'static str| {
        let lesson = lesson.clone();
        site.write(move |tx| store::lesson_talk::open(tx, &lesson, title))
    };
    let first = open("Name it");
    assert_eq!(open("Give it a name"), first);
    assert_eq!(threads(&site), 1);
    assert_eq!(
        site.number("select count(*) from story where title = 'Give it a name'"),
        1
    );
}

#[test]
fn reports_go_with_the_account() {
    let site = TestApp::start();
    let mut ada = site.sign_up("ada");
    ada.post("/learn/give-it-a-name/report", &[("text", "It is wrong.")])
        .location();
    let reports = "select count(*) from lesson_report";
    assert_eq!(site.number(reports), 1);
    ada.post("/settings/delete", &[("password", PASSWORD)])
        .location();
    assert_eq!(site.number(reports), 0);
    site.member_as("mo", Role::Moderator)
        .get("/mod/lessons")
        .expect(200)
        .lacks("It is wrong.");
}

#[test]
fn the_thread_of_a_lesson_that_is_not_offered_can_be_read_and_not_added_to() {
    let site = TestApp::start();
    let mut ada = site.member("ada");
    ada.post(TALK, &[("text", "Why const?")]).location();
    let (story, comment) = (
        site.number("select id from story"),
        site.number("select id from comment"),
    );
    let mut visitor = site.browser();
    visitor.get(TALK).expect(200);
    let reply = format!("href=\"/c/{comment}/reply\"");
    site.write(|tx| store::setting::set(tx, "learn", "0"));
    visitor
        .get(TALK)
        .expect(200)
        .has("Talk: Give it a name")
        .has("Why const?")
        .has("not offered here now")
        .lacks(&reply)
        .lacks("href=\"/learn/give-it-a-name\"");
    ada.get(TALK)
        .expect(200)
        .lacks("action=\"/learn/give-it-a-name/talk\"");
    assert_eq!(visitor.get(&format!("/s/{story}")).location(), TALK);
    visitor
        .get(&format!("/c/{comment}"))
        .expect(200)
        .lacks(&reply);
    visitor.get("/learn/count-up/talk").expect(404);
    ada.get(&format!("/c/{comment}/reply")).expect(403);
    ada.post(TALK, &[("text", "More")]).expect(404);
    ada.post(&format!("/s/{story}/comments"), &[("text", "More")])
        .expect(403)
        .has("More");
    assert_eq!(site.number("select count(*) from comment"), 1);
    site.write(|tx| store::setting::set(tx, "learn", "1"));
    visitor.get(TALK).expect(200).has(&reply);
    ada.post(&format!("/s/{story}/comments"), &[("text", "More")])
        .location();
}
