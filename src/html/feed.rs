//! Feeds of every list: Atom (RFC 4287), RSS 2.0, JSON Feed 1.1.
//!
//! Written with maud like every page: its escaping is XML's too, elements are closed by name, and a feed library would
//! be a second writer to trust. Addresses are absolute, from the configured base only; ids are permalinks that outlive
//! any change of a title. Nothing here depends on the time of asking, so an unchanged feed is the same bytes.

use maud::{Markup, html};
use serde_json::{Value, json};

use crate::domain::comment::CommentRow;
use crate::domain::list::After;
use crate::domain::moderation::LogLine;
use crate::domain::settings::Settings;
use crate::domain::story::Story;
use crate::domain::tag::TagName;
use crate::html::path;
use crate::time::Timestamp;

/// Kinds of feeds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// Atom.
    Atom,
    /// RSS 2.0.
    Rss,
    /// JSON Feed.
    Json,
}

impl Format {
    /// All of them.
    pub const EACH: [Self; 3] = [Self::Atom, Self::Rss, Self::Json];

    /// What a list's path ends with.
    #[must_use]
    pub const fn ending(self) -> &'static str {
        match self {
            Self::Atom => ".atom",
            Self::Rss => ".rss",
            Self::Json => ".feed.json",
        }
    }

    /// Its media type.
    #[must_use]
    pub const fn media(self) -> &'static str {
        match self {
            Self::Atom => "application/atom+xml; charset=utf-8",
            Self::Rss => "application/rss+xml; charset=utf-8",
            Self::Json => "application/feed+json",
        }
    }
}

/// A feed.
#[derive(Debug)]
pub struct Feed<'a> {
    /// Scheme and host.
    pub base: &'a str,
    /// The settings in force.
    pub settings: &'a Settings,
    /// What the list is called.
    pub title: &'a str,
    /// Path of the feed, without its ending.
    pub path: &'a str,
    /// Path of the page that shows the same.
    pub page: &'a str,
    /// What stands in it.
    pub entries: Vec<Entry>,
    /// Where the next page begins.
    pub next: Option<After>,
}

/// A story, comment or act of moderation in a feed.
#[derive(Debug)]
pub struct Entry {
    /// Permalink, which is its id too.
    id: String,
    title: String,
    /// Where it leads: the article, or the discussion.
    link: String,
    /// Where it is talked about.
    talk: String,
    author: Option<String>,
    published: Timestamp,
    updated: Timestamp,
    tags: Vec<TagName>,
    html: String,
}

impl Entry {
    /// A story, with its whole text.
    #[must_use]
    pub fn story(base: &str, story: &Story) -> Self {
        let row = &story.row;
        let talk = format!("{base}{}", path::story(row.id, &row.title));
        let link = row.url.as_ref().map(|url| url.as_str().to_owned());
        let html = html! { (story.html) p { a href=(talk) { "Comments" } } };
        Self {
            id: format!("{base}{}", path::permalink(row.id)),
            title: row.title.clone(),
            link: link.unwrap_or_else(|| talk.clone()),
            author: (!row.author_deleted).then(|| row.author.as_str().to_owned()),
            published: row.created,
            updated: story.edited.unwrap_or(row.created),
            tags: row.tags.clone(),
            html: html.into_string(),
            talk,
        }
    }

    /// A comment.
    #[must_use]
    pub fn comment(base: &str, found: &CommentRow) -> Self {
        let comment = &found.comment;
        let link = format!("{base}{}", path::comment(comment.id));
        let author = (!comment.author_deleted).then(|| comment.author.as_str().to_owned());
        Self {
            id: link.clone(),
            title: format!(
                "{} on “{}”",
                author.as_deref().unwrap_or("[deleted]"),
                found.story_title
            ),
            talk: format!("{base}{}", path::story(comment.story, &found.story_title)),
            link,
            author,
            published: comment.created,
            updated: comment.edited.unwrap_or(comment.created),
            tags: Vec::new(),
            html: comment.html.as_str().to_owned(),
        }
    }

    /// A comment away from its thread: of one on a lesson, which may show a solution, only that it is there.
    #[must_use]
    pub fn comment_away(base: &str, found: &CommentRow) -> Self {
        let entry = Self::comment(base, found);
        if !found.of_lesson {
            return entry;
        }
        let said = html! {
            p {
                (entry.author()) " said something about the lesson " a href=(entry.talk) { (found.story_title) } ". "
                a href=(entry.link) { "Read it" } "; it may show a solution."
            }
        };
        Self {
            html: said.into_string(),
            ..entry
        }
    }

    /// An act of moderation; `what` was done, as the log's page tells it.
    #[must_use]
    pub fn act(base: &str, line: &LogLine, what: &Markup) -> Self {
        let id = format!("{base}{}", path::log_line(line.id));
        Self {
            title: words(what),
            talk: id.clone(),
            link: id.clone(),
            id,
            author: line.moderator.as_ref().map(ToString::to_string),
            published: line.at,
            updated: line.at,
            tags: Vec::new(),
            html: html! { p { (line.reason) } }.into_string(),
        }
    }

    fn author(&self) -> &str {
        self.author.as_deref().unwrap_or("[deleted]")
    }
}

/// Markup without its tags: maud escapes these four characters and no others.
fn words(markup: &Markup) -> String {
    let mut text = String::new();
    for (index, part) in markup.0.split('<').enumerate() {
        let shown = if index == 0 {
            part
        } else {
            part.split_once('>').map_or("", |(_, shown)| shown)
        };
        text.push_str(shown);
    }
    text.replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&quot;", "\"")
        .replace("&amp;", "&")
}

