//! One embedded file: its bytes in every coding that is ready, its entity tags, and the answers to those who ask for it.

use std::sync::OnceLock;

use actix_web::http::{Method, StatusCode, header};
use actix_web::{HttpRequest, HttpResponse, web};
use sha2::{Digest, Sha256};

use crate::encoding::{self, Accepted, Effort, Encoding};
use crate::hex;
use crate::web::asset::range::Span;
use crate::web::door::lasting;

/// An embedded file, ready to be sent.
#[derive(Debug)]
pub(in crate::web) struct File {
    /// `app.css`
    pub(in crate::web) plain: String,
    /// `app-0123456789ab.css`
    pub(in crate::web) hashed: String,
    kind: &'static str,
    /// What stands in its entity tags before the coding's suffix.
    tag: String,
    identity: web::Bytes,
    gzip: OnceLock<web::Bytes>,
    br: OnceLock<web::Bytes>,
    zstd: OnceLock<web::Bytes>,
    headers: Vec<(header::HeaderName, &'static str)>,
}

impl File {
    /// A file of this name and media type.
    pub(in crate::web) fn new(
        plain: impl Into<String>,
        kind: &'static str,
        body: impl Into<web::Bytes>,
    ) -> Self {
        let body = body.into();
        let digest = Sha256::digest(&body);
        let file = Self::under(&hex::of(&digest[..6]), plain, kind, body);
        Self {
            tag: hex::of(&digest[..12]),
            ..file
        }
    }

    /// A file that is known by a hash already, which is another for other bytes.
    pub(in crate::web) fn under(
        hash: &str,
        plain: impl Into<String>,
        kind: &'static str,
        body: impl Into<web::Bytes>,
    ) -> Self {
        let plain = plain.into();
        let (stem, ending) = plain.rsplit_once('.').unwrap_or((&plain, ""));
        Self {
            hashed: format!("{stem}-{hash}.{ending}"),
            kind,
            tag: hash.to_owned(),
            identity: body.into(),
            gzip: OnceLock::new(),
            br: OnceLock::new(),
            zstd: OnceLock::new(),
            headers: Vec::new(),
            plain,
        }
    }

    /// The same with a header of its own.
    pub(in crate::web) fn with(mut self, name: header::HeaderName, value: &'static str) -> Self {
        self.headers.push((name, value));
        self
    }

    /// Images are as small as they get.
    pub(super) fn is_text(&self) -> bool {
        self.kind != "image/png"
    }

    fn slot(&self, encoding: Encoding) -> Option<&OnceLock<web::Bytes>> {
        match encoding {
            Encoding::Identity => None,
            Encoding::Gzip => Some(&self.gzip),
            Encoding::Br => Some(&self.br),
            Encoding::Zstd => Some(&self.zstd),
        }
    }

    pub(super) fn make(&self, encoding: Encoding) {
        if let Some(slot) = self.slot(encoding) {
            let encoded = encoding::encode(encoding, Effort::Good, &self.identity);
            slot.get_or_init(|| encoded.into());
        }
    }

    /// What the client prefers among the codings that are ready; among equals the smallest.
    fn best(&self, accepted: Accepted) -> (Encoding, &web::Bytes) {
        if self.is_text() && self.gzip.get().is_none() {
            self.make(Encoding::Gzip);
        }
        // Zstandard is made last.
        let order: &[Encoding] = match (self.zstd.get(), self.gzip.get()) {
            (Some(_), _) => &[Encoding::Br, Encoding::Zstd, Encoding::Gzip],
            (None, Some(_)) => &[Encoding::Gzip],
            (None, None) => &[],
        };
        let best = accepted.best(order);
        match self.slot(best).and_then(OnceLock::get) {
            Some(body) => (best, body),
            None => (Encoding::Identity, &self.identity),
        }
    }

    /// The strong entity tag of one representation.
    fn etag(&self, encoding: Encoding) -> String {
        format!("\"{}{}\"", self.tag, encoding.suffix())
    }

    /// Answers a GET or HEAD: whole, a part, or that the client has it already.
    pub(in crate::web) fn answer(
        &self,
        request: &HttpRequest,
        cache_control: &'static str,
    ) -> HttpResponse {
        let span = self.span(request);
        let (encoding, body) = match span {
            Span::Whole => self.best(accepted(request)),
            Span::Part(_) | Span::Outside => (Encoding::Identity, &self.identity),
        };
        let etag = self.etag(encoding);
        let mut known = request.headers().get_all(header::IF_NONE_MATCH);
        let is_known = known.any(|sent| encoding::names_etag(sent.as_bytes(), &etag));
        let mut response = HttpResponse::Ok();
        response
            .insert_header((header::CACHE_CONTROL, cache_control))
            .insert_header((header::VARY, "Accept-Encoding"))
            .insert_header((header::ACCEPT_RANGES, "bytes"))
            .insert_header((header::ETAG, etag));
        for (name, value) in &self.headers {
            response.insert_header((name.clone(), *value));
        }
        if is_known {
            return response.status(StatusCode::NOT_MODIFIED).finish();
        }
        let length = self.identity.len();
        let place = match &span {
            Span::Whole => None,
            Span::Part(part) => Some(format!("{}-{}", part.start, part.end - 1)),
            Span::Outside => Some("*".to_owned()),
        };
        if let Some(place) = place {
            response.insert_header((header::CONTENT_RANGE, format!("bytes {place}/{length}")));
        }
        if encoding != Encoding::Identity {
            response.insert_header((header::CONTENT_ENCODING, encoding.token()));
        }
        response.insert_header((header::CONTENT_TYPE, self.kind));
        match span {
            Span::Whole => response.body(lasting(body.clone())),
            Span::Part(part) => response
                .status(StatusCode::PARTIAL_CONTENT)
                .body(lasting(body.slice(part))),
            Span::Outside => response.status(StatusCode::RANGE_NOT_SATISFIABLE).finish(),
        }
    }

    /// What part is asked for. `If-Range` counts when it is the strong tag of the bytes as they are; a date never does,
    /// because we send none.
    fn span(&self, request: &HttpRequest) -> Span {
        let headers = request.headers();
        let is_current = headers.get(header::IF_RANGE).is_none_or(|sent| {
            sent.as_bytes().trim_ascii() == self.etag(Encoding::Identity).as_bytes()
        });
        match headers.get(header::RANGE) {
            Some(range) if is_current && request.method() == Method::GET => {
                Span::parse(range.as_bytes(), self.identity.len())
            }
            _ => Span::Whole,
        }
    }

    /// Whether a name is `app.css`, or `app-<another hash>.css` of another version of this program.
    pub(in crate::web) fn is_version(&self, name: &str) -> bool {
        let (stem, ending) = self.plain.rsplit_once('.').unwrap_or((&self.plain, ""));
        let middle = name
            .strip_prefix(stem)
            .and_then(|rest| rest.strip_suffix(ending)?.strip_suffix('.'));
        middle.is_some_and(|hash| {
            hash.is_empty()
                || hash
                    .strip_prefix('-')
                    .is_some_and(|hash| hash.bytes().all(|b| b.is_ascii_hexdigit()))
        })
    }
}

fn accepted(request: &HttpRequest) -> Accepted {
    let lines = request.headers().get_all(header::ACCEPT_ENCODING);
    Accepted::parse_lines(lines.map(header::HeaderValue::as_bytes))
}
