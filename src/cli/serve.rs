//! `site serve`: the site itself, until a signal ends it.

use std::path::PathBuf;

use clap::Args;

use crate::cli::flags::Flags;
use crate::cli::signal::Stop;
use crate::cli::{banner, log, say};
use crate::error::Result;
use crate::essential;
use crate::health::Pace;
use crate::server::Site;
use crate::service::{Manager, listener};
use crate::time::Clock;

/// The server's thread that takes connections. When it dies, the server itself does not notice.
const ACCEPTOR: &str = "actix-server acceptor";

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
    /// As [`listener`], [`Site::open`] and [`Site::run_until`].
    pub(super) fn run(self, data: PathBuf) -> Result<()> {
        // Before there is a second thread.
        let handed_over = listener()?;
        let manager = Manager::from_env();
        let mut config = self.flags.resolve(data)?.config;
        log::start(&config.log);
        essential::watch(ACCEPTOR);
        if let Some(watchdog) = manager.watchdog() {
            config.pace = Pace::within(watchdog);
        }
        if handed_over.is_some() {
            tracing::info!("the service manager holds the listening socket: --listen is not used");
        }
        actix_web::rt::System::new().block_on(async {
            let stop = Stop::catch()?;
            let time = manager.ask_for_time("opening the database");
            let site = Site::open_at(handed_over, config, Clock::System)?;
            drop(time);
            banner::show(&site.app)?;
            if let Some(outcome) = &site.demo {
                say(&outcome.to_string());
            }
            site.run_until(stop.wait(), manager).await?;
            tracing::info!("stopped");
            Ok(())
        })
    }
}
