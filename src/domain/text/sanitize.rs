//! Rebuilds foreign HTML with the writer: known elements are written anew, all else is text or nothing.
//!
//! Made for Hacker News items (`<p>` between paragraphs, `<a href>`, `<i>`, `<pre><code>`) and good for any HTML. Must
//! never copy a tag or an attribute from its input.

use super::token::{self, Token};
use super::write::{Element, Writer};

/// Rebuilds HTML.
pub(super) fn rebuild(html: &str) -> String {
    let mut rebuilder = Rebuilder {
        writer: Writer::with_capacity(html.len()),
        open: Vec::new(),
        code: None,
    };
    for token in token::tokens(html) {
        rebuilder.token(token);
    }
    rebuilder.end_code();
    rebuilder.writer.finish()
}

/// An open element, by what can close it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Node {
    Paragraph,
    Quote,
    List,
    Item,
    Emphasis,
    Strong,
    Strike,
    Link,
}

impl Node {
    fn is_inline(self) -> bool {
        matches!(
            self,
            Self::Emphasis | Self::Strong | Self::Strike | Self::Link
        )
    }
}

/// Code that is being read.
struct Code {
    text: String,
    is_block: bool,
}

struct Rebuilder {
    writer: Writer,
    open: Vec<Node>,
    code: Option<Code>,
}

impl Rebuilder {
    fn token(&mut self, token: Token<'_>) {
        match token {
            Token::Text(text) => self.text(&token::decode(text)),
            Token::Open(name, attributes) => self.start(&name.to_ascii_lowercase(), attributes),
            Token::Close(name) => self.end(&name.to_ascii_lowercase()),
        }
    }

    fn text(&mut self, text: &str) {
        if let Some(code) = &mut self.code {
            code.text.push_str(text);
        } else if self
            .open
            .last()
            .is_none_or(|node| matches!(node, Node::Quote | Node::List))
        {
            if !text.trim().is_empty() {
                self.need_inline();
                self.writer.linked_text(text.trim_start());
            }
        } else {
            self.writer.linked_text(text);
        }
    }

    fn start(&mut self, name: &str, attributes: &str) {
        if let Some(code) = &mut self.code {
            match name {
                "br" => code.text.push('\n'),
                "p" | "div" | "pre" | "blockquote" if !code.is_block => self.end_code(),
                _ => {}
            }
            if self.code.is_some() {
                return;
            }
        }
        match name {
            "p" | "div" | "section" | "article" | "tr" | "dt" | "dd" | "h1" | "h2" | "h3"
            | "h4" | "h5" | "h6" => self.start_paragraph(),
            "i" | "em" | "cite" => self.start_inline(Node::Emphasis, Element::Emphasis),
            "b" | "strong" => self.start_inline(Node::Strong, Element::Strong),
            "s" | "del" | "strike" => self.start_inline(Node::Strike, Element::Strike),
            "a" => self.start_link(attributes),
            "code" | "tt" | "kbd" | "samp" => {
                self.code = Some(Code {
                    text: String::new(),
                    is_block: false,
                });
            }
            "pre" => {
                self.code = Some(Code {
                    text: String::new(),
                    is_block: true,
                });
            }
            "br" => self.line_break(),
            "hr" => self.rule(),
            "blockquote" => self.start_block(Node::Quote, Element::Quote),
            "ul" => self.start_block(Node::List, Element::List),
            "ol" => self.start_block(Node::List, Element::Numbered(1)),
            "li" => self.start_item(),
            _ => {}
        }
    }

    fn end(&mut self, name: &str) {
        if let Some(code) = &self.code {
            if (code.is_block && name == "pre")
                || (!code.is_block && matches!(name, "code" | "tt" | "kbd" | "samp" | "p"))
            {
                self.end_code();
            }
            return;
        }
        match name {
            "p" | "div" | "section" | "article" | "tr" | "h1" | "h2" | "h3" | "h4" | "h5"
            | "h6" => self.leave_paragraph(),
            "i" | "em" | "cite" => self.end_inline(Node::Emphasis),
            "b" | "strong" => self.end_inline(Node::Strong),
            "s" | "del" | "strike" => self.end_inline(Node::Strike),
            "a" => self.end_inline(Node::Link),
            "blockquote" => self.end_block(Node::Quote),
            "ul" | "ol" => self.end_block(Node::List),
            "li" => self.end_block(Node::Item),
            _ => {}
        }
    }

