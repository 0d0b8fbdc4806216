//! What is asked of the backend, and what its answers mean.
//!
//! This is the native contract: the one of the reference backend and its OpenAPI document. It turns
//! operations into requests and answers into [`Answer`]s and records, as plain data ([`exchange`]);
//! sending is `browser::http`. Every answer is classified here, also those that make no sense, so that the
//! engine only ever sees four outcomes.

use serde_json::{Value, json};

use super::{Body, Change, Request};
use crate::core::error::{Error, Kind};
use crate::core::route::encode;
pub use crate::core::sync::patience::asked as retry_after;
use crate::core::sync::{ACTIVATE, Answer, BUY, Event, LINK, Operation, Pulled, What};

/// The request that performs an operation; `case` is the id of the case it refers to.
pub fn request(operation: &Operation, case: &str) -> Request {
    let key = ("Idempotency-Key".to_string(), operation.id.clone());
    let case = encode(case);
    match &operation.what {
        What::CreateCase { body, .. } => Request {
            method: "POST",
            url: "/cases".into(),
            headers: vec![key],
            body: Body::Json(body.clone()),
            ..Request::default()
        },
        What::AddComment { text, .. } => Request {
            method: "POST",
            url: format!("/cases/{case}/comments"),
            headers: vec![key],
            body: Body::Json(json!({ "body": text })),
            ..Request::default()
        },
        What::Attach { file, .. } => Request {
            method: "POST",
            url: format!("/cases/{case}/attachments?name={}", encode(&file.name)),
            headers: vec![key],
            body: Body::File {
                id: file.id.clone(),
                media_type: file.media_type.clone(),
            },
            ..Request::default()
        },
        What::EditCase { base, patch, .. } => Request {
            method: "PATCH",
            url: format!("/cases/{case}"),
            // Sent again after its answer was lost, it gets the first answer, not a conflict with
            // the change that it made itself.
            headers: vec![key, ("If-Match".into(), format!("\"{base}\""))],
            body: Body::Json(patch.clone()),
            ..Request::default()
        },
        What::Act { action, body, .. } => {
            let mut body = body.clone();
            let url = match action.as_str() {
                LINK => "/entitlements/link".into(),
                BUY => "/entitlements/purchases".into(),
                ACTIVATE => "/entitlements/activate".into(),
                of_a_case => {
                    if let Some(fields) = body.as_object_mut() {
                        fields.insert("action".into(), of_a_case.into());
                    }
                    format!("/cases/{case}/actions")
                }
            };
            Request {
                method: "POST",
                url,
                headers: vec![key],
                body: Body::Json(body),
                ..Request::default()
            }
        }
    }
}

/// Where to look whether an operation was done whose key the backend may have forgotten; nothing
/// where the contract offers no way to tell.
pub fn check(operation: &Operation, case: &str) -> Option<Request> {
    let (case, key) = (encode(case), encode(&operation.id));
    let url = match &operation.what {
        What::CreateCase { .. } => format!("/cases?client_reference={key}"),
        What::AddComment { .. } => format!("/cases/{case}/comments?client_reference={key}"),
        What::Attach { .. } => format!("/cases/{case}/attachments?client_reference={key}"),
        What::EditCase { .. } => format!("/cases/{case}"),
        What::Act { .. } => return None,
    };
    Some(Request {
        method: "GET",
        url,
        ..Request::default()
    })
}

/// What the look of [`check`] has found. A look that failed says so as sending would.
pub fn checked(operation: &Operation, status: u16, asked: Option<i64>, body: &str) -> Event {
    let id = operation.id.clone();
    let ended = |found: Option<Value>, certain: bool| Event::Checked {
        operation: id.clone(),
        found,
        certain,
    };
    let json = serde_json::from_str::<Value>(body).ok();
    match (status, &operation.what, json) {
        (200, What::EditCase { patch, .. }, Some(case)) if case["id"].is_string() => {
            let asked = patch.as_object().into_iter().flatten();
            let mut fields = asked.map(|(name, value)| case.get(name) == Some(value));
            let is_done = fields.all(|same| same);
            // Sent again, a change meets the version it was made against, or a conflict.
            ended(is_done.then_some(case), true)
        }
        (200, _, Some(list)) if list["items"].is_array() => {
            let items = list["items"].as_array().into_iter().flatten();
            // A backend that doesn't know the parameter answers with everything it has.
            let mut own = items.filter(|item| item["client_reference"] == operation.id.as_str());
            let found = own.next().cloned();
            let empty = list["items"].as_array().is_some_and(Vec::is_empty);
            let certain = found.is_some() || empty;
            ended(found, certain)
        }
        (400 | 404 | 405 | 501, _, Some(_)) => ended(None, false),
        (401, ..) => Event::Answered {
            operation: id,
            answer: Answer::SignedOut,
        },
        _ => Event::Answered {
            operation: id,
            answer: Answer::Later(asked),
        },
    }
}

/// Where changes since a cursor are read.
pub fn changes_path(cursor: Option<&str>) -> String {
    match cursor {
        Some(cursor) => format!("/changes?limit=500&since={}", encode(cursor)),
        None => "/changes?limit=500".into(),
    }
}

