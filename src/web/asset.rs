//! Embedded files: style sheet, script, icons. Their URLs carry a hash of their content, so they never change.
//!
//! They are hashed and put into gzip once for the process, which takes about a millisecond; the smaller codings are made
//! by a thread that ends when it is done, and are offered as soon as they are there. Ranges are of the bytes as they are.

mod range;

use std::sync::{LazyLock, Once, OnceLock};

use actix_web::http::{Method, StatusCode, header};
use actix_web::{HttpRequest, HttpResponse, web};
use sha2::{Digest, Sha256};

use crate::app::App;
use crate::encoding::{self, Accepted, Effort, Encoding};
use crate::html::page::AssetNames;
use crate::web::asset::range::Span;
use crate::web::cookie;

const CSS: &str = concat!(
    include_str!("../../assets/css/10-tokens.css"),
    include_str!("../../assets/css/20-base.css"),
    include_str!("../../assets/css/30-layout.css"),
    include_str!("../../assets/css/40-story.css"),
    include_str!("../../assets/css/50-comment.css"),
    include_str!("../../assets/css/60-form.css"),
    include_str!("../../assets/css/70-page.css"),
    include_str!("../../assets/css/90-print.css"),
);

const JS: &str = concat!(
    include_str!("../../assets/js/10-time.js"),
    include_str!("../../assets/js/15-store.js"),
    include_str!("../../assets/js/20-theme.js"),
    include_str!("../../assets/js/25-nav.js"),
    include_str!("../../assets/js/30-act.js"),
    include_str!("../../assets/js/40-fold.js"),
    include_str!("../../assets/js/50-draft.js"),
    include_str!("../../assets/js/60-reply.js"),
    include_str!("../../assets/js/70-form.js"),
    include_str!("../../assets/js/80-keys.js"),
);

/// What the operator's page has beside these, so that visitors do not load it.
const STATUS_CSS: &str = include_str!("../../assets/status/status.css");
const STATUS_JS: &str = include_str!("../../assets/status/status.js");

/// Icons: name and content.
const PNGS: [(&str, &[u8]); 4] = [
    (
        "apple-touch-icon.png",
        include_bytes!("../../assets/icons/apple-touch-icon.png"),
    ),
    (ICON_NAME, include_bytes!("../../assets/icons/icon-192.png")),
    (
        "icon-512.png",
        include_bytes!("../../assets/icons/icon-512.png"),
    ),
    (
        "icon-maskable-512.png",
        include_bytes!("../../assets/icons/icon-maskable-512.png"),
    ),
];
/// The icon that also answers for `/favicon.ico`.
const ICON_NAME: &str = "icon-192.png";
const FAVICON: &[u8] = include_bytes!("../../assets/icons/favicon.svg");

/// The embedded files, ready to be sent.
pub struct Assets {
    /// Their names in URLs.
    pub names: AssetNames,
    /// Scheme and host for absolute URLs.
    pub base: String,
}

impl Assets {
    /// Hashes and compresses the files, unless that is done.
    #[must_use]
    pub fn new(app: &App) -> Self {
        squeeze();
        let name = |plain: &str| {
            let file = FILES.iter().find(|file| file.plain == plain);
            file.map_or_else(String::new, |file| file.hashed.clone())
        };
        Self {
            names: AssetNames {
                css: name("app.css"),
                js: name("app.js"),
                status_css: name("status.css"),
                status_js: name("status.js"),
                icon: name("favicon.svg"),
                touch_icon: name("apple-touch-icon.png"),
                icon_192: name(ICON_NAME),
                icon_512: name("icon-512.png"),
                icon_maskable: name("icon-maskable-512.png"),
            },
            base: app.base(),
        }
    }
}

