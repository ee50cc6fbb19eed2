//! Link targets: which are allowed, how they are written, where bare URLs begin and end in text.
//!
//! Must never let through a scheme other than http, https and mailto, nor a URL that carries a user name: what a reader
//! takes for the host would be somebody's name.

use std::ops::Range;

use url::{Position, Url};

/// Longer targets stay text. It also bounds the work on one URL, whatever the text around it is.
const MAX_BYTES: usize = 2_000;

/// What a browser would open for this target, ready for an attribute value; `None` if it may not be a link.
pub(super) fn href(target: &str) -> Option<String> {
    if target.len() > MAX_BYTES {
        return None;
    }
    let url = Url::parse(target).ok()?;
    let allowed = match url.scheme() {
        "http" | "https" => url.has_host() && url.username().is_empty() && url.password().is_none(),
        "mailto" => is_address(url.path()),
        _ => false,
    };
    allowed.then(|| tidy(&url))
}

fn is_address(path: &str) -> bool {
    let clean = path
        .bytes()
        .all(|b| b.is_ascii_graphic() && !b"\"<>\\^`{|}[]".contains(&b));
    clean
        && path
            .split_once('@')
            .is_some_and(|(name, host)| !name.is_empty() && !host.is_empty())
}

/// Writes a URL with only the characters that the URL standard allows authors to write; the `url` crate keeps some that
/// browsers accept and validators refuse.
pub(in crate::domain) fn tidy(url: &Url) -> String {
    let mut out = url[..Position::BeforePath].to_owned();
    let rest = &url[Position::BeforePath..];
    let mut fragment = false;
    for (i, c) in rest.char_indices() {
        let keep = match c {
            '%' => is_escape(&rest.as_bytes()[i..]),
            '#' => !std::mem::replace(&mut fragment, true),
            c => !matches!(
                c,
                '[' | ']' | '|' | '^' | '\\' | '{' | '}' | '"' | '<' | '>' | '`' | ' '
            ),
        };
        if keep {
            out.push(c);
        } else {
            let hex = |digit: u32| {
                char::from_digit(digit, 16)
                    .unwrap_or('0')
                    .to_ascii_uppercase()
            };
            // All of these are ASCII.
            out.extend(['%', hex(u32::from(c) >> 4), hex(u32::from(c) & 15)]);
        }
    }
    out
}

fn is_escape(bytes: &[u8]) -> bool {
    matches!(bytes, [b'%', a, b, ..] if a.is_ascii_hexdigit() && b.is_ascii_hexdigit())
}

/// A bare URL found in text: where it stands and what it opens. Without `href` it is to be shown as text, whole, and not
/// looked at again: that keeps the search linear.
pub(super) struct Bare {
    pub(super) range: Range<usize>,
    pub(super) href: Option<String>,
}

/// Finds the first bare URL that begins in `source[from..until]`; it may end later (rules: GFM, "autolinks").
pub(super) fn find_bare(source: &str, from: usize, until: usize) -> Option<Bare> {
    let start = find_start(source, from, until)?;
    let end = start + trimmed_len(&source[start..start + extent(&source[start..])]);
    let shown = source[start..end].replace("&amp;", "&");
    let target = if shown.starts_with("www.") {
        format!("https://{shown}")
    } else {
        shown
    };
    Some(Bare {
        range: start..end,
        href: href(&target),
    })
}

fn find_start(source: &str, from: usize, until: usize) -> Option<usize> {
    let bytes = source.as_bytes();
    (from..until).find(|&i| match bytes[i] {
        b'h' | b'H' => {
            is_http(&bytes[i..]) && !bytes[..i].last().is_some_and(u8::is_ascii_alphanumeric)
        }
        b'w' => {
            is_www(&bytes[i..])
                && bytes[..i]
                    .last()
                    .is_none_or(|b| b" \t\n(*_~'\"".contains(b))
        }
        _ => false,
    })
}

fn is_http(bytes: &[u8]) -> bool {
    let tail = |n: usize| {
        bytes.get(n..n + 3) == Some(b"://")
            && bytes
                .get(n + 3)
                .is_some_and(|b| b.is_ascii_alphanumeric() || *b == b'[' || *b >= 0x80)
    };
    bytes
        .get(..4)
        .is_some_and(|b| b.eq_ignore_ascii_case(b"http"))
        && (tail(4) || (matches!(bytes[4..], [b's' | b'S', ..]) && tail(5)))
}

