//! The flags of the configuration, made from the table of keys; variables and the file are read here too.

use std::collections::BTreeMap;
use std::path::PathBuf;

use clap::{Arg, ArgMatches, Args, Command, FromArgMatches, value_parser};

use crate::config::Config;
use crate::config::key::{KEYS, Key};
use crate::config::source::{Given, Resolved, Source, resolve};
use crate::error::{Error, Result};

/// What flags say, and which file.
#[derive(Debug, Default)]
pub(super) struct Flags {
    values: BTreeMap<&'static str, String>,
    file: Option<PathBuf>,
}

impl Flags {
    /// The configuration in force, from flags, variables, file and defaults.
    ///
    /// # Errors
    /// [`Error::Config`] with all problems.
    pub(super) fn resolve(self, data: PathBuf) -> Result<Resolved> {
        let file = match self.file {
            None => None,
            Some(path) => {
                let text = std::fs::read_to_string(&path).map_err(|error| {
                    Error::Config(format!("Cannot read {}: {error}.", path.display()))
                })?;
                Some((path, text))
            }
        };
        let given = Given {
            flags: self.values,
            variables: variables(),
            file,
        };
        resolve(data, &given)
    }
}

/// Variables that are text; others cannot be ours.
fn variables() -> BTreeMap<String, String> {
    std::env::vars_os()
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
        .collect()
}

fn flag(key: &'static Key) -> Arg {
    let arg = Arg::new(key.name)
        .long(key.name)
        .value_name(key.value)
        .help(format!("{} [env: {}]", key.help, key.variable()))
        .value_parser(move |text: &str| checked(key, text));
    if key.switch {
        arg.num_args(0..=1)
            .require_equals(true)
            .default_missing_value("on")
    } else {
        arg
    }
}

fn checked(key: &Key, text: &str) -> std::result::Result<String, String> {
    let mut config = Config::new(PathBuf::new());
    key.set(&mut config, text, &Source::Flag(key.name))
        .map(|()| text.to_owned())
}

impl Args for Flags {
    fn augment_args(command: Command) -> Command {
        let file = Arg::new("config")
            .long("config")
            .value_name("FILE")
            .env("SITE_CONFIG")
            .value_parser(value_parser!(PathBuf))
            .help("Configuration file (TOML): the names of these flags, without --");
        command.arg(file).args(KEYS.iter().map(flag))
    }

    fn augment_args_for_update(command: Command) -> Command {
        Self::augment_args(command)
    }
}

impl FromArgMatches for Flags {
    fn from_arg_matches(matches: &ArgMatches) -> std::result::Result<Self, clap::Error> {
        let value =
            |key: &'static Key| Some((key.name, matches.get_one::<String>(key.name)?.clone()));
        Ok(Self {
            values: KEYS.iter().filter_map(value).collect(),
            file: matches.get_one::<PathBuf>("config").cloned(),
        })
    }

    fn update_from_arg_matches(
        &mut self,
        matches: &ArgMatches,
    ) -> std::result::Result<(), clap::Error> {
        *self = Self::from_arg_matches(matches)?;
        Ok(())
    }
}
