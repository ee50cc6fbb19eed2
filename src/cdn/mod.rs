//! Tells a CDN what has changed: purges at Cloudflare by cache tag, when the configuration names a zone.
//!
//! Whoever commits hands over the groups that its stamps fall into, which never blocks; one thread collects them for a
//! moment and sends them in as few calls as the API allows. Nothing is lost while the process lives: what a call did not
//! deliver waits, merged with what comes, and when too much waits the whole zone is purged instead. What waits at the end
//! of the process is lost, so a site calls [`Cdn::purge_all`] when it starts.
//!
//! Limits as of July 2026 (<https://developers.cloudflare.com/cache/how-to/purge-cache/>): 100 tags a call on every plan,
//! calls by a token bucket an account, `Retry-After` in seconds with a 429.

mod bucket;
mod call;
mod waiting;
mod worker;

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use crate::config::CdnConfig;
use crate::error::Result;

use self::waiting::Waiting;
use self::worker::Worker;

/// How many groups there are; every cache tag is one of them.
pub const GROUPS: u16 = 1 << 12;

/// Most tags of one call.
pub const TAGS_PER_CALL: usize = 100;

/// With more tags than this waiting, everything is purged.
pub const MOST_WAITING: usize = 3000;

/// The cache tag of a group, as it stands in `Cache-Tag`: `g1f3`. Groups beyond [`GROUPS`] are folded into them.
#[must_use]
pub fn tag(group: u16) -> String {
    format!("g{:03x}", group % GROUPS)
}

/// How long things take.
#[derive(Debug, Clone, Copy)]
pub struct Timing {
    /// Collecting tags before a call, so that a burst of commits is one call.
    pub collect: Duration,
    /// Before the first try again after an answer of 5xx, or none; doubled each time.
    pub retry: Duration,
    /// The longest of these.
    pub retry_most: Duration,
    /// Before a try after the API refused a call for good: a wrong token is not right a second later.
    pub refused: Duration,
    /// One call.
    pub call: Duration,
    /// Longest wait for the thread's end when a [`Cdn`] is dropped.
    pub end: Duration,
}

impl Default for Timing {
    fn default() -> Self {
        Self {
            collect: Duration::from_millis(100),
            retry: Duration::from_secs(1),
            retry_most: Duration::from_mins(1),
            refused: Duration::from_mins(10),
            call: Duration::from_secs(10),
            end: Duration::from_secs(2),
        }
    }
}

/// What has been done so far.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Counts {
    /// Calls, whatever came of them.
    pub calls: u64,
    /// Calls that delivered nothing.
    pub failures: u64,
    /// Tags delivered.
    pub tags: u64,
    /// Times that the whole zone was purged.
    pub everything: u64,
    /// Tags that wait now; all of them when the whole zone is to be purged.
    pub waiting: u64,
}

/// The way to the CDN. Dropping it ends its thread.
pub struct Cdn {
    shared: Arc<Shared>,
    thread: Option<JoinHandle<()>>,
    end: Duration,
}

/// What callers and the thread share.
struct Shared {
    state: Mutex<State>,
    /// Something is to be done: wakes the thread.
    work: Condvar,
    /// Something was done: wakes those who wait for it.
    done: Condvar,
    calls: AtomicU64,
    failures: AtomicU64,
    tags: AtomicU64,
    everything: AtomicU64,
}

#[derive(Default)]
struct State {
    waiting: Waiting,
    /// When the first of those that wait came.
    since: Option<Instant>,
    /// A call is under way.
    is_calling: bool,
    /// How many callers wait for an empty queue; with any, nothing is collected.
    hurried: u32,
    life: Life,
    /// What went wrong last, until a call succeeds.
    trouble: Option<String>,
}

