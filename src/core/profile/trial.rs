//! A profile tried on a running backend with a test case, for whoever agrees to that: made twice under
//! one key, changed against a version that is old by then, and closed.
//!
//! [`Trial`] goes through exactly the requests that the portal itself would send. It makes one test
//! case, a second one only where the backend makes it although it should not, and closes what it has
//! made where that can be done. [`Tried::findings`] are told by codes, as those of [`super::live`].

use serde_json::{Value, json};

use super::exchange::{Conversation, Next, Reply};
use super::lens::written_at;
use super::live::{Finding, Level};
use super::value::{at, text_at};
use super::{Performed, Profile};
use crate::core::case::Case;
use crate::core::sync::{Answer, CaseRef, Event, Operation, What};

/// Most requests of one trial.
const MOST: usize = 60;

/// What came of a trial.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Tried {
    /// What was found, in order.
    pub findings: Vec<Finding>,
    /// The test cases that are still open, by number or id.
    pub open: Vec<String>,
}

/// What is being done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    Create,
    Again,
    Look,
    Edit,
    Stale,
    Close,
}

type Looking<'p> = Box<dyn Conversation<Outcome = Event> + 'p>;

enum Talk<'p> {
    Doing(Performed<'p>),
    Looking(Looking<'p>),
}

/// The trial.
pub struct Trial<'p> {
    profile: &'p Profile,
    session: Value,
    ids: Vec<String>,
    body: Value,
    stage: Stage,
    talk: Option<Talk<'p>>,
    /// The test cases that were made.
    made: Vec<Value>,
    closed: usize,
    asked: usize,
    tried: Tried,
}

impl<'p> Trial<'p> {
    /// Begins. `body` is the case as the portal would send it, and `ids` holds five fresh UUIDs.
    pub fn new(profile: &'p Profile, session: &Value, body: &Value, ids: Vec<String>) -> Trial<'p> {
        Trial {
            profile,
            session: session.clone(),
            ids,
            body: body.clone(),
            stage: Stage::Create,
            talk: None,
            made: Vec::new(),
            closed: 0,
            asked: 0,
            tried: Tried::default(),
        }
    }

    fn say(&mut self, level: Level, code: &'static str, value: String) {
        self.tried.findings.push(Finding { level, code, value });
    }

    fn operation(&self, id: usize, what: What) -> Operation {
        let id = self.ids.get(id).cloned().unwrap_or_default();
        Operation::new(id, "trial", 0, what)
    }

    fn create(&self) -> Operation {
        let what = What::CreateCase {
            draft: "trial".into(),
            title: text_at(&self.body, "subject").into(),
            body: self.body.clone(),
        };
        self.operation(0, what)
    }

    /// A change against the version with which the case was made: of the description, as the portal's
    /// own are, or of the subject where that can't be written.
    fn edit(&self, id: usize) -> Operation {
        let case = self.made.first().unwrap_or(&Value::Null);
        let shape = at(self.profile.resource("case"), "shape");
        let is_written = match at(at(shape, "fields"), "description") {
            Value::Null => at(shape, "keep") == &Value::Bool(true),
            lens => written_at(lens).is_some(),
        };
        let field = if is_written { "description" } else { "subject" };
        let before = text_at(&self.body, field);
        let what = What::EditCase {
            case: CaseRef::Known(text_at(case, "id").into()),
            base: text_at(case, "version").into(),
            patch: Value::Object(
                [(field.into(), format!("{before} {id}").into())]
                    .into_iter()
                    .collect(),
            ),
            before: Value::Object([(field.into(), before.into())].into_iter().collect()),
        };
        self.operation(id, what)
    }

    fn close(&self) -> Operation {
        let case = self.made.get(self.closed).unwrap_or(&Value::Null);
        let what = What::Act {
            on: Some(CaseRef::Known(text_at(case, "id").into())),
            action: "close".into(),
            body: json!({ "note": text_at(&self.body, "subject") }),
            title: String::new(),
            before: Value::Null,
        };
        self.operation(3 + self.closed, what)
    }

    fn case(&self, index: usize) -> String {
        let case = self.made.get(index).unwrap_or(&Value::Null);
        text_at(case, "id").into()
    }

    /// Whether the backend is asked first whether it was done, instead of being sent it again.
    fn looks(&self) -> bool {
        let create = at(self.profile.resource("case"), "create");
        let kind = text_at(at(create, "idempotency"), "kind");
        matches!(kind, "marker" | "none")
    }

    fn begin(&mut self) -> Talk<'p> {
        let (profile, session) = (self.profile, self.session.clone());
        let doing = |operation: &Operation, case: &str| {
            Talk::Doing(super::perform(profile, operation, case, &session, None))
        };
        match self.stage {
            Stage::Create | Stage::Again => doing(&self.create(), ""),
            Stage::Look => {
                // As after an answer that never came.
                let lost = json!({ "tried": true });
                let create = self.create();
                Talk::Looking(super::look(profile, &create, "", &session, Some(&lost)))
            }
            Stage::Edit => doing(&self.edit(1), &self.case(0)),
            Stage::Stale => doing(&self.edit(2), &self.case(0)),
            Stage::Close => doing(&self.close(), &self.case(self.closed)),
        }
    }

