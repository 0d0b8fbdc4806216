//! Reads request bodies, within their limits of size and of patience.

use super::limits::LARGEST_JSON;
use crate::idempotency::Operation;
use crate::problem::Problem;
use axum::body::{Body, Bytes};
use axum::extract::Request;
use axum::http::{HeaderMap, StatusCode, header};
use futures_util::StreamExt;
use std::time::Duration;

/// A body that stands still for so long is given up.
const SILENCE: Duration = Duration::from_secs(30);

/// A body that arrives piece by piece and is refused as soon as it becomes too large.
pub(super) struct Pieces {
    stream: axum::body::BodyDataStream,
    left: u64,
}

impl Pieces {
    /// A body that says itself that it is too large is refused before it is read.
    pub(super) fn new(body: Body, headers: &HeaderMap, largest: u64) -> Result<Self, Problem> {
        let announced = headers
            .get(header::CONTENT_LENGTH)
            .and_then(|value| value.to_str().ok())
            .and_then(|text| text.parse::<u64>().ok());
        if announced.is_some_and(|length| length > largest) {
            return Err(too_large());
        }
        Ok(Self {
            stream: body.into_data_stream(),
            left: largest,
        })
    }

    /// The next piece, or nothing at the end.
    pub(super) async fn next(&mut self) -> Result<Option<Bytes>, Problem> {
        let piece = tokio::time::timeout(SILENCE, self.stream.next())
            .await
            .map_err(|_| incomplete())?;
        let Some(piece) = piece else {
            return Ok(None);
        };
        let piece = piece.map_err(|_| incomplete())?;
        let length = piece.len() as u64;
        self.left = self.left.checked_sub(length).ok_or_else(too_large)?;
        Ok(Some(piece))
    }
}

/// A JSON body in whole.
pub(super) async fn json(
    body: Body,
    headers: &HeaderMap,
    media_types: &[&str],
) -> Result<Vec<u8>, Problem> {
    let given = headers
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.split(';').next())
        .unwrap_or_default()
        .trim();
    if !media_types
        .iter()
        .any(|known| given.eq_ignore_ascii_case(known))
    {
        return Err(Problem::new(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "media_type",
            format!(
                "The body must have the Content-Type {}.",
                media_types.join(" or ")
            ),
        ));
    }
    let mut pieces = Pieces::new(body, headers, LARGEST_JSON as u64)?;
    let mut whole = Vec::new();
    while let Some(piece) = pieces.next().await? {
        whole.extend_from_slice(&piece);
    }
    Ok(whole)
}

/// A creation with a JSON body: what makes it unique, and the body.
pub(super) async fn json_operation(request: Request) -> Result<(Operation, Vec<u8>), Problem> {
    let (parts, body) = request.into_parts();
    let key = Operation::key_of(&parts.headers)?;
    let body = json(body, &parts.headers, &["application/json"]).await?;
    Ok((Operation::new(key, &parts, &body), body))
}

pub(super) fn too_large() -> Problem {
    Problem::new(
        StatusCode::PAYLOAD_TOO_LARGE,
        "too_large",
        "This is larger than the service takes.",
    )
}

fn incomplete() -> Problem {
    Problem::new(
        StatusCode::BAD_REQUEST,
        "incomplete",
        "The request ended before all of it had arrived.",
    )
}
