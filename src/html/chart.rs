//! Charts over time as inline SVG: small, quiet, drawn from numbers alone.
//!
//! What is drawn stretches with its box, so lines keep their width by style, and all text stands outside of the drawing in
//! HTML. Lines are told apart by shade and dashes (classes `l0` to `l4`), never by hue. Whoever cannot see one hears its
//! text alternative.

use std::fmt::Write;

use maud::{Markup, html};

pub use scale::{Scale, Unit};

mod scale;

/// Units across a drawing: one a point.
pub const POINTS: usize = 180;
/// Units from its top to its bottom.
const HEIGHT: f32 = 200.0;

/// A chart.
#[derive(Debug, Clone)]
pub struct Chart {
    /// What its parts are called in the document: `v-ID` and `p-ID`.
    pub id: &'static str,
    /// What it shows.
    pub title: &'static str,
    /// What that is counted in, in words.
    pub unit_name: &'static str,
    /// How its values are written.
    pub unit: Unit,
    /// How they are laid out.
    pub scale: Scale,
    /// The value now, in large type; `None`: there is none.
    pub now: Option<f32>,
    /// Its lines; with more than one they are named.
    pub lines: Vec<Line>,
    /// It takes the room of two.
    pub is_wide: bool,
}

/// A line of a chart.
#[derive(Debug, Clone)]
pub struct Line {
    /// What it is called.
    pub name: &'static str,
    /// The value now; `None`: there is none.
    pub now: Option<f32>,
    /// Its points, oldest first, the last one now; not a number where there is none.
    pub points: Vec<f32>,
}

/// The whole chart.
#[must_use]
pub fn chart(chart: &Chart) -> Markup {
    html! {
        figure.chart.broad[chart.is_wide] {
            figcaption { h3 { (chart.title) } span.unit { (chart.unit_name) } }
            div.now id={ "v-" (chart.id) } { (now(chart)) }
            div.plot id={ "p-" (chart.id) } { (plot(chart)) }
            p.axis aria-hidden="true" { span { "15 min ago" } span { "now" } }
        }
    }
}

/// What it is now, and which line is which.
#[must_use]
pub fn now(chart: &Chart) -> Markup {
    let (number, unit) = chart.unit.parts(chart.now);
    html! {
        p.value { strong { (number) } @if !unit.is_empty() { " " span { (unit) } } }
        @if chart.lines.len() > 1 {
            ul.key {
                @for (place, line) in chart.lines.iter().enumerate() {
                    li { (sample(place)) span { (line.name) } " " span.num { (chart.unit.told(line.now)) } }
                }
            }
        }
    }
}

/// A piece of a line, for the key.
fn sample(place: usize) -> Markup {
    html! {
        svg.sample viewBox="0 0 24 8" aria-hidden="true" { path class={ "l l" (place) } d="M1 4H23" {} }
    }
}

/// The drawing with its scale.
#[must_use]
pub fn plot(chart: &Chart) -> Markup {
    let all = chart.lines.iter().flat_map(|line| &line.points);
    let axis = chart.scale.axis(all.copied(), chart.unit);
    let steps = axis.labels.len() - 1;
    let heights = |line: &Line| {
        let points = line.points.iter();
        runs(points.map(|value| axis.share(*value)))
    };
    let lines: Vec<Vec<Run>> = chart.lines.iter().map(heights).collect();
    html! {
        ol.scale aria-hidden="true" { @for label in axis.labels.iter().rev() { li { (label) } } }
        svg viewBox={ "0 0 " (POINTS - 1) " " (HEIGHT) } preserveAspectRatio="none" role="img" aria-label=(in_words(chart)) {
            path.grid d=(grid(steps)) {}
            @if let Some(first) = lines.first().filter(|_| chart.scale.starts_at_0()) { path.a d=(area(first)) {} }
            @for (place, runs) in lines.iter().enumerate().rev() {
                path class={ "l l" (place) } d=(stroke(runs)) {}
            }
        }
    }
}

/// Lines across for each step, and down for each five minutes.
fn grid(steps: usize) -> String {
    let mut path = String::new();
    for step in 0..=steps {
        let y = at(HEIGHT, step, steps);
        // Writing to a String cannot fail.
        let _ = write!(path, "M0 {y}H{}", POINTS - 1);
    }
    for third in 0..=3 {
        let x = at(width(), third, 3);
        let _ = write!(path, "M{x} 0V{HEIGHT}");
    }
    path
}

#[expect(clippy::cast_precision_loss, reason = "small numbers")]
fn at(length: f32, step: usize, steps: usize) -> f32 {
    (length * step as f32 / steps.max(1) as f32).round()
}

#[expect(clippy::cast_precision_loss, reason = "a small number")]
const fn width() -> f32 {
    (POINTS - 1) as f32
}

/// A stretch of a line without a gap: places from the left and from the top.
type Run = Vec<(usize, i32)>;

/// Cuts a line where it has no value, and leaves out what lies on a level stretch. The last point stands at the right edge.
fn runs(heights: impl ExactSizeIterator<Item = Option<f32>>) -> Vec<Run> {
    let first = POINTS.saturating_sub(heights.len());
    let mut runs: Vec<Run> = vec![Run::new()];
    for (place, height) in heights.enumerate() {
        match (height, runs.last_mut()) {
            (Some(height), Some(run)) => push(run, (first + place, down(height))),
            (None, Some(run)) if !run.is_empty() => runs.push(Run::new()),
            _ => {}
        }
    }
    runs.retain(|run| !run.is_empty());
    runs
}

fn push(run: &mut Run, point: (usize, i32)) {
    if let [.., before, last] = run.as_mut_slice()
        && before.1 == last.1
        && last.1 == point.1
    {
        last.0 = point.0;
        return;
    }
    run.push(point);
}

/// A share of the height, from the top.
#[expect(
    clippy::cast_possible_truncation,
    reason = "between 0 and the height of the drawing"
)]
fn down(share: f32) -> i32 {
    ((1.0 - share.clamp(0.0, 1.0)) * HEIGHT).round() as i32
}

fn stroke(runs: &[Run]) -> String {
    let mut path = String::new();
    for run in runs {
        let mut letter = 'M';
        for (x, y) in run {
            let _ = write!(path, "{letter}{x} {y}");
            letter = 'L';
        }
        if run.len() == 1 {
            // A line of no length: its round ends make it a point.
            path.push_str("h0");
        }
    }
    path
}

fn area(runs: &[Run]) -> String {
    let mut path = String::new();
    for run in runs.iter().filter(|run| run.len() > 1) {
        let _ = write!(path, "M{} {HEIGHT}", run[0].0);
        for (x, y) in run {
            let _ = write!(path, "L{x} {y}");
        }
        let _ = write!(path, "V{HEIGHT}Z");
    }
    path
}

/// The chart for those who do not see it.
fn in_words(chart: &Chart) -> String {
    let mut text = format!(
        "{}, {}, over the last 15 minutes.",
        chart.title, chart.unit_name
    );
    for line in &chart.lines {
        let (name, space) = if chart.lines.len() > 1 {
            (line.name, " ")
        } else {
            ("", "")
        };
        let values = line.points.iter().copied().filter(|value| !value.is_nan());
        let most = values.clone().reduce(f32::max);
        let least = values.reduce(f32::min);
        let told = |value| chart.unit.told(value);
        let _ = match most {
            None => write!(text, " {name}{space}nothing yet."),
            Some(_) => write!(
                text,
                " {name}{space}now {}, least {}, most {}.",
                told(line.now),
                told(least),
                told(most)
            ),
        };
    }
    text
}

#[cfg(test)]
mod tests;
