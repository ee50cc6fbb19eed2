//! `site doctor`: looks at everything that can be looked at without changing it, and says what to do.

mod node;

use std::path::{Path, PathBuf};

use clap::Args;
use serde_json::json;

use crate::cli::flags::Flags;
use crate::cli::say;
use crate::config::Config;
use crate::control::{Status, client, told};
use crate::course;
use crate::error::{Error, Result};
use crate::store::checksum;
use crate::store::datadir;
use crate::store::inspect::Inspect;
use crate::store::migrate;

/// Flags of `site doctor`.
#[derive(Debug, Args)]
pub(super) struct Doctor {
    /// As JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    flags: Flags,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Level {
    Pass,
    Warn,
    Fail,
}

struct Finding {
    level: Level,
    about: &'static str,
    text: String,
}

/// Size of the WAL from which something keeps it from being copied back.
const BIG_WAL: u64 = 64 << 20;

impl Doctor {
    /// Prints the findings; fails when one of them is a failure.
    ///
    /// # Errors
    /// [`Error::Io`] when something needs to be done.
    pub(super) fn run(self, data: PathBuf) -> Result<()> {
        let config = self.flags.resolve(data)?.config;
        let findings = examine(&config);
        if self.json {
            let all: Vec<_> = findings.iter().map(Finding::json).collect();
            say(&serde_json::Value::Array(all).to_string());
        } else {
            for finding in &findings {
                say(&finding.line());
            }
        }
        let failed = findings
            .iter()
            .filter(|finding| finding.level == Level::Fail)
            .count();
        match failed {
            0 => Ok(()),
            1 => Err(Error::Io("One finding needs to be dealt with.".into())),
            n => Err(Error::Io(format!("{n} findings need to be dealt with."))),
        }
    }
}

impl Finding {
    fn new(level: Level, about: &'static str, text: impl Into<String>) -> Self {
        let text = text.into();
        Self { level, about, text }
    }

    fn word(&self) -> &'static str {
        match self.level {
            Level::Pass => "pass",
            Level::Warn => "warn",
            Level::Fail => "FAIL",
        }
    }

    fn line(&self) -> String {
        format!("{}  {:<14} {}", self.word(), self.about, self.text)
    }

    fn json(&self) -> serde_json::Value {
        json!({"status": self.word().to_lowercase(), "about": self.about, "text": self.text})
    }
}

fn examine(config: &Config) -> Vec<Finding> {
    let mut findings = vec![Finding::new(
        Level::Pass,
        "version",
        format!(
            "{} (schema {})",
            env!("CARGO_PKG_VERSION"),
            migrate::newest()
        ),
    )];
    findings.push(directory(&config.data));
    findings.extend(node::findings(config));
    if !config.data.exists() {
        return findings;
    }
    let (status, process) = process(&config.data);
    findings.push(process);
    findings.extend(
        database(&config.data)
            .unwrap_or_else(|error| vec![Finding::new(Level::Fail, "database", told(&error))]),
    );
    findings.extend(checksums(&config.data, status.as_ref()));
    findings.extend(wal(&config.data));
    findings.extend(lessons(&config.data));
    findings.push(base_url(config, status.as_ref()));
    if !status.map_or(config.limits, |status| status.limits) {
        let text = "off: nothing slows down who guesses passwords or floods the site; only for benches and tests";
        findings.push(Finding::new(Level::Warn, "limits", text));
    }
    findings
}

fn directory(data: &Path) -> Finding {
    let about = "data directory";
    if !data.exists() {
        let text = format!("{} is not there yet; site serve makes it", data.display());
        return Finding::new(Level::Pass, about, text);
    }
    match datadir::check(data) {
        Ok(()) => Finding::new(
            Level::Pass,
            about,
            format!("{} is local and writable", data.display()),
        ),
        Err(error) => Finding::new(Level::Fail, about, told(&error)),
    }
}

