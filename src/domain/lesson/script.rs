//! What can be seen of JavaScript without running it: its tokens, the keys of `checks`, the names of given values.
//!
//! A scan, not a parser, on the lexer that also colours code: strings, comments, the text of templates and regexes are no
//! tokens. It sees the keys of an object literal that stands in the file as such. What is computed (`[name]: …`, `...more`,
//! an object that a function returns) it cannot see; for `checks` that is said as a problem, given values are then missing
//! from the list of names and still work.

use crate::domain::text::{Kind, pieces};

/// A token and the line where it stands, from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Token<'a> {
    pub(super) text: &'a str,
    pub(super) kind: TokenKind,
    pub(super) line: u32,
}

/// What a token is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum TokenKind {
    /// A name, a keyword, an operator, a bracket; a backtick where a template begins.
    Code,
    /// A string, with its quotes.
    Text,
    /// A number.
    Number,
}

/// Operators of more than one character, the longer first.
const OPERATORS: &[&str] = &[
    ">>>=", "...", "===", "!==", "**=", "<<=", ">>=", ">>>", "&&=", "||=", "??=", "=>", "==", "!=",
    "<=", ">=", "&&", "||", "??", "?.", "++", "--", "+=", "-=", "*=", "/=", "%=", "**", "<<", ">>",
    "&=", "|=", "^=",
];

/// The tokens of code.
pub(super) fn tokens(code: &str) -> Vec<Token<'_>> {
    let mut found = Vec::new();
    let (mut at, mut line, mut skip_to) = (0, 1, 0);
    for (kind, piece) in pieces(code) {
        let start = at;
        at += piece.len();
        let begins_on = line;
        line += newlines(piece);
        if start < skip_to {
            continue;
        }
        let token = |text, kind| Token {
            text,
            kind,
            line: begins_on,
        };
        match kind {
            Kind::Comment | Kind::Regex => {}
            Kind::Text if piece.starts_with('`') => found.push(token("`", TokenKind::Code)),
            // The rest of a template, after a value in it.
            Kind::Text if piece.starts_with('}') => {}
            Kind::Text => found.push(token(piece, TokenKind::Text)),
            Kind::Number if piece.starts_with(|c: char| c.is_ascii_digit() || c == '.') => {
                found.push(token(piece, TokenKind::Number));
            }
            Kind::Plain if piece.trim().is_empty() => {}
            Kind::Plain | Kind::Keyword | Kind::Function | Kind::Number => {
                let operator = OPERATORS.iter().find(|it| code[start..].starts_with(**it));
                let text = operator.map_or(piece, |it| &code[start..start + it.len()]);
                skip_to = start + text.len();
                found.push(token(text, TokenKind::Code));
            }
        }
    }
    found
}

fn newlines(text: &str) -> u32 {
    let count = text.bytes().filter(|byte| *byte == b'\n').count();
    u32::try_from(count).unwrap_or(u32::MAX)
}

/// The line where the tokens of `sought` (`JSON`, `+=`, `.map`) stand one after the other, `None` when nowhere.
pub(super) fn find(code: &[Token], sought: &str) -> Option<u32> {
    let sought = tokens(sought);
    // `#` shows that a name is private; with the name it is one token.
    let is_private = matches!(sought[..], [Token { text: "#", .. }]);
    let fits = |window: &[Token]| {
        window.iter().zip(&sought).all(|(one, other)| {
            one.kind == other.kind && one.text == other.text
                || is_private && one.text.starts_with('#')
        })
    };
    if sought.is_empty() {
        return None;
    }
    let mut windows = code.windows(sought.len());
    windows
        .find(|window| fits(window))
        .map(|window| window[0].line)
}

/// Code in pieces, without its comments.
pub(super) fn without_comments(code: &str) -> impl Iterator<Item = &str> {
    let all = pieces(code).filter(|(kind, _)| *kind != Kind::Comment);
    all.map(|(_, piece)| piece)
}

/// A key of an object, and the line where it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Key {
    pub(super) name: String,
    pub(super) line: u32,
}

/// What was seen of an object.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Object {
    pub(super) keys: Vec<Key>,
    /// The line of a key that cannot be seen without running the code.
    pub(super) unseen: Option<u32>,
}

/// The object of `export const checks = { … }`; `None` when there is no such statement.
pub(super) fn checks(code: &str) -> Option<Object> {
    let tokens = tokens(code);
    let begin = ["export", "const", "checks", "=", "{"];
    let window = tokens.windows(begin.len()).position(|window| {
        let same = |(token, word): (&Token, &&str)| token.text == *word;
        window.iter().zip(&begin).all(same)
    })?;
    Some(object(&tokens[window + begin.len()..]))
}

/// The names of the values that the runs of `checks.js` give.
pub(super) fn given(code: &str) -> Vec<String> {
    let tokens = tokens(code);
    let mut names: Vec<String> = Vec::new();
    for (at, window) in tokens.windows(3).enumerate() {
        let texts = [window[0].text, window[1].text, window[2].text];
        if texts == ["given", ":", "{"] {
            for key in object(&tokens[at + 3..]).keys {
                if !names.contains(&key.name) {
                    names.push(key.name);
                }
            }
        }
    }
    names
}

