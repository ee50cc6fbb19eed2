//! A story's URL: only http and https, cleaned of what follows the reader instead of the page.
//!
//! [`Link::as_str`] is what is opened, [`Link::key`] is what two submissions of one page have in common,
//! [`Link::domain`] is what stands beside the title. A value that parsed once stays as it was: new rules apply to new
//! links. This module must never open a connection, and it does not know which addresses are internal; that is the
//! fetcher's to check, after resolving.

/// What is cut from a URL.
mod clean;

/// What two URLs of one page have in common.
mod key;

use std::fmt;

use url::{Host, ParseError, Url};

use super::text;

/// The longest URL that is taken, in bytes.
pub const MAX_BYTES: usize = 2_000;

/// An http or https URL without credentials and tracking parameters.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Link(String);

/// Why a URL was refused; its `Display` is a sentence for the person who typed it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LinkError {
    /// Nothing but white space.
    Empty,
    /// More than [`MAX_BYTES`].
    TooLong,
    /// Not a URL at all.
    Invalid,
    /// Neither http nor https.
    Scheme,
    /// The host is missing, or cannot be a public name.
    Host,
    /// A user name or password stands before the host.
    Credentials,
}

impl fmt::Display for LinkError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => f.write_str("Please give a URL."),
            Self::TooLong => write!(f, "This URL is longer than {MAX_BYTES} characters."),
            Self::Invalid => f.write_str("This is not a valid URL."),
            Self::Scheme => {
                f.write_str("Only links that begin with http:// or https:// can be shared.")
            }
            Self::Host => f.write_str("This URL has no valid host name."),
            Self::Credentials => {
                f.write_str("This URL holds a user name or password; please remove it.")
            }
        }
    }
}

impl std::error::Error for LinkError {}

impl Link {
    /// Reads what a person typed or pasted: `example.com/x` gets its `https://`, tracking parameters and text fragments
    /// go, the host becomes lower-case ASCII.
    ///
    /// # Errors
    ///
    /// [`LinkError`] says what is wrong with it.
    pub fn parse(input: &str) -> Result<Self, LinkError> {
        let input = input.trim_matches(|c: char| c.is_whitespace() || c.is_control());
        if input.is_empty() {
            return Err(LinkError::Empty);
        }
        if input.len() > MAX_BYTES {
            return Err(LinkError::TooLong);
        }
        if input.contains(char::is_control) {
            return Err(LinkError::Invalid);
        }
        let mut url = read(input)?;
        check(&mut url)?;
        clean::strip(&mut url);
        let link = text::tidy(&url);
        if link.len() > MAX_BYTES {
            Err(LinkError::TooLong)
        } else {
            Ok(Self(link))
        }
    }

    /// Takes back a URL that [`Link::parse`] made and the store kept. Never for anything else: nothing is checked.
    #[must_use]
    pub const fn from_stored(url: String) -> Self {
        Self(url)
    }

    /// The URL.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// What this URL has in common with all others of the same page: for finding duplicates, never for opening.
    #[must_use]
    pub fn key(&self) -> String {
        key::of(&self.0)
    }

    /// The host without `www.` and port, to be shown beside a title and grouped by.
    #[must_use]
    pub fn domain(&self) -> String {
        let host = self.host();
        host.strip_prefix("www.")
            .filter(|rest| rest.contains('.'))
            .unwrap_or(host)
            .to_owned()
    }

    /// Whether the URL looks like a PDF, as a hint for a tag.
    #[must_use]
    pub fn is_pdf(&self) -> bool {
        let path = self.path();
        let ending = path.get(path.len().saturating_sub(4)..).unwrap_or_default();
        ending.eq_ignore_ascii_case(".pdf")
            || (self.domain() == "arxiv.org" && path.starts_with("/pdf/"))
    }

    /// Whether the URL looks like a video, as a hint for a tag.
    #[must_use]
    pub fn is_video(&self) -> bool {
        let path = self.path().to_ascii_lowercase();
        let domain = self.domain();
        VIDEO_FILES.iter().any(|end| path.ends_with(end))
            || VIDEO_HOSTS.iter().any(|(host, start)| {
                is_host(&domain, host) && path.starts_with(start) && path.len() > 1
            })
    }

