//! Passwords from a terminal (asked twice, not echoed) or the first line of standard input; never from the command line.

use std::io::{BufRead, IsTerminal, Read, stdin};

use crate::domain::password;
use crate::error::{Error, Result};

/// Longest line that is read, in bytes.
const MOST: u64 = 4096;

/// Asks for a new password and hashes it; `own` are words that it must not be made of.
///
/// # Errors
/// [`Error::Invalid`] when it is not good enough or was typed differently the second time.
pub(super) fn new_hash(own: &[&str]) -> Result<String> {
    let password = if stdin().is_terminal() {
        ask()?
    } else {
        line()?
    };
    password::check(&password, own).map_err(|problem| Error::field("password", problem))?;
    password::hash(&password, &crate::store::secret::random())
}

fn ask() -> Result<String> {
    let first = rpassword::prompt_password("New password: ")?;
    if rpassword::prompt_password("Once more: ")? == first {
        Ok(first)
    } else {
        Err(Error::field(
            "password",
            "These were two different passwords.",
        ))
    }
}

fn line() -> Result<String> {
    let mut line = String::new();
    stdin().lock().take(MOST).read_line(&mut line)?;
    Ok(line.trim_end_matches(['\r', '\n']).to_owned())
}
