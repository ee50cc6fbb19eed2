//! A kept-alive connection for many tasks on one thread: sends a request whole, reads the answer, forgets the body.
//!
//! It connects again when the server has hung up. An answer of unknown length is an error: none of the site's is.

use std::io::{Error, ErrorKind, Result};
use std::net::SocketAddr;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::sample::Reply;

/// Longest head of an answer, in bytes.
const LONGEST_HEAD: usize = 1 << 14;

/// One connection.
pub struct Line {
    address: SocketAddr,
    stream: Option<TcpStream>,
    buffer: Vec<u8>,
}

impl Line {
    /// Connects and asks for something small: a connection that never asked is closed sooner.
    pub async fn open(address: SocketAddr) -> Result<Self> {
        let mut line = Self {
            address,
            stream: None,
            buffer: Vec::with_capacity(LONGEST_HEAD),
        };
        let request = format!("GET /up HTTP/1.1\r\nhost: {address}\r\n\r\n");
        line.ask(request.as_bytes()).await?;
        Ok(line)
    }

    /// Sends a request and waits for the whole answer.
    ///
    /// # Errors
    /// When the connection breaks; the next request gets a new one.
    pub async fn ask(&mut self, request: &[u8]) -> Result<Reply> {
        let kept = self.stream.take().filter(is_quiet);
        let is_kept = kept.is_some();
        let mut stream = match kept {
            Some(stream) => stream,
            None => connect(self.address).await?,
        };
        let mut answer = self.exchange(&mut stream, request).await;
        // The server may have hung up just when it was asked: as a browser does, ask once more.
        if is_kept && answer.is_err() && self.buffer.is_empty() {
            stream = connect(self.address).await?;
            answer = self.exchange(&mut stream, request).await;
        }
        let head = answer?;
        if !head.closes {
            self.stream = Some(stream);
        }
        Ok(head.reply)
    }

    async fn exchange(&mut self, stream: &mut TcpStream, request: &[u8]) -> Result<Head> {
        self.buffer.clear();
        stream.write_all(request).await?;
        let length = loop {
            if let Some(end) = end_of_head(&self.buffer) {
                break end;
            }
            if self.buffer.len() > LONGEST_HEAD {
                return Err(Error::other("the head of an answer does not end"));
            }
            if stream.read_buf(&mut self.buffer).await? == 0 {
                return Err(ErrorKind::UnexpectedEof.into());
            }
        };
        let head = Head::parse(&self.buffer[..length])?;
        let mut missing = (length + head.body).saturating_sub(self.buffer.len());
        while missing > 0 {
            self.buffer.clear();
            let read = stream.read_buf(&mut self.buffer).await?;
            if read == 0 {
                return Err(Error::other("half an answer"));
            }
            missing = missing.saturating_sub(read);
        }
        Ok(head)
    }
}

async fn connect(address: SocketAddr) -> Result<TcpStream> {
    let stream = TcpStream::connect(address).await?;
    stream.set_nodelay(true)?;
    Ok(stream)
}

/// Nothing has come on a connection that waits: neither its end, nor word that it took too long.
fn is_quiet(stream: &TcpStream) -> bool {
    let read = stream.try_read(&mut [0]);
    read.is_err_and(|error| error.kind() == ErrorKind::WouldBlock)
}

fn end_of_head(bytes: &[u8]) -> Option<usize> {
    let mark = b"\r\n\r\n";
    let start = bytes.windows(mark.len()).position(|part| part == mark)?;
    Some(start + mark.len())
}

/// What is read of the head of an answer.
struct Head {
    reply: Reply,
    /// Bytes of the body.
    body: usize,
    closes: bool,
}

impl Head {
    fn parse(bytes: &[u8]) -> Result<Self> {
        let text = String::from_utf8_lossy(bytes);
        let strange = || Error::other(format!("not understood: {text}"));
        let header = |name: &str| {
            text.lines().find_map(|line| {
                let (key, value) = line.split_once(':')?;
                key.eq_ignore_ascii_case(name).then(|| value.trim())
            })
        };
        let status = text.get(9..12).and_then(|code| code.parse().ok());
        let reply = Reply {
            status: status.ok_or_else(strange)?,
            retry_after: header("retry-after").is_some(),
            hit: header("cache-status").is_some_and(|value| value.contains("hit")),
        };
        let length = match reply.status {
            304 => Some(0),
            _ => header("content-length").and_then(|value| value.parse().ok()),
        };
        Ok(Self {
            reply,
            body: length.ok_or_else(strange)?,
            closes: header("connection").is_some_and(|value| value.eq_ignore_ascii_case("close")),
        })
    }
}
