//! The form in which operations are stored, by hand for the same reasons as the draft's.
//!
//! What an earlier version stored is read by every later one: a field that is not there yet has a
//! meaning, and what is known no more (an operation of a later version) is `None`, never a guess.

use serde_json::{Value, json};

use super::super::draft::{DraftFile, text_of};
use super::{CaseRef, Operation, Progress, What};

impl Operation {
    /// The form in which it is stored.
    pub fn to_json(&self) -> Value {
        let mut json = json!({
            "id": self.id,
            "subject": self.subject,
            "created_at": self.created_at,
            "what": self.what.to_json(),
            "state": self.state.to_json(),
            "attempts": self.attempts,
            "not_before": self.not_before,
            "quiet_until": self.quiet_until,
        });
        if let Some(at) = self.first_sent {
            json["first_sent"] = at.into();
        }
        if let Some(theirs) = &self.theirs {
            json["theirs"] = theirs.clone();
        }
        json
    }

    /// Reads the stored form.
    pub fn from_json(json: &Value) -> Option<Operation> {
        let number = |key: &str| json.get(key).and_then(Value::as_i64);
        Some(Operation {
            id: text_of(json.get("id")?)?,
            subject: text_of(json.get("subject")?)?,
            created_at: number("created_at")?,
            what: What::from_json(json.get("what")?)?,
            state: json
                .get("state")
                .and_then(Progress::from_json)
                .unwrap_or_default(),
            attempts: number("attempts").map_or(0, |count| count as u32),
            not_before: number("not_before").unwrap_or(0),
            quiet_until: number("quiet_until").unwrap_or(0),
            first_sent: number("first_sent"),
            theirs: json.get("theirs").cloned(),
        })
    }
}

impl What {
    fn to_json(&self) -> Value {
        match self {
            What::CreateCase { draft, title, body } => {
                json!({ "do": "create_case", "draft": draft, "title": title, "body": body })
            }
            What::AddComment { case, text } => {
                json!({ "do": "add_comment", "case": case.to_json(), "text": text })
            }
            What::Attach { case, file } => {
                json!({ "do": "attach", "case": case.to_json(), "file": file.to_json() })
            }
            What::EditCase {
                case,
                base,
                patch,
                before,
            } => json!({
                "do": "edit_case",
                "case": case.to_json(),
                "base": base,
                "patch": patch,
                "before": before,
            }),
            What::Act {
                on,
                action,
                body,
                title,
                before,
            } => {
                let mut json = json!({
                    "do": "act",
                    "action": action,
                    "body": body,
                    "title": title,
                    "before": before,
                });
                if let Some(case) = on {
                    json["case"] = case.to_json();
                }
                json
            }
        }
    }

    fn from_json(json: &Value) -> Option<What> {
        let text = |key: &str| json.get(key).and_then(text_of);
        let case = || CaseRef::from_json(json.get("case")?);
        // What was stored before a change remembered what it changed.
        let before = || json.get("before").cloned().unwrap_or_default();
        Some(match json.get("do")?.as_str()? {
            "create_case" => What::CreateCase {
                draft: text("draft")?,
                title: text("title")?,
                body: json.get("body")?.clone(),
            },
            "add_comment" => What::AddComment {
                case: case()?,
                text: text("text")?,
            },
            "attach" => What::Attach {
                case: case()?,
                file: DraftFile::from_json(json.get("file")?)?,
            },
            "edit_case" => What::EditCase {
                case: case()?,
                base: text("base")?,
                patch: json.get("patch")?.clone(),
                before: before(),
            },
            "act" => What::Act {
                on: match json.get("case") {
                    Some(case) => Some(CaseRef::from_json(case)?),
                    None => None,
                },
                action: text("action")?,
                body: json.get("body")?.clone(),
                title: text("title")?,
                before: before(),
            },
            _ => return None,
        })
    }
}

impl CaseRef {
    fn to_json(&self) -> Value {
        match self {
            CaseRef::Known(id) => json!({ "known": id }),
            CaseRef::MadeBy(operation) => json!({ "made_by": operation }),
        }
    }

    fn from_json(json: &Value) -> Option<CaseRef> {
        let text = |key: &str| json.get(key).and_then(text_of);
        text("known")
            .map(CaseRef::Known)
            .or_else(|| text("made_by").map(CaseRef::MadeBy))
    }
}

impl Progress {
    fn to_json(&self) -> Value {
        match self {
            Progress::Waiting => json!({ "is": "waiting" }),
            Progress::Sending => json!({ "is": "sending" }),
            Progress::Paused => json!({ "is": "paused" }),
            Progress::NeedsYou { code, detail } => {
                json!({ "is": "needs_you", "code": code, "detail": detail })
            }
            Progress::Done { record } => json!({ "is": "done", "record": record }),
        }
    }

    fn from_json(json: &Value) -> Option<Progress> {
        let text = |key: &str| json.get(key).and_then(text_of).unwrap_or_default();
        Some(match json.get("is")?.as_str()? {
            "waiting" => Progress::Waiting,
            "sending" => Progress::Sending,
            "paused" => Progress::Paused,
            "needs_you" => Progress::NeedsYou {
                code: text("code"),
                detail: text("detail"),
            },
            "done" => Progress::Done {
                record: text("record"),
            },
            _ => return None,
        })
    }
}
