//! Votes, saves and hides: one a person, undone at will, true under races.

use crate::app::{Browser, Reply, TestApp};

/// Posts the same action from several threads at once.
fn at_once(browsers: &[Browser], act: impl Fn(&mut Browser) -> Reply + Sync) -> Vec<Reply> {
    std::thread::scope(|scope| {
        let threads: Vec<_> = browsers
            .iter()
            .map(|browser| {
                let mut browser = browser.clone();
                let act = &act;
                scope.spawn(move || act(&mut browser))
            })
            .collect();
        threads
            .into_iter()
            .map(|thread| thread.join().unwrap())
            .collect()
    })
}

/// Every count equals the truth recomputed from the rows.
#[track_caller]
fn counts_are_true(site: &TestApp) {
    for table in ["story", "comment"] {
        let wrong = format!(
            "select count(*) from {table} i
             where i.score <> i.base_score + (select count(*) from vote v where v.item_id = i.id)"
        );
        assert_eq!(site.number(&wrong), 0, "scores of {table}");
    }
    let wrong = "select count(*) from user u where u.karma <>
        (select coalesce(sum(score - 1), 0) from story where user_id = u.id)
        + (select coalesce(sum(score - 1), 0) from comment where user_id = u.id)";
    assert_eq!(site.number(wrong), 0, "karma");
    let wrong = "select count(*) from story s where
        s.comment_count <> (select count(*) from comment c where c.story_id = s.id and c.state = 0)
        or s.comment_points <> (select coalesce(sum(c.score + 1), 0) from comment c
                                where c.story_id = s.id and c.state = 0 and c.user_id <> s.user_id)";
    assert_eq!(site.number(wrong), 0, "comment counts");
}

