//! Sending once more what may have arrived: a form that got no answer is shown with a number of its own, and that number, the
//! session and all that is in the form name one execution. As it was, it is done once; changed by so much as a letter, it is
//! another one. The number is of 128 random bits that only its page knows, and it counts for its own session alone.

use sha2::{Digest, Sha256};

use crate::hex;
use crate::store::secret;
use crate::web::relay::carried::Key;

/// The last field of a form that is sent again.
pub(super) const MARK: &[u8] = b"&again=";

/// A form's number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::web) struct Number([u8; 16]);

impl Number {
    /// A new one.
    pub(super) fn new() -> Self {
        Self(secret::random())
    }

    /// Takes the number off a form that is sent again; others get a new one.
    pub(super) fn take(body: &mut Vec<u8>) -> Self {
        let Some(at) = body.len().checked_sub(MARK.len() + 32) else {
            return Self::new();
        };
        let digits = body[at..].strip_prefix(MARK);
        let digits = digits.and_then(|digits| str::from_utf8(digits).ok());
        let plain = digits.filter(|digits| digits.bytes().all(|byte| byte.is_ascii_hexdigit()));
        let Some(number) = plain.and_then(|digits| u128::from_str_radix(digits, 16).ok()) else {
            return Self::new();
        };
        body.truncate(at);
        Self(number.to_be_bytes())
    }

    /// As the form holds it.
    pub(super) fn written(self) -> String {
        hex::of(&self.0)
    }

    /// The execution of this form, by this session, at this address.
    pub(super) fn key(self, session: Option<&str>, target: &str, body: &[u8]) -> Key {
        let mut digest = Sha256::new();
        for part in [
            &self.0,
            session.unwrap_or_default().as_bytes(),
            target.as_bytes(),
            body,
        ] {
            digest.update((part.len() as u64).to_be_bytes());
            digest.update(part);
        }
        let digest = digest.finalize();
        std::array::from_fn(|at| digest[at])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_that_is_sent_again_is_the_same_and_any_other_is_not() {
        let number = Number::new();
        let mut body = [b"text=hi", MARK, number.written().as_bytes()].concat();
        assert_eq!(Number::take(&mut body), number);
        assert_eq!(body, b"text=hi");
        let key = number.key(Some("a"), "/s/7/comments", &body);
        assert_eq!(key, number.key(Some("a"), "/s/7/comments", b"text=hi"));
        for other in [
            Number::new().key(Some("a"), "/s/7/comments", &body),
            number.key(Some("b"), "/s/7/comments", &body),
            number.key(None, "a/s/7/comments", &body),
            number.key(Some("a"), "/s/8/comments", &body),
            number.key(Some("a"), "/s/7/comments", b"text=ho"),
        ] {
            assert_ne!(key, other);
        }
    }

    #[test]
    fn what_is_no_number_stays_in_the_form() {
        for form in [
            "",
            "again=1",
            "a=b&again=",
            "a=b&again=+0000000000000000000000000000000",
            "a=b&again=zz000000000000000000000000000000",
        ] {
            let mut body = form.as_bytes().to_vec();
            Number::take(&mut body);
            assert_eq!(body, form.as_bytes());
        }
    }
}
