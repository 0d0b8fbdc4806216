//! Templates: addresses by RFC 6570, texts and JSON bodies with names in braces.
//!
//! Values never become syntax: in an address everything is percent-encoded unless the author writes
//! `{+name}`, and in a body a value stays a value. One addition to RFC 6570: `{?since:=token}` puts
//! the value of `token` under the name `since`; and `name|filter` says a value in another way.

use serde_json::Value;

use super::format;
use super::value::{Scope, lookup, text};
use crate::core::base64;

/// An address: the template's text with its expressions filled in.
pub fn address(template: &str, scope: &Scope) -> String {
    let mut made = String::new();
    let mut rest = template;
    while let Some((before, behind)) = rest.split_once('{') {
        encode_into(&mut made, before, true);
        let Some((expression, after)) = behind.split_once('}') else {
            return made;
        };
        expand(&mut made, expression, scope);
        rest = after;
    }
    encode_into(&mut made, rest, true);
    made
}

/// How the operators of RFC 6570 differ: operator, what comes first, what between, whether with
/// names, what follows the name of an empty value, whether reserved characters stay.
type Operator = (char, &'static str, &'static str, bool, &'static str, bool);
const OPERATORS: [Operator; 7] = [
    ('+', "", ",", false, "", true),
    ('#', "#", ",", false, "", true),
    ('.', ".", ".", false, "", false),
    ('/', "/", "/", false, "", false),
    (';', ";", ";", true, "", false),
    ('?', "?", "&", true, "=", false),
    ('&', "&", "&", true, "=", false),
];

/// One name of an expression.
struct Variable<'t> {
    /// What it is called in the address.
    shown: &'t str,
    /// The name with its filters.
    name: &'t str,
    explode: bool,
    prefix: Option<usize>,
}

fn variable(text: &str) -> Variable<'_> {
    let (shown, rest) = match text.split_once(":=") {
        Some((shown, rest)) => (Some(shown), rest),
        None => (None, text),
    };
    let (bare, filters) = rest.split_at(rest.find('|').unwrap_or(rest.len()));
    let (bare, explode) = match bare.strip_suffix('*') {
        Some(bare) => (bare, true),
        None => (bare, false),
    };
    let (bare, prefix) = match bare.split_once(':') {
        Some((bare, length)) => (bare, length.parse().ok()),
        None => (bare, None),
    };
    let name = if filters.is_empty() { bare } else { rest };
    Variable {
        shown: shown.unwrap_or(bare),
        name,
        explode,
        prefix,
    }
}

fn expand(made: &mut String, expression: &str, scope: &Scope) {
    let found = OPERATORS
        .iter()
        .find(|operator| expression.starts_with(operator.0));
    let plain = (' ', "", ",", false, "", false);
    let &(_, first, between, named, if_empty, reserved) = found.unwrap_or(&plain);
    let names = &expression[found.map_or(0, |operator| operator.0.len_utf8())..];
    let encoded = |text: &str| {
        let mut encoded = String::new();
        encode_into(&mut encoded, text, reserved);
        encoded
    };
    let with_name = |name: &str, value: String| {
        if !named {
            return value;
        }
        let mut pair = String::new();
        encode_into(&mut pair, name, true);
        pair.push_str(if value.is_empty() { if_empty } else { "=" });
        pair + &value
    };
    let mut pieces = Vec::new();
    for one in names.split(',').map(variable) {
        match resolve(one.name, scope) {
            None => {}
            Some(value) if matches!(value, Value::Array(_) | Value::Object(_)) => {
                let pairs = match &value {
                    Value::Array(entries) => entries
                        .iter()
                        .map(|entry| (None, encoded(&text(entry))))
                        .collect::<Vec<_>>(),
                    other => other
                        .as_object()
                        .into_iter()
                        .flatten()
                        .map(|(key, entry)| (Some(encoded(key)), encoded(&text(entry))))
                        .collect(),
                };
                if one.explode {
                    pieces.extend(pairs.into_iter().map(|(key, value)| match key {
                        Some(key) => format!("{key}={value}"),
                        None => with_name(one.shown, value),
                    }));
                } else if !pairs.is_empty() {
                    let all = pairs
                        .into_iter()
                        .flat_map(|(key, value)| [key, Some(value)]);
                    let all: Vec<String> = all.flatten().collect();
                    pieces.push(with_name(one.shown, all.join(",")));
                }
            }
            Some(value) => {
                let whole = text(&value);
                let end = one
                    .prefix
                    .and_then(|length| whole.char_indices().nth(length));
                let end = end.map_or(whole.len(), |(end, _)| end);
                pieces.push(with_name(one.shown, encoded(&whole[..end])));
            }
        }
    }
    if !pieces.is_empty() {
        made.push_str(first);
        made.push_str(&pieces.join(between));
    }
}

/// Percent-encodes what may not stand in an address; with `reserved` its syntax stays, and so does
/// what is encoded already.
fn encode_into(made: &mut String, text: &str, reserved: bool) {
    let bytes = text.as_bytes();
    for (index, byte) in bytes.iter().enumerate() {
        let digit = |at: usize| bytes.get(at).is_some_and(u8::is_ascii_hexdigit);
        let stays = byte.is_ascii_alphanumeric()
            || b"-._~".contains(byte)
            || (reserved && b":/?#[]@!$&'()*+,;=".contains(byte))
            || (reserved && *byte == b'%' && digit(index + 1) && digit(index + 2));
        if stays {
            made.push(char::from(*byte));
        } else {
            made.push_str(&format!("%{byte:02X}"));
        }
    }
}

