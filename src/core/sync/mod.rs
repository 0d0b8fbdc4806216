//! How what was done on this device gets to the backend, and how its changes come here.
//!
//! [`step`] is the whole engine: a pure function from a state and an event to the next state and
//! the effects to perform. `browser::runtime` performs them and nothing else does. Guarantees:
//!
//! * an [`Operation`] keeps one identity from its making to its end, and is sent under it every
//!   time, so that a lost answer never makes a second case; once the backend may have forgotten
//!   the key, it is looked for before it is sent again, and where that can't be told a person is
//!   asked;
//! * operations on one case are sent in the order they were made; different cases go in parallel,
//!   and so do the files of one, which no reply waits for;
//! * nothing is sent under another account than the one it was made under;
//! * nothing is sent by a tab that doesn't hold the [`lease`], and one request at a time for each
//!   operation;
//! * nothing is asked before the time that the backend asked for ([`patience`]);
//! * an operation that the backend refuses waits for a person and is never dropped.
//!
//! It leaves to others: durability (an event [`Event::Queued`] means the operation *is* stored),
//! what a request looks like ([`super::profile`]), and time and chance, which come with each event.

pub mod lease;
pub mod patience;
mod stored;

use std::collections::BTreeMap;

use serde_json::Value;

use super::draft::DraftFile;
pub use patience::wait;
use patience::{LONGEST_ASKED, spread};

/// How many requests may be under way at once.
const PARALLEL: usize = 4;
/// How many of them may be files, so that what was written never waits for what is large.
const FILES: usize = 3;
/// Time between two looks for changes while all is well.
const PULL_EVERY: i64 = 30_000;
/// How long a backend remembers a key where it doesn't say.
const KEY_LIFE: i64 = 24 * 3_600_000;

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
    /// Until when the backend asked for quiet when it answered this one last; 0 if it didn't.
    pub quiet_until: i64,
    /// When it first went out under its key; the backend may know it since then.
    pub first_sent: Option<i64>,
    /// The record as others have made it meanwhile, where that is why it needs a person.
    pub theirs: Option<Value>,
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
        /// The same fields as they were when the change was made; null if that is not known.
        before: Value,
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
        /// The fields it changes as they were when it was asked for; null if that is not known.
        before: Value,
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
    /// Held by a person, until [`Event::Retry`].
    Paused,
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
    /// Ended by this side before it was through: it was paused, given up, or the lease was lost.
    Stopped,
    /// Somebody else has changed the record meanwhile.
    Conflict {
        /// The record as it is now, if that could be read.
        theirs: Option<Value>,
    },
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

/// What the engine has to know of a backend and its session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rules {
    /// How long the backend remembers a key, in milliseconds; 0 if it knows none.
    pub key_life: i64,
    /// Whether the session can renew itself, without a person.
    pub renews: bool,
}

impl Default for Rules {
    fn default() -> Rules {
        Rules {
            key_life: KEY_LIFE,
            renews: false,
        }
    }
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
    /// What the backend and its session are like.
    Rules(Rules),
    /// This tab holds the lease under a fence, or holds it no more.
    Lead(Option<u64>),
    /// Somebody signed in, or nobody is signed in any more; also what came of a renewal.
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
    /// The backend was asked for what an operation may have made there. A look that came to
    /// nothing is [`Event::Answered`], as for sending.
    Checked {
        /// The operation.
        operation: String,
        /// The record it made.
        found: Option<Value>,
        /// Whether finding none means that there is none.
        certain: bool,
    },
    /// A look for changes ended.
    Pulled(Pulled),
    /// A person wants an operation tried again now, or to go on after a pause.
    Retry(String),
    /// A person wants an operation to wait until they say otherwise.
    Pause(String),
    /// An operation was stored in the place of one that was given up for it.
    Replaced {
        /// The one given up.
        old: String,
        /// What takes its place.
        by: Operation,
    },
    /// A person gives an operation up; what refers to it goes with it.
    Discard(String),
    /// An operation is no longer stored: another tab has seen to it.
    Gone(String),
    /// A person wants to see what is new.
    Refresh,
    /// The time asked for has come.
    Tick,
}

