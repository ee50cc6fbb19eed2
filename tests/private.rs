//! Nobody is sent a byte of another: visitors, members and moderators over the same pages in random order, and requests that
//! try to bend what others get.

use std::collections::{BTreeMap, HashMap};

use site::domain::id::StoryId;
use site::domain::story::slug;
use site::domain::user::Role;
use site::store;
use site::web::cookie;

use crate::app::TestApp;
use crate::raw::{Dice, Heard, Raw};

pub const VISITOR: usize = 0;
pub const LURKER: usize = 1;
pub const AUTHOR: usize = 2;
pub const MODERATOR: usize = 3;
pub const NAMES: [&str; 4] = ["visitor", "lurker-q41", "author-q52", "moderator-q63"];
const REMOVED: &str = "What the removed story said";

/// A site with something of everybody on it.
pub struct Scene {
    pub site: TestApp,
    pub paths: Vec<String>,
    /// What only that person may be sent.
    own: [Vec<String>; 4],
    toggles: StoryId,
}

impl Scene {
    pub fn new() -> Self {
        let site = TestApp::start();
        let stories: Vec<StoryId> = (0..4)
            .map(|n| site.story(NAMES[AUTHOR], &format!("Story number {n}")))
            .collect();
        let comment = site.comment(NAMES[AUTHOR], stories[0], None, "By the author");
        let theirs = site.comment("guest", stories[0], None, "By a guest");
        for text in ["One answer", "Another answer"] {
            site.comment("guest", stories[0], Some(comment), text);
        }
        let (title, host) = ("A removed title", "https://removed.example/page");
        let removed = site.post_story("guest", title, Some(host), REMOVED);
        site.user(NAMES[LURKER], Role::Member);
        site.user(NAMES[MODERATOR], Role::Moderator);
        let admin = site.user("admin", Role::Admin);
        site.write(move |tx| {
            for (name, karma) in [(NAMES[LURKER], 48_731), (NAMES[MODERATOR], 91_377)] {
                tx.execute(
                    "update user set karma = ?2, email = name || '@mail.example' where name = ?1",
                    rusqlite::params![name, karma],
                )?;
            }
            let _ = admin;
            Ok(())
        });
        let mut boss = site.member_as("admin", Role::Admin);
        let fields = [("do", "remove"), ("reason", "Off topic.")];
        boss.post(&format!("/mod/s/{removed}"), &fields).expect(303);
        let mut lurker = site.member(NAMES[LURKER]);
        for path in [
            format!("/s/{}/vote", stories[0]),
            format!("/s/{}/save", stories[1]),
            format!("/s/{}/hide", stories[2]),
            format!("/c/{theirs}/vote"),
        ] {
            lurker.post(&path, &[]).expect(303);
        }
        let at = |id: StoryId, title: &str| format!("/s/{id}/{}", slug(title));
        let mut paths: Vec<String> = SHARED.iter().map(|path| (*path).to_owned()).collect();
        paths.extend([
            at(stories[0], "Story number 0"),
            at(stories[2], "Story number 2"),
            format!("{}?order=newest", at(stories[0], "Story number 0")),
            at(removed, title),
            format!("/s/{removed}"),
            format!("/s/{}", stories[0]),
            format!("/s/{}.json", stories[0]),
            format!("/s/{}/comments.atom", stories[0]),
            format!("/c/{comment}"),
            format!("/u/{}", NAMES[AUTHOR]),
            format!("/u/{}/comments", NAMES[AUTHOR]),
        ]);
        let words = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect();
        let mut authors: Vec<String> = words(&["data-me=\"author-q52", "Inbox, 2 new", "own new"]);
        authors.extend(
            stories
                .iter()
                .flat_map(|id| [format!("/s/{id}/edit"), format!("/s/{id}/delete")]),
        );
        let own = [
            Vec::new(),
            words(&[
                NAMES[LURKER],
                "48,731",
                "unvote",
                "unsave",
                "unhide",
                "\" hidden=\"\"",
            ]),
            authors,
            words(&[
                NAMES[MODERATOR],
                "91,377",
                REMOVED,
                ">moderate<",
                "href=\"/mod\"",
            ]),
        ];
        Self {
            site,
            paths,
            own,
            toggles: stories[3],
        }
    }

