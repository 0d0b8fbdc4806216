//! A case as one file, to be handed over by mail or on a stick and taken up elsewhere (NEW-07).
//!
//! It is a plain archive that any computer can open: `manifest.json` with all fields, what was said
//! and the SHA-256 of each attachment; `signature.json` over exactly those bytes; and the attachments
//! under `files/`. Because the manifest holds the hash of every part, the one signature covers all.
//!
//! What a signature proves: that nothing was changed since it was made with the key whose fingerprint
//! is shown, on a device on which the named person was signed in. It does not prove who that is; for
//! that, people compare the fingerprint by telephone. The words of a file are text from outside, and
//! nothing of it is taken over before somebody has seen what would change.
//!
//! [`archive`] lays the parts out and finds them again; this module says what the manifest holds and
//! refuses one that does not fit its parts, naming the place. Hashes, keys and bytes are the caller's.

pub mod archive;

use serde_json::{Map, Value, json};

use super::case::{Attachment, Comment, Record};
use super::draft::{Answer, Draft};
use super::files::safe_name;
use archive::Found;

/// The format this version writes, and the latest it reads.
pub const FORMAT: u64 = 1;
/// The ending of such a file's name.
pub const ENDING: &str = ".casement";
/// Where the manifest is in the archive.
pub const MANIFEST: &str = "manifest.json";
/// Where the signature is.
pub const SIGNATURE: &str = "signature.json";
/// The largest manifest that is read, in bytes.
pub const LARGEST_MANIFEST: u64 = 16 * 1024 * 1024;
/// The largest signature part that is read, in bytes.
pub const LARGEST_SIGNATURE: u64 = 4 * 1024;
/// The most attachments of one file.
pub const MOST_PARTS: usize = 1_000;

/// Why a file can't be used, and where in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Broken {
    /// The part, or the place in the manifest.
    pub at: String,
    /// A code; the words are under `case_file.broken`.
    pub why: &'static str,
}

impl Broken {
    /// A refusal.
    pub fn new(at: impl Into<String>, why: &'static str) -> Broken {
        Broken { at: at.into(), why }
    }
}

/// Who made a file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Signer {
    /// The person's name.
    pub name: String,
    /// The company.
    pub company: String,
    /// The public key: the point on the curve P-256 without compression, in hexadecimal digits.
    pub key: String,
}

/// An attachment of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    /// Its path in the archive.
    pub path: String,
    /// Its name; text only, safe to be used as a file's name.
    pub name: String,
    /// Bytes.
    pub size: u64,
    /// What a browser took it for.
    pub media_type: String,
    /// SHA-256 in hexadecimal digits.
    pub sha256: String,
    /// The id of its record at the backend; empty if it was not sent yet.
    pub attachment: String,
}

/// What a file holds.
#[derive(Clone, Debug, PartialEq)]
pub struct CaseFile {
    /// When it was made, in milliseconds since 1970, by the clock of that device.
    pub made_at: i64,
    /// Who made it.
    pub signer: Signer,
    /// What it is about.
    pub title: String,
    /// The draft, of one that was not sent.
    pub draft: Option<Draft>,
    /// The case as the backend gave it, history and all.
    pub case: Option<Value>,
    /// What was said on the case.
    pub comments: Vec<Value>,
    /// Comments that were not sent yet.
    pub unsent: Vec<String>,
    /// The attachments.
    pub parts: Vec<Part>,
    /// Names of attachments of the case that this device did not have, and so are not in the file.
    pub left_out: Vec<String>,
}

/// Where an attachment goes in the archive: its place and a name that means nothing to any system.
pub fn path(place: usize, name: &str) -> String {
    let name = plain(name);
    let start = super::text::first_graphemes(&name, 80);
    format!("files/{:03}-{start}", place + 1)
}

/// A name that every system takes, those with a meaning for `:` too.
fn plain(name: &str) -> String {
    safe_name(name).replace(':', "_")
}

/// Whether a path can be only what [`path`] makes.
fn is_plain(path: &str) -> bool {
    let Some(name) = path.strip_prefix("files/") else {
        return false;
    };
    let odd = |sign: char| sign.is_control() || "/\\:".contains(sign);
    !name.is_empty() && name.len() <= 400 && !name.starts_with('.') && !name.contains(odd)
}

impl CaseFile {
    /// The manifest, as it is signed and stored.
    pub fn to_text(&self) -> String {
        let parts = self.parts.iter().map(|part| {
            json!({
                "path": part.path, "name": part.name, "size": part.size,
                "media_type": part.media_type, "sha256": part.sha256,
                "attachment": part.attachment,
            })
        });
        let manifest = json!({
            "format": FORMAT,
            "kind": "case file",
            "made_at": self.made_at,
            "signer": {
                "name": self.signer.name, "company": self.signer.company, "key": self.signer.key,
            },
            "title": self.title,
            "draft": self.draft.as_ref().map(Draft::to_json),
            "case": self.case,
            "comments": self.comments,
            "unsent": self.unsent,
            "parts": parts.collect::<Vec<_>>(),
            "left_out": self.left_out,
        });
        // Readable by whoever opens the archive without the portal.
        serde_json::to_string_pretty(&manifest).unwrap_or_else(|_| manifest.to_string())
    }

