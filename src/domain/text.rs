//! Text that people write: Markdown and foreign HTML become [`SafeHtml`], safe HTML becomes plain text.
//!
//! Every tag is written by one file, `write.rs`, from a closed list; nothing that a person typed is ever copied as
//! markup, so safety does not hang on recognising bad input. Everything takes linear time and constant stack,
//! whatever comes in; nesting ends at [`MAX_DEPTH`] levels, and what is deeper is flattened.
//!
//! Characters: C0 and C1 controls (but `\n` and `\t`), DEL and noncharacters never reach the output; a run of combining
//! marks ends after four. Bidirectional controls stay in running text, where the block element around them isolates
//! them (UAX 9: embeddings and isolates end with the paragraph); in code they are shown as U+FFFD, since code
//! that reads otherwise than it runs is an attack (CVE-2021-42574). The page should set `unicode-bidi: plaintext`.
//!
//! Deliberately absent: raw HTML, images, tables, footnotes, headings in the outline, relative links. This module
//! must never do I/O, and never offer a way to build a [`SafeHtml`] from text that it did not write itself.

/// Single characters: what is dropped, what is invisible, escaping, one-line clean-up.
mod chars;

/// Link targets.
mod href;

/// JavaScript's words.
mod words;

/// Colours for JavaScript.
mod highlight;

/// The only place that writes tags.
mod write;

/// Bounds for nesting before parsing.
mod flatten;

/// Markdown to HTML.
mod markdown;

/// HTML into tags and text.
mod token;

/// Foreign HTML to safe HTML.
mod sanitize;

/// Safe HTML to plain text.
mod plain;

/// Tests across the files.
#[cfg(test)]
mod tests;

use maud::{Markup, PreEscaped, Render};

pub use chars::{clean_line, excerpt, is_visible};
pub(in crate::domain) use highlight::{Kind, pieces};
pub(in crate::domain) use href::tidy;
pub use write::MAX_DEPTH;

/// HTML that may stand in a page as it is: balanced, from a closed list of tags and attributes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SafeHtml(String);

impl SafeHtml {
    /// Takes back HTML that this module made and the database kept. Never for anything else: nothing is checked.
    #[must_use]
    pub const fn from_stored(html: String) -> Self {
        Self(html)
    }

    /// The HTML.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The HTML, to be kept.
    #[must_use]
    pub fn into_string(self) -> String {
        self.0
    }

    /// Whether there is nothing to show.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl Render for SafeHtml {
    fn render(&self) -> Markup {
        PreEscaped(self.0.clone())
    }

    fn render_to(&self, buffer: &mut String) {
        buffer.push_str(&self.0);
    }
}

/// Renders Markdown: `CommonMark`, strikethrough, bare URLs. Raw HTML is shown as text, an image as a link, a heading
/// as a bold paragraph; only absolute http, https and mailto targets become links.
#[must_use]
pub fn markdown(source: &str) -> SafeHtml {
    SafeHtml(markdown::render(source))
}

/// Renders Markdown that is one paragraph, without the paragraph around it: for what stands inside an element of a page.
/// `None` when it is anything else.
#[must_use]
pub fn inline(source: &str) -> Option<SafeHtml> {
    let html = markdown::render(source);
    let inner = html.trim_end().strip_prefix("<p>")?.strip_suffix("</p>")?;
    let is_one = !inner.contains("</p>") && !inner.contains("<pre");
    is_one.then(|| SafeHtml(inner.to_owned()))
}

/// Rebuilds foreign HTML (Hacker News items, feeds) from the same closed list of tags, with the same rules for links.
#[must_use]
pub fn from_html(foreign: &str) -> SafeHtml {
    SafeHtml(sanitize::rebuild(foreign))
}

/// The text of safe HTML: paragraphs parted by a blank line, code indented by four spaces, quotes and lists marked as in
/// Markdown, so that rendering it as Markdown gives much the same page. A link's target follows its text in
/// parentheses unless the text is the target.
#[must_use]
pub fn plain(html: &SafeHtml) -> String {
    plain::text(html.as_str())
}
