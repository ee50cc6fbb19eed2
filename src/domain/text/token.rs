//! Cuts HTML into tags and text, and decodes entities, forgivingly and in one pass.
//!
//! It follows the HTML standard only as far as real comments need. That is no risk: what it finds is rebuilt by the
//! writer, never copied. It must never look for the same missing end twice, or hostile input would be quadratic.

use std::borrow::Cow;

/// A piece of HTML. Text and attributes are still encoded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Token<'a> {
    Text(&'a str),
    /// An opening tag: name and attributes.
    Open(&'a str, &'a str),
    Close(&'a str),
}

/// Elements whose content is no text for readers.
const UNSEEN: [&str; 10] = [
    "script", "style", "title", "template", "iframe", "object", "noscript", "noembed", "textarea",
    "select",
];

/// Cuts HTML into tokens.
pub(super) fn tokens(html: &str) -> Tokens<'_> {
    Tokens {
        rest: html,
        no_tags: false,
    }
}

/// See [`tokens`].
pub(super) struct Tokens<'a> {
    rest: &'a str,
    /// A tag or comment did not end, so no other will.
    no_tags: bool,
}

impl<'a> Iterator for Tokens<'a> {
    type Item = Token<'a>;

    fn next(&mut self) -> Option<Token<'a>> {
        while !self.rest.is_empty() {
            if self.no_tags || !begins_markup(self.rest) {
                return Some(self.text());
            }
            match self.markup() {
                Markup::Token(token) => return Some(token),
                Markup::Skipped => {}
                Markup::Endless => self.no_tags = true,
            }
        }
        None
    }
}

enum Markup<'a> {
    Token(Token<'a>),
    Skipped,
    Endless,
}

impl<'a> Tokens<'a> {
    fn take(&mut self, bytes: usize) -> &'a str {
        let (taken, rest) = self.rest.split_at(bytes);
        self.rest = rest;
        taken
    }

    /// Text up to the next tag. A `<` that begins none is text, which comes in one piece with what precedes it.
    fn text(&mut self) -> Token<'a> {
        let end = if self.no_tags {
            self.rest.len()
        } else {
            self.rest
                .match_indices('<')
                .map(|(i, _)| i)
                .find(|&i| begins_markup(&self.rest[i..]))
                .unwrap_or(self.rest.len())
        };
        Token::Text(self.take(end))
    }

    fn markup(&mut self) -> Markup<'a> {
        if self.rest.starts_with("<!--") {
            return self.comment();
        }
        let Some(end) = tag_end(self.rest) else {
            return Markup::Endless;
        };
        let tag = self.take(end + 1);
        let inner = &tag[1..end];
        if inner.starts_with(['!', '?']) {
            return Markup::Skipped;
        }
        if let Some(name) = inner.strip_prefix('/') {
            return Markup::Token(Token::Close(name_of(name)));
        }
        let name = name_of(inner);
        if UNSEEN
            .iter()
            .any(|unseen| unseen.eq_ignore_ascii_case(name))
        {
            self.skip_content(name);
            return Markup::Skipped;
        }
        Markup::Token(Token::Open(name, &inner[name.len()..]))
    }

    fn comment(&mut self) -> Markup<'a> {
        let body = &self.rest[4..];
        let end = if body.starts_with('>') {
            Some(1)
        } else if body.starts_with("->") {
            Some(2)
        } else {
            None
        };
        let end = end.or_else(|| {
            let mut ends = body.match_indices('>').map(|(i, _)| i);
            ends.find(|&i| body[..i].ends_with("--") || body[..i].ends_with("--!"))
                .map(|i| i + 1)
        });
        let Some(end) = end else {
            return Markup::Endless;
        };
        self.take(4 + end);
        Markup::Skipped
    }

    fn skip_content(&mut self, name: &str) {
        let is_close = |i: &usize| {
            self.rest
                .as_bytes()
                .get(i + 2..i + 2 + name.len())
                .is_some_and(|b| b.eq_ignore_ascii_case(name.as_bytes()))
        };
        let end = self
            .rest
            .match_indices("</")
            .map(|(i, _)| i)
            .find(is_close)
            .unwrap_or(self.rest.len());
        self.take(end);
    }
}

fn begins_markup(html: &str) -> bool {
    match html.as_bytes() {
        [b'<', b'/', b, ..] => b.is_ascii_alphabetic(),
        [b'<', b, ..] => b.is_ascii_alphabetic() || matches!(b, b'!' | b'?'),
        _ => false,
    }
}

/// Where the tag's `>` is, quotes respected.
fn tag_end(html: &str) -> Option<usize> {
    let mut quote = None;
    let mut before = b' ';
    for (i, byte) in html.bytes().enumerate() {
        match (quote, byte) {
            (None, b'>') => return Some(i),
            (None, b'"' | b'\'') if before == b'=' => quote = Some(byte),
            (Some(open), byte) if byte == open => quote = None,
            _ => {}
        }
        if !byte.is_ascii_whitespace() {
            before = byte;
        }
    }
    None
}

