//! One node of a site: what it is, whom it follows or who follows it, and how that changes while it runs.
//!
//! It joins store, log, [`ship`](crate::replica::ship) and [`follow`](crate::replica::follow). Its duty changes in one
//! place ([`Node::run`]) and is on disk before anything is done by it. It knows no pages: calls of other nodes are
//! answered by whoever is handed in.

mod adapt;
mod calls;

mod connect;

mod lead;

pub mod opening;

pub mod peer;

mod report;
mod rival;

mod shown;

mod stand;

pub mod state;

use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::{Duration, Instant};

use tokio::io::{AsyncRead, AsyncWrite};
use tokio::sync::{mpsc, oneshot, watch};

use crate::app::App;
use crate::error::{Error, Result};
use crate::replica::follow::Status;
use crate::replica::log::Log;
use crate::replica::node::calls::Calls;
use crate::replica::node::shown::Shown;
use crate::replica::node::state::{Duty, Holder, Mark, State};
use crate::replica::ship::{self, Acks, Notice, Office, Role, Shipping};
use crate::replica::wire::call::{Handler, Parts, Remote};
use crate::replica::wire::message::{Heartbeat, Node as Name};
use crate::replica::wire::noise::{self, Secret};
use crate::store::connection;
use crate::store::gate::Gate;

pub use opening::Prepared;

/// Head of the call by which a standby asks to become the primary.
const PROMOTE: &[u8] = b"promote";
/// Head of the call by which a standby tells the primary where a node is that may take itself for one.
const RIVAL: &[u8] = b"rival";
/// Time between two lines about nodes that were not let in.
const AGAIN: Duration = Duration::from_mins(1);
/// How long a request waits for a primary that was there until now.
const RETURN: Duration = Duration::from_secs(3);
/// How long after its last sign of life a primary counts as gone.
const GONE: Duration = Duration::from_secs(10);
/// Longest that a change of duty takes before whoever asked is told that it failed.
const CHANGE: Duration = Duration::from_secs(15);

/// A node.
pub struct Node {
    app: Arc<App>,
    log: Log,
    secret: Secret,
    instance: u64,
    state: Mutex<State>,
    acks: Arc<Acks>,
    office: watch::Sender<Office>,
    /// How following goes; as it was last, for a primary.
    status: watch::Sender<Status>,
    /// The primary's last sign of life, also after its connection has gone.
    heard: Mutex<Option<(Heartbeat, Instant)>>,
    /// Since when it does the duty that it has.
    since: Mutex<Instant>,
    /// How old what a standby shows is.
    shown: Arc<Shown>,
    /// Whether this node writes at this moment: false already while that is being handed over.
    writes: watch::Sender<bool>,
    commands: mpsc::UnboundedSender<Command>,
    received: Mutex<Option<Received>>,
    shipping: OnceLock<Arc<Shipping>>,
    /// Answers what other nodes' visitors asked there.
    inside: Arc<dyn Handler>,
    strangers: Strangers,
    /// The database may be somebody else's: a standby copies it anew.
    is_foreign: bool,
}

/// Those who were not let in: told of once a minute.
#[derive(Default)]
struct Strangers(Mutex<(u64, Option<Instant>)>);

impl Strangers {
    fn tell(&self, error: &Error) {
        let mut told = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        told.0 += 1;
        if told.1.is_none_or(|at| at.elapsed() >= AGAIN) {
            tracing::warn!(%error, attempts = told.0, "a node was not let in");
            *told = (0, Some(Instant::now()));
        }
    }
}

/// What reaches the loop of duties.
struct Received {
    commands: mpsc::UnboundedReceiver<Command>,
    notices: mpsc::UnboundedReceiver<Notice>,
}

/// What is asked of the loop.
enum Command {
    /// To become the primary; with force without asking the one that is.
    Promote { force: bool, done: Done },
    /// To make this standby the primary.
    HandOver { to: [u8; 16] },
    /// To begin another epoch, since another node is the primary of this one too.
    Outbid,
    /// To tell the node there whose the epoch is: it may take itself for the primary. `taken` hears when that is remembered.
    Rival {
        address: String,
        taken: oneshot::Sender<()>,
    },
}

/// Tells whoever asked what came of it.
type Done = oneshot::Sender<Result<String>>;

