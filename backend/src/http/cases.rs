//! Cases: filing one, and editing what may be edited afterwards.

use super::actions::check_contacts;
use super::comments::author_name;
use super::limits::{DESCRIPTION, FIELDS, LONGEST_ID, OTHER, SUBJECT};
use super::{App, Id, body, is_id};
use crate::catalog;
use crate::desk::{Desk, World};
use crate::form::{Form, is_blank};
use crate::idempotency::{Operation, Outcome, once};
use crate::problem::Problem;
use crate::session::Session;
use crate::store::WriteTx;
use crate::text;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::{Map, Value, json};
use std::sync::Arc;

const PATCH_TYPES: [&str; 2] = ["application/merge-patch+json", "application/json"];

/// Files a case.
pub(super) async fn create(
    session: Session,
    State(app): State<Arc<App>>,
    request: Request,
) -> Result<Response, Problem> {
    let (operation, body) = body::json_operation(request).await?;
    let account_id = session.user.account_id.clone();
    let reference = operation.key().to_owned();
    once(&app, &account_id, operation, move |transaction| {
        Box::pin(async move { file(transaction, &session, &body, reference).await })
    })
    .await
}

/// Changes what may still be changed, if the client knows the present version.
pub(super) async fn edit(
    session: Session,
    State(app): State<Arc<App>>,
    Id(id): Id,
    request: Request,
) -> Result<Response, Problem> {
    let (parts, body) = request.into_parts();
    let key = Operation::optional_key_of(&parts.headers)?;
    let body = body::json(body, &parts.headers, &PATCH_TYPES).await?;
    let Some(key) = key else {
        let mut transaction = app.store.write().await?;
        let edited = change(&mut transaction, &session, &id, &parts.headers, &body).await?;
        transaction.commit().await?;
        return Ok(edited.into_response());
    };
    let operation = Operation::new(key, &parts, &body);
    let account_id = session.user.account_id.clone();
    once(&app, &account_id, operation, move |transaction| {
        Box::pin(async move { change(transaction, &session, &id, &parts.headers, &body).await })
    })
    .await
}

async fn change(
    transaction: &mut WriteTx,
    session: &Session,
    id: &str,
    headers: &HeaderMap,
    body: &[u8],
) -> Result<Outcome, Problem> {
    let case = transaction.get(&session.access, "case", id).await?;
    let case = case.ok_or_else(Problem::not_found)?;
    check_version(headers, &case)?;
    let edited = merge(&case, body)?;
    let changed = changed_fields(&case, &edited);
    if changed.is_empty() {
        return Ok(Outcome::changed(case));
    }
    let author = author_name(transaction, session).await?;
    let edited = with_history(edited, "edited", &author, &changed.join(", "));
    let placement = catalog::placement("case", &edited);
    let edited = transaction.put("case", edited, &placement).await?;
    Ok(Outcome::changed(edited))
}

async fn file(
    transaction: &mut WriteTx,
    session: &Session,
    body: &[u8],
    reference: String,
) -> Result<Outcome, Problem> {
    let contact = check_contact(transaction, session).await?;
    let mut form = Form::read(body)?;
    let answers = read_answers(&mut form);
    let desk = catalog::desk(transaction, session, &answers["policy"]).await?;
    check_required(&mut form, &desk, &answers);
    check_policy(&mut form, session, &answers);
    let product = check_product(transaction, &mut form, session, &answers).await?;
    let entitlement = find_entitlement(transaction, &mut form, session, &answers).await?;
    check_known(transaction, &mut form, session, &answers, "contact").await?;
    let customer = check_known(transaction, &mut form, session, &answers, "customer").await?;
    check_lists(transaction, &mut form, session, &answers).await?;
    let world = World {
        account: session.account.clone(),
        contact,
        customer: customer.unwrap_or_default(),
        entitlement: entitlement.clone().unwrap_or_default(),
        product: product.unwrap_or_default(),
        answers,
    };
    for refusal in desk.refusals("case", &world) {
        // One mistake in a field is enough to mend it.
        if form.is_wrong_at(&refusal.pointer) {
            continue;
        }
        form.mistake(&refusal.pointer, refusal.code, refusal.detail);
    }
    form.finish()?;

    if let Some(entitlement) = entitlement {
        use_one_case(transaction, entitlement).await?;
    }
    let mut case = complete(transaction, session, &desk, world.answers).await?;
    case["client_reference"] = reference.into();
    let placement = catalog::placement("case", &case);
    let case = transaction.put("case", case, &placement).await?;
    Ok(Outcome::created("/api/cases", case))
}

