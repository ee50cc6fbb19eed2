//! Bytes as hexadecimal digits: how hashes, tokens and the ids of nodes are written everywhere. Never anything but lower case,
//! and two digits a byte.

use std::fmt::Write;

/// These bytes.
#[must_use]
pub fn of(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(2 * bytes.len());
    push(&mut text, bytes);
    text
}

/// Writes these bytes after what is there.
pub fn push(text: &mut String, bytes: &[u8]) {
    for byte in bytes {
        // Writing to a String cannot fail.
        let _ = write!(text, "{byte:02x}");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_byte_has_two_digits() {
        assert_eq!(of(&[0, 10, 255]), "000aff");
        let mut text = "id-".to_owned();
        push(&mut text, &[1]);
        assert_eq!((text.as_str(), of(&[])), ("id-01", String::new()));
    }
}