impl Node {
    /// Of an application whose store was opened as `prepared` said.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn start(app: Arc<App>, prepared: Prepared, inside: Arc<dyn Handler>) -> Result<Arc<Self>> {
        let Prepared {
            state,
            log,
            secret,
            is_foreign,
            ..
        } = prepared;
        let (commands, commanded) = mpsc::unbounded_channel();
        let (notices, told) = mpsc::unbounded_channel();
        let writes = state.duty == Duty::Primary && app.store.role() == crate::store::Role::Writing;
        let node = Arc::new(Self {
            log,
            secret,
            instance: instance(),
            state: Mutex::new(state),
            acks: open_gate(Arc::clone(app.store.gate())),
            office: watch::Sender::default(),
            status: watch::Sender::default(),
            heard: Mutex::default(),
            since: Mutex::new(Instant::now()),
            shown: Arc::default(),
            writes: watch::Sender::new(writes),
            commands,
            received: Mutex::new(Some(Received {
                commands: commanded,
                notices: told,
            })),
            shipping: OnceLock::new(),
            inside,
            strangers: Strangers::default(),
            is_foreign,
            app,
        });
        node.take_office()?;
        let shipping = Shipping {
            office: node.office.subscribe(),
            head: node.log.changed(),
            source: Arc::new(node.log.clone()),
            snapshots: Arc::new(adapt::Dumps(Arc::clone(&node.app))),
            acks: Arc::clone(&node.acks),
            handler: node.handler(),
            notices,
            clock: node.app.store.clock().clone(),
        };
        // The node was just made: there is none yet.
        let _ = node.shipping.set(Arc::new(shipping));
        Ok(node)
    }

    /// Does its duty, and what changes that, for as long as it is polled.
    ///
    /// # Errors
    /// When log or database fail, so that the process has to end.
    pub async fn run(self: Arc<Self>) -> Result<std::convert::Infallible> {
        let received = self
            .received
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
        let mut received = received.ok_or_else(|| Error::Internal("a node runs once".into()))?;
        self.finish_promotion().await?;
        loop {
            let duty = self.state().duty;
            self.begin_duty();
            match duty {
                Duty::Primary => self.lead(&mut received).await?,
                Duty::Standby => self.stand(&mut received).await?,
            }
        }
    }

    /// Serves a node that has connected, up to where the handshake begins; `let_in` is told when it has the token.
    pub async fn serve<S>(self: &Arc<Self>, stream: S, let_in: impl FnOnce())
    where
        S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        let Some(shipping) = self.shipping.get() else {
            return;
        };
        match noise::accept(stream, &self.secret).await {
            Ok(channel) => {
                let_in();
                let end = ship::run(channel, Arc::clone(shipping)).await;
                tracing::info!(end, "a node's connection has ended");
            }
            // Strangers may try as often as they like: they are not to fill the log.
            Err(error) => self.strangers.tell(&error),
        }
    }

    /// Notes how the database's file is left, at an orderly end.
    pub fn leave(&self) {
        let file = self.app.store.file();
        if let Err(error) = self.remember(|state| state.left = Mark::of(&file)) {
            tracing::warn!(%error, "how the database was left is not remembered: standbys will copy it anew");
        }
    }

    /// Whether it leaves writing to another node.
    #[must_use]
    pub fn is_following(&self) -> bool {
        !*self.writes.borrow()
    }

    /// Whether its database holds a site at all.
    #[must_use]
    pub fn has_copy(&self) -> bool {
        self.app.store.stamps().head() > 0
    }

    /// Whether a standby is connected to its primary.
    #[must_use]
    pub fn is_connected(&self) -> bool {
        self.status.borrow().primary.is_some()
    }

    /// Calls the primary, as soon as there is a connection.
    ///
    /// # Errors
    /// As [`Remote::call`]; [`Error::Unavailable`] when there is no connection in time; [`Error::Busy`] also when this node is
    /// the primary, or about to be, and the other one has not done what it was asked.
    pub async fn call(&self, head: Vec<u8>, body: Vec<u8>, deadline: Duration) -> Result<Parts> {
        let end = Instant::now() + deadline;
        // A change of primary takes a moment; one that has been gone for longer is not waited for.
        let sign = self.heard().map(|(_, at)| at);
        let last = sign.into_iter().chain([self.since()]).max();
        let is_new = last.is_some_and(|at| at.elapsed() < GONE);
        let patience = if is_new {
            RETURN.min(deadline)
        } else {
            Duration::ZERO
        };
        let mut writes = self.writes.subscribe();
        let remote = tokio::select! {
            biased;
            Ok(_) = writes.wait_for(|writes| *writes) => return Err(Error::Busy),
            remote = tokio::time::timeout(patience, self.primary()) => remote,
        };
        let remote = remote.map_err(|_| Error::Unavailable)??;
        let left = end.saturating_duration_since(Instant::now());
        match remote.call(head, body, left).await {
            // It had come to an end with all that it had begun.
            Err(Error::Unavailable) if self.status.borrow().is_ready => Err(Error::Busy),
            other => other,
        }
    }

    fn heard(&self) -> Option<(Heartbeat, Instant)> {
        *self.heard.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn begin_duty(&self) {
        *self.since.lock().unwrap_or_else(PoisonError::into_inner) = Instant::now();
    }

    fn since(&self) -> Instant {
        *self.since.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn primary(&self) -> Result<Remote> {
        let mut status = self.status.subscribe();
        let found = status.wait_for(|status| {
            let remote = status.primary.as_ref();
            remote.is_some_and(Remote::is_open)
        });
        let found = found.await.map_err(|_| Error::Unavailable)?;
        found.primary.clone().ok_or(Error::Unavailable)
    }

    /// A standby that shows nearly all there is, the least busy of those as far as is known.
    #[must_use]
    pub fn helper(&self) -> Option<Remote> {
        if self.is_following() {
            return None;
        }
        let followers = self.acks.followers();
        let best = followers
            .iter()
            .filter(|follower| follower.progress.in_sync)
            .max_by_key(|follower| follower.progress.applied)?;
        self.acks.remote(best.node.id)
    }

    /// Makes this node the primary. What is told is for the operator.
    ///
    /// # Errors
    /// [`Error::Refused`] with the reason.
    pub async fn promote(&self, force: bool) -> Result<String> {
        let (done, told) = oneshot::channel();
        let gone = || Error::Refused("The node is ending.".into());
        let command = Command::Promote { force, done };
        self.commands.send(command).map_err(|_| gone())?;
        tokio::time::timeout(CHANGE, told)
            .await
            .map_err(|_| Error::Refused("It takes too long; see the logs of both nodes.".into()))?
            .map_err(|_| gone())?
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // Nothing panics while it is held.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Changes what is remembered; on disk when this returns.
    fn remember(&self, change: impl FnOnce(&mut State)) -> Result<()> {
        let mut state = self.state();
        let mut next = state.clone();
        change(&mut next);
        if next != *state {
            next.save(self.app.store.dir())?;
            *state = next;
        }
        Ok(())
    }

    /// As [`Node::remember`], of what can be heard again: a full disk is not to end the process for that. Whether it is on disk.
    fn try_to_remember(&self, change: impl FnOnce(&mut State)) -> bool {
        let remembered = self.remember(change);
        if let Err(error) = &remembered {
            tracing::warn!(%error, "what other nodes have said is not remembered");
        }
        remembered.is_ok()
    }

    /// Who this node is, told to others.
    fn name(&self) -> Result<Name> {
        let store = &self.app.store;
        let (cluster, sizes) = (store.cluster()?, store.sizes()?);
        let has_copy = cluster.is_some();
        Ok(Name {
            id: self.state().id().unwrap_or_default(),
            instance: self.instance,
            cluster,
            sqlite: connection::sqlite_number(),
            schema: sizes.schema,
            page_size: if has_copy { sizes.page } else { 0 },
            version: env!("CARGO_PKG_VERSION").into(),
            address: self.app.config.node_address(),
        })
    }

    /// Tells the connections of other nodes what this one is by now.
    fn take_office(&self) -> Result<()> {
        let state = self.state().clone();
        let standing = self.app.store.standing()?;
        self.shown.begin(standing.wall_ms);
        let epoch = state.epoch.max(standing.position.epoch);
        let office = Office {
            node: self.name()?,
            epoch,
            role: match state.duty {
                Duty::Primary => Role::Primary,
                Duty::Standby => Role::Other(state.primary.clone()),
            },
            heir: state.heir.as_ref().and_then(Holder::told),
        };
        self.remember(|state| state.epoch = epoch)?;
        self.office.send_if_modified(|now| {
            let is_new = *now != office;
            *now = office;
            is_new
        });
        Ok(())
    }

    fn handler(self: &Arc<Self>) -> Arc<dyn Handler> {
        Arc::new(Calls {
            commands: self.commands.clone(),
            acks: Arc::clone(&self.acks),
            inside: Arc::clone(&self.inside),
        })
    }
}

/// Standbys whose acknowledgements let answers go.
fn open_gate(gate: Arc<Gate>) -> Arc<Acks> {
    Acks::telling(move |synced| {
        if let Some(txid) = synced.txid {
            gate.acked(txid);
        }
        gate.in_sync(synced.followers > 0);
    })
}

/// A number that no other process of this node has.
fn instance() -> u64 {
    let mut number = [0; 8];
    // Without the system's randomness, the process's number and time will do.
    if getrandom::fill(&mut number).is_err() {
        return u64::from(std::process::id());
    }
    u64::from_be_bytes(number)
}

/// Does something that blocks on a thread for that.
async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T> + Send + 'static,
) -> Result<T> {
    tokio::task::spawn_blocking(work)
        .await
        .map_err(|error| Error::Internal(error.to_string()))?
}
