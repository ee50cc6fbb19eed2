//! The frame around every page: head, header, footer. One [`Frame`] says all that a page needs of it.
//!
//! One of the two files that may emit pre-escaped text (the doctype is maud's; JSON-LD is escaped here).

use maud::{DOCTYPE, Markup, PreEscaped, html};

use crate::domain::settings::Settings;
use crate::domain::story::Marks;
use crate::domain::user::{Role, Viewer};
use crate::html::path;
use crate::html::pen::{Eye, Hole, Pen};
use crate::time::Timestamp;

pub use crate::html::figure::{count, number, time};

/// Names of the embedded files as they stand in URLs (with the hash of their content).
#[derive(Debug, Clone)]
pub struct AssetNames {
    /// The style sheet.
    pub css: String,
    /// The script.
    pub js: String,
    /// What the operator's page alone needs: a style sheet.
    pub status_css: String,
    /// And a script.
    pub status_js: String,
    /// What the course alone needs: a style sheet.
    pub learn_css: String,
    /// And a script.
    pub learn_js: String,
    /// The icon.
    pub icon: String,
    /// The icon for phones' home screens.
    pub touch_icon: String,
    /// The icon for the manifest, 192 pixels.
    pub icon_192: String,
    /// The icon for the manifest, 512 pixels.
    pub icon_512: String,
    /// The same with room to be cut to any shape.
    pub icon_maskable: String,
}

/// What a page is framed with.
#[derive(Debug)]
pub struct Frame<'a> {
    /// Title of the page, without the site's name; empty on the front page.
    pub title: String,
    /// The settings in force.
    pub settings: &'a Settings,
    /// For whom it is drawn.
    pub pen: Pen<'a>,
    /// Now.
    pub now: Timestamp,
    /// Path and query of the request: where actions lead back to, and the current entry of the navigation.
    pub here: &'a str,
    /// Scheme and host for absolute URLs, without a slash at the end.
    pub base: &'a str,
    /// Embedded files.
    pub assets: &'a AssetNames,
    /// Canonical path, when the page has one.
    pub canonical: Option<String>,
    /// For search engines and link previews; empty: the site's.
    pub description: String,
    /// Path of the list whose feeds belong to the page (`/newest`), without an ending.
    pub feed: Option<String>,
    /// Keep out of search engines.
    pub noindex: bool,
    /// Structured data (schema.org) as JSON.
    pub json_ld: Option<serde_json::Value>,
    /// A sentence to show at the top.
    pub notice: Option<(Notice, String)>,
    /// Tables: no limit on the width of the text.
    pub wide: bool,
    /// Extra column beside the page.
    pub side: Option<Markup>,
    /// A style sheet and a script that this page alone needs.
    pub extra: Option<(&'a str, &'a str)>,
}

impl<'a> Frame<'a> {
    /// Who looks, when the page is drawn for one member.
    #[must_use]
    pub fn viewer(&self) -> Option<&'a Viewer> {
        self.pen.viewer()
    }

    /// Tells the browser of the one who looks that the server has taken this draft.
    pub fn took_draft(&mut self, key: &'a str) {
        if let Pen::One(eye) = &mut self.pen {
            eye.saved = Some(key);
        }
    }

    /// A hole that is about no story or comment.
    fn hole(&self, hole: impl Hole + 'static) -> Markup {
        self.pen.hole(hole, &Marks::default())
    }
}

/// Kinds of notices.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Notice {
    /// Something to know.
    Info,
    /// It worked.
    Ok,
    /// Something to mind.
    Warn,
    /// It did not work.
    Error,
}

/// A notice.
#[must_use]
pub fn notice(kind: Notice, text: &str) -> Markup {
    let (class, role): (&str, &str) = match kind {
        Notice::Info => ("", "status"),
        Notice::Ok => ("ok", "status"),
        Notice::Warn => ("warn", "status"),
        Notice::Error => ("error", "alert"),
    };
    html! { div class={ "notice " (class) } role=(role) { p { (text) } } }
}