/// What is to be done about it.
#[derive(Clone, Debug, PartialEq)]
pub enum Effect {
    /// Store an operation as it is here, then send it; what comes back is [`Event::Answered`].
    Send {
        /// The operation.
        operation: Operation,
        /// The id of the case it refers to, where it refers to one.
        case: Option<String>,
        /// The fence to send and to write under.
        fence: u64,
    },
    /// Look whether the backend has done an operation whose key it may have forgotten; what comes
    /// back is [`Event::Checked`].
    Check {
        /// The operation.
        operation: Operation,
        /// The id of the case it refers to, where it refers to one.
        case: Option<String>,
        /// The fence to write under.
        fence: u64,
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
    /// Renew the session without a person; what comes of it is [`Event::Identity`].
    Renew,
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
    /// The fence under which this tab holds the lease.
    pub fence: Option<u64>,
    /// What the backend is like.
    pub rules: Rules,
    /// Nothing is asked of the backend before this time, because it said so.
    pub quiet_until: i64,
    /// What has a request under way, with the sign-in it went out under. An operation that was
    /// paused or given up stays here until its request has ended.
    pub under_way: BTreeMap<String, u32>,
    /// How often somebody signed in, so that the end of an earlier sign-in is not taken for the
    /// end of this one.
    pub sign_ins: u32,
    /// The renewal of the session, if it is under way or was in vain.
    pub renewal: Renewal,
    /// The look for changes that is under way, by the sign-in it went out under.
    pub pulling: Option<u32>,
    /// When to look next.
    pub pull_at: i64,
    /// How many looks in a row were in vain.
    pub pull_failures: u32,
    /// Cases made since the store was opened, by the operation that made them: what was queued
    /// while its case was being acknowledged still refers to the operation.
    pub made: BTreeMap<String, String>,
}

/// How far a renewal of the session is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Renewal {
    /// None since the backend last took the session.
    #[default]
    Unneeded,
    /// Under way; there is only one at a time.
    UnderWay,
    /// Done, and not yet confirmed by an answer; a second one in a row would be of no use.
    Done,
}

impl State {
    /// Whether requests may go out at all.
    fn may_ask(&self) -> Option<u64> {
        let ready = self.opened && self.online && self.subject.is_some();
        self.fence.filter(|_| ready)
    }
}

/// The engine; see the module's header.
pub fn step(mut state: State, moment: Moment, event: Event) -> (State, Vec<Effect>) {
    let mut effects = Vec::new();
    trust_no_other_clock(&mut state, moment.now);
    // Operations are queued one by one, in any order; only afterwards is a missing one missing.
    let all_told = matches!(event, Event::Opened { .. } | Event::Tick);
    match event {
        Event::Opened { outbox, cursor } => open(&mut state, outbox, cursor),
        Event::Rules(rules) => state.rules = rules,
        Event::Lead(fence) => lead(&mut state, moment, fence),
        Event::Identity(subject) => identify(&mut state, moment, subject, &mut effects),
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
        Event::Queued(operation) => queue(&mut state, operation),
        Event::Replaced { old, by } => replace(&mut state, &old, by),
        Event::Answered { operation, answer } => {
            answered(&mut state, moment, &operation, answer, &mut effects);
        }
        Event::Checked {
            operation,
            found,
            certain,
        } => checked(&mut state, &operation, found, certain, &mut effects),
        Event::Pulled(pulled) => pulled_until(&mut state, moment, pulled, &mut effects),
        Event::Retry(id) => retry(&mut state, &id, &mut effects),
        Event::Pause(id) => pause(&mut state, &id, &mut effects),
        Event::Discard(id) => discard(&mut state, &id, &mut effects),
        Event::Gone(id) => gone(&mut state, &id),
        Event::Refresh => state.pull_at = moment.now,
        Event::Tick => {}
    }
    forget_done(&mut state, &mut effects);
    if let Some(fence) = state.may_ask() {
        if all_told {
            hold_what_lost_its_case(&mut state, &mut effects);
        }
        if state.quiet_until <= moment.now {
            send_what_may_go(&mut state, moment, fence, &mut effects);
            pull_if_due(&mut state, moment, &mut effects);
        }
        wake(&state, moment, &mut effects);
    }
    (state, effects)
}

