//! Does what the machines ask for, as the drivers would, and what the network does with messages.

use super::disk::Dump;
use super::net::{Connection, MS};
use super::node::{End, Process, Step, Todo, What, World};
use crate::replica::follow;
use crate::replica::ship::{self, Ship};
use crate::replica::source::Record;
use crate::replica::wire::Message;
use crate::replica::wire::message::Reason;
use crate::replica::wire::pack::Packed;
use crate::store::commit::Point;

impl World {
    /// Gives an event to the primary's end of a connection.
    pub(super) fn ship(&mut self, number: u64, event: ship::Event) {
        let mut todo = Todo::from([event]);
        while let Some(event) = todo.pop_front() {
            let now = self.instant();
            let Some(end) = self.end(number) else {
                return;
            };
            for action in end.ship.handle(now, event) {
                self.ship_action(number, action, &mut todo);
            }
        }
    }

    /// The primary's end, if both still are.
    fn end(&mut self, number: u64) -> Option<&mut End> {
        let (node, life) = self.connections.get(&number)?.primary;
        let node = &mut self.nodes[node];
        match &mut node.process {
            Process::Primary(primary) if node.life == life => primary.ends.get_mut(&number),
            _ => None,
        }
    }

    fn ship_action(&mut self, number: u64, action: ship::Action, todo: &mut Todo<ship::Event>) {
        let (node, life) = self.connections[&number].primary;
        match action {
            ship::Action::Send(message) => self.send(number, 1, &message),
            ship::Action::SendRecords(records) => {
                for record in records {
                    self.send(number, 1, &Message::Commit(record.bytes.to_vec()));
                }
            }
            ship::Action::Seat(name) => todo.push_back(self.take_seat(number, name)),
            ship::Action::Find(point) => {
                let lookup = self.nodes[node].disk.find(point);
                match lookup {
                    ship::Lookup::Follows => self.counts.resumes += 1,
                    ship::Lookup::Diverged => self.counts.diverged += 1,
                    ship::Lookup::Gone => {}
                }
                if let Some(end) = self.end(number) {
                    end.cursor = point;
                }
                todo.push_back(ship::Event::Found(lookup));
            }
            ship::Action::Read => self.later(MS, What::Read(number)),
            ship::Action::OpenSnapshot => {
                self.counts.snapshots += 1;
                let dump = self.nodes[node].disk.dump();
                todo.push_back(ship::Event::Opened(dump.begin));
                if let Some(end) = self.end(number) {
                    end.dump = Some((dump, 0));
                }
            }
            ship::Action::ReadSnapshot => self.later(MS, What::Piece(number)),
            ship::Action::Progress(progress) => {
                if let Some(End {
                    seat: Some(seat), ..
                }) = self.end(number)
                {
                    seat.note(progress);
                }
                self.answer(node);
            }
            ship::Action::Fenced(..) => {
                self.counts.fenced += 1;
                self.later(MS, What::Demote(node, life));
            }
            ship::Action::Ready(point) => self.ready(number, point),
            ship::Action::Close(_) => self.end_primary_side(number),
        }
    }

    fn take_seat(&mut self, number: u64, name: crate::replica::wire::message::Node) -> ship::Event {
        let (node, _) = self.connections[&number].primary;
        let id = name.id;
        let Process::Primary(primary) = &mut self.nodes[node].process else {
            return ship::Event::Seated(false);
        };
        let seat = primary.acks.seat(name);
        let is_free = seat.is_some();
        let old: Vec<u64> = primary
            .ends
            .iter()
            .filter(|(other, end)| **other != number && end.peer == id && is_free)
            .map(|(other, _)| *other)
            .collect();
        if let Some(end) = primary.ends.get_mut(&number) {
            end.seat = seat;
            end.peer = id;
        }
        for other in old {
            self.ship(other, ship::Event::Stop(Reason::Failed("replaced".into())));
        }
        ship::Event::Seated(is_free)
    }

    /// The standby has all: it is the primary, whether it hears of it or not.
    fn ready(&mut self, number: u64, point: Point) {
        let connection = &self.connections[&number];
        let (node, standby) = (connection.primary.0, connection.standby.0);
        if node != self.chosen {
            return;
        }
        assert_eq!(point, self.nodes[node].disk.db_end());
        assert_eq!(point, self.nodes[standby].disk.db_end());
        self.counts.handoffs += 1;
        // Who kept up with this one may not take the place of the other.
        self.in_sync.clear();
        self.chosen = standby;
        let epoch = point.position.epoch + 1;
        self.ship(number, ship::Event::Stop(Reason::HandedOver { epoch }));
        let life = self.nodes[node].life;
        self.later(MS, What::Demote(node, life));
    }

