//! How requests and answers travel between nodes: a head of our own beside the body, lengths before everything.
//!
//! Only headers of a list travel with a request: never those of one connection, never those that speak for others. What comes
//! is read with the same list, so that no node believes another's bytes further than the words that stand here. Bytes that
//! make no sense are no request and no answer; nothing is allotted for lengths that they merely claim.

use std::net::{IpAddr, Ipv6Addr};

use actix_http::{Request, RequestHead, Response};
use actix_web::http::header::{self, HeaderMap, HeaderName, HeaderValue};
use actix_web::http::{Method, StatusCode, Uri};

use crate::store::commit::Position;
use crate::web::client::{Carried, Client};

/// Of this layout. Another one is not understood.
const VERSION: u8 = 1;
/// Most headers of a request or an answer.
const MOST_HEADERS: usize = 256;
/// Longest head, in bytes; the door lets in half of that.
const MOST_HEAD: usize = 64 * 1024;

const SECURE: u8 = 1;
const CROSS_SITE: u8 = 2;

/// What travels with a request.
const CARRIED: [HeaderName; 19] = [
    header::ACCEPT,
    header::ACCEPT_ENCODING,
    header::ACCEPT_LANGUAGE,
    header::CACHE_CONTROL,
    header::CONTENT_TYPE,
    header::COOKIE,
    header::DNT,
    header::HOST,
    header::IF_MODIFIED_SINCE,
    header::IF_NONE_MATCH,
    header::ORIGIN,
    header::REFERER,
    SEC_FETCH_DEST,
    SEC_FETCH_MODE,
    SEC_FETCH_SITE,
    SEC_FETCH_USER,
    SEC_GPC,
    header::UPGRADE_INSECURE_REQUESTS,
    header::USER_AGENT,
];
const SEC_FETCH_DEST: HeaderName = HeaderName::from_static("sec-fetch-dest");
const SEC_FETCH_MODE: HeaderName = HeaderName::from_static("sec-fetch-mode");
const SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");
const SEC_FETCH_USER: HeaderName = HeaderName::from_static("sec-fetch-user");
const SEC_GPC: HeaderName = HeaderName::from_static("sec-gpc");

/// What does not travel with an answer: it is of one connection, or made anew for each.
const OWN: [HeaderName; 11] = [
    header::CONNECTION,
    header::CONTENT_LENGTH,
    header::DATE,
    HeaderName::from_static("keep-alive"),
    header::PROXY_AUTHENTICATE,
    header::PROXY_AUTHORIZATION,
    HeaderName::from_static("proxy-connection"),
    header::TE,
    header::TRAILER,
    header::TRANSFER_ENCODING,
    header::UPGRADE,
];

/// Names one execution: who sends the same once more is told what came of the first.
pub type Key = [u8; 16];

/// A request as it travels, without its body.
#[derive(Debug, Clone)]
pub struct Question {
    /// What is to be done.
    pub method: Method,
    /// Path and query.
    pub target: Uri,
    /// What the client said, as far as it matters.
    pub headers: HeaderMap,
    /// What the node that was reached says.
    pub word: Carried,
    /// Which execution.
    pub key: Key,
}

impl Question {
    /// What of a request travels; `None` for one that is not for an address of the site (`OPTIONS *`).
    #[must_use]
    pub fn of(head: &RequestHead, word: Carried, key: Key) -> Option<Self> {
        let target = head.uri.path_and_query()?.as_str();
        if !target.starts_with('/') {
            return None;
        }
        let mut headers = HeaderMap::new();
        for name in &CARRIED {
            for value in head.headers.get_all(name) {
                headers.append(name.clone(), value.clone());
            }
        }
        Some(Self {
            method: head.method.clone(),
            target: target.parse().ok()?,
            headers,
            word,
            key,
        })
    }

    /// As bytes.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let Carried { client, cross_site } = self.word;
        let flags = u8::from(client.secure) * SECURE + u8::from(cross_site) * CROSS_SITE;
        let mut bytes = vec![VERSION, flags];
        bytes.extend(self.key);
        let address = match client.address {
            IpAddr::V4(address) => address.to_ipv6_mapped(),
            IpAddr::V6(address) => address,
        };
        bytes.extend(address.octets());
        put(&mut bytes, self.method.as_str().as_bytes());
        put(&mut bytes, self.target.to_string().as_bytes());
        put_headers(&mut bytes, self.headers.iter());
        bytes
    }

    /// Read back; `None` for what is no request.
    #[must_use]
    pub fn decode(bytes: &[u8]) -> Option<Self> {
        let mut bytes = Bytes::of(bytes)?;
        let flags = bytes.byte()?;
        let key = bytes.array()?;
        let address = Ipv6Addr::from(bytes.array::<16>()?);
        let method = Method::from_bytes(bytes.text()?).ok()?;
        let target = bytes.text()?;
        let target = Uri::try_from(target)
            .ok()
            .filter(|_| target.starts_with(b"/"))?;
        let mut headers = HeaderMap::new();
        for (name, value) in bytes.headers()? {
            if CARRIED.contains(&name) {
                headers.append(name, value);
            }
        }
        let client = Client {
            address: IpAddr::V6(address).to_canonical(),
            secure: flags & SECURE != 0,
        };
        Some(Self {
            method,
            target,
            headers,
            word: Carried {
                client,
                cross_site: flags & CROSS_SITE != 0,
            },
            key,
        })
    }

    /// As a request to this node's routes.
    #[must_use]
    pub fn into_request(self, body: Vec<u8>) -> Request {
        let mut request = Request::new();
        if !body.is_empty() {
            request = Request::with_payload(body.into());
        }
        let head = request.head_mut();
        head.method = self.method;
        head.uri = self.target;
        head.headers = self.headers;
        head.peer_addr = Some((self.word.client.address, 0).into());
        actix_http::HttpMessage::extensions_mut(&request).insert(self.word);
        request
    }
}

