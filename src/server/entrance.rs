//! The listening socket, and how it is closed without refusing anybody who is in already.
//!
//! Closing a listening socket resets the connections that the kernel has made and nobody has accepted; a client may have
//! sent its request on one. So first no new handshake is begun, then what waits is accepted, and only then it is closed.
//! A socket that the service manager holds stays open, and what waits in it is for the next process.

use std::net::TcpListener;
use std::time::Duration;

use actix_server::ServerHandle;
use actix_web::rt::time;
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use socket2::{SockFilter, SockRef};

use crate::error::Result;

/// Longest that is waited for the kernel's queue to be empty, and how often it is looked at.
const EMPTY: Duration = Duration::from_millis(200);
const LOOK: Duration = Duration::from_millis(5);

/// The listening socket.
pub(super) struct Entrance {
    socket: TcpListener,
    is_ours: bool,
}

impl Entrance {
    /// One that this process has bound.
    pub(super) fn bound(listener: &TcpListener) -> Result<Self> {
        Ok(Self {
            socket: listener.try_clone()?,
            is_ours: true,
        })
    }

    /// One that somebody else has bound and holds.
    pub(super) fn handed_over(listener: &TcpListener) -> Result<Self> {
        Ok(Self {
            is_ours: false,
            ..Self::bound(listener)?
        })
    }

    /// Takes no new connections; those that the kernel has made already are accepted, unless another process will.
    pub(super) async fn close(self, server: &ServerHandle) {
        if !self.is_ours {
            return server.pause().await;
        }
        if let Err(error) = SockRef::from(&self.socket).attach_filter(&NO_SYN) {
            // Not every system has them. Who connects in this very moment may then be reset.
            tracing::debug!(%error, "no filter on the listening socket");
        }
        // Longer is no loss of what waits, only of those who come last: the server accepts them until it is stopped.
        let _ = time::timeout(EMPTY, async {
            while self.is_waited_at() {
                time::sleep(LOOK).await;
            }
        })
        .await;
    }

    /// Whether the kernel holds a connection that nobody has accepted.
    fn is_waited_at(&self) -> bool {
        let mut look = [PollFd::new(&self.socket, PollFlags::IN)];
        let now = Timespec {
            tv_sec: 0,
            tv_nsec: 0,
        };
        poll(&mut look, Some(&now)).is_ok_and(|ready| ready > 0)
    }
}

/// Drops segments that begin a handshake (SYN), and no others: handshakes on their way are finished. Who begins one asks
/// again after a second, and finds the next process or is refused. Classic BPF, see socket(7), `SO_ATTACH_FILTER`; a TCP
/// socket's filter sees the segment from the TCP header on, whose byte 13 holds the flags.
const NO_SYN: [SockFilter; 4] = [
    // Load byte 13.
    SockFilter::new(0x30, 0, 0, 13),
    // SYN set: the next one; else the one after.
    SockFilter::new(0x45, 0, 1, 0x02),
    // Keep nothing of it.
    SockFilter::new(0x06, 0, 0, 0),
    // Keep all of it.
    SockFilter::new(0x06, 0, 0, u32::MAX),
];
