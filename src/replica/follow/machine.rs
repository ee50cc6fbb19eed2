//! The standby's end of its connections, without I/O: events in, actions out.
//!
//! Waiting → connecting → greeting → commits, or a snapshot and then commits. A commit is handed to the log only if it
//! follows on the last one that was; the primary hears of it once the log has it on disk.

use std::time::Instant;

use super::backoff::Backoff;
use crate::replica::source::Record;
use crate::replica::wire::Message;
use crate::replica::wire::message::{
    Begin, Heartbeat, Hello, Node, PROTOCOL, Reason, Refusal, Wants, Welcome, What,
};
use crate::replica::wire::pack::Packed;
use crate::replica::wire::pulse::Pulse;
use crate::store::commit::Point;

/// What a standby knows when it starts.
#[derive(Debug, Clone)]
pub struct Start {
    /// Who it is.
    pub node: Node,
    /// The highest epoch that it has heard of.
    pub epoch: u64,
    /// The last commit in its log on its disk.
    pub logged: Point,
    /// The last transaction in its database.
    pub applied: u64,
    /// Whether what it has can be gone on with.
    pub wants: Wants,
    /// The newest schema that this program knows.
    pub schema: u32,
    /// Any number; other nodes have others.
    pub seed: u64,
}

/// What comes to the machine.
#[derive(Debug)]
pub enum Event {
    /// Answer to [`Action::Connect`].
    Connected,
    /// The same, or the connection is gone.
    Lost(String),
    /// A message; commits come as [`Event::Commit`].
    Received(Message),
    /// A commit.
    Commit(Record),
    /// A part of a message.
    Heard,
    /// The log has all up to this on disk.
    Logged(Point),
    /// The database has all up to this.
    Applied(u64),
    /// As many bytes of the snapshot are written.
    Stored(u64),
    /// The snapshot was right, the database holds it, and the log goes on after it; all of that on disk.
    Installed(Point),
    /// The snapshot was not right, or could not be written.
    Broken(String),
    /// The log has all up to this on disk and could not take what came then: there is no room.
    NoRoom(Point, String),
    /// The log lacks what follows on the database.
    Stuck,
    /// The node stops.
    Stop,
    /// Time passes; at least ten times a second.
    Tick {
        /// The wall clock.
        wall_ms: i64,
    },
}

/// What is to be done.
#[derive(Debug, PartialEq)]
pub enum Action {
    /// Connect to the primary.
    Connect,
    /// Send it.
    Send(Message),
    /// The primary has taken us.
    Welcomed(Welcome),
    /// The primary has not.
    Refused(Refusal, String),
    /// The primary lives.
    Beat(Heartbeat),
    /// Append it to the log, and bring it to disk soon.
    Append(Record),
    /// A snapshot begins; one that was begun before is void.
    Begin(Begin),
    /// Write these pages of it.
    Store(Packed),
    /// The log was full: what comes from now on follows on what it has.
    GoOn,
    /// Check it, and install it if it is right.
    Install([u8; 32]),
    /// The snapshot that was begun is void.
    Abandon,
    /// This node is the primary of this epoch from now on.
    Promote(u64),
    /// End the connection, after what was to be sent before.
    Close(String),
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum State {
    Waiting(Instant),
    Connecting,
    Greeting,
    // A snapshot was announced.
    Expecting,
    Streaming,
    Receiving(Begin),
    Installing,
    Stopped,
}

/// A standby.
pub struct Follow {
    node: Node,
    epoch: u64,
    state: State,
    wants: Wants,
    schema: u32,
    // Handed to the log; what it has on disk; what is in the database.
    appended: Point,
    logged: Point,
    applied: u64,
    // What the primary was told of it.
    told: u64,
    // The primary's site, taken over with its snapshot.
    cluster: Option<String>,
    // The epoch to begin, and whether the primary was told that we can.
    handoff: Option<(u64, bool)>,
    // While there is a connection.
    pulse: Option<Pulse>,
    backoff: Backoff,
    actions: Vec<Action>,
}

impl Follow {
    /// A standby that connects at once.
    #[must_use]
    pub fn new(start: Start, now: Instant) -> Self {
        Self {
            epoch: start.epoch.max(start.logged.position.epoch),
            state: State::Waiting(now),
            wants: start.wants,
            schema: start.schema,
            appended: start.logged,
            logged: start.logged,
            applied: start.applied,
            told: start.applied,
            cluster: None,
            handoff: None,
            pulse: None,
            backoff: Backoff::new(start.seed),
            actions: Vec::new(),
            node: start.node,
        }
    }

