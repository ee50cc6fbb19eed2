//! What a moderator removed is readable nowhere but for moderators: neither its words, nor an address made of them.

use site::domain::id::{CommentId, StoryId};
use site::domain::list::Talk;
use site::domain::user::Role;
use site::store;

use crate::app::{Browser, TestApp};

const WORDS: [&str; 5] = ["Ruinous", "ruinous", "private.example", "Whisper", "Murmur"];

struct Scene {
    site: TestApp,
    story: StoryId,
    comment: CommentId,
    reply: CommentId,
}

/// A story with a comment and a reply, removed.
fn removed() -> Scene {
    let site = TestApp::start();
    let story = site.post_story(
        "ada",
        "Ruinous rumour",
        Some("https://private.example/address"),
        "",
    );
    let comment = site.comment("bob", story, None, "Whisper");
    let reply = site.comment("ada", story, Some(comment), "Murmur");
    let mut mo = site.member_as("mo", Role::Moderator);
    let fields = [
        ("title", "Ruinous rumours"),
        ("tags", "javascript"),
        ("reason", "number"),
    ];
    mo.post(&format!("/mod/s/{story}/edit"), &fields).location();
    let fields = [("do", "remove"), ("reason", "Not ours to tell.")];
    mo.post(&format!("/mod/s/{story}"), &fields).location();
    Scene {
        site,
        story,
        comment,
        reply,
    }
}

#[track_caller]
fn silent(reply: &crate::app::Reply, path: &str) {
    let told = format!("{:?} {}", reply.headers, reply.body);
    for word in WORDS {
        assert!(!told.contains(word), "{path}: {word} in {told}");
    }
}

#[test]
fn no_address_of_a_removed_story_tells_its_title() {
    let scene = removed();
    let (story, comment) = (scene.story, scene.comment);
    for browser in [&mut scene.site.browser(), &mut scene.site.member("cy")] {
        for path in [format!("/s/{story}"), format!("/s/{story}/any-words")] {
            let page = browser.get(&path).expect(410).has("Not ours to tell.");
            silent(&page, &path);
        }
        for path in [
            format!("/c/{comment}"),
            format!("/c/{comment}/reply"),
            format!("/c/{comment}/edit"),
            "/modlog".into(),
            "/modlog.atom".into(),
            "/modlog.feed.json".into(),
        ] {
            silent(&browser.get(&path), &path);
        }
    }
    scene
        .site
        .browser()
        .get("/modlog")
        .has("[removed]")
        .has("Not ours to tell.");
}

#[test]
fn no_form_sent_to_a_removed_story_comes_back_with_its_link() {
    let scene = removed();
    let (story, comment) = (scene.story, scene.comment);
    let fields = [("title", "abc"), ("text", "abc"), ("tags", "javascript")];
    for browser in [&mut scene.site.browser(), &mut scene.site.member("cy")] {
        for path in [format!("/s/{story}/edit"), format!("/c/{comment}/edit")] {
            silent(&browser.post(&path, &fields), &path);
            let preview = [fields[0], fields[1], fields[2], ("preview", "1")];
            silent(&browser.post(&path, &preview), &path);
        }
    }
}

#[test]
fn what_stands_below_a_removed_story_takes_no_vote_mark_or_edit_but_can_be_deleted() {
    let scene = removed();
    let comment = scene.comment;
    let mut cy = scene.site.member("cy");
    for act in ["vote", "save", "flag"] {
        let path = format!("/c/{comment}/{act}");
        cy.post(&path, &[("reason", "spam")]).expect(404);
    }
    assert_eq!(scene.site.number("select count(*) from vote"), 0);
    let mut bob = scene.site.member("bob");
    bob.post(&format!("/c/{comment}/edit"), &[("text", "Louder")])
        .expect(404);
    let gone = bob.post(&format!("/c/{comment}/delete"), &[]);
    gone.location();
    silent(&gone, "delete");
    let words = "select count(*) from comment where text = 'Whisper'";
    assert_eq!(scene.site.number(words), 0);
    crate::truth::check(&scene.site);
    let _ = scene.reply;
}

#[test]
fn a_preview_of_an_edit_is_for_the_comments_author() {
    let site = TestApp::start();
    let story = site.story("ada", "A question of loops");
    let comment = site.comment("bob", story, None, "for...of");
    let path = format!("/c/{comment}/edit");
    let fields = [("text", "while"), ("preview", "1")];
    site.browser().post(&path, &fields).expect(401);
    site.member("cy").post(&path, &fields).expect(403);
    let mut bob: Browser = site.member("bob");
    bob.post(&path, &fields).expect(200).has("while");
}

#[test]
fn another_title_makes_the_pages_of_those_who_commented_anew() {
    let site = TestApp::start();
    let story = site.story("ada", "A question of loops");
    site.comment("bob", story, None, "for...of");
    let bob = Talk::By(site.user("bob", Role::Member));
    let changed = || {
        let read = |conn: &store::Conn| store::talk::page(conn, bob, None, None);
        let page = site.app.store.read(read).unwrap();
        let stamps = store::stamp::talk(bob, None, &page).into_iter();
        let changed = stamps.map(|stamp| site.app.store.stamps().changed(stamp));
        changed.max().unwrap()
    };
    let fields = [("title", "An answer"), ("tags", "javascript"), ("text", "")];
    let before = changed();
    site.member("ada")
        .post(&format!("/s/{story}/edit"), &fields)
        .location();
    let edited = changed();
    assert!(edited > before);
    let fields = [
        ("title", "The answer"),
        ("tags", "javascript"),
        ("reason", "x"),
    ];
    site.member_as("mo", Role::Moderator)
        .post(&format!("/mod/s/{story}/edit"), &fields)
        .location();
    let corrected = changed();
    assert!(corrected > edited);
    site.member("ada")
        .post(&format!("/s/{story}/delete"), &[])
        .location();
    assert!(changed() > corrected);
}
