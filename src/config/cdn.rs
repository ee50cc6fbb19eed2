//! The CDN in front of the site: whom to tell what has changed. There is none unless a zone and its token are given.

use std::path::PathBuf;
use std::str::FromStr;

use url::Url;

use crate::config::Config;
use crate::config::secret::Secret;

/// Address of Cloudflare's API.
pub const API: &str = "https://api.cloudflare.com/client/v4";

/// A zone at Cloudflare.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CdnConfig {
    /// The zone's id.
    pub zone: String,
    /// A token that may purge the zone's cache.
    pub token: Secret,
    /// The file that the token was to be read from.
    pub token_file: Option<PathBuf>,
    /// Base of the API's URLs, without a slash at its end.
    pub api: String,
    /// What the account pays for, which decides how often it may purge.
    pub plan: Plan,
}

impl Default for CdnConfig {
    fn default() -> Self {
        Self {
            zone: String::new(),
            token: Secret::default(),
            token_file: None,
            api: API.into(),
            plan: Plan::Free,
        }
    }
}

/// Plans of Cloudflare.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Plan {
    /// Free.
    Free,
    /// Pro.
    Pro,
    /// Business.
    Business,
    /// Enterprise.
    Enterprise,
}

impl Plan {
    /// All plans.
    pub const EACH: [Self; 4] = [Self::Free, Self::Pro, Self::Business, Self::Enterprise];

    /// Its word.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Free => "free",
            Self::Pro => "pro",
            Self::Business => "business",
            Self::Enterprise => "enterprise",
        }
    }
}

impl FromStr for Plan {
    type Err = String;

    fn from_str(word: &str) -> Result<Self, String> {
        let mut each = Self::EACH.into_iter();
        each.find(|plan| plan.word() == word)
            .ok_or_else(|| format!("{word:?} is none of free, pro, business, enterprise"))
    }
}

/// A zone's id. Its name is the usual mistake, and would only be found out by the first purge.
pub(super) fn zone(text: &str) -> Result<String, String> {
    let zone = text.to_ascii_lowercase();
    if zone.len() == 32 && zone.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        Ok(zone)
    } else {
        Err(format!(
            "{text:?} is not the id of a zone: 32 digits and letters from a to f, as its overview shows them"
        ))
    }
}

pub(super) fn api(text: &str) -> Result<String, String> {
    let url = Url::parse(text).map_err(|_| format!("{text:?} is not a URL"))?;
    let has_more = url.query().is_some() || url.fragment().is_some() || !url.username().is_empty();
    if !matches!(url.scheme(), "http" | "https") || has_more {
        return Err(format!(
            "{text:?} is not the address of an API, such as {API}"
        ));
    }
    Ok(url.as_str().trim_end_matches('/').to_owned())
}

/// What was said about the CDN in `config`, begun with the defaults.
pub(super) fn draft(config: &mut Config) -> &mut CdnConfig {
    config.cdn.get_or_insert_default()
}

/// Reads the token's file and drops what names no zone.
///
/// # Errors
/// What is missing, said twice, or cannot be read.
pub(super) fn finish(config: &mut Config) -> Result<(), String> {
    let Some(cdn) = &mut config.cdn else {
        return Ok(());
    };
    if let Some(file) = &cdn.token_file {
        cdn.token.fill("cloudflare-token", file)?;
    }
    match (cdn.zone.is_empty(), cdn.token.is_set()) {
        (false, true) => Ok(()),
        (false, false) => Err(
            "cloudflare-zone needs a token: set SITE_CLOUDFLARE_TOKEN or cloudflare-token-file"
                .into(),
        ),
        (true, true) => {
            Err("cloudflare-token needs cloudflare-zone, the id of the zone to purge".into())
        }
        (true, false) => {
            config.cdn = None;
            Ok(())
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::config::source::{Given, resolve};

    const ZONE: &str = "023e105f4ecef8ad9ca31a8372d0c353";

    fn read(variables: &[(&str, &str)]) -> Result<Option<CdnConfig>, String> {
        let given = Given {
            flags: BTreeMap::new(),
            variables: variables
                .iter()
                .map(|(name, text)| (format!("SITE_CLOUDFLARE_{name}"), (*text).to_owned()))
                .collect(),
            file: None,
        };
        let resolved = resolve("d".into(), &given).map_err(|error| error.to_string())?;
        Ok(resolved.config.cdn)
    }

    #[test]
    fn there_is_none_unless_zone_and_token_are_given() {
        assert_eq!(read(&[]), Ok(None));
        assert_eq!(read(&[("PLAN", "pro"), ("API", "http://x/v4/")]), Ok(None));
        let said = [
            ("ZONE", ZONE),
            ("TOKEN", "hush"),
            ("API", "http://x:1/v4/"),
            ("PLAN", "pro"),
        ];
        let cdn = read(&said).unwrap().unwrap();
        assert_eq!((cdn.zone.as_str(), cdn.token.reveal()), (ZONE, "hush"));
        assert_eq!((cdn.api.as_str(), cdn.plan), ("http://x:1/v4", Plan::Pro));
        let cdn = read(&said[..2]).unwrap().unwrap();
        assert_eq!((cdn.api.as_str(), cdn.plan), (API, Plan::Free));
    }

    #[test]
    fn the_token_is_read_from_its_file() {
        let file = tempfile::NamedTempFile::new().unwrap();
        let path = file.path().to_str().unwrap();
        std::fs::write(file.path(), "hush\n").unwrap();
        let cdn = read(&[("ZONE", ZONE), ("TOKEN_FILE", path)]);
        assert_eq!(cdn.unwrap().unwrap().token.reveal(), "hush");
        let problem = read(&[("ZONE", ZONE), ("TOKEN_FILE", path), ("TOKEN", "other")]);
        assert!(problem.unwrap_err().contains("both set"));
        let problem = read(&[("ZONE", ZONE), ("TOKEN_FILE", "/nowhere/token")]);
        assert!(problem.unwrap_err().contains("/nowhere/token"));
        std::fs::write(file.path(), "\n").unwrap();
        let problem = read(&[("ZONE", ZONE), ("TOKEN_FILE", path)]);
        assert!(problem.unwrap_err().contains("empty"));
    }

    #[test]
    fn half_of_it_is_an_error() {
        let problem = read(&[("ZONE", ZONE)]).unwrap_err();
        assert!(problem.contains("SITE_CLOUDFLARE_TOKEN"), "{problem}");
        let problem = read(&[("TOKEN", "hush")]).unwrap_err();
        assert!(problem.contains("cloudflare-zone"), "{problem}");
    }

    #[test]
    fn what_makes_no_sense_is_refused() {
        for (name, text) in [
            ("ZONE", "example.org"),
            ("ZONE", &ZONE[1..]),
            ("API", "api.cloudflare.com"),
            ("API", "ftp://x/"),
            ("API", "https://x/?a=b"),
            ("PLAN", "gold"),
            ("TOKEN", "two words"),
        ] {
            let said = [("ZONE", ZONE), ("TOKEN", "hush"), (name, text)];
            let problem = read(&said).unwrap_err();
            assert!(problem.contains(&format!("SITE_CLOUDFLARE_{name}: ")));
        }
    }
}
