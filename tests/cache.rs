//! The response cache through the real door: what HTTP asks of it, and when it may be stale.

use site::store;

use crate::app::TestApp;
use crate::raw::{Heard, Raw, entries, metric};

const CODINGS: [&str; 4] = ["identity", "gzip", "br", "zstd"];

/// A visitor's connection.
fn raw(site: &TestApp) -> Raw {
    Raw::connect(site.address)
}

/// Has every page made anew.
pub fn purge(site: &TestApp) {
    site.write(|tx| {
        tx.stamp(store::stamp::site());
        Ok(())
    });
}

/// A site with a story, and its address.
pub fn pages() -> (TestApp, String) {
    let site = TestApp::start();
    let story = site.story("author", "A story");
    let talk = "Words that make the page long enough. ".repeat(40);
    site.comment("author", story, None, &talk);
    let path = format!("/s/{story}/a-story");
    (site, path)
}

#[test]
fn each_coding_has_a_strong_tag_of_its_own_and_304_has_the_headers_of_the_page() {
    let (site, path) = pages();
    let mut raw = raw(&site);
    let mut tags = Vec::new();
    for coding in CODINGS {
        let page = raw.get(&path, &[("accept-encoding", coding)]);
        let etag = page.told("etag").to_owned();
        assert!(etag.starts_with('"') && etag.ends_with('"'), "{etag}");
        assert_eq!(
            page.header("content-encoding").unwrap_or("identity"),
            coding
        );
        for sent in [
            etag.clone(),
            format!("W/{etag}"),
            "*".into(),
            format!("\"a,b\", W/\"x\",{etag}"),
        ] {
            let same = raw.get(
                &path,
                &[("accept-encoding", coding), ("if-none-match", &sent)],
            );
            assert_eq!(same.status, 304, "{sent}");
            for name in [
                "etag",
                "cache-control",
                "vary",
                "cdn-cache-control",
                "content-security-policy",
                "x-content-type-options",
                "referrer-policy",
                "date",
            ] {
                if name != "date" {
                    assert_eq!(same.told(name), page.told(name), "{name}");
                }
            }
            for name in [
                "content-type",
                "content-encoding",
                "content-length",
                "link",
                "set-cookie",
            ] {
                assert_eq!(same.header(name), None, "{name}");
            }
        }
        for sent in [
            "\"x\"",
            &etag[1..],
            etag.trim_matches('"'),
            "",
            "W/",
            "\"",
            "**",
        ] {
            let other = raw.get(
                &path,
                &[("accept-encoding", coding), ("if-none-match", sent)],
            );
            assert_eq!(other.status, 200, "{sent}");
        }
        tags.push(etag);
    }
    tags.sort();
    tags.dedup();
    assert_eq!(tags.len(), 4);
}

#[test]
fn a_tag_of_any_coding_that_the_client_takes_is_known_also_after_the_page_was_made_anew() {
    let (site, path) = pages();
    let mut raw = raw(&site);
    for coding in CODINGS {
        let etag = raw
            .get(&path, &[("accept-encoding", coding)])
            .told("etag")
            .to_owned();
        purge(&site);
        let headers = [
            ("accept-encoding", "gzip, deflate, br, zstd"),
            ("if-none-match", &etag),
        ];
        assert_eq!(raw.get(&path, &headers).status, 304, "{coding}");
        if coding != "identity" {
            let headers = [("accept-encoding", "identity"), ("if-none-match", &etag)];
            assert_eq!(
                raw.get(&path, &headers).status,
                200,
                "it does not take {coding} now"
            );
        }
    }
}

#[test]
fn the_coding_is_what_the_client_likes_best() {
    let (site, path) = pages();
    let mut raw = raw(&site);
    for (accepted, expected) in [
        (None, None),
        (Some(""), None),
        (Some("gzip"), Some("gzip")),
        (Some("x-gzip"), Some("gzip")),
        (Some("br;q=0.9, gzip;q=0.1"), Some("br")),
        (Some("zstd;q=0.1, gzip;q=0.2"), Some("gzip")),
        (Some("gzip;q=0"), None),
        (Some("*;q=0, identity"), None),
        (Some("compress, deflate"), None),
        (Some("gzip;q=0.001, identity;q=0.5"), None),
    ] {
        for _ in 0..2 {
            let headers: Vec<_> = accepted
                .map(|value| ("accept-encoding", value))
                .into_iter()
                .collect();
            let page = raw.get(&path, &headers);
            assert_eq!(page.header("content-encoding"), expected, "{accepted:?}");
            assert!(page.told("vary").contains("Accept-Encoding"));
        }
    }
}

