//! Joins the standby's machine with sockets and its two threads.

use std::collections::VecDeque;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::io::{AsyncRead, AsyncWrite};
use tokio::sync::{mpsc, watch};
use tokio::task::JoinHandle;
use tokio::time::timeout;

use super::disk::{Apply, Disk, Job, Parts, Said};
use super::machine::{Action, Event, Follow, Start};
use crate::error::{Error, Result};
use crate::replica::source::{Ledger, Source};
use crate::replica::wire::Message;
use crate::replica::wire::call::{Handler, Remote};
use crate::replica::wire::link::{Came, Link};
use crate::replica::wire::message::{Heartbeat, Node, Refusal, Welcome};
use crate::replica::wire::noise::{self, Channel, Secret};
use crate::store::commit::Point;
use crate::time::Clock;

/// Time between two looks at the clock.
const TICK: Duration = Duration::from_millis(100);
/// Most time to reach the primary.
const CONNECT: Duration = Duration::from_secs(5);

/// Finds the primary.
pub trait Connector: Send + Sync + 'static {
    /// A connection.
    type Stream: AsyncRead + AsyncWrite + Unpin + Send + 'static;

    /// Connects to the primary, up to where the handshake begins.
    fn connect(&self) -> impl Future<Output = Result<Self::Stream>> + Send;
}

/// What a standby works with.
pub struct Following {
    /// Who it is.
    pub node: Node,
    /// The highest epoch that it has heard of, besides those in its log.
    pub epoch: u64,
    /// The newest schema that this program knows.
    pub schema: u32,
    /// The last commit in its database.
    pub applied: Point,
    /// Its database.
    pub apply: Box<dyn Apply>,
    /// Its log, to be written.
    pub ledger: Arc<dyn Ledger>,
    /// The same, to be read.
    pub source: Arc<dyn Source>,
    /// The token's key.
    pub secret: Secret,
    /// Answers calls of the primary.
    pub handler: Arc<dyn Handler>,
    /// Where a snapshot is kept while it comes.
    pub dir: PathBuf,
    /// The clock.
    pub clock: Clock,
    /// Where it is told how things are.
    pub status: watch::Sender<Status>,
}

/// How things are.
#[derive(Clone, Default)]
pub struct Status {
    /// The primary, to be called, while there is a connection that it took.
    pub primary: Option<Remote>,
    /// What it said first.
    pub welcome: Option<Welcome>,
    /// Its last sign of life, and when that came.
    pub beat: Option<(Heartbeat, Instant)>,
    /// Why it does not take us.
    pub refusal: Option<(Refusal, String)>,
    /// Why there is no connection.
    pub trouble: Option<String>,
    /// The primary was told that all is here, and does nothing more: what it has not answered by now it has not done.
    pub is_ready: bool,
    /// A whole copy has come and is being made the database, which cannot be broken off.
    pub is_installing: bool,
    /// The last commit in the log, on disk.
    pub logged: Point,
    /// The last transaction in the database.
    pub applied: u64,
}

/// Why it ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ended {
    /// It was to stop.
    Stopped,
    /// The primary has handed over: this node is to begin this epoch.
    Promoted(u64),
}

/// Follows until `stop` says so (or its sender is gone), or until the primary hands over. Nothing touches log and database
/// any more when it returns.
///
/// # Errors
/// When log or database fail: what they hold is not known then, so the process has to end.
pub async fn run<C: Connector>(
    connector: C,
    following: Following,
    mut stop: watch::Receiver<bool>,
) -> Result<Ended> {
    let (say, said) = mpsc::unbounded_channel();
    let parts = Parts {
        ledger: following.ledger,
        source: following.source,
        apply: following.apply,
        applied: following.applied,
        dir: following.dir,
    };
    let applied = following.applied.position.txid;
    let started = tokio::task::spawn_blocking(move || Disk::start(parts, say));
    let (disk, logged, wants) = started.await.map_err(panicked)??;
    let start = Start {
        node: following.node,
        epoch: following.epoch,
        logged,
        applied,
        wants,
        schema: following.schema,
        seed: seed(),
    };
    following.status.send_modify(|status| {
        status.logged = logged;
        status.applied = applied;
        status.is_installing = false;
    });
    let mut drive = Drive {
        connector: Arc::new(connector),
        machine: Follow::new(start, Instant::now()),
        secret: following.secret,
        handler: following.handler,
        clock: following.clock,
        status: following.status,
        disk,
        link: None,
        connecting: None,
        promoted: None,
    };
    let ended = drive.run(said, &mut stop).await;
    drive.unlink(None);
    // Its threads end what they are at, which may take a moment.
    let disk = drive.disk;
    tokio::task::spawn_blocking(move || drop(disk))
        .await
        .map_err(panicked)?;
    ended
}

// By value, as `map_err` hands it on.
#[expect(clippy::needless_pass_by_value, reason = "the signature of map_err")]
fn panicked(error: tokio::task::JoinError) -> Error {
    Error::Internal(format!("a thread of the standby: {error}"))
}

fn seed() -> u64 {
    let mut seed = [0; 8];
    // Without the system's randomness the spread is worse, no more.
    let _ = getrandom::fill(&mut seed);
    u64::from_be_bytes(seed)
}

type Connecting<S> = JoinHandle<Result<Channel<S>>>;

struct Drive<C: Connector> {
    connector: Arc<C>,
    machine: Follow,
    secret: Secret,
    handler: Arc<dyn Handler>,
    clock: Clock,
    status: watch::Sender<Status>,
    disk: Disk,
    link: Option<Link>,
    connecting: Option<Connecting<C::Stream>>,
    promoted: Option<u64>,
}

