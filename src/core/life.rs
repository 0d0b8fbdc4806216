//! What may be done with a case that exists, how far it is, and how it goes on after its end.
//!
//! The rules are the policy's; here is only what they mean for one case at one time. Every refusal
//! carries its reason. The backend decides in the end: what looks allowed here and is refused there
//! comes back with its reason through the outbox.

use chrono::{DateTime, TimeDelta, Utc};

use super::case::{Case, Comment, Happening};
use super::draft::Draft;
use super::entitlement::Decision;
use super::policy::Policy;
use super::policy::life::ProgressStep;

/// The status of a case that has ended.
pub const CLOSED: &str = "closed";
/// The status of a case that waits for the customer.
pub const WAITING: &str = "waiting_customer";

/// What one may want to do with a case.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Act<'a> {
    /// Lower its severity to this one (CSF-09).
    LowerSeverity(&'a str),
    /// Raise its severity.
    RaiseSeverity,
    /// Close it (CSF-11).
    Close,
    /// Open it again (CSF-12).
    Reopen,
    /// Bring it before the management (CSF-13).
    Escalate,
    /// Send back a defective part (CSF-16).
    Rma,
    /// Add a contact.
    AddContact,
    /// Add a watcher.
    AddWatcher,
}

/// Whether something may be done with a case at a time, and if not, why.
pub fn may(policy: &Policy, case: &Case, act: Act, now: DateTime<Utc>) -> Decision {
    let life = &policy.life;
    let no = |code| Decision::no(code, Vec::new());
    let offered = match act {
        Act::LowerSeverity(_) => life.lower_severity.as_ref().is_some_and(|one| one.possible),
        Act::RaiseSeverity => life.raise_severity.as_ref().is_some_and(|one| one.possible),
        Act::Close => life.close.is_some(),
        Act::Reopen => life.reopen.is_some(),
        Act::Escalate => life.escalate.is_some(),
        Act::Rma => policy.rma.is_some(),
        Act::AddContact => life.contacts,
        Act::AddWatcher => life.watchers,
    };
    if !offered {
        return no(match act {
            Act::RaiseSeverity => "cannot_raise",
            _ => "not_offered",
        });
    }
    let closed = case.status == CLOSED;
    match act {
        Act::Reopen => match reopens_until(policy, case) {
            _ if !closed => no("not_closed"),
            Some((closed_at, until)) if until < now => Decision::no(
                "reopen_too_late",
                vec![
                    ("days", (until - closed_at).num_days().to_string()),
                    ("closed", closed_at.date_naive().to_string()),
                ],
            ),
            _ => Decision::yes(),
        },
        _ if closed => no("case_closed"),
        Act::LowerSeverity(to) => match (rank(policy, to), rank(policy, &case.severity)) {
            (Some(to), Some(from)) if to < from => no("cannot_raise"),
            (Some(to), from) if Some(to) != from => Decision::yes(),
            _ => no("not_lower"),
        },
        Act::Rma if case.rma.is_some() => no("rma_already"),
        _ => Decision::yes(),
    }
}

/// The place of a severity, the most severe being the first.
fn rank(policy: &Policy, severity: &str) -> Option<usize> {
    policy.severities.iter().position(|one| one.id == severity)
}

/// When a case was closed, and until when it can be opened again (CSF-12); nothing while either is
/// not known.
pub fn reopens_until(policy: &Policy, case: &Case) -> Option<(DateTime<Utc>, DateTime<Utc>)> {
    let days = i64::try_from(policy.life.reopen.as_ref()?.days).ok()?;
    let closed_at = case.closed_at.or_else(|| last(case, CLOSED)?.at)?;
    let until = closed_at.checked_add_signed(TimeDelta::try_days(days)?)?;
    Some((closed_at, until))
}

fn last<'a>(case: &'a Case, kind: &str) -> Option<&'a Happening> {
    case.history.iter().rev().find(|one| one.kind == kind)
}

/// Where a step of a case's way stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// It is behind.
    Done,
    /// The case is there.
    Now,
    /// It may still come.
    Later,
    /// The case ended without it.
    Skipped,
}

