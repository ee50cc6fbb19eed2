//! Cuts JavaScript, TypeScript and JSON into coloured pieces, in one pass.
//!
//! A lexer, not a parser: it guesses what `/` means from the piece before it, knows nothing of JSX, and takes whatever
//! it cannot read as plain code. Its pieces joined are always the source; it must never drop, add or change a byte, and
//! never look twice at the same text (that is why a line on which one regex did not end has no others).

use super::words::{is_keyword, is_literal, is_name};

/// What a piece of code is; each has its class in the style sheet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::domain) enum Kind {
    Plain,
    Keyword,
    Text,
    Number,
    Comment,
    Function,
    Regex,
}

impl Kind {
    /// The class of the span, if it gets one.
    pub(super) fn class(self) -> Option<&'static str> {
        match self {
            Self::Plain => None,
            Self::Keyword => Some("hk"),
            Self::Text | Self::Regex => Some("hs"),
            Self::Number => Some("hn"),
            Self::Comment => Some("hc"),
            Self::Function => Some("hf"),
        }
    }
}

/// The pieces of the code, in order.
pub(in crate::domain) fn pieces(code: &str) -> Pieces<'_> {
    Pieces {
        code,
        at: 0,
        regex_may_follow: true,
        after_dot: false,
        no_regex_before: 0,
        braces: Vec::new(),
    }
}

/// See [`pieces`].
pub(in crate::domain) struct Pieces<'a> {
    code: &'a str,
    at: usize,
    /// Whether a `/` here begins a regex rather than divides.
    regex_may_follow: bool,
    after_dot: bool,
    no_regex_before: usize,
    /// Open braces inside each `${` of the template literals around here.
    braces: Vec<usize>,
}

impl<'a> Iterator for Pieces<'a> {
    type Item = (Kind, &'a str);

    fn next(&mut self) -> Option<Self::Item> {
        let start = self.at;
        let first = *self.code.as_bytes().get(start)?;
        let kind = match first {
            b'/' => self.slash(),
            b'"' | b'\'' => self.string(first),
            b'`' => self.template(),
            b'0'..=b'9' => self.number(),
            b'.' if self.byte(1).is_some_and(|b| b.is_ascii_digit()) => self.number(),
            b if is_name(b) => self.name(),
            b if b.is_ascii_whitespace() => {
                self.skip_while(|b| b.is_ascii_whitespace());
                Kind::Plain
            }
            b'}' if self.braces.last() == Some(&0) => {
                self.braces.pop();
                self.template()
            }
            b => self.punctuation(b),
        };
        Some((kind, &self.code[start..self.at]))
    }
}

impl Pieces<'_> {
    fn byte(&self, ahead: usize) -> Option<u8> {
        self.code.as_bytes().get(self.at + ahead).copied()
    }

    fn skip_while(&mut self, more: impl Fn(u8) -> bool) {
        while self.byte(0).is_some_and(&more) {
            self.at += 1;
        }
    }

    fn value(&mut self, kind: Kind) -> Kind {
        self.regex_may_follow = false;
        self.after_dot = false;
        kind
    }

    fn punctuation(&mut self, byte: u8) -> Kind {
        if let Some(depth) = self.braces.last_mut() {
            match byte {
                b'{' => *depth += 1,
                b'}' => *depth -= 1,
                _ => {}
            }
        }
        self.at += 1;
        self.regex_may_follow = !matches!(byte, b')' | b']' | b'}');
        self.after_dot = byte == b'.' && self.code.as_bytes().get(self.at) != Some(&b'.');
        Kind::Plain
    }

    fn slash(&mut self) -> Kind {
        match self.byte(1) {
            Some(b'/') => self.comment("\n", 0),
            Some(b'*') => self.comment("*/", 2),
            _ if self.regex_may_follow && self.at >= self.no_regex_before => self.regex(),
            _ => self.punctuation(b'/'),
        }
    }

    fn comment(&mut self, end: &str, closing: usize) -> Kind {
        let body = self.at + 2;
        self.at = self.code[body..]
            .find(end)
            .map_or(self.code.len(), |i| body + i + closing);
        Kind::Comment
    }

    fn regex(&mut self) -> Kind {
        let bytes = self.code.as_bytes();
        let mut in_class = false;
        let mut i = self.at + 1;
        while let Some(&byte) = bytes.get(i) {
            match byte {
                b'\n' => break,
                b'\\' if bytes.get(i + 1).is_some_and(|b| *b != b'\n') => i += 1,
                b'[' => in_class = true,
                b']' => in_class = false,
                b'/' if !in_class => {
                    self.at = i + 1;
                    self.skip_while(|b| b.is_ascii_alphabetic());
                    return self.value(Kind::Regex);
                }
                _ => {}
            }
            i += 1;
        }
        self.no_regex_before = i;
        self.punctuation(b'/')
    }