/// The value of `name|filter|filter:argument`; nothing if the name is undefined.
pub fn resolve(expression: &str, scope: &Scope) -> Option<Value> {
    let mut parts = expression.split('|');
    let mut value = lookup(scope, parts.next()?.trim())?.clone();
    for part in parts {
        let (filter, argument) = part.split_once(':').unwrap_or((part, ""));
        value = Value::String(filtered(filter, argument, &value));
    }
    Some(value)
}

/// The filters by name.
const FILTERS: [&str; 7] = [
    "json",
    "sql",
    "backslash",
    "base64",
    "time",
    "segment",
    "lower",
];

fn filtered(filter: &str, argument: &str, value: &Value) -> String {
    let plain = text(value);
    match filter {
        "json" => value.to_string(),
        "sql" => plain.replace('\'', "''"),
        "backslash" => plain.replace('\\', "\\\\").replace('\'', "\\'"),
        "base64" => base64::encode(plain.as_bytes()),
        "time" => format::say_time(&plain, argument).unwrap_or(plain),
        "segment" => format::segment(&plain, argument.parse().unwrap_or(-1)),
        "lower" => plain.to_lowercase(),
        _ => plain,
    }
}

/// A text with names in braces, `{{` and `}}` being braces; nothing if one of them is undefined.
pub fn say(template: &str, scope: &Scope) -> Option<String> {
    fill(template, scope, &mut |_| None)
}

/// As [`say`], with nothing in the place of what is undefined.
pub fn say_all(template: &str, scope: &Scope) -> String {
    fill(template, scope, &mut |_| Some(String::new())).unwrap_or_default()
}

fn fill(
    template: &str,
    scope: &Scope,
    missing: &mut dyn FnMut(&str) -> Option<String>,
) -> Option<String> {
    let mut made = String::new();
    let mut rest = template;
    while let Some(at) = rest.find(['{', '}']) {
        made.push_str(&rest[..at]);
        let from = &rest[at..];
        if from.starts_with("{{") || from.starts_with("}}") {
            made.push_str(&from[..1]);
            rest = &from[2..];
        } else if let Some((name, after)) = from[1..].split_once('}').filter(|_| &from[..1] == "{")
        {
            match resolve(name, scope) {
                Some(value) => made.push_str(&text(&value)),
                None => made.push_str(&missing(name)?),
            }
            rest = after;
        } else {
            made.push_str(&from[..1]);
            rest = &from[1..];
        }
    }
    made.push_str(rest);
    Some(made)
}

/// JSON with names in braces. A text that is one name alone becomes its value, and vanishes with
/// its key where the name is undefined.
pub fn json(template: &Value, scope: &Scope) -> Option<Value> {
    Some(match template {
        Value::String(text) => match sole_name(text) {
            Some(name) => resolve(name, scope)?,
            None => Value::String(say_all(text, scope)),
        },
        Value::Array(entries) => {
            Value::Array(entries.iter().filter_map(|one| json(one, scope)).collect())
        }
        Value::Object(fields) => {
            let kept = fields
                .iter()
                .filter_map(|(key, one)| Some((key.clone(), json(one, scope)?)));
            Value::Object(kept.collect())
        }
        other => other.clone(),
    })
}

fn sole_name(text: &str) -> Option<&str> {
    let name = text.strip_prefix('{')?.strip_suffix('}')?;
    (!name.contains(['{', '}'])).then_some(name)
}

/// What is wrong with a template, in a few words; nothing if all is well.
pub fn mistake(template: &str, is_address: bool) -> Option<String> {
    let mut rest = template;
    while let Some(at) = rest.find(['{', '}']) {
        let from = &rest[at..];
        if !is_address && (from.starts_with("{{") || from.starts_with("}}")) {
            rest = &from[2..];
            continue;
        }
        if from.starts_with('}') {
            return Some("a closing brace without an opening one".into());
        }
        let Some((expression, after)) = from[1..].split_once('}') else {
            return Some("an opening brace without a closing one".into());
        };
        let operator = expression.starts_with(['+', '#', '.', '/', ';', '?', '&']);
        let names = match expression.strip_prefix(['+', '#', '.', '/', ';', '?', '&']) {
            Some(_) if !is_address => return Some(format!("an operator in {{{expression}}}")),
            Some(names) if operator => names,
            _ => expression,
        };
        let names: Vec<&str> = if is_address {
            names.split(',').collect()
        } else {
            vec![names]
        };
        for name in names {
            if let Some(wrong) = wrong_name(name) {
                return Some(format!("{wrong} in {{{expression}}}"));
            }
        }
        rest = after;
    }
    None
}

fn wrong_name(text: &str) -> Option<String> {
    let one = variable(text);
    let mut parts = one.name.split('|');
    let name = parts.next().unwrap_or("");
    let fine = |c: char| c.is_alphanumeric() || "._-".contains(c);
    if name.is_empty() || !name.chars().all(fine) {
        return Some(format!("the name \"{name}\""));
    }
    let strange = |c: char| !c.is_ascii_graphic() || "\"#&<=>?\\^`{|}".contains(c);
    if one.shown.is_empty() || (text.contains(":=") && one.shown.contains(strange)) {
        return Some(format!("the name \"{}\"", one.shown));
    }
    let unknown = parts
        .map(|part| part.split(':').next().unwrap_or(""))
        .find(|filter| !FILTERS.contains(filter))?;
    Some(format!(
        "the filter \"{unknown}\" (there are {})",
        FILTERS.join(", ")
    ))
}
