//! A finished answer, ready to be sent in any coding to anybody whom it is for: what the response cache keeps.
//!
//! Headers are made once, bodies are shared; sending copies neither. Each coding has a strong entity tag of its own. A page
//! with holes also has the form that members get: fixed parts, compressed, and what the holes are ([`Woven`]).

mod header;
mod own;

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use actix_http::Response;
use actix_http::body::BoxBody;
use actix_web::http::header::{self as http, HeaderMap, HeaderValue};
use actix_web::http::{Method, StatusCode};
use actix_web::web::Bytes;
use sha2::{Digest, Sha256};

use crate::cache::{Weigh, footprint};
use crate::encoding::{Accepted, Effort, Encoding, decode, encode, names_etag};
use crate::error::{Error, Result};
use crate::hex;
use crate::html::pen::{Drawn, Member};
use crate::metric::Route;
use crate::time::Timestamp;
use crate::web::respond::{Answer, Keep};

pub use header::Standing;
pub(super) use header::{CACHE_STATUS, Header};
pub use own::{Own, Woven};

use header::headers;

/// Smallest body worth compressing, in bytes.
const COMPRESS_FROM: usize = 600;
/// Largest body that is made from one of ours, in bytes.
const MOST_BODY: usize = 64 << 20;
/// What is quickest to make among what a client likes best.
const QUICK: [Encoding; 3] = [Encoding::Zstd, Encoding::Gzip, Encoding::Br];
/// Made for one person alone, or not at all.
pub(super) const BYPASS: HeaderValue = HeaderValue::from_static("site; fwd=bypass");
/// Times that a page is sent before good compression pays.
const POPULAR: u32 = 64;

/// What a client said about how it wants answers.
#[derive(Debug, Clone, Default)]
pub struct Wants {
    /// Codings that it takes.
    pub accepted: Accepted,
    /// `If-None-Match`, as sent.
    pub if_none_match: Option<HeaderValue>,
}

impl Wants {
    /// What a request says.
    #[must_use]
    pub fn of(headers: &HeaderMap) -> Self {
        let lines = || {
            let lines = headers.get_all(http::ACCEPT_ENCODING);
            lines.map(HeaderValue::as_bytes)
        };
        let accepted = match lines().nth(1) {
            None => Accepted::parse(lines().next()),
            Some(_) => Accepted::parse_lines(lines()),
        };
        Self {
            accepted,
            if_none_match: headers.get(http::IF_NONE_MATCH).cloned(),
        }
    }
}

/// Whether a client asks for JSON before all else, as scripts do.
pub(super) fn prefers_json(headers: &HeaderMap) -> bool {
    let accept = headers.get(http::ACCEPT);
    accept.is_some_and(|accept| accept.as_bytes().starts_with(b"application/json"))
}

/// A finished answer.
#[derive(Debug, Clone)]
pub struct Reply {
    status: StatusCode,
    headers: Arc<[Header]>,
    tag: Option<Arc<str>>,
    bodies: Vec<Body>,
    is_small: bool,
    is_holed: bool,
    woven: Option<Arc<Woven>>,
    sent: Arc<AtomicU32>,
    /// Where its answers are counted.
    pub route: Arc<Route>,
}

#[derive(Debug, Clone)]
struct Body {
    encoding: Encoding,
    bytes: Bytes,
    etag: Option<HeaderValue>,
}

/// The forms of a page that are made.
#[derive(Debug, Clone, Copy)]
pub(super) struct Forms {
    /// What a member's page is woven from.
    pub members: bool,
    /// What a visitor gets; of pages without holes, which are the same for all, it is made in any case.
    pub visitors: bool,
}

impl Forms {
    /// Without holes.
    pub(super) const ONE: Self = Self {
        members: false,
        visitors: true,
    };
}

/// How an answer becomes a reply.
#[derive(Debug, Clone)]
pub(super) struct Making {
    /// Codings that the one who asked takes.
    pub accepted: Accepted,
    /// Headers of every answer of this site, and those that pages have.
    pub standing: Arc<Standing>,
    /// It was made for one member.
    pub is_personal: bool,
    /// What is wanted.
    pub forms: Forms,
    /// By what a CDN can be told to forget it, where there is one.
    pub groups: Vec<u16>,
    /// Where its answers are counted.
    pub route: Arc<Route>,
    /// Now.
    pub now: Timestamp,
}

impl Reply {
    /// An answer that is the same for everybody, or one drawn for one person: no holes.
    pub(super) fn plain(mut answer: Answer, making: &Making) -> Self {
        let text = std::mem::take(&mut answer.body);
        let tag = tag([text.as_str()]);
        Self::make(&answer, text, tag, making)
    }

    /// A page that was drawn for everybody.
    pub(super) fn drawn(answer: &Answer, drawn: Drawn, making: &Making) -> Self {
        let is_holed = drawn
            .members()
            .any(|piece| matches!(piece, Member::Hole(_)));
        let tag = tag(drawn.fixed());
        let mut reply = if is_holed && !making.forms.visitors {
            Self::bare(answer, tag, making)
        } else {
            Self::make(answer, drawn.visitor(making.now), tag, making)
        };
        reply.is_holed = is_holed;
        if making.forms.members && is_holed {
            reply.woven = Some(Arc::new(Woven::new(drawn)));
        }
        reply
    }

