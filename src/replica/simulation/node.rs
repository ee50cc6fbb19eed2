//! The world: three nodes, what happens to them, and what must hold after each step.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::Counts;
use super::disk::{Disk, Dump};
use super::net::{Agenda, Connection, MS, Random, Time, Weather};
use crate::replica::follow::{self, Follow, Start};
use crate::replica::sample::{PAGE, commit_after};
use crate::replica::ship::{Acks, Office, Seat, Ship};
use crate::replica::wire::message::{Node as Name, Wants};
use crate::store::commit::Point;

/// How many nodes there are.
pub(super) const NODES: usize = 3;

pub(super) struct World {
    pub(super) start: Instant,
    pub(super) now: Time,
    pub(super) random: Random,
    pub(super) agenda: Agenda<What>,
    pub(super) weather: Weather,
    pub(super) nodes: Vec<Node>,
    pub(super) connections: BTreeMap<u64, Connection>,
    pub(super) made: u64,
    /// Who is to write.
    pub(super) chosen: usize,
    /// Who was in sync when the chosen one last knew; what a witness would hold.
    pub(super) in_sync: BTreeSet<usize>,
    pub(super) answered: Vec<Point>,
    pub(super) writes_until: Time,
    pub(super) counts: Counts,
}

pub(super) struct Node {
    pub(super) disk: Disk,
    /// Grows with each start, so that what was begun before means nothing.
    pub(super) life: u64,
    pub(super) process: Process,
}

#[expect(clippy::large_enum_variant, reason = "there are three")]
pub(super) enum Process {
    Down,
    Primary(Primary),
    Standby(Standby),
}

pub(super) struct Primary {
    pub(super) office: Office,
    pub(super) acks: Arc<Acks>,
    pub(super) ends: BTreeMap<u64, End>,
    pub(super) is_writing: bool,
    pub(super) answered: u64,
}

/// One connection at the primary.
pub(super) struct End {
    pub(super) ship: Ship,
    pub(super) seat: Option<Seat>,
    pub(super) peer: [u8; 16],
    pub(super) cursor: Point,
    pub(super) dump: Option<(Dump, usize)>,
}

pub(super) struct Standby {
    pub(super) follow: Follow,
    pub(super) connection: Option<u64>,
    pub(super) is_syncing: bool,
    pub(super) is_applying: bool,
    pub(super) receiving: Option<Dump>,
    pub(super) installing: Option<Step>,
}

#[derive(Clone, Copy, PartialEq)]
pub(super) enum Step {
    Database,
    Log,
}

/// What happens at some time; numbers are a node and its life, or a connection.
pub(super) enum What {
    Tick(usize, u64),
    Write,
    Fault,
    Start(usize, u64),
    Demote(usize, u64),
    GoOn(usize, u64),
    Operator,
    Connect(usize, u64),
    ToPrimary(u64, Option<Vec<u8>>),
    ToStandby(u64, Option<Vec<u8>>),
    Read(u64),
    Piece(u64),
    Synced(usize, u64, usize),
    Apply(usize, u64),
    Install(usize, u64),
}

impl World {
    pub(super) fn new(seed: u64, start: Instant) -> Self {
        let mut world = Self {
            start,
            now: 0,
            random: Random(seed),
            agenda: Agenda::new(),
            weather: Weather { is_bad: true },
            nodes: Vec::new(),
            connections: BTreeMap::new(),
            made: 0,
            chosen: 0,
            in_sync: BTreeSet::new(),
            answered: Vec::new(),
            writes_until: Time::MAX,
            counts: Counts::default(),
        };
        for _ in 0..NODES {
            world.nodes.push(Node {
                disk: Disk::default(),
                life: 0,
                process: Process::Down,
            });
        }
        let first = commit_after(Point::default(), 1, seed);
        world.nodes[0].disk.commit(&first);
        for node in 0..NODES {
            world.start(node);
        }
        world.agenda.add(10 * MS, What::Write);
        world.agenda.add(500 * MS, What::Fault);
        world
    }

    pub(super) fn instant(&self) -> Instant {
        self.start + Duration::from_micros(self.now)
    }

