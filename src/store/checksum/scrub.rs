//! Reads the database file round and round and compares its pages with their checksums.
//!
//! Quickly the first time, since it may have rotted while nobody looked; then slowly. Once something is found the round is
//! begun anew at once, without pauses, so that one copy repairs all.

use std::sync::Arc;
use std::sync::mpsc::{RecvTimeoutError, SyncSender, sync_channel};
use std::time::Duration;

use super::Checksums;
use crate::error::Result;
use crate::essential::Joined;
use crate::store::Conn;

/// Pages of one step: a megabyte.
const STEP: u32 = 256;
/// Before the first step: a site that starts has better things to do.
const FIRST: Duration = Duration::from_millis(500);
/// Between two steps of the first round.
const QUICK: Duration = Duration::from_millis(20);
/// Between two steps of the others.
const SLOW: Duration = Duration::from_secs(1);

/// The thread. Dropping it waits for its end.
pub struct Scrub {
    _stop: SyncSender<()>,
    _thread: Joined,
}

impl Scrub {
    /// Starts the thread; `reader` is a reading connection of its own.
    ///
    /// # Errors
    /// When the system refuses a thread.
    pub(in crate::store) fn start(checksums: Arc<Checksums>, reader: Conn) -> Result<Self> {
        let (stop, stopped) = sync_channel::<()>(0);
        let mut round = Round::new(checksums, reader);
        let thread = Joined::spawn("scrub", move || {
            let mut pause = FIRST;
            while stopped.recv_timeout(pause) == Err(RecvTimeoutError::Timeout) {
                pause = round.step();
            }
        })?;
        Ok(Self {
            _stop: stop,
            _thread: thread,
        })
    }
}

pub(super) struct Round {
    checksums: Arc<Checksums>,
    reader: Conn,
    next: u32,
    /// This round began since something was found, so that all is.
    is_in_haste: bool,
    usual: Duration,
}

impl Round {
    pub(super) fn new(checksums: Arc<Checksums>, reader: Conn) -> Self {
        Self {
            checksums,
            reader,
            next: 1,
            is_in_haste: false,
            usual: QUICK,
        }
    }

    /// Compares some pages. How long to pause then.
    pub(super) fn step(&mut self) -> Duration {
        let next = match self.checksums.compare(&self.reader, self.next, STEP) {
            Ok(next) => next,
            Err(error) => {
                tracing::warn!(
                    detail = error.detail(),
                    "the database file could not be read to compare its checksums"
                );
                return SLOW;
            }
        };
        if !self.is_in_haste && self.checksums.is_in_doubt() {
            self.is_in_haste = true;
            self.next = 1;
            return Duration::ZERO;
        }
        self.next = next.unwrap_or(1);
        if next.is_none() {
            self.checksums.tell();
            self.is_in_haste = false;
            self.usual = SLOW;
        }
        if self.is_in_haste {
            Duration::ZERO
        } else {
            self.usual
        }
    }
}
