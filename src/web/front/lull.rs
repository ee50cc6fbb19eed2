//! While pages are refused, an event loop lets requests gather for a moment and answers them together, as network cards do
//! with interrupts. Woken for each one it would take a core from those who make pages thousands of times a second, each time
//! with all that their work has in the core's caches.
//!
//! It must never hold a loop up that refuses nothing, nor for longer than a refusal may take.

use std::rc::Rc;
use std::thread;
use std::time::Duration;

use actix_web::rt;
use tokio::sync::Notify;
use tokio::task;

/// How long requests gather.
const MOMENT: Duration = Duration::from_micros(400);

/// The pauses of one event loop.
pub(super) struct Lull(Rc<Notify>);

impl Lull {
    /// For the loop of this thread.
    pub(super) fn new() -> Self {
        let asked = Rc::new(Notify::new());
        let waiting = Rc::clone(&asked);
        rt::spawn(async move {
            loop {
                waiting.notified().await;
                // Everybody whom the system has told of goes first: woken by itself, this task would stand before them.
                task::yield_now().await;
                // The loop itself is to stand still: what comes meanwhile is found at once afterwards.
                thread::sleep(MOMENT);
            }
        });
        Self(asked)
    }

    /// A request was refused: those that come now may gather.
    pub(super) fn ask(&self) {
        self.0.notify_one();
    }
}
