//! Asks the links of the directory whether they still answer: one at a time, each about once a week, only where changes are
//! written. The pauses are long and uneven, so that nobody is asked twice in a row, nor all at the same hour.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use actix_web::rt::time;

use crate::app::App;
use crate::directory;
use crate::domain::id::ResourceId;
use crate::domain::link::Link;
use crate::error::Result;
use crate::fetch::{FetchError, Fetcher};
use crate::store::resource::check::{self, Outcome};
use crate::store::{Role, secret};

/// Shortest pause between two links.
const PAUSE: Duration = Duration::from_secs(40);

/// Asks, for as long as the site serves.
pub(super) async fn run(app: Arc<App>) -> Infallible {
    let mut lays = true;
    loop {
        time::sleep(PAUSE.mul_f64(1.0 + jitter())).await;
        if app.store.role() == Role::Following {
            lays = true;
            continue;
        }
        // Whoever has begun to write may be a newer program than the one that wrote before.
        if std::mem::take(&mut lays) {
            report(lay(&app).await);
        }
        if app.config.link_checks {
            report(next(&app).await);
        }
    }
}

fn report(done: Result<()>) {
    if let Err(error) = done {
        tracing::warn!(
            detail = error.detail(),
            "the directory was not looked after"
        );
    }
}

async fn lay(app: &Arc<App>) -> Result<()> {
    let on_worker = Arc::clone(app);
    app.background(move || directory::lay(&on_worker.store))
        .await
}

/// Asks the link whose turn it is, if there is one.
///
/// # Errors
/// When SQLite fails; when too much waits. What a link answers is no error.
pub async fn next(app: &Arc<App>) -> Result<()> {
    let now = app.now();
    let Some((id, link)) = app.read(move |conn| check::due(conn, now)).await? else {
        return Ok(());
    };
    ask(app, id, link).await
}

async fn ask(app: &Arc<App>, id: ResourceId, link: Link) -> Result<()> {
    let (fetcher, url) = (app.fetcher.clone(), link.clone());
    let outcome = app.background(move || Ok(outcome(&fetcher, &url))).await?;
    tracing::debug!(link = link.as_str(), ?outcome, "asked a link");
    app.write(move |tx| check::checked(tx, id, &link, outcome, jitter()))
        .await
}

/// What comes of asking. Who answers at all that something is there has answered, also to say that we may not read it.
fn outcome(fetcher: &Fetcher, link: &Link) -> Outcome {
    match fetcher.answers(link.as_str()) {
        Ok(()) | Err(FetchError::Status(401 | 403 | 405 | 406 | 429)) => Outcome::Answered,
        Err(FetchError::Unreachable | FetchError::Timeout) => Outcome::Unreachable,
        Err(_) => Outcome::Failed,
    }
}

/// A number from 0 to 1.
fn jitter() -> f64 {
    let [byte] = secret::random::<1>();
    f64::from(byte) / 255.0
}
