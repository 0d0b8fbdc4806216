//! How what was done on this device gets to the backend, and how its changes come here.
//!
//! [`step`] is the whole engine: a pure function from a state and an event to the next state and
//! the effects to perform. `browser::runtime` performs them and nothing else does. Guarantees:
//!
//! * an [`Operation`] keeps one identity from its making to its end, and is sent under it every
//!   time, so that a lost answer never makes a second case;
//! * operations on one case are sent in the order they were made; different cases go in parallel;
//! * nothing is sent under another account than the one it was made under;
//! * an operation that the backend refuses waits for a person and is never dropped.
//!
//! It leaves to others: durability (an event [`Event::Queued`] means the operation *is* stored),
//! what a request looks like ([`super::profile`]), and time and chance, which come with each event.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::draft::{DraftFile, text_of};

/// How many requests may be under way at once.
const PARALLEL: usize = 4;
/// First wait after a failure, in milliseconds; doubles with each further one.
const FIRST_WAIT: i64 = 1_000;
/// Longest wait that the portal chooses itself.
const LONGEST_WAIT: i64 = 5 * 60_000;
/// Longest wait that a backend can ask for; absurd values must not stop the outbox for a day.
const LONGEST_ASKED: i64 = 15 * 60_000;
/// Time between two looks for changes while all is well.
const PULL_EVERY: i64 = 30_000;

/// Something to be done at the backend.
#[derive(Clone, Debug, PartialEq)]
pub struct Operation {
    /// A UUID made with it, sent as its idempotency key.
    pub id: String,
    /// The account and person it was made under; it is never sent under another.
    pub subject: String,
    /// When it was made, in milliseconds since 1970; with the id, the order of operations.
    pub created_at: i64,
    /// What is to be done.
    pub what: What,
    /// How far it is.
    pub state: Progress,
    /// How often it was tried in vain.
    pub attempts: u32,
    /// Not to be tried before this time.
    pub not_before: i64,
}

/// What an operation does.
#[derive(Clone, Debug, PartialEq)]
pub enum What {
    /// Creates a case from a draft.
    CreateCase {
        /// The draft.
        draft: String,
        /// Its title, for the list of what is pending.
        title: String,
        /// The request's body.
        body: Value,
    },
    /// Adds a comment.
    AddComment {
        /// The case.
        case: CaseRef,
        /// The text.
        text: String,
    },
    /// Uploads a file.
    Attach {
        /// The case.
        case: CaseRef,
        /// The file, kept on this device under its id.
        file: DraftFile,
    },
    /// Changes fields of a case.
    EditCase {
        /// The case.
        case: CaseRef,
        /// The version the change was made against.
        base: String,
        /// The changed fields.
        patch: Value,
    },
    /// Asks for a step in the life of a case, or of the account's contracts.
    Act {
        /// The case; none for what belongs to the account.
        on: Option<CaseRef>,
        /// What is asked for: [`LINK`], [`BUY`], [`ACTIVATE`], or the backend's word for a step of
        /// a case.
        action: String,
        /// The particulars.
        body: Value,
        /// What it is called in the list of what is pending, in the person's language.
        title: String,
    },
}

/// Links a contract to the account (MPT-05).
pub const LINK: &str = "link_contract";
/// Buys an offer (MPT-14).
pub const BUY: &str = "buy_incident";
/// Activates a contract (MPT-18).
pub const ACTIVATE: &str = "activate_contract";

/// A case that exists at the backend, or will once an operation is done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CaseRef {
    /// Its id at the backend.
    Known(String),
    /// The operation that creates it.
    MadeBy(String),
}

/// How far an operation is.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Progress {
    /// Waits for its turn, the network, the sign-in or the end of a pause.
    #[default]
    Waiting,
    /// Under way.
    Sending,
    /// Refused; a person has to decide.
    NeedsYou {
        /// Code of the refusal.
        code: String,
        /// The backend's words.
        detail: String,
    },
    /// Acknowledged; kept while others refer to it.
    Done {
        /// The id of the record it made or changed.
        record: String,
    },
}

/// What the backend said to an operation.
#[derive(Clone, Debug, PartialEq)]
pub enum Answer {
    /// Done; the record as it is now.
    Accepted(Value),
    /// Not now; perhaps with the time to wait in milliseconds.
    Later(Option<i64>),
    /// The sign-in has ended.
    SignedOut,
    /// Never in this form.
    Refused {
        /// Code of the problem.
        code: String,
        /// The backend's words.
        detail: String,
    },
}

