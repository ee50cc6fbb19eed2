//! A small HTTP/1.1 client on a plain socket: keeps its connection, counts bytes, and answers errors instead of panicking,
//! so that it can be used on a server that is being killed.

use std::io::{BufRead, BufReader, Error, ErrorKind, Read, Result, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

/// One connection.
pub struct Wire {
    stream: BufReader<TcpStream>,
    host: String,
}

/// What came back.
pub struct Answer {
    pub status: u16,
    /// Status line and headers, as sent.
    pub head: String,
    pub location: Option<String>,
    pub body: Vec<u8>,
    /// Bytes of head and body as they were sent.
    pub bytes: usize,
}

impl Answer {
    /// The first header of this name.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.head.lines().find_map(|line| {
            let (key, value) = line.split_once(':')?;
            key.eq_ignore_ascii_case(name).then(|| value.trim())
        })
    }
}

impl Wire {
    /// Connects.
    pub fn connect(address: SocketAddr) -> Result<Self> {
        Self::connect_within(address, Duration::from_secs(30))
    }

    /// Connects; nothing is waited for any longer than that.
    pub fn connect_within(address: SocketAddr, patience: Duration) -> Result<Self> {
        let stream = TcpStream::connect_timeout(&address, patience)?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(patience))?;
        stream.set_write_timeout(Some(patience))?;
        Ok(Self {
            stream: BufReader::with_capacity(1 << 16, stream),
            host: address.to_string(),
        })
    }

    /// GET; the body is left as it was sent (gzip).
    pub fn get(&mut self, path: &str) -> Result<Answer> {
        self.get_as(path, "")
    }

    /// GET with cookies; the body is left as it was sent (gzip).
    pub fn get_as(&mut self, path: &str, cookies: &str) -> Result<Answer> {
        let host = &self.host;
        let cookies = match cookies {
            "" => String::new(),
            pairs => format!("cookie: {pairs}\r\n"),
        };
        let request = format!(
            "GET {path} HTTP/1.1\r\nhost: {host}\r\n{cookies}accept-encoding: gzip\r\n\r\n"
        );
        self.send(request.as_bytes())
    }

    /// Posts a form as a browser of this site does.
    pub fn post(&mut self, path: &str, cookie: &str, fields: &[(&str, &str)]) -> Result<Answer> {
        let mut form = url::form_urlencoded::Serializer::new(String::new());
        let form = form.extend_pairs(fields).finish();
        let (host, length) = (&self.host, form.len());
        let request = format!(
            "POST {path} HTTP/1.1\r\nhost: {host}\r\norigin: http://{host}\r\nsec-fetch-site: same-origin\r\n\
             cookie: {cookie}\r\ncontent-type: application/x-www-form-urlencoded\r\ncontent-length: {length}\r\n\r\n{form}"
        );
        self.send(request.as_bytes())
    }

    fn send(&mut self, request: &[u8]) -> Result<Answer> {
        self.stream.get_mut().write_all(request)?;
        let mut head = String::new();
        while !head.ends_with("\r\n\r\n") {
            if self.stream.read_line(&mut head)? == 0 {
                return Err(ErrorKind::UnexpectedEof.into());
            }
        }
        let status = head.get(9..12).and_then(|code| code.parse().ok());
        let mut answer = Answer {
            status: status.ok_or_else(|| Error::other(head.clone()))?,
            location: None,
            body: Vec::new(),
            bytes: head.len(),
            head,
        };
        answer.location = answer.header("location").map(str::to_owned);
        if let Some(length) = answer.header("content-length") {
            let length = length.parse().map_err(Error::other)?;
            answer.body.resize(length, 0);
            self.stream.read_exact(&mut answer.body)?;
            answer.bytes += length;
        } else if answer.header("transfer-encoding").is_some() {
            self.chunks(&mut answer)?;
        }
        Ok(answer)
    }

    fn chunks(&mut self, answer: &mut Answer) -> Result<()> {
        loop {
            let mut line = String::new();
            self.stream.read_line(&mut line)?;
            let length = usize::from_str_radix(line.trim(), 16).map_err(Error::other)?;
            let start = answer.body.len();
            answer.body.resize(start + length + 2, 0);
            self.stream.read_exact(&mut answer.body[start..])?;
            answer.body.truncate(start + length);
            answer.bytes += line.len() + length + 2;
            if length == 0 {
                return Ok(());
            }
        }
    }
}
