//! Admission to a queue by the time that work waits in it: the controlled delay of `CoDel` (RFC 8289), for requests.
//!
//! Terms are those of the RFC: the *sojourn time* is how long work waited, `TARGET` the standing wait that is accepted,
//! `INTERVAL` how long it may be exceeded before a burst counts as a *standing queue*. Two things differ, since those who ask
//! a site do not slow down when one answer is a refusal, as TCP does when a packet is dropped:
//! - What is too much is refused when it comes, not dropped after it has waited, so that whoever asked hears at once.
//! - The law that drops more and more often (interval / √count) is replaced by a bound: while there is a standing queue, work
//!   is taken only if it will start within `TARGET`, by what waits before it and how long such work took lately. Otherwise a
//!   burst of `INTERVAL` / 2 is taken. (Facebook's servers bound the wait likewise: Maurer, "Fail at Scale", ACM Queue 13:8.)
//!
//! As in the RFC, the target is never less than what one piece of work takes (there: a packet's transmission; here: the mean
//! service time), and a queue that was standing a short while ago (16 intervals) is not trusted with bursts again. Nor is one
//! that has to refuse many: what it lets in does not wait for long, so it no longer looks like a standing one, and a burst
//! every 16 intervals would be all that the slowest of them see.
//! Those who are refused later ([`Rank`]) may wait for a multiple, up to 50 ms or twice the target. Nothing joins a queue whose
//! first has waited for `STALLED`: its servers are held up.
//! It reads no clock and holds no lock: whoever has the queue gives it the time.

use std::time::{Duration, Instant};

use crate::errand::Rank;

/// Standing wait that is accepted (RFC 8289, section 4.2).
const TARGET: Duration = Duration::from_millis(5);
/// How long it may be exceeded (RFC 8289, section 4.3).
const INTERVAL: Duration = Duration::from_millis(100);
/// How long a queue that was standing is not trusted with bursts (RFC 8289, section 5.5: "recently", 16 intervals).
const RECENTLY: Duration = Duration::from_millis(1_600);
/// How long the first may have waited before nothing joins it, whatever the length of the queue says: longer than a machine
/// that is busy with something else may pause.
const STALLED: Duration = Duration::from_millis(500);
/// Weight of the newest service time in the two means: one in so many. The quick one finds soon that work has become slow; the
/// slow one remembers the few that take very long, of which most of the wait is made when cores are short.
const QUICK: f64 = 64.0;
const SLOW: f64 = 256.0;
/// Weight of the first: what a start is slow with is no rule for what follows.
const FIRST: f64 = 16.0;
/// The part of those who asked lately that may be refused by a queue that is trusted with bursts.
const MANY: f64 = 0.125;
/// How many count as those who asked lately.
const LATELY: f64 = 128.0;

/// What is ahead of new work.
#[derive(Debug, Clone, Copy, Default)]
pub struct Ahead {
    /// Others that wait.
    pub queued: usize,
    /// How many work on them.
    pub servers: usize,
    /// How long the first of them has waited: when all servers are held up, nothing else tells.
    pub oldest: Duration,
}

/// The admission to one queue.
#[derive(Debug)]
pub struct CoDel {
    target: Duration,
    /// When the wait will have been above the target for an interval.
    first_above: Option<Instant>,
    standing: bool,
    /// When the queue was last found standing.
    stood: Option<Instant>,
    /// Mean service times, quick and slow, in seconds.
    quick: f64,
    slow: f64,
    /// How many the slow one is made of: between [`FIRST`] and [`SLOW`].
    served: f64,
    /// The part of those who asked lately that was refused, and when the last one was.
    refused: f64,
    denied: Option<Instant>,
}

impl Default for CoDel {
    fn default() -> Self {
        Self::new(TARGET)
    }
}

impl CoDel {
    /// For a queue whose work is done in steps of about `target`.
    #[must_use]
    pub const fn new(target: Duration) -> Self {
        Self {
            target,
            first_above: None,
            standing: false,
            stood: None,
            quick: 0.0,
            slow: 0.0,
            served: FIRST,
            refused: 0.0,
            denied: None,
        }
    }

    /// Whether work of this rank may join what waits.
    #[must_use]
    pub fn admits(&mut self, rank: Rank, ahead: &Ahead, now: Instant) -> bool {
        let admitted = self.has_room(rank, ahead, now);
        self.count(admitted, now);
        admitted
    }