#[test]
fn fifty_votes_of_one_member_at_once_are_one_vote() {
    let site = TestApp::start();
    let id = site.story("ada", "How V8 sorts");
    let bob = vec![site.member("bob"); 50];
    let replies = at_once(&bob, |browser| {
        browser.post_json(&format!("/s/{id}/vote"), &[])
    });
    for reply in replies {
        assert_eq!(
            (reply.status, reply.body.as_str()),
            (200, r#"{"ok":true,"score":2,"voted":true}"#)
        );
    }
    assert_eq!(site.number("select count(*) from vote"), 1);
    counts_are_true(&site);
}

#[test]
fn votes_and_their_undoing_in_a_race_leave_true_counts() {
    let site = TestApp::start();
    let story = site.story("ada", "How V8 sorts");
    let comment = site.comment("ada", story, None, "Slowly.");
    let other = site.comment("bob", story, None, "Fast.");
    let members: Vec<Browser> = (0..4).map(|n| site.member(&format!("m{n}_"))).collect();
    let all: Vec<Browser> = (0..40).map(|n| members[n % 4].clone()).collect();
    let turn = std::sync::atomic::AtomicUsize::new(0);
    at_once(&all, |browser| {
        let turn = turn.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        let act = if turn.is_multiple_of(3) {
            "unvote"
        } else {
            "vote"
        };
        let item = [
            format!("/s/{story}"),
            format!("/c/{comment}"),
            format!("/c/{other}"),
        ];
        browser
            .post(&format!("{}/{act}", item[turn % 2 + turn % 4 / 3]), &[])
            .expect(303)
    });
    counts_are_true(&site);
}

#[test]
fn nobody_votes_for_their_own() {
    let site = TestApp::start();
    let story = site.story("ada", "How V8 sorts");
    let comment = site.comment("ada", story, None, "Slowly.");
    let mut ada = site.member("ada");
    for path in [format!("/s/{story}/vote"), format!("/c/{comment}/vote")] {
        ada.post(&path, &[]).expect(403).has("yourself");
        ada.post_json(&path, &[])
            .expect(403)
            .has(r#"{"error":{"code":"refused""#);
    }
    assert_eq!(site.number("select count(*) from vote"), 0);
    ada.get(&format!("/s/{story}/how-v8-sorts"))
        .has(&format!(
            "formaction=\"/s/{story}/vote\" disabled title=\"Your own\""
        ))
        .has(&format!(
            "formaction=\"/c/{comment}/vote\" disabled title=\"Your own\""
        ));
    counts_are_true(&site);
}

#[test]
fn a_vote_shows_and_can_be_taken_back() {
    let site = TestApp::start();
    let story = site.story("ada", "How V8 sorts");
    let comment = site.comment("ada", story, None, "Slowly.");
    let mut bob = site.member("bob");
    let page = format!("/s/{story}/how-v8-sorts?order=oldest");
    let back = [("back", page.as_str())];
    let voted = bob.post(&format!("/c/{comment}/vote"), &back);
    assert_eq!(voted.location(), format!("{page}#c_{comment}"));
    bob.get(&page).has(&format!(
        "formaction=\"/c/{comment}/unvote\"     aria-pressed=\"true\" aria-label=\"Upvote, 2 points\""
    ));
    counts_are_true(&site);
    let undone = bob.post_json(&format!("/c/{comment}/unvote"), &[]);
    assert_eq!(undone.body, r#"{"ok":true,"score":1,"voted":false}"#);
    bob.post(&format!("/s/{story}/vote"), &back).expect(303);
    bob.post(&format!("/s/{story}/unvote"), &back).expect(303);
    assert_eq!(site.number("select karma from user where name = 'ada'"), 0);
    counts_are_true(&site);
}

#[test]
fn a_visitor_who_votes_is_led_to_sign_in_and_back() {
    let site = TestApp::start();
    let story = site.story("ada", "How V8 sorts");
    let mut visitor = site.browser();
    let asked = visitor.post(&format!("/s/{story}/vote"), &[("back", "/newest")]);
    assert_eq!(asked.location(), "/login?next=%2Fnewest");
    visitor
        .post_json(&format!("/s/{story}/vote"), &[])
        .expect(401)
        .has("sign_in");
    assert_eq!(site.number("select count(*) from vote"), 0);
}

#[test]
fn actions_lead_back_only_within_the_site() {
    let site = TestApp::start();
    let story = site.story("ada", "How V8 sorts");
    let mut bob = site.member("bob");
    for evil in [
        "//evil.example",
        "https://evil.example",
        "/\\evil.example",
        "javascript:1",
        "/\r\nX: y",
    ] {
        for act in ["vote", "unvote", "save", "unsave", "hide", "unhide"] {
            let reply = bob.post(&format!("/s/{story}/{act}"), &[("back", evil)]);
            assert_eq!(reply.location(), format!("/#s_{story}"));
        }
    }
}

#[test]
fn another_sites_page_cannot_vote() {
    let site = TestApp::start();
    let story = site.story("ada", "How V8 sorts");
    let comment = site.comment("ada", story, None, "Slowly.");
    let mut bob = site.member("bob");
    for act in [
        "vote", "unvote", "save", "unsave", "hide", "unhide", "comments", "edit", "delete",
    ] {
        let evil = [("sec-fetch-site", "cross-site")];
        let fields = [("text", "Hello"), ("title", "Hello"), ("preview", "1")];
        bob.post_with(&format!("/s/{story}/{act}"), &fields, &evil)
            .expect(403);
        bob.post_with(&format!("/s/{story}/{act}"), &fields, &[])
            .expect(403);
    }
    for act in ["vote", "unvote", "save", "unsave", "edit", "delete"] {
        let evil = [("origin", "https://evil.example")];
        bob.post_with(&format!("/c/{comment}/{act}"), &[("text", "Hello")], &evil)
            .expect(403);
    }
    assert_eq!(
        site.number("select count(*) from vote") + site.number("select count(*) from saved"),
        0
    );
}

#[test]
fn what_is_gone_takes_no_votes_and_no_saves() {
    let site = TestApp::start();
    let story = site.story("ada", "How V8 sorts");
    let comment = site.comment("ada", story, None, "Slowly.");
    site.member("ada")
        .post(&format!("/c/{comment}/delete"), &[])
        .expect(303);
    let mut bob = site.member("bob");
    bob.post(&format!("/c/{comment}/vote"), &[]).expect(404);
    bob.post(&format!("/c/{comment}/save"), &[]).expect(404);
    bob.post(&format!("/c/{comment}/hide"), &[]).expect(404);
    bob.get(&format!("/c/{comment}/vote")).expect(405);
    counts_are_true(&site);
}

#[test]
fn saving_and_hiding_are_remembered_and_undone() {
    let site = TestApp::start();
    let story = site.story("ada", "How V8 sorts");
    let comment = site.comment("ada", story, None, "Slowly.");
    let mut bob = site.member("bob");
    let page = format!("/s/{story}/how-v8-sorts");
    for _ in 0..2 {
        let saved = bob.post_json(&format!("/s/{story}/save"), &[]);
        assert_eq!(saved.body, r#"{"ok":true,"saved":true}"#);
        let hidden = bob.post_json(&format!("/s/{story}/hide"), &[]);
        assert_eq!(hidden.body, r#"{"hidden":true,"ok":true}"#);
        bob.post(&format!("/c/{comment}/save"), &[]).expect(303);
    }
    assert_eq!(site.number("select count(*) from saved"), 2);
    bob.get(&page)
        .has(&format!(
            "formaction=\"/s/{story}/unsave\" aria-pressed=\"true\""
        ))
        .has(&format!("formaction=\"/s/{story}/unhide\""))
        .has(&format!(
            "formaction=\"/c/{comment}/unsave\" aria-pressed=\"true\""
        ));
    bob.get("/").has(&format!(
        "<li class=\"story\" hidden=\"\" id=\"s_{story}\">"
    ));
    site.member("eve").get("/").has("How V8 sorts");
    let unsaved = bob.post_json(&format!("/s/{story}/unsave"), &[]);
    assert_eq!(unsaved.body, r#"{"ok":true,"saved":false}"#);
    bob.post(&format!("/c/{comment}/unsave"), &[]).expect(303);
    let shown = bob.post_json(&format!("/s/{story}/unhide"), &[]);
    assert_eq!(shown.body, r#"{"hidden":false,"ok":true}"#);
    bob.get("/").lacks(" hidden=\"\" id=\"s_");
    assert_eq!(
        site.number("select count(*) from saved") + site.number("select count(*) from hidden"),
        0
    );
}
