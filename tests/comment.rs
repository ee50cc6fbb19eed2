//! Comments: posted, previewed, edited, deleted; and every text that somebody might try.

use std::fmt::Write;
use std::time::{Duration, Instant};

use site::domain::id::{CommentId, StoryId};
use site::domain::user::Role;

use crate::app::{Reply, TestApp, nesting};

/// Posts a comment as a form does.
fn say(site: &TestApp, name: &str, story: StoryId, parent: Option<CommentId>, text: &str) -> Reply {
    let parent = parent.map_or_else(String::new, |id| id.to_string());
    let fields = [("text", text), ("parent", parent.as_str())];
    site.member(name)
        .post(&format!("/s/{story}/comments"), &fields)
}

#[test]
fn a_comment_is_posted_and_its_draft_let_go() {
    let site = TestApp::start();
    let story = site.story("ada", "How V8 sorts");
    let mut bob = site.member("bob");
    let page = format!("/s/{story}/how-v8-sorts");
    bob.get(&page)
        .has(&format!(
            "action=\"/s/{story}/comments\" data-draft=\"s{story}\""
        ))
        .lacks("data-saved");
    let posted = say(
        &site,
        "bob",
        story,
        None,
        "It uses **Timsort**.\r\n\r\nSince 7.0.",
    );
    let id = site.number("select max(id) from comment");
    assert_eq!(posted.status, 303);
    assert_eq!(
        posted.location(),
        format!("{page}?saved=s{story}&at={id}#c_{id}")
    );
    bob.get(posted.location())
        .has(&format!("data-saved=\"s{story}\""))
        .has("<p>It uses <strong>Timsort</strong>.</p>")
        .has("<h2 id=\"comments\">1 comment</h2>")
        .has(&format!("name=\"back\" value=\"{page}?at={id}\""));
    let answered = say(&site, "ada", story, Some(CommentId::new(id)), "Thank you.");
    assert!(
        answered
            .location()
            .contains(&format!("?saved=s{story}-{id}&at="))
    );
    bob.get(&page)
        .has("<span class=\"badge\">submitter</span>")
        .has(&format!("<a href=\"#c_{id}\">parent</a>"))
        .has("data-n=\"2\" aria-label=\"Thread by bob, 1 reply\"");
    assert_eq!(site.number("select comment_count from story"), 2);
    assert_eq!(
        site.number("select count(*) from search where search match 'timsort'"),
        1
    );
}

#[test]
fn blank_and_overlong_texts_come_back_with_what_was_typed() {
    let site = TestApp::start();
    let story = site.story("ada", "How V8 sorts");
    for blank in ["", "   \n\t", "\u{200b}\u{2060}", "> \n> "] {
        say(&site, "bob", story, None, blank)
            .expect(422)
            .has("There is nothing to read here yet.");
    }
    let most = "é".repeat(8 * 1024);
    say(&site, "bob", story, None, &format!("{most}!"))
        .expect(422)
        .has("This is too long")
        .has(&format!("{most}!</textarea>"));
    say(&site, "bob", story, None, &most).expect(303);
    say(
        &site,
        "bob",
        story,
        None,
        "</textarea><script>alert(1)</script>",
    )
    .expect(303);
    let mut bob = site.member("bob");
    bob.post(
        &format!("/s/{story}/comments"),
        &[
            ("text", "</textarea><script>alert(1)</script>"),
            ("preview", "1"),
        ],
    )
    .expect(200)
    .lacks("<script>alert");
    assert_eq!(site.number("select count(*) from comment"), 2);
}

#[test]
fn a_preview_shows_and_keeps_the_text_and_posts_nothing() {
    let site = TestApp::start();
    let story = site.story("ada", "How V8 sorts");
    let parent = site.comment("ada", story, None, "Slowly.");
    let mut bob = site.member("bob");
    let path = format!("/s/{story}/comments");
    let id = parent.to_string();
    let fields = [
        ("text", "\nNo, *fast*."),
        ("parent", id.as_str()),
        ("preview", "1"),
    ];
    bob.post(&path, &fields)
        .expect(200)
        .has("Preview, not posted")
        .has("<p>No, <em>fast</em>.</p>")
        .has("\n\nNo, *fast*.</textarea>")
        .has(&format!("name=\"parent\" value=\"{id}\""))
        .has(&format!("data-draft=\"s{story}-{id}\""))
        .has("Slowly.");
    bob.post(&path, &[("text", " "), ("preview", "1")])
        .expect(200)
        .has("nothing to read");
    site.browser().post(&path, &fields).expect(401);
    assert_eq!(site.number("select count(*) from comment"), 1);
}