    pub(super) fn read(&mut self, number: u64) {
        // One or several, as many as there are.
        let most = 1 + self.random.below(4);
        let Some(mut cursor) = self.end(number).map(|end| end.cursor) else {
            return;
        };
        let node = self.connections[&number].primary.0;
        let mut records = Vec::new();
        for _ in 0..most {
            match self.nodes[node].disk.after(cursor) {
                Ok(None) => break,
                Ok(Some(record)) => {
                    cursor = record.point();
                    records.push(record);
                }
                Err(()) => {
                    return self.ship(number, ship::Event::Failed("cleaned up".into()));
                }
            }
        }
        if let Some(end) = self.end(number) {
            end.cursor = cursor;
        }
        self.ship(number, ship::Event::Next(records));
    }

    pub(super) fn piece(&mut self, number: u64) {
        let Some(End {
            dump: Some((dump, next)),
            ..
        }) = self.end(number)
        else {
            return;
        };
        let pages: Vec<_> = dump.pages.iter().skip(*next).take(8).cloned().collect();
        *next += pages.len();
        let event = if pages.is_empty() {
            ship::Event::Ended(dump.hash)
        } else {
            let bytes = pages.iter().map(|page| page.data.len() as u64).sum();
            ship::Event::Pages(Packed::of(&pages), bytes)
        };
        self.ship(number, event);
    }

    /// Gives an event to a standby.
    pub(super) fn follow(&mut self, node: usize, event: follow::Event) {
        let mut todo = Todo::from([event]);
        while let Some(event) = todo.pop_front() {
            let now = self.instant();
            let life = self.nodes[node].life;
            let Process::Standby(standby) = &mut self.nodes[node].process else {
                return;
            };
            for action in standby.follow.handle(now, event) {
                self.follow_action(node, action, &mut todo);
            }
            if self.nodes[node].life != life {
                return;
            }
        }
    }

    fn follow_action(
        &mut self,
        node: usize,
        action: follow::Action,
        todo: &mut Todo<follow::Event>,
    ) {
        let life = self.nodes[node].life;
        let Process::Standby(standby) = &mut self.nodes[node].process else {
            return;
        };
        match action {
            follow::Action::Connect => self.later(5 * MS, What::Connect(node, life)),
            follow::Action::Send(message) => {
                let connection = standby.connection;
                self.check_said(node, &message);
                if let Some(number) = connection {
                    self.send(number, 0, &message);
                }
            }
            follow::Action::Append(record) => {
                self.nodes[node].disk.append(record);
                self.schedule_sync(node);
            }
            follow::Action::Begin(begin) => {
                standby.receiving = Some(Dump {
                    begin,
                    pages: Vec::new(),
                    hash: [0; 32],
                });
            }
            follow::Action::Store(packed) => {
                if let Some(dump) = &mut standby.receiving {
                    let Ok(pages) = packed.pages(dump.begin.page_size) else {
                        self.counts.spoiled += 1;
                        standby.receiving = None;
                        todo.push_back(follow::Event::Broken("spoiled".into()));
                        return;
                    };
                    dump.pages.extend(pages);
                    let bytes = dump.pages.iter().map(|page| page.data.len() as u64).sum();
                    todo.push_back(follow::Event::Stored(bytes));
                }
            }
            follow::Action::Abandon => standby.receiving = None,
            follow::Action::Install(hash) => {
                let dump = standby.receiving.as_ref();
                if dump.is_some_and(|dump| dump.is_right(hash)) {
                    standby.installing = Some(Step::Database);
                    self.later(30 * MS, What::Install(node, life));
                } else {
                    self.counts.spoiled += 1;
                    standby.receiving = None;
                    todo.push_back(follow::Event::Broken("spoiled".into()));
                }
            }
            follow::Action::Promote(epoch) => {
                assert_eq!(self.chosen, node, "only who was chosen is told so");
                self.promote(node, epoch);
            }
            follow::Action::Close(_) => self.close_standby(node),
            // These logs are never full.
            follow::Action::GoOn
            | follow::Action::Welcomed(_)
            | follow::Action::Refused(..)
            | follow::Action::Beat(_) => {}
        }
    }

    /// What a standby says has to be true on its disk.
    fn check_said(&self, node: usize, message: &Message) {
        let disk = &self.nodes[node].disk;
        match message {
            Message::Ack { received, applied } => {
                let is_durable = *received == Point::default() || disk.is_durable(*received);
                assert!(is_durable, "{} is not on disk", received.position);
                assert!(*applied <= disk.db_end().position.txid);
            }
            Message::HandoffReady { point } => assert_eq!(*point, disk.db_end()),
            _ => {}
        }
    }

