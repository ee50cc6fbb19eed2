//! Finds title, `og:title`, canonical link and charset in the bytes of a page
//! while they arrive.
//!
//! A scanner, not a parser: it knows tags, comments and the elements whose
//! content is not markup. It works on the bytes of any charset whose markup
//! is ASCII, in time linear in the input whatever the input is and however it
//! is cut. It must never recurse, never decode and never fail.

use std::mem;

/// A title is taken from this much of its element, closed or not.
const MAX_TITLE_BYTES: usize = 8 * 1024;

/// Elements whose content is text, or markup that is not about the page.
const RAW: [&[u8]; 10] = [
    b"script",
    b"style",
    b"noscript",
    b"template",
    b"textarea",
    b"svg",
    b"iframe",
    b"xmp",
    b"noembed",
    b"noframes",
];

/// What was found so far, in the page's own charset, entities not decoded.
#[derive(Debug, Default)]
pub(super) struct Found {
    pub(super) title: Option<Vec<u8>>,
    pub(super) og_title: Option<Vec<u8>>,
    pub(super) canonical: Option<Vec<u8>>,
    pub(super) charset: Option<Vec<u8>>,
}

#[derive(Clone, Copy)]
enum Mode {
    Markup,
    Comment,
    Title,
    /// Inside an element whose content is skipped.
    Raw(&'static [u8]),
    /// The head is over, or everything was found.
    Done,
}

/// The state between two pieces of a page.
pub(super) struct Scanner {
    mode: Mode,
    /// Bytes from the start of the first token that is not complete yet.
    pending: Vec<u8>,
    /// How much must be pending before it is looked at again: it doubles, so
    /// that an endless token costs linear time.
    retry_at: usize,
    found: Found,
}

impl Scanner {
    pub(super) fn new() -> Self {
        Self {
            mode: Mode::Markup,
            pending: Vec::new(),
            retry_at: 0,
            found: Found::default(),
        }
    }

    /// Takes the next bytes of the page.
    pub(super) fn feed(&mut self, bytes: &[u8]) {
        self.pending.extend_from_slice(bytes);
        if self.pending.len() >= self.retry_at {
            self.run();
        }
    }

    /// Whether reading on cannot change anything.
    pub(super) fn is_done(&self) -> bool {
        matches!(self.mode, Mode::Done)
    }

    /// Looks at what is left and returns what the page has.
    pub(super) fn finish(mut self) -> Found {
        self.run();
        self.found
    }

    fn run(&mut self) {
        let mut pending = mem::take(&mut self.pending);
        let mut at = 0;
        while let Some(used) = self.step(&pending[at..]) {
            at += used;
        }
        pending.drain(..at);
        self.retry_at = pending.len() * 2;
        self.pending = pending;
    }

    /// Consumes one token; `None` when more bytes are needed.
    fn step(&mut self, input: &[u8]) -> Option<usize> {
        if input.is_empty() {
            return None;
        }
        match self.mode {
            Mode::Markup => self.markup(input),
            Mode::Comment => self.skip_to(input, 2, |at| at.starts_with(b"-->").then_some(3)),
            Mode::Title => self.title(input),
            Mode::Raw(name) => self.skip_to(input, name.len() + 2, |at| {
                closes(at, name).then_some(name.len() + 2)
            }),
            Mode::Done => Some(input.len()),
        }
    }

    /// Skips until `end` tells the length of a closing mark; without one,
    /// all but the `keep` last bytes, where one may have begun.
    fn skip_to(
        &mut self,
        input: &[u8],
        keep: usize,
        end: impl Fn(&[u8]) -> Option<usize>,
    ) -> Option<usize> {
        let hit = (0..input.len()).find_map(|at| end(&input[at..]).map(|mark| at + mark));
        if hit.is_some() {
            self.mode = Mode::Markup;
            return hit;
        }
        Some(input.len().saturating_sub(keep)).filter(|used| *used > 0)
    }

    fn title(&mut self, input: &[u8]) -> Option<usize> {
        let window = &input[..input.len().min(MAX_TITLE_BYTES)];
        let end = (0..window.len()).find(|at| closes(&input[*at..], b"title"));
        if end.is_none() && window.len() < MAX_TITLE_BYTES {
            return None;
        }
        let end = end.unwrap_or(window.len());
        self.found.title = Some(input[..end].to_vec());
        self.mode = Mode::Raw(b"title");
        self.stop_if_complete();
        Some(end)
    }

    fn markup(&mut self, input: &[u8]) -> Option<usize> {
        let Some(start) = input.iter().position(|byte| *byte == b'<') else {
            return Some(input.len());
        };
        if start > 0 {
            return Some(start);
        }
        match *input.get(1)? {
            b'!' if input.len() < 4 => None,
            b'!' if input.starts_with(b"<!--") => {
                self.mode = Mode::Comment;
                // `<!-->` is a whole comment, so the dashes may close it too.
                Some(2)
            }
            b'!' | b'?' => input
                .iter()
                .position(|byte| *byte == b'>')
                .map(|end| end + 1),
            first if first == b'/' || first.is_ascii_alphabetic() => {
                let end = tag_end(input)?;
                self.tag(&input[1..end]);
                Some(end + 1)
            }
            _ => Some(1),
        }
    }

