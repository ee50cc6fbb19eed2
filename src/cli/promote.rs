//! `site promote`: makes the node of this data directory the primary, with the one that is or without it.

use std::path::Path;

use clap::Args;

use crate::cli::say;
use crate::control::client;
use crate::error::Result;

/// Flags of `site promote`.
#[derive(Debug, Args)]
pub(super) struct Promote {
    /// Do not ask the primary: it is gone. What it had answered and not sent here is lost
    #[arg(long)]
    force: bool,
}

impl Promote {
    /// Waits until it is done, and says what came of it.
    ///
    /// # Errors
    /// As [`client::promote`].
    pub(super) fn run(&self, data: &Path) -> Result<()> {
        say(&client::promote(data, self.force)?);
        Ok(())
    }
}
