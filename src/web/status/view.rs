//! What samples come to in words and charts.

use std::time::Duration;

use crate::health::Phase;
use crate::html::admin::status::{Group, Mood, Row, Status, Word, span};
use crate::html::chart::{Chart, Line, Scale, Unit};
use crate::html::figure::number;
use crate::metric::trouble;
use crate::peer::Report;
use crate::pool::Lane;
use crate::web::request::Shared;
use crate::web::status::history::{Fold, History};
use crate::web::status::node;
use crate::web::status::sample::Sample;

/// Samples that the sentence at the top speaks of: the last minute.
const RECENT: usize = 60;
/// Wait in a lane from which on the site counts as busy, in milliseconds.
const BUSY: f32 = 100.0;

pub(super) fn of(shared: &Shared, history: &History, up: Duration) -> Status {
    let report = shared.app.peer().map(|peer| peer.report());
    Status {
        now: shared.app.now(),
        word: word(history, shared.app.health.phase().0, report.as_ref()),
        facts: facts(shared, up),
        nodes: report.map(node::nodes),
        groups: groups(history),
        troubles: troubles(),
    }
}

fn facts(shared: &Shared, up: Duration) -> Vec<(&'static str, String)> {
    let txid = i64::try_from(shared.app.store.stamps().head()).unwrap_or(i64::MAX);
    let mut facts = vec![
        ("Version", env!("CARGO_PKG_VERSION").to_owned()),
        ("Up", span(up.as_secs())),
        ("Transaction", number(txid)),
    ];
    if let Some(pool) = shared.app.pool.report() {
        let threads = format!("{} (from {} to {})", pool.threads, pool.least, pool.most);
        facts.push(("Workers", threads));
    }
    facts
}

fn troubles() -> Vec<Row> {
    let newest = trouble::ours().newest().into_iter();
    let rows = newest.map(|one| Row {
        at: one.at,
        is_error: one.is_error,
        message: one.message,
        fields: one.fields,
        times: one.times,
    });
    rows.collect()
}

/// The worst of what there is to say of the last minute.
fn word(history: &History, phase: Phase, report: Option<&Report>) -> Word {
    if phase == Phase::Draining {
        let rest = "running requests are finished, then the site ends.";
        return said(Mood::Mind, "Draining:", rest.into());
    }
    let sum = |of: fn(&Sample) -> f32| history.newest(RECENT).map(of).sum::<f32>();
    let answers = sum(|s| s.refused);
    let jobs = Lane::EACH.map(|lane| sum_of(history, |s| s.lanes[lane as usize].refused));
    let writes = sum(|s| s.writes_refused);
    let failed = sum(|s| s.failed);
    let stuck = history.last().map_or(0.0, |last| last.stuck);
    let wait = history.now(Fold::Most, |s| s.lanes[Lane::Page as usize].wait_p99);
    if answers + writes + jobs.iter().sum::<f32>() > 0.0 {
        return refusing(answers, &jobs, writes);
    }
    if failed > 0.0 {
        let rest = format!("{} in the last minute; see below.", counted(failed));
        return said(Mood::Bad, "Answers fail:", rest);
    }
    if stuck > 0.0 {
        let rest = format!(
            "{} past their deadline, replaced by others.",
            counted(stuck)
        );
        return said(Mood::Mind, "Workers are stuck:", rest);
    }
    if let Some(word) = report.and_then(node::word) {
        return word;
    }
    match (history.last(), wait.filter(|wait| *wait >= BUSY)) {
        (None, _) => said(Mood::Well, "Just started.", String::new()),
        (_, Some(wait)) => {
            let rest = format!(
                "pages wait {} for a worker.",
                Unit::Milliseconds.told(Some(wait))
            );
            said(Mood::Mind, "Busy:", rest)
        }
        _ => said(Mood::Well, "All is well.", String::new()),
    }
}

fn sum_of(history: &History, of: impl Fn(&Sample) -> f32) -> f32 {
    history.newest(RECENT).map(of).sum()
}

