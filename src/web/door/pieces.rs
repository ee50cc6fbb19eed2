//! A large answer's body: handed out in pieces, so that a connection copies no more of it than its peer takes.
//!
//! actix copies what a body hands out into the connection's buffer, and asks for more while that holds less than 32 KiB: a body
//! in one piece would be copied whole for each of those who are sent it. Its length is known, so nothing is chunked. Bodies
//! that are not large go as they are.

use std::convert::Infallible;
use std::pin::Pin;
use std::task::{Context, Poll};

use actix_http::Response;
use actix_http::body::{BodySize, BoxBody, MessageBody};
use actix_web::web::Bytes;

use super::Visit;
use super::held::Holding;

/// A body up to this size goes in one piece.
pub(super) const LARGE: usize = 64 * 1024;
/// What a large one hands out at a time.
const PIECE: usize = 32 * 1024;

/// The rest of a large body.
struct Pieces {
    rest: Bytes,
    /// Counts it while it is sent; there is none for what is in memory anyway.
    holding: Option<Holding>,
}

/// The body of an answer that is in memory as long as the site runs.
#[must_use]
pub fn lasting(bytes: Bytes) -> BoxBody {
    if bytes.len() > LARGE {
        boxed(bytes, None)
    } else {
        BoxBody::new(bytes)
    }
}

fn boxed(rest: Bytes, holding: Option<Holding>) -> BoxBody {
    BoxBody::new(Pieces { rest, holding })
}

impl Visit {
    /// An answer as it is sent on this connection: a large one in pieces, and counted as long as it takes.
    #[must_use]
    pub fn send(&self, response: Response<BoxBody>) -> Response<BoxBody> {
        match response.body().size() {
            BodySize::Sized(bytes) if bytes > LARGE as u64 => response.map_body(|_, body| {
                BoxBody::new(Sending {
                    body: self.in_pieces(body),
                    more: Some(More::begin(self)),
                })
            }),
            _ => response,
        }
    }

    fn in_pieces(&self, body: BoxBody) -> BoxBody {
        match body.try_into_bytes() {
            Ok(bytes) => {
                let holding = Holding::begin(self, &bytes);
                boxed(bytes, Some(holding))
            }
            // It is in pieces already.
            Err(body) => body,
        }
    }
}

/// A large body on its connection, which is busy with it until the last piece is handed out.
struct Sending {
    body: BoxBody,
    more: Option<More>,
}

/// While it lives, pieces are to come.
struct More(Visit);

impl More {
    fn begin(visit: &Visit) -> Self {
        visit.connection.send_more(true);
        Self(visit.clone())
    }
}

impl Drop for More {
    fn drop(&mut self) {
        self.0.connection.send_more(false);
    }
}

impl MessageBody for Sending {
    type Error = Box<dyn std::error::Error>;

    fn size(&self) -> BodySize {
        self.body.size()
    }

    fn poll_next(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Bytes, Self::Error>>> {
        let this = self.get_mut();
        let polled = this.body.as_pin_mut().poll_next(cx);
        if this.body.size() == BodySize::Sized(0) {
            this.more = None;
        }
        polled
    }
}

impl MessageBody for Pieces {
    type Error = Infallible;

    fn size(&self) -> BodySize {
        BodySize::Sized(self.rest.len() as u64)
    }

    fn poll_next(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Bytes, Self::Error>>> {
        let this = self.get_mut();
        let rest = &mut this.rest;
        if rest.is_empty() {
            return Poll::Ready(None);
        }
        let piece = rest.split_to(PIECE.min(rest.len()));
        if rest.is_empty() {
            // With the last piece it is copied: what another finds in its place in memory is not this.
            this.holding = None;
        }
        Poll::Ready(Some(Ok(piece)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::task::Waker;

    /// The pieces of a body of so many bytes, and the length that is told before.
    fn pieces_of(bytes: usize) -> (Vec<Bytes>, BodySize) {
        let bytes: Vec<u8> = (0..bytes).map(|n| n.to_le_bytes()[0]).collect();
        let mut body = lasting(bytes.into());
        let (size, mut pieces) = (body.size(), Vec::new());
        let mut cx = Context::from_waker(Waker::noop());
        while let Poll::Ready(Some(piece)) = body.as_pin_mut().poll_next(&mut cx) {
            pieces.push(piece.unwrap());
        }
        (pieces, size)
    }

    #[test]
    fn a_large_body_is_handed_out_in_pieces_and_says_how_long_it_is() {
        for bytes in [LARGE + 1, 3 * PIECE, 1_000_003] {
            let (pieces, size) = pieces_of(bytes);
            assert_eq!(size, BodySize::Sized(bytes as u64));
            assert_eq!(pieces.len(), bytes.div_ceil(PIECE));
            assert!(pieces.iter().all(|piece| piece.len() <= PIECE));
            let whole = pieces.concat();
            assert_eq!(whole.len(), bytes);
            assert!((0..bytes).all(|n| whole[n] == n.to_le_bytes()[0]));
        }
    }

    #[test]
    fn a_body_that_is_not_large_stays_in_one_piece() {
        for bytes in [1, PIECE + 1, LARGE] {
            let (pieces, size) = pieces_of(bytes);
            assert_eq!(size, BodySize::Sized(bytes as u64));
            assert_eq!(pieces.len(), 1, "{bytes}");
        }
        assert_eq!(pieces_of(0), (Vec::new(), BodySize::Sized(0)));
    }
}
