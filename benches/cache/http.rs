//! A small HTTP/1.1 client that shows the whole answer, headers in the order in which they came.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

/// One kept connection; every failure panics, as none is expected.
pub struct Client {
    stream: BufReader<TcpStream>,
    host: String,
}

/// What came back.
#[derive(Debug)]
pub struct Response {
    pub status: u16,
    /// Names in lower case.
    pub headers: Vec<(String, String)>,
    /// Bytes of status line and headers as sent.
    pub head_bytes: usize,
    /// As sent, so still encoded.
    pub body: Vec<u8>,
}

impl Response {
    /// The first header of this name.
    pub fn header(&self, name: &str) -> Option<&str> {
        let found = self.headers.iter().find(|(key, _)| key == name);
        found.map(|(_, value)| value.as_str())
    }

    /// Whether the site says that this came from its cache (RFC 9211); `None` when it says nothing.
    pub fn hit(&self) -> Option<bool> {
        let status = self.header("cache-status")?;
        Some(status.split(';').any(|part| part.trim() == "hit"))
    }
}

impl Client {
    /// Connects.
    pub fn connect(address: SocketAddr) -> Self {
        let stream = TcpStream::connect(address).unwrap();
        stream.set_nodelay(true).unwrap();
        let patience = Some(Duration::from_secs(10));
        stream.set_read_timeout(patience).unwrap();
        Self {
            stream: BufReader::with_capacity(1 << 16, stream),
            host: address.to_string(),
        }
    }

    /// GET with these headers and no others than Host.
    pub fn get(&mut self, path: &str, headers: &[String]) -> Response {
        let host = format!("Host: {}", self.host);
        let mut lines = vec![format!("GET {path} HTTP/1.1"), host];
        lines.extend_from_slice(headers);
        let request = lines.join("\r\n") + "\r\n\r\n";
        self.send(&request)
    }

    /// Posts a form as a page of this site does.
    pub fn post(&mut self, path: &str, fields: &[(&str, &str)]) -> Response {
        let mut form = url::form_urlencoded::Serializer::new(String::new());
        let form = form.extend_pairs(fields).finish();
        let (host, length) = (&self.host, form.len());
        let request = format!(
            "POST {path} HTTP/1.1\r\nHost: {host}\r\nOrigin: http://{host}\r\nSec-Fetch-Site: same-origin\r\n\
             Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {length}\r\n\r\n{form}"
        );
        self.send(&request)
    }

    fn send(&mut self, request: &str) -> Response {
        let stream = self.stream.get_mut();
        stream.write_all(request.as_bytes()).unwrap();
        let mut head = String::new();
        while !head.ends_with("\r\n\r\n") {
            assert!(self.stream.read_line(&mut head).unwrap() > 0, "closed");
        }
        let headers: Vec<(String, String)> = head
            .lines()
            .filter_map(|line| line.split_once(": "))
            .map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned()))
            .collect();
        let mut response = Response {
            status: head[9..12].parse().unwrap(),
            headers,
            head_bytes: head.len(),
            body: Vec::new(),
        };
        if response.status != 304 {
            let length = response.header("content-length");
            let length = length.unwrap_or_else(|| panic!("of unknown length: {head}"));
            response.body = vec![0; length.parse().unwrap()];
            self.stream.read_exact(&mut response.body).unwrap();
        }
        response
    }
}
