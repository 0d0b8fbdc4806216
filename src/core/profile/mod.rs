//! What is asked of a backend, and what its answers mean: a profile and its interpreter.
//!
//! A profile is data from outside (`public/backends/*.json`, `public/schemas/profile.schema.json`).
//! [`Profile::read`] says everything that is wrong with one; what it has read is interpreted where it
//! lies, value by value. Guarantees:
//!
//! * nothing is called that is not behind the base or at an origin that both the profile and the
//!   deployment name ([`address`]);
//! * every answer is classified, also one that makes no sense, and a page in the place of an answer is
//!   never a success ([`errors`]);
//! * whatever a backend answers, a look for changes ends ([`pull`]), and so does a query ([`query`]);
//! * what was sent once is never sent a second time where that would make a second record
//!   ([`perform`]).
//!
//! Reading order: [`value`] and [`template`] (names and where they stand), [`lens`] and [`format`]
//! (how a value is read and written back), [`shape`] (records), [`request`], [`errors`], [`perform`]
//! and [`tus`] (one operation), [`pull`] (changes), [`session`] (who asks), [`read`] (mistakes of a
//! profile), [`advice`] (what its author wants to know beyond them), [`live`] (what a running backend
//! answers) and [`trial`] (what it does with a test case). Sending is `browser::http`, and
//! `browser::runtime` performs the conversations.

pub mod address;
pub mod advice;
pub mod errors;
pub mod exchange;
pub mod format;
pub mod lens;
pub mod live;
pub mod perform;
pub mod pull;
pub mod query;
pub mod rate;
pub mod read;
pub mod request;
pub mod session;
pub mod shape;
pub mod template;
pub mod trial;
pub mod tus;
pub mod value;

use serde_json::Value;

pub use exchange::{Body, Conversation, Next, Part, Reply, Request};
pub use pull::{Looked, Pull};
pub use session::{Session, session};

use super::policy::Limits;
use super::reader::Problem;
use super::sync::{Answer, Event, Operation, What};
use address::Reach;
use lens::Maps;
use value::{at, text_at};

/// The only format of profiles this version reads.
pub const FORMAT: u64 = 1;
/// How long a backend remembers an idempotency key where the profile says nothing, in days.
const KEY_DAYS: i64 = 30;

/// A backend's description, read.
#[derive(Clone, Debug, Default)]
pub struct Profile {
    json: Value,
    reach: Reach,
}

/// A change of one record.
#[derive(Clone, Debug, PartialEq)]
pub struct Change {
    /// Kind of record.
    pub kind: String,
    /// Its id.
    pub id: String,
    /// The record, or nothing if it was deleted.
    pub record: Option<Value>,
}

impl Profile {
    /// Reads a profile, or says everything that is wrong with it. `base` is where the API begins, and
    /// `allowed` holds the further origins that the deployment lets be called.
    pub fn read(json: Value, base: &str, allowed: &[String]) -> Result<Profile, Vec<Problem>> {
        let problems = read::problems(&json, allowed);
        if !problems.is_empty() {
            return Err(problems);
        }
        let origins = at(&json, "origins").as_array().into_iter().flatten();
        let origins = origins.filter_map(Value::as_str).map(String::from);
        let reach = Reach {
            base: base.trim_end_matches('/').into(),
            origins: origins.filter(|one| allowed.contains(one)).collect(),
            rebase: at(at(&json, "transport"), "rebase") != &Value::Bool(false),
            cookies: at(at(&json, "transport"), "cookies").as_bool(),
        };
        Ok(Profile { json, reach })
    }

    /// The profile as it stands.
    pub fn json(&self) -> &Value {
        &self.json
    }

    /// Where requests may go.
    pub fn reach(&self) -> &Reach {
        &self.reach
    }

    /// What the backend takes of files.
    pub fn file_limits(&self) -> Limits {
        let create = at(self.resource("attachment"), "create");
        let limits = at(create, "limits");
        let texts = |key: &str, say: fn(&str) -> String| {
            let all = at(limits, key).as_array().into_iter().flatten();
            all.filter_map(Value::as_str).map(say).collect()
        };
        Limits {
            max_bytes: at(limits, "bytes").as_u64(),
            max_count: at(limits, "count").as_u64(),
            endings: texts("extensions", |ending| {
                format!(".{}", ending.trim_start_matches('.'))
            }),
            types: texts("types", str::to_lowercase),
        }
    }