/// The keys of an object literal, from behind its opening brace on.
fn object(tokens: &[Token]) -> Object {
    let mut found = Object::default();
    let (mut depth, mut at) = (0_usize, 0);
    let mut is_start = true;
    while let Some(token) = tokens.get(at) {
        if is_start && depth == 0 && token.text != "}" {
            at = entry(tokens, at, &mut found);
            is_start = false;
            continue;
        }
        match (token.kind, token.text) {
            (TokenKind::Code, "{" | "[" | "(") => depth += 1,
            (TokenKind::Code, "}" | "]" | ")") if depth == 0 => break,
            (TokenKind::Code, "}" | "]" | ")") => depth -= 1,
            (TokenKind::Code, ",") if depth == 0 => is_start = true,
            _ => {}
        }
        at += 1;
    }
    found
}

/// Notes the key of the entry that begins at `at`; where to go on.
fn entry(tokens: &[Token], at: usize, found: &mut Object) -> usize {
    let text = |at: usize| tokens.get(at).map_or("", |token: &Token| token.text);
    let mut key = at;
    // `async name(…)`, `*name(…)`, but a key may itself be called async.
    while matches!(text(key), "async" | "get" | "*") && !matches!(text(key + 1), "(" | ":" | ",") {
        key += 1;
    }
    let Some(token) = tokens.get(key) else {
        return key;
    };
    let is_name = token
        .text
        .starts_with(|c: char| c.is_alphanumeric() || "_$".contains(c));
    let name = match token.kind {
        TokenKind::Text => Some(token.text.trim_matches(['"', '\''])),
        TokenKind::Number => Some(token.text),
        TokenKind::Code if is_name => Some(token.text),
        TokenKind::Code => None,
    };
    let Some(name) = name else {
        // `[computed]` or `...spread`: gone over from here on, so that brackets stay in pairs.
        found.unseen = found.unseen.or(Some(token.line));
        return key;
    };
    found.keys.push(Key {
        name: name.to_owned(),
        line: token.line,
    });
    key + 1
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(code: &str) -> Vec<&str> {
        tokens(code).iter().map(|token| token.text).collect()
    }

    #[test]
    fn strings_comments_templates_and_regexes_are_no_tokens() {
        let code = "const a = 'for'; // while\nlet b = `if ${c} else`; /=>/.test(a) /* ?? */";
        let seen = texts(code);
        for hidden in ["for", "while", "if", "else", "=>", "??"] {
            assert!(!seen.contains(&hidden), "{hidden}");
        }
        for shown in ["const", "let", "`", "c", "test"] {
            assert!(seen.contains(&shown), "{shown}");
        }
    }

    #[test]
    fn operators_are_taken_whole() {
        assert_eq!(
            texts("a += b ?? c?.d === e => ...f"),
            [
                "a", "+=", "b", "??", "c", "?.", "d", "===", "e", "=>", "...", "f"
            ]
        );
        let code = tokens("a++;\nJSON.parse(b.map(c))\nthis.#songs");
        for (sought, line) in [
            ("++", Some(1)),
            ("+", None),
            ("JSON.parse", Some(2)),
            (".map", Some(2)),
            ("map", Some(2)),
            ("#", Some(3)),
            ("parse.map", None),
            ("", None),
        ] {
            assert_eq!(find(&code, sought), line, "{sought}");
        }
    }

    #[test]
    fn keys_of_checks_are_seen_in_every_form_of_an_entry() {
        let code = "export const runs = [{}];\nexport const checks = {\n  plain(t) { t.ok({ a: 1 }, 'x'); },\n  \
            async later(t) {},\n  'two-words': (t) => t.ok([1, 2]),\n  async(t) {},\n  arrow: async t => { if (1) {} },\n};";
        let found = checks(code).unwrap();
        let names: Vec<&str> = found.keys.iter().map(|key| key.name.as_str()).collect();
        assert_eq!(names, ["plain", "later", "two-words", "async", "arrow"]);
        assert_eq!(found.keys[1].line, 4);
        assert_eq!(found.unseen, None);
        assert_eq!(checks("const checks = {}"), None);
    }

    #[test]
    fn keys_that_are_computed_are_said_to_be_unseen() {
        for code in [
            "export const checks = {\n  ...more,\n  a() {} };",
            "export const checks = {\n  [`x`]() {},\n a() {} };",
        ] {
            let found = checks(code).unwrap();
            assert_eq!(found.unseen, Some(2), "{code}");
            assert_eq!(found.keys.last().unwrap().name, "a", "{code}");
        }
    }

    #[test]
    fn names_of_given_values_are_gathered_from_all_runs() {
        let code = "export const runs = [\n  { given: { city: 'Oslo', degrees: -3 } },\n  { given: { city: `Rome`, list: [1, { x: 2 }] } },\n];";
        assert_eq!(given(code), ["city", "degrees", "list"]);
        assert!(given("export const runs = make(3);").is_empty());
    }
}
