//! How far a browser has seen the site: the transaction behind its last change, signed, in a cookie for a minute.
//!
//! Who carries one has just changed something and is never answered with anything older, whether still signed in or not.
//! It names the epoch, so that a word from before a change of primary counts for nothing, and it is authenticated
//! (HMAC-SHA-256, RFC 2104), so that nobody can make a node wait for a transaction that never was.

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use crate::hex;
use crate::store::secret::Key;

/// What signs and checks positions: the same on all nodes of a site.
#[derive(Clone)]
pub struct Signer {
    /// Of what all words begin with.
    begun: Hmac<Sha256>,
    epoch: i64,
}

impl Signer {
    /// A signer for this epoch.
    #[must_use]
    pub fn new(key: Key, epoch: i64) -> Self {
        let mut begun = Hmac::<Sha256>::new_from_slice(&key).expect("a key of any length will do");
        begun.update(b"position\0");
        Self { begun, epoch }
    }

    /// The epoch that it signs for.
    #[must_use]
    pub const fn epoch(&self) -> i64 {
        self.epoch
    }

    /// The cookie's value for a position.
    #[must_use]
    pub fn sign(&self, txid: u64) -> String {
        let word = format!("{}-{txid}", self.epoch);
        let mac = hex::of(&self.mac(&word).finalize().into_bytes()[..16]);
        format!("{word}-{mac}")
    }

    /// The position that a cookie's value names; `None` when it is not one of ours, or of another epoch.
    #[must_use]
    pub fn check(&self, value: &str) -> Option<u64> {
        let (word, mac) = value.rsplit_once('-')?;
        let (epoch, txid) = word.split_once('-')?;
        let mut sent = [0; 16];
        if mac.len() != 32 || !mac.is_ascii() {
            return None;
        }
        for (byte, digits) in sent.iter_mut().zip(mac.as_bytes().chunks(2)) {
            *byte = u8::from_str_radix(str::from_utf8(digits).ok()?, 16).ok()?;
        }
        // In constant time.
        self.mac(word).verify_truncated_left(&sent).ok()?;
        (epoch.parse() == Ok(self.epoch))
            .then(|| txid.parse().ok())
            .flatten()
    }

    fn mac(&self, word: &str) -> Hmac<Sha256> {
        let mut mac = self.begun.clone();
        mac.update(word.as_bytes());
        mac
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_was_signed_for_this_epoch_counts() {
        let signer = Signer::new([7; 32], 3);
        let value = signer.sign(41);
        assert_eq!(signer.check(&value), Some(41));
        assert_eq!(Signer::new([8; 32], 3).check(&value), None);
        assert_eq!(Signer::new([7; 32], 4).check(&value), None);
        for forged in [
            "", "3-41-", "3-41", "-", "3-42-00", "a-b-c", "3-41-zz", "é-é-é",
        ] {
            assert_eq!(signer.check(forged), None, "{forged}");
        }
        assert_eq!(signer.check(&value.replacen("41", "42", 1)), None);
        assert_eq!(signer.check(&value[..value.len() - 1]), None);
    }
}
