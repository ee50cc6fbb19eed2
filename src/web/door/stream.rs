//! The socket of one connection: tokio's own, watched. Every read and write passes through here; what a connection waits for
//! is told from that, and one that was told to end gets an error at its next poll.
//!
//! It must stay cheap: no timer, no system call of its own, no allocation while a connection is in order.

use std::io::{Error, ErrorKind, IoSlice, Result};
use std::os::fd::AsFd;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker, ready};

use rustix::event::{PollFd, PollFlags, Timespec};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;

use super::connection::Connection;
use super::word::Phase;
use super::{Door, Reason, Visit};

/// What is told to a peer whose head took too long.
const LATE: &[u8] =
    b"HTTP/1.1 408 Request Timeout\r\nconnection: close\r\ncontent-length: 0\r\n\r\n";

/// So much is read ahead of the answers, and at most in one go. Above stands one who reads until nothing comes, but cannot
/// take requests apart while many are waiting: with 128 KiB in hand it would ask to be polled again and again until its peer
/// takes an answer. What it has in hand stays below twice this.
const AHEAD: usize = 48 * 1024;

/// A connection's socket.
pub struct Stream {
    io: TcpStream,
    visit: Visit,
    /// The one that was stored last, to see cheaply that it is still the same.
    waker: Option<Waker>,
    /// Bytes that were read since a poll began in which no answer was owed.
    ahead: usize,
    /// A poll of the dispatcher has come to its writing: the next read is of another poll.
    is_anew: bool,
    is_ended: bool,
}

impl Stream {
    pub(super) fn new(io: TcpStream, visit: Visit) -> Self {
        Self {
            io,
            visit,
            waker: None,
            ahead: 0,
            is_anew: false,
            is_ended: false,
        }
    }

    /// The connection, for its requests.
    #[must_use]
    pub fn visit(&self) -> Visit {
        self.visit.clone()
    }

    /// Has the runtime in which this is called tell when the socket is ready, instead of the one in which it was made.
    ///
    /// # Errors
    /// When there is no room for another file.
    pub fn move_here(&mut self) -> Result<()> {
        let socket = std::net::TcpStream::from(self.io.as_fd().try_clone_to_owned()?);
        self.io = TcpStream::from_std(socket)?;
        Ok(())
    }

    fn connection(&self) -> &Arc<Connection> {
        &self.visit.connection
    }

    fn door(&self) -> &Arc<Door> {
        &self.visit.door
    }

    /// An error when the connection was told to end.
    fn check(&mut self) -> Result<()> {
        match self.connection().word().ending() {
            None => Ok(()),
            Some(reason) => Err(self.end(reason)),
        }
    }

    /// The socket of one who does not take what was written is reset, so that the system drops it at once.
    #[cold]
    fn end(&mut self, reason: Reason) -> Error {
        if !self.is_ended {
            self.is_ended = true;
            let word = self.connection().word();
            if word.is_blocked() || has_unsent(&self.io) {
                let _ = self.io.set_zero_linger();
            } else if reason == Reason::Head
                && word.phase() == Phase::Head
                && self.connection().sent_something()
            {
                let _ = self.io.try_write(LATE);
            }
        }
        ErrorKind::ConnectionAborted.into()
    }

    /// Has the task woken when the connection is told to end; an error when that has just happened.
    fn watch(&mut self, cx: &Context<'_>) -> Result<()> {
        let waker = cx.waker();
        if !(self.waker.as_ref()).is_some_and(|known| known.will_wake(waker)) {
            self.waker = Some(waker.clone());
            self.connection().watch(waker.clone());
        }
        // Whoever ended it before the waker was there woke nobody.
        self.check()
    }

    /// How much may be read now. With nothing left it is said who goes on: this task at once, after it has dealt with what it
    /// has, or whatever ends the state in which an answer is owed.
    fn allowance(&mut self, cx: &Context<'_>) -> Result<usize> {
        let owes = self.connection().word().owes();
        if std::mem::take(&mut self.is_anew) && !owes {
            // All requests before were answered: of what came, only the begin of another can be left, or what the dispatcher
            // is about to take apart.
            self.ahead = 0;
            if self.connection().word().phase() != Phase::Body {
                self.connection().caught_up();
            }
        }
        let left = AHEAD.saturating_sub(self.ahead);
        if left == 0 && owes {
            self.connection().ran_ahead();
            self.watch(cx)?;
        } else if left == 0 {
            cx.waker().wake_by_ref();
        }
        Ok(left)
    }

