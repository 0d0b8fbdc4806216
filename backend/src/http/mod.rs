//! What clients see: one module for each resource, and the rules that hold for all of them.

mod actions;
mod attachments;
mod body;
mod cases;
mod changes;
mod comments;
mod entitlements;
mod guard;
mod hand_over;
mod leftover;
pub(crate) mod limits;
mod query;
mod records;
mod session;
pub(crate) mod uploads;
mod vendor;

use crate::catalog::COLLECTIONS;
use crate::problem::Problem;
use crate::store::Store;
use crate::{openapi, static_files};
use axum::extract::{FromRequestParts, Path, State};
use axum::http::request::Parts;
use axum::http::{HeaderValue, StatusCode, header};
use axum::middleware;
use axum::response::{IntoResponse, Response};
use axum::routing::{MethodRouter, get, post};
use axum::{Json, Router};
use serde_json::{Value, json};
use std::path::PathBuf;
use std::sync::Arc;

/// What all requests share.
#[derive(Debug)]
pub(crate) struct App {
    pub(crate) store: Store,
    pub(crate) portal: Option<PathBuf>,
    /// Pages of these origins may call the API.
    pub(crate) allow_origins: Vec<String>,
    /// Whether only this machine can reach us.
    pub(crate) loopback: bool,
    /// Whether the accounts are examples, whose vendor one may play.
    pub(crate) example_data: bool,
    /// The example accounts to show before sign-in.
    pub(crate) examples: Value,
    pub(crate) throttle: session::Throttle,
    /// Largest file that can be uploaded piece by piece, in bytes.
    pub(crate) max_upload: u64,
}

impl App {
    /// Puts together what all requests share.
    pub(crate) fn new(store: Store, config: &crate::server::Config) -> Self {
        Self {
            store,
            portal: config.portal.clone(),
            allow_origins: config.allow_origins.clone(),
            loopback: config.listen.ip().is_loopback(),
            example_data: config.example_data,
            examples: Value::Null,
            throttle: session::Throttle::default(),
            max_upload: config.max_upload,
        }
    }
}

/// All routes with the rules around them.
pub(crate) fn router(app: Arc<App>) -> Router {
    let mut router = Router::new()
        .route("/health", get(health))
        .route("/openapi.json", get(document))
        .route("/api/session", session::routes())
        .route("/api/session/hand-over", hand_over::beginning())
        .route("/api/session/redeem", hand_over::end())
        .route("/api/account", get(records::account))
        .route("/api/changes", get(changes::list));
    for collection in &COLLECTIONS {
        let mut listing =
            get(move |session, state, query| records::list(collection, session, state, query));
        let mut single = single(collection.kind);
        if collection.kind == "case" {
            listing = listing.post(cases::create);
            single = single.patch(cases::edit);
        }
        let path = format!("/api/{}", collection.path);
        router = router
            .route(&path, listing)
            .route(&format!("{path}/{{id}}"), single);
    }
    if app.example_data {
        router = router
            .route("/api/desk/cases/{id}", post(vendor::on_case))
            .route("/api/desk/entitlements/{id}", post(vendor::on_entitlement))
            .route("/api/desk/contacts/{id}", post(vendor::on_contact))
            .route("/api/desk/customers/{id}", post(vendor::on_customer));
    }
    router
        .route(
            "/api/cases/{id}/comments",
            get(comments::list).post(comments::create),
        )
        .route(
            "/api/cases/{id}/attachments",
            get(attachments::list).post(attachments::create),
        )
        .route("/api/cases/{id}/uploads", uploads::creation())
        .route("/api/uploads/{id}", uploads::one())
        .route("/api/cases/{id}/actions", post(actions::act))
        .route("/api/entitlements/link", post(entitlements::link))
        .route("/api/entitlements/purchases", post(entitlements::purchase))
        .route("/api/entitlements/activate", post(entitlements::activate))
        .route("/api/comments/{id}", single("comment"))
        .route("/api/attachments/{id}", single("attachment"))
        .route("/api/attachments/{id}/content", get(attachments::content))
        .fallback(static_files::serve)
        .method_not_allowed_fallback(method_not_allowed)
        .layer(middleware::from_fn_with_state(
            Arc::clone(&app),
            guard::guard,
        ))
        .with_state(app)
}

fn single(kind: &'static str) -> MethodRouter<Arc<App>> {
    get(move |session, state, id| records::single(kind, session, state, id))
}

/// One record as an answer, with its version as entity tag.
pub(crate) fn record(status: StatusCode, record: &Value) -> Response {
    let mut response = (status, Json(record)).into_response();
    if let Some(tag) = etag(record) {
        response.headers_mut().insert(header::ETAG, tag);
    }
    response
}

fn etag(record: &Value) -> Option<HeaderValue> {
    let version = record["version"].as_str()?;
    HeaderValue::from_str(&format!("\"{version}\"")).ok()
}

/// The id in a path. What can't be an id of ours names nothing.
#[derive(Debug)]
struct Id(String);

impl FromRequestParts<Arc<App>> for Id {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, Problem> {
        let Path(id) = Path::<String>::from_request_parts(parts, app)
            .await
            .map_err(|_| Problem::not_found())?;
        match is_id(&id) {
            true => Ok(Self(id)),
            false => Err(Problem::not_found()),
        }
    }
}

/// Whether a text can be an id at all. What can't is not looked up.
fn is_id(text: &str) -> bool {
    let usual = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
    (1..=limits::LONGEST_ID).contains(&text.len()) && text.chars().all(usual)
}

async fn health(State(app): State<Arc<App>>) -> Result<Response, Problem> {
    match app.store.ping().await {
        Ok(()) => Ok(Json(json!({"status": "ok"})).into_response()),
        Err(error) => Err(Problem::busy(error)),
    }
}

async fn document() -> Response {
    Json(openapi::document()).into_response()
}

async fn method_not_allowed() -> Problem {
    Problem::new(
        StatusCode::METHOD_NOT_ALLOWED,
        "method_not_allowed",
        "This address exists but does not take this method.",
    )
}
