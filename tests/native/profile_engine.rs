//! The profile engine by data: a profile, what is done through it, and the recorded exchange.
//!
//! Each file of `tests/fixtures/profiles` is the mock of one strategy or of one sort of bad answer:
//! pieces of a profile over a small usual one, and runs that say which requests must go out, in this
//! order and no others, and what must come of the answers. A run begins with the cursor, or what an
//! operation has remembered, of the run before where it says `"again": true`. A fixture that names a
//! `shipped` profile stands on that in the place of the usual one.

use std::path::PathBuf;

use casement::core::profile::exchange::{Body, Part};
use casement::core::profile::session::{SignIn, headers};
use casement::core::profile::{self, Conversation, Next, Profile, Pull, Reply, Request};
use casement::core::sync::{Answer, Event, Operation, Pulled};
use serde_json::{Map, Value, json};

use crate::support::{files_under, json as read_json, lines};

/// 20 November 2026, 00:00:00 UTC.
const NOW: i64 = 1_795_132_800_000;

/// What every fixture stands on.
fn usual() -> Value {
    json!({
        "format": 1, "id": "mock", "name": "Mock",
        "session": { "kind": "cookie" },
        "resources": {
            "case": { "shape": { "id": "/id", "fields": { "subject": "/title" } } },
            "comment": {
                "shape": { "id": "/id", "set": { "case_id": "{parent}" }, "fields": { "body": "/text" } }
            },
            "attachment": { "shape": { "id": "/id", "set": { "case_id": "{parent}" } } }
        }
    })
}

fn merge(target: &mut Value, over: &Value) {
    match (target, over) {
        (Value::Object(fields), Value::Object(over)) => {
            for (key, value) in over {
                merge(fields.entry(key.clone()).or_insert(Value::Null), value);
            }
        }
        (target, over) => *target = over.clone(),
    }
}

fn texts(list: &Value) -> Vec<String> {
    let list = list.as_array().into_iter().flatten();
    list.filter_map(Value::as_str).map(String::from).collect()
}

pub(crate) fn profile_of(fixture: &Value) -> Profile {
    let mut json = match fixture["shipped"].as_str() {
        Some(id) => read_json(&format!("public/backends/{id}.json")),
        None => usual(),
    };
    merge(&mut json, &fixture["profile"]);
    let base = fixture["base"].as_str().unwrap_or("/api");
    Profile::read(json, base, &texts(&fixture["allowed"]))
        .unwrap_or_else(|problems| panic!("{:#?}", lines(&problems)))
}

fn reply_of(json: &Value) -> Reply {
    let headers = json["headers"].as_object().into_iter().flatten();
    Reply {
        status: json["status"].as_u64().unwrap_or(200) as u16,
        headers: headers
            .map(|(name, value)| (name.to_lowercase(), value.as_str().unwrap_or("").into()))
            .collect(),
        body: match &json["body"] {
            Value::Null => String::new(),
            Value::String(text) => text.clone(),
            other => other.to_string(),
        },
        cut: json["cut"].as_bool().unwrap_or(false),
    }
}

/// A request as fixtures write it.
pub(crate) fn shown(request: &Request) -> Value {
    let headers: Map<String, Value> = request
        .headers
        .iter()
        .map(|(name, value)| (name.clone(), value.clone().into()))
        .collect();
    let body = match &request.body {
        Body::None => Value::Null,
        Body::Json(json) => json.clone(),
        Body::Text { text, media_type } => json!({ "text": text, "type": media_type }),
        Body::File { id, media_type } => json!({ "file": id, "type": media_type }),
        Body::Slice { id, from, to, .. } => json!({ "slice": id, "from": from, "to": to }),
        Body::Base64 {
            before,
            after,
            from,
            to,
            ..
        } => json!({ "base64": [before, after], "from": from, "to": to }),
        Body::Form(parts) => parts
            .iter()
            .map(|part| match part {
                Part::Text {
                    name,
                    text,
                    media_type,
                } => json!([name, text, media_type]),
                Part::File {
                    name,
                    id,
                    file_name,
                    ..
                } => json!([name, { "file": id, "name": file_name }]),
            })
            .collect(),
    };
    json!({
        "method": request.method, "url": request.url, "headers": headers, "body": body,
        "foreign": request.foreign,
    })
}

/// JSON in a part of a form, or with a file in its middle, as JSON: in which order its fields stand is
/// nobody's concern.
fn whole(body: &Value) -> Value {
    if let Some(parts) = body.as_array() {
        let read = |part: &Value| {
            let json = part[1].as_str().filter(|_| part[2] == "application/json");
            let json = json.and_then(|text| serde_json::from_str::<Value>(text).ok());
            json.map_or_else(|| part.clone(), |json| json!([part[0], json, part[2]]))
        };
        return parts.iter().map(read).collect();
    }
    let (Some(before), Some(after)) = (body["base64"][0].as_str(), body["base64"][1].as_str())
    else {
        return body.clone();
    };
    let joined = format!("{before}(file){after}");
    let mut whole = body.clone();
    whole["base64"] = serde_json::from_str(&joined).unwrap_or(joined.into());
    whole
}

/// Performs a conversation on a recorded exchange.
fn converse<T>(
    at: &str,
    talk: &mut dyn Conversation<Outcome = T>,
    exchange: &Value,
    now: i64,
) -> T {
    let mut reply = None;
    let mut recorded = exchange.as_array().into_iter().flatten();
    loop {
        match talk.next(reply.take(), now) {
            Next::Done(outcome) => {
                let left: Vec<&Value> = recorded.collect();
                assert!(left.is_empty(), "{at}: not asked any more: {left:?}");
                return outcome;
            }
            Next::Ask(request) => {
                let asked = shown(&request);
                let entry = recorded
                    .next()
                    .unwrap_or_else(|| panic!("{at}: asked too much: {asked}"));
                for (key, wanted) in entry["ask"].as_object().into_iter().flatten() {
                    assert_eq!(whole(&asked[key]), whole(wanted), "{at}: {key} of {asked}");
                }
                reply = Some(reply_of(&entry["reply"]));
            }
        }
    }
}

