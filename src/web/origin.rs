//! Where a request that changes something came from. Without tokens in pages (they would defeat the cache), the browser's
//! own word decides: `Sec-Fetch-Site`, else `Origin` (OWASP, Cross-Site Request Forgery Prevention).

use actix_web::http::header::HeaderMap;
use url::Url;

use crate::config::Config;

/// Whether a state change must be refused: another site's page sent it, or a cookie came without any word on where from.
#[must_use]
pub fn is_cross_site(headers: &HeaderMap, config: &Config) -> bool {
    let header = |name: &str| headers.get(name).map(|value| value.to_str().unwrap_or("?"));
    if headers.get_all("sec-fetch-site").count() > 1 || headers.get_all("origin").count() > 1 {
        return true;
    }
    match (header("sec-fetch-site"), header("origin")) {
        (Some("same-origin" | "none"), None) => false,
        (Some("same-origin") | None, Some(origin)) => !is_ours(origin, header("host"), config),
        (None, None) => headers.contains_key("cookie"),
        (Some(_), _) => true,
    }
}

/// The origin is this site: as the browser addressed it (Host), or as the operator named it.
fn is_ours(origin: &str, host: Option<&str>, config: &Config) -> bool {
    if host.is_some_and(|host| is_same(origin, host)) {
        return true;
    }
    let Ok(origin) = Url::parse(origin) else {
        return false;
    };
    let named = config
        .base_url
        .as_ref()
        .is_some_and(|url| url.origin() == origin.origin());
    let addressed = host.and_then(|host| Url::parse(&format!("{}://{host}", origin.scheme())).ok());
    named || addressed.is_some_and(|url| url.origin() == origin.origin() && url.origin().is_tuple())
}

/// The same letter by letter, as browsers send them: nothing has to be taken apart.
fn is_same(origin: &str, host: &str) -> bool {
    let of = |scheme| origin.strip_prefix(scheme) == Some(host);
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b".-:[]".contains(&byte);
    (of("https://") || of("http://")) && !host.is_empty() && host.bytes().all(is_plain)
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::test::TestRequest;

    #[track_caller]
    fn check(headers: &[(&'static str, &'static str)], cross: bool) {
        let mut request = TestRequest::default().insert_header(("host", "localhost:8080"));
        for header in headers {
            request = request.append_header(*header);
        }
        let config = Config::new("x".into());
        assert_eq!(
            is_cross_site(request.to_http_request().headers(), &config),
            cross,
            "{headers:?}"
        );
    }

    #[test]
    fn only_our_own_pages_may_change_something() {
        check(
            &[
                ("sec-fetch-site", "same-origin"),
                ("origin", "http://localhost:8080"),
            ],
            false,
        );
        check(&[("sec-fetch-site", "same-origin")], false);
        check(
            &[("origin", "http://localhost:8080"), ("cookie", "a=b")],
            false,
        );
        check(&[], false);
        check(&[("cookie", "a=b")], true);
        check(&[("sec-fetch-site", "cross-site")], true);
        check(
            &[
                ("sec-fetch-site", "same-site"),
                ("origin", "http://localhost:8080"),
            ],
            true,
        );
        check(&[("origin", "http://evil.example")], true);
        check(&[("origin", "null")], true);
        check(&[("origin", "http://localhost:8080.evil.example")], true);
        check(&[("origin", "http://localhost:9090")], true);
        check(
            &[
                ("sec-fetch-site", "same-origin"),
                ("sec-fetch-site", "cross-site"),
            ],
            true,
        );
    }
}
