//! Health addresses, for machines.

use std::sync::atomic::Ordering;

use crate::app::TestApp;
use crate::relay::pair::Pair;

#[test]
fn health_is_told_as_json_and_never_kept() {
    let site = TestApp::start();
    for path in ["/up", "/livez", "/readyz"] {
        let reply = site.browser().get(path).expect(200).has("\"pass\"");
        assert_eq!(reply.header("cache-control"), Some("no-store"), "{path}");
    }
}

#[test]
fn health_answers_whatever_host_and_forwarding_headers_say() {
    let site =
        TestApp::with(|config| config.base_url = Some("https://example.org".parse().unwrap()));
    let headers = [
        ("host", "other.example"),
        ("x-forwarded-proto", "http"),
        ("x-forwarded-for", "junk"),
    ];
    site.browser().get_with("/up", &headers).expect(200);
}

fn ready(site: &TestApp) -> (u16, serde_json::Value) {
    let reply = site.browser().get("/readyz");
    (reply.status, serde_json::from_str(&reply.body).unwrap())
}

#[test]
fn a_standby_stays_ready_while_its_primary_is_gone_and_says_so() {
    let pair = Pair::start();
    let (status, told) = ready(&pair.standby);
    assert_eq!(
        (status, &told["checks"]["primary"]["status"]),
        (200, &"pass".into())
    );
    let set = |silent_ms, lag_ms| {
        let mut report = pair.link.report.lock().unwrap();
        let primary = report.primary.as_mut().unwrap();
        (primary.silent_ms, primary.lag_ms) = (silent_ms, lag_ms);
        primary.trouble = Some("secret.example".into());
    };
    pair.link.is_connected.store(false, Ordering::SeqCst);
    for (silent_ms, heard) in [(Some(3_600_000), "heard 3600 s ago"), (None, "never heard")] {
        set(silent_ms, 3_600_000);
        let (status, told) = ready(&pair.standby);
        let check = &told["checks"]["primary"];
        assert_eq!((status, &check["status"]), (200, &"warn".into()), "{told}");
        let reason = check["reason"].as_str().unwrap();
        assert!(
            reason.contains(heard) && !reason.contains("secret"),
            "{reason}"
        );
    }
    // The primary has neither.
    let (status, told) = ready(&pair.primary);
    assert_eq!(
        (status, &told["checks"]["primary"]),
        (200, &serde_json::Value::Null)
    );
}

#[test]
fn a_standby_that_catches_up_is_not_ready_until_it_is_nearly_there() {
    let pair = Pair::start();
    for (lag_ms, expected) in [(60_000, 200), (60_001, 503)] {
        pair.link
            .report
            .lock()
            .unwrap()
            .primary
            .as_mut()
            .unwrap()
            .lag_ms = lag_ms;
        let (status, told) = ready(&pair.standby);
        assert_eq!(status, expected, "{told}");
        assert_eq!(
            told["reasons"] == serde_json::json!(["copy"]),
            expected == 503
        );
    }
}
