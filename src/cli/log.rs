//! The log: readable lines on a terminal, JSON otherwise, always on standard error. Its newest warnings and errors are kept
//! for the operator's page as well, whatever of the log is wanted.

use std::io::{IsTerminal, stderr};

use tracing_subscriber::filter::LevelFilter;
use tracing_subscriber::fmt::layer;
use tracing_subscriber::layer::{Layer, SubscriberExt};
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{EnvFilter, registry};

use crate::metric::trouble::Catch;

/// What libraries may say, unless directives want more: nothing about their own start and end.
const LIBRARIES: &str = "actix_server=warn";

/// Starts logging at this level (or these directives).
pub(super) fn start(directives: &str) {
    // The configuration has checked the directives.
    let filter = EnvFilter::try_new(format!("{LIBRARIES},{directives}"))
        .unwrap_or_else(|_| EnvFilter::new("info"));
    // A log that was started before (by whoever uses us as a library) stays.
    let lines = registry().with(Catch::ours().with_filter(LevelFilter::WARN));
    if stderr().is_terminal() {
        let people = layer().with_target(false).with_writer(stderr);
        let _ = lines.with(people.with_filter(filter)).try_init();
    } else {
        let machines = layer().json().flatten_event(true).with_writer(stderr);
        let _ = lines.with(machines.with_filter(filter)).try_init();
    }
    let before = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        tracing::error!(%panic, "panic");
        before(panic);
    }));
}