    /// Reads a manifest and holds it to the parts that are in the archive.
    pub fn read(text: &str, found: &[Found]) -> Result<CaseFile, Broken> {
        let broken = |at: &str, why| Err(Broken::new(at, why));
        let Ok(json) = serde_json::from_str::<Value>(text) else {
            return broken(MANIFEST, "not_json");
        };
        match json.get("format").and_then(Value::as_u64) {
            Some(FORMAT) => {}
            Some(_) => return broken("format", "newer_format"),
            None => return broken("format", "missing"),
        }
        let text_of = |from: &Value, key: &str| -> Option<String> {
            from.get(key).and_then(Value::as_str).map(String::from)
        };
        let Some(made_at) = json.get("made_at").and_then(Value::as_i64) else {
            return broken("made_at", "missing");
        };
        let signer = json.get("signer").cloned().unwrap_or_default();
        let (name, company, key) = (
            text_of(&signer, "name"),
            text_of(&signer, "company"),
            text_of(&signer, "key"),
        );
        let (Some(name), Some(company), Some(key)) = (name, company, key) else {
            return broken("signer", "missing");
        };
        let draft = match json.get("draft") {
            None | Some(Value::Null) => None,
            Some(stored) => match Draft::from_json(stored) {
                Some(draft) => Some(draft),
                None => return broken("draft", "unreadable"),
            },
        };
        let case = json.get("case").filter(|case| case.is_object()).cloned();
        if draft.is_none() && case.is_none() {
            return broken("case", "missing");
        }
        let texts = |key: &str| -> Vec<String> {
            let all = list(&json, key).iter();
            all.filter_map(|one| one.as_str().map(String::from))
                .collect()
        };
        Ok(CaseFile {
            made_at,
            signer: Signer { name, company, key },
            title: text_of(&json, "title").unwrap_or_default(),
            draft,
            case,
            comments: list(&json, "comments").to_vec(),
            unsent: texts("unsent"),
            parts: read_parts(&json, found)?,
            left_out: texts("left_out"),
        })
    }

    /// The id of the case at the backend; empty if it is of a draft.
    pub fn case_id(&self) -> &str {
        let id = self.case.as_ref().and_then(|case| case.get("id"));
        id.and_then(Value::as_str).unwrap_or_default()
    }

    /// The policy it follows.
    pub fn policy(&self) -> &str {
        let of_case = self.case.as_ref().and_then(|case| case.get("policy"));
        let of_draft = self.draft.as_ref().map(|draft| draft.policy.as_str());
        of_draft
            .or_else(|| of_case.and_then(Value::as_str))
            .unwrap_or_default()
    }
}

fn list<'a>(json: &'a Value, key: &str) -> &'a [Value] {
    json.get(key)
        .and_then(Value::as_array)
        .map_or(&[], Vec::as_slice)
}

/// The parts: those in the manifest are those in the archive, each once.
fn read_parts(json: &Value, found: &[Found]) -> Result<Vec<Part>, Broken> {
    let listed = list(json, "parts");
    if listed.len() > MOST_PARTS {
        return Err(Broken::new("parts", "too_many"));
    }
    let mut parts: Vec<Part> = Vec::new();
    for (place, one) in listed.iter().enumerate() {
        let part =
            read_part(one).ok_or_else(|| Broken::new(format!("parts/{place}"), "unreadable"))?;
        if !is_plain(&part.path) {
            return Err(Broken::new(part.path, "odd_path"));
        }
        let is_hash =
            part.sha256.len() == 64 && part.sha256.bytes().all(|one| one.is_ascii_hexdigit());
        if !is_hash {
            return Err(Broken::new(part.path, "no_hash"));
        }
        match found.iter().find(|one| one.path == part.path) {
            None => return Err(Broken::new(part.path, "part_missing")),
            Some(one) if one.size != part.size => {
                return Err(Broken::new(part.path, "wrong_size"));
            }
            Some(_) if parts.iter().any(|known| known.path == part.path) => {
                return Err(Broken::new(part.path, "twice"));
            }
            Some(_) => parts.push(part),
        }
    }
    let own = |path: &str| path == MANIFEST || path == SIGNATURE;
    let extra = found
        .iter()
        .find(|one| !own(&one.path) && !parts.iter().any(|part| part.path == one.path));
    match extra {
        Some(extra) => Err(Broken::new(extra.path.clone(), "not_listed")),
        None => Ok(parts),
    }
}

