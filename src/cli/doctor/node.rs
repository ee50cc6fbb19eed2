//! What there is to say of this node and of those that it knows, from its files alone: no other node is asked.

use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use super::{Finding, Level};
use crate::config::Config;
use crate::control::told;
use crate::replica::node::state::{Duty, State};
use crate::replica::wire::noise;

/// Bits of a file's mode that let those read or write it who are neither its owner nor in its group.
const OTHERS: u32 = 0o006;

/// The token, the role, the others. Nothing of a site alone.
pub(super) fn findings(config: &Config) -> Vec<Finding> {
    let state = State::load(&config.data);
    if !config.nodes.token.is_set() {
        return match state {
            Ok(Some(state)) if state.duty == Duty::Standby => {
                let text = format!("{}: it does not start without --token-file", role(&state));
                vec![Finding::new(Level::Fail, "node", text)]
            }
            Ok(_) => Vec::new(),
            Err(error) => vec![Finding::new(Level::Fail, "node", told(&error))],
        };
    }
    let mut findings = vec![token(config)];
    findings.extend(config.nodes.token_file.as_deref().map(file));
    match state {
        Ok(Some(state)) => {
            findings.push(Finding::new(Level::Pass, "node", role(&state)));
            findings.push(Finding::new(Level::Pass, "peers", peers(&state)));
        }
        Ok(None) => findings.push(Finding::new(Level::Pass, "node", begins(config))),
        Err(error) => findings.push(Finding::new(Level::Fail, "node", told(&error))),
    }
    findings
}

fn token(config: &Config) -> Finding {
    let token = config.nodes.token.reveal();
    match noise::Secret::derive(token.as_bytes()) {
        Ok(_) => Finding::new(Level::Pass, "token", format!("{} characters", token.len())),
        Err(error) => Finding::new(Level::Fail, "token", told(&error)),
    }
}

fn file(path: &Path) -> Finding {
    let about = "token-file";
    let shown = path.display();
    match std::fs::metadata(path).map(|found| found.permissions().mode() & 0o777) {
        Ok(mode) if mode & OTHERS != 0 => {
            let text = format!(
                "{shown} has mode {mode:03o}: everybody on this machine can get at it; chmod 600 {shown}"
            );
            Finding::new(Level::Warn, about, text)
        }
        Ok(mode) => Finding::new(Level::Pass, about, format!("{shown} has mode {mode:03o}")),
        Err(error) => Finding::new(Level::Fail, about, format!("{shown}: {error}")),
    }
}

fn role(state: &State) -> String {
    let epoch = state.epoch;
    match (state.duty, &state.primary) {
        (Duty::Primary, _) => format!("primary in epoch {epoch}"),
        (Duty::Standby, Some(primary)) => format!("standby of {primary} in epoch {epoch}"),
        (Duty::Standby, None) => format!("standby of a node not known yet, in epoch {epoch}"),
    }
}

fn begins(config: &Config) -> String {
    match &config.nodes.follow {
        Some(url) => format!("none yet; the next start makes it a standby of {url}"),
        None => "none yet; the next start makes it the primary".into(),
    }
}

fn peers(state: &State) -> String {
    let mut addresses: Vec<&str> = state.peers.values().map(String::as_str).collect();
    addresses.sort_unstable();
    addresses.dedup();
    if addresses.is_empty() {
        "no other node is known yet".into()
    } else {
        addresses.join(", ")
    }
}
