//! A case in a short list: severity, subject, number, customer, latest change, status.

use crate::ui::dom::prelude::*;
use crate::ui::dom::{div, li, p, span};

use super::link::link;
use super::severity::severity;
use super::status::case_status;
use crate::browser::clock;
use crate::core::case::Case;
use crate::core::policy::Policy;
use crate::core::route::Route;
use crate::ui::pages::later::{self, View};
use crate::ui::state::{App, Deployment, Words, of_id};

/// The policy of an id among those of the deployment, without a copy.
pub fn policy_in<'a>(deployment: &'a Deployment, id: &str) -> Option<&'a Policy> {
    of_id(&deployment.policies, id).map(AsRef::as_ref)
}

/// How long ago a case changed.
pub fn changed(words: &Words, case: &Case) -> String {
    case.updated_at
        .map(|time| clock::ago(words.lang(), time.timestamp_millis()))
        .unwrap_or_default()
}

/// The vendor of a case, where the account has several.
pub fn vendor(app: App, words: &Words, policy: &str) -> Option<String> {
    let own = app.own_policies();
    let found = own.iter().find(|one| one.id == policy)?;
    (own.len() > 1).then(|| found.vendor.get(words.lang()).to_string())
}

/// A case; `needs` marks one that waits for the person.
pub fn case_row(app: App, words: &Words, case: &Case, needs: bool) -> AnyView {
    // Tracked: a list may stand before the policies that name things are here.
    let deployment = app.deployment.get().unwrap_or_default();
    let policy = policy_in(&deployment, &case.policy);
    let route = Route::Case(case.id.clone());
    let customer = &case.customer_name;
    li().class(if needs { "row row-needs" } else { "row" })
        .child((
            span()
                .class("row-lead")
                .child(severity(policy, &case.severity, words.lang(), true)),
            div().class("row-body").child((
                p().class("row-title")
                    .child(link(app, "row-link", route, case.subject.clone())),
                p().class("row-meta").child((
                    vendor(app, words, &case.policy).map(|name| span().child(name)),
                    span().child(case.number.clone()),
                    (!customer.is_empty()).then(|| span().child(customer.clone())),
                    span().child(changed(words, case)),
                )),
            )),
            div().class("row-end").child((
                later::beside(app, View::Due(case.id.clone())),
                case_status(policy, &case.status, words.lang()),
            )),
        ))
        .into_any()
}

/// Waiting for the person, and as usual.
pub fn examples(app: App) -> super::example::Examples {
    let words = app.words_now();
    let mut rows: Vec<AnyView> = Vec::new();
    for case in app.records.get_untracked().cases.iter() {
        rows.push(case_row(
            app,
            &words,
            case,
            case.status == "waiting_customer",
        ));
    }
    let list = crate::ui::dom::ul().class("rows").child(rows);
    vec![("Very long, typical", list.into_any())]
}
