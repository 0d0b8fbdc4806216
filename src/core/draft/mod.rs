//! What a person has typed and not yet sent.
//!
//! Answers are kept by meaning (`subject`, `report.environment`), never by their place in a form,
//! and stay whatever else changes: an answer whose question is not asked any more waits unseen and
//! is there when the question comes back. A draft is stored with the number of its format; an older
//! one is migrated, and one that can't be read is offered as text ([`Recovered`]), never dropped.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::text;

/// The format this version writes.
pub const FORMAT: u32 = 2;

/// An answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Answer {
    /// Text, or the id of a choice.
    One(String),
    /// Several, as mail addresses.
    Many(Vec<String>),
}

/// A file of a draft. Its bytes are kept beside the draft, in chunks under its id.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DraftFile {
    /// Its id, for its chunks and its upload.
    pub id: String,
    /// The name it came with; text only.
    pub name: String,
    /// Bytes.
    pub size: u64,
    /// What the browser took it for.
    pub media_type: String,
    /// How many chunks hold it.
    pub chunks: u32,
}

/// Where a draft is on its way.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "snake_case")]
pub enum State {
    /// Being written.
    #[default]
    Open,
    /// Handed to the outbox.
    Queued {
        /// The operation that creates the case.
        operation: String,
    },
    /// The backend has acknowledged it.
    Sent {
        /// The case's id.
        case: String,
        /// The case's number.
        number: String,
    },
    /// Put away by its author; kept for a while, so that it can be taken back.
    Discarded {
        /// When, in milliseconds since 1970.
        at: i64,
    },
}

/// A case in the making.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Draft {
    /// Number of the format.
    pub format: u32,
    /// Its id.
    pub id: String,
    /// The policy it follows.
    pub policy: String,
    /// Counts its saves; a save of an older revision is refused and kept as a copy.
    pub revision: u64,
    /// When it was begun, in milliseconds since 1970.
    pub created_at: i64,
    /// When it was last changed, in milliseconds since 1970.
    pub updated_at: i64,
    /// Where it is on its way.
    #[serde(default)]
    pub state: State,
    /// Answers by meaning.
    pub answers: BTreeMap<String, Answer>,
    /// Its files.
    #[serde(default)]
    pub files: Vec<DraftFile>,
    /// What was noted during a call (CMS-09): time in milliseconds and text.
    #[serde(default)]
    pub call_log: Vec<(i64, String)>,
    /// Set on the copy that is kept when two tabs wrote the same draft: the other's id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub copy_of: Option<String>,
    /// Steps whose continuation was asked for, so that their open questions are shown as errors.
    #[serde(default)]
    pub visited: Vec<String>,
}

impl Draft {
    /// An empty draft.
    pub fn new(id: impl Into<String>, policy: impl Into<String>, now: i64) -> Draft {
        Draft {
            format: FORMAT,
            id: id.into(),
            policy: policy.into(),
            revision: 0,
            created_at: now,
            updated_at: now,
            state: State::Open,
            answers: BTreeMap::new(),
            files: Vec::new(),
            call_log: Vec::new(),
            copy_of: None,
            visited: Vec::new(),
        }
    }

    /// The text of an answer, empty if there is none.
    pub fn text(&self, key: &str) -> &str {
        match self.answers.get(key) {
            Some(Answer::One(text)) => text,
            _ => "",
        }
    }

    /// The entries of an answer.
    pub fn many(&self, key: &str) -> Vec<String> {
        match self.answers.get(key) {
            Some(Answer::Many(entries)) => entries.clone(),
            Some(Answer::One(one)) if !one.is_empty() => vec![one.clone()],
            _ => Vec::new(),
        }
    }

    /// Whether there is something in an answer.
    pub fn has(&self, key: &str) -> bool {
        match self.answers.get(key) {
            Some(Answer::One(text)) => !text.trim().is_empty(),
            Some(Answer::Many(entries)) => entries.iter().any(|entry| !entry.trim().is_empty()),
            None => false,
        }
    }

    /// Sets an answer; an empty one is kept as empty, so that a prefilled value stays removed.
    pub fn set(&mut self, key: &str, answer: impl Into<Answer>) {
        self.answers.insert(key.into(), answer.into());
    }

    /// What the draft is called in a list: its subject, else the beginning of its description.
    pub fn title(&self) -> &str {
        ["subject", "brief", "description"]
            .into_iter()
            .map(|key| self.text(key).trim())
            .find(|text| !text.is_empty())
            .map_or("", |text| {
                text::first_graphemes(text.lines().next().unwrap_or(""), 80)
            })
    }

    /// Whether there is nothing in it worth keeping.
    pub fn is_blank(&self) -> bool {
        self.files.is_empty()
            && self.call_log.is_empty()
            && self
                .answers
                .keys()
                .all(|key| key == "type" || !self.has(key))
    }
}

impl From<&str> for Answer {
    fn from(text: &str) -> Answer {
        Answer::One(text.into())
    }
}

impl From<String> for Answer {
    fn from(text: String) -> Answer {
        Answer::One(text)
    }
}

impl From<Vec<String>> for Answer {
    fn from(entries: Vec<String>) -> Answer {
        Answer::Many(entries)
    }
}

/// What a stored draft turned out to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Recovered {
    /// A draft, of this format or brought to it.
    Draft(Draft),
    /// Something that can't be read as a draft; its words are all there, to be copied or downloaded.
    Text {
        /// The key it was stored under.
        id: String,
        /// Everything that was in it.
        text: String,
    },
}

/// Reads a stored draft of this or any older format.
///
/// Format 1 kept the answers as one flat object of texts beside `updated`, without files or state.
pub fn recover(id: &str, stored: &str) -> Recovered {
    let as_text = || Recovered::Text {
        id: id.into(),
        text: readable(stored),
    };
    let Ok(json) = serde_json::from_str::<Value>(stored) else {
        return as_text();
    };
    let draft = match json.get("format").and_then(Value::as_u64) {
        Some(2) => serde_json::from_value::<Draft>(json).ok(),
        Some(1) => from_format_1(id, &json),
        _ => None,
    };
    draft.map_or_else(as_text, Recovered::Draft)
}

fn from_format_1(id: &str, json: &Value) -> Option<Draft> {
    let policy = json.get("policy")?.as_str()?;
    let updated = json.get("updated").and_then(Value::as_i64).unwrap_or(0);
    let mut draft = Draft::new(id, policy, updated);
    for (key, value) in json.get("answers")?.as_object()? {
        match value {
            Value::Null => {}
            Value::Array(entries) => {
                draft.set(key, entries.iter().map(words).collect::<Vec<_>>());
            }
            one => draft.set(key, words(one)),
        }
    }
    Some(draft)
}

/// A text as it is, anything else as its JSON: odd, but not lost.
fn words(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

/// The words of something unreadable: JSON indented, anything else as it is.
fn readable(stored: &str) -> String {
    serde_json::from_str::<Value>(stored)
        .and_then(|json| serde_json::to_string_pretty(&json))
        .unwrap_or_else(|_| stored.into())
}
