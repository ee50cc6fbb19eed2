//! Requests that are refused for their head alone, before anything looks at what they want.

use actix_http::body::BoxBody;
use actix_http::{Payload, Request, RequestHead, Response};
use actix_web::http::StatusCode;
use actix_web::http::header::{self, HeaderValue};

use super::Visit;

/// Most bytes of a head.
const MOST_HEAD: usize = 32 * 1024;

/// Why a request is refused for its head.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// It is too long.
    TooLarge,
    /// It names no host where one has to stand.
    NoHost,
    /// A body comes that would have to be unpacked first, and nobody can say how large it then is.
    Encoded,
}

impl Refusal {
    const fn status(self) -> StatusCode {
        match self {
            Self::TooLarge => StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE,
            Self::NoHost => StatusCode::BAD_REQUEST,
            Self::Encoded => StatusCode::UNSUPPORTED_MEDIA_TYPE,
        }
    }

    const fn code(self) -> &'static str {
        match self {
            Self::TooLarge => "head_too_large",
            Self::NoHost => "bad_host",
            Self::Encoded => "encoded_body",
        }
    }

    const fn message(self) -> &'static str {
        match self {
            Self::TooLarge => "The head of this request is too long (32 KiB at most).",
            Self::NoHost => "The Host of this request is no host.",
            Self::Encoded => "Compressed bodies are not taken here.",
        }
    }

    /// The answer.
    #[must_use]
    pub fn respond(self, json: bool) -> Response<BoxBody> {
        let (kind, body) = if json {
            let error =
                serde_json::json!({"error": {"code": self.code(), "message": self.message()}});
            ("application/json", error.to_string())
        } else {
            ("text/plain; charset=utf-8", format!("{}\n", self.message()))
        };
        let mut response = Response::with_body(self.status(), BoxBody::new(body));
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        if self == Self::Encoded {
            // RFC 9110, 12.5.3: what would have been taken.
            let identity = HeaderValue::from_static("identity");
            headers.insert(header::ACCEPT_ENCODING, identity);
        }
        response
    }
}

/// What is wrong with a request's head, if anything is.
#[must_use]
pub fn refusal(request: &mut Request) -> Option<Refusal> {
    let has_body = !matches!(request.payload(), Payload::None);
    let head = request.head();
    let sent_much = request.conn_data().is_some_and(Visit::sent_much);
    if sent_much && length(head) > MOST_HEAD {
        return Some(Refusal::TooLarge);
    }
    // That there is one, and only one, was looked at when it was parsed.
    let host = head.headers.get(header::HOST);
    if host.is_some_and(|host| !is_host(host.as_bytes())) {
        return Some(Refusal::NoHost);
    }
    let is_encoded = has_body && head.headers.contains_key(header::CONTENT_ENCODING);
    is_encoded.then_some(Refusal::Encoded)
}

/// About so many bytes the head had on its way here.
fn length(head: &RequestHead) -> usize {
    let lines = head.headers.iter();
    let lines = lines.map(|(name, value)| name.as_str().len() + value.len() + ": \r\n".len());
    let target = head.uri.path().len() + head.uri.query().map_or(0, str::len);
    target + lines.sum::<usize>()
}

/// A name or an address, with or without a port (RFC 9112, 3.2).
fn is_host(text: &[u8]) -> bool {
    let (name, port) = match text.iter().rposition(|&byte| byte == b':' || byte == b']') {
        Some(at) if text[at] == b':' => (&text[..at], &text[at + 1..]),
        _ => (text, &[][..]),
    };
    let address = name.strip_prefix(b"[").map(|rest| rest.strip_suffix(b"]"));
    let is_name = match address {
        Some(Some(inside)) => inside.iter().all(|&byte| is_of_address(byte)) && !inside.is_empty(),
        Some(None) => false,
        None => name.iter().all(|&byte| is_of_name(byte)),
    };
    is_name && port.iter().all(u8::is_ascii_digit)
}

/// Of an IPv6 address, or of one of a kind still to come (RFC 3986, 3.2.2).
const fn is_of_address(byte: u8) -> bool {
    byte == b':' || is_of_name(byte)
}

/// Unreserved characters, those that delimit inside a part, and the sign of an escape (RFC 3986, 3.2.2).
const fn is_of_name(byte: u8) -> bool {
    byte.is_ascii_alphanumeric()
        || matches!(
            byte,
            b'-' | b'.'
                | b'_'
                | b'~'
                | b'%'
                | b'!'
                | b'$'
                | b'&'
                | b'\''
                | b'('
                | b')'
                | b'*'
                | b'+'
                | b','
                | b';'
                | b'='
        )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_are_told_from_what_is_none() {
        for good in [
            "example.org",
            "example.org:8080",
            "127.0.0.1:80",
            "[::1]",
            "[::1]:8080",
            "[fe80::1%25eth0]",
            "xn--bcher-kva.example",
            "under_score.example:",
            "",
        ] {
            assert!(is_host(good.as_bytes()), "{good}");
        }
        for bad in [
            "a b", "a/b", "a@b", "[::1", "::1", "a:b", "a:80:80", "[]", "é", "a\tb", "a?b", "a#b",
            "[::1]x",
        ] {
            assert!(!is_host(bad.as_bytes()), "{bad}");
        }
    }
}
