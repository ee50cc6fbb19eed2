//! Content codings and entity tags: what a client takes, which of it suits us best, and the bytes themselves.
//!
//! Pure functions without I/O, used by the cache and by everything that answers. Parsing allocates nothing and never
//! fails: what makes no sense in a header counts as not said (RFC 9110, 12.5.3 and 13.1.2).

use std::io::{Read, Write};

use brotli::enc::BrotliEncoderParams;
use flate2::Compression;
use flate2::read::GzDecoder;
use flate2::write::GzEncoder;

/// How the bytes of a body are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Encoding {
    /// As they are.
    Identity,
    /// gzip (RFC 1952).
    Gzip,
    /// Brotli (RFC 7932).
    Br,
    /// Zstandard (RFC 8878).
    Zstd,
}

impl Encoding {
    /// All of them.
    pub const EACH: [Self; 4] = [Self::Identity, Self::Gzip, Self::Br, Self::Zstd];

    /// Its name in `Accept-Encoding` and `Content-Encoding`.
    #[must_use]
    pub const fn token(self) -> &'static str {
        match self {
            Self::Identity => "identity",
            Self::Gzip => "gzip",
            Self::Br => "br",
            Self::Zstd => "zstd",
        }
    }

    /// What it adds to an entity tag, inside the quotes: each representation has a strong tag of its own.
    #[must_use]
    pub const fn suffix(self) -> &'static str {
        match self {
            Self::Identity => "",
            Self::Gzip => "-g",
            Self::Br => "-b",
            Self::Zstd => "-z",
        }
    }

    /// Its place in [`Encoding::EACH`].
    const fn place(self) -> usize {
        self as usize
    }

    fn named(token: &[u8]) -> Option<Self> {
        // What HTTP/1.0 called gzip is the same coding (RFC 9110, 8.4.1.3).
        if token.eq_ignore_ascii_case(b"x-gzip") {
            return Some(Self::Gzip);
        }
        let mut each = Self::EACH.into_iter();
        each.find(|encoding| token.eq_ignore_ascii_case(encoding.token().as_bytes()))
    }
}

/// What a client takes: a weight from 0 (refused) to 1000 for each coding.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Accepted([u16; Encoding::EACH.len()]);

impl Default for Accepted {
    fn default() -> Self {
        Self::IDENTITY
    }
}

/// Weight of a coding that is named without one.
const FULL: u16 = 1000;

/// Weight of identity where nothing is said about it: acceptable, and behind everything that is named.
const UNSAID: u16 = 1;

impl Accepted {
    /// The bytes as they are and nothing else: how we read a request that says nothing.
    pub const IDENTITY: Self = Self([FULL, 0, 0, 0]);

    /// Reads `Accept-Encoding`.
    #[must_use]
    pub fn parse(accept_encoding: Option<&[u8]>) -> Self {
        // What browsers and crawlers send, word for word.
        match accept_encoding {
            None => Self::IDENTITY,
            Some(b"gzip, deflate, br, zstd") => Self([UNSAID, FULL, FULL, FULL]),
            Some(b"gzip, deflate, br") => Self([UNSAID, FULL, FULL, 0]),
            Some(b"gzip, deflate" | b"gzip") => Self([UNSAID, FULL, 0, 0]),
            Some(value) => Self::parse_lines([value]),
        }
    }

    /// Reads a header that came in several lines, which count as one list.
    #[must_use]
    pub fn parse_lines<'a>(lines: impl IntoIterator<Item = &'a [u8]>) -> Self {
        let mut named = [None; Encoding::EACH.len()];
        let mut star = None;
        let elements = lines
            .into_iter()
            .flat_map(|line| line.split(|&byte| byte == b','));
        for element in elements {
            let mut parts = element.split(|&byte| byte == b';');
            let token = parts.next().unwrap_or_default().trim_ascii();
            let Some(weight) = weight(parts) else {
                continue;
            };
            if token == b"*" {
                star = Some(weight);
            } else if let Some(encoding) = Encoding::named(token) {
                named[encoding.place()] = Some(weight);
            }
        }
        if named == [None; Encoding::EACH.len()] && star.is_none() {
            return Self::IDENTITY;
        }
        Self(Encoding::EACH.map(|encoding| {
            let unsaid = match encoding {
                Encoding::Identity => UNSAID,
                _ => 0,
            };
            named[encoding.place()].or(star).unwrap_or(unsaid)
        }))
    }

    /// The weight of a coding, 0 to 1000.
    #[must_use]
    pub const fn q(self, encoding: Encoding) -> u16 {
        self.0[encoding.place()]
    }

    /// Whether a coding may be sent.
    #[must_use]
    pub const fn takes(self, encoding: Encoding) -> bool {
        self.q(encoding) > 0
    }

    /// The coding to send: the one with the highest weight, among equals the first in `order`. Identity stands behind
    /// `order` when it is not in it, and is sent when nothing at all is acceptable, which the standard allows.
    #[must_use]
    pub fn best(self, order: &[Encoding]) -> Encoding {
        let mut best = (0, Encoding::Identity);
        for &encoding in order.iter().chain(&[Encoding::Identity]) {
            if self.q(encoding) > best.0 {
                best = (self.q(encoding), encoding);
            }
        }
        best.1
    }
}

