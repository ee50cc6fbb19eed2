//! The least that a cached page can cost here: actix-web and one lookup by path, nothing else. Run as a child process.
//!
//! As `upstream` it stands behind the proxies instead: it counts what reaches it, and its headers let them keep it.

use std::net::{Ipv4Addr, TcpListener};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use actix_web::http::StatusCode;
use actix_web::http::header::{self, HeaderName, HeaderValue};
use actix_web::web::{Bytes, Data, to};
use actix_web::{App, HttpRequest, HttpResponse, HttpServer};
use quick_cache::sync::Cache;

use super::sample::{Headers, Sample, Variant};

/// The path that answers with how many other requests there were.
pub const COUNT: &str = "/count";

/// Headers ready to be sent.
type Block = Vec<(HeaderName, HeaderValue)>;

struct Shared {
    pages: Cache<String, Arc<Page>>,
    /// Requests so far, counted by an upstream only.
    asked: Option<AtomicU64>,
}

struct Page {
    identity: Ready,
    gzip: Ready,
    unchanged: Block,
}

struct Ready {
    headers: Block,
    body: Bytes,
}

/// Serves the samples of a directory on a port, with one event loop, until it is ended.
pub fn serve(dir: &Path, port: u16, upstream: bool) {
    let shared = Data::new(Shared {
        pages: Cache::new(100),
        asked: upstream.then(AtomicU64::default),
    });
    for name in ["page", "small"] {
        let sample = Sample::load(dir, name);
        let page = Page {
            identity: ready(sample.identity, upstream),
            gzip: ready(sample.gzip, upstream),
            unchanged: block(sample.unchanged, upstream),
        };
        shared.pages.insert(format!("/{name}"), Arc::new(page));
    }
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).unwrap();
    let run = async move {
        HttpServer::new(move || {
            App::new()
                .app_data(shared.clone())
                .default_service(to(answer))
        })
        .workers(1)
        .keep_alive(Duration::from_mins(10))
        .listen(listener)?
        .run()
        .await
    };
    actix_web::rt::System::new().block_on(run).unwrap();
}

async fn answer(request: HttpRequest) -> HttpResponse {
    let shared: &Data<Shared> = request.app_data().unwrap();
    if let Some(asked) = &shared.asked {
        if request.path() == COUNT {
            return HttpResponse::Ok().body(asked.load(Ordering::Relaxed).to_string());
        }
        asked.fetch_add(1, Ordering::Relaxed);
    }
    let Some(page) = shared.pages.get(request.path()) else {
        return HttpResponse::NotFound().finish();
    };
    let headers = request.headers();
    let gzip = headers
        .get(header::ACCEPT_ENCODING)
        .is_some_and(|value| value.as_bytes().windows(4).any(|part| part == b"gzip"));
    let ready = if gzip { &page.gzip } else { &page.identity };
    if let Some(known) = headers.get(header::IF_NONE_MATCH)
        && ready
            .headers
            .iter()
            .any(|(name, value)| name == header::ETAG && value == known)
    {
        return send(StatusCode::NOT_MODIFIED, &page.unchanged, Bytes::new());
    }
    send(StatusCode::OK, &ready.headers, ready.body.clone())
}

fn send(status: StatusCode, block: &Block, body: Bytes) -> HttpResponse {
    let mut response = HttpResponse::with_body(status, body);
    let headers = response.headers_mut();
    for (name, value) in block {
        headers.append(name.clone(), value.clone());
    }
    response.map_into_boxed_body()
}

fn ready(variant: Variant, upstream: bool) -> Ready {
    Ready {
        headers: block(variant.headers, upstream),
        body: variant.body.into(),
    }
}

/// The same headers; for a proxy two of them differ by a few bytes: it may keep the page, and the page varies by
/// Accept-Encoding only (`HAProxy` keeps nothing that varies by more).
fn block(headers: Headers, upstream: bool) -> Block {
    let line = |(name, value): (String, String)| {
        let value = match name.as_str() {
            "cache-control" if upstream => "max-age=3600".to_owned(),
            "vary" if upstream => "Accept-Encoding".to_owned(),
            _ => value,
        };
        let name: HeaderName = name.parse().unwrap();
        (name, HeaderValue::try_from(value).unwrap())
    };
    headers.into_iter().map(line).collect()
}
