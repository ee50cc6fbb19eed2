//! The keys of the configuration: one table, from which come flags, variables, names in the file, help and checks.
//!
//! A key is parsed here and nowhere else, whatever it came from.

use std::path::{Path, PathBuf};
use std::str::FromStr;

use url::Url;

use crate::config::cdn::{self, CdnConfig};
use crate::config::secret::Secret;
use crate::config::source::Source;
use crate::config::value::{
    base_url, count, duration, listen, log, networks, on_off, replicate, size, sized, switch,
    workers,
};
use crate::config::{AccessLog, Config, Net};
use crate::domain::settings::Signup;

type Parsed = std::result::Result<(), String>;

/// One thing that can be configured.
pub struct Key {
    /// Its name: `base-url` is `--base-url`, `SITE_BASE_URL`, and `base-url = …` in the file.
    pub name: &'static str,
    /// What stands for the value in the help.
    pub value: &'static str,
    /// One line of help.
    pub help: &'static str,
    /// May stand without a value, which then is `on`.
    pub switch: bool,
    set: fn(&mut Config, &str, &Source) -> Parsed,
    show: fn(&Config) -> String,
}

impl Key {
    /// The environment variable: `SITE_BASE_URL`.
    #[must_use]
    pub fn variable(&self) -> String {
        format!("SITE_{}", self.name.to_uppercase().replace('-', "_"))
    }

    /// Sets it in `config`.
    ///
    /// # Errors
    /// What is wrong with `text`, in words.
    pub fn set(&self, config: &mut Config, text: &str, from: &Source) -> Parsed {
        (self.set)(config, text.trim(), from)
    }

    /// Its value in `config`, as it would be typed.
    #[must_use]
    pub fn show(&self, config: &Config) -> String {
        (self.show)(config)
    }
}

/// The key of this name (`_` may stand for `-`).
#[must_use]
pub fn find(name: &str) -> Option<&'static Key> {
    let name = name.replace('_', "-");
    KEYS.iter().find(|key| key.name == name)
}

