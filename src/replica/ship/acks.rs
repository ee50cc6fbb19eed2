//! Who follows, how far each is, and the highest commit that somebody has whom the primary counts on.

use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::{mpsc, watch};

use crate::replica::wire::call::Remote;
use crate::replica::wire::message::{Node, Reason};
use crate::store::commit::Point;

/// How far a standby is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Progress {
    /// The last commit in its log on its disk, as far as it has said.
    pub received: Option<Point>,
    /// The last transaction in its database.
    pub applied: u64,
    /// Whether the primary counts on it: it streams, and answers within 2 s.
    pub in_sync: bool,
}

/// What an author's answer may rest on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Synced {
    /// Standbys that are in sync.
    pub followers: usize,
    /// The highest transaction that at least one of them has; `None` without any.
    pub txid: Option<u64>,
}

/// What a connection is told to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Order {
    /// Nothing more is written here; the standby is to say when it has all, to begin this epoch.
    Handoff(u64),
    /// To end.
    End(Reason),
}

/// One standby.
#[derive(Debug, Clone)]
pub struct Follower {
    /// Who it is.
    pub node: Node,
    /// How far it is.
    pub progress: Progress,
}

/// All standbys of a primary.
pub struct Acks {
    seats: Mutex<Seats>,
    synced: watch::Sender<Synced>,
    followers: watch::Sender<usize>,
    tell: Box<dyn Fn(Synced) + Send + Sync>,
}

#[derive(Default)]
struct Seats {
    last: u64,
    taken: Vec<Taken>,
}

struct Taken {
    number: u64,
    follower: Follower,
    // Without a driver there is none.
    line: Option<(Remote, mpsc::UnboundedSender<Order>)>,
    // Its end tells the connection that another of the same process has taken its place.
    _replaced: watch::Sender<()>,
}

impl Taken {
    fn is(&self, node: [u8; 16]) -> bool {
        self.follower.node.id == node
    }
}

impl Acks {
    /// Nobody follows.
    #[must_use]
    pub fn new() -> Arc<Self> {
        Self::telling(|_| ())
    }

    /// The same. `tell` is called at each change of what answers may rest on, where that is found out: an answer is not to
    /// wait for another thread to wake. It does not block, and knows nothing of this.
    #[must_use]
    pub fn telling(tell: impl Fn(Synced) + Send + Sync + 'static) -> Arc<Self> {
        Arc::new(Self {
            seats: Mutex::default(),
            synced: watch::Sender::default(),
            followers: watch::Sender::default(),
            tell: Box::new(tell),
        })
    }

    /// All that follow now.
    #[must_use]
    pub fn followers(&self) -> Vec<Follower> {
        let seats = self.lock();
        let followers = seats.taken.iter().map(|taken| taken.follower.clone());
        followers.collect()
    }

    /// What answers may rest on; to be waited on.
    #[must_use]
    pub fn synced(&self) -> watch::Receiver<Synced> {
        self.synced.subscribe()
    }

    /// How many standbys are in sync; to be waited on.
    #[must_use]
    pub fn in_sync(&self) -> watch::Receiver<usize> {
        self.followers.subscribe()
    }

    /// The standby of this number, to be called.
    #[must_use]
    pub fn remote(&self, node: [u8; 16]) -> Option<Remote> {
        let seats = self.lock();
        let taken = seats.taken.iter().find(|taken| taken.is(node))?;
        taken.line.as_ref().map(|(remote, _)| remote.clone())
    }

    /// Tells the connection of a standby what to do; false when there is none.
    #[must_use]
    pub fn order(&self, node: [u8; 16], order: Order) -> bool {
        let seats = self.lock();
        let taken = seats.taken.iter().find(|taken| taken.is(node));
        taken
            .and_then(|taken| taken.line.as_ref())
            .is_some_and(|(_, orders)| orders.send(order).is_ok())
    }

    /// Takes the seat of a node. `None` when another process with its number has it; the same process (its older
    /// connection is dead or will be) is replaced.
    #[must_use]
    pub fn seat(self: &Arc<Self>, node: Node) -> Option<Seat> {
        let mut seats = self.lock();
        let is_other =
            |taken: &Taken| taken.is(node.id) && taken.follower.node.instance != node.instance;
        if seats.taken.iter().any(is_other) {
            return None;
        }
        seats.taken.retain(|taken| !taken.is(node.id));
        seats.last += 1;
        let (replaced, is_replaced) = watch::channel(());
        let number = seats.last;
        seats.taken.push(Taken {
            number,
            follower: Follower {
                node,
                progress: Progress::default(),
            },
            line: None,
            _replaced: replaced,
        });
        self.publish(&seats);
        Some(Seat {
            acks: Arc::clone(self),
            number,
            is_replaced,
        })
    }

    fn publish(&self, seats: &Seats) {
        let in_sync = seats
            .taken
            .iter()
            .map(|taken| taken.follower.progress)
            .filter(|progress| progress.in_sync);
        let synced = Synced {
            followers: in_sync.clone().count(),
            txid: in_sync
                .filter_map(|progress| progress.received)
                .map(|point| point.position.txid)
                .max(),
        };
        if self.synced.send_replace(synced) != synced {
            (self.tell)(synced);
        }
        let followers = synced.followers;
        self.followers
            .send_if_modified(|before| std::mem::replace(before, followers) != followers);
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Seats> {
        // Nothing in here panics half-way.
        self.seats.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The place of one connection; dropping it gives it back.
pub struct Seat {
    acks: Arc<Acks>,
    number: u64,
    is_replaced: watch::Receiver<()>,
}

impl Seat {
    /// Notes how far the standby is.
    pub fn note(&self, progress: Progress) {
        let mut seats = self.acks.lock();
        let mut taken = seats.taken.iter_mut();
        if let Some(taken) = taken.find(|taken| taken.number == self.number) {
            taken.follower.progress = progress;
        }
        self.acks.publish(&seats);
    }

    /// Lets others reach the standby over this connection.
    pub(super) fn open(&self, remote: Remote, orders: mpsc::UnboundedSender<Order>) {
        let mut seats = self.acks.lock();
        let mut taken = seats.taken.iter_mut();
        if let Some(taken) = taken.find(|taken| taken.number == self.number) {
            taken.line = Some((remote, orders));
        }
    }

    /// Ends when a newer connection of the same process has taken the place.
    pub async fn replaced(&mut self) {
        // Nothing is ever sent: it ends when the other side is dropped.
        let _ = self.is_replaced.changed().await;
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        let mut seats = self.acks.lock();
        seats.taken.retain(|taken| taken.number != self.number);
        self.acks.publish(&seats);
    }
}
