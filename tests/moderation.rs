//! Moderation of stories and comments, through the real door.

use site::domain::id::{CommentId, StoryId};
use site::domain::user::Role;

use crate::app::{Browser, TestApp};

struct Scene {
    site: TestApp,
    moderator: Browser,
    story: StoryId,
    comment: CommentId,
}

/// A story by ada with a comment by bob, and a moderator.
fn scene() -> Scene {
    let site = TestApp::start();
    let story = site.story("ada", "A story about sorting");
    let comment = site.comment("bob", story, None, "Quicksort walrus");
    Scene {
        moderator: site.member_as("mo", Role::Moderator),
        site,
        story,
        comment,
    }
}

impl Scene {
    fn act(&mut self, path: &str, what: &str, reason: &str) -> crate::app::Reply {
        self.moderator
            .post(path, &[("do", what), ("reason", reason)])
    }

    fn found(&self, word: &str) -> i64 {
        self.site.number(&format!(
            "select count(*) from search where search match '{word}'"
        ))
    }
}

#[test]
fn the_queue_groups_flags_by_item_with_reasons_and_who() {
    let mut scene = scene();
    scene.moderator.get("/mod").expect(200).has("All quiet");
    let page = format!("/s/{}/flag", scene.story);
    for (name, reason) in [("cleo", "spam"), ("dan", "spam"), ("eve", "off-topic")] {
        scene.site.member(name).post(&page, &[("reason", reason)]);
    }
    scene
        .moderator
        .get("/mod")
        .expect(200)
        .has("3 flags: spam 2, off-topic 1")
        .has("cleo")
        .has("A story about sorting");
    let header = scene.moderator.get("/").body;
    assert!(header.contains("Flags, 1 open"), "one item is open");
}

#[test]
fn kept_items_leave_the_queue_and_their_flags_count_no_longer() {
    let mut scene = scene();
    let mut cleo = scene.site.member("cleo");
    let flag = format!("/c/{}/flag", scene.comment);
    cleo.post(&flag, &[("reason", "troll")]);
    let path = format!("/mod/c/{}", scene.comment);
    let reply = scene.moderator.post(
        &path,
        &[
            ("do", "keep"),
            ("reason", "Fair question."),
            ("back", "/mod"),
        ],
    );
    assert_eq!(reply.location(), "/mod");
    scene.moderator.get("/mod").has("All quiet");
    assert_eq!(scene.site.number("select flags from comment"), 0);
    // The same person's flag is settled: neither again nor taken back.
    cleo.get(&flag).expect(200).has("decided to keep it");
    cleo.post(&flag, &[("reason", "spam")]).location();
    cleo.post(&format!("/c/{}/unflag", scene.comment), &[])
        .location();
    assert_eq!(scene.site.number("select count(*) from flag"), 1);
    assert_eq!(scene.site.number("select flags from comment"), 0);
    scene
        .site
        .browser()
        .get("/modlog")
        .has("Fair question.")
        .has("kept");
}

#[test]
fn a_removal_needs_a_reason_and_keeps_what_was_typed() {
    let mut scene = scene();
    let path = format!("/mod/s/{}", scene.story);
    scene
        .act(&path, "remove", " ")
        .expect(422)
        .has("A removal needs a reason.");
    let long = "x".repeat(301);
    scene
        .act(&path, "remove", &long)
        .expect(422)
        .has("too long")
        .has(&long);
    scene.act(&path, "explode", "x").expect(400);
    assert_eq!(scene.site.number("select state from story"), 0);
    assert_eq!(scene.site.number("select count(*) from modlog"), 0);
}

#[test]
fn a_removed_story_vanishes_with_all_below_it_and_comes_back_whole() {
    let mut scene = scene();
    let path = format!("/mod/s/{}", scene.story);
    scene.moderator.get(&path).expect(200).has("Remove");
    assert_eq!((scene.found("sorting"), scene.found("walrus")), (1, 1));
    let reply = scene.act(&path, "remove", "Advertisement.");
    assert_eq!(reply.location(), path);
    // Twice is once.
    scene.act(&path, "remove", "Advertisement.").location();
    let mut visitor = scene.site.browser();
    for list in ["/", "/newest"] {
        visitor.get(list).expect(200).lacks("A story about sorting");
    }
    assert_eq!((scene.found("sorting"), scene.found("walrus")), (0, 0));
    assert_eq!(scene.site.number("select count(*) from modlog"), 1);
    scene
        .moderator
        .get(&path)
        .has("Removed, because: Advertisement.")
        .has("Restore");
    scene.act(&path, "restore", "A mistake, sorry.").location();
    visitor.get("/").has("A story about sorting");
    assert_eq!((scene.found("sorting"), scene.found("walrus")), (1, 1));
    scene.site.write(|tx| {
        Ok(tx.execute_batch("insert into search (search, rank) values ('integrity-check', 1)")?)
    });
}

