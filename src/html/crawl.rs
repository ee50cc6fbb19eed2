//! XML for machines that find their way by themselves: sitemap, search description.

use maud::{Markup, html};

use crate::domain::id::StoryId;
use crate::domain::lesson::Course;
use crate::domain::settings::Settings;
use crate::domain::tag::Tag;
use crate::html::feed::xml;
use crate::html::path;
use crate::time::Timestamp;

/// The sitemap's index: the lists, then the parts with stories.
#[must_use]
pub fn sitemap_index(base: &str, parts: &[i64]) -> String {
    xml(&html! {
        sitemapindex xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" {
            sitemap { loc { (base) (path::sitemap("lists")) } }
            @for part in parts { sitemap { loc { (base) (path::sitemap(&part.to_string())) } } }
        }
    })
}

/// The part of the sitemap with lists and standing pages.
#[must_use]
pub fn sitemap_lists(base: &str, tags: &[Tag], course: Option<&Course>) -> String {
    let pages = [
        "/",
        "/newest",
        "/active",
        "/top/all",
        "/comments",
        "/tags",
        "/about",
        "/guidelines",
        "/privacy",
        path::RESOURCES,
    ];
    let tags = tags.iter().map(|tag| path::tag(&tag.name));
    let lessons = course.into_iter().flat_map(Course::lessons);
    let lessons = lessons.map(|lesson| path::lesson(&lesson.id));
    let learn = course.map(|_| path::LEARN.to_owned());
    let paths = pages.into_iter().map(str::to_owned).chain(tags);
    let paths = paths.chain(learn).chain(lessons);
    urlset(&html! { @for path in paths { url { loc { (base) (path) } } } })
}

/// A part of the sitemap with stories: id, title, when it changed last.
#[must_use]
pub fn sitemap_stories<'a>(
    base: &str,
    stories: impl Iterator<Item = (StoryId, &'a str, Timestamp)>,
) -> String {
    urlset(&html! {
        @for (id, title, changed) in stories {
            url {
                loc { (base) (path::story(id, title)) }
                lastmod { (changed.rfc3339()) }
            }
        }
    })
}

fn urlset(urls: &Markup) -> String {
    xml(&html! { urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" { (urls) } })
}

/// How browsers search here (OpenSearch 1.1; a short name has at most 16 characters).
#[must_use]
pub fn opensearch(base: &str, settings: &Settings, icon: &str) -> String {
    let short: String = settings.name.chars().take(16).collect();
    let template = format!("{base}/search?q={{searchTerms}}");
    xml(&html! {
        OpenSearchDescription xmlns="http://a9.com/-/spec/opensearch/1.1/" {
            ShortName { (short) }
            Description { "Search " (settings.name) }
            InputEncoding { "UTF-8" }
            Image width="192" height="192" type="image/png" { (base) (path::asset(icon)) }
            Url type="text/html" method="get" template=(template) {}
            Url type="application/opensearchdescription+xml" rel="self" template={ (base) "/opensearch.xml" } {}
        }
    })
}
