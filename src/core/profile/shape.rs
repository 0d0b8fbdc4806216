//! Records: the backend's rows as the portal's, and the portal's fields in a request.

use serde_json::{Map, Value};

use super::Profile;
use super::exchange::Reply;
use super::lens::{self, Source};
use super::template;
use super::value::{Scope, at, lookup, put, text, text_at};

/// A row as a record of a kind; nothing if it has no id that can be read. `scope` may hold an `id`
/// for records that don't carry their own.
pub fn read(
    profile: &Profile,
    kind: &str,
    row: &Value,
    reply: Option<&Reply>,
    scope: &Scope,
    tables: &Value,
) -> Option<Value> {
    let shape = at(profile.resource(kind), "shape");
    let from = Source {
        row,
        reply,
        scope,
        maps: profile.maps(tables),
    };
    let keeps = at(shape, "keep") == &Value::Bool(true);
    let mut record = match row {
        Value::Object(_) if keeps => row.clone(),
        _ => Value::Object(Map::new()),
    };
    for (name, lens) in at(shape, "fields").as_object().into_iter().flatten() {
        let value = lens::read(lens, from);
        if !value.is_null() {
            put(&mut record, &field_pointer(name), value);
        }
    }
    let id = match shape.get("id") {
        Some(lens) => plain_id(Some(&lens::read(lens, from))),
        None => plain_id(row.get("id")),
    };
    let id = if id.is_empty() {
        lookup(scope, "id").map(text).unwrap_or_default()
    } else {
        id
    };
    if id.is_empty() {
        return None;
    }
    record["id"] = id.into();
    if let Some(version) = shape.get("version") {
        let version = lens::read_text(version, from);
        record["version"] = version.into();
    }
    if let Some(Value::Object(set)) = template::json(at(shape, "set"), scope) {
        for (name, value) in set {
            put(&mut record, &field_pointer(&name), value);
        }
    }
    Some(record)
}

fn plain_id(id: Option<&Value>) -> String {
    match id {
        Some(Value::String(_) | Value::Number(_)) => id.map(text).unwrap_or_default(),
        _ => String::new(),
    }
}

/// The pointer of a field of ours: `fields.users` is a field in a field.
fn field_pointer(name: &str) -> String {
    format!("/{}", name.replace('~', "~0").replace('.', "/"))
}

/// The record in the answer to a single request.
pub fn read_single(
    profile: &Profile,
    kind: &str,
    body: &Value,
    reply: &Reply,
    scope: &Scope,
    tables: &Value,
) -> Option<Value> {
    let shape = at(profile.resource(kind), "shape");
    let row = body.pointer(text_at(shape, "record"))?;
    read(profile, kind, row, Some(reply), scope, tables)
}

/// Writes the portal's fields into a body; an error names the field that has no counterpart.
pub fn write(
    profile: &Profile,
    kind: &str,
    new: &Value,
    body: &mut Value,
    tables: &Value,
) -> Result<(), String> {
    let shape = at(profile.resource(kind), "shape");
    let lenses = at(shape, "fields");
    let keeps = at(shape, "keep") == &Value::Bool(true);
    let wrap = text_at(shape, "wrap");
    let mut inner = body.pointer(wrap).cloned().unwrap_or_default();
    if !inner.is_object() {
        inner = Value::Object(Map::new());
    }
    for (name, value) in new.as_object().into_iter().flatten() {
        if lenses.get(name).is_none() && keeps {
            inner[name] = value.clone();
        }
    }
    for (name, lens) in lenses.as_object().into_iter().flatten() {
        if let Some(value) = new.pointer(&field_pointer(name)) {
            let maps = profile.maps(tables);
            lens::write(lens, value, maps, &mut inner).map_err(|_| name.clone())?;
        }
    }
    put(body, wrap, inner);
    Ok(())
}