fn is_www(bytes: &[u8]) -> bool {
    bytes.starts_with(b"www.")
        && bytes
            .get(4)
            .is_some_and(|b| b.is_ascii_alphanumeric() || *b >= 0x80)
}

/// How far the URL could reach: to white space or a character that no URL holds.
fn extent(text: &str) -> usize {
    let ends = |c: char| {
        c.is_whitespace()
            || c.is_control()
            || matches!(c, '<' | '>' | '"' | '`' | '[' | ']' | '{' | '}' | '|' | '\\' | '^'
            | '\u{3000}'..='\u{303F}' | '\u{FF00}'..='\u{FF0F}' | '\u{FF1A}'..='\u{FF20}' | '“' | '”' | '‘' | '’' | '…')
    };
    text.find(ends).unwrap_or(text.len())
}

/// Cuts off what rather belongs to the sentence: closing punctuation, and `)` that the URL did not open.
fn trimmed_len(url: &str) -> usize {
    let mut kept = url;
    let mut surplus = url
        .matches(')')
        .count()
        .saturating_sub(url.matches('(').count());
    while let Some(c) = kept.chars().next_back() {
        let cut = match c {
            ')' if surplus > 0 => {
                surplus -= 1;
                true
            }
            c => matches!(
                c,
                '?' | '!' | '.' | ',' | ':' | ';' | '*' | '_' | '~' | '\'' | '&' | '('
            ),
        };
        if !cut {
            break;
        }
        kept = &kept[..kept.len() - c.len_utf8()];
    }
    kept.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_web_and_mail_targets_are_links() {
        for (target, expected) in [
            ("https://Example.COM/a b", Some("https://example.com/a%20b")),
            ("HTTP://example.com", Some("http://example.com/")),
            ("mailto:a@b.c", Some("mailto:a@b.c")),
            (
                "https://e.com/[a]|^\"'<>",
                Some("https://e.com/%5Ba%5D%7C%5E%22'%3C%3E"),
            ),
            ("https://e.com/100%#a#b", Some("https://e.com/100%25#a%23b")),
            (
                "https://bücher.example/ü",
                Some("https://xn--bcher-kva.example/%C3%BC"),
            ),
            ("http://[::1]/", Some("http://[::1]/")),
            ("javascript:alert(1)", None),
            (" javascript:alert(1)", None),
            ("java\nscript:alert(1)", None),
            ("\u{1}javascript:alert(1)", None),
            ("JaVaScRiPt://example.com/%0aalert(1)", None),
            ("data:text/html,<script>", None),
            ("vbscript:msgbox", None),
            ("blob:https://e.com/x", None),
            ("file:///etc/passwd", None),
            ("ftp://e.com/", None),
            ("/relative", None),
            ("//e.com/x", None),
            ("#fragment", None),
            ("", None),
            ("https://", None),
            ("https://user@e.com/", None),
            ("https://google.com:x@e.com/", None),
            ("mailto:", None),
            ("mailto:a b@c.d", None),
            ("mailto:\"<script>\"@c.d", None),
        ] {
            assert_eq!(href(target).as_deref(), expected, "{target:?}");
        }
        assert_eq!(href(&format!("https://e.com/{}", "a".repeat(2_000))), None);
    }

    #[test]
    fn bare_urls_end_where_a_reader_thinks_they_end() {
        for (text, expected) in [
            ("see https://e.com/a_b_c, ok", "https://e.com/a_b_c"),
            ("(https://e.com/x_(y))", "https://e.com/x_(y)"),
            ("(https://e.com/x).", "https://e.com/x"),
            ("'http://e.com/?a=1&b=2'", "http://e.com/?a=1&b=2"),
            ("www.e.com.", "www.e.com"),
            ("https://e.com。中", "https://e.com"),
            ("HTTPS://E.com/", "HTTPS://E.com/"),
            ("https://e.com/…", "https://e.com/"),
            ("https://日本.example/は", "https://日本.example/は"),
        ] {
            let bare = find_bare(text, 0, text.len()).expect(text);
            assert_eq!(&text[bare.range], expected);
            assert!(bare.href.is_some());
        }
        for text in [
            "xhttps://e.com",
            "http://",
            "awww.e.com",
            "https:///x",
            "http",
            "www.",
            "javascript://x",
            "//www.e.com",
        ] {
            assert!(find_bare(text, 0, text.len()).is_none(), "{text:?}");
        }
    }
}
