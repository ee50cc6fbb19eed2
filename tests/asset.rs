//! Embedded files.

use crate::app::TestApp;

#[test]
fn the_style_sheet_is_immutable_under_its_hash_and_current_under_any_other() {
    let site = TestApp::start();
    let mut browser = site.browser();
    let page = browser.get("/").expect(200).body;
    let at = page.find("/assets/app-").unwrap();
    let path = &page[at..at + page[at..].find('"').unwrap()];
    let file = browser.get(path).expect(200).has("@layer");
    assert_eq!(
        file.header("cache-control"),
        Some("public, max-age=31536000, immutable")
    );
    let old = browser.get("/assets/app-0123456789ab.css").expect(200);
    assert_eq!(old.header("cache-control"), Some("no-store"));
    assert_eq!(old.body, file.body);
}

#[test]
fn what_is_not_embedded_is_not_there() {
    let site = TestApp::start();
    for path in [
        "/assets/other.css",
        "/assets/..%2fCargo.toml",
        "/assets/app-xyz.css",
        "/assets/.css",
    ] {
        site.browser().get(path).expect(404);
    }
}

#[test]
fn every_file_that_a_page_names_is_there() {
    let site = TestApp::start();
    let mut browser = site.browser();
    let page = browser.get("/").expect(200).body;
    let names: Vec<&str> = page
        .split('"')
        .filter(|text| text.starts_with("/assets/"))
        .collect();
    assert!(names.len() >= 4, "{names:?}");
    for name in names {
        let file = browser.get(name).expect(200);
        assert!(file.header("cache-control").unwrap().contains("immutable"));
    }
}

#[test]
fn a_browser_that_asks_for_the_old_icon_gets_one() {
    let site = TestApp::start();
    let icon = site.browser().get("/favicon.ico").expect(200);
    assert_eq!(icon.header("content-type"), Some("image/png"));
}