#[test]
fn a_removed_comment_is_counted_no_longer_and_keeps_its_text_for_moderators() {
    let mut scene = scene();
    let path = format!("/mod/c/{}", scene.comment);
    scene.act(&path, "remove", "Personal attack.").location();
    assert_eq!(scene.site.number("select comment_count from story"), 0);
    assert_eq!(scene.site.number("select comment_points from story"), 0);
    assert_eq!(scene.found("walrus"), 0);
    scene
        .moderator
        .get(&path)
        .has("Quicksort walrus")
        .has("Removed, because: Personal attack.");
    scene.act(&path, "restore", "").location();
    assert_eq!(scene.site.number("select comment_count from story"), 1);
    assert_eq!(scene.site.number("select comment_points from story"), 2);
    assert_eq!(scene.found("walrus"), 1);
}

#[test]
fn what_stands_below_a_removed_story_can_be_removed_and_restored_in_any_order() {
    let mut scene = scene();
    let story = format!("/mod/s/{}", scene.story);
    let comment = format!("/mod/c/{}", scene.comment);
    scene.act(&story, "remove", "One.").location();
    scene.act(&comment, "remove", "Two.").location();
    scene.act(&story, "restore", "").location();
    assert_eq!((scene.found("sorting"), scene.found("walrus")), (1, 0));
    scene.act(&comment, "restore", "").location();
    assert_eq!(scene.found("walrus"), 1);
}

#[test]
fn what_its_author_deleted_is_not_brought_back_by_moderators() {
    let mut scene = scene();
    let id = scene.comment.raw();
    scene.site.write(move |tx| {
        site::store::search::remove(tx, id)?;
        Ok(tx.execute("update comment set state = 1 where id = ?1", [id])?)
    });
    let path = format!("/mod/c/{}", scene.comment);
    scene
        .moderator
        .get(&path)
        .expect(200)
        .has("Its author deleted it");
    scene
        .act(&path, "restore", "x")
        .expect(403)
        .has("not for us to undo");
    scene.act(&path, "remove", "x").expect(403);
    assert_eq!(scene.site.number("select state from comment"), 1);
}

#[test]
fn stories_are_locked_and_pinned_and_let_go_again() {
    let mut scene = scene();
    let path = format!("/mod/s/{}", scene.story);
    scene.act(&path, "lock", "Going in circles.").location();
    scene.act(&path, "pin", "").location();
    assert_eq!(scene.site.number("select locked from story"), 1);
    scene.moderator.get(&path).has("Unlock").has("Unpin");
    scene.act(&path, "unlock", "").location();
    scene.act(&path, "unpin", "").location();
    assert_eq!(
        scene
            .site
            .number("select locked + (pinned_ms is not null) from story"),
        0
    );
    scene
        .act(&format!("/mod/c/{}", scene.comment), "lock", "")
        .expect(403);
    assert_eq!(scene.site.number("select count(*) from modlog"), 4);
}

#[test]
fn only_three_stories_are_pinned_at_a_time_and_a_removed_one_is_not() {
    let mut scene = scene();
    for title in ["Story one", "Story two", "Story three"] {
        let id = scene.site.story("ada", title);
        scene.act(&format!("/mod/s/{id}"), "pin", "").location();
    }
    let path = format!("/mod/s/{}", scene.story);
    scene
        .act(&path, "pin", "")
        .expect(403)
        .has("Three stories are pinned already");
    let first = scene
        .site
        .number("select id from story where title = 'Story one'");
    scene
        .act(&format!("/mod/s/{first}"), "remove", "Old.")
        .location();
    scene.act(&path, "pin", "").location();
}

#[test]
fn a_correction_changes_title_and_topics_and_the_log_tells_both() {
    let mut scene = scene();
    let path = format!("/mod/s/{}/edit", scene.story);
    scene
        .moderator
        .get(&path)
        .expect(200)
        .has("A story about sorting");
    scene
        .moderator
        .post(&path, &[("title", "x"), ("reason", "As it was.")])
        .expect(422)
        .has("too short")
        .has("Choose at least one topic.")
        .has("As it was.");
    let new = [
        ("title", "How V8 reads regexps"),
        ("tags", "css"),
        ("tags", "html"),
        ("reason", "As the author wrote it."),
    ];
    scene.moderator.post(&path, &new).location();
    scene.moderator.post(&path, &new).location();
    scene
        .site
        .browser()
        .get("/modlog?kind=story")
        .has("“A story about sorting” → “How V8 reads regexps”")
        .has("javascript → css, html")
        .has("As the author wrote it.");
    assert_eq!(scene.site.number("select count(*) from modlog"), 1);
    assert_eq!((scene.found("sorting"), scene.found("v8")), (0, 1));
    scene.site.browser().get("/").has("How V8 reads regexps");
}

