//! The other side of the desk, so that a trial or a test sees a case move: whoever is signed in to
//! an example account acts as the vendor on that account's own records. These addresses exist
//! with example data only; a real service has engineers instead.

use super::actions::closed;
use super::cases::with_history;
use super::limits::{DESCRIPTION, OTHER};
use super::{App, Id, body, record};
use crate::catalog;
use crate::desk::Desk;
use crate::form::Form;
use crate::problem::Problem;
use crate::session::Session;
use crate::store::WriteTx;
use crate::text;
use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::response::Response;
use chrono::{Days, Utc};
use serde_json::{Value, json};
use std::sync::Arc;

const CLOSE_REASONS: [&str; 3] = ["confirmed", "no_answer", "not_entitled"];
const DELEGATIONS: [&str; 4] = ["granted", "requested", "none", "withheld"];

/// Acts as the vendor on a case.
pub(super) async fn on_case(
    session: Session,
    State(app): State<Arc<App>>,
    Id(id): Id,
    request: Request,
) -> Result<Response, Problem> {
    let mut form = read(request).await?;
    let mut transaction = app.store.write().await?;
    let case = transaction.get(&session.access, "case", &id).await?;
    let case = case.ok_or_else(Problem::not_found)?;
    let desk = catalog::desk(&mut transaction, &session, &case["policy"]).await?;
    let deed = form.required_line("do", OTHER);
    let (case, said) = work(form, &deed, &desk, case)?;
    if let Some(said) = said {
        let author = engineer(&desk, &case);
        say(&mut transaction, &case, &author, &said).await?;
    }
    finish(transaction, "case", case).await
}

/// Changes a contract as time or the vendor's sales would.
pub(super) async fn on_entitlement(
    session: Session,
    State(app): State<Arc<App>>,
    Id(id): Id,
    request: Request,
) -> Result<Response, Problem> {
    let mut form = read(request).await?;
    let mut transaction = app.store.write().await?;
    let found = transaction.get(&session.access, "entitlement", &id).await?;
    let mut entitlement = found.ok_or_else(Problem::not_found)?;
    let deed = form.required_line("do", OTHER);
    match deed.as_str() {
        "expire" => {
            let yesterday = Utc::now().date_naive().checked_sub_days(Days::new(1));
            entitlement["end"] = yesterday.map_or(Value::Null, |day| day.to_string().into());
            entitlement["status"] = "expired".into();
        }
        "suspend" => entitlement["status"] = "suspended".into(),
        "use_up" => entitlement["cases_remaining"] = 0.into(),
        "remove" => {
            form.finish()?;
            transaction.delete("entitlement", &id).await?;
            transaction.commit().await?;
            return Ok(record(StatusCode::OK, &entitlement));
        }
        _ => return Err(unknown_deed(form)),
    }
    form.finish()?;
    finish(transaction, "entitlement", entitlement).await
}

/// Changes what a colleague may do, as an administrator would.
pub(super) async fn on_contact(
    session: Session,
    State(app): State<Arc<App>>,
    Id(id): Id,
    request: Request,
) -> Result<Response, Problem> {
    let mut form = read(request).await?;
    let mut transaction = app.store.write().await?;
    let found = transaction.get(&session.access, "contact", &id).await?;
    let mut contact = found.ok_or_else(Problem::not_found)?;
    let deed = form.required_line("do", OTHER);
    match deed.as_str() {
        "role" => {
            let role = form.required_line("role", OTHER);
            contact["role"] = role.clone().into();
            contact["facts"]["role"] = role.into();
        }
        "contract" => contact["on_contract"] = form.flag("on_contract").into(),
        _ => return Err(unknown_deed(form)),
    }
    form.finish()?;
    finish(transaction, "contact", contact).await
}

/// Answers a request for access as the customer or the provider would.
pub(super) async fn on_customer(
    session: Session,
    State(app): State<Arc<App>>,
    Id(id): Id,
    request: Request,
) -> Result<Response, Problem> {
    let mut form = read(request).await?;
    let mut transaction = app.store.write().await?;
    let found = transaction.get(&session.access, "customer", &id).await?;
    let mut customer = found.ok_or_else(Problem::not_found)?;
    let deed = form.required_line("do", OTHER);
    if deed != "access" {
        return Err(unknown_deed(form));
    }
    let delegation = one_of(&mut form, "delegation", &DELEGATIONS);
    form.finish()?;
    customer["facts"]["delegation"] = delegation.into();
    finish(transaction, "customer", customer).await
}