/// What an answer to an operation means.
///
/// A success that carries no record is a captive portal, a proxy's page, or a broken backend: the
/// operation is not done as far as one can tell, and sending it again under its key is safe.
pub fn answer(status: u16, asked: Option<i64>, body: &str) -> Answer {
    let json = serde_json::from_str::<Value>(body).ok();
    match status {
        200..=299 => match json {
            Some(record) if record.get("id").is_some_and(Value::is_string) => {
                Answer::Accepted(record)
            }
            _ => Answer::Later(asked),
        },
        401 => Answer::SignedOut,
        403 if code(&json) == Some("csrf") => Answer::SignedOut,
        408 | 425 | 429 | 500..=599 => Answer::Later(asked),
        409 if code(&json) == Some("in_flight") => Answer::Later(asked),
        // A proxy that finds a file too large will find it so the next time, too.
        _ if json.is_none() && status != 413 => Answer::Later(asked),
        status => Answer::Refused {
            code: reason(&json).map_or_else(|| format!("status_{status}"), String::from),
            detail: detail(&json),
        },
    }
}

/// Mistakes of a form that say nothing of their reason; where there is a better code, that is it.
const PLAIN: [&str; 4] = ["invalid", "required", "too_long", "unknown"];

/// What is no longer there, by where the request named it: each has words of its own, because the
/// person did choose it when it was (an entitlement that ended, a customer that left).
const GONE: [(&str, &str); 3] = [
    ("/entitlement_id", "entitlement_gone"),
    ("/customer_id", "customer_gone"),
    ("/product_id", "product_gone"),
];

/// The code that says most of why a request was refused.
fn reason(json: &Option<Value>) -> Option<&str> {
    let first = code(json)?;
    if first != "invalid_fields" {
        return Some(first);
    }
    let errors = json.as_ref()?.get("errors").and_then(Value::as_array);
    let telling = errors.into_iter().flatten().find_map(|error| {
        let code = error.get("code")?.as_str()?;
        let at = error.get("pointer").and_then(Value::as_str);
        let gone = GONE.iter().find(|(place, _)| Some(*place) == at);
        match gone {
            Some((_, gone)) if code == "unknown" => Some(*gone),
            _ => (!PLAIN.contains(&code)).then_some(code),
        }
    });
    telling.or(Some(first))
}

fn code(json: &Option<Value>) -> Option<&str> {
    json.as_ref()?.get("code")?.as_str()
}

/// The backend's words: the detail, and each field's error with the place it points to.
fn detail(json: &Option<Value>) -> String {
    let Some(json) = json else {
        return String::new();
    };
    let mut words = vec![text_of(json, "detail")];
    if let Some(errors) = json.get("errors").and_then(Value::as_array) {
        for error in errors {
            let (place, detail) = (text_of(error, "pointer"), text_of(error, "detail"));
            words.push(format!("{place}: {detail}"));
        }
    }
    words.retain(|word| !word.is_empty());
    words.join("\n")
}

fn text_of(json: &Value, key: &str) -> String {
    json.get(key).and_then(Value::as_str).unwrap_or("").into()
}

/// Changes, and what came of looking for them.
pub fn changes(status: u16, asked: Option<i64>, body: &str) -> (Vec<Change>, Pulled) {
    match status {
        200 => match read_changes(body) {
            Ok((changes, cursor, more)) => (changes, Pulled::Until { cursor, more }),
            Err(_) => (Vec::new(), Pulled::Later(asked)),
        },
        401 => (Vec::new(), Pulled::SignedOut),
        // A page in the place of an answer knows nothing of cursors.
        410 if serde_json::from_str::<Value>(body).is_ok() => (Vec::new(), Pulled::FromTheStart),
        _ => (Vec::new(), Pulled::Later(asked)),
    }
}

fn read_changes(body: &str) -> Result<(Vec<Change>, String, bool), Error> {
    let unreadable = |what: &str| Error::new(Kind::Unreadable, format!("changes: {what}"));
    let mut json: Value =
        serde_json::from_str(body).map_err(|error| unreadable(&error.to_string()))?;
    let cursor = json
        .get("cursor")
        .and_then(Value::as_str)
        .ok_or_else(|| unreadable("no cursor"))?
        .to_string();
    let more = json.get("more").and_then(Value::as_bool).unwrap_or(false);
    let items = match json.get_mut("items").map(Value::take) {
        Some(Value::Array(items)) => items,
        _ => return Err(unreadable("no items")),
    };
    let changes = items.into_iter().filter_map(read_change).collect();
    Ok((changes, cursor, more))
}

fn read_change(mut item: Value) -> Option<Change> {
    let deleted = item
        .get("deleted")
        .and_then(Value::as_bool)
        .unwrap_or(false);
    let record = item.get_mut("record").map(Value::take);
    let record = record.filter(|record| record.is_object() && !deleted);
    // Only a tombstone deletes; a record that can't be read leaves the one that could.
    if record.is_none() && !deleted {
        return None;
    }
    Some(Change {
        kind: item.get("kind")?.as_str()?.into(),
        id: item.get("id")?.as_str()?.into(),
        record,
    })
}
