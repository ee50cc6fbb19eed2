//! Lessons of the operator's own over the shipped ones: in their place, as another course, in another language, with mistakes.

use std::fs;

use site::course::{self, Courses};
use site::domain::user::Role;

use super::{address, retitled, with_lessons};
use crate::app::TestApp;
use crate::lesson::tiny;

#[test]
fn an_operators_folder_takes_the_place_of_the_shipped_lesson() {
    let data = with_lessons(&retitled("let-it-change", "Let it be another"));
    let courses = Courses::open(&data.path().join("data"));
    assert_eq!(courses.problems, []);
    let course = &courses.edition("en").course;
    assert_eq!(
        course.find("let-it-change").unwrap().title,
        "Let it be another"
    );
    assert_eq!(course.count(), 32);
}

#[test]
fn a_bad_file_is_told_of_and_the_shipped_lesson_is_shown() {
    let mut files = retitled("let-it-change", "Let it be another");
    files.insert("let-it-change/lesson.toml".into(), "mode =".into());
    files.insert("gardening/en/lesson.md".into(), "# Gardening\n".into());
    let data = with_lessons(&files);
    fs::write(
        data.path().join("data/lessons/let-it-change/page.html"),
        [0xff],
    )
    .unwrap();
    fs::write(data.path().join("data/lessons/.hidden"), "").unwrap();
    let courses = Courses::open(&data.path().join("data"));
    let told: Vec<_> = courses.problems.iter().map(ToString::to_string).collect();
    assert_eq!(told.len(), 3, "{told:?}");
    assert_eq!(told[0], "gardening: course.toml names no such lesson");
    assert!(
        told[1].starts_with("let-it-change/lesson.toml:1: "),
        "{told:?}"
    );
    assert_eq!(told[2], "let-it-change/page.html: the file is not UTF-8");
    let course = &courses.edition("en").course;
    assert_eq!(course.find("let-it-change").unwrap().title, "Let it change");
    assert!(course.find("gardening").is_none());
}

#[test]
fn an_operators_outline_is_the_course_and_may_name_shipped_lessons() {
    let mut files = tiny();
    let toml = files.get_mut("course.toml").unwrap();
    *toml = toml.replace(
        "\"double-it\"",
        "\"double-it\", \"give-it-a-name\", \"not-there\"",
    );
    files.remove("double-it/checks.js");
    let courses = Courses::open(&with_lessons(&files).path().join("data"));
    let course = &courses.edition("de").course;
    let ids: Vec<_> = course.lessons().map(|lesson| lesson.id.as_str()).collect();
    assert_eq!(ids, ["say-hello", "give-it-a-name"]);
    let told: Vec<_> = courses.problems.iter().map(ToString::to_string).collect();
    assert_eq!(
        told,
        [
            "double-it/checks.js: there is no such file",
            "not-there: there is no such folder, but course.toml names it"
        ]
    );
    files.insert("course.toml".into(), "id = 1".into());
    let courses = Courses::open(&with_lessons(&files).path().join("data"));
    assert_eq!(courses.edition("en").course.count(), 32);
    assert!(
        courses.problems[0]
            .to_string()
            .starts_with("course.toml:1: ")
    );
}

#[test]
fn an_operators_course_has_recaps_and_a_shelf_only_if_it_says_so() {
    let site = |toml: fn(&str) -> String| {
        let mut files = tiny();
        let text = files.get_mut("course.toml").unwrap();
        *text = toml(text);
        TestApp::at(with_lessons(&files), |_| {})
    };
    let plain = site(str::to_owned);
    let mut browser = plain.browser();
    let map = browser.get("/learn").expect(200).has("in 2 short lessons");
    map.lacks("Recap").lacks("Bonus");
    let done = browser.get("/learn/done").expect(200);
    done.has("data-lessons=\"say-hello double-it\"")
        .lacks("do not count");
    let last = browser.get("/learn/double-it").expect(200);
    last.has("That was the last lesson")
        .lacks("For who wants more");
    // A shipped lesson may be a recap or stand on the shelf, and a lesson that counts there need not count here.
    let full = site(|toml| {
        let recap = "lessons = [\"say-hello\"]\nrecap = \"mend-the-receipt\"\n[bonus]\nid = \"more\"\n\
            title = { en = \"And more\" }\nlessons = [\"double-it\"]";
        toml.replace("lessons = [\"say-hello\", \"double-it\"]", recap)
    });
    let mut browser = full.browser();
    let map = browser.get("/learn").expect(200).has("in one short lesson");
    map.has("Mend the receipt").has("And more").has("Double it");
    let last = browser.get("/learn/say-hello").expect(200);
    last.has("That was the last lesson")
        .has("For who wants more: <a href=\"/learn/mend-the-receipt\">Mend the receipt</a>");
    let recap = browser.get("/learn/mend-the-receipt").expect(200);
    recap
        .has("Recap, free to skip")
        .has("data-next=\"/learn/double-it\"")
        .has("Next: Double it");
    let bonus = browser.get("/learn/double-it").expect(200);
    bonus
        .has("Bonus, free to skip")
        .has("href=\"/learn#more\"")
        .has("Back to the course")
        .lacks("data-next=");
    browser.get("/learn/count-up").expect(404);
    let done = browser.get("/learn/done").expect(200);
    done.has("data-lessons=\"say-hello\"").has("do not count");
}

#[test]
fn a_site_starts_with_a_bad_lesson_and_shows_the_good_ones() {
    let mut files = tiny();
    files.insert("say-hello/checks.js".into(), "nothing".into());
    let site = TestApp::at(with_lessons(&files), |_| {});
    let mut browser = site.browser();
    browser
        .get("/learn")
        .expect(200)
        .has("Double it")
        .lacks("Say hello");
    browser.get("/learn/double-it").expect(200);
    browser.get("/learn/say-hello").expect(404);
    browser.get("/learn/give-it-a-name").expect(404);
}

#[test]
fn the_course_follows_the_language_of_the_site() {
    let mut files = retitled("count-up", "Hochgezählt");
    let german = files.remove("count-up/en/lesson.md").unwrap();
    files.insert("count-up/de/lesson.md".into(), german);
    let hints = files["count-up/en/hints.md"].clone();
    files.insert("count-up/de/hints.md".into(), hints);
    let english = course::shipped()["count-up/en/lesson.md"].clone();
    files.insert("count-up/en/lesson.md".into(), english);
    let site = TestApp::at(with_lessons(&files), |_| {});
    let mut browser = site.browser();
    browser.get("/learn/count-up").expect(200).has("Count up");
    let mut admin = site.member_as("root", Role::Admin);
    let fields = [
        ("name", "Site"),
        ("signup", "open"),
        ("accent", "pine"),
        ("lang", "de-CH"),
        ("guidelines", "Seid nett."),
        ("learn", "1"),
    ];
    admin.post("/admin", &fields).expect(303);
    let page = browser
        .get("/learn/count-up")
        .expect(200)
        .has("Hochgezählt")
        .body;
    browser
        .get(&address(&page, "/learn/data/"))
        .expect(200)
        .has("Hochgezählt");
    let old = browser
        .get("/learn/data/count-up-0123456789ab.json")
        .expect(200);
    assert_eq!(
        old.has("Hochgezählt").header("cache-control"),
        Some("no-store")
    );
    browser
        .get("/learn/let-it-change")
        .expect(200)
        .has("Let it change");
}
