//! Requests that try to bend what others are sent, or to fill the cache: nothing of a request but its address reaches a page.

use std::sync::mpsc;

use site::domain::user::Role;
use site::store;

use crate::app::TestApp;
use crate::raw::{Heard, Raw, entries};

const CANARY: &str = "zq-evil-77";

/// A site, and the pages of its visitors.
struct Scene {
    site: TestApp,
    paths: Vec<String>,
    pages: Vec<(u16, String, String)>,
}

impl Scene {
    fn new() -> Self {
        let site = TestApp::start();
        let story = site.story("author", "A story");
        site.comment("author", story, None, "A comment");
        let paths = vec![
            "/".to_owned(),
            format!("/s/{story}/a-story"),
            format!("/s/{story}"),
            "/newest".into(),
            "/u/author".into(),
            "/nowhere".into(),
            "/u/nobody".into(),
            "/hottest.json".into(),
            "/hot.atom".into(),
        ];
        let mut scene = Self {
            site,
            paths,
            pages: Vec::new(),
        };
        scene.pages = scene.look();
        scene
    }

    fn look(&self) -> Vec<(u16, String, String)> {
        let mut raw = Raw::connect(self.site.address);
        let pages = self.paths.iter().map(|path| {
            let heard = raw.get(path, &[]);
            (heard.status, heard.text(), told(&heard))
        });
        pages.collect()
    }

    /// Visitors get what they got before, bytes and headers.
    #[track_caller]
    fn check(&self, after: &str) {
        for (path, (before, now)) in self.paths.iter().zip(self.pages.iter().zip(self.look())) {
            assert!(*before == now, "{path} after {after}:\n{before:?}\n{now:?}");
            assert!(!now.1.contains(CANARY) && !now.2.contains(CANARY));
        }
    }

    /// Has all pages made anew: by who asks next.
    fn purge(&self) {
        self.site.write(|tx| {
            tx.stamp(store::stamp::site());
            Ok(())
        });
    }
}

fn told(heard: &Heard) -> String {
    let mut lines: Vec<String> = heard
        .headers
        .iter()
        .filter(|(name, _)| !["date", "cache-status"].contains(&name.as_str()))
        .map(|(name, value)| format!("{name}: {value}"))
        .collect();
    lines.sort();
    lines.join("\n")
}

#[test]
fn headers_of_the_first_to_ask_do_not_reach_the_others() {
    let scene = Scene::new();
    let many = format!("\"{CANARY}\", ").repeat(1000);
    let codings = "gzip;q=0.001, br;q=2, zstd;q=, *;q=0;x, ".repeat(200);
    let token = format!("session={0}; __Host-session={0}", "ab".repeat(32));
    let attacks: &[&[(&str, &str)]] = &[
        &[("host", "zq-evil-77.example")],
        &[
            ("x-forwarded-host", CANARY),
            ("x-forwarded-proto", "https"),
            ("x-forwarded-port", "1"),
        ],
        &[("forwarded", "for=192.0.2.9;host=zq-evil-77;proto=https")],
        &[("x-original-url", "/settings"), ("x-rewrite-url", "/admin")],
        &[("x-forwarded-prefix", "/zq-evil-77"), ("x-host", CANARY)],
        &[("x-forwarded-for", CANARY), ("x-real-ip", "192.0.2.9")],
        &[("accept", "application/json")],
        &[
            ("accept", "application/json;\u{e9}"),
            ("accept", "text/html"),
        ],
        &[("accept", "image/*")],
        &[("accept-language", "zq-evil-77, de;q=0.5")],
        &[("user-agent", CANARY), ("referer", CANARY)],
        &[
            ("origin", "https://zq-evil-77.example"),
            ("sec-fetch-site", "cross-site"),
        ],
        &[(
            "cookie",
            "theme=zq-evil-77; session=zz; position=1-99999999-00",
        )],
        &[("cookie", &token)],
        &[(
            "cookie",
            "__Host-position=1-99999999-0123456789abcdef0123456789abcdef",
        )],
        &[("accept-encoding", "identity;q=0, *;q=0")],
        &[("accept-encoding", &codings)],
        &[("accept-encoding", "gzip"), ("accept-encoding", "zstd;q=0")],
        &[("if-none-match", "*")],
        &[("if-none-match", &many)],
        &[("if-none-match", "W/\"\", \"\", ,,, \"unclosed")],
        &[("if-modified-since", "Thu, 01 Jan 2037 00:00:00 GMT")],
        &[("range", "bytes=0-10"), ("if-range", "\"x\"")],
        &[
            ("cache-control", "no-cache, max-age=0"),
            ("pragma", "no-cache"),
        ],
        &[("x-http-method-override", "DELETE"), ("x-method", "POST")],
        &[("purpose", "prefetch"), ("save-data", "on"), ("dnt", "1")],
    ];
    for attack in attacks {
        for kept in [false, true] {
            let mut raw = Raw::connect(scene.site.address);
            if !kept {
                scene.purge();
            }
            for path in &scene.paths {
                for method in ["GET", "HEAD"] {
                    let heard = raw.ask(method, path, attack, b"");
                    assert!(heard.status < 500, "{path} {attack:?}: {heard:?}");
                    assert!(!told(&heard).contains(CANARY), "{path} {attack:?}");
                }
            }
            scene.check(&format!("{attack:?}"));
        }
    }
}

