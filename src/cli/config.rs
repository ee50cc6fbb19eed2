//! `site config show|check`: the configuration in force and where each value comes from.

use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};
use serde_json::json;

use crate::cli::flags::Flags;
use crate::cli::say;
use crate::config::key::KEYS;
use crate::config::source::{Resolved, Source};
use crate::domain::settings::Settings;
use crate::error::Result;
use crate::store::inspect::Inspect;

/// Subcommands of `site config`.
#[derive(Debug, Subcommand)]
pub(super) enum Show {
    /// Print every value with where it comes from
    Show(ShowArgs),
    /// Say whether flags, variables and file are right
    Check(CheckArgs),
}

/// Flags of `site config show`.
#[derive(Debug, Args)]
pub(super) struct ShowArgs {
    /// As JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    flags: Flags,
}

/// Flags of `site config check`.
#[derive(Debug, Args)]
pub(super) struct CheckArgs {
    #[command(flatten)]
    flags: Flags,
}

/// A value, and where it comes from.
struct Line {
    name: String,
    value: String,
    source: String,
}

impl Show {
    /// Prints.
    ///
    /// # Errors
    /// [`Error::Config`](crate::error::Error::Config) with every problem.
    pub(super) fn run(self, data: PathBuf) -> Result<()> {
        match self {
            Self::Check(args) => {
                args.flags.resolve(data)?;
                say("The configuration is good.");
                Ok(())
            }
            Self::Show(args) => {
                let lines = lines(&args.flags.resolve(data)?)?;
                print(&lines, args.json);
                Ok(())
            }
        }
    }
}

fn lines(resolved: &Resolved) -> Result<Vec<Line>> {
    let config = &resolved.config;
    let mut lines: Vec<Line> = KEYS
        .iter()
        .zip(&resolved.sources)
        .map(|(key, (_, source))| Line {
            name: key.name.into(),
            value: key.show(config),
            source: source.to_string(),
        })
        .collect();
    let stored = stored(&config.data)?;
    // Sign-up is both a key and a setting: without a key, the web's choice counts.
    let is_locked = config.signup.is_some();
    lines.retain(|line| line.name != "signup" || is_locked);
    lines.extend(settings(&stored, is_locked));
    Ok(lines)
}

fn stored(data: &Path) -> Result<Settings> {
    let settings = match Inspect::open(data)? {
        Some(database) => database.settings()?,
        None => None,
    };
    Ok(settings.unwrap_or_default())
}

fn settings(stored: &Settings, is_signup_locked: bool) -> Vec<Line> {
    let default = Settings::default();
    let line = |name: &str, value: &str, default: &str| Line {
        name: name.into(),
        value: value.into(),
        source: if value == default {
            Source::Default.to_string()
        } else {
            "database".into()
        },
    };
    let learn = |settings: &Settings| if settings.learn { "on" } else { "off" };
    let mut lines = vec![
        line("name", &stored.name, &default.name),
        line("tagline", &stored.tagline, &default.tagline),
        line("description", &stored.description, &default.description),
        line("accent", &stored.accent, &default.accent),
        line("lang", &stored.lang, &default.lang),
        line("learn", learn(stored), learn(&default)),
    ];
    if !is_signup_locked {
        lines.insert(
            0,
            line("signup", stored.signup.word(), default.signup.word()),
        );
    }
    lines
}

fn print(lines: &[Line], as_json: bool) {
    if as_json {
        let all: serde_json::Map<_, _> = lines
            .iter()
            .map(|line| {
                (
                    line.name.clone(),
                    json!({"value": line.value, "source": line.source}),
                )
            })
            .collect();
        return say(&serde_json::Value::Object(all).to_string());
    }
    for line in lines {
        let value = if line.value.is_empty() {
            "(none)"
        } else {
            &line.value
        };
        say(&format!("{:<16} {value}  [{}]", line.name, line.source));
    }
}
