//! What people delete is gone from the disk too, not only from the pages.

use std::path::Path;

use site::domain::user::Role;

use crate::app::{PASSWORD, TestApp};

/// Whether the database files hold these bytes, in any case.
fn on_disk(data: &Path, word: &str) -> bool {
    let bytes = std::fs::read(data.join("site.db")).unwrap();
    let word = word.as_bytes();
    bytes
        .windows(word.len())
        .any(|here| here.eq_ignore_ascii_case(word))
}

#[test]
fn what_is_deleted_is_overwritten_in_the_database_file() {
    let site = TestApp::start();
    let mut mo = site.member_as("mo", Role::Moderator);
    let mut ada = site.sign_up("adalovelace");
    ada.post("/settings", &[("about", "Biography")]).location();
    let invite = |memo: &str| {
        let made = site
            .member("adalovelace")
            .post("/settings/invites", &[("memo", memo)]);
        made.location().split_once("made=").unwrap().1.to_owned()
    };
    invite("Unopened");
    let token = invite("Forcharles");
    let fields = [
        ("name", "charles"),
        ("email", ""),
        ("password", PASSWORD),
        ("invite", &token),
    ];
    site.browser().post("/signup", &fields).location();
    let story = site.post_story(
        "adalovelace",
        "Difference engines",
        Some("https://enginehouse.example/"),
        "Brassgears vuxomar",
    );
    let comment = site.comment("adalovelace", story, None, "Steampowered quxomar");
    site.comment("mo", story, None, "Stays");
    let fields = [
        ("title", "Analytical engines"),
        ("tags", "javascript"),
        ("reason", "name"),
    ];
    mo.post(&format!("/mod/s/{story}/edit"), &fields).location();
    ada.post(&format!("/c/{comment}/delete"), &[]).location();
    ada.post(&format!("/s/{story}/delete"), &[]).location();
    ada.post("/settings/delete", &[("password", PASSWORD)])
        .location();
    crate::truth::check(&site);

    // What a moderator removes stays for moderators, so a whole thread need not be overwritten.
    let costly = "select v from search_config where k = 'secure-delete'";
    assert_eq!(site.number(costly), 0);

    let data = site.app.config.data.clone();
    let kept = site.stop();
    assert!(on_disk(&data, "Stays"), "the file is the right one");
    for word in [
        "adalovelace@example.org",
        "Biography",
        "Unopened",
        "Forcharles",
        "enginehouse",
        "Brassgears",
        "Difference engines",
        "Analytical",
        "Steampowered",
        // As they stand in the full text.
        "quxomar",
        "vuxomar",
    ] {
        assert!(!on_disk(&data, word), "{word} is still there");
    }
    drop(kept);
}