/// What came of looking for changes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Pulled {
    /// Stored; continue from here, at once if there is more.
    Until {
        /// The new cursor.
        cursor: String,
        /// Whether there is more.
        more: bool,
    },
    /// The backend no longer knows the cursor: begin anew.
    FromTheStart,
    /// Not now.
    Later(Option<i64>),
    /// The sign-in has ended.
    SignedOut,
}

/// Time and chance, which the engine may not look up itself.
#[derive(Clone, Copy, Debug)]
pub struct Moment {
    /// Milliseconds since 1970.
    pub now: i64,
    /// A random number, for jitter.
    pub dice: u32,
}

/// What happened.
#[derive(Clone, Debug, PartialEq)]
pub enum Event {
    /// The store was opened; this is what it holds.
    Opened {
        /// The outbox, in any order.
        outbox: Vec<Operation>,
        /// Where the last look for changes ended.
        cursor: Option<String>,
    },
    /// Somebody signed in, or nobody is signed in any more.
    Identity(Option<String>),
    /// The network came or went, as far as the browser knows.
    Network(bool),
    /// An operation was stored.
    Queued(Operation),
    /// The backend answered, or didn't.
    Answered {
        /// The operation.
        operation: String,
        /// What it said.
        answer: Answer,
    },
    /// A look for changes ended.
    Pulled(Pulled),
    /// A person wants an operation tried again now.
    Retry(String),
    /// A person gives an operation up; what refers to it goes with it.
    Discard(String),
    /// A person wants to see what is new.
    Refresh,
    /// The time asked for has come.
    Tick,
}

/// What is to be done about it.
#[derive(Clone, Debug, PartialEq)]
pub enum Effect {
    /// Send an operation; `case` is the id it refers to, where it refers to one.
    Send {
        /// The operation.
        operation: Operation,
        /// The case's id.
        case: Option<String>,
    },
    /// Store an operation's new state.
    Save(Operation),
    /// In one transaction: store the record, the operation as done, and the draft as sent.
    Acknowledge {
        /// The operation, done.
        operation: Operation,
        /// The record.
        record: Value,
    },
    /// Remove an operation from the store; nothing refers to it any more.
    Forget(Operation),
    /// Look for changes from a cursor on.
    Pull(Option<String>),
    /// Ask the person to sign in, without leaving the page.
    AskSignIn,
    /// Send [`Event::Tick`] at this time.
    WakeAt(i64),
}

/// Everything the engine remembers.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct State {
    /// The outbox, oldest first.
    pub outbox: Vec<Operation>,
    /// Where the last look for changes ended.
    pub cursor: Option<String>,
    /// Who is signed in.
    pub subject: Option<String>,
    /// Whether the browser believes in a network.
    pub online: bool,
    /// Whether the store was opened.
    pub opened: bool,
    /// Whether a look for changes is under way.
    pub pulling: bool,
    /// When to look next.
    pub pull_at: i64,
    /// How many looks in a row were in vain.
    pub pull_failures: u32,
    /// Cases made since the store was opened, by the operation that made them: what was queued
    /// while its case was being acknowledged still refers to the operation.
    pub made: BTreeMap<String, String>,
}

/// The engine; see the module's header.
pub fn step(mut state: State, moment: Moment, event: Event) -> (State, Vec<Effect>) {
    let mut effects = Vec::new();
    // Operations are queued one by one, in any order; only afterwards is a missing one missing.
    let all_told = matches!(event, Event::Opened { .. } | Event::Tick);
    match event {
        Event::Opened { outbox, cursor } => open(&mut state, outbox, cursor),
        Event::Identity(subject) => {
            state.pull_at = moment.now;
            state.pull_failures = 0;
            state.subject = subject;
        }
        Event::Network(online) => {
            state.online = online;
            if online {
                // Whatever was waiting out a failure may well succeed now.
                state.pull_at = moment.now;
                for operation in &mut state.outbox {
                    operation.not_before = 0;
                }
            }
        }
        Event::Queued(operation) => {
            if !state.outbox.iter().any(|known| known.id == operation.id) {
                state.outbox.push(operation);
                sort(&mut state.outbox);
            }
        }
        Event::Answered { operation, answer } => {
            answered(&mut state, moment, &operation, answer, &mut effects);
        }
        Event::Pulled(pulled) => pulled_until(&mut state, moment, pulled, &mut effects),
        Event::Retry(id) => retry(&mut state, &id, &mut effects),
        Event::Discard(id) => discard(&mut state, &id, &mut effects),
        Event::Refresh => state.pull_at = moment.now,
        Event::Tick => {}
    }
    forget_done(&mut state, &mut effects);
    if state.opened && state.online && state.subject.is_some() {
        if all_told {
            hold_what_lost_its_case(&mut state, &mut effects);
        }
        send_what_may_go(&mut state, moment, &mut effects);
        pull_if_due(&mut state, moment, &mut effects);
    }
    wake(&state, moment, &mut effects);
    (state, effects)
}

