//! `site version`.

use clap::Args;
use serde_json::json;

use crate::cli::say;
use crate::store;

/// Flags of `site version`.
#[derive(Debug, Args)]
pub(super) struct Version {
    /// As JSON
    #[arg(long)]
    json: bool,
}

impl Version {
    /// Prints it.
    pub(super) fn run(&self) {
        let version = env!("CARGO_PKG_VERSION");
        let (schema, sqlite) = (
            store::migrate::newest(),
            store::connection::sqlite_version(),
        );
        say(&if self.json {
            json!({"version": version, "schema": schema, "sqlite": sqlite}).to_string()
        } else {
            format!("site {version} (schema {schema}, SQLite {sqlite})")
        });
    }
}
