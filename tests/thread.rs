//! Threads: orders, permalinks, and shapes that would break a page drawn naively.

use std::time::{Duration, Instant};

use site::domain::id::{CommentId, StoryId};
use site::domain::user::Role;
use site::store;
use site::store::comment::NewComment;

use crate::app::{TestApp, nesting};

/// Many comments in one write: each names its parent's place, and its text.
fn fill(site: &TestApp, story: StoryId, parents: Vec<Option<usize>>, text: &str) -> Vec<CommentId> {
    let author = site.user("crowd", Role::Member);
    let (text, created) = (text.to_owned(), site.app.now());
    site.write(move |tx| {
        let mut ids: Vec<CommentId> = Vec::new();
        for parent in parents {
            let new = NewComment {
                author,
                story,
                parent: parent.map(|place| ids[place]),
                text: text.clone(),
                created,
            };
            ids.push(store::comment::create(tx, &new)?);
        }
        Ok(ids)
    })
}

#[test]
fn a_thread_can_be_read_in_three_orders() {
    let site = TestApp::stopped();
    let story = site.story("ada", "How V8 sorts");
    for text in ["First", "Second", "Third"] {
        site.comment("bob", story, None, text);
        site.pass(Duration::from_mins(1));
    }
    let second = site.number("select id from comment where text = 'Second'");
    site.member("eve")
        .post(&format!("/c/{second}/vote"), &[])
        .expect(303);
    let check = |query: &str, expect: [&str; 3]| {
        let page = site
            .browser()
            .get(&format!("/s/{story}/how-v8-sorts{query}"))
            .body;
        let at = expect.map(|text| page.find(&format!("<p>{text}</p>")).unwrap());
        assert!(at.is_sorted(), "{query}");
    };
    check("", ["Second", "First", "Third"]);
    check("?order=newest", ["Third", "Second", "First"]);
    check("?order=oldest", ["First", "Second", "Third"]);
}

#[test]
fn a_permalink_shows_what_stands_above_and_below() {
    let site = TestApp::start();
    let story = site.story("ada", "How V8 sorts");
    let top = site.comment("bob", story, None, "The top.");
    let here = site.comment("eve", story, Some(top), "The middle.");
    site.comment("bob", story, Some(here), "The bottom.");
    site.comment("bob", story, Some(top), "A sibling.");
    site.browser()
        .get(&format!("/c/{here}"))
        .expect(200)
        .has("The top.")
        .has(&format!("<li class=\"c here\" id=\"c_{here}\">"))
        .has("The bottom.")
        .lacks("A sibling.")
        .has(&format!("/s/{story}/how-v8-sorts?at={here}#c_{here}"))
        .has("All 4 comments");
}

#[test]
fn a_huge_thread_opens_small_and_everything_in_it_can_be_reached() {
    let site = TestApp::start();
    let story = site.story("ada", "How V8 sorts");
    let text = "words that are not all the same, with `code` and a [link](https://example.org/a) "
        .repeat(4);
    let parents = (0..2500_usize)
        .map(|n| (n % 10 > 0).then(|| n - 1 - n % 3 % (n % 10)))
        .collect();
    let ids = fill(&site, story, parents, &text);
    let mut visitor = site.browser();
    let page = format!("/s/{story}/how-v8-sorts?order=oldest");
    let first = visitor
        .get(&page)
        .expect(200)
        .has("2,500 comments")
        .has("are on this page")
        .has("more comments");
    assert!(first.body.len() < 1_000_000, "{}", first.body.len());
    nesting(&first.body, "li");
    let mut seen = std::collections::HashSet::new();
    let mut waiting = vec![page];
    while let Some(path) = waiting.pop() {
        let body = visitor.get(&path).expect(200).body;
        for part in body.split("id=\"c_").skip(1) {
            seen.insert(part.split('"').next().unwrap().to_owned());
        }
        let links = ["class=\"deeper\" href=\"", "rel=\"next\" href=\""];
        for part in links.iter().flat_map(|link| body.split(link).skip(1)) {
            waiting.push(part.split('"').next().unwrap().replace("&amp;", "&"));
        }
    }
    assert_eq!(seen.len(), ids.len());
    let last = ids.last().unwrap();
    visitor
        .get(&format!("/s/{story}/how-v8-sorts?at={last}"))
        .has(&format!("id=\"c_{last}\""));
}

#[test]
fn ten_thousand_levels_are_drawn_flat_and_fast() {
    let site = TestApp::start();
    let story = site.story("ada", "How V8 sorts");
    let parents = (0..10_000_usize).map(|n| n.checked_sub(1)).collect();
    let ids = fill(&site, story, parents, "Deeper.");
    let mut visitor = site.browser();
    let begun = Instant::now();
    for path in [
        format!("/s/{story}/how-v8-sorts"),
        format!("/c/{}", ids[0]),
        format!("/c/{}", ids[5000]),
        format!("/c/{}", ids[9999]),
        format!("/s/{story}/how-v8-sorts?at={}", ids[9999]),
    ] {
        let page = visitor.get(&path).expect(200);
        assert!(nesting(&page.body, "li") < 16);
    }
    println!("ten thousand levels: five pages in {:?}", begun.elapsed());
}
