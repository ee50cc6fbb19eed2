//! What an operator decides: read once from flags, `SITE_*` variables and the configuration file, then handed down.
//!
//! Precedence: flag, variable, file, then what an administrator set on the web. What is given here locks the web's field.

pub mod memory;

pub mod net;

pub mod patience;

pub mod secret;

pub mod cdn;

pub mod key;

pub mod source;

mod value;

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use url::Url;

use crate::domain::settings::Signup;

pub use cdn::CdnConfig;
pub use net::Net;
pub use patience::Patience;

/// Which requests are logged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum AccessLog {
    /// None.
    #[default]
    Off,
    /// Those that failed on our side.
    Errors,
    /// All.
    All,
}

/// The configuration in force.
#[derive(Debug, Clone)]
pub struct Config {
    /// Directory of the database, the lock and the control socket.
    pub data: PathBuf,
    /// Address to listen on; port 0 takes a free one.
    pub listen: SocketAddr,
    /// Public address, for absolute URLs; `None`: the listening address.
    pub base_url: Option<Url>,
    /// Peers whose forwarding headers are believed.
    pub trusted_proxies: Vec<Net>,
    /// Who may join, when locked, with the name of what locks it.
    pub signup: Option<(Signup, String)>,
    /// Whether abuse limits apply; off for benches and tests only.
    pub limits: bool,
    /// Fill an empty data directory with the demonstration.
    pub demo: bool,
    /// Most bytes of the response cache; 0: nothing is kept.
    pub cache_size: u64,
    /// Who may read the metrics, beside this machine itself.
    pub metrics_allow: Vec<Net>,
    /// Threads for pages.
    pub workers: usize,
    /// Most connections at a time.
    pub max_connections: usize,
    /// How long a connection may keep the site waiting.
    pub patience: Patience,
    /// Longest time that running requests get after a stop signal.
    pub drain: Duration,
    /// Which requests are logged.
    pub access_log: AccessLog,
    /// What the log holds: a level, or directives such as `info,site::fetch=debug`.
    pub log: String,
    /// The CDN to be told of changes.
    pub cdn: Option<CdnConfig>,
}

impl Config {
    /// The defaults for a data directory: loopback, limits on.
    #[must_use]
    pub fn new(data: PathBuf) -> Self {
        let cores = std::thread::available_parallelism().map_or(2, usize::from);
        Self {
            data,
            listen: SocketAddr::from(([127, 0, 0, 1], 8080)),
            base_url: None,
            trusted_proxies: Vec::new(),
            signup: None,
            limits: true,
            demo: false,
            cache_size: memory::cache_size(),
            metrics_allow: Vec::new(),
            workers: cores.max(2),
            max_connections: 10_000,
            patience: Patience::default(),
            drain: Duration::from_secs(30),
            access_log: AccessLog::Off,
            log: "info".into(),
            cdn: None,
        }
    }

    /// Scheme and host for absolute URLs: the public address, else the listening one.
    #[must_use]
    pub fn base(&self) -> String {
        match &self.base_url {
            Some(url) => url.as_str().trim_end_matches('/').to_owned(),
            None => format!("http://{}", self.listen),
        }
    }
}
