//! Lists of stories, through the real door.

use std::time::Duration;

use site::domain::id::{ItemId, StoryId};
use site::store;

use crate::app::{Browser, TestApp};

const HOUR: Duration = Duration::from_hours(1);

/// Ids of the stories of a page, in its order.
fn ids(body: &str) -> Vec<i64> {
    let rows = body.split("<li class=\"story").skip(1);
    // What its reader hid is there, and not shown.
    rows.filter(|row| !row.split('>').next().unwrap().contains(" hidden=\"\""))
        .map(|row| row.split_once("id=\"s_").unwrap().1)
        .map(|rest| rest.split('"').next().unwrap().parse().unwrap())
        .collect()
}

/// Where a page's link to the next one leads.
fn next(body: &str) -> Option<String> {
    let (before, _) = body.split_once("</a></nav></main>")?;
    let (_, href) = before.rsplit_once("rel=\"next\" href=\"")?;
    Some(href.split('"').next()?.replace("&amp;", "&"))
}

/// Ids of all pages of a list.
fn all_ids(browser: &mut Browser, path: &str) -> Vec<i64> {
    let mut all = Vec::new();
    let mut path = Some(path.to_owned());
    while let Some(here) = path {
        let page = browser.get(&here).expect(200);
        all.extend(ids(&page.body));
        path = next(&page.body);
    }
    all
}

/// `count` stories an hour apart, oldest first.
fn stories(site: &TestApp, count: usize) -> Vec<StoryId> {
    (0..count)
        .map(|n| {
            site.pass(HOUR);
            site.story("ada", &format!("Story number {n}"))
        })
        .collect()
}

fn vote(site: &TestApp, voter: &str, story: StoryId) {
    let voter = site.user(voter, site::domain::user::Role::Member);
    site.write(move |tx| store::vote::set(tx, voter, ItemId::Story(story), true));
}

#[test]
fn every_story_stands_on_one_page_and_ranks_go_on() {
    let site = TestApp::stopped();
    let posted = stories(&site, 65);
    let mut browser = site.browser();
    for path in [
        "/",
        "/newest",
        "/active",
        "/top/all",
        "/t/javascript",
        "/t/javascript?order=newest",
        "/domain/example.org",
    ] {
        let mut newest_first: Vec<i64> = posted.iter().map(|id| id.raw()).collect();
        newest_first.reverse();
        assert_eq!(all_ids(&mut browser, path), newest_first, "{path}");
    }
    let first = browser.get("/").expect(200).has("start=\"1\"");
    let second = browser
        .get(&next(&first.body).unwrap())
        .expect(200)
        .has("start=\"31\"");
    browser
        .get(&next(&second.body).unwrap())
        .expect(200)
        .has("start=\"61\"");
}

#[test]
fn votes_move_a_story_up_and_comments_make_it_active() {
    let site = TestApp::stopped();
    let posted = stories(&site, 3);
    for voter in ["grace", "linus", "margaret"] {
        vote(&site, voter, posted[0]);
    }
    site.pass(HOUR);
    site.comment("grace", posted[1], None, "I have seen this before.");
    let mut browser = site.browser();
    let first = |browser: &mut Browser, path: &str| ids(&browser.get(path).body)[0];
    assert_eq!(first(&mut browser, "/"), posted[0].raw());
    assert_eq!(first(&mut browser, "/top/week"), posted[0].raw());
    assert_eq!(first(&mut browser, "/active"), posted[1].raw());
    assert_eq!(first(&mut browser, "/newest"), posted[2].raw());
}

#[test]
fn a_span_of_the_best_holds_its_days_and_no_others() {
    let site = TestApp::stopped();
    let old = site.story("ada", "From long ago");
    site.pass(HOUR * 24 * 40);
    let middle = site.story("ada", "From last week");
    site.pass(HOUR * 24 * 10);
    let new = site.story("ada", "From today");
    let mut browser = site.browser();
    for (path, expected) in [
        ("/top/day", vec![new]),
        ("/top/week", vec![new]),
        ("/top/month", vec![new, middle]),
        ("/top/year", vec![new, middle, old]),
        ("/top/all", vec![new, middle, old]),
    ] {
        let expected: Vec<i64> = expected.into_iter().map(StoryId::raw).collect();
        assert_eq!(ids(&browser.get(path).expect(200).body), expected, "{path}");
    }
    browser.get("/top/decade").expect(404);
}

