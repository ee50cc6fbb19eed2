//! The primary's end of a connection, without I/O: events in, actions out.
//!
//! Greeting → seat → the point is looked up → commits, or a snapshot and then commits. One read is asked for at a time, and
//! none while the window is full: what waits for a slow standby waits in the log.

use std::time::{Duration, Instant};

use super::acks::Progress;
use super::flight::Flight;
use super::greet::{self, Office};
use crate::replica::source::Record;
use crate::replica::wire::Message;
use crate::replica::wire::message::{
    Begin, Heartbeat, Hello, Node, Reason, Refusal, Wants, Welcome, What, Why,
};
use crate::replica::wire::noise::MESSAGE_MAX;
use crate::replica::wire::pack::Packed;
use crate::replica::wire::pulse::Pulse;
use crate::store::commit::Point;

/// A standby that has not acknowledged something for this long is not counted on.
pub const LATE: Duration = Duration::from_secs(2);
/// Most bytes of a snapshot that are on their way.
pub const SNAPSHOT_WINDOW: u64 = 4 << 20;

/// What the log says about a point.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lookup {
    /// The log goes on from there; it is read from there.
    Follows,
    /// Not there.
    Gone,
    /// Another history.
    Diverged,
}

/// What comes to the machine.
#[derive(Debug)]
pub enum Event {
    /// A message.
    Received(Message),
    /// A part of one.
    Heard,
    /// Answer to [`Action::Seat`]: whether this is the only connection of that node.
    Seated(bool),
    /// Answer to [`Action::Find`].
    Found(Lookup),
    /// Answer to [`Action::Read`]; none when there are none yet.
    Next(Vec<Record>),
    /// The primary's last commit, as often as it changes.
    Head(Point),
    /// Answer to [`Action::OpenSnapshot`].
    Opened(Begin),
    /// Answer to [`Action::ReadSnapshot`], with as many bytes of pages.
    Pages(Packed, u64),
    /// The same, after the last page.
    Ended([u8; 32]),
    /// A read failed.
    Failed(String),
    /// Nothing more is written here; the standby is to begin this epoch once it has all.
    Handoff(u64),
    /// The connection is to end.
    Stop(Reason),
    /// Time passes; at least ten times a second.
    Tick {
        /// The wall clock.
        wall_ms: i64,
    },
}

/// What is to be done.
#[derive(Debug, PartialEq)]
pub enum Action {
    /// Send it.
    Send(Message),
    /// Send these as they are.
    SendRecords(Vec<Record>),
    /// Look whether this node is connected already.
    Seat(Node),
    /// Look this point up in the log.
    Find(Point),
    /// Read the next records.
    Read,
    /// Begin to read a snapshot.
    OpenSnapshot,
    /// Read its next pages.
    ReadSnapshot,
    /// How far the standby is has changed.
    Progress(Progress),
    /// A higher epoch exists, as this node says: nothing may be written here any more.
    Fenced(u64, Node),
    /// The standby has all of what the primary wrote.
    Ready(Point),
    /// End the connection, after what was to be sent before.
    Close(String),
}

enum State {
    Greeting,
    Seating,
    Finding { point: Point, again: bool },
    Streaming,
    Snapshot(Snapshot),
    Closed,
}

#[derive(Default)]
struct Snapshot {
    begin: Option<Begin>,
    reading: bool,
    ended: bool,
    sent: u64,
    acked: u64,
}

/// One connection of a standby.
pub struct Ship {
    office: Office,
    head: Point,
    state: State,
    hello: Option<Hello>,
    flight: Flight,
    reading: bool,
    // The log had nothing more: it is not asked again before the head moves or time passes.
    exhausted: bool,
    progress: Progress,
    told: Progress,
    // Since when something was not sent yet.
    behind: Option<Instant>,
    handoff: Option<(u64, Handoff)>,
    pulse: Pulse,
    actions: Vec<Action>,
}

#[derive(PartialEq)]
enum Handoff {
    Asked,
    Said,
}

