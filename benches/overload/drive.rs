//! Drives load from one thread. Open: requests come at a rate of their own, whatever becomes of those before them, and
//! each is counted from when it was due (what wrk2 is about, <https://github.com/giltene/wrk2>). Closed: each connection
//! asks as soon as it is answered.
//!
//! Arrivals are a Poisson process, as of people who know nothing of each other; its seed is fixed. Who finds all
//! connections busy waits, and that wait counts. Every load is bounded in time and ends by itself.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::net::SocketAddr;
use std::rc::Rc;
use std::time::{Duration, Instant};

use tokio::sync::Notify;
use tokio::task::spawn_local;
use tokio::time::{sleep_until, timeout};

use super::line::{Line, gathering, on_this_thread};
use super::mix::Mix;
use super::sample::{Class, Fate, Sample, Times};

/// Longest wait for an answer.
const PATIENCE: Duration = Duration::from_secs(20);

/// A time of one rate. Who could not send when it ends gives up.
#[derive(Clone, Copy)]
pub struct Phase {
    /// Requests a second.
    pub rate: f64,
    pub length: Duration,
}

/// What came of a load.
pub struct Run {
    /// When it began.
    pub begun: Instant,
    pub samples: Vec<Sample>,
    /// By how much requests were handed out too late: what the generator itself adds.
    pub lags: Times,
    /// What broke first, if anything did.
    pub problem: Option<String>,
}

/// Sends at the rates of these phases, one after the other, on so many connections, and reads what has gathered.
pub fn open(address: SocketAddr, connections: usize, phases: &[Phase], mix: &mut Mix) -> Run {
    gathering(sent(address, connections, phases, mix))
}

/// The same at little rates, and reads each answer as soon as it is there.
pub fn open_and_read_at_once(
    address: SocketAddr,
    connections: usize,
    phases: &[Phase],
    mix: &mut Mix,
) -> Run {
    on_this_thread(sent(address, connections, phases, mix))
}

async fn sent(address: SocketAddr, connections: usize, phases: &[Phase], mix: &mut Mix) -> Run {
    let desk = Desk::staffed(address, connections).await;
    let mut lags = Vec::new();
    let mut start = Duration::ZERO;
    for phase in phases {
        desk.arrivals(start, *phase, mix, &mut lags).await;
        start += phase.length;
    }
    desk.close().await;
    desk.into_run(lags)
}

/// Sends for so long, on each connection as soon as the last answer is there.
pub fn closed(address: SocketAddr, connections: usize, length: Duration, mix: &mut Mix) -> Run {
    on_this_thread(async {
        let desk = Desk::staffed(address, connections).await;
        while desk.begun.elapsed() < length {
            while desk.busy.get() + desk.waiting.borrow().len() < connections {
                desk.hand_in(desk.begun.elapsed(), mix);
            }
            desk.answered.notified().await;
        }
        desk.close().await;
        desk.into_run(Vec::new())
    })
}

/// A request that is due.
struct Order {
    class: Class,
    due: Duration,
    bytes: Vec<u8>,
}

/// Where requests wait for a free connection.
struct Counter {
    begun: Instant,
    waiting: RefCell<VecDeque<Order>>,
    arrived: Notify,
    answered: Notify,
    is_closed: Cell<bool>,
    busy: Cell<usize>,
    samples: RefCell<Vec<Sample>>,
    problem: RefCell<Option<String>>,
}

/// The counter and its connections.
struct Desk {
    counter: Rc<Counter>,
    lines: RefCell<Vec<tokio::task::JoinHandle<()>>>,
}

impl std::ops::Deref for Desk {
    type Target = Counter;

    fn deref(&self) -> &Counter {
        &self.counter
    }
}

