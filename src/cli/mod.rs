//! The command line: one file a subcommand. Prints one line for an error and says it with the exit code too.

pub mod import;
pub mod serve;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::error::{Error, Result};

/// A community news site in one executable.
#[derive(Debug, Parser)]
#[command(name = "site", version, about, max_term_width = 100)]
pub struct Cli {
    /// Directory of the database, the lock and the control socket
    #[arg(
        long,
        global = true,
        env = "SITE_DATA",
        default_value = "data",
        value_name = "DIR"
    )]
    data: PathBuf,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Serve the site
    Serve(serve::Serve),
    /// Bring in stories and comments from elsewhere
    Import(import::Import),
}

/// Runs the command line; the exit code says how it went.
#[must_use]
pub fn run() -> ExitCode {
    let cli = Cli::parse();
    match dispatch(cli) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("site: {}", error.detail());
            ExitCode::from(exit_code(&error))
        }
    }
}

fn dispatch(cli: Cli) -> Result<()> {
    match cli.command {
        Command::Serve(serve) => serve.run(cli.data),
        Command::Import(import) => import.run(&cli.data),
    }
}

/// Exit codes, as the README lists them.
const fn exit_code(error: &Error) -> u8 {
    match error {
        Error::Config(_) => 12,
        Error::DataDir(_) => 13,
        Error::SchemaNewer { .. } => 14,
        Error::Locked { .. } => 15,
        _ => 1,
    }
}
