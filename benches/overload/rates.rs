//! Rates below and above what the site can do, for both kinds and both places, and how soon all is well again afterwards.

use std::time::Duration;

use super::drive::{self, Phase, Run};
use super::mix::{Content, DAY, Mix};
use super::place::{Kind, Place};
use super::sample::{Class, Figures, Sample, Times, ms};
use super::watch::{self, Look, Seen};
use super::{Bench, CONNECTIONS, Subject, VISITOR, WARM_UP, mib, visited};

/// Parts of what the site can do.
const RATES: [f64; 4] = [0.5, 1.0, 2.0, 10.0];
/// The rate at which all is well.
const QUIET: f64 = RATES[0];
/// How long to look for that after the highest rate.
const AFTERWARDS: Duration = Duration::from_secs(10);
/// What is looked at as one, then.
const SLICE: Duration = Duration::from_millis(500);

/// One rate of one kind.
struct Row {
    times: f64,
    figures: Figures,
    classes: Vec<(Class, Figures)>,
    /// What one more visitor met, and by how much they were late themselves.
    visitor: (Figures, Times),
    seen: Seen,
    lags: Times,
}

/// All rates of one kind.
struct Column {
    kind: Kind,
    rows: Vec<Row>,
    /// How long after the highest rate latency was normal again; `None`: not while it was looked at.
    recovery: Option<Duration>,
}

/// Measures and prints all.
pub fn measure(bench: &Bench, places: &[Place], length: Duration) {
    for place in places {
        println!("\n## {}", place.name);
        // Both get the same number of requests: what the site can do is the measure.
        let mut peak = None;
        let mut content = None;
        let columns = Kind::EACH.map(|kind| {
            let subject = bench.start(place, kind);
            println!(
                "\n{}: {:.0} good answers/s on {} connections without a pause",
                kind.name(),
                subject.peak,
                super::ENOUGH
            );
            let peak = *peak.get_or_insert(subject.peak);
            let column = column(&subject, kind, peak, length);
            content.get_or_insert(subject.content);
            column
        });
        let peak = peak.unwrap();
        rates(&columns, peak);
        floor(bench, place, &content.unwrap(), peak, length);
        classes(&columns);
        bars(&columns, peak);
    }
}

fn column(subject: &Subject, kind: Kind, peak: f64, length: Duration) -> Column {
    let mut rows: Vec<Row> = Vec::new();
    let mut recovery = None;
    for times in RATES {
        let phase = Phase {
            rate: times * peak,
            length: WARM_UP + length,
        };
        let mut phases = vec![phase];
        if rows.len() + 1 == RATES.len() {
            phases.push(Phase {
                rate: QUIET * peak,
                length: AFTERWARDS,
            });
        }
        let (runs, seen) =
            watch::during(&subject.server, Look::Process, || subject.visited(&phases));
        if phases.len() > 1 {
            let usual = rows[0].figures.admitted.at(990).unwrap_or_default();
            recovery = recovered(&runs.0.samples, phase.length, usual);
        }
        rows.push(row(times, runs, seen, length));
    }
    Column {
        kind,
        rows,
        recovery,
    }
}

/// How soon refusals come from a server that does nothing else, at the highest rate: they can hardly come sooner here.
fn floor(bench: &Bench, place: &Place, content: &Content, peak: f64, length: Duration) {
    let times = RATES[RATES.len() - 1];
    let server = place.refuse(bench.dir.path());
    let phase = Phase {
        rate: times * peak,
        length: WARM_UP + length,
    };
    let mut mix = Mix::new(content, DAY, 1);
    let load = || drive::open(server.address, CONNECTIONS, &[phase], &mut mix);
    let ((run, visitor), seen) = watch::during(&server, Look::Process, || {
        visited(server.address, content, &[phase], load)
    });
    let [figures, visitor] =
        [run, visitor].map(|run| Figures::of(&run.samples, WARM_UP..WARM_UP + length));
    println!(
        "\nA server that only refuses, {times} ×: {:.0} refused/s, sent p50 {} ms, sent p99 {} ms, sent max {} ms, a visitor's p99 \
         {} ms, {:.2} cores busy, {:.2} stolen",
        figures.refused_rate(),
        figures.refusing.ms(500),
        figures.refusing.ms(990),
        figures.refusing.ms(1000),
        visitor.refusing.ms(990),
        seen.busy,
        seen.stolen,
    );
}

