//! The course on a site: its map, its pages and what they may do, the switch.

mod file;
mod own;

use std::collections::BTreeSet;
use std::fs;

use site::course;
use site::domain::lesson::{Files, Place};
use site::domain::user::Role;

use crate::app::TestApp;

/// A data directory with these files in its folder of lessons.
fn with_lessons(files: &Files) -> tempfile::TempDir {
    let data = tempfile::tempdir().unwrap();
    for (path, text) in files {
        let path = data.path().join("data/lessons").join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    data
}

/// The files of one lesson of the shipped course, with this title.
fn retitled(id: &str, title: &str) -> Files {
    let prefix = format!("{id}/");
    let mut files = course::shipped();
    files.retain(|path, _| path.starts_with(&prefix));
    let md = files.get_mut(&format!("{id}/en/lesson.md")).unwrap();
    let rest = md.split_once('\n').unwrap().1.to_owned();
    *md = format!("# {title}\n{rest}");
    files
}

#[test]
fn the_completion_page_asks_for_the_lessons_that_count_and_takes_a_project_for_one() {
    let site = TestApp::start();
    let page = site.browser().get("/learn/done").expect(200).body;
    let list = page.split("data-lessons=\"").nth(1).unwrap();
    let list: Vec<&str> = list.split('"').next().unwrap().split(' ').collect();
    assert_eq!(list.len(), 32);
    let steps = "reading-list-add+reading-list-read+reading-list-unread+reading-list-keep";
    assert_eq!(list[31], steps);
    assert!(!page.contains("mend-the-receipt") && !page.contains("all-at-once"));
}

/// The first address on a page that begins so.
#[track_caller]
fn address(page: &str, begin: &str) -> String {
    let at = page.find(begin).unwrap_or_else(|| panic!("no {begin}"));
    let rest = &page[at..];
    rest[..rest.find('"').unwrap()].to_owned()
}

#[test]
fn the_map_leads_to_every_lesson_each_to_the_next_and_the_last_of_a_chapter_to_its_recap() {
    let site = TestApp::start();
    let mut browser = site.browser();
    let map = browser.get("/learn").expect(200);
    let course = &site.app.courses.edition("en").course;
    for lesson in course.all() {
        assert!(
            map.body.contains(&format!("href=\"/learn/{}\"", lesson.id)),
            "{}",
            lesson.id
        );
    }
    let mut path = "/learn/the-console-answers".to_owned();
    let mut seen = BTreeSet::new();
    while seen.insert(path.clone()) {
        let page = browser.get(&path).expect(200).body;
        if let Some(at) = page.find("data-next=\"") {
            path = page[at + 11..].split('"').next().unwrap().to_owned();
        }
    }
    let walked = course.all().filter(|lesson| lesson.place != Place::Recap);
    let walked: BTreeSet<_> = walked
        .map(|lesson| format!("/learn/{}", lesson.id))
        .collect();
    assert_eq!(seen, walked);
    for chapter in &course.chapters {
        let (last, recap) = (chapter.lessons.last().unwrap(), &chapter.recap);
        let page = browser.get(&format!("/learn/{}", last.id)).expect(200).body;
        let recap = format!("href=\"/learn/{}\"", recap.as_ref().unwrap().id);
        assert_eq!(page.matches(&recap).count(), 2, "{}", last.id);
    }
    browser.get("/learn/done").expect(200).has("noindex");
    browser.get("/learn/no-such-lesson").expect(404);
    browser.get("/").expect(200).has("href=\"/learn\"");
    browser.get("/t/learn").expect(200);
}

#[test]
fn a_lessons_page_may_frame_this_site_and_nobody_may_frame_it() {
    let site = TestApp::start();
    let mut browser = site.browser();
    let policy =
        |reply: &crate::app::Reply| reply.header("content-security-policy").unwrap().to_owned();
    let other = policy(&browser.get("/newest").expect(200));
    assert!(!other.contains("frame-src") && !other.contains("worker-src"));
    let front = policy(&browser.get("/").expect(200));
    assert_eq!(
        front,
        other.replace("form-action", "frame-src 'self'; form-action")
    );
    for path in ["/learn", "/learn/done", "/learn/count-up"] {
        let page = browser.get(path).expect(200);
        assert_eq!(
            policy(&page),
            "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; \
             manifest-src 'self'; frame-src 'self'; worker-src 'self'; form-action 'self'; base-uri 'none'; \
             frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types learn",
            "{path}"
        );
        assert_eq!(page.header("x-frame-options"), Some("DENY"));
        assert_eq!(page.header("cache-control"), Some("no-cache"));
        let again = browser.get(path).expect(200);
        assert_eq!(again.header("cache-status"), Some("site; hit"), "{path}");
    }
}

#[test]
fn an_operator_can_switch_the_course_off_and_on() {
    let site = TestApp::start();
    let mut browser = site.browser();
    let page = browser.get("/learn/count-up").expect(200).body;
    let paths = [
        "/learn".to_owned(),
        "/learn/done".to_owned(),
        "/learn/count-up".to_owned(),
        "/learn/offline.js".to_owned(),
        address(&page, "/learn/data/"),
        address(&page, "/learn/runner-"),
    ];
    let mut admin = site.member_as("root", Role::Admin);
    let mut set = |learn: &[(&'static str, &'static str)]| {
        let fixed = [
            ("name", "Site"),
            ("signup", "open"),
            ("accent", "pine"),
            ("lang", "en"),
        ];
        let fields = [&fixed[..], &[("guidelines", "Be kind.")], learn].concat();
        admin.post("/admin", &fields).expect(303);
    };
    set(&[]);
    for path in &paths {
        browser.get(path).expect(404);
    }
    let front = browser.get("/").expect(200).lacks("href=\"/learn\"");
    assert!(
        !front
            .header("content-security-policy")
            .unwrap()
            .contains("frame-src")
    );
    browser
        .get("/sitemap/lists.xml")
        .expect(200)
        .lacks("/learn/count-up<");
    set(&[("learn", "1")]);
    for path in &paths {
        browser.get(path).expect(200);
    }
    browser.get("/").expect(200).has("href=\"/learn\"");
    browser
        .get("/sitemap/lists.xml")
        .expect(200)
        .has("/learn/count-up<");
}