/// The client's part of a new case. Fields that were left out become empty.
fn read_answers(form: &mut Form) -> Map<String, Value> {
    let mut answers = Map::new();
    for (name, longest) in [
        ("policy", LONGEST_ID),
        ("type", OTHER),
        ("contact_id", LONGEST_ID),
    ] {
        answers.insert(name.to_owned(), form.required_line(name, longest).into());
    }
    let subject = form.required_line_in_graphemes("subject", SUBJECT, OTHER);
    answers.insert("subject".to_owned(), subject.into());
    for (name, longest) in [
        ("severity", OTHER),
        ("product_id", LONGEST_ID),
        ("product_version", LONGEST_ID),
        ("callback_number", OTHER),
        ("region", OTHER),
        ("linked_case", LONGEST_ID),
        ("entitlement_id", LONGEST_ID),
        ("serial_number", OTHER),
        ("customer_id", LONGEST_ID),
        ("customer_name", OTHER),
        ("preferred_language", OTHER),
    ] {
        answers.insert(name.to_owned(), form.line(name, longest).into());
    }
    let description = form.required_text("description", DESCRIPTION);
    answers.insert("description".to_owned(), description.into());
    let impact = form.text("business_impact", OTHER);
    answers.insert("business_impact".to_owned(), impact.into());
    let other_email = form.email("other_email");
    answers.insert("other_email".to_owned(), other_email.into());
    let watchers = form.emails("watchers");
    answers.insert("watchers".to_owned(), watchers.into());
    for name in ["contacts", "contract_numbers"] {
        answers.insert(name.to_owned(), form.names(name).into());
    }
    let mut fields = form.texts("fields");
    fields.retain(|_, value| !value.is_null());
    answers.insert("fields".to_owned(), fields.into());
    answers
}

/// Only a contact of the contract may ask for anything; the others know whom to ask.
pub(super) async fn check_contact(
    transaction: &mut WriteTx,
    session: &Session,
) -> Result<Value, Problem> {
    let contact = transaction
        .get(&session.access, "contact", &session.user.contact_id)
        .await?;
    contact
        .filter(|contact| contact["on_contract"] == true)
        .ok_or_else(|| {
            Problem::new(
                StatusCode::FORBIDDEN,
                "not_on_contract",
                "You are not a contact of the support contract. \
                 An administrator of your organization can add you.",
            )
        })
}

/// What one desk can't do without another never asks for.
fn check_required(form: &mut Form, desk: &Desk, answers: &Map<String, Value>) {
    for name in desk.required() {
        if is_blank(text(answers, name)) && !form.is_wrong_at(&format!("/{name}")) {
            form.mistake(
                &format!("/{name}"),
                "required",
                format!("{name} is required."),
            );
        }
    }
}

fn check_policy(form: &mut Form, session: &Session, answers: &Map<String, Value>) {
    let policy = text(answers, "policy");
    let known = session.account["policies"]
        .as_array()
        .is_some_and(|policies| policies.iter().any(|known| known == policy));
    if !policy.is_empty() && !known {
        let detail = "Your account has no such support policy.";
        form.mistake("/policy", "unknown", detail);
    }
}

async fn check_product(
    transaction: &mut WriteTx,
    form: &mut Form,
    session: &Session,
    answers: &Map<String, Value>,
) -> Result<Option<Value>, Problem> {
    let id = text(answers, "product_id");
    if is_blank(id) {
        return Ok(None);
    }
    let product = match is_id(id) {
        true => transaction.get(&session.access, "product", id).await?,
        false => None,
    };
    let product = product.filter(|product| product["policy"] == answers["policy"]);
    let Some(product) = product else {
        form.mistake("/product_id", "unknown", "There is no such product.");
        return Ok(None);
    };
    let version = text(answers, "product_version");
    let versions = product["versions"].as_array();
    let known = versions.is_some_and(|all| all.iter().any(|known| known["id"] == version));
    if !is_blank(version) && !known {
        let detail = "The product has no such version.";
        form.mistake("/product_version", "unknown", detail);
    }
    Ok(Some(product))
}