#[test]
fn a_body_of_a_get_is_neither_read_nor_taken_for_the_next_request() {
    let scene = Scene::new();
    let inside = "GET /zq-evil-77 HTTP/1.1\r\nhost: x\r\n\r\n";
    let address = scene.site.address;
    let chunked = format!("{:x}\r\n{inside}\r\n0\r\n\r\n", inside.len());
    for (header, body) in [
        (format!("content-length: {}", inside.len()), inside),
        ("transfer-encoding: chunked".into(), &chunked),
    ] {
        for path in &scene.paths {
            for _ in 0..2 {
                scene.purge();
                let mut raw = Raw::connect(address);
                let request = format!(
                    "GET {path} HTTP/1.1\r\nhost: {address}\r\n{header}\r\n\r\n{body}GET /about HTTP/1.1\r\nhost: {address}\r\n\r\n"
                );
                raw.send(request.as_bytes()).unwrap();
                raw.hear("GET").unwrap();
                // The next answer is that of the next request, or there is none.
                if let Ok(next) = raw.hear("GET") {
                    assert_eq!(next.status, 200, "{path} {header}: {}", next.text());
                    assert!(next.text().contains("<h1>About"), "{}", next.text());
                }
            }
        }
        scene.check(&header);
    }
}

#[test]
fn queries_that_no_route_declares_change_nothing_and_keep_nothing() {
    let scene = Scene::new();
    let before = entries(scene.site.address);
    let mut raw = Raw::connect(scene.site.address);
    let thousand: Vec<String> = (0..1000).map(|n| format!("p{n}={CANARY}")).collect();
    let long = format!("x={}", "y".repeat(20_000));
    let mut queries: Vec<String> = [
        "utm_source=zq-evil-77&fbclid=1&gclid=2",
        "",
        "&&&",
        "=",
        "=&=&==",
        "%00",
        "x=%ff%fe%00",
        "%",
        "saved=zq-evil-77",
        "saved=a&saved=b",
        "after",
        "after=",
        "a[]=1&a[]=2",
        "?",
        "x=../../etc/passwd",
        "x=%3Cscript%3Ezq-evil-77",
        "_method=DELETE",
        "order=",
        "json&format=json",
    ]
    .map(str::to_owned)
    .to_vec();
    queries.push(thousand.join("&"));
    queries.push(long);
    queries.extend((0..300).map(|n| format!("n={n}&utm_campaign={n}")));
    for query in &queries {
        for (path, (status, text, _)) in scene.paths.iter().zip(&scene.pages) {
            let heard = raw.get(&format!("{path}?{query}"), &[]);
            assert_eq!(heard.status, *status, "{path}?{query:.80}");
            assert!(
                heard.text() == *text,
                "{path}?{query:.80}: {}",
                heard.text()
            );
        }
    }
    assert_eq!(entries(scene.site.address), before);
    scene.check("queries");
}