    /// Whether work of this rank is refused at once; if not, it has yet to be [admitted](Self::admits).
    #[must_use]
    pub fn refuses(&mut self, rank: Rank, ahead: &Ahead, now: Instant) -> bool {
        let refuses = !self.has_room(rank, ahead, now);
        if refuses {
            self.count(false, now);
        }
        refuses
    }

    fn count(&mut self, admitted: bool, now: Instant) {
        let refused = if admitted { 0.0 } else { 1.0 };
        self.refused += (refused - self.refused) / LATELY;
        if !admitted {
            self.denied = Some(now);
        }
    }

    fn has_room(&self, rank: Rank, ahead: &Ahead, now: Instant) -> bool {
        let Some(factor) = rank.factor() else {
            return true;
        };
        if ahead.oldest > STALLED * factor {
            return false;
        }
        let wait = self.wait(ahead);
        let allowance = self.allowance(now);
        // Who is refused later may wait for a multiple of what visitors may, up to a bound.
        wait <= allowance.max((allowance * factor).min(self.longest()))
    }

    /// The longest wait of those who are refused last.
    fn longest(&self) -> Duration {
        (INTERVAL / 2).max(self.target * 4).max(self.target() * 2)
    }

    /// How long new work would wait.
    fn wait(&self, ahead: &Ahead) -> Duration {
        #[expect(
            clippy::cast_precision_loss,
            reason = "queues are far shorter than 2^52"
        )]
        let turns = ahead.queued as f64 / ahead.servers.max(1) as f64;
        Duration::from_secs_f64((turns * self.service()).min(3600.0))
    }

    fn allowance(&self, now: Instant) -> Duration {
        let is_recent = |at: Option<Instant>| at.is_some_and(|at| now < at + RECENTLY);
        let refuses_many = self.refused > MANY && is_recent(self.denied);
        let target = self.target();
        if self.standing || is_recent(self.stood) || refuses_many {
            target
        } else {
            target.max(INTERVAL / 2)
        }
    }

    fn target(&self) -> Duration {
        self.target.max(self.mean())
    }

    /// Work begins after it has waited for `sojourn`; `left` others still wait.
    pub fn begins(&mut self, sojourn: Duration, left: usize, now: Instant) {
        if sojourn < self.target() || left == 0 {
            self.first_above = None;
            self.standing = false;
            return;
        }
        let first_above = *self.first_above.get_or_insert(now + INTERVAL);
        if now >= first_above {
            self.standing = true;
            self.stood = Some(now);
        }
    }

    /// Work of this kind took so long.
    pub fn took(&mut self, service: Duration) {
        let seconds = service.as_secs_f64();
        self.served = (self.served + 1.0).min(SLOW);
        self.quick += (seconds - self.quick) / QUICK;
        self.slow += (seconds - self.slow) / self.served;
    }

    fn service(&self) -> f64 {
        self.quick.max(self.slow)
    }

    /// Mean service time of late.
    #[must_use]
    pub fn mean(&self) -> Duration {
        Duration::from_secs_f64(self.service().min(3600.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ahead(queued: usize, servers: usize) -> Ahead {
        Ahead {
            queued,
            servers,
            oldest: Duration::ZERO,
        }
    }

    const MS: Duration = Duration::from_millis(1);

    /// A queue whose work takes 1 ms each, one at a time.
    fn queue() -> CoDel {
        let mut codel = CoDel::default();
        for _ in 0..2_000 {
            codel.took(MS);
        }
        codel
    }

    #[test]
    fn a_burst_is_taken_and_a_standing_queue_is_cut_to_its_target() {
        let mut codel = queue();
        let start = Instant::now();
        assert!(codel.admits(Rank::Visitor, &ahead(49, 1), start));
        assert!(!codel.admits(Rank::Visitor, &ahead(51, 1), start));
        codel.begins(20 * MS, 9, start);
        assert!(codel.admits(Rank::Visitor, &ahead(40, 1), start + 50 * MS));
        let later = start + INTERVAL;
        codel.begins(20 * MS, 9, later);
        assert!(codel.admits(Rank::Visitor, &ahead(4, 1), later));
        assert!(!codel.admits(Rank::Visitor, &ahead(6, 1), later));
    }

    #[test]
    fn a_queue_that_was_standing_is_trusted_with_bursts_again_after_a_while() {
        let mut codel = queue();
        let start = Instant::now();
        codel.begins(20 * MS, 9, start);
        codel.begins(20 * MS, 9, start + INTERVAL);
        codel.begins(MS, 0, start + 2 * INTERVAL);
        assert!(!codel.admits(Rank::Visitor, &ahead(20, 1), start + 3 * INTERVAL));
        assert!(codel.admits(Rank::Visitor, &ahead(20, 1), start + INTERVAL + RECENTLY));
    }

    #[test]
    fn a_queue_that_refuses_many_is_not_trusted_with_bursts_until_it_refuses_nobody() {
        let mut codel = queue();
        let start = Instant::now();
        codel.begins(20 * MS, 9, start);
        codel.begins(20 * MS, 9, start + INTERVAL);
        // What it lets in waits for no longer than the target, so it is not found standing again.
        let mut now = start + INTERVAL;
        while now < start + 3 * RECENTLY {
            now += MS;
            codel.begins(MS, 1, now);
            assert!(codel.admits(Rank::Visitor, &ahead(4, 1), now));
            assert!(!codel.admits(Rank::Visitor, &ahead(20, 1), now));
        }
        assert!(codel.admits(Rank::Visitor, &ahead(20, 1), now + RECENTLY));
    }

    #[test]
    fn a_few_that_are_refused_cost_no_trust() {
        let mut codel = queue();
        let now = Instant::now();
        for _ in 0..200 {
            assert!((0..20).all(|_| codel.admits(Rank::Visitor, &ahead(4, 1), now)));
            assert!(!codel.admits(Rank::Visitor, &ahead(60, 1), now));
        }
        assert!(codel.admits(Rank::Visitor, &ahead(20, 1), now));
    }

    #[test]
    fn forms_and_members_are_refused_after_visitors_and_operators_never() {
        let mut codel = queue();
        let now = Instant::now();
        codel.begins(20 * MS, 9, now);
        codel.begins(20 * MS, 9, now + INTERVAL);
        let mut admits = |rank, queued| codel.admits(rank, &ahead(queued, 1), now + INTERVAL);
        assert!(!admits(Rank::Visitor, 8) && admits(Rank::Form, 8));
        assert!(!admits(Rank::Form, 15) && admits(Rank::Member, 15));
        assert!(!admits(Rank::Member, 25) && admits(Rank::Operator, 25_000));
    }

    #[test]
    fn slow_work_has_a_longer_target() {
        let mut codel = CoDel::default();
        for _ in 0..2_000 {
            codel.took(40 * MS);
        }
        let now = Instant::now();
        codel.begins(60 * MS, 3, now);
        codel.begins(60 * MS, 3, now + INTERVAL);
        // It is a standing queue, and one may wait all the same.
        assert!(codel.admits(Rank::Visitor, &ahead(1, 1), now + INTERVAL));
        assert!(!codel.admits(Rank::Visitor, &ahead(2, 1), now + INTERVAL));
        assert!(codel.admits(Rank::Visitor, &ahead(2, 2), now + INTERVAL));
    }

    #[test]
    fn the_few_that_take_very_long_are_not_forgotten_between_them() {
        let mut codel = CoDel::default();
        for turn in 0..1_000 {
            codel.took(if turn % 50 == 0 { 60 * MS } else { MS / 4 });
        }
        // One in fifty makes 1.4 ms of all, though the last 49 took a quarter of one.
        let now = Instant::now();
        codel.begins(20 * MS, 9, now);
        codel.begins(20 * MS, 9, now + INTERVAL);
        assert!(codel.admits(Rank::Visitor, &ahead(3, 1), now + INTERVAL));
        assert!(!codel.admits(Rank::Visitor, &ahead(6, 1), now + INTERVAL));
    }

    #[test]
    fn a_first_that_is_slow_does_not_refuse_a_burst() {
        let mut codel = CoDel::default();
        codel.took(300 * MS);
        for _ in 0..20 {
            codel.took(MS / 2);
        }
        assert!(codel.admits(Rank::Visitor, &ahead(5, 1), Instant::now()));
    }

    #[test]
    fn more_servers_let_more_wait() {
        let mut codel = queue();
        let now = Instant::now();
        assert!(!codel.admits(Rank::Visitor, &ahead(90, 1), now));
        assert!(codel.admits(Rank::Visitor, &ahead(90, 2), now));
    }

    #[test]
    fn nothing_joins_what_has_waited_too_long_already() {
        let mut codel = CoDel::default();
        let now = Instant::now();
        let held_up = Ahead {
            oldest: 600 * MS,
            ..ahead(1, 3)
        };
        assert!(!codel.admits(Rank::Visitor, &held_up, now));
        assert!(codel.admits(Rank::Member, &held_up, now));
    }
}
