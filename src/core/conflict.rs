//! A change that met another one: what it was before, what it became here, what it became there.
//!
//! [`three_way`] sets the three beside each other field by field and says which of them need a
//! person; [`settle`] makes the change that is sent in place of the first. Guarantees: a field that
//! only one side changed keeps that change without being asked about; where both changed it
//! differently, nothing is sent before somebody has chosen; what was written here is never left out
//! unless it was chosen so. Comments and files never conflict: they only add.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::case::Case;
use super::diff;
use super::sync::{Operation, What};

/// The name under which a policy's own answers stand, each a field by itself.
const OWN: &str = "fields";

/// A field with its three values.
#[derive(Clone, Debug, PartialEq)]
pub struct Field {
    /// Its name in the record; a policy's own answers as `fields.key`.
    pub name: String,
    /// What it was when the person changed it; null if that is not known.
    pub before: Value,
    /// What the person made of it.
    pub mine: Value,
    /// What it is at the backend.
    pub theirs: Value,
    /// How the three go together.
    pub came: Came,
}

/// How the three values of a field go together.
#[derive(Clone, Debug, PartialEq)]
pub enum Came {
    /// Only here was it changed: that stays.
    Mine,
    /// Only there was it changed: that stays.
    Theirs,
    /// Both sides made the same of it.
    Same,
    /// Both changed a long text, in different places: this has both changes.
    Merged(String),
    /// Both changed it, and not to the same: somebody has to choose.
    Both,
}

/// What somebody chose for a field.
#[derive(Clone, Debug, PartialEq)]
pub enum Choice {
    /// What was written here.
    Mine,
    /// What it is at the backend.
    Theirs,
    /// A text made of both.
    Text(String),
}

/// What can be compared of a case, by the names of its record.
pub fn seen(case: &Case) -> Value {
    let own: Map<String, Value> = case
        .fields
        .iter()
        .map(|(key, value)| (key.clone(), json!(value)))
        .collect();
    json!({
        "description": case.description,
        "business_impact": case.business_impact,
        "severity": case.severity,
        "status": case.status,
        "progress": case.progress,
        "customer_name": case.customer_name,
        "other_email": case.other_email,
        "watchers": case.watchers,
        "contacts": case.contacts,
        "assigned_to": case.assigned_to,
        OWN: own,
    })
}

/// What an operation would change of a case, beside what the case is now; nothing if it changes none.
pub fn of_operation(operation: &Operation, now: &Case) -> Vec<Field> {
    match &operation.what {
        What::EditCase { patch, before, .. } => three_way(before, patch, &seen(now)),
        What::Act { body, before, .. } => three_way(before, body, &seen(now)),
        _ => Vec::new(),
    }
}

/// An operation's change made again on a case as it is now: with `patch` in the place of what it
/// changed, where that is a change of fields; a step in the life of a case is asked for as it was.
pub fn again(operation: &Operation, patch: Value, now: &Case) -> What {
    let mut what = operation.what.clone();
    match &mut what {
        What::EditCase {
            base,
            patch: old,
            before,
            ..
        } => {
            base.clone_from(&now.version);
            *old = patch;
            *before = seen(now);
        }
        What::Act { before, .. } => *before = seen(now),
        _ => {}
    }
    what
}

/// The fields that differ, those that were changed here first. `before` is null if it is not known.
pub fn three_way(before: &Value, mine: &Value, theirs: &Value) -> Vec<Field> {
    let (old, own, now) = (flat(before), flat(mine), flat(theirs));
    let get = |from: &BTreeMap<String, Value>, name: &str| from.get(name).cloned();
    let mut fields: Vec<Field> = Vec::new();
    for (name, mine) in &own {
        let known = !before.is_null();
        let before = get(&old, name).unwrap_or_default();
        let theirs = get(&now, name).unwrap_or_default();
        fields.push(Field {
            came: came(known, &before, mine, &theirs),
            name: name.clone(),
            before,
            mine: mine.clone(),
            theirs,
        });
    }
    if before.is_null() {
        return fields;
    }
    for (name, theirs) in &now {
        let before = get(&old, name).unwrap_or_default();
        // What the backend tells beyond what was seen here is no change.
        let is_known = old.contains_key(name) || name.starts_with("fields.");
        if is_known && !own.contains_key(name) && !alike(&before, theirs) {
            fields.push(Field {
                name: name.clone(),
                mine: before.clone(),
                before,
                theirs: theirs.clone(),
                came: Came::Theirs,
            });
        }
    }
    fields
}

