//! What the large answers take that are being sent: each body counts once, to however many it is sent.
//!
//! A page is made anew when something changes, and each rendering stays in memory until the last one who is sent it has it all:
//! of those who do not read, every one could hold another. What the cache keeps is in memory anyway, but counts here too, so
//! there may be as much of this as the cache may keep, at least.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

use actix_web::web::Bytes;

use super::Visit;

/// The bodies of large answers that are being sent.
#[derive(Debug)]
pub(super) struct Held {
    most: u64,
    bytes: AtomicU64,
    is_over: AtomicBool,
    /// By where they begin in memory, which no two do: none is in here that might have gone.
    bodies: Mutex<HashMap<usize, Body>>,
}

#[derive(Debug)]
struct Body {
    length: u64,
    holders: usize,
}

impl Held {
    pub(super) fn new(most: u64) -> Self {
        Self {
            most,
            bytes: AtomicU64::new(0),
            is_over: AtomicBool::new(false),
            bodies: Mutex::default(),
        }
    }

    /// Most bytes.
    pub(super) const fn most(&self) -> u64 {
        self.most
    }

    /// Bytes that they take.
    pub(super) fn bytes(&self) -> u64 {
        self.bytes.load(Ordering::Relaxed)
    }

    /// Whether they take more than they may. One alone may be as large as it is.
    pub(super) fn is_over(&self) -> bool {
        self.is_over.load(Ordering::Relaxed)
    }

    fn change<T>(&self, change: impl FnOnce(&mut HashMap<usize, Body>, &mut u64) -> T) -> T {
        let mut bodies = self.bodies.lock().unwrap_or_else(PoisonError::into_inner);
        let mut bytes = self.bytes.load(Ordering::Relaxed);
        let changed = change(&mut bodies, &mut bytes);
        self.bytes.store(bytes, Ordering::Relaxed);
        let is_over = bytes > self.most && bodies.len() > 1;
        self.is_over.store(is_over, Ordering::Relaxed);
        changed
    }

    fn add(&self, body: &Bytes) -> usize {
        let (begin, length) = (body.as_ptr().addr(), body.len() as u64);
        self.change(|bodies, bytes| {
            let body = bodies.entry(begin).or_insert_with(|| {
                *bytes += length;
                Body { length, holders: 0 }
            });
            body.holders += 1;
        });
        begin
    }

    fn remove(&self, begin: usize) {
        self.change(|bodies, bytes| {
            let Some(body) = bodies.get_mut(&begin) else {
                return;
            };
            body.holders -= 1;
            if body.holders == 0 {
                *bytes -= body.length;
                bodies.remove(&begin);
            }
        });
    }
}

/// While it lives, a connection is sent a large answer.
#[derive(Debug)]
pub(super) struct Holding {
    visit: Visit,
    begin: usize,
}

impl Holding {
    pub(super) fn begin(visit: &Visit, body: &Bytes) -> Self {
        visit.connection.hold(true);
        Self {
            visit: visit.clone(),
            begin: visit.door.held.add(body),
        }
    }
}

impl Drop for Holding {
    fn drop(&mut self) {
        self.visit.connection.hold(false);
        self.visit.door.held.remove(self.begin);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_body_counts_once_until_the_last_who_is_sent_it_has_it() {
        let held = Held::new(250);
        let (one, other) = (Bytes::from(vec![1; 100]), Bytes::from(vec![2; 200]));
        let begin = held.add(&one);
        assert_eq!(held.add(&one.clone()), begin);
        assert_eq!((held.bytes(), held.is_over()), (100, false));
        let second = held.add(&other);
        assert_eq!((held.bytes(), held.is_over()), (300, true));
        held.remove(begin);
        assert_eq!((held.bytes(), held.is_over()), (300, true));
        held.remove(begin);
        assert_eq!((held.bytes(), held.is_over()), (200, false));
        held.remove(second);
        assert_eq!(held.bytes(), 0);
    }

    #[test]
    fn one_alone_is_never_too_much() {
        let held = Held::new(10);
        held.add(&Bytes::from(vec![1; 100]));
        assert!(!held.is_over());
    }
}