/// An answer as it travels, without its body.
#[derive(Debug, Clone)]
pub struct Reply {
    /// What came of it.
    pub status: StatusCode,
    /// All headers that are not of one connection.
    pub headers: Vec<(HeaderName, HeaderValue)>,
    /// How far the node that answered had come by then.
    pub position: Position,
}

impl Reply {
    /// What of an answer travels.
    #[must_use]
    pub fn of<B>(response: &Response<B>, position: Position) -> Self {
        let headers = response.headers().iter();
        let headers = headers.filter(|(name, _)| !OWN.contains(name));
        Self {
            status: response.status(),
            headers: headers
                .map(|(name, value)| (name.clone(), value.clone()))
                .collect(),
            position,
        }
    }

    /// As bytes.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let mut bytes = vec![VERSION];
        bytes.extend(self.status.as_u16().to_be_bytes());
        bytes.extend(self.position.epoch.to_be_bytes());
        bytes.extend(self.position.txid.to_be_bytes());
        let headers = self.headers.iter();
        put_headers(&mut bytes, headers.map(|(name, value)| (name, value)));
        bytes
    }

    /// Read back; `None` for what is no answer.
    #[must_use]
    pub fn decode(bytes: &[u8]) -> Option<Self> {
        let mut bytes = Bytes::of(bytes)?;
        let status = u16::from_be_bytes(bytes.array()?);
        let epoch = u64::from_be_bytes(bytes.array()?);
        let txid = u64::from_be_bytes(bytes.array()?);
        let mut headers = bytes.headers()?;
        headers.retain(|(name, _)| !OWN.contains(name));
        Some(Self {
            // An answer in between is none.
            status: StatusCode::from_u16(status)
                .ok()
                .filter(|status| !status.is_informational())?,
            headers,
            position: Position { epoch, txid },
        })
    }
}

/// A text behind its length. Heads are far shorter than the longest that could be told so.
fn put(bytes: &mut Vec<u8>, text: &[u8]) {
    let length = u16::try_from(text.len()).unwrap_or(u16::MAX);
    bytes.extend(length.to_be_bytes());
    bytes.extend(&text[..usize::from(length)]);
}

fn put_headers<'a>(
    bytes: &mut Vec<u8>,
    headers: impl Iterator<Item = (&'a HeaderName, &'a HeaderValue)>,
) {
    for (name, value) in headers {
        put(bytes, name.as_str().as_bytes());
        put(bytes, value.as_bytes());
    }
}

/// Bytes that are still to be read.
struct Bytes<'a>(&'a [u8]);

impl<'a> Bytes<'a> {
    /// Those behind the version.
    fn of(bytes: &'a [u8]) -> Option<Self> {
        let (version, rest) = bytes.split_first()?;
        (*version == VERSION && rest.len() <= MOST_HEAD).then_some(Self(rest))
    }

    fn array<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (first, rest) = self.0.split_first_chunk()?;
        self.0 = rest;
        Some(*first)
    }

    fn byte(&mut self) -> Option<u8> {
        self.array().map(|[byte]| byte)
    }

    fn text(&mut self) -> Option<&'a [u8]> {
        let length = u16::from_be_bytes(self.array()?);
        let (text, rest) = self.0.split_at_checked(length.into())?;
        self.0 = rest;
        Some(text)
    }

    /// All that is left, as headers.
    fn headers(&mut self) -> Option<Vec<(HeaderName, HeaderValue)>> {
        let mut headers = Vec::new();
        while !self.0.is_empty() {
            let name = HeaderName::from_bytes(self.text()?).ok()?;
            let value = HeaderValue::from_bytes(self.text()?).ok()?;
            headers.push((name, value));
            if headers.len() > MOST_HEADERS {
                return None;
            }
        }
        Some(headers)
    }
}

#[cfg(test)]
mod tests;
