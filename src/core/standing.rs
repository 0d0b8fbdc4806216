//! Where a draft, a comment, a file or a case stands, in exactly one of the words the portal has for
//! it, whoever asks.
//!
//! "Sent" is said only of what the backend has acknowledged. What waits says what for: what can't go
//! because of the network waits for it, what can't go without a sign-in needs somebody, and what only
//! waits its turn is on this device until the turn comes.

use std::collections::BTreeMap;

use super::draft::{Draft, State};
use super::order::sort_by_key;
use super::sync::{CaseRef, Operation, Progress, What};

/// The one state of a thing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Standing {
    /// Kept on this device; nothing is under way with it.
    Here,
    /// Goes by itself as soon as the backend can be reached.
    WaitsForNetwork,
    /// On its way: bytes that arrived and all of them, where that is known.
    Sending(Option<(u64, u64)>),
    /// Stopped by a person, to go on when they say so.
    Paused,
    /// The backend has it.
    Sent,
    /// Waits for a person, for this reason: a code of a refusal, or [`SIGN_IN`].
    NeedsYou(String),
}

/// Why it needs somebody: nobody is signed in.
pub const SIGN_IN: &str = "sign_in";

/// What standing depends on besides the thing itself.
#[derive(Clone, Copy, Debug)]
pub struct Ground {
    /// Whether the browser believes in a network.
    pub online: bool,
    /// Whether somebody is signed in at the backend, as far as is known.
    pub signed_in: bool,
}

/// Where an operation stands; `arrived` is how much of it the backend has, where it is large enough
/// for that to be known.
pub fn of_operation(
    operation: &Operation,
    ground: Ground,
    arrived: Option<(u64, u64)>,
) -> Standing {
    match &operation.state {
        Progress::Done { .. } => Standing::Sent,
        Progress::NeedsYou { code, .. } => Standing::NeedsYou(code.clone()),
        Progress::Sending => Standing::Sending(arrived),
        Progress::Paused => Standing::Paused,
        Progress::Waiting if !ground.online => Standing::WaitsForNetwork,
        Progress::Waiting if !ground.signed_in => Standing::NeedsYou(SIGN_IN.into()),
        // It was tried and did not get there.
        Progress::Waiting if operation.attempts > 0 => Standing::WaitsForNetwork,
        Progress::Waiting => Standing::Here,
    }
}

/// Where a draft stands: as the operation that sends it, once there is one.
pub fn of_draft(draft: &Draft, outbox: &[Operation], ground: Ground) -> Standing {
    match &draft.state {
        State::Sent { .. } => Standing::Sent,
        State::Queued { operation } => outbox
            .iter()
            .find(|one| one.id == *operation)
            .map_or(Standing::Here, |one| of_operation(one, ground, None)),
        State::Open | State::Discarded { .. } => Standing::Here,
    }
}

/// Where a case stands: sent, unless something said or changed on it is not; then as that of it which
/// most needs to be looked at.
pub fn of_case(case: &str, outbox: &[Operation], ground: Ground) -> Standing {
    on_case(case, outbox)
        .map(|one| of_operation(one, ground, None))
        .max_by_key(urgency)
        .unwrap_or(Standing::Sent)
}

/// What is not acknowledged yet on a case, oldest first. An operation may name the operation that
/// made the case in place of the case.
pub fn on_case<'a>(case: &'a str, outbox: &'a [Operation]) -> impl Iterator<Item = &'a Operation> {
    let made_it = move |id: &str| {
        outbox.iter().any(|one| {
            one.id == id && matches!(&one.state, Progress::Done { record } if record == case)
        })
    };
    outbox.iter().filter(move |one| {
        let of_it = match one.what.case() {
            Some(CaseRef::Known(id)) => id == case,
            Some(CaseRef::MadeBy(id)) => made_it(id),
            None => false,
        };
        of_it && !one.is_done()
    })
}

