//! Reads JSON from outside and collects *all* its problems at once.
//!
//! A [`Reader`] stands on one value and knows its path. Each accessor returns a usable value even
//! when it finds a problem, so that a policy with ten mistakes reports ten, not one. Keys nobody
//! asked for are problems too in [`Reader::done`], because a misspelt key is the commonest mistake
//! of all. What to do about problems is the caller's decision: a policy with problems is refused,
//! a record with problems is shown with what could be read.

use std::cell::RefCell;
use std::collections::BTreeSet;

use serde_json::Value;

use super::text::LocalText;

/// One mistake: where, what was expected there, what was found, and how to mend it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// Path from the file's root, as `severities[2].name`.
    pub path: String,
    /// What belongs there, in a few words.
    pub expected: String,
    /// What is there instead.
    pub found: String,
    /// What to do.
    pub mend: String,
}

/// Reads one file or record; see the module's header.
pub fn read<T>(value: &Value, read: impl FnOnce(&Reader) -> T) -> (T, Vec<Problem>) {
    let problems = RefCell::new(Vec::new());
    let result = read(&Reader {
        value,
        path: String::new(),
        problems: &problems,
        seen: RefCell::default(),
    });
    (result, problems.into_inner())
}

/// A place in foreign JSON.
pub struct Reader<'a> {
    value: &'a Value,
    path: String,
    problems: &'a RefCell<Vec<Problem>>,
    seen: RefCell<BTreeSet<&'static str>>,
}

static NULL: Value = Value::Null;

