//! A story's page: what stands on it, who may change it, what is left when it is gone.

use std::time::Duration;

use site::domain::user::Role;
use site::store;
use site::store::modlog::Entry;

use crate::app::TestApp;

const HOUR: Duration = Duration::from_hours(1);

/// Sets a story's or comment's state as a moderator's act does.
fn remove(site: &TestApp, table: &str, id: i64, reason: &str) {
    let sql = format!("update {table} set state = 2, state_reason = ?2 where id = ?1");
    let reason = reason.to_owned();
    site.write(move |tx| {
        tx.stamp(site::cache::Stamp::site());
        tx.execute(&sql, (id, &reason))?;
        store::modlog::record(tx, &Entry::default())
    });
}

#[test]
fn a_story_has_one_address_and_others_lead_there() {
    let site = TestApp::start();
    let id = site.story("ada", "How V8 sorts");
    let mut visitor = site.browser();
    let address = format!("/s/{id}/how-v8-sorts");
    assert_eq!(visitor.get(&format!("/s/{id}")).location(), address);
    let wrong = visitor.get(&format!("/s/{id}/other-words?order=newest"));
    assert_eq!(wrong.status, 301);
    assert_eq!(wrong.location(), format!("{address}?order=newest"));
    visitor
        .get(&address)
        .expect(200)
        .has("<h1><a href=\"https://example.org/how-v8-sorts\" rel=\"ugc noopener\">How V8 sorts</a>")
        .has("No comments yet")
        .has("\"@type\":\"DiscussionForumPosting\"")
        .has(&format!("<link rel=\"canonical\" href=\"http://{}{address}\">", site.address))
        .lacks("<textarea");
}

#[test]
fn earlier_discussions_of_the_same_page_stand_beside_it() {
    let site = TestApp::start();
    let first = site.post_story("ada", "How V8 sorts", Some("https://example.org/a"), "");
    let again = site.post_story("bob", "V8 sorting", Some("https://example.org/a#top"), "");
    let mut visitor = site.browser();
    visitor
        .get(&format!("/s/{again}/v8-sorting"))
        .has("Discussed before")
        .has(&format!("<a href=\"/s/{first}/how-v8-sorts\">"));
    site.member("ada")
        .post(&format!("/s/{first}/delete"), &[])
        .expect(303);
    visitor
        .get(&format!("/s/{again}/v8-sorting"))
        .lacks("Discussed before");
}

#[test]
fn moderators_find_their_tools_where_they_read() {
    let site = TestApp::start();
    let story = site.story("ada", "How V8 sorts");
    let comment = site.comment("bob", story, None, "Slowly.");
    let page = format!("/s/{story}/how-v8-sorts");
    let (tools, tool) = (
        format!("\"/mod/s/{story}\""),
        format!("\"/mod/c/{comment}\""),
    );
    site.member("bob").get(&page).lacks("/mod/");
    let mut moderator = site.member_as("mia", Role::Moderator);
    moderator.get(&page).has(&tools).has(&tool);
    remove(&site, "comment", comment.raw(), "rude");
    remove(&site, "story", story.raw(), "spam");
    moderator.get(&page).expect(410).has(&tools).has(&tool);
}

#[test]
fn garbage_is_no_story_and_no_comment() {
    let site = TestApp::start();
    let mut ada = site.member("ada");
    for bad in [
        "0",
        "-1",
        "1e3",
        "99999999999999999999",
        "x",
        "%00",
        "%ff",
        "7",
    ] {
        ada.get(&format!("/s/{bad}")).expect(404);
        ada.get(&format!("/s/{bad}/words")).expect(404);
        ada.get(&format!("/s/{bad}/edit")).expect(404);
        ada.get(&format!("/c/{bad}")).expect(404);
        ada.get(&format!("/c/{bad}/reply")).expect(404);
        ada.post(&format!("/s/{bad}/vote"), &[]).expect(404);
        ada.post(&format!("/c/{bad}/save"), &[]).expect(404);
        ada.post(&format!("/s/{bad}/comments"), &[("text", "Hello")])
            .expect(404);
        ada.post(&format!("/c/{bad}/edit"), &[("text", "Hello")])
            .expect(404);
        ada.post(&format!("/c/{bad}/delete"), &[]).expect(404);
        ada.post(&format!("/s/{bad}/delete"), &[]).expect(404);
    }
}