#[test]
fn head_is_get_without_a_body() {
    let (site, path) = pages();
    let member = site.member("member").cookie.unwrap();
    let lines = |heard: &Heard| {
        let kept = heard
            .headers
            .iter()
            .filter(|(name, _)| name != "date" && name != "cache-status");
        let mut lines: Vec<_> = kept.cloned().collect();
        lines.sort();
        lines
    };
    for path in [path.as_str(), "/nowhere", "/hot.atom", "/s/1", "/login"] {
        for cookie in ["a=b", &member] {
            for coding in CODINGS {
                let headers = [("accept-encoding", coding), ("cookie", cookie)];
                let mut raw = raw(&site);
                let get = raw.get(path, &headers);
                let head = raw.ask("HEAD", path, &headers, b"");
                assert_eq!(get.status, head.status, "{path}");
                assert_eq!(lines(&get), lines(&head), "{path} {coding}");
                assert_eq!(head.told("content-length"), get.body.len().to_string());
                // Nothing follows the head but the next answer.
                assert_eq!(raw.get("/up", &[]).status, 200);
            }
        }
    }
}

#[test]
fn what_is_missing_moved_or_a_feed_is_kept_until_it_changes() {
    let (site, _) = pages();
    let mut raw = raw(&site);
    let twice = |raw: &mut Raw, path: &str, status: u16| {
        let first = raw.get(path, &[]);
        assert_eq!(first.status, status, "{path}");
        assert_ne!(first.how(), "site; hit", "{path}");
        assert_eq!(raw.get(path, &[]).how(), "site; hit", "{path}");
        assert_eq!(first.header("set-cookie"), None);
    };
    // Ids come from one sequence.
    let next = site
        .number("select max(id) from (select id from story union all select id from comment)")
        + 1;
    let story = format!("/s/{next}");
    let late = [
        story.as_str(),
        "/u/latecomer",
        "/domain/late.example",
        "/t/javascript.atom",
        "/newest.feed.json",
    ];
    for (path, status) in late.iter().zip([404, 404, 404, 200, 200]) {
        twice(&mut raw, path, status);
    }
    site.post_story(
        "latecomer",
        "A late one",
        Some("https://late.example/x"),
        "",
    );
    for (path, status) in late.iter().zip([301, 200, 200, 200, 200]) {
        twice(&mut raw, path, status);
    }
    for path in [
        "/s/1",
        "/nowhere",
        "/robots.txt",
        "/sitemap.xml",
        "/hottest.json",
        "/manifest.webmanifest",
        "/opensearch.xml",
    ] {
        raw.get(path, &[]);
        assert!(raw.get(path, &[]).how().starts_with("site; hit"), "{path}");
    }
}

#[test]
fn a_missing_page_in_json_is_not_for_caches_on_the_way_and_one_in_html_is() {
    let (site, _) = pages();
    let mut raw = raw(&site);
    for path in ["/u/nobody", "/nowhere", "/s/99999"] {
        for _ in 0..2 {
            let json = raw.get(path, &[("accept", "application/json")]);
            assert_eq!(
                (json.status, json.told("content-type")),
                (404, "application/json")
            );
            assert_eq!(json.told("cache-control"), "private, no-cache");
            assert_eq!(json.header("cdn-cache-control"), None);
            let html = raw.get(path, &[]);
            assert_eq!((html.status, html.told("cache-control")), (404, "no-cache"));
            assert!(html.told("cdn-cache-control").starts_with("max-age="));
        }
    }
}

#[test]
fn pages_that_nobody_may_keep_are_not_kept() {
    let (site, _) = pages();
    let mut raw = raw(&site);
    raw.get("/", &[]);
    let before = entries(site.address);
    for path in [
        "/login",
        "/signup",
        "/submit",
        "/settings",
        "/inbox",
        "/admin",
        "/c/zz/reply",
    ] {
        for _ in 0..2 {
            let page = raw.get(path, &[]);
            let how = page.header("cache-status").unwrap_or("site; fwd=bypass");
            assert!(
                ["site; fwd=bypass", "site; fwd=miss"].contains(&how),
                "{path}: {how}"
            );
        }
    }
    assert_eq!(entries(site.address), before);
}

