//! Where values come from, and which of them wins: flag, then variable, then file, then the default.
//!
//! Flags, the environment and the file's text are handed in; only files that hold a secret are read here.

use std::collections::BTreeMap;
use std::fmt::{Display, Formatter};
use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;

use crate::config::key::{self, KEYS, Key};
use crate::config::{Config, cdn};
use crate::error::{Error, Result};

/// Where a value came from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    /// A flag, by its key.
    Flag(&'static str),
    /// An environment variable.
    Variable(String),
    /// The configuration file.
    File(PathBuf),
    /// Nobody said anything.
    Default,
}

impl Display for Source {
    fn fmt(&self, f: &mut Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Flag(name) => write!(f, "--{name}"),
            Self::Variable(name) => f.write_str(name),
            Self::File(path) => write!(f, "{}", path.display()),
            Self::Default => f.write_str("default"),
        }
    }
}

/// What was said, from the strongest to the weakest.
#[derive(Debug, Default)]
pub struct Given {
    /// Flags, by key.
    pub flags: BTreeMap<&'static str, String>,
    /// The environment.
    pub variables: BTreeMap<String, String>,
    /// The configuration file and its text.
    pub file: Option<(PathBuf, String)>,
}

/// The configuration in force, and where each of its values came from.
#[derive(Debug)]
pub struct Resolved {
    /// The configuration.
    pub config: Config,
    /// By key, in the table's order.
    pub sources: Vec<(&'static str, Source)>,
}

/// Makes a configuration of all that was said; every problem is told, not the first only.
///
/// # Errors
/// [`Error::Config`].
pub fn resolve(data: PathBuf, given: &Given) -> Result<Resolved> {
    let mut problems = Vec::new();
    let file = match &given.file {
        Some((path, text)) => read_file(path, text, &mut problems),
        None => BTreeMap::new(),
    };
    let mut config = Config::new(data);
    let mut sources = Vec::new();
    for key in KEYS {
        let (text, source) = strongest(key, given, &file);
        if let Some(text) = text
            && let Err(problem) = key.set(&mut config, &text, &source)
        {
            problems.push(told(key, &source, &problem));
        }
        sources.push((key.name, source));
    }
    if problems.is_empty() {
        problems.extend(cdn::finish(&mut config).err());
        problems.extend(config.read_secrets().err());
        problems.extend(config.check().err());
    }
    if problems.is_empty() {
        Ok(Resolved { config, sources })
    } else {
        Err(Error::Config(problems.join("\n")))
    }
}

fn told(key: &Key, source: &Source, problem: &str) -> String {
    match source {
        Source::File(path) => format!("{}: {}: {problem}", path.display(), key.name),
        source => format!("{source}: {problem}"),
    }
}

/// The value that wins for a key. An empty variable counts as not set, as compose files leave them.
fn strongest(
    key: &Key,
    given: &Given,
    file: &BTreeMap<&'static str, String>,
) -> (Option<String>, Source) {
    let variable = key.variable();
    if let Some(text) = given.flags.get(key.name) {
        return (Some(text.clone()), Source::Flag(key.name));
    }
    if let Some(text) = given
        .variables
        .get(&variable)
        .filter(|text| !text.is_empty())
    {
        return (Some(text.clone()), Source::Variable(variable));
    }
    if let Some(listen) = port(key, given) {
        return (Some(listen), Source::Variable("PORT".into()));
    }
    match (file.get(key.name), &given.file) {
        (Some(text), Some((path, _))) => (Some(text.clone()), Source::File(path.clone())),
        _ => (None, Source::Default),
    }
}

/// `PORT`, as hosting platforms set it: that port on every address. What is no number is reported by the parser.
fn port(key: &Key, given: &Given) -> Option<String> {
    let port = given
        .variables
        .get("PORT")
        .filter(|text| !text.is_empty() && key.name == "listen")?;
    Some(match port.parse() {
        Ok(port) => SocketAddr::from((Ipv4Addr::UNSPECIFIED, port)).to_string(),
        Err(_) => port.clone(),
    })
}

fn read_file(
    path: &std::path::Path,
    text: &str,
    problems: &mut Vec<String>,
) -> BTreeMap<&'static str, String> {
    let shown = path.display();
    let table: toml::Table = match text.parse() {
        Ok(table) => table,
        Err(error) => {
            problems.push(format!("{shown}: {error}"));
            return BTreeMap::new();
        }
    };
    let mut values = BTreeMap::new();
    for (name, value) in &table {
        match (key::find(name), plain(value)) {
            (Some(key), Some(text)) => drop(values.insert(key.name, text)),
            (Some(key), None) => problems.push(format!(
                "{shown}: {}: this takes one value or a list",
                key.name
            )),
            (None, _) => problems.push(format!("{shown}: {}", unknown(name))),
        }
    }
    values
}

/// A TOML value as it would be typed as a flag.
fn plain(value: &toml::Value) -> Option<String> {
    match value {
        toml::Value::String(text) => Some(text.clone()),
        toml::Value::Integer(number) => Some(number.to_string()),
        toml::Value::Boolean(is_on) => Some(is_on.to_string()),
        toml::Value::Array(list) => list
            .iter()
            .map(plain)
            .collect::<Option<Vec<_>>>()
            .map(|parts| parts.join(",")),
        _ => None,
    }
}

