//! Writes safe HTML: the only place where a tag comes from.
//!
//! Markdown and foreign HTML both end here, so that there is one list of tags and one rule for links. Tags are balanced
//! by construction, nesting is bounded, text is escaped on its way in. It must never take markup as a string.

use super::chars::{self, Escaper};
use super::href::{find_bare, href};
use super::{highlight, words};

/// So deep may quotes and lists nest, and so deep emphasis; what is deeper is shown without its element.
pub const MAX_DEPTH: usize = 24;

/// So many bytes of one text get colours; it bounds the size of the page.
const MAX_HIGHLIGHTED: usize = 32 * 1024;

/// An element that holds others or text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Element {
    Paragraph,
    /// Written as a bold paragraph: a comment must not enter the page's outline.
    Heading,
    Quote,
    List,
    /// An ordered list and its first number.
    Numbered(u64),
    Item,
    Emphasis,
    Strong,
    Strike,
    /// A link to a target that is yet to be judged.
    Link(String),
}

/// What closing an element gives back.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Level {
    Hidden,
    Free,
    Block,
    Inline,
    Link,
}

struct Open {
    closing: &'static str,
    level: Level,
    is_list: bool,
}

/// Builds the HTML.
#[derive(Default)]
pub(super) struct Writer {
    out: String,
    escaper: Escaper,
    open: Vec<Open>,
    blocks: usize,
    inlines: usize,
    link: Option<LinkState>,
    highlighted: usize,
}

/// The link that is open: its target, shown when the link would otherwise be empty.
struct LinkState {
    href: String,
    has_text: bool,
}

impl Writer {
    /// A writer for about this many bytes of input.
    pub(super) fn with_capacity(bytes: usize) -> Self {
        Self {
            out: String::with_capacity(bytes + bytes / 4),
            ..Self::default()
        }
    }

    /// Begins an element; every call needs its [`Self::close`].
    pub(super) fn open(&mut self, element: Element) {
        let is_list = matches!(element, Element::List | Element::Numbered(_));
        let (closing, level) = match element {
            Element::Paragraph => self.free("<p>", "</p>\n"),
            Element::Heading => self.free("<p><strong>", "</strong></p>\n"),
            Element::Quote => self.block("<blockquote>\n", "</blockquote>\n"),
            Element::List => self.block("<ul>\n", "</ul>\n"),
            Element::Numbered(1) => self.block("<ol>\n", "</ol>\n"),
            Element::Numbered(start) => self.block(&format!("<ol start=\"{start}\">\n"), "</ol>\n"),
            Element::Item => self.item(),
            Element::Emphasis => self.inline("<em>", "</em>"),
            Element::Strong => self.inline("<strong>", "</strong>"),
            Element::Strike => self.inline("<del>", "</del>"),
            Element::Link(target) => self.link(&target),
        };
        self.open.push(Open {
            closing,
            level,
            is_list,
        });
    }

    /// Ends the element that was begun last.
    pub(super) fn close(&mut self) {
        let Some(open) = self.open.pop() else { return };
        match open.level {
            Level::Block => self.blocks -= 1,
            Level::Inline => self.inlines -= 1,
            Level::Link => self.end_link(),
            Level::Hidden | Level::Free => {}
        }
        self.out.push_str(open.closing);
    }

    /// Running text.
    pub(super) fn text(&mut self, text: &str) {
        self.see(text);
        self.escaper.text(&mut self.out, text);
    }

    /// Running text with its bare URLs as links.
    pub(super) fn linked_text(&mut self, text: &str) {
        let mut at = 0;
        while !self.in_link()
            && let Some(bare) = find_bare(text, at, text.len())
        {
            self.text(&text[at..bare.range.start]);
            let shown = &text[bare.range.clone()];
            match bare.href {
                Some(href) => self.bare_link(&href, shown),
                None => self.text(shown),
            }
            at = bare.range.end;
        }
        self.text(&text[at..]);
    }

    /// Code within a line.
    pub(super) fn code(&mut self, code: &str) {
        self.see(code);
        self.out.push_str("<code>");
        self.escaper.code(&mut self.out, code);
        self.out.push_str("</code>");
    }