/// Times further away than the engine ever waits come from a clock that was set back since; waiting
/// for them could take for ever.
fn trust_no_other_clock(state: &mut State, now: i64) {
    let mend = |at: &mut i64| {
        if *at > now.saturating_add(LONGEST_ASKED) {
            *at = now;
        }
    };
    mend(&mut state.quiet_until);
    mend(&mut state.pull_at);
    for operation in &mut state.outbox {
        mend(&mut operation.not_before);
        mend(&mut operation.quiet_until);
    }
}

/// Puts operations into the order in which they were made.
pub fn sort(outbox: &mut Vec<Operation>) {
    super::order::sort(outbox, |a, b| {
        (a.created_at, &a.id).cmp(&(b.created_at, &b.id))
    });
}

fn open(state: &mut State, mut outbox: Vec<Operation>, cursor: Option<String>) {
    for known in std::mem::take(&mut state.outbox) {
        if !outbox.iter().any(|operation| operation.id == known.id) {
            outbox.push(known);
        }
    }
    sort(&mut outbox);
    let quiet = outbox.iter().map(|one| one.quiet_until).max();
    state.quiet_until = state.quiet_until.max(quiet.unwrap_or(0));
    state.outbox = outbox;
    state.cursor = cursor;
    state.opened = true;
    if state.fence.is_some() {
        take_back(state);
    }
}

fn lead(state: &mut State, moment: Moment, fence: Option<u64>) {
    if state.fence != fence {
        // What went out under another fence is answered to nobody.
        state.under_way.clear();
        state.pulling = None;
    }
    state.fence = fence;
    if fence.is_some() {
        state.pull_at = moment.now;
        take_back(state);
    }
}

/// What a crash or another tab left in the middle of sending. The backend may have it already,
/// which sending it again under the same key finds out.
fn take_back(state: &mut State) {
    for operation in &mut state.outbox {
        if operation.state == Progress::Sending && !state.under_way.contains_key(&operation.id) {
            operation.state = Progress::Waiting;
        }
    }
}

fn identify(state: &mut State, moment: Moment, subject: Option<String>, effects: &mut Vec<Effect>) {
    state.pull_at = moment.now;
    state.pull_failures = 0;
    state.sign_ins = state.sign_ins.wrapping_add(1);
    state.renewal = match (state.renewal, &subject) {
        (Renewal::UnderWay, Some(_)) => Renewal::Done,
        (Renewal::UnderWay, None) => {
            effects.push(Effect::AskSignIn);
            Renewal::Unneeded
        }
        _ => Renewal::Unneeded,
    };
    state.subject = subject;
}

fn queue(state: &mut State, operation: Operation) {
    if !state.outbox.iter().any(|known| known.id == operation.id) {
        state.outbox.push(operation);
        sort(&mut state.outbox);
    }
}

fn replace(state: &mut State, old: &str, by: Operation) {
    state
        .outbox
        .retain(|one| one.id != old || matches!(one.state, Progress::Done { .. }));
    queue(state, by);
}

