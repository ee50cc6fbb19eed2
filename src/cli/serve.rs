//! `site serve`: the site itself, until a signal ends it.

use std::path::PathBuf;

use clap::Args;

use crate::cli::flags::Flags;
use crate::cli::signal::Stop;
use crate::cli::{banner, log, say};
use crate::error::Result;
use crate::server::Site;
use crate::time::Clock;

/// Flags of `site serve`.
#[derive(Debug, Args)]
pub(super) struct Serve {
    #[command(flatten)]
    flags: Flags,
}

impl Serve {
    /// Serves until SIGTERM or SIGINT.
    ///
    /// # Errors
    /// As [`Site::open`] and [`Site::run`].
    pub(super) fn run(self, data: PathBuf) -> Result<()> {
        let config = self.flags.resolve(data)?.config;
        log::start(&config.log);
        actix_web::rt::System::new().block_on(async {
            let stop = Stop::catch()?;
            let site = Site::open(config, Clock::System)?;
            banner::show(&site.app)?;
            if let Some(outcome) = &site.demo {
                say(&outcome.to_string());
            }
            actix_web::rt::spawn(stop.obey(site.handle()));
            site.run().await?;
            tracing::info!("stopped");
            Ok(())
        })
    }
}