/// The files of this program: the same for every site in the process.
static FILES: LazyLock<Vec<File>> = LazyLock::new(|| {
    let css =
        |name, text: &'static str| File::new(name, "text/css; charset=utf-8", text.as_bytes());
    let js = |name, text: &'static str| {
        File::new(name, "text/javascript; charset=utf-8", text.as_bytes())
    };
    let mut files = vec![
        css("app.css", CSS),
        js("app.js", JS),
        css("status.css", STATUS_CSS),
        js("status.js", STATUS_JS),
        File::new("favicon.svg", "image/svg+xml", FAVICON),
    ];
    files.extend(PNGS.map(|(name, body)| File::new(name, "image/png", body)));
    files
});

/// Makes the codings that take long, once, without anybody waiting for them.
fn squeeze() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let thread = std::thread::Builder::new().name("assets".into());
        let started = thread.spawn(|| {
            for file in FILES.iter().filter(|file| file.is_text()) {
                file.make(Encoding::Br);
                file.make(Encoding::Zstd);
            }
        });
        if let Err(error) = started {
            tracing::warn!(%error, "assets are sent in gzip only");
        }
    });
}

struct File {
    /// `app.css`
    plain: &'static str,
    /// `app-0123456789ab.css`
    hashed: String,
    kind: &'static str,
    /// What stands in its entity tags before the coding's suffix.
    tag: String,
    identity: web::Bytes,
    gzip: OnceLock<web::Bytes>,
    br: OnceLock<web::Bytes>,
    zstd: OnceLock<web::Bytes>,
}

impl File {
    fn new(plain: &'static str, kind: &'static str, body: &'static [u8]) -> Self {
        let digest = Sha256::digest(body);
        let hash = cookie::hex(&digest[..6]);
        let (stem, ending) = plain.rsplit_once('.').unwrap_or((plain, ""));
        let file = Self {
            plain,
            hashed: format!("{stem}-{hash}.{ending}"),
            kind,
            tag: cookie::hex(&digest[..12]),
            identity: web::Bytes::from_static(body),
            gzip: OnceLock::new(),
            br: OnceLock::new(),
            zstd: OnceLock::new(),
        };
        if file.is_text() {
            file.make(Encoding::Gzip);
        }
        file
    }

    /// Images are as small as they get.
    fn is_text(&self) -> bool {
        self.kind != "image/png"
    }

    fn slot(&self, encoding: Encoding) -> Option<&OnceLock<web::Bytes>> {
        match encoding {
            Encoding::Identity => None,
            Encoding::Gzip => Some(&self.gzip),
            Encoding::Br => Some(&self.br),
            Encoding::Zstd => Some(&self.zstd),
        }
    }

    fn make(&self, encoding: Encoding) {
        if let Some(slot) = self.slot(encoding) {
            let encoded = encoding::encode(encoding, Effort::Good, &self.identity);
            slot.get_or_init(|| encoded.into());
        }
    }

    /// What the client prefers among the codings that are ready; among equals the smallest.
    fn best(&self, accepted: Accepted) -> (Encoding, &web::Bytes) {
        // Zstandard is made last.
        let order: &[Encoding] = match (self.zstd.get(), self.gzip.get()) {
            (Some(_), _) => &[Encoding::Br, Encoding::Zstd, Encoding::Gzip],
            (None, Some(_)) => &[Encoding::Gzip],
            (None, None) => &[],
        };
        let best = accepted.best(order);
        match self.slot(best).and_then(OnceLock::get) {
            Some(body) => (best, body),
            None => (Encoding::Identity, &self.identity),
        }
    }

    /// The strong entity tag of one representation.
    fn etag(&self, encoding: Encoding) -> String {
        format!("\"{}{}\"", self.tag, encoding.suffix())
    }