/// The entitlement to use, if one is named and a case can still be filed under it.
async fn find_entitlement(
    transaction: &mut WriteTx,
    form: &mut Form,
    session: &Session,
    answers: &Map<String, Value>,
) -> Result<Option<Value>, Problem> {
    const FIELD: &str = "/entitlement_id";
    let id = text(answers, "entitlement_id");
    if id.is_empty() {
        return Ok(None);
    }
    let entitlement = match is_id(id) {
        true => transaction.get(&session.access, "entitlement", id).await?,
        false => None,
    };
    let entitlement = entitlement.filter(|found| found["policy"] == answers["policy"]);
    let Some(entitlement) = entitlement else {
        form.mistake(FIELD, "unknown", "Your account has no such entitlement.");
        return Ok(None);
    };
    match why_not_usable(&entitlement) {
        None => Ok(Some(entitlement)),
        Some(reason) => {
            form.mistake(FIELD, "not_usable", reason);
            Ok(None)
        }
    }
}

fn why_not_usable(entitlement: &Value) -> Option<&'static str> {
    let today = chrono::Utc::now().date_naive().to_string();
    let date = |field: &str| entitlement[field].as_str().map(str::to_owned);
    if entitlement["status"] != "active" {
        Some("This entitlement is not active.")
    } else if date("start").is_some_and(|start| start > today) {
        Some("This entitlement has not started yet.")
    } else if date("end").is_some_and(|end| end < today) {
        Some("This entitlement has ended.")
    } else if entitlement["cases_remaining"]
        .as_i64()
        .is_some_and(|left| left <= 0)
    {
        Some("No cases are left on this entitlement.")
    } else {
        None
    }
}

/// The record of a kind that an answer names, which must be one of the account's.
async fn check_known(
    transaction: &mut WriteTx,
    form: &mut Form,
    session: &Session,
    answers: &Map<String, Value>,
    kind: &str,
) -> Result<Option<Value>, Problem> {
    let field = format!("{kind}_id");
    let id = text(answers, &field);
    if is_blank(id) {
        return Ok(None);
    }
    let found = match is_id(id) {
        true => transaction.get(&session.access, kind, id).await?,
        false => None,
    };
    if found.is_none() {
        let detail = format!("Your account has no such {kind}.");
        form.mistake(&format!("/{field}"), "unknown", detail);
    }
    Ok(found)
}

/// Contacts, contracts and the case that a new one follows must be the account's own.
async fn check_lists(
    transaction: &mut WriteTx,
    form: &mut Form,
    session: &Session,
    answers: &Map<String, Value>,
) -> Result<(), Problem> {
    check_contacts(transaction, session, form, &texts(answers, "contacts")).await?;
    for (index, number) in texts(answers, "contract_numbers").into_iter().enumerate() {
        let own = session.account["facts"]["contract_numbers"]
            .as_str()
            .is_some_and(|numbers| numbers.lines().any(|known| known == number));
        let facet = ("contract_number", number);
        let found = transaction.find(&session.access, "entitlement", facet);
        if !own && found.await?.is_empty() {
            let place = format!("/contract_numbers/{index}");
            form.mistake(&place, "unknown", "Your account has no such contract.");
        }
    }
    let linked = text(answers, "linked_case").to_owned();
    if !linked.is_empty() {
        let found = transaction.find(&session.access, "case", ("number", linked));
        if found.await?.is_empty() {
            form.mistake("/linked_case", "unknown", "Your account has no such case.");
        }
    }
    Ok(())
}

async fn use_one_case(transaction: &mut WriteTx, mut entitlement: Value) -> Result<(), Problem> {
    let Some(left) = entitlement["cases_remaining"].as_i64() else {
        return Ok(());
    };
    entitlement["cases_remaining"] = Value::from(left - 1);
    let placement = catalog::placement("entitlement", &entitlement);
    transaction
        .put("entitlement", entitlement, &placement)
        .await?;
    Ok(())
}

/// Adds the service's part to the client's: number, mail, status and the start of the history.
async fn complete(
    transaction: &mut WriteTx,
    session: &Session,
    desk: &Desk,
    mut case: Map<String, Value>,
) -> Result<Value, Problem> {
    let number = transaction.next_number("case_number").await?.to_string();
    let fill = |field: &str| desk.fill(field, &number, text(&case, "subject"));
    let (mail_address, mail_subject) = (fill("mail_address"), fill("mail_subject"));
    let created_at = text::now();
    let served = json!({
        "id": text::new_id("case")?,
        "account_id": session.user.account_id,
        "number": number,
        "status": "waiting_assignment",
        "mail_address": mail_address,
        "mail_subject": mail_subject,
        "created_at": created_at,
    });
    if let Value::Object(served) = served {
        case.extend(served);
    }
    let author = author_name(transaction, session).await?;
    let case = catalog::complete("case", Value::Object(case));
    Ok(with_history(case, "created", &author, ""))
}

