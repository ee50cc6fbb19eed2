//! A client that sends exactly the bytes it is told to and hears exactly what comes back, in any coding.

use std::io::{BufRead, BufReader, Read, Result, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

/// One connection, and the next one after the other side has said that it ends.
pub struct Raw {
    stream: BufReader<TcpStream>,
    address: SocketAddr,
    is_over: bool,
}

/// What came back.
#[derive(Debug, Clone)]
pub struct Heard {
    pub status: u16,
    pub headers: Vec<(String, String)>,
    /// As sent.
    pub body: Vec<u8>,
}

impl Raw {
    /// Connects; where that fails the test has failed.
    pub fn connect(address: SocketAddr) -> Self {
        let stream = TcpStream::connect(address).unwrap();
        stream.set_nodelay(true).unwrap();
        stream
            .set_read_timeout(Some(Duration::from_secs(30)))
            .unwrap();
        Self {
            stream: BufReader::with_capacity(1 << 16, stream),
            address,
            is_over: false,
        }
    }

    /// GET with these headers.
    #[track_caller]
    pub fn get(&mut self, path: &str, headers: &[(&str, &str)]) -> Heard {
        self.ask("GET", path, headers, b"")
    }

    /// Any request with these headers and body.
    #[track_caller]
    pub fn ask(
        &mut self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: &[u8],
    ) -> Heard {
        let mut lines = vec![format!("{method} {path} HTTP/1.1")];
        if !headers.iter().any(|(name, _)| *name == "host") {
            lines.push(format!("host: {}", self.address));
        }
        let given = headers
            .iter()
            .map(|(name, value)| format!("{name}: {value}"));
        lines.extend(given);
        if !body.is_empty() {
            lines.push(format!("content-length: {}", body.len()));
        }
        let mut bytes = (lines.join("\r\n") + "\r\n\r\n").into_bytes();
        bytes.extend_from_slice(body);
        if self.is_over {
            *self = Self::connect(self.address);
        }
        self.send(&bytes).unwrap();
        self.hear(method)
            .unwrap_or_else(|error| panic!("{method} {path}: {error}"))
    }

    /// Sends these bytes.
    pub fn send(&mut self, bytes: &[u8]) -> Result<()> {
        self.stream.get_mut().write_all(bytes)
    }

    /// Hears one answer to a request with this method.
    pub fn hear(&mut self, method: &str) -> Result<Heard> {
        let mut head = String::new();
        while !head.ends_with("\r\n\r\n") {
            if self.stream.read_line(&mut head)? == 0 {
                return Err(std::io::ErrorKind::UnexpectedEof.into());
            }
        }
        let status = head.get(9..12).and_then(|code| code.parse().ok());
        let headers = head.lines().skip(1).filter_map(|line| {
            let (name, value) = line.split_once(':')?;
            Some((name.to_ascii_lowercase(), value.trim().to_owned()))
        });
        let mut answer = Heard {
            status: status.ok_or_else(|| std::io::Error::other(head.clone()))?,
            headers: headers.collect(),
            body: Vec::new(),
        };
        if method != "HEAD" && answer.status != 304 {
            let length = answer
                .header("content-length")
                .map_or(0, |length| length.parse().unwrap());
            answer.body.resize(length, 0);
            self.stream.read_exact(&mut answer.body)?;
        }
        self.is_over = answer.header("connection") == Some("close");
        Ok(answer)
    }
}

impl Heard {
    /// The first header of this name.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.as_str())
    }

    /// The header of this name, which must be there.
    #[track_caller]
    pub fn told(&self, name: &str) -> &str {
        let value = self.header(name);
        value.unwrap_or_else(|| panic!("no {name} in {:?}", self.headers))
    }

    /// How the cache took part.
    #[track_caller]
    pub fn how(&self) -> &str {
        self.told("cache-status")
    }

    /// The text, whatever its coding.
    #[track_caller]
    pub fn text(&self) -> String {
        String::from_utf8(self.decoded()).unwrap()
    }

    fn decoded(&self) -> Vec<u8> {
        let mut bytes = Vec::new();
        let body = self.body.as_slice();
        match self.header("content-encoding") {
            _ if body.is_empty() => {}
            None => bytes.extend_from_slice(body),
            Some("gzip") => {
                let mut decoder = flate2::read::MultiGzDecoder::new(body);
                decoder.read_to_end(&mut bytes).unwrap();
            }
            Some("br") => {
                let mut decoder = brotli::Decompressor::new(body, 4096);
                decoder.read_to_end(&mut bytes).unwrap();
            }
            Some("zstd") => bytes = zstd::stream::decode_all(body).unwrap(),
            Some(other) => panic!("{other} was not asked for"),
        }
        bytes
    }
}

/// A seeded sequence (splitmix64).
pub struct Dice(pub u64);

impl Dice {
    /// A number below `most`.
    pub fn roll(&mut self, most: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((mixed ^ (mixed >> 31)) % most as u64).unwrap()
    }

    /// One of these.
    pub fn pick<'a, T>(&mut self, all: &'a [T]) -> &'a T {
        &all[self.roll(all.len())]
    }
}

/// A sample of `/metrics`, named with its labels as it stands there; 0 when it is not there.
pub fn metric(address: SocketAddr, sample: &str) -> u64 {
    let text = Raw::connect(address).get("/metrics", &[]).text();
    let mut values = text.lines().filter_map(|line| line.strip_prefix(sample));
    values
        .next()
        .map_or(0, |value| value.trim().parse().unwrap())
}

/// Entries of the cache of pages.
pub fn entries(address: SocketAddr) -> u64 {
    metric(address, "site_cache_entries{cache=\"pages\"}")
}
