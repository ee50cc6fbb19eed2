//! Joins the primary's machine with a socket, the log and the snapshots.
//!
//! Records go as they stand in the log, of which the newest are in memory. What may wait for a disk runs on blocking threads,
//! one thing at a time for each standby; the machine goes on meanwhile.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::io::{AsyncRead, AsyncWrite};
use tokio::sync::{mpsc, watch};
use tokio::task::JoinHandle;

use super::acks::{Acks, Order, Seat};
use super::greet::{Office, Role};
use super::machine::{Action, Event, Lookup, Ship};
use crate::error::{Error, Result};
use crate::replica::source::{Found, Next, Record, Source};
use crate::replica::wire::Sum;
use crate::replica::wire::call::Handler;
use crate::replica::wire::link::{Came, Link};
use crate::replica::wire::message::{Begin, Node, Reason};
use crate::replica::wire::noise::Channel;
use crate::replica::wire::pack::Packed;
use crate::store::commit::{Page, Point};
use crate::time::Clock;

/// Bytes of records that are read at once.
const BATCH: usize = 1 << 20;
/// Bytes of pages in one message: small, so that what else is to be said comes between.
const PAGES: usize = 256 << 10;
/// Time between two looks at the clock.
const TICK: Duration = Duration::from_millis(100);

/// Reads snapshots of the database.
pub trait Snapshots: Send + Sync {
    /// Begins one, of the state after some commit that the log reaches back to. May block.
    ///
    /// # Errors
    /// When it cannot be read now.
    fn open(&self) -> Result<Box<dyn Dump>>;
}

/// A snapshot that is being read.
pub trait Dump: Send {
    /// What it is.
    fn begin(&self) -> Begin;

    /// The next pages, about as many bytes; none after the last. Blocks.
    ///
    /// # Errors
    /// When they cannot be read.
    fn next(&mut self, bytes: usize) -> Result<Vec<Page>>;
}

/// What the node has to know of a standby's connection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Notice {
    /// A higher epoch exists, as this node says: nothing may be written here any more.
    Fenced(u64, Node),
    /// The standby of this number has all of what was written, and waits for its [`Order::End`].
    Ready([u8; 16], Point),
}

/// What all connections of standbys work with.
pub struct Shipping {
    /// What this node is and does. A change of it ends the connections.
    pub office: watch::Receiver<Office>,
    /// Its last commit; told after the log has it.
    pub head: watch::Receiver<Point>,
    /// Its log.
    pub source: Arc<dyn Source>,
    /// Its database.
    pub snapshots: Arc<dyn Snapshots>,
    /// Where it is noted how far each standby is.
    pub acks: Arc<Acks>,
    /// Answers calls of standbys.
    pub handler: Arc<dyn Handler>,
    /// Where notices go.
    pub notices: mpsc::UnboundedSender<Notice>,
    /// The clock.
    pub clock: Clock,
}

/// Serves one standby until the connection ends; why it did.
pub async fn run<S>(channel: Channel<S>, shipping: Arc<Shipping>) -> String
where
    S: AsyncRead + AsyncWrite + Send + 'static,
{
    let link = Link::new(channel, Arc::clone(&shipping.handler));
    let (orders, ordered) = mpsc::unbounded_channel();
    let mut head = shipping.head.clone();
    let mut office = shipping.office.clone();
    let machine = Ship::new(
        office.borrow_and_update().clone(),
        *head.borrow_and_update(),
        Instant::now(),
    );
    let drive = Drive {
        shipping,
        machine,
        link: Some(link),
        seat: None,
        orders,
        node: [0; 16],
        reading: Reading::default(),
        job: None,
    };
    drive.run(head, office, ordered).await
}

/// Where the log or a snapshot is read, while nothing is being read.
#[derive(Default)]
struct Reading {
    next: Option<Box<dyn Next>>,
    dump: Option<(Box<dyn Dump>, Sum)>,
}

