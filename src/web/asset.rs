//! Embedded files: style sheet, script, icons. Their URLs carry a hash of their content, so they never change.

use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse, web};
use flate2::Compression;
use flate2::write::GzEncoder;
use sha2::{Digest, Sha256};
use std::io::Write;

use crate::app::App;
use crate::html::page::AssetNames;
use crate::web::cookie;
use crate::web::request::Shared;
use crate::web::respond;

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

/// Icons: name and content.
const PNGS: [(&str, &[u8]); 4] = [
    (
        "apple-touch-icon.png",
        include_bytes!("../../assets/icons/apple-touch-icon.png"),
    ),
    ("icon-192.png", ICON),
    (
        "icon-512.png",
        include_bytes!("../../assets/icons/icon-512.png"),
    ),
    (
        "icon-maskable-512.png",
        include_bytes!("../../assets/icons/icon-maskable-512.png"),
    ),
];
const ICON: &[u8] = include_bytes!("../../assets/icons/icon-192.png");
const FAVICON: &[u8] = include_bytes!("../../assets/icons/favicon.svg");

/// The embedded files, ready to be sent.
pub struct Assets {
    /// Their names in URLs.
    pub names: AssetNames,
    /// Scheme and host for absolute URLs.
    pub base: String,
    files: Vec<File>,
}

struct File {
    /// `app.css`
    plain: &'static str,
    /// `app-0123456789ab.css`
    hashed: String,
    kind: &'static str,
    body: web::Bytes,
    gzip: Option<web::Bytes>,
}

impl Assets {
    /// Hashes and compresses the files.
    #[must_use]
    pub fn new(app: &App) -> Self {
        let mut files = vec![
            File::new("app.css", "text/css; charset=utf-8", CSS.as_bytes()),
            File::new("app.js", "text/javascript; charset=utf-8", JS.as_bytes()),
            File::new("favicon.svg", "image/svg+xml", FAVICON),
        ];
        files.extend(PNGS.map(|(name, body)| File::new(name, "image/png", body)));
        let name = |plain: &str| {
            let file = files.iter().find(|file| file.plain == plain);
            file.map_or_else(String::new, |file| file.hashed.clone())
        };
        Self {
            names: AssetNames {
                css: name("app.css"),
                js: name("app.js"),
                icon: name("favicon.svg"),
                touch_icon: name("apple-touch-icon.png"),
                icon_192: name("icon-192.png"),
                icon_512: name("icon-512.png"),
                icon_maskable: name("icon-maskable-512.png"),
            },
            base: app.base(),
            files,
        }
    }
}

impl File {
    fn new(plain: &'static str, kind: &'static str, body: &'static [u8]) -> Self {
        let digest = Sha256::digest(body);
        let hash = cookie::hex(&digest[..6]);
        let (stem, ending) = plain.rsplit_once('.').unwrap_or((plain, ""));
        let gzip = (!kind.starts_with("image/png")).then(|| compress(body));
        Self {
            plain,
            hashed: format!("{stem}-{hash}.{ending}"),
            kind,
            body: web::Bytes::from_static(body),
            gzip,
        }
    }
}

fn compress(body: &[u8]) -> web::Bytes {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    // Writing to a Vec cannot fail.
    let _ = encoder.write_all(body);
    encoder.finish().unwrap_or_default().into()
}

/// `GET /assets/{name}`: immutable under its hash; a known name under an unknown hash gets the current bytes.
pub async fn show(
    request: HttpRequest,
    name: web::Path<String>,
    shared: web::Data<Shared>,
) -> HttpResponse {
    let files = &shared.assets.files;
    let exact = files.iter().find(|file| file.hashed == *name);
    let Some(file) = exact.or_else(|| files.iter().find(|file| same_file(file, &name))) else {
        return HttpResponse::NotFound()
            .content_type("text/plain")
            .body("There is no such file.");
    };
    let accept = request
        .headers()
        .get(header::ACCEPT_ENCODING)
        .and_then(|value| value.to_str().ok());
    let cache = if exact.is_some() {
        "public, max-age=31536000, immutable"
    } else {
        "no-store"
    };
    let mut response = HttpResponse::Ok();
    response
        .insert_header((header::CONTENT_TYPE, file.kind))
        .insert_header((header::CACHE_CONTROL, cache))
        .insert_header((header::VARY, "Accept-Encoding"));
    match &file.gzip {
        Some(gzip) if respond::takes_gzip(accept.unwrap_or_default()) => response
            .insert_header((header::CONTENT_ENCODING, "gzip"))
            .body(gzip.clone()),
        _ => response.body(file.body.clone()),
    }
}

/// `GET /favicon.ico`: for browsers that ask without being told of an icon.
pub async fn favicon() -> HttpResponse {
    HttpResponse::Ok()
        .insert_header((header::CONTENT_TYPE, "image/png"))
        .insert_header((header::CACHE_CONTROL, "public, max-age=86400"))
        .body(ICON)
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
