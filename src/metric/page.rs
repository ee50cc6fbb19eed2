//! The text in which Prometheus reads numbers (exposition format 0.0.4).

use std::fmt::{Display, Write};

use crate::metric::Counts;

/// Bounds of told histograms, as powers of two in microseconds: 64 µs to 33.6 s.
const BOUNDS: std::ops::RangeInclusive<u32> = 6..=25;
/// Bounds of told numbers, as powers of two: 1 to 127.
const NUMBERS: [u32; 7] = [1, 2, 3, 4, 5, 6, 7];

/// A page of metrics being written.
#[derive(Debug, Default)]
pub struct Page(String);

/// Kinds of metrics.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Only grows; its name ends in `_total`.
    Counter,
    /// Goes up and down.
    Gauge,
    /// How often which sizes came.
    Histogram,
    /// How many came, and their sum.
    Summary,
}

impl Page {
    /// Begins a family; its samples follow.
    pub fn family(&mut self, name: &str, kind: Kind, help: &str) {
        let word = match kind {
            Kind::Counter => "counter",
            Kind::Gauge => "gauge",
            Kind::Histogram => "histogram",
            Kind::Summary => "summary",
        };
        // Writing to a String cannot fail.
        let _ = writeln!(self.0, "# HELP {name} {help}\n# TYPE {name} {word}");
    }

    /// A sample of the family, with labels.
    pub fn sample(&mut self, name: &str, labels: &[(&str, &str)], value: impl Display) {
        self.0.push_str(name);
        for (index, (label, text)) in labels.iter().enumerate() {
            self.0.push(if index == 0 { '{' } else { ',' });
            let text = text
                .replace('\\', "\\\\")
                .replace('"', "\\\"")
                .replace('\n', "\\n");
            let _ = write!(self.0, "{label}=\"{text}\"");
        }
        if !labels.is_empty() {
            self.0.push('}');
        }
        let _ = writeln!(self.0, " {value}");
    }

    /// A histogram of times counted in microseconds, told in seconds; its bounds are powers of two.
    pub fn seconds(&mut self, name: &str, labels: &[(&str, &str)], counts: &Counts) {
        for bound in BOUNDS.map(|power| 1_u64 << power) {
            self.bucket(name, labels, &seconds(bound), counts.below(bound));
        }
        self.bucket(name, labels, "+Inf", counts.total());
        self.seconds_summed(name, labels, counts);
    }

    /// How many times there were and their sum, in seconds.
    pub fn seconds_summed(&mut self, name: &str, labels: &[(&str, &str)], counts: &Counts) {
        self.sample(&format!("{name}_sum"), labels, seconds(counts.sum()));
        self.sample(&format!("{name}_count"), labels, counts.total());
    }

    /// A histogram of plain numbers. Its bounds lie one below powers of two, since `le` takes in the bound itself and that is
    /// where our buckets end.
    pub fn numbers(&mut self, name: &str, counts: &Counts) {
        for bound in NUMBERS.map(|power| 1_u64 << power) {
            self.bucket(name, &[], &(bound - 1).to_string(), counts.below(bound));
        }
        self.bucket(name, &[], "+Inf", counts.total());
        self.sample(&format!("{name}_sum"), &[], counts.sum());
        self.sample(&format!("{name}_count"), &[], counts.total());
    }

    fn bucket(&mut self, name: &str, labels: &[(&str, &str)], le: &str, count: u64) {
        let labels: Vec<_> = labels.iter().copied().chain([("le", le)]).collect();
        self.sample(&format!("{name}_bucket"), &labels, count);
    }

    /// A family of one sample without labels.
    pub fn single(&mut self, name: &str, kind: Kind, help: &str, value: impl Display) {
        self.family(name, kind, help);
        self.sample(name, &[], value);
    }

    /// The text.
    #[must_use]
    pub fn into_text(self) -> String {
        self.0
    }
}

/// Microseconds in seconds, in full.
fn seconds(micros: u64) -> String {
    format!("{}.{:06}", micros / 1_000_000, micros % 1_000_000)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metric::Histogram;

    #[test]
    fn a_page_reads_as_the_format_says() {
        let mut page = Page::default();
        page.family("x_total", Kind::Counter, "Things.");
        page.sample("x_total", &[("route", "/a\"\\\n"), ("result", "hit")], 3);
        page.single("y_bytes", Kind::Gauge, "Room.", 1.5);
        assert_eq!(
            page.into_text(),
            "# HELP x_total Things.\n# TYPE x_total counter\nx_total{route=\"/a\\\"\\\\\\n\",result=\"hit\"} 3\n\
             # HELP y_bytes Room.\n# TYPE y_bytes gauge\ny_bytes 1.5\n"
        );
    }

    #[test]
    fn a_histogram_is_told_by_growing_counts_in_seconds() {
        let histogram = Histogram::default();
        for micros in [50, 100, 40_000_000] {
            histogram.count(micros);
        }
        let mut page = Page::default();
        page.seconds("x_seconds", &[("lane", "page")], &histogram.counts());
        let text = page.into_text();
        for line in [
            "x_seconds_bucket{lane=\"page\",le=\"0.000064\"} 1",
            "x_seconds_bucket{lane=\"page\",le=\"0.000128\"} 2",
            "x_seconds_bucket{lane=\"page\",le=\"33.554432\"} 2",
            "x_seconds_bucket{lane=\"page\",le=\"+Inf\"} 3",
            "x_seconds_sum{lane=\"page\"} 40.000150",
            "x_seconds_count{lane=\"page\"} 3",
        ] {
            assert!(
                text.lines().any(|told| told == line),
                "{line} is not in {text}"
            );
        }
    }

    #[test]
    fn a_histogram_of_numbers_takes_in_its_bounds() {
        let histogram = Histogram::default();
        for number in [1, 1, 2, 3, 4, 127, 128] {
            histogram.count(number);
        }
        let mut page = Page::default();
        page.numbers("x", &histogram.counts());
        let text = page.into_text();
        for line in [
            "x_bucket{le=\"1\"} 2",
            "x_bucket{le=\"3\"} 4",
            "x_bucket{le=\"7\"} 5",
            "x_bucket{le=\"127\"} 6",
            "x_bucket{le=\"+Inf\"} 7",
            "x_sum 266",
            "x_count 7",
        ] {
            assert!(
                text.lines().any(|told| told == line),
                "{line} is not in {text}"
            );
        }
    }
}