#[test]
fn a_declared_parameter_counts_once_and_in_one_order() {
    let scene = Scene::new();
    let story = &scene.paths[1];
    let mut raw = Raw::connect(scene.site.address);
    raw.get(&format!("{story}?order=newest&after=1"), &[]);
    let before = entries(scene.site.address);
    for query in [
        "after=1&order=newest",
        "order=newest&after=1&order=oldest",
        "x=1&order=newest&y=2&after=1",
        "order=%6eewest&after=%31",
    ] {
        let heard = raw.get(&format!("{story}?{query}"), &[]);
        assert_eq!(heard.how(), "site; hit", "{query}");
    }
    assert_eq!(entries(scene.site.address), before);
    scene.check("parameters");
}

#[test]
fn nothing_private_is_at_addresses_that_look_like_files() {
    let scene = Scene::new();
    let mut browser = scene.site.sign_up("canary-member");
    browser
        .get("/settings")
        .expect(200)
        .has("canary-member@example.org");
    let cookie = browser.cookie.clone().unwrap();
    let mut open = 0;
    for page in [
        "/settings",
        "/inbox",
        "/saved",
        "/hidden",
        "/settings/sessions",
        "/mod",
    ] {
        for end in [
            "/x.css",
            ".css",
            "/x.js",
            "/x.png",
            ".json",
            ".atom",
            "/",
            "//x.css",
            ";x.css",
            ";.css",
            "%2fx.css",
            "/%2e%2e/x.css",
            "/..%2fx.css",
            "%00.css",
            "%3fx.css",
            "%23x.css",
            "%0a.css",
            "%20",
            ".",
            "/.",
            "?x.css",
            "/x.css?y",
            "%ef%bc%8ex.css",
            "\\x.css",
            "#x.css",
        ] {
            let path = format!("{page}{end}");
            let mut raw = Raw::connect(scene.site.address);
            let heard = raw.get(&path, &[("cookie", &cookie)]);
            let control = heard
                .header("cache-control")
                .unwrap_or("no-store")
                .to_owned();
            assert!(
                control.starts_with("private") || control == "no-store",
                "{path}: {control}"
            );
            if heard.status == 200 {
                // The page itself: nobody may keep it.
                open += 1;
                assert!(
                    path.starts_with(&format!("{page}?")) || path.contains('#'),
                    "{path} is a page"
                );
            } else {
                assert!(!heard.text().contains("canary-member@"), "{path}");
            }
            let mut raw = Raw::connect(scene.site.address);
            let visitor = raw.get(&path, &[]);
            assert!(!visitor.text().contains("canary-member"), "{path}");
        }
    }
    assert!(open > 0);
    scene.check("files");
}

#[test]
fn odd_spellings_of_an_address_do_not_change_the_page_at_the_plain_one() {
    let scene = Scene::new();
    let long = format!("/{}", "x".repeat(60_000));
    let deep = "/a".repeat(5_000);
    for path in [
        "//",
        "/.",
        "/..",
        "/./",
        "/../",
        "/%2e",
        "/%2e%2e/",
        "/;",
        "/;jsessionid=zq-evil-77",
        "/%00",
        "/%",
        "/%zz",
        "/NEWEST",
        "/Newest",
        "/newest/",
        "/newest//",
        "/newest.",
        "/newest%20",
        "/%6eewest",
        "/newes%74",
        "/newest%3Fafter=1",
        "/newest%23x",
        "/newest;x",
        "/newest\\",
        "/u/AUTHOR",
        "/u/author/",
        "/u/%61uthor",
        "/nowhere/zq-evil-77",
        "//zq-evil-77.example/newest",
        "http://zq-evil-77.example/newest",
        "*",
        "/t/javascript,javascript",
        &long,
        &deep,
    ] {
        for method in ["GET", "HEAD"] {
            scene.purge();
            let mut raw = Raw::connect(scene.site.address);
            let heard = raw.ask(method, path, &[], b"");
            assert!(heard.status < 500, "{path:.60}: {heard:?}");
            let to = heard.header("location").unwrap_or("/");
            assert!(
                to.starts_with('/') && !to.starts_with("//"),
                "{path:.60} leads to {to}"
            );
        }
    }
    scene.check("odd spellings");
}

