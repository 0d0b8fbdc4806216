//! Requests made from their description in a profile.

use serde_json::{Map, Value};

use super::Profile;
use super::exchange::{Body, Part, Request};
use super::shape;
use super::template;
use super::value::{Scope, at, lookup, text, text_at};

/// The methods there are.
pub const METHODS: [&str; 7] = ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"];

/// Why a request can't be made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unmade {
    /// A field of the portal has no counterpart at the backend.
    Field(String),
    /// It would go where nothing may go.
    Address(String),
}

/// Stands in texts where Base64 of a file belongs until the file is read.
fn mark(scope: &Scope) -> String {
    let key = lookup(scope, "key").map(text).unwrap_or_default();
    format!("\u{f8ff}{key}\u{f8ff}")
}

/// Adds what templates may ask of a file.
pub fn add_file(scope: &mut Scope, file: &crate::core::draft::DraftFile) {
    let extension = file.name.rsplit_once('.').map_or("", |(_, ending)| ending);
    let media_type = match file.media_type.as_str() {
        "" => "application/octet-stream",
        known => known,
    };
    let described = serde_json::json!({
        "id": file.id,
        "name": file.name,
        "size": file.size,
        "type": media_type,
        "extension": extension.to_lowercase(),
        "base64": mark(scope),
    });
    scope.insert("file".into(), described);
}

/// The names that a request's `let` makes. A template whose names are not all there makes none; as
/// one may stand on another, what is left is tried again.
fn with_names(spec: &Value, scope: &Scope) -> Scope {
    let mut scope = scope.clone();
    let names = at(spec, "let").as_object();
    for _ in 0..names.map_or(0, Map::len) {
        for (name, template) in names.into_iter().flatten() {
            let made = template
                .as_str()
                .and_then(|words| template::say(words, &scope));
            if let Some(made) = made {
                scope.insert(name.clone(), made.into());
            }
        }
    }
    scope
}

/// Makes a request.
pub fn make(
    profile: &Profile,
    spec: &Value,
    scope: &Scope,
    kind: &str,
    tables: &Value,
) -> Result<Request, Unmade> {
    let scope = with_names(spec, scope);
    let method = text_at(spec, "method");
    let known = METHODS.iter().find(|known| **known == method);
    let template = text_at(spec, "url");
    let request = Request {
        method: known.copied().unwrap_or("GET"),
        url: template::address(template, &scope),
        headers: headers(profile, spec, &scope),
        body: body(profile, spec, &scope, kind, tables)?,
        ..Request::default()
    };
    let is_link = template.starts_with("{+");
    profile
        .reach()
        .check(request, is_link)
        .map_err(Unmade::Address)
}

/// A request to an address that the backend has given.
pub fn follow(
    profile: &Profile,
    spec: &Value,
    scope: &Scope,
    link: &str,
) -> Result<Request, Unmade> {
    let scope = with_names(spec, scope);
    let request = Request {
        method: "GET",
        url: link.into(),
        headers: headers(profile, spec, &scope),
        ..Request::default()
    };
    profile
        .reach()
        .check(request, true)
        .map_err(Unmade::Address)
}

fn headers(profile: &Profile, spec: &Value, scope: &Scope) -> Vec<(String, String)> {
    let mut made: Vec<(String, String)> = Vec::new();
    let usual = at(at(profile.json(), "transport"), "headers");
    for headers in [usual, at(spec, "headers")] {
        for (name, template) in headers.as_object().into_iter().flatten() {
            let value = template
                .as_str()
                .and_then(|words| template::say(words, scope));
            if let Some(value) = value {
                set_header(&mut made, name, &value);
            }
        }
    }
    made
}

/// Sets a header, in the place of one of the same name; its value can't end it.
pub fn set_header(headers: &mut Vec<(String, String)>, name: &str, value: &str) {
    let value: String = value.chars().filter(|c| !c.is_control()).collect();
    headers.retain(|(known, _)| !known.eq_ignore_ascii_case(name));
    headers.push((name.into(), value));
}