    pub(super) fn later(&mut self, most: Time, what: What) {
        let at = self.now + 20 + self.random.below(most);
        self.agenda.add(at, what);
    }

    /// Goes on for this long.
    pub(super) fn run(&mut self, time: Duration) {
        let end = self.now + u64::try_from(time.as_micros()).unwrap();
        while let Some((at, what)) = self.agenda.next_before(end) {
            self.now = at;
            self.happen(what);
        }
        self.now = end;
    }

    fn happen(&mut self, what: What) {
        match what {
            What::Write => self.write(),
            What::Fault => self.fault(),
            What::Operator => self.operator(),
            What::Start(node, life) if self.nodes[node].life == life => self.start(node),
            What::Connect(node, life) => self.connect(node, life),
            What::ToPrimary(connection, bytes) => self.reach_primary(connection, bytes),
            What::ToStandby(connection, bytes) => self.reach_standby(connection, bytes),
            What::Read(connection) => self.read(connection),
            What::Piece(connection) => self.piece(connection),
            // All others concern a process that may be gone.
            What::Tick(node, life) if self.lives(node, life) => self.tick(node),
            What::Demote(node, life) if self.lives(node, life) => self.demote(node),
            What::GoOn(node, life) if self.lives(node, life) => self.go_on(node),
            What::Synced(node, life, length) if self.lives(node, life) => {
                self.synced(node, length);
            }
            What::Apply(node, life) if self.lives(node, life) => self.apply(node),
            What::Install(node, life) if self.lives(node, life) => self.install(node),
            _ => {}
        }
    }

    fn lives(&self, node: usize, life: u64) -> bool {
        let node = &self.nodes[node];
        node.life == life && !matches!(node.process, Process::Down)
    }

    pub(super) fn name(&self, node: usize) -> Name {
        let has_site = !self.nodes[node].disk.db.is_empty();
        Name {
            id: [u8::try_from(node).unwrap(); 16],
            instance: self.nodes[node].life,
            cluster: has_site.then(|| "site".to_owned()),
            page_size: if has_site {
                u32::try_from(PAGE).unwrap()
            } else {
                0
            },
            ..Name::default()
        }
    }

    /// Starts a node: as the primary if it is to be that.
    pub(super) fn start(&mut self, node: usize) {
        if node == self.chosen {
            let epoch = self.nodes[node].disk.db_end().position.epoch;
            self.start_primary(node, epoch);
        } else {
            self.start_standby(node);
        }
        let life = self.nodes[node].life;
        self.later(100 * MS, What::Tick(node, life));
    }

    fn start_primary(&mut self, node: usize, epoch: u64) {
        self.nodes[node].life += 1;
        let disk = &mut self.nodes[node].disk;
        assert_eq!(disk.recover(), Wants::Rest);
        while disk.has_unapplied() {
            disk.apply(usize::MAX / 2);
        }
        disk.sync_db();
        let office = Office {
            node: self.name(node),
            epoch,
            ..Office::default()
        };
        let end = self.nodes[node].disk.db_end();
        self.nodes[node].process = Process::Primary(Primary {
            office,
            acks: Acks::new(),
            ends: BTreeMap::new(),
            is_writing: true,
            answered: end.position.txid,
        });
    }

    fn start_standby(&mut self, node: usize) {
        self.nodes[node].life += 1;
        let wants = self.nodes[node].disk.recover();
        let disk = &self.nodes[node].disk;
        let start = Start {
            node: self.name(node),
            epoch: 0,
            logged: disk.durable_end(),
            applied: disk.db_end().position.txid,
            wants,
            schema: u32::MAX,
            seed: self.random.next(),
        };
        let now = self.instant();
        self.nodes[node].process = Process::Standby(Standby {
            follow: Follow::new(start, now),
            connection: None,
            is_syncing: false,
            is_applying: false,
            receiving: None,
            installing: None,
        });
        if wants == Wants::Rest {
            self.schedule_apply(node);
        }
    }