fn said(answer: &Answer) -> Value {
    match answer {
        Answer::Accepted(record) => json!({ "accepted": record }),
        Answer::Later(None) => json!("later"),
        Answer::Later(Some(asked)) => json!({ "later": asked }),
        Answer::SignedOut => json!("signed_out"),
        Answer::Stopped => json!("stopped"),
        Answer::Conflict { theirs } => json!({ "conflict": theirs }),
        Answer::Refused { code, detail } => json!({ "refused": code, "detail": detail }),
    }
}

fn operation(what: &Value) -> Operation {
    Operation::from_json(&json!({
        "id": "op-1", "subject": "s", "created_at": 1, "what": what, "state": { "is": "waiting" }
    }))
    .unwrap_or_else(|| panic!("{what} is an operation"))
}

/// What one run leaves to the next.
#[derive(Default)]
struct Left {
    cursor: Option<String>,
    memory: Option<Value>,
}

fn run(at: &str, profile: &Profile, run: &Value, left: &mut Left) {
    let again = run["again"] == json!(true);
    let now = run["now"].as_i64().unwrap_or(NOW);
    let case = run["case"].as_str().unwrap_or("");
    let session = &run["session"];
    let exchange = &run["exchange"];
    if let Some(what) = run.get("do") {
        let operation = operation(what);
        let memory = left.memory.take().filter(|_| again);
        let mut talk = profile::perform(profile, &operation, case, session, memory.as_ref());
        let answer = converse(at, talk.as_mut(), exchange, now);
        left.memory = talk.memory();
        assert_eq!(said(&answer), run["answer"], "{at}");
    } else if let Some(what) = run.get("look") {
        let operation = operation(what);
        let memory = left.memory.clone().filter(|_| again);
        let mut talk = profile::look(profile, &operation, case, session, memory.as_ref());
        match converse(at, talk.as_mut(), exchange, now) {
            Event::Checked { found, certain, .. } => {
                assert_eq!(json!(found), run["found"], "{at}");
                assert_eq!(json!(certain), run["certain"], "{at}");
            }
            Event::Answered { answer, .. } => assert_eq!(said(&answer), run["answer"], "{at}"),
            other => panic!("{at}: {other:?}"),
        }
    } else if run.get("pull").is_some() {
        let cursor = match &run["pull"] {
            Value::String(cursor) => Some(cursor.clone()),
            _ => left.cursor.take().filter(|_| again),
        };
        let mut talk = Pull::new(profile, session, cursor.as_deref());
        let looked = converse(at, &mut talk, exchange, now);
        let changes: Vec<Value> = looked
            .changes
            .iter()
            .map(|one| match &one.record {
                Some(record) => json!([one.kind, one.id, record]),
                None => json!([one.kind, one.id]),
            })
            .collect();
        assert_eq!(json!(changes), run["changes"], "{at}");
        let pulled = match &looked.pulled {
            Pulled::Until { cursor, more } => {
                left.cursor = Some(cursor.clone());
                json!(if *more { "more" } else { "end" })
            }
            Pulled::FromTheStart => json!("from_the_start"),
            Pulled::Later(None) => json!("later"),
            Pulled::Later(Some(asked)) => json!({ "later": asked }),
            Pulled::SignedOut => json!("signed_out"),
        };
        assert_eq!(pulled, run["pulled"], "{at}");
        let trouble = looked.trouble.map(|error| error.to_string());
        assert_eq!(json!(trouble), run["trouble"], "{at}");
    } else if let Some(typed) = run.get("sign_in") {
        let mut talk = SignIn::new(profile, typed);
        match converse(at, &mut talk, exchange, now) {
            Ok(signed) => {
                assert_eq!(signed.person, run["person"], "{at}");
                let made: Map<String, Value> = headers(profile, &signed.known)
                    .into_iter()
                    .map(|(name, value)| (name, value.into()))
                    .collect();
                assert_eq!(Value::Object(made), run["headers"], "{at}");
            }
            Err(error) => assert_eq!(json!(error.to_string()), run["trouble"], "{at}"),
        }
    } else {
        panic!("{at}: a run does, looks, pulls or signs in");
    }
}

#[test]
fn every_strategy_does_what_its_mock_recorded() {
    let mut files = files_under("tests/fixtures/profiles");
    files.retain(|path| !path.components().any(|part| part.as_os_str() == "shipped"));
    assert!(files.len() > 30, "only {} mocks were found", files.len());
    assert_eq!(wrong_of(files), Vec::<String>::new());
}

/// The files whose runs don't go as they say; one that is wrong does not hide the others.
pub(crate) fn wrong_of(files: Vec<PathBuf>) -> Vec<String> {
    let mut wrong = Vec::new();
    for path in files {
        let name = path.display().to_string();
        if std::panic::catch_unwind(|| run_all(&name)).is_err() {
            wrong.push(name);
        }
    }
    wrong
}

fn run_all(name: &str) {
    let fixture = read_json(name);
    let profile = profile_of(&fixture);
    let mut left = Left::default();
    let runs = fixture["runs"].as_array().expect("a fixture has runs");
    assert!(!runs.is_empty(), "{name} has a run");
    for (index, one) in runs.iter().enumerate() {
        run(&format!("{name} run {index}"), &profile, one, &mut left);
    }
}
