//! `site status`: whether the site of this data directory runs, and where.

use std::path::Path;

use clap::Args;

use crate::cli::say;
use crate::control::{Status as Found, client};
use crate::error::{Error, Result};
use crate::peer::Report;
use crate::store::checksum;

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
            text(&status)
        });
        Ok(())
    }
}

fn text(status: &Found) -> String {
    let mut lines = vec![
        format!(
            "site {} runs as pid {} since {} s",
            status.version, status.pid, status.up_s
        ),
        format!("listening    http://{}", status.address),
        format!("public       {}", status.base),
        format!("transaction  {}", status.txid),
    ];
    if !status.damaged.is_empty() {
        lines.push(format!("damaged      {}", checksum::told(&status.damaged)));
    }
    lines.extend(status.node.iter().flat_map(nodes));
    lines.join("\n")
}

fn nodes(node: &Report) -> Vec<String> {
    let sync = if node.in_sync {
        "in sync"
    } else {
        "not in sync"
    };
    let mut lines = vec![
        format!(
            "role         {} in epoch {} ({}, {sync})",
            node.role, node.epoch, node.mode
        ),
        format!("log          {} KiB", node.log_bytes.div_ceil(1024)),
    ];
    for standby in &node.standbys {
        let sync = if standby.in_sync {
            "in sync"
        } else {
            "not in sync"
        };
        lines.push(format!(
            "standby      {} {sync}, {} transactions behind, on disk up to {}, version {}",
            standby.address, standby.behind, standby.received, standby.version
        ));
    }
    if let Some(primary) = &node.primary {
        let link = if primary.connected {
            "connected"
        } else {
            "not connected"
        };
        let heard = primary
            .silent_ms
            .map_or_else(|| "never".into(), |ms| format!("{ms} ms ago"));
        lines.push(format!(
            "primary      {} {link}, heard {heard}, {} transactions and {} ms behind",
            primary.address, primary.behind, primary.lag_ms
        ));
        lines.extend(
            primary
                .trouble
                .iter()
                .map(|why| format!("trouble      {why}")),
        );
    }
    lines
}