fn sort(outbox: &mut Vec<Operation>) {
    super::order::sort(outbox, |a, b| {
        (a.created_at, &a.id).cmp(&(b.created_at, &b.id))
    });
}

fn open(state: &mut State, mut outbox: Vec<Operation>, cursor: Option<String>) {
    for operation in &mut outbox {
        // A crash in the middle of sending leaves this behind. The backend may have the operation
        // already, which sending it again under the same key finds out.
        if operation.state == Progress::Sending {
            operation.state = Progress::Waiting;
        }
    }
    for known in std::mem::take(&mut state.outbox) {
        if !outbox.iter().any(|operation| operation.id == known.id) {
            outbox.push(known);
        }
    }
    sort(&mut outbox);
    state.outbox = outbox;
    state.cursor = cursor;
    state.opened = true;
}

fn answered(
    state: &mut State,
    moment: Moment,
    id: &str,
    answer: Answer,
    effects: &mut Vec<Effect>,
) {
    let Some(operation) = state.outbox.iter_mut().find(|one| one.id == id) else {
        return;
    };
    if operation.state != Progress::Sending {
        return;
    }
    match answer {
        Answer::Accepted(record) => {
            let made = record.get("id").and_then(Value::as_str).unwrap_or("");
            operation.state = Progress::Done {
                record: made.to_string(),
            };
            effects.push(Effect::Acknowledge {
                operation: operation.clone(),
                record,
            });
        }
        Answer::Later(asked) => {
            operation.attempts += 1;
            operation.not_before = moment.now + wait(operation.attempts, asked, moment.dice);
            operation.state = Progress::Waiting;
            effects.push(Effect::Save(operation.clone()));
        }
        Answer::SignedOut => {
            operation.state = Progress::Waiting;
            effects.push(Effect::Save(operation.clone()));
            sign_out(state, effects);
        }
        Answer::Refused { code, detail } => {
            operation.state = Progress::NeedsYou { code, detail };
            effects.push(Effect::Save(operation.clone()));
        }
    }
}

/// One question for all that is under way: the first answer that says so asks.
fn sign_out(state: &mut State, effects: &mut Vec<Effect>) {
    if state.subject.take().is_some() {
        effects.push(Effect::AskSignIn);
    }
}

fn pulled_until(state: &mut State, moment: Moment, pulled: Pulled, effects: &mut Vec<Effect>) {
    state.pulling = false;
    match pulled {
        Pulled::Until { cursor, more } => {
            // A backend that promises more and stands still would be asked without end.
            let at_once = more && state.cursor.as_ref() != Some(&cursor);
            state.cursor = Some(cursor);
            state.pull_failures = 0;
            state.pull_at = moment.now + if at_once { 0 } else { PULL_EVERY };
        }
        Pulled::FromTheStart if state.cursor.is_some() => {
            state.cursor = None;
            state.pull_at = moment.now;
        }
        // There is no earlier start than the start.
        Pulled::FromTheStart => pull_later(state, moment, None),
        Pulled::Later(asked) => pull_later(state, moment, asked),
        Pulled::SignedOut => sign_out(state, effects),
    }
}

fn pull_later(state: &mut State, moment: Moment, asked: Option<i64>) {
    state.pull_failures += 1;
    state.pull_at = moment.now + wait(state.pull_failures, asked, moment.dice);
}

fn retry(state: &mut State, id: &str, effects: &mut Vec<Effect>) {
    let found = state.outbox.iter_mut().find(|one| one.id == id);
    if let Some(operation) = found
        && !matches!(operation.state, Progress::Sending | Progress::Done { .. })
    {
        operation.state = Progress::Waiting;
        operation.not_before = 0;
        effects.push(Effect::Save(operation.clone()));
    }
}

