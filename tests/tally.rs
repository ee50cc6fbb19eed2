//! What browsers tell of lessons, as sums: counted once a minute, of nobody in particular, and not of who declines.

use std::time::Duration;

use serde_json::{Value, json};
use site::course::{self, Courses};
use site::domain::lesson::{Files, LessonId};
use site::domain::user::Role;
use site::server::sums;
use site::tally::Tallies;

use crate::app::{Browser, Reply, TestApp};
use crate::relay::pair::Pair;

const TALLY: &str = "/learn/progress/tally";
const LESSON: &str = "give-it-a-name";
const OWN: [(&str, &str); 2] = [
    ("content-type", "application/json"),
    ("sec-fetch-site", "same-origin"),
];

fn send(browser: &mut Browser, message: &Value) -> Reply {
    browser.post_body(TALLY, message.to_string().as_bytes(), &OWN)
}

/// What a page of the lesson tells.
fn told(site: &TestApp, words: &[&str]) -> Value {
    json!({"v": 1, "lessons": {LESSON: {"version": version(site, LESSON), "told": words}}})
}

fn version(site: &TestApp, lesson: &str) -> String {
    let tallies = site.app.tallies.as_ref().unwrap();
    let lesson = LessonId::parse(lesson).unwrap();
    tallies.version(&lesson).unwrap().to_owned()
}

/// As once a minute.
fn flush(site: &TestApp) {
    let flush = sums::flush(&site.app);
    actix_web::rt::System::new().block_on(flush).unwrap();
}

fn sum(site: &TestApp, column: &str) -> i64 {
    site.number(&format!(
        "select coalesce(sum({column}), 0) from lesson_tally"
    ))
}

#[test]
fn what_browsers_tell_becomes_sums_that_moderators_read() {
    let site = TestApp::start();
    let mut ada = site.member("ada");
    site.browser()
        .get("/learn/give-it-a-name")
        .expect(200)
        .has(&format!("data-tally=\"{}\"", version(&site, LESSON)));
    let words = [&["tried", "hint-1", "solution"][..], &["tried", "passed"]];
    for (browser, words) in [&mut site.browser(), &mut ada].into_iter().zip(words) {
        let reply = send(browser, &told(&site, words)).expect(204);
        assert_eq!(reply.body, "");
        assert_eq!(reply.header("set-cookie"), None);
        assert_eq!(reply.header("cache-control"), Some("no-store"));
    }
    assert_eq!(sum(&site, "tried"), 0, "they wait");
    flush(&site);
    send(&mut site.browser(), &told(&site, &["tried"])).expect(204);
    flush(&site);
    let columns = ["tried", "passed", "hint1", "hint2", "hint3", "solution"];
    assert_eq!(columns.map(|of| sum(&site, of)), [3, 1, 1, 0, 0, 1]);
    assert_eq!(site.number("select count(*) from lesson_tally"), 1);
    let hours = "select sum(since_ms % 86400000 + last_ms % 86400000) from lesson_tally";
    assert_eq!(site.number(hours), 0, "the day alone");
    let mut mo = site.member_as("mo", Role::Moderator);
    let page = mo.get("/mod/lessons").expect(200);
    assert_eq!(page.header("cache-control"), Some("no-store"));
    page.has("Most stop at <a href=\"/learn/give-it-a-name\">3 Give it a name</a>: 2 of 3")
        .has("<td class=\"n\" data-th=\"Rate\">33\u{a0}%</td>");
    ada.get("/mod/lessons").expect(403);
}

#[test]
fn a_version_is_another_for_other_code_and_the_same_in_every_language() {
    let version = |files: &Files| {
        let tallies = Tallies::new(&Courses::of_files(files));
        let lesson = LessonId::parse(LESSON).unwrap();
        tallies.version(&lesson).unwrap().to_owned()
    };
    let shipped = course::shipped();
    let changed = |file: &str, from: &str, change: &dyn Fn(&str) -> String| {
        let mut files = shipped.clone();
        let text = change(&shipped[&format!("{LESSON}/{from}")]);
        files.insert(format!("{LESSON}/{file}"), text);
        files
    };
    let one = version(&shipped);
    let more = |text: &str| format!("{text}\n// more\n");
    for file in ["starter.js", "solution.js", "checks.js"] {
        assert_ne!(version(&changed(file, file, &more)), one, "{file}");
    }
    let other = |text: &str| text.replace("Give it a name", "Gib ihm einen Namen");
    for file in ["en/lesson.md", "de/lesson.md"] {
        let files = changed(file, "en/lesson.md", &other);
        let courses = Courses::of_files(&files);
        let lang = file.split('/').next().unwrap();
        let title = &courses.edition(lang).course.find(LESSON).unwrap().title;
        assert_eq!(title, "Gib ihm einen Namen");
        assert_eq!(version(&files), one, "{file}");
    }
}