#[test]
fn what_makes_no_sense_is_answered_from_memory_too() {
    let (site, _) = pages();
    let mut raw = raw(&site);
    let nonsense = "/newest?after=zz";
    let first = raw.get(nonsense, &[]);
    assert_eq!((first.status, first.how()), (400, "site; fwd=miss; stored"));
    let again = raw.get(nonsense, &[]);
    assert_eq!((again.status, again.how()), (400, "site; hit"));
}

#[test]
fn the_status_says_how_the_cache_took_part() {
    let (site, path) = pages();
    let mut raw = raw(&site);
    let mut how = |path: &str| raw.get(path, &[]).how().to_owned();
    assert_eq!(how(&path), "site; fwd=miss; stored");
    assert_eq!(how(&path), "site; hit");
    purge(&site);
    assert_eq!(how(&path), "site; fwd=stale; stored");
    assert_eq!(how("/login"), "site; fwd=bypass");
    let site = TestApp::with(|config| config.cache_size = 0);
    let mut raw = self::raw(&site);
    for _ in 0..2 {
        assert_eq!(raw.get("/", &[]).how(), "site; fwd=miss");
    }
    assert_eq!(entries(site.address), 0);
}

/// A browser that has changed something and is signed out.
fn changed(site: &TestApp) -> String {
    let mut raw = raw(site);
    let member = site.member("changer").cookie.unwrap();
    let origin = format!("http://{}", site.address);
    let headers = [
        ("origin", origin.as_str()),
        ("sec-fetch-site", "same-origin"),
        ("content-type", "application/x-www-form-urlencoded"),
        ("cookie", &member),
    ];
    let out = raw.ask("POST", "/logout", &headers, b"x=y");
    let mut lines = out.headers.iter().filter(|(name, _)| name == "set-cookie");
    let line = lines
        .find(|(_, line)| line.contains("position="))
        .expect("a change is told");
    line.1.split(';').next().unwrap().to_owned()
}

#[test]
fn only_in_a_storm_of_writes_and_only_visitors_get_what_is_stale() {
    let (site, path) = pages();
    let position = changed(&site);
    let member = site.member("member").cookie.unwrap();
    let mut raw = raw(&site);
    assert_eq!(raw.get(&path, &[]).how(), "site; fwd=miss; stored");
    for rebuild in 1..=11 {
        purge(&site);
        assert_eq!(
            raw.get(&path, &[]).how(),
            "site; fwd=stale; stored",
            "{rebuild}"
        );
    }
    for _ in 0..400 {
        purge(&site);
        for cookie in [&position, &member] {
            let how = raw.get(&path, &[("cookie", cookie)]);
            assert!(!how.how().contains("storm"), "{cookie}: {how:?}");
        }
        purge(&site);
        if raw.get(&path, &[]).how() == "site; hit; detail=storm" {
            return;
        }
    }
    panic!("no storm in all these writes");
}

#[test]
fn when_pages_cannot_be_made_visitors_get_the_stale_one_and_those_who_changed_something_the_truth()
{
    let (site, path) = pages();
    let position = changed(&site);
    let member = site.member("member").cookie.unwrap();
    let mut raw = raw(&site);
    let before = raw.get(&path, &[]);
    let other = rusqlite::Connection::open(site.app.config.data.join("site.db")).unwrap();
    other
        .execute_batch("alter table comment rename to away")
        .unwrap();
    purge(&site);
    for _ in 0..3 {
        let page = raw.get(&path, &[]);
        assert_eq!(
            (page.status, page.how()),
            (200, "site; fwd=stale; detail=error")
        );
        assert_eq!(page.text(), before.text());
        for cookie in [&position, &member] {
            let page = raw.get(&path, &[("cookie", cookie)]);
            assert!(page.status >= 500, "{}", page.status);
            assert_eq!(page.told("cache-control"), "no-store");
        }
    }
    // There was never a page here.
    let none = raw.get("/comments", &[]);
    assert!(none.status >= 500, "{}", none.status);
    other
        .execute_batch("alter table away rename to comment")
        .unwrap();
    assert_eq!(raw.get(&path, &[]).how(), "site; fwd=stale; stored");
    assert_eq!(raw.get("/comments", &[]).status, 200);
    assert_eq!(raw.get(&path, &[("cookie", &member)]).status, 200);
    let stale = "site_cache_requests_total{route=\"/s/{id}/{slug}\",result=\"stale\"}";
    assert_eq!(metric(site.address, stale), 3);
}
