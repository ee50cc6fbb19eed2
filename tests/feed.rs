//! Feeds and JSON, read back by readers of their own.

use roxmltree::{Document, Node};
use serde_json::Value;
use site::domain::id::StoryId;

use crate::app::{Browser, TestApp};

const ATOM: &str = "http://www.w3.org/2005/Atom";

/// A site with a public address, two stories and a comment; what people wrote is hostile to XML.
fn site() -> (TestApp, StoryId) {
    let site =
        TestApp::with(|config| config.base_url = Some("https://news.example/".parse().unwrap()));
    let link = site.post_story(
        "ada",
        "Tags <b> & \"quotes\" ]]>",
        Some("https://example.org/a?b=1&c=2"),
        "",
    );
    site.post_story(
        "grace",
        "Ask: how?",
        None,
        "Some *words* & <script>alert(1)</script>",
    );
    site.comment("grace", link, None, "I **agree** & ]]> disagree <p>");
    (site, link)
}

/// Addresses of all lists with feeds, without an ending.
fn lists(story: StoryId) -> Vec<String> {
    let mut lists: Vec<String> = [
        "/hot",
        "/newest",
        "/active",
        "/top/day",
        "/top/week",
        "/top/month",
        "/top/year",
        "/top/all",
        "/t/javascript",
        "/t/css,javascript",
        "/domain/example.org",
        "/u/ada/stories",
        "/u/grace/comments",
        "/comments",
    ]
    .map(str::to_owned)
    .into();
    lists.push(format!("/s/{story}/comments"));
    lists
}

fn child<'a>(node: Node<'a, 'a>, name: &str) -> Option<Node<'a, 'a>> {
    node.children()
        .find(|child| child.tag_name().name() == name)
}

#[track_caller]
fn text<'a>(node: Node<'a, 'a>, name: &str) -> &'a str {
    child(node, name)
        .and_then(|child| child.text())
        .unwrap_or_else(|| panic!("no {name}"))
}

fn is_time(text: &str) -> bool {
    text.len() == 20 && text.ends_with('Z') && text.as_bytes()[10] == b'T'
}

#[test]
fn atom_holds_what_its_standard_demands() {
    let (site, story) = site();
    for list in lists(story) {
        let path = format!("{list}.atom");
        let reply = site.browser().get(&path).expect(200);
        assert_eq!(
            reply.header("content-type"),
            Some("application/atom+xml; charset=utf-8")
        );
        let document = Document::parse(&reply.body).unwrap();
        let feed = document.root_element();
        assert!(feed.has_tag_name((ATOM, "feed")), "{path}");
        assert_eq!(text(feed, "id"), format!("https://news.example{path}"));
        assert!(text(feed, "title").starts_with("Semicolon: "));
        assert!(is_time(text(feed, "updated")));
        let rel = |rel: &str| {
            feed.children()
                .find(|node| node.attribute("rel") == Some(rel))
        };
        assert_eq!(
            rel("self").unwrap().attribute("href"),
            Some(format!("https://news.example{path}").as_str())
        );
        let page = rel("alternate").unwrap().attribute("href").unwrap();
        let page = page.strip_prefix("https://news.example").unwrap();
        if !page.starts_with("/s/") {
            site.browser().get(page).expect(200);
        }
        let entries: Vec<Node> = feed
            .children()
            .filter(|node| node.has_tag_name((ATOM, "entry")))
            .collect();
        assert!(!entries.is_empty(), "{path}");
        for entry in entries {
            assert!(text(entry, "id").starts_with("https://news.example/"));
            assert!(!text(entry, "title").is_empty());
            assert!(is_time(text(entry, "updated")) && is_time(text(entry, "published")));
            assert!(!text(child(entry, "author").unwrap(), "name").is_empty());
            assert!(
                child(entry, "link")
                    .unwrap()
                    .attribute("href")
                    .unwrap()
                    .starts_with("https://")
            );
            let content = child(entry, "content").unwrap();
            assert_eq!(content.attribute("type"), Some("html"));
            assert!(!content.text().unwrap().contains("<script"));
        }
    }
}

