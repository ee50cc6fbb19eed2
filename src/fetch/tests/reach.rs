//! Where the fetcher goes and with what: addresses, names, redirects, headers.
//! A touched tripwire is the one thing that must never happen here.

use std::io::{self, Write};
use std::net::{IpAddr, TcpListener};
use std::process::Command;
use std::thread;
use std::time::{Duration, Instant};

use super::double::{PRIVATE, PUBLIC, Script, Site, Tripwire, fetcher, html, redirect};
use super::title_at;
use crate::fetch::{FetchError, Fetcher, Guard, Resolve, address};

const PROXY_VARIABLES: [&str; 4] = ["HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"];

#[test]
fn a_plain_page_gives_its_title_and_canonical_address() {
    let body = "<html><head><title>A &amp; B</title><link rel=canonical href=/a#x></head>";
    let site = Site::fixed(html(body));
    let page = fetcher(Script::default()).title(&site.url()).unwrap();
    assert_eq!(page.title, "A & B");
    assert_eq!(page.canonical, Some(format!("{}a", site.url())));
}

#[test]
fn a_proxy_in_the_environment_is_ignored() {
    let tripwire = Tripwire::at(PRIVATE, 0);
    let proxy = format!("http://{PRIVATE}:{}", tripwire.port());
    let module = module_path!().split_once("::").unwrap().1;
    let test = format!("{module}::a_plain_page_gives_its_title_and_canonical_address");
    let child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", &test])
        .envs(PROXY_VARIABLES.map(|name| (name, &proxy)))
        .output()
        .unwrap();
    assert!(String::from_utf8_lossy(&child.stdout).contains("1 passed"));
    tripwire.assert_untouched();
}

#[test]
fn a_request_carries_nothing_about_the_member_or_earlier_requests() {
    let site = Site::start(|head, stream| {
        let page = html("<title>end</title>");
        let cookie = "HTTP/1.1 302 Found\r\nSet-Cookie: a=b\r\nLocation: /end\r\n\r\n";
        stream.write_all(if head.contains("/end") { &page } else { cookie }.as_bytes())
    });
    assert_eq!(title_at(&site.url()), Ok("end".to_owned()));
    let requests = site.requests();
    assert_eq!(requests.len(), 2);
    for request in requests {
        let request = request.to_lowercase();
        assert!(
            request.contains("accept-encoding: identity\r\n"),
            "{request}"
        );
        for name in [
            "cookie",
            "referer",
            "authorization",
            "origin",
            "proxy",
            "forwarded",
        ] {
            assert!(!request.contains(name), "{request}");
        }
    }
}

#[test]
fn every_spelling_of_a_private_address_is_refused_before_a_packet_leaves() {
    let tripwire = Tripwire::at(PUBLIC, 0);
    let script = Script::of(&[&[PUBLIC]]);
    let strict = Fetcher::with(Guard::with(script.clone(), address::is_public, |_| true));
    for host in [
        "127.0.0.1",
        "127.1",
        "127.0.0.1.",
        "0177.0.0.1",
        "0x7f.0.0.1",
        "0x7f.1",
        "0x7f000001",
        "2130706433",
        "017700000001",
        "127。0。0。1",
        "①②⑦.0.0.1",
        "%31%32%37.0.0.1",
        "0",
        "0.0.0.0",
        "10.0.0.1",
        "0xa000001",
        "192.168.1.1",
        "169.254.169.254",
        "[::1]",
        "[::]",
        "[0:0::0:1]",
        "[::ffff:127.0.0.1]",
        "[::ffff:7f00:1]",
        "[::127.0.0.1]",
        "[64:ff9b::127.0.0.1]",
        "[64:ff9b:1::7f00:1]",
        "[2002:7f00:1::]",
        "[fd00::1]",
        "localhost",
        "LocalHost",
        "localhost.",
        "loc\u{ad}alhost",
        "ⓛocalhost",
        "a.localhost",
        "a.localhost.",
        "metadata.google.internal",
        "printer.local",
        "router.lan",
        "nas.home.arpa",
        "intranet",
        "news.example.",
    ] {
        let result = strict.title(&format!("http://{host}:{}/", tripwire.port()));
        assert_eq!(result, Err(FetchError::Forbidden), "{host}");
    }
    assert_eq!(
        script.asked(),
        [""; 0],
        "none of these may reach the resolver"
    );
    let named = strict.title(&format!("http://news.example:{}/", tripwire.port()));
    assert_eq!(named, Err(FetchError::Forbidden));
    tripwire.assert_untouched();
}

#[test]
fn urls_of_another_form_are_refused() {
    let strict = Fetcher::with(Guard::with(Script::default(), |_| true, |port| port == 80));
    let endless = format!("http://news.example/{}", "a".repeat(5000));
    for url in [
        "",
        "/",
        "news.example",
        "http://",
        "http:///",
        "ftp://news.example/",
        "file:///etc/passwd",
        "gopher://news.example/",
        "data:text/html,<title>x</title>",
        "javascript:alert(1)",
        "ws://news.example/",
        "http://me@news.example/",
        "http://me:word@news.example/",
        "http://:word@news.example/",
        "http://news.example:22/",
        "http://news.example:0/",
        "https://news.example:8443/",
        "http://news.example:99999/",
        "http://[fe80::1%25eth0]/",
        "http://[fe80::1%eth0]/",
        "http://[::1/",
        "http://a b/",
        "http://256.256.256.256/",
        "http://1.2.3.4.5/",
        &endless,
    ] {
        assert_eq!(strict.title(url), Err(FetchError::Url), "{url}");
    }
}

