//! One watcher's stream of events. It ends with the session, with the administrator's role, when the reader has gone, and
//! before all else when the site ends, so that a drain never waits for it. What it sends was drawn for all who watch.

use std::convert::Infallible;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use actix_web::web::Bytes;
use futures_core::Stream;
use tokio::sync::{broadcast, mpsc};

use crate::domain::user::{Role, Viewer};
use crate::errand::{Errand, Rank};
use crate::error::{Error, Result};
use crate::store;
use crate::web::cookie::TokenHash;
use crate::web::request::{Shared, demand};
use crate::web::status::{STREAMS, lock};

/// How often the session is looked at, whatever happens.
const LOOK: Duration = Duration::from_secs(30);
/// Longest time without having seen that it holds.
const BLIND: Duration = Duration::from_mins(1);
/// A reader that takes nothing for so long has gone.
const STALLED: Duration = Duration::from_mins(1);

/// Said before an end that another try would not help.
const OVER: &[u8] = b"event: over\ndata: \n\n";

/// An administrator's right to watch, and when it was last seen to hold.
pub struct Pass {
    token: TokenHash,
    viewer: Viewer,
    seen: Instant,
    /// The database's state that it was seen in.
    head: u64,
}

impl Pass {
    /// Looks whether the session of this token is an administrator's. Blocks.
    ///
    /// # Errors
    /// [`Error::SignIn`], [`Error::Refused`], and when SQLite fails.
    pub fn check(shared: &Shared, token: Option<TokenHash>) -> Result<Self> {
        let app = &shared.app;
        let (head, seen) = (app.store.stamps().head(), Instant::now());
        let token = token.ok_or(Error::SignIn)?;
        let now = app.now();
        let found = app
            .store
            .read(|conn| store::session::viewer(conn, &token, now))?;
        let viewer = found.ok_or(Error::SignIn)?;
        demand(&viewer, Role::Admin)?;
        Ok(Self {
            token,
            viewer,
            seen,
            head,
        })
    }

    /// Whether it still holds. Looks when the member's sessions have changed, and now and then.
    async fn holds(&mut self, shared: &Arc<Shared>) -> bool {
        let stamp = store::stamp::sessions(self.viewer.id);
        let is_changed = shared.app.store.stamps().changed(stamp) > self.head;
        if !is_changed && self.seen.elapsed() < LOOK {
            return true;
        }
        let (token, looked) = (self.token, Arc::clone(shared));
        let check = shared
            .app
            .compute(move || Self::check(&looked, Some(token)));
        // Nobody waits longer for it than the one who looks after an overloaded site.
        let errand = Arc::new(Errand::new(shared.next_id(), Rank::Operator));
        match errand.run(check).await {
            Ok(pass) => {
                *self = pass;
                true
            }
            Err(Error::SignIn | Error::Refused(_)) => false,
            // That it cannot be seen now is no reason yet.
            Err(_) => self.seen.elapsed() < BLIND,
        }
    }
}

/// A place among the streams of a session; dropping it leaves it.
struct Seat {
    shared: Arc<Shared>,
    session: i64,
}

impl Seat {
    fn take(shared: &Arc<Shared>, session: i64) -> Result<Self> {
        if shared.app.health.is_draining() {
            return Err(Error::Busy);
        }
        let mut streams = lock(&shared.status.streams);
        let taken = streams.entry(session).or_default();
        if *taken >= STREAMS {
            return Err(Error::Limited(LOOK));
        }
        *taken += 1;
        Ok(Self {
            shared: Arc::clone(shared),
            session,
        })
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        let mut streams = lock(&self.shared.status.streams);
        if let Some(taken) = streams.get_mut(&self.session) {
            *taken -= 1;
            if *taken == 0 {
                streams.remove(&self.session);
            }
        }
    }
}

/// The stream of a watcher who has just shown this pass.
///
/// # Errors
/// [`Error::Limited`] when the session has too many, [`Error::Busy`] when the site ends.
pub fn watch(shared: &Arc<Shared>, pass: Pass) -> Result<Events> {
    let seat = Seat::take(shared, pass.viewer.session.raw())?;
    let frames = shared.status.frames.subscribe();
    let (send, events) = mpsc::channel(1);
    actix_web::rt::spawn(follow(Arc::clone(shared), pass, seat, frames, send));
    Ok(Events(events))
}

/// Hands on what is told until somebody ends it. The seat is left with it.
async fn follow(
    shared: Arc<Shared>,
    mut pass: Pass,
    _seat: Seat,
    mut frames: broadcast::Receiver<Bytes>,
    send: mpsc::Sender<Bytes>,
) {
    // The frame that tells of the last second comes with the first one; everything that is shown, before it.
    let drawn = Arc::clone(&shared);
    let everything = shared
        .app
        .compute(move || Ok(drawn.status.everything(&drawn)));
    let errand = Arc::new(Errand::new(shared.next_id(), Rank::Operator));
    let mut next = errand.run(everything).await.ok();
    loop {
        if let Some(frame) = next.take() {
            let taken = tokio::time::timeout(STALLED, send.send(frame)).await;
            if !matches!(taken, Ok(Ok(()))) {
                return;
            }
        }
        next = tokio::select! {
            () = send.closed() => return,
            frame = frames.recv() => match frame {
                Ok(frame) => Some(frame),
                Err(broadcast::error::RecvError::Lagged(_)) => Some(shared.status.again()),
                Err(broadcast::error::RecvError::Closed) => return,
            },
        };
        if shared.app.health.is_draining() {
            return;
        }
        if !pass.holds(&shared).await {
            // Whether the reader hears it does not matter any more.
            let _ = send.try_send(Bytes::from_static(OVER));
            return;
        }
    }
}

/// What is sent.
pub struct Events(mpsc::Receiver<Bytes>);

impl Stream for Events {
    type Item = std::result::Result<Bytes, Infallible>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.0.poll_recv(cx).map(|frame| frame.map(Ok))
    }
}