impl Ship {
    /// The end of a connection that was just taken.
    #[must_use]
    pub fn new(office: Office, head: Point, now: Instant) -> Self {
        Self {
            office,
            head,
            state: State::Greeting,
            hello: None,
            flight: Flight::new(Point::default()),
            reading: false,
            exhausted: false,
            progress: Progress::default(),
            told: Progress::default(),
            behind: None,
            handoff: None,
            pulse: Pulse::new(now),
            actions: Vec::new(),
        }
    }

    /// Takes an event; what it answers is to be done in that order.
    pub fn handle(&mut self, now: Instant, event: Event) -> Vec<Action> {
        if !matches!(self.state, State::Closed) {
            self.take(now, event);
            self.pump(now);
            self.note(now);
        }
        std::mem::take(&mut self.actions)
    }

    fn take(&mut self, now: Instant, event: Event) {
        match event {
            Event::Received(message) => {
                self.pulse.heard(now);
                self.receive(message);
            }
            Event::Heard => self.pulse.heard(now),
            Event::Seated(free) => self.seated(free),
            Event::Found(lookup) => self.found(lookup),
            Event::Next(next) => self.next(now, next),
            Event::Head(point) => {
                self.head = point;
                self.exhausted = false;
            }
            Event::Opened(begin) => self.opened(begin),
            Event::Pages(packed, bytes) => self.pages(packed, bytes),
            Event::Ended(hash) => self.ended(hash),
            Event::Failed(text) => self.fail(&text),
            Event::Handoff(epoch) => self.handoff = Some((epoch, Handoff::Asked)),
            Event::Stop(reason) => self.close(reason, "stopped"),
            Event::Tick { wall_ms } => self.tick(now, wall_ms),
        }
    }

    fn receive(&mut self, message: Message) {
        match message {
            Message::Hello(hello) if matches!(self.state, State::Greeting) => self.greet(hello),
            _ if matches!(self.state, State::Greeting) => self.fail("no greeting came first"),
            Message::Ack { received, applied } => self.ack(received, applied),
            Message::Heartbeat(beat) => {
                self.progress.applied = self.progress.applied.max(beat.acked);
                self.hear_of(beat.epoch);
            }
            Message::SnapshotAck { bytes } => {
                if let State::Snapshot(snapshot) = &mut self.state {
                    snapshot.acked = bytes.min(snapshot.sent);
                }
            }
            Message::HandoffReady { point } => self.ready(point),
            Message::Bye(Reason::Fenced { epoch }) => {
                self.hear_of(epoch);
                self.shut("the standby knows a higher epoch");
            }
            Message::Bye(reason) => self.shut(&format!("the standby left: {reason:?}")),
            // Calls are not ours to answer.
            Message::Request { .. }
            | Message::Response { .. }
            | Message::Cancel { .. }
            | Message::Declined { .. } => {}
            _ => self.fail("a standby does not say that"),
        }
    }

    fn greet(&mut self, hello: Hello) {
        if let Some(epoch) = greet::inherited(&self.office, self.head, &hello) {
            return self.close(Reason::HandedOver { epoch }, "it is the heir");
        }
        if let Some(refusal) = greet::refusal(&self.office, &hello) {
            if let Refusal::Fenced { epoch } = refusal {
                self.actions.push(Action::Fenced(epoch, hello.node));
            }
            return self.refuse(refusal);
        }
        self.actions.push(Action::Seat(hello.node.clone()));
        self.hello = Some(hello);
        self.state = State::Seating;
    }

    fn refuse(&mut self, refusal: Refusal) {
        let text = greet::text(&refusal);
        self.actions.push(Action::Send(Message::Refused {
            refusal,
            text: text.clone(),
        }));
        self.shut(&text);
    }