#[test]
fn production_rules_refuse_loopback_and_other_ports() {
    let fetcher = Fetcher::new();
    assert_eq!(
        fetcher.title("http://127.0.0.1/"),
        Err(FetchError::Forbidden)
    );
    assert_eq!(
        fetcher.title("https://[::1]:80/"),
        Err(FetchError::Forbidden)
    );
    assert_eq!(fetcher.title("http://127.0.0.1:22/"), Err(FetchError::Url));
}

#[test]
fn a_redirect_to_a_private_address_is_refused() {
    let tripwire = Tripwire::at(PRIVATE, 0);
    let site = Site::fixed(redirect(&format!("//{PRIVATE}:{}/", tripwire.port())));
    assert_eq!(title_at(&site.url()), Err(FetchError::Forbidden));
    let site = Site::fixed(redirect(&format!("http://me@{PUBLIC}/")));
    assert_eq!(title_at(&site.url()), Err(FetchError::Url));
    let site = Site::fixed(redirect("file:///etc/passwd"));
    assert_eq!(title_at(&site.url()), Err(FetchError::Url));
    tripwire.assert_untouched();
}

#[test]
fn a_name_is_resolved_once_a_hop_and_its_connection_pinned() {
    let site = Site::start(|head, stream| {
        let page = html("<title>pinned</title>");
        let again = redirect("/again");
        stream.write_all(if head.contains("/page") { page } else { again }.as_bytes())
    });
    let tripwire = Tripwire::at(PRIVATE, site.port);
    let script = Script::of(&[&[PUBLIC], &[PRIVATE]]);
    let rebound = fetcher(script.clone());
    let page = rebound.title(&format!("http://rebind.example:{}/page", site.port));
    assert_eq!(page.unwrap().title, "pinned");
    assert_eq!(script.asked(), ["rebind.example"]);

    let script = Script::of(&[&[PUBLIC], &[PRIVATE]]);
    let page = fetcher(script.clone()).title(&format!("http://rebind.example:{}/", site.port));
    assert_eq!(page, Err(FetchError::Forbidden));
    assert_eq!(script.asked().len(), 2);
    tripwire.assert_untouched();
}

#[test]
fn one_private_address_among_public_ones_is_enough_to_refuse() {
    let site = Site::fixed(html("<title>x</title>"));
    let url = format!("http://mixed.example:{}/", site.port);
    let many = [&[PUBLIC; 20][..], &[PRIVATE]].concat();
    for answer in [&[PUBLIC, PRIVATE][..], &[PRIVATE, PUBLIC], &many] {
        assert_eq!(
            fetcher(Script::of(&[answer])).title(&url),
            Err(FetchError::Forbidden)
        );
    }
    assert_eq!(
        fetcher(Script::of(&[&[]])).title(&url),
        Err(FetchError::Unreachable)
    );
    assert!(site.requests().is_empty());
}

#[test]
fn a_dead_address_is_passed_over_for_a_live_one() {
    let site = Site::fixed(html("<title>alive</title>"));
    let dead: IpAddr = "127.0.0.3".parse().unwrap();
    let script = Script::of(&[&[dead, PUBLIC]]);
    let page = Fetcher::with(Guard::with(script, |ip| ip.is_loopback(), |_| true))
        .title(&format!("http://two.example:{}/", site.port));
    assert_eq!(page.unwrap().title, "alive");
}

#[test]
fn a_closed_port_reads_like_a_refused_address() {
    let closed = TcpListener::bind((PUBLIC, 0))
        .unwrap()
        .local_addr()
        .unwrap()
        .port();
    let error = title_at(&format!("http://{PUBLIC}:{closed}/")).unwrap_err();
    assert_eq!(error.to_string(), FetchError::Forbidden.to_string());
}

#[test]
fn lookups_that_hang_end_at_the_deadline_and_are_bounded_in_number() {
    struct Hang;
    impl Resolve for Hang {
        fn resolve(&self, _: &str) -> io::Result<Vec<IpAddr>> {
            loop {
                thread::park();
            }
        }
    }
    let patient = fetcher(Hang).within(Duration::from_millis(5));
    for _ in 0..16 {
        assert_eq!(
            patient.title("http://slow.example/"),
            Err(FetchError::Unreachable)
        );
    }
    let started = Instant::now();
    let refused = patient
        .within(Duration::from_mins(1))
        .title("http://slow.example/");
    assert_eq!(refused, Err(FetchError::Unreachable));
    assert!(
        started.elapsed() < Duration::from_secs(30),
        "must be refused at once"
    );
}
