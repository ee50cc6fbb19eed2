//! Characters: which are dropped, which cannot be seen, how text is escaped, how one line is cleaned.
//!
//! Must never know tags or links; it sees one character after the other.

/// So many combining marks may follow each other; more would paint over the neighbours ("zalgo").
const MAX_MARKS: u8 = 4;

/// Whether a character may never reach a page: controls other than `\n` and `\t`, and noncharacters.
fn is_forbidden(c: char) -> bool {
    let control = c.is_control() && c != '\n' && c != '\t';
    control || matches!(c, '\u{FDD0}'..='\u{FDEF}') || (u32::from(c) & 0xFFFE) == 0xFFFE
}

/// Whether a character changes the direction of what stands beside it (Unicode `Bidi_Control`).
fn is_bidi_control(c: char) -> bool {
    matches!(c, '\u{61C}' | '\u{200E}' | '\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}')
}

/// Whether a character takes no room or is blank without being white space; joiners are not among them.
fn is_invisible(c: char) -> bool {
    matches!(c, '\u{AD}' | '\u{34F}' | '\u{115F}' | '\u{1160}' | '\u{17B4}' | '\u{17B5}' | '\u{180B}'..='\u{180E}'
        | '\u{200B}' | '\u{2060}'..='\u{2064}' | '\u{206A}'..='\u{206F}' | '\u{2800}' | '\u{3164}' | '\u{FEFF}'
        | '\u{FFA0}' | '\u{FFF9}'..='\u{FFFB}' | '\u{E0000}'..='\u{E007F}')
}

/// ZWNJ and ZWJ: part of Persian and Indic spelling and of emoji, otherwise invisible.
fn is_joiner(c: char) -> bool {
    matches!(c, '\u{200C}' | '\u{200D}')
}

/// Combining marks of no script of their own, which stack without end.
fn is_stacking_mark(c: char) -> bool {
    matches!(c, '\u{300}'..='\u{36F}' | '\u{483}'..='\u{489}' | '\u{1AB0}'..='\u{1AFF}' | '\u{1DC0}'..='\u{1DFF}'
        | '\u{20D0}'..='\u{20FF}' | '\u{FE20}'..='\u{FE2F}')
}

/// Whether a reader sees anything of this text.
#[must_use]
pub fn is_visible(text: &str) -> bool {
    text.chars().any(|c| {
        !(c.is_whitespace()
            || is_forbidden(c)
            || is_bidi_control(c)
            || is_invisible(c)
            || is_joiner(c))
    })
}

/// Escapes text for HTML content and double-quoted attributes; remembers a run of marks from call to call.
#[derive(Default)]
pub(super) struct Escaper {
    marks: u8,
}

impl Escaper {
    /// Appends running text.
    pub(super) fn text(&mut self, out: &mut String, text: &str) {
        self.push(out, text, |c| c);
    }

    /// Appends code, with bidirectional controls shown as U+FFFD.
    pub(super) fn code(&mut self, out: &mut String, code: &str) {
        self.push(
            out,
            code,
            |c| if is_bidi_control(c) { '\u{FFFD}' } else { c },
        );
    }

    fn push(&mut self, out: &mut String, text: &str, map: fn(char) -> char) {
        let mut rest = text;
        loop {
            let plain = rest.bytes().position(needs_care).unwrap_or(rest.len());
            if plain > 0 {
                out.push_str(&rest[..plain]);
                self.marks = 0;
            }
            let mut chars = rest[plain..].chars();
            let Some(c) = chars.next() else { return };
            self.push_char(out, map(c));
            rest = chars.as_str();
        }
    }

    fn push_char(&mut self, out: &mut String, c: char) {
        if is_stacking_mark(c) {
            self.marks = self.marks.saturating_add(1);
            if self.marks > MAX_MARKS {
                return;
            }
        } else {
            self.marks = 0;
        }
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            c if is_forbidden(c) => {}
            c => out.push(c),
        }
    }
}

fn needs_care(byte: u8) -> bool {
    byte >= 0x7F
        || matches!(byte, b'&' | b'<' | b'>' | b'"')
        || (byte < 0x20 && byte != b'\n' && byte != b'\t')
}

/// Cleans a one-line input (title, name): no controls, no invisible or direction-changing characters, at most four
/// combining marks in a row, white space collapsed and trimmed. A joiner stays between two non-ASCII characters.
#[must_use]
pub fn clean_line(input: &str) -> String {
    let mut out = String::with_capacity(input.len());
    let mut marks = 0;
    let mut chars = input.chars().filter(|&c| !is_noise(c)).peekable();
    while let Some(c) = chars.next() {
        marks = if is_stacking_mark(c) { marks + 1 } else { 0 };
        if marks > usize::from(MAX_MARKS) {
            continue;
        }
        if c.is_whitespace() {
            if !out.is_empty() && !out.ends_with(' ') {
                out.push(' ');
            }
        } else if !is_joiner(c) || (joins(out.chars().next_back()) && joins(chars.peek().copied()))
        {
            out.push(c);
        }
    }
    out.truncate(out.trim_end().len());
    out
}

