//! Embedded files: style sheet, script, icons. Their URLs carry a hash of their content, so they never change.
//!
//! They are hashed and put into gzip once for the process, which takes about a millisecond; the smaller codings are made
//! by a thread that ends when it is done, and are offered as soon as they are there. Ranges are of the bytes as they are.

mod file;
mod range;
pub mod shelf;

use std::sync::{LazyLock, Once};

use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse, web};
use rust_embed::RustEmbed;

use crate::app::App;
use crate::encoding::Encoding;
use crate::html::page::AssetNames;
use crate::priority::Priority;

pub(in crate::web) use file::File;

/// How long what stands under the hash of its content may be kept.
pub(in crate::web) const IMMUTABLE: &str = "public, max-age=31536000, immutable";

const CSS: &str = concat!(
    include_str!("../../assets/css/10-tokens.css"),
    include_str!("../../assets/css/20-base.css"),
    include_str!("../../assets/css/30-layout.css"),
    include_str!("../../assets/css/40-story.css"),
    include_str!("../../assets/css/50-comment.css"),
    include_str!("../../assets/css/60-form.css"),
    include_str!("../../assets/css/70-page.css"),
    include_str!("../../assets/css/75-resource.css"),
    include_str!("../../assets/css/90-print.css"),
);

const JS: &str = concat!(
    include_str!("../../assets/js/10-time.js"),
    include_str!("../../assets/js/15-store.js"),
    include_str!("../../assets/js/20-theme.js"),
    include_str!("../../assets/js/25-nav.js"),
    include_str!("../../assets/js/30-act.js"),
    include_str!("../../assets/js/35-talk.js"),
    include_str!("../../assets/js/40-fold.js"),
    include_str!("../../assets/js/50-draft.js"),
    include_str!("../../assets/js/60-reply.js"),
    include_str!("../../assets/js/70-form.js"),
    include_str!("../../assets/js/80-keys.js"),
    include_str!("../../assets/js/85-first.js"),
);

/// What the operator's page has beside these, so that visitors do not load it.
const STATUS_CSS: &str = include_str!("../../assets/status/status.css");
const STATUS_JS: &str = include_str!("../../assets/status/status.js");

/// The course's parts in browsers; what stands in one folder is one file there.
#[derive(RustEmbed)]
#[folder = "assets/learn/"]
struct Learn;

/// The text of an embedded file of the course; empty when there is none.
pub(in crate::web) fn learn_text(path: &str) -> String {
    let file = Learn::get(path);
    file.map_or_else(String::new, |file| {
        String::from_utf8_lossy(&file.data).into_owned()
    })
}

/// The texts of the scripts in a folder of the course, one after the other, by the order of their names.
pub(in crate::web) fn learn_scripts(folder: &str) -> String {
    let in_folder = |path: &String| {
        let rest = path
            .strip_prefix(folder)
            .and_then(|rest| rest.strip_prefix('/'));
        rest.is_some_and(|name| {
            let ending = name.rsplit_once('.').map(|(_, ending)| ending);
            !name.contains('/') && ending == Some("js")
        })
    };
    let mut paths: Vec<String> = Learn::iter().map(String::from).filter(in_folder).collect();
    paths.sort();
    let texts: Vec<String> = paths.iter().map(|path| learn_text(path)).collect();
    texts.join("\n")
}

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
                learn_css: name("learn.css"),
                learn_js: name("learn.js"),
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
    let css = |name, text: String| File::new(name, "text/css; charset=utf-8", text);
    let js = |name, text: String| File::new(name, "text/javascript; charset=utf-8", text);
    let mut files = vec![
        css("app.css", CSS.into()),
        js("app.js", JS.into()),
        css("status.css", STATUS_CSS.into()),
        js("status.js", STATUS_JS.into()),
        css("learn.css", learn_text("learn.css")),
        js("learn.js", learn_scripts("page")),
        File::new("favicon.svg", "image/svg+xml", FAVICON),
    ];
    files.extend(PNGS.map(|(name, body)| File::new(name, "image/png", body)));
    for file in files.iter().filter(|file| file.is_text()) {
        file.make(Encoding::Gzip);
    }
    files
});

/// Makes the codings that take long, once, without anybody waiting for them.
fn squeeze() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let thread = std::thread::Builder::new().name("assets".into());
        let started = thread.spawn(|| {
            Priority::Workers.take();
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

/// `GET /assets/{name}`: immutable under its hash; a known name under an unknown hash gets the current bytes, which nobody
/// keeps under that name.
pub async fn show(request: HttpRequest, name: web::Path<String>) -> HttpResponse {
    if let Some(file) = FILES.iter().find(|file| file.hashed == *name) {
        return file.answer(&request, IMMUTABLE);
    }
    match FILES.iter().find(|file| file.is_version(&name)) {
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
