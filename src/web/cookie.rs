//! Our cookies: the session's token, 256 random bits, of which the store keeps only a hash; and for a minute after a change
//! the signed word of how far its browser has seen the site ([`position`](super::position)).

use actix_web::http::header::{COOKIE, HeaderMap};

pub use crate::store::secret::{TokenHash, hash, new_token};

/// `__Host-` names are refused by browsers over plain HTTP, so such a site has to use others.
const fn name(secure: bool) -> &'static str {
    if secure { "__Host-session" } else { "session" }
}

const fn position_name(secure: bool) -> &'static str {
    if secure {
        "__Host-position"
    } else {
        "position"
    }
}

/// What cookies say of who asks, at a glance.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Nothing.
    Visitor,
    /// They may be signed in.
    Member,
    /// They may have changed something a moment ago.
    Changed,
}

/// What the cookies of a request say at a glance; [`token`] and [`position`] look closely.
#[must_use]
pub fn kind(headers: &HeaderMap) -> Kind {
    if !headers.contains_key(COOKIE) {
        return Kind::Visitor;
    }
    let has = |name: &str| {
        pairs(headers).any(|(key, _)| key.strip_prefix("__Host-").unwrap_or(key) == name)
    };
    if has("session") {
        Kind::Member
    } else if has("position") {
        Kind::Changed
    } else {
        Kind::Visitor
    }
}

/// Whether a request may name a position; [`position`] looks closely.
#[must_use]
pub fn has_position(headers: &HeaderMap) -> bool {
    let mut lines = headers.get_all(COOKIE);
    lines.any(|line| line.as_bytes().windows(9).any(|word| word == b"position="))
}

fn pairs(headers: &HeaderMap) -> impl Iterator<Item = (&str, &str)> {
    let lines = headers
        .get_all(COOKIE)
        .filter_map(|line| line.to_str().ok());
    lines
        .flat_map(|line| line.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
}

/// The token of a request; anything that cannot be one of ours counts as none.
#[must_use]
pub fn token(headers: &HeaderMap, secure: bool) -> Option<String> {
    pairs(headers)
        .find(|(key, value)| *key == name(secure) && is_token(value))
        .map(|(_, value)| value.to_owned())
}

/// The position that a request names, unchecked.
#[must_use]
pub fn position(headers: &HeaderMap, secure: bool) -> Option<&str> {
    pairs(headers)
        .find(|(key, _)| *key == position_name(secure))
        .map(|(_, value)| value)
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

/// `Set-Cookie` for how far the browser has seen the site, good for a minute: by then every node has caught up, or is known
/// to lag.
#[must_use]
pub fn set_position(value: &str, secure: bool) -> String {
    named(position_name(secure), value, secure, 60)
}

fn line(value: &str, secure: bool, max_age_s: u32) -> String {
    named(name(secure), value, secure, max_age_s)
}

fn named(name: &str, value: &str, secure: bool, max_age_s: u32) -> String {
    let flag = if secure { "; Secure" } else { "" };
    format!("{name}={value}; Path=/; Max-Age={max_age_s}; HttpOnly; SameSite=Lax{flag}")
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
            let request = TestRequest::default().insert_header(("cookie", line));
            token(request.to_http_request().headers(), true)
        };
        assert_eq!(
            of(format!("a=b; __Host-session={ours}; c")),
            Some(ours.clone())
        );
        assert_eq!(of(format!("session={ours}")), None);
        assert_eq!(of("__Host-session=zz".into()), None);
    }
}
