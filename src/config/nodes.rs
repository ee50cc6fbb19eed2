//! What an operator says of the site's other nodes.

use std::path::PathBuf;

use url::Url;

use crate::config::Secret;

/// What the answer to a change waits for, where there are standbys.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Replicate {
    /// This node's disk.
    Async,
    /// A standby's disk too, while one keeps up.
    #[default]
    Wait,
}

impl Replicate {
    /// Its word.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Async => "async",
            Self::Wait => "wait",
        }
    }
}

/// The other nodes.
#[derive(Debug, Clone, Default)]
pub struct Nodes {
    /// What all nodes of a site share and nobody else has; not set for a site alone.
    pub token: Secret,
    /// The file that it was to be read from.
    pub token_file: Option<PathBuf>,
    /// The node to follow, for a new standby.
    pub follow: Option<Url>,
    /// What answers to changes wait for.
    pub replicate: Replicate,
    /// Never answer a change that no standby has.
    pub require_standby: bool,
    /// Where other nodes reach this one; `None`: where it listens.
    pub url: Option<Url>,
}

impl Nodes {
    /// What its keys say together.
    ///
    /// # Errors
    /// What does not go together, in words.
    pub fn check(&self) -> Result<(), String> {
        if self.follow.is_some() && !self.token.is_set() {
            return Err("follow needs token-file: the file whose content all nodes share".into());
        }
        if self.require_standby && !self.token.is_set() {
            return Err("require-standby needs token-file: without it nobody can follow".into());
        }
        Ok(())
    }
}
