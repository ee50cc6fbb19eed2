//! A kept-alive connection for many tasks on one thread: sends a request whole, reads the answer, forgets the body.
//!
//! It connects again when the server has hung up. An answer of unknown length is an error: none of the site's is.

use std::io::{Error, ErrorKind, Result};
use std::net::SocketAddr;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::task::LocalSet;

use super::sample::Reply;

/// Runs tasks of this thread to their end.
pub fn on_this_thread<T>(work: impl Future<Output = T>) -> T {
    run(&mut tokio::runtime::Builder::new_current_thread(), work)
}

/// For how long [`gathering`] lets answers gather.
const GATHER: Duration = Duration::from_micros(300);

/// As [`on_this_thread`], for many connections: whenever there is nothing to do, whatever comes within [`GATHER`] is waited for.
/// To wake for each answer took a quarter of a load's CPU time, which is the server's where they share cores.
pub fn gathering<T>(work: impl Future<Output = T>) -> T {
    let mut runtime = tokio::runtime::Builder::new_current_thread();
    run(runtime.on_thread_park(|| std::thread::sleep(GATHER)), work)
}

fn run<T>(runtime: &mut tokio::runtime::Builder, work: impl Future<Output = T>) -> T {
    let runtime = runtime.enable_all().build().unwrap();
    LocalSet::new().block_on(&runtime, work)
}

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
    /// In one pass and without copies: of the answers of an overload most are short, and all pass through here.
    fn parse(bytes: &[u8]) -> Result<Self> {
        let strange = || Error::other(format!("not understood: {}", bytes.escape_ascii()));
        let number = |digits: &[u8]| std::str::from_utf8(digits).ok()?.parse().ok();
        let status = bytes.get(9..12).and_then(number);
        let mut reply = Reply {
            status: u16::try_from(status.ok_or_else(strange)?).map_err(|_| strange())?,
            retry_after: false,
            hit: false,
        };
        let mut length = (reply.status == 304).then_some(0);
        let mut closes = false;
        for line in bytes.split(|byte| *byte == b'\n').skip(1) {
            let Some(colon) = line.iter().position(|byte| *byte == b':') else {
                continue;
            };
            let (name, value) = (&line[..colon], line[colon + 1..].trim_ascii());
            if name.eq_ignore_ascii_case(b"content-length") {
                length = length.or_else(|| number(value));
            } else if name.eq_ignore_ascii_case(b"retry-after") {
                reply.retry_after = true;
            } else if name.eq_ignore_ascii_case(b"cache-status") {
                reply.hit = value.windows(3).any(|word| word == b"hit");
            } else if name.eq_ignore_ascii_case(b"connection") {
                closes = value.eq_ignore_ascii_case(b"close");
            }
        }
        Ok(Self {
            reply,
            body: length.ok_or_else(strange)?,
            closes,
        })
    }
}