impl Desk {
    /// With all connections open.
    async fn staffed(address: SocketAddr, connections: usize) -> Self {
        let mut lines = Vec::new();
        for _ in 0..connections {
            lines.push(Line::open(address).await.unwrap());
        }
        let counter = Rc::new(Counter {
            begun: Instant::now(),
            waiting: RefCell::default(),
            arrived: Notify::new(),
            answered: Notify::new(),
            is_closed: Cell::new(false),
            busy: Cell::new(0),
            samples: RefCell::default(),
            problem: RefCell::default(),
        });
        let serve = |line| spawn_local(Rc::clone(&counter).serve(line));
        let lines = RefCell::new(lines.into_iter().map(serve).collect());
        Self { counter, lines }
    }

    /// Nobody comes any more; waits for the answers that are on their way.
    async fn close(&self) {
        self.give_up();
        self.is_closed.set(true);
        self.arrived.notify_waiters();
        let lines = self.lines.take();
        for line in lines {
            line.await.unwrap();
        }
    }

    fn into_run(self, lags: Vec<Duration>) -> Run {
        Run {
            begun: self.begun,
            samples: self.samples.take(),
            lags: Times::of(lags.into_iter()),
            problem: self.problem.take(),
        }
    }
}

impl Counter {
    /// Requests of one phase, each at its time.
    async fn arrivals(
        &self,
        start: Duration,
        phase: Phase,
        mix: &mut Mix,
        lags: &mut Vec<Duration>,
    ) {
        let end = start + phase.length;
        let mut due = start;
        loop {
            due += Duration::from_secs_f64(-mix.unit().ln() / phase.rate);
            if due >= end {
                break;
            }
            if due > self.begun.elapsed() {
                sleep_until((self.begun + due).into()).await;
            }
            lags.push(self.begun.elapsed().saturating_sub(due));
            self.hand_in(due, mix);
            if lags.len().is_multiple_of(32) {
                // Late, it would otherwise hand in for ever without letting a connection work.
                tokio::task::yield_now().await;
            }
        }
        sleep_until((self.begun + end).into()).await;
        self.give_up();
    }

    fn hand_in(&self, due: Duration, mix: &mut Mix) {
        let (class, bytes) = mix.draw();
        let mut waiting = self.waiting.borrow_mut();
        waiting.push_back(Order { class, due, bytes });
        self.arrived.notify_one();
    }

    /// Whoever waits leaves.
    fn give_up(&self) {
        let now = self.begun.elapsed();
        for order in self.waiting.take() {
            self.note(&order, now, Fate::Unsent);
        }
    }

    fn note(&self, order: &Order, sent: Duration, fate: Fate) {
        self.samples.borrow_mut().push(Sample {
            class: order.class,
            due: order.due,
            sent,
            done: self.begun.elapsed(),
            fate,
        });
    }

    /// One connection, until the counter is closed.
    async fn serve(self: Rc<Self>, mut line: Line) {
        loop {
            let order = self.waiting.borrow_mut().pop_front();
            if let Some(order) = order {
                self.busy.set(self.busy.get() + 1);
                self.send(&mut line, &order).await;
                self.busy.set(self.busy.get() - 1);
                self.answered.notify_one();
            } else if self.is_closed.get() {
                return;
            } else {
                self.arrived.notified().await;
            }
        }
    }

    async fn send(&self, line: &mut Line, order: &Order) {
        let sent = self.begun.elapsed();
        let fate = match timeout(PATIENCE, line.ask(&order.bytes)).await {
            Ok(Ok(reply)) => Fate::Answered(reply),
            Ok(Err(error)) => self.broken(order, &error.to_string()),
            Err(_) => self.broken(order, "no answer"),
        };
        self.note(order, sent, fate);
    }

    fn broken(&self, order: &Order, why: &str) -> Fate {
        let request = String::from_utf8_lossy(&order.bytes);
        let first = request.lines().next().unwrap_or_default();
        let told = format!("{first}: {why}");
        self.problem.borrow_mut().get_or_insert(told);
        Fate::Broken
    }
}