    fn host(&self) -> &str {
        let rest = self.0.split_once("://").map_or("", |(_, rest)| rest);
        let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
        match authority.rsplit_once(':') {
            Some((host, port)) if port.bytes().all(|b| b.is_ascii_digit()) => host,
            _ => authority,
        }
    }

    fn path(&self) -> &str {
        let rest = self.0.split_once("://").map_or("", |(_, rest)| rest);
        let path = rest.find('/').map_or("", |i| &rest[i..]);
        path.split(['?', '#']).next().unwrap_or_default()
    }
}

impl fmt::Display for Link {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl AsRef<str> for Link {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

/// Hosts whose pages are videos, and how the paths of those pages begin.
const VIDEO_HOSTS: [(&str, &str); 14] = [
    ("youtube.com", "/watch"),
    ("youtube.com", "/shorts/"),
    ("youtube.com", "/live/"),
    ("youtube.com", "/playlist"),
    ("youtube.com", "/embed/"),
    ("youtu.be", "/"),
    ("vimeo.com", "/"),
    ("dailymotion.com", "/video/"),
    ("twitch.tv", "/videos/"),
    ("media.ccc.de", "/v/"),
    ("ted.com", "/talks/"),
    ("infoq.com", "/presentations/"),
    ("v.redd.it", "/"),
    ("odysee.com", "/@"),
];

const VIDEO_FILES: [&str; 5] = [".mp4", ".webm", ".mkv", ".mov", ".ogv"];

/// Whether a host is this one or below it.
fn is_host(host: &str, known: &str) -> bool {
    host.strip_suffix(known)
        .is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
}

/// Parses, with `https://` where no scheme was typed.
fn read(input: &str) -> Result<Url, LinkError> {
    let completed = if input.starts_with("//") {
        format!("https:{input}")
    } else if has_scheme(input) {
        input.to_owned()
    } else {
        format!("https://{input}")
    };
    Url::parse(&completed).map_err(|e| match e {
        ParseError::EmptyHost
        | ParseError::IdnaError
        | ParseError::InvalidIpv4Address
        | ParseError::InvalidIpv6Address
        | ParseError::InvalidDomainCharacter => LinkError::Host,
        _ => LinkError::Invalid,
    })
}

/// Whether the text begins with a scheme rather than with `host:port`.
fn has_scheme(input: &str) -> bool {
    let Some(end) = input.find([':', '/', '?', '#']) else {
        return false;
    };
    let (name, rest) = input.split_at(end);
    let is_name = name.starts_with(|c: char| c.is_ascii_alphabetic())
        && name
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b"+-.".contains(&b));
    let port = rest[1..].bytes().take_while(u8::is_ascii_digit).count();
    let is_port = port > 0
        && matches!(
            rest.as_bytes().get(1 + port),
            None | Some(b'/' | b'?' | b'#')
        );
    rest.starts_with(':') && is_name && !(is_port && (name.contains('.') || name == "localhost"))
}

fn check(url: &mut Url) -> Result<(), LinkError> {
    if !matches!(url.scheme(), "http" | "https") {
        return Err(LinkError::Scheme);
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(LinkError::Credentials);
    }
    let Some(Host::Domain(name)) = url.host() else {
        return Ok(());
    };
    let name = name.strip_suffix('.').unwrap_or(name).to_owned();
    if !is_public_name(&name) {
        return Err(LinkError::Host);
    }
    url.set_host(Some(&name)).map_err(|_| LinkError::Host)
}

/// Whether a name could be in the public DNS (RFC 1035 lengths; a dot; no empty label; no numeric or reserved top level).
fn is_public_name(name: &str) -> bool {
    let labels = name
        .split('.')
        .all(|label| !label.is_empty() && label.len() <= 63);
    let top = name.rsplit_once('.').map_or("", |(_, top)| top);
    let reserved = ["localhost", "local", "internal", "onion", "invalid"].contains(&top);
    labels
        && name.len() <= 253
        && top.len() > 1
        && !top.bytes().all(|b| b.is_ascii_digit())
        && !reserved
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check_parse(input: &str, expected: &str) {
        assert_eq!(
            Link::parse(input).as_ref().map(Link::as_str),
            Ok(expected),
            "{input:?}"
        );
    }

    #[test]
    fn what_people_paste_becomes_a_link() {
        for (input, expected) in [
            ("https://example.com", "https://example.com/"),
            ("  example.com/x \n", "https://example.com/x"),
            ("//example.com/x", "https://example.com/x"),
            ("example.com:8080/x", "https://example.com:8080/x"),
            ("HTTP://EXAMPLE.com:80/A", "http://example.com/A"),
            (
                "https://bücher.example/ü?q=ü",
                "https://xn--bcher-kva.example/%C3%BC?q=%C3%BC",
            ),
            ("https://example.com./x", "https://example.com/x"),
            ("https:\\\\example.com\\x", "https://example.com/x"),
            (
                "https://example.com/a b\"<>|",
                "https://example.com/a%20b%22%3C%3E%7C",
            ),
            ("http://93.184.216.34/x", "http://93.184.216.34/x"),
            ("http://[2001:db8::1]:81/", "http://[2001:db8::1]:81/"),
            ("https://e.com/%zz#a#b", "https://e.com/%25zz#a%23b"),
            (
                "https://e.com/?url=https://f.com/?a",
                "https://e.com/?url=https://f.com/?a",
            ),
        ] {
            check_parse(input, expected);
            check_parse(expected, expected);
        }
    }

    #[test]
    fn what_is_no_web_page_is_refused() {
        for (input, expected) in [
            ("", LinkError::Empty),
            (" \u{0}\n", LinkError::Empty),
            ("javascript:alert(1)", LinkError::Scheme),
            ("JavaScript://e.com/%0aalert(1)", LinkError::Scheme),
            ("java\nscript:alert(1)", LinkError::Invalid),
            ("data:text/html,<b>", LinkError::Scheme),
            ("ftp://e.com/", LinkError::Scheme),
            ("mailto:a@e.com", LinkError::Scheme),
            ("file:///etc/passwd", LinkError::Scheme),
            ("tel:123", LinkError::Scheme),
            ("https://a:b@e.com/", LinkError::Credentials),
            ("https://google.com@e.com/", LinkError::Credentials),
            ("localhost:3000", LinkError::Host),
            ("hello", LinkError::Host),
            ("hello world", LinkError::Host),
            ("https://", LinkError::Host),
            ("https://a..b.com/", LinkError::Host),
            ("https://printer.local/", LinkError::Host),
            ("https://e.com:99999/", LinkError::Invalid),
            ("https://1.2.3.4.5/", LinkError::Host),
        ] {
            assert_eq!(Link::parse(input), Err(expected), "{input:?}");
            assert!(expected.to_string().ends_with('.'));
        }
        let long = format!("e.com/{}", "a".repeat(MAX_BYTES));
        assert_eq!(Link::parse(&long), Err(LinkError::TooLong));
        let grows = format!("e.com/{}", "é".repeat(MAX_BYTES / 4));
        assert_eq!(Link::parse(&grows), Err(LinkError::TooLong));
        assert_eq!(
            Link::parse(&format!("https://{}.com/", "a".repeat(64))),
            Err(LinkError::Host)
        );
    }

    #[test]
    fn the_domain_is_the_host_without_www() {
        for (input, expected) in [
            ("https://www.example.com:8080/x?y", "example.com"),
            ("https://www.com/", "www.com"),
            ("https://github.com/a/b", "github.com"),
            ("https://a.b.example.co.uk?q", "a.b.example.co.uk"),
            ("http://[::1]:80/", "[::1]"),
        ] {
            assert_eq!(
                Link::parse(input).map(|link| link.domain()),
                Ok(expected.to_owned())
            );
        }
        assert_eq!(Link::from_stored(String::new()).domain(), "");
    }

    #[test]
    fn pdfs_and_videos_are_noticed() {
        for (input, pdf, video) in [
            ("https://e.com/a.PDF?x#p", true, false),
            ("https://arxiv.org/pdf/1234.5678", true, false),
            ("https://arxiv.org/abs/1234.5678", false, false),
            ("https://m.youtube.com/watch?v=a", false, true),
            ("https://youtu.be/a", false, true),
            ("https://youtube.com/@channel", false, false),
            ("https://vimeo.com/", false, false),
            ("https://e.com/a.webm", false, true),
            ("https://notyoutube.com/watch?v=a", false, false),
        ] {
            let link = Link::parse(input).expect(input);
            assert_eq!((link.is_pdf(), link.is_video()), (pdf, video), "{input}");
        }
    }
}
