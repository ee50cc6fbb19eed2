//! Hostile and merely odd requests: whatever arrives, the answer is a clear page, nothing is lost, nothing leaks.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use crate::app::TestApp;

/// Sends bytes as they are and reads what comes back until the server closes (or five seconds passed).
fn raw(site: &TestApp, request: &[u8]) -> String {
    let mut stream = TcpStream::connect(site.address).unwrap();
    stream
        .set_read_timeout(Some(Duration::from_secs(5)))
        .unwrap();
    stream.write_all(request).unwrap();
    let mut answer = Vec::new();
    // A reset after the answer is as good as an end.
    let _ = stream.read_to_end(&mut answer);
    String::from_utf8_lossy(&answer).into_owned()
}

fn get_raw(site: &TestApp, target: &str) -> String {
    raw(
        site,
        format!("GET {target} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n").as_bytes(),
    )
}

#[track_caller]
fn assert_answered(answer: &str, what: &str) {
    let status: u16 = answer
        .split(' ')
        .nth(1)
        .and_then(|code| code.parse().ok())
        .unwrap_or(0);
    assert!((200..500).contains(&status), "{what:?}: {answer}");
}

/// Strings that break software: empty, huge, foreign, invisible, quoting, formatting, numeric, reserved.
fn naughty() -> Vec<String> {
    let mut strings: Vec<String> = [
        "",
        " ",
        "\t",
        "undefined",
        "null",
        "NaN",
        "Infinity",
        "-1",
        "0x0",
        "1e309",
        "1/0",
        "true",
        "\\",
        "\\\\",
        "%00",
        "%n%s%d",
        "'",
        "\"",
        "''''",
        "';--",
        "' or 1=1 --",
        "\"; drop table story; --",
        "1;pragma user_version=9",
        "`",
        "$(x)",
        "${7*7}",
        "{{7*7}}",
        "<%= 7 %>",
        "../../../etc/passwd",
        "C:\\con",
        "aux",
        "𝒯𝓱𝓮 𝓺𝓾𝓲𝓬𝓴",
        "田中さんにあげて下さい",
        "אדם וחוה",
        "مرحبا",
        "ﷺ",
        "Ω≈ç√∫˜µ≤≥÷",
        "😍👩‍👩‍👧‍👦🏳️‍🌈",
        "🇺🇸🇷🇺🇸",
        "\u{202e}evil\u{202d}",
        "\u{200b}\u{200c}\u{200d}\u{feff}",
        "\u{2028}\u{2029}",
        "Z̮̞̠͙͔ͅḀ̗̞͈̻̗Ḷ͙͎̯̹̞͓G̻O̭̗̮",
        "ˈoʊ ɪˈnɒɹ",
        "ßẞſﬁ",
        "İıI",
        "\u{1}\u{7}\u{8}\u{1b}[31m",
        "a\u{300}\u{301}",
        "-",
        "--",
        "- - -",
        "* * *",
        "===",
        "> > > >",
        "[[[[",
        "](",
        "![",
        "```",
        "~~~",
        "| a |",
        "&amp;",
        "&",
        "&#0;",
        "<",
        "<!--",
        "]]>",
        "<!DOCTYPE x>",
        "https://",
        "javascript:",
        "http://[::1",
        "//",
        "#",
        "?",
        "a,b",
        "NEAR(a b)",
        "a* OR b",
        "title:x",
        "\"unclosed",
        "^",
        "(",
        "*",
        "AND",
        "OR NOT",
        "-word",
    ]
    .map(str::to_owned)
    .to_vec();
    strings.extend(
        [
            "[", "*_", ">", "![", "`", "- ", "<", "(", "\"", "a*", "e\u{301}", "\\",
        ]
        .map(|part| part.repeat(2000)),
    );
    strings
}

#[test]
fn naughty_strings_in_every_field_never_break_a_page() {
    let site = TestApp::start();
    let mut browser = site.member("ada");
    let story = site.story("bob", "A place for strings");
    for text in naughty() {
        let title = format!("A title {text}");
        let replies = [
            browser.post(
                "/submit",
                &[
                    ("title", &title),
                    ("text", &text),
                    ("tags", "ask"),
                    ("url", ""),
                ],
            ),
            browser.post(
                "/submit",
                &[
                    ("title", "A link"),
                    ("text", ""),
                    ("tags", &text),
                    ("url", &text),
                ],
            ),
            browser.post(
                &format!("/s/{story}/comments"),
                &[("text", &text), ("parent", "")],
            ),
            browser.post(
                &format!("/s/{story}/comments"),
                &[("text", "x"), ("parent", &text)],
            ),
            browser.post("/settings", &[("about", &text)]),
            browser.post(
                "/login",
                &[("name", &text), ("password", &text), ("next", &text)],
            ),
            browser.post(&format!("/s/{story}/flag"), &[("reason", &text)]),
        ];
        for reply in replies {
            assert!(reply.status < 500, "{text:?}: {}", reply.body);
        }
    }
    for path in [
        "/",
        "/newest",
        "/comments",
        "/u/ada",
        "/newest.atom",
        "/newest.rss",
        "/newest.feed.json",
        "/comments.atom",
    ] {
        browser.get(path).expect(200);
    }
    browser
        .get(&format!("/s/{story}/a-place-for-strings"))
        .expect(200);
}