    /// Takes an event; what it answers is to be done in that order.
    pub fn handle(&mut self, now: Instant, event: Event) -> Vec<Action> {
        if self.state != State::Stopped {
            self.take(now, event);
        }
        std::mem::take(&mut self.actions)
    }

    fn take(&mut self, now: Instant, event: Event) {
        match event {
            Event::Connected => self.connected(now),
            Event::Lost(_) => self.lost(now),
            Event::Received(message) if self.hears(now) => self.receive(now, message),
            Event::Commit(record) if self.hears(now) => self.commit(now, record),
            Event::Heard => {
                self.hears(now);
            }
            Event::Logged(point) => self.logged(point),
            Event::Applied(txid) => self.applied(txid),
            Event::Stored(bytes) => {
                if matches!(self.state, State::Receiving(_)) {
                    self.send(Message::SnapshotAck { bytes });
                }
            }
            Event::Installed(point) => self.installed(now, point),
            Event::Broken(text) => self.broken(now, &text),
            Event::NoRoom(point, text) => self.no_room(now, point, &text),
            Event::Stuck => {
                self.wants = Wants::Snapshot;
                if matches!(self.state, State::Streaming | State::Greeting) {
                    self.fail(now, "what follows on the database is not in the log");
                }
            }
            Event::Stop => {
                if self.pulse.is_some() {
                    self.send(Message::Bye(Reason::Stopping));
                    self.actions.push(Action::Close("stopped".into()));
                }
                self.state = State::Stopped;
            }
            Event::Tick { wall_ms } => self.tick(now, wall_ms),
            // From a connection that is over.
            Event::Received(_) | Event::Commit(_) => {}
        }
    }

    /// Notes that the primary was heard; false without a connection.
    fn hears(&mut self, now: Instant) -> bool {
        if let Some(pulse) = &mut self.pulse {
            pulse.heard(now);
        }
        self.pulse.is_some()
    }

    fn connected(&mut self, now: Instant) {
        if self.state != State::Connecting {
            return;
        }
        self.state = State::Greeting;
        self.pulse = Some(Pulse::new(now));
        self.send(Message::Hello(Hello {
            protocol: PROTOCOL,
            node: self.node.clone(),
            epoch: self.epoch,
            point: self.appended,
            wants: self.wants,
        }));
    }

    fn lost(&mut self, now: Instant) {
        self.pulse = None;
        self.handoff = None;
        match self.state {
            // What is being installed is whole; its end decides what comes.
            State::Installing | State::Waiting(_) => return,
            State::Receiving(_) => self.actions.push(Action::Abandon),
            _ => {}
        }
        self.wait(now);
    }

    fn wait(&mut self, now: Instant) {
        self.state = State::Waiting(now + self.backoff.next());
    }

    fn receive(&mut self, now: Instant, message: Message) {
        match (self.state, message) {
            (State::Greeting, Message::Welcome(welcome)) => self.welcome(now, welcome),
            (State::Greeting, Message::Refused { refusal, text }) => {
                self.refused(now, refusal, text);
            }
            (State::Expecting | State::Streaming, Message::SnapshotBegin(begin)) => {
                self.begin(now, begin);
            }
            (State::Receiving(_), Message::SnapshotPages(pages)) => {
                self.actions.push(Action::Store(pages));
            }
            (State::Receiving(_), Message::SnapshotEnd { hash }) => {
                self.state = State::Installing;
                self.actions.push(Action::Install(hash));
            }
            (_, Message::Heartbeat(beat)) => self.beat(now, beat),
            (State::Streaming, Message::Handoff { epoch }) => {
                self.handoff = Some((epoch, false));
                self.hand_off();
            }
            (State::Greeting, Message::Bye(Reason::HandedOver { epoch })) => {
                self.inherit(now, epoch);
            }
            (_, Message::Bye(reason)) => self.bye(now, reason),
            // Calls are not ours to answer.
            (
                _,
                Message::Request { .. }
                | Message::Response { .. }
                | Message::Cancel { .. }
                | Message::Declined { .. },
            ) => {}
            _ => self.fail(now, "a primary does not say that here"),
        }
    }