    fn string(&mut self, quote: u8) -> Kind {
        self.at += 1;
        while let Some(byte) = self.byte(0) {
            match byte {
                b'\n' => break,
                b'\\' => self.escape(),
                _ => self.at += 1,
            }
            if byte == quote {
                break;
            }
        }
        self.value(Kind::Text)
    }

    /// Steps over a backslash and an ASCII byte; other characters are stepped over byte by byte, none is a quote.
    fn escape(&mut self) {
        self.at += if self.byte(1).is_some_and(|b| b.is_ascii()) {
            2
        } else {
            1
        };
    }

    /// From a backtick or the `}` that ends a substitution to the next `${` or the closing backtick.
    fn template(&mut self) -> Kind {
        self.at += 1;
        while let Some(byte) = self.byte(0) {
            match byte {
                b'\\' => self.escape(),
                b'`' => {
                    self.at += 1;
                    return self.value(Kind::Text);
                }
                b'$' if self.byte(1) == Some(b'{') => {
                    self.at += 2;
                    self.braces.push(0);
                    self.regex_may_follow = true;
                    return Kind::Text;
                }
                _ => self.at += 1,
            }
        }
        Kind::Text
    }

    fn number(&mut self) -> Kind {
        let bytes = self.code.as_bytes();
        let hex = matches!(bytes.get(self.at..self.at + 2), Some(b"0x" | b"0X"));
        while let Some(byte) = self.byte(0) {
            let sign =
                matches!(byte, b'+' | b'-') && !hex && matches!(bytes[self.at - 1], b'e' | b'E');
            if !(byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_') || sign) {
                break;
            }
            self.at += 1;
        }
        self.value(Kind::Number)
    }

    fn name(&mut self) -> Kind {
        let start = self.at;
        self.at += 1;
        self.skip_while(|b| is_name(b) || b.is_ascii_digit());
        let word = &self.code[start..self.at];
        let next = self.code.as_bytes()[self.at..]
            .iter()
            .take(64)
            .find(|b| !b.is_ascii_whitespace())
            .copied();
        if !self.after_dot && is_keyword(word, next) {
            self.regex_may_follow = !matches!(word, "this" | "super");
            return Kind::Keyword;
        }
        let literal = !self.after_dot && is_literal(word);
        self.value(match next {
            _ if literal => Kind::Number,
            Some(b'(') => Kind::Function,
            _ => Kind::Plain,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn marked(code: &str) -> String {
        pieces(code)
            .map(|(kind, piece)| match kind.class() {
                Some(class) => format!("{}‹{piece}›", &class[1..]),
                None => piece.to_owned(),
            })
            .collect()
    }

    #[test]
    fn javascript_is_cut_into_its_parts() {
        for (code, expected) in [
            ("const a = 1;", "k‹const› a = n‹1›;"),
            ("f(x) / 2 / y", "f‹f›(x) / n‹2› / y"),
            ("x = /[/\\]]+/gi.test(s)", "x = s‹/[/\\]]+/gi›.f‹test›(s)"),
            ("return /a/", "k‹return› s‹/a/›"),
            ("a / b // c\nd", "a / b c‹// c›\nd"),
            ("/* x\n */ y", "c‹/* x\n */› y"),
            ("/* open", "c‹/* open›"),
            ("'it\\'s' \"a\nb", "s‹'it\\'s'› s‹\"a›\nb"),
            (
                "`a${ {b: `c${d}`}.b }e`",
                "s‹`a${› {b: s‹`c${›ds‹}`›}.b s‹}e`›",
            ),
            ("`open ${a", "s‹`open ${›a"),
            ("0xFFn 1_000.5e-3 .5", "n‹0xFFn› n‹1_000.5e-3› n‹.5›"),
            ("{\"a\": [true, null]}", "{s‹\"a\"›: [n‹true›, n‹null›]}"),
            ("map.get(k); obj.default", "map.f‹get›(k); obj.default"),
            ("import x from './x'", "k‹import› x k‹from› s‹'./x'›"),
            (
                "const type = 1; type T = A",
                "k‹const› type = n‹1›; k‹type› T = A",
            ),
            ("größe(é)", "f‹größe›(é)"),
            ("...rest", "...rest"),
        ] {
            assert_eq!(marked(code), expected);
        }
    }

    #[test]
    fn pieces_joined_are_the_source() {
        for code in [
            "'\\",
            "'\\é'",
            "`\\é`",
            "/\\é/",
            "/[",
            "}}}${`",
            "`${`${`${}}",
            "é\u{301}#\u{0}",
            "\\",
            "1.",
            "0x",
        ] {
            assert_eq!(
                pieces(code).map(|(_, piece)| piece).collect::<String>(),
                code
            );
        }
    }
}