#[test]
fn rss_holds_what_its_standard_demands() {
    let (site, story) = site();
    for list in lists(story) {
        let path = format!("{list}.rss");
        let reply = site.browser().get(&path).expect(200);
        assert_eq!(
            reply.header("content-type"),
            Some("application/rss+xml; charset=utf-8")
        );
        let document = Document::parse(&reply.body).unwrap();
        assert_eq!(document.root_element().attribute("version"), Some("2.0"));
        let channel = child(document.root_element(), "channel").unwrap();
        for name in ["title", "link", "description"] {
            assert!(!text(channel, name).is_empty(), "{path}: {name}");
        }
        let item = child(channel, "item").unwrap();
        assert!(text(item, "guid").starts_with("https://news.example/"));
        assert!(text(item, "pubDate").ends_with(" GMT"));
        assert!(text(item, "comments").starts_with("https://news.example/s/"));
    }
}

#[test]
fn json_feed_holds_what_its_standard_demands() {
    let (site, story) = site();
    for list in lists(story) {
        let path = format!("{list}.feed.json");
        let reply = site.browser().get(&path).expect(200);
        assert_eq!(reply.header("content-type"), Some("application/feed+json"));
        let feed: Value = serde_json::from_str(&reply.body).unwrap();
        assert_eq!(feed["version"], "https://jsonfeed.org/version/1.1");
        assert_eq!(feed["feed_url"], format!("https://news.example{path}"));
        let items = feed["items"].as_array().unwrap();
        assert!(!items.is_empty(), "{path}");
        for item in items {
            assert!(
                item["id"]
                    .as_str()
                    .unwrap()
                    .starts_with("https://news.example/")
            );
            assert!(
                item["url"]
                    .as_str()
                    .unwrap()
                    .starts_with("https://news.example/")
            );
            assert!(item["content_html"].is_string());
            assert!(is_time(item["date_published"].as_str().unwrap()));
            assert!(item["authors"][0]["name"].is_string());
        }
    }
}

#[test]
fn a_feed_gives_back_exactly_what_was_written() {
    let (site, story) = site();
    let body = site.browser().get("/newest.atom").body;
    let document = Document::parse(&body).unwrap();
    let entries: Vec<Node> = document
        .root_element()
        .children()
        .filter(|node| node.has_tag_name((ATOM, "entry")))
        .collect();
    assert_eq!(text(entries[1], "title"), "Tags <b> & \"quotes\" ]]>");
    assert_eq!(
        text(entries[1], "id"),
        format!("https://news.example/s/{story}")
    );
    assert_eq!(
        child(entries[1], "link").unwrap().attribute("href"),
        Some("https://example.org/a?b=1&c=2")
    );
    assert!(text(entries[0], "content").contains("Some <em>words</em> &amp; &lt;script&gt;"));
    let comments = site.browser().get("/comments.rss").body;
    assert!(
        Document::parse(&comments)
            .unwrap()
            .descendants()
            .any(|node| {
                node.tag_name().name() == "description"
                    && node.text().is_some_and(|text| {
                        text.contains("<strong>agree</strong> &amp; ]]&gt; disagree")
                    })
            })
    );
}

#[test]
fn an_unchanged_feed_is_not_sent_again() {
    let (site, story) = site();
    for list in lists(story) {
        for ending in [".atom", ".rss", ".feed.json"] {
            let path = format!("{list}{ending}");
            let mut browser = site.browser();
            let etag = browser
                .get(&path)
                .expect(200)
                .header("etag")
                .unwrap()
                .to_owned();
            let again = browser.get_with(
                &path,
                &[("if-none-match", &etag), ("accept-encoding", "identity")],
            );
            assert_eq!(again.status, 304, "{path}");
        }
    }
}

#[test]
fn a_feed_can_be_read_to_its_end() {
    let site = TestApp::stopped();
    for n in 0..45 {
        site.pass(std::time::Duration::from_mins(1));
        site.story("ada", &format!("Story number {n}"));
    }
    let first: Value = json(&mut site.browser(), "/newest.feed.json");
    assert_eq!(first["items"].as_array().unwrap().len(), 30);
    let next = first["next_url"].as_str().unwrap();
    let next = next
        .strip_prefix(&format!("http://{}", site.address))
        .unwrap();
    let second = json(&mut site.browser(), next);
    assert_eq!(second["items"].as_array().unwrap().len(), 15);
    assert_eq!(second["items"][14]["title"], "Story number 0");
    assert!(second.get("next_url").is_none());
}

