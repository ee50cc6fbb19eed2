//! Reads what a site says of itself at `/metrics`. What it does not say is absent, never zero.

/// The lanes of the pool.
pub const LANES: [&str; 3] = ["page", "heavy", "background"];

/// Prometheus' text format.
pub struct Metrics(String);

impl Metrics {
    pub fn new(text: String) -> Self {
        Self(text)
    }

    /// The value of a metric without labels.
    pub fn single(&self, name: &str) -> Option<f64> {
        self.samples(name)
            .find(|(labels, _)| labels.is_empty())
            .map(|(_, value)| value)
    }

    /// The value of a metric for one lane of the pool.
    pub fn of_lane(&self, name: &str, lane: &str) -> Option<f64> {
        self.samples(name)
            .find(|(labels, _)| label(labels, "lane") == Some(lane))
            .map(|(_, value)| value)
    }

    /// The bound in seconds below which 99 % of what a histogram counted since `before` lies; `None` when it counted nothing.
    pub fn p99_since(&self, before: &Self, name: &str, lane: &str) -> Option<f64> {
        let old = before.buckets(name, lane);
        let mut new = self.buckets(name, lane);
        for (place, (_, count)) in new.iter_mut().enumerate() {
            *count -= old.get(place).map_or(0.0, |(_, count)| *count);
        }
        let total = new.last().map(|(_, count)| *count)?;
        let found = new.iter().find(|(_, count)| *count >= total * 0.99)?;
        (total > 0.0).then_some(found.0)
    }

    /// Bounds and how much lies below each, in their order.
    fn buckets(&self, name: &str, lane: &str) -> Vec<(f64, f64)> {
        let name = format!("{name}_bucket");
        let of_lane = self
            .samples(&name)
            .filter(|(labels, _)| label(labels, "lane") == Some(lane));
        of_lane
            .filter_map(|(labels, count)| {
                let bound = label(labels, "le")?.trim_start_matches('+');
                Some((bound.parse().ok()?, count))
            })
            .collect()
    }

    /// Labels and values of all samples of a metric.
    fn samples<'a>(&'a self, name: &'a str) -> impl Iterator<Item = (&'a str, f64)> {
        self.0.lines().filter_map(move |line| {
            let rest = line.strip_prefix(name)?;
            let (labels, value) = match rest.strip_prefix('{') {
                Some(rest) => rest.split_once('}')?,
                None => ("", rest.strip_prefix(' ')?),
            };
            Some((labels, value.trim().parse().ok()?))
        })
    }
}

fn label<'a>(labels: &'a str, name: &str) -> Option<&'a str> {
    labels.split(',').find_map(|pair| {
        let (key, value) = pair.split_once('=')?;
        (key == name).then(|| value.trim_matches('"'))
    })
}