    /// Answers a GET or HEAD: whole, a part, or that the client has it already.
    fn answer(&self, request: &HttpRequest, cache_control: &'static str) -> HttpResponse {
        let span = self.span(request);
        let (encoding, body) = match span {
            Span::Whole => self.best(accepted(request)),
            Span::Part(_) | Span::Outside => (Encoding::Identity, &self.identity),
        };
        let etag = self.etag(encoding);
        let mut known = request.headers().get_all(header::IF_NONE_MATCH);
        let is_known = known.any(|sent| encoding::names_etag(sent.as_bytes(), &etag));
        let mut response = HttpResponse::Ok();
        response
            .insert_header((header::CACHE_CONTROL, cache_control))
            .insert_header((header::VARY, "Accept-Encoding"))
            .insert_header((header::ACCEPT_RANGES, "bytes"))
            .insert_header((header::ETAG, etag));
        if is_known {
            return response.status(StatusCode::NOT_MODIFIED).finish();
        }
        let length = self.identity.len();
        let place = match &span {
            Span::Whole => None,
            Span::Part(part) => Some(format!("{}-{}", part.start, part.end - 1)),
            Span::Outside => Some("*".to_owned()),
        };
        if let Some(place) = place {
            response.insert_header((header::CONTENT_RANGE, format!("bytes {place}/{length}")));
        }
        if encoding != Encoding::Identity {
            response.insert_header((header::CONTENT_ENCODING, encoding.token()));
        }
        response.insert_header((header::CONTENT_TYPE, self.kind));
        match span {
            Span::Whole => response.body(body.clone()),
            Span::Part(part) => response
                .status(StatusCode::PARTIAL_CONTENT)
                .body(body.slice(part)),
            Span::Outside => response.status(StatusCode::RANGE_NOT_SATISFIABLE).finish(),
        }
    }

    /// What part is asked for. `If-Range` counts when it is the strong tag of the bytes as they are; a date never does,
    /// because we send none.
    fn span(&self, request: &HttpRequest) -> Span {
        let headers = request.headers();
        let is_current = headers.get(header::IF_RANGE).is_none_or(|sent| {
            sent.as_bytes().trim_ascii() == self.etag(Encoding::Identity).as_bytes()
        });
        match headers.get(header::RANGE) {
            Some(range) if is_current && request.method() == Method::GET => {
                Span::parse(range.as_bytes(), self.identity.len())
            }
            _ => Span::Whole,
        }
    }
}

fn accepted(request: &HttpRequest) -> Accepted {
    let lines = request.headers().get_all(header::ACCEPT_ENCODING);
    Accepted::parse_lines(lines.map(header::HeaderValue::as_bytes))
}

/// `GET /assets/{name}`: immutable under its hash; a known name under an unknown hash gets the current bytes, which nobody
/// keeps under that name.
pub async fn show(request: HttpRequest, name: web::Path<String>) -> HttpResponse {
    if let Some(file) = FILES.iter().find(|file| file.hashed == *name) {
        return file.answer(&request, "public, max-age=31536000, immutable");
    }
    match FILES.iter().find(|file| same_file(file, &name)) {
        Some(file) => file.answer(&request, "no-store"),
        None => missing(),
    }
}

/// `GET /favicon.ico`: for browsers that ask without being told of an icon.
pub async fn favicon(request: HttpRequest) -> HttpResponse {
    match FILES.iter().find(|file| file.plain == ICON_NAME) {
        Some(file) => file.answer(&request, "public, max-age=86400"),
        None => missing(),
    }
}

fn missing() -> HttpResponse {
    HttpResponse::NotFound()
        .content_type("text/plain")
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .body("There is no such file.")
}

/// `app.css`, or `app-<another hash>.css` of another version of this program.
fn same_file(file: &File, name: &str) -> bool {
    let (stem, ending) = file.plain.rsplit_once('.').unwrap_or((file.plain, ""));
    let middle = name
        .strip_prefix(stem)
        .and_then(|rest| rest.strip_suffix(ending)?.strip_suffix('.'));
    middle.is_some_and(|hash| {
        hash.is_empty()
            || hash
                .strip_prefix('-')
                .is_some_and(|hash| hash.bytes().all(|b| b.is_ascii_hexdigit()))
    })
}