/// The case after a deed, and what the vendor says with it.
fn work(
    mut form: Form,
    deed: &str,
    desk: &Desk,
    mut case: Value,
) -> Result<(Value, Option<String>), Problem> {
    let by = engineer(desk, &case);
    let mut said = None;
    match deed {
        "assign" | "reassign" => {
            let name = form.line("name", OTHER);
            form.finish()?;
            let name = match name.is_empty() {
                true => another_engineer(desk, &case),
                false => name,
            };
            case["assigned_to"] = name.clone().into();
            case = with_history(case, &format!("{deed}ed"), "system", &name);
            if case["status"] == "waiting_assignment" {
                case = with_status(case, "open", &name);
            }
        }
        "answer" => said = Some(words(form)?),
        "ask" => {
            let text = words(form)?;
            case = with_history(case, "requested", &by, &text);
            case = with_status(case, "waiting_customer", &by);
            said = Some(text);
        }
        "solve" => {
            said = Some(words(form)?);
            case = with_status(case, "solution_provided", &by);
        }
        "progress" => {
            let step = form.required_line("step", OTHER);
            form.finish()?;
            case["progress"] = step.clone().into();
            case = with_history(case, "progress", &by, &step);
        }
        "lower" => {
            let severity = form.required_line("severity", OTHER);
            form.finish()?;
            let before = case["severity"].as_str().unwrap_or_default().to_owned();
            case["severity"] = severity.clone().into();
            case = with_history(case, "severity", &by, &format!("{before}>{severity}"));
        }
        "close" => {
            let reason = one_of(&mut form, "reason", &CLOSE_REASONS);
            form.finish()?;
            case = closed(case, &reason, &by, "");
        }
        "verify" | "ship" | "deliver" | "receive" => {
            form.finish()?;
            case = return_step(case, deed, &by)?;
        }
        _ => return Err(unknown_deed(form)),
    }
    Ok((case, said))
}

fn return_step(mut case: Value, deed: &str, by: &str) -> Result<Value, Problem> {
    if case["rma"].is_null() {
        let detail = "Nothing is being returned on this case.";
        return Err(Problem::refused("/do", "no_rma", detail));
    }
    let step = match deed {
        "verify" => "verified",
        "ship" => "shipped",
        "deliver" => "delivered",
        _ => "returned",
    };
    case["rma"][format!("{step}_at")] = text::now().into();
    Ok(with_history(case, "rma", by, step))
}

fn with_status(mut case: Value, status: &str, by: &str) -> Value {
    case["status"] = status.into();
    with_history(case, "status", by, status)
}

async fn say(
    transaction: &mut WriteTx,
    case: &Value,
    author: &str,
    said: &str,
) -> Result<(), Problem> {
    let comment = json!({
        "client_reference": "",
        "id": text::new_id("comment")?, "case_id": case["id"], "account_id": case["account_id"],
        "author_name": author, "author_side": "vendor", "body": said,
        "created_at": text::now(),
    });
    let placement = catalog::placement("comment", &comment);
    transaction.put("comment", comment, &placement).await?;
    Ok(())
}

/// Who works on the case; somebody of the desk until one is named.
fn engineer(desk: &Desk, case: &Value) -> String {
    let assigned = case["assigned_to"].as_str();
    let name = assigned.or_else(|| desk.list("engineers").next());
    name.unwrap_or("Support desk").to_owned()
}

fn another_engineer(desk: &Desk, case: &Value) -> String {
    let mut others = desk.list("engineers");
    let other = others.find(|name| case["assigned_to"].as_str() != Some(name));
    other.unwrap_or("Support desk").to_owned()
}

fn words(mut form: Form) -> Result<String, Problem> {
    let text = form.required_text("text", DESCRIPTION);
    form.finish()?;
    Ok(text)
}

fn one_of(form: &mut Form, name: &str, known: &[&str]) -> String {
    let word = form.required_line(name, OTHER);
    if !word.is_empty() && !known.contains(&word.as_str()) {
        let detail = format!("This must be one of {}.", known.join(", "));
        form.mistake(&format!("/{name}"), "unknown", detail);
    }
    word
}

fn unknown_deed(mut form: Form) -> Problem {
    form.mistake("/do", "unknown", "There is no such deed.");
    form.refuse()
}

async fn read(request: Request) -> Result<Form, Problem> {
    let (parts, body) = request.into_parts();
    let body = body::json(body, &parts.headers, &["application/json"]).await?;
    Form::read(&body)
}

async fn finish(mut transaction: WriteTx, kind: &str, changed: Value) -> Result<Response, Problem> {
    let placement = catalog::placement(kind, &changed);
    let changed = transaction.put(kind, changed, &placement).await?;
    transaction.commit().await?;
    Ok(record(StatusCode::OK, &changed))
}
