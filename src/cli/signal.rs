//! Signals: the first SIGTERM or SIGINT drains, the second ends at once.

use actix_web::dev::ServerHandle;
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

    /// Waits for them and obeys.
    pub(super) async fn obey(mut self, server: ServerHandle) {
        let name = self.next().await;
        tracing::info!(
            signal = name,
            "stopping: no new requests, running ones are finished"
        );
        // The server's end is awaited by whoever runs it.
        drop(server.stop(true));
        let name = self.next().await;
        tracing::warn!(signal = name, "second signal: ending at once");
        std::process::exit(1);
    }

    async fn next(&mut self) -> &'static str {
        tokio::select! {
            _ = self.term.recv() => "SIGTERM",
            _ = self.int.recv() => "SIGINT",
        }
    }
}