    fn welcome(&mut self, now: Instant, welcome: Welcome) {
        let theirs = &welcome.node;
        if welcome.epoch < self.epoch {
            return self.fence(now);
        }
        if !(PROTOCOL.0..=PROTOCOL.1).contains(&welcome.protocol) {
            return self.fail(now, "the primary speaks another protocol");
        }
        if theirs.cluster.is_none()
            || self.node.cluster.is_some() && self.node.cluster != theirs.cluster
        {
            return self.fail(now, "the primary belongs to another site");
        }
        if matches!(welcome.what, What::Snapshot { .. }) && theirs.schema > self.schema {
            return self.wait_for_upgrade(now);
        }
        self.state = match welcome.what {
            What::Resume { from } if from == self.appended => State::Streaming,
            What::Resume { .. } => {
                return self.fail(now, "the primary goes on from elsewhere");
            }
            What::Snapshot { .. } => State::Expecting,
        };
        self.epoch = welcome.epoch;
        self.cluster.clone_from(&theirs.cluster);
        self.actions.push(Action::Welcomed(welcome));
        if self.state == State::Streaming {
            self.ack();
        }
    }

    /// A copy would be of no use to this program: what it has stays, and is shown.
    fn wait_for_upgrade(&mut self, now: Instant) {
        let text = "The primary's program is newer, and this node needs a whole copy: upgrade this one, and it copies the site.";
        self.put_off(now, text);
    }

    fn refused(&mut self, now: Instant, refusal: Refusal, text: String) {
        if let Refusal::Fenced { epoch } = refusal {
            self.epoch = self.epoch.max(epoch);
        }
        // Who is the primary may be changing at this moment; all else a person has to change.
        let wait = match refusal {
            Refusal::NotPrimary { .. } | Refusal::Fenced { .. } => self.backoff.next(),
            _ => self.backoff.longest(),
        };
        self.actions.push(Action::Refused(refusal, text));
        self.actions.push(Action::Close("refused".into()));
        self.pulse = None;
        self.state = State::Waiting(now + wait);
    }

    fn commit(&mut self, now: Instant, record: Record) {
        if self.state != State::Streaming {
            return self.fail(now, "a commit came where none was due");
        }
        self.backoff.reset();
        let (last, next) = (self.appended, record.point());
        if next.position < last.position || next == last {
            // It was sent again.
            return;
        }
        if next.position.txid > last.position.txid + 1 {
            return self.fail(now, "commits were left out");
        }
        if !record.head.follows(last) {
            self.wants = Wants::Snapshot;
            return self.fail(now, "a commit does not follow on the history here");
        }
        self.appended = next;
        self.epoch = self.epoch.max(next.position.epoch);
        self.actions.push(Action::Append(record));
    }

    fn logged(&mut self, point: Point) {
        if point.position > self.logged.position {
            self.logged = point;
        }
        if self.state == State::Streaming {
            self.ack();
        }
    }

    fn applied(&mut self, txid: u64) {
        // The next acknowledgement says it, or the next tick: nobody waits for it.
        self.applied = txid;
        self.hand_off();
    }

    fn ack(&mut self) {
        self.told = self.applied;
        self.send(Message::Ack {
            received: self.logged,
            applied: self.applied,
        });
    }

    fn begin(&mut self, now: Instant, begin: Begin) {
        let own = self.node.page_size;
        let whole = u64::from(begin.size) * u64::from(begin.page_size);
        if own != 0 && own != begin.page_size || begin.bytes > whole || begin.size == 0 {
            return self.fail(now, "the snapshot is not one for this node");
        }
        self.state = State::Receiving(begin);
        self.actions.push(Action::Begin(begin));
    }

    fn installed(&mut self, now: Instant, point: Point) {
        if self.state != State::Installing {
            return;
        }
        (self.appended, self.logged) = (point, point);
        self.applied = point.position.txid;
        self.wants = Wants::Rest;
        self.node.cluster = self.cluster.take().or(self.node.cluster.take());
        self.epoch = self.epoch.max(point.position.epoch);
        if self.pulse.is_some() {
            self.state = State::Streaming;
            self.ack();
        } else {
            self.state = State::Waiting(now);
        }
    }

