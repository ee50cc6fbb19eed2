//! How large the response cache gets, how an operator empties it, and what it tells of itself.

use std::path::Path;
use std::process::Command;

use site::domain::user::Role;

use crate::app::{Browser, TestApp};
use crate::cache::pages;
use crate::process::Process;
use crate::raw::{Raw, entries, metric};

/// Resident memory of a process, in KiB.
fn resident(pid: u32) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    line.unwrap()
        .trim()
        .trim_end_matches(" kB")
        .parse()
        .unwrap()
}

#[test]
fn many_addresses_stay_within_the_budget_and_do_not_push_out_what_is_read() {
    const LIMIT: u64 = 1 << 20;
    let (site, _) = pages();
    let data = site.stop().unwrap();
    let process = Process::serve_with(&data.path().join("data"), &["--cache-size", "1MiB"]);
    let mut raw = Raw::connect(process.address);
    let gzip = [("accept-encoding", "gzip")];
    let mut flood = |from: usize, to: usize| {
        let mut missed = 0;
        for n in from..to {
            let path = match n % 6 {
                0 => format!("/u/nobody{n}"),
                1 => format!("/s/{}", 1_000_000 + n),
                2 => format!("/t/javascript?order={n}"),
                3 => format!("/domain/d{n}.example"),
                4 => format!("/s/1/wrong-{n}"),
                _ => format!("/c/{}?order=x{n}", 1_000_000 + n),
            };
            assert!(raw.get(&path, &gzip).status < 500, "{path}");
            if n % 20 == 0 {
                let page = raw.get("/", &gzip);
                missed += usize::from(page.how() != "site; hit");
            }
            if n % 500 == 0 {
                let bytes = |cache| {
                    metric(
                        process.address,
                        &format!("site_cache_bytes{{cache=\"{cache}\"}}"),
                    )
                };
                assert!(bytes("pages") + bytes("members") <= LIMIT);
            }
        }
        missed
    };
    flood(0, 1500);
    let before = resident(process.child.id());
    let missed = flood(1500, 6000);
    let grown = resident(process.child.id()).saturating_sub(before);
    assert!(missed <= 1, "the front page was made {missed} times");
    // The cache was full before; what is left is what threads and the allocator hold on to.
    assert!(grown < 4096, "{grown} KiB more");
    assert!(
        metric(
            process.address,
            "site_cache_evictions_total{cache=\"pages\"}"
        ) > 1000
    );
    assert!(entries(process.address) > 50);
}

/// `site cache purge` with these flags: exit code, and what was said.
fn purged(data: &Path, flags: &[&str]) -> (i32, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_site"));
    command.env_clear().arg("--data").arg(data);
    let output = command
        .args(["cache", "purge"])
        .args(flags)
        .output()
        .unwrap();
    let said = [output.stdout, output.stderr].concat();
    (
        output.status.code().unwrap(),
        String::from_utf8(said).unwrap(),
    )
}

#[test]
fn an_operator_has_pages_made_anew_by_tag_or_all_of_them() {
    let (site, path) = pages();
    let other = site.story("author", "Another story");
    let data = site.stop().unwrap();
    let data = data.path().join("data");
    let process = Process::serve(&data);
    let mut raw = Raw::connect(process.address);
    let other = format!("/s/{other}/another-story");
    let id = path.split('/').nth(2).unwrap();
    let mut how = |path: &str| raw.get(path, &[]).how().to_owned();
    let mut fill = || [&path, &other].map(|path| how(path));
    fill();
    assert_eq!(fill(), ["site; hit", "site; hit"]);
    let (code, said) = purged(&data, &["--tag", &format!("story:{id}")]);
    assert_eq!(code, 0, "{said}");
    assert!(said.contains(&format!("story:{id}")), "{said}");
    assert_eq!(fill(), ["site; fwd=stale; stored", "site; hit"]);
    let (code, said) = purged(&data, &[]);
    assert_eq!(code, 0, "{said}");
    assert_eq!(
        fill(),
        ["site; fwd=stale; stored", "site; fwd=stale; stored"]
    );
    for wrong in [
        "nonsense",
        "story:",
        "story:x",
        "story:7;8",
        "list:nowhere",
        "user:nobody",
        "",
        "story:-1",
        ":",
    ] {
        let (code, said) = purged(&data, &["--tag", wrong]);
        assert_eq!(code, 1, "{wrong}: {said}");
        assert!(
            said.trim().ends_with('.') && said.lines().count() <= 2,
            "{wrong}: {said}"
        );
    }
    assert_eq!(fill(), ["site; hit", "site; hit"]);
    drop(process);
    let (code, said) = purged(&data, &[]);
    assert_eq!(code, 0, "{said}");
    assert!(said.starts_with("No site runs on "), "{said}");
    let nowhere = data.join("elsewhere");
    let (code, said) = purged(&nowhere, &[]);
    assert_eq!(code, 0, "{said}");
    assert!(!nowhere.exists(), "nothing is made where no site was");
}

