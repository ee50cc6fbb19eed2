//! From an answer to bytes: status, headers, validators, compression. Runs on a worker, never on an event loop.

use std::io::Write;

use actix_web::HttpResponse;
use actix_web::http::{StatusCode, header};
use flate2::Compression;
use flate2::write::GzEncoder;
use maud::Markup;
use sha2::{Digest, Sha256};

use crate::error::Error;
use crate::web::error;

/// How long an answer may be kept, and by whom.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Keep {
    /// The same for every visitor; revalidated each time.
    Public,
    /// One member's; revalidated each time.
    Private,
    /// Nobody keeps it.
    Never,
}

/// What a handler answers: text of some kind, or a way to elsewhere.
#[derive(Debug)]
pub struct Answer {
    status: StatusCode,
    kind: &'static str,
    body: String,
    headers: Vec<(header::HeaderName, String)>,
    keep: Option<Keep>,
}

impl Answer {
    /// A page.
    #[must_use]
    pub fn html(markup: Markup) -> Self {
        Self::text("text/html; charset=utf-8", markup.into_string())
    }

    /// Text of a media type.
    #[must_use]
    pub fn text(kind: &'static str, body: String) -> Self {
        Self {
            status: StatusCode::OK,
            kind,
            body,
            headers: Vec::new(),
            keep: None,
        }
    }

    /// JSON.
    #[must_use]
    pub fn json(value: &serde_json::Value) -> Self {
        Self::text("application/json", value.to_string())
    }

    /// A permanent way elsewhere on this site.
    #[must_use]
    pub fn moved(path: String) -> Self {
        let mut answer = Self::text("text/plain; charset=utf-8", String::new());
        answer.status = StatusCode::MOVED_PERMANENTLY;
        answer.header(header::LOCATION, path)
    }

    /// 303 to a path of this site.
    #[must_use]
    pub fn see_other(path: String) -> Self {
        Self::moved(path).status(StatusCode::SEE_OTHER).no_store()
    }

    /// Another status than 200.
    #[must_use]
    pub fn status(mut self, status: StatusCode) -> Self {
        self.status = status;
        self
    }

    /// Told as this error: its status, when to try again, kept by nobody. For pages that say themselves what was wrong.
    #[must_use]
    pub fn refusing(self, error: &Error) -> Self {
        let answer = self.status(error::status(error)).no_store();
        match error::retry_after_s(error) {
            Some(seconds) => answer.header(header::RETRY_AFTER, seconds.to_string()),
            None => answer,
        }
    }

    /// With a header of its own.
    #[must_use]
    pub fn header(mut self, name: header::HeaderName, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    /// Nobody may keep it (settings, sign-in, moderation).
    #[must_use]
    pub fn no_store(mut self) -> Self {
        self.keep = Some(Keep::Never);
        self
    }
}

/// What the client said about how it wants answers.
#[derive(Debug, Clone, Default)]
pub struct Wants {
    /// It takes gzip.
    pub gzip: bool,
    /// `If-None-Match`, as sent.
    pub if_none_match: Option<String>,
}

/// Smallest body worth compressing, in bytes.
const COMPRESS_FROM: usize = 600;

/// A finished response, ready to be sent from the event loop.
#[derive(Debug)]
pub struct Rendered {
    status: StatusCode,
    headers: Vec<(header::HeaderName, String)>,
    body: Vec<u8>,
}

impl Rendered {
    /// The response for actix.
    #[must_use]
    pub fn into_response(self) -> HttpResponse {
        let mut response = HttpResponse::build(self.status);
        for (name, value) in self.headers {
            response.insert_header((name, value));
        }
        response.body(self.body)
    }

    /// Adds a header.
    pub fn header(&mut self, name: header::HeaderName, value: impl Into<String>) {
        self.headers.push((name, value.into()));
    }
}

/// Encodes `answer` as the client wants it; `personal` says that it was made for one member.
#[must_use]
pub fn render(answer: Answer, wants: &Wants, personal: bool) -> Rendered {
    let keep = answer.keep.unwrap_or(if personal {
        Keep::Private
    } else {
        Keep::Public
    });
    let cache_control = match keep {
        Keep::Public => "no-cache",
        Keep::Private => "private, no-cache",
        Keep::Never => "no-store",
    };
    let mut rendered = Rendered {
        status: answer.status,
        headers: vec![
            (header::CONTENT_TYPE, answer.kind.to_owned()),
            (header::CACHE_CONTROL, cache_control.to_owned()),
            (header::VARY, "Accept-Encoding".to_owned()),
        ],
        body: Vec::new(),
    };
    rendered.headers.extend(answer.headers);
    let gzip = wants.gzip && answer.body.len() >= COMPRESS_FROM;
    if keep != Keep::Never && answer.status == StatusCode::OK {
        let etag = etag(answer.body.as_bytes(), gzip);
        let known = wants
            .if_none_match
            .as_deref()
            .is_some_and(|sent| matches(sent, &etag));
        rendered.header(header::ETAG, etag);
        if known {
            rendered.status = StatusCode::NOT_MODIFIED;
            return rendered;
        }
    }
    rendered.body = answer.body.into_bytes();
    if gzip {
        rendered.body = compress(&rendered.body);
        rendered.header(header::CONTENT_ENCODING, "gzip");
    }
    rendered
}

fn etag(body: &[u8], gzip: bool) -> String {
    use std::fmt::Write;
    let digest = Sha256::digest(body);
    let mut tag = String::from("\"");
    for byte in &digest[..12] {
        // Writing to a String cannot fail.
        let _ = write!(tag, "{byte:02x}");
    }
    tag.push_str(if gzip { "-g\"" } else { "\"" });
    tag
}

/// Whether `If-None-Match` names this tag: a list, `*`, weak comparison (RFC 9110, 13.1.2).
#[must_use]
pub fn matches(sent: &str, etag: &str) -> bool {
    sent.trim() == "*"
        || sent
            .split(',')
            .any(|tag| tag.trim().trim_start_matches("W/") == etag)
}

fn compress(body: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::with_capacity(body.len() / 3), Compression::new(4));
    // Writing to a Vec cannot fail.
    let _ = encoder.write_all(body);
    encoder.finish().unwrap_or_default()
}

/// Whether an `Accept-Encoding` takes gzip (RFC 9110, 12.5.3; a q of 0 refuses).
#[must_use]
pub fn takes_gzip(accept: &str) -> bool {
    let mut star = false;
    for part in accept.split(',') {
        let mut words = part.split(';').map(str::trim);
        let name = words.next().unwrap_or_default().to_ascii_lowercase();
        let q = words
            .find_map(|word| word.strip_prefix("q=")?.parse::<f32>().ok())
            .unwrap_or(1.0);
        match name.as_str() {
            "gzip" | "x-gzip" => return q > 0.0,
            "*" => star = q > 0.0,
            _ => {}
        }
    }
    star
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gzip_is_used_only_when_taken() {
        assert!(takes_gzip("gzip, deflate, br"));
        assert!(takes_gzip("br;q=1.0, gzip;q=0.1"));
        assert!(takes_gzip("*"));
        assert!(!takes_gzip("gzip;q=0, *"));
        assert!(!takes_gzip("br"));
        assert!(!takes_gzip(""));
    }

    #[test]
    fn a_tag_is_recognised_in_every_form_that_the_standard_names() {
        for sent in ["\"a\"", "W/\"a\"", "\"x\", \"a\"", "*"] {
            assert!(matches(sent, "\"a\""), "{sent}");
        }
        assert!(!matches("\"ab\"", "\"a\""));
    }
}