#[test]
fn huge_heads_are_refused_and_leave_nothing() {
    let scene = Scene::new();
    let before = entries(scene.site.address);
    let address = scene.site.address;
    for head in [
        format!("x-big: {}\r\n", "y".repeat(200_000)),
        format!("x-many: {CANARY}\r\n").repeat(5_000),
        format!("cookie: {}\r\n", "a=b; ".repeat(40_000)),
        "no colon\r\n".into(),
        "x-nul: \0\r\n".into(),
    ] {
        let mut raw = Raw::connect(address);
        // It may hang up before all is sent.
        let _ = raw.send(format!("GET / HTTP/1.1\r\nhost: {address}\r\n{head}\r\n").as_bytes());
        if let Ok(heard) = raw.hear("GET") {
            assert!((400..500).contains(&heard.status), "{}", heard.status);
        }
    }
    assert_eq!(entries(address), before);
    scene.check("huge heads");
}

#[test]
fn a_moderators_query_is_not_kept_for_visitors() {
    let scene = Scene::new();
    let mut boss = scene.site.member_as("boss", Role::Admin);
    for path in &scene.paths {
        scene.purge();
        boss.get(&format!("{path}?saved={CANARY}"));
        boss.get(path);
    }
    scene.check("a moderator");
}

#[test]
fn who_asked_too_often_does_not_have_others_refused() {
    let site = TestApp::with(|config| {
        config.limits = true;
        config.workers_max = Some(3);
        config.trusted_proxies = vec!["127.0.0.0/8".parse().unwrap()];
    });
    let from = |address: &str| {
        format!(
            "x-forwarded-for: {address}\r\nhost: {}\r\n\r\n",
            site.address
        )
    };
    let send = |path: &str, address: &str| {
        let mut raw = Raw::connect(site.address);
        let request = format!("GET {path} HTTP/1.1\r\n{}", from(address));
        raw.send(request.as_bytes()).unwrap();
        raw
    };
    let ask = |path: &str, address: &str| send(path, address).hear("GET").unwrap().status;
    let refused = (0..200).any(|n| ask(&format!("/search?q=word{n}"), "192.0.2.1") == 429);
    assert!(refused, "searches are limited");
    let (open, gate) = mpsc::channel::<()>();
    let gate = std::sync::Arc::new(std::sync::Mutex::new(gate));
    std::thread::scope(|scope| {
        // Both threads for pages are held up, so that all ask for the same thing at the same time.
        for _ in 0..2 {
            let (app, gate) = (
                std::sync::Arc::clone(&site.app),
                std::sync::Arc::clone(&gate),
            );
            scope.spawn(move || {
                actix_web::rt::System::new().block_on(app.compute(move || {
                    let _ = gate.lock().unwrap().recv();
                    Ok(())
                }))
            });
        }
        let all_are_in = || (0..20).for_each(|_| assert_eq!(ask("/up", "192.0.2.9"), 200));
        all_are_in();
        let mut first = send("/search?q=another", "192.0.2.1");
        all_are_in();
        let mut others: Vec<Raw> = (2..6)
            .map(|n| send("/search?q=another", &format!("198.51.{n}.1")))
            .collect();
        all_are_in();
        drop(open);
        assert_eq!(first.hear("GET").unwrap().status, 429);
        for other in &mut others {
            assert_eq!(other.hear("GET").unwrap().status, 200);
        }
    });
}