#[test]
fn a_comment_is_purged_wherever_it_stands() {
    let site = TestApp::start();
    let story = site.story("author", "A story");
    let comment = site.comment("author", story, None, "A remark.");
    let data = site.stop().unwrap();
    let data = data.path().join("data");
    let process = Process::serve(&data);
    let mut raw = Raw::connect(process.address);
    let shows = [
        format!("/c/{comment}"),
        format!("/s/{story}/a-story"),
        "/comments".to_owned(),
        "/comments.rss".to_owned(),
        "/u/author/comments".to_owned(),
        "/search?q=remark".to_owned(),
    ];
    let mut each = |hit: bool| {
        for path in &shows {
            let how = raw.get(path, &[]).how().to_owned();
            assert_eq!(how == "site; hit", hit, "{path}: {how}");
        }
    };
    each(false);
    each(true);
    let (code, said) = purged(&data, &["--tag", &format!("comment:{comment}")]);
    assert_eq!(code, 0, "{said}");
    each(false);
}

#[test]
fn figures_are_in_the_format_of_prometheus_and_add_up() {
    let (site, path) = pages();
    let mut raw = Raw::connect(site.address);
    let member = site.member("member").cookie.unwrap();
    for _ in 0..10 {
        raw.get(&path, &[]);
        raw.get(&path, &[("accept-encoding", "gzip"), ("cookie", &member)]);
    }
    let text = raw.get("/metrics", &[]);
    assert_eq!(
        text.told("content-type"),
        "text/plain; version=0.0.4; charset=utf-8"
    );
    assert_eq!(text.told("cache-control"), "no-store");
    let text = text.text();
    let mut families: Vec<(&str, &str)> = Vec::new();
    let mut helped = Vec::new();
    for line in text.lines() {
        if let Some(help) = line.strip_prefix("# HELP ") {
            let name = help.split(' ').next().unwrap();
            assert!(!helped.contains(&name), "{name} twice");
            helped.push(name);
        } else if let Some(kind) = line.strip_prefix("# TYPE ") {
            let (name, kind) = kind.split_once(' ').unwrap();
            assert_eq!(helped.last(), Some(&name));
            assert_eq!(kind == "counter", name.ends_with("_total"), "{line}");
            families.push((name, kind));
        } else {
            let (name, value) = line.rsplit_once(' ').unwrap();
            assert!(value.parse::<f64>().is_ok(), "{line}");
            let sample = name.split('{').next().unwrap();
            let (family, kind) = *families.last().unwrap();
            let parts: &[&str] = match kind {
                "histogram" => &["_bucket", "_sum", "_count"],
                "summary" => &["_sum", "_count"],
                _ => &[""],
            };
            let rest = sample.strip_prefix(family);
            assert!(
                rest.is_some_and(|rest| parts.contains(&rest)),
                "{line} does not stand with its family"
            );
        }
    }
    assert!(text.ends_with('\n'));
    let count = |result| {
        let sample = format!(
            "site_cache_requests_total{{route=\"/s/{{id}}/{{slug}}\",result=\"{result}\"}}"
        );
        metric(site.address, &sample)
    };
    assert_eq!(
        count("hit") + count("miss") + count("joined") + count("stale") + count("bypass"),
        20
    );
    let kept = metric(site.address, "site_cache_bytes{cache=\"pages\"}");
    let text = Raw::connect(site.address).get("/metrics", &[]).text();
    let of_routes = text
        .lines()
        .filter(|line| line.starts_with("site_cache_route_bytes{"));
    let bytes = of_routes.map(|line| line.rsplit(' ').next().unwrap().parse::<u64>().unwrap());
    assert_eq!(bytes.sum::<u64>(), kept, "{text}");
    // A visitor's page, and a member's with its form for members.
    assert!((2..=3).contains(&count("miss")), "{}", count("miss"));
}

#[test]
fn figures_are_for_this_machine_and_those_who_are_named() {
    let (site, _) = pages();
    let mut raw = Raw::connect(site.address);
    for name in ["x-forwarded-for", "forwarded", "x-real-ip", "via"] {
        let heard = raw.get("/metrics", &[(name, "127.0.0.1")]);
        assert_eq!(heard.status, 404, "{name}");
        assert!(!heard.text().contains("site_cache"));
    }
    let status = |allow: &str, trust: &[&str], headers: &[(&str, &str)]| {
        let allow = allow.parse().unwrap();
        let trust = trust.iter().map(|net| net.parse().unwrap()).collect();
        let site = TestApp::with(move |config| {
            config.metrics_allow = vec![allow];
            config.trusted_proxies = trust;
        });
        Raw::connect(site.address).get("/metrics", headers).status
    };
    let proxied = [("x-forwarded-for", "203.0.113.9")];
    let (here, there) = ("127.0.0.0/8", "203.0.113.0/24");
    assert_eq!(status(here, &[], &[]), 200);
    // Whoever stands behind a proxy is not in its network, unless the proxy is trusted to say so.
    assert_eq!(status(here, &[], &proxied), 404);
    assert_eq!(status(here, &[here], &proxied), 404);
    assert_eq!(status(there, &[], &proxied), 404);
    assert_eq!(status(there, &[here], &proxied), 200);
    let mut admin: Browser = site.member_as("boss", Role::Admin);
    assert_eq!(admin.get_with("/metrics", &proxied).status, 404);
}
