//! Request bodies that end: in time, and within a size.

use std::{
    pin::Pin,
    task::{Context, Poll, ready},
    time::Duration,
};

use axum::{BoxError, body::Body};
use bytes::Bytes;
use http_body_util::{BodyExt, LengthLimitError, Limited};
use hyper::body::{Body as _, Frame, Incoming, SizeHint};
use thiserror::Error;
use tokio::{
    runtime::Handle,
    time::{Instant, Sleep, sleep_until, timeout, timeout_at},
};
use tokio_util::task::TaskTracker;

use super::ListenOptions;
use crate::limits;

/// Why a request's body could not be read.
#[derive(Debug, Error)]
pub enum BodyError {
    #[error("the request body is larger than {limit_bytes} bytes")]
    TooLarge { limit_bytes: usize },
    #[error("the request body arrived too slowly")]
    TooSlow,
    /// The client went away or did not keep to HTTP. Nobody may be there to read an answer.
    #[error("the request body could not be read")]
    Broken(#[source] BoxError),
}

/// Reads a whole body of at most `limit_bytes`. A body that announces more is refused unread.
pub async fn read(body: Body, limit_bytes: usize) -> Result<Bytes, BodyError> {
    let announced = body.size_hint().lower();
    if usize::try_from(announced).map_or(true, |announced| announced > limit_bytes) {
        return Err(BodyError::TooLarge { limit_bytes });
    }
    match Limited::new(body, limit_bytes).collect().await {
        Ok(collected) => Ok(collected.to_bytes()),
        Err(error) if error.is::<LengthLimitError>() => Err(BodyError::TooLarge { limit_bytes }),
        Err(error) => Err(match error.downcast::<axum::Error>() {
            Ok(error) => BodyError::from_inner(error.into_inner()),
            Err(error) => BodyError::from_inner(error),
        }),
    }
}

impl BodyError {
    fn from_inner(error: BoxError) -> Self {
        if error.is::<TooSlow>() { Self::TooSlow } else { Self::Broken(error) }
    }
}

/// A body that fails when no byte comes for a while, or not all of it in time.
///
/// What a handler did not read is read on after it and thrown away, up to a limit. Otherwise HTTP/1 had to break
/// the connection off, and a client that is still sending would see that instead of the answer.
pub(super) struct Timed {
    /// `None` when there is nothing more to read.
    incoming: Option<Incoming>,
    stall_time: Duration,
    end: Instant,
    /// Made when the body keeps somebody waiting for the first time; most are there at once.
    timer: Option<Pin<Box<Sleep>>>,
    tasks: TaskTracker,
}

#[derive(Debug, Error)]
#[error("no data in time")]
struct TooSlow;

impl Timed {
    /// Returns a body for a handler. Without any content there is nothing to time.
    pub(super) fn wrap(incoming: Incoming, options: &ListenOptions, tasks: &TaskTracker) -> Body {
        if incoming.is_end_stream() {
            return Body::empty();
        }
        Body::new(Self {
            incoming: Some(incoming),
            stall_time: options.body_stall_time,
            end: Instant::now() + options.body_time,
            timer: None,
            tasks: tasks.clone(),
        })
    }

    fn deadline(&self) -> Instant {
        self.end.min(Instant::now() + self.stall_time)
    }

    fn poll_timer(&mut self, context: &mut Context<'_>) -> Poll<()> {
        let deadline = self.deadline();
        let timer = self.timer.get_or_insert_with(|| Box::pin(sleep_until(deadline)));
        timer.as_mut().poll(context)
    }
}

impl hyper::body::Body for Timed {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        let Some(incoming) = &mut self.incoming else { return Poll::Ready(None) };
        let frame = match Pin::new(incoming).poll_frame(context) {
            Poll::Ready(frame) => frame.map(|frame| frame.map_err(BoxError::from)),
            Poll::Pending => {
                ready!(self.poll_timer(context));
                Some(Err(TooSlow.into()))
            }
        };
        let deadline = self.deadline();
        if let Some(timer) = &mut self.timer {
            timer.as_mut().reset(deadline);
        }
        if !matches!(frame, Some(Ok(_))) {
            self.incoming = None;
        }
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        self.incoming.as_ref().is_none_or(Incoming::is_end_stream)
    }

    fn size_hint(&self) -> SizeHint {
        self.incoming.as_ref().map_or_else(|| SizeHint::with_exact(0), Incoming::size_hint)
    }
}

impl Drop for Timed {
    fn drop(&mut self) {
        let incoming = self.incoming.take().filter(|incoming| !incoming.is_end_stream());
        let (Some(incoming), Ok(runtime)) = (incoming, Handle::try_current()) else { return };
        self.tasks.spawn_on(timeout_at(self.end, discard(incoming, self.stall_time)), &runtime);
    }
}

/// Reads until the end, the limit, or the end of the connection, which the body reports as an error.
async fn discard(mut incoming: Incoming, stall_time: Duration) {
    let mut left = limits::DISCARD_BYTES;
    while let Ok(Some(Ok(frame))) = timeout(stall_time, incoming.frame()).await {
        let bytes = frame.data_ref().map_or(0, Bytes::len);
        let Some(still_left) = left.checked_sub(bytes) else { return };
        left = still_left;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn sizes() {
        let check = async |body: Body, limit| read(body, limit).await.map_err(|error| error.to_string());
        let chunks =
            |n| Body::from_stream(futures_util::stream::iter((0..n).map(|_| Ok::<_, BoxError>("12345"))));
        let too_large = || Err("the request body is larger than 9 bytes".to_owned());
        assert_eq!(check(Body::from("123456789"), 9).await, Ok("123456789".into()));
        assert_eq!(check(Body::from("1234567890"), 9).await, too_large());
        assert_eq!(check(chunks(1), 9).await, Ok("12345".into()));
        assert_eq!(check(chunks(2), 9).await, too_large());
        let broken = Body::from_stream(futures_util::stream::iter([Err::<Bytes, BoxError>("gone".into())]));
        assert_eq!(check(broken, 9).await, Err("the request body could not be read".to_owned()));
    }
}
