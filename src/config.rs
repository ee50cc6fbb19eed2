//! What an operator decides: read once from flags, `SITE_*` variables and the configuration file, then handed down.
//!
//! Precedence: flag, variable, file, then what an administrator set on the web. What is given here locks the web's field.

pub mod memory;

pub mod net;

pub mod nodes;

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
use crate::health::Pace;

pub use cdn::CdnConfig;
pub use net::Net;
pub use nodes::{Nodes, Replicate};
pub use patience::Patience;
pub use secret::Secret;

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

/// What runs the work.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum PoolKind {
    /// The pool that balances itself.
    #[default]
    Balanced,
    /// The runtime's blocking threads, as they are: for benches only, so there is no key for it.
    Plain,
}

/// Least threads that the pool works with: one for each lane.
pub const LEAST_WORKERS: usize = 3;

/// The configuration in force.
#[derive(Debug, Clone)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "independent switches, each a key"
)]
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
    /// Whether links of the directory of resources are asked now and then whether they answer.
    pub link_checks: bool,
    /// Whether tries and passes of lessons are counted, for the sums that moderators see.
    pub lesson_counts: bool,
    /// Fill an empty data directory with the demonstration.
    pub demo: bool,
    /// Most bytes of the response cache; 0: nothing is kept.
    pub cache_size: u64,
    /// Who may read the metrics, beside this machine itself.
    pub metrics_allow: Vec<Net>,
    /// By which others may read the metrics too, from wherever they come.
    pub metrics_token: Secret,
    /// The file that this token was to be read from.
    pub metrics_token_file: Option<PathBuf>,
    /// Least threads of the worker pool, when said.
    pub workers_min: Option<usize>,
    /// Most threads of the worker pool, when said.
    pub workers_max: Option<usize>,
    /// Most passwords that are hashed at a time.
    pub heavy_jobs: usize,
    /// The worker pool, or for comparison none.
    pub pool: PoolKind,
    /// Most connections at a time.
    pub max_connections: usize,
    /// Most bytes that large answers may take which are being sent; as much as the cache, when that is more.
    pub answers_size: u64,
    /// How long a connection may keep the site waiting.
    pub patience: Patience,
    /// Longest time that running requests get after a stop signal.
    pub drain: Duration,
    /// How often the site looks after itself, and how long it waits before it says that a part is stuck.
    pub pace: Pace,
    /// Which requests are logged.
    pub access_log: AccessLog,
    /// Whether the access log holds the addresses of clients.
    pub log_addresses: bool,
    /// What the log holds: a level, or directives such as `info,site::fetch=debug`.
    pub log: String,
    /// The CDN to be told of changes.
    pub cdn: Option<CdnConfig>,
    /// The other nodes.
    pub nodes: Nodes,
}

impl Config {
    /// The defaults for a data directory: loopback, limits on.
    #[must_use]
    pub fn new(data: PathBuf) -> Self {
        Self {
            data,
            listen: SocketAddr::from(([127, 0, 0, 1], 8080)),
            base_url: None,
            trusted_proxies: Vec::new(),
            signup: None,
            limits: true,
            link_checks: true,
            lesson_counts: true,
            demo: false,
            cache_size: memory::cache_size(),
            metrics_allow: Vec::new(),
            metrics_token: Secret::default(),
            metrics_token_file: None,
            workers_min: None,
            workers_max: None,
            heavy_jobs: memory::heavy_jobs(cores()),
            pool: PoolKind::Balanced,
            max_connections: memory::connections(),
            answers_size: memory::answers(),
            patience: Patience::default(),
            drain: Duration::from_secs(30),
            pace: Pace::default(),
            access_log: AccessLog::Off,
            log_addresses: true,
            log: "info".into(),
            cdn: None,
            nodes: Nodes::default(),
        }
    }

    /// Least and most threads of the worker pool; what was not said gives way to what was.
    #[must_use]
    pub fn workers(&self) -> (usize, usize) {
        let least = cores().max(LEAST_WORKERS);
        let most = memory::workers(cores()).max(least);
        match (self.workers_min, self.workers_max) {
            (None, None) => (least, most),
            (Some(least), None) => (least, most.max(least)),
            (None, Some(most)) => (least.min(most), most),
            (Some(least), Some(most)) => (least, most),
        }
    }

    /// Reads the secrets that stand in files of their own.
    fn read_secrets(&mut self) -> Result<(), String> {
        if let Some(file) = &self.metrics_token_file {
            self.metrics_token.fill("metrics-token", file)?;
        }
        if let Some(file) = &self.nodes.token_file {
            self.nodes.token.fill("token", file)?;
        }
        Ok(())
    }

    /// What keys say together.
    fn check(&self) -> Result<(), String> {
        let (least, most) = self.workers();
        if least > most {
            return Err(format!(
                "workers-min is {least}, more than workers-max, which is {most}"
            ));
        }
        self.nodes.check()
    }

    /// Where other nodes reach this one.
    #[must_use]
    pub fn node_address(&self) -> String {
        match &self.nodes.url {
            Some(url) => url.as_str().trim_end_matches('/').to_owned(),
            None => format!("http://{}", self.listen),
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

/// Cores that this process may use.
fn cores() -> usize {
    std::thread::available_parallelism().map_or(2, usize::from)
}
