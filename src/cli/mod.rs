//! The command line: one file a subcommand. Prints one line for an error and says it with the exit code too.

mod admin;
mod banner;
mod cache;
mod completion;
mod config;
mod doctor;
mod flags;
mod healthcheck;
mod import;
mod learn;
mod log;
mod password;
mod promote;
mod serve;
mod signal;
mod status;
mod version;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::control::told;
use crate::error::{Error, Result};

/// A community news site in one executable.
#[derive(Debug, Parser)]
#[command(name = "site", version, about, max_term_width = 100, after_help = EXIT_CODES)]
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

const EXIT_CODES: &str = "Exit codes: 0 done, 1 failed, 2 wrong usage, 12 bad configuration, 13 data directory unusable, \
    14 database of a newer version, 15 data directory in use by another process.";

#[derive(Debug, Subcommand)]
enum Command {
    /// Serve the site
    Serve(serve::Serve),
    /// Bring in stories and comments from elsewhere
    Import(import::Import),
    /// Check the lessons of the course
    #[command(subcommand)]
    Learn(learn::Learn),
    /// Make administrators and moderators, let people back in
    #[command(subcommand)]
    Admin(admin::Admin),
    /// Look at the configuration in force
    #[command(subcommand)]
    Config(config::Show),
    /// Have kept answers made anew
    #[command(subcommand)]
    Cache(cache::Cache),
    /// Tell whether the site of this data directory runs, and where
    Status(status::Status),
    /// Make this node the primary
    Promote(promote::Promote),
    /// Check the data directory, the database and the configuration
    Doctor(doctor::Doctor),
    /// Ask the running site whether it answers; for Docker's HEALTHCHECK
    Healthcheck,
    /// Print the version
    Version(version::Version),
    /// Print a completion script for a shell
    Completion(completion::Completion),
}

/// Runs the command line; the exit code says how it went.
#[must_use]
pub fn run() -> ExitCode {
    let cli = Cli::parse();
    // What this program makes (database, socket, set-up link) is nobody else's.
    rustix::process::umask(rustix::fs::Mode::from_raw_mode(0o077));
    match dispatch(cli) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("site: {}", told(&error));
            ExitCode::from(exit_code(&error))
        }
    }
}

fn dispatch(cli: Cli) -> Result<()> {
    match cli.command {
        Command::Serve(serve) => serve.run(cli.data),
        Command::Import(import) => import.run(&cli.data),
        Command::Learn(learn) => learn.run(&cli.data),
        Command::Admin(admin) => admin.run(&cli.data),
        Command::Config(show) => show.run(cli.data),
        Command::Cache(cache) => cache.run(&cli.data),
        Command::Status(status) => status.run(&cli.data),
        Command::Promote(promote) => promote.run(&cli.data),
        Command::Doctor(doctor) => doctor.run(cli.data),
        Command::Healthcheck => healthcheck::run(&cli.data),
        Command::Version(version) => {
            version.run();
            Ok(())
        }
        Command::Completion(completion) => completion.run(),
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

/// Prints a line to standard output; that nobody reads it any more is no failure.
fn say(line: &str) {
    use std::io::Write;
    let _ = writeln!(std::io::stdout(), "{line}");
}