fn discard(state: &mut State, id: &str, effects: &mut Vec<Effect>) {
    let gone = |operation: &Operation| {
        let is_it = operation.id == id;
        let needs_it = operation.what.case() == Some(&CaseRef::MadeBy(id.into()));
        (is_it || needs_it) && !matches!(operation.state, Progress::Sending | Progress::Done { .. })
    };
    let blocked = state.outbox.iter().any(|operation| {
        operation.id == id && matches!(operation.state, Progress::Sending | Progress::Done { .. })
    });
    if blocked {
        return;
    }
    let (out, kept) = state.outbox.drain(..).partition(gone);
    state.outbox = kept;
    let out: Vec<Operation> = out;
    effects.extend(out.into_iter().map(Effect::Forget));
}

fn forget_done(state: &mut State, effects: &mut Vec<Effect>) {
    let needed: Vec<String> = state
        .outbox
        .iter()
        .filter_map(|operation| match operation.what.case() {
            Some(CaseRef::MadeBy(id)) if !operation.is_done() => Some(id.clone()),
            _ => None,
        })
        .collect();
    let (out, kept) = state
        .outbox
        .drain(..)
        .partition(|operation| operation.is_done() && !needed.contains(&operation.id));
    state.outbox = kept;
    let out: Vec<Operation> = out;
    for operation in out {
        if let (What::CreateCase { .. }, Progress::Done { record }) =
            (&operation.what, &operation.state)
        {
            state.made.insert(operation.id.clone(), record.clone());
        }
        effects.push(Effect::Forget(operation));
    }
}

/// What refers to a case that nothing makes any more (its maker was given up on another device, or
/// the browser died between two removals) would wait for ever; a person decides.
fn hold_what_lost_its_case(state: &mut State, effects: &mut Vec<Effect>) {
    for index in 0..state.outbox.len() {
        let operation = &state.outbox[index];
        let lost = match operation.what.case() {
            Some(CaseRef::MadeBy(maker)) => {
                !state.made.contains_key(maker) && !state.outbox.iter().any(|one| one.id == *maker)
            }
            _ => false,
        };
        let own = Some(&operation.subject) == state.subject.as_ref();
        if lost && own && operation.state == Progress::Waiting {
            let operation = &mut state.outbox[index];
            operation.state = Progress::NeedsYou {
                code: "case_missing".into(),
                detail: String::new(),
            };
            effects.push(Effect::Save(operation.clone()));
        }
    }
}

fn send_what_may_go(state: &mut State, moment: Moment, effects: &mut Vec<Effect>) {
    let sending = |one: &&Operation| one.state == Progress::Sending;
    let under_way: Vec<&Operation> = state.outbox.iter().filter(sending).collect();
    let mut room = PARALLEL.saturating_sub(under_way.len());
    let mut taken: Vec<String> = under_way.iter().map(|one| lane(state, one)).collect();
    for index in 0..state.outbox.len() {
        let operation = &state.outbox[index];
        if operation.is_done() || Some(&operation.subject) != state.subject.as_ref() {
            continue;
        }
        let case = case_id(state, operation);
        if operation.what.case().is_some() && case.is_none() {
            // Its case is still to be made. It must not keep the maker from going, which may
            // stand behind it when both were made in one instant.
            continue;
        }
        // Operations on one case share a lane: what comes later waits for what came first, also
        // for what needs a person, because a reply before its question would confuse everybody.
        let lane = lane(state, operation);
        let lane_free = !taken.contains(&lane);
        taken.push(lane);
        let due = operation.not_before <= moment.now;
        if operation.state == Progress::Waiting && due && lane_free && room > 0 {
            room -= 1;
            let operation = &mut state.outbox[index];
            operation.state = Progress::Sending;
            effects.push(Effect::Send {
                operation: operation.clone(),
                case,
            });
        }
    }
}

fn pull_if_due(state: &mut State, moment: Moment, effects: &mut Vec<Effect>) {
    if !state.pulling && state.pull_at <= moment.now {
        state.pulling = true;
        effects.push(Effect::Pull(state.cursor.clone()));
    }
}

