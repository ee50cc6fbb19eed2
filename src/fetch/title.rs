//! A page's bytes become a title: charset, entities, white space, length.
//!
//! The result is plain text for a form field. It must never hold a control
//! character or more than [`MAX_TITLE_CHARS`], whatever the page says, and it
//! is not HTML: whoever shows it escapes it.

use encoding_rs::{Decoder, Encoding, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1252};
use html_escape::decode_html_entities;
use url::Url;

use super::scan::{Scanner, charset_parameter};

/// Longer titles are cut here.
pub const MAX_TITLE_CHARS: usize = 300;
const MAX_CANONICAL_BYTES: usize = 2048;
/// The longest byte order mark; nothing is decided before it can be seen.
const BOM_BYTES: usize = 3;

/// What a page says about itself; nothing in it is verified.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PageTitle {
    /// `og:title`, else `<title>`: plain text of 1 to 300 characters, white
    /// space collapsed, without control characters.
    pub title: String,
    /// The address that the page gives as its own, absolute, http or https.
    /// A hint from a stranger: it may name any site.
    pub canonical: Option<String>,
}

/// Reads a page in pieces.
pub(super) struct Page {
    /// From the content type, later overruled by a byte order mark.
    charset: Option<&'static Encoding>,
    /// UTF-16 is not ASCII underneath and is decoded on the way in.
    decoder: Option<Decoder>,
    /// The first bytes, until there are enough to see a byte order mark.
    start: Option<Vec<u8>>,
    scanner: Scanner,
}

impl Page {
    pub(super) fn new(content_type: &[u8]) -> Self {
        Self {
            charset: charset_parameter(content_type).and_then(Encoding::for_label),
            decoder: None,
            start: Some(Vec::new()),
            scanner: Scanner::new(),
        }
    }

    /// Takes the next bytes of the body.
    pub(super) fn feed(&mut self, bytes: &[u8]) {
        let Some(start) = &mut self.start else {
            return self.scan(bytes);
        };
        start.extend_from_slice(bytes);
        if start.len() >= BOM_BYTES {
            self.begin();
        }
    }

    /// Whether reading on cannot change anything.
    pub(super) fn is_done(&self) -> bool {
        self.scanner.is_done()
    }

    /// What the page says, if it has a title; `url` is where it was found.
    pub(super) fn finish(mut self, url: &Url) -> Option<PageTitle> {
        self.begin();
        let found = self.scanner.finish();
        let declared = found.charset.as_deref().and_then(Encoding::for_label);
        let charset = self.charset.or(declared.map(Encoding::output_encoding));
        let title = [found.og_title, found.title]
            .into_iter()
            .flatten()
            .map(|raw| clean(&decode(&raw, charset)))
            .find(|title| !title.is_empty())?;
        let canonical = found
            .canonical
            .and_then(|raw| absolute(&decode(&raw, charset), url));
        Some(PageTitle { title, canonical })
    }

    /// Settles the charset as far as the first bytes decide it.
    fn begin(&mut self) {
        let Some(start) = self.start.take() else {
            return;
        };
        let bom = Encoding::for_bom(&start).map(|(charset, _)| charset);
        self.charset = bom.or(self.charset);
        if let Some(wide) = self.charset.filter(|it| [UTF_16LE, UTF_16BE].contains(it)) {
            self.decoder = Some(wide.new_decoder_with_bom_removal());
            self.charset = Some(UTF_8);
        }
        self.scan(&start);
    }

    fn scan(&mut self, bytes: &[u8]) {
        let Some(decoder) = &mut self.decoder else {
            return self.scanner.feed(bytes);
        };
        let room = decoder
            .max_utf8_buffer_length(bytes.len())
            .unwrap_or_default();
        let mut text = String::with_capacity(room);
        let _ = decoder.decode_to_string(bytes, &mut text, false);
        self.scanner.feed(text.as_bytes());
    }
}

/// Without any declaration, UTF-8 if it is valid UTF-8, else what browsers
/// assume of the old West European web.
fn decode(raw: &[u8], charset: Option<&'static Encoding>) -> String {
    let guess = if str::from_utf8(raw).is_ok() {
        UTF_8
    } else {
        WINDOWS_1252
    };
    let (text, _) = charset.unwrap_or(guess).decode_without_bom_handling(raw);
    text.into_owned()
}

