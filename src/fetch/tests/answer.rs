//! What becomes of answers: pages, refusals, floods and drips.
//! No test may wait for the production deadline or sleep.

use std::io::{self, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use super::double::{PUBLIC, Script, Site, fetcher, html, pause, redirect};
use super::title_at;
use crate::fetch::{FetchError, MAX_BODY_BYTES};

#[test]
fn five_redirects_are_followed_and_six_are_not() {
    let site = Site::start(|head, stream| {
        let left: u32 = head
            .split(['/', ' '])
            .find_map(|it| it.parse().ok())
            .unwrap();
        let next = redirect(&format!("/{}", left.saturating_sub(1)));
        let page = html("<title>there</title>");
        stream.write_all(if left == 0 { page } else { next }.as_bytes())
    });
    assert_eq!(
        title_at(&format!("{}5", site.url())),
        Ok("there".to_owned())
    );
    assert_eq!(
        title_at(&format!("{}6", site.url())),
        Err(FetchError::TooManyRedirects)
    );
    assert_eq!(site.requests().len(), 6 + 6);
}

#[test]
fn a_redirect_loop_ends() {
    let site = Site::fixed(redirect("/"));
    assert_eq!(title_at(&site.url()), Err(FetchError::TooManyRedirects));
    assert_eq!(site.requests().len(), 6);
}

#[test]
fn answers_that_are_not_a_readable_page_are_refused() {
    let ok = "HTTP/1.1 200 OK\r\n";
    let page = "Content-Type: text/html\r\n";
    let title = "\r\n<title>x</title>";
    for (answer, expected) in [
        (
            format!("{ok}{page}Content-Encoding: gzip\r\n{title}"),
            FetchError::Unreadable,
        ),
        (
            format!("{ok}{page}Content-Encoding: identity, br\r\n{title}"),
            FetchError::Unreadable,
        ),
        (format!("{ok}{title}"), FetchError::NotHtml),
        (
            format!("{ok}Content-Type: image/png\r\n{title}"),
            FetchError::NotHtml,
        ),
        (
            format!("{ok}Content-Type: text/htmlx\r\n{title}"),
            FetchError::NotHtml,
        ),
        (
            format!("HTTP/1.1 404 Not Found\r\n{page}{title}"),
            FetchError::Status(404),
        ),
        (
            format!("HTTP/1.1 304 Not Modified\r\n{page}{title}"),
            FetchError::Status(304),
        ),
        (
            format!("HTTP/1.1 302 Found\r\n{page}{title}"),
            FetchError::Unreadable,
        ),
        (format!("{ok}{page}\r\n<p>no title"), FetchError::NoTitle),
        (
            format!("{ok}{page}Content-Length: 0\r\n\r\n"),
            FetchError::NoTitle,
        ),
        (
            format!("{ok}{page}Content-Length: 900\r\n\r\n<p>"),
            FetchError::Unreadable,
        ),
        ("SSH-2.0-OpenSSH_9.9\r\n".to_owned(), FetchError::Unreadable),
        (String::new(), FetchError::Unreadable),
        (
            format!("{ok}{page}X: {}\r\n{title}", "x".repeat(33 * 1024)),
            FetchError::Unreadable,
        ),
        (
            format!("{ok}{page}{}{title}", "X: y\r\n".repeat(200)),
            FetchError::Unreadable,
        ),
    ] {
        let site = Site::fixed(answer.as_bytes());
        let start: String = answer.chars().take(90).collect();
        assert_eq!(title_at(&site.url()), Err(expected), "{start}");
    }
}

#[test]
fn xhtml_and_any_case_of_the_content_type_are_pages() {
    for mime in ["application/xhtml+xml", "Text/HTML ; charset=utf-8"] {
        let head = format!("HTTP/1.1 200 OK\r\nContent-Type: {mime}\r\n\r\n");
        let site = Site::fixed(head + "<title>x</title>");
        assert_eq!(title_at(&site.url()), Ok("x".to_owned()), "{mime}");
    }
}

#[test]
fn the_head_of_an_endless_page_is_enough() {
    let site = Site::start(|_, stream| {
        stream.write_all(html("<title>early</title></head>").as_bytes())?;
        flood(stream, b"<p>more")
    });
    assert_eq!(title_at(&site.url()), Ok("early".to_owned()));
}

#[test]
fn a_title_behind_the_size_limit_is_not_found() {
    let site = Site::fixed(html(&("x".repeat(MAX_BODY_BYTES) + "<title>late</title>")));
    assert_eq!(title_at(&site.url()), Err(FetchError::TooLarge));
    let site = Site::fixed(html(
        &("x".repeat(MAX_BODY_BYTES - 99) + "<title>just</title>"),
    ));
    assert_eq!(title_at(&site.url()), Ok("just".to_owned()));
}

#[test]
fn floods_are_cut_wherever_they_come() {
    let chunked =
        "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nTransfer-Encoding: chunked\r\n\r\n";
    for (start, drop, expected) in [
        (html(""), "<p>", FetchError::TooLarge),
        (html(""), "<!--", FetchError::TooLarge),
        (html(""), "\0\u{ff}", FetchError::TooLarge),
        (chunked.to_owned(), "1\r\nx\r\n", FetchError::Unreadable),
        (format!("{chunked}1;"), "x=y;", FetchError::Unreadable),
        (
            String::new(),
            "HTTP/1.1 103 Early Hints\r\n\r\n",
            FetchError::Unreadable,
        ),
        (
            "HTTP/1.1 200 OK\r\n".to_owned(),
            "X: y\r\n",
            FetchError::Unreadable,
        ),
        (
            "HTTP/1.1 200 OK\r\nX: ".to_owned(),
            "x",
            FetchError::Unreadable,
        ),
    ] {
        let label = format!("{start}{drop}");
        let site = Site::start(move |_, stream| {
            stream.write_all(start.as_bytes())?;
            flood(stream, drop.as_bytes())
        });
        assert_eq!(title_at(&site.url()), Err(expected), "{label}");
    }
}

#[test]
fn the_deadline_ends_every_way_of_dawdling() {
    for scheme in ["http", "https"] {
        check_cut(
            &Site::start(|_, stream| drip(stream, "", "")),
            scheme,
            FetchError::Timeout,
        );
    }
    let dawdle = |start: &'static str, drop: &'static str| {
        Site::start(move |_, stream| drip(stream, start, drop))
    };
    let head = "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n";
    check_cut(&dawdle(head, "X: y\r\n"), "http", FetchError::Timeout);
    check_cut(&dawdle(head, ""), "http", FetchError::Timeout);
    let body = "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n<p>";
    check_cut(&dawdle(body, "y"), "http", FetchError::Timeout);
    check_cut(&dawdle(body, ""), "http", FetchError::Timeout);
    // A TLS handshake record of 16 kB that comes byte by byte.
    check_cut(
        &dawdle("\x16\x03\x03\x40\0", "\x02"),
        "https",
        FetchError::Timeout,
    );
}

#[test]
fn redirects_share_one_deadline() {
    let site = Site::start(|_, stream| {
        for _ in 0..6 {
            let _ = pause(stream);
        }
        stream.write_all(redirect("/").as_bytes())
    });
    let started = Instant::now();
    let hurried = fetcher(Script::default()).within(Duration::from_millis(150));
    assert!(matches!(
        hurried.title(&site.url()),
        Err(FetchError::Timeout | FetchError::Unreachable)
    ));
    assert!(started.elapsed() < Duration::from_secs(1));
    assert!(site.requests().len() < 6);
}

#[test]
fn a_page_that_stalls_after_its_title_still_has_one() {
    let start = "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n<title>slow</title>";
    let site = Site::start(move |_, stream| drip(stream, start, "y"));
    let hurried = fetcher(Script::default()).within(Duration::from_millis(100));
    assert_eq!(hurried.title(&site.url()).unwrap().title, "slow");
}

#[test]
fn what_is_not_tls_is_told_apart_from_what_does_not_answer() {
    let site = Site::fixed("HTTP/1.1 400 Bad Request\r\n\r\n");
    let url = site.url().replace("http:", "https:");
    assert_eq!(title_at(&url), Err(FetchError::Tls));
}

/// The site must fail so, and far before the production deadline.
#[track_caller]
fn check_cut(site: &Site, scheme: &str, expected: FetchError) {
    let started = Instant::now();
    let hurried = fetcher(Script::default()).within(Duration::from_millis(200));
    let url = format!("{scheme}://{PUBLIC}:{}/", site.port);
    assert_eq!(hurried.title(&url), Err(expected));
    assert!(started.elapsed() < Duration::from_secs(2));
}

/// Writes `drop` again and again until the client hangs up.
fn flood(stream: &mut TcpStream, drop: &[u8]) -> io::Result<()> {
    let wave = drop.repeat(512);
    loop {
        stream.write_all(&wave)?;
    }
}

/// Writes `start`, then `drop` at a slow beat until the client hangs up.
fn drip(stream: &mut TcpStream, start: &str, drop: &str) -> io::Result<()> {
    stream.write_all(start.as_bytes())?;
    loop {
        pause(stream)?;
        stream.write_all(drop.as_bytes())?;
    }
}

#[test]
fn a_link_answers_by_a_success_at_the_end_of_its_redirects_whatever_it_is() {
    let answers = |answer: String| {
        let site = Site::fixed(answer);
        fetcher(Script::of(&[&[PUBLIC]])).answers(&site.url())
    };
    let status = |line: &str| format!("HTTP/1.1 {line}\r\nContent-Length: 0\r\n\r\n");
    assert_eq!(answers(html("no title")), Ok(()));
    assert_eq!(answers(status("204 No Content")), Ok(()));
    for (line, code) in [("404 Not Found", 404), ("410 Gone", 410), ("500 Oops", 500)] {
        assert_eq!(answers(status(line)), Err(FetchError::Status(code)));
    }
    assert_eq!(answers(redirect("/")), Err(FetchError::TooManyRedirects));
}

#[test]
fn a_link_that_leads_to_a_private_address_is_not_followed_there() {
    let tripwire = super::double::Tripwire::at(super::double::PRIVATE, 0);
    let inside = format!("http://{}:{}/", super::double::PRIVATE, tripwire.port());
    let site = Site::fixed(redirect(&inside));
    let answered = fetcher(Script::of(&[&[PUBLIC]])).answers(&site.url());
    assert_eq!(answered, Err(FetchError::Forbidden));
    tripwire.assert_untouched();
}