#[test]
fn garbage_in_the_query_is_left_alone() {
    let site = TestApp::start();
    let id = site.story("ada", "How V8 sorts");
    let comment = site.comment("bob", id, None, "Slowly.");
    let query = "?order=x&after=-1&at=zz&saved=%3Cb%3E";
    let address = format!("/s/{id}/how-v8-sorts{query}");
    site.browser()
        .get(&address)
        .expect(200)
        .has("Slowly.")
        .lacks("data-saved");
    let page = site.browser().get(&format!("/c/{comment}{query}"));
    page.expect(200).has("Slowly.");
}

#[test]
fn a_title_never_becomes_an_action() {
    let site = TestApp::start();
    for title in ["Edit", "Comments", "Vote!", "Delete"] {
        let id = site.story("ada", title);
        let address = site
            .browser()
            .get(&format!("/s/{id}"))
            .location()
            .to_owned();
        site.browser().get(&address).expect(200).has(title);
    }
}

#[test]
fn an_author_edits_title_text_and_topics_within_six_hours() {
    let site = TestApp::stopped();
    let id = site.story("ada", "How V8 sorts");
    let mut ada = site.member("ada");
    let path = format!("/s/{id}/edit");
    ada.get(&path)
        .expect(200)
        .has("value=\"How V8 sorts\"")
        .has("value=\"javascript\" checked");
    site.pass(HOUR);
    let fields = [
        ("title", "How V8 sorts now"),
        ("text", "With **tim sort**."),
        ("tags", "performance"),
    ];
    let saved = ada.post(&path, &fields);
    assert_eq!(
        saved.location(),
        format!("/s/{id}/how-v8-sorts-now?saved=story-{id}")
    );
    ada.get(saved.location())
        .expect(200)
        .has(&format!("data-saved=\"story-{id}\""))
        .has("<strong>tim sort</strong>")
        .has("href=\"/t/performance\"")
        .lacks("href=\"/t/javascript\"")
        .has("edited <time")
        .has("https://example.org/how-v8-sorts\"");
    site.pass(5 * HOUR);
    ada.get(&path).expect(403).has("six hours");
    ada.post(&path, &[("title", "Too late"), ("tags", "css")])
        .expect(403)
        .has("six hours")
        .has("value=\"Too late\"");
    assert_eq!(
        site.number("select count(*) from search where search match 'tim'"),
        1
    );
}

#[test]
fn a_revision_with_problems_comes_back_with_all_that_was_typed() {
    let site = TestApp::start();
    let id = site.post_story("ada", "Ask: which sort?", None, "I wonder.");
    let mut ada = site.member("ada");
    let path = format!("/s/{id}/edit");
    ada.post(
        &path,
        &[("title", "ab"), ("text", ""), ("tags", "nonsense")],
    )
    .expect(422)
    .has("This title is too short")
    .has("Give a link here, or write a text below.")
    .has("value=\"ab\"");
    ada.post(
        &path,
        &[
            ("title", "Ask: which?"),
            ("text", "*Stable*"),
            ("tags", "css"),
            ("preview", "1"),
        ],
    )
    .expect(200)
    .has("Preview, not saved")
    .has("<em>Stable</em>")
    .has("*Stable*</textarea>");
    assert_eq!(
        site.number("select count(*) from story where title = 'Ask: which sort?'"),
        1
    );
}

#[test]
fn only_the_author_edits_and_deletes() {
    let site = TestApp::start();
    let id = site.story("ada", "How V8 sorts");
    let fields = [("title", "Mine now"), ("tags", "css")];
    for mut other in [site.member("bob"), site.member_as("mia", Role::Moderator)] {
        for act in ["edit", "delete"] {
            let path = format!("/s/{id}/{act}");
            other.get(&path).expect(403).has("somebody else");
            other.post(&path, &fields).expect(403).has("somebody else");
        }
    }
    let mut visitor = site.browser();
    for act in ["edit", "delete"] {
        visitor.get(&format!("/s/{id}/{act}")).expect(401);
        visitor.post(&format!("/s/{id}/{act}"), &fields).expect(401);
    }
    assert_eq!(
        site.number("select count(*) from story where title = 'How V8 sorts' and state = 0"),
        1
    );
}

