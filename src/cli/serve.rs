//! `site serve`: the site itself, until a signal ends it.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::Args;

use crate::config::Config;
use crate::error::Result;
use crate::server::Site;
use crate::time::Clock;

/// Flags of `site serve`.
#[derive(Debug, Args)]
pub struct Serve {
    /// Address to listen on
    #[arg(
        long,
        env = "SITE_LISTEN",
        default_value = "127.0.0.1:8080",
        value_name = "ADDRESS:PORT"
    )]
    listen: SocketAddr,
    /// Fill an empty data directory with invented members, stories and threads
    #[arg(long, env = "SITE_DEMO")]
    demo: bool,
}

impl Serve {
    /// Serves until SIGTERM or SIGINT.
    ///
    /// # Errors
    /// As [`Site::open`].
    pub fn run(self, data: PathBuf) -> Result<()> {
        let mut config = Config::new(data);
        config.listen = self.listen;
        config.demo = self.demo;
        let site = Site::open(config, Clock::System)?;
        println!("listening on http://{}", site.address);
        if let Some(outcome) = site.demo {
            println!("{outcome}");
        }
        actix_web::rt::System::new().block_on(site.run())
    }
}