    /// The description of a kind of record; that of `*` where there is none of its own.
    pub fn resource(&self, kind: &str) -> &Value {
        let resources = at(&self.json, "resources");
        resources.get(kind).unwrap_or(at(resources, "*"))
    }

    /// Whether records of a kind come from the backend.
    pub fn reads(&self, kind: &str) -> bool {
        let lists = at(&self.json, "lists").as_array().into_iter().flatten();
        let gives = |list: &Value| {
            let of = at(list, "of");
            of == kind || of.is_object() || expands_to(list, kind)
        };
        let mut lists = lists.into_iter();
        lists.any(gives) || !value::is_empty(at(self.resource(kind), "static"))
    }

    /// Whether something can be done with records of a kind: `create`, `update`, `get`, or the name of
    /// an action. What can't be done is not offered.
    pub fn can(&self, kind: &str, does: &str) -> bool {
        let resource = self.resource(kind);
        let actions = at(resource, "actions");
        match does {
            "create" | "update" | "get" => !at(resource, does).is_null(),
            action => actions.get(action).is_some() || actions.get("*").is_some(),
        }
    }

    /// Whether a change of a field of a kind arrives: its update writes it. What would be taken and
    /// lost is not offered.
    pub fn takes(&self, kind: &str, field: &str) -> bool {
        let resource = self.resource(kind);
        let update = at(resource, "update");
        let shape = at(resource, "shape");
        let lens = at(at(shape, "fields"), field);
        let written = match lens {
            Value::Null => at(shape, "keep") == &Value::Bool(true),
            lens => at(lens, "write") != &Value::Bool(false),
        };
        !update.is_null() && (written || session::uses(update, &format!("new.{field}")))
    }

    fn maps<'a>(&'a self, loaded: &'a Value) -> Maps<'a> {
        Maps {
            written: at(&self.json, "maps"),
            loaded,
        }
    }

    /// For how long a request may be repeated under its key, in milliseconds; 0 if not everything that
    /// makes something has a way to be repeated, and one has to look first.
    pub fn key_life(&self) -> i64 {
        let resources = at(&self.json, "resources").as_object();
        let mut life = i64::MAX;
        for resource in resources.into_iter().flat_map(|all| all.values()) {
            let actions = at(resource, "actions").as_object();
            let actions = actions.into_iter().flat_map(|all| all.values());
            let all = std::iter::once(at(resource, "create")).chain(actions);
            for operation in all.filter(|one| !one.is_null()) {
                if text_at(operation, "upload") == "tus" {
                    continue;
                }
                let idempotency = at(operation, "idempotency");
                let days = match text_at(idempotency, "kind") {
                    "header" => at(idempotency, "days").as_i64().unwrap_or(KEY_DAYS),
                    "client_named" | "upsert" | "primary_key" => i64::from(u16::MAX),
                    _ => 0,
                };
                life = life.min(days.saturating_mul(86_400_000));
            }
        }
        if life == i64::MAX { 0 } else { life }
    }
}

fn expands_to(spec: &Value, kind: &str) -> bool {
    let expand = at(spec, "expand").as_array().into_iter().flatten();
    let mut expand = expand.into_iter();
    expand.any(|one| text_at(one, "as") == kind || expands_to(one, kind))
}

/// An operation being performed.
pub type Performed<'p> = Box<dyn Conversation<Outcome = Answer> + 'p>;

