//! Drops the quote and list markers of a Markdown source that nest too deep.
//!
//! The parser is linear but for one thing: it matches each line against all containers around it, so ten thousand `>` and
//! then many lines would take a second. Must never change a line that a person would write.

use std::borrow::Cow;
use std::ops::Range;

use super::write::MAX_DEPTH;

/// Markers indented further than this are flattened too: indentation nests lists over several lines.
const MAX_COLUMN: usize = 4 * MAX_DEPTH;

/// Drops the quote and list markers that nest too deep. In fenced code, a line of more than [`MAX_DEPTH`] markers
/// loses the rest of them as well.
pub(super) fn flatten(source: &str) -> Cow<'_, str> {
    let mut out: Option<String> = None;
    let mut kept = 0;
    let mut start = 0;
    for line in source.split_inclusive('\n') {
        if let Some(excess) = excess(line) {
            let out = out.get_or_insert_default();
            out.push_str(&source[kept..start + excess.start]);
            kept = start + excess.end;
        }
        start += line.len();
    }
    match out {
        Some(mut out) => {
            out.push_str(&source[kept..]);
            Cow::Owned(out)
        }
        None => Cow::Borrowed(source),
    }
}

/// The part of a line's opening markers that is too deep.
fn excess(line: &str) -> Option<Range<usize>> {
    let bytes = line.as_bytes();
    let mut markers = 0;
    let mut column = 0;
    let mut first = None;
    let mut at = 0;
    loop {
        while let Some(b' ' | b'\t') = bytes.get(at) {
            column += if bytes[at] == b'\t' { 4 } else { 1 };
            at += 1;
        }
        let length = marker_length(&bytes[at..]);
        if length == 0 {
            break;
        }
        if first.is_none() && (markers == MAX_DEPTH || column > MAX_COLUMN) {
            if is_rule(&line[at..]) {
                break;
            }
            first = Some(at);
        }
        markers += 1;
        column += length;
        at += length;
    }
    first.map(|first| first..at)
}

/// The length of a quote or list marker at the beginning of these bytes, or 0.
fn marker_length(bytes: &[u8]) -> usize {
    let digits = bytes
        .iter()
        .take(10)
        .take_while(|b| b.is_ascii_digit())
        .count();
    let length = match bytes.get(digits) {
        Some(b'>') if digits == 0 => return 1,
        Some(b'-' | b'+' | b'*') if digits == 0 => 1,
        Some(b'.' | b')') if digits > 0 => digits + 1,
        _ => return 0,
    };
    if matches!(bytes.get(length), None | Some(b' ' | b'\t' | b'\n')) {
        length
    } else {
        0
    }
}

/// Whether a line is a thematic break, which looks like markers but nests nothing.
fn is_rule(line: &str) -> bool {
    ['-', '*'].iter().any(|&mark| {
        line.trim_end()
            .chars()
            .all(|c| c == mark || c == ' ' || c == '\t')
            && line.matches(mark).count() > 2
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_excess_markers_go() {
        let deep = "> ".repeat(MAX_DEPTH);
        for (source, expected) in [
            ("> - a\n".to_owned(), "> - a\n".to_owned()),
            (format!("a\n{deep}> - b\n> c"), format!("a\n{deep}b\n> c")),
            (format!("{deep}1. -x"), format!("{deep}-x")),
            (
                format!("{}- a", " ".repeat(MAX_COLUMN + 1)),
                format!("{}a", " ".repeat(MAX_COLUMN + 1)),
            ),
            ("- ".repeat(99), "- ".repeat(99)),
            ("-".repeat(99), "-".repeat(99)),
            ("+ ".repeat(99), "+ ".repeat(MAX_DEPTH)),
        ] {
            assert_eq!(flatten(&source), expected);
        }
    }
}