#[test]
fn naughty_queries_and_paths_never_break_a_page() {
    let site = TestApp::start();
    let mut browser = site.browser();
    for text in naughty() {
        let word: String =
            url::form_urlencoded::byte_serialize(&text.as_bytes()[..text.len().min(900)]).collect();
        for path in [
            format!("/search?q={word}"),
            format!("/search?q={word}&what={word}&order={word}"),
            format!("/newest?after={word}"),
            format!("/t/{word}"),
            format!("/u/{word}"),
            format!("/s/{word}"),
            format!("/c/{word}"),
            format!("/top/{word}"),
            format!("/domain/{word}"),
            format!("/{word}"),
        ] {
            let reply = browser.get(&path);
            assert!(reply.status < 500, "{path}: {}", reply.body);
        }
    }
}

#[test]
fn no_path_leads_out_of_the_embedded_files() {
    let site = TestApp::start();
    let up = [
        "..",
        "%2e%2e",
        "%252e%252e",
        "..%2f..",
        "..%5c",
        "%c0%ae%c0%ae",
        "....//",
        "%00",
    ];
    let files = [
        "etc/passwd",
        "site.db",
        "site.db-wal",
        "LOCK",
        "control.sock",
        ".git/config",
        ".env",
        "Cargo.toml",
    ];
    for file in files {
        for step in up {
            for target in [
                format!("/assets/{step}/{step}/{file}"),
                format!("/{step}/{step}/{file}"),
                format!("/{file}"),
            ] {
                let answer = get_raw(&site, &target);
                assert!(answer.starts_with("HTTP/1.1 4"), "{target}: {answer}");
                assert!(
                    !answer.contains("root:x:") && !answer.contains("SQLite format"),
                    "{target}"
                );
            }
        }
    }
}

#[test]
fn line_ends_in_what_people_send_never_split_a_header() {
    let site = TestApp::start();
    let mut browser = site.member("ada");
    let evil = "x\r\nSet-Cookie: evil=1\r\n\r\n<html>";
    let story = site.story("bob", "Header story");
    let replies = [
        browser.post(
            "/submit",
            &[
                ("title", evil),
                ("text", "text"),
                ("tags", "ask"),
                ("url", ""),
            ],
        ),
        browser.post(
            &format!("/s/{story}/vote"),
            &[("back", &format!("/{evil}"))],
        ),
        browser.post(
            "/login",
            &[
                ("name", evil),
                ("password", evil),
                ("next", &format!("/{evil}")),
            ],
        ),
        browser.get("/newest?after=%0d%0aSet-Cookie:%20evil=1"),
        browser.get("/login?next=%0d%0aSet-Cookie:%20evil=1"),
        browser.get("/s/1/%0d%0aSet-Cookie:%20evil=1"),
    ];
    for reply in replies {
        let split = reply.headers.iter().any(|(_, value)| {
            value.contains("evil=1") && !value.contains("%0D%0A") && value.starts_with("evil")
        });
        assert!(!split && reply.status < 500, "{reply:?}");
        assert!(
            reply
                .header("set-cookie")
                .is_none_or(|cookie| !cookie.starts_with("evil")),
            "{reply:?}"
        );
    }
}

#[test]
fn nothing_tells_what_runs_inside() {
    let site = TestApp::start();
    for target in [
        "/",
        "/no/such/page",
        "/s/999999",
        "/metrics",
        "/newest?after=x",
        "/.git/config",
        "/assets/x",
    ] {
        let answer = get_raw(&site, target).to_lowercase();
        let head = answer.split("\r\n\r\n").next().unwrap();
        assert!(
            !head.contains("\nserver:") && !head.contains("x-powered-by"),
            "{target}: {head}"
        );
        for word in [
            "actix",
            "rusqlite",
            "sqlite",
            "panicked",
            "src/",
            "select ",
            "backtrace",
        ] {
            assert!(!answer.contains(word), "{target} says {word}: {answer}");
        }
    }
    // A proxy on this machine speaks for others.
    let through_proxy = "GET /metrics HTTP/1.1\r\nHost: localhost\r\nX-Forwarded-For: 192.0.2.1\r\nConnection: close\r\n\r\n";
    assert!(raw(&site, through_proxy.as_bytes()).starts_with("HTTP/1.1 404"));
    let by_name = "GET /metrics HTTP/1.1\r\nHost: news.example.org\r\nConnection: close\r\n\r\n";
    assert!(raw(&site, by_name.as_bytes()).starts_with("HTTP/1.1 404"));
}

