//! The course on a site: the operator's lessons over the shipped ones, pages, files, headers, the switch.

use std::collections::BTreeSet;
use std::fs;

use site::course::{self, Courses};
use site::domain::lesson::Files;
use site::domain::user::Role;
use site::store;

use crate::app::TestApp;
use crate::lesson::tiny;

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

/// The first address on a page that begins so.
#[track_caller]
fn address(page: &str, begin: &str) -> String {
    let at = page.find(begin).unwrap_or_else(|| panic!("no {begin}"));
    let rest = &page[at..];
    rest[..rest.find('"').unwrap()].to_owned()
}

#[test]
fn the_map_leads_to_every_lesson_and_each_to_the_next() {
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
    assert_eq!(seen.len(), course.all().count());
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
fn a_bundle_is_immutable_under_its_hash_and_current_under_any_other() {
    let site = TestApp::start();
    let mut browser = site.browser();
    let page = browser.get("/learn/count-up").expect(200).body;
    let path = address(&page, "/learn/data/count-up-");
    let file = browser.get(&path).expect(200);
    assert_eq!(
        file.header("cache-control"),
        Some("public, max-age=31536000, immutable")
    );
    assert_eq!(file.header("content-type"), Some("application/json"));
    let bundle: serde_json::Value = serde_json::from_str(&file.body).unwrap();
    let version = bundle["version"].as_str().unwrap();
    assert_eq!(path, format!("/learn/data/count-up-{version}.json"));
    assert_eq!(bundle["v"], 1);
    assert_eq!(bundle["id"], "count-up");
    assert_eq!(bundle["number"], 9);
    assert_eq!(bundle["step"], serde_json::Value::Null);
    assert_eq!(bundle["mode"], "worker");
    assert_eq!(bundle["given"][0], "n");
    assert_eq!(bundle["next"]["id"], "keep-going-until");
    let lesson = site
        .app
        .courses
        .edition("en")
        .course
        .find("count-up")
        .unwrap();
    assert_eq!(bundle["starter"], lesson.starter.as_str());
    assert_eq!(bundle["solution"], lesson.solution.as_str());
    assert_eq!(bundle["checks"], lesson.checks.as_str());
    assert_eq!(
        bundle["sentences"].as_array().unwrap().len(),
        lesson.sentences.len()
    );
    assert_eq!(
        bundle["hints"].as_array().unwrap().len(),
        lesson.hints.len()
    );
    for other in ["count-up-0123456789ab", "count-up"] {
        let old = browser
            .get(&format!("/learn/data/{other}.json"))
            .expect(200);
        assert_eq!(old.header("cache-control"), Some("no-store"), "{other}");
        assert_eq!(old.body, file.body);
    }
    for nothing in ["nowhere-0123456789ab", "count-up-xyz", "count"] {
        browser
            .get(&format!("/learn/data/{nothing}.json"))
            .expect(404);
    }
}

#[test]
fn another_text_is_another_bundle_under_another_address() {
    let hash = |title: &str| {
        let data = with_lessons(&retitled("let-it-change", title));
        let courses = Courses::open(&data.path().join("data"));
        courses
            .edition("en")
            .bundle("let-it-change")
            .unwrap()
            .name()
    };
    assert_eq!(hash("One title"), hash("One title"));
    assert_ne!(hash("One title"), hash("Another title"));
}

/// The build of the course that a site's service worker keeps.
fn build(site: &TestApp) -> String {
    let worker = site.browser().get("/learn/offline.js").expect(200);
    let first = worker.body.lines().next().unwrap();
    assert!(first.starts_with("const build = '"), "{first}");
    first.to_owned()
}

#[test]
fn other_prose_alone_is_another_version_and_another_build_of_what_is_kept_offline() {
    let site = |md: fn(String) -> String, toml: fn(String) -> String| {
        let mut files = retitled("let-it-change", "Let it change");
        for (name, change) in [("en/lesson.md", md), ("lesson.toml", toml)] {
            let text = files.get_mut(&format!("let-it-change/{name}")).unwrap();
            *text = change(std::mem::take(text));
        }
        TestApp::at(with_lessons(&files), |_| {})
    };
    let same = |text: String| text;
    let first = site(same, same);
    let others = [
        site(|md| md.replacen("\n\n", "\n\nAnother word.\n\n", 1), same),
        site(
            |md| md.replacen("## Task\n\n", "## Task\n\nRead on. ", 1),
            same,
        ),
        site(same, |toml| {
            let minutes = toml.lines().find(|line| line.starts_with("minutes"));
            toml.replace(minutes.unwrap(), "minutes = 9")
        }),
    ];
    let version = |site: &TestApp| {
        let page = site.browser().get("/learn/let-it-change").expect(200).body;
        address(&page, "/learn/data/let-it-change-")
    };
    let again = site(same, same);
    assert_eq!(version(&again), version(&first));
    assert_eq!(build(&again), build(&first));
    for other in &others {
        assert_ne!(version(other), version(&first));
        assert_ne!(build(other), build(&first));
    }
}

#[test]
fn settings_that_pages_show_are_part_of_the_build() {
    let site = TestApp::start();
    let first = build(&site);
    assert_eq!(build(&site), first);
    let with = |name: &'static str, value: &'static str| {
        site.write(move |tx| store::setting::set(tx, name, value));
        build(&site)
    };
    let coloured = with("accent", "plum");
    let named = with("name", "Another");
    assert!(named != first && coloured != first && named != coloured);
    with("name", "Semicolon");
    assert_eq!(with("accent", "pine"), first);
}

#[test]
fn the_frame_is_one_page_with_one_script_no_origin_and_no_network() {
    let site = TestApp::start();
    let mut browser = site.browser();
    let page = browser.get("/learn/count-up").expect(200).body;
    let path = address(&page, "/learn/runner-");
    let frame = browser.get(&path).expect(200);
    assert_eq!(
        frame.header("content-security-policy"),
        Some(
            "default-src 'none'; script-src 'unsafe-inline' 'unsafe-eval' blob:; worker-src blob:; style-src 'unsafe-inline'; \
             img-src data: blob:; connect-src 'none'; form-action 'none'; base-uri 'none'; frame-ancestors 'self'; \
             sandbox allow-scripts allow-forms"
        )
    );
    assert_eq!(frame.header("x-dns-prefetch-control"), Some("off"));
    assert_eq!(frame.header("x-frame-options"), None);
    assert_eq!(
        frame.header("cache-control"),
        Some("public, max-age=31536000, immutable")
    );
    assert_eq!(
        frame.header("content-type"),
        Some("text/html; charset=utf-8")
    );
    assert!(!frame.body.contains("<!-- runner -->"));
    // What the script itself holds could end its element.
    assert_eq!(frame.body.matches("</script").count(), 1);
    assert_eq!(frame.body.matches("<script").count(), 1);
    let old = browser.get("/learn/runner-0123456789ab.html").expect(200);
    assert_eq!(old.header("cache-control"), Some("no-store"));
    browser.get("/learn/runner-xyz.html").expect(404);
    browser.get("/learn/runnerx.html").expect(404);
}

#[test]
fn the_service_worker_names_every_page_and_file_that_there_is() {
    let site = TestApp::start();
    let mut browser = site.browser();
    let worker = browser.get("/learn/offline.js").expect(200);
    assert_eq!(worker.header("cache-control"), Some("no-cache"));
    assert_eq!(worker.header("service-worker-allowed"), Some("/learn"));
    let list = worker.body.lines().nth(1).unwrap();
    let list = list
        .strip_prefix("const kept = ")
        .unwrap()
        .trim_end_matches(';');
    let list: serde_json::Value = serde_json::from_str(list).unwrap();
    let paths = |name: &str| {
        let paths = list[name].as_array().unwrap().iter();
        paths
            .map(|path| path.as_str().unwrap().to_owned())
            .collect::<Vec<_>>()
    };
    let lessons = site.app.courses.edition("en").course.all().count();
    assert_eq!(paths("pages").len(), lessons + 2);
    assert_eq!(paths("files").len(), lessons + 5);
    for path in paths("pages") {
        browser.get(&path).expect(200);
    }
    let runner = list["runner"].as_str().unwrap().to_owned();
    for path in paths("files").into_iter().chain([runner]) {
        let file = browser.get(&path).expect(200);
        assert!(
            file.header("cache-control").unwrap().ends_with("immutable"),
            "{path}"
        );
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