    pub fn sign_in(&self, who: usize) -> String {
        let token = cookie::new_token();
        let hash = cookie::hash(&token);
        self.site.write(move |tx| {
            let user = store::user::id_of(tx, NAMES[who])?;
            store::session::open(tx, user, &hash, "192.0.2.1", "test")
        });
        let line = cookie::set(&token, true);
        line.split(';').next().unwrap().to_owned()
    }

    /// Nothing in it belongs to anybody but this person.
    #[track_caller]
    fn check(&self, who: usize, what: &str, path: &str) {
        for (other, own) in self.own.iter().enumerate().filter(|(n, _)| *n != who) {
            for word in own {
                let around = what.find(word).map(|at| {
                    let from = what.floor_char_boundary(at.saturating_sub(120));
                    &what[from..what.ceil_char_boundary(at + 120)]
                });
                let (who, other) = (NAMES[who], NAMES[other]);
                assert!(
                    around.is_none(),
                    "{path}: {who} got {word:?} of {other}: {around:?}"
                );
            }
        }
    }
}

const SHARED: &[&str] = &[
    "/",
    "/newest",
    "/active",
    "/top/all",
    "/comments",
    "/t/javascript",
    "/domain/example.org",
    "/domain/removed.example",
    "/about",
    "/guidelines",
    "/privacy",
    "/tags",
    "/modlog",
    "/nowhere",
    "/u/nobody",
    "/?saved=submit",
    "/newest?saved=s1-2",
    "/hot.atom",
    "/newest.rss",
    "/comments.feed.json",
    "/hottest.json",
    "/robots.txt",
    "/sitemap.xml",
    "/search?q=story",
    "/search?q=removed&what=comments",
];
const ALONE: &[&str] = &[
    "/settings",
    "/inbox",
    "/saved",
    "/hidden",
    "/voted",
    "/submit",
    "/login",
    "/mod",
    "/settings/sessions",
];

/// One thread's people, each with a session of its own, and what they were told that they have.
struct Crowd<'a> {
    scene: &'a Scene,
    dice: Dice,
    raw: Raw,
    sessions: [Option<String>; 4],
    bodies: HashMap<String, String>,
    tags: BTreeMap<String, Vec<String>>,
    unchanged: usize,
}

impl<'a> Crowd<'a> {
    fn new(scene: &'a Scene, seed: u64) -> Self {
        Self {
            scene,
            dice: Dice(seed),
            raw: Raw::connect(scene.site.address),
            sessions: [None, None, None, None].map(|_: Option<String>| None),
            bodies: HashMap::new(),
            tags: BTreeMap::new(),
            unchanged: 0,
        }
    }

    /// Signs somebody in or out; who is signed out keeps sending the old cookie.
    fn change(&mut self, who: usize) -> Option<String> {
        let before = self.sessions[who].take();
        if let Some(cookie) = &before {
            let origin = format!("http://{}", self.scene.site.address);
            let headers = [
                ("origin", origin.as_str()),
                ("sec-fetch-site", "same-origin"),
                ("cookie", cookie),
                ("content-type", "application/x-www-form-urlencoded"),
            ];
            let heard = self.raw.ask("POST", "/logout", &headers, b"x=y");
            assert_eq!(heard.status, 303);
        } else {
            self.sessions[who] = Some(self.scene.sign_in(who));
        }
        before
    }