#[test]
fn several_tags_show_each_story_once() {
    let site = TestApp::stopped();
    let posted = stories(&site, 40);
    site.tamper(
        "insert into story_tag select s.id, t.id, s.state, s.hot, s.created_ms from story s, tag t
         where t.name in ('css', 'html') and s.id % 2 = 0",
    );
    let mut browser = site.browser();
    for path in ["/t/css,javascript", "/t/css,html,javascript?order=newest"] {
        assert_eq!(all_ids(&mut browser, path).len(), posted.len(), "{path}");
    }
    assert_eq!(all_ids(&mut browser, "/t/css,html").len(), 20);
    assert_eq!(browser.get("/t/html,css").location(), "/t/css,html");
    assert_eq!(
        browser.get("/t/CSS,css?order=newest").location(),
        "/t/css?order=newest"
    );
    browser
        .get("/t/css")
        .expect(200)
        .has("Style sheets")
        .has("/t/css.atom");
    browser
        .get("/t/wasm")
        .expect(200)
        .has("Nobody has posted a story with this topic");
    browser.get("/t/cobol").expect(404);
    browser.get("/t/css,cobol").expect(404);
    browser.get("/t/a,b,c,d,e,f,g,h,i").expect(400);
}

#[test]
fn a_site_without_stories_is_not_there() {
    let site = TestApp::stopped();
    stories(&site, 1);
    let mut browser = site.browser();
    browser
        .get("/domain/example.org")
        .expect(200)
        .has("Story number 0");
    browser.get("/domain/example.com").expect(404);
}

#[test]
fn what_is_pinned_stands_on_top_of_the_front_page_once() {
    let site = TestApp::stopped();
    let posted = stories(&site, 40);
    site.tamper(&format!(
        "update story set pinned_ms = 1 where id = {}",
        posted[5]
    ));
    let mut browser = site.browser();
    let all = all_ids(&mut browser, "/");
    assert_eq!(all[0], posted[5].raw());
    assert_eq!(all.len(), 40);
    assert_eq!(all.iter().filter(|id| **id == posted[5].raw()).count(), 1);
    assert_eq!(all_ids(&mut browser, "/newest")[34], posted[5].raw());
    browser.get("/").has(">Pinned<");
}

#[test]
fn a_place_that_is_none_is_a_bad_request() {
    let site = TestApp::start();
    let mut browser = site.browser();
    for path in [
        "/?after=x",
        "/newest?after=1",
        "/comments?after=zz-1",
        "/newest.atom?after=%20",
    ] {
        browser.get(path).expect(400);
    }
    browser
        .get("/newest?after=0-0")
        .expect(200)
        .has("That was all");
}

#[test]
fn what_a_member_hid_is_left_out_and_can_be_brought_back() {
    let site = TestApp::stopped();
    let posted = stories(&site, 3);
    let mut ada = site.member("ada");
    site.tamper(&format!(
        "insert into hidden select id, {}, 7 from user where name = 'ada'",
        posted[1]
    ));
    for path in [
        "/",
        "/newest",
        "/active",
        "/top/all",
        "/t/javascript",
        "/domain/example.org",
    ] {
        assert_eq!(
            ids(&ada.get(path).expect(200).body),
            [posted[2].raw(), posted[0].raw()],
            "{path}"
        );
    }
    assert_eq!(ids(&site.browser().get("/").body).len(), 3);
    ada.get("/").has("What you hid is left out here.");
    site.browser().get("/").lacks("What you hid");
    let page = ada
        .get("/hidden")
        .expect(200)
        .has(&format!("/s/{}/unhide", posted[1]));
    assert_eq!(ids(&page.body), [posted[1].raw()]);
    site.member("grace")
        .get("/hidden")
        .expect(200)
        .has("Nothing is hidden");
}