    pub(super) fn connect(&mut self, node: usize, life: u64) {
        if self.nodes[node].life != life || !matches!(self.nodes[node].process, Process::Standby(_))
        {
            return;
        }
        // Now and then the address leads elsewhere, to one who may think that it is the primary.
        let is_astray = self.weather.is_bad && self.random.one_in(6);
        let target = if is_astray {
            usize::try_from(self.random.below(self.nodes.len() as u64)).unwrap()
        } else {
            self.chosen
        };
        let now = self.instant();
        let head = self.nodes[target].disk.db_end();
        let target_life = self.nodes[target].life;
        let Process::Primary(primary) = &mut self.nodes[target].process else {
            return self.follow(node, follow::Event::Lost("refused".into()));
        };
        self.made += 1;
        let number = self.made;
        let end = End {
            ship: Ship::new(primary.office.clone(), head, now),
            seat: None,
            peer: [255; 16],
            cursor: Point::default(),
            dump: None,
        };
        primary.ends.insert(number, end);
        let connection = Connection {
            standby: (node, life),
            primary: (target, target_life),
            dead: false,
            last: [0; 2],
        };
        self.connections.insert(number, connection);
        if let Process::Standby(standby) = &mut self.nodes[node].process {
            standby.connection = Some(number);
        }
        self.follow(node, follow::Event::Connected);
    }

    /// Sends a message: 0 to the primary, 1 to the standby.
    fn send(&mut self, number: u64, direction: usize, message: &Message) {
        let mut bytes = message.encode();
        let is_pages = matches!(message, Message::SnapshotPages(_));
        if is_pages && self.weather.is_bad && self.random.one_in(100) {
            // A bad disk or memory of the primary; the channel would notice anything else.
            let last = bytes.len() - 1;
            bytes[last] ^= 1;
        }
        self.transmit(number, direction, Some(bytes));
    }

    /// `None` is the end of the connection.
    fn transmit(&mut self, number: u64, direction: usize, bytes: Option<Vec<u8>>) {
        let delay = self.weather.delay(&mut self.random);
        let now = self.now;
        let Some(connection) = self.connections.get_mut(&number) else {
            return;
        };
        if connection.dead {
            return;
        }
        let at = connection.last[direction].max(now + delay);
        connection.last[direction] = at;
        let what = match direction {
            0 => What::ToPrimary(number, bytes),
            _ => What::ToStandby(number, bytes),
        };
        self.agenda.add(at, what);
    }

    pub(super) fn reach_primary(&mut self, number: u64, bytes: Option<Vec<u8>>) {
        let is_open = self.connections.get(&number).is_some_and(|it| !it.dead);
        match bytes {
            Some(bytes) if is_open => {
                let message = Message::decode(&bytes).unwrap();
                self.ship(number, ship::Event::Received(message));
            }
            Some(_) => {}
            None => self.end_primary_side(number),
        }
    }

    pub(super) fn reach_standby(&mut self, number: u64, bytes: Option<Vec<u8>>) {
        let Some(connection) = self.connections.get(&number) else {
            return;
        };
        let ((node, life), is_dead) = (connection.standby, connection.dead);
        let is_current = matches!(&self.nodes[node].process,
            Process::Standby(standby) if standby.connection == Some(number));
        if self.nodes[node].life != life || !is_current {
            return;
        }
        match bytes.map(|bytes| Message::decode(&bytes).unwrap()) {
            None => {
                if let Process::Standby(standby) = &mut self.nodes[node].process {
                    standby.connection = None;
                }
                self.follow(node, follow::Event::Lost("gone".into()));
            }
            Some(_) if is_dead => {}
            Some(Message::Commit(record)) => {
                let record = Record::receive(&record).unwrap();
                if self.weather.is_bad && self.random.one_in(30) {
                    self.counts.repeats += 1;
                    self.follow(node, follow::Event::Commit(record.clone()));
                }
                self.follow(node, follow::Event::Commit(record));
            }
            Some(message) => self.follow(node, follow::Event::Received(message)),
        }
    }

    /// The primary ends a connection: the standby hears it after all that was sent.
    fn end_primary_side(&mut self, number: u64) {
        let Some(connection) = self.connections.get(&number) else {
            return;
        };
        let (node, life) = connection.primary;
        self.transmit(number, 1, None);
        if self.nodes[node].life == life
            && let Process::Primary(primary) = &mut self.nodes[node].process
            && primary.ends.remove(&number).is_some()
        {
            self.answer(node);
        }
    }

    pub(super) fn close_standby(&mut self, node: usize) {
        if let Process::Standby(standby) = &mut self.nodes[node].process
            && let Some(number) = standby.connection.take()
        {
            self.transmit(number, 0, None);
        }
    }

    pub(super) fn close_primary(&mut self, node: usize) {
        if let Process::Primary(primary) = &self.nodes[node].process {
            let ends: Vec<u64> = primary.ends.keys().copied().collect();
            for number in ends {
                self.ship(number, ship::Event::Stop(Reason::Stopping));
            }
        }
    }
}
