//! The form of a page that members get, and what a member's page has of their own.

use actix_http::Response;
use actix_http::body::BoxBody;
use actix_web::http::header::{self, HeaderValue};
use actix_web::web::Bytes;
use sha2::{Digest, Sha256};

use crate::cache::Weigh;
use crate::cache::weave::{Part, Values, Weave};
use crate::encoding::{Effort, Encoding, decode, names_etag};
use crate::error::{Error, Result};
use crate::hex;
use crate::html::pen::{Audience, Drawn, Hole, Member};
use crate::web::reply::header::{CACHE_TAG, CDN_CACHE_CONTROL};
use crate::web::reply::{MOST_BODY, Reply, Wants, etag, text_of, tight};

/// The form of a page that members get.
#[derive(Debug)]
pub struct Woven {
    weave: Weave,
    /// What its holes are.
    pub holes: Vec<Box<dyn Hole>>,
}

impl Woven {
    pub(super) fn new(drawn: Drawn) -> Self {
        let parts: Vec<Part> = drawn
            .members()
            .map(|piece| match piece {
                Member::Text(text) => Part::Fixed(text),
                Member::Hole(hole) => Part::Hole(hole.width()),
            })
            .collect();
        let weave = Weave::new(&parts);
        Self {
            weave,
            holes: drawn.into_holes(),
        }
    }

    /// A person's values for the holes, one each.
    #[must_use]
    pub fn values(&self, values: &[String]) -> Values {
        self.weave.values(values)
    }

    pub(super) fn weight(&self) -> usize {
        // A hole is a small box.
        self.weave.weight() + self.holes.len() * 80
    }
}

/// What a member's page has of their own.
#[derive(Debug)]
pub struct Own {
    /// The values of the holes.
    pub values: Values,
    /// The version of the page that they are for.
    pub version: u64,
    /// Whose page it is joined with.
    pub audience: Audience,
    /// Entity tags, without and with gzip.
    pub etags: [HeaderValue; 2],
}

impl Weigh for Own {
    fn weight(&self) -> usize {
        size_of::<Self>() + self.values.weight() + 128
    }
}

impl Reply {
    /// The response of a member, whose bits these are. Without gzip, `identity` is the body.
    #[must_use]
    pub fn respond_to_member(
        &self,
        own: &Own,
        wants: &Wants,
        identity: Option<Bytes>,
        status: &HeaderValue,
    ) -> Option<Response<BoxBody>> {
        let woven = self.woven.as_ref()?;
        let (encoding, etag) = match identity {
            None => (Encoding::Gzip, &own.etags[1]),
            Some(_) => (Encoding::Identity, &own.etags[0]),
        };
        let etag = self.tag.as_ref().map(|_| etag);
        let mut response = match (etag, &wants.if_none_match) {
            (Some(etag), Some(sent)) if names_etag(sent.as_bytes(), text_of(etag)) => {
                self.not_modified(Some(etag), status)
            }
            _ => {
                let response = self.begin(encoding, etag, status);
                let body = identity.unwrap_or_else(|| woven.weave.fill(&own.values));
                response.set_body(body).map_into_boxed_body()
            }
        };
        let headers = response.headers_mut();
        headers.insert(
            header::CACHE_CONTROL,
            HeaderValue::from_static("private, no-cache"),
        );
        headers.remove(CDN_CACHE_CONTROL);
        headers.remove(CACHE_TAG);
        Some(response)
    }

    /// A member's page as it is, for those who take no gzip. Blocks.
    ///
    /// # Errors
    /// As [`Reply::in_coding`].
    pub fn identity_of(&self, values: &Values) -> Result<Bytes> {
        let page = self.woven.as_ref().map(|woven| woven.weave.fill(values));
        let text = page.and_then(|page| decode(Encoding::Gzip, &page, MOST_BODY));
        text.map(tight)
            .ok_or_else(|| Error::Internal("a member's page cannot be read".into()))
    }

    /// Entity tags of a member's page, without and with gzip.
    #[must_use]
    pub fn own_tags(&self, values: &Values) -> [HeaderValue; 2] {
        let mut digest = Sha256::new();
        for value in values.each() {
            digest.update(value.len().to_le_bytes());
            digest.update(value);
        }
        let digest = digest.finalize();
        let tag = format!(
            "{}.{}",
            self.tag.as_deref().unwrap_or_default(),
            hex::of(&digest[..8])
        );
        [Encoding::Identity, Encoding::Gzip].map(|encoding| etag(&tag, encoding, Effort::Fast))
    }
}
