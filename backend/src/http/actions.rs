//! What a person asks of the desk on a case that is under way: a lower severity, closing,
//! reopening, escalation, a return of material, more people. Which of it a desk takes and within
//! which limits its record says.

use super::cases::{check_contact, with_history};
use super::comments::author_name;
use super::limits::{LONGEST_ID, OTHER};
use super::{App, Id, body, is_id};
use crate::catalog;
use crate::desk::Desk;
use crate::form::Form;
use crate::idempotency::{Outcome, once};
use crate::problem::Problem;
use crate::session::Session;
use crate::store::WriteTx;
use crate::text;
use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::response::Response;
use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};
use std::sync::Arc;

/// Does what is asked on a case.
pub(super) async fn act(
    session: Session,
    State(app): State<Arc<App>>,
    Id(case_id): Id,
    request: Request,
) -> Result<Response, Problem> {
    let (operation, body) = body::json_operation(request).await?;
    let account_id = session.user.account_id.clone();
    once(&app, &account_id, operation, move |transaction| {
        Box::pin(async move { perform(transaction, &session, &case_id, &body).await })
    })
    .await
}

async fn perform(
    transaction: &mut WriteTx,
    session: &Session,
    case_id: &str,
    body: &[u8],
) -> Result<Outcome, Problem> {
    let case = transaction.get(&session.access, "case", case_id).await?;
    let case = case.ok_or_else(Problem::not_found)?;
    check_contact(transaction, session).await?;
    let mut form = Form::read(body)?;
    let desk = catalog::desk(transaction, session, &case["policy"]).await?;
    let action = form.required_line("action", OTHER);
    let by = author_name(transaction, session).await?;
    let case = match action.as_str() {
        "lower_severity" => lower_severity(form, &desk, case, &by)?,
        "close" => close(form, &desk, case, &by)?,
        "reopen" => reopen(form, &desk, case, &by)?,
        "escalate" => escalate(form, &desk, case, &by)?,
        "rma" => return_material(transaction, session, form, &desk, case, &by).await?,
        "contacts" => add_contacts(transaction, session, form, &desk, case, &by).await?,
        "watchers" => change_watchers(form, &desk, case, &by)?,
        _ => {
            form.mistake("/action", "unknown", "There is no such action.");
            return Err(form.refuse());
        }
    };
    let placement = catalog::placement("case", &case);
    let case = transaction.put("case", case, &placement).await?;
    Ok(Outcome::changed(case))
}

fn lower_severity(
    mut form: Form,
    desk: &Desk,
    mut case: Value,
    by: &str,
) -> Result<Value, Problem> {
    let severity = form.required_line("severity", OTHER);
    let reason = form.text("reason", OTHER);
    if !severity.is_empty() && desk.rank("severities", &severity).is_none() {
        form.mistake("/severity", "unknown", "There is no such severity.");
    }
    form.finish()?;
    check_open(desk, "lower_severity", &case)?;
    let before = case["severity"].as_str().unwrap_or_default().to_owned();
    if desk.rank("severities", &severity) <= desk.rank("severities", &before) {
        let detail = "A severity can be lowered, never raised. \
                      If the matter has become graver, call the desk.";
        return Err(Problem::refused("/severity", "cannot_raise", detail));
    }
    case["severity"] = severity.clone().into();
    let mut case = with_history(case, "severity", by, &format!("{before}>{severity}"));
    note_reason(&mut case, &reason);
    Ok(case)
}

/// The person confirms that the matter is settled.
fn close(mut form: Form, desk: &Desk, case: Value, by: &str) -> Result<Value, Problem> {
    let note = form.text("note", OTHER);
    form.finish()?;
    check_open(desk, "close", &case)?;
    Ok(closed(case, "confirmed", by, &note))
}

/// A case that ends now.
pub(super) fn closed(mut case: Value, reason: &str, by: &str, note: &str) -> Value {
    case["status"] = "closed".into();
    case["closed_at"] = text::now().into();
    case["close_reason"] = reason.into();
    with_history(case, "closed", by, note)
}

fn reopen(mut form: Form, desk: &Desk, mut case: Value, by: &str) -> Result<Value, Problem> {
    let reason = form.required_text("reason", OTHER);
    form.finish()?;
    check_offered(desk, "reopen")?;
    if case["status"] != "closed" {
        let detail = "Only a closed case can be reopened; this one is open.";
        return Err(Problem::refused("/action", "not_closed", detail));
    }
    if let Some(days) = desk.0["reopen_days"].as_i64()
        && is_older(&case["closed_at"], days)
    {
        let detail = format!(
            "A case can be reopened within {days} days of closing. \
             Open a new one that names this case's number."
        );
        return Err(Problem::refused("/action", "reopen_too_late", detail));
    }
    let status = match case["assigned_to"].is_null() {
        true => "waiting_assignment",
        false => "open",
    };
    case["status"] = status.into();
    case["closed_at"] = Value::Null;
    case["close_reason"] = "".into();
    Ok(with_history(case, "reopened", by, &reason))
}

fn is_older(moment: &Value, days: i64) -> bool {
    let moment = moment
        .as_str()
        .and_then(|text| DateTime::parse_from_rfc3339(text).ok());
    match (moment, TimeDelta::try_days(days)) {
        (Some(moment), Some(days)) => Utc::now().signed_duration_since(moment) > days,
        _ => false,
    }
}

