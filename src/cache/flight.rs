//! Flights: many who want the same missing thing at once have it made once.
//!
//! The first is the pilot and makes it, the others wait for the landing. When the pilot fails, or is dropped since its
//! client has left, the others try again.

use std::collections::HashMap;
use std::collections::hash_map::Entry as Slot;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::watch;

use crate::cache::entry::Entry;

/// What a flight came to.
#[derive(Debug)]
pub(super) enum Landed<P> {
    /// The thing is made.
    Here(Arc<Entry<P>>),
    /// Making it failed.
    Failed,
    /// The pilot left before it was made, which says nothing about those who wait.
    Left,
}

impl<P> Clone for Landed<P> {
    fn clone(&self) -> Self {
        match self {
            Self::Here(entry) => Self::Here(Arc::clone(entry)),
            Self::Failed => Self::Failed,
            Self::Left => Self::Left,
        }
    }
}

/// `None` while it is under way.
type Landing<P> = Option<Landed<P>>;
type Seats<P> = HashMap<Box<str>, watch::Receiver<Landing<P>>>;

/// The flights under way.
#[derive(Debug)]
pub(super) struct Flights<P> {
    under_way: Arc<Mutex<Seats<P>>>,
}

/// How somebody takes part in a flight.
pub(super) enum Seat<P> {
    /// Makes the thing.
    Pilot(Pilot<P>),
    /// Waits for it.
    Passenger(Passenger<P>),
}

impl<P> Flights<P> {
    pub(super) fn new() -> Self {
        Self {
            under_way: Arc::default(),
        }
    }

    /// Takes a seat in the flight for `key`, which begins now when there is none.
    pub(super) fn board(&self, key: &str) -> Seat<P> {
        let mut seats = lock(&self.under_way);
        match seats.entry(key.into()) {
            Slot::Occupied(slot) => Seat::Passenger(Passenger(slot.get().clone())),
            Slot::Vacant(slot) => {
                let (landing, wait) = watch::channel(None);
                slot.insert(wait);
                Seat::Pilot(Pilot {
                    key: key.into(),
                    landing,
                    under_way: Arc::clone(&self.under_way),
                    landed: Landed::Left,
                })
            }
        }
    }
}

fn lock<P>(seats: &Mutex<Seats<P>>) -> MutexGuard<'_, Seats<P>> {
    // Nothing can panic while it is held.
    seats.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Who makes the thing; dropping it lands the flight.
pub(super) struct Pilot<P> {
    key: Box<str>,
    landing: watch::Sender<Landing<P>>,
    under_way: Arc<Mutex<Seats<P>>>,
    landed: Landed<P>,
}

impl<P> Pilot<P> {
    /// Lands with what was made.
    pub(super) fn land(mut self, entry: Arc<Entry<P>>) {
        self.landed = Landed::Here(entry);
    }

    /// Lands without it, since making it failed.
    pub(super) fn fail(mut self) {
        self.landed = Landed::Failed;
    }
}

impl<P> Drop for Pilot<P> {
    fn drop(&mut self) {
        lock(&self.under_way).remove(&self.key);
        self.landing.send_replace(Some(self.landed.clone()));
    }
}

/// Who waits.
pub(super) struct Passenger<P>(watch::Receiver<Landing<P>>);

impl<P> Passenger<P> {
    /// What the flight came to.
    pub(super) async fn land(mut self) -> Landed<P> {
        // The sender lands before it goes.
        let landing = self.0.wait_for(Option::is_some).await;
        let landed = landing.ok().and_then(|landing| landing.clone());
        landed.unwrap_or(Landed::Left)
    }
}
