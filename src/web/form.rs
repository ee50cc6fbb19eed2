//! Forms: `application/x-www-form-urlencoded` bodies, read with a bound, decoded strictly.
//!
//! A body with a Content-Encoding was refused before it came here; malformed UTF-8 is refused instead of mangled.

use std::pin::Pin;

use actix_web::dev::Payload;
use actix_web::http::header::HeaderMap;
use actix_web::{FromRequest, HttpMessage, HttpRequest};
use url::form_urlencoded;

use crate::error::{Error, Result};
use crate::web::door::Visit;

/// Largest body that any form takes, in bytes.
pub const MOST_BODY: usize = 256 * 1024;
/// Most fields of a form.
const MOST_FIELDS: usize = 500;

/// A posted form. What is wrong with it is told when its fields are asked for, so that a handler can answer properly.
#[derive(Debug)]
pub struct Form(Result<Fields>);

/// Fields of a form, in order.
#[derive(Debug, Clone, Default)]
pub struct Fields(Vec<(String, String)>);

impl Form {
    /// The fields.
    ///
    /// # Errors
    /// [`Error::TooLarge`], or [`Error::BadRequest`] for what is no form.
    pub fn fields(self) -> Result<Fields> {
        self.0
    }
}

impl Fields {
    /// The first value of a field; empty when it is missing.
    #[must_use]
    pub fn get(&self, name: &str) -> &str {
        let found = self.0.iter().find(|(key, _)| key == name);
        found.map_or("", |(_, value)| value)
    }

    /// All values of a field (checkboxes).
    pub fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.0
            .iter()
            .filter(move |(key, _)| key == name)
            .map(|(_, value)| value.as_str())
    }

    /// Whether the field was sent at all (checkboxes, submit buttons).
    #[must_use]
    pub fn has(&self, name: &str) -> bool {
        self.0.iter().any(|(key, _)| key == name)
    }

    /// A text with line ends as `\n` (browsers send CR LF), NUL removed.
    #[must_use]
    pub fn text(&self, name: &str) -> String {
        self.get(name)
            .replace("\r\n", "\n")
            .replace(['\r', '\0'], "")
    }

    /// Every field with its value, in order.
    pub fn each(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()))
    }

    pub(super) fn parse(body: &[u8]) -> Result<Self> {
        let mut fields = Vec::new();
        for pair in body
            .split(|&byte| byte == b'&')
            .filter(|pair| !pair.is_empty())
        {
            if fields.len() == MOST_FIELDS {
                return Err(Error::BadRequest("This form has too many fields."));
            }
            let cut = pair
                .iter()
                .position(|&byte| byte == b'=')
                .unwrap_or(pair.len());
            let value = pair.get(cut + 1..).unwrap_or_default();
            fields.push((decode(&pair[..cut])?, decode(value)?));
        }
        Ok(Self(fields))
    }
}

impl FromIterator<(String, String)> for Fields {
    fn from_iter<I: IntoIterator<Item = (String, String)>>(pairs: I) -> Self {
        Self(pairs.into_iter().collect())
    }
}

/// Decodes `+` and `%xx`; unlike the lenient standard way, malformed UTF-8 is an error.
fn decode(bytes: &[u8]) -> Result<String> {
    let decoded: Vec<u8> = percent_decode(bytes);
    String::from_utf8(decoded).map_err(|_| Error::BadRequest("This form is not valid UTF-8."))
}

fn percent_decode(bytes: &[u8]) -> Vec<u8> {
    let hex = |byte: Option<&u8>| byte.and_then(|&b| char::from(b).to_digit(16));
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        let (byte, step) = match bytes[at] {
            b'+' => (b' ', 1),
            b'%' => match (hex(bytes.get(at + 1)), hex(bytes.get(at + 2))) {
                (Some(high), Some(low)) => (u8::try_from(high * 16 + low).unwrap_or(b'%'), 3),
                _ => (b'%', 1),
            },
            byte => (byte, 1),
        };
        out.push(byte);
        at += step;
    }
    out
}

/// Query parameters, decoded leniently as browsers do.
#[must_use]
pub fn query(text: &str) -> Fields {
    form_urlencoded::parse(text.as_bytes())
        .take(MOST_FIELDS)
        .map(|(key, value)| (key.into_owned(), value.into_owned()))
        .collect()
}

