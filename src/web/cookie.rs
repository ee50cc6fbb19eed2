//! The one cookie: the session's token, 256 random bits. The store keeps only its hash.

use actix_web::HttpRequest;

pub(super) use crate::store::secret::hex;
pub use crate::store::secret::{TokenHash, hash, new_token};

/// `__Host-` names are refused by browsers over plain HTTP, so such a site has to use another.
const fn name(secure: bool) -> &'static str {
    if secure { "__Host-session" } else { "session" }
}

/// The token of a request; anything that cannot be one of ours counts as none.
#[must_use]
pub fn token(request: &HttpRequest, secure: bool) -> Option<String> {
    let cookies = request
        .headers()
        .get_all("cookie")
        .filter_map(|line| line.to_str().ok());
    cookies
        .flat_map(|line| line.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find(|(key, value)| *key == name(secure) && is_token(value))
        .map(|(_, value)| value.to_owned())
}

fn is_token(value: &str) -> bool {
    value.len() == 64 && value.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// `Set-Cookie` for a new session, good for 90 days.
#[must_use]
pub fn set(token: &str, secure: bool) -> String {
    line(token, secure, 90 * 24 * 3600)
}

/// `Set-Cookie` that ends the session in the browser.
#[must_use]
pub fn clear(secure: bool) -> String {
    line("", secure, 0)
}

fn line(value: &str, secure: bool, max_age_s: u32) -> String {
    let flag = if secure { "; Secure" } else { "" };
    format!(
        "{}={value}; Path=/; Max-Age={max_age_s}; HttpOnly; SameSite=Lax{flag}",
        name(secure)
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::test::TestRequest;

    #[test]
    fn cookies_carry_every_protection_that_browsers_offer() {
        assert_eq!(
            set("x", true),
            "__Host-session=x; Path=/; Max-Age=7776000; HttpOnly; SameSite=Lax; Secure"
        );
        assert!(set("x", false).starts_with("session=x;"));
    }

    #[test]
    fn the_token_is_found_among_other_cookies_and_garbage_is_none() {
        let ours = "ab".repeat(32);
        let of = |line: String| {
            token(
                &TestRequest::default()
                    .insert_header(("cookie", line))
                    .to_http_request(),
                true,
            )
        };
        assert_eq!(
            of(format!("a=b; __Host-session={ours}; c")),
            Some(ours.clone())
        );
        assert_eq!(of(format!("session={ours}")), None);
        assert_eq!(of("__Host-session=zz".into()), None);
    }
}
