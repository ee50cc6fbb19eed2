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
        // The loop itself is to stand still: what comes meanwhile is found at once afterwards.
        Self::pausing(|| thread::sleep(MOMENT))
    }

    fn pausing(pause: impl Fn() + 'static) -> Self {
        let asked = Rc::new(Notify::new());
        let waiting = Rc::clone(&asked);
        rt::spawn(async move {
            loop {
                waiting.notified().await;
                // Everybody whom the system has told of goes first: woken by itself, this task would stand before them.
                task::yield_now().await;
                pause();
            }
        });
        Self(asked)
    }

    /// A request was refused: those that come now may gather.
    pub(super) fn ask(&self) {
        self.0.notify_one();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::cell::Cell;

    /// Lets all tasks of the loop go on, several times.
    async fn turns() {
        for _ in 0..8 {
            task::yield_now().await;
        }
    }

    #[test]
    fn refusals_of_a_moment_share_a_pause_and_without_one_there_is_none() {
        rt::System::new().block_on(async {
            let pauses = Rc::new(Cell::new(0));
            let counted = Rc::clone(&pauses);
            let lull = Lull::pausing(move || counted.set(counted.get() + 1));
            turns().await;
            assert_eq!(pauses.get(), 0);
            for _ in 0..100 {
                lull.ask();
            }
            turns().await;
            // Those behind the first may ask for one more.
            assert!((1..=2).contains(&pauses.get()), "{}", pauses.get());
            let before = pauses.get();
            turns().await;
            assert_eq!(pauses.get(), before);
        });
    }

    #[test]
    fn whoever_has_come_already_is_answered_before_the_pause() {
        rt::System::new().block_on(async {
            let answered = Rc::new(Cell::new(0));
            let before_pause = Rc::new(Cell::new(None));
            let (seen, noted) = (Rc::clone(&answered), Rc::clone(&before_pause));
            let lull = Lull::pausing(move || noted.set(Some(seen.get())));
            // So that its task waits already when it is asked.
            turns().await;
            lull.ask();
            for _ in 0..10 {
                let answered = Rc::clone(&answered);
                rt::spawn(async move { answered.set(answered.get() + 1) });
            }
            turns().await;
            assert_eq!(before_pause.get(), Some(10));
        });
    }
}
