//! Signals: the first SIGTERM or SIGINT drains, the second ends at once.

use tokio::signal::unix::{Signal, SignalKind, signal};

use crate::error::Result;

/// The signals that stop a site, caught from now on.
pub(super) struct Stop {
    term: Signal,
    int: Signal,
}

impl Stop {
    /// Begins to catch them.
    ///
    /// # Errors
    /// When the system refuses.
    pub(super) fn catch() -> Result<Self> {
        Ok(Self {
            term: signal(SignalKind::terminate())?,
            int: signal(SignalKind::interrupt())?,
        })
    }

    /// Waits for the first; from then on the second ends the process.
    pub(super) async fn wait(mut self) {
        let name = self.next().await;
        tracing::info!(signal = name, "draining: running requests are finished");
        actix_web::rt::spawn(async move {
            let name = self.next().await;
            tracing::warn!(signal = name, "second signal: ending at once");
            std::process::exit(1);
        });
    }

    async fn next(&mut self) -> &'static str {
        tokio::select! {
            _ = self.term.recv() => "SIGTERM",
            _ = self.int.recv() => "SIGINT",
        }
    }
}