/// One line of plain text out of what the page wrote.
fn clean(text: &str) -> String {
    let decoded = decode_html_entities(text);
    let mut title = String::new();
    let words = decoded
        .split_whitespace()
        .map(|word| word.chars().map(modern).filter(|it| is_text(*it)));
    for word in words {
        let before = title.len();
        title.push(' ');
        title.extend(word);
        if title.len() == before + 1 {
            title.truncate(before);
        }
    }
    let cut: String = title.trim_start().chars().take(MAX_TITLE_CHARS).collect();
    cut.trim_end().to_owned()
}

/// References like `&#146;` mean windows-1252, as everywhere in HTML.
fn modern(ch: char) -> char {
    let old = u8::try_from(ch)
        .ok()
        .filter(|byte| (0x80..0xa0).contains(byte));
    old.and_then(|byte| decode(&[byte], Some(WINDOWS_1252)).chars().next())
        .unwrap_or(ch)
}

/// Leaves out controls, byte order marks, and the marks that turn the
/// direction of what follows and so could disguise the rest of a line.
fn is_text(ch: char) -> bool {
    let turns = matches!(ch, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    !ch.is_control() && !turns && !matches!(ch, '\u{feff}' | '\u{fff9}'..='\u{fffb}')
}

fn absolute(href: &str, base: &Url) -> Option<String> {
    let mut url = base.join(decode_html_entities(href).trim()).ok()?;
    url.set_fragment(None);
    let plain = matches!(url.scheme(), "http" | "https")
        && url.username().is_empty()
        && url.password().is_none()
        && url.as_str().len() <= MAX_CANONICAL_BYTES;
    plain.then(|| url.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The same page whole and byte by byte must read the same.
    #[track_caller]
    fn read(content_type: &str, body: &[u8]) -> Option<PageTitle> {
        let url = Url::parse("https://news.example/a/b?c").unwrap();
        let mut whole = Page::new(content_type.as_bytes());
        whole.feed(body);
        let mut dripped = Page::new(content_type.as_bytes());
        for byte in body {
            dripped.feed(&[*byte]);
        }
        let result = whole.finish(&url);
        assert_eq!(result, dripped.finish(&url));
        result
    }

    #[track_caller]
    fn check(body: &str, title: &str) {
        let found = read("text/html", body.as_bytes()).map(|page| page.title);
        assert_eq!(found.as_deref().unwrap_or("-"), title, "{body}");
    }

    #[track_caller]
    fn check_bytes(content_type: &str, body: &[u8], title: &str) {
        let found = read(content_type, body).map(|page| page.title);
        assert_eq!(found.as_deref(), Some(title));
    }

    fn utf16(text: &str, to_bytes: fn(u16) -> [u8; 2]) -> Vec<u8> {
        text.encode_utf16().flat_map(to_bytes).collect()
    }

    #[test]
    fn og_title_is_preferred_wherever_it_stands() {
        check(
            "<title>a</title><meta property='og:title' content='b'></head>",
            "b",
        );
        check("<META CONTENT=b NAME=OG:Title><title>a</title>", "b");
        check("<title>a</title><meta property=og:title content=' '>", "a");
        check("<title>a</title><meta property=og:title>", "a");
        check(
            "<meta property=og:title content=b><meta property=og:title content=c>",
            "b",
        );
    }

    #[test]
    fn titles_are_found_in_untidy_markup_only_where_browsers_see_them() {
        check("<TiTle\nlang=en >a</TITLE >", "a");
        check("<title>a <b>c</title>", "a <b>c");
        check("<title>a</titles></title>", "a</titles>");
        check("<!-- <title>x</title> --><title>a</title>", "a");
        check("<!--><title>a</title>-->", "a");
        check(
            "<script>'<title>x</title></head>'</script><title>a</title>",
            "a",
        );
        check("<svg><title>x</title></svg><title>a</title>", "a");
        check("<meta content='<title>x</title>'><title>a</title>", "a");
        check("<p title=it's>< 1 <title>a</title>", "a");
        check("<!doctype html><?x?><body><h1>b</h1><title>a</title>", "a");
        check("<title>a</title><title>b</title>", "a");
    }

    #[test]
    fn pages_without_a_title_have_none() {
        check("", "-");
        check("<", "-");
        check("<title>", "-");
        check("<title>never closed", "-");
        check("<title> &nbsp; \u{202e}</title>", "-");
        check("<!-- <title>x</title>", "-");
        check("<a href='<title>x</title>", "-");
    }

    #[test]
    fn titles_become_one_line_of_plain_text() {
        check("<title>\n a\t b&nbsp;\r\n c </title>", "a b c");
        check(
            "<title>&lt;b&gt; &amp;lt; &#x27;&eacute;&#128512;</title>",
            "<b> &lt; 'é😀",
        );
        check(
            "<title>a\0b\u{7}\u{202e}c&#x202e; \u{1} d\u{feff}</title>",
            "abc d",
        );
        check("<title>it&#146;s&#129;&#10;so&#32;</title>", "it’s so");
        let left = "&#0;&#27;&#xd800;&#99999999999;&#xffffffffff;&;&#;x";
        check(&format!("<title>{left}</title>"), left);
    }

    #[test]
    fn long_titles_are_cut_and_endless_ones_end() {
        check(
            &format!("<title>{}</title>", "é ".repeat(400)),
            "é ".repeat(150).trim_end(),
        );
        check(
            &format!("<title>{}", "long".repeat(9000)),
            &"long".repeat(75),
        );
    }

    #[test]
    fn the_charset_comes_from_mark_then_header_then_page_then_guess() {
        let latin = b"<title>caf\xe9</title>";
        check_bytes("text/html; charset=ISO-8859-1", latin, "café");
        check_bytes("text/html", latin, "café");
        check_bytes("text/html; charset=\"utf-8\"", latin, "caf\u{fffd}");
        check_bytes("text/html", "<title>café</title>".as_bytes(), "café");
        check_bytes(
            "text/html",
            b"<meta charset=koi8-r><title>\xc4\xc1</title>",
            "да",
        );
        check_bytes(
            "text/html",
            b"<title>\xc4\xc1</title><meta charset=koi8-r></head>",
            "да",
        );
        let equiv = b"<meta http-equiv=Content-Type content='text/html; charset=shift_jis'><title>\x93\xfa</title>";
        check_bytes("text/html", equiv, "日");
        check_bytes(
            "text/html; charset=latin1",
            "\u{feff}<title>é</title>".as_bytes(),
            "é",
        );
        check_bytes("text/html; charset=nonsense", latin, "café");
    }

    #[test]
    fn utf_16_is_read_by_mark_and_by_header() {
        let page = "<title>Ünï 😀</title></head>";
        let marked = format!("\u{feff}{page}");
        check_bytes("text/html", &utf16(&marked, u16::to_le_bytes), "Ünï 😀");
        check_bytes(
            "text/html; charset=utf-8",
            &utf16(&marked, u16::to_be_bytes),
            "Ünï 😀",
        );
        check_bytes(
            "text/html; charset=utf-16be",
            &utf16(page, u16::to_be_bytes),
            "Ünï 😀",
        );
        check_bytes(
            "text/html",
            b"<meta charset=utf-16><title>\xc3\xa9</title>",
            "é",
        );
    }

    #[test]
    fn canonical_addresses_are_absolute_and_of_the_web() {
        for (href, expected) in [
            ("'/x?a=1&amp;b=2#c'", Some("https://news.example/x?a=1&b=2")),
            ("//other.example", Some("https://other.example/")),
            ("x", Some("https://news.example/a/x")),
            ("javascript:alert(1)", None),
            ("data:,x", None),
            ("https://me:word@news.example/", None),
            ("'http://['", None),
        ] {
            let body = format!("<link rel='x Canonical' href={href}><title>a</title>");
            let page = read("text/html", body.as_bytes()).unwrap();
            assert_eq!(page.canonical.as_deref(), expected, "{href}");
        }
    }

    #[test]
    fn hostile_pages_are_read_without_panic() {
        for part in [
            "<",
            "<a ",
            "</",
            "<!",
            "<!-",
            "<!--",
            "-->",
            "<?",
            "\"",
            "='\"",
            "<title>",
            "</title",
            "<meta =",
            "<meta content=",
            "<script>",
            "</script ",
            "<svg>",
            "&",
            "&#",
            "\0",
            "<a b='>",
            "<link rel=canonical href=",
            "<div>",
            "<meta charset=utf-16>",
        ] {
            for content_type in ["text/html", "text/html; charset=utf-16"] {
                read(content_type, part.repeat(20_000 / part.len()).as_bytes());
            }
        }
        let noise: Vec<u8> = (0..60_000_u32).map(|i| (i * i / 7 % 251) as u8).collect();
        read("text/html", &noise);
    }
}
