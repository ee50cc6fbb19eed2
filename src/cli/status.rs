//! `site status`: whether the site of this data directory runs, and where.

use std::path::Path;

use clap::Args;

use crate::cli::say;
use crate::control::client;
use crate::error::{Error, Result};

/// Flags of `site status`.
#[derive(Debug, Args)]
pub(super) struct Status {
    /// As JSON
    #[arg(long)]
    json: bool,
}

impl Status {
    /// Prints it; fails when the site does not run.
    ///
    /// # Errors
    /// [`Error::Io`] when nothing runs here.
    pub(super) fn run(&self, data: &Path) -> Result<()> {
        let Some(status) = client::status(data)? else {
            return Err(Error::Io(format!("No site runs on {}.", data.display())));
        };
        say(&if self.json {
            serde_json::to_string(&status).map_err(|error| Error::Internal(error.to_string()))?
        } else {
            format!(
                "site {} runs as pid {} since {} s\nlistening  http://{}\npublic     {}\ntransaction {}",
                status.version, status.pid, status.up_s, status.address, status.base, status.txid
            )
        });
        Ok(())
    }
}
