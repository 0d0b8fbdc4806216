//! What may stay on a device, how long, and how much: what a deployment chooses, what is said of it,
//! and the one file into which everything can be saved.
//!
//! Guarantees: files never take the room that text needs; a draft's end is known days before it
//! comes; and what was saved to a file comes back as drafts, never as something that is sent. What a
//! browser really keeps is its own business: see `browser::store`.

use serde_json::{Value, json};

use super::draft::{Draft, DraftFile, Recovered, State, recover};
use super::sync::{Operation, What};

/// What a deployment lets a device keep.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Retention {
    /// Nothing: all of it ends with the tab.
    Off,
    /// Until the last tab is closed.
    Session,
    /// Until somebody signs out, readable for whoever uses the device.
    #[default]
    Device,
    /// Until somebody signs out, encrypted under a passphrase.
    Locked,
}

/// Their words in `portal.json`.
pub const RETENTIONS: [(&str, Retention); 4] = [
    ("off", Retention::Off),
    ("session", Retention::Session),
    ("device", Retention::Device),
    ("locked", Retention::Locked),
];

impl Retention {
    /// Its word, which is also the stem of what the interface says of it.
    pub fn word(self) -> &'static str {
        let found = RETENTIONS.iter().find(|(_, one)| *one == self);
        found.map_or("device", |(word, _)| word)
    }
}

/// Fewest characters of a passphrase.
pub const PASSPHRASE: usize = 12;

/// Bytes that stay free for text, whatever the files want.
const RESERVE: u64 = 32 * 1024 * 1024;
/// What files may take where the browser does not say how much there is.
const UNKNOWN: u64 = 256 * 1024 * 1024;
/// What files may take in a tab's memory.
const MEMORY: u64 = 64 * 1024 * 1024;

/// Bytes that files may still take. `quota` and `used` are the browser's words, 0 where it is
/// silent. A tenth of the quota and no less than a reserve stays free for text.
pub fn room(quota: u64, used: u64, durable: bool) -> u64 {
    if !durable {
        return MEMORY;
    }
    if quota == 0 {
        return UNKNOWN;
    }
    let reserve = (quota / 10).max(RESERVE);
    quota.saturating_sub(used).saturating_sub(reserve)
}

const DAY: i64 = 24 * 3_600_000;
/// Days before its end at which a draft's author is told.
const WARNING_DAYS: i64 = 7;

/// Where a draft stands on the way to its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Age {
    /// Its end is far.
    Young,
    /// It ends at this time, in milliseconds since 1970, which is soon.
    Ending(i64),
    /// Nobody touched it for as long as the deployment keeps drafts, and its author was told in time.
    Over,
}

/// Where a draft stands that was last touched at a time. `told` is when its author was shown the
/// list on which its end stands, if they were: without that it does not end. 0 days: it never ends.
pub fn age(updated_at: i64, days: u64, told: Option<i64>, now: i64) -> Age {
    let days = i64::try_from(days.min(36_500)).unwrap_or(36_500);
    if days == 0 {
        return Age::Young;
    }
    let warning = WARNING_DAYS.min(days);
    let due = updated_at.saturating_add(days * DAY);
    // Whoever was told late has the same days left to do something about it.
    let end = match told {
        Some(told) => due.max(told.saturating_add(warning * DAY)),
        None => due.max(now.saturating_add(warning * DAY)),
    };
    if now >= end {
        Age::Over
    } else if now >= due - warning * DAY {
        Age::Ending(end)
    } else {
        Age::Young
    }
}

/// How many there are of something, and their bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Amount {
    /// How many.
    pub count: u64,
    /// Bytes of their texts, or of the files themselves.
    pub bytes: u64,
}

impl Amount {
    /// One more.
    pub fn add(&mut self, bytes: u64) {
        self.count += 1;
        self.bytes += bytes;
    }
}

/// The amount of some kept texts.
pub fn amount(texts: &[(String, String)]) -> Amount {
    let mut amount = Amount::default();
    for (_, text) in texts {
        amount.add(text.len() as u64);
    }
    amount
}

/// The files whose bytes are kept here: those of the drafts, and those still to be sent.
pub fn files(drafts: &[Recovered], outbox: &[Operation]) -> Vec<DraftFile> {
    let mut files: Vec<DraftFile> = Vec::new();
    let of_drafts = drafts.iter().filter_map(|one| match one {
        Recovered::Draft(draft) if !matches!(draft.state, State::Sent { .. }) => Some(&draft.files),
        _ => None,
    });
    let of_outbox = outbox.iter().filter_map(|one| match &one.what {
        What::Attach { file, .. } if !one.is_done() => Some(file),
        _ => None,
    });
    for file in of_drafts.flatten().chain(of_outbox) {
        if !files.iter().any(|known| known.id == file.id) {
            files.push(file.clone());
        }
    }
    files
}