    fn make(answer: &Answer, text: String, tag: String, making: &Making) -> Self {
        let is_small = text.len() < COMPRESS_FROM;
        let encoding = if is_small {
            Encoding::Identity
        } else {
            making.accepted.best(&QUICK)
        };
        let bytes = match encoding {
            Encoding::Identity => tight(text.into_bytes()),
            other => tight(encode(other, Effort::Fast, text.as_bytes())),
        };
        let mut reply = Self::bare(answer, tag, making);
        reply.is_small = is_small;
        // Most have one.
        reply.bodies = Vec::with_capacity(1);
        reply.add(encoding, bytes, Effort::Fast);
        reply
    }

    /// It has no body yet.
    fn bare(answer: &Answer, tag: String, making: &Making) -> Self {
        let keep = answer.keep.unwrap_or(if making.is_personal {
            Keep::Private
        } else {
            Keep::Public
        });
        let is_tagged = keep != Keep::Never && answer.status == StatusCode::OK;
        Self {
            status: answer.status,
            headers: headers(answer, keep, making).into(),
            tag: is_tagged.then(|| tag.into()),
            bodies: Vec::new(),
            is_small: false,
            is_holed: false,
            woven: None,
            sent: Arc::default(),
            route: Arc::clone(&making.route),
        }
    }

    /// Whether it was made for visitors too.
    #[must_use]
    pub fn is_for_visitors(&self) -> bool {
        !self.bodies.is_empty()
    }

    /// Whether members get a page of their own.
    #[must_use]
    pub const fn is_holed(&self) -> bool {
        self.is_holed
    }

    /// Whether it says that one client asked too often: nobody else's answer.
    #[must_use]
    pub fn refuses_a_client(&self) -> bool {
        self.status == StatusCode::TOO_MANY_REQUESTS
    }

    /// The form for members, when it was made.
    #[must_use]
    pub fn woven(&self) -> Option<&Arc<Woven>> {
        self.woven.as_ref()
    }

    fn add(&mut self, encoding: Encoding, bytes: Bytes, effort: Effort) {
        let etag = self.tag.as_deref().map(|tag| etag(tag, encoding, effort));
        self.bodies.retain(|body| body.encoding != encoding);
        self.bodies.push(Body {
            encoding,
            bytes,
            etag,
        });
        // The smallest first: among what a client likes equally, it is sent.
        self.bodies.sort_by_key(|body| body.bytes.len());
    }

    /// The body for a client, or the coding in which it has to be made.
    fn body(&self, accepted: Accepted) -> std::result::Result<&Body, Encoding> {
        if self.is_small {
            return self.bodies.first().ok_or(Encoding::Identity);
        }
        let quick = accepted.best(&QUICK);
        let most = accepted.q(quick);
        let made = self
            .bodies
            .iter()
            .find(|body| body.encoding == quick || accepted.q(body.encoding) == most && most > 0);
        made.ok_or(quick)
    }

    /// The coding in which it has to be made for this client; `None` when it can be sent.
    #[must_use]
    pub fn wanting(&self, wants: &Wants) -> Option<Encoding> {
        self.body(wants.accepted).err()
    }

    /// The same in one coding more. Blocks for as long as encoding takes.
    ///
    /// # Errors
    /// [`Error::Internal`] when a body of ours cannot be read: a bug.
    pub fn in_coding(&self, encoding: Encoding) -> Result<Self> {
        let text = self.text()?;
        let mut reply = self.clone();
        reply.add(
            encoding,
            tight(encode(encoding, Effort::Fast, &text)),
            Effort::Fast,
        );
        Ok(reply)
    }

    /// The same, compressed as well as we can for those who take these codings. Blocks for up to a tenth of a second.
    ///
    /// # Errors
    /// As [`Reply::in_coding`].
    pub fn compressed_well(&self, accepted: Accepted) -> Result<Self> {
        let text = self.text()?;
        let mut reply = self.clone();
        for encoding in [Encoding::Gzip, Encoding::Br, Encoding::Zstd] {
            if accepted.takes(encoding) {
                let body = tight(encode(encoding, Effort::Good, &text));
                reply.add(encoding, body, Effort::Good);
            }
        }
        Ok(reply)
    }

    fn text(&self) -> Result<Vec<u8>> {
        let broken = || Error::Internal("a kept body cannot be read".into());
        let body = self
            .bodies
            .iter()
            .min_by_key(|body| body.encoding)
            .ok_or_else(broken)?;
        decode(body.encoding, &body.bytes, MOST_BODY).ok_or_else(broken)
    }

