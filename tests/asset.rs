//! Embedded files.

use std::time::{Duration, Instant};

use site::encoding::{Encoding, decode};
use ureq::http::Response;

use crate::app::TestApp;

/// The name of the current style sheet.
fn style_sheet(site: &TestApp) -> String {
    let page = site.browser().get("/").expect(200).body;
    let at = page.find("/assets/app-").unwrap();
    page[at..at + page[at..].find('"').unwrap()].to_owned()
}

/// An answer with its bytes as they came.
struct Sent {
    status: u16,
    response: Response<()>,
    body: Vec<u8>,
}

impl Sent {
    fn header(&self, name: &str) -> Option<&str> {
        self.response.headers().get(name)?.to_str().ok()
    }
}

#[track_caller]
fn ask(site: &TestApp, method: &str, path: &str, headers: &[(&str, &str)]) -> Sent {
    let config = ureq::Agent::config_builder().http_status_as_error(false);
    let agent = config.build().new_agent();
    let url = format!("http://{}{path}", site.address);
    let mut request = ureq::http::Request::builder().method(method).uri(url);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let (head, mut body) = agent.run(request.body(()).unwrap()).unwrap().into_parts();
    Sent {
        status: head.status.as_u16(),
        body: body.read_to_vec().unwrap(),
        response: Response::from_parts(head, ()),
    }
}

#[track_caller]
fn get(site: &TestApp, path: &str, headers: &[(&str, &str)]) -> Sent {
    ask(site, "GET", path, headers)
}

/// Asks until the best codings have been made.
fn await_codings(site: &TestApp, path: &str) {
    let end = Instant::now() + Duration::from_secs(30);
    let header = ("accept-encoding", "br, gzip");
    while get(site, path, &[header]).header("content-encoding") != Some("br") {
        assert!(Instant::now() < end, "Brotli was never made");
    }
}

#[test]
fn the_style_sheet_is_immutable_under_its_hash_and_current_under_any_other() {
    let site = TestApp::start();
    let mut browser = site.browser();
    let file = browser.get(&style_sheet(&site)).expect(200).has("@layer");
    assert_eq!(
        file.header("cache-control"),
        Some("public, max-age=31536000, immutable")
    );
    let old = browser.get("/assets/app-0123456789ab.css").expect(200);
    assert_eq!(old.header("cache-control"), Some("no-store"));
    assert_eq!(old.body, file.body);
}

#[test]
fn what_is_not_embedded_is_not_there() {
    let site = TestApp::start();
    for path in [
        "/assets/other.css",
        "/assets/..%2fCargo.toml",
        "/assets/app-xyz.css",
        "/assets/.css",
    ] {
        site.browser().get(path).expect(404);
    }
}

#[test]
fn every_file_that_a_page_names_is_there() {
    let site = TestApp::start();
    let mut browser = site.browser();
    let page = browser.get("/").expect(200).body;
    let names: Vec<&str> = page
        .split('"')
        .filter(|text| text.starts_with("/assets/"))
        .collect();
    assert!(names.len() >= 4, "{names:?}");
    for name in names {
        let file = browser.get(name).expect(200);
        assert!(file.header("cache-control").unwrap().contains("immutable"));
    }
}

#[test]
fn a_browser_that_asks_for_the_old_icon_gets_one() {
    let site = TestApp::start();
    let icon = site.browser().get("/favicon.ico").expect(200);
    assert_eq!(icon.header("content-type"), Some("image/png"));
}

#[test]
fn each_coding_is_the_same_file_with_a_tag_of_its_own() {
    let site = TestApp::start();
    let path = style_sheet(&site);
    await_codings(&site, &path);
    let plain = get(&site, &path, &[]);
    assert_eq!(plain.header("content-encoding"), None);
    let mut tags = vec![plain.header("etag").unwrap().to_owned()];
    let mut least = plain.body.len();
    for (accept, encoding) in [
        ("gzip", Encoding::Gzip),
        ("zstd, gzip", Encoding::Zstd),
        ("gzip, deflate, br, zstd", Encoding::Br),
    ] {
        let sent = get(&site, &path, &[("accept-encoding", accept)]);
        assert_eq!(sent.header("content-encoding"), Some(encoding.token()));
        assert_eq!(sent.header("vary"), Some("Accept-Encoding"));
        assert_eq!(
            decode(encoding, &sent.body, 1 << 20).unwrap(),
            plain.body,
            "{accept}"
        );
        assert!(sent.body.len() < least, "{accept}");
        least = sent.body.len();
        tags.push(sent.header("etag").unwrap().to_owned());
    }
    tags.sort();
    tags.dedup();
    assert_eq!(tags.len(), 4);
}

