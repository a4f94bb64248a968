//! A request's body that knows how much of it has left. The answer decides whether a broken request may be
//! sent again, so it errs to one side: a piece counts as gone once it is handed to the connection.

use std::convert::Infallible;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use tokio::sync::Notify;

/// How much is handed over at a time; small enough that a slow line shows as slow.
const PIECE: usize = 64 * 1024;

/// What has left of one body.
#[derive(Debug, Default)]
pub(crate) struct Departure {
    begun: AtomicBool,
    all: Notify,
}

impl Departure {
    /// Whether the connection has asked for the body at all. Before that no byte of it can have been sent.
    pub(crate) fn has_begun(&self) -> bool {
        self.begun.load(Ordering::Acquire)
    }

    /// Waits until the last piece is handed over.
    pub(crate) async fn completed(&self) {
        self.all.notified().await;
    }
}

/// The body; see the module.
pub(crate) struct WatchedBody {
    rest: Bytes,
    departure: Arc<Departure>,
}

impl WatchedBody {
    pub(crate) fn new(bytes: Bytes, departure: Arc<Departure>) -> Self {
        Self { rest: bytes, departure }
    }
}

impl Body for WatchedBody {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        self.departure.begun.store(true, Ordering::Release);
        let length = self.rest.len().min(PIECE);
        let piece = self.rest.split_to(length);
        if self.rest.is_empty() {
            // A permit is kept for a waiter that comes later.
            self.departure.all.notify_one();
        }
        if piece.is_empty() {
            return Poll::Ready(None);
        }
        Poll::Ready(Some(Ok(Frame::data(piece))))
    }

    fn is_end_stream(&self) -> bool {
        self.rest.is_empty()
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.rest.len() as u64)
    }
}
