//! What may stay on a device, how long, and how much: what a deployment chooses, what is said of it,
//! and the one file into which everything can be saved.
//!
//! Guarantees: files never take the room that text needs; a draft's end is known days before it
//! comes; and what was saved to a file comes back as drafts or, to whoever it belongs to, as what
//! waits for a word of theirs, never as something that goes out by itself. What a browser really
//! keeps is its own business: see `browser::store`.

use serde_json::{Value, json};

use super::draft::{Draft, DraftFile, Recovered, State, recover};
use super::sync::{CaseRef, Operation, Progress, What};

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
    /// What was waiting to be sent.
    pub operations: Vec<Operation>,
    /// Comments that were begun, by the key they were kept under.
    pub comments: Vec<(String, String)>,
    /// How many entries could not be read; they stay in the file.
    pub unreadable: u64,
}

/// Reads a saved file's texts; none if it is not one. Drafts that had been sent stay away.
pub fn read_texts(text: &str) -> Option<Saved> {
    let json: Value = serde_json::from_str(text).ok()?;
    if json.get("casement")?.as_u64()? != FORMAT {
        return None;
    }
    let entries = |kind: &str| {
        let all = json.get(kind).and_then(Value::as_array).cloned();
        let pair = |entry: Value| {
            let key = entry.get("key").and_then(Value::as_str).unwrap_or("");
            (
                key.to_string(),
                entry.get("value").cloned().unwrap_or_default(),
            )
        };
        all.unwrap_or_default().into_iter().map(pair)
    };
    json.get("drafts")?.as_array()?;
    let mut saved = Saved::default();
    for (key, value) in entries("drafts") {
        match recover(&key, &value.to_string()) {
            Recovered::Draft(draft) => match draft.state {
                State::Sent { .. } | State::Discarded { .. } => {}
                _ => saved.drafts.push(draft),
            },
            Recovered::Text { .. } => saved.unreadable += 1,
        }
    }
    for (_, value) in entries("outbox") {
        match Operation::from_json(&value) {
            Some(operation) => saved.operations.push(operation),
            None => saved.unreadable += 1,
        }
    }
    for (key, value) in entries("comments") {
        let text = match value {
            Value::String(text) => text,
            Value::Null => continue,
            other => other.to_string(),
        };
        saved.comments.push((key, text));
    }
    Some(saved)
}

/// What is here when a saved file is taken in, and whose it is.
#[derive(Clone, Copy, Debug)]
pub struct Here<'a> {
    /// The person signed in.
    pub subject: &'a str,
    /// The drafts that are here.
    pub drafts: &'a [Recovered],
    /// What waits to be sent here.
    pub outbox: &'a [Operation],
    /// The keys of the comments that are begun here.
    pub comments: &'a [String],
}

/// What comes of a saved file where some things are already.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct TakenIn {
    /// Drafts to be kept.
    pub drafts: Vec<Draft>,
    /// What waits to be sent, once its owner says so.
    pub operations: Vec<Operation>,
    /// Begun comments to be kept, by key.
    pub comments: Vec<(String, String)>,
    /// For the pieces of files: the file's id in the saved file, and that under which it is kept.
    pub files: Vec<(String, String)>,
}

impl TakenIn {
    /// How many entries a person would count: a case that waits and its draft are one.
    pub fn count(&self) -> u64 {
        let counts =
            |one: &&Operation| !one.is_done() && !matches!(one.what, What::CreateCase { .. });
        let operations = self.operations.iter().filter(counts).count();
        (self.drafts.len() + self.comments.len() + operations) as u64
    }
}

fn id_of(draft: &Recovered) -> &str {
    match draft {
        Recovered::Draft(draft) => &draft.id,
        Recovered::Text { id, .. } => id,
    }
}

/// What is to be kept of a saved file. What waited to be sent comes back to the person it belongs to
/// under its own identity, held until they let it go, and as something that may have arrived: so
/// it still has no more than one effect. A draft whose case waited under another person's name is a
/// draft again. What is here already stays as it is, and a draft that says something else than the
/// one here comes beside it. `fresh` makes ids.
pub fn take_in(
    saved: Saved,
    here: Here<'_>,
    now: i64,
    mut fresh: impl FnMut() -> String,
) -> TakenIn {
    let is_here = |draft: &str| here.drafts.iter().any(|one| id_of(one) == draft);
    let waits = |operation: &Operation| match &operation.what {
        What::CreateCase { draft, .. } if !operation.is_done() => {
            let of_it = |one: &Draft| {
                let state = State::Queued {
                    operation: operation.id.clone(),
                };
                one.id == *draft && one.state == state
            };
            !is_here(draft) && saved.drafts.iter().any(of_it)
        }
        _ => true,
    };
    let known = |id: &str| here.outbox.iter().any(|one| one.id == id);
    let mut operations: Vec<Operation> = saved
        .operations
        .iter()
        .filter(|one| one.subject == here.subject && !known(&one.id) && waits(one))
        .cloned()
        .collect();
    let makers: Vec<String> = operations.iter().map(|one| one.id.clone()).collect();
    operations.retain(|one| match one.what.case() {
        Some(CaseRef::MadeBy(maker)) => known(maker) || makers.contains(maker),
        _ => true,
    });
    let mut taken = TakenIn::default();
    for mut operation in operations {
        if !operation.is_done() {
            operation.first_sent.get_or_insert(operation.created_at);
            if matches!(operation.state, Progress::Waiting | Progress::Sending) {
                operation.state = Progress::Paused;
            }
        }
        if let What::Attach { file, .. } = &operation.what {
            taken.files.push((file.id.clone(), file.id.clone()));
        }
        taken.operations.push(operation);
    }
    for mut draft in saved.drafts {
        let waits = |one: &Operation| matches!(&draft.state, State::Queued { operation } if *operation == one.id);
        if !taken.operations.iter().any(waits) {
            let same = here.drafts.iter().find(|one| id_of(one) == draft.id);
            if let Some(same) = same {
                if matches!(same, Recovered::Draft(known) if known.says_the_same(&draft)) {
                    continue;
                }
                draft.copy_of = Some(std::mem::replace(&mut draft.id, fresh()));
            }
            draft.state = State::Open;
            draft.revision = 1;
            draft.updated_at = now;
            for file in &mut draft.files {
                let old = std::mem::replace(&mut file.id, fresh());
                taken.files.push((old, file.id.clone()));
            }
        }
        taken.drafts.push(draft);
    }
    taken.comments = saved.comments;
    taken
        .comments
        .retain(|(key, _)| !here.comments.contains(key));
    taken
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
