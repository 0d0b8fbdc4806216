//! Comments on a case.

use super::limits::LONGEST_COMMENT;
use super::query::Parameters;
use super::{App, Id, body, records};
use crate::catalog;
use crate::form::Form;
use crate::idempotency::{Created, once};
use crate::problem::Problem;
use crate::session::Session;
use crate::store::WriteTx;
use crate::text;
use axum::extract::{Request, State};
use axum::http::Uri;
use axum::response::Response;
use serde_json::json;
use std::sync::Arc;

/// One page of the comments on a case.
pub(super) async fn list(
    session: Session,
    State(app): State<Arc<App>>,
    Id(case_id): Id,
    uri: Uri,
    parameters: Parameters,
) -> Result<Response, Problem> {
    records::list_of_case("comment", &case_id, &session, &app, uri.path(), &parameters).await
}

/// Adds a comment.
pub(super) async fn create(
    session: Session,
    State(app): State<Arc<App>>,
    Id(case_id): Id,
    request: Request,
) -> Result<Response, Problem> {
    let (operation, body) = body::json_operation(request).await?;
    let account_id = session.user.account_id.clone();
    once(&app, &account_id, operation, move |transaction| {
        Box::pin(async move { add(transaction, &session, &case_id, &body).await })
    })
    .await
}

async fn add(
    transaction: &mut WriteTx,
    session: &Session,
    case_id: &str,
    body: &[u8],
) -> Result<Created, Problem> {
    let case = transaction.get(&session.access, "case", case_id).await?;
    case.ok_or_else(Problem::not_found)?;
    let text = read(body)?;
    let author = author_name(transaction, session).await?;
    let comment = json!({
        "id": text::new_id("comment")?,
        "case_id": case_id,
        "account_id": session.user.account_id,
        "author_name": author,
        "author_side": "partner",
        "body": text,
        "created_at": text::now(),
    });
    let placement = catalog::placement("comment", &comment);
    let comment = transaction.put("comment", comment, &placement).await?;
    Ok(Created::new("/api/comments", comment))
}

fn read(body: &[u8]) -> Result<String, Problem> {
    let mut form = Form::read(body)?;
    let text = form.required_text("body", LONGEST_COMMENT);
    if text.len() > LONGEST_COMMENT && text.chars().count() <= LONGEST_COMMENT {
        let detail = format!("A comment may have at most {LONGEST_COMMENT} bytes.");
        form.mistake("/body", "too_long", detail);
    }
    form.finish()?;
    Ok(text)
}

/// The name under which somebody appears in comments and histories.
pub(super) async fn author_name(
    transaction: &mut WriteTx,
    session: &Session,
) -> Result<String, Problem> {
    let contact = transaction
        .get(&session.access, "contact", &session.user.contact_id)
        .await?;
    let name = contact
        .as_ref()
        .and_then(|contact| contact["name"].as_str());
    Ok(name.unwrap_or(&session.user.login).to_owned())
}