/// Performs an operation. `case` is the id of the case it refers to, `session` what is known of who is
/// signed in, `remembered` what an earlier try has kept.
pub fn perform<'p>(
    profile: &'p Profile,
    operation: &Operation,
    case: &str,
    session: &Value,
    remembered: Option<&Value>,
) -> Performed<'p> {
    let create = at(profile.resource(operation.what.kind()), "create");
    if let What::Attach { file, .. } = &operation.what
        && text_at(create, "upload") == "tus"
    {
        let scope = perform::scope_of(operation, case, session);
        let upload = tus::Upload {
            create: template::address(text_at(create, "url"), &scope),
            base: profile.reach.base.clone(),
            key: operation.id.clone(),
            file: file.id.clone(),
            name: file.name.clone(),
            media_type: file.media_type.clone(),
            length: file.size,
            sha256: file.sha256.clone(),
        };
        return Box::new(Guarded {
            profile,
            inner: tus::Tus::new(upload, remembered),
        });
    }
    // Where nothing can be changed at all, that is said in the place of its field.
    let changes = profile.can("case", "update");
    if let (What::EditCase { patch, .. }, true) = (&operation.what, changes) {
        let mut fields = patch.as_object().into_iter().flatten();
        if let Some((field, _)) = fields.find(|(field, _)| !profile.takes("case", field)) {
            return Box::new(NoPlace(field.clone()));
        }
    }
    let perform = perform::Perform::new(profile, operation, case, session, remembered);
    Box::new(perform)
}

/// Looks whether an operation was done whose answer was lost.
pub fn look<'p>(
    profile: &'p Profile,
    operation: &Operation,
    case: &str,
    session: &Value,
    remembered: Option<&Value>,
) -> Box<dyn Conversation<Outcome = Event> + 'p> {
    let look = perform::Look::new(profile, operation, case, session, remembered);
    Box::new(look)
}

/// How the bytes of an attachment are brought.
#[derive(Clone, Debug, PartialEq)]
pub struct Download {
    /// The request for them.
    pub request: Request,
    /// Whether the answer is the file itself, and nothing it is packed in.
    pub is_raw: bool,
    content: String,
}

impl Download {
    /// The bytes out of an answer that they are packed in: Base64, by itself or as a data URL. None
    /// where it holds no such thing.
    pub fn unpack(&self, body: &str) -> Option<Vec<u8>> {
        let json = serde_json::from_str::<Value>(body);
        let text = match &json {
            Ok(json) => json.pointer(&self.content)?.as_str()?,
            Err(_) => body,
        };
        let text = text.rsplit_once(',').map_or(text, |(_, data)| data);
        let text: String = text.split_whitespace().collect();
        super::base64::decode(&text)
    }
}

/// How the bytes of an attachment are brought; nothing where they can't be.
pub fn download(profile: &Profile, id: &str, case: &str) -> Option<Download> {
    let spec = at(profile.resource("attachment"), "download");
    let mut scope = value::Scope::new();
    scope.insert("id".into(), id.into());
    scope.insert("case".into(), case.into());
    if spec.is_null() || id.is_empty() {
        return None;
    }
    let request = request::make(profile, spec, &scope, "attachment", &Value::Null).ok()?;
    Some(Download {
        request,
        is_raw: matches!(text_at(spec, "as"), "" | "raw"),
        content: text_at(spec, "content").into(),
    })
}

/// A change for which the backend has no place.
struct NoPlace(String);

impl Conversation for NoPlace {
    type Outcome = Answer;

    fn next(&mut self, _: Option<Reply>, _: i64) -> Next<Answer> {
        Next::Done(Answer::Refused {
            code: "no_counterpart".into(),
            detail: self.0.clone(),
        })
    }
}

/// A conversation that makes its own requests, held to where requests may go.
struct Guarded<'p> {
    profile: &'p Profile,
    inner: tus::Tus,
}

impl Conversation for Guarded<'_> {
    type Outcome = Answer;

    fn next(&mut self, reply: Option<Reply>, now: i64) -> Next<Answer> {
        match self.inner.next(reply, now) {
            Next::Done(answer) => Next::Done(answer),
            Next::Ask(request) => match self.profile.reach.check(request, true) {
                Ok(request) => Next::Ask(request),
                Err(detail) => Next::Done(Answer::Refused {
                    code: "not_allowed".into(),
                    detail,
                }),
            },
        }
    }

    fn memory(&self) -> Option<Value> {
        self.inner.memory()
    }

    fn progress(&self) -> Option<u64> {
        self.inner.progress()
    }
}
