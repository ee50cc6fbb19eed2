//! Standing pages, and what machines ask for by themselves.

use roxmltree::Document;
use serde_json::Value;

use crate::app::TestApp;

#[test]
fn standing_pages_say_what_they_promise() {
    let site = TestApp::start();
    let mut browser = site.browser();
    browser
        .get("/about")
        .expect(200)
        .has("id=\"feeds\"")
        .has("/newest.atom")
        .has("An hour");
    browser
        .get("/guidelines")
        .expect(200)
        .has("We are here to learn from each other.");
    browser.get("/privacy").expect(200).has("no trackers");
    browser
        .get("/tags")
        .expect(200)
        .has("WebAssembly and what compiles to it")
        .has("/t/wasm.atom");
}

#[test]
fn guidelines_are_the_administrators_own() {
    let site = TestApp::start();
    site.write(|tx| {
        tx.execute(
            "insert into setting values ('guidelines', 'Be **brief** <script>')",
            [],
        )?;
        tx.stamp(site::cache::Stamp::site());
        Ok(())
    });
    site.browser()
        .get("/guidelines")
        .expect(200)
        .has("<strong>brief</strong> &lt;script&gt;");
}

#[test]
fn the_sitemap_leads_to_every_story_that_is_shown() {
    let site =
        TestApp::with(|config| config.base_url = Some("https://news.example".parse().unwrap()));
    let shown = site.story("ada", "Shown & found");
    let removed = site.story("ada", "Removed");
    site.write(move |tx| {
        Ok(tx.execute("update story set state = 2 where id = ?1", [removed.raw()])?)
    });
    let mut browser = site.browser();
    let index = browser.get("/sitemap.xml").expect(200).body;
    let document = Document::parse(&index).unwrap();
    let parts: Vec<&str> = document
        .descendants()
        .filter(|node| node.has_tag_name(("http://www.sitemaps.org/schemas/sitemap/0.9", "loc")))
        .filter_map(|node| node.text())
        .collect();
    assert_eq!(
        parts,
        [
            "https://news.example/sitemap/lists.xml",
            "https://news.example/sitemap/0.xml"
        ]
    );
    let part = browser.get("/sitemap/0.xml").expect(200).body;
    Document::parse(&part).unwrap();
    assert!(part.contains(&format!(
        "<loc>https://news.example/s/{shown}/shown-found</loc>"
    )));
    assert!(!part.contains("removed"));
    let lists = browser
        .get("/sitemap/lists.xml")
        .expect(200)
        .has("https://news.example/t/css<")
        .body;
    Document::parse(&lists).unwrap();
    for path in [
        "/sitemap/1.xml",
        "/sitemap/x.xml",
        "/sitemap/-1.xml",
        "/sitemap/9223372036854775807.xml",
    ] {
        browser.get(path).expect(404);
    }
}

#[test]
fn an_empty_sites_sitemap_is_valid() {
    let site = TestApp::start();
    let index = site
        .browser()
        .get("/sitemap.xml")
        .expect(200)
        .has("/sitemap/lists.xml")
        .body;
    Document::parse(&index).unwrap();
}

#[test]
fn crawlers_are_told_where_the_sitemap_is() {
    let site =
        TestApp::with(|config| config.base_url = Some("https://news.example".parse().unwrap()));
    let robots = site
        .browser()
        .get_with("/robots.txt", &[("host", "evil.example")])
        .expect(200);
    let robots = robots
        .has("Sitemap: https://news.example/sitemap.xml")
        .has("Disallow: /login");
    assert_eq!(
        robots.header("content-type"),
        Some("text/plain; charset=utf-8")
    );
}

#[test]
fn browsers_learn_to_search_and_to_install() {
    let site = TestApp::start();
    let mut browser = site.browser();
    let search = browser
        .get("/opensearch.xml")
        .expect(200)
        .has("/search?q={searchTerms}");
    Document::parse(&search.body).unwrap();
    let manifest = browser.get("/manifest.webmanifest").expect(200);
    assert_eq!(
        manifest.header("content-type"),
        Some("application/manifest+json")
    );
    let manifest: Value = serde_json::from_str(&manifest.body).unwrap();
    for icon in manifest["icons"].as_array().unwrap() {
        browser.get(icon["src"].as_str().unwrap()).expect(200);
    }
}