    fn broken(&mut self, now: Instant, text: &str) {
        if !matches!(self.state, State::Receiving(_) | State::Installing) {
            return;
        }
        // There is nothing to be finished any more.
        self.state = State::Expecting;
        self.put_off(now, text);
    }

    /// Comes again later for what the log could not take.
    fn no_room(&mut self, now: Instant, point: Point, text: &str) {
        self.actions.push(Action::GoOn);
        match self.state {
            // A whole copy takes the place of all that.
            State::Installing => return,
            State::Receiving(_) => self.actions.push(Action::Abandon),
            _ => {}
        }
        (self.appended, self.logged) = (point, point);
        self.put_off(now, text);
    }

    /// Leaves the primary for a while, since what it sends cannot be kept now.
    fn put_off(&mut self, now: Instant, text: &str) {
        if self.pulse.is_some() {
            self.send(Message::Bye(Reason::Failed(text.into())));
            self.actions.push(Action::Close(text.into()));
        }
        self.pulse = None;
        self.handoff = None;
        self.state = State::Waiting(now + self.backoff.longest());
    }

    fn beat(&mut self, now: Instant, beat: Heartbeat) {
        if beat.epoch < self.epoch {
            return self.fence(now);
        }
        self.epoch = beat.epoch;
        self.backoff.reset();
        self.actions.push(Action::Beat(beat));
    }

    fn fence(&mut self, now: Instant) {
        let epoch = self.epoch;
        self.send(Message::Bye(Reason::Fenced { epoch }));
        self.drop_link(now, "the primary is of an epoch that is over");
    }

    /// Tells the primary that all of what it wrote is applied, once that is so.
    fn hand_off(&mut self) {
        if let Some((_, said @ false)) = &mut self.handoff
            && self.applied >= self.appended.position.txid
        {
            *said = true;
            let point = self.appended;
            self.send(Message::HandoffReady { point });
        }
    }

    fn bye(&mut self, now: Instant, reason: Reason) {
        match reason {
            Reason::HandedOver { epoch } if self.handoff == Some((epoch, true)) => {
                self.promote(epoch);
            }
            Reason::Fenced { epoch } => {
                self.epoch = self.epoch.max(epoch);
                self.drop_link(now, "a higher epoch exists");
            }
            reason => self.drop_link(now, &format!("the primary left: {reason:?}")),
        }
    }

    /// The node that was the primary has handed over to this one, which did not hear of it; it has seen in our greeting that all
    /// is here.
    fn inherit(&mut self, now: Instant, epoch: u64) {
        let has_all = self.wants == Wants::Rest && self.applied >= self.appended.position.txid;
        if has_all && epoch > self.epoch {
            self.promote(epoch);
        } else {
            self.drop_link(now, "not all of what was handed over is applied yet");
        }
    }

    fn promote(&mut self, epoch: u64) {
        self.actions.push(Action::Close("handed over".into()));
        self.actions.push(Action::Promote(epoch));
        self.state = State::Stopped;
    }

    fn tick(&mut self, now: Instant, wall_ms: i64) {
        match self.state {
            State::Waiting(until) if now >= until => {
                self.state = State::Connecting;
                self.actions.push(Action::Connect);
            }
            _ => {}
        }
        if self.state == State::Streaming && self.told != self.applied {
            self.ack();
        }
        let Some(pulse) = &mut self.pulse else {
            return;
        };
        if pulse.is_silent(now) {
            self.fail(now, "the primary is silent");
        } else if pulse.is_due(now) && self.state != State::Greeting {
            self.send(Message::Heartbeat(Heartbeat {
                epoch: self.epoch,
                head: self.logged,
                acked: self.applied,
                wall_ms,
                in_sync: false,
            }));
        }
    }

    fn send(&mut self, message: Message) {
        if self.pulse.is_some() {
            self.actions.push(Action::Send(message));
        }
    }

    fn fail(&mut self, now: Instant, text: &str) {
        self.send(Message::Bye(Reason::Failed(text.into())));
        self.drop_link(now, text);
    }

    fn drop_link(&mut self, now: Instant, text: &str) {
        self.actions.push(Action::Close(text.into()));
        self.lost(now);
    }
}

#[cfg(test)]
mod tests;