/// What a blocking thread brings.
enum Done {
    Found(Result<Found>),
    Read(Box<dyn Next>, Result<Vec<Record>>),
    Opened(Result<Box<dyn Dump>>),
    Pages(Box<dyn Dump>, Sum, Result<Option<(Packed, u64)>>),
}

struct Drive {
    shipping: Arc<Shipping>,
    machine: Ship,
    link: Option<Link>,
    seat: Option<Seat>,
    orders: mpsc::UnboundedSender<Order>,
    node: [u8; 16],
    reading: Reading,
    job: Option<JoinHandle<Done>>,
}

impl Drive {
    async fn run(
        mut self,
        mut head: watch::Receiver<Point>,
        mut office: watch::Receiver<Office>,
        mut ordered: mpsc::UnboundedReceiver<Order>,
    ) -> String {
        let mut tick = tokio::time::interval(TICK);
        tick.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            let Some(link) = &mut self.link else {
                return "The connection is over.".into();
            };
            let event = tokio::select! {
                came = link.next() => match came {
                    Came::Message(message) => Event::Received(message),
                    Came::Record(_) => Event::Stop(Reason::Failed("a standby sends no commits".into())),
                    Came::Ended(text) => return text,
                },
                done = job(&mut self.job) => self.done(done),
                changed = head.changed() => match changed {
                    Ok(()) => Event::Head(*head.borrow_and_update()),
                    Err(_) => Event::Stop(Reason::Stopping),
                },
                changed = office.changed() => Event::Stop(reason(changed.is_ok(), &office)),
                Some(order) = ordered.recv() => match order {
                    Order::Handoff(epoch) => {
                        // What was written before the order comes before it.
                        let point = *head.borrow_and_update();
                        self.handle(Event::Head(point));
                        Event::Handoff(epoch)
                    }
                    Order::End(reason) => Event::Stop(reason),
                },
                () = replaced(&mut self.seat) => {
                    Event::Stop(Reason::Failed("another connection has taken this one's place".into()))
                }
                _ = tick.tick() => {
                    if link.was_heard() {
                        self.handle(Event::Heard);
                    }
                    Event::Tick { wall_ms: self.shipping.clock.now().ms() }
                }
            };
            if let Some(text) = self.handle(event) {
                return text;
            }
        }
    }

    /// Hands an event to the machine and does what it asks for; `Some` when the connection is over.
    fn handle(&mut self, event: Event) -> Option<String> {
        let mut events = VecDeque::from([event]);
        while let Some(event) = events.pop_front() {
            for action in self.machine.handle(Instant::now(), event) {
                if let Action::Close(text) = action {
                    if let Some(link) = self.link.take() {
                        link.close();
                    }
                    return Some(text);
                }
                events.extend(self.act(action));
            }
        }
        None
    }

    fn act(&mut self, action: Action) -> Option<Event> {
        let link = self.link.as_ref()?;
        match action {
            Action::Send(message) => link.out.message(message),
            Action::SendRecords(records) => link.out.records(records),
            Action::Seat(node) => {
                self.node = node.id;
                self.seat = self.shipping.acks.seat(node);
                if let Some(seat) = &self.seat {
                    seat.open(link.remote.clone(), self.orders.clone());
                }
                return Some(Event::Seated(self.seat.is_some()));
            }
            Action::Find(point) => {
                let source = Arc::clone(&self.shipping.source);
                self.start(move || Done::Found(source.after(point)));
            }
            Action::Read => return self.read(),
            Action::OpenSnapshot => {
                self.reading = Reading::default();
                let snapshots = Arc::clone(&self.shipping.snapshots);
                self.start(move || Done::Opened(snapshots.open()));
            }
            Action::ReadSnapshot => {
                if let Some((mut dump, mut sum)) = self.reading.dump.take() {
                    self.start(move || {
                        let pages = read_pages(dump.as_mut(), &mut sum);
                        Done::Pages(dump, sum, pages)
                    });
                }
            }
            Action::Progress(progress) => {
                if let Some(seat) = &self.seat {
                    seat.note(progress);
                }
            }
            Action::Fenced(epoch, by) => self.notice(Notice::Fenced(epoch, by)),
            Action::Ready(point) => self.notice(Notice::Ready(self.node, point)),
            Action::Close(_) => {}
        }
        None
    }

    fn notice(&self, notice: Notice) {
        // At the end of the process nobody listens.
        let _ = self.shipping.notices.send(notice);
    }

    /// Starts a job. One that was begun before is of no use any more, and ends by itself.
    fn start(&mut self, work: impl FnOnce() -> Done + Send + 'static) {
        self.job = Some(tokio::task::spawn_blocking(work));
    }

    /// The next records: from memory at once, which is the rule, or from the disk.
    fn read(&mut self) -> Option<Event> {
        let mut next = self.reading.next.take()?;
        match next.kept(BATCH) {
            Ok(None) => {}
            kept => {
                self.reading.next = Some(next);
                return Some(match kept {
                    Ok(records) => Event::Next(records.unwrap_or_default()),
                    Err(error) => Event::Failed(error.detail()),
                });
            }
        }
        self.start(move || {
            let read = read_some(next.as_mut());
            Done::Read(next, read)
        });
        None
    }

    fn done(&mut self, done: Result<Done>) -> Event {
        let failed = |error: &Error| Event::Failed(error.detail());
        match done {
            Ok(Done::Found(Ok(found))) => Event::Found(match found {
                Found::Follows(next) => {
                    self.reading.next = Some(next);
                    Lookup::Follows
                }
                Found::Gone => Lookup::Gone,
                Found::Diverged => Lookup::Diverged,
            }),
            Ok(Done::Read(next, Ok(records))) => {
                self.reading.next = Some(next);
                Event::Next(records)
            }
            Err(error)
            | Ok(
                Done::Found(Err(error))
                | Done::Read(_, Err(error))
                | Done::Opened(Err(error))
                | Done::Pages(_, _, Err(error)),
            ) => failed(&error),
            Ok(Done::Opened(Ok(dump))) => {
                let begin = dump.begin();
                self.reading.dump = Some((dump, Sum::new(&begin)));
                Event::Opened(begin)
            }
            Ok(Done::Pages(_, sum, Ok(None))) => Event::Ended(sum.end()),
            Ok(Done::Pages(dump, sum, Ok(Some((packed, bytes))))) => {
                self.reading.dump = Some((dump, sum));
                Event::Pages(packed, bytes)
            }
        }
    }
}

