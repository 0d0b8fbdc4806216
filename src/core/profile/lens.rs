//! Lenses: where a value is in a backend's answer, how it reads, and how it is written back.
//!
//! A lens is a pointer, or an object with one place and its modifiers (`public/schemas/
//! profile.schema.json` describes them all). What can't be read is nothing, never an error: a record
//! that lacks something is shown with what it has. Writing is strict, because what is sent must be
//! what the person meant.

use serde_json::Value;

use super::exchange::Reply;
use super::format;
use super::query::{self, Query};
use super::template;
use super::value::{Scope, at, is_empty, put, text, text_at};
use crate::core::base64;

/// Where a lens reads.
#[derive(Clone, Copy)]
pub struct Source<'a> {
    /// The row or the body.
    pub row: &'a Value,
    /// The answer it came in.
    pub reply: Option<&'a Reply>,
    /// Names for templates.
    pub scope: &'a Scope,
    /// The value maps.
    pub maps: Maps<'a>,
}

/// The value maps of a profile.
#[derive(Clone, Copy)]
pub struct Maps<'a> {
    /// As they stand in the profile.
    pub written: &'a Value,
    /// Pairs that the backend told, by map.
    pub loaded: &'a Value,
}

/// A value that has no counterpart at the backend.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unwritable;

/// What a lens sees; null if there is nothing.
pub fn read(lens: &Value, from: Source) -> Value {
    let Value::Object(_) = lens else {
        let pointer = lens.as_str();
        let found = pointer.and_then(|pointer| from.row.pointer(pointer));
        return found.cloned().unwrap_or_default();
    };
    if at(lens, "read") == &Value::Bool(false) {
        return Value::Null;
    }
    let value = refine(lens, place(lens, from), from);
    match lens.get("default") {
        Some(default) if value.is_null() => template::json(default, from.scope).unwrap_or_default(),
        _ => value,
    }
}

/// As text; empty if there is nothing.
pub fn read_text(lens: &Value, from: Source) -> String {
    text(&read(lens, from))
}

fn place(lens: &Value, from: Source) -> Value {
    let found = if let Some(pointer) = at(lens, "pointer").as_str() {
        from.row.pointer(pointer).cloned()
    } else if let Some(name) = at(lens, "header").as_str() {
        from.reply
            .and_then(|reply| reply.header(name))
            .map(Value::from)
    } else if let Some(source) = at(lens, "query").as_str() {
        Query::read(source).ok().map(|query| query.find(from.row))
    } else if let Some(words) = at(lens, "template").as_str() {
        template::say(words, from.scope).map(Value::String)
    } else if at(lens, "text") == &Value::Bool(true) {
        from.reply.map(|reply| reply.body.as_str().into())
    } else if at(lens, "status") == &Value::Bool(true) {
        from.reply.map(|reply| reply.status.into())
    } else if let Some(entry) = lens.get("entry") {
        let found = entry_of(entry, from.row);
        found.and_then(|found| found.pointer(text_at(entry, "value")).cloned())
    } else {
        lens.get("value").cloned()
    };
    found.unwrap_or_default()
}

fn entry_of<'v>(entry: &Value, row: &'v Value) -> Option<&'v Value> {
    let entries = row.pointer(text_at(entry, "in"))?.as_array()?;
    let key = text_at(entry, "key");
    entries.iter().find(|one| {
        one.pointer(key)
            .is_some_and(|key| alike(key, at(entry, "is")))
    })
}

