//! Passwords: which are taken, how they are hashed (argon2id) and compared. Slow on purpose: only ever on the heavy lane.
//!
//! A password is used whole, in Unicode's composed form (NFC, as RFC 8265 asks for), so that "é" is the same whichever
//! keyboard it comes from; nothing else about it is changed, trimmed or cut. There are no rules of composition
//! (NIST SP 800-63B, 3.1.1.2): length counts, and it must not be one that everybody tries first.
//!
//! The passwords tried first stand in `assets/common-passwords.bin` as the first 5 bytes of their SHA-256, sorted: the
//! lower-case entries of 8 characters and more of the password, name and word lists that the zxcvbn estimators (Rust,
//! npm) and Django ship. Those crates themselves would bring a regular expression engine and plain lists of 1 MB, miss
//! leaked ones that look random, and refuse good passwords by their guess of a guess count; hashes are 160 KB, an exact
//! look-up, and one in 30 million other passwords is refused by chance.

use std::borrow::Cow;

use argon2::password_hash::PasswordHasher;
use argon2::password_hash::phc::PasswordHash;
use argon2::{Algorithm, Argon2, Params, Version};
use icu_normalizer::ComposingNormalizerBorrowed;
use sha2::{Digest, Sha256};

use crate::error::{Error, Result};

/// Fewest characters.
pub const SHORTEST: usize = 8;
/// Most characters; far beyond what anybody types, so that hashing stays cheap for us.
pub const LONGEST: usize = 1024;

/// Bytes of a salt.
pub type Salt = [u8; 16];

const COMMON: &[u8] = include_bytes!("../../assets/common-passwords.bin");
/// Bytes of one entry of [`COMMON`].
const ENTRY: usize = 5;

/// What stands in for the hash of an account that is not there, so that trying it costs the same.
const NOBODY: &str = "$argon2id$v=19$m=19456,t=2,p=1$bm9ib2R5IGlzIGhlcmUhIQ$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

/// Salts that one attempt may cost at most: accounts with one e-mail address share theirs, so there is one but for
/// accounts that were made in other ways.
const MOST_SALTS: usize = 3;

/// Checks a password that somebody chose; `own` are words that belong to them or the site and make it easy to guess.
///
/// # Errors
/// A sentence for the person.
pub fn check(password: &str, own: &[&str]) -> std::result::Result<(), &'static str> {
    let password = composed(password);
    match password.chars().count() {
        0 => return Err("Please choose a password."),
        1..SHORTEST => return Err("This password is too short: at least 8 characters."),
        SHORTEST..=LONGEST => {}
        _ => return Err("This password is too long: at most 1,024 characters."),
    }
    let plain = password.to_lowercase();
    if is_common(&plain) || is_common(without_tail(&plain)) || is_pattern(&plain) {
        return Err(
            "This password is among the first that anybody would try. A short sentence is a good one.",
        );
    }
    if own
        .iter()
        .any(|word| is_made_of(&plain, &word.to_lowercase()))
    {
        return Err("This password is little more than a name. A short sentence is a good one.");
    }
    Ok(())
}

fn composed(password: &str) -> Cow<'_, str> {
    const { ComposingNormalizerBorrowed::new_nfc() }.normalize(password)
}

fn is_common(plain: &str) -> bool {
    let digest = Sha256::digest(plain.as_bytes());
    let entries = COMMON.as_chunks::<ENTRY>().0;
    entries
        .binary_search_by(|entry| entry.as_slice().cmp(&digest[..ENTRY]))
        .is_ok()
}

/// Without up to four digits or signs at its end: `elizabeth1987`.
fn without_tail(plain: &str) -> &str {
    let tail = plain
        .bytes()
        .rev()
        .take(4)
        .take_while(|byte| byte.is_ascii_digit() || byte.is_ascii_punctuation())
        .count();
    &plain[..plain.len() - tail]
}