impl Feed<'_> {
    /// The feed as text.
    #[must_use]
    pub fn write(&self, format: Format) -> String {
        match format {
            Format::Atom => xml(&self.atom()),
            Format::Rss => xml(&self.rss()),
            Format::Json => self.json().to_string(),
        }
    }

    fn address(&self, format: Format) -> String {
        format!("{}{}{}", self.base, self.path, format.ending())
    }

    fn next(&self, format: Format) -> Option<String> {
        let after = self.next?;
        Some(path::next(&self.address(format), after, None))
    }

    fn name(&self) -> String {
        format!("{}: {}", self.settings.name, self.title)
    }

    fn home(&self) -> String {
        format!("{}{}", self.base, self.page)
    }

    /// When anything in it changed last; an empty feed never did.
    fn updated(&self) -> Timestamp {
        let last = self.entries.iter().map(|entry| entry.updated).max();
        last.unwrap_or(Timestamp::from_ms(0))
    }

    fn atom(&self) -> Markup {
        let address = self.address(Format::Atom);
        html! {
            feed xmlns="http://www.w3.org/2005/Atom" xml:lang=(self.settings.lang) {
                id { (address) }
                title { (self.name()) }
                subtitle { (self.settings.description) }
                updated { (self.updated().rfc3339()) }
                link rel="self" type="application/atom+xml" href=(address) {}
                link rel="alternate" type="text/html" href=(self.home()) {}
                @if let Some(next) = self.next(Format::Atom) { link rel="next" href=(next) {} }
                @for entry in &self.entries { (self.atom_entry(entry)) }
            }
        }
    }

    fn atom_entry(&self, entry: &Entry) -> Markup {
        html! {
            entry {
                id { (entry.id) }
                title { (entry.title) }
                updated { (entry.updated.rfc3339()) }
                published { (entry.published.rfc3339()) }
                author {
                    name { (entry.author()) }
                    @if let Some(name) = &entry.author { uri { (self.base) (path::user(name)) } }
                }
                link rel="alternate" href=(entry.link) {}
                @if entry.talk != entry.link { link rel="replies" type="text/html" href=(entry.talk) {} }
                @for tag in &entry.tags { category term=(tag) {} }
                content type="html" { (entry.html) }
            }
        }
    }

    fn rss(&self) -> Markup {
        html! {
            rss version="2.0" xmlns:atom="http://www.w3.org/2005/Atom" xmlns:dc="http://purl.org/dc/elements/1.1/" {
                channel {
                    title { (self.name()) }
                    link { (self.home()) }
                    description { (self.settings.description) }
                    language { (self.settings.lang) }
                    lastBuildDate { (self.updated().http_date()) }
                    atom:link rel="self" type="application/rss+xml" href=(self.address(Format::Rss)) {}
                    @for entry in &self.entries {
                        item {
                            title { (entry.title) }
                            link { (entry.link) }
                            guid isPermaLink="true" { (entry.id) }
                            pubDate { (entry.published.http_date()) }
                            dc:creator { (entry.author()) }
                            comments { (entry.talk) }
                            @for tag in &entry.tags { category { (tag) } }
                            description { (entry.html) }
                        }
                    }
                }
            }
        }
    }

    fn json(&self) -> Value {
        let items: Vec<Value> = self
            .entries
            .iter()
            .map(|entry| self.json_item(entry))
            .collect();
        let mut feed = json!({
            "version": "https://jsonfeed.org/version/1.1",
            "title": self.name(),
            "home_page_url": self.home(),
            "feed_url": self.address(Format::Json),
            "description": self.settings.description,
            "language": self.settings.lang,
            "items": items,
        });
        if let Some(next) = self.next(Format::Json) {
            feed["next_url"] = next.into();
        }
        feed
    }

    fn json_item(&self, entry: &Entry) -> Value {
        let tags: Vec<&str> = entry.tags.iter().map(TagName::as_str).collect();
        let mut author = json!({"name": entry.author()});
        if let Some(name) = &entry.author {
            author["url"] = format!("{}{}", self.base, path::user(name)).into();
        }
        // "url" is the page here, "external_url" the article that it is about (JSON Feed 1.1, items).
        let (url, external) = if entry.id == entry.link {
            (&entry.link, None)
        } else {
            (
                &entry.talk,
                Some(&entry.link).filter(|link| **link != entry.talk),
            )
        };
        let mut item = json!({
            "id": entry.id,
            "url": url,
            "title": entry.title,
            "content_html": entry.html,
            "date_published": entry.published.rfc3339(),
            "date_modified": entry.updated.rfc3339(),
            "authors": [author],
            "tags": tags,
        });
        if let Some(external) = external {
            item["external_url"] = external.as_str().into();
        }
        item
    }
}

/// An XML document. Characters that XML 1.0 cannot hold, even escaped, become U+FFFD.
pub(super) fn xml(root: &Markup) -> String {
    let legal = |c: char| matches!(c, '\t' | '\n' | '\r' | ' '..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'..);
    let mut text = String::with_capacity(root.0.len() + 40);
    text.push_str("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    text.extend(
        root.0
            .chars()
            .map(|c| if legal(c) { c } else { '\u{fffd}' }),
    );
    text
}
