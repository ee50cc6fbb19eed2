//! The bytes that all servers send: two pages and their headers, taken from the running site.

use std::fs;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};

use super::http::{Client, Response};

/// Names and values, in the order in which the site sent them.
pub type Headers = Vec<(String, String)>;

/// What each server writes itself.
const OWN: &[&str] = &[
    "date",
    "connection",
    "content-length",
    "keep-alive",
    "server",
];

/// One representation of a page.
#[derive(Serialize, Deserialize)]
pub struct Variant {
    pub headers: Headers,
    /// Kept in a file of its own, which the static server sends.
    #[serde(skip)]
    pub body: Vec<u8>,
}

/// A page as the site sends it.
#[derive(Serialize, Deserialize)]
pub struct Sample {
    /// Its path on the other servers, and the name of its files.
    pub name: String,
    /// Its path on the site.
    pub path: String,
    pub identity: Variant,
    pub gzip: Variant,
    /// Headers of the 304 to whoever has the gzip already.
    pub unchanged: Headers,
}

/// The folder of the bodies: `page` and `page.gz`.
pub fn folder(dir: &Path) -> PathBuf {
    dir.join("www")
}

/// The first path whose body is within 3 % of `bytes`, uncompressed; without one, the nearest.
pub fn nearest(client: &mut Client, paths: &[String], bytes: usize) -> String {
    let mut best = (usize::MAX, &paths[0]);
    for path in paths {
        let response = client.get(path, &[identity()]);
        let off = response.body.len().abs_diff(bytes);
        if response.status == 200 && off < best.0 {
            best = (off, path);
        }
        if best.0 < bytes * 3 / 100 {
            break;
        }
    }
    best.1.clone()
}

impl Sample {
    /// Takes a page off the site once it has settled: a popular entry may be compressed better in the background.
    pub fn take(client: &mut Client, name: &str, path: &str) -> Self {
        let gzip = settled(client, path, &[accepts_gzip()]);
        assert_eq!(gzip.header("content-encoding"), Some("gzip"), "{path}");
        let identity = settled(client, path, &[identity()]);
        assert_eq!(identity.header("content-encoding"), None, "{path}");
        let etag = gzip.header("etag").unwrap();
        let unchanged = client.get(path, &[accepts_gzip(), format!("If-None-Match: {etag}")]);
        assert_eq!(unchanged.status, 304, "{path}");
        Self {
            name: name.to_owned(),
            path: path.to_owned(),
            identity: variant(identity),
            gzip: variant(gzip),
            unchanged: block(unchanged.headers),
        }
    }

    /// Writes it down for the other servers.
    pub fn save(&self, dir: &Path) {
        let folder = folder(dir);
        fs::create_dir_all(&folder).unwrap();
        let gzip = format!("{}.gz", self.name);
        fs::write(folder.join(&self.name), &self.identity.body).unwrap();
        fs::write(folder.join(gzip), &self.gzip.body).unwrap();
        let heads = serde_json::to_vec(self).unwrap();
        fs::write(dir.join(format!("{}.json", self.name)), heads).unwrap();
    }

    /// Reads what [`save`](Self::save) wrote.
    pub fn load(dir: &Path, name: &str) -> Self {
        let heads = fs::read(dir.join(format!("{name}.json"))).unwrap();
        let mut sample: Self = serde_json::from_slice(&heads).unwrap();
        let folder = folder(dir);
        sample.identity.body = fs::read(folder.join(name)).unwrap();
        sample.gzip.body = fs::read(folder.join(format!("{name}.gz"))).unwrap();
        sample
    }
}

/// The header line of whoever takes gzip.
pub fn accepts_gzip() -> String {
    "Accept-Encoding: gzip".to_owned()
}

/// The header line of whoever takes it as it is; without a line, any encoding may be sent.
pub fn identity() -> String {
    "Accept-Encoding: identity".to_owned()
}

/// The answer to the last of many requests, once it has stayed the same for two seconds: longer than a popular
/// page has to stay before it is compressed well. Waits at most twelve seconds.
fn settled(client: &mut Client, path: &str, headers: &[String]) -> Response {
    let end = Instant::now() + Duration::from_secs(12);
    loop {
        for _ in 0..200 {
            client.get(path, headers);
        }
        let before = client.get(path, headers);
        thread::sleep(Duration::from_secs(2));
        let after = client.get(path, headers);
        assert_eq!(after.status, 200, "{path}");
        if before.body == after.body && before.headers.len() == after.headers.len() {
            return after;
        }
        assert!(Instant::now() < end, "{path} does not settle");
    }
}

fn variant(response: Response) -> Variant {
    Variant {
        headers: block(response.headers),
        body: response.body,
    }
}

fn block(headers: Headers) -> Headers {
    headers
        .into_iter()
        .filter(|(name, _)| !OWN.contains(&name.as_str()))
        .collect()
}