fn name_of(inner: &str) -> &str {
    &inner[..inner
        .find(|c: char| c.is_ascii_whitespace() || c == '/')
        .unwrap_or(inner.len())]
}

/// The decoded value of the first `href` among a tag's attributes.
pub(super) fn href_of(attributes: &str) -> Option<Cow<'_, str>> {
    let mut rest = attributes;
    loop {
        rest = rest.trim_start_matches(|c: char| c.is_ascii_whitespace() || c == '/');
        if rest.is_empty() {
            return None;
        }
        // An attribute's name may begin with "=".
        let name_end = rest
            .bytes()
            .skip(1)
            .position(|b| b.is_ascii_whitespace() || matches!(b, b'=' | b'/'))
            .map_or(rest.len(), |i| i + 1);
        let name_end = (name_end..=rest.len())
            .find(|&i| rest.is_char_boundary(i))
            .unwrap_or(rest.len());
        let (name, after) = rest.split_at(name_end);
        let Some(value) = after.trim_ascii_start().strip_prefix('=') else {
            rest = after;
            continue;
        };
        let (value, after) = split_value(value.trim_ascii_start());
        if name.eq_ignore_ascii_case("href") {
            return Some(decode(value));
        }
        rest = after;
    }
}

fn split_value(text: &str) -> (&str, &str) {
    if let Some(quote @ ('"' | '\'')) = text.chars().next() {
        return text[1..].split_once(quote).unwrap_or((&text[1..], ""));
    }
    text.split_at(
        text.find(|c: char| c.is_ascii_whitespace())
            .unwrap_or(text.len()),
    )
}

/// Named entities that people write; others stay as they stand.
const ENTITIES: [(&str, char); 20] = [
    ("amp", '&'),
    ("lt", '<'),
    ("gt", '>'),
    ("quot", '"'),
    ("apos", '\''),
    ("nbsp", '\u{A0}'),
    ("hellip", '…'),
    ("mdash", '—'),
    ("ndash", '–'),
    ("lsquo", '‘'),
    ("rsquo", '’'),
    ("ldquo", '“'),
    ("rdquo", '”'),
    ("bull", '•'),
    ("middot", '·'),
    ("copy", '©'),
    ("euro", '€'),
    ("times", '×'),
    ("colon", ':'),
    ("Tab", '\t'),
];

/// Decodes entities.
pub(super) fn decode(text: &str) -> Cow<'_, str> {
    if !text.contains('&') {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('&') {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        let (c, length) = entity(rest).unwrap_or(('&', 1));
        out.push(c);
        rest = &rest[length..];
    }
    out.push_str(rest);
    Cow::Owned(out)
}

/// The character that an entity at the beginning of the text stands for, and the entity's length.
fn entity(text: &str) -> Option<(char, usize)> {
    let end = text.bytes().take(12).position(|b| b == b';')?;
    let name = &text[1..end];
    let c = match name.strip_prefix('#') {
        Some(number) => {
            let code = match number.strip_prefix(['x', 'X']) {
                Some(hex) => u32::from_str_radix(hex, 16),
                None => number.parse(),
            };
            char::from_u32(code.ok()?).filter(|&c| c != '\0')?
        }
        None => ENTITIES.iter().find(|(known, _)| *known == name)?.1,
    };
    Some((c, end + 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn html_is_cut_into_tags_and_text() {
        use Token::{Close, Open, Text};
        for (html, expected) in [
            (
                "a<p>b</p >c",
                &[Text("a"), Open("p", ""), Text("b"), Close("p"), Text("c")] as &[_],
            ),
            ("<a href='>'>x", &[Open("a", " href='>'"), Text("x")]),
            ("a < b <3 <", &[Text("a < b <3 <")]),
            ("<!-- <b> --!>x<!-->y<!doctype>", &[Text("x"), Text("y")]),
            (
                "<ScRipt>alert('</b>')</SCRIPT>x",
                &[Close("SCRIPT"), Text("x")],
            ),
            ("<b x", &[Text("<b x")]),
            ("<b/><br/ >", &[Open("b", "/"), Open("br", "/ ")]),
        ] {
            assert_eq!(tokens(html).collect::<Vec<_>>(), expected, "{html}");
        }
    }

    #[test]
    fn the_first_href_counts() {
        for (attributes, expected) in [
            (" href=\"a&amp;b\" href=c", Some("a&b")),
            (" HREF = 'x' rel=y", Some("x")),
            (" x href=y/z", Some("y/z")),
            (" data-href=x =href é=1 href", None),
            (" title=\" href=x\"", None),
            ("", None),
        ] {
            assert_eq!(href_of(attributes).as_deref(), expected, "{attributes}");
        }
    }

    #[test]
    fn entities_are_decoded_once() {
        for (text, expected) in [
            ("I&#x27;m &lt;b&gt; &amp;amp; &#8217;", "I'm <b> &amp; ’"),
            (
                "AT&T &unknown; &#xD800; &#0; & &;",
                "AT&T &unknown; &#xD800; &#0; & &;",
            ),
            ("&éééééé;", "&éééééé;"),
        ] {
            assert_eq!(decode(text), expected);
        }
    }
}