fn unknown(name: &str) -> String {
    if name == "data" {
        return "data is not taken from the file: every command needs it, so it is --data or SITE_DATA".into();
    }
    let nearest = KEYS.iter().min_by_key(|key| distance(name, key.name));
    if let Some(key) = nearest.filter(|key| distance(name, key.name) <= name.len().div_ceil(3)) {
        return format!("there is no key {name:?}; did you mean {:?}?", key.name);
    }
    let names: Vec<&str> = KEYS.iter().map(|key| key.name).collect();
    format!(
        "there is no key {name:?}; the keys are {}",
        names.join(", ")
    )
}

/// Edits between two words (Levenshtein).
fn distance(one: &str, other: &str) -> usize {
    let mut row: Vec<usize> = (0..=other.len()).collect();
    for (i, a) in one.bytes().enumerate() {
        let mut corner = row[0];
        row[0] = i + 1;
        for (j, b) in other.bytes().enumerate() {
            let swapped = corner + usize::from(a != b);
            corner = row[j + 1];
            row[j + 1] = swapped.min(corner + 1).min(row[j] + 1);
        }
    }
    row[other.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn given(flags: &[(&'static str, &str)], variables: &[(&str, &str)], file: &str) -> Given {
        Given {
            flags: flags.iter().map(|(k, v)| (*k, (*v).to_owned())).collect(),
            variables: variables
                .iter()
                .map(|(k, v)| ((*k).to_owned(), (*v).to_owned()))
                .collect(),
            file: Some(("site.toml".into(), file.to_owned())),
        }
    }

    fn listens_on(given: &Given) -> (String, String) {
        let resolved = resolve("d".into(), given).unwrap();
        (
            resolved.config.listen.to_string(),
            resolved.sources[0].1.to_string(),
        )
    }

    fn problem(file: &str) -> String {
        resolve("d".into(), &given(&[], &[], file))
            .unwrap_err()
            .to_string()
    }

    #[test]
    fn a_flag_beats_a_variable_beats_port_beats_the_file_beats_the_default() {
        let file = "listen = '1.1.1.1:4'";
        let all = [("SITE_LISTEN", "1.1.1.1:2"), ("PORT", "3")];
        let say = |a: &str, b: &str| (a.to_owned(), b.to_owned());
        assert_eq!(
            listens_on(&given(&[("listen", "1.1.1.1:1")], &all, file)),
            say("1.1.1.1:1", "--listen")
        );
        assert_eq!(
            listens_on(&given(&[], &all, file)),
            say("1.1.1.1:2", "SITE_LISTEN")
        );
        assert_eq!(
            listens_on(&given(&[], &all[1..], file)),
            say("0.0.0.0:3", "PORT")
        );
        assert_eq!(
            listens_on(&given(&[], &[("SITE_LISTEN", "")], file)),
            say("1.1.1.1:4", "site.toml")
        );
        assert_eq!(
            listens_on(&given(&[], &[], "")),
            say("127.0.0.1:8080", "default")
        );
    }

    #[test]
    fn a_lock_on_the_web_names_what_locks_it() {
        let resolved = resolve("d".into(), &given(&[], &[("SITE_SIGNUP", "invite")], "")).unwrap();
        assert_eq!(resolved.config.signup.unwrap().1, "SITE_SIGNUP");
    }

    #[test]
    fn an_unknown_key_in_the_file_is_an_error_with_a_suggestion() {
        assert!(problem("lisen = 'x'").contains("did you mean \"listen\"?"));
        assert!(problem("colour = 'red'").contains("the keys are listen, base-url"));
        assert!(problem("data = '/x'").contains("--data or SITE_DATA"));
        assert!(problem("[server]\nx = 1").contains("no key \"server\""));
        assert!(problem("listen = ").contains("site.toml: "));
    }

    #[test]
    fn every_problem_is_told_with_its_place() {
        let given = given(
            &[],
            &[("SITE_LIMITS", "perhaps"), ("PORT", "http")],
            "drain = 'x'",
        );
        let text = resolve("d".into(), &given).unwrap_err().to_string();
        for place in ["SITE_LIMITS: ", "PORT: ", "site.toml: drain: "] {
            assert!(text.contains(place), "{text}");
        }
    }

    #[test]
    fn lists_switches_and_underscores_are_taken_in_the_file() {
        let file = "trusted_proxies = ['10.0.0.0/8', '::1']\ndemo = true\ndrain = 5";
        let config = resolve("d".into(), &given(&[], &[], file)).unwrap().config;
        assert_eq!(config.trusted_proxies.len(), 2);
        assert!(config.demo);
        assert_eq!(config.drain.as_secs(), 5);
    }

    #[test]
    fn the_token_of_the_metrics_is_said_or_read_from_its_file_but_not_both() {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), "from-file\n").unwrap();
        let path = file.path().to_str().unwrap();
        let token = |variables: &[(&str, &str)]| {
            let resolved = resolve("d".into(), &given(&[], variables, ""));
            resolved.map(|resolved| resolved.config.metrics_token.reveal().to_owned())
        };
        assert_eq!(token(&[]).unwrap(), "");
        let said = ("SITE_METRICS_TOKEN", "said");
        let named = ("SITE_METRICS_TOKEN_FILE", path);
        assert_eq!(token(&[said]).unwrap(), "said");
        assert_eq!(token(&[named]).unwrap(), "from-file");
        let problem = token(&[said, named]).unwrap_err().to_string();
        assert!(problem.contains("metrics-token and metrics-token-file are both set"));
        let problem = token(&[("SITE_METRICS_TOKEN_FILE", "/nowhere/token")]).unwrap_err();
        assert!(problem.to_string().contains("/nowhere/token"));
    }
}