/// The whole document around `body`.
#[must_use]
pub fn page(frame: &Frame, body: &Markup) -> Markup {
    let settings = frame.settings;
    html! {
        (DOCTYPE)
        html lang=(settings.lang) data-accent=(settings.accent) data-theme={ (frame.hole(Look)) } {
            head { (head(frame)) }
            body {
                a.skip href="#main" { "Skip to content" }
                (header(frame))
                (frame.hole(Warning))
                div.page {
                    main.full[frame.wide] id="main" tabindex="-1" {
                        @if let Some((kind, text)) = &frame.notice { (notice(*kind, text)) }
                        (body)
                    }
                    @if let Some(side) = &frame.side {
                        aside.side aria-label="About this page" { (side) }
                    }
                }
                (footer())
                form id="act" method="post" hidden {
                    input type="hidden" name="back" value=(frame.here);
                }
            }
        }
    }
}

fn head(frame: &Frame) -> Markup {
    let settings = frame.settings;
    let title = match frame.title.as_str() {
        "" if settings.tagline.is_empty() => settings.name.clone(),
        "" => format!("{} · {}", settings.name, settings.tagline),
        title => format!("{title} · {}", settings.name),
    };
    let description = if frame.description.is_empty() {
        &settings.description
    } else {
        &frame.description
    };
    let canonical = frame
        .canonical
        .as_ref()
        .map(|path| format!("{}{path}", frame.base));
    html! {
        meta charset="utf-8";
        title { (title) }
        meta name="viewport" content="width=device-width, initial-scale=1";
        meta name="color-scheme" content="light dark";
        meta name="theme-color" media="(prefers-color-scheme: light)" content="#fcfcfb";
        meta name="theme-color" media="(prefers-color-scheme: dark)" content="#131518";
        meta name="description" content=(description);
        @if frame.noindex { meta name="robots" content="noindex"; }
        link rel="stylesheet" href=(path::asset(&frame.assets.css));
        script src=(path::asset(&frame.assets.js)) defer {}
        @if let Some((css, js)) = frame.extra {
            link rel="stylesheet" href=(path::asset(css));
            script src=(path::asset(js)) defer {}
        }
        link rel="icon" href=(path::asset(&frame.assets.icon)) type="image/svg+xml";
        link rel="apple-touch-icon" href=(path::asset(&frame.assets.touch_icon));
        link rel="manifest" href="/manifest.webmanifest";
        link rel="search" type="application/opensearchdescription+xml" href="/opensearch.xml" title=(settings.name);
        @if let Some(url) = &canonical {
            link rel="canonical" href=(url);
            meta property="og:url" content=(url);
        }
        meta property="og:type" content=(if frame.json_ld.is_some() { "article" } else { "website" });
        meta property="og:site_name" content=(settings.name);
        meta property="og:title" content=(if frame.title.is_empty() { &settings.name } else { &frame.title });
        meta property="og:description" content=(description);
        @if let Some(list) = &frame.feed {
            link rel="alternate" type="application/atom+xml" href={ (list) ".atom" } title="Atom";
            link rel="alternate" type="application/rss+xml" href={ (list) ".rss" } title="RSS";
            link rel="alternate" type="application/feed+json" href={ (list) ".feed.json" } title="JSON Feed";
        }
        @if let Some(data) = &frame.json_ld {
            // "<" is the only character by which JSON could leave the element.
            script type="application/ld+json" { (PreEscaped(data.to_string().replace('<', "\\u003c"))) }
        }
    }
}

fn header(frame: &Frame) -> Markup {
    let here = frame.here.split('?').next().unwrap_or_default();
    let item = |href: &str, label: &str, current: bool| {
        html! { li { a href=(href) aria-current=[current.then_some("page")] { (label) } } }
    };
    html! {
        header.head {
            div.top {
                a.brand href="/" { (glyph()) (frame.settings.name) }
                nav.nav aria-label="Main" {
                    ul {
                        (item("/", "Hot", here == "/"))
                        @if frame.settings.learn { (item(path::LEARN, "Learn", is_learn(here))) }
                        (item("/newest", "Newest", here == "/newest"))
                        (item("/active", "Active", here == "/active"))
                        (item("/top/week", "Top", here.starts_with("/top/")))
                        (item("/comments", "Comments", here == "/comments"))
                        (item("/search", "Search", here == "/search"))
                        (item("/submit", "Submit", here == "/submit"))
                    }
                }
                div.me { (frame.hole(Me)) }
            }
        }
    }
}