fn refusing(answers: f32, jobs: &[f32; 3], writes: f32) -> Word {
    let lanes = Lane::EACH.iter().zip(jobs).filter(|(_, jobs)| **jobs > 0.0);
    let mut places: Vec<String> = lanes
        .map(|(lane, _)| format!("the {} lane", lane.word()))
        .collect();
    if writes > 0.0 {
        places.push("the writer".into());
    }
    let places = if places.is_empty() {
        String::new()
    } else {
        format!("too much waits for {}. ", places.join(" and "))
    };
    // A page that was kept may have been sent instead.
    let (mood, turned_away) = if answers > 0.0 {
        let text = format!("{} answers in the last minute were 503.", counted(answers));
        (Mood::Bad, text)
    } else {
        (Mood::Mind, "Nobody was turned away.".into())
    };
    said(mood, "Refusing work:", places + &turned_away)
}

fn said(mood: Mood, head: &str, rest: String) -> Word {
    Word {
        mood,
        head: head.into(),
        rest,
    }
}

fn counted(value: f32) -> String {
    #[expect(clippy::cast_possible_truncation, reason = "rounded to be whole")]
    number(value.round() as i64)
}

fn groups(history: &History) -> Vec<Group> {
    let draw = Draw(history);
    vec![
        Group {
            title: "Answers",
            charts: vec![draw.requests(), draw.times(), draw.hits()],
        },
        Group {
            title: "Workers",
            charts: vec![
                draw.lanes(("running", "Running"), |lane| lane.running),
                draw.lanes(("queued", "Waiting"), |lane| lane.queued),
                draw.waits(),
                draw.threads(),
            ],
        },
        Group {
            title: "Writer",
            charts: vec![
                draw.commits(),
                draw.batches(),
                draw.fsync(),
                draw.writes_queued(),
            ],
        },
        Group {
            title: "Machine",
            charts: vec![draw.cpu(), draw.memory(), draw.files(), draw.connections()],
        },
    ]
}

/// Draws charts of a history.
struct Draw<'a>(&'a History);