    /// Whether it has just become worth compressing well; tells so once.
    #[must_use]
    pub fn has_become_popular(&self) -> bool {
        // Once reached, the count is left alone, so that hits write to nothing that they share.
        !self.is_small
            && self.sent.load(Ordering::Relaxed) < POPULAR
            && self.sent.fetch_add(1, Ordering::Relaxed) + 1 == POPULAR
    }

    /// The response; `None` when the body has to be made first ([`Reply::wanting`]).
    #[must_use]
    pub fn respond(&self, wants: &Wants, status: &HeaderValue) -> Option<Response<BoxBody>> {
        if let Some(sent) = &wants.if_none_match
            && let Some(etag) = self.known(sent, wants.accepted)
        {
            return Some(self.not_modified(Some(&etag), status));
        }
        let body = self.body(wants.accepted).ok()?;
        let response = self.begin(body.encoding, body.etag.as_ref(), status);
        Some(response.set_body(body.bytes.clone()).map_into_boxed_body())
    }

    /// The response of a page that refuses: in a coding at hand, whatever the client says that it has already.
    #[must_use]
    pub fn refusing(&self, wants: &Wants) -> Option<Response<BoxBody>> {
        let fresh = |accepted| Wants {
            accepted,
            if_none_match: None,
        };
        self.respond(&fresh(wants.accepted), &BYPASS)
            .or_else(|| self.respond(&fresh(Accepted::default()), &BYPASS))
    }

    /// The entity tag, in any coding that the client takes, that it says it has. The bodies at hand are asked first, but what
    /// it has may be in a coding that nobody has asked for since the page was made anew.
    fn known(&self, sent: &HeaderValue, accepted: Accepted) -> Option<HeaderValue> {
        let is_named = |etag: &HeaderValue| names_etag(sent.as_bytes(), text_of(etag));
        let mut at_hand = self
            .bodies
            .iter()
            .filter(|body| self.is_small || accepted.takes(body.encoding))
            .filter_map(|body| body.etag.as_ref());
        if let Some(etag) = at_hand.find(|etag| is_named(etag)) {
            return Some(etag.clone());
        }
        let tag = self.tag.as_deref().filter(|_| !self.is_small)?;
        let taken = Encoding::EACH
            .into_iter()
            .filter(|encoding| accepted.takes(*encoding));
        let mut others = taken.flat_map(|encoding| {
            [Effort::Fast, Effort::Good].map(|effort| etag(tag, encoding, effort))
        });
        others.find(is_named)
    }

    /// The response without its body.
    fn begin(
        &self,
        encoding: Encoding,
        etag: Option<&HeaderValue>,
        status: &HeaderValue,
    ) -> Response<BoxBody> {
        let mut response = Response::new(self.status);
        let headers = response.headers_mut();
        for (name, value) in &*self.headers {
            headers.insert(name.clone(), value.clone());
        }
        headers.insert(CACHE_STATUS, status.clone());
        if let Some(etag) = etag {
            headers.insert(http::ETAG, etag.clone());
        }
        if encoding != Encoding::Identity {
            let token = HeaderValue::from_static(encoding.token());
            headers.insert(http::CONTENT_ENCODING, token);
        }
        response
    }

    fn not_modified(&self, etag: Option<&HeaderValue>, status: &HeaderValue) -> Response<BoxBody> {
        let mut response = self.begin(Encoding::Identity, etag, status);
        *response.status_mut() = StatusCode::NOT_MODIFIED;
        let headers = response.headers_mut();
        headers.remove(http::CONTENT_TYPE);
        headers.remove(http::LINK);
        response
    }
}

impl Weigh for Reply {
    fn weight(&self) -> usize {
        let headers: usize = self.headers.iter().map(|(_, value)| value.len() + 72).sum();
        let bodies: usize = self
            .bodies
            .iter()
            .map(|body| footprint(body.bytes.len()) + size_of::<Body>() + 48)
            .sum();
        size_of::<Self>() + headers + bodies + self.woven.as_ref().map_or(0, |woven| woven.weight())
    }

    fn evicted(&self) {
        self.route.evict();
    }
}

/// What a text is known by: 96 bits of its SHA-256.
fn tag<'a>(text: impl IntoIterator<Item = &'a str>) -> String {
    let mut digest = Sha256::new();
    for part in text {
        digest.update(part.as_bytes());
    }
    hex::of(&digest.finalize()[..12])
}

/// What is kept takes no more room than it is long.
fn tight(bytes: Vec<u8>) -> Bytes {
    bytes.into_boxed_slice().into()
}

/// A strong tag: other bytes, another tag.
fn etag(tag: &str, encoding: Encoding, effort: Effort) -> HeaderValue {
    let effort = match effort {
        Effort::Good if encoding != Encoding::Identity => "+",
        _ => "",
    };
    HeaderValue::from_str(&format!("\"{tag}{}{effort}\"", encoding.suffix()))
        .expect("tags are hexadecimal digits")
}

fn text_of(etag: &HeaderValue) -> &str {
    etag.to_str().unwrap_or_default()
}

/// Whether a request only reads.
pub(super) fn is_reading(method: &Method) -> bool {
    method == Method::GET || method == Method::HEAD
}
