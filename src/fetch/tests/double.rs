//! Doubles for the tests of `fetch`: sites on loopback, a tripwire that must
//! not be touched, and resolvers that lie.
//!
//! 127.0.0.1 plays the public internet and 127.0.0.2 the private network.
//! Nothing here may reach beyond loopback.

use std::io::{self, Read, Write};
use std::net::{IpAddr, Ipv4Addr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use crate::fetch::{Fetcher, Guard, Resolve};

pub(super) const PUBLIC: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);
pub(super) const PRIVATE: IpAddr = IpAddr::V4(Ipv4Addr::new(127, 0, 0, 2));

/// A site that answers every connection by one function.
pub(super) struct Site {
    pub(super) port: u16,
    requests: Arc<Mutex<Vec<String>>>,
}

impl Site {
    /// Starts a site; `answer` gets the request's head and the connection.
    pub(super) fn start(
        answer: impl Fn(&str, &mut TcpStream) -> io::Result<()> + Send + 'static,
    ) -> Self {
        let listener = TcpListener::bind((PUBLIC, 0)).unwrap();
        let port = listener.local_addr().unwrap().port();
        let requests = Arc::new(Mutex::new(Vec::new()));
        let seen = Arc::clone(&requests);
        thread::spawn(move || {
            for stream in listener.incoming() {
                let mut stream = stream.unwrap();
                let head = read_head(&mut stream);
                seen.lock().unwrap().push(head.clone());
                // The client may hang up whenever it has seen enough.
                let _ = answer(&head, &mut stream);
            }
        });
        Self { port, requests }
    }

    /// A site with the same answer for everything.
    pub(super) fn fixed(answer: impl Into<Vec<u8>>) -> Self {
        let answer = answer.into();
        Self::start(move |_, stream| stream.write_all(&answer))
    }

    pub(super) fn url(&self) -> String {
        format!("http://{PUBLIC}:{}/", self.port)
    }

    pub(super) fn requests(&self) -> Vec<String> {
        self.requests.lock().unwrap().clone()
    }
}

/// An HTML answer with this body.
pub(super) fn html(body: &str) -> String {
    format!("HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\n\r\n{body}")
}

pub(super) fn redirect(location: &str) -> String {
    format!("HTTP/1.1 302 Found\r\nLocation: {location}\r\nContent-Length: 0\r\n\r\n")
}

/// Waits a moment, or less if the client hangs up: a clock for slow sites.
pub(super) fn pause(stream: &mut TcpStream) -> io::Result<()> {
    stream.set_read_timeout(Some(Duration::from_millis(10)))?;
    match stream.read(&mut [0]) {
        Ok(0) => Err(io::ErrorKind::BrokenPipe.into()),
        _ => Ok(()),
    }
}

fn read_head(stream: &mut TcpStream) -> String {
    let mut head = Vec::new();
    let mut byte = [0];
    // A TLS greeting (0x16) has no head and is not waited for.
    while !head.ends_with(b"\r\n\r\n") && head.first() != Some(&0x16) {
        match stream.read(&mut byte) {
            Ok(1) => head.push(byte[0]),
            _ => break,
        }
    }
    String::from_utf8_lossy(&head).into_owned()
}

/// A listener on the private network that counts a single touch as failure.
pub(super) struct Tripwire {
    listener: TcpListener,
}

impl Tripwire {
    pub(super) fn at(ip: IpAddr, port: u16) -> Self {
        let listener = TcpListener::bind((ip, port)).unwrap();
        listener.set_nonblocking(true).unwrap();
        Self { listener }
    }

    pub(super) fn port(&self) -> u16 {
        self.listener.local_addr().unwrap().port()
    }

    #[track_caller]
    pub(super) fn assert_untouched(&self) {
        let error = self.listener.accept().map(drop).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::WouldBlock);
    }
}

/// Answers lookups from a script, the last answer again and again.
#[derive(Clone, Default)]
pub(super) struct Script {
    answers: Vec<Vec<IpAddr>>,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Script {
    pub(super) fn of(answers: &[&[IpAddr]]) -> Self {
        let answers = answers.iter().map(|it| it.to_vec()).collect();
        Self {
            answers,
            asked: Arc::default(),
        }
    }

    pub(super) fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap().clone()
    }
}

impl Resolve for Script {
    fn resolve(&self, host: &str) -> io::Result<Vec<IpAddr>> {
        let mut asked = self.asked.lock().unwrap();
        let answer = self.answers.get(asked.len()).or(self.answers.last());
        asked.push(host.to_owned());
        answer
            .cloned()
            .ok_or_else(|| io::ErrorKind::NotFound.into())
    }
}

/// A fetcher for which 127.0.0.1 is the public internet, on any port.
pub(super) fn fetcher(resolver: impl Resolve + 'static) -> Fetcher {
    Fetcher::with(Guard::with(resolver, |ip| ip == PUBLIC, |_| true))
}
