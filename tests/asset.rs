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
