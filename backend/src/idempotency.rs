//! Makes sending an operation twice harmless. The first answer is stored in the transaction that
//! does the work and is given again to every repetition. A refusal creates nothing, so it frees
//! the key: the same operation can be corrected and sent again under the same key.

use crate::http::App;
use crate::problem::Problem;
use crate::store::{Lease, Reservation, WriteTx};
use crate::text;
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use futures_util::future::BoxFuture;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::{Digest, Sha256};
use std::sync::Arc;

const KEY: HeaderName = HeaderName::from_static("idempotency-key");
const REPLAYED: HeaderName = HeaderName::from_static("idempotency-replayed");

/// The answer to an operation, as it is stored for repetitions.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Outcome {
    /// Where a new record can be read; a changed one was known before.
    #[serde(default)]
    location: Option<String>,
    record: Value,
}

impl Outcome {
    /// A new record; it can be read under its id in the collection.
    pub(crate) fn created(collection: &str, record: Value) -> Self {
        let id = record["id"].as_str().unwrap_or_default();
        let location = Some(format!("{collection}/{id}"));
        Self { location, record }
    }

    /// A record that was there before, as it is now.
    pub(crate) fn changed(record: Value) -> Self {
        let location = None;
        Self { location, record }
    }
}

impl IntoResponse for Outcome {
    fn into_response(self) -> Response {
        let Some(location) = self.location else {
            return crate::http::record(StatusCode::OK, &self.record);
        };
        let mut response = crate::http::record(StatusCode::CREATED, &self.record);
        if let Ok(location) = HeaderValue::from_str(&location) {
            response.headers_mut().insert(header::LOCATION, location);
        }
        response
    }
}

/// What makes one operation the same as another.
#[derive(Debug)]
pub(crate) struct Operation {
    key: String,
    fingerprint: String,
}

impl Operation {
    /// Reads the key of a request before its body. Without a key nothing is created.
    pub(crate) fn key_of(headers: &HeaderMap) -> Result<String, Problem> {
        let key = headers
            .get(KEY)
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default();
        let visible = key.bytes().all(|byte| byte.is_ascii_graphic());
        match visible && (8..=128).contains(&key.len()) {
            true => Ok(key.to_owned()),
            false => Err(Problem::new(
                StatusCode::BAD_REQUEST,
                "idempotency_key_missing",
                "This needs the header Idempotency-Key with 8 to 128 visible ASCII characters.",
            )),
        }
    }

    /// What it is, in a form that can be compared.
    pub(crate) fn fingerprint(&self) -> &str {
        &self.fingerprint
    }

    /// The refusal of a key that was used for something else.
    pub(crate) fn reused() -> Problem {
        Problem::new(
            StatusCode::UNPROCESSABLE_ENTITY,
            "idempotency_key_reused",
            "This Idempotency-Key was used for something else. Use a new key for a new operation.",
        )
    }

    /// The key, by which the record that the operation creates is found again.
    pub(crate) fn key(&self) -> &str {
        &self.key
    }

    /// The key of an operation that may also come without one.
    pub(crate) fn optional_key_of(headers: &HeaderMap) -> Result<Option<String>, Problem> {
        match headers.contains_key(KEY) {
            true => Self::key_of(headers).map(Some),
            false => Ok(None),
        }
    }

    /// Describes the operation by where it goes and by its content.
    pub(crate) fn new(key: String, parts: &Parts, content: &[u8]) -> Self {
        let mut hash = Sha256::new();
        for part in [
            parts.method.as_str().as_bytes(),
            parts.uri.path().as_bytes(),
            parts.uri.query().unwrap_or_default().as_bytes(),
            content,
        ] {
            // The length keeps the end of one part from passing as the start of the next.
            hash.update(part.len().to_be_bytes());
            hash.update(part);
        }
        Self {
            key,
            fingerprint: text::hex(&hash.finalize()),
        }
    }
}

/// The work of an operation inside its transaction.
pub(crate) trait Work:
    for<'t> FnOnce(&'t mut WriteTx) -> BoxFuture<'t, Result<Outcome, Problem>> + Send + 'static
{
}

impl<F> Work for F where
    F: for<'t> FnOnce(&'t mut WriteTx) -> BoxFuture<'t, Result<Outcome, Problem>> + Send + 'static
{
}

/// Does the work once for all sendings of the operation, or says why not.
pub(crate) async fn once(
    app: &Arc<App>,
    account_id: &str,
    operation: Operation,
    work: impl Work,
) -> Result<Response, Problem> {
    let app = Arc::clone(app);
    let account_id = account_id.to_owned();
    // Its own task: a client that hangs up can leave neither the work half way nor its key reserved.
    let task = tokio::spawn(async move { claim(&app, &account_id, operation, work).await });
    task.await.map_err(Problem::internal)?
}

async fn claim(
    app: &App,
    account_id: &str,
    operation: Operation,
    work: impl Work,
) -> Result<Response, Problem> {
    let reservation = app
        .store
        .reserve_key(account_id, &operation.key, &operation.fingerprint)
        .await?;
    match reservation {
        Reservation::Granted(lease) => perform(app, lease, work).await,
        Reservation::Answered(answer) => replay(&answer),
        Reservation::InFlight => Err(in_flight()),
        Reservation::Reused => Err(Operation::reused()),
    }
}

async fn perform(app: &App, lease: Lease, work: impl Work) -> Result<Response, Problem> {
    let outcome = commit(app, &lease, work).await;
    if outcome.is_err() {
        // If this fails too, the lease ends by itself.
        if let Err(error) = app.store.release_key(&lease).await {
            tracing::warn!(%error, "a key could not be given back");
        }
    }
    outcome.map(IntoResponse::into_response)
}

async fn commit(app: &App, lease: &Lease, work: impl Work) -> Result<Outcome, Problem> {
    let mut transaction = app.store.write().await?;
    let outcome = work(&mut transaction).await?;
    let answer = serde_json::to_string(&outcome)?;
    if !transaction.answer_key(lease, &answer).await? {
        return Err(in_flight());
    }
    transaction.commit().await?;
    Ok(outcome)
}

fn replay(answer: &str) -> Result<Response, Problem> {
    let outcome: Outcome = serde_json::from_str(answer)?;
    let mut response = outcome.into_response();
    response
        .headers_mut()
        .insert(REPLAYED, HeaderValue::from_static("true"));
    Ok(response)
}

fn in_flight() -> Problem {
    Problem::new(
        StatusCode::CONFLICT,
        "in_flight",
        "The same operation is being worked on. Ask again in a moment.",
    )
    .retry_after(1)
}
