//! What a person has typed and not yet sent.
//!
//! Answers are kept by meaning (`subject`, `report.environment`), never by their place in a form,
//! and stay whatever else changes: an answer whose question is not asked any more waits unseen and
//! is there when the question comes back. A draft is stored with the number of its format; an older
//! one is migrated, and one that can't be read is offered as text ([`Recovered`]), never dropped.

pub mod merge;

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::text;

/// The format this version writes.
pub const FORMAT: u32 = 2;

/// An answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// Text, or the id of a choice.
    One(String),
    /// Several, as mail addresses.
    Many(Vec<String>),
}

/// A file of a draft. Its bytes are kept beside the draft, in chunks under its id.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DraftFile {
    /// Its id, for its chunks and its upload.
    pub id: String,
    /// The name it came with; text only.
    pub name: String,
    /// Bytes.
    pub size: u64,
    /// What the browser took it for.
    pub media_type: String,
    /// How many chunks hold it; none of a file that was too large to be copied, which is read from
    /// where it lies as long as the page lives.
    pub chunks: u32,
    /// Size and ends of a file that was not copied, to know it again when it is chosen again; empty
    /// otherwise.
    pub fingerprint: String,
    /// SHA-256 of all its bytes, in hexadecimal digits; empty as long as nobody has read them all.
    pub sha256: String,
}

/// Where a draft is on its way.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
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
#[derive(Clone, Debug, PartialEq, Eq)]
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
    pub state: State,
    /// Answers by meaning.
    pub answers: BTreeMap<String, Answer>,
    /// Its files.
    pub files: Vec<DraftFile>,
    /// What was noted during a call (CMS-09): time in milliseconds and text.
    pub call_log: Vec<(i64, String)>,
    /// Set on the copy that is kept when two tabs wrote the same draft: the other's id.
    pub copy_of: Option<String>,
    /// Steps whose continuation was asked for, so that their open questions are shown as errors.
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

    /// Whether another draft holds the very same words, files and notes.
    pub fn says_the_same(&self, other: &Draft) -> bool {
        self.answers == other.answers
            && self.files == other.files
            && self.call_log == other.call_log
    }

    /// What the draft is called in a list: its subject, else the beginning of its description.
    pub fn title(&self) -> &str {
        ["subject", "brief", "description"]
            .into_iter()
            .map(|key| self.text(key).trim())
            .find(|text| !text.is_empty())
            .map_or("", |text| {
                text::beginning(text.lines().next().unwrap_or(""), 80)
            })
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
        Some(2) => Draft::from_json(&json),
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

// The stored form, written and read by hand: what derived code costs in the bundle, and what it
// does with a field that is missing or odd, is too much for the most precious thing there is.

impl Draft {
    /// The form in which it is stored.
    pub fn to_json(&self) -> Value {
        let answers: Map<String, Value> = self
            .answers
            .iter()
            .map(|(key, answer)| (key.clone(), answer.to_json()))
            .collect();
        let files: Vec<Value> = self.files.iter().map(DraftFile::to_json).collect();
        let mut json = json!({
            "format": self.format,
            "id": self.id,
            "policy": self.policy,
            "revision": self.revision,
            "created_at": self.created_at,
            "updated_at": self.updated_at,
            "state": self.state.to_json(),
            "answers": answers,
            "files": files,
            "call_log": self.call_log,
            "visited": self.visited,
        });
        if let Some(other) = &self.copy_of {
            json["copy_of"] = json!(other);
        }
        json
    }

    /// Reads the stored form; nothing if a part that every draft has is not there.
    pub fn from_json(json: &Value) -> Option<Draft> {
        let time = |key: &str| json.get(key).and_then(Value::as_i64);
        let answers = json.get("answers")?.as_object()?;
        let answers: Option<BTreeMap<String, Answer>> = answers
            .iter()
            .map(|(key, value)| Some((key.clone(), Answer::from_json(value)?)))
            .collect();
        let files: Option<Vec<DraftFile>> = list(json, "files").map(DraftFile::from_json).collect();
        let call_log: Option<Vec<(i64, String)>> = list(json, "call_log")
            .map(|entry| Some((entry.get(0)?.as_i64()?, text_of(entry.get(1)?)?)))
            .collect();
        let visited: Option<Vec<String>> = list(json, "visited").map(text_of).collect();
        Some(Draft {
            format: FORMAT,
            id: text_of(json.get("id")?)?,
            policy: text_of(json.get("policy")?)?,
            revision: json.get("revision")?.as_u64()?,
            created_at: time("created_at")?,
            updated_at: time("updated_at")?,
            state: match json.get("state") {
                Some(state) => State::from_json(state)?,
                None => State::Open,
            },
            answers: answers?,
            files: files?,
            call_log: call_log?,
            copy_of: json.get("copy_of").and_then(text_of),
            visited: visited?,
        })
    }
}

impl Answer {
    fn to_json(&self) -> Value {
        match self {
            Answer::One(text) => json!(text),
            Answer::Many(entries) => json!(entries),
        }
    }

    fn from_json(json: &Value) -> Option<Answer> {
        match json {
            Value::String(text) => Some(Answer::One(text.clone())),
            Value::Array(entries) => entries
                .iter()
                .map(text_of)
                .collect::<Option<Vec<String>>>()
                .map(Answer::Many),
            _ => None,
        }
    }
}

impl DraftFile {
    /// Whether its bytes are kept on this device, and not only read from where they lie.
    pub fn is_kept(&self) -> bool {
        self.chunks > 0 || self.size == 0
    }

    /// The form in which it is stored.
    pub fn to_json(&self) -> Value {
        json!({
            "id": self.id,
            "name": self.name,
            "size": self.size,
            "media_type": self.media_type,
            "chunks": self.chunks,
            "fingerprint": self.fingerprint,
            "sha256": self.sha256,
        })
    }

    /// Reads the stored form.
    pub fn from_json(json: &Value) -> Option<DraftFile> {
        Some(DraftFile {
            id: text_of(json.get("id")?)?,
            name: text_of(json.get("name")?)?,
            size: json.get("size")?.as_u64()?,
            media_type: text_of(json.get("media_type")?)?,
            chunks: u32::try_from(json.get("chunks")?.as_u64()?).ok()?,
            // Drafts of the days before have neither.
            fingerprint: json
                .get("fingerprint")
                .and_then(text_of)
                .unwrap_or_default(),
            sha256: json.get("sha256").and_then(text_of).unwrap_or_default(),
        })
    }
}

impl State {
    fn to_json(&self) -> Value {
        match self {
            State::Open => json!({ "is": "open" }),
            State::Queued { operation } => json!({ "is": "queued", "operation": operation }),
            State::Sent { case, number } => {
                json!({ "is": "sent", "case": case, "number": number })
            }
            State::Discarded { at } => json!({ "is": "discarded", "at": at }),
        }
    }

    fn from_json(json: &Value) -> Option<State> {
        let text = |key: &str| json.get(key).and_then(text_of);
        Some(match json.get("is")?.as_str()? {
            "open" => State::Open,
            "queued" => State::Queued {
                operation: text("operation")?,
            },
            "sent" => State::Sent {
                case: text("case")?,
                number: text("number")?,
            },
            "discarded" => State::Discarded {
                at: json.get("at")?.as_i64()?,
            },
            _ => return None,
        })
    }
}

/// A JSON text as a string.
pub(super) fn text_of(json: &Value) -> Option<String> {
    json.as_str().map(String::from)
}

/// The entries of a list; none if it is not there.
fn list<'a>(json: &'a Value, key: &str) -> impl Iterator<Item = &'a Value> {
    json.get(key)
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
}
