//! `site completion SHELL`.

use clap::{Args, CommandFactory};
use clap_complete::Shell;

use crate::cli::Cli;
use crate::error::Result;

/// Flags of `site completion`.
#[derive(Debug, Args)]
pub(super) struct Completion {
    /// bash, elvish, fish, powershell or zsh
    shell: Shell,
}

impl Completion {
    /// Prints the script.
    ///
    /// # Errors
    /// When it cannot be written.
    pub(super) fn run(&self) -> Result<()> {
        use std::io::Write;
        let mut script = Vec::new();
        clap_complete::generate(self.shell, &mut Cli::command(), "site", &mut script);
        Ok(std::io::stdout().write_all(&script)?)
    }
}