/// Everything between the place and the portal's value.
fn refine(lens: &Value, value: Value, from: Source) -> Value {
    let value = cut(lens, value);
    let nulls = at(lens, "null_is").as_array();
    if nulls.is_some_and(|nulls| nulls.contains(&value)) || value.is_null() {
        return Value::Null;
    }
    let value = match (&value, text_at(lens, "prefix"), text_at(lens, "suffix")) {
        (Value::String(text), prefix, suffix) if !(prefix.is_empty() && suffix.is_empty()) => {
            let inner = text.strip_prefix(prefix).unwrap_or(text);
            inner.strip_suffix(suffix).unwrap_or(inner).into()
        }
        _ => value,
    };
    let value = read_format(lens, value);
    let value = match at(lens, "map").as_str() {
        Some(name) if !value.is_null() => from.maps.read(name, &value, from.scope),
        _ => value,
    };
    match (lens.get("each"), value) {
        (Some(each), Value::Array(entries)) => {
            let found = entries.iter().map(|row| read(each, Source { row, ..from }));
            Value::Array(found.filter(|one| !one.is_null()).collect())
        }
        (_, value) => value,
    }
}

fn cut(lens: &Value, value: Value) -> Value {
    let marks = ["segment", "after", "before"];
    if value.is_null() || !marks.iter().any(|mark| lens.get(mark).is_some()) {
        return value;
    }
    let mut text = text(&value);
    if let Some(index) = at(lens, "segment").as_i64() {
        text = format::segment(&text, index);
    }
    if let Some(mark) = at(lens, "after").as_str()
        && let Some((_, behind)) = text.split_once(mark)
    {
        text = behind.into();
    }
    if let Some(mark) = at(lens, "before").as_str()
        && let Some((ahead, _)) = text.rsplit_once(mark)
    {
        text = ahead.into();
    }
    text.into()
}

fn read_format(lens: &Value, value: Value) -> Value {
    let pattern = text_at(lens, "pattern");
    let found = match text_at(lens, "format") {
        "text" | "id" => scalar(&value),
        "number" => match &value {
            Value::Number(_) => Some(value),
            Value::String(text) => Some(query::number(text)),
            _ => None,
        },
        "time" => scalar(&value)
            .and_then(|words| format::read_time(words.as_str()?, pattern, text_at(lens, "zone")))
            .and_then(format::iso)
            .map(Value::String),
        "date" => scalar(&value)
            .and_then(|words| format::read_date(words.as_str()?, pattern))
            .map(Value::String),
        "list" => match &value {
            Value::String(text) => {
                let entries = text.split(separator(lens)).map(str::trim);
                Some(entries.filter(|entry| !entry.is_empty()).collect())
            }
            Value::Array(_) => Some(value),
            _ => None,
        },
        "html" => value.as_str().map(|html| format::from_html(html).into()),
        "base64" => {
            let bytes = value.as_str().and_then(|text| {
                let text: String = text.split_ascii_whitespace().collect();
                base64::decode(&text)
            });
            bytes
                .and_then(|bytes| String::from_utf8(bytes).ok())
                .map(Value::String)
        }
        _ => Some(value),
    };
    found.unwrap_or_default()
}

fn separator(lens: &Value) -> &str {
    at(lens, "separator").as_str().unwrap_or(",")
}

fn scalar(value: &Value) -> Option<Value> {
    let is_scalar = matches!(value, Value::String(_) | Value::Number(_) | Value::Bool(_));
    is_scalar.then(|| text(value).into())
}

/// Whether two plain values are the same, numbers and texts alike.
pub fn alike(a: &Value, b: &Value) -> bool {
    a == b || (scalar(a).is_some() && scalar(a) == scalar(b))
}

/// Where a lens writes; none if it never does.
pub fn written_at(lens: &Value) -> Option<&str> {
    match lens {
        Value::String(pointer) => Some(pointer),
        _ => match at(lens, "write") {
            Value::Bool(_) => None,
            Value::String(pointer) => Some(pointer),
            _ => at(lens, "pointer").as_str().or_else(|| {
                let entry = lens.get("entry")?;
                at(entry, "in").as_str()
            }),
        },
    }
}

/// Writes a value of the portal where the lens says. What a lens never writes is passed over.
pub fn write(
    lens: &Value,
    value: &Value,
    maps: Maps,
    target: &mut Value,
) -> Result<(), Unwritable> {
    let Some(pointer) = written_at(lens) else {
        return Ok(());
    };
    let value = coarsen(lens, value, maps)?;
    match lens.get("entry") {
        Some(entry) if at(lens, "write").is_null() && at(lens, "pointer").is_null() => {
            write_entry(entry, value, target);
        }
        _ => put(target, pointer, value),
    }
    Ok(())
}

