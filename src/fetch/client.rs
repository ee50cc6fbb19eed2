//! One GET to addresses that the guard has checked.
//!
//! It must never follow a redirect, decompress, keep a cookie, send a
//! referrer or credentials, use a proxy from the environment or keep a
//! connection: each hop gets an agent of its own, which then goes away.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use ureq::config::Config;
use ureq::http::{Response, Uri};
use ureq::unversioned::transport::{Connector, RustlsConnector};
use ureq::{Agent, Body};
use url::Url;

use super::error::FetchError;
use super::wire::{Arrived, Dial, Pinned, Progress, Trip};

const MAX_HEADER_BYTES: usize = 32 * 1024;
/// Holds the longest header; a longer one does not fit and is an error.
const INPUT_BUFFER_BYTES: usize = 40 * 1024;
const OUTPUT_BUFFER_BYTES: usize = 8 * 1024;
const ACCEPT: &str = "text/html, application/xhtml+xml";
/// Many sites turn away agents without the historical prefix.
const USER_AGENT: &str = concat!(
    "Mozilla/5.0 (compatible; ",
    env!("CARGO_PKG_NAME"),
    "/",
    env!("CARGO_PKG_VERSION"),
    "; links)"
);

/// Asks for `url` at one of `addresses`. Blocks until the header has come or
/// the trip is over; reading the body is bound to the trip as well.
pub(super) fn get(
    url: &Url,
    addresses: Vec<SocketAddr>,
    trip: &Arc<Trip>,
) -> Result<Response<Body>, FetchError> {
    let uri = target(url)?;
    let progress = Arc::new(Progress::default());
    let connector = Dial(Arc::clone(trip), Arc::clone(&progress))
        .chain(RustlsConnector::default())
        .chain(Arrived(Arc::clone(&progress)));
    Agent::with_parts(config(trip), connector, Pinned(addresses))
        .get(uri)
        .call()
        .map_err(|_| blame(trip, &progress))
}

fn target(url: &Url) -> Result<Uri, FetchError> {
    let mut url = url.clone();
    url.set_fragment(None);
    url.as_str().parse().map_err(|_| FetchError::Url)
}

fn config(trip: &Trip) -> Config {
    Agent::config_builder()
        .proxy(None)
        .max_redirects(0)
        .max_redirects_will_error(false)
        .http_status_as_error(false)
        .max_idle_connections(0)
        .timeout_global(Some(trip.left()))
        .max_response_header_size(MAX_HEADER_BYTES)
        .input_buffer_size(INPUT_BUFFER_BYTES)
        .output_buffer_size(OUTPUT_BUFFER_BYTES)
        .user_agent(USER_AGENT)
        .accept(ACCEPT)
        .accept_encoding("identity")
        .build()
}

/// Names the failure by how far the connection came, not by the client's
/// error: what is not connected must look the same whatever the cause.
fn blame(trip: &Trip, progress: &Progress) -> FetchError {
    let connected = progress.connected.load(Ordering::Relaxed);
    let ready = progress.ready.load(Ordering::Relaxed);
    match (connected, ready) {
        (false, _) => FetchError::Unreachable,
        _ if trip.is_over() => FetchError::Timeout,
        (true, false) => FetchError::Tls,
        (true, true) => FetchError::Unreadable,
    }
}