#[test]
fn pages_name_their_feeds() {
    let (site, _) = site();
    for (page, feed) in [
        ("/", "/hot.atom"),
        ("/newest", "/newest.rss"),
        ("/top/year", "/top/year.feed.json"),
        ("/t/javascript?order=newest", "/t/javascript.atom"),
        ("/domain/example.org", "/domain/example.org.rss"),
        ("/u/ada", "/u/ada/stories.atom"),
        ("/u/ada/comments", "/u/ada/comments.atom"),
        ("/comments", "/comments.atom"),
    ] {
        site.browser()
            .get(page)
            .expect(200)
            .has(&format!("href=\"{feed}\""));
        site.browser().get(feed).expect(200);
    }
}

#[test]
fn feeds_of_what_is_not_there_are_not_there() {
    let (site, story) = site();
    for path in [
        "/t/cobol.atom",
        "/domain/example.com.rss",
        "/u/nobody/stories.atom",
        "/s/999/comments.atom",
        "/s/x/comments.rss",
        "/top/x.atom",
        "/t/cobol.json",
        "/s/999.json",
        "/s/x.json",
        "/u/nobody.json",
    ] {
        site.browser().get(path).expect(404);
    }
    site.write(
        move |tx| Ok(tx.execute("update story set state = 2 where id = ?1", [story.raw()])?),
    );
    site.browser()
        .get(&format!("/s/{story}/comments.atom"))
        .expect(404);
    site.browser()
        .get(&format!("/s/{story}.json"))
        .expect(404)
        .has("not_found");
}

fn json(browser: &mut Browser, path: &str) -> Value {
    serde_json::from_str(&browser.get(path).expect(200).body).unwrap()
}

#[test]
fn lists_have_the_shape_that_clients_of_lobsters_know() {
    let (site, story) = site();
    for path in [
        "/hottest.json",
        "/newest.json",
        "/active.json",
        "/t/javascript.json",
    ] {
        let list = json(&mut site.browser(), path);
        let found = list
            .as_array()
            .unwrap()
            .iter()
            .find(|found| found["short_id"] == story.to_string())
            .unwrap();
        assert_eq!(found["url"], "https://example.org/a?b=1&c=2");
        assert_eq!(found["submitter_user"], "ada");
        assert_eq!(found["comment_count"], 1);
        assert_eq!(found["tags"], serde_json::json!(["javascript"]));
        assert_eq!(
            found["short_id_url"],
            format!("https://news.example/s/{story}")
        );
        assert!(found.get("comments").is_none());
    }
}

#[test]
fn a_story_comes_with_its_comments_but_not_with_what_was_taken_away() {
    let (site, story) = site();
    let first = site.comment("ada", story, None, "To be removed.");
    site.comment("grace", story, Some(first), "An answer.");
    site.write(move |tx| {
        Ok(tx.execute("update comment set state = 2 where id = ?1", [first.raw()])?)
    });
    let path = format!("/s/{story}.json");
    let body = site
        .browser()
        .get(&path)
        .expect(200)
        .lacks("To be removed")
        .body;
    let thread: Value = serde_json::from_str(&body).unwrap();
    let comments = thread["comments"].as_array().unwrap();
    let removed = comments
        .iter()
        .find(|found| found["is_moderated"] == true)
        .unwrap();
    assert_eq!(removed["commenting_user"], "[deleted]");
    let answer = comments
        .iter()
        .find(|found| found["comment_plain"] == "An answer.")
        .unwrap();
    assert_eq!(answer["depth"], 1);
    assert_eq!(answer["parent_comment"], first.to_string());
}

#[test]
fn a_member_has_the_shape_that_clients_of_lobsters_know() {
    let (site, _) = site();
    let user = json(&mut site.browser(), "/u/ada.json");
    assert_eq!(user["username"], "ada");
    assert_eq!(user["is_admin"], false);
    assert!(is_time(user["created_at"].as_str().unwrap()));
}
