//! Numbers and times as people read them.

use maud::{Markup, html};

use crate::time::Timestamp;

/// A time: exact for machines and without a script, made relative by one.
#[must_use]
pub fn time(at: Timestamp) -> Markup {
    html! { time datetime=(at.rfc3339()) { (at.human()) } }
}

/// `1,204`.
#[must_use]
pub fn number(number: i64) -> String {
    let digits = number.unsigned_abs().to_string();
    let mut text = String::from(if number < 0 { "−" } else { "" });
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// `1 comment`, `2,500 comments`.
#[must_use]
pub fn count(count: i64, noun: &str) -> String {
    format!(
        "{} {noun}{}",
        number(count),
        if count == 1 { "" } else { "s" }
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_grouped_by_thousands() {
        assert_eq!(number(0), "0");
        assert_eq!(number(1204), "1,204");
        assert_eq!(number(-1_234_567), "−1,234,567");
        assert_eq!(count(1, "comment"), "1 comment");
        assert_eq!(count(2500, "comment"), "2,500 comments");
    }
}