/// The weight among the parameters of one element; `None` when it is not a weight.
fn weight<'a>(mut parameters: impl Iterator<Item = &'a [u8]>) -> Option<u16> {
    let q = parameters.find_map(|parameter| match parameter.trim_ascii() {
        [b'q' | b'Q', rest @ ..] => rest.trim_ascii_start().strip_prefix(b"="),
        _ => None,
    });
    match q {
        None => Some(FULL),
        Some(text) => thousandths(text.trim_ascii()),
    }
}

/// `0.25` is 250. Digits beyond the third are cut off.
fn thousandths(text: &[u8]) -> Option<u16> {
    let (whole, rest) = text.split_first()?;
    let digits = match rest {
        [] => rest,
        [b'.', digits @ ..] => digits,
        _ => return None,
    };
    if !digits.iter().all(u8::is_ascii_digit) {
        return None;
    }
    let part = (0..3).fold(0, |sum, place| {
        sum * 10 + u16::from(digits.get(place).map_or(0, |digit| digit - b'0'))
    });
    match (whole, part) {
        (b'0', part) => Some(part),
        (b'1', 0) => Some(FULL),
        _ => None,
    }
}

/// How much work goes into making a body small.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effort {
    /// While somebody waits: about a millisecond for a long page.
    Fast,
    /// In the background, for what is sent often: up to about 50 ms for a long page.
    Good,
}

/// Encodes a body.
#[must_use]
pub fn encode(encoding: Encoding, effort: Effort, body: &[u8]) -> Vec<u8> {
    match (encoding, effort) {
        (Encoding::Identity, _) => body.to_vec(),
        (Encoding::Gzip, Effort::Fast) => gzip(4, body),
        (Encoding::Gzip, Effort::Good) => gzip(9, body),
        (Encoding::Br, Effort::Fast) => br(4, body),
        (Encoding::Br, Effort::Good) => br(10, body),
        (Encoding::Zstd, Effort::Fast) => zstd(3, body),
        (Encoding::Zstd, Effort::Good) => zstd(15, body),
    }
}

fn gzip(level: u32, body: &[u8]) -> Vec<u8> {
    let buffer = Vec::with_capacity(body.len() / 3);
    let mut encoder = GzEncoder::new(buffer, Compression::new(level));
    let written = encoder.write_all(body);
    written
        .and_then(|()| encoder.finish())
        .expect("writing to a Vec cannot fail")
}

fn br(quality: i32, body: &[u8]) -> Vec<u8> {
    // The smallest window that holds the whole body: a larger one only costs memory on both sides.
    let bits = (body.len() + 16).max(1 << 10).next_power_of_two().ilog2();
    let params = BrotliEncoderParams {
        quality,
        lgwin: i32::try_from(bits).unwrap_or(22).min(22),
        size_hint: body.len(),
        ..BrotliEncoderParams::default()
    };
    let mut encoded = Vec::with_capacity(body.len() / 3);
    let mut rest = body;
    brotli::BrotliCompress(&mut rest, &mut encoded, &params)
        .expect("reading a slice and writing to a Vec cannot fail");
    encoded
}

fn zstd(level: i32, body: &[u8]) -> Vec<u8> {
    zstd::bulk::compress(body, level).expect("the buffer has room for the longest output")
}

/// Decodes one of our own bodies; `None` when it is broken or would be longer than `most` bytes.
#[must_use]
pub fn decode(encoding: Encoding, body: &[u8], most: usize) -> Option<Vec<u8>> {
    match encoding {
        Encoding::Identity => (body.len() <= most).then(|| body.to_vec()),
        Encoding::Gzip => read(GzDecoder::new(body), most),
        Encoding::Br => read(brotli::Decompressor::new(body, 4096), most),
        Encoding::Zstd => read(zstd::stream::read::Decoder::new(body).ok()?, most),
    }
}

fn read(reader: impl Read, most: usize) -> Option<Vec<u8>> {
    let limit = u64::try_from(most).ok()?.checked_add(1)?;
    let mut decoded = Vec::new();
    reader.take(limit).read_to_end(&mut decoded).ok()?;
    (decoded.len() <= most).then_some(decoded)
}

/// Whether `If-None-Match` names this entity tag: a list or `*`, by weak comparison.
#[must_use]
pub fn names_etag(if_none_match: &[u8], etag: &str) -> bool {
    let etag = etag.strip_prefix("W/").unwrap_or(etag).as_bytes();
    let mut rest = if_none_match.trim_ascii();
    if rest == b"*" {
        return true;
    }
    while !rest.is_empty() {
        let tag = rest.strip_prefix(b"W/").unwrap_or(rest);
        let end = match tag {
            // A comma inside the quotes belongs to the tag.
            [b'"', inside @ ..] => inside
                .iter()
                .position(|&byte| byte == b'"')
                .map(|at| at + 2),
            _ => None,
        };
        if end.is_some_and(|end| &tag[..end] == etag) {
            return true;
        }
        let after = &tag[end.unwrap_or(0)..];
        let comma = after.iter().position(|&byte| byte == b',');
        rest = comma.map_or(&[][..], |at| after[at + 1..].trim_ascii_start());
    }
    false
}

#[cfg(test)]
mod tests;