/// Without the version one can't know that nothing was overwritten.
fn check_version(headers: &HeaderMap, case: &Value) -> Result<(), Problem> {
    let Some(given) = headers.get(header::IF_MATCH) else {
        return Err(Problem::new(
            StatusCode::PRECONDITION_REQUIRED,
            "if_match_missing",
            "Editing needs the header If-Match with the version that was read.",
        ));
    };
    let Some(present) = super::etag(case) else {
        return Err(Problem::internal("a case without version"));
    };
    let tags = entity_tags(given.to_str().unwrap_or_default());
    let Some(tags) = tags else {
        return Err(Problem::new(
            StatusCode::BAD_REQUEST,
            "malformed",
            "If-Match must be * or entity tags like \"7\".",
        ));
    };
    let fits = tags
        .iter()
        .any(|tag| *tag == "*" || tag.as_bytes() == present.as_bytes());
    match fits {
        true => Ok(()),
        false => Err(Problem::new(
            StatusCode::PRECONDITION_FAILED,
            "stale",
            "The case was changed in the meantime. Read it again and decide what to keep.",
        )
        .header(header::ETAG, present)),
    }
}

/// The entity tags of a header, if it holds nothing else. The OpenAPI document has the pattern.
fn entity_tags(header: &str) -> Option<Vec<&str>> {
    if header == "*" {
        return Some(vec![header]);
    }
    let is_tag = |tag: &str| {
        let opaque = tag.strip_prefix("W/").unwrap_or(tag);
        let inside = opaque.strip_prefix('"')?.strip_suffix('"')?;
        let usual = |byte: u8| byte.is_ascii_graphic() && byte != b'"';
        inside.bytes().all(usual).then_some(())
    };
    let tags: Vec<&str> = header
        .split(',')
        .map(|tag| tag.trim_start_matches(' '))
        .collect();
    tags.iter().all(|tag| is_tag(tag).is_some()).then_some(tags)
}

/// The case with a merge patch (RFC 7396) applied to the fields that may be edited.
fn merge(case: &Value, body: &[u8]) -> Result<Value, Problem> {
    let mut form = Form::read(body)?;
    let mut edited = case.clone();
    if form.has("description") {
        edited["description"] = form.required_text("description", DESCRIPTION).into();
    }
    if form.has("business_impact") {
        edited["business_impact"] = form.text("business_impact", OTHER).into();
    }
    if form.has("customer_name") {
        edited["customer_name"] = form.line("customer_name", OTHER).into();
    }
    if form.has("other_email") {
        edited["other_email"] = form.email("other_email").into();
    }
    if form.has("watchers") {
        edited["watchers"] = form.emails("watchers").into();
    }
    if form.has("fields") {
        edited["fields"] = merge_fields(&mut form, &case["fields"]);
    }
    form.finish()?;
    Ok(edited)
}

fn merge_fields(form: &mut Form, present: &Value) -> Value {
    let mut merged = present.as_object().cloned().unwrap_or_default();
    for (name, value) in form.texts("fields") {
        match value {
            Value::Null => merged.remove(&name),
            value => merged.insert(name, value),
        };
    }
    if merged.len() > FIELDS {
        let detail = format!("fields may have at most {FIELDS} entries.");
        form.mistake("/fields", "too_long", detail);
    }
    Value::Object(merged)
}

fn changed_fields(before: &Value, after: &Value) -> Vec<String> {
    let fields = after.as_object().into_iter().flatten();
    fields
        .filter(|(name, value)| before[name.as_str()] != **value)
        .map(|(name, _)| name.clone())
        .collect()
}

/// The case with one more entry in its history.
pub(super) fn with_history(mut case: Value, kind: &str, by: &str, detail: &str) -> Value {
    let entry = json!({"at": text::now(), "kind": kind, "by": by, "detail": detail});
    if let Some(history) = case["history"].as_array_mut() {
        history.push(entry);
    }
    case
}

fn text<'a>(answers: &'a Map<String, Value>, name: &str) -> &'a str {
    answers
        .get(name)
        .and_then(Value::as_str)
        .unwrap_or_default()
}

fn texts(answers: &Map<String, Value>, name: &str) -> Vec<String> {
    let items = answers.get(name).and_then(Value::as_array);
    items
        .into_iter()
        .flatten()
        .filter_map(|item| item.as_str().map(str::to_owned))
        .collect()
}
