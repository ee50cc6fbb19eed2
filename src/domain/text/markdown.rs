//! Markdown to HTML: the parser's events, handed to the writer.
//!
//! The source is flattened before the parser (pulldown-cmark) sees it, which is what keeps it linear. Bare URLs are found here, on the source
//! rather than in the events, since `_` and `*` within a URL are no emphasis. Must never pass on raw HTML.

use std::borrow::Cow;
use std::ops::Range;

use pulldown_cmark::{CodeBlockKind, Event, LinkType, Options, Parser, Tag, TagEnd};

use super::flatten::flatten;
use super::href;
use super::write::{Element, Writer};

/// Renders Markdown.
pub(super) fn render(source: &str) -> String {
    let lines = unify_lines(source);
    let source = flatten(&lines);
    let mut renderer = Renderer {
        source: &source,
        writer: Writer::with_capacity(source.len()),
        written: 0..0,
        code: None,
        html_line: false,
    };
    for (event, range) in Parser::new_ext(&source, Options::ENABLE_STRIKETHROUGH).into_offset_iter()
    {
        renderer.event(event, range);
    }
    renderer.writer.finish()
}

struct Renderer<'a> {
    source: &'a str,
    writer: Writer,
    /// The bare URL that was written last; events within it are done.
    written: Range<usize>,
    /// The code block that is being read: its label and text.
    code: Option<(String, String)>,
    /// Whether a line of an HTML block has been shown.
    html_line: bool,
}

impl Renderer<'_> {
    fn event(&mut self, event: Event<'_>, range: Range<usize>) {
        match event {
            Event::Text(text) => self.text(&text, range),
            Event::Code(code) => self.writer.code(&code),
            Event::Html(line) => self.html(&line, range),
            Event::InlineHtml(html) => self.writer.text(&html),
            Event::SoftBreak => self.writer.text("\n"),
            Event::HardBreak => self.writer.line_break(),
            Event::Rule => self.writer.rule(),
            Event::Start(tag) => self.start(tag, &range),
            Event::End(tag) => self.end(tag, &range),
            // Not enabled.
            Event::InlineMath(_)
            | Event::DisplayMath(_)
            | Event::FootnoteReference(_)
            | Event::TaskListMarker(_) => {}
        }
    }

    fn start(&mut self, tag: Tag<'_>, range: &Range<usize>) {
        let element = match tag {
            Tag::CodeBlock(kind) => {
                let label = if let CodeBlockKind::Fenced(label) = kind {
                    label.into_string()
                } else {
                    String::new()
                };
                self.code = Some((label, String::new()));
                return;
            }
            Tag::Emphasis | Tag::Strong | Tag::Strikethrough if self.is_of_url(range) => return,
            Tag::Emphasis => Element::Emphasis,
            Tag::Strong => Element::Strong,
            Tag::Strikethrough => Element::Strike,
            Tag::Heading { .. } => Element::Heading,
            Tag::BlockQuote(_) => Element::Quote,
            Tag::List(None) => Element::List,
            Tag::List(Some(start)) => Element::Numbered(start),
            Tag::Item => Element::Item,
            Tag::Link {
                link_type: LinkType::Email,
                dest_url,
                ..
            } => Element::Link(format!("mailto:{dest_url}")),
            Tag::Link { dest_url, .. } | Tag::Image { dest_url, .. } => {
                Element::Link(dest_url.into_string())
            }
            _ => Element::Paragraph,
        };
        self.html_line = false;
        self.writer.open(element);
    }

    fn end(&mut self, tag: TagEnd, range: &Range<usize>) {
        match tag {
            TagEnd::CodeBlock => {
                if let Some((label, code)) = self.code.take() {
                    self.writer.code_block(&label, &code);
                }
            }
            TagEnd::Emphasis | TagEnd::Strong | TagEnd::Strikethrough if self.is_of_url(range) => {
                self.finish_url(range.end);
            }
            _ => self.writer.close(),
        }
    }

    /// Whether this part of the source is within the bare URL that was written last.
    fn is_written(&self, range: &Range<usize>) -> bool {
        self.written.start <= range.start && range.end <= self.written.end
    }

    /// Whether an emphasis began within that URL and ends there or with the marks right behind, which are text then.
    fn is_of_url(&self, range: &Range<usize>) -> bool {
        let marks = self
            .source
            .get(self.written.end..range.end)
            .unwrap_or_default();
        let ends = range.end <= self.written.end
            || (marks.len() <= 8 && marks.bytes().all(|b| matches!(b, b'*' | b'_' | b'~')));
        self.written.contains(&range.start) && ends
    }

    fn finish_url(&mut self, end: usize) {
        if let Some(marks) = self.source.get(self.written.end..end) {
            self.writer.text(marks);
            self.written.end = end;
        }
    }

    fn html(&mut self, line: &str, range: Range<usize>) {
        if std::mem::replace(&mut self.html_line, true) {
            self.writer.line_break();
        }
        let line = line.trim_end_matches('\n');
        self.text(line, range.start..range.start + line.len());
    }

    fn text(&mut self, text: &str, range: Range<usize>) {
        if let Some((_, code)) = &mut self.code {
            code.push_str(text);
        } else if self.writer.in_link() || self.source.get(range.clone()) != Some(text) {
            // In a link, or decoded from an entity: no URL begins here, but one may go on.
            if !self.is_written(&range) {
                self.writer.text(text);
            }
        } else {
            self.linkify(range);
        }
    }

    /// Writes the source of the range with its bare URLs as links.
    fn linkify(&mut self, range: Range<usize>) {
        let source = self.source;
        let mut at = range.start.max(self.written.end);
        while at < range.end {
            let Some(bare) = href::find_bare(source, at, range.end) else {
                self.writer.text(&source[at..range.end]);
                return;
            };
            self.writer.text(&source[at..bare.range.start]);
            let shown = source[bare.range.clone()].replace("&amp;", "&");
            match bare.href {
                Some(href) => self.writer.bare_link(&href, &shown),
                None => self.writer.text(&shown),
            }
            at = bare.range.end;
            self.written = bare.range;
        }
    }
}