#[test]
fn members_and_visitors_are_shown_nothing_of_it() {
    let scene = scene();
    let (story, comment) = (scene.story, scene.comment);
    for path in [
        "/mod".to_owned(),
        "/mod/bans".into(),
        "/mod/domains".into(),
        "/mod/approve".into(),
        "/mod/u/bob".into(),
        format!("/mod/s/{story}"),
        format!("/mod/c/{comment}"),
        format!("/mod/s/{story}/edit"),
    ] {
        scene.site.browser().get(&path).expect(401);
        scene.site.member("ada").get(&path).expect(403);
        let reply = scene.site.member_as("mo", Role::Moderator).get(&path);
        assert_eq!(reply.header("cache-control"), Some("no-store"), "{path}");
    }
}

#[test]
fn those_who_ask_to_join_are_let_in_or_turned_away() {
    let mut scene = scene();
    for name in ["una", "wotan"] {
        let id = scene.site.user(name, Role::Member).raw();
        scene.site.write(move |tx| {
            Ok(tx.execute(
                "update user set state = 'waiting', request = 'I write about <b>CSS</b>' where id = ?1",
                [id],
            )?)
        });
    }
    let id = |name: &str| {
        scene
            .site
            .number(&format!("select id from user where name = '{name}'"))
            .to_string()
    };
    let (una, wotan) = (id("una"), id("wotan"));
    scene
        .moderator
        .get("/mod/approve")
        .expect(200)
        .has("una")
        .has("&lt;b&gt;CSS");
    for _ in 0..2 {
        for (user, what) in [(&una, "approve"), (&wotan, "refuse")] {
            let fields = [("user", user.as_str()), ("do", what)];
            let reply = scene.moderator.post("/mod/approve", &fields);
            assert_eq!(reply.location(), "/mod/approve");
        }
    }
    scene.moderator.get("/mod/approve").has("Nobody waits");
    assert_eq!(
        scene
            .site
            .number("select count(*) from user where name = 'una' and state = 'active'"),
        1
    );
    assert_eq!(
        scene
            .site
            .number("select count(*) from user where name = 'wotan'"),
        0
    );
    scene
        .site
        .browser()
        .get("/modlog?kind=user")
        .has("let <a class=\"user\" href=\"/u/una\">una</a> in")
        .has("turned somebody away")
        .lacks("wotan");
}

#[test]
fn readers_find_in_place_of_what_was_removed_why_it_is_gone() {
    let mut scene = scene();
    let page = format!("/s/{}/a-story-about-sorting", scene.story);
    let moderate = format!("href=\"/mod/c/{}\"", scene.comment);
    scene.moderator.get(&page).expect(200).has(&moderate);
    scene.site.member("cleo").get(&page).lacks("/mod/");
    let comment = format!("/mod/c/{}", scene.comment);
    scene
        .site
        .comment("ada", scene.story, Some(scene.comment), "An answer");
    scene.act(&comment, "remove", "Personal attack.").location();
    scene
        .site
        .browser()
        .get(&page)
        .expect(200)
        .has("Personal attack.")
        .has("An answer")
        .lacks("walrus");
    scene.moderator.get(&page).has("walrus").has(&moderate);
    let story = format!("/mod/s/{}", scene.story);
    scene.act(&story, "remove", "Advertisement.").location();
    for mut reader in [scene.site.browser(), scene.site.member("ada")] {
        reader
            .get(&page)
            .expect(410)
            .has("Advertisement.")
            .lacks("An answer");
        reader
            .get(&format!("/c/{}", scene.comment))
            .expect(404)
            .lacks("walrus");
        for feed in [
            "/newest.atom",
            "/comments.rss",
            "/newest.json",
            "/search?q=walrus",
        ] {
            reader.get(feed).expect(200).lacks("A story about sorting");
        }
    }
    scene
        .moderator
        .get(&page)
        .expect(410)
        .has(&format!("href=\"{story}\""));
    scene.act(&story, "restore", "").location();
    scene.site.browser().get(&page).expect(200).has("An answer");
}

#[test]
fn flags_of_what_its_author_deletes_need_nobody_any_more() {
    let mut scene = scene();
    let flag = format!("/c/{}/flag", scene.comment);
    scene.site.member("cleo").post(&flag, &[("reason", "spam")]);
    scene
        .site
        .member("bob")
        .post(&format!("/c/{}/delete", scene.comment), &[])
        .location();
    scene.moderator.get("/mod").has("All quiet");
    assert_eq!(scene.site.number("select flags from comment"), 0);
}

#[test]
fn a_locked_story_takes_no_comments_until_it_is_unlocked() {
    let mut scene = scene();
    let path = format!("/mod/s/{}", scene.story);
    let comments = format!("/s/{}/comments", scene.story);
    scene.act(&path, "lock", "Going in circles.").location();
    let mut cleo = scene.site.member("cleo");
    let text = [("text", "One more thing")];
    cleo.post(&comments, &text)
        .expect(403)
        .has("One more thing");
    scene.act(&path, "unlock", "").location();
    cleo.post(&comments, &text).location();
    assert_eq!(scene.site.number("select comment_count from story"), 2);
}
