//! A client that takes its time: sends a little, waits a little, or does not read; on a plain socket of any address.

use std::io::{ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::{Duration, Instant};

use socket2::{Domain, Socket, Type};

/// So long it waits between two steps.
const MOMENT: Duration = Duration::from_millis(20);
/// What has not happened after this time does not happen any more.
pub const LONG: Duration = Duration::from_secs(30);

/// One connection.
pub struct Slow {
    pub stream: TcpStream,
    /// What came so far.
    pub heard: Vec<u8>,
}

impl Slow {
    /// Connects.
    pub fn connect(address: SocketAddr) -> Self {
        Self::of(TcpStream::connect(address).unwrap())
    }

    /// Connects from this address of this machine.
    pub fn connect_from(source: [u8; 4], address: SocketAddr) -> Self {
        let socket = Socket::new(Domain::IPV4, Type::STREAM, None).unwrap();
        socket.bind(&SocketAddr::from((source, 0)).into()).unwrap();
        socket.connect(&address.into()).unwrap();
        Self::of(socket.into())
    }

    /// Connects with room for hardly anything that it has not read.
    pub fn connect_narrow(address: SocketAddr) -> Self {
        let socket = Socket::new(Domain::IPV4, Type::STREAM, None).unwrap();
        socket.set_recv_buffer_size(4096).unwrap();
        socket.connect(&address.into()).unwrap();
        Self::of(socket.into())
    }

    fn of(stream: TcpStream) -> Self {
        stream.set_nodelay(true).unwrap();
        stream.set_read_timeout(Some(MOMENT)).unwrap();
        stream.set_write_timeout(Some(MOMENT)).unwrap();
        Self {
            stream,
            heard: Vec::new(),
        }
    }

    /// Sends bytes; false when the other side has hung up.
    pub fn send(&mut self, bytes: &[u8]) -> bool {
        self.stream.write_all(bytes).is_ok()
    }

    /// Sends bytes until no more go out.
    pub fn stuff(&mut self, bytes: &[u8]) {
        while self.stream.write_all(bytes).is_ok() {}
    }

    /// Listens for a moment and takes so many bytes at most; an error when the other side has hung up.
    pub fn listen(&mut self, most: usize) -> std::io::Result<()> {
        let mut buffer = vec![0; most];
        match self.stream.read(&mut buffer) {
            Ok(0) => Err(ErrorKind::UnexpectedEof.into()),
            Ok(bytes) => {
                self.heard.extend_from_slice(&buffer[..bytes]);
                Ok(())
            }
            Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => {
                Ok(())
            }
            Err(error) => Err(error),
        }
    }

    /// Whether the other side is still there, after a moment.
    pub fn is_open(&mut self) -> bool {
        self.listen(65_536).is_ok()
    }

    /// Listens until the other side hangs up, and says how.
    #[track_caller]
    pub fn until_closed(&mut self) -> ErrorKind {
        self.drip(b"")
    }

    /// Sends this again and again, with a moment in between, until the other side hangs up.
    #[track_caller]
    pub fn drip(&mut self, piece: &[u8]) -> ErrorKind {
        let begun = Instant::now();
        loop {
            if let Err(error) = self.listen(65_536) {
                return error.kind();
            }
            if !piece.is_empty()
                && let Err(error) = self.stream.write_all(piece)
            {
                return error.kind();
            }
            assert!(begun.elapsed() < LONG, "it is never closed");
        }
    }

    /// GET on this connection, which stays open.
    #[track_caller]
    pub fn get(&mut self, path: &str) -> String {
        self.heard.clear();
        assert!(self.send(format!("GET {path} HTTP/1.1\r\nhost: x\r\n\r\n").as_bytes()));
        self.until_heard("\r\n\r\n");
        let head = self.text();
        let length = head
            .lines()
            .find_map(|line| line.strip_prefix("content-length: "));
        let length: usize = length.map_or(0, |length| length.parse().unwrap());
        let whole = head.find("\r\n\r\n").unwrap() + 4 + length;
        let begun = Instant::now();
        while self.heard.len() < whole {
            self.listen(65_536).unwrap();
            assert!(begun.elapsed() < LONG, "{path}: the answer stops");
        }
        self.text()
    }

    /// Listens until this was heard.
    #[track_caller]
    pub fn until_heard(&mut self, text: &str) {
        let begun = Instant::now();
        while !self.text().contains(text) {
            self.listen(65_536)
                .unwrap_or_else(|error| panic!("{error} after {:?}", self.text()));
            assert!(begun.elapsed() < LONG, "{text:?} is never heard");
        }
    }

    /// What came so far, as text.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.heard).into_owned()
    }
}

/// Waits for something that comes true by itself, and does something else meanwhile.
#[track_caller]
pub fn until(mut is_true: impl FnMut() -> bool, mut meanwhile: impl FnMut()) {
    let begun = Instant::now();
    while !is_true() {
        assert!(begun.elapsed() < LONG, "it never comes true");
        meanwhile();
        std::thread::yield_now();
    }
}