/// What waits behind something that a person has to see to first: the id of each, with the first such
/// operation of the same case. It goes by itself once that is settled, and not before.
pub fn held(outbox: &[Operation]) -> BTreeMap<&str, &Operation> {
    let stopped =
        |one: &Operation| matches!(one.state, Progress::NeedsYou { .. } | Progress::Paused);
    let mut held: BTreeMap<&str, &Operation> = BTreeMap::new();
    if !outbox.iter().any(stopped) {
        return held;
    }
    let mut ordered: Vec<&Operation> = outbox.iter().filter(|one| !one.is_done()).collect();
    // The maker of a case goes first, even where both were made in one instant.
    sort_by_key(&mut ordered, |one| {
        let makes = matches!(one.what, What::CreateCase { .. });
        (!makes, one.created_at, &one.id)
    });
    let mut before: BTreeMap<&str, Vec<&Operation>> = BTreeMap::new();
    for one in ordered {
        let ahead = before.entry(place(one, outbox)).or_default();
        if one.state == Progress::Waiting {
            let holds = |other: &&&Operation| one.what.waits_for(other.what.is_file());
            let first = ahead.iter().filter(holds).find_map(|other| {
                let itself = stopped(other).then_some(*other);
                itself.or_else(|| held.get(other.id.as_str()).copied())
            });
            if let Some(first) = first {
                held.insert(&one.id, first);
            }
        }
        ahead.push(one);
    }
    held
}

/// What operations on one case have in common: the id of the case, of its maker before it is made.
fn place<'a>(operation: &'a Operation, outbox: &'a [Operation]) -> &'a str {
    let maker = match operation.what.case() {
        Some(CaseRef::Known(id)) => return id,
        Some(CaseRef::MadeBy(maker)) => maker,
        None => &operation.id,
    };
    let made = outbox.iter().find_map(|one| match &one.state {
        Progress::Done { record } if one.id == *maker => Some(record),
        _ => None,
    });
    made.unwrap_or(maker)
}

fn urgency(standing: &Standing) -> u8 {
    match standing {
        Standing::Sent => 0,
        Standing::Here => 1,
        Standing::Sending(_) => 2,
        Standing::Paused => 3,
        Standing::WaitsForNetwork => 4,
        Standing::NeedsYou(_) => 5,
    }
}

impl Standing {
    /// Its word among the texts of the interface, under `state`.
    pub fn word(&self) -> &'static str {
        match self {
            Standing::Here => "here",
            Standing::WaitsForNetwork => "waiting_network",
            Standing::Sending(_) => "sending",
            Standing::Paused => "paused",
            Standing::Sent => "sent",
            Standing::NeedsYou(_) => "needs_you",
        }
    }
}

/// What can be done about an operation that is not acknowledged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// Trying it now.
    Retry,
    /// Choosing between one's own change and another's.
    Choose,
    /// Taking a case back to its draft.
    BackToDraft,
    /// Changing what was written.
    Rewrite,
    /// Giving it up.
    Discard,
}

/// The ways there are, the likeliest first. Nothing can be done about what is under way but to wait
/// for its answer, which the time limit of a request brings in any case.
pub fn ways(operation: &Operation) -> Vec<Way> {
    if matches!(operation.state, Progress::Sending | Progress::Done { .. }) {
        return Vec::new();
    }
    let conflict = is_conflict(operation);
    let first = if conflict { Way::Choose } else { Way::Retry };
    match operation.what {
        What::CreateCase { .. } => vec![first, Way::BackToDraft],
        What::AddComment { .. } => vec![first, Way::Rewrite, Way::Discard],
        _ => vec![first, Way::Discard],
    }
}

/// Whether it waits for a choice between one's own change and another's.
pub fn is_conflict(operation: &Operation) -> bool {
    let changes = matches!(operation.what, What::EditCase { .. } | What::Act { .. });
    let met = matches!(&operation.state, Progress::NeedsYou { code, .. }
        if code == "conflict" || code == "stale");
    changes && met && operation.what.case().is_some()
}
