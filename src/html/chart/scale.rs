//! How values are written, and where on a chart they stand.

use crate::html::figure::number;

/// What values are counted in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    /// Plain numbers; whole ones without a fraction.
    Number,
    /// Milliseconds.
    Milliseconds,
    /// Shares from 0 to 1, as percent.
    Share,
    /// Bytes.
    Bytes,
}

/// How values are laid out.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Scale {
    /// From 0 to a round number above all of them, and at least this one.
    From0To(f32),
    /// From 0 to exactly this.
    Up(f32),
    /// Each step ten times the last.
    Tens,
}

/// A scale for certain values.
#[derive(Debug, PartialEq)]
pub struct Axis {
    /// What stands at its lines, from the bottom up, at equal steps.
    pub labels: Vec<String>,
    kind: Kind,
}

#[derive(Debug, PartialEq)]
enum Kind {
    Linear { top: f32 },
    Tens { lowest: i32, steps: f32 },
}

impl Unit {
    /// A value as a number and what it is counted in.
    #[must_use]
    pub fn parts(self, value: Option<f32>) -> (String, &'static str) {
        let Some(value) = value.filter(|value| value.is_finite()) else {
            return ("–".into(), "");
        };
        match self {
            Self::Number => (digits(value), ""),
            Self::Milliseconds if value >= 1000.0 => (digits(value / 1000.0), "s"),
            Self::Milliseconds => (digits(value), "ms"),
            Self::Share => (digits(value * 100.0), "%"),
            Self::Bytes => bytes(value),
        }
    }

    /// Both in one.
    #[must_use]
    pub fn told(self, value: Option<f32>) -> String {
        let (number, unit) = self.parts(value);
        if unit.is_empty() {
            number
        } else {
            format!("{number}\u{a0}{unit}")
        }
    }

    /// What steps of its scale are round in.
    const fn base(self) -> f32 {
        match self {
            Self::Bytes => 1024.0,
            _ => 10.0,
        }
    }
}

/// Three digits, or all of those before the point.
fn digits(value: f32) -> String {
    let decimals = match value.abs() {
        0.005..9.995 => 2,
        9.995..99.95 => 1,
        _ => 0,
    };
    if decimals == 0 {
        #[expect(clippy::cast_possible_truncation, reason = "rounded to be whole")]
        return number(value.round() as i64);
    }
    let text = format!("{value:.decimals$}");
    let text = text.trim_end_matches('0').trim_end_matches('.');
    text.to_owned()
}

fn bytes(value: f32) -> (String, &'static str) {
    let units = [
        (1_073_741_824.0, "GiB"),
        (1_048_576.0, "MiB"),
        (1024.0, "KiB"),
    ];
    let found = units.into_iter().find(|(size, _)| value >= *size);
    let (size, word) = found.unwrap_or((1.0, "B"));
    (digits(value / size), word)
}

impl Scale {
    /// Whether heights are in proportion to values.
    pub(super) const fn starts_at_0(self) -> bool {
        !matches!(self, Self::Tens)
    }

    /// The scale on which these values stand; those that are not numbers do not count.
    #[must_use]
    pub fn axis(self, values: impl Iterator<Item = f32> + Clone, unit: Unit) -> Axis {
        let most = values.clone().filter(|v| v.is_finite()).reduce(f32::max);
        match self {
            Self::Up(top) => linear(top, unit),
            Self::From0To(least) => linear(above(most.unwrap_or(0.0).max(least), unit), unit),
            Self::Tens => {
                let positive = values.filter(|value| value.is_finite() && *value > 0.0);
                tens(positive.clone().reduce(f32::min), most, unit)
            }
        }
    }
}

fn linear(top: f32, unit: Unit) -> Axis {
    let label = |value: f32| unit.told(Some(value));
    Axis {
        labels: vec!["0".into(), label(top / 2.0), label(top)],
        kind: Kind::Linear { top },
    }
}

/// The next round number at or above: 1, 2, 5, 10, …; of bytes powers of two, since half of it is told as well.
fn above(value: f32, unit: Unit) -> f32 {
    if unit == Unit::Bytes {
        return value.max(unit.base()).log2().ceil().exp2();
    }
    let power = unit.base().powf(value.log10().floor());
    let steps = [1.0, 2.0, 5.0, 10.0].map(|step| step * power);
    let fits = |step: &f32| *step >= value * 0.999_9;
    steps.into_iter().find(fits).unwrap_or(steps[3])
}

fn tens(least: Option<f32>, most: Option<f32>, unit: Unit) -> Axis {
    #[expect(clippy::cast_possible_truncation, reason = "a small number")]
    let power = |value: f32, round: fn(f32) -> f32| round(value.log10()) as i32;
    let lowest = least.map_or(-1, |least| power(least, f32::floor).clamp(-2, 4));
    let highest = most
        .filter(|most| *most > 0.0)
        .map_or(2, |most| power(most, f32::ceil));
    let highest = highest.clamp(lowest + 2, 6.max(lowest + 2));
    let label = |power: i32| unit.told(Some(10_f32.powi(power)));
    #[expect(clippy::cast_precision_loss, reason = "a small number")]
    let steps = (highest - lowest) as f32;
    Axis {
        labels: (lowest..=highest).map(label).collect(),
        kind: Kind::Tens { lowest, steps },
    }
}

impl Axis {
    /// Where a value stands, from 0 at the bottom to 1 at the top; `None` for what is no number.
    #[must_use]
    pub fn share(&self, value: f32) -> Option<f32> {
        #[expect(clippy::cast_precision_loss, reason = "a small number")]
        let share = match self.kind {
            Kind::Linear { top } => value / top,
            Kind::Tens { .. } if value <= 0.0 => 0.0,
            Kind::Tens { lowest, steps } => (value.log10() - lowest as f32) / steps,
        };
        share.is_finite().then(|| share.clamp(0.0, 1.0))
    }
}
