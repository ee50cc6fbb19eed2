//! The commits that were sent and not acknowledged yet. They are numbers here, so a window costs no memory for pages.

use std::collections::VecDeque;
use std::time::Instant;

use crate::store::commit::Point;

/// Most bytes that are on their way; one commit may be larger, alone.
pub const WINDOW: usize = 8 << 20;

/// Something that was sent.
struct Sent {
    point: Point,
    weight: usize,
    at: Instant,
}

/// All that is on its way.
pub(super) struct Flight {
    acked: Point,
    sent: Point,
    commits: VecDeque<Sent>,
    bytes: usize,
}

impl Flight {
    /// Nothing; the next commit follows on `from`.
    pub(super) fn new(from: Point) -> Self {
        Self {
            acked: from,
            sent: from,
            commits: VecDeque::new(),
            bytes: 0,
        }
    }

    /// The last commit that was sent.
    pub(super) fn sent(&self) -> Point {
        self.sent
    }

    pub(super) fn push(&mut self, point: Point, weight: usize, at: Instant) {
        self.sent = point;
        self.bytes += weight;
        self.commits.push_back(Sent { point, weight, at });
    }

    pub(super) fn has_room(&self) -> bool {
        self.bytes < WINDOW
    }

    /// When the oldest was sent.
    pub(super) fn oldest(&self) -> Option<Instant> {
        self.commits.front().map(|sent| sent.at)
    }

    /// The standby has all up to `received`. False when that was never sent.
    pub(super) fn ack(&mut self, received: Point) -> bool {
        if received.position > self.sent.position {
            return false;
        }
        while let Some(sent) = self
            .commits
            .pop_front_if(|sent| sent.point.position <= received.position)
        {
            self.bytes -= sent.weight;
            self.acked = sent.point;
        }
        // What is older than the point from which we went on was compared with our history then.
        received.position < self.acked.position || received == self.acked
    }
}