fn is_noise(c: char) -> bool {
    (is_forbidden(c) && !c.is_whitespace()) || is_bidi_control(c) || is_invisible(c)
}

fn joins(neighbour: Option<char>) -> bool {
    neighbour.is_some_and(|c| !c.is_ascii() && !c.is_whitespace() && !is_joiner(c))
}

/// The beginning of a text on one line, at most `max_chars` characters with the ellipsis, cut between words where there
/// are any.
#[must_use]
pub fn excerpt(text: &str, max_chars: usize) -> String {
    let mut line = String::new();
    // One word more than fits tells whether anything is cut; the rest of a long text is never looked at.
    let mut chars = 0;
    for word in text.split_whitespace() {
        if !line.is_empty() {
            line.push(' ');
            chars += 1;
        }
        line.extend(word.chars().take(max_chars + 1));
        chars += word.chars().take(max_chars + 1).count();
        if chars > max_chars {
            return shorten(&line, max_chars);
        }
    }
    line
}

fn shorten(line: &str, max_chars: usize) -> String {
    let Some(room) = max_chars.checked_sub(1) else {
        return String::new();
    };
    let end = line.char_indices().nth(room).map_or(line.len(), |(i, _)| i);
    let word_end = if line[end..].starts_with(' ') {
        Some(end)
    } else {
        line[..end].rfind(' ')
    };
    let cut = word_end
        .filter(|&i| i >= end / 2)
        .unwrap_or_else(|| whole_character(line, end));
    let kept = line[..cut].trim_end_matches(|c: char| {
        c.is_whitespace() || matches!(c, ',' | ';' | ':' | '-' | '–' | '—')
    });
    format!("{kept}…")
}

/// Moves a cut in front of the character whose marks or joined parts it would tear off.
fn whole_character(line: &str, end: usize) -> usize {
    let mut cut = end;
    for (i, c) in line[..end].char_indices().rev().take(8) {
        let next = line[cut..].chars().next();
        let torn = next.is_some_and(|n| {
            is_stacking_mark(n)
                || is_joiner(n)
                || matches!(n, '\u{FE00}'..='\u{FE0F}' | '\u{1F3FB}'..='\u{1F3FF}')
        });
        if !torn && !is_joiner(c) {
            break;
        }
        cut = i;
    }
    cut
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_line_loses_what_cannot_be_seen() {
        for (input, expected) in [
            ("  Show HN:\tA\n\nthing  ", "Show HN: A thing"),
            ("a\u{0}b\u{7}c\u{1b}[31m", "abc[31m"),
            ("\u{202e}drow\u{202c} \u{2066}x\u{2069}", "drow x"),
            ("a\u{200b}b\u{feff}c\u{ad}d\u{2060}", "abcd"),
            ("pass\u{200d}word \u{200c}", "password"),
            (
                "👩\u{200d}💻 می\u{200c}خواهم",
                "👩\u{200d}💻 می\u{200c}خواهم",
            ),
            ("\u{3164}\u{2800}\u{200b}", ""),
            ("a\u{2028}b\u{85}c\u{a0}d", "a b c d"),
            (
                "e\u{301}\u{302}\u{303}\u{304}\u{305}\u{306}x",
                "e\u{301}\u{302}\u{303}\u{304}x",
            ),
            ("日本語 <b>&", "日本語 <b>&"),
            ("", ""),
        ] {
            assert_eq!(clean_line(input), expected, "{input:?}");
        }
    }

    #[test]
    fn an_excerpt_ends_between_words() {
        for (text, max_chars, expected) in [
            ("short", 10, "short"),
            ("exactly ten", 11, "exactly ten"),
            ("one two three four", 12, "one two…"),
            ("one two, three four", 10, "one two…"),
            ("a\n\nb   c", 20, "a b c"),
            ("Donaudampfschifffahrt", 8, "Donauda…"),
            ("", 5, ""),
            ("abc def", 0, ""),
            ("abc def", 1, "…"),
            ("cafe\u{301}s", 5, "caf…"),
        ] {
            let got = excerpt(text, max_chars);
            assert_eq!(got, expected, "{text:?}");
            assert!(got.chars().count() <= max_chars);
        }
    }

    #[test]
    fn escaping_drops_controls_and_endless_marks() {
        let mut out = String::new();
        let mut escaper = Escaper::default();
        escaper.text(&mut out, "<\"&'\u{0}\u{9f}\u{fffe}\u{fdd0}\n\te");
        escaper.text(&mut out, &"\u{301}".repeat(3));
        escaper.text(&mut out, &"\u{301}".repeat(9));
        assert_eq!(out, format!("&lt;&quot;&amp;'\n\te{}", "\u{301}".repeat(4)));
    }

    #[test]
    fn code_shows_where_its_direction_would_change() {
        let mut out = String::new();
        Escaper::default().code(&mut out, "a\u{202e}b");
        assert_eq!(out, "a\u{fffd}b");
    }
}