    fn push(&mut self, node: Node, element: Element) {
        self.open.push(node);
        self.writer.open(element);
    }

    fn pop(&mut self) {
        self.open.pop();
        self.writer.close();
    }

    /// Opens a paragraph, or an item, when inline content comes where only blocks may stand.
    fn need_inline(&mut self) {
        match self.open.last() {
            None | Some(Node::Quote) => self.push(Node::Paragraph, Element::Paragraph),
            Some(Node::List) => self.push(Node::Item, Element::Item),
            _ => {}
        }
    }

    fn start_inline(&mut self, node: Node, element: Element) {
        if self.writer.has_room() {
            self.need_inline();
            self.push(node, element);
        }
    }

    fn start_link(&mut self, attributes: &str) {
        self.end_inline(Node::Link);
        if let Some(target) = token::href_of(attributes) {
            self.start_inline(Node::Link, Element::Link(target.into_owned()));
        }
    }

    /// Ends the nearest element of this kind within the block. Nesting is bounded, so the search is.
    fn end_inline(&mut self, node: Node) {
        let inlines = self.open.iter().rev().take_while(|open| open.is_inline());
        if let Some(above) = inlines.into_iter().position(|open| *open == node) {
            (0..=above).for_each(|_| self.pop());
        }
    }

    /// Parts what follows from what precedes; outside of items the paragraph begins with its text.
    fn start_paragraph(&mut self) {
        self.leave_paragraph();
        if self.open.last() == Some(&Node::Item) {
            self.push(Node::Paragraph, Element::Paragraph);
        }
    }

    fn start_block(&mut self, node: Node, element: Element) {
        self.leave_paragraph();
        if self.open.last() == Some(&Node::List) {
            self.push(Node::Item, Element::Item);
        }
        if self.writer.has_room() {
            self.push(node, element);
        }
    }

    fn leave_paragraph(&mut self) {
        while self
            .open
            .last()
            .is_some_and(|node| node.is_inline() || *node == Node::Paragraph)
        {
            self.pop();
        }
    }

    fn start_item(&mut self) {
        self.end_block(Node::Item);
        self.leave_paragraph();
        if self.open.last() == Some(&Node::List) {
            self.push(Node::Item, Element::Item);
        }
    }

    /// Ends the nearest block of this kind; an item is not looked for beyond its list.
    fn end_block(&mut self, node: Node) {
        let above = self
            .open
            .iter()
            .rev()
            .position(|open| *open == node || (node == Node::Item && *open == Node::List));
        if let Some(above) = above {
            let found = self.open[self.open.len() - 1 - above];
            (0..above + usize::from(found == node)).for_each(|_| self.pop());
        }
    }

    fn line_break(&mut self) {
        if self
            .open
            .last()
            .is_some_and(|node| !matches!(node, Node::Quote | Node::List))
        {
            self.writer.line_break();
        }
    }

    fn rule(&mut self) {
        self.leave_paragraph();
        if self.open.last() != Some(&Node::List) {
            self.writer.rule();
        }
    }

    fn end_code(&mut self) {
        let Some(code) = self.code.take() else { return };
        if code.is_block {
            self.leave_paragraph();
            if self.open.last() == Some(&Node::List) {
                self.push(Node::Item, Element::Item);
            }
            self.writer
                .code_block("", &dedent(code.text.trim_end().trim_start_matches('\n')));
        } else if !code.text.is_empty() {
            self.need_inline();
            self.writer.code(&code.text);
        }
    }
}