#[test]
fn a_deleted_story_is_wiped_but_what_others_said_stays() {
    let site = TestApp::start();
    let id = site.post_story(
        "ada",
        "Secret plans",
        Some("https://example.org/plans"),
        "Hidden words",
    );
    let comment = site.comment("bob", id, None, "I disagree.");
    site.member("bob")
        .post(&format!("/s/{id}/vote"), &[])
        .expect(303);
    let mut ada = site.member("ada");
    let path = format!("/s/{id}/delete");
    ada.get(&path)
        .expect(200)
        .has("Secret plans")
        .has("1 comment");
    let gone = ada.post(&path, &[]).expect(303);
    ada.post(&path, &[]).expect(303);
    let page = site.browser().get(gone.location()).expect(410);
    page.has("A story that its author deleted")
        .has("I disagree.")
        .has("nothing new can be added")
        .lacks("Secret plans")
        .lacks("Hidden words")
        .lacks("example.org/plans");
    site.browser().get("/newest").lacks("Secret plans");
    site.browser()
        .get(&format!("/c/{comment}"))
        .expect(200)
        .lacks("Secret plans");
    site.member("bob")
        .post(&format!("/s/{id}/comments"), &[("text", "More")])
        .expect(403)
        .has("More</textarea>");
    site.member("bob")
        .post(&format!("/s/{id}/unvote"), &[])
        .expect(404);
    assert_eq!(
        site.number("select count(*) from search where search match 'secret OR hidden'"),
        0
    );
    assert_eq!(
        site.number("select karma from user where name = 'ada'"),
        1,
        "what was given stays given"
    );
}

#[test]
fn a_deleted_story_that_nobody_answered_leaves_a_tombstone() {
    let site = TestApp::start();
    let id = site.story("ada", "Secret plans");
    let gone = site.member("ada").post(&format!("/s/{id}/delete"), &[]);
    site.browser()
        .get(gone.location())
        .expect(410)
        .has("deleted by its author")
        .lacks("Secret plans");
}

#[test]
fn a_removed_story_shows_why_and_only_moderators_read_on() {
    let site = TestApp::start();
    let id = site.story("ada", "Buy my pills");
    let comment = site.comment("bob", id, None, "Is this spam?");
    remove(&site, "story", id.raw(), "spam");
    let address = format!("/s/{id}/buy-my-pills");
    for mut reader in [site.browser(), site.member("ada"), site.member("bob")] {
        reader
            .get(&address)
            .expect(410)
            .has("removed by a moderator")
            .has("spam")
            .has("/modlog")
            .lacks("Is this spam?");
        reader.get(&format!("/c/{comment}")).expect(404);
        reader.get(&format!("/c/{comment}/reply"));
    }
    let mut moderator = site.member_as("mia", Role::Moderator);
    moderator
        .get(&address)
        .expect(410)
        .has("Is this spam?")
        .has("Removed")
        .has("Buy my pills");
    moderator.get(&format!("/c/{comment}")).expect(200);
    site.member("ada")
        .post(&format!("/s/{id}/delete"), &[])
        .expect(403)
        .has("moderator");
}

#[test]
fn a_dead_story_from_an_import_is_gone_too() {
    let site = TestApp::start();
    let id = site.story("ada", "Old news");
    site.tamper(&format!("update story set state = 3 where id = {id}"));
    site.browser()
        .get(&format!("/s/{id}/old-news"))
        .expect(410)
        .has("taken down");
}

#[test]
fn a_locked_story_can_be_read_but_not_added_to() {
    let site = TestApp::start();
    let id = site.story("ada", "Tabs or spaces");
    let comment = site.comment("bob", id, None, "Tabs.");
    site.tamper(&format!("update story set locked = 1 where id = {id}"));
    let mut eve = site.member("eve");
    eve.get(&format!("/s/{id}/tabs-or-spaces"))
        .expect(200)
        .has("This story is locked")
        .has("Tabs.")
        .lacks("<textarea")
        .lacks("class=\"reply\"");
    let refused = eve.post(
        &format!("/s/{id}/comments"),
        &[("text", "Spaces!"), ("parent", &comment.to_string())],
    );
    refused
        .expect(403)
        .has("This story is locked")
        .has("Spaces!</textarea>");
    eve.get(&format!("/c/{comment}/reply"))
        .expect(200)
        .has("Nothing new can be added")
        .lacks("<form class=\"write");
    assert_eq!(site.number("select count(*) from comment"), 1);
}