fn came(known: bool, before: &Value, mine: &Value, theirs: &Value) -> Came {
    if alike(mine, theirs) {
        return Came::Same;
    }
    if known && alike(before, theirs) {
        return Came::Mine;
    }
    if known && alike(before, mine) {
        return Came::Theirs;
    }
    let texts = (before.as_str(), mine.as_str(), theirs.as_str());
    match texts {
        (Some(before), Some(mine), Some(theirs)) => {
            diff::merge(before, mine, theirs).map_or(Came::Both, Came::Merged)
        }
        _ => Came::Both,
    }
}

/// The change to send in place of the first, with what was chosen by the fields' names; or the
/// names of the fields that still need a choice. A merged text stands unless something else was
/// chosen. An empty change means that all is as it should be already.
pub fn settle(fields: &[Field], choices: &BTreeMap<String, Choice>) -> Result<Value, Vec<String>> {
    let mut open = Vec::new();
    let mut patch = Map::new();
    for field in fields {
        let value = match (choices.get(&field.name), &field.came) {
            (_, Came::Theirs | Came::Same) => continue,
            (Some(Choice::Theirs), _) => continue,
            (Some(Choice::Text(text)), _) => json!(text),
            (Some(Choice::Mine), _) | (None, Came::Mine) => field.mine.clone(),
            (None, Came::Merged(text)) => json!(text),
            (None, Came::Both) => {
                open.push(field.name.clone());
                continue;
            }
        };
        if !alike(&value, &field.theirs) {
            put(&mut patch, &field.name, value);
        }
    }
    match open.is_empty() {
        true => Ok(Value::Object(patch)),
        false => Err(open),
    }
}

/// A record with a change made in it, for showing the outcome before it is sent.
pub fn applied(record: &Value, patch: &Value) -> Value {
    let mut result = Map::new();
    for (name, value) in flat(record) {
        put(&mut result, &name, value);
    }
    for (name, value) in flat(patch) {
        put(&mut result, &name, value);
    }
    Value::Object(result)
}

fn put(into: &mut Map<String, Value>, name: &str, value: Value) {
    match name.split_once('.') {
        Some((OWN, key)) => {
            let own = into.entry(OWN).or_insert_with(|| Value::Object(Map::new()));
            if let Some(own) = own.as_object_mut() {
                own.insert(key.into(), value);
            }
        }
        _ => {
            into.insert(name.into(), value);
        }
    }
}

/// The fields by name, a policy's own answers one by one.
fn flat(record: &Value) -> BTreeMap<String, Value> {
    let mut all = BTreeMap::new();
    for (name, value) in record.as_object().into_iter().flatten() {
        match value.as_object().filter(|_| name == OWN) {
            Some(own) => {
                let named =
                    |(key, value): (&String, &Value)| (format!("{OWN}.{key}"), value.clone());
                all.extend(own.iter().map(named));
            }
            None => {
                all.insert(name.clone(), value.clone());
            }
        }
    }
    all
}

/// Whether two values mean the same to a person: what is empty is empty, however it is written.
fn alike(one: &Value, other: &Value) -> bool {
    one == other || (is_blank(one) && is_blank(other))
}

fn is_blank(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => text.is_empty(),
        Value::Array(entries) => entries.is_empty(),
        _ => false,
    }
}