/// How far the thread is.
#[derive(Default, Clone, Copy, PartialEq, Eq)]
enum Life {
    /// It calls.
    #[default]
    Runs,
    /// It is to make no further call.
    Stops,
    /// It is gone.
    Over,
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits until `is_reached` or the time is over.
    fn wait(&self, within: Duration, is_reached: impl Fn(&State) -> bool) -> bool {
        let until = |state: &mut State| !is_reached(state);
        let (state, _) = self
            .done
            .wait_timeout_while(self.lock(), within, until)
            .unwrap_or_else(PoisonError::into_inner);
        is_reached(&state)
    }
}

impl Cdn {
    /// Starts the thread.
    ///
    /// # Errors
    /// When the system refuses a thread.
    pub fn start(config: &CdnConfig) -> Result<Self> {
        Self::start_with(config, Timing::default())
    }

    /// Starts the thread with another timing.
    ///
    /// # Errors
    /// When the system refuses a thread.
    pub fn start_with(config: &CdnConfig, timing: Timing) -> Result<Self> {
        let shared = Arc::new(Shared {
            state: Mutex::default(),
            work: Condvar::new(),
            done: Condvar::new(),
            calls: AtomicU64::new(0),
            failures: AtomicU64::new(0),
            tags: AtomicU64::new(0),
            everything: AtomicU64::new(0),
        });
        let worker = Worker::new(Arc::clone(&shared), config, timing);
        let thread = std::thread::Builder::new().name("cdn".into());
        Ok(Self {
            shared,
            thread: Some(thread.spawn(move || worker.run())?),
            end: timing.end,
        })
    }

    /// Purges what carries the tags of these groups, soon. Cheap; never waits for the network.
    pub fn purge(&self, groups: impl IntoIterator<Item = u16>) {
        let mut state = self.shared.lock();
        for group in groups {
            state.waiting.add(group);
        }
        self.wake(state);
    }

    /// Purges the whole zone, soon: after a start, or when it is not known what has changed.
    pub fn purge_all(&self) {
        let mut state = self.shared.lock();
        state.waiting.add_all();
        self.wake(state);
    }

    fn wake(&self, mut state: MutexGuard<'_, State>) {
        if !state.waiting.is_empty() && state.since.is_none() {
            state.since = Some(Instant::now());
            self.shared.work.notify_one();
        }
    }

    /// Waits until everything is delivered, but not longer than this; whether it was. Waits of the API's asking are kept.
    pub fn flush(&self, within: Duration) -> bool {
        self.shared.lock().hurried += 1;
        self.shared.work.notify_one();
        let delivered = self.shared.wait(within, State::is_idle);
        self.shared.lock().hurried -= 1;
        delivered
    }

    /// What has been done so far.
    #[must_use]
    pub fn counts(&self) -> Counts {
        let read = |count: &AtomicU64| count.load(Ordering::Relaxed);
        Counts {
            calls: read(&self.shared.calls),
            failures: read(&self.shared.failures),
            tags: read(&self.shared.tags),
            everything: read(&self.shared.everything),
            waiting: self.shared.lock().waiting.len() as u64,
        }
    }

    /// What went wrong with the last call, for the operator; `None` when it succeeded.
    #[must_use]
    pub fn trouble(&self) -> Option<String> {
        self.shared.lock().trouble.clone()
    }
}

impl State {
    fn is_idle(&self) -> bool {
        self.waiting.is_empty() && !self.is_calling
    }
}

impl Drop for Cdn {
    fn drop(&mut self) {
        self.shared.lock().life = Life::Stops;
        self.shared.work.notify_one();
        // A call that is under way may take longer; then the thread ends after it, with nobody waiting.
        if self.shared.wait(self.end, |state| state.life == Life::Over)
            && let Some(thread) = self.thread.take()
        {
            let _ = thread.join();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tag_is_its_group_in_hex() {
        let tags = [0, 0x1f3, 0xfff, 0x1000].map(tag);
        assert_eq!(tags, ["g000", "g1f3", "gfff", "g000"]);
    }
}