fn read_part(json: &Value) -> Option<Part> {
    let text = |key: &str| json.get(key).and_then(Value::as_str);
    Some(Part {
        path: text("path")?.into(),
        name: safe_name(text("name")?),
        size: json.get("size")?.as_u64()?,
        media_type: text("media_type").unwrap_or_default().into(),
        sha256: text("sha256")?.to_lowercase(),
        attachment: text("attachment").unwrap_or_default().into(),
    })
}

/// What taking a file over would change where its case is known: places in the file's lists.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct News {
    /// Comments that are not there.
    pub comments: Vec<usize>,
    /// Unsent comments that nobody has sent meanwhile.
    pub unsent: Vec<usize>,
    /// Attachments that are not there.
    pub parts: Vec<usize>,
}

impl News {
    /// Whether there is nothing to take over.
    pub fn is_empty(&self) -> bool {
        self.comments.is_empty() && self.unsent.is_empty() && self.parts.is_empty()
    }
}

/// Compares a file with what is known of its case here.
pub fn news(file: &CaseFile, comments: &[Comment], attachments: &[Attachment]) -> News {
    let places = |length: usize, is_new: &dyn Fn(usize) -> bool| -> Vec<usize> {
        (0..length).filter(|place| is_new(*place)).collect()
    };
    News {
        comments: places(file.comments.len(), &|place| {
            let one = Comment::from_json(&file.comments[place]);
            !one.body.trim().is_empty()
                && !comments
                    .iter()
                    .any(|known| known.id == one.id || known.body.trim() == one.body.trim())
        }),
        unsent: places(file.unsent.len(), &|place| {
            let text = file.unsent[place].trim();
            !text.is_empty() && !comments.iter().any(|known| known.body.trim() == text)
        }),
        parts: places(file.parts.len(), &|place| {
            let part = &file.parts[place];
            !attachments.iter().any(|known| {
                known.id == part.attachment || known.name == part.name && known.size == part.size
            })
        }),
    }
}

/// The answers of a case under the keys of the questions that ask for them.
const ANSWERS: [(&str, &str); 14] = [
    ("type", "type"),
    ("subject", "subject"),
    ("description", "description"),
    ("severity", "severity"),
    ("product_id", "product"),
    ("product_version", "product_version"),
    ("serial_number", "serial_number"),
    ("business_impact", "business_impact"),
    ("customer_name", "customer_name"),
    ("callback_number", "callback_number"),
    ("other_email", "other_email"),
    ("preferred_language", "preferred_language"),
    ("region", "region"),
    ("watchers", "watchers"),
];

/// A new draft of what a file holds, without its attachments: those get ids of their own as they are
/// kept. What belongs to the other account (its contract, its contacts) is left to be answered anew.
pub fn as_draft(file: &CaseFile, id: &str, now: i64) -> Draft {
    let mut draft = Draft::new(id, file.policy(), now);
    if let Some(other) = &file.draft {
        draft.answers.clone_from(&other.answers);
        draft.call_log.clone_from(&other.call_log);
        for own in ["entitlement", "contacts", "contract_numbers"] {
            draft.answers.remove(own);
        }
        return draft;
    }
    let nothing = Map::new();
    let case = file.case.as_ref().and_then(Value::as_object);
    let case = case.unwrap_or(&nothing);
    let own = case.get("fields").and_then(Value::as_object);
    let named = ANSWERS
        .iter()
        .filter_map(|(name, key)| Some((*key, case.get(*name)?)));
    let own = own.into_iter().flatten();
    for (key, value) in named.chain(own.map(|(key, value)| (key.as_str(), value))) {
        match value {
            Value::String(text) if !text.is_empty() => draft.set(key, text.as_str()),
            Value::Array(entries) if !entries.is_empty() => {
                let texts = entries
                    .iter()
                    .filter_map(|one| one.as_str().map(String::from));
                draft.set(key, Answer::Many(texts.collect()));
            }
            _ => {}
        }
    }
    draft
}

/// A fingerprint as it is read out: groups of four signs of the key's SHA-256.
pub fn spoken(sha256: &str) -> String {
    let signs: Vec<char> = sha256.to_uppercase().chars().take(32).collect();
    let groups: Vec<String> = signs
        .chunks(4)
        .map(|group| group.iter().collect())
        .collect();
    groups.join(" ")
}

/// The name of the file of a case: what it is about, safe on any system.
pub fn file_name(title: &str) -> String {
    let title = plain(if title.trim().is_empty() {
        "case"
    } else {
        title
    });
    let start = super::text::first_graphemes(title.trim(), 60);
    format!("{start}{ENDING}")
}