#[test]
fn recaps_and_bonus_lessons_are_counted_and_named_as_such_but_nobody_stops_there() {
    let site = TestApp::start();
    for lesson in ["mend-the-receipt", "count-by-name"] {
        let version = version(&site, lesson);
        let page = site.browser().get(&format!("/learn/{lesson}")).expect(200);
        page.has(&format!("data-tally=\"{version}\""));
        let message = json!({"v": 1, "lessons": {lesson: {"version": version, "told": ["tried"]}}});
        for _ in 0..2 {
            send(&mut site.browser(), &message).expect(204);
        }
    }
    send(&mut site.browser(), &told(&site, &["tried"])).expect(204);
    flush(&site);
    assert_eq!(sum(&site, "tried"), 5);
    let mut mo = site.member_as("mo", Role::Moderator);
    let page = mo.get("/mod/lessons").expect(200);
    let page = page
        .has(">Recap: Mend the receipt</a>")
        .has(">Bonus: Count by name</a>")
        .has("Most stop at <a href=\"/learn/give-it-a-name\">3 Give it a name</a>: 1 of 1");
    let at = |what: &str| page.body.find(what).unwrap();
    let chapter_ends = at(">Recap: Mend the receipt</a>");
    assert!(at(">3 Give it a name</a>: 1 of 1") < chapter_ends);
    assert!(chapter_ends < at("href=\"/learn/await-it\""));
    assert!(at("href=\"/learn/await-it\"") < at(">Bonus: Count by name</a>"));
}

#[test]
fn what_is_no_message_is_not_taken_in_part() {
    let site = TestApp::start();
    let mut visitor = site.browser();
    send(&mut visitor, &json!([])).expect(400);
    send(&mut visitor, &told(&site, &["points"])).expect(400);
    let long = json!({"v": 1, "lessons": {}, "x": "y".repeat(9000)});
    send(&mut visitor, &long).expect(413);
    visitor.post(TALLY, &[("v", "1")]).expect(400);
    let message = told(&site, &["tried"]).to_string();
    for foreign in [
        ("sec-fetch-site", "cross-site"),
        ("origin", "https://evil.example"),
    ] {
        visitor
            .post_body(TALLY, message.as_bytes(), &[OWN[0], foreign])
            .expect(403);
    }
    visitor.get(TALLY).expect(405);
    flush(&site);
    assert_eq!(sum(&site, "tried"), 0);
}

#[test]
fn a_lesson_that_is_gone_or_has_changed_does_not_keep_the_others_from_being_counted() {
    let site = TestApp::start();
    let mut visitor = site.browser();
    for (counted, other) in [(1, "no-such-lesson"), (2, "count-up")] {
        let message = json!({"v": 1, "lessons": {
            LESSON: {"version": version(&site, LESSON), "told": ["tried"]},
            other: {"version": "0a1b2c", "told": ["tried"]},
        }});
        send(&mut visitor, &message).expect(204);
        flush(&site);
        assert_eq!(sum(&site, "tried"), counted, "{other}");
    }
    assert_eq!(site.number("select count(*) from lesson_tally"), 1);
}

#[test]
fn the_first_minute_on_the_front_page_counts_as_lesson_1() {
    let site = TestApp::start();
    let counted = format!("data-tally=\"{}\"", version(&site, "the-console-answers"));
    site.browser().get("/").expect(200).has(&counted);
    let quiet = TestApp::with(|config| config.lesson_counts = false);
    let front = quiet.browser().get("/").expect(200);
    front.has("id=\"first-in\"").lacks("data-tally");
}

#[test]
fn who_asks_not_to_be_followed_is_not_counted_on_either_node() {
    let pair = Pair::start();
    let message = told(&pair.primary, &["tried"]).to_string();
    for decline in [("dnt", "1"), ("sec-gpc", "1"), ("dnt", "0")] {
        for site in [&pair.primary, &pair.standby] {
            let headers = [OWN[0], OWN[1], decline];
            site.browser()
                .post_body(TALLY, message.as_bytes(), &headers)
                .expect(204);
        }
    }
    flush(&pair.primary);
    assert_eq!(sum(&pair.primary, "tried"), 2, "of those who said 0");
}

#[test]
fn a_standby_passes_it_on_and_counts_nothing_itself() {
    let pair = Pair::start();
    send(
        &mut pair.standby.browser(),
        &told(&pair.primary, &["tried"]),
    )
    .expect(204);
    let waiting = |site: &TestApp| site.app.tallies.as_ref().unwrap().take().len();
    assert_eq!([&pair.primary, &pair.standby].map(waiting), [1, 0]);
}

