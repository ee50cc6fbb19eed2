//! The front door: every connection passes through here, is counted, and may keep the site waiting only so long.
//!
//! Between the accepted socket and HTTP stands [`Stream`], which notes on each read and write what its connection waits for.
//! One thread looks at all connections once a second and ends those that are late; a newcomer for whom there is no room has
//! the one ended that has waited longest for its peer; so is one that holds a large answer, when these take too much memory. A
//! connection whose request is being served is never ended.

mod connection;
mod head;
mod held;
mod pieces;
mod room;
mod stream;
mod table;
mod word;

pub use head::{Refusal, refusal};
pub use pieces::lasting;
pub use room::Room;
pub use stream::Stream;

use std::net::IpAddr;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Instant;

use tokio::net::TcpStream;

use crate::config::{Config, Net, Patience};
use crate::error::Result;
use crate::essential;
use crate::web::client;
use connection::Connection;
use held::Held;
use table::{Bounds, Table};
use word::Phase;

/// One in so many connections may be of one network.
const SHARE: usize = 4;
/// So many may be of one network even where there is little room.
const LEAST_SHARE: usize = 8;

/// Why a connection was ended by us.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reason {
    /// A request's head took too long.
    Head,
    /// No other request came.
    Idle,
    /// A request's body took too long.
    Body,
    /// It took too little of its answer.
    Reader,
    /// There was no room for a newcomer.
    Full,
    /// There was no room for a newcomer of its network.
    Address,
    /// The site stops.
    Drain,
    /// Large answers that are being sent took too much memory.
    Memory,
}

impl Reason {
    /// All of them.
    pub const EACH: [Self; 8] = [
        Self::Head,
        Self::Idle,
        Self::Body,
        Self::Reader,
        Self::Full,
        Self::Address,
        Self::Drain,
        Self::Memory,
    ];

    /// Its word in labels.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Head => "head",
            Self::Idle => "idle",
            Self::Body => "body",
            Self::Reader => "reader",
            Self::Full => "full",
            Self::Address => "address",
            Self::Drain => "drain",
            Self::Memory => "memory",
        }
    }
}

/// How it stands at the door.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// Connections since the start.
    pub accepted: u64,
    /// Connections that are open.
    pub open: u64,
    /// Most that may be.
    pub most: u64,
    /// Open ones that wait for a request's head.
    pub heads: u64,
    /// Open ones between two requests.
    pub idle: u64,
    /// Open ones whose request is being served.
    pub serving: u64,
    /// Open ones that wait for a request's body.
    pub bodies: u64,
    /// Of all these, those that keep an answer waiting.
    pub readers: u64,
    /// Bytes of large answers that are being sent.
    pub held: u64,
    /// Most that these may be.
    pub most_held: u64,
    /// Ended by us, by [`Reason::EACH`].
    pub closed: [u64; Reason::EACH.len()],
}

impl Counts {
    /// How many were ended for this reason.
    #[must_use]
    pub const fn closed(&self, reason: Reason) -> u64 {
        self.closed[reason as usize]
    }
}

/// The time that connections are measured by: exact enough, and read without a system call.
#[derive(Debug)]
struct Clock {
    begun: Instant,
    ms: AtomicU64,
}

impl Clock {
    /// Milliseconds, as of the last [`Clock::advance`].
    fn now(&self) -> u64 {
        self.ms.load(Ordering::Relaxed)
    }

    fn advance(&self) -> u64 {
        let now = u64::try_from(self.begun.elapsed().as_millis()).unwrap_or(u64::MAX);
        now.max(self.ms.fetch_max(now, Ordering::Relaxed))
    }
}

/// The front door.
#[derive(Debug)]
pub struct Door {
    patience: Patience,
    bounds: Bounds,
    held: Held,
    trusted: Vec<Net>,
    clock: Clock,
    table: Mutex<Table>,
    accepted: AtomicU64,
    closed: [AtomicU64; Reason::EACH.len()],
    is_draining: AtomicBool,
    /// The sweeping thread ends when this is dropped.
    _sweeping: mpsc::Sender<()>,
}

impl Door {
    /// A door for so many connections.
    ///
    /// # Errors
    /// When the system refuses a thread.
    pub fn open(config: &Config, most: usize) -> Result<Arc<Self>> {
        let (sweeping, ended) = mpsc::channel();
        let door = Arc::new(Self {
            patience: config.patience,
            bounds: Bounds {
                most,
                share: (most / SHARE).max(LEAST_SHARE.min(most)),
            },
            held: Held::new(config.answers_size.max(config.cache_size)),
            trusted: config.trusted_proxies.clone(),
            clock: Clock {
                begun: Instant::now(),
                ms: AtomicU64::new(0),
            },
            table: Mutex::default(),
            accepted: AtomicU64::new(0),
            closed: Default::default(),
            is_draining: AtomicBool::new(false),
            _sweeping: sweeping,
        });
        let weak = Arc::downgrade(&door);
        let (every, name) = (config.patience.sweep, "door");
        essential::spawn(name, move || {
            while ended.recv_timeout(every) == Err(RecvTimeoutError::Timeout) {
                let Some(door) = Weak::upgrade(&weak) else {
                    return;
                };
                door.sweep();
            }
        })?;
        Ok(door)
    }