impl<C: Connector> Drive<C> {
    async fn run(
        &mut self,
        mut said: mpsc::UnboundedReceiver<Said>,
        stop: &mut watch::Receiver<bool>,
    ) -> Result<Ended> {
        let mut tick = tokio::time::interval(TICK);
        tick.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            let event = tokio::select! {
                // The sender's end is an order too.
                _ = stop.wait_for(|stop| *stop) => {
                    self.handle(Event::Stop);
                    return Ok(Ended::Stopped);
                }
                said = said.recv() => match said {
                    Some(Said::Event(event)) => event,
                    Some(Said::Failed(error)) => return Err(error),
                    None => return Err(Error::Internal("the standby's threads ended".into())),
                },
                came = next(&mut self.link) => self.came(came),
                connected = connected(&mut self.connecting) => self.connected(connected),
                _ = tick.tick() => self.tick(),
            };
            self.handle(event);
            if let Some(epoch) = self.promoted {
                return Ok(Ended::Promoted(epoch));
            }
        }
    }

    fn came(&mut self, came: Came) -> Event {
        match came {
            Came::Message(message) => Event::Received(message),
            Came::Record(record) => Event::Commit(record),
            Came::Ended(text) => {
                self.unlink(Some(&text));
                Event::Lost(text)
            }
        }
    }

    fn connected(&mut self, connected: Result<Channel<C::Stream>>) -> Event {
        match connected {
            Ok(channel) => {
                let handler = Arc::clone(&self.handler);
                self.link = Some(Link::new(channel, handler));
                Event::Connected
            }
            Err(error) => {
                let text = error.to_string();
                self.unlink(Some(&text));
                Event::Lost(text)
            }
        }
    }

    fn tick(&mut self) -> Event {
        if self.link.as_ref().is_some_and(Link::was_heard) {
            self.handle(Event::Heard);
        }
        let wall_ms = self.clock.now().ms();
        Event::Tick { wall_ms }
    }

    /// Hands an event to the machine and does what it asks for.
    fn handle(&mut self, event: Event) {
        self.note(&event);
        let actions = VecDeque::from(self.machine.handle(Instant::now(), event));
        for action in actions {
            self.act(action);
        }
    }

    fn act(&mut self, action: Action) {
        match action {
            Action::Connect => self.connect(),
            Action::Send(message) => {
                if matches!(message, Message::HandoffReady { .. }) {
                    self.status.send_modify(|status| status.is_ready = true);
                }
                if let Some(link) = &self.link {
                    link.out.message(message);
                }
            }
            Action::Welcomed(welcome) => {
                let remote = self.link.as_ref().map(|link| link.remote.clone());
                self.status.send_modify(|status| {
                    status.primary = remote;
                    status.welcome = Some(welcome);
                    status.is_ready = false;
                    status.refusal = None;
                    status.trouble = None;
                });
            }
            Action::Refused(refusal, text) => self.status.send_modify(|status| {
                status.refusal = Some((refusal, text));
            }),
            Action::Beat(beat) => self.status.send_modify(|status| {
                status.beat = Some((beat, Instant::now()));
            }),
            Action::Append(record) => {
                // Whoever writes does not hand over any more.
                (self.status).send_if_modified(|status| std::mem::take(&mut status.is_ready));
                self.disk.send(Job::Append(record));
            }
            Action::Begin(begin) => {
                tracing::info!(
                    bytes = begin.bytes,
                    "the primary sends a whole copy (a snapshot)"
                );
                self.disk.send(Job::Begin(begin));
            }
            Action::Store(packed) => self.disk.send(Job::Store(packed)),
            Action::Install(hash) => {
                self.status
                    .send_modify(|status| status.is_installing = true);
                self.disk.send(Job::Install(hash));
            }
            Action::GoOn => self.disk.send(Job::GoOn),
            Action::Abandon => self.disk.send(Job::Abandon),
            Action::Promote(epoch) => self.promoted = Some(epoch),
            Action::Close(text) => self.unlink(Some(&text)),
        }
    }

    fn connect(&mut self) {
        let connector = Arc::clone(&self.connector);
        let secret = self.secret.clone();
        self.connecting = Some(tokio::spawn(async move {
            let stream = timeout(CONNECT, connector.connect()).await;
            let stream = stream.map_err(|_| Error::Io("The primary does not answer.".into()))??;
            noise::connect(stream, &secret).await
        }));
    }

    /// Ends the connection, if there is one.
    fn unlink(&mut self, trouble: Option<&str>) {
        if let Some(link) = self.link.take() {
            link.close();
        }
        if let Some(connecting) = self.connecting.take() {
            connecting.abort();
        }
        self.status.send_modify(|status| {
            status.primary = None;
            status.trouble = trouble.map(str::to_owned);
        });
    }

    fn note(&self, event: &Event) {
        match event {
            Event::Logged(point) => {
                // Nobody waits for it: what is applied tells those who do.
                self.status.send_if_modified(|status| {
                    status.logged = *point;
                    false
                });
            }
            Event::Applied(txid) => self.status.send_modify(|status| status.applied = *txid),
            Event::Installed(point) => self.status.send_modify(|status| {
                status.logged = *point;
                status.applied = point.position.txid;
                status.is_installing = false;
            }),
            Event::Broken(_) => self
                .status
                .send_modify(|status| status.is_installing = false),
            _ => {}
        }
    }
}

/// What comes over the connection, forever nothing without one.
async fn next(link: &mut Option<Link>) -> Came {
    match link {
        None => std::future::pending().await,
        Some(link) => link.next().await,
    }
}

async fn connected<S>(connecting: &mut Option<Connecting<S>>) -> Result<Channel<S>> {
    match connecting {
        None => std::future::pending().await,
        Some(handle) => {
            let connected = handle.await;
            *connecting = None;
            connected.map_err(panicked)?
        }
    }
}
