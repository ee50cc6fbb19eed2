//! The guarded outgoing HTTP client: fetches the title of a page that a
//! member is about to submit, and asks whether a link still answers.
//!
//! A stranger chooses the URL, so the whole module is about what it must
//! never do: never connect to an address that is not public, never look a
//! name up twice, never run longer than its deadline or read more than its
//! allowance, never carry a cookie, a credential or a referrer, and never
//! tell by its answer what a private network looks like. Redirects are
//! followed here, each as if it were a new request. It blocks: call it on a
//! worker thread. It knows neither configuration nor store, and no setting
//! weakens it.

mod address;
mod client;
mod error;
mod guard;
mod scan;
#[cfg(test)]
mod tests;
mod title;
mod wire;

use std::io::Read;
use std::sync::Arc;
use std::time::{Duration, Instant};

use ureq::Body;
use ureq::http::header::{CONTENT_ENCODING, CONTENT_TYPE, HeaderName, LOCATION};
use ureq::http::{Response, StatusCode};
use url::Url;

pub use self::error::FetchError;
pub use self::guard::{Guard, Resolve};
pub use self::title::{MAX_TITLE_CHARS, PageTitle};

use self::title::Page;
use self::wire::Trip;

const DEADLINE: Duration = Duration::from_secs(3);
const MAX_REDIRECTS: usize = 5;
/// Of the page's body.
const MAX_BODY_BYTES: usize = 512 * 1024;
/// Of everything that arrives: bodies, headers of all hops, TLS.
const MAX_WIRE_BYTES: usize = 768 * 1024;
const PIECE_BYTES: usize = 8 * 1024;

/// Fetches titles; cheap to clone, and keeps nothing from one to the next.
#[derive(Clone)]
pub struct Fetcher {
    guard: Guard,
    deadline: Duration,
}

impl Fetcher {
    /// The fetcher of production: public addresses on ports 80 and 443 only,
    /// three seconds for everything.
    #[must_use]
    pub fn new() -> Self {
        Self::with(Guard::public())
    }

    /// A fetcher with other rules, for tests; see [`Guard::with`].
    #[must_use]
    pub fn with(guard: Guard) -> Self {
        Self {
            guard,
            deadline: DEADLINE,
        }
    }

    /// The same with another deadline, for tests that wait for it.
    #[must_use]
    pub fn within(self, deadline: Duration) -> Self {
        Self { deadline, ..self }
    }

    /// The title of the page at `url`. Blocks, at most for the deadline.
    ///
    /// # Errors
    /// Whatever keeps the title from being read, with the sentence to show.
    pub fn title(&self, url: &str) -> Result<PageTitle, FetchError> {
        let (response, url, trip) = self.arrive(url)?;
        read_title(response, &url, &trip)
    }
}

impl Fetcher {
    /// Whether anything is at `url`: what it answers is not read. Blocks, at
    /// most for the deadline.
    ///
    /// # Errors
    /// Whatever keeps it from answering with a success.
    pub fn answers(&self, url: &str) -> Result<(), FetchError> {
        let (response, _, _) = self.arrive(url)?;
        if response.status().is_success() {
            return Ok(());
        }
        Err(FetchError::Status(response.status().as_u16()))
    }

    /// The answer at the end of all redirects, unread.
    fn arrive(&self, url: &str) -> Result<(Response<Body>, Url, Arc<Trip>), FetchError> {
        let trip = Arc::new(Trip::new(Instant::now() + self.deadline, MAX_WIRE_BYTES));
        let mut url = Url::parse(url).map_err(|_| FetchError::Url)?;
        for _ in 0..=MAX_REDIRECTS {
            let addresses = self.guard.check(&url, trip.deadline)?;
            let response = client::get(&url, addresses, &trip)?;
            match next_hop(&response, &url)? {
                Some(next) => url = next,
                None => return Ok((response, url, trip)),
            }
        }
        Err(FetchError::TooManyRedirects)
    }
}

impl Default for Fetcher {
    fn default() -> Self {
        Self::new()
    }
}

/// Where the response points, if it is a redirect; not checked yet.
fn next_hop(response: &Response<Body>, url: &Url) -> Result<Option<Url>, FetchError> {
    if !matches!(response.status().as_u16(), 301 | 302 | 303 | 307 | 308) {
        return Ok(None);
    }
    let location =
        str::from_utf8(header(response, &LOCATION)).map_err(|_| FetchError::Unreadable)?;
    if location.is_empty() {
        return Err(FetchError::Unreadable);
    }
    url.join(location).map(Some).map_err(|_| FetchError::Url)
}

fn read_title(response: Response<Body>, url: &Url, trip: &Trip) -> Result<PageTitle, FetchError> {
    check_head(&response)?;
    let mut page = Page::new(header(&response, &CONTENT_TYPE));
    let end = read_body(response.into_body(), &mut page, trip);
    // A page that stalls or breaks after its title still has one.
    page.finish(url).ok_or(end)
}

fn check_head(response: &Response<Body>) -> Result<(), FetchError> {
    if response.status() != StatusCode::OK {
        return Err(FetchError::Status(response.status().as_u16()));
    }
    let content_type = header(response, &CONTENT_TYPE);
    let mime = content_type
        .split(|byte| *byte == b';')
        .next()
        .unwrap_or_default()
        .trim_ascii();
    let is_html = [&b"text/html"[..], b"application/xhtml+xml"]
        .iter()
        .any(|html| mime.eq_ignore_ascii_case(html));
    if !is_html {
        return Err(FetchError::NotHtml);
    }
    let encodings = response.headers().get_all(CONTENT_ENCODING);
    let is_plain = encodings
        .iter()
        .all(|it| it.as_bytes().eq_ignore_ascii_case(b"identity"));
    is_plain.then_some(()).ok_or(FetchError::Unreadable)
}

/// Feeds the page until it needs no more, and returns what to say should it
/// turn out to have no title.
fn read_body(body: Body, page: &mut Page, trip: &Trip) -> FetchError {
    let mut reader = body.into_reader().take(MAX_BODY_BYTES as u64);
    let mut piece = [0; PIECE_BYTES];
    while !page.is_done() {
        match reader.read(&mut piece) {
            Ok(0) if reader.limit() == 0 => return FetchError::TooLarge,
            Ok(0) => break,
            Ok(got) => page.feed(&piece[..got]),
            Err(_) if trip.is_over() => return FetchError::Timeout,
            Err(_) => return FetchError::Unreadable,
        }
    }
    FetchError::NoTitle
}

fn header<'a>(response: &'a Response<Body>, name: &HeaderName) -> &'a [u8] {
    response
        .headers()
        .get(name)
        .map_or(&[], |value| value.as_bytes())
}