fn wake(state: &State, moment: Moment, effects: &mut Vec<Effect>) {
    if !(state.opened && state.online && state.subject.is_some()) {
        return;
    }
    let waiting = state
        .outbox
        .iter()
        .filter(|one| one.state == Progress::Waiting && one.not_before > moment.now)
        .map(|one| one.not_before);
    let pull = (!state.pulling).then_some(state.pull_at);
    if let Some(at) = waiting.chain(pull).min() {
        effects.push(Effect::WakeAt(at));
    }
}

/// How long to wait after a number of failures: doubling, half of it by chance, so that many
/// devices don't come back in the same second.
pub fn wait(failures: u32, asked: Option<i64>, dice: u32) -> i64 {
    let full = FIRST_WAIT
        .saturating_mul(1 << failures.saturating_sub(1).min(16))
        .min(LONGEST_WAIT);
    let chosen = full / 2 + i64::from(dice) % (full / 2 + 1);
    asked.map_or(chosen, |asked| asked.clamp(0, LONGEST_ASKED).max(chosen))
}

/// The id of the case an operation refers to, if the case exists by now.
fn case_id(state: &State, operation: &Operation) -> Option<String> {
    match operation.what.case()? {
        CaseRef::Known(id) => Some(id.clone()),
        CaseRef::MadeBy(maker) => {
            let found = state.outbox.iter().find(|one| one.id == *maker);
            match found.map(|maker| &maker.state) {
                Some(Progress::Done { record }) => Some(record.clone()),
                _ => state.made.get(maker).cloned(),
            }
        }
    }
}

/// Operations of one lane go one after the other.
fn lane(state: &State, operation: &Operation) -> String {
    match operation.what.case() {
        None => operation.id.clone(),
        Some(CaseRef::Known(id)) => id.clone(),
        Some(CaseRef::MadeBy(maker)) => case_id(state, operation).unwrap_or_else(|| maker.clone()),
    }
}

/// Puts an operation that was just made behind those on the same case, and behind the one made
/// `last` on this device: two of one millisecond, or of a clock that was set back, would otherwise
/// change places at the next restart.
pub fn put_behind(state: &State, last: i64, operation: &mut Operation) {
    let place = lane(state, operation);
    let before = state.outbox.iter().filter(|one| lane(state, one) == place);
    let latest = before.map(|one| one.created_at).max();
    let first_free = latest.unwrap_or(i64::MIN).max(last).saturating_add(1);
    operation.created_at = operation.created_at.max(first_free);
}

impl Operation {
    /// Whether the backend has acknowledged it.
    pub fn is_done(&self) -> bool {
        matches!(self.state, Progress::Done { .. })
    }
}

impl What {
    /// The case it refers to, if it refers to one.
    pub fn case(&self) -> Option<&CaseRef> {
        match self {
            What::AddComment { case, .. }
            | What::Attach { case, .. }
            | What::EditCase { case, .. } => Some(case),
            What::Act { on, .. } => on.as_ref(),
            What::CreateCase { .. } => None,
        }
    }

    /// The kind of record that the backend answers with.
    pub fn kind(&self) -> &'static str {
        match self {
            What::CreateCase { .. } | What::EditCase { .. } => "case",
            What::AddComment { .. } => "comment",
            What::Attach { .. } => "attachment",
            What::Act { action, .. } => match action.as_str() {
                LINK | BUY | ACTIVATE => "entitlement",
                _ => "case",
            },
        }
    }
}

// The stored form, by hand for the same reasons as the draft's.

impl Operation {
    /// The form in which it is stored.
    pub fn to_json(&self) -> Value {
        json!({
            "id": self.id,
            "subject": self.subject,
            "created_at": self.created_at,
            "what": self.what.to_json(),
            "state": self.state.to_json(),
            "attempts": self.attempts,
            "not_before": self.not_before,
        })
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
            What::EditCase { case, base, patch } => {
                json!({ "do": "edit_case", "case": case.to_json(), "base": base, "patch": patch })
            }
            What::Act {
                on,
                action,
                body,
                title,
            } => {
                let mut json =
                    json!({ "do": "act", "action": action, "body": body, "title": title });
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
            },
            "act" => What::Act {
                on: match json.get("case") {
                    Some(case) => Some(CaseRef::from_json(case)?),
                    None => None,
                },
                action: text("action")?,
                body: json.get("body")?.clone(),
                title: text("title")?,
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
