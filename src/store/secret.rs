//! Secrets that sign somebody in or let them in: session tokens, invitations, one-time links. 256 random bits each; only
//! their SHA-256 is ever kept, so the database (or a copy of it) opens no door.

use sha2::{Digest, Sha256};

use crate::domain::password::Salt;
use crate::error::Result;
use crate::hex;
use crate::store::Conn;

/// A key for what the nodes of a site sign for each other.
pub type Key = [u8; 32];

/// The site's key, and the epoch of its history.
///
/// # Errors
/// When SQLite fails.
pub fn signing_key(conn: &Conn) -> Result<(Key, i64)> {
    let found = conn
        .prepare_cached("select k.key, p.epoch from signing_key k, position p")?
        .query_row([], |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok(found)
}

/// SHA-256 of a token, as the store keeps it.
pub type TokenHash = [u8; 32];

/// A new secret token of 256 bits, as 64 hexadecimal digits.
#[must_use]
pub fn new_token() -> String {
    hex::of(&random::<32>())
}

/// What the store keeps of a token.
#[must_use]
pub fn hash(token: &str) -> TokenHash {
    Sha256::digest(token.as_bytes()).into()
}

/// Random bytes from the operating system.
///
/// # Panics
/// When the operating system has none: nothing safe can be done then.
#[must_use]
pub fn random<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).expect("the system's random numbers are there");
    bytes
}

/// The salt for an account's password. Accounts that name the same e-mail address share it, so that trying a password
/// with that address costs one hash, however many they are (the time would tell whether there is one).
#[must_use]
pub fn salt(site: &str, email_key: Option<&str>) -> Salt {
    let Some(key) = email_key else {
        return random();
    };
    let digest = Sha256::digest(format!("salt of an address\0{site}\0{key}").as_bytes());
    std::array::from_fn(|at| digest[at])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hundred_thousand_tokens_are_long_and_all_different() {
        let tokens: std::collections::HashSet<String> = (0..100_000).map(|_| new_token()).collect();
        assert_eq!(tokens.len(), 100_000);
        assert!(tokens.iter().all(|token| token.len() == 64));
    }

    #[test]
    fn salts_differ_but_for_one_address() {
        assert_ne!(salt("x", None), salt("x", None));
        assert_eq!(salt("x", Some("a@b")), salt("x", Some("a@b")));
        assert_ne!(salt("x", Some("a@b")), salt("y", Some("a@b")));
    }
}
