//! Secrets of the configuration: never shown, and read from a file where one is named.

use std::fmt::{Debug, Formatter};
use std::path::Path;

/// Text that nobody may see. What prints it prints `***`.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// Takes text without space around it.
    ///
    /// # Errors
    /// What is wrong with it, in words that do not hold it.
    pub fn parse(text: &str) -> Result<Self, String> {
        let text = text.trim();
        if text.is_empty() {
            return Err("the secret is empty".into());
        }
        if !text.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err("the secret holds a space, or what is not plain ASCII".into());
        }
        Ok(Self(text.to_owned()))
    }

    /// Reads it from a file that holds nothing else.
    ///
    /// # Errors
    /// When there is no such file, or not of this kind.
    pub fn read(path: &Path) -> Result<Self, String> {
        let told = |problem: String| format!("{}: {problem}", path.display());
        let text = std::fs::read_to_string(path).map_err(|error| told(error.to_string()))?;
        Self::parse(&text).map_err(told)
    }

    /// Sets what was not said otherwise from a file; `key` is the name of the key that says it, and `KEY-file` the file's.
    ///
    /// # Errors
    /// When both are said, and as [`Secret::read`].
    pub fn fill(&mut self, key: &str, path: &Path) -> Result<(), String> {
        if self.is_set() {
            return Err(format!("{key} and {key}-file are both set; keep one"));
        }
        *self = Self::read(path).map_err(|problem| format!("{key}-file: {problem}"))?;
        Ok(())
    }

    /// The text itself, for the one place that sends it.
    #[must_use]
    pub fn reveal(&self) -> &str {
        &self.0
    }

    /// Whether there is one.
    #[must_use]
    pub const fn is_set(&self) -> bool {
        !self.0.is_empty()
    }

    /// What may be shown.
    #[must_use]
    pub const fn shown(&self) -> &'static str {
        if self.is_set() { "***" } else { "" }
    }
}

impl Debug for Secret {
    fn fmt(&self, f: &mut Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.shown())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_not_shown() {
        let secret = Secret::parse(" hush\n").unwrap();
        assert_eq!((secret.reveal(), secret.shown()), ("hush", "***"));
        assert_eq!(format!("{secret:?} {:?}", Secret::default()), "*** ");
    }

    #[test]
    fn what_cannot_stand_in_a_header_is_no_secret() {
        for text in ["", " ", "two words", "a\r\nb", "caf\u{e9}"] {
            let problem = Secret::parse(text).unwrap_err();
            assert!(text.trim().is_empty() || !problem.contains(text), "{text}");
        }
    }
}
