//! `Range` of a request: one span of bytes, or nothing that we answer in parts (RFC 9110, 14.1.2 and 14.2).

use std::ops::Range;

/// What a `Range` header asks of a body.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Span {
    /// All of it: several ranges, another unit, or nonsense, which a server may ignore.
    Whole,
    /// These bytes.
    Part(Range<usize>),
    /// Bytes that there are none of.
    Outside,
}

impl Span {
    /// Reads `Range` for a body of `length` bytes.
    pub(super) fn parse(header: &[u8], length: usize) -> Self {
        const UNIT: usize = "bytes=".len();
        let Some((unit, range)) = header.trim_ascii().split_at_checked(UNIT) else {
            return Self::Whole;
        };
        let Some(dash) = range.iter().position(|&byte| byte == b'-') else {
            return Self::Whole;
        };
        let (first, last) = (number(&range[..dash]), number(&range[dash + 1..]));
        let (start, end) = match (first, last) {
            _ if !unit.eq_ignore_ascii_case(b"bytes=") => return Self::Whole,
            (Some(Said(first)), Some(Said(last))) if first <= last => {
                (first, last.saturating_add(1).min(length))
            }
            (Some(Said(first)), Some(Unsaid)) => (first, length),
            // The last so many bytes.
            (Some(Unsaid), Some(Said(count))) => (length - count.min(length), length),
            _ => return Self::Whole,
        };
        if start < end {
            Self::Part(start..end)
        } else {
            Self::Outside
        }
    }
}

/// A number of a range, or the place where it could stand.
enum Number {
    Unsaid,
    Said(usize),
}

use Number::{Said, Unsaid};

/// `None` for what is no number. What is too large to be one of ours is the largest.
fn number(text: &[u8]) -> Option<Number> {
    if text.is_empty() {
        return Some(Unsaid);
    }
    let mut sum = 0_usize;
    for byte in text {
        let digit = byte.is_ascii_digit().then(|| usize::from(byte - b'0'))?;
        sum = sum.saturating_mul(10).saturating_add(digit);
    }
    Some(Said(sum))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(header: &str, span: &Span) {
        assert_eq!(&Span::parse(header.as_bytes(), 10), span, "{header:?}");
    }

    #[test]
    fn one_range_is_cut_to_what_there_is() {
        for (header, range) in [
            ("bytes=0-0", 0..1),
            ("bytes=2-5", 2..6),
            ("bytes=9-9", 9..10),
            ("bytes=3-", 3..10),
            ("bytes=0-", 0..10),
            ("bytes=-4", 6..10),
            ("bytes=-99", 0..10),
            ("bytes=0-99", 0..10),
            ("bytes=0-18446744073709551615", 0..10),
            ("bytes=1-99999999999999999999999999", 1..10),
            (" Bytes=1-2 ", 1..3),
        ] {
            check(header, &Span::Part(range));
        }
    }

    #[test]
    fn a_range_behind_the_end_is_outside() {
        for header in [
            "bytes=10-",
            "bytes=10-20",
            "bytes=-0",
            "bytes=99999999999999999999999999-",
        ] {
            check(header, &Span::Outside);
        }
        assert_eq!(Span::parse(b"bytes=0-", 0), Span::Outside);
    }

    #[test]
    fn several_ranges_and_nonsense_are_the_whole() {
        for header in [
            "",
            "bytes",
            "bytes=",
            "bytes=-",
            "bytes=5-2",
            "bytes=0-1,3-4",
            "bytes=0-1,",
            "bytes=a-b",
            "bytes=1",
            "bytes=1-2-3",
            "bytes=+1-2",
            "bytes= 1-2",
            "items=0-1",
            "bytes=\u{fffd}-1",
        ] {
            check(header, &Span::Whole);
        }
    }
}