impl<'a> Reader<'a> {
    /// Where this is, for messages.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// The value as it came.
    pub fn value(&self) -> &'a Value {
        self.value
    }

    /// Notes a problem at `key` of this place (at the place itself if `key` is empty).
    pub fn problem(&self, key: &str, expected: &str, found: impl Into<String>, mend: &str) {
        self.problems.borrow_mut().push(Problem {
            path: join(&self.path, key),
            expected: expected.into(),
            found: found.into(),
            mend: mend.into(),
        });
    }

    fn take(&self, key: &'static str) -> &'a Value {
        self.seen.borrow_mut().insert(key);
        self.value.get(key).unwrap_or(&NULL)
    }

    fn at(&self, key: &str, value: &'a Value) -> Reader<'a> {
        Reader {
            value,
            path: join(&self.path, key),
            problems: self.problems,
            seen: RefCell::default(),
        }
    }

    fn wrong(&self, key: &str, expected: &str, value: &Value) {
        let mend = if value.is_null() {
            "add it"
        } else {
            "replace it"
        };
        self.problem(key, expected, describe(value), mend);
    }

    /// A required, non-empty string.
    pub fn text(&self, key: &'static str) -> String {
        match self.take(key) {
            Value::String(text) if !text.is_empty() => text.clone(),
            other => {
                self.wrong(key, "a text", other);
                String::new()
            }
        }
    }

    /// A string, or nothing; numbers are taken as their digits, since backends differ in ids.
    pub fn text_or_none(&self, key: &'static str) -> Option<String> {
        match self.take(key) {
            Value::Null => None,
            Value::String(text) => Some(text.clone()).filter(|text| !text.is_empty()),
            Value::Number(number) => Some(number.to_string()),
            other => {
                self.wrong(key, "a text or nothing", other);
                None
            }
        }
    }

    /// A string, empty when absent.
    pub fn text_or_empty(&self, key: &'static str) -> String {
        self.text_or_none(key).unwrap_or_default()
    }

    /// True or false, `default` when absent.
    pub fn flag(&self, key: &'static str, default: bool) -> bool {
        match self.take(key) {
            Value::Null => default,
            Value::Bool(flag) => *flag,
            other => {
                self.wrong(key, "true or false", other);
                default
            }
        }
    }

    /// A whole number from 0 up, or nothing.
    pub fn number_or_none(&self, key: &'static str) -> Option<u64> {
        match self.take(key) {
            Value::Null => None,
            value => {
                let number = value.as_u64();
                if number.is_none() {
                    self.wrong(key, "a whole number, 0 or more", value);
                }
                number
            }
        }
    }

    /// One of a closed set of words.
    pub fn one_of<T: Copy>(&self, key: &'static str, words: &[(&str, T)]) -> Option<T> {
        let value = self.take(key);
        let found = value
            .as_str()
            .and_then(|word| words.iter().find(|(name, _)| *name == word));
        if found.is_none() {
            let names: Vec<&str> = words.iter().map(|(name, _)| *name).collect();
            self.wrong(key, &format!("one of {}", names.join(", ")), value);
        }
        found.map(|(_, value)| *value)
    }

    /// A text in several languages; English must be among them, it is what all others fall back to.
    pub fn local(&self, key: &'static str) -> LocalText {
        let value = self.take(key);
        if value.is_null() {
            self.wrong(key, "a text in each language, {\"en\": …}", value);
            return LocalText::default();
        }
        self.at(key, value).as_local()
    }

    /// As [`Reader::local`], but may be absent.
    pub fn local_or_none(&self, key: &'static str) -> Option<LocalText> {
        let value = self.take(key);
        (!value.is_null()).then(|| self.at(key, value).as_local())
    }

    /// This very place as a text in several languages.
    pub fn as_local(&self) -> LocalText {
        let mut text = LocalText::default();
        match self.value {
            Value::String(one) if !one.trim().is_empty() => text.insert("en", one),
            Value::Object(map) => {
                for (lang, value) in map {
                    match value {
                        Value::String(one) if !one.trim().is_empty() => text.insert(lang, one),
                        other => self.wrong(lang, "a text", other),
                    }
                }
                if !map.contains_key("en") {
                    self.problem(
                        "en",
                        "a text",
                        "nothing",
                        "add the English text, all languages fall back to it",
                    );
                }
            }
            other => self.wrong("", "a text in each language, {\"en\": …}", other),
        }
        text
    }

    /// This very place as a plain string.
    pub fn as_text(&self) -> String {
        match self.value {
            Value::String(text) => text.clone(),
            Value::Number(number) => number.to_string(),
            other => {
                self.wrong("", "a text", other);
                String::new()
            }
        }
    }

    /// This very place as a list of plain strings, none if it is no list.
    pub fn as_texts(&self) -> Vec<String> {
        let entries = self.value.as_array().into_iter().flatten().enumerate();
        entries
            .map(|(index, entry)| {
                let place = Reader {
                    path: format!("{}[{index}]", self.path),
                    ..self.at("", entry)
                };
                place.as_text()
            })
            .collect()
    }

    /// A list, empty when absent; each entry is read by `each`.
    pub fn list<T>(&self, key: &'static str, mut each: impl FnMut(&Reader<'a>) -> T) -> Vec<T> {
        match self.take(key) {
            Value::Null => Vec::new(),
            Value::Array(entries) => entries
                .iter()
                .enumerate()
                .map(|(index, entry)| each(&self.at(&format!("{key}[{index}]"), entry)))
                .collect(),
            other => {
                self.wrong(key, "a list", other);
                Vec::new()
            }
        }
    }

    /// A list of strings.
    pub fn texts(&self, key: &'static str) -> Vec<String> {
        self.list(key, |entry| entry.as_text())
    }

    /// The entries of an object, in the order of their keys; empty when absent.
    pub fn entries<T>(
        &self,
        key: &'static str,
        mut each: impl FnMut(&Reader<'a>) -> T,
    ) -> Vec<(String, T)> {
        match self.take(key) {
            Value::Null => Vec::new(),
            Value::Object(map) => map
                .iter()
                .filter(|(name, _)| !name.starts_with('_'))
                .map(|(name, value)| {
                    let place = self.at(key, self.value);
                    (name.clone(), each(&place.at(name, value)))
                })
                .collect(),
            other => {
                self.wrong(key, "an object", other);
                Vec::new()
            }
        }
    }

    /// A required object, read by `read`; on absence it is read as empty, so that its required
    /// parts are reported too.
    pub fn object<T>(&self, key: &'static str, read: impl FnOnce(&Reader<'a>) -> T) -> T {
        let value = self.take(key);
        if !value.is_object() {
            self.wrong(key, "an object", value);
        }
        read(&self.at(key, value))
    }

    /// An object, or nothing.
    pub fn object_or_none<T>(
        &self,
        key: &'static str,
        read: impl FnOnce(&Reader<'a>) -> T,
    ) -> Option<T> {
        let value = self.take(key);
        (!value.is_null()).then(|| read(&self.at(key, value)))
    }

    /// Reports the keys that nobody asked for. Keys that begin with `_` are the author's notes.
    pub fn done(&self) {
        let Value::Object(map) = self.value else {
            return;
        };
        let seen = self.seen.borrow();
        for key in map.keys() {
            if !key.starts_with('_') && key != "$schema" && !seen.contains(key.as_str()) {
                let known: Vec<&str> = seen.iter().copied().collect();
                self.problem(
                    key,
                    "a known key",
                    "an unknown one",
                    &format!(
                        "remove it, begin it with _ to keep it as a note, or use one of: {}",
                        known.join(", ")
                    ),
                );
            }
        }
    }
}

fn join(path: &str, key: &str) -> String {
    match (path.is_empty(), key.is_empty()) {
        (true, _) => key.into(),
        (_, true) => path.into(),
        _ => format!("{path}.{key}"),
    }
}

fn describe(value: &Value) -> String {
    match value {
        Value::Null => "nothing".into(),
        Value::Bool(flag) => flag.to_string(),
        Value::Number(number) => format!("the number {number}"),
        Value::String(text) if text.trim().is_empty() => "an empty text".into(),
        Value::String(text) => {
            let short: String = text.chars().take(40).collect();
            format!("the text \"{short}\"")
        }
        Value::Array(entries) => format!("a list of {}", entries.len()),
        Value::Object(_) => "an object".into(),
    }
}
