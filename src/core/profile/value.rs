//! JSON values: finding one by a dotted name or a pointer, writing one, and its text.

use serde_json::{Map, Value};

/// The names that templates and requests may use.
pub type Scope = Map<String, Value>;

/// The value of a dotted name (`file.name`, `row.links.0`); null counts as undefined.
pub fn lookup<'v>(scope: &'v Scope, name: &str) -> Option<&'v Value> {
    if let Some(value) = scope.get(name) {
        return Some(value).filter(|value| !value.is_null());
    }
    let mut parts = name.split('.');
    let mut value = scope.get(parts.next()?)?;
    for part in parts {
        value = child(value, part)?;
    }
    Some(value).filter(|value| !value.is_null())
}

fn child<'v>(value: &'v Value, key: &str) -> Option<&'v Value> {
    match value {
        Value::Object(fields) => fields.get(key),
        Value::Array(entries) => entries.get(key.parse::<usize>().ok()?),
        _ => None,
    }
}

/// The value as text, as it stands in an address or a sentence; nothing for null.
pub fn text(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

/// The value at a key, null where there is none.
pub fn at<'v>(value: &'v Value, key: &str) -> &'v Value {
    value.get(key).unwrap_or(&Value::Null)
}

/// The text at a key, empty where there is none.
pub fn text_at<'v>(value: &'v Value, key: &str) -> &'v str {
    at(value, key).as_str().unwrap_or("")
}

/// Whether there is nothing to speak of: null, an empty text, list or object.
pub fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => text.is_empty(),
        Value::Array(entries) => entries.is_empty(),
        Value::Object(fields) => fields.is_empty(),
        _ => false,
    }
}

/// The parts of a JSON Pointer.
fn parts(pointer: &str) -> Vec<String> {
    let parts = pointer.split('/').skip(1);
    parts
        .map(|part| part.replace("~1", "/").replace("~0", "~"))
        .collect()
}

/// Writes a value where a JSON Pointer says, making the objects on the way. What is in the way and
/// is no object or list is replaced; `-` or the number behind the last appends to a list.
pub fn put(target: &mut Value, pointer: &str, value: Value) {
    let mut place = target;
    for part in parts(pointer) {
        if let Value::Array(entries) = place {
            let index = part.parse::<usize>().unwrap_or(entries.len());
            let index = index.min(entries.len());
            if index == entries.len() {
                entries.push(Value::Null);
            }
            place = &mut entries[index];
            continue;
        }
        if !place.is_object() {
            *place = Value::Object(Map::new());
        }
        let Value::Object(fields) = place else { return };
        place = fields.entry(part).or_insert(Value::Null);
    }
    *place = value;
}

/// Puts the fields of one object over those of another, objects into objects.
pub fn merge(target: &mut Value, over: Value) {
    match (target, over) {
        (Value::Object(fields), Value::Object(over)) => {
            for (key, value) in over {
                merge(fields.entry(key).or_insert(Value::Null), value);
            }
        }
        (target, over) => *target = over,
    }
}

/// A number that differs where the texts differ, as far as anybody cares (FNV-1a, 64 bits).
pub fn hash(text: &str) -> String {
    let mut hash: u64 = 0xcbf2_9ce4_8422_2325;
    for byte in text.bytes() {
        hash = (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
    }
    format!("{hash:x}")
}