    fn seated(&mut self, free: bool) {
        let (State::Seating, Some(hello)) = (&self.state, &self.hello) else {
            return;
        };
        if !free {
            return self.refuse(Refusal::SameNode);
        }
        match (hello.wants, &hello.node.cluster) {
            (Wants::Snapshot, _) => self.welcome_snapshot(Why::Asked),
            (Wants::Rest, None) => self.welcome_snapshot(Why::Fresh),
            (Wants::Rest, Some(_)) => {
                let point = hello.point;
                self.state = State::Finding {
                    point,
                    again: false,
                };
                self.actions.push(Action::Find(point));
            }
        }
    }

    fn found(&mut self, lookup: Lookup) {
        let State::Finding { point, again } = self.state else {
            return;
        };
        match lookup {
            Lookup::Follows => {
                if !again {
                    self.welcome(What::Resume { from: point });
                }
                self.flight = Flight::new(point);
                self.state = State::Streaming;
            }
            // It comes again, says where it stands, and gets another one.
            _ if again => self.fail("the log does not reach back to the snapshot any more"),
            Lookup::Gone if point.position > self.head.position => {
                self.welcome_snapshot(Why::Ahead);
            }
            Lookup::Gone => self.welcome_snapshot(Why::Gone),
            Lookup::Diverged => self.welcome_snapshot(Why::Diverged),
        }
    }

    fn welcome(&mut self, what: What) {
        let welcome = Welcome {
            protocol: greet::protocol(self.hello.as_ref()),
            node: self.office.node.clone(),
            epoch: self.office.epoch,
            head: self.head,
            what,
        };
        self.actions.push(Action::Send(Message::Welcome(welcome)));
    }

    fn welcome_snapshot(&mut self, why: Why) {
        self.welcome(What::Snapshot { why });
        self.snapshot();
    }

    fn snapshot(&mut self) {
        self.state = State::Snapshot(Snapshot::default());
        self.reading = false;
        self.actions.push(Action::OpenSnapshot);
    }

    fn opened(&mut self, begin: Begin) {
        if let State::Snapshot(snapshot) = &mut self.state {
            snapshot.begin = Some(begin);
            let message = Message::SnapshotBegin(begin);
            self.actions.push(Action::Send(message));
        }
    }

    fn pages(&mut self, packed: Packed, bytes: u64) {
        if let State::Snapshot(snapshot) = &mut self.state {
            snapshot.reading = false;
            snapshot.sent += bytes;
            let message = Message::SnapshotPages(packed);
            self.actions.push(Action::Send(message));
        }
    }

    fn ended(&mut self, hash: [u8; 32]) {
        if let State::Snapshot(snapshot) = &mut self.state {
            snapshot.ended = true;
            let message = Message::SnapshotEnd { hash };
            self.actions.push(Action::Send(message));
        }
    }

    fn next(&mut self, now: Instant, records: Vec<Record>) {
        if !matches!(self.state, State::Streaming) {
            return;
        }
        self.reading = false;
        self.exhausted = records.is_empty();
        let mut fitting = Vec::with_capacity(records.len());
        for record in records {
            if !record.head.follows(self.flight.sent()) {
                return self.fail("the log's commits do not follow on each other");
            }
            if record.bytes.len() >= MESSAGE_MAX {
                // What follows on it could not be applied without it.
                self.send_records(fitting);
                return self.snapshot();
            }
            self.flight.push(record.point(), record.bytes.len(), now);
            fitting.push(record);
        }
        self.send_records(fitting);
    }

    fn send_records(&mut self, records: Vec<Record>) {
        if !records.is_empty() {
            self.actions.push(Action::SendRecords(records));
        }
    }

    fn ack(&mut self, received: Point, applied: u64) {
        let installed = match &self.state {
            State::Streaming => None,
            State::Snapshot(Snapshot {
                begin: Some(begin),
                ended: true,
                ..
            }) if begin.point == received => Some(received),
            // What was on its way when the snapshot began.
            _ => return,
        };
        if let Some(point) = installed {
            self.state = State::Finding { point, again: true };
            self.actions.push(Action::Find(point));
        } else if !self.flight.ack(received) {
            return self.fail("the standby acknowledges what it was not sent");
        }
        let newest = self
            .progress
            .received
            .is_none_or(|before| before.position < received.position || installed.is_some());
        if newest {
            self.progress.received = Some(received);
        }
        self.progress.applied = applied;
    }

