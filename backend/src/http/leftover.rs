//! Reads what is left of a body that was answered early. A client that is still sending when the
//! connection closes sees a broken connection instead of the answer: it would not learn that it
//! must sign in, or that its file is too large, and would send everything again.

use axum::body::{Body, BodyDataStream, Bytes};
use axum::extract::Request;
use axum::http::header;
use futures_util::{Stream, StreamExt};
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::sync::oneshot;

/// So much is read and thrown away; who wants to send more has to live with a broken connection.
const MOST: usize = 128 * 1024 * 1024;
const PATIENCE: Duration = Duration::from_secs(60);

/// Where the unread rest of a body turns up once its resource has dropped it.
pub(super) struct Leftover {
    rest: oneshot::Receiver<BodyDataStream>,
    announced: Option<u64>,
}

impl Leftover {
    /// Puts a body into the request that gives its unread rest back.
    pub(super) fn watch(request: Request) -> (Request, Self) {
        let (sender, rest) = oneshot::channel();
        let announced = request
            .headers()
            .get(header::CONTENT_LENGTH)
            .and_then(|value| value.to_str().ok())
            .and_then(|text| text.parse().ok());
        let request = request.map(|body| {
            Body::from_stream(Watched {
                stream: Some(body.into_data_stream()),
                give_back: Some(sender),
            })
        });
        (request, Self { rest, announced })
    }

    /// Reads the rest, if there is any and it is worth it.
    pub(super) async fn discard(mut self) {
        let hopeless = self.announced.is_some_and(|length| length > MOST as u64);
        let Ok(mut rest) = self.rest.try_recv() else {
            return;
        };
        if hopeless {
            return;
        }
        let reading = async {
            let mut read = 0;
            while let Some(Ok(piece)) = rest.next().await {
                read += piece.len();
                if read > MOST {
                    break;
                }
            }
        };
        // After this long the answer is sent anyway.
        let _ = tokio::time::timeout(PATIENCE, reading).await;
    }
}

struct Watched {
    stream: Option<BodyDataStream>,
    give_back: Option<oneshot::Sender<BodyDataStream>>,
}

impl Stream for Watched {
    type Item = Result<Bytes, axum::Error>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let Some(stream) = &mut self.stream else {
            return Poll::Ready(None);
        };
        let piece = stream.poll_next_unpin(context);
        if let Poll::Ready(None | Some(Err(_))) = piece {
            self.stream = None;
        }
        piece
    }
}

impl Drop for Watched {
    fn drop(&mut self) {
        if let (Some(stream), Some(give_back)) = (self.stream.take(), self.give_back.take()) {
            // Nobody waits for it when the whole request was given up.
            let _ = give_back.send(stream);
        }
    }
}