    fn step(&mut self) {
        let who = self.dice.roll(4);
        if who != VISITOR
            && self.dice.roll(40) == 0
            && let Some(old) = self.change(who)
        {
            // Signed out, with the cookie of before.
            let path = self.dice.pick(&self.scene.paths).clone();
            self.visit(VISITOR, &path, Some(&old));
        }
        let shared = self.dice.roll(8) > 0;
        let path = if shared {
            self.dice.pick(&self.scene.paths).clone()
        } else {
            (*self.dice.pick(ALONE)).to_owned()
        };
        let cookie = self.sessions[who].clone();
        let acts = if cookie.is_some() { who } else { VISITOR };
        self.visit(acts, &path, cookie.as_deref());
    }

    fn visit(&mut self, who: usize, path: &str, cookie: Option<&str>) {
        const CODINGS: [&str; 6] = [
            "",
            "gzip",
            "br",
            "zstd",
            "gzip, deflate, br, zstd",
            "identity",
        ];
        let coding = *self.dice.pick(&CODINGS);
        let method = if self.dice.roll(5) == 0 {
            "HEAD"
        } else {
            "GET"
        };
        let mut headers = Vec::new();
        if !coding.is_empty() {
            headers.push(("accept-encoding", coding));
        }
        headers.extend(cookie.map(|cookie| ("cookie", cookie)));
        // What anybody was told of this page.
        let known = self.tags.get(path).cloned().unwrap_or_default();
        let sent = (!known.is_empty() && self.dice.roll(2) == 0).then(|| {
            (0..3)
                .map(|_| self.dice.pick(&known).clone())
                .collect::<Vec<_>>()
                .join(", ")
        });
        headers.extend(sent.as_deref().map(|sent| ("if-none-match", sent)));
        let heard = self.raw.ask(method, path, &headers, b"");
        let all: Vec<String> = heard
            .headers
            .iter()
            .map(|(name, value)| format!("{name}: {value}"))
            .collect();
        self.scene.check(who, &all.join("\n"), path);
        judge(who, path, &heard);
        if heard.status == 304 {
            self.unchanged += 1;
            let etag = heard.told("etag");
            assert!(sent.unwrap().contains(etag));
            let body = self.bodies.get(etag).expect("it was sent before");
            self.scene.check(who, body, path);
            is_theirs(who, body, path);
        } else if method == "GET" {
            let text = heard.text();
            self.scene.check(who, &text, path);
            if heard.told("content-type").starts_with("text/html") {
                is_theirs(who, &text, path);
            }
            if let Some(etag) = heard.header("etag") {
                let before = self.bodies.insert(etag.to_owned(), text.clone());
                assert!(before.is_none_or(|before| before == text), "{path}: {etag}");
                let tags = self.tags.entry(path.to_owned()).or_default();
                if !tags.iter().any(|tag| tag == etag) {
                    tags.push(etag.to_owned());
                }
            }
        }
    }
}

/// Whoever is signed in gets a page that knows them, all others one that knows nobody.
fn is_theirs(who: usize, text: &str, path: &str) {
    if !text.starts_with("<!DOCTYPE html>") {
        return;
    }
    let named = text.contains(&format!("data-me=\"{}", NAMES[who]));
    assert_eq!(named, who != VISITOR, "{path} for {}", NAMES[who]);
    assert!(!holds_a_mark(text), "{path}");
}

/// What the headers allow caches to do.
fn judge(who: usize, path: &str, heard: &Heard) {
    assert_eq!(heard.header("set-cookie"), None, "{path}");
    let control = heard.told("cache-control");
    let public = control == "no-cache";
    assert!(
        public || ["private, no-cache", "no-store"].contains(&control),
        "{path}: {control}"
    );
    assert!(
        public || heard.header("cdn-cache-control").is_none(),
        "{path}"
    );
    let html = heard
        .header("content-type")
        .is_some_and(|kind| kind.starts_with("text/html"));
    if who != VISITOR
        && (html || path.starts_with("/s/") && who == MODERATOR && heard.status >= 400)
    {
        assert!(!public, "{path} for {}", NAMES[who]);
    }
    if who != VISITOR && ALONE.contains(&path) {
        assert!(!public, "{path}: {control}");
        let how = heard.how();
        assert!(
            !how.contains("hit") && !how.contains("stored"),
            "{path}: {how}"
        );
    }
}