/// What would be lost if the account's work went now.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Unsent {
    /// Drafts that somebody is writing.
    pub drafts: u64,
    /// What waits to be sent or needs somebody.
    pub waiting: u64,
    /// Comments that are begun.
    pub comments: u64,
}

impl Unsent {
    /// Counts it.
    pub fn of(drafts: &[Recovered], outbox: &[Operation], comments: u64) -> Unsent {
        let open = |one: &&Recovered| match one {
            Recovered::Draft(draft) => draft.state == State::Open && holds_something(draft),
            Recovered::Text { .. } => true,
        };
        Unsent {
            drafts: drafts.iter().filter(open).count() as u64,
            waiting: outbox.iter().filter(|one| !one.is_done()).count() as u64,
            comments,
        }
    }

    /// Whether there is nothing.
    pub fn is_none(&self) -> bool {
        *self == Unsent::default()
    }
}

fn holds_something(draft: &Draft) -> bool {
    !draft.title().is_empty() || !draft.files.is_empty() || !draft.call_log.is_empty()
}

/// The format of the file into which everything is saved.
pub const FORMAT: u64 = 1;

/// The file's beginning: all texts. What follows it are the pieces of its files, see [`piece`].
pub fn save_texts(
    now: i64,
    drafts: &[(String, String)],
    outbox: &[(String, String)],
    comments: &[(String, String)],
    files: &[DraftFile],
) -> String {
    // Whatever can't be read as JSON is saved as the text that it is.
    let all = |texts: &[(String, String)]| -> Vec<Value> {
        let read = |(key, text): &(String, String)| {
            json!({
                "key": key,
                "value": serde_json::from_str(text).unwrap_or_else(|_| json!(text)),
            })
        };
        texts.iter().map(read).collect()
    };
    let files: Vec<Value> = files.iter().map(DraftFile::to_json).collect();
    json!({
        "casement": FORMAT,
        "saved_at": now,
        "drafts": all(drafts),
        "outbox": all(outbox),
        "comments": all(comments),
        "files": files,
    })
    .to_string()
}

/// What a saved file holds that can come back.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Saved {
    /// Drafts, each to be written again.
    pub drafts: Vec<Draft>,
    /// Comments that were begun, by the key they were kept under.
    pub comments: Vec<(String, String)>,
    /// How many entries could not be read as drafts; they stay in the file.
    pub unreadable: u64,
}

/// Reads a saved file's texts; none if it is not one. What had been sent stays away, and what was
/// waiting to be sent is a draft again: it may have arrived, which only its author can tell.
pub fn read_texts(text: &str) -> Option<Saved> {
    let json: Value = serde_json::from_str(text).ok()?;
    if json.get("casement")?.as_u64()? != FORMAT {
        return None;
    }
    let mut saved = Saved::default();
    for entry in json.get("drafts")?.as_array()? {
        let key = entry.get("key").and_then(Value::as_str).unwrap_or("");
        let value = entry.get("value").cloned().unwrap_or_default();
        match recover(key, &value.to_string()) {
            Recovered::Draft(draft) => match draft.state {
                State::Sent { .. } | State::Discarded { .. } => {}
                _ => saved.drafts.push(draft),
            },
            Recovered::Text { .. } => saved.unreadable += 1,
        }
    }
    for entry in json
        .get("comments")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
    {
        let key = entry.get("key").and_then(Value::as_str);
        let value = entry.get("value");
        if let (Some(key), Some(value)) = (key, value) {
            let text = match value {
                Value::String(text) => text.clone(),
                other => other.to_string(),
            };
            saved.comments.push((key.into(), text));
        }
    }
    Some(saved)
}

/// A piece of a file as a line of the saved file.
pub fn piece(file: &str, number: u32, bytes: &[u8]) -> String {
    let bytes = super::base64::encode(bytes);
    json!({ "file": file, "number": number, "bytes": bytes }).to_string()
}

/// A line of the saved file as a piece of a file: its file, number and bytes.
pub fn read_piece(line: &str) -> Option<(String, u32, Vec<u8>)> {
    let json: Value = serde_json::from_str(line).ok()?;
    Some((
        json.get("file")?.as_str()?.into(),
        u32::try_from(json.get("number")?.as_u64()?).ok()?,
        super::base64::decode(json.get("bytes")?.as_str()?)?,
    ))
}