/// All keys, in the order of the help.
pub const KEYS: &[Key] = &[
    Key {
        name: "listen",
        value: "ADDRESS:PORT",
        help: "Address to listen on; port 0 takes a free one [default: 127.0.0.1:8080]",
        switch: false,
        set: |config, text, _| {
            config.listen = listen(text)?;
            Ok(())
        },
        show: |config| config.listen.to_string(),
    },
    Key {
        name: "base-url",
        value: "URL",
        help: "Public address, for feeds, previews and links that leave the site",
        switch: false,
        set: |config, text, _| {
            config.base_url = Some(base_url(text)?);
            Ok(())
        },
        show: Config::base,
    },
    Key {
        name: "trusted-proxies",
        value: "NETWORKS",
        help: "Proxies whose X-Forwarded-For and -Proto are believed, as 10.0.0.0/8,::1",
        switch: false,
        set: |config, text, _| {
            config.trusted_proxies = networks(text)?;
            Ok(())
        },
        show: |config| {
            let nets: Vec<String> = config.trusted_proxies.iter().map(Net::to_string).collect();
            nets.join(",")
        },
    },
    Key {
        name: "signup",
        value: "open|invite|approve",
        help: "Who may join; locks the setting on the web [default: as set on the web]",
        switch: false,
        set: |config, text, from| {
            config.signup = Some((text.parse()?, from.to_string()));
            Ok(())
        },
        show: |config| {
            let mode = config.signup.as_ref().map(|(mode, _)| *mode);
            mode.map_or("", Signup::word).to_owned()
        },
    },
    Key {
        name: "limits",
        value: "on|off",
        help: "Limits on sign-ins, posts and votes by address and account; off for tests only [default: on]",
        switch: false,
        set: |config, text, _| {
            config.limits = switch(text)?;
            Ok(())
        },
        show: |config| on_off(config.limits),
    },
    Key {
        name: "link-checks",
        value: "on|off",
        help: "Asks each link of the directory of resources about once a week whether it answers [default: on]",
        switch: false,
        set: |config, text, _| {
            config.link_checks = switch(text)?;
            Ok(())
        },
        show: |config| on_off(config.link_checks),
    },
    Key {
        name: "lesson-counts",
        value: "on|off",
        help: "Counts how many try and pass each lesson, as sums without anything of whom; learners can decline [default: on]",
        switch: false,
        set: |config, text, _| {
            config.lesson_counts = switch(text)?;
            Ok(())
        },
        show: |config| on_off(config.lesson_counts),
    },
    Key {
        name: "demo",
        value: "on|off",
        help: "Fill an empty data directory with members, stories and threads to look at",
        switch: true,
        set: |config, text, _| {
            config.demo = switch(text)?;
            Ok(())
        },
        show: |config| on_off(config.demo),
    },
    Key {
        name: "cache-size",
        value: "SIZE",
        help: "Most memory for kept answers, such as 16MiB; 0 keeps none [default: 64MiB, or an eighth of the memory limit]",
        switch: false,
        set: |config, text, _| {
            config.cache_size = size(text)?;
            Ok(())
        },
        show: |config| sized(config.cache_size),
    },
    Key {
        name: "workers-min",
        value: "N",
        help: "Least threads of the worker pool, 3 or more [default: one a core, 3 at least]",
        switch: false,
        set: |config, text, _| {
            config.workers_min = Some(workers(text)?);
            Ok(())
        },
        show: |config| config.workers().0.to_string(),
    },
    Key {
        name: "workers-max",
        value: "N",
        help: "Most threads of the worker pool [default: 4 a core and 4 more, as memory allows]",
        switch: false,
        set: |config, text, _| {
            config.workers_max = Some(workers(text)?);
            Ok(())
        },
        show: |config| config.workers().1.to_string(),
    },
    Key {
        name: "metrics-allow",
        value: "NETWORKS",
        help: "Networks that may read /metrics beside this machine itself, as 10.0.0.0/8",
        switch: false,
        set: |config, text, _| {
            config.metrics_allow = networks(text)?;
            Ok(())
        },
        show: |config| {
            let nets: Vec<String> = config.metrics_allow.iter().map(Net::to_string).collect();
            nets.join(",")
        },
    },
    Key {
        name: "metrics-token",
        value: "TOKEN",
        help: "Token by which others may read /metrics too; not taken as a flag, which everybody on the machine can read",
        switch: false,
        set: |config, text, from| {
            config.metrics_token = secret(text, from, "--metrics-token-file")?;
            Ok(())
        },
        show: |config| config.metrics_token.shown().to_owned(),
    },
    Key {
        name: "metrics-token-file",
        value: "FILE",
        help: "File that holds this token and nothing else",
        switch: false,
        set: |config, text, _| {
            config.metrics_token_file = Some(text.into());
            Ok(())
        },
        show: |config| shown(config.metrics_token_file.as_deref()),
    },
    Key {
        name: "token-file",
        value: "FILE",
        help: "File with the secret that all nodes of this site share, 32 characters at least; lets others follow this node",
        switch: false,
        set: |config, text, _| {
            config.nodes.token_file = Some(text.into());
            Ok(())
        },
        show: |config| shown(config.nodes.token_file.as_deref()),
    },
    Key {
        name: "follow",
        value: "URL",
        help: "Begin as a standby of the node there; needs token-file and an empty data directory",
        switch: false,
        set: |config, text, _| {
            config.nodes.follow = Some(base_url(text)?);
            Ok(())
        },
        show: |config| {
            config
                .nodes
                .follow
                .as_ref()
                .map(Url::to_string)
                .unwrap_or_default()
        },
    },
    Key {
        name: "node-url",
        value: "URL",
        help: "Where other nodes reach this one [default: http:// and the listening address]",
        switch: false,
        set: |config, text, _| {
            config.nodes.url = Some(base_url(text)?);
            Ok(())
        },
        show: Config::node_address,
    },
    Key {
        name: "replicate",
        value: "wait|async",
        help: "Whether a change is answered once a standby has it too, as long as one keeps up [default: wait]",
        switch: false,
        set: |config, text, _| {
            config.nodes.replicate = replicate(text)?;
            Ok(())
        },
        show: |config| config.nodes.replicate.word().to_owned(),
    },
    Key {
        name: "require-standby",
        value: "on|off",
        help: "Answer no change that no standby has, however long that takes [default: off]",
        switch: true,
        set: |config, text, _| {
            config.nodes.require_standby = switch(text)?;
            Ok(())
        },
        show: |config| on_off(config.nodes.require_standby),
    },
    Key {
        name: "max-connections",
        value: "NUMBER",
        help: "Most connections at a time, as far as the limit of open files allows; one address gets a quarter [default: 10000, as memory allows]",
        switch: false,
        set: |config, text, _| {
            config.max_connections = count(text)?;
            Ok(())
        },
        show: |config| config.max_connections.to_string(),
    },
    Key {
        name: "drain",
        value: "DURATION",
        help: "Longest time that running requests get after a stop signal [default: 30s]",
        switch: false,
        set: |config, text, _| {
            config.drain = duration(text)?;
            Ok(())
        },
        show: |config| format!("{}s", config.drain.as_secs()),
    },
    Key {
        name: "access-log",
        value: "off|errors|all",
        help: "Which requests are logged [default: off]",
        switch: false,
        set: |config, text, _| {
            config.access_log = text.parse()?;
            Ok(())
        },
        show: |config| config.access_log.word().to_owned(),
    },
    Key {
        name: "log-addresses",
        value: "on|off",
        help: "Whether logged requests hold the client's address [default: on]",
        switch: false,
        set: |config, text, _| {
            config.log_addresses = switch(text)?;
            Ok(())
        },
        show: |config| on_off(config.log_addresses),
    },
    Key {
        name: "log",
        value: "LEVEL",
        help: "error, warn, info, debug or trace, or directives by module [default: info]",
        switch: false,
        set: |config, text, _| {
            config.log = log(text)?;
            Ok(())
        },
        show: |config| config.log.clone(),
    },
    Key {
        name: "cloudflare-zone",
        value: "ID",
        help: "Zone at Cloudflare whose cache is told what has changed; needs a token [default: none]",
        switch: false,
        set: |config, text, _| {
            cdn::draft(config).zone = cdn::zone(text)?;
            Ok(())
        },
        show: |config| of_cdn(config, |cdn| cdn.zone.clone()),
    },
    Key {
        name: "cloudflare-token",
        value: "TOKEN",
        help: "API token that may purge that zone; not taken as a flag, which everybody on the machine can read",
        switch: false,
        set: |config, text, from| {
            cdn::draft(config).token = secret(text, from, "--cloudflare-token-file")?;
            Ok(())
        },
        show: |config| of_cdn(config, |cdn| cdn.token.shown().to_owned()),
    },
    Key {
        name: "cloudflare-token-file",
        value: "FILE",
        help: "File that holds the API token and nothing else",
        switch: false,
        set: |config, text, _| {
            cdn::draft(config).token_file = Some(text.into());
            Ok(())
        },
        show: |config| {
            let path = config.cdn.as_ref().and_then(|cdn| cdn.token_file.as_ref());
            shown(path.map(PathBuf::as_path))
        },
    },
    Key {
        name: "cloudflare-plan",
        value: "free|pro|business|enterprise",
        help: "Plan of the Cloudflare account, which decides how often it may purge [default: free]",
        switch: false,
        set: |config, text, _| {
            cdn::draft(config).plan = text.parse()?;
            Ok(())
        },
        show: |config| of_cdn(config, |cdn| cdn.plan.word().to_owned()),
    },
    Key {
        name: "cloudflare-api",
        value: "URL",
        help: "Where Cloudflare's API is reached [default: https://api.cloudflare.com/client/v4]",
        switch: false,
        set: |config, text, _| {
            cdn::draft(config).api = cdn::api(text)?;
            Ok(())
        },
        show: |config| of_cdn(config, |cdn| cdn.api.clone()),
    },
];

fn shown(path: Option<&Path>) -> String {
    path.map_or_else(String::new, |path| path.display().to_string())
}

fn of_cdn(config: &Config, show: fn(&CdnConfig) -> String) -> String {
    config.cdn.as_ref().map_or_else(String::new, show)
}

/// A secret from anywhere but the command line; `file` is the flag that takes it from a file.
fn secret(text: &str, from: &Source, file: &str) -> Result<Secret, String> {
    match from {
        Source::Flag(name) => Err(format!(
            "flags can be read by everybody on this machine; use {file}, or the variable of --{name}"
        )),
        _ => Secret::parse(text),
    }
}

impl AccessLog {
    /// Its word.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Off => "off",
            Self::Errors => "errors",
            Self::All => "all",
        }
    }
}

impl FromStr for AccessLog {
    type Err = String;

    fn from_str(word: &str) -> Result<Self, String> {
        [Self::Off, Self::Errors, Self::All]
            .into_iter()
            .find(|kind| kind.word() == word)
            .ok_or_else(|| format!("{word:?} is none of off, errors, all"))
    }
}

#[cfg(test)]
mod tests;
