//! Reading: one record, and collections page by page.

use super::limits::USUAL_PAGE;
use super::query::Parameters;
use super::{App, Id, record};
use crate::catalog::{Collection, OF_CASE};
use crate::problem::Problem;
use crate::session::Session;
use crate::store::{Listing, Page};
use axum::Json;
use axum::extract::State;
use axum::http::{HeaderValue, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use serde_json::json;
use std::sync::Arc;

/// The account one acts for.
pub(super) async fn account(session: Session) -> Response {
    record(StatusCode::OK, &session.account)
}

/// One record of a kind.
pub(super) async fn single(
    kind: &'static str,
    session: Session,
    State(app): State<Arc<App>>,
    Id(id): Id,
) -> Result<Response, Problem> {
    let found = app.store.get(&session.access, kind, &id).await?;
    let found = found.ok_or_else(Problem::not_found)?;
    Ok(record(StatusCode::OK, &found))
}

/// One page of a collection.
pub(super) async fn list(
    collection: &'static Collection,
    session: Session,
    State(app): State<Arc<App>>,
    (uri, parameters): (Uri, Parameters),
) -> Result<Response, Problem> {
    let listing = Listing {
        kind: collection.kind,
        parent: "",
        after: parameters.cursor()?,
        limit: parameters.limit(USUAL_PAGE)?,
        words: parameters.words()?,
        facets: parameters.facets(collection.facets)?,
    };
    let page = app.store.list(&session.access, &listing).await?;
    Ok(page_of(page, uri.path(), &parameters))
}

/// One page of what belongs to a case that the session may see.
pub(super) async fn list_of_case(
    kind: &str,
    case_id: &str,
    session: &Session,
    app: &App,
    path: &str,
    parameters: &Parameters,
) -> Result<Response, Problem> {
    let case = app.store.get(&session.access, "case", case_id).await?;
    case.ok_or_else(Problem::not_found)?;
    let listing = Listing {
        kind,
        parent: case_id,
        after: parameters.cursor()?,
        limit: parameters.limit(USUAL_PAGE)?,
        words: parameters.words()?,
        facets: parameters.facets(&OF_CASE)?,
    };
    let page = app.store.list(&session.access, &listing).await?;
    Ok(page_of(page, path, parameters))
}

fn page_of(page: Page, path: &str, parameters: &Parameters) -> Response {
    let next = page.next.clone();
    let mut response = Json(json!({"items": page.items, "next": page.next})).into_response();
    if let Some(cursor) = next {
        let link = format!("<{}>; rel=\"next\"", parameters.next_page(path, &cursor));
        if let Ok(link) = HeaderValue::from_str(&link) {
            response.headers_mut().insert(header::LINK, link);
        }
    }
    response
}
