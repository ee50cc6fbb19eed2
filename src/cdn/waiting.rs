//! The tags that wait: each once, first come, first served, so that none is overtaken for ever.

use std::collections::VecDeque;

use crate::cdn::{GROUPS, MOST_WAITING};

/// Groups that are to be purged.
pub(super) struct Waiting {
    queue: VecDeque<u16>,
    /// By group: whether it is in the queue.
    is_in: Box<[bool]>,
    everything: bool,
}

/// What goes into one call.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Batch {
    /// These groups.
    Groups(Vec<u16>),
    /// The whole zone.
    Everything,
}

impl Default for Waiting {
    fn default() -> Self {
        Self {
            queue: VecDeque::new(),
            is_in: vec![false; usize::from(GROUPS)].into(),
            everything: false,
        }
    }
}

impl Waiting {
    /// Adds a group at the end, unless it waits already.
    pub(super) fn add(&mut self, group: u16) {
        let group = group % GROUPS;
        if self.mark(group) {
            self.queue.push_back(group);
            if self.queue.len() > MOST_WAITING {
                self.add_all();
            }
        }
    }

    /// Everything is to be purged, which covers all that waits.
    pub(super) fn add_all(&mut self) {
        self.everything = true;
        self.queue.clear();
        self.is_in.fill(false);
    }

    /// Notes that a group waits; whether that is new.
    fn mark(&mut self, group: u16) -> bool {
        !self.everything && !std::mem::replace(&mut self.is_in[usize::from(group)], true)
    }

    /// Takes the next call's worth, at most so many tags.
    pub(super) fn take(&mut self, most: usize) -> Batch {
        if std::mem::take(&mut self.everything) {
            return Batch::Everything;
        }
        let count = self.queue.len().min(most);
        let groups: Vec<u16> = self.queue.drain(..count).collect();
        for group in &groups {
            self.is_in[usize::from(*group)] = false;
        }
        Batch::Groups(groups)
    }

    /// Puts back at the front what was taken and not delivered.
    pub(super) fn put_back(&mut self, batch: Batch) {
        match batch {
            Batch::Everything => self.add_all(),
            Batch::Groups(groups) => {
                for group in groups.into_iter().rev() {
                    if self.mark(group) {
                        self.queue.push_front(group);
                    }
                }
                if self.queue.len() > MOST_WAITING {
                    self.add_all();
                }
            }
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// How many tags wait.
    pub(super) fn len(&self) -> usize {
        if self.everything {
            usize::from(GROUPS)
        } else {
            self.queue.len()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(groups: impl IntoIterator<Item = u16>) -> Waiting {
        let mut waiting = Waiting::default();
        groups.into_iter().for_each(|group| waiting.add(group));
        waiting
    }

    #[test]
    fn each_waits_once_and_leaves_in_order() {
        let mut waiting = of([3, 1, 3, 2, 1, GROUPS + 3]);
        assert_eq!(waiting.len(), 3);
        assert_eq!(waiting.take(2), Batch::Groups(vec![3, 1]));
        waiting.add(3);
        assert_eq!(waiting.take(9), Batch::Groups(vec![2, 3]));
        assert!(waiting.is_empty());
    }

    #[test]
    fn what_comes_back_is_merged_and_first() {
        let mut waiting = of([1, 2, 3]);
        let batch = waiting.take(2);
        waiting.add(2);
        waiting.add(4);
        waiting.put_back(batch);
        assert_eq!(waiting.take(9), Batch::Groups(vec![1, 3, 2, 4]));
    }

    #[test]
    fn too_many_are_everything() {
        let most = u16::try_from(MOST_WAITING).unwrap();
        let mut waiting = of(0..most);
        assert_eq!(waiting.len(), MOST_WAITING);
        let batch = waiting.take(1);
        waiting.add(most);
        waiting.put_back(batch);
        assert_eq!(waiting.len(), usize::from(GROUPS));
        waiting.add(5);
        let batch = waiting.take(9);
        assert_eq!(batch, Batch::Everything);
        waiting.add(5);
        waiting.put_back(batch);
        assert_eq!(waiting.take(9), Batch::Everything);
        assert!(waiting.is_empty());
    }
}