#[test]
fn the_weights_of_the_client_decide() {
    let site = TestApp::start();
    let path = style_sheet(&site);
    await_codings(&site, &path);
    for (accept, coding) in [
        ("br;q=0.5, gzip", Some("gzip")),
        ("gzip;q=0, br;q=0", None),
        ("identity, gzip;q=0.9", None),
        ("*;q=0.1, br;q=0", Some("zstd")),
        ("nonsense", None),
    ] {
        let sent = get(&site, &path, &[("accept-encoding", accept)]);
        assert_eq!(sent.header("content-encoding"), coding, "{accept}");
    }
    let icon = get(&site, "/favicon.ico", &[("accept-encoding", "gzip, br")]);
    assert_eq!(icon.header("content-encoding"), None);
}

#[test]
fn what_the_client_has_is_not_sent_again() {
    let site = TestApp::start();
    for path in [style_sheet(&site).as_str(), "/favicon.ico"] {
        let accept = ("accept-encoding", "gzip;q=0.5");
        let sent = get(&site, path, &[accept]);
        let tag = sent.header("etag").unwrap();
        let cache_control = sent.header("cache-control");
        let list = format!("\"x\", W/{tag}");
        for known in [tag, &list, "*"] {
            let again = get(&site, path, &[accept, ("if-none-match", known)]);
            assert_eq!(again.status, 304, "{known}");
            assert!(again.body.is_empty());
            assert_eq!(again.header("etag"), Some(tag));
            assert_eq!(again.header("cache-control"), cache_control);
            assert_eq!(again.header("vary"), Some("Accept-Encoding"));
        }
        let other = get(&site, path, &[accept, ("if-none-match", "\"x\"")]);
        assert_eq!((other.status, other.body), (200, sent.body));
    }
}

#[test]
fn head_tells_what_get_would_send() {
    let site = TestApp::start();
    for path in [style_sheet(&site).as_str(), "/favicon.ico"] {
        let plain = get(&site, path, &[]);
        let range = ("range", "bytes=0-9");
        for headers in [&[][..], &[range][..]] {
            let head = ask(&site, "HEAD", path, headers);
            assert_eq!((head.status, head.body.len()), (200, 0));
            for name in ["content-length", "etag", "content-type", "accept-ranges"] {
                assert_eq!(head.header(name), plain.header(name), "{name}");
            }
        }
    }
}

#[test]
fn one_range_is_answered_with_that_part_of_the_bytes() {
    let site = TestApp::start();
    let path = style_sheet(&site);
    let plain = get(&site, &path, &[]);
    let (tag, length) = (plain.header("etag").unwrap(), plain.body.len());
    assert_eq!(plain.header("accept-ranges"), Some("bytes"));
    for (range, start, end) in [
        ("bytes=0-99", 0, 100),
        ("bytes=100-", 100, length),
        ("bytes=-7", length - 7, length),
        ("bytes=5-99999999", 5, length),
    ] {
        let headers = [("range", range), ("accept-encoding", "gzip, br")];
        let sent = get(&site, &path, &headers);
        assert_eq!(sent.status, 206, "{range}");
        assert_eq!(sent.body, plain.body[start..end], "{range}");
        let place = format!("bytes {start}-{}/{length}", end - 1);
        assert_eq!(sent.header("content-range"), Some(place.as_str()));
        assert_eq!(sent.header("content-encoding"), None);
        assert_eq!(sent.header("etag"), Some(tag));
    }
    let outside = get(&site, &path, &[("range", "bytes=99999999-")]);
    assert_eq!((outside.status, outside.body.len()), (416, 0));
    let place = format!("bytes */{length}");
    assert_eq!(outside.header("content-range"), Some(place.as_str()));
}

#[test]
fn what_is_no_single_range_gets_the_whole() {
    let site = TestApp::start();
    let path = style_sheet(&site);
    let plain = get(&site, &path, &[]);
    let tag = plain.header("etag").unwrap();
    let part = ("range", "bytes=0-9");
    let old = "\"0123456789abcdef01234567\"";
    let date = "Mon, 23 Nov 2026 22:16:17 GMT";
    for headers in [
        &[("range", "bytes=0-1,5-6")][..],
        &[("range", "lines=0-1")],
        &[("range", "bytes=9-1")],
        &[part, ("if-range", old)],
        &[part, ("if-range", date)],
        &[part, ("if-range", &format!("W/{tag}"))],
    ] {
        let sent = get(&site, &path, headers);
        assert_eq!(sent.status, 200, "{headers:?}");
        assert_eq!(sent.header("content-range"), None);
        assert_eq!(sent.body, plain.body);
    }
    let sent = get(&site, &path, &[part, ("if-range", tag)]);
    assert_eq!((sent.status, sent.body.len()), (206, 10));
    let known = get(&site, &path, &[part, ("if-none-match", tag)]);
    assert_eq!(known.status, 304);
}
