//! What has changed since a cursor. The feed gives each record once, in its newest state; a
//! client that applies all pages in order has what the service has.

use super::App;
use super::limits::LARGEST_PAGE;
use super::query::Parameters;
use crate::catalog::KINDS;
use crate::problem::Problem;
use crate::session::Session;
use crate::store::Change;
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};
use std::sync::Arc;

/// One page of changes.
pub(super) async fn list(
    session: Session,
    State(app): State<Arc<App>>,
    parameters: Parameters,
) -> Result<Response, Problem> {
    let limit = parameters.limit(LARGEST_PAGE)?;
    let since = match parameters.one("since")? {
        None => 0,
        Some(cursor) => position(&app, cursor).await?,
    };
    // One more than asked for tells whether there is more.
    let mut changes = app
        .store
        .changes(&session.access, &KINDS, since, limit + 1)
        .await?;
    let more = changes.len() > usize::try_from(limit).unwrap_or(usize::MAX);
    if more {
        changes.pop();
    }
    let last = changes.last().map_or(since, |change| change.seq);
    let items: Vec<Value> = changes.into_iter().map(entry).collect();
    let cursor = format!("{}-{last}", app.store.epoch());
    Ok(Json(json!({"items": items, "cursor": cursor, "more": more})).into_response())
}

fn entry(change: Change) -> Value {
    match change.record {
        Some(record) => json!({
            "kind": change.kind, "id": change.id, "deleted": false, "record": record
        }),
        None => json!({"kind": change.kind, "id": change.id, "deleted": true}),
    }
}

/// A cursor of another database, or of a future this one does not have because it was restored
/// from a backup, can't be continued: the client must start over.
async fn position(app: &App, cursor: &str) -> Result<i64, Problem> {
    let known = match cursor.split_once('-') {
        Some((epoch, seq)) if epoch == app.store.epoch() => seq.parse::<i64>().ok(),
        _ => None,
    };
    match known {
        Some(seq) if seq >= 0 && seq <= app.store.latest_change().await? => Ok(seq),
        _ => Err(Problem::new(
            StatusCode::GONE,
            "cursor_gone",
            "Changes can't be told from there. Read everything again, without since.",
        )),
    }
}