fn row(times: f64, (run, visitor): (Run, Run), seen: Seen, length: Duration) -> Row {
    let counted = WARM_UP..WARM_UP + length;
    let of = |class| {
        let own = run
            .samples
            .iter()
            .filter(move |sample| sample.class == class);
        (class, Figures::of(own, counted.clone()))
    };
    Row {
        times,
        figures: Figures::of(&run.samples, counted.clone()),
        classes: Class::EACH.map(of).into(),
        visitor: (Figures::of(&visitor.samples, counted.clone()), visitor.lags),
        seen,
        lags: run.lags,
    }
}

/// When, after `since`, 99 % of the answers of half a second, and of the next, took at most twice the usual time,
/// with nothing refused or lost.
fn recovered(samples: &[Sample], since: Duration, usual: Duration) -> Option<Duration> {
    let slices: Vec<bool> = (0..20)
        .map(|n| {
            let slice = since + SLICE * n..since + SLICE * (n + 1);
            let figures = Figures::of(samples, slice);
            let p99 = figures.admitted.at(990);
            let is_quick = p99.is_some_and(|p99| p99 <= usual * 2);
            is_quick && figures.lost() == 0 && figures.refused.count() == 0
        })
        .collect();
    let first = slices.windows(2).position(|pair| pair == [true, true])?;
    Some(SLICE * u32::try_from(first).ok()?)
}

fn rates(columns: &[Column], peak: f64) {
    println!(
        "\nLatency in ms from when a request was due (sent: from when it was sent, as whoever sends the load reads it; a visitor: \
         the same to one more, who sends {VISITOR} a second from a thread of their own); goodput: neither refused nor failed, and \
         within 1 s; of peak: goodput as a share of {peak:.0}/s.\n"
    );
    println!(
        "| load | | offered/s | goodput/s | of peak | good at all/s | p50 | p90 | p99 | p99.9 | max | refused/s | sent p50 | \
         sent p99 | sent max | a visitor's p50 | p99 | late p99 | due p99 | without Retry-After | no answer | MiB | threads | cores busy | cores stolen | late p99 |"
    );
    println!("|---|---{}|", "|---:".repeat(24));
    for (at, times) in RATES.iter().enumerate() {
        for column in columns {
            let Row {
                figures,
                visitor,
                seen,
                lags,
                ..
            } = &column.rows[at];
            let Figures {
                admitted,
                refused,
                refusing,
                ..
            } = figures;
            println!(
                "| {times} × | {} | {:.0} | {:.0} | {:.0} % | {:.0} | {} | {} | {} | {} | {} | {:.0} | {} | {} | {} | {} | {} | {} | {} | {} | {} \
                 | {} | {} | {:.2} | {:.2} | {} |",
                column.kind.name(),
                figures.offered(),
                figures.in_time(),
                100.0 * figures.in_time() / peak,
                figures.good(),
                admitted.ms(500),
                admitted.ms(900),
                admitted.ms(990),
                admitted.ms(999),
                admitted.ms(1000),
                figures.refused_rate(),
                refusing.ms(500),
                refusing.ms(990),
                refusing.ms(1000),
                visitor.0.refusing.ms(500),
                visitor.0.refusing.ms(990),
                visitor.1.ms(990),
                refused.ms(990),
                figures.untold,
                figures.lost(),
                mib(seen.most_resident()),
                seen.most_threads(),
                seen.busy,
                seen.stolen,
                lags.ms(990),
            );
        }
    }
}

