//! How the site is, second by second: what `/admin/status` shows, and what those who watch it are sent.
//!
//! [`run`] looks at the counters once a second, beside the event loops and without the pool; whoever watches is sent what has
//! changed, drawn once for all of them. It only looks: nothing that the site does depends on it.

mod history;

mod node;

mod operators;

mod sample;

mod stream;

mod view;

use std::collections::HashMap;
use std::convert::Infallible;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use actix_web::web::Bytes;
use tokio::sync::broadcast;
use tokio::time::MissedTickBehavior;

use crate::html::admin::status::{Status, parts};
use crate::web::request::Shared;

use history::History;
use operators::Operators;
use sample::Reading;

pub use stream::{Pass, watch};

/// Time between two looks.
const SECOND: Duration = Duration::from_secs(1);
/// Looks after which something is sent although nothing has changed, so that the connection is seen to live.
const QUIET: u32 = 15;
/// Frames that wait for a slow watcher before it is sent everything instead.
const BEHIND: usize = 4;
/// Most streams of one session.
const STREAMS: usize = 4;

/// What is known and who watches.
pub struct Board {
    begun: Instant,
    history: Mutex<History>,
    /// Parts as they were sent last, by name; none while nobody watches.
    sent: Mutex<HashMap<String, String>>,
    frames: broadcast::Sender<Bytes>,
    /// Streams by session.
    streams: Mutex<HashMap<i64, usize>>,
    /// Who may look, for the order in which work is refused.
    pub operators: Operators,
}

impl Default for Board {
    fn default() -> Self {
        Self {
            begun: Instant::now(),
            history: Mutex::new(History::new()),
            sent: Mutex::default(),
            frames: broadcast::channel(BEHIND).0,
            streams: Mutex::default(),
            operators: Operators::default(),
        }
    }
}

/// Looks once a second, for as long as it is polled.
pub async fn run(shared: &Shared) -> Infallible {
    let mut seconds = tokio::time::interval(SECOND);
    seconds.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut before = Reading::of(shared);
    let mut quiet = 0;
    // The first one is over at once.
    seconds.tick().await;
    loop {
        seconds.tick().await;
        let now = Reading::of(shared);
        lock(&shared.status.history).push(now.since(&before, shared));
        before = now;
        quiet = shared.status.tell(shared, quiet);
    }
}

impl Board {
    /// How the site is.
    #[must_use]
    pub fn view(&self, shared: &Shared) -> Status {
        view::of(shared, &lock(&self.history), self.begun.elapsed())
    }

    /// Everything, as the first frame of a stream.
    #[must_use]
    pub fn everything(&self, shared: &Shared) -> Bytes {
        let parts = parts(&self.view(shared), true);
        let parts = parts.into_iter().map(|(id, part)| (id, part.into_string()));
        frame(&parts.collect())
    }

    /// Sends what has changed to those who watch. For how many looks nothing was sent, before and after.
    fn tell(&self, shared: &Shared, quiet: u32) -> u32 {
        let mut sent = lock(&self.sent);
        if self.frames.receiver_count() == 0 {
            sent.clear();
            return 0;
        }
        let is_point = lock(&self.history).is_point();
        let mut changed = HashMap::new();
        for (id, part) in parts(&self.view(shared), is_point || sent.is_empty()) {
            let part = part.into_string();
            if sent.get(&id) != Some(&part) {
                sent.insert(id.clone(), part.clone());
                changed.insert(id, part);
            }
        }
        let is_due = quiet >= QUIET || shared.app.health.is_draining();
        let bytes = match (changed.is_empty(), is_due) {
            (false, _) => frame(&changed),
            (true, true) => Bytes::from_static(b":\n\n"),
            (true, false) => return quiet + 1,
        };
        // An error means that the last one has just gone.
        let _ = self.frames.send(bytes);
        0
    }

    /// What was sent, all at once: for a watcher that fell behind.
    fn again(&self) -> Bytes {
        frame(&lock(&self.sent))
    }
}

/// An event with these parts (<https://html.spec.whatwg.org/multipage/server-sent-events.html>). JSON has no line breaks.
fn frame(parts: &HashMap<String, String>) -> Bytes {
    let json = serde_json::json!(parts);
    format!("data: {json}\n\n").into()
}

/// What is behind the lock is whole after each statement.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
