//! The headers of a reply: what it is, who may keep it, and by what a CDN can be told to forget it.

use actix_web::http::header::{self, HeaderName, HeaderValue};

use crate::cdn;
use crate::web::reply::Making;
use crate::web::respond::{Answer, Keep};

/// Longest `Cache-Tag`, in bytes.
const MOST_TAGS: usize = 1024;
pub(in crate::web) type Header = (HeaderName, HeaderValue);

/// Headers that do not depend on the page.
#[derive(Debug)]
pub struct Standing {
    /// Of every answer.
    pub every: Vec<Header>,
    /// Of every page: what to load beside it.
    pub preload: HeaderValue,
    /// What shared caches on the way may do with a public answer.
    pub cdn: HeaderValue,
}

/// RFC 9211.
pub(in crate::web) const CACHE_STATUS: HeaderName = HeaderName::from_static("cache-status");
/// RFC 9213.
pub(super) const CDN_CACHE_CONTROL: HeaderName = HeaderName::from_static("cdn-cache-control");
/// What a CDN can be told to forget.
pub(in crate::web) const CACHE_TAG: HeaderName = HeaderName::from_static("cache-tag");

pub(super) fn headers(answer: &Answer, keep: Keep, making: &Making) -> Vec<Header> {
    let (fixed, standing) = (HeaderValue::from_static, &making.standing);
    // First, so that a page's own word counts.
    let mut headers = standing.every.clone();
    headers.push((header::CONTENT_TYPE, fixed(answer.kind)));
    headers.push((
        header::CACHE_CONTROL,
        fixed(match keep {
            Keep::Public => "no-cache",
            Keep::Private => "private, no-cache",
            Keep::Never => "no-store",
        }),
    ));
    if keep == Keep::Public {
        headers.extend(for_cdn(making));
    }
    headers.push((header::VARY, fixed("Accept-Encoding, Cookie")));
    if answer.kind.starts_with("text/html") {
        headers.push((header::LINK, standing.preload.clone()));
    }
    for (name, value) in &answer.headers {
        let value = HeaderValue::from_str(value).unwrap_or_else(|_| fixed(""));
        headers.push((name.clone(), value));
    }
    headers
}

/// What shared caches on the way may do, and by what they can be told to forget it.
fn for_cdn(making: &Making) -> Vec<Header> {
    let control = |value| (CDN_CACHE_CONTROL, value);
    if making.groups.is_empty() {
        return vec![control(making.standing.cdn.clone())];
    }
    let tags: Vec<String> = making.groups.iter().map(|group| cdn::tag(*group)).collect();
    match HeaderValue::from_str(&tags.join(",")) {
        Ok(tags) if tags.len() <= MOST_TAGS => {
            vec![control(making.standing.cdn.clone()), (CACHE_TAG, tags)]
        }
        // It rests on so much that it could not be told to forget it.
        _ => vec![control(HeaderValue::from_static("no-store"))],
    }
}