fn write_entry(entry: &Value, value: Value, target: &mut Value) {
    let list = text_at(entry, "in");
    if target.pointer(list).is_none_or(|found| !found.is_array()) {
        put(target, list, Value::Array(Vec::new()));
    }
    let key = text_at(entry, "key");
    let Some(Value::Array(entries)) = target.pointer_mut(list) else {
        return;
    };
    let is = at(entry, "is");
    let known = entries
        .iter()
        .position(|one| one.pointer(key).is_some_and(|key| alike(key, is)));
    let index = known.unwrap_or_else(|| {
        let mut made = Value::Object(Default::default());
        put(&mut made, key, is.clone());
        entries.push(made);
        entries.len() - 1
    });
    put(&mut entries[index], text_at(entry, "value"), value);
}

/// Everything between the portal's value and its place.
fn coarsen(lens: &Value, value: &Value, maps: Maps) -> Result<Value, Unwritable> {
    if is_empty(value)
        && let Some(nulls) = at(lens, "null_is").as_array()
    {
        return Ok(nulls.first().cloned().unwrap_or_default());
    }
    if value.is_null() || lens.is_string() {
        return Ok(value.clone());
    }
    let value = match (lens.get("each"), value) {
        (Some(each), Value::Array(entries)) => {
            let mut written = Vec::new();
            for entry in entries {
                let mut one = Value::Null;
                write(each, entry, maps, &mut one)?;
                written.push(one);
            }
            Value::Array(written)
        }
        _ => value.clone(),
    };
    let value = match at(lens, "map").as_str() {
        Some(name) => maps.write(name, &value).ok_or(Unwritable)?,
        None => value,
    };
    let value = write_format(lens, value).ok_or(Unwritable)?;
    Ok(
        match (&value, text_at(lens, "prefix"), text_at(lens, "suffix")) {
            (Value::String(text), prefix, suffix) => format!("{prefix}{text}{suffix}").into(),
            _ => value,
        },
    )
}

fn write_format(lens: &Value, value: Value) -> Option<Value> {
    let pattern = text_at(lens, "pattern");
    let as_number = text_at(lens, "as") == "number";
    Some(match (text_at(lens, "format"), &value) {
        (_, Value::Null) => value,
        ("text" | "id", Value::String(text)) if as_number => {
            Some(query::number(text)).filter(Value::is_number)?
        }
        ("number", Value::Number(number)) if text_at(lens, "as") == "text" => {
            number.to_string().into()
        }
        ("time", Value::String(text)) => {
            let time = format::read_time(text, "iso", "UTC")?;
            let written = format::write_time(time, pattern, text_at(lens, "zone"))?;
            match pattern {
                "epoch" | "epoch_ms" if text_at(lens, "as") != "text" => query::number(&written),
                _ => written.into(),
            }
        }
        ("date", Value::String(text)) => format::write_date(text, pattern)?.into(),
        ("list", Value::Array(entries)) => {
            let entries: Vec<String> = entries.iter().map(text).collect();
            entries.join(separator(lens)).into()
        }
        ("html", Value::String(text)) => format::to_html(text).into(),
        ("base64", Value::String(text)) => base64::encode(text.as_bytes()).into(),
        _ => value,
    })
}