/// The operator's own lessons, when there are any.
fn lessons(data: &Path) -> Vec<Finding> {
    let Some(laid) = course::lay(&data.join(course::FOLDER)) else {
        return Vec::new();
    };
    if laid.problems.is_empty() {
        let text = format!(
            "{} laid over the shipped ones when the site starts",
            laid.folders.len()
        );
        return vec![Finding::new(Level::Pass, "lessons", text)];
    }
    let all = laid.problems.iter();
    all.map(|problem| {
        let text = format!("{}/{problem}", course::FOLDER);
        Finding::new(Level::Warn, "lessons", text)
    })
    .collect()
}

fn process(data: &Path) -> (Option<Status>, Finding) {
    let about = "process";
    match (client::status(data), datadir::holder(data)) {
        (Ok(Some(status)), _) => {
            let text = format!("pid {} serves http://{}", status.pid, status.address);
            (Some(status), Finding::new(Level::Pass, about, text))
        }
        (Ok(None), None) => (None, Finding::new(Level::Pass, about, "none runs")),
        (Ok(None), Some(pid)) => {
            let text =
                format!("pid {pid} holds the data directory but does not answer on control.sock");
            (None, Finding::new(Level::Warn, about, text))
        }
        (Err(error), _) => (None, Finding::new(Level::Fail, about, told(&error))),
    }
}

fn database(data: &Path) -> Result<Vec<Finding>> {
    let Some(database) = Inspect::open(data)? else {
        return Ok(vec![Finding::new(Level::Pass, "database", "not there yet")]);
    };
    let (found, known) = (database.schema()?, migrate::newest());
    let schema = match found.cmp(&known) {
        std::cmp::Ordering::Equal => {
            Finding::new(Level::Pass, "schema", format!("{found}, this program's"))
        }
        std::cmp::Ordering::Less => Finding::new(
            Level::Warn,
            "schema",
            format!("{found}; the next start brings it to {known}"),
        ),
        std::cmp::Ordering::Greater => {
            let text = format!("{found}, this program knows {known}: use the newer program again");
            Finding::new(Level::Fail, "schema", text)
        }
    };
    let problems = database.quick_check()?;
    let check = if problems.is_empty() {
        Finding::new(Level::Pass, "quick_check", "the database file is sound")
    } else {
        Finding::new(Level::Fail, "quick_check", problems.join("; "))
    };
    let mut findings = vec![schema, check];
    if database.has_admin()? == Some(false) {
        let text = "none yet: site admin setup-url, or site admin create NAME";
        findings.push(Finding::new(Level::Warn, "administrator", text));
    }
    Ok(findings)
}

/// A running site knows by itself; else what it left behind is compared.
fn checksums(data: &Path, status: Option<&Status>) -> Option<Finding> {
    let about = "checksums";
    let damaged = match status {
        Some(status) => status.damaged.clone(),
        None => match checksum::check(data) {
            Ok(found) => found?,
            Err(error) => return Some(Finding::new(Level::Fail, about, error.to_string())),
        },
    };
    Some(if damaged.is_empty() {
        Finding::new(Level::Pass, about, "no page is known to be damaged")
    } else {
        Finding::new(Level::Fail, about, checksum::told(&damaged))
    })
}

fn wal(data: &Path) -> Option<Finding> {
    let size = std::fs::metadata(data.join("site.db-wal")).ok()?.len();
    let shown = format!("{} KiB", size.div_ceil(1024));
    Some(if size > BIG_WAL {
        let text = format!("{shown}: something reads for very long, or the disk is slow");
        Finding::new(Level::Warn, "WAL", text)
    } else {
        Finding::new(Level::Pass, "WAL", shown)
    })
}

fn base_url(config: &Config, status: Option<&Status>) -> Finding {
    let base = status.map_or_else(|| config.base(), |status| status.base.clone());
    let local = ["127.0.0.1", "[::1]", "localhost", "0.0.0.0", "[::]"]
        .iter()
        .any(|host| base.contains(&format!("//{host}")));
    let (level, more) = match base.starts_with("https://") {
        true => (Level::Pass, ""),
        false if local => (
            Level::Warn,
            ": feeds and previews point at this machine; set --base-url before you go public",
        ),
        false => (Level::Warn, ": passwords travel unprotected without HTTPS"),
    };
    Finding::new(level, "base_url", format!("{base}{more}"))
}