fn body(
    profile: &Profile,
    spec: &Value,
    scope: &Scope,
    kind: &str,
    tables: &Value,
) -> Result<Body, Unmade> {
    if at(spec, "file") == &Value::Bool(true) {
        return Ok(file_body(scope));
    }
    if let Some(parts) = at(spec, "form").as_array() {
        let parts = parts.iter().filter_map(|part| form_part(part, scope));
        return Ok(Body::Form(parts.collect()));
    }
    if let Some(fields) = at(spec, "urlencoded").as_object() {
        let mut template: Vec<String> = fields.keys().map(String::clone).collect();
        template.sort();
        let filled = template::json(at(spec, "urlencoded"), scope).unwrap_or_default();
        let filled: Scope = filled.as_object().cloned().unwrap_or_default();
        let known: Vec<&str> = template
            .iter()
            .map(String::as_str)
            .filter(|name| filled.contains_key(*name))
            .collect();
        let text = template::address(&format!("{{?{}}}", known.join(",")), &filled);
        return Ok(Body::Text {
            text: text.trim_start_matches('?').into(),
            media_type: "application/x-www-form-urlencoded".into(),
        });
    }
    if let Some(words) = at(spec, "text").as_str() {
        let media_type = at(spec, "type").as_str().unwrap_or("text/plain");
        return Ok(Body::Text {
            text: template::say_all(words, scope),
            media_type: media_type.into(),
        });
    }
    let written = spec.get("fields").is_some();
    if !written && spec.get("json").is_none() {
        return Ok(Body::None);
    }
    let onto = at(spec, "onto").as_str();
    let mut json = onto
        .and_then(|name| lookup(scope, name).cloned())
        .unwrap_or_default();
    let template = template::json(at(spec, "json"), scope).unwrap_or_default();
    if !template.is_null() {
        super::value::merge(&mut json, template);
    }
    if written {
        let new = at_scope(scope, "new");
        shape::write(profile, kind, new, &mut json, tables).map_err(Unmade::Field)?;
    }
    Ok(with_file(json, scope))
}

fn at_scope<'v>(scope: &'v Scope, name: &str) -> &'v Value {
    scope.get(name).unwrap_or(&Value::Null)
}

fn number(scope: &Scope, name: &str) -> Option<u64> {
    lookup(scope, name).and_then(Value::as_u64)
}

fn file_body(scope: &Scope) -> Body {
    let word = |name: &str| lookup(scope, name).map(text).unwrap_or_default();
    match (number(scope, "part.from"), number(scope, "part.to")) {
        (Some(from), Some(to)) => Body::Slice {
            id: word("file.id"),
            from,
            to,
            media_type: word("file.type"),
        },
        _ => Body::File {
            id: word("file.id"),
            media_type: word("file.type"),
        },
    }
}

fn form_part(part: &Value, scope: &Scope) -> Option<Part> {
    let name = text_at(part, "name").to_string();
    let word = |name: &str| lookup(scope, name).map(text).unwrap_or_default();
    if at(part, "file") == &Value::Bool(true) {
        return Some(Part::File {
            name,
            id: word("file.id"),
            file_name: word("file.name"),
            media_type: word("file.type"),
        });
    }
    if let Some(json) = part.get("json") {
        return Some(Part::Text {
            name,
            text: template::json(json, scope)?.to_string(),
            media_type: "application/json".into(),
        });
    }
    Some(Part::Text {
        name,
        text: template::say(text_at(part, "text"), scope)?,
        media_type: String::new(),
    })
}

/// JSON, with a place for the file where its mark stands.
fn with_file(json: Value, scope: &Scope) -> Body {
    let Some(id) = lookup(scope, "file.id") else {
        return Body::Json(json);
    };
    let whole = json.to_string();
    let Some((before, after)) = whole.split_once(&mark(scope)) else {
        return Body::Json(json);
    };
    let size = number(scope, "file.size").unwrap_or(0);
    Body::Base64 {
        before: before.into(),
        after: after.into(),
        id: text(id),
        from: number(scope, "part.from").unwrap_or(0),
        to: number(scope, "part.to").unwrap_or(size),
    }
}
