//! Probes the parts all the time, each on its own, and gives the service manager its sign of life while all of them pass.
//!
//! A probe that has not come back is not sent again: a stuck part must not gather probes. None of these loops ends; one
//! that did would end the process.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use actix_web::rt::time;

use crate::app::App;
use crate::health::Part;
use crate::service::Manager;

/// How soon a probe is sent again that was refused because too much waits.
const AGAIN: Duration = Duration::from_millis(20);

/// Longest that the first probes are waited for before the doors open.
const FIRST: Duration = Duration::from_secs(2);

/// The first probes; where they pass, the site is ready before anybody can ask.
pub(super) async fn first(app: &Arc<App>) {
    let probes = async { tokio::join!(app.probe_reading(), app.probe_writing()) };
    // What did not pass is probed further by `run`; until then the site says that it is starting.
    let _ = time::timeout(FIRST, probes).await;
    app.health.begin_serving();
}

/// Probes, and tells the service manager.
pub(super) async fn run(app: Arc<App>, manager: Manager) -> Infallible {
    let every = app.health.pace().every;
    let (ended, _, _) = tokio::join!(
        tell(&app, manager, every),
        again(every, || app.probe_reading()),
        again(every, || app.probe_writing()),
    );
    ended
}

async fn again(every: Duration, probe: impl AsyncFn() -> bool) -> Infallible {
    loop {
        let pause = if probe().await { every } else { AGAIN };
        time::sleep(pause).await;
    }
}

async fn tell(app: &Arc<App>, manager: Manager, every: Duration) -> Infallible {
    let mut is_told = false;
    loop {
        app.health.begin_serving();
        if !is_told && app.health.is_ready() {
            manager.ready(&format!("serving http://{}", app.config.listen));
            is_told = true;
        }
        if app.health.are_alive(&Part::EACH) {
            manager.alive();
        }
        time::sleep(every).await;
    }
}
