//! What a standby says of its lag: after quiet hours, with clocks that are set, and on a simulated link that is too thin, where
//! it is compared with what is so.

use std::collections::VecDeque;

use super::*;
use crate::replica::wire::message::Heartbeat;
use crate::replica::wire::pulse::Pulse;
use crate::store::commit::{Point, Position};

const HOUR_MS: i64 = 3_600_000;

/// Milliseconds from the last commit of a backlog to the signs of life right behind it, which tell that it was the last.
const MOMENT: u64 = 250;

fn status(head: u64, applied: u64, now: Instant) -> Status {
    Status {
        beat: Some((beat(head, 2 * HOUR_MS), now)),
        applied,
        ..Status::default()
    }
}

fn beat(head: u64, wall_ms: i64) -> Heartbeat {
    let position = Position {
        epoch: 1,
        txid: head,
    };
    Heartbeat {
        epoch: 1,
        head: Point {
            position,
            ..Point::default()
        },
        acked: head,
        wall_ms,
        in_sync: true,
    }
}

#[test]
fn what_is_missing_at_first_is_as_old_as_what_is_shown() {
    let (shown, now) = (Shown::default(), Instant::now());
    shown.is_of(HOUR_MS);
    let lag = |status: &Status| shown.lag(status, now);
    assert_eq!(lag(&Status::default()), Duration::ZERO);
    assert_eq!(lag(&status(9, 8, now)), Duration::from_hours(1));
    assert_eq!(lag(&status(9, 9, now)), Duration::ZERO);
}

#[test]
fn a_change_after_a_quiet_hour_is_no_lag_of_an_hour() {
    let (shown, now) = (Shown::default(), Instant::now());
    shown.is_of(HOUR_MS);
    shown.note(&status(9, 8, now));
    assert_eq!(shown.lag(&status(9, 8, now), now), Duration::from_hours(1));
    shown.note(&status(9, 9, now));
    assert_eq!(shown.lag(&status(10, 9, now), now), Duration::ZERO);
}

#[test]
fn a_sign_of_life_that_is_late_tells_how_old_what_is_shown_is() {
    // It was sent a minute after the first, and came an hour after it, behind what stood before it in the line.
    let first = Instant::now();
    let now = first + Duration::from_hours(1);
    let mut late = status(10, 10, now);
    if let Some((beat, _)) = &mut late.beat {
        beat.wall_ms += 60_000;
    }
    let shown = Shown::default();
    shown.is_of(2 * HOUR_MS);
    shown.note(&status(9, 9, first));
    shown.is_of(2 * HOUR_MS + 60_000);
    shown.note(&late);
    let slip = Duration::from_hours(1) / SLIP;
    assert_eq!(shown.lag(&late, now) + slip, Duration::from_mins(59));
}

#[test]
fn a_primarys_clock_that_is_put_back_is_no_lag() {
    let (shown, now) = (Shown::default(), Instant::now());
    shown.is_of(2 * HOUR_MS);
    shown.note(&status(9, 9, now));
    let mut back = status(9, 9, now);
    if let Some((beat, _)) = &mut back.beat {
        beat.wall_ms -= HOUR_MS;
    }
    shown.note(&back);
    assert_eq!(shown.lag(&back, now), Duration::ZERO);
}

#[test]
fn what_a_standby_says_of_its_lag_is_true_within_a_second_on_any_link() {
    let mut longest = Duration::ZERO;
    for seed in 0..20 {
        let mut scene = Scene::new(seed);
        for ms in 0..120_000 {
            scene.step(ms);
        }
        longest = longest.max(scene.longest);
    }
    assert!(longest > Duration::from_secs(20), "never far behind");
}

/// What travels on the link.
enum Sent {
    /// A commit of this number, made at this time there.
    Commit(u64, i64),
    Beat(Heartbeat),
}

/// A primary, a standby, and a link between them that is thin after some seconds.
struct Scene {
    seed: u64,
    start: Instant,
    /// Whether the primary's clock is faster.
    gains: bool,
    /// Posts in a thousand milliseconds.
    often: u64,
    pulse: Pulse,
    /// When each commit was made.
    made: Vec<Instant>,
    line: VecDeque<(u64, Sent)>,
    shown: Shown,
    status: Status,
    /// Bytes that the link has carried of what is first in the line.
    carried: u64,
    longest: Duration,
    /// Milliseconds since what it says was true.
    off: u64,
}

impl Scene {
    fn new(seed: u64) -> Self {
        let start = Instant::now();
        Self {
            seed,
            start,
            gains: seed.is_multiple_of(2),
            often: 0,
            pulse: Pulse::new(start),
            made: vec![start],
            line: VecDeque::new(),
            shown: Shown::default(),
            status: Status::default(),
            carried: 0,
            longest: Duration::ZERO,
            off: 0,
        }
    }

    fn roll(&mut self, most: u64) -> u64 {
        self.seed = self
            .seed
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.seed >> 33) % most
    }

    /// A millisecond; the primary's clock is an hour ahead, and gains or loses.
    fn step(&mut self, ms: u64) {
        let now = self.start + Duration::from_millis(ms);
        let drift = i64::try_from(ms / 5000).unwrap();
        let wall_ms =
            HOUR_MS + i64::try_from(ms).unwrap() + if self.gains { drift } else { -drift };
        if ms.is_multiple_of(10_000) {
            // Some post, or more do than the link carries; or, but not for long, nobody does.
            let kinds: &[u64] = if self.often == 0 {
                &[8, 30]
            } else {
                &[8, 30, 0]
            };
            self.often = kinds[usize::try_from(self.roll(kinds.len() as u64)).unwrap()];
        }
        if self.roll(1000) < self.often {
            self.made.push(now);
            let bytes = if self.roll(100) == 0 { 30_000 } else { 500 };
            self.line
                .push_back((bytes, Sent::Commit(self.head(), wall_ms)));
        }
        if ms.is_multiple_of(100) && self.pulse.is_due(now) {
            let beat = beat(self.head(), wall_ms);
            self.line.push_back((80, Sent::Beat(beat)));
        }
        self.carry(if ms < 5000 { 100_000 } else { 12 }, now);
        if ms > 1000 {
            self.look(now);
        }
    }

    fn head(&self) -> u64 {
        self.made.len() as u64 - 1
    }

    fn carry(&mut self, bytes: u64, now: Instant) {
        self.carried += bytes;
        while let Some((_, sent)) = self.line.pop_front_if(|(bytes, _)| self.carried >= *bytes) {
            self.carried = 0;
            match sent {
                Sent::Commit(txid, wall_ms) => {
                    self.status.applied = txid;
                    self.shown.is_of(wall_ms);
                }
                Sent::Beat(beat) => self.status.beat = Some((beat, now)),
            }
            self.shown.note(&self.status);
        }
        if self.line.is_empty() {
            self.carried = 0;
        }
    }

    fn look(&mut self, now: Instant) {
        let next = usize::try_from(self.status.applied).unwrap() + 1;
        let so = self
            .made
            .get(next)
            .map_or(Duration::ZERO, |made| now - *made);
        let said = self.shown.lag(&self.status, now);
        let at = now - self.start;
        self.off = if so.abs_diff(said) > Duration::from_secs(1) {
            self.off + 1
        } else {
            0
        };
        assert!(
            self.off <= MOMENT,
            "{at:?}: it says {said:?}, and it is {so:?}"
        );
        self.longest = self.longest.max(so);
    }
}