/// Whether a secret word of the drawing is left in a page: nothing else of ours has so many digits in a row.
fn holds_a_mark(text: &str) -> bool {
    let mut run = 0;
    text.bytes().any(|byte| {
        run = if byte.is_ascii_hexdigit() { run + 1 } else { 0 };
        run >= 64
    })
}

#[test]
fn nobody_gets_a_byte_of_another_whatever_the_order() {
    let scene = Scene::new();
    let unchanged: usize = std::thread::scope(|scope| {
        let crowds: Vec<_> = (0..4)
            .map(|seed| {
                let scene = &scene;
                scope.spawn(move || {
                    let mut crowd = Crowd::new(scene, seed);
                    for step in 0..1000_usize {
                        crowd.step();
                        if seed == 0 && step.is_multiple_of(50) {
                            toggle(scene, step);
                        }
                    }
                    crowd.unchanged
                })
            })
            .collect();
        crowds.into_iter().map(|crowd| crowd.join().unwrap()).sum()
    });
    assert!(unchanged > 100, "{unchanged} answers were 304");
}

/// The lurker votes and takes it back, so that pages change under the others.
fn toggle(scene: &Scene, step: usize) {
    let act = if step.is_multiple_of(100) {
        "vote"
    } else {
        "unvote"
    };
    let mut browser = scene.site.member(NAMES[LURKER]);
    browser
        .post(&format!("/s/{}/{act}", scene.toggles), &[])
        .expect(303);
}

#[test]
fn who_is_no_longer_a_moderator_is_not_shown_what_moderators_see() {
    let scene = Scene::new();
    let cookie = scene.sign_in(MODERATOR);
    let path = scene
        .paths
        .iter()
        .find(|path| path.ends_with("/a-removed-title"))
        .unwrap();
    let mut raw = Raw::connect(scene.site.address);
    let headers = [("cookie", cookie.as_str()), ("accept-encoding", "gzip")];
    for _ in 0..3 {
        assert!(raw.get(path, &headers).text().contains(REMOVED));
    }
    let visitor = raw.get(path, &[]);
    assert_eq!(visitor.status, 410);
    scene.check(VISITOR, &visitor.text(), path);
    scene.site.write(|tx| {
        let user = store::user::id_of(tx, NAMES[MODERATOR])?;
        store::role::set(tx, user, Role::Member, None)
    });
    // The role's change ended the session; another one is a member's.
    for cookie in [cookie, scene.sign_in(MODERATOR)] {
        let heard = raw.get(
            path,
            &[("cookie", cookie.as_str()), ("accept-encoding", "gzip")],
        );
        assert_eq!(heard.status, 410);
        assert!(!heard.text().contains(REMOVED));
    }
}

#[test]
fn what_only_moderators_may_read_is_not_for_caches_on_the_way() {
    let scene = Scene::new();
    let cookie = scene.sign_in(MODERATOR);
    let mut raw = Raw::connect(scene.site.address);
    for path in scene.paths.iter().filter(|path| path.starts_with("/s/")) {
        for accept in ["text/html", "application/json"] {
            for _ in 0..2 {
                let heard = raw.get(path, &[("cookie", &cookie), ("accept", accept)]);
                let ours = !path.contains(".json") && !path.contains(".atom");
                assert!(
                    !ours || heard.told("cache-control").starts_with("private"),
                    "{path} {heard:?}"
                );
                assert!(
                    !ours || heard.header("cdn-cache-control").is_none(),
                    "{path}"
                );
                let visitor = raw.get(path, &[("accept", accept)]);
                scene.check(VISITOR, &format!("{visitor:?}{}", visitor.text()), path);
            }
        }
    }
}
