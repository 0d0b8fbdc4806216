//! What can be asked for on a case, and for what can't be now, why.

use chrono::{DateTime, Utc};

use crate::ui::dom::prelude::*;
use crate::ui::dom::{li, p, span, ul};

use super::icon::icon;
use super::link::link;
use crate::browser::clock;
use crate::core::case::{Case, day};
use crate::core::entitlement::Decision;
use crate::core::life::{self, Act};
use crate::core::policy::Policy;
use crate::core::route::{CaseAct, Route};
use crate::ui::state::{App, Words};

/// Each page on which something is asked for, with its icon and what decides whether it may be.
const ACTS: [(CaseAct, &str); 6] = [
    (CaseAct::Severity, "triangle-alert"),
    (CaseAct::Escalate, "users"),
    (CaseAct::Contacts, "user"),
    (CaseAct::Rma, "archive-restore"),
    (CaseAct::Close, "circle-check"),
    (CaseAct::Reopen, "undo-2"),
];

/// What a backend has to take for each; one of several is enough.
fn taken_as(act: CaseAct) -> &'static [&'static str] {
    match act {
        CaseAct::Severity => &["lower_severity"],
        CaseAct::Escalate => &["escalate"],
        CaseAct::Contacts => &["contacts", "watchers"],
        CaseAct::Rma => &["rma"],
        CaseAct::Close => &["close"],
        CaseAct::Reopen => &["reopen"],
    }
}

/// Whether something may be asked for on a case now: by the policy, and of this backend.
pub fn may(app: App, policy: &Policy, case: &Case, act: CaseAct) -> Decision {
    let decision = by_policy(policy, case, act);
    let profile = &app.deployment().profile;
    let takes = |action: &&str| profile.can("case", action);
    if decision.allowed && !taken_as(act).iter().any(takes) {
        return Decision::no("not_taken", Vec::new());
    }
    decision
}

fn by_policy(policy: &Policy, case: &Case, act: CaseAct) -> Decision {
    let now = DateTime::<Utc>::from_timestamp_millis(clock::now()).unwrap_or_default();
    let may = |act| life::may(policy, case, act, now);
    match act {
        CaseAct::Escalate => may(Act::Escalate),
        CaseAct::Close => may(Act::Close),
        CaseAct::Reopen => may(Act::Reopen),
        CaseAct::Rma => may(Act::Rma),
        CaseAct::Contacts => {
            let contacts = may(Act::AddContact);
            if contacts.allowed {
                contacts
            } else {
                may(Act::AddWatcher)
            }
        }
        CaseAct::Severity => {
            let lower = policy
                .severities
                .iter()
                .map(|one| may(Act::LowerSeverity(&one.id)));
            let mut all: Vec<Decision> = lower.collect();
            let found = all.iter().position(|one| one.allowed);
            // Where none is lower, the lowest says so.
            match (found, all.pop()) {
                (Some(found), Some(_)) if found < all.len() => all.swap_remove(found),
                (_, Some(lowest)) => lowest,
                (_, None) => Decision::no("not_offered", Vec::new()),
            }
        }
    }
}

/// Why something may not be asked for, in words.
pub fn refusal(words: &Words, decision: &Decision) -> String {
    let facts: Vec<(&str, String)> = decision
        .facts
        .iter()
        .map(|(name, fact)| {
            let date = day(fact).map(|day| clock::date(words.lang(), day));
            (*name, date.unwrap_or_else(|| fact.clone()))
        })
        .collect();
    let facts: Vec<(&str, &str)> = facts
        .iter()
        .map(|(name, fact)| (*name, fact.as_str()))
        .collect();
    words.with(&format!("act.no.{}", decision.because), &facts)
}

/// Everything the policy knows of, each as a link or with its reason.
pub fn acts(app: App, words: &Words, policy: &Policy, case: &Case) -> Option<AnyView> {
    let entries: Vec<_> = ACTS
        .iter()
        .filter_map(|(act, mark)| {
            let decision = may(app, policy, case, *act);
            let name = words.t(&format!("act.{}.short", act.word()));
            match decision.because {
                // What a policy does not offer, or what the case's state makes no question, is no
                // matter of reasons.
                "not_offered" | "not_closed" | "case_closed" => None,
                // A case closed too long ago goes on as a new one, which that page begins.
                "ok" | "reopen_too_late" | "rma_already" => {
                    let route = Route::CaseAct {
                        case: case.id.clone(),
                        act: *act,
                    };
                    Some(li().child(link(app, "act", route, (icon(mark), name))))
                }
                _ => Some(li().child((
                    span().class("act act-no").child((icon(mark), name)),
                    p().class("small muted").child(refusal(words, &decision)),
                ))),
            }
        })
        .collect();
    (!entries.is_empty()).then(|| ul().class("acts").child(entries).into_any())
}

/// Of an open and a closed case.
pub fn examples(app: App) -> super::example::Examples {
    let (words, policy) = (app.words_now(), super::example::policy(app));
    let of = |status: &str| {
        let case = Case {
            id: super::example::ID.into(),
            status: status.into(),
            severity: "2".into(),
            ..Case::default()
        };
        acts(app, &words, &policy, &case).into_any()
    };
    vec![("Open", of("open")), ("Closed", of("closed"))]
}
