//! The sums of lessons: the switch by which a learner declines to be counted, and the table for moderators.

use maud::{Markup, html};

use crate::domain::lesson::{Course, Lesson};
use crate::domain::tally::{Sums, Tally, hardest};
use crate::html::page::number;
use crate::html::path;

/// The switch, on the map. It works, and is shown, by script; so does all that is counted.
#[must_use]
pub fn switch() -> Markup {
    html! {
        div.counting hidden {
            label.pick {
                input.count-me type="checkbox" aria-describedby="h-count-me";
                span { "Count my tries for the site’s sums" }
            }
            p.hint id="h-count-me" {
                span.count-why {}
                "When you first try, pass, or look at a hint or the solution of a lesson, the site adds one to a sum. "
                "It shows which lessons are too hard, and never that it was you: " a href="/privacy" { "privacy" } "."
            }
        }
    }
}

/// In which order the table is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sort {
    /// As the course has the lessons.
    Course,
    /// Where the fewest of those who tried have passed, first.
    Rate,
}

impl Sort {
    /// What an address says; anything else is the order of the course.
    #[must_use]
    pub fn parse(word: &str) -> Self {
        match word {
            "rate" => Self::Rate,
            _ => Self::Course,
        }
    }
}

/// One lesson of the table.
#[derive(Debug)]
pub struct Row<'a> {
    /// Which.
    pub lesson: &'a Lesson,
    /// Of the version that is taught.
    pub now: Option<&'a Tally>,
    /// Of versions before that.
    pub earlier: Vec<&'a Tally>,
}

impl Row<'_> {
    fn sums(&self) -> Sums {
        self.now.map_or_else(Sums::default, |tally| tally.sums)
    }

    fn counts(&self) -> bool {
        self.lesson.place.kind().is_none()
    }
}

/// The rows of a course, in its order: the lessons that count, and those that do not.
#[must_use]
pub fn rows<'a>(
    course: &'a Course,
    tallies: &'a [Tally],
    is_taught: impl Fn(&Tally) -> bool,
) -> Vec<Row<'a>> {
    let row = |lesson: &'a Lesson| {
        let of = tallies.iter().filter(|tally| tally.lesson == lesson.id);
        let (now, earlier) = of.partition::<Vec<_>, _>(|tally| is_taught(tally));
        Row {
            lesson,
            now: now.first().copied(),
            earlier,
        }
    };
    course.all().map(row).collect()
}

/// What moderators see of the sums. `rows` are in the order of the course.
#[must_use]
pub fn table(rows: &[Row], sort: Sort) -> Markup {
    // What is free to skip is no place where somebody stops.
    let way: Vec<&Row> = rows.iter().filter(|row| row.counts()).collect();
    let sums: Vec<Sums> = way.iter().map(|row| row.sums()).collect();
    let hardest = hardest(&sums).and_then(|at| way.get(at).copied());
    let mut shown: Vec<&Row> = rows.iter().collect();
    if sort == Sort::Rate {
        // Those that nobody tried come last; of equals the first in the course first.
        shown.sort_by_key(|row| row.sums().rate().unwrap_or(101));
    }
    html! {
        section.part aria-labelledby="sums" {
            h2 id="sums" { "How lessons go" }
            p.hint {
                "What learners’ browsers tell, once for each lesson, as sums; up to a minute late. Nobody is known in them, and nobody checks them. "
                "Who passes has tried; hints and the solution are counted when they are shown before that."
            }
            @if let Some(row) = hardest {
                p { "Most stop at " (name(row.lesson)) ": " (number(row.sums().stopped().into())) " of " (number(row.sums().tried.into())) " who tried it have not passed." }
            }
            nav.tabs aria-label="Order of lessons" {
                (order(Sort::Course, path::MOD_LESSONS, "As in the course", sort))
                (order(Sort::Rate, &path::with(path::MOD_LESSONS, "sort", "rate"), "Lowest rate first", sort))
            }
            table.log.sums {
                thead {
                    tr {
                        th scope="col" { "Lesson" }
                        @for label in LABELS { th.n scope="col" { (label) } }
                        th scope="col" { "Since" }
                    }
                }
                tbody { @for row in shown { (lines(row, hardest.is_some_and(|most| std::ptr::eq(most, row)))) } }
            }
        }
    }
}

/// Where nothing is counted.
#[must_use]
pub fn none() -> Markup {
    html! {
        section.part aria-labelledby="sums" {
            h2 id="sums" { "How lessons go" }
            p.hint { "Nothing is counted here: whoever runs the site has switched it off (" code { "lesson-counts" } ")." }
        }
    }
}

/// What stands over the numbers.
const LABELS: [&str; 8] = [
    "Tried", "Passed", "Rate", "Stopped", "Hint 1", "Hint 2", "Hint 3", "Solution",
];

fn order(sort: Sort, href: &str, label: &str, shown: Sort) -> Markup {
    html! { a href={ (href) "#sums" } aria-current=[(sort == shown).then_some("true")] { (label) } }
}

/// A lesson that does not count says what it is, in place of a number.
fn name(lesson: &Lesson) -> Markup {
    let place = lesson.place;
    html! {
        a href=(path::lesson(&lesson.id)) {
            @if let Some(number) = place.number() { (number) }
            @if let Some(step) = place.step() { "." (step) }
            @if let Some(kind) = place.kind() { (kind) ":" }
            " " (lesson.title)
        }
    }
}

/// A lesson, and below it what is left of its earlier versions.
fn lines(row: &Row, is_hardest: bool) -> Markup {
    html! {
        tr {
            th scope="row" {
                (name(row.lesson))
                @if is_hardest { " " small { "most stop here" } }
            }
            (cells(&row.sums()))
            td data-th="Since" { @if let Some(tally) = row.now { (tally.since.human_date()) } }
        }
        @for tally in &row.earlier {
            tr.earlier {
                th scope="row" { "earlier version " code { (tally.version) } }
                (cells(&tally.sums))
                td { "until " (tally.last.human_date()) }
            }
        }
    }
}

/// Nobody's numbers are left out: a table of naughts is hard to read.
fn cells(sums: &Sums) -> Markup {
    let [first, second, third] = sums.hints;
    let rate = sums.rate().map(|rate| format!("{rate}\u{a0}%"));
    let counted = |sum: u32| (sum > 0).then(|| number(sum.into()));
    let cells = [
        counted(sums.tried),
        counted(sums.passed),
        rate,
        counted(sums.stopped()),
        counted(first),
        counted(second),
        counted(third),
        counted(sums.solution),
    ];
    html! {
        @for (cell, label) in cells.iter().zip(LABELS) {
            td.n data-th=(label) { @if let Some(cell) = cell { (cell) } }
        }
    }
}
