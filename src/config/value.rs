//! How values of the configuration are written and read, whatever key they are for.

use std::net::SocketAddr;
use std::time::Duration;

use url::Url;

use crate::config::{LEAST_WORKERS, Net, Replicate};

pub(super) fn listen(text: &str) -> Result<SocketAddr, String> {
    text.parse().map_err(|_| {
        format!("{text:?} is not an address with a port, such as 127.0.0.1:8080 or [::]:8080")
    })
}

pub(super) fn base_url(text: &str) -> Result<Url, String> {
    let bad = |why: &str| format!("{text:?} {why}; write it as https://news.example.org");
    let url = Url::parse(text).map_err(|_| bad("is not a URL"))?;
    if !matches!(url.scheme(), "http" | "https") {
        return Err(bad("is neither http nor https"));
    }
    let has_more = url.query().is_some() || url.fragment().is_some() || !url.username().is_empty();
    if url.path() != "/" || has_more || url.host_str().is_none() {
        return Err(bad(
            "is more than scheme and host (the site needs a host name of its own)",
        ));
    }
    Ok(url)
}

pub(super) fn networks(text: &str) -> Result<Vec<Net>, String> {
    let parts = text
        .split(',')
        .map(str::trim)
        .filter(|part| !part.is_empty());
    parts.map(str::parse).collect()
}

/// A number of things, at least one.
pub(super) fn count(text: &str) -> Result<usize, String> {
    let count = text.parse().ok().filter(|&count| count > 0);
    count.ok_or_else(|| format!("{text:?} is not a number above zero"))
}

pub(super) fn switch(text: &str) -> Result<bool, String> {
    match text.to_ascii_lowercase().as_str() {
        "1" | "true" | "yes" | "on" => Ok(true),
        "0" | "false" | "no" | "off" => Ok(false),
        _ => Err(format!("{text:?} is neither on nor off")),
    }
}

pub(super) fn replicate(text: &str) -> Result<Replicate, String> {
    let both = [Replicate::Wait, Replicate::Async];
    let found = both.into_iter().find(|one| one.word() == text);
    found.ok_or_else(|| format!("{text:?} is neither wait nor async"))
}

pub(super) fn on_off(is_on: bool) -> String {
    if is_on { "on" } else { "off" }.into()
}

/// `30s`, `5m`, `1h`, `500ms`; a bare number is seconds.
pub(super) fn duration(text: &str) -> Result<Duration, String> {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let (number, unit) = text.split_at(digits);
    let bad = || format!("{text:?} is not a time such as 30s, 5m or 1h");
    let number: u32 = number.parse().map_err(|_| bad())?;
    let milliseconds = match unit.trim() {
        "ms" => 1,
        "s" | "" => 1000,
        "m" | "min" => 60_000,
        "h" => 3_600_000,
        _ => return Err(bad()),
    };
    Ok(Duration::from_millis(u64::from(number) * milliseconds))
}

/// `64MiB`, `512KiB`, `1GiB`, `65536`: binary units, or bytes.
pub(super) fn size(text: &str) -> Result<u64, String> {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let (number, unit) = text.split_at(digits);
    let bad = || format!("{text:?} is not a size such as 64MiB, 512KiB or 0");
    let number: u64 = number.parse().map_err(|_| bad())?;
    let bytes = match unit.trim() {
        "" | "B" => 1,
        "KiB" | "K" => 1 << 10,
        "MiB" | "M" => 1 << 20,
        "GiB" | "G" => 1 << 30,
        _ => return Err(bad()),
    };
    match number.checked_mul(bytes) {
        Some(1..LEAST_CACHE) => Err(format!(
            "{text:?} is too little to keep a page; 1MiB is the least, 0 keeps none"
        )),
        Some(bytes) => Ok(bytes),
        None => Err(bad()),
    }
}

/// Least size of a cache that keeps anything, in bytes.
const LEAST_CACHE: u64 = 1 << 20;

/// A size in the largest unit that shows it whole.
pub(super) fn sized(bytes: u64) -> String {
    let units = [(1 << 30, "GiB"), (1 << 20, "MiB"), (1 << 10, "KiB")];
    let fits = |(unit, _): &&(u64, &str)| bytes > 0 && bytes.is_multiple_of(*unit);
    match units.iter().find(fits) {
        Some((unit, word)) => format!("{}{word}", bytes / unit),
        None => bytes.to_string(),
    }
}

/// A number of threads.
pub(super) fn workers(text: &str) -> Result<usize, String> {
    match text.parse() {
        Ok(number) if (LEAST_WORKERS..=MOST_WORKERS).contains(&number) => Ok(number),
        _ => Err(format!(
            "{text:?} is not a number of threads from {LEAST_WORKERS} to {MOST_WORKERS}"
        )),
    }
}

/// Most threads that anybody may ask for.
const MOST_WORKERS: usize = 512;

pub(super) fn log(text: &str) -> Result<String, String> {
    match tracing_subscriber::EnvFilter::try_new(text) {
        Ok(_) if !text.is_empty() => Ok(text.to_owned()),
        _ => Err(format!(
            "{text:?} is not a log level (error, warn, info, debug, trace)"
        )),
    }
}
