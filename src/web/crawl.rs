//! For machines that find their way by themselves: robots.txt, sitemap, search description, manifest.

use actix_web::HttpResponse;
use actix_web::web::Path;
use serde_json::json;

use crate::error::{Error, Result};
use crate::html::{crawl, path};
use crate::store::{self, stamp};
use crate::web::learn;
use crate::web::request::{Cx, Req};
use crate::web::respond::Answer;

/// What crawlers have no business with: forms, actions, the same list in another order.
const OFF_LIMITS: &[&str] = &[
    "/search",
    "/submit",
    "/login",
    "/signup",
    "/settings",
    "/setup/",
    "/mod$",
    "/mod/",
    "/admin",
    "/saved",
    "/hidden",
    "/voted",
    "/resources/suggest",
    "/resources/*/vote",
    "/learn/*/report",
    "/c/*/",
    "/t/*,",
    "/s/*/vote",
    "/s/*/flag",
    "/s/*/edit",
    "/s/*/delete",
    "/*?order=",
    "/*&order=",
];

/// `GET /robots.txt`
pub async fn robots(req: Req) -> HttpResponse {
    req.shared(&[], |cx| {
        let off: Vec<String> = OFF_LIMITS
            .iter()
            .map(|path| format!("Disallow: {path}\n"))
            .collect();
        let text = format!(
            "User-agent: *\n{}\nSitemap: {}/sitemap.xml\n",
            off.concat(),
            cx.req.assets().base
        );
        Ok(Answer::text("text/plain; charset=utf-8", text))
    })
    .await
}

/// `GET /sitemap.xml`
pub async fn sitemap(req: Req) -> HttpResponse {
    req.shared(&[], |cx| {
        cx.rests_on([stamp::sitemap()]);
        let parts = store::sitemap::parts(cx.conn)?;
        Ok(xml(crawl::sitemap_index(&cx.req.assets().base, &parts)))
    })
    .await
}

/// `GET /sitemap/{part}.xml`
pub async fn sitemap_part(req: Req, part: Path<String>) -> HttpResponse {
    req.shared(&[], move |cx| match part.as_str() {
        "lists" => {
            let tags = store::tag::all(cx.conn)?;
            let edition = cx.settings.learn.then(|| learn::edition(cx));
            let course = edition.as_ref().map(|edition| &edition.course);
            let base = &cx.req.assets().base;
            Ok(xml(crawl::sitemap_lists(base, &tags, course)))
        }
        number => stories(cx, number.parse().map_err(|_| Error::NotFound)?),
    })
    .await
}

fn stories(cx: &Cx, part: i64) -> Result<Answer> {
    cx.rests_on([stamp::sitemap_part(part)]);
    let places = store::sitemap::part(cx.conn, part)?;
    if places.is_empty() {
        return Err(Error::NotFound);
    }
    let places = places
        .iter()
        .map(|place| (place.id, place.title.as_str(), place.changed));
    Ok(xml(crawl::sitemap_stories(&cx.req.assets().base, places)))
}

fn xml(text: String) -> Answer {
    Answer::text("application/xml; charset=utf-8", text)
}

/// `GET /opensearch.xml`
pub async fn opensearch(req: Req) -> HttpResponse {
    req.shared(&[], |cx| {
        let assets = cx.req.assets();
        let text = crawl::opensearch(&assets.base, &cx.settings, &assets.names.icon_192);
        Ok(Answer::text("application/opensearchdescription+xml", text))
    })
    .await
}

/// `GET /manifest.webmanifest`
pub async fn manifest(req: Req) -> HttpResponse {
    req.shared(&[], |cx| {
        let names = &cx.req.assets().names;
        let icon = |name: &str, size: &str, purpose: &str| json!({"src": path::asset(name), "sizes": size, "type": "image/png", "purpose": purpose});
        let manifest = json!({
            "name": cx.settings.name,
            "short_name": cx.settings.name,
            "description": cx.settings.description,
            "lang": cx.settings.lang,
            "id": "/",
            "start_url": "/",
            "scope": "/",
            "display": "minimal-ui",
            "background_color": "#fcfcfb",
            "theme_color": "#fcfcfb",
            "icons": [
                icon(&names.icon_192, "192x192", "any"),
                icon(&names.icon_512, "512x512", "any"),
                icon(&names.icon_maskable, "512x512", "maskable"),
            ],
        });
        Ok(Answer::text("application/manifest+json", manifest.to_string()))
    })
    .await
}