fn answered(
    state: &mut State,
    moment: Moment,
    id: &str,
    answer: Answer,
    effects: &mut Vec<Effect>,
) {
    if let Answer::Later(Some(asked)) = &answer {
        keep_quiet(state, moment, *asked);
    }
    // What is not under way was sent under a fence that is lost, or has been answered.
    let Some(sign_in) = state.under_way.remove(id) else {
        return;
    };
    match &answer {
        Answer::Accepted(_) => trust_the_session(state),
        Answer::SignedOut if sign_in == state.sign_ins => sign_out(state, effects),
        _ => {}
    }
    let quiet_until = state.quiet_until;
    let Some(operation) = state.outbox.iter_mut().find(|one| one.id == id) else {
        // Given up meanwhile; what it made will come with the changes.
        return;
    };
    if let Answer::Accepted(record) = answer {
        acknowledge(operation, record, effects);
        return;
    }
    // Unless a person has paused it meanwhile.
    if operation.state == Progress::Sending {
        operation.state = Progress::Waiting;
    }
    match answer {
        Answer::Later(asked) => {
            operation.attempts = operation.attempts.saturating_add(1);
            operation.not_before = moment.now + wait(operation.attempts, asked, moment.dice);
            operation.quiet_until = asked.map_or(0, |_| quiet_until);
        }
        Answer::Refused { code, detail } => need_a_person(operation, code, detail),
        Answer::Conflict { theirs } => {
            need_a_person(operation, "conflict".into(), String::new());
            operation.theirs = theirs;
        }
        Answer::Accepted(_) | Answer::SignedOut | Answer::Stopped => {}
    }
    effects.push(Effect::Save(operation.clone()));
}

fn acknowledge(operation: &mut Operation, record: Value, effects: &mut Vec<Effect>) {
    let made = record.get("id").and_then(Value::as_str).unwrap_or("");
    operation.state = Progress::Done {
        record: made.to_string(),
    };
    effects.push(Effect::Acknowledge {
        operation: operation.clone(),
        record,
    });
}

/// The backend says no, so it has not done it under this key; what is sent after a person has seen
/// to it starts anew.
fn need_a_person(operation: &mut Operation, code: String, detail: String) {
    operation.state = Progress::NeedsYou { code, detail };
    operation.first_sent = None;
}

fn keep_quiet(state: &mut State, moment: Moment, asked: i64) {
    let until = moment.now + spread(asked, moment.dice);
    state.quiet_until = state.quiet_until.max(until);
}

/// The code of what may or may not have been done and can't be looked up.
const NEEDS_CHECK: &str = "needs_check";

fn checked(
    state: &mut State,
    id: &str,
    found: Option<Value>,
    certain: bool,
    effects: &mut Vec<Effect>,
) {
    if state.under_way.remove(id).is_none() {
        return;
    }
    let Some(operation) = state.outbox.iter_mut().find(|one| one.id == id) else {
        return;
    };
    if let Some(record) = found {
        acknowledge(operation, record, effects);
        return;
    }
    if certain {
        operation.first_sent = None;
    }
    if operation.state == Progress::Sending {
        operation.state = match certain {
            true => Progress::Waiting,
            false => Progress::NeedsYou {
                code: NEEDS_CHECK.into(),
                detail: String::new(),
            },
        };
    }
    effects.push(Effect::Save(operation.clone()));
}

/// The backend took the session, so that it may be renewed once more when it ends.
fn trust_the_session(state: &mut State) {
    if state.renewal == Renewal::Done {
        state.renewal = Renewal::Unneeded;
    }
}

/// One renewal, or one question, for all that is under way: the first answer that says so asks.
fn sign_out(state: &mut State, effects: &mut Vec<Effect>) {
    if state.subject.take().is_none() {
        return;
    }
    if state.rules.renews && state.renewal == Renewal::Unneeded {
        state.renewal = Renewal::UnderWay;
        effects.push(Effect::Renew);
    } else {
        effects.push(Effect::AskSignIn);
    }
}