#[test]
fn a_signed_out_writer_keeps_the_text() {
    let site = TestApp::start();
    let story = site.story("ada", "How V8 sorts");
    let path = format!("/s/{story}/comments");
    let mut visitor = site.browser();
    visitor
        .post(&path, &[("text", "A long thought")])
        .expect(401)
        .has("signed out")
        .has("A long thought</textarea>");
    let comment = site.comment("ada", story, None, "Slowly.");
    let asked = visitor.get(&format!("/c/{comment}/reply"));
    assert_eq!(
        asked.location(),
        format!("/login?next=%2Fc%2F{comment}%2Freply")
    );
}

#[test]
fn the_reply_page_works_without_a_script() {
    let site = TestApp::start();
    let story = site.story("ada", "How V8 sorts");
    let comment = site.comment("ada", story, None, "Slowly.");
    let mut bob = site.member("bob");
    bob.get(&format!("/s/{story}/how-v8-sorts"))
        .has(&format!("class=\"reply\" href=\"/c/{comment}/reply\""));
    bob.get(&format!("/c/{comment}/reply"))
        .expect(200)
        .has("Reply to ada")
        .has("Slowly.")
        .has(&format!("name=\"parent\" value=\"{comment}\""));
}

#[test]
fn the_same_words_sent_twice_are_one_comment() {
    let site = TestApp::stopped();
    let story = site.story("ada", "How V8 sorts");
    let first = say(&site, "bob", story, None, "Slowly.").expect(303);
    let second = say(&site, "bob", story, None, "Slowly.").expect(303);
    assert_eq!(first.location(), second.location());
    let parent = CommentId::new(site.number("select max(id) from comment"));
    say(&site, "bob", story, Some(parent), "Slowly.").expect(303);
    say(&site, "eve", story, None, "Slowly.").expect(303);
    assert_eq!(site.number("select count(*) from comment"), 3);
    site.pass(Duration::from_mins(11));
    say(&site, "bob", story, None, "Slowly.").expect(303);
    assert_eq!(site.number("select count(*) from comment"), 4);
    assert_eq!(site.number("select comment_count from story"), 4);
}

#[test]
fn an_answer_must_hang_on_something_shown_in_the_same_story() {
    let site = TestApp::start();
    let story = site.story("ada", "How V8 sorts");
    let other = site.story("ada", "How V8 hashes");
    let elsewhere = site.comment("ada", other, None, "Well.");
    let gone = site.comment("eve", story, None, "Oops.");
    site.member("eve")
        .post(&format!("/c/{gone}/delete"), &[])
        .expect(303);
    say(&site, "bob", story, Some(elsewhere), "Hello").expect(404);
    say(
        &site,
        "bob",
        story,
        Some(CommentId::new(story.raw())),
        "Hello",
    )
    .expect(404);
    say(&site, "bob", story, Some(CommentId::new(999)), "Hello").expect(404);
    say(&site, "bob", story, Some(gone), "Hello there")
        .expect(403)
        .has("Hello there</textarea>");
    let fields = [("text", "Hello"), ("parent", "x")];
    site.member("bob")
        .post(&format!("/s/{story}/comments"), &fields)
        .expect(404);
    assert_eq!(
        site.number("select count(*) from comment where state = 0"),
        1
    );
}

#[test]
fn a_banned_or_waiting_member_cannot_write() {
    let site = TestApp::start();
    let story = site.story("ada", "How V8 sorts");
    let comment = site.comment("bob", story, None, "Slowly.");
    let bob = site.user("bob", Role::Member);
    site.write(move |tx| {
        let sql = "update user set banned_until_ms = ?2, ban_reason = 'insults' where id = ?1";
        Ok(tx.execute(sql, (bob.raw(), i64::MAX))?)
    });
    say(&site, "bob", story, None, "Hello")
        .expect(403)
        .has("insults");
    let mut browser = site.member("bob");
    browser
        .post(&format!("/c/{comment}/edit"), &[("text", "Changed")])
        .expect(403);
    browser.post(&format!("/s/{story}/vote"), &[]).expect(403);
    browser
        .post(&format!("/c/{comment}/delete"), &[])
        .expect(403);
    browser
        .get(&format!("/s/{story}/how-v8-sorts"))
        .expect(200)
        .lacks("<textarea");
    assert_eq!(
        site.number("select count(*) from comment where text = 'Slowly.'"),
        1
    );
}