fn unify_lines(source: &str) -> Cow<'_, str> {
    if source.contains(['\r', '\0']) {
        Cow::Owned(
            source
                .replace("\r\n", "\n")
                .replace('\r', "\n")
                .replace('\0', ""),
        )
    } else {
        Cow::Borrowed(source)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::text::MAX_DEPTH;

    const REL: &str = "rel=\"ugc nofollow noopener\"";

    #[track_caller]
    fn check(source: &str, expected: &str) {
        let got = render(source).replace(&format!(" {REL}"), "");
        assert_eq!(got.trim_end(), expected, "{source:?}");
    }

    #[test]
    fn markdown_becomes_html() {
        check(
            "a *b* **c** ~~d~~ `e<` ",
            "<p>a <em>b</em> <strong>c</strong> <del>d</del> <code>e&lt;</code></p>",
        );
        check(
            "# Title #\n\ntext",
            "<p><strong>Title</strong></p>\n<p>text</p>",
        );
        check(
            "> a\n\n- b\n- c\n\n3. d",
            "<blockquote>\n<p>a</p>\n</blockquote>\n<ul>\n<li>b</li>\n<li>c</li>\n</ul>\n<ol start=\"3\">\n<li>d</li>\n</ol>",
        );
        check("a  \nb\r\nc\n\n---", "<p>a<br>\nb\nc</p>\n<hr>");
        check(
            "    a\n     b",
            "<pre tabindex=\"0\"><code>a\n b</code></pre>",
        );
        check(
            "```js\nlet a\n```",
            "<pre tabindex=\"0\"><code><span class=\"hk\">let</span> a\n</code></pre>",
        );
        check(
            "```text\n<let>\n```",
            "<pre tabindex=\"0\"><code>&lt;let&gt;\n</code></pre>",
        );
        check("", "");
    }

    #[test]
    fn links_have_safe_targets_or_none() {
        check(
            "[a](https://e.com \"t\")",
            "<p><a href=\"https://e.com/\">a</a></p>",
        );
        check(
            "[a](mailto:x@e.com) <x@e.com>",
            "<p><a href=\"mailto:x@e.com\">a</a> <a href=\"mailto:x@e.com\">x@e.com</a></p>",
        );
        check(
            "[](https://e.com) [\u{200b}](https://e.com)",
            "<p><a href=\"https://e.com/\">https://e.com/</a> <a href=\"https://e.com/\">\u{200b}https://e.com/</a></p>",
        );
        check(
            "![alt *x*](https://e.com/a.png)",
            "<p><a href=\"https://e.com/a.png\">alt <em>x</em></a></p>",
        );
        check(
            "[![alt](https://e.com/a.png)](https://e.com)",
            "<p><a href=\"https://e.com/\">alt</a></p>",
        );
        check(
            "[a][r]\n\n[r]: https://e.com/?a=1&b=%22",
            "<p><a href=\"https://e.com/?a=1&amp;b=%22\">a</a></p>",
        );
        for target in [
            "javascript:alert(1)",
            "JAVASCRIPT:alert(1)",
            "java&#x0A;script:alert(1)",
            "&#106;avascript:alert(1)",
            "javascript&colon;alert(1)",
            "&#x01;javascript:x",
            "<java\tscript:x>",
            "data:text/html;base64,PHM+",
            "vbscript:x",
            "/relative",
            "//e.com",
            "x.html",
            "#a",
            "https://u:p@e.com/",
        ] {
            check(&format!("[a]({target})"), "<p>a</p>");
        }
    }

    #[test]
    fn bare_urls_become_links() {
        let link = |shown: &str, href: &str| format!("<a href=\"{href}\">{shown}</a>");
        check(
            "see https://e.com/a_b_c*d*, ok",
            &format!(
                "<p>see {}*, ok</p>",
                link("https://e.com/a_b_c*d", "https://e.com/a_b_c*d")
            ),
        );
        check(
            "www.e.com",
            &format!("<p>{}</p>", link("www.e.com", "https://www.e.com/")),
        );
        check(
            "**https://e.com**",
            &format!(
                "<p><strong>{}</strong></p>",
                link("https://e.com", "https://e.com/")
            ),
        );
        check(
            "https://e.com/_a_/b",
            &format!(
                "<p>{}</p>",
                link("https://e.com/_a_/b", "https://e.com/_a_/b")
            ),
        );
        check(
            "https://e.com/?a=1&amp;b=2&copy=3",
            &format!(
                "<p>{}</p>",
                link(
                    "https://e.com/?a=1&amp;b=2&amp;copy=3",
                    "https://e.com/?a=1&amp;b=2&amp;copy=3"
                )
            ),
        );
        check(
            "[https://e.com](https://f.com)",
            &format!("<p>{}</p>", link("https://e.com", "https://f.com/")),
        );
        check("`https://e.com`", "<p><code>https://e.com</code></p>");
        check("https://u:p@e.com/_x_/", "<p>https://u:p@e.com/_x_/</p>");
        check(
            "javascript://e.com/%0aalert(1)",
            "<p>javascript://e.com/%0aalert(1)</p>",
        );
    }

    #[test]
    fn html_is_shown_as_text() {
        check(
            "a <b onclick=x>b</b>",
            "<p>a &lt;b onclick=x&gt;b&lt;/b&gt;</p>",
        );
        check(
            "<div>\n<img src=x onerror=alert(1)>\n\nb",
            "<p>&lt;div&gt;<br>\n&lt;img src=x onerror=alert(1)&gt;</p>\n<p>b</p>",
        );
        check(
            "<!-- a --!> ]]> <![CDATA[ x",
            "<p>&lt;!-- a --!&gt; ]]&gt; &lt;![CDATA[ x</p>",
        );
    }

    #[test]
    fn nesting_is_bounded_and_nothing_is_lost() {
        for (open, html) in [
            (">", "<blockquote>"),
            ("> ", "<blockquote>"),
            ("- ", "<ul>"),
            ("+ > ", "<ul>"),
            ("1. ", "<ol>"),
        ] {
            let got = render(&format!("{}text", open.repeat(10_000)));
            assert!(
                got.matches(html).count() <= MAX_DEPTH && got.contains("text"),
                "{open:?}"
            );
        }
        let stairs: Vec<String> = (0..300)
            .map(|i| format!("{}* a\n", "  ".repeat(i)))
            .collect();
        let got = render(&stairs.concat());
        assert!(got.matches("<ul>").count() <= MAX_DEPTH);
        assert_eq!(got.matches('a').count(), 300);
        assert!(render(&"*a **b ".repeat(5_000)).len() < 100_000);
        assert_eq!(render(&"- ".repeat(100)), "<hr>\n");
    }
}