/// Takes away the indentation that all lines share: it is how code is marked in what people typed there.
fn dedent(code: &str) -> String {
    let indent = |line: &str| line.len() - line.trim_start_matches(' ').len();
    let shared = code
        .lines()
        .filter(|line| !line.trim().is_empty())
        .map(indent)
        .min()
        .unwrap_or(0);
    let lines: Vec<&str> = code
        .lines()
        .map(|line| line.get(shared..).unwrap_or(""))
        .collect();
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(html: &str, expected: &str) {
        let got = rebuild(html)
            .replace(" rel=\"ugc nofollow noopener\"", "")
            .replace('\n', "");
        assert_eq!(got, expected, "{html:?}");
    }

    #[test]
    fn hacker_news_items_become_valid_html() {
        check(
            "I&#x27;m &lt;b&gt;<p>two<p>three",
            "<p>I'm &lt;b&gt;</p><p>two</p><p>three</p>",
        );
        check("<p>a</p><p></p> <p>b", "<p>a</p><p>b</p>");
        check(
            "x <a href=\"https:&#x2F;&#x2F;e.com&#x2F;a?b&amp;c\" rel=\"nofollow\">https:&#x2F;&#x2F;e.com&#x2F;a...</a>",
            "<p>x <a href=\"https://e.com/a?b&amp;c\">https://e.com/a...</a></p>",
        );
        check("<i>a<p>b</i>c", "<p><em>a</em></p><p>bc</p>");
        check(
            "a<p><pre><code>  x &lt; 1\n    y\n</code></pre>\nb",
            "<p>a</p><pre tabindex=\"0\"><code>x &lt; 1  y</code></pre><p>b</p>",
        );
        check(
            "https:&#x2F;&#x2F;e.com, <a href=https://f.com>https://g.com</a>",
            "<p><a href=\"https://e.com/\">https://e.com</a>, <a href=\"https://f.com/\">https://g.com</a></p>",
        );
        check("", "");
    }

    #[test]
    fn other_html_keeps_its_sense() {
        check(
            "<ul><li>a<li>b<ul><li>c</ul></ul>d",
            "<ul><li>a</li><li>b<ul><li>c</li></ul></li></ul><p>d</p>",
        );
        check(
            "<ol>x<b>y</b></ol>",
            "<ol><li>x<strong>y</strong></li></ol>",
        );
        check(
            "<blockquote>a<p>b</blockquote>c",
            "<blockquote><p>a</p><p>b</p></blockquote><p>c</p>",
        );
        check("<b><i>a</b>b</i>c", "<p><strong><em>a</em></strong>bc</p>");
        check(
            "a<br>b<hr>c <code>d<b>e</b></code>",
            "<p>a<br>b</p><hr><p>c <code>de</code></p>",
        );
        check("<h1>A</h1>b<table><tr><td>c", "<p>A</p><p>b</p><p>c</p>");
    }

    #[test]
    fn nothing_hostile_survives() {
        check("<img src=x onerror=alert(1)>a", "<p>a</p>");
        check("<script>alert(1)</script>a<style>*{}</style>", "<p>a</p>");
        check("<a href=javascript:alert(1)>a</a>", "<p>a</p>");
        check(
            "<a href=\" &#1;java&Tab;script&colon;alert(1)\">a</a>",
            "<p>a</p>",
        );
        check(
            "<a href=\"https://e.com/&quot; onclick=&quot;x\">a</a>",
            "<p><a href=\"https://e.com/%22%20onclick=%22x\">a</a></p>",
        );
        check(
            "<a href='https://e.com/\"><script>'>a</a>",
            "<p><a href=\"https://e.com/%22%3E%3Cscript%3E\">a</a></p>",
        );
        check("<svg onload=x><math><p>a", "<p>a</p>");
        check("<!--><img onerror=x>-->a", "<p>--&gt;a</p>");
        check("</p></div></a></i><<b>a", "<p>&lt;<strong>a</strong></p>");
        check("<b", "<p>&lt;b</p>");
    }

    #[test]
    fn nesting_is_bounded() {
        for tag in [
            "<i>",
            "<b>",
            "<blockquote>",
            "<ul><li>",
            "<ul>",
            "<ol>",
            "<a href=https://e.com>",
        ] {
            let got = rebuild(&format!("{}x", tag.repeat(5_000)));
            assert!(
                got.len() < 400_000 && got.contains('x'),
                "{tag}: {}",
                got.len()
            );
        }
    }
}