impl FromRequest for Form {
    type Error = std::convert::Infallible;
    type Future = Pin<Box<dyn Future<Output = std::result::Result<Self, Self::Error>>>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let checked = check_head(request);
        let payload = payload.take();
        let visit = request.conn_data::<Visit>().cloned();
        Box::pin(async move {
            let form = match checked {
                Ok(()) => (read(payload, visit).await).and_then(|body| Fields::parse(&body)),
                Err(error) => Err(error),
            };
            Ok(Self(form))
        })
    }
}

/// A posted body of JSON, with the bounds of a form.
#[derive(Debug)]
pub struct Body(Result<Vec<u8>>);

impl Body {
    /// The bytes.
    ///
    /// # Errors
    /// [`Error::TooLarge`], or [`Error::BadRequest`] for what says that it is something else.
    pub fn json(self) -> Result<Vec<u8>> {
        self.0
    }
}

impl FromRequest for Body {
    type Error = std::convert::Infallible;
    type Future = Pin<Box<dyn Future<Output = std::result::Result<Self, Self::Error>>>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let kind = request.content_type();
        let checked = if kind.eq_ignore_ascii_case("application/json") {
            check_length(request.headers())
        } else {
            Err(Error::BadRequest("This is not JSON (application/json)."))
        };
        let payload = payload.take();
        let visit = request.conn_data::<Visit>().cloned();
        Box::pin(async move {
            Ok(Self(match checked {
                Ok(()) => read(payload, visit).await,
                Err(error) => Err(error),
            }))
        })
    }
}

fn check_head(request: &HttpRequest) -> Result<()> {
    let headers = request.headers();
    let kind = request.content_type();
    if !kind.is_empty() && !kind.eq_ignore_ascii_case("application/x-www-form-urlencoded") {
        return Err(Error::BadRequest(
            "This is not a form (application/x-www-form-urlencoded).",
        ));
    }
    check_length(headers)
}

/// Refuses what says itself that it is too long.
pub(super) fn check_length(headers: &HeaderMap) -> Result<()> {
    let length = headers
        .get("content-length")
        .and_then(|value| value.to_str().ok()?.parse::<usize>().ok());
    if length.is_some_and(|length| length > MOST_BODY) {
        return Err(Error::TooLarge(MOST_BODY));
    }
    Ok(())
}

/// The body, when all of it comes in time.
pub(super) async fn read(payload: Payload, visit: Option<Visit>) -> Result<Vec<u8>> {
    let Some(visit) = visit else {
        return collect(payload).await;
    };
    let reading = visit.clone().read_body();
    let body = actix_web::rt::time::timeout(visit.patience().body, collect(payload)).await;
    drop(reading);
    body.unwrap_or_else(|_| {
        visit.body_was_late();
        Err(Error::BadRequest("The form took too long to arrive."))
    })
}

async fn collect(mut payload: Payload) -> Result<Vec<u8>> {
    use actix_web::web::Bytes;
    let mut body = Vec::new();
    loop {
        let chunk: Option<std::result::Result<Bytes, _>> =
            std::future::poll_fn(|cx| futures_core::Stream::poll_next(Pin::new(&mut payload), cx))
                .await;
        match chunk {
            None => return Ok(body),
            Some(Err(_)) => return Err(Error::BadRequest("The form broke off on its way here.")),
            Some(Ok(bytes)) if body.len() + bytes.len() > MOST_BODY => {
                return Err(Error::TooLarge(MOST_BODY));
            }
            Some(Ok(bytes)) => body.extend_from_slice(&bytes),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_decoded_and_repeated_ones_kept() {
        let fields = Fields::parse(b"a=1+2&tags=x&tags=%C3%A9&empty=&flag&&bad=%zz").unwrap();
        assert_eq!(fields.get("a"), "1 2");
        assert_eq!(fields.all("tags").collect::<Vec<_>>(), ["x", "é"]);
        assert!(fields.has("flag") && fields.has("empty") && !fields.has("other"));
        assert_eq!(fields.get("bad"), "%zz");
    }

    #[test]
    fn malformed_utf8_and_field_floods_are_refused() {
        assert!(Fields::parse(b"a=%ff").is_err());
        assert!(Fields::parse("a=1&".repeat(501).as_bytes()).is_err());
    }

    #[test]
    fn texts_have_plain_line_ends_and_no_nul() {
        let fields = Fields::parse(b"t=a%0D%0Ab%0Dc%00").unwrap();
        assert_eq!(fields.text("t"), "a\nbc");
    }
}