#[test]
fn odd_methods_are_refused_with_those_that_work() {
    let site = TestApp::start();
    for method in [
        "TRACE", "PUT", "DELETE", "PATCH", "OPTIONS", "CONNECT", "FOO",
    ] {
        let request =
            format!("{method} /newest HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
        let answer = raw(&site, request.as_bytes());
        assert_answered(&answer, method);
        assert!(!answer.starts_with("HTTP/1.1 200"), "{method}: {answer}");
    }
}

#[test]
fn a_body_beyond_the_limit_is_refused_with_a_clear_page() {
    let site = TestApp::start();
    let mut browser = site.member("ada");
    let story = site.story("bob", "A short story");
    let huge = "x".repeat(10 << 20);
    let origin = format!("http://{}", site.address);
    let head = format!(
        "POST /s/{story}/comments HTTP/1.1\r\nHost: {0}\r\nOrigin: {origin}\r\nCookie: {1}\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: {2}\r\nConnection: close\r\n\r\n",
        site.address,
        browser.cookie.clone().unwrap(),
        huge.len() + 5
    );
    let answer = raw(&site, head.as_bytes());
    assert!(answer.starts_with("HTTP/1.1 413"), "{answer}");
    assert!(answer.contains("what you typed is still there"), "{answer}");
    let page = browser
        .get(&format!("/s/{story}/a-short-story"))
        .expect(200);
    assert!(page.body.len() < 100_000);
}

#[test]
fn a_compressed_body_is_refused_instead_of_inflated() {
    let site = TestApp::start();
    let mut browser = site.member("ada");
    let origin = format!("http://{}", site.address);
    for encoding in ["gzip", "br", "deflate", "zstd"] {
        let headers = [
            ("content-encoding", encoding),
            ("origin", origin.as_str()),
            ("content-type", "application/x-www-form-urlencoded"),
        ];
        browser
            .post_body("/submit", b"\x1f\x8b\x08\x00junk", &headers)
            .expect(415);
    }
}

#[test]
fn malformed_utf8_is_told_and_nothing_is_stored() {
    let site = TestApp::start();
    let mut browser = site.member("ada");
    let story = site.story("bob", "Strict about text");
    let origin = format!("http://{}", site.address);
    let headers = [
        ("origin", origin.as_str()),
        ("content-type", "application/x-www-form-urlencoded"),
    ];
    browser
        .post_body(&format!("/s/{story}/comments"), b"text=%ff%fe", &headers)
        .expect(400)
        .has("UTF-8");
    assert_eq!(site.number("select count(*) from comment"), 0);
}

#[test]
fn absurd_requests_get_an_answer_or_a_closed_door() {
    let site = TestApp::start();
    let long = "x".repeat(200_000);
    let many = "X-H: y\r\n".repeat(2000);
    let cookies = format!("Cookie: {}\r\n", "a=b; ".repeat(1500));
    for request in [
        "\r\n\r\n".to_owned(),
        "GET\r\n\r\n".to_owned(),
        "GET / HTTP/9.9\r\n\r\n".to_owned(),
        format!("GET /{long} HTTP/1.1\r\nHost: x\r\n\r\n"),
        format!("GET / HTTP/1.1\r\nHost: x\r\n{many}\r\n"),
        format!("GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n{cookies}\r\n"),
        "GET / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello".to_owned(),
        "POST /login HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\nzz\r\n".to_owned(),
    ] {
        let answer = raw(&site, request.as_bytes());
        let status = answer.split(' ').nth(1).unwrap_or("400");
        assert!(!status.starts_with('5'), "{}: {answer}", &request[..request.len().min(80)]);
    }
    assert_answered(&get_raw(&site, "/up"), "alive afterwards");
}

#[test]
fn a_panic_in_a_page_would_cost_one_request_only() {
    let site = TestApp::start();
    let app = std::sync::Arc::clone(&site.app);
    let result = actix_web::rt::System::new().block_on(async move {
        app.read(|_| -> site::error::Result<()> { panic!("on purpose") })
            .await
    });
    assert!(matches!(result, Err(site::error::Error::Internal(_))));
    site.browser().get("/").expect(200);
}