/// The way of a case, and how far it is (CSF-10).
pub fn progress<'a>(policy: &'a Policy, case: &Case) -> Vec<(&'a ProgressStep, Stage)> {
    let steps = &policy.life.progress;
    let named = |id: &str| steps.iter().position(|step| step.id == id);
    let told = || last(case, "progress").and_then(|one| named(&one.detail));
    let at = named(&case.progress).or_else(told).unwrap_or(0);
    let ended = case.status == CLOSED;
    let stage = |place: usize| {
        if ended && (place <= at || place + 1 == steps.len()) {
            Stage::Done
        } else if ended {
            Stage::Skipped
        } else if place == at {
            Stage::Now
        } else if place < at {
            Stage::Done
        } else {
            Stage::Later
        }
    };
    let places = steps.iter().enumerate();
    places.map(|(place, step)| (step, stage(place))).collect()
}

/// What the vendor asks of the customer and nobody has answered yet.
pub fn requested<'a>(case: &'a Case, comments: &[Comment]) -> Vec<&'a Happening> {
    let answered = said_by(case, comments, "partner");
    let mut open = Vec::new();
    for one in &case.history {
        match one.kind.as_str() {
            "requested" if answered.is_none() || one.at > answered => open.push(one),
            "status" if one.detail != WAITING => open.clear(),
            "closed" | "reopened" => open.clear(),
            _ => {}
        }
    }
    open
}

/// When a side has last said something on a case.
fn said_by(case: &Case, comments: &[Comment], side: &str) -> Option<DateTime<Utc>> {
    let said = |one: &&Comment| one.case_id == case.id && one.side == side;
    let times = comments.iter().filter(said);
    times.filter_map(|one| one.created_at).max()
}

/// When a case that waits for the customer is closed for silence (CSF-11), if nobody answers.
pub fn closes_for_silence(
    policy: &Policy,
    case: &Case,
    comments: &[Comment],
) -> Option<DateTime<Utc>> {
    let days = policy.life.close.as_ref()?.silence_days?;
    if case.status != WAITING {
        return None;
    }
    let waits = |one: &&Happening| {
        one.kind == "requested" || (one.kind == "status" && one.detail == WAITING)
    };
    let waiting = case.history.iter().filter(waits).filter_map(|one| one.at);
    // Each time that the vendor writes, the customer has as long again.
    let since = waiting.chain(said_by(case, comments, "vendor")).max()?;
    if said_by(case, comments, "partner").is_some_and(|said| said > since) {
        return None;
    }
    since.checked_add_signed(TimeDelta::try_days(i64::try_from(days).ok()?)?)
}

/// A new case from one that can't be opened again: its text, and its number to link them (CSF-12).
/// The severity is asked anew, as it is today's.
pub fn linked_draft(policy: &Policy, case: &Case, id: String, now: i64) -> Draft {
    let mut draft = Draft::new(id, policy.id.as_str(), now);
    let texts: [(&str, &str); 15] = [
        ("linked_case", &case.number),
        ("brief", &case.subject),
        ("type", &case.kind),
        ("subject", &case.subject),
        ("description", &case.description),
        ("product", &case.product_id),
        ("product_version", &case.product_version),
        ("entitlement", &case.entitlement_id),
        ("serial_number", &case.serial_number),
        ("business_impact", &case.business_impact),
        ("customer", &case.customer_id),
        ("customer_name", &case.customer_name),
        ("callback_number", &case.callback_number),
        ("other_email", &case.other_email),
        ("preferred_language", &case.preferred_language),
    ];
    let fields = case.fields.iter();
    let fields = fields.map(|(key, text)| (key.as_str(), text.as_str()));
    for (key, text) in texts
        .into_iter()
        .chain([("region", case.region.as_str())])
        .chain(fields)
    {
        if !text.is_empty() {
            draft.set(key, text);
        }
    }
    for (key, entries) in [
        ("watchers", &case.watchers),
        ("contacts", &case.contacts),
        ("contract_numbers", &case.contract_numbers),
    ] {
        if !entries.is_empty() {
            draft.set(key, entries.clone());
        }
    }
    draft
}
