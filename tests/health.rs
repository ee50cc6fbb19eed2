//! Health addresses, for machines.

use crate::app::TestApp;

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