fn pulled_until(state: &mut State, moment: Moment, pulled: Pulled, effects: &mut Vec<Effect>) {
    let Some(sign_in) = state.pulling.take() else {
        return;
    };
    match pulled {
        Pulled::Until { cursor, more } => {
            // A backend that promises more and stands still would be asked without end.
            let at_once = more && state.cursor.as_ref() != Some(&cursor);
            state.cursor = Some(cursor);
            state.pull_failures = 0;
            state.pull_at = moment.now + if at_once { 0 } else { PULL_EVERY };
            trust_the_session(state);
        }
        Pulled::FromTheStart if state.cursor.is_some() => {
            state.cursor = None;
            state.pull_at = moment.now;
        }
        // There is no earlier start than the start.
        Pulled::FromTheStart => pull_later(state, moment, None),
        Pulled::Later(asked) => pull_later(state, moment, asked),
        Pulled::SignedOut if sign_in == state.sign_ins => sign_out(state, effects),
        Pulled::SignedOut => {}
    }
}

fn pull_later(state: &mut State, moment: Moment, asked: Option<i64>) {
    state.pull_failures = state.pull_failures.saturating_add(1);
    state.pull_at = moment.now + wait(state.pull_failures, asked, moment.dice);
    if let Some(asked) = asked {
        keep_quiet(state, moment, asked);
    }
}

fn retry(state: &mut State, id: &str, effects: &mut Vec<Effect>) {
    let found = state.outbox.iter_mut().find(|one| one.id == id);
    if let Some(operation) = found
        && !matches!(operation.state, Progress::Sending | Progress::Done { .. })
    {
        if matches!(&operation.state, Progress::NeedsYou { code, .. } if code == NEEDS_CHECK) {
            // Whoever asks for it has looked, and it is not there.
            operation.first_sent = None;
        } else {
            count_as_sent(operation);
        }
        operation.state = Progress::Waiting;
        operation.not_before = 0;
        effects.push(Effect::Save(operation.clone()));
    }
}

/// Another tab may have sent what waits here, and what a person wants is kept over what that tab
/// knows; so it counts as sent since it was made.
fn count_as_sent(operation: &mut Operation) {
    if operation.state == Progress::Waiting {
        operation.first_sent.get_or_insert(operation.created_at);
    }
}

fn pause(state: &mut State, id: &str, effects: &mut Vec<Effect>) {
    let found = state.outbox.iter_mut().find(|one| one.id == id);
    if let Some(operation) = found
        && matches!(operation.state, Progress::Waiting | Progress::Sending)
    {
        count_as_sent(operation);
        operation.state = Progress::Paused;
        effects.push(Effect::Save(operation.clone()));
    }
}

fn discard(state: &mut State, id: &str, effects: &mut Vec<Effect>) {
    // Half an upload is no effect; anything else that is under way may have one.
    let stays = |operation: &Operation| {
        let under_way =
            operation.state == Progress::Sending || state.under_way.contains_key(&operation.id);
        operation.is_done() || (under_way && !operation.what.is_file())
    };
    let gone = |operation: &Operation| {
        let is_it = operation.id == id;
        let needs_it = operation.what.case() == Some(&CaseRef::MadeBy(id.into()));
        (is_it || needs_it) && !stays(operation)
    };
    if state.outbox.iter().any(|one| one.id == id && stays(one)) {
        return;
    }
    let (out, kept) = std::mem::take(&mut state.outbox)
        .into_iter()
        .partition(gone);
    state.outbox = kept;
    let out: Vec<Operation> = out;
    effects.extend(out.into_iter().map(Effect::Forget));
}