impl Maps<'_> {
    fn pairs(&self, name: &str, scope: &Scope) -> Vec<(Value, Value)> {
        let table = at(self.written, name);
        let pair = |pair: &Value| Some((pair.get(0)?.clone(), pair.get(1)?.clone()));
        let written = at(table, "pairs").as_array().into_iter().flatten();
        // Only the author of a profile may name things; what a backend tells stays a value.
        let written = written.filter_map(pair).map(|(theirs, ours)| {
            let said = template::json(&theirs, scope).unwrap_or_default();
            (said, ours)
        });
        let loaded = at(self.loaded, name).as_array().into_iter().flatten();
        written.chain(loaded.filter_map(pair)).collect()
    }

    /// The portal's value for one of the backend's; its value in a pair may be a template.
    pub fn read(&self, name: &str, theirs: &Value, scope: &Scope) -> Value {
        let table = at(self.written, name);
        let listed = at(table, "read").get(text(theirs)).cloned();
        let paired = || {
            let pairs = self.pairs(name, scope);
            let found = pairs.into_iter().find(|(value, _)| alike(value, theirs));
            found.map(|(_, ours)| ours)
        };
        listed.or_else(paired).unwrap_or_else(|| {
            let other = at(table, "read_else");
            if other == "=" { theirs } else { other }.clone()
        })
    }

    /// The backend's value for one of the portal's; none if it must not be sent.
    pub fn write(&self, name: &str, ours: &Value) -> Option<Value> {
        let table = at(self.written, name);
        let listed = at(table, "write").get(text(ours)).cloned();
        let paired = || {
            let pairs = self.pairs(name, &Scope::new());
            let found = pairs.into_iter().find(|(_, value)| alike(value, ours));
            found.map(|(theirs, _)| theirs)
        };
        match listed.or_else(paired) {
            Some(theirs) => Some(theirs),
            None => match at(table, "write_else") {
                Value::String(word) if word == "!" => None,
                Value::String(word) if word == "=" => Some(ours.clone()),
                other => Some(other.clone()),
            },
        }
    }
}

/// Whether a predicate holds: all of its parts together; an empty one always does.
pub fn holds(predicate: &Value, from: Source) -> bool {
    let Value::Object(parts) = predicate else {
        return predicate.as_bool().unwrap_or(false);
    };
    let several = |key: &str| at(predicate, key).as_array();
    let all = several("all").is_none_or(|all| all.iter().all(|one| holds(one, from)));
    let any = several("any").is_none_or(|any| any.iter().any(|one| holds(one, from)));
    let not = parts.get("not").is_none_or(|not| !holds(not, from));
    all && any && not && status_fits(at(predicate, "status"), from) && tests_hold(predicate, from)
}

fn status_fits(wanted: &Value, from: Source) -> bool {
    let status = from.reply.map_or(0, |reply| reply.status);
    match wanted {
        Value::Array(several) => several.iter().any(|one| status_fits(one, from)),
        Value::Number(number) => number.as_u64() == Some(u64::from(status)),
        Value::String(class) => {
            let digit = class.strip_suffix("xx").and_then(|one| one.parse().ok());
            digit == Some(status / 100)
        }
        _ => true,
    }
}

const PLACES: [&str; 6] = ["pointer", "header", "query", "template", "text", "entry"];

fn tests_hold(predicate: &Value, from: Source) -> bool {
    if !PLACES.iter().any(|place| predicate.get(place).is_some()) {
        return true;
    }
    let found = read(predicate, from);
    let is = predicate.get("is").is_none_or(|is| {
        let is = template::json(is, from.scope).unwrap_or_default();
        alike(&found, &is)
    });
    let within = at(predicate, "in").as_array();
    let within = within.is_none_or(|values| values.iter().any(|value| alike(&found, value)));
    let contains = at(predicate, "contains").as_str();
    let contains = contains.is_none_or(|part| {
        let part = template::say(part, from.scope);
        part.is_some_and(|part| text(&found).contains(&part))
    });
    let flag = |key: &str| at(predicate, key).as_bool();
    let exists = flag("exists").is_none_or(|wanted| wanted != found.is_null());
    let empty = flag("empty").is_none_or(|wanted| wanted == is_empty(&found));
    let tested = ["is", "in", "contains", "exists", "empty"];
    let plain = !tested.iter().any(|test| predicate.get(test).is_some());
    // Without a test, being something other than nothing and false is the test.
    let something = !plain || !(is_empty(&found) || found == Value::Bool(false));
    is && within && contains && exists && empty && something
}