fn escalate(mut form: Form, desk: &Desk, mut case: Value, by: &str) -> Result<Value, Problem> {
    let channel = form.required_line("channel", OTHER);
    let impact = form.required_text("business_impact", OTHER);
    let summary = form.required_text("summary", OTHER);
    let contact = form.line("contact", OTHER);
    if !channel.is_empty() && desk.rank("escalation_channels", &channel).is_none() {
        form.mistake("/channel", "unknown", "The desk has no such channel.");
    }
    form.finish()?;
    check_open(desk, "escalate", &case)?;
    case["escalation"] = json!({
        "channel": channel, "at": text::now(), "business_impact": impact, "summary": summary,
        "contact": contact,
    });
    Ok(with_history(case, "escalated", by, &channel))
}

async fn return_material(
    transaction: &mut WriteTx,
    session: &Session,
    mut form: Form,
    desk: &Desk,
    mut case: Value,
    by: &str,
) -> Result<Value, Problem> {
    let serial_number = form.required_line("serial_number", OTHER);
    let level = form.required_line("level", OTHER);
    let part = form.line("part", OTHER);
    let address_confirmed = form.flag("address_confirmed");
    let contact_name = form.required_line("contact_name", OTHER);
    let contact_mobile = form.required_line("contact_mobile", OTHER);
    if !level.is_empty() && desk.rank("rma_levels", &level).is_none() {
        form.mistake("/level", "unknown", "There is no such level.");
    }
    let asset = asset(transaction, session, &case["policy"], &serial_number).await?;
    if !serial_number.is_empty() && asset.is_none() {
        let detail = "Your account has no device with this serial number.";
        form.mistake("/serial_number", "unknown", detail);
    }
    form.finish()?;
    check_open(desk, "rma", &case)?;
    if !case["rma"].is_null() {
        let detail = "Material is being returned on this case already. Open a case of its own \
                      for another device.";
        return Err(Problem::refused("/action", "rma_already", detail));
    }
    let asset = asset.unwrap_or_default();
    let contracted = asset["level"].as_str().unwrap_or_default();
    if desk.rank("rma_levels", &level) > desk.rank("rma_levels", contracted) {
        let detail = "The device's contract is of a lower level.";
        return Err(Problem::refused("/level", "not_this_level", detail));
    }
    if !address_confirmed {
        let detail = "Confirm the address at which the device is registered.";
        return Err(Problem::refused(
            "/address_confirmed",
            "address_not_confirmed",
            detail,
        ));
    }
    if asset["address_registered_at"].is_null() && desk.0["rma_fast_level"] == level {
        let detail = "The device has no registered address, which this level needs.";
        return Err(Problem::refused("/level", "address_not_registered", detail));
    }
    case["rma"] = json!({
        "serial_number": serial_number, "level": level, "part": part,
        "contact_name": contact_name, "contact_mobile": contact_mobile,
        "requested_at": text::now(), "verified_at": null, "shipped_at": null,
        "delivered_at": null, "returned_at": null,
    });
    Ok(with_history(case, "rma", by, &serial_number))
}

async fn asset(
    transaction: &mut WriteTx,
    session: &Session,
    policy: &Value,
    serial_number: &str,
) -> Result<Option<Value>, Problem> {
    let facet = ("serial_number", serial_number.to_owned());
    let assets = transaction.find(&session.access, "asset", facet).await?;
    Ok(assets.into_iter().find(|asset| asset["policy"] == *policy))
}

async fn add_contacts(
    transaction: &mut WriteTx,
    session: &Session,
    mut form: Form,
    desk: &Desk,
    mut case: Value,
    by: &str,
) -> Result<Value, Problem> {
    let contacts = form.names("contacts");
    check_contacts(transaction, session, &mut form, &contacts).await?;
    form.finish()?;
    check_open(desk, "contacts", &case)?;
    case["contacts"] = contacts.into();
    Ok(with_history(case, "edited", by, "contacts"))
}

/// Each must be a contact of the account.
pub(super) async fn check_contacts(
    transaction: &mut WriteTx,
    session: &Session,
    form: &mut Form,
    contacts: &[String],
) -> Result<(), Problem> {
    for (index, id) in contacts.iter().enumerate() {
        let known = id.len() <= LONGEST_ID
            && is_id(id)
            && transaction
                .get(&session.access, "contact", id)
                .await?
                .is_some();
        if !known {
            let detail = "Your account has no such contact.";
            form.mistake(&format!("/contacts/{index}"), "unknown", detail);
        }
    }
    Ok(())
}

fn change_watchers(
    mut form: Form,
    desk: &Desk,
    mut case: Value,
    by: &str,
) -> Result<Value, Problem> {
    let watchers = form.emails("watchers");
    form.finish()?;
    check_open(desk, "watchers", &case)?;
    case["watchers"] = watchers.into();
    Ok(with_history(case, "edited", by, "watchers"))
}

fn check_open(desk: &Desk, action: &str, case: &Value) -> Result<(), Problem> {
    check_offered(desk, action)?;
    match case["status"] == "closed" {
        false => Ok(()),
        true => Err(Problem::refused(
            "/action",
            "case_closed",
            "The case is closed.",
        )),
    }
}

fn check_offered(desk: &Desk, action: &str) -> Result<(), Problem> {
    match desk.takes(action) {
        true => Ok(()),
        false => Err(Problem::new(
            StatusCode::UNPROCESSABLE_ENTITY,
            "not_offered",
            "The desk of this case does not take this.",
        )),
    }
}

/// What the person gave as a reason stands in the entry of the history as its second line.
fn note_reason(case: &mut Value, reason: &str) {
    if let Some(last) = case["history"]
        .as_array_mut()
        .and_then(|all| all.last_mut())
        && !reason.trim().is_empty()
    {
        let detail = last["detail"].as_str().unwrap_or_default();
        last["detail"] = format!("{detail}\n{reason}").into();
    }
}