#[test]
fn what_is_counted_makes_no_page_anew() {
    let site = TestApp::start();
    let mut visitor = site.browser();
    let pages = ["/", "/learn", "/learn/give-it-a-name", "/resources"];
    for page in pages {
        visitor.get(page).expect(200);
    }
    send(&mut visitor, &told(&site, &["tried"])).expect(204);
    flush(&site);
    for page in pages {
        let kept = visitor.get(page).expect(200);
        assert_eq!(kept.header("cache-status"), Some("site; hit"), "{page}");
    }
}

#[test]
fn what_waits_is_kept_when_the_site_stops() {
    let site = TestApp::start();
    send(&mut site.browser(), &told(&site, &["passed"])).expect(204);
    let site = TestApp::at(site.stop().unwrap(), |_| {});
    assert_eq!(sum(&site, "passed"), 1);
}

#[test]
fn sums_of_an_earlier_version_stay_for_ninety_days() {
    let site = TestApp::stopped();
    site.tamper(&format!(
        "insert into lesson_tally values ('{LESSON}', 'before', 5, 4, 0, 0, 0, 0, 1, {now}),
           ('gone-lesson', 'before', 5, 4, 0, 0, 0, 0, 1, {now}),
           ('count-up', '{version}', 5, 4, 0, 0, 0, 0, 1, {now})",
        now = site.app.now().ms(),
        version = version(&site, "count-up")
    ));
    let mut mo = site.member_as("mo", Role::Moderator);
    mo.get("/mod/lessons")
        .expect(200)
        .has("earlier version <code>before</code>");
    site.pass(Duration::from_hours(89 * 24));
    let count = |site: &TestApp| {
        send(&mut site.browser(), &told(site, &["tried"])).expect(204);
        flush(site);
        site.number("select count(*) from lesson_tally")
    };
    assert_eq!(count(&site), 4);
    site.pass(Duration::from_hours(2 * 24));
    let mut mo = site.member_as("mo", Role::Moderator);
    mo.get("/mod/lessons").expect(200).lacks("earlier version");
    assert_eq!(count(&site), 2, "those of versions that are taught");
}

#[test]
fn the_operator_can_switch_it_off() {
    let site = TestApp::with(|config| config.lesson_counts = false);
    let mut visitor = site.browser();
    let message = json!({"v": 1, "lessons": {}});
    send(&mut visitor, &message).expect(404);
    visitor
        .get("/learn/give-it-a-name")
        .expect(200)
        .lacks("data-tally");
    visitor.get("/learn").expect(200).lacks("count-me");
    let mut mo = site.member_as("mo", Role::Moderator);
    mo.get("/mod/lessons").expect(200).has("lesson-counts");
    let without = TestApp::start();
    without.tamper("insert or replace into setting (name, value) values ('learn', 'off')");
    send(&mut without.browser(), &message).expect(404);
}

#[test]
fn an_address_tells_only_so_much() {
    let site = TestApp::with(|config| config.limits = true);
    let message = told(&site, &["tried"]);
    let mut visitor = site.browser();
    let statuses: Vec<u16> = (0..130)
        .map(|_| send(&mut visitor, &message).status)
        .collect();
    let counted = statuses.iter().filter(|&&status| status == 204).count();
    assert!((120..125).contains(&counted), "{counted}");
    assert_eq!(statuses.last(), Some(&429));
    flush(&site);
    assert_eq!(sum(&site, "tried"), i64::try_from(counted).unwrap());
}

#[test]
fn lessons_are_listed_in_the_order_of_the_course_or_by_the_lowest_rate() {
    let site = TestApp::start();
    let of = |lesson: &str, tried: u32, passed: u32| {
        let version = version(&site, lesson);
        format!(
            "insert into lesson_tally values ('{lesson}', '{version}', {tried}, {passed}, 0, 0, 0, 0, 1, 1);"
        )
    };
    site.tamper(&[of(LESSON, 4, 4), of("count-up", 9, 3), of("await-it", 4, 2)].concat());
    let mut mo = site.member_as("mo", Role::Moderator);
    let order = |page: Reply| {
        let table = page.expect(200).body;
        let table = table.split("<tbody>").nth(1).unwrap().to_owned();
        let hrefs = table.split("href=\"/learn/").skip(1);
        let ids = hrefs.map(|rest| rest.split('"').next().unwrap().to_owned());
        ids.collect::<Vec<_>>()
    };
    let by_course = order(mo.get("/mod/lessons"));
    let place = |id: &str| by_course.iter().position(|found| found == id).unwrap();
    assert!(place(LESSON) < place("count-up") && place("count-up") < place("await-it"));
    let by_rate = order(mo.get("/mod/lessons?sort=rate"));
    assert_eq!(by_rate[..3], ["count-up", "await-it", LESSON]);
    assert_eq!(by_rate.len(), by_course.len());
}
