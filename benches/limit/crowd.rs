//! Many connections from many addresses: of each two one asks now and then, and one never reads what it asked for. Whoever is
//! sent away comes again.

use std::io::{ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpStream};

use socket2::{Domain, Socket, Type};

/// Connections of one address of this machine.
const PER_ADDRESS: usize = 50;
/// So often one that does not read asks: the answers have to fill all buffers.
const GREED: usize = 30;

/// The connections.
pub struct Crowd {
    address: SocketAddr,
    /// What is asked for by those who read, and by those who do not.
    requests: [String; 2],
    members: Vec<Option<TcpStream>>,
}

impl Crowd {
    /// So many, of which none is connected yet; `read` and `unread` are what they ask for.
    pub fn new(address: SocketAddr, count: usize, read: &str, unread: &str) -> Self {
        let request = |path: &str| format!("GET {path} HTTP/1.1\r\nhost: {address}\r\n\r\n");
        Self {
            address,
            requests: [read, unread].map(request),
            members: (0..count).map(|_| None).collect(),
        }
    }

    /// Those who read read and ask again; who is not connected connects. Answers with how many are.
    pub fn turn(&mut self) -> usize {
        for number in 0..self.members.len() {
            let reads = number.is_multiple_of(2);
            let kept = self.members[number].take();
            self.members[number] = match kept {
                Some(stream) if reads => ask_again(stream, &self.requests[0]),
                Some(stream) => is_open(&stream).then_some(stream),
                None => self.begin(number, reads),
            };
        }
        self.members.iter().flatten().count()
    }

    /// `None` when the site does not take it.
    fn begin(&self, number: usize, reads: bool) -> Option<TcpStream> {
        let socket = Socket::new(Domain::IPV4, Type::STREAM, None).unwrap();
        let host = u8::try_from(1 + number / PER_ADDRESS).unwrap();
        let source = SocketAddr::from(([127, 0, 1, host], 0));
        socket.bind(&source.into()).unwrap();
        if !reads {
            socket.set_recv_buffer_size(4096).unwrap();
        }
        socket.connect(&self.address.into()).ok()?;
        let mut stream = TcpStream::from(socket);
        stream.set_nonblocking(true).unwrap();
        if reads {
            return ask_again(stream, &self.requests[0]);
        }
        for _ in 0..GREED {
            // What does not go out any more need not.
            let _ = stream.write_all(self.requests[1].as_bytes());
        }
        Some(stream)
    }
}

/// Reads what came, and asks for the same again.
fn ask_again(mut stream: TcpStream, request: &str) -> Option<TcpStream> {
    let mut buffer = [0; 1 << 14];
    loop {
        match stream.read(&mut buffer) {
            Ok(0) => return None,
            Ok(_) => {}
            Err(error) if error.kind() == ErrorKind::WouldBlock => break,
            Err(_) => return None,
        }
    }
    match stream.write_all(request.as_bytes()) {
        Err(error) if error.kind() != ErrorKind::WouldBlock => None,
        _ => Some(stream),
    }
}

/// Whether the other side has not hung up, as far as is known without reading.
fn is_open(stream: &TcpStream) -> bool {
    let error = stream.take_error();
    let end = stream.peek(&mut [0]);
    matches!(error, Ok(None)) && !matches!(end, Ok(0))
}