impl Draw<'_> {
    fn line(&self, name: &'static str, fold: Fold, of: impl Fn(&Sample) -> f32) -> Line {
        Line {
            name,
            now: self.0.now(fold, &of),
            points: self.0.line(fold, &of),
        }
    }

    /// A chart of one line.
    fn single(
        &self,
        (id, title, unit_name): (&'static str, &'static str, &'static str),
        (unit, scale): (Unit, Scale),
        fold: Fold,
        of: impl Fn(&Sample) -> f32,
    ) -> Chart {
        let line = self.line(title, fold, of);
        Chart {
            id,
            title,
            unit_name,
            unit,
            scale,
            now: line.now,
            lines: vec![line],
            is_wide: false,
        }
    }

    fn requests(&self) -> Chart {
        Chart {
            id: "requests",
            title: "Requests",
            unit_name: "answers per second",
            unit: Unit::Number,
            scale: Scale::From0To(1.0),
            now: self.0.now(Fold::Mean, |s| {
                s.kept + s.made + s.others + s.refused + s.failed
            }),
            lines: vec![
                self.line("from memory", Fold::Mean, |s| s.kept),
                self.line("made anew", Fold::Mean, |s| s.made),
                self.line("personal, forms, files", Fold::Mean, |s| s.others),
                self.line("refused", Fold::Mean, |s| s.refused),
                self.line("failed", Fold::Mean, |s| s.failed),
            ],
            is_wide: true,
        }
    }

    fn times(&self) -> Chart {
        Chart {
            id: "times",
            title: "Time to answer",
            unit_name: "p99, not from memory",
            unit: Unit::Milliseconds,
            scale: Scale::Tens,
            now: self.0.now(Fold::Most, |s| s.p99),
            lines: vec![
                self.line("p99", Fold::Most, |s| s.p99),
                self.line("median", Fold::Mean, |s| s.p50),
            ],
            is_wide: false,
        }
    }

    fn hits(&self) -> Chart {
        let names = ("hits", "From memory", "of pages for everybody");
        let unit = (Unit::Share, Scale::Up(1.0));
        self.single(names, unit, Fold::Mean, |s| s.hits)
    }

    fn lanes(
        &self,
        (id, title): (&'static str, &'static str),
        of: fn(&super::sample::Lane) -> f32,
    ) -> Chart {
        Chart {
            id,
            title,
            unit_name: "jobs, by lane",
            unit: Unit::Number,
            scale: Scale::From0To(2.0),
            now: self.0.now(Fold::Most, |s| s.lanes.iter().map(of).sum()),
            lines: self.by_lane(of),
            is_wide: false,
        }
    }

    fn by_lane(&self, of: fn(&super::sample::Lane) -> f32) -> Vec<Line> {
        let line = |lane: Lane| self.line(lane.word(), Fold::Most, |s| of(&s.lanes[lane as usize]));
        Lane::EACH.map(line).into()
    }

    fn waits(&self) -> Chart {
        let longest = |s: &Sample| {
            s.lanes
                .iter()
                .map(|lane| lane.wait_p99)
                .fold(f32::NAN, f32::max)
        };
        Chart {
            id: "waits",
            title: "Wait",
            unit_name: "p99, by lane",
            unit: Unit::Milliseconds,
            scale: Scale::Tens,
            now: self.0.now(Fold::Most, longest),
            lines: self.by_lane(|lane| lane.wait_p99),
            is_wide: false,
        }
    }

    fn threads(&self) -> Chart {
        Chart {
            id: "threads",
            title: "Threads",
            unit_name: "that take jobs",
            unit: Unit::Number,
            scale: Scale::From0To(4.0),
            now: self.0.now(Fold::Last, |s| s.threads),
            lines: vec![
                self.line("all", Fold::Most, |s| s.threads),
                self.line("with a job", Fold::Most, |s| {
                    s.lanes.iter().map(|lane| lane.running).sum()
                }),
                self.line("stuck", Fold::Most, |s| s.stuck),
            ],
            is_wide: false,
        }
    }

    fn commits(&self) -> Chart {
        let names = ("commits", "Commits", "per second");
        let unit = (Unit::Number, Scale::From0To(1.0));
        self.single(names, unit, Fold::Mean, |s| s.commits)
    }

    fn batches(&self) -> Chart {
        let names = ("batches", "Changes", "per commit, mean");
        let unit = (Unit::Number, Scale::From0To(2.0));
        self.single(names, unit, Fold::Mean, |s| s.batch)
    }

    fn fsync(&self) -> Chart {
        let names = ("fsync", "Commit", "p99, until on disk");
        let unit = (Unit::Milliseconds, Scale::Tens);
        self.single(names, unit, Fold::Most, |s| s.commit_p99)
    }

    fn writes_queued(&self) -> Chart {
        let names = ("writes", "Waiting", "changes");
        let unit = (Unit::Number, Scale::From0To(2.0));
        self.single(names, unit, Fold::Most, |s| s.writes_queued)
    }

    fn cpu(&self) -> Chart {
        let names = ("cpu", "CPU", "of one core");
        let unit = (Unit::Share, Scale::From0To(1.0));
        self.single(names, unit, Fold::Mean, |s| s.cpu)
    }

    fn memory(&self) -> Chart {
        let names = ("memory", "Memory", "resident");
        let unit = (Unit::Bytes, Scale::From0To(1.0));
        self.single(names, unit, Fold::Most, |s| s.resident)
    }

    fn files(&self) -> Chart {
        Chart {
            id: "files",
            title: "Files",
            unit_name: "of the database",
            unit: Unit::Bytes,
            scale: Scale::From0To(1.0),
            now: self.0.now(Fold::Last, |s| s.database + s.wal),
            lines: vec![
                self.line("database", Fold::Last, |s| s.database),
                self.line("its log (WAL)", Fold::Most, |s| s.wal),
            ],
            is_wide: false,
        }
    }

    fn connections(&self) -> Chart {
        Chart {
            id: "connections",
            title: "Connections",
            unit_name: "open",
            unit: Unit::Number,
            scale: Scale::From0To(10.0),
            now: self.0.now(Fold::Last, |s| s.connections),
            lines: vec![
                self.line("all", Fold::Most, |s| s.connections),
                self.line("slow to take", Fold::Most, |s| s.unread),
            ],
            is_wide: false,
        }
    }
}

#[cfg(test)]
mod tests;
