//! The files that a browser loads of the course and keeps: bundles, the frame, the service worker; what makes them others.

use site::course::Courses;
use site::store;

use super::{address, retitled, with_lessons};
use crate::app::TestApp;

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
