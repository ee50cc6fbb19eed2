//! The log: readable lines on a terminal, JSON otherwise, always on standard error.

use std::io::{IsTerminal, stderr};

use tracing_subscriber::EnvFilter;

/// What libraries may say, unless directives want more: nothing about their own start and end.
const LIBRARIES: &str = "actix_server=warn";

/// Starts logging at this level (or these directives).
pub(super) fn start(directives: &str) {
    // The configuration has checked the directives.
    let filter = EnvFilter::try_new(format!("{LIBRARIES},{directives}"))
        .unwrap_or_else(|_| EnvFilter::new("info"));
    let builder = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(stderr);
    // A log that was started before (by whoever uses us as a library) stays.
    if stderr().is_terminal() {
        let _ = builder.with_target(false).try_init();
    } else {
        let _ = builder.json().flatten_event(true).try_init();
    }
    let before = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        tracing::error!(%panic, "panic");
        before(panic);
    }));
}