#[test]
fn saved_and_voted_hold_stories_and_comments_of_their_member_only() {
    let site = TestApp::stopped();
    let posted = stories(&site, 2);
    let comment = site.comment("grace", posted[0], None, "Worth keeping.");
    let mut linus = site.member("linus");
    let linus_id = site.user("linus", site::domain::user::Role::Member);
    linus.get("/saved").expect(200).has("Nothing here yet");
    linus.get("/voted").expect(200).has("Nothing here yet");
    for (n, id) in [posted[0].raw(), comment.raw(), posted[1].raw()]
        .into_iter()
        .enumerate()
    {
        site.tamper(&format!("insert into saved values ({linus_id}, {id}, {n})"));
    }
    site.write(move |tx| store::vote::set(tx, linus_id, ItemId::Comment(comment), true));
    let saved = linus
        .get("/saved")
        .expect(200)
        .has("Worth keeping.")
        .has("/unsave\" aria-pressed=\"true\"");
    assert_eq!(ids(&saved.body), [posted[1].raw(), posted[0].raw()]);
    linus
        .get("/voted")
        .expect(200)
        .has("Worth keeping.")
        .lacks("id=\"s_");
    site.member("grace")
        .get("/saved")
        .expect(200)
        .lacks("Worth keeping.");
}

#[test]
fn members_lists_ask_visitors_to_sign_in() {
    let site = TestApp::start();
    for path in ["/saved", "/hidden", "/voted"] {
        site.browser().get(path).expect(401).has("Sign in");
    }
}

#[test]
fn saved_things_are_paged() {
    let site = TestApp::stopped();
    stories(&site, 45);
    let mut ada = site.member("ada");
    site.tamper("insert into saved select u.id, s.id, 1 from user u, story s");
    assert_eq!(all_ids(&mut ada, "/saved").len(), 45);
}

#[test]
fn visitors_are_welcomed_and_members_are_not_in_the_way_of_their_list() {
    let site = TestApp::stopped();
    stories(&site, 40);
    let mut visitor = site.browser();
    let first = visitor
        .get("/")
        .expect(200)
        .has("class=\"hello\"")
        .has("Join the conversation");
    visitor
        .get(&next(&first.body).unwrap())
        .expect(200)
        .lacks("class=\"hello\"");
    site.member("ada")
        .get("/")
        .expect(200)
        .lacks("class=\"hello\"")
        .has("Hot stories");
    visitor
        .get("/")
        .has("<aside class=\"side\"")
        .has("/t/webapi");
}

#[test]
fn the_newest_comments_stand_with_their_stories() {
    let site = TestApp::stopped();
    let mut browser = site.browser();
    browser
        .get("/comments")
        .expect(200)
        .has("Nobody has said anything yet");
    let story = site.story("ada", "A story to talk about");
    for n in 0..35 {
        site.pass(HOUR);
        site.comment("grace", story, None, &format!("Remark {n}."));
    }
    let page = browser
        .get("/comments")
        .expect(200)
        .has("Remark 34.")
        .has("A story to talk about")
        .lacks("Remark 4.");
    browser
        .get(&next(&page.body).unwrap())
        .expect(200)
        .has("Remark 4.")
        .has("Remark 0.")
        .lacks("Remark 5.");
    site.tamper("update comment set state = 2 where text = 'Remark 34.'");
    browser.get("/comments").expect(200).lacks("Remark 34.");
    site.tamper("update story set state = 2");
    browser.get("/comments").expect(200).lacks("Remark 33.");
}

#[test]
fn an_empty_site_says_so_and_invites_to_submit() {
    let site = TestApp::start();
    let page = site.browser().get("/").expect(200).has("Nothing here yet");
    assert!(
        page.header("content-security-policy")
            .unwrap()
            .starts_with("default-src 'none'")
    );
}

#[test]
fn an_unknown_address_gets_the_sites_own_404() {
    let site = TestApp::start();
    site.browser()
        .get("/nothing/here")
        .expect(404)
        .has("There is nothing at this address");
}

#[test]
fn a_wrong_method_is_told_which_are_right() {
    let site = TestApp::start();
    let reply = site.browser().post("/newest", &[]).expect(405);
    assert_eq!(reply.header("allow"), Some("GET, HEAD"));
}
