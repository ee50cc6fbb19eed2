//! Calls of the other node over the channel: opaque bytes there, opaque bytes back, many at once, in both directions.
//!
//! A call that fails may have been done all the same, unless it was declined: what is asked has to be safe to repeat, or
//! is not to be asked again.

use std::collections::HashMap;
use std::pin::Pin;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::{Semaphore, oneshot};
use tokio::task::AbortHandle;

use super::Message;
use super::link::Out;
use super::noise::MESSAGE_MAX;
use crate::error::{Error, Result};

/// Most calls that are answered at once; the next are declined.
const CALLS: usize = 256;
/// Most bytes of calls that wait for their answers.
const BYTES: usize = 32 << 20;
/// Room in a message for what is not the call's own.
const FRAME: usize = 64;

/// Head and body of a call or an answer.
pub type Parts = (Vec<u8>, Vec<u8>);

/// What will be the answer to a call.
pub type Answer = Pin<Box<dyn Future<Output = Result<Parts>> + Send>>;

/// Answers the other node's calls.
pub trait Handler: Send + Sync + 'static {
    /// Begins to answer. What it returns is dropped when nobody waits for it any more; an error declines the call.
    fn call(&self, head: Vec<u8>, body: Vec<u8>) -> Answer;
}

/// The other node, as long as the connection holds.
#[derive(Clone)]
pub struct Remote(Arc<Inner>);

struct Inner {
    out: Out,
    last: AtomicU64,
    // `None` once the connection is over.
    waiting: Mutex<Option<HashMap<u64, oneshot::Sender<Result<Parts>>>>>,
    room: Semaphore,
}

impl Remote {
    pub(in crate::replica) fn new(out: Out) -> Self {
        Self(Arc::new(Inner {
            out,
            last: AtomicU64::new(0),
            waiting: Mutex::new(Some(HashMap::new())),
            room: Semaphore::new(BYTES),
        }))
    }

    /// Calls the other node. Dropping the call cancels it there.
    ///
    /// # Errors
    /// [`Error::Deadline`] when no answer came in time, [`Error::Busy`] when the other node declined,
    /// [`Error::Unavailable`] when the connection ended, [`Error::TooLarge`].
    pub async fn call(&self, head: Vec<u8>, body: Vec<u8>, deadline: Duration) -> Result<Parts> {
        let bytes = head.len() + body.len() + FRAME;
        let permits = u32::try_from(bytes.min(BYTES)).map_err(|_| Error::TooLarge(BYTES))?;
        if bytes > MESSAGE_MAX {
            return Err(Error::TooLarge(MESSAGE_MAX));
        }
        let call = async {
            let room = self.0.room.acquire_many(permits).await;
            let _room = room.map_err(|_| Error::Unavailable)?;
            let id = self.0.last.fetch_add(1, Ordering::Relaxed);
            let (send, answer) = oneshot::channel();
            self.0
                .lock()
                .as_mut()
                .ok_or(Error::Unavailable)?
                .insert(id, send);
            let _waiting = Waiting { inner: &self.0, id };
            self.0.out.message(Message::Request { id, head, body });
            answer.await.unwrap_or(Err(Error::Unavailable))
        };
        tokio::time::timeout(deadline, call)
            .await
            .unwrap_or(Err(Error::Deadline))
    }

    /// An answer came.
    pub(in crate::replica) fn answered(&self, id: u64, answer: Result<Parts>) {
        let waiting = self.0.lock().as_mut().and_then(|all| all.remove(&id));
        if let Some(waiting) = waiting {
            // Whoever asked may just have gone.
            let _ = waiting.send(answer);
        }
    }

    /// The connection is over: nobody will be answered.
    pub(in crate::replica) fn end(&self) {
        self.0.lock().take();
    }

    /// Whether the connection still was there.
    #[must_use]
    pub fn is_open(&self) -> bool {
        self.0.lock().is_some()
    }
}

impl Inner {
    fn lock(
        &self,
    ) -> std::sync::MutexGuard<'_, Option<HashMap<u64, oneshot::Sender<Result<Parts>>>>> {
        // Nothing in here panics half-way.
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A call whose answer is waited for; dropped before that came, it is cancelled.
struct Waiting<'a> {
    inner: &'a Inner,
    id: u64,
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        let waited = self
            .inner
            .lock()
            .as_mut()
            .and_then(|all| all.remove(&self.id));
        if waited.is_some() {
            self.inner.out.message(Message::Cancel { id: self.id });
        }
    }
}

/// Calls of the other node that are being answered. Dropping it drops them.
pub(in crate::replica) struct Incoming {
    out: Out,
    handler: Arc<dyn Handler>,
    room: Arc<Semaphore>,
    running: HashMap<u64, AbortHandle>,
}

impl Incoming {
    pub(in crate::replica) fn new(out: Out, handler: Arc<dyn Handler>) -> Self {
        Self {
            out,
            handler,
            room: Arc::new(Semaphore::new(CALLS)),
            running: HashMap::new(),
        }
    }

    /// Begins to answer.
    pub(in crate::replica) fn call(&mut self, id: u64, head: Vec<u8>, body: Vec<u8>) {
        let Ok(room) = Arc::clone(&self.room).try_acquire_owned() else {
            return self.out.message(Message::Declined { id });
        };
        self.running.retain(|_, task| !task.is_finished());
        let answer = self.handler.call(head, body);
        let out = self.out.clone();
        let task = tokio::spawn(async move {
            let _room = room;
            let fits = |parts: &Parts| parts.0.len() + parts.1.len() + FRAME <= MESSAGE_MAX;
            out.message(match answer.await {
                Ok(parts) if fits(&parts) => {
                    let (head, body) = parts;
                    Message::Response { id, head, body }
                }
                _ => Message::Declined { id },
            });
        });
        self.running.insert(id, task.abort_handle());
    }

    /// Nobody waits for it any more.
    pub(in crate::replica) fn cancel(&mut self, id: u64) {
        if let Some(task) = self.running.remove(&id) {
            task.abort();
        }
    }
}

impl Drop for Incoming {
    fn drop(&mut self) {
        for task in self.running.values() {
            task.abort();
        }
    }
}
