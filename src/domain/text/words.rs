//! Words of JavaScript, TypeScript and JSON, and whether code is one of them.
//!
//! Tables and the questions asked of them; it must never know where in the code a word stands, but for the byte after it.

const LANGUAGES: [&str; 12] = [
    "js",
    "javascript",
    "jsx",
    "mjs",
    "cjs",
    "ts",
    "typescript",
    "tsx",
    "mts",
    "json",
    "jsonc",
    "json5",
];

/// ECMAScript's reserved words, the contextual ones that mostly are keywords, and TypeScript's.
const KEYWORDS: [&str; 56] = [
    "abstract",
    "as",
    "async",
    "await",
    "break",
    "case",
    "catch",
    "class",
    "const",
    "continue",
    "debugger",
    "declare",
    "default",
    "delete",
    "do",
    "else",
    "enum",
    "export",
    "extends",
    "finally",
    "for",
    "from",
    "function",
    "get",
    "if",
    "implements",
    "import",
    "in",
    "instanceof",
    "interface",
    "keyof",
    "let",
    "namespace",
    "new",
    "of",
    "private",
    "protected",
    "public",
    "readonly",
    "return",
    "satisfies",
    "set",
    "static",
    "super",
    "switch",
    "this",
    "throw",
    "try",
    "type",
    "typeof",
    "var",
    "void",
    "while",
    "with",
    "yield",
    "is",
];

/// Keywords that are plain names unless a name, a string or a bracket follows.
const CONTEXTUAL: [&str; 16] = [
    "abstract",
    "as",
    "async",
    "declare",
    "from",
    "get",
    "implements",
    "is",
    "keyof",
    "namespace",
    "of",
    "readonly",
    "satisfies",
    "set",
    "static",
    "type",
];

const LITERALS: [&str; 6] = ["true", "false", "null", "undefined", "NaN", "Infinity"];

/// Signs that unlabelled code is JavaScript; two different ones must appear.
const SIGNS: [&str; 14] = [
    "=> ",
    "const ",
    "let ",
    "function",
    "import ",
    "console.",
    "return ",
    "await ",
    "===",
    "require(",
    "document.",
    "export ",
    "var ",
    "new ",
];

/// Whether code with this label (may be empty) is to be coloured.
pub(super) fn is_javascript(label: &str, code: &str) -> bool {
    let language = label
        .split([',', ' ', '{', '\t'])
        .next()
        .unwrap_or_default();
    if language.is_empty() {
        return SIGNS
            .iter()
            .filter(|sign| code.contains(*sign))
            .nth(1)
            .is_some();
    }
    LANGUAGES
        .iter()
        .any(|known| known.eq_ignore_ascii_case(language))
}

/// Whether a name may begin with this byte; bytes of non-ASCII characters are taken for letters.
pub(super) fn is_name(byte: u8) -> bool {
    byte.is_ascii_alphabetic() || matches!(byte, b'_' | b'$' | b'#' | b'@') || byte >= 0x80
}

/// Whether this word is a literal value.
pub(super) fn is_literal(word: &str) -> bool {
    LITERALS.contains(&word)
}

/// Whether this word is a keyword before that byte.
pub(super) fn is_keyword(word: &str, next: Option<u8>) -> bool {
    if next == Some(b':') && !matches!(word, "default") {
        return false;
    }
    KEYWORDS.contains(&word)
        && (!CONTEXTUAL.contains(&word)
            || next.is_some_and(|b| {
                is_name(b)
                    || b"\"'`{[*(".contains(&b) && !(b == b'(' && word != "async" && word != "of")
            }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_code_that_is_javascript_is_coloured() {
        assert!(
            is_javascript("JS", "")
                && is_javascript("ts,ignore", "")
                && is_javascript("json {1}", "")
        );
        assert!(is_javascript("", "const a = () => 1"));
        assert!(
            !is_javascript("", "let there be light")
                && !is_javascript("rust", "let a = new; const ")
                && !is_javascript("", "")
        );
    }
}