    /// Notes what came of a stage, and goes on to the next; false at the end.
    fn heard(&mut self, answer: Answer) -> bool {
        match (self.stage, answer) {
            (Stage::Create, Answer::Accepted(record)) => {
                let shown = shown(&record);
                self.made.push(record);
                self.say(Level::Good, "made", shown);
                self.stage = match self.looks() {
                    true => Stage::Look,
                    false => Stage::Again,
                };
                return true;
            }
            (Stage::Create, other) => {
                self.say(Level::Bad, "not_made", said(&other));
                return false;
            }
            (Stage::Again, Answer::Accepted(record)) => {
                if at(&record, "id") == at(&self.made[0], "id") {
                    self.say(Level::Good, "made_once", String::new());
                } else {
                    self.say(Level::Bad, "made_twice", shown(&record));
                    self.made.push(record);
                }
            }
            (Stage::Again, other) => self.say(Level::Note, "not_repeated", said(&other)),
            (Stage::Edit, Answer::Accepted(_)) => {
                self.stage = Stage::Stale;
                return true;
            }
            (Stage::Edit, other) => self.say(Level::Note, "not_changed", said(&other)),
            (Stage::Stale, Answer::Conflict { .. }) => {
                self.say(Level::Good, "conflict_seen", String::new());
            }
            (Stage::Stale, Answer::Accepted(_)) => {
                self.say(Level::Bad, "overwritten", String::new());
            }
            (Stage::Stale, other) => self.say(Level::Note, "conflict_unseen", said(&other)),
            (Stage::Close, Answer::Accepted(_)) => self.closed += 1,
            (Stage::Close, other) => {
                self.say(Level::Note, "not_closed", said(&other));
                return false;
            }
            (Stage::Look, _) => {}
        }
        self.after()
    }

    fn found(&mut self, event: Event) -> bool {
        match event {
            Event::Checked {
                found: Some(record),
                ..
            } if at(&record, "id") == at(&self.made[0], "id") => {
                self.say(Level::Good, "found_again", String::new());
            }
            Event::Checked { certain: true, .. } => {
                self.say(Level::Bad, "not_found_again", String::new());
            }
            _ => self.say(Level::Note, "nobody_knows", String::new()),
        }
        self.after()
    }

    /// What comes once the case was made, and then once it was changed.
    fn after(&mut self) -> bool {
        let can = |does| self.profile.can("case", does);
        if matches!(self.stage, Stage::Again | Stage::Look) {
            let case = &self.made[0];
            let update = at(self.profile.resource("case"), "update");
            let kind = text_at(at(update, "concurrency"), "kind");
            match () {
                () if !can("update") => {}
                () if matches!(kind, "" | "none") => {
                    self.say(Level::Note, "not_guarded", String::new());
                }
                () if text_at(case, "version").is_empty() => {
                    self.say(Level::Bad, "no_version", String::new());
                }
                () => {
                    self.stage = Stage::Edit;
                    return true;
                }
            }
        }
        self.stage = Stage::Close;
        self.profile.can("case", "close") && self.closed < self.made.len()
    }

    fn end(&mut self) -> Next<Tried> {
        let open = self.made.iter().skip(self.closed).map(shown);
        self.tried.open = open.collect();
        let open = self.tried.open.join(", ");
        match (self.made.len(), open.is_empty()) {
            (0, _) => {}
            (_, true) => self.say(Level::Good, "all_closed", String::new()),
            (_, false) => self.say(Level::Note, "left_open", open),
        }
        Next::Done(std::mem::take(&mut self.tried))
    }
}

impl Conversation for Trial<'_> {
    type Outcome = Tried;

    fn next(&mut self, reply: Option<Reply>, now: i64) -> Next<Tried> {
        let mut reply = reply;
        loop {
            let mut talk = match self.talk.take() {
                Some(talk) => talk,
                None => self.begin(),
            };
            let goes_on = match &mut talk {
                Talk::Doing(doing) => match doing.next(reply.take(), now) {
                    Next::Ask(request) => Err(request),
                    Next::Done(answer) => Ok(self.heard(answer)),
                },
                Talk::Looking(looking) => match looking.next(reply.take(), now) {
                    Next::Ask(request) => Err(request),
                    Next::Done(event) => Ok(self.found(event)),
                },
            };
            match goes_on {
                Ok(true) => {}
                Ok(false) => return self.end(),
                Err(_) if self.asked >= MOST => return self.end(),
                Err(request) => {
                    self.asked += 1;
                    self.talk = Some(talk);
                    return Next::Ask(request);
                }
            }
        }
    }
}

/// The body of the test case that is proposed: as a case that the backend has taken before, where
/// there is one, or else of the fields that any has. Whoever tries may change it.
pub fn proposed(session: &Value, like: Option<&Case>, words: &str) -> Value {
    let mut body = json!({ "subject": words, "description": words });
    let none = Case::default();
    let like = like.unwrap_or(&none);
    for (name, value) in [
        ("policy", like.policy.as_str()),
        ("type", &like.kind),
        ("severity", &like.severity),
        ("product_id", &like.product_id),
        ("product_version", &like.product_version),
        ("entitlement_id", &like.entitlement_id),
        ("customer_id", &like.customer_id),
        ("callback_number", &like.callback_number),
        ("contact_id", text_at(session, "contact")),
    ] {
        if !value.is_empty() {
            body[name] = value.into();
        }
    }
    body
}

fn shown(record: &Value) -> String {
    match text_at(record, "number") {
        "" => text_at(record, "id").into(),
        number => number.into(),
    }
}

fn said(answer: &Answer) -> String {
    match answer {
        Answer::Refused { code, detail } if detail.is_empty() => code.clone(),
        Answer::Refused { code, detail } => format!("{code}: {detail}"),
        Answer::SignedOut => "401".into(),
        Answer::Conflict { .. } => "409".into(),
        Answer::Later(_) | Answer::Stopped => "…".into(),
        Answer::Accepted(record) => shown(record),
    }
}
