//! What became of each request of a load, and the figures of many of them.
//!
//! Every request that was due is kept as a sample, also one that could not be sent: percentiles are exact, and nothing that
//! went badly is left out.

use std::ops::Range;
use std::time::Duration;

/// Kinds of requests, told apart in the figures.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Class {
    /// A visitor's page that has to be made.
    Page,
    /// A visitor's page that is kept in memory.
    Kept,
    /// A member's page.
    Member,
    /// A sign-in with a wrong password: an argon2id computation.
    SignIn,
    /// A member's vote.
    Vote,
}

impl Class {
    pub const EACH: [Self; 5] = [
        Self::Page,
        Self::Kept,
        Self::Member,
        Self::SignIn,
        Self::Vote,
    ];

    /// Its name in tables.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Page => "page",
            Self::Kept => "kept page",
            Self::Member => "member's page",
            Self::SignIn => "sign-in",
            Self::Vote => "vote",
        }
    }
}

/// What came back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reply {
    pub status: u16,
    /// It says when to try again.
    pub retry_after: bool,
    /// It says that it came from memory.
    pub hit: bool,
}

/// How a request ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    /// With an answer.
    Answered(Reply),
    /// Sent, but the connection broke or patience ran out.
    Broken,
    /// No connection was free as long as the load went on.
    Unsent,
}

/// A request; times are counted from the beginning of the load.
#[derive(Debug, Clone, Copy)]
pub struct Sample {
    pub class: Class,
    /// When it was to be sent.
    pub due: Duration,
    pub sent: Duration,
    pub done: Duration,
    pub fate: Fate,
}

impl Sample {
    /// From when it was to be sent: what a person waits, whatever held it up.
    pub fn latency(&self) -> Duration {
        self.done.saturating_sub(self.due)
    }

    /// The answer, refusals and failures included.
    pub fn reply(&self) -> Option<Reply> {
        match self.fate {
            Fate::Answered(reply) => Some(reply),
            Fate::Broken | Fate::Unsent => None,
        }
    }

    /// It was refused.
    pub fn is_refused(&self) -> bool {
        self.reply().is_some_and(|reply| reply.status == 503)
    }

    /// It was answered as it should be.
    pub fn is_good(&self) -> bool {
        self.reply().is_some_and(|reply| reply.status < 500)
    }
}

/// Durations, to be asked for their percentiles.
#[derive(Debug, Default, Clone)]
pub struct Times(Vec<Duration>);

impl Times {
    /// Sorts them.
    pub fn of(times: impl Iterator<Item = Duration>) -> Self {
        let mut times: Vec<Duration> = times.collect();
        times.sort_unstable();
        Self(times)
    }

    pub fn count(&self) -> usize {
        self.0.len()
    }

    /// So many of a thousand are not longer; `None` without any.
    pub fn at(&self, per_mille: usize) -> Option<Duration> {
        let place = (self.0.len() * per_mille).div_ceil(1000).saturating_sub(1);
        self.0.get(place).copied()
    }

    /// The same in milliseconds, for a table.
    pub fn ms(&self, per_mille: usize) -> String {
        self.at(per_mille).map_or_else(|| "–".into(), ms)
    }
}

/// A duration in milliseconds, for a table.
pub fn ms(time: Duration) -> String {
    let ms = time.as_secs_f64() * 1000.0;
    if ms < 100.0 {
        format!("{ms:.1}")
    } else {
        format!("{ms:.0}")
    }
}

/// How long an answer may take and still be of use to the one who waits.
pub const IN_TIME: Duration = Duration::from_secs(1);

/// Figures of many requests.
pub struct Figures {
    span: Duration,
    offered: usize,
    good: usize,
    in_time: usize,
    /// Of answers other than refusals, from when they were due.
    pub admitted: Times,
    /// Of refusals, from when they were due.
    pub refused: Times,
    /// Of refusals, from when they were sent.
    pub refusing: Times,
    /// Refusals that do not say when to try again.
    pub untold: usize,
    /// Answers from memory.
    pub hits: usize,
    /// Answers by kind: 2xx, 3xx, 4xx, refused, other, none.
    pub kinds: [usize; 6],
}

impl Figures {
    /// Of what came to its end within a window: answers by when they came, however long ago they were asked for (by when
    /// they were due, a queue that never gets shorter would hide all that it delays); what got no answer by when it was due.
    pub fn of<'a>(samples: impl IntoIterator<Item = &'a Sample>, window: Range<Duration>) -> Self {
        let mut offered = 0;
        let mut kept = Vec::new();
        for sample in samples {
            offered += usize::from(window.contains(&sample.due));
            let at = sample.reply().map_or(sample.due, |_| sample.done);
            if window.contains(&at) {
                kept.push(sample);
            }
        }
        let samples: Vec<&Sample> = kept;
        let pick = |keep: fn(&Sample) -> bool, time: fn(&Sample) -> Duration| {
            let kept = samples.iter().filter(|sample| keep(sample));
            Times::of(kept.map(|sample| time(sample)))
        };
        let replies = || samples.iter().filter_map(|sample| sample.reply());
        let good = samples.iter().filter(|sample| sample.is_good());
        let mut kinds = [0; 6];
        for sample in &samples {
            kinds[kind(sample)] += 1;
        }
        Self {
            span: window.end.saturating_sub(window.start),
            offered,
            good: good.clone().count(),
            in_time: good.filter(|sample| sample.latency() <= IN_TIME).count(),
            admitted: pick(
                |sample| sample.reply().is_some() && !sample.is_refused(),
                Sample::latency,
            ),
            refused: pick(Sample::is_refused, Sample::latency),
            refusing: pick(Sample::is_refused, |sample| {
                sample.done.saturating_sub(sample.sent)
            }),
            untold: replies()
                .filter(|reply| reply.status == 503 && !reply.retry_after)
                .count(),
            hits: replies().filter(|reply| reply.hit).count(),
            kinds,
        }
    }

    /// Requests that were due, a second.
    pub fn offered(&self) -> f64 {
        per_second(self.offered, self.span)
    }

    /// Answers that were neither refusals nor failures, a second.
    pub fn good(&self) -> f64 {
        per_second(self.good, self.span)
    }

    /// Those of them that came in time, a second.
    pub fn in_time(&self) -> f64 {
        per_second(self.in_time, self.span)
    }

    /// Refusals, a second.
    pub fn refused_rate(&self) -> f64 {
        per_second(self.refused.count(), self.span)
    }

    /// Requests without an answer.
    pub fn lost(&self) -> usize {
        self.kinds[5]
    }
}

/// The place of a sample in [`Figures::kinds`].
fn kind(sample: &Sample) -> usize {
    match sample.reply().map(|reply| reply.status) {
        Some(200..300) => 0,
        Some(300..400) => 1,
        Some(400..500) => 2,
        Some(503) => 3,
        Some(_) => 4,
        None => 5,
    }
}

/// A rate.
pub fn per_second(count: usize, span: Duration) -> f64 {
    f64::from(u32::try_from(count).unwrap()) / span.as_secs_f64()
}
