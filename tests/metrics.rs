//! `/metrics` as Prometheus reads it: who may, that the README lists it, and that it adds up.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::Ordering;

use site::config::{CdnConfig, Secret};

use crate::app::TestApp;
use crate::raw::{Raw, metric};
use crate::relay::pair::Pair;

#[test]
fn the_metrics_are_for_whoever_has_the_token() {
    let site = TestApp::with(|config| config.metrics_token = Secret::parse("hush").unwrap());
    let none = TestApp::start();
    let status = |site: &TestApp, token: &str| {
        let headers = [
            ("authorization", token),
            // As through a proxy: not by its place.
            ("x-forwarded-for", "203.0.113.9"),
        ];
        let headers = if token.is_empty() {
            &headers[1..]
        } else {
            &headers[..]
        };
        Raw::connect(site.address).get("/metrics", headers).status
    };
    assert_eq!(status(&site, "Bearer hush"), 200);
    assert_eq!(status(&site, "bearer hush"), 200);
    for token in [
        "",
        "Bearer",
        "Bearer hus",
        "Bearer hush2",
        "Basic hush",
        "hush",
        "Bearer HUSH",
    ] {
        assert_eq!(status(&site, token), 404, "{token:?}");
    }
    for token in ["Bearer hush", "Bearer ", "Bearer"] {
        assert_eq!(status(&none, token), 404, "{token:?}");
    }
    // The old ways stay.
    assert_eq!(Raw::connect(site.address).get("/metrics", &[]).status, 200);
}

/// Names of families that a site serves.
fn served(text: &str) -> BTreeSet<String> {
    let types = text.lines().filter_map(|line| line.strip_prefix("# TYPE "));
    types
        .map(|rest| rest.split(' ').next().unwrap().to_owned())
        .collect()
}

#[test]
fn the_readme_lists_each_metric_that_is_served_and_no_other() {
    let readme = include_str!("../README.md");
    let rows = readme.lines().filter(|line| line.starts_with("| `"));
    let names = rows.map(|line| line.split('`').nth(1).unwrap());
    let listed: BTreeSet<String> = names
        .filter(|name| name.starts_with("site_") || name.starts_with("process_"))
        .map(|name| name.split('{').next().unwrap().to_owned())
        .collect();
    let site = TestApp::with(|config| {
        config.cdn = Some(CdnConfig {
            zone: "023e105f4ecef8ad9ca31a8372d0c353".into(),
            token: Secret::parse("hush").unwrap(),
            // Nobody listens there.
            api: "http://127.0.0.1:9".into(),
            ..CdnConfig::default()
        });
    });
    let pair = Pair::start();
    let mut all = BTreeSet::new();
    for address in [site.address, pair.primary.address, pair.standby.address] {
        let text = Raw::connect(address).get("/metrics", &[]).text();
        all.extend(served(&text));
    }
    assert_eq!(listed, all);
}

#[test]
fn nodes_tell_what_they_are_and_a_site_alone_does_not() {
    let alone = TestApp::start();
    let text = Raw::connect(alone.address).get("/metrics", &[]).text();
    assert!(!text.contains("site_node_role") && !text.contains("site_gate"));
    let pair = Pair::start();
    {
        let mut report = pair.link.report.lock().unwrap();
        let primary = report.primary.as_mut().unwrap();
        (primary.lag_ms, primary.silent_ms) = (1250, Some(70_001));
    }
    pair.link.is_connected.store(false, Ordering::SeqCst);
    let node = "0b".repeat(16);
    let of_primary = [
        ("site_node_role{role=\"primary\"}".to_owned(), "1"),
        ("site_epoch".into(), "3"),
        ("site_replica_in_sync".into(), "1"),
        ("site_replica_log_bytes".into(), "4096"),
        (
            format!("site_standby_behind_transactions{{node=\"{node}\"}}"),
            "4",
        ),
        (
            format!("site_standby_received_txid{{node=\"{node}\"}}"),
            "1204",
        ),
        ("site_gate_held".into(), "0"),
        ("site_gate_wait_seconds_count".into(), "0"),
        ("site_gate_longest_wait_seconds".into(), "0"),
    ];
    let of_standby = [
        ("site_node_role{role=\"standby\"}".to_owned(), "1"),
        ("site_primary_connected".into(), "0"),
        ("site_primary_lag_seconds".into(), "1.250"),
        ("site_primary_silent_seconds".into(), "70.001"),
    ];
    for (site, expected) in [
        (&pair.primary, &of_primary[..]),
        (&pair.standby, &of_standby),
    ] {
        let found = samples(&Raw::connect(site.address).get("/metrics", &[]).text());
        for (name, value) in expected {
            assert_eq!(found.get(name).map(String::as_str), Some(*value), "{name}");
        }
    }
}

/// Samples by name with labels.
fn samples(text: &str) -> BTreeMap<String, String> {
    let lines = text.lines().filter(|line| !line.starts_with('#'));
    lines
        .map(|line| {
            let (name, value) = line.rsplit_once(' ').unwrap();
            (name.to_owned(), value.to_owned())
        })
        .collect()
}

