//! The socket under one fetch: dials checked addresses only, and ends when
//! the fetch's deadline or its allowance of bytes is used up.
//!
//! The HTTP client above sees this as its transport, so no retry, TLS
//! handshake, header or body of its can outlive the deadline, drip by drip or
//! otherwise. This file must never resolve a name and never dial an address
//! that was not handed to it.

use std::io::{self, ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use ureq::config::Config;
use ureq::http::Uri;
use ureq::unversioned::resolver::{ResolvedSocketAddrs, Resolver};
use ureq::unversioned::transport::{
    Buffers, ConnectionDetails, Connector, LazyBuffers, NextTimeout, Transport,
};
use ureq::{Error, Timeout};

/// What all connections of one fetch share.
#[derive(Debug)]
pub(super) struct Trip {
    pub(super) deadline: Instant,
    /// Bytes that may still be read from sockets, all hops and layers together.
    allowance: AtomicUsize,
    /// A socket operation ran into the deadline.
    expired: AtomicBool,
}

impl Trip {
    pub(super) fn new(deadline: Instant, allowance: usize) -> Self {
        Self {
            deadline,
            allowance: AtomicUsize::new(allowance),
            expired: AtomicBool::new(false),
        }
    }

    /// Time until the deadline.
    pub(super) fn left(&self) -> Duration {
        self.deadline.saturating_duration_since(Instant::now())
    }

    /// Whether the deadline has cut this fetch short.
    pub(super) fn is_over(&self) -> bool {
        self.expired.load(Ordering::Relaxed) || self.left().is_zero()
    }

    fn expire(&self) -> Error {
        self.expired.store(true, Ordering::Relaxed);
        Error::Timeout(Timeout::Global)
    }

    /// The time left as a socket timeout, which must not be zero.
    fn timeout(&self) -> Result<Duration, Error> {
        Some(self.left())
            .filter(|left| !left.is_zero())
            .ok_or_else(|| self.expire())
    }

    fn spend(&self, bytes: usize) -> Result<(), Error> {
        self.allowance
            .try_update(Ordering::Relaxed, Ordering::Relaxed, |left| {
                left.checked_sub(bytes)
            })
            .map(drop)
            .map_err(|_| Error::ConnectionFailed)
    }

    fn fail(&self, error: io::Error) -> Error {
        match error.kind() {
            ErrorKind::WouldBlock | ErrorKind::TimedOut => self.expire(),
            _ => Error::Io(error),
        }
    }
}

/// How far the connection of one hop has come; tells apart who failed.
#[derive(Debug, Default)]
pub(super) struct Progress {
    /// The other side accepted the connection.
    pub(super) connected: AtomicBool,
    /// TLS, if any, is established too.
    pub(super) ready: AtomicBool,
}

/// "Resolves" every name to the addresses that the guard has checked.
#[derive(Debug)]
pub(super) struct Pinned(pub(super) Vec<SocketAddr>);

impl Resolver for Pinned {
    fn resolve(&self, _: &Uri, _: &Config, _: NextTimeout) -> Result<ResolvedSocketAddrs, Error> {
        let mut pinned = self.empty();
        for addr in &self.0 {
            // More than the list holds are not dialled.
            let _ = pinned.try_push(*addr);
        }
        Ok(pinned)
    }
}

/// Opens the TCP connection of one hop.
#[derive(Debug)]
pub(super) struct Dial(pub(super) Arc<Trip>, pub(super) Arc<Progress>);

impl Connector for Dial {
    type Out = Wire;

    fn connect(&self, details: &ConnectionDetails, _: Option<()>) -> Result<Option<Wire>, Error> {
        let Self(trip, progress) = self;
        let stream = dial(trip, &details.addrs)?;
        stream.set_nodelay(true)?;
        progress.connected.store(true, Ordering::Relaxed);
        let config = details.config;
        Ok(Some(Wire {
            stream,
            trip: Arc::clone(trip),
            buffers: LazyBuffers::new(config.input_buffer_size(), config.output_buffer_size()),
        }))
    }
}

/// Tries one address after the other, each with its share of the time left.
fn dial(trip: &Trip, addresses: &[SocketAddr]) -> Result<TcpStream, Error> {
    for (tried, addr) in addresses.iter().enumerate() {
        let shares = u32::try_from(addresses.len() - tried).unwrap_or(u32::MAX);
        if let Ok(stream) = TcpStream::connect_timeout(addr, trip.timeout()? / shares) {
            return Ok(stream);
        }
    }
    Err(Error::ConnectionFailed)
}

/// Notes that TCP and TLS are through; comes last among the connectors.
#[derive(Debug)]
pub(super) struct Arrived(pub(super) Arc<Progress>);

impl<In: Transport> Connector<In> for Arrived {
    type Out = In;

    fn connect(&self, _: &ConnectionDetails, chained: Option<In>) -> Result<Option<In>, Error> {
        self.0.ready.store(true, Ordering::Relaxed);
        Ok(chained)
    }
}

/// A connection whose every read and write is cut at the trip's deadline.
#[derive(Debug)]
pub(super) struct Wire {
    stream: TcpStream,
    trip: Arc<Trip>,
    buffers: LazyBuffers,
}

impl Transport for Wire {
    fn buffers(&mut self) -> &mut dyn Buffers {
        &mut self.buffers
    }

    fn transmit_output(&mut self, amount: usize, _: NextTimeout) -> Result<(), Error> {
        let mut output = &self.buffers.output()[..amount];
        while !output.is_empty() {
            self.stream.set_write_timeout(Some(self.trip.timeout()?))?;
            match self.stream.write(output) {
                Ok(0) => return Err(Error::ConnectionFailed),
                Ok(sent) => output = &output[sent..],
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(self.trip.fail(error)),
            }
        }
        Ok(())
    }

    fn await_input(&mut self, _: NextTimeout) -> Result<bool, Error> {
        let input = self.buffers.input_append_buf();
        let got = loop {
            self.stream.set_read_timeout(Some(self.trip.timeout()?))?;
            match self.stream.read(input) {
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                result => break result.map_err(|error| self.trip.fail(error))?,
            }
        };
        self.trip.spend(got)?;
        self.buffers.input_appended(got);
        Ok(got > 0)
    }

    fn is_open(&mut self) -> bool {
        // Connections are never kept for a second request.
        false
    }
}