    /// A block of code; can be scrolled with the keyboard, coloured if it is JavaScript.
    pub(super) fn code_block(&mut self, label: &str, code: &str) {
        // A newline right after <pre> would be swallowed; after <code> it is not.
        self.out.push_str("<pre tabindex=\"0\"><code>");
        if self.highlighted + code.len() <= MAX_HIGHLIGHTED && words::is_javascript(label, code) {
            self.highlighted += code.len();
            for (kind, piece) in highlight::pieces(code) {
                self.piece(kind.class(), piece);
            }
        } else {
            self.escaper.code(&mut self.out, code);
        }
        self.out.push_str("</code></pre>\n");
    }

    /// A whole link, shown as the text.
    pub(super) fn bare_link(&mut self, href: &str, text: &str) {
        self.link_tag(href);
        self.escaper.text(&mut self.out, text);
        self.out.push_str("</a>");
    }

    /// A line break within a paragraph.
    pub(super) fn line_break(&mut self) {
        self.out.push_str("<br>\n");
    }

    /// A line between paragraphs.
    pub(super) fn rule(&mut self) {
        self.out.push_str("<hr>\n");
    }

    /// Whether text stands in a link now.
    pub(super) fn in_link(&self) -> bool {
        self.link.is_some()
    }

    /// Whether another quote or list would be shown.
    pub(super) fn has_room(&self) -> bool {
        self.blocks < MAX_DEPTH && self.inlines < MAX_DEPTH
    }

    /// Closes what is open and gives the HTML.
    pub(super) fn finish(mut self) -> String {
        while !self.open.is_empty() {
            self.close();
        }
        self.out
    }

    fn free(&mut self, opening: &str, closing: &'static str) -> (&'static str, Level) {
        self.out.push_str(opening);
        (closing, Level::Free)
    }

    fn block(&mut self, opening: &str, closing: &'static str) -> (&'static str, Level) {
        if self.blocks == MAX_DEPTH {
            return ("", Level::Hidden);
        }
        self.blocks += 1;
        self.out.push_str(opening);
        (closing, Level::Block)
    }

    fn item(&mut self) -> (&'static str, Level) {
        if self
            .open
            .last()
            .is_some_and(|parent| parent.is_list && parent.level == Level::Block)
        {
            return self.free("<li>", "</li>\n");
        }
        self.line_break();
        ("", Level::Hidden)
    }

    fn inline(&mut self, opening: &str, closing: &'static str) -> (&'static str, Level) {
        if self.inlines == MAX_DEPTH {
            return ("", Level::Hidden);
        }
        self.inlines += 1;
        self.out.push_str(opening);
        (closing, Level::Inline)
    }

    fn link(&mut self, target: &str) -> (&'static str, Level) {
        let Some(href) = href(target).filter(|_| self.link.is_none()) else {
            return ("", Level::Hidden);
        };
        self.link_tag(&href);
        self.link = Some(LinkState {
            href,
            has_text: false,
        });
        ("</a>", Level::Link)
    }

    fn end_link(&mut self) {
        if let Some(LinkState {
            href,
            has_text: false,
        }) = self.link.take()
        {
            self.escaper.text(&mut self.out, &href);
        }
    }

    fn link_tag(&mut self, href: &str) {
        self.out.push_str("<a href=\"");
        self.escaper.text(&mut self.out, href);
        self.out.push_str("\" rel=\"ugc nofollow noopener\">");
    }

    fn piece(&mut self, class: Option<&str>, piece: &str) {
        if let Some(class) = class {
            self.out.push_str("<span class=\"");
            self.out.push_str(class);
            self.out.push_str("\">");
        }
        self.escaper.code(&mut self.out, piece);
        if class.is_some() {
            self.out.push_str("</span>");
        }
    }

    fn see(&mut self, text: &str) {
        if let Some(link) = &mut self.link {
            link.has_text = link.has_text || chars::is_visible(text);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_left_open_is_closed() {
        let mut writer = Writer::default();
        writer.open(Element::Quote);
        writer.open(Element::Paragraph);
        writer.open(Element::Link("https://e.com".to_owned()));
        writer.open(Element::Link("https://nested.example".to_owned()));
        assert_eq!(
            writer.finish(),
            "<blockquote>\n<p><a href=\"https://e.com/\" rel=\"ugc nofollow noopener\">https://e.com/</a></p>\n</blockquote>\n"
        );
    }

    #[test]
    fn colours_end_with_their_budget() {
        let mut writer = Writer::default();
        writer.code_block("js", &"1 ".repeat(MAX_HIGHLIGHTED / 2));
        writer.code_block("js", "1");
        assert!(
            writer
                .finish()
                .ends_with("<pre tabindex=\"0\"><code>1</code></pre>\n")
        );
    }
}