fn classes(columns: &[Column]) {
    println!(
        "\n| load | | kind | requests | 2xx | 3xx | 4xx | 503 | other | none | from memory | p50 ms | p99 ms | refused: sent p50 | sent p99 |"
    );
    println!("|---|---|---{}|", "|---:".repeat(12));
    for (at, times) in RATES.iter().enumerate() {
        for column in columns {
            for (class, figures) in &column.rows[at].classes {
                let [ok, moved, wrong, refused, other, none] = figures.kinds;
                println!(
                    "| {times} × | {} | {} | {} | {ok} | {moved} | {wrong} | {refused} | {other} | {none} | {} | {} | {} | {} | {} |",
                    column.kind.name(),
                    class.name(),
                    figures.kinds.iter().sum::<usize>(),
                    figures.hits,
                    figures.admitted.ms(500),
                    figures.admitted.ms(990),
                    figures.refusing.ms(500),
                    figures.refusing.ms(990),
                );
            }
        }
    }
}

/// What must be reached, and whether it is.
fn bars(columns: &[Column; 2], peak: f64) {
    let [site, plain] = columns;
    println!("\n| what | found | bar | |\n|---|---:|---:|---|");
    for (ours, theirs) in site.rows.iter().zip(&plain.rows).skip(2) {
        let (times, figures) = (ours.times, &ours.figures);
        let share = figures.in_time() / peak;
        let least = if times > 5.0 { 0.75 } else { 0.9 };
        line(
            &format!("{times} ×: goodput, of peak"),
            &format!("{share:.2}"),
            &format!("≥ {least}"),
            share >= least,
        );
        let p99 = figures.admitted.at(990);
        limit(&format!("{times} ×: p99 of admitted"), p99, 100);
        limit(
            &format!("{times} ×: p99 of refusals, from sent, to one more visitor"),
            ours.visitor.0.refusing.at(990),
            5,
        );
        line(
            &format!("{times} ×: requests of this visitor without an answer"),
            &ours.visitor.0.lost().to_string(),
            "0",
            ours.visitor.0.lost() == 0,
        );
        let told = figures.untold == 0 && figures.refused.count() > 0;
        line(
            &format!("{times} ×: refusals without Retry-After"),
            &figures.untold.to_string(),
            "0",
            told,
        );
        let other = theirs.figures.admitted.at(990);
        let ratio = p99
            .zip(other)
            .map(|(a, b)| a.as_secs_f64() / b.as_secs_f64());
        line(
            &format!("{times} ×: p99 of admitted ÷ web::block's"),
            &ratio.map_or("–".to_owned(), |ratio| format!("{ratio:.3}")),
            "≤ 0.2",
            ratio.is_some_and(|ratio| ratio <= 0.2),
        );
        let (good, other) = (figures.in_time(), theirs.figures.in_time());
        line(
            &format!("{times} ×: goodput ÷ web::block's"),
            &format!("{:.2}", good / other),
            "≥ 1",
            good > 0.0 && good >= other,
        );
    }
    for column in columns {
        let name = format!("{}: normal again after 10 ×", column.kind.name());
        let found = column.recovery.map(ms);
        let found = found.map_or("later".to_owned(), |ms| format!("{ms} ms"));
        let soon = column
            .recovery
            .is_some_and(|time| time <= Duration::from_secs(5));
        line(&name, &found, "≤ 5 s", soon);
    }
}

/// A latency that has to stay below so many milliseconds.
fn limit(what: &str, found: Option<Duration>, most_ms: u64) {
    let reached = found.is_some_and(|found| found < Duration::from_millis(most_ms));
    let found = found.map_or("–".to_owned(), |found| format!("{} ms", ms(found)));
    line(what, &found, &format!("< {most_ms} ms"), reached);
}

fn line(what: &str, found: &str, bar: &str, reached: bool) {
    let verdict = if reached { "PASS" } else { "MISS" };
    println!("| {what} | {found} | {bar} | {verdict} |");
}
