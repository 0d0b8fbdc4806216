//! States as tags: an icon and a word, then colour.

use crate::ui::dom::prelude::*;
use crate::ui::dom::span;

use super::icon::icon;
use crate::browser::clock;
use crate::core::policy::{Policy, name_of};
use crate::core::standing::{self, Ground, SIGN_IN, Standing};
use crate::core::sync::Operation;
use crate::ui::state::{App, Identity, Words};

/// A tag of a meaning (`m-…` or nothing) with an icon and a word.
pub fn tag(meaning: &str, icon_name: &str, word: String) -> AnyView {
    span()
        .class(format!("tag {meaning}"))
        .child((icon(icon_name), word))
        .into_any()
}

/// The state of a case in the vendor's words.
pub fn case_status(policy: Option<&Policy>, status: &str, lang: &str) -> AnyView {
    let (meaning, icon_name) = match status {
        "waiting_assignment" => ("m-info", "hourglass"),
        "open" => ("m-accent", "circle-dot"),
        "waiting_customer" => ("m-warning", "reply"),
        "solution_provided" => ("m-success", "lightbulb"),
        _ => ("", "circle-check"),
    };
    let word = policy.map_or(status, |policy| name_of(&policy.statuses, status, lang));
    tag(meaning, icon_name, word.to_string())
}

/// What standing depends on besides the thing itself; tracked.
pub fn ground(app: App) -> Ground {
    Ground {
        online: app.online.get(),
        signed_in: app
            .identity
            .with(|identity| matches!(identity, Identity::Here(_))),
    }
}

/// Where something stands, as exactly one of the words the portal knows.
pub fn standing(words: &Words, standing: &Standing) -> AnyView {
    let (meaning, icon_name) = match standing {
        Standing::Here => ("m-info", "save"),
        Standing::WaitsForNetwork => ("m-warning", "cloud-off"),
        Standing::Sending(_) => ("m-info", "send"),
        Standing::Paused => ("m-warning", "pause"),
        Standing::Sent => ("m-success", "check"),
        Standing::NeedsYou(_) => ("m-danger", "circle-alert"),
    };
    let word = match standing {
        Standing::Sending(Some((done, all))) => {
            let [done, all] = [done, all].map(|bytes| clock::bytes(words.lang(), *bytes));
            words.with("state.sending_far", &[("done", &done), ("all", &all)])
        }
        Standing::NeedsYou(why) if why == SIGN_IN => words.t("state.needs_sign_in"),
        other => words.t(&format!("state.{}", other.word())),
    };
    tag(meaning, icon_name, word)
}

/// Where an operation stands; tracked.
pub fn of_operation(app: App, words: &Words, operation: &Operation) -> AnyView {
    // How far a file is changes all the while, and stands beside it (`super::upload`).
    let found = standing::of_operation(operation, ground(app), None);
    standing(words, &found)
}

/// Where a case stands as far as it is not all sent; tracked.
pub fn unsent(app: App, words: &Words, case: &str) -> Option<AnyView> {
    let ground = ground(app);
    let found = app
        .outbox
        .with(|outbox| standing::of_case(case, outbox, ground));
    (found != Standing::Sent).then(|| standing(words, &found))
}

/// The states of a case, one it does not know, and how far an operation is.
pub fn examples(app: App) -> super::example::Examples {
    let (policy, words) = (super::example::policy(app), app.words_now());
    let mut views: Vec<AnyView> = Vec::new();
    for id in policy
        .statuses
        .iter()
        .map(|one| one.id.as_str())
        .chain(["unknown"])
    {
        views.push(case_status(Some(&policy), id, words.lang()));
    }
    let everywhere = [
        Standing::Here,
        Standing::WaitsForNetwork,
        Standing::Sending(None),
        Standing::Sending(Some((3 << 20, 5 << 20))),
        Standing::Paused,
        Standing::Sent,
        Standing::NeedsYou(String::new()),
        Standing::NeedsYou(SIGN_IN.into()),
    ];
    views.extend(everywhere.iter().map(|one| standing(&words, one)));
    vec![(
        "All",
        crate::ui::dom::div()
            .class("inline")
            .child(views)
            .into_any(),
    )]
}
