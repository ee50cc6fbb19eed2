//! Brings what was told of lessons into the store, about once a minute, where changes are written.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use actix_web::rt::time;

use crate::app::App;
use crate::errand::Errand;
use crate::error::{Error, Result};
use crate::store::{self, Role};

/// How long sums wait at most.
const PAUSE: Duration = Duration::from_mins(1);

/// Does it, for as long as the site serves.
pub(super) async fn run(app: Arc<App>) -> Infallible {
    loop {
        time::sleep(PAUSE).await;
        report(flush(&app).await);
    }
}

/// Does it a last time.
pub(super) async fn last(app: &Arc<App>) {
    report(Errand::urgent(flush(app)).await);
}

fn report(done: Result<()>) {
    if let Err(error) = done {
        tracing::warn!(detail = error.detail(), "sums of lessons were not kept");
    }
}

/// Adds what waits to the store's sums. A node that follows another keeps what it has until it writes itself.
///
/// # Errors
/// [`Error::Busy`] when too much waits: then the sums wait on. After any other error they are gone, since it is not known
/// whether they were added, and few too little are better than some twice.
pub async fn flush(app: &Arc<App>) -> Result<()> {
    let Some(tallies) = app.tallies.as_ref() else {
        return Ok(());
    };
    if app.store.role() == Role::Following {
        return Ok(());
    }
    let more = tallies.take();
    if more.is_empty() {
        return Ok(());
    }
    let (adding, taught) = (more.clone(), Arc::clone(app));
    let added = app.write(move |tx| {
        store::tally::add(tx, &adding, |lesson, version| {
            let tallies = taught.tallies.as_ref();
            tallies.is_some_and(|tallies| tallies.is_taught(lesson, version))
        })
    });
    let added = added.await;
    if matches!(added, Err(Error::Busy)) {
        tallies.give_back(more);
    }
    added
}