#[test]
fn a_comment_is_edited_within_six_hours_and_says_so() {
    let site = TestApp::stopped();
    let story = site.story("ada", "How V8 sorts");
    let id = site.comment("bob", story, None, "Slowly.");
    let mut bob = site.member("bob");
    let path = format!("/c/{id}/edit");
    bob.get(&path)
        .expect(200)
        .has("Slowly.</textarea>")
        .has(&format!("data-draft=\"c{id}\""));
    site.pass(Duration::from_hours(5));
    bob.post(&path, &[("text", "*Fast*"), ("preview", "1")])
        .expect(200)
        .has("<em>Fast</em>");
    bob.post(&path, &[("text", "")])
        .expect(422)
        .has("nothing to read");
    bob.post(&path, &[("text", "Slowly.")]).expect(303);
    assert_eq!(
        site.number("select count(*) from comment where edited_ms is not null"),
        0
    );
    let saved = bob.post(&path, &[("text", "*Fast*")]);
    assert_eq!(
        saved.location(),
        format!("/s/{story}/how-v8-sorts?saved=c{id}&at={id}#c_{id}")
    );
    bob.get(saved.location())
        .has("<em>Fast</em>")
        .has("edited <time")
        .has(&path);
    assert_eq!(
        site.number("select count(*) from search where search match 'slowly'"),
        0
    );
    assert_eq!(
        site.number("select count(*) from search where search match 'fast'"),
        1
    );
    site.pass(Duration::from_hours(1));
    bob.get(&path).expect(403).has("six hours");
    bob.post(&path, &[("text", "Too late")])
        .expect(403)
        .has("six hours")
        .has("Too late</textarea>");
    bob.get(&format!("/s/{story}/how-v8-sorts"))
        .lacks(&path)
        .has(&format!("/c/{id}/delete"));
    assert_eq!(
        site.number("select count(*) from comment where text = '*Fast*'"),
        1
    );
}

#[test]
fn only_the_author_edits_or_deletes_a_comment() {
    let site = TestApp::start();
    let story = site.story("ada", "How V8 sorts");
    let id = site.comment("bob", story, None, "Slowly.");
    for mut other in [site.member("ada"), site.member_as("mia", Role::Moderator)] {
        for act in ["edit", "delete"] {
            let path = format!("/c/{id}/{act}");
            other.get(&path).expect(403).lacks("Slowly.</textarea>");
            other.post(&path, &[("text", "Mine")]).expect(403);
            other
                .post(&path, &[("text", "Mine"), ("preview", "1")])
                .expect(403);
        }
        // The page is one for all members; its words say whose a comment is.
        other
            .get(&format!("/s/{story}/how-v8-sorts"))
            .has(&format!("<li class=\"c        \" id=\"c_{id}\">"));
    }
    assert_eq!(
        site.number("select count(*) from comment where text = 'Slowly.' and state = 0"),
        1
    );
}

#[test]
fn a_deleted_comment_is_wiped_and_leaves_the_tree_whole() {
    let site = TestApp::start();
    let story = site.story("ada", "How V8 sorts");
    let top = site.comment("bob", story, None, "Regrettable words.");
    let below = site.comment("eve", story, Some(top), "That was harsh.");
    site.member("eve")
        .post(&format!("/c/{top}/vote"), &[])
        .expect(303);
    let mut bob = site.member("bob");
    let path = format!("/c/{top}/delete");
    bob.get(&path).expect(200).has("Regrettable words.");
    let gone = bob.post(&path, &[]).expect(303);
    bob.post(&path, &[]).expect(303);
    bob.get(gone.location())
        .expect(200)
        .has(&format!("<li class=\"c gone\" id=\"c_{top}\">"))
        .has("<span>[deleted]</span>")
        .has("Deleted by its author.")
        .has("That was harsh.")
        .has("<h2 id=\"comments\">1 comment</h2>")
        .lacks("Regrettable");
    site.browser()
        .get(&format!("/c/{top}"))
        .expect(410)
        .has("That was harsh.")
        .lacks("/u/bob");
    bob.get(&format!("/c/{top}/edit"))
        .expect(403)
        .has("deleted already");
    assert_eq!(
        site.number("select count(*) from comment where text like '%Regrettable%'"),
        0
    );
    assert_eq!(
        site.number("select count(*) from search where search match 'regrettable'"),
        0
    );
    assert_eq!(site.number("select karma from user where name = 'bob'"), 1);
    assert_eq!(site.number("select comment_points from story"), 2);
    site.member("eve")
        .post(&format!("/c/{below}/delete"), &[])
        .expect(303);
    bob.get(&format!("/s/{story}/how-v8-sorts"))
        .has("No comments yet")
        .lacks("c gone");
    bob.get(&format!("/c/{below}"))
        .expect(410)
        .has("Deleted by its author.");
}

