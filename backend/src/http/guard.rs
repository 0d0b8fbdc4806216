//! The rules for every request to the API: how long it may take, which other origins may call,
//! that nothing of it is stored on the way, and that its answer arrives.

use super::App;
use super::leftover::Leftover;
use crate::problem::Problem;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use std::sync::Arc;
use std::time::Duration;

/// Files are sent in as long as it takes; each of their parts has a limit of its own.
const PATIENCE: Duration = Duration::from_secs(30);
const PATIENCE_FOR_FILES: Duration = Duration::from_secs(60 * 60);

const ALLOWED_METHODS: &str = "GET, HEAD, POST, PATCH, DELETE";
const ALLOWED_HEADERS: &str = "Content-Type, X-CSRF-Token, Idempotency-Key, If-Match, \
     Tus-Resumable, Upload-Length, Upload-Metadata, Upload-Offset, Upload-Checksum";
const EXPOSED_HEADERS: &str = "ETag, Location, Link, Retry-After, Date, Idempotency-Replayed, \
     Tus-Resumable, Tus-Version, Tus-Extension, Tus-Max-Size, Tus-Checksum-Algorithm, \
     Upload-Length, Upload-Metadata, Upload-Offset, Upload-Expires";

/// Lets a request through to its resource, or answers instead.
pub(super) async fn guard(State(app): State<Arc<App>>, request: Request, next: Next) -> Response {
    let (request, leftover) = Leftover::watch(request);
    let response = rules(app, request, next).await;
    leftover.discard().await;
    response
}

async fn rules(app: Arc<App>, request: Request, next: Next) -> Response {
    let path = request.uri().path();
    let is_api = path.starts_with("/api/") || matches!(path, "/health" | "/openapi.json");
    if !is_api {
        return next.run(request).await;
    }
    let origin = allowed_origin(&app, request.headers());
    let mut response = if is_preflight(&request) && origin.is_some() {
        preflight()
    } else if is_foreign_change(&request) && origin.is_none() {
        foreign_change().into_response()
    } else {
        in_time(request, next).await
    };
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(
        header::X_CONTENT_TYPE_OPTIONS,
        HeaderValue::from_static("nosniff"),
    );
    if !app.allow_origins.is_empty() {
        headers.append(header::VARY, HeaderValue::from_static("Origin"));
    }
    if let Some(origin) = origin {
        share_with(headers, origin);
    }
    response
}

async fn in_time(request: Request, next: Next) -> Response {
    let path = request.uri().path();
    let patience = match path.ends_with("/attachments") || path.starts_with("/api/uploads/") {
        true => PATIENCE_FOR_FILES,
        false => PATIENCE,
    };
    match tokio::time::timeout(patience, next.run(request)).await {
        Ok(response) => response,
        Err(_) => Problem::busy("a request took too long").into_response(),
    }
}

fn allowed_origin(app: &App, headers: &HeaderMap) -> Option<HeaderValue> {
    let origin = headers.get(header::ORIGIN)?;
    let text = origin.to_str().ok()?;
    app.allow_origins
        .iter()
        .any(|allowed| allowed == text)
        .then(|| origin.clone())
}

fn is_preflight(request: &Request) -> bool {
    request.method() == Method::OPTIONS
        && request
            .headers()
            .contains_key(header::ACCESS_CONTROL_REQUEST_METHOD)
}

/// Browsers say themselves when another site's page makes them send something.
fn is_foreign_change(request: &Request) -> bool {
    const SITE: HeaderName = HeaderName::from_static("sec-fetch-site");
    let changes = !matches!(
        *request.method(),
        Method::GET | Method::HEAD | Method::OPTIONS
    );
    let foreign = request
        .headers()
        .get(SITE)
        .is_some_and(|site| site == "cross-site");
    changes && foreign
}

fn foreign_change() -> Problem {
    Problem::new(
        StatusCode::FORBIDDEN,
        "csrf",
        "Pages of this origin may not change anything here.",
    )
}

fn preflight() -> Response {
    let mut response = StatusCode::NO_CONTENT.into_response();
    let headers = response.headers_mut();
    headers.insert(
        header::ACCESS_CONTROL_ALLOW_METHODS,
        HeaderValue::from_static(ALLOWED_METHODS),
    );
    headers.insert(
        header::ACCESS_CONTROL_ALLOW_HEADERS,
        HeaderValue::from_static(ALLOWED_HEADERS),
    );
    headers.insert(
        header::ACCESS_CONTROL_MAX_AGE,
        HeaderValue::from_static("600"),
    );
    response
}

fn share_with(headers: &mut HeaderMap, origin: HeaderValue) {
    headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin);
    headers.insert(
        header::ACCESS_CONTROL_ALLOW_CREDENTIALS,
        HeaderValue::from_static("true"),
    );
    headers.insert(
        header::ACCESS_CONTROL_EXPOSE_HEADERS,
        HeaderValue::from_static(EXPOSED_HEADERS),
    );
}