    /// Lets a connection in, or closes it when there is no room and nobody waits.
    ///
    /// # Errors
    /// When it is closed, by us or by its peer.
    pub fn enter(self: &Arc<Self>, io: TcpStream) -> std::io::Result<Stream> {
        let peer = io.peer_addr()?.ip().to_canonical();
        let id = self.accepted.fetch_add(1, Ordering::Relaxed);
        let now = self.clock.advance();
        let connection = Arc::new(Connection::new(id, self.network(peer), now));
        let admitted = self.table().admit(&connection, self.bounds, now);
        match admitted {
            Ok(victim) => {
                if let Some((victim, reason)) = victim {
                    self.count(reason);
                    victim.wake();
                }
                let door = Arc::clone(self);
                Ok(Stream::new(io, Visit { door, connection }))
            }
            Err(reason) => {
                self.count(reason);
                Err(std::io::ErrorKind::ConnectionRefused.into())
            }
        }
    }

    /// What a peer counts for; the proxies that speak for others count for nobody.
    fn network(&self, peer: IpAddr) -> Option<IpAddr> {
        (!client::is_trusted(peer, &self.trusted)).then(|| client::network(peer))
    }

    fn depart(&self, connection: &Connection) {
        self.table().remove(connection);
        self.relieve();
    }

    /// When large answers that are being sent take too much memory, ends the connection that has kept its own waiting longest.
    /// Only one at a time: when it has gone, it is seen whether that was enough.
    fn relieve(&self) {
        if !self.held.is_over() {
            return;
        }
        let now = self.clock.advance();
        let victim = self.table().longest_holding(now);
        if let Some(victim) = victim {
            self.count(Reason::Memory);
            victim.wake();
        }
    }

    /// Ends all that are late.
    fn sweep(&self) {
        let now = self.clock.advance();
        let is_draining = self.is_draining.load(Ordering::Relaxed);
        let ended = self.table().late(&self.patience, is_draining, now);
        for (connection, reason) in ended {
            self.count(reason);
            connection.wake();
        }
        self.relieve();
    }

    /// Closes idle connections from now on: at once, and again at each sweep.
    pub fn drain(&self) {
        self.is_draining.store(true, Ordering::Relaxed);
        self.sweep();
    }

    /// How many connections are open.
    #[must_use]
    pub fn connections(&self) -> usize {
        self.table().len()
    }

    /// How it stands.
    #[must_use]
    pub fn counts(&self) -> Counts {
        let mut counts = Counts {
            accepted: self.accepted.load(Ordering::Relaxed),
            most: self.bounds.most as u64,
            held: self.held.bytes(),
            most_held: self.held.most(),
            closed: (self.closed.each_ref()).map(|count| count.load(Ordering::Relaxed)),
            ..Counts::default()
        };
        for word in self.table().words() {
            counts.open += 1;
            counts.readers += u64::from(word.is_blocked());
            *match word.phase() {
                Phase::Head => &mut counts.heads,
                Phase::Idle => &mut counts.idle,
                Phase::Answering | Phase::Serving | Phase::Apart => &mut counts.serving,
                Phase::Body => &mut counts.bodies,
            } += 1;
        }
        counts
    }

    fn count(&self, reason: Reason) {
        self.closed[reason as usize].fetch_add(1, Ordering::Relaxed);
    }

    fn table(&self) -> MutexGuard<'_, Table> {
        self.table.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A connection as its requests see it.
#[derive(Debug, Clone)]
pub struct Visit {
    door: Arc<Door>,
    connection: Arc<Connection>,
}

impl Visit {
    /// A request is answered at once; false when the connection has just been ended in favour of another.
    #[must_use]
    pub fn answer(&self) -> bool {
        (self.connection).enter(Phase::Answering, self.door.clock.now())
    }

    /// A request is served until the guard goes.
    #[must_use]
    pub fn serve(self) -> Serving {
        (self.connection).enter(Phase::Serving, self.door.clock.now());
        Serving(self)
    }

    /// The request waits for its body until the guard goes.
    #[must_use]
    pub fn read_body(self) -> Reading {
        (self.connection).enter(Phase::Body, self.door.clock.now());
        Reading(self)
    }

    /// The connection becomes another protocol's: neither deadlines nor other peers' need of room end it.
    pub fn leave_to_another(&self) {
        (self.connection).enter(Phase::Apart, self.door.clock.now());
    }

    /// How long peers may keep us waiting.
    #[must_use]
    pub fn patience(&self) -> &Patience {
        &self.door.patience
    }

    /// Notes that the body took too long.
    pub fn body_was_late(&self) {
        self.door.count(Reason::Body);
        self.last();
    }

    /// No other request is taken on this connection.
    pub fn last(&self) {
        self.connection.leave();
    }

    /// Whether this is the connection's last request.
    #[must_use]
    pub fn is_last(&self) -> bool {
        self.connection.word().is_last()
    }

    fn sent_much(&self) -> bool {
        self.connection.sent_much()
    }
}

/// While it lives, a request is being served.
#[derive(Debug)]
pub struct Serving(Visit);

impl Serving {
    /// The connection.
    #[must_use]
    pub const fn visit(&self) -> &Visit {
        &self.0
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        let _ = self.0.answer();
    }
}

/// While it lives, a request waits for its body.
#[derive(Debug)]
pub struct Reading(Visit);

impl Drop for Reading {
    fn drop(&mut self) {
        let visit = &self.0;
        (visit.connection).enter(Phase::Serving, visit.door.clock.now());
    }
}