    /// Handles what stands between `<` and `>`.
    fn tag(&mut self, inside: &[u8]) {
        let (name, attributes) = split_name(inside);
        if let Some(raw) = RAW.iter().find(|raw| raw.eq_ignore_ascii_case(name)) {
            self.mode = Mode::Raw(raw);
        } else if name.eq_ignore_ascii_case(b"title") && self.found.title.is_none() {
            self.mode = Mode::Title;
        } else if name.eq_ignore_ascii_case(b"meta") {
            self.meta(attributes);
        } else if name.eq_ignore_ascii_case(b"link") {
            self.link(attributes);
        } else if name.eq_ignore_ascii_case(b"/head") || name.eq_ignore_ascii_case(b"body") {
            self.head_over();
        }
        self.stop_if_complete();
    }

    fn meta(&mut self, attributes: &[u8]) {
        let content = attribute(attributes, b"content");
        let property =
            attribute(attributes, b"property").or_else(|| attribute(attributes, b"name"));
        if property.is_some_and(|it| it.eq_ignore_ascii_case(b"og:title")) {
            keep(&mut self.found.og_title, content);
        }
        keep(&mut self.found.charset, attribute(attributes, b"charset"));
        let equiv = attribute(attributes, b"http-equiv").unwrap_or_default();
        if equiv.eq_ignore_ascii_case(b"content-type") {
            keep(&mut self.found.charset, content.and_then(charset_parameter));
        }
    }

    fn link(&mut self, attributes: &[u8]) {
        let rel = attribute(attributes, b"rel").unwrap_or_default();
        let mut words = rel.split(u8::is_ascii_whitespace);
        if words.any(|word| word.eq_ignore_ascii_case(b"canonical")) {
            keep(&mut self.found.canonical, attribute(attributes, b"href"));
        }
    }

    /// Titles belong into the head; browsers take one from the body as well.
    fn head_over(&mut self) {
        if self.found.title.is_some() || self.found.og_title.is_some() {
            self.mode = Mode::Done;
        }
    }

    fn stop_if_complete(&mut self) {
        let found = &self.found;
        if found.title.is_some() && found.og_title.is_some() && found.canonical.is_some() {
            self.mode = Mode::Done;
        }
    }
}

/// The value of `charset=` in a content type.
pub(super) fn charset_parameter(content_type: &[u8]) -> Option<&[u8]> {
    let at = content_type
        .windows(8)
        .position(|it| it.eq_ignore_ascii_case(b"charset="))?;
    let value = content_type[at + 8..].trim_ascii_start();
    let quoted = value
        .strip_prefix(b"\"")
        .or_else(|| value.strip_prefix(b"'"));
    let value = quoted.unwrap_or(value);
    let end = value.iter().position(|byte| b"\"'; \t".contains(byte));
    Some(&value[..end.unwrap_or(value.len())])
}

/// The first of several wins, as in browsers.
fn keep(slot: &mut Option<Vec<u8>>, value: Option<&[u8]>) {
    if slot.is_none() {
        *slot = value.map(<[u8]>::to_vec);
    }
}

/// Whether `at` begins with the end tag of `name`.
fn closes(at: &[u8], name: &[u8]) -> bool {
    let Some(rest) = at.strip_prefix(b"</") else {
        return false;
    };
    rest.len() > name.len()
        && rest[..name.len()].eq_ignore_ascii_case(name)
        && (rest[name.len()].is_ascii_whitespace() || b"/>".contains(&rest[name.len()]))
}

/// The position of the `>` that ends the tag; quotes hide one only after `=`.
fn tag_end(tag: &[u8]) -> Option<usize> {
    let mut quote = None;
    let mut expects_value = false;
    for (at, byte) in tag.iter().copied().enumerate() {
        match (quote, byte) {
            (Some(open), _) => quote = Some(open).filter(|open| *open != byte),
            (None, b'>') => return Some(at),
            (None, b'"' | b'\'') if expects_value => quote = Some(byte),
            (None, _) => {}
        }
        expects_value = byte == b'=' || (expects_value && byte.is_ascii_whitespace());
    }
    None
}

fn split_name(inside: &[u8]) -> (&[u8], &[u8]) {
    // The slash of an end tag belongs to the name, that of `<br/>` does not.
    let end = inside.iter().skip(1).position(|byte| ends_name(*byte));
    inside.split_at(end.map_or(inside.len(), |end| end + 1))
}

/// The value of the first attribute called `name`.
fn attribute<'a>(mut rest: &'a [u8], name: &[u8]) -> Option<&'a [u8]> {
    loop {
        let skipped = rest
            .iter()
            .position(|byte| !ends_name(*byte) || *byte == b'=')?;
        let (found, after) = split_name(&rest[skipped..]);
        let (value, after) = split_value(after);
        if found.eq_ignore_ascii_case(name) {
            return Some(value);
        }
        rest = after;
    }
}

/// The value after an attribute's name (empty without `=`), and what follows.
fn split_value(rest: &[u8]) -> (&[u8], &[u8]) {
    let Some(value) = rest.trim_ascii_start().strip_prefix(b"=") else {
        return (&[], rest);
    };
    let value = value.trim_ascii_start();
    let (value, end) = match value.first() {
        Some(quote @ (b'"' | b'\'')) => {
            let inner = &value[1..];
            (inner, inner.iter().position(|byte| byte == quote))
        }
        _ => (value, value.iter().position(u8::is_ascii_whitespace)),
    };
    let end = end.unwrap_or(value.len());
    (&value[..end], value.get(end + 1..).unwrap_or_default())
}

fn ends_name(byte: u8) -> bool {
    byte.is_ascii_whitespace() || matches!(byte, b'/' | b'=' | b'>')
}