    fn ready(&mut self, point: Point) {
        match &mut self.handoff {
            Some((_, Handoff::Said)) if point == self.head => {
                self.actions.push(Action::Ready(point));
            }
            // There was more than we knew when we asked: it is asked again after that.
            Some((_, said)) => *said = Handoff::Asked,
            None => {}
        }
    }

    fn hear_of(&mut self, epoch: u64) {
        if epoch > self.office.epoch {
            let by = self.hello.as_ref().map(|hello| hello.node.clone());
            self.actions
                .push(Action::Fenced(epoch, by.unwrap_or_default()));
            self.close(Reason::Fenced { epoch }, "a higher epoch exists");
        }
    }

    fn tick(&mut self, now: Instant, wall_ms: i64) {
        self.exhausted = false;
        if self.pulse.is_silent(now) {
            return self.fail("the standby is silent");
        }
        let greeted = !matches!(self.state, State::Greeting | State::Seating);
        if greeted && self.pulse.is_due(now) {
            let received = self.progress.received.unwrap_or_default();
            self.actions
                .push(Action::Send(Message::Heartbeat(Heartbeat {
                    epoch: self.office.epoch,
                    head: self.head,
                    acked: received.position.txid,
                    wall_ms,
                    in_sync: self.progress.in_sync,
                })));
        }
    }

    /// Asks for what may be sent next.
    fn pump(&mut self, now: Instant) {
        match &mut self.state {
            State::Snapshot(snapshot) => {
                let room = snapshot.sent - snapshot.acked < SNAPSHOT_WINDOW;
                if snapshot.begin.is_some() && room && !snapshot.reading && !snapshot.ended {
                    snapshot.reading = true;
                    self.actions.push(Action::ReadSnapshot);
                }
            }
            State::Streaming => self.pump_commits(now),
            _ => {}
        }
    }

    fn pump_commits(&mut self, now: Instant) {
        if self.flight.sent().position >= self.head.position {
            self.behind = None;
            if let Some((epoch, said @ Handoff::Asked)) = &mut self.handoff {
                *said = Handoff::Said;
                let message = Message::Handoff { epoch: *epoch };
                self.actions.push(Action::Send(message));
            }
            return;
        }
        self.behind.get_or_insert(now);
        if !self.reading && !self.exhausted && self.flight.has_room() {
            self.reading = true;
            self.actions.push(Action::Read);
        }
    }

    /// Says how far the standby is, when that has changed.
    fn note(&mut self, now: Instant) {
        self.progress.in_sync = self.is_in_sync(now);
        if self.progress != self.told {
            self.told = self.progress;
            self.actions.push(Action::Progress(self.progress));
        }
    }

    /// Whether the primary counts on it: it had caught up once, and since then nothing waited too long, neither for room
    /// in the window nor for its acknowledgement.
    fn is_in_sync(&self, now: Instant) -> bool {
        let is_recent = |since: Option<Instant>| {
            since.is_none_or(|since| now.saturating_duration_since(since) < LATE)
        };
        matches!(self.state, State::Streaming)
            && self.progress.received.is_some()
            && self.pulse.silence(now) < LATE
            && is_recent(self.flight.oldest())
            && is_recent(self.behind)
            && (self.progress.in_sync || self.behind.is_none())
    }

    fn fail(&mut self, text: &str) {
        self.close(Reason::Failed(text.into()), text);
    }

    fn close(&mut self, reason: Reason, text: &str) {
        self.actions.push(Action::Send(Message::Bye(reason)));
        self.shut(text);
    }

    fn shut(&mut self, text: &str) {
        self.state = State::Closed;
        self.actions.push(Action::Close(text.into()));
    }
}