#[test]
fn what_is_counted_adds_up() {
    let site = TestApp::start();
    let id = site.story("author", "A story");
    let mut raw = Raw::connect(site.address);
    for _ in 0..7 {
        assert_eq!(raw.get(&format!("/s/{id}/a-story"), &[]).status, 200);
    }
    for _ in 0..3 {
        assert_eq!(raw.get("/search?q=story", &[]).status, 200);
        assert_eq!(raw.get("/no/such/page", &[]).status, 404);
    }
    let text = raw.get("/metrics", &[]).text();
    let found = samples(&text);
    // Counts are whole numbers.
    let count = |name: &str| {
        let value = found.get(name);
        value.map_or(0, |value| value.parse::<u64>().unwrap())
    };
    let story = "site_http_requests_total{route=\"/s/{id}/{slug}\",status=\"200\"}";
    assert_eq!(count(story), 7);
    assert_eq!(
        count("site_http_requests_total{route=\"/search\",status=\"200\"}"),
        3
    );
    let sum = |start: &str| {
        let of = found.iter().filter(|(name, _)| name.starts_with(start));
        of.map(|(_, value)| value.parse::<u64>().unwrap())
            .sum::<u64>()
    };
    assert_eq!(
        sum("site_http_route_seconds_count{"),
        count("site_http_request_seconds_count")
    );
    assert!(count("site_lane_service_seconds_count{lane=\"page\"}") >= 3);
    assert!(count("site_writer_batch_sum") >= count("site_writer_batch_count"));
    assert!(count("site_writer_commit_seconds_count") >= 1);
    assert!(count("process_resident_memory_bytes") > 1_000_000 && count("site_database_bytes") > 0);
}

#[test]
fn buckets_grow_up_to_the_count_in_every_histogram() {
    let site = TestApp::start();
    site.story("author", "A story");
    let mut raw = Raw::connect(site.address);
    assert_eq!(raw.get("/search?q=story", &[]).status, 200);
    let text = raw.get("/metrics", &[]).text();
    let types = text.lines().filter_map(|line| line.strip_prefix("# TYPE "));
    let families: BTreeSet<&str> = types
        .filter_map(|rest| rest.strip_suffix(" histogram"))
        .collect();
    let counts = samples(&text);
    for family in &families {
        let series = buckets(&text, family);
        assert!(!series.is_empty(), "{family} has no buckets");
        for (labels, buckets) in series {
            assert!(buckets.is_sorted(), "{family}{labels}: {buckets:?}");
            let count = &counts[&format!("{family}_count{labels}")];
            let whole: u64 = count.parse().unwrap();
            assert_eq!(buckets.last(), Some(&whole), "{family}{labels}");
        }
    }
    for family in ["site_lane_wait_seconds", "site_lane_service_seconds"] {
        assert!(families.contains(family), "{families:?}");
        assert_eq!(buckets(&text, family).len(), 3);
    }
}

/// The buckets of each series of a histogram, as they stand there, by the labels of its count; the last one holds all.
fn buckets(text: &str, family: &str) -> BTreeMap<String, Vec<u64>> {
    let start = format!("{family}_bucket{{");
    let mut series: BTreeMap<String, Vec<u64>> = BTreeMap::new();
    let mut bound = String::new();
    for line in text.lines().filter_map(|line| line.strip_prefix(&start)) {
        let (labels, value) = line.rsplit_once("} ").unwrap();
        let (others, upper) = labels.split_once("le=").unwrap();
        let others = others.trim_end_matches(',');
        let whole = match others {
            "" => String::new(),
            others => format!("{{{others}}}"),
        };
        let buckets = series.entry(whole).or_default();
        let is_first = buckets.is_empty();
        assert!(
            !is_first || bound.is_empty() || bound == "\"+Inf\"",
            "{line}"
        );
        buckets.push(value.parse().unwrap());
        upper.clone_into(&mut bound);
    }
    assert_eq!(bound, "\"+Inf\"", "{family}");
    series
}

#[test]
fn files_have_one_route_and_health_has_its_own() {
    let site = TestApp::start();
    let mut raw = Raw::connect(site.address);
    for (path, status) in [
        ("/favicon.ico", 200),
        ("/up", 200),
        ("/assets/none.css", 404),
        ("/livez", 200),
        ("/no/such/page", 404),
    ] {
        assert_eq!(raw.get(path, &[]).status, status, "{path}");
    }
    let found = samples(&raw.get("/metrics", &[]).text());
    for (route, status, count) in [
        ("files", 200, "2"),
        ("files", 404, "1"),
        ("/livez", 200, "1"),
        ("missing", 404, "1"),
    ] {
        let name = format!("site_http_requests_total{{route=\"{route}\",status=\"{status}\"}}");
        assert_eq!(found.get(&name).map(String::as_str), Some(count), "{name}");
    }
}

#[test]
fn metrics_are_written_by_the_workers() {
    let site = TestApp::start();
    let jobs = || {
        metric(
            site.address,
            "site_lane_service_seconds_count{lane=\"page\"}",
        )
    };
    let before = jobs();
    for _ in 0..200 {
        jobs();
    }
    // One that took longer than a second was written without them, and the last is counted just after it was sent.
    assert!(jobs() >= before + 150);
}