#[test]
fn a_removed_comment_says_why_and_moderators_still_read_it() {
    let site = TestApp::start();
    let story = site.story("ada", "How V8 sorts");
    let id = site.comment("bob", story, None, "You are all fools.");
    site.comment("eve", story, Some(id), "Please.");
    site.write(move |tx| {
        let sql = "update comment set state = 2, state_reason = 'insult' where id = ?1";
        Ok(tx.execute(sql, [id.raw()])?)
    });
    let page = format!("/s/{story}/how-v8-sorts");
    site.browser()
        .get(&page)
        .has("<span>[removed]</span>")
        .has("Removed by a moderator: insult.")
        .has("/modlog")
        .lacks("fools");
    site.member_as("mia", Role::Moderator)
        .get(&page)
        .has("You are all fools.");
    site.member("bob")
        .get(&format!("/c/{id}/edit"))
        .expect(403)
        .has("A moderator has removed");
    site.member("bob")
        .post(&format!("/c/{id}/delete"), &[])
        .expect(403);
    site.tamper(&format!("update comment set state = 3 where id = {id}"));
    site.browser()
        .get(&page)
        .has("<span>[dead]</span>")
        .lacks("fools");
}

#[test]
fn a_deleted_account_leaves_its_words_without_its_name() {
    let site = TestApp::start();
    let story = site.story("ada", "How V8 sorts");
    site.comment("ada", story, None, "Slowly.");
    site.write(|tx| Ok(tx.execute("update user set state = 'deleted' where name = 'ada'", [])?));
    site.browser()
        .get(&format!("/s/{story}/how-v8-sorts"))
        .expect(200)
        .has("Slowly.")
        .has("<span class=\"user\">[deleted]</span>")
        .lacks("ada")
        .lacks("submitter");
}

#[test]
fn ten_thousand_nested_quotes_are_taken_and_shown() {
    let site = TestApp::start();
    let story = site.story("ada", "How V8 sorts");
    let mut text = ">".repeat(10_000);
    write!(text, " deep down").unwrap();
    let begun = Instant::now();
    let posted = say(&site, "bob", story, None, &text).expect(303);
    let page = site
        .browser()
        .get(posted.location())
        .expect(200)
        .has("deep down");
    println!(
        "ten thousand quotes: posted and shown in {:?}",
        begun.elapsed()
    );
    assert!(nesting(&page.body, "blockquote") < 100);
}

#[test]
fn a_ten_megabyte_comment_is_refused_with_a_clear_page() {
    let site = TestApp::start();
    let story = site.story("ada", "How V8 sorts");
    let comment = site.comment("bob", story, None, "Slowly.");
    let big = "a".repeat(10 << 20);
    for path in [format!("/s/{story}/comments"), format!("/c/{comment}/edit")] {
        site.member("bob")
            .post(&path, &[("text", &big)])
            .expect(413)
            .has("That is too large");
    }
}

#[test]
fn malformed_utf8_is_refused() {
    let site = TestApp::start();
    let story = site.story("ada", "How V8 sorts");
    let mut bob = site.member("bob");
    let headers = [("sec-fetch-site", "same-origin")];
    for act in ["comments", "edit", "vote"] {
        bob.post_body(
            &format!("/s/{story}/{act}"),
            b"text=%ff%fe&title=x",
            &headers,
        )
        .expect(400)
        .has("not valid UTF-8");
    }
}