    fn tick(&mut self, node: usize) {
        let life = self.nodes[node].life;
        self.agenda.add(self.now + 250 * MS, What::Tick(node, life));
        let ends = match &self.nodes[node].process {
            Process::Primary(primary) => primary.ends.keys().copied().collect(),
            Process::Standby(_) => {
                self.follow(node, follow::Event::Tick { wall_ms: 0 });
                Vec::new()
            }
            Process::Down => Vec::new(),
        };
        for end in ends {
            self.ship(end, crate::replica::ship::Event::Tick { wall_ms: 0 });
        }
    }

    fn write(&mut self) {
        if self.now < self.writes_until {
            let next = 20 * MS + self.random.below(400 * MS);
            self.agenda.add(self.now + next, What::Write);
        }
        // Who was a primary and does not know better writes too; nobody is answered.
        for node in 0..NODES {
            let salt = self.random.next();
            let Process::Primary(primary) = &self.nodes[node].process else {
                continue;
            };
            if primary.is_writing {
                let epoch = primary.office.epoch;
                self.commit(node, epoch, salt);
            }
        }
    }

    pub(super) fn commit(&mut self, node: usize, epoch: u64, salt: u64) {
        let disk = &mut self.nodes[node].disk;
        let commit = commit_after(disk.db_end(), epoch, salt);
        let point = commit.point;
        disk.commit(&commit);
        self.counts.commits += 1;
        let Process::Primary(primary) = &self.nodes[node].process else {
            return;
        };
        let ends: Vec<u64> = primary.ends.keys().copied().collect();
        for end in ends {
            self.ship(end, crate::replica::ship::Event::Head(point));
        }
    }

    /// Answers the authors of all commits that the primary may rest on.
    pub(super) fn answer(&mut self, node: usize) {
        let Process::Primary(primary) = &mut self.nodes[node].process else {
            return;
        };
        // Of another one the lease has run out.
        if node != self.chosen {
            return;
        }
        let followers = primary.acks.followers();
        let in_sync: BTreeSet<usize> = followers
            .iter()
            .filter(|follower| follower.progress.in_sync)
            .map(|follower| usize::from(follower.node.id[0]))
            .collect();
        if in_sync.is_empty() && !self.in_sync.is_empty() {
            self.counts.degraded += 1;
        }
        self.in_sync = in_sync;
        let Some(txid) = primary.acks.synced().borrow().txid else {
            return;
        };
        let from = primary.answered;
        primary.answered = txid.max(from);
        for before in from..txid {
            let index = usize::try_from(before).unwrap();
            self.answered.push(self.nodes[node].disk.db[index]);
            self.counts.answered += 1;
        }
    }

    /// The one that was to be the primary begins an epoch.
    pub(super) fn promote(&mut self, node: usize, epoch: u64) {
        let disk = &mut self.nodes[node].disk;
        disk.sync(disk.length());
        // As at any start: a snapshot that was half installed is either not there or whole.
        if disk.recover() == Wants::Snapshot {
            return;
        }
        self.chosen = node;
        self.in_sync.clear();
        self.counts.promotions += 1;
        self.close_standby(node);
        self.start(node);
        if let Process::Primary(primary) = &mut self.nodes[node].process {
            primary.office.epoch = epoch;
        }
        let salt = self.random.next();
        self.commit(node, epoch, salt);
    }

    fn demote(&mut self, node: usize) {
        if node != self.chosen {
            self.close_primary(node);
            self.start(node);
        }
    }

    /// Nobody took over: it writes again, and the standby that was asked is sent away.
    fn go_on(&mut self, node: usize) {
        let Process::Primary(primary) = &mut self.nodes[node].process else {
            return;
        };
        if !primary.is_writing {
            primary.is_writing = true;
            self.close_primary(node);
        }
    }

    pub(super) fn schedule_apply(&mut self, node: usize) {
        let life = self.nodes[node].life;
        let has_unapplied = self.nodes[node].disk.has_unapplied();
        if let Process::Standby(standby) = &mut self.nodes[node].process
            && !standby.is_applying
            && standby.installing.is_none()
            && has_unapplied
        {
            standby.is_applying = true;
            self.later(20 * MS, What::Apply(node, life));
        }
    }

