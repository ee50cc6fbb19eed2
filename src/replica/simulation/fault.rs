//! What goes wrong, and what people do.

use super::net::MS;
use super::node::{NODES, Process, Step, What, World};
use crate::replica::ship;

impl World {
    pub(super) fn fault(&mut self) {
        if !self.weather.is_bad {
            return;
        }
        let next = 50 * MS + self.random.below(900 * MS);
        self.agenda.add(self.now + next, What::Fault);
        match self.random.below(13) {
            0 | 1 => self.cut(),
            2 | 3 => self.stall(),
            4..=6 => self.crash(),
            7 => self.trim(),
            8 => self.take_over(),
            9 => self.hand_over(),
            10 => self.operator(),
            _ => {
                let node = self.any_node();
                self.nodes[node].disk.sync_db();
            }
        }
    }

    fn any_node(&mut self) -> usize {
        usize::try_from(self.random.below(NODES as u64)).unwrap()
    }

    fn any_connection(&mut self) -> Option<u64> {
        let open: Vec<u64> = self
            .connections
            .iter()
            .filter(|(_, connection)| !connection.dead)
            .map(|(number, _)| *number)
            .collect();
        // Old ones are over mostly.
        let recent = &open[open.len().saturating_sub(3)..];
        let index = usize::try_from(self.random.below(recent.len() as u64)).unwrap();
        recent.get(index).copied()
    }

    /// A connection breaks; each side hears of it or not.
    fn cut(&mut self) {
        let Some(number) = self.any_connection() else {
            return;
        };
        let heard = (self.random.one_in(2), self.random.one_in(2));
        if let Some(connection) = self.connections.get_mut(&number) {
            connection.dead = true;
        }
        self.counts.lost_connections += 1;
        if heard.0 {
            self.later(50 * MS, What::ToPrimary(number, None));
        }
        if heard.1 {
            self.later(50 * MS, What::ToStandby(number, None));
        }
        if heard != (true, true) {
            self.counts.half_open += 1;
        }
    }

    /// Nothing arrives for a while, then all of it.
    fn stall(&mut self) {
        let Some(number) = self.any_connection() else {
            return;
        };
        let direction = usize::try_from(self.random.below(2)).unwrap();
        let time = self.random.below(7000 * MS);
        let now = self.now;
        if let Some(connection) = self.connections.get_mut(&number) {
            let last = &mut connection.last[direction];
            *last = (*last).max(now) + time;
            self.counts.stalls += 1;
        }
    }

    fn crash(&mut self) {
        let node = self.any_node();
        if matches!(self.nodes[node].process, Process::Down) {
            return;
        }
        self.counts.crashes += 1;
        if let Process::Standby(standby) = &self.nodes[node].process
            && standby.installing == Some(Step::Log)
        {
            self.counts.half_installed += 1;
        }
        let lost = self.nodes[node].disk.crash(&mut self.random);
        self.counts.tails_lost += u64::from(lost.0);
        self.counts.applied_lost += u64::from(lost.1);
        self.nodes[node].process = Process::Down;
        self.nodes[node].life += 1;
        let life = self.nodes[node].life;
        self.later(3000 * MS, What::Start(node, life));
        for connection in self.connections.values_mut() {
            if connection.standby.0 == node || connection.primary.0 == node {
                connection.dead = true;
            }
        }
        let others: Vec<(u64, bool)> = self
            .connections
            .iter()
            .map(|(number, connection)| (*number, connection))
            .filter(|(_, it)| it.standby == (node, life - 1) || it.primary == (node, life - 1))
            .map(|(number, it)| (number, it.standby.0 == node))
            .collect();
        for (number, is_standby) in others {
            // Its system tells the other, unless that died as well.
            if self.random.one_in(2) {
                let what = if is_standby {
                    What::ToPrimary(number, None)
                } else {
                    What::ToStandby(number, None)
                };
                self.later(50 * MS, what);
            }
        }
    }

    fn trim(&mut self) {
        let node = self.any_node();
        let before = self.nodes[node].disk.length();
        self.nodes[node].disk.trim(&mut self.random);
        self.counts.trims += u64::from(self.nodes[node].disk.length() < before);
    }

    /// The best of those that were in sync takes over. The old one may live, and does not know.
    fn take_over(&mut self) {
        let best = self
            .in_sync
            .iter()
            .copied()
            .max_by_key(|node| self.nodes[*node].disk.durable_end().position);
        let Some(best) = best.filter(|best| *best != self.chosen) else {
            return;
        };
        // A witness would know the last that was answered.
        let has_all = self
            .answered
            .last()
            .is_none_or(|last| self.nodes[best].disk.is_durable(*last));
        if !has_all || !matches!(self.nodes[best].process, Process::Standby(_)) {
            return;
        }
        let old = self.chosen;
        let life = self.nodes[old].life;
        let epoch = self.highest() + 1;
        self.promote(best, epoch);
        self.later(6000 * MS, What::Demote(old, life));
    }

    fn hand_over(&mut self) {
        let node = self.chosen;
        let life = self.nodes[node].life;
        let Some(standby) = self.in_sync.first().copied() else {
            return;
        };
        let epoch = self.highest() + 1;
        let Process::Primary(primary) = &mut self.nodes[node].process else {
            return;
        };
        if !primary.is_writing || epoch != primary.office.epoch + 1 {
            return;
        }
        let id = [u8::try_from(standby).unwrap(); 16];
        let end = primary.ends.iter().find(|(_, end)| end.peer == id);
        let Some(number) = end.map(|(number, _)| *number) else {
            return;
        };
        primary.is_writing = false;
        self.agenda
            .add(self.now + 3000 * MS, What::GoOn(node, life));
        self.ship(number, ship::Event::Handoff(epoch));
    }

    /// Who was handed the site and did not hear of it is told by a person.
    pub(super) fn operator(&mut self) {
        let node = self.chosen;
        if matches!(self.nodes[node].process, Process::Standby(_)) {
            let epoch = self.highest() + 1;
            self.promote(node, epoch);
        }
    }
}