/// A short piece again and again, a few digits, or runs along the keyboard or alphabet.
fn is_pattern(plain: &str) -> bool {
    let chars: Vec<char> = plain.chars().collect();
    let repeated = (1..=4).any(|unit| chars.iter().zip(&chars[unit..]).all(|(a, b)| a == b));
    let digits = chars.len() < 14 && chars.iter().all(char::is_ascii_digit);
    repeated || digits || is_walk(&chars)
}

const ROWS: [&str; 6] = [
    "1234567890",
    "qwertyuiop",
    "asdfghjkl",
    "zxcvbnm",
    "abcdefghijklmnopqrstuvwxyz",
    "1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik9ol0p",
];

/// Whether it falls into runs of three and more along one of [`ROWS`], forwards or backwards.
fn is_walk(mut chars: &[char]) -> bool {
    while !chars.is_empty() {
        let longest = ROWS.iter().map(|row| run(chars, row)).max().unwrap_or(0);
        if longest < 3 {
            return false;
        }
        chars = &chars[longest..];
    }
    true
}

/// How many of the first characters run along `row`.
fn run(chars: &[char], row: &str) -> usize {
    let common = |row: &mut dyn Iterator<Item = char>| {
        chars.iter().zip(row).take_while(|(a, b)| **a == *b).count()
    };
    let starts = row.char_indices().filter(|(_, c)| Some(c) == chars.first());
    starts
        .map(|(at, _)| {
            let forwards = common(&mut row[at..].chars());
            forwards.max(common(&mut row[..=at].chars().rev()))
        })
        .max()
        .unwrap_or(0)
}

/// Whether little is left of the password without this word.
fn is_made_of(plain: &str, word: &str) -> bool {
    word.chars().count() >= 2 && plain.contains(word) && plain.replace(word, "").chars().count() < 6
}

/// The hash to keep, as a PHC string: argon2id with the parameters that OWASP asks for (19 MiB, two passes, one lane).
///
/// # Errors
/// [`Error::Internal`] when hashing fails (no memory).
pub fn hash(password: &str, salt: &Salt) -> Result<String> {
    let params = Params::new(19 * 1024, 2, 1, None).map_err(|error| broken(&error))?;
    let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
    let hash = argon2
        .hash_password_with_salt(composed(password).as_bytes(), salt)
        .map_err(|error| broken(&error))?;
    Ok(hash.to_string())
}

/// Which of these hashes the password belongs to. An empty list costs as much as one hash.
///
/// # Errors
/// [`Error::Internal`] when hashing fails (no memory).
pub fn find(password: &str, hashes: &[String]) -> Result<Option<usize>> {
    let composed = composed(password);
    if hashes.is_empty() {
        again(&composed, &parse(NOBODY)?)?;
        return Ok(None);
    }
    let mut computed: Vec<PasswordHash> = Vec::new();
    for (index, kept) in hashes.iter().enumerate() {
        let kept = parse(kept)?;
        let same = |other: &&PasswordHash| other.salt == kept.salt && other.params == kept.params;
        let attempt = match computed.iter().find(same) {
            Some(done) => done.clone(),
            None if computed.len() == MOST_SALTS => continue,
            None => {
                computed.push(again(&composed, &kept)?);
                computed[computed.len() - 1].clone()
            }
        };
        // Outputs compare in constant time.
        if attempt.hash.is_some() && attempt.hash == kept.hash {
            return Ok(Some(index));
        }
    }
    Ok(None)
}

/// Whether the password belongs to this hash; `None` (an account without a password) costs the same and never does.
///
/// # Errors
/// As [`find`].
pub fn matches(password: &str, hash: Option<String>) -> Result<bool> {
    let hashes: Vec<String> = hash.into_iter().collect();
    Ok(find(password, &hashes)?.is_some())
}

