//! The public moderation log, through the real door.

use site::domain::user::Role;
use site::store::modlog::{self, Entry};

use crate::app::TestApp;

#[test]
fn an_empty_log_says_so() {
    let site = TestApp::start();
    site.browser()
        .get("/modlog")
        .expect(200)
        .has("No moderator had to do anything");
}

#[test]
fn the_log_is_paged_by_key_and_filtered_by_kind_and_moderator() {
    let site = TestApp::start();
    let (mo, nan) = (
        site.user("mo", Role::Moderator),
        site.user("nan", Role::Moderator),
    );
    site.write(move |tx| {
        for number in 0..65 {
            let reason = format!("reason {number}.");
            let (moderator, action) = match number % 2 {
                0 => (Some(mo), "setting.change"),
                _ => (Some(nan), "domain.ban"),
            };
            modlog::record(
                tx,
                &Entry {
                    moderator,
                    action,
                    reason: &reason,
                    ..Entry::default()
                },
            )?;
        }
        Ok(())
    });
    let mut visitor = site.browser();
    let mut address = "/modlog".to_owned();
    let mut seen = Vec::new();
    loop {
        let page = visitor.get(&address).expect(200).body;
        seen.extend((0..65).filter(|n| page.contains(&format!(">reason {n}.<"))));
        let Some((before, _)) = page.split_once("Older entries") else {
            break;
        };
        let href = before.rsplit("href=\"").next().unwrap();
        address = href.split('"').next().unwrap().replace("&amp;", "&");
    }
    seen.sort_unstable();
    assert_eq!(seen, (0..65).collect::<Vec<_>>());
    visitor
        .get("/modlog?by=nan&kind=site")
        .has(">reason 63.<")
        .lacks(">reason 64.<");
    visitor
        .get("/modlog?kind=user")
        .has("No moderator had to do anything");
    visitor.get("/modlog?by=nobody").expect(404);
    visitor.get("/modlog?after=x").expect(400);
    visitor
        .get("/modlog?kind=%22%3E%3Cb%3E")
        .expect(200)
        .lacks("\"><b>");
}

#[test]
fn the_log_can_be_followed_by_feed_readers() {
    let site = TestApp::start();
    let story = site.story("ada", "Cats & <dogs>");
    let mut moderator = site.member_as("mo", Role::Moderator);
    let act = [("do", "lock"), ("reason", "Too warm & wild.")];
    moderator.post(&format!("/mod/s/{story}"), &act).location();
    let mut visitor = site.browser();
    visitor
        .get("/modlog.atom")
        .expect(200)
        .has("<title>locked Cats &amp; &lt;dogs&gt; by ada</title>")
        .has("Too warm &amp;amp; wild.")
        .has("<name>mo</name>");
    visitor.get("/modlog.rss").expect(200).has("<dc:creator>mo");
    let json = visitor.get("/modlog.feed.json").expect(200).body;
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    let address = json["items"][0]["url"].as_str().unwrap();
    let path = &address[address.find("/modlog").unwrap()..];
    let (path, mark) = path.split_once('#').unwrap();
    visitor.get(path).has(&format!("id=\"{mark}\""));
}
