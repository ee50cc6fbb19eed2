//! The two tasks of a connection: one writes what is to be sent, one reads what comes. The driver between them never waits
//! for a socket, so it always hears its clock.
//!
//! What waits to be sent is bounded by those who ask for it: commits and snapshots by their windows, calls by their bytes.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite};
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

use super::Message;
use super::call::{Handler, Incoming, Remote};
use super::message::COMMIT;
use super::noise::{Channel, Receiver, Sender};
use crate::error::{Error, Result};
use crate::replica::source::Record;

/// Messages that are read ahead of the driver.
const AHEAD: usize = 8;
/// Longest time for the last words. What the other node still says is read meanwhile: a socket that is closed with unread
/// bytes takes back what it sent.
const LINGER: Duration = Duration::from_secs(6);

enum Outgoing {
    Message(Message),
    Record(Record),
}

/// What came, or became of the connection.
#[derive(Debug)]
pub(in crate::replica) enum Came {
    Message(Message),
    /// A commit's record, verified.
    Record(Record),
    /// Why it is over.
    Ended(String),
}

/// Where messages are put that are to be sent.
#[derive(Clone)]
pub(in crate::replica) struct Out(mpsc::UnboundedSender<Outgoing>);

impl Out {
    pub(in crate::replica) fn message(&self, message: Message) {
        // When the connection is over, its reader says so.
        let _ = self.0.send(Outgoing::Message(message));
    }

    pub(in crate::replica) fn records(&self, records: Vec<Record>) {
        for record in records {
            let _ = self.0.send(Outgoing::Record(record));
        }
    }
}

/// One connection. Dropping it ends it at once, [`Link::close`] after what was to be sent.
pub(in crate::replica) struct Link {
    pub(in crate::replica) out: Out,
    pub(in crate::replica) remote: Remote,
    incoming: Incoming,
    came: mpsc::Receiver<Came>,
    heard: Arc<AtomicBool>,
    reader: Option<JoinHandle<()>>,
    writer: Option<JoinHandle<()>>,
    stop: mpsc::Sender<()>,
}

impl Link {
    /// Starts the tasks.
    pub(in crate::replica) fn new<S>(channel: Channel<S>, handler: Arc<dyn Handler>) -> Self
    where
        S: AsyncRead + AsyncWrite + Send + 'static,
    {
        let (sender, receiver) = channel;
        let (put, queue) = mpsc::unbounded_channel();
        let (tell, came) = mpsc::channel(AHEAD);
        let (stop, stopped) = mpsc::channel(1);
        let heard = Arc::new(AtomicBool::new(false));
        let out = Out(put);
        Self {
            remote: Remote::new(out.clone()),
            incoming: Incoming::new(out.clone(), handler),
            out,
            came,
            writer: Some(tokio::spawn(write(sender, queue, stopped, tell.clone()))),
            reader: Some(tokio::spawn(read(receiver, tell, Arc::clone(&heard)))),
            heard,
            stop,
        }
    }

    /// What comes next. Calls and their answers are dealt with here.
    pub(in crate::replica) async fn next(&mut self) -> Came {
        loop {
            let came = self.came.recv().await;
            match came.unwrap_or_else(|| Came::Ended("The connection is over.".into())) {
                Came::Message(Message::Request { id, head, body }) => {
                    self.incoming.call(id, head, body);
                }
                Came::Message(Message::Cancel { id }) => self.incoming.cancel(id),
                Came::Message(Message::Response { id, head, body }) => {
                    self.remote.answered(id, Ok((head, body)));
                }
                Came::Message(Message::Declined { id }) => {
                    self.remote.answered(id, Err(Error::Busy));
                }
                other => return other,
            }
        }
    }

    /// Whether anything at all came since this was last asked.
    pub(in crate::replica) fn was_heard(&self) -> bool {
        self.heard.swap(false, Ordering::Relaxed)
    }

    /// Sends what is left, then ends the connection; in the background.
    pub(in crate::replica) fn close(mut self) {
        // A full channel means that it was told already.
        let _ = self.stop.try_send(());
        let (Some(writer), Some(reader)) = (self.writer.take(), self.reader.take()) else {
            return;
        };
        tokio::spawn(async move {
            let abort = reader.abort_handle();
            let end = async {
                // Neither panics; what they met is of no interest any more.
                let _ = writer.await;
                let _ = reader.await;
            };
            let _ = tokio::time::timeout(LINGER, end).await;
            abort.abort();
        });
    }
}

impl Drop for Link {
    fn drop(&mut self) {
        self.remote.end();
        for task in [&self.reader, &self.writer].into_iter().flatten() {
            task.abort();
        }
    }
}

async fn write<S: AsyncWrite>(
    mut sender: Sender<S>,
    mut queue: mpsc::UnboundedReceiver<Outgoing>,
    mut stopped: mpsc::Receiver<()>,
    tell: mpsc::Sender<Came>,
) {
    loop {
        let next = tokio::select! {
            biased;
            next = queue.recv() => next,
            _ = stopped.recv() => None,
        };
        let Some(next) = next else {
            break;
        };
        if let Err(error) = send(&mut sender, next, &mut queue).await {
            // The driver may have gone already.
            let _ = tell.send(Came::Ended(error.to_string())).await;
            break;
        }
    }
    sender.close().await;
}

/// Sends this and all that waits, together.
async fn send<S: AsyncWrite>(
    sender: &mut Sender<S>,
    first: Outgoing,
    queue: &mut mpsc::UnboundedReceiver<Outgoing>,
) -> Result<()> {
    let mut next = Some(first);
    while let Some(outgoing) = next {
        match outgoing {
            Outgoing::Message(message) => sender.put(&[&message.encode()]).await?,
            Outgoing::Record(record) => sender.put(&[&[COMMIT], &record.bytes]).await?,
        }
        next = queue.try_recv().ok();
    }
    sender.flush().await
}

async fn read<S: AsyncRead>(
    mut receiver: Receiver<S>,
    tell: mpsc::Sender<Came>,
    heard: Arc<AtomicBool>,
) {
    loop {
        let message = receiver
            .receive(|| heard.store(true, Ordering::Relaxed))
            .await;
        let came = message.and_then(|bytes| match bytes.as_deref() {
            None => Ok(Came::Ended("The other node ended the connection.".into())),
            Some([COMMIT, record @ ..]) => Record::receive(record).map(Came::Record),
            Some(bytes) => Message::decode(bytes).map(Came::Message),
        });
        let came = came.unwrap_or_else(|error| Came::Ended(error.detail()));
        let is_end = matches!(came, Came::Ended(_));
        // Nobody listens any more once the last words are said.
        let _ = tell.send(came).await;
        if is_end {
            return;
        }
    }
}