/// What refers to it stays where it is still stored: nobody has said that it may go.
fn gone(state: &mut State, id: &str) {
    let under_way = state.under_way.contains_key(id);
    let stays = |one: &Operation| one.is_done() || (under_way && !one.what.is_file());
    state.outbox.retain(|one| one.id != id || stays(one));
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

fn send_what_may_go(state: &mut State, moment: Moment, fence: u64, effects: &mut Vec<Effect>) {
    let under_way = |one: &&Operation| state.under_way.contains_key(&one.id);
    // What was made before, and what overlaps with it although it was made later, as after a clock
    // that was set back: each with its lane, and whether it is a file.
    let mut ahead: Vec<(String, bool)> = state
        .outbox
        .iter()
        .filter(under_way)
        .map(|one| (lane(state, one), one.what.is_file()))
        .collect();
    let files = ahead.iter().filter(|(_, is_file)| *is_file).count();
    let mut room = PARALLEL.saturating_sub(state.under_way.len());
    let mut room_for_files = FILES.saturating_sub(files);
    for index in 0..state.outbox.len() {
        if room == 0 {
            break;
        }
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
        if state.under_way.contains_key(&operation.id) {
            continue;
        }
        let lane = lane(state, operation);
        let is_file = operation.what.is_file();
        let free = ahead
            .iter()
            .all(|(other, file)| *other != lane || !operation.what.waits_for(*file));
        ahead.push((lane, is_file));
        let due = operation.not_before <= moment.now;
        let has_room = !is_file || room_for_files > 0;
        if operation.state == Progress::Waiting && due && free && has_room {
            room -= 1;
            room_for_files -= usize::from(is_file);
            effects.push(sent(state, index, case, moment.now, fence));
        }
    }
}

/// Sends an operation, or looks for it first where the backend may have forgotten its key.
fn sent(state: &mut State, index: usize, case: Option<String>, now: i64, fence: u64) -> Effect {
    let life = state.rules.key_life;
    let sign_in = state.sign_ins;
    let operation = &mut state.outbox[index];
    operation.state = Progress::Sending;
    state.under_way.insert(operation.id.clone(), sign_in);
    // A little less than the whole life, for clocks that differ and requests that take their time.
    let forgotten = |first: i64| first > now || now.saturating_sub(first) >= life - life / 24;
    if operation.first_sent.is_some_and(forgotten) {
        let operation = operation.clone();
        return Effect::Check {
            operation,
            case,
            fence,
        };
    }
    operation.first_sent.get_or_insert(now);
    let operation = operation.clone();
    Effect::Send {
        operation,
        case,
        fence,
    }
}

fn pull_if_due(state: &mut State, moment: Moment, effects: &mut Vec<Effect>) {
    if state.pulling.is_none() && state.pull_at <= moment.now {
        state.pulling = Some(state.sign_ins);
        effects.push(Effect::Pull(state.cursor.clone()));
    }
}

fn wake(state: &State, moment: Moment, effects: &mut Vec<Effect>) {
    let quiet = state.quiet_until > moment.now;
    let waiting = state
        .outbox
        .iter()
        .filter(|one| one.state == Progress::Waiting && (quiet || one.not_before > moment.now))
        .map(|one| one.not_before);
    let pull = state.pulling.is_none().then_some(state.pull_at);
    if let Some(at) = waiting.chain(pull).min() {
        effects.push(Effect::WakeAt(at.max(state.quiet_until)));
    }
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

/// Operations of one lane go one after the other, as far as they wait for each other.
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

impl Effect {
    /// Whether the outbox is not as it was.
    pub fn changes_outbox(&self) -> bool {
        match self {
            Effect::Send { .. }
            | Effect::Check { .. }
            | Effect::Save(_)
            | Effect::Acknowledge { .. }
            | Effect::Forget(_) => true,
            Effect::Pull(_) | Effect::AskSignIn | Effect::Renew | Effect::WakeAt(_) => false,
        }
    }
}

impl Operation {
    /// One that was just made and waits for its turn.
    pub fn new(id: String, subject: &str, created_at: i64, what: What) -> Operation {
        Operation {
            id,
            subject: subject.into(),
            created_at,
            what,
            state: Progress::Waiting,
            attempts: 0,
            not_before: 0,
            quiet_until: 0,
            first_sent: None,
            theirs: None,
        }
    }

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

    /// Whether it carries a file, which may take hours.
    pub fn is_file(&self) -> bool {
        matches!(self, What::Attach { .. })
    }

    /// Whether it waits for what was made before it on the same case. Files go side by side and
    /// hold up no comment; a step in the life of the case waits for all, because a case that is
    /// closed takes no files.
    pub(crate) fn waits_for(&self, file: bool) -> bool {
        !file || matches!(self, What::EditCase { .. } | What::Act { .. })
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
