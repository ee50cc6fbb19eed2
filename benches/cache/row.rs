//! The rows of the comparison, and the proof that a server really answers one from its cache.

use super::bare;
use super::http::{Client, Response};
use super::peers::SITE;
use super::sample::{Sample, Variant, accepts_gzip, identity};
use crate::server::Server;

/// What is asked for in one row.
pub struct Row {
    pub name: &'static str,
    /// Which of the samples, by its place.
    sample: usize,
    gzip: bool,
    /// With the validator of what the client has already.
    unchanged: bool,
}

/// All rows; the first is the one that the bars are about.
pub const ROWS: &[Row] = &[
    row("40 KB gzip", 0, true, false),
    row("40 KB identity", 0, false, false),
    row("2 KB", 1, false, false),
    row("304", 0, true, true),
];

const fn row(name: &'static str, sample: usize, gzip: bool, unchanged: bool) -> Row {
    Row {
        name,
        sample,
        gzip,
        unchanged,
    }
}

/// A row as one server is asked for it, and what it sends.
pub struct Proven {
    pub path: String,
    /// Header lines.
    pub headers: Vec<String>,
    pub head_bytes: usize,
    pub body_bytes: usize,
}

impl Row {
    /// Asks a server for this row until it is sure that it answers with the sample's bytes from its cache; `None` when it
    /// does not answer 304, or not so that wrk can read it. Panics when it sends other bytes or asks the server behind it again.
    pub fn prove(&self, server: &Server, upstream: &Server, samples: &[Sample]) -> Option<Proven> {
        let sample = &samples[self.sample];
        let site = server.name == SITE;
        let path = if site {
            sample.path.clone()
        } else {
            format!("/{}", sample.name)
        };
        let mut headers = vec![if self.gzip {
            accepts_gzip()
        } else {
            identity()
        }];
        let mut client = Client::connect(server.address);
        let whole = client.get(&path, &headers);
        check_bytes(server.name, &whole, self.variant(sample));
        if self.unchanged {
            let etag = whole.header("etag").unwrap();
            headers.push(format!("If-None-Match: {etag}"));
            let answer = client.get(&path, &headers);
            let length = answer.header("content-length").unwrap_or("0");
            // wrk would wait for a body of the length that HAProxy gives here.
            if answer.status != 304 || length != "0" {
                return None;
            }
        }
        let before = count(upstream);
        let mut last = whole;
        for _ in 0..50 {
            last = client.get(&path, &headers);
        }
        assert_eq!(
            count(upstream),
            before,
            "{} does not hit its cache",
            server.name
        );
        if site && last.hit() != Some(true) {
            let said = last.header("cache-status");
            eprintln!(
                "{}: the site does not say that it hits ({said:?})",
                self.name
            );
        }
        Some(Proven {
            path,
            headers,
            head_bytes: last.head_bytes,
            body_bytes: last.body.len(),
        })
    }

    fn variant<'a>(&self, sample: &'a Sample) -> &'a Variant {
        if self.gzip {
            &sample.gzip
        } else {
            &sample.identity
        }
    }
}

impl Proven {
    /// Panics when what came under load was not what was proven; heads differ a little (an age, a number).
    pub fn check_load(&self, server: &str, bytes: f64) {
        let expected = u32::try_from(self.head_bytes + self.body_bytes).unwrap();
        let off = (bytes / f64::from(expected) - 1.0).abs();
        assert!(
            off < 0.03,
            "{server}: {bytes} bytes a request, not {expected}"
        );
    }
}

/// Same body, and the headers of the sample but for those that say how a cache may keep it.
fn check_bytes(server: &str, response: &Response, variant: &Variant) {
    assert_eq!(response.status, 200, "{server}");
    assert!(response.body == variant.body, "{server} sends other bytes");
    let kept = ["cache-control", "vary", "etag", "cache-status"];
    let rest = variant
        .headers
        .iter()
        .filter(|(name, _)| !kept.contains(&name.as_str()));
    for (name, value) in rest {
        assert_eq!(
            response.header(name),
            Some(value.as_str()),
            "{server}: {name}"
        );
    }
}

/// How many pages the server behind the proxies was asked for.
fn count(upstream: &Server) -> u64 {
    let response = Client::connect(upstream.address).get(bare::COUNT, &[]);
    String::from_utf8(response.body).unwrap().parse().unwrap()
}