/// The next pages, with as many bytes of them; `None` after the last.
fn read_pages(dump: &mut dyn Dump, sum: &mut Sum) -> Result<Option<(Packed, u64)>> {
    let pages = dump.next(PAGES)?;
    sum.add(&pages);
    let bytes = pages.iter().map(|page| page.data.len() as u64).sum();
    Ok((!pages.is_empty()).then(|| (Packed::of(&pages), bytes)))
}

fn read_some(next: &mut dyn Next) -> Result<Vec<Record>> {
    let mut records = Vec::new();
    let mut bytes = 0;
    while bytes < BATCH {
        let Some(record) = next.next()? else {
            break;
        };
        bytes += record.bytes.len();
        records.push(record);
    }
    Ok(records)
}

/// Why the connections end when the node becomes another.
fn reason(is_running: bool, office: &watch::Receiver<Office>) -> Reason {
    let office = office.borrow();
    match office.role {
        _ if !is_running => Reason::Stopping,
        Role::Primary => Reason::Failed("the node has changed; come again".into()),
        Role::Other(_) => Reason::Failed("the node is no primary any more".into()),
    }
}

/// Waits for the job, forever without one.
async fn job(job: &mut Option<JoinHandle<Done>>) -> Result<Done> {
    match job {
        None => std::future::pending().await,
        Some(handle) => {
            let done = handle.await;
            *job = None;
            done.map_err(|error| Error::Internal(format!("a reader of the log: {error}")))
        }
    }
}

async fn replaced(seat: &mut Option<Seat>) {
    match seat {
        None => std::future::pending().await,
        Some(seat) => seat.replaced().await,
    }
}