    fn written(&mut self, polled: Poll<Result<usize>>, cx: &Context<'_>) -> Poll<Result<usize>> {
        let now = self.door().clock.now();
        match polled {
            Poll::Ready(Ok(bytes)) => {
                if !self.connection().wrote(bytes, now) {
                    self.check()?;
                }
            }
            Poll::Pending => {
                self.connection().blocked(now);
                self.watch(cx)?;
                if self.connection().holds() {
                    self.door().relieve();
                }
            }
            Poll::Ready(Err(_)) => {}
        }
        polled
    }
}

impl Drop for Stream {
    fn drop(&mut self) {
        self.visit.door.depart(&self.visit.connection);
    }
}

impl AsyncRead for Stream {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<Result<()>> {
        let this = self.get_mut();
        this.check()?;
        let is_apart = this.connection().word().phase() == Phase::Apart;
        let allowed = if is_apart { AHEAD } else { this.allowance(cx)? };
        if allowed == 0 {
            return Poll::Pending;
        }
        let polled = read_some(&mut this.io, cx, buf, allowed);
        if polled.is_pending() {
            this.watch(cx)?;
            return Poll::Pending;
        }
        let bytes = ready!(polled)?;
        if is_apart {
            return Poll::Ready(Ok(()));
        }
        this.ahead += bytes;
        if bytes > 0 && this.connection().word().owes() {
            // The dispatcher takes apart only some requests ahead, and with the last of them it forgets that it has more.
            this.connection().ran_ahead();
        }
        if bytes > 0 && !(this.connection()).received(bytes, this.door().clock.now()) {
            this.check()?;
        }
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Stream {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<Result<usize>> {
        let this = self.get_mut();
        this.is_anew = true;
        this.check()?;
        let polled = Pin::new(&mut this.io).poll_write(cx, bytes);
        this.written(polled, cx)
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<Result<usize>> {
        let this = self.get_mut();
        this.is_anew = true;
        this.check()?;
        let polled = Pin::new(&mut this.io).poll_write_vectored(cx, slices);
        this.written(polled, cx)
    }

    fn is_write_vectored(&self) -> bool {
        self.io.is_write_vectored()
    }

    /// The dispatcher flushes whenever it is polled, also when it neither reads nor writes.
    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Result<()>> {
        let this = self.get_mut();
        this.is_anew = true;
        Poll::Ready(this.check())
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<()>> {
        let this = self.get_mut();
        this.check()?;
        Pin::new(&mut this.io).poll_shutdown(cx)
    }
}

/// Reads so many bytes at most, and says how many.
fn read_some(
    io: &mut TcpStream,
    cx: &mut Context<'_>,
    buf: &mut ReadBuf<'_>,
    most: usize,
) -> Poll<Result<usize>> {
    let before = buf.filled().len();
    if buf.remaining() <= most {
        ready!(Pin::new(io).poll_read(cx, buf))?;
        return Poll::Ready(Ok(buf.filled().len() - before));
    }
    let mut part = ReadBuf::new(buf.initialize_unfilled_to(most));
    ready!(Pin::new(io).poll_read(cx, &mut part))?;
    let bytes = part.filled().len();
    buf.advance(bytes);
    Poll::Ready(Ok(bytes))
}

/// Whether the system still holds bytes that the peer's window does not admit. With a low-water mark of one byte a socket is
/// writable only when there are none; called when the connection ends, so nothing else minds the mark.
fn has_unsent(io: &TcpStream) -> bool {
    if socket2::SockRef::from(io).set_tcp_notsent_lowat(1).is_err() {
        return false;
    }
    let at_once = Timespec {
        tv_sec: 0,
        tv_nsec: 0,
    };
    let mut asked = [PollFd::new(io, PollFlags::OUT)];
    rustix::event::poll(&mut asked, Some(&at_once)) == Ok(0)
}