    fn apply(&mut self, node: usize) {
        let count = 1 + usize::try_from(self.random.below(4)).unwrap();
        let Process::Standby(standby) = &mut self.nodes[node].process else {
            return;
        };
        standby.is_applying = false;
        if standby.installing.is_some() {
            return;
        }
        match self.nodes[node].disk.apply(count) {
            Some(txid) => self.follow(node, follow::Event::Applied(txid)),
            None => self.follow(node, follow::Event::Stuck),
        }
        self.schedule_apply(node);
    }

    fn synced(&mut self, node: usize, length: usize) {
        let point = self.nodes[node].disk.sync(length);
        if let Process::Standby(standby) = &mut self.nodes[node].process {
            standby.is_syncing = false;
        }
        self.schedule_sync(node);
        self.follow(node, follow::Event::Logged(point));
        self.schedule_apply(node);
    }

    pub(super) fn schedule_sync(&mut self, node: usize) {
        let (life, length) = (self.nodes[node].life, self.nodes[node].disk.length());
        let is_dirty = self.nodes[node].disk.durable_end() != self.nodes[node].disk.log_end();
        if let Process::Standby(standby) = &mut self.nodes[node].process
            && !standby.is_syncing
            && is_dirty
        {
            standby.is_syncing = true;
            self.later(15 * MS, What::Synced(node, life, length));
        }
    }

    fn install(&mut self, node: usize) {
        let life = self.nodes[node].life;
        let Process::Standby(standby) = &mut self.nodes[node].process else {
            return;
        };
        // The disk does one thing after the other.
        if standby.is_syncing {
            return self.later(10 * MS, What::Install(node, life));
        }
        let dump = standby.receiving.clone().unwrap();
        if standby.installing == Some(Step::Database) {
            standby.installing = Some(Step::Log);
            self.nodes[node].disk.install(&dump);
            self.later(30 * MS, What::Install(node, life));
        } else {
            standby.installing = None;
            standby.receiving = None;
            let point = dump.begin.point;
            self.nodes[node].disk.restart(point);
            self.follow(node, follow::Event::Installed(point));
        }
    }

    /// No more faults, and everybody up.
    pub(super) fn calm(&mut self) {
        self.weather.is_bad = false;
        self.writes_until = self.now + 15_000 * MS;
        // A handover that had begun may lose its last word yet.
        self.agenda.add(self.now + 8_000 * MS, What::Operator);
        for node in 0..NODES {
            let is_chosen = node == self.chosen;
            match &self.nodes[node].process {
                Process::Down => self.start(node),
                Process::Primary(_) if !is_chosen => self.demote(node),
                Process::Standby(_) if is_chosen => {
                    let epoch = self.highest() + 1;
                    self.promote(node, epoch);
                }
                _ => {}
            }
        }
    }

    pub(super) fn highest(&self) -> u64 {
        let epochs = self.nodes.iter().map(|node| {
            let disk = &node.disk;
            disk.db_end()
                .position
                .epoch
                .max(disk.log_end().position.epoch)
        });
        epochs.max().unwrap_or(0)
    }

    /// All hold the same, and everything that somebody was answered for.
    pub(super) fn check_end(&self) {
        let best = &self.nodes[self.chosen];
        let Process::Primary(primary) = &best.process else {
            panic!("no primary at the end");
        };
        for (number, node) in self.nodes.iter().enumerate() {
            let ends = (node.disk.db_end().position, best.disk.db_end().position);
            let is_same = node.disk.db == best.disk.db;
            assert!(is_same, "node {number} holds another site: {ends:?}");
            assert_eq!(node.disk.durable_end(), best.disk.durable_end());
        }
        let followers = primary.acks.followers();
        assert_eq!(followers.len(), NODES - 1);
        for follower in followers {
            let end = best.disk.db_end();
            assert!(follower.progress.in_sync, "{follower:?}");
            assert_eq!(follower.progress.received, Some(end));
            assert_eq!(follower.progress.applied, end.position.txid);
        }
        let held: BTreeSet<_> = best.disk.db.iter().map(|point| point.chain.0).collect();
        for point in &self.answered {
            assert!(
                held.contains(&point.chain.0),
                "{} was answered",
                point.position
            );
        }
    }
}

/// What is left to do at once.
pub(super) type Todo<T> = VecDeque<T>;
