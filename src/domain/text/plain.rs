//! Safe HTML to plain text that reads well and, as Markdown, gives much the same page again.
//!
//! It knows only what the writer writes. Must never be given other HTML: it would come out as odd text.

use super::href::href;
use super::token::{self, Token};

/// The text.
pub(super) fn text(html: &str) -> String {
    let mut plain = Plain::default();
    for token in token::tokens(html) {
        match token {
            Token::Text(text) => plain.text(&token::decode(text)),
            Token::Open(name, attributes) => plain.start(name, attributes),
            Token::Close(name) => plain.end(name),
        }
    }
    plain.out
}

#[derive(Default)]
struct Plain {
    out: String,
    /// What each line begins with, for each quote, item and code block around it.
    prefixes: Vec<&'static str>,
    /// The next number of each list around; `None` for a list of bullets.
    lists: Vec<Option<u64>>,
    /// Line ends that are due before the next text.
    due: usize,
    /// The bullet or number that is due.
    marker: String,
    in_code: bool,
    /// The link that is open: its target, and where its text begins.
    link: Option<(String, usize)>,
}

impl Plain {
    fn start(&mut self, name: &str, attributes: &str) {
        match name {
            "p" => self.need(2),
            "blockquote" => self.indent(2, "> "),
            "ul" => self.list(None),
            "ol" => self.list(Some(first_number(attributes))),
            "li" => self.item(),
            "pre" => {
                self.indent(2, "    ");
                self.in_code = true;
            }
            "br" => self.due = self.due.max(1),
            "hr" => {
                self.need(2);
                self.write("---");
                self.need(2);
            }
            "a" => {
                self.flush();
                self.link =
                    token::href_of(attributes).map(|href| (href.into_owned(), self.out.len()));
            }
            _ => {}
        }
    }

    fn end(&mut self, name: &str) {
        match name {
            "p" => self.need(2),
            "blockquote" => self.outdent(),
            "pre" => {
                self.in_code = false;
                self.outdent();
            }
            "ul" | "ol" => {
                self.lists.pop();
                self.need(if self.lists.is_empty() { 2 } else { 1 });
            }
            "li" => {
                self.prefixes.pop();
                self.marker.clear();
                self.due = 1;
            }
            "a" => self.end_link(),
            _ => {}
        }
    }

    fn need(&mut self, lines: usize) {
        // A paragraph right after its bullet stands beside it.
        if self.marker.is_empty() {
            self.due = self.due.max(lines);
        }
    }

    fn indent(&mut self, lines: usize, prefix: &'static str) {
        self.need(lines);
        self.prefixes.push(prefix);
    }

    fn outdent(&mut self) {
        self.prefixes.pop();
        self.need(2);
    }

    fn list(&mut self, first: Option<u64>) {
        self.need(if self.lists.is_empty() { 2 } else { 1 });
        self.lists.push(first);
    }

    fn item(&mut self) {
        self.need(1);
        self.marker = match self.lists.last_mut() {
            Some(Some(number)) => {
                *number += 1;
                format!("{}. ", *number - 1)
            }
            _ => "- ".to_owned(),
        };
        self.prefixes
            .push(if self.marker == "- " { "  " } else { "   " });
    }

    fn text(&mut self, text: &str) {
        let text = if self.in_code {
            text.trim_end_matches('\n')
        } else {
            text
        };
        if !self.in_code && (self.due > 0 || self.out.is_empty() || !self.marker.is_empty()) {
            let text = text.trim_start();
            if !text.is_empty() {
                self.write(text);
            }
        } else if self.in_code || !text.is_empty() {
            self.write(text);
        }
    }

    fn write(&mut self, text: &str) {
        self.flush();
        for (i, line) in text.split('\n').enumerate() {
            if i > 0 {
                self.new_line(line.is_empty());
            }
            self.out.push_str(line);
        }
    }

    /// Writes the line ends, the prefixes and the marker that are due.
    fn flush(&mut self) {
        let first = self.out.is_empty();
        if !first {
            for left in (0..self.due).rev() {
                self.new_line(left > 0);
            }
        }
        if first || !self.marker.is_empty() {
            if first {
                self.push_prefixes();
            }
            let marker = std::mem::take(&mut self.marker);
            if !marker.is_empty() {
                let indent = self.prefixes.last().map_or(0, |prefix| prefix.len());
                self.out.truncate(self.out.len().saturating_sub(indent));
                self.out.push_str(&marker);
            }
        }
        self.due = 0;
    }

    fn new_line(&mut self, is_blank: bool) {
        self.out.truncate(self.out.trim_end_matches(' ').len());
        self.out.push('\n');
        self.push_prefixes();
        if is_blank {
            self.out.truncate(self.out.trim_end_matches(' ').len());
        }
    }

    fn push_prefixes(&mut self) {
        for prefix in &self.prefixes {
            self.out.push_str(prefix);
        }
    }

    fn end_link(&mut self) {
        let Some((target, start)) = self.link.take() else {
            return;
        };
        let start = start.min(self.out.len());
        let shown = &self.out[start..];
        if is_shortened(shown, &target) {
            self.out.truncate(start);
            self.out.push_str(&target);
        } else if !names(shown, &target) {
            self.out.push_str(" (");
            self.out.push_str(&target);
            self.out.push(')');
        }
    }
}

fn first_number(attributes: &str) -> u64 {
    attributes
        .split('"')
        .nth(1)
        .and_then(|number| number.parse().ok())
        .unwrap_or(1)
}

/// Whether a link's text is the beginning of its target, as Hacker News shortens it.
fn is_shortened(shown: &str, target: &str) -> bool {
    shown
        .strip_suffix("...")
        .or_else(|| shown.strip_suffix('…'))
        .is_some_and(|stem| stem.contains("://") && target.starts_with(stem))
}

/// Whether a link's text already says where it leads.
fn names(shown: &str, target: &str) -> bool {
    let full = if shown.starts_with("www.") {
        format!("https://{shown}")
    } else {
        shown.to_owned()
    };
    target.strip_prefix("mailto:") == Some(shown) || href(&full).as_deref() == Some(target)
}

#[cfg(test)]
mod tests {
    use crate::domain::text::{from_html, markdown, plain};

    #[test]
    fn text_comes_out_as_it_went_in() {
        for source in [
            "one\n\ntwo\nlines",
            "- a\n- b\n  - c\n- d\n\nend",
            "3. a\n4. b",
            "> a\n> b\n> >\n> > c\n\nd",
            "code:\n\n    x <\n\n      y\n\nend",
            "- a\n\n      code\n- b",
            "see https://e.com/a?b=1&c=2, www.e.com and (https://e.com/)",
            "a\n\n---\n\nb",
            "",
        ] {
            assert_eq!(plain(&markdown(source)), source);
        }
    }

    #[test]
    fn links_keep_their_targets() {
        assert_eq!(
            plain(&markdown("[a](https://e.com/x), <b@e.com>")),
            "a (https://e.com/x), b@e.com"
        );
        assert_eq!(
            plain(&from_html(
                "<a href=\"https://e.com/long\">https://e.com/lo...</a>"
            )),
            "https://e.com/long"
        );
        assert_eq!(
            plain(&markdown("*a* `b` **c** &lt;d&gt; <e>")),
            "a b c <d> <e>"
        );
        assert_eq!(plain(&markdown("a  \nb")), "a\nb");
    }
}