/// Hashes with the salt and parameters of a kept hash.
fn again(composed: &str, kept: &PasswordHash) -> Result<PasswordHash> {
    let params = Params::try_from(kept).map_err(|error| broken(&error))?;
    let salt = kept.salt.as_ref().ok_or_else(|| broken(&"no salt"))?;
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
        .hash_password_with_salt(composed.as_bytes(), salt)
        .map_err(|error| broken(&error))
}

fn parse(kept: &str) -> Result<PasswordHash> {
    PasswordHash::new(kept).map_err(|error| broken(&error))
}

fn broken(error: &dyn std::fmt::Display) -> Error {
    Error::Internal(format!("password hashing: {error}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_passwords_that_everybody_tries_first_are_refused() {
        for bad in [
            "password",
            "12345678",
            "qwertyuiop",
            "Password1",
            "PASSWORD",
            "iloveyou",
            "1q2w3e4r5t",
            "trustno1",
            "sunshine",
            "princess1",
            "football",
            "j38ifubn",
            "homelesspa",
            "superman",
            "Elizabeth1987",
            "letmein1",
            "aaaaaaaa",
            "abababab",
            "abcabcabcabc",
            "987654321",
            "20261123",
            "asdfghjkl;".trim_end_matches(';'),
            "zxcvbnm123",
            "qwerasdf",
            "1qaz2wsx3edc",
            "lkjhgfdsa",
            "michelle",
            "password!!",
        ] {
            assert!(check(bad, &[]).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn long_and_foreign_passwords_are_welcome_and_only_length_is_bounded() {
        let long = "a sentence of words ".repeat(20);
        for good in [
            "correct horse battery",
            "тише едешь дальше будешь",
            "🦀🦀🐍🐍🦊🦊🐢🐢🐬",
            "x7!kQ-pz",
            "81520573640198325",
            &long,
        ] {
            assert_eq!(check(good, &["ada", "Semicolon"]), Ok(()), "{good:?}");
        }
        assert!(check("short 7", &[]).is_err());
        assert!(check(&"ab c".repeat(257), &[]).is_err());
        assert_eq!(check(&"a b c d e f ".repeat(85), &[]), Ok(()));
    }

    #[test]
    fn a_name_with_a_tail_is_no_password_but_may_stand_in_a_sentence() {
        for bad in [
            "adalovelace",
            "AdaLovelace1!",
            "semicolon",
            "Semicolon2026",
            "adalovelaceadalovelace",
        ] {
            assert!(
                check(bad, &["adalovelace", "Semicolon"]).is_err(),
                "{bad:?}"
            );
        }
        assert_eq!(
            check("adalovelace reads on trains", &["adalovelace"]),
            Ok(())
        );
        assert_eq!(check("ada-password-9431", &["ada"]), Ok(()));
    }

    #[test]
    fn every_character_counts_and_composed_forms_are_the_same() {
        let base = "x".repeat(100);
        let kept = hash(&format!("{base}1"), &[1; 16]).unwrap();
        assert!(
            kept.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"),
            "{kept}"
        );
        assert!(!matches(&format!("{base}2"), Some(kept.clone())).unwrap());
        assert!(!matches(&base, Some(kept.clone())).unwrap());
        assert!(matches(&format!("{base}1"), Some(kept)).unwrap());
        let kept = hash("caf\u{e9} au lait", &[2; 16]).unwrap();
        assert!(matches("cafe\u{301} au lait", Some(kept)).unwrap());
    }

    #[test]
    fn the_right_one_of_several_accounts_is_found() {
        let salted = |password: &str, salt| hash(password, &[salt; 16]).unwrap();
        let hashes = [salted("one", 1), salted("two", 1), salted("three", 2)];
        assert_eq!(find("two", &hashes).unwrap(), Some(1));
        assert_eq!(find("three", &hashes).unwrap(), Some(2));
        assert_eq!(find("four", &hashes).unwrap(), None);
        assert_eq!(find("four", &[]).unwrap(), None);
        assert!(!matches("", None).unwrap());
    }
}
