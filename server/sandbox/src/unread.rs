//! What of a request's body is left where it is answered before the body was read.
//!
//! HTTP/2 ends such an exchange by resetting the stream, and a client that still sends (curl before
//! version 8 is one) then loses the answer with it: a 401, for one. So the rest is read away first.
use axum::body::{Body, Bytes};
use axum::extract::Request;
use http::header;
use hyper::body::{Body as HttpBody, Frame, SizeHint};
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::sync::oneshot;

/// No more of a body is read away: whoever sends so much is better stopped.
const MAX_BYTES: u64 = 1 << 20;
/// Nor is a client waited for longer that has begun a body and does not go on with it.
const PATIENCE: Duration = Duration::from_secs(5);

/// Where a body comes back to when whoever it was for has done with it.
pub(crate) struct Rest(Option<oneshot::Receiver<Body>>);

/// The request with a body that comes back unless it is read to its end.
pub(crate) fn watch(request: Request) -> (Request, Rest) {
    // Such a client sends nothing before it is asked to, and reading would ask.
    if request.headers().contains_key(header::EXPECT) {
        return (request, Rest(None));
    }
    let (back, rest) = oneshot::channel();
    let request = request.map(|body| {
        Body::new(Watched {
            body,
            back: Some(back),
        })
    });
    (request, Rest(Some(rest)))
}

impl Rest {
    /// To be called before the answer goes out.
    pub async fn read_away(self) {
        // A body that is still being read has not come back, and is left to its reader.
        let Some(body) = self.0.and_then(|mut rest| rest.try_recv().ok()) else {
            return;
        };
        if body.size_hint().lower() > MAX_BYTES {
            return;
        }
        let limit = usize::try_from(MAX_BYTES).expect("a mebibyte fits any usize");
        // An end, too much, an error or a silence: the answer goes out now, whichever it was.
        let _ = tokio::time::timeout(PATIENCE, axum::body::to_bytes(body, limit)).await;
    }
}

struct Watched {
    body: Body,
    /// Taken when the body has ended or failed.
    back: Option<oneshot::Sender<Body>>,
}

impl HttpBody for Watched {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        let polled = Pin::new(&mut self.body).poll_frame(context);
        if matches!(polled, Poll::Ready(None | Some(Err(_)))) {
            self.back = None;
        }
        polled
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

impl Drop for Watched {
    fn drop(&mut self) {
        if let Some(back) = self.back.take().filter(|_| !self.body.is_end_stream()) {
            // Nobody waits for it where the request itself was given up.
            let _ = back.send(std::mem::take(&mut self.body));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tasks::testing::Bench;
    use futures::{StreamExt, stream};
    use http::Method;
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};

    /// A request with a body of pieces, each a quarter of what is read away at most, and how many
    /// of them were read.
    fn request(pieces: usize) -> (Request, Arc<AtomicUsize>) {
        let read = Arc::new(AtomicUsize::new(0));
        let counted = read.clone();
        let body = stream::iter(0..pieces).map(move |_| {
            counted.fetch_add(1, Ordering::Relaxed);
            Ok::<_, std::io::Error>(Bytes::from(vec![0; 1 << 18]))
        });
        (Request::new(Body::from_stream(body)), read)
    }

    #[tokio::test]
    async fn what_nobody_read_is_read_away_within_bounds() {
        for (pieces, expected) in [(0, 0), (3, 3), (4, 4), (9, 5)] {
            let (request, read) = request(pieces);
            let (request, rest) = watch(request);
            drop(request);
            rest.read_away().await;
            assert_eq!(read.load(Ordering::Relaxed), expected, "of {pieces}");
        }
    }

    #[tokio::test]
    async fn every_room_refuses_after_the_body() {
        let bench = Bench::start().await;
        for path in [
            "/subscriptions/x/resourcegroups/y?api-version=2022-12-01",
            "/sandbox/faults",
            "/v2/app/manifests/v1",
            "/acr/v1/app",
        ] {
            let (mut request, read) = request(3);
            *request.method_mut() = Method::PATCH;
            *request.uri_mut() = path.parse().unwrap();
            let answer = bench.send(request).await;
            assert!(answer.status.is_client_error(), "{path}");
            assert_eq!(read.load(Ordering::Relaxed), 3, "{path}");
        }
    }

    #[tokio::test]
    async fn a_body_in_use_and_one_not_asked_for_are_left_alone() {
        let (in_use, read) = request(2);
        let (in_use, rest) = watch(in_use);
        rest.read_away().await;
        assert_eq!(read.load(Ordering::Relaxed), 0);
        let whole = axum::body::to_bytes(in_use.into_body(), usize::MAX).await;
        assert_eq!(whole.unwrap().len(), 2 << 18);

        let (mut expecting, read) = request(2);
        let wait = http::HeaderValue::from_static("100-continue");
        expecting.headers_mut().insert(header::EXPECT, wait);
        let (expecting, rest) = watch(expecting);
        drop(expecting);
        rest.read_away().await;
        assert_eq!(read.load(Ordering::Relaxed), 0);
    }
}
