//! Comments on a case.

use super::cases::with_history;
use super::limits::LONGEST_COMMENT;
use super::query::Parameters;
use super::{App, Id, body, records};
use crate::catalog;
use crate::form::Form;
use crate::idempotency::{Outcome, once};
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
    let reference = operation.key().to_owned();
    once(&app, &account_id, operation, move |transaction| {
        Box::pin(async move { add(transaction, &session, &case_id, &body, reference).await })
    })
    .await
}

async fn add(
    transaction: &mut WriteTx,
    session: &Session,
    case_id: &str,
    body: &[u8],
    reference: String,
) -> Result<Outcome, Problem> {
    let case = transaction.get(&session.access, "case", case_id).await?;
    let case = case.ok_or_else(Problem::not_found)?;
    let text = read(body)?;
    let author = author_name(transaction, session).await?;
    hear(transaction, case, &author).await?;
    let comment = json!({
        "id": text::new_id("comment")?,
        "case_id": case_id,
        "account_id": session.user.account_id,
        "author_name": author,
        "author_side": "partner",
        "body": text,
        "client_reference": reference,
        "created_at": text::now(),
    });
    let placement = catalog::placement("comment", &comment);
    let comment = transaction.put("comment", comment, &placement).await?;
    Ok(Outcome::created("/api/comments", comment))
}

/// Something was said on a case: it rises in the lists, and if an answer was awaited, this is it.
/// Its version stays, so that an edit that was prepared before still fits.
async fn hear(
    transaction: &mut WriteTx,
    mut case: serde_json::Value,
    author: &str,
) -> Result<(), Problem> {
    if case["status"] == "waiting_customer" {
        case["status"] = "open".into();
        case = with_history(case, "status", author, "open");
    }
    let placement = catalog::placement("case", &case);
    transaction.touch("case", case, &placement).await?;
    Ok(())
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