/// Whether a page belongs to the course.
fn is_learn(here: &str) -> bool {
    let rest = here.strip_prefix(path::LEARN);
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// The reader's own looks, as attributes of the document from the value of `data-theme` on.
#[derive(Debug)]
struct Look;

impl Hole for Look {
    fn draw(&self, eye: &Eye, _: &Marks) -> Markup {
        let Some(viewer) = eye.viewer else {
            return html! { "auto" };
        };
        let quote = PreEscaped("\"");
        let attribute = |name: &str, value: &str| html! { (quote) " " (name) "=" (quote) (value) };
        html! {
            (viewer.theme.word())
            (attribute("data-me", viewer.name.as_str()))
            @if !viewer.keys { (attribute("data-keys", "off")) }
            @if let Some(key) = eye.saved { (attribute("data-saved", key)) }
        }
    }
}

/// What members read while nothing can be posted.
const CUT_OFF: &str =
    "You can read everything, but nothing can be posted at the moment. This will pass.";

/// What an operator has to know, and what whoever wants to post has to.
#[derive(Debug)]
struct Warning;

impl Hole for Warning {
    fn draw(&self, eye: &Eye, _: &Marks) -> Markup {
        html! {
            @if let Some(warning) = eye.warning {
                div.banner role="region" aria-label="For the operator" { p { (warning) } }
            }
            @if eye.cut_off {
                div.banner.calm role="status" { p { (CUT_OFF) } }
            }
        }
    }
}

/// The reader's corner of the header.
#[derive(Debug)]
struct Me;

impl Hole for Me {
    fn draw(&self, eye: &Eye, _: &Marks) -> Markup {
        eye.viewer.map_or_else(visitor, menu)
    }
}

fn visitor() -> Markup {
    html! {
        button.theme type="button" aria-label="Colours: as the system" title="Colours: as the system" {
            svg viewBox="0 0 16 16" aria-hidden="true" {
                circle cx="8" cy="8" r="6.25" fill="none" stroke="currentColor" stroke-width="1.5" {}
                path d="M8 1.75a6.25 6.25 0 0 1 0 12.5z" fill="currentColor" {}
            }
        }
        a href="/login" { "Sign in" }
        a.join href="/signup" { "Join" }
    }
}

fn menu(viewer: &Viewer) -> Markup {
    let name = viewer.name.as_str();
    html! {
        @if viewer.moderates() && viewer.open_flags > 0 {
            a.news href="/mod" aria-label={ "Flags, " (viewer.open_flags) " open" } {
                "Flags " span.num { (viewer.open_flags) }
            }
        }
        a.news[viewer.unread > 0] href="/inbox" aria-label={ "Inbox, " (viewer.unread) " new" } {
            "Inbox" @if viewer.unread > 0 { " " span.num { (viewer.unread) } }
        }
        details.menu {
            summary { span.user { (name) } " " span.num title="Karma" { (number(viewer.karma)) } }
            ul {
                li { a href=(path::user(name)) { "Profile" } }
                li { a href="/saved" { "Saved" } }
                li { a href="/hidden" { "Hidden" } }
                li { a href="/settings" { "Settings" } }
                @if viewer.moderates() { li { a href="/mod" { "Moderate" } } }
                @if viewer.may(Role::Admin) { li { a href="/admin" { "Administer" } } }
                li.rule { button form="act" formaction="/logout" { "Sign out" } }
            }
        }
    }
}

fn footer() -> Markup {
    html! {
        footer.foot {
            nav aria-label="Footer" {
                ul {
                    li { a href="/about" { "About" } }
                    li { a href=(path::RESOURCES) { "Resources" } }
                    li { a href="/guidelines" { "Guidelines" } }
                    li { a href="/privacy" { "Privacy" } }
                    li { a href="/modlog" { "Moderation log" } }
                    li { a href="/about#feeds" { "Feeds" } }
                }
            }
            p { "No trackers, no advertisements, no algorithm you cannot read." }
        }
    }
}

fn glyph() -> Markup {
    html! {
        svg viewBox="0 0 18 24" aria-hidden="true" fill="currentColor" {
            circle cx="9" cy="6" r="3.5" {}
            path d="M9 13.5a3.5 3.5 0 0 1 3.5 3.5c0 3.5-2.1 5.9-5.4 6.7l-.5-1.5c1.6-.6 2.6-1.2 3-1.75A3.5 3.5 0 1 1 9 13.5z" {}
        }
    }
}
